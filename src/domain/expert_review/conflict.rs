//! Conflicts of interest that can be computed from what the register knows: where the expert is employed, and what he or she did
//! with the contract before. Kinship and shares are not known here: experts declare those.

use unicode_normalization::UnicodeNormalization as _;

use crate::domain::contract::{Contract, Party};

/// What the register knows of an expert.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Background {
    /// Username.
    pub username: String,
    /// Name of the employer.
    pub employer: Option<String>,
    /// The employer's unified social credit code.
    pub employer_uscc: Option<String>,
    /// Registration agency of the account.
    pub agency_id: Option<i64>,
}

/// Why an expert must stay out of a contract, in Chinese; empty where nothing is known against it. `workers` are the usernames of
/// whoever acted on the contract before, but as an expert.
pub fn conflicts<'a>(
    expert: &Background,
    contract: &Contract,
    workers: impl IntoIterator<Item = &'a str>,
) -> Vec<&'static str> {
    let mut found = Vec::new();
    if is_employer(expert, &contract.content.seller) {
        found.push("专家所在单位是合同卖方");
    }
    if is_employer(expert, &contract.content.buyer) {
        found.push("专家所在单位是合同买方");
    }
    let agency = contract.agency.as_ref();
    let works_at_agency = agency.is_some_and(|a| same(expert.employer.as_deref(), Some(&a.name)));
    if works_at_agency || (expert.agency_id.is_some() && expert.agency_id == agency.map(|a| a.id)) {
        found.push("专家所在单位是合同的登记机构");
    }
    let me = expert.username.as_str();
    let by = [
        &contract.entered_by,
        &contract.submitted_by,
        &contract.claimed_by,
        &contract.confirmed_by,
    ];
    if by.into_iter().flatten().any(|name| name == me) || workers.into_iter().any(|name| name == me) {
        found.push("专家此前经办过该合同");
    }
    found
}

fn is_employer(expert: &Background, party: &Party) -> bool {
    same(expert.employer_uscc.as_deref(), party.uscc.as_deref())
        || same(expert.employer.as_deref(), party.name.as_deref())
}

/// Whether two names or codes are the same but for how they were typed: width, case, blanks. What is missing is like nothing.
fn same(one: Option<&str>, other: Option<&str>) -> bool {
    let plain = |text: &str| -> String {
        text.nfkc()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_uppercase)
            .collect()
    };
    match (one.map(plain), other.map(plain)) {
        (Some(one), Some(other)) => !one.is_empty() && one == other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_people_mean_them() {
        for (one, other, expected) in [
            (
                Some("石河子（兵团）科技有限公司"),
                Some("石河子(兵团) 科技有限公司"),
                true,
            ),
            (Some("91659001ma0000001x"), Some("９１６５９００１MA0000001X"), true),
            (Some("甲公司"), Some("乙公司"), false),
            (Some(" "), Some(""), false),
            (None, None, false),
            (Some("甲公司"), None, false),
        ] {
            assert_eq!(same(one, other), expected, "{one:?} {other:?}");
        }
    }
}
