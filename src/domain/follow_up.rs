//! What is doubtful about the follow-up of a contract (履约、税收优惠、奖酬金): money beyond what was due, relief without being entitled, relief
//! or rewards of a kind of contract that has none. Warnings, since a survey records what people answered.

use super::{
    catalogue::Catalogue,
    code_list::{CodeList, ListName},
    contract::Content,
    interchange::FollowUpRow,
};

/// Something doubtful.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUpCheck {
    /// Stable id.
    pub id: &'static str,
    /// What is doubtful, in Chinese.
    pub message: String,
    /// The field (RFC 6901).
    pub pointer: &'static str,
}

/// Ids of all checks, in the order in which they are told.
pub const CHECKS: [&str; 10] = [
    "received_above_due",
    "enjoyed_not_entitled",
    "relief_not_enjoyed",
    "enjoyed_without_relief",
    "vat_ineligible_type",
    "income_tax_ineligible_type",
    "relief_plan_funded",
    "reward_not_due",
    "reward_not_issued",
    "reward_plan_funded",
];

/// Types whose turnover is exempt from VAT: 财税〔2016〕36号附件 3 第一条（二十六）; a licence is a transfer's use. Consulting and service only
/// within a transfer or development, which a survey does not tell.
const VAT_TYPES: [&str; 3] = ["development", "transfer", "licence"];

/// Types whose income is exempt from, or taxed at half, corporate income tax: 企业所得税法实施条例第九十条、财税〔2015〕116号.
const INCOME_TAX_TYPES: [&str; 2] = ["transfer", "licence"];

/// Whether a plan source is a fiscal plan.
fn is_plan_funded(sources: &CodeList, source: Option<&str>) -> bool {
    let group = source
        .and_then(|id| sources.get(id))
        .and_then(|item| item.group.as_deref());
    group == Some("plan_funded")
}

/// What is doubtful about a follow-up of the contract with that content.
pub fn checks(row: &FollowUpRow, contract: &Content, catalogue: &Catalogue) -> Vec<FollowUpCheck> {
    let plan_funded = is_plan_funded(catalogue.list(ListName::PlanSource), contract.plan_source.as_deref());
    let of_type = |types: &[&str]| contract.contract_type.as_deref().is_none_or(|t| types.contains(&t));
    let relief = row.vat_exempted_fen > 0 || row.income_tax_reduced_fen > 0;
    let reward = row.reward_issued || row.reward_paid_fen > 0;
    let found = [
        (row.received_fen > row.due_fen, "实到账额大于应到账额", "/received_fen"),
        (row.enjoyed && !row.entitled, "不应享受税收优惠而实际享受", "/enjoyed"),
        (relief && !row.enjoyed, "未享受税收优惠而有减免税额", "/enjoyed"),
        (row.enjoyed && !relief, "享受了税收优惠而没有减免税额", "/enjoyed"),
        (
            row.vat_exempted_fen > 0 && !of_type(&VAT_TYPES),
            "该类合同一般不享受增值税免税（技术咨询、技术服务须与技术转让、技术开发在同一合同和发票中）",
            "/vat_exempted_fen",
        ),
        (
            row.income_tax_reduced_fen > 0 && !of_type(&INCOME_TAX_TYPES),
            "该类合同不享受企业所得税减免（仅限技术转让、技术许可所得）",
            "/income_tax_reduced_fen",
        ),
        (
            plan_funded && (row.entitled || row.enjoyed || relief),
            "财政计划项目合同不享受税收优惠",
            "/entitled",
        ),
        (reward && !row.reward_due, "不应发奖酬金而有发放", "/reward_issued"),
        (
            row.reward_paid_fen > 0 && !row.reward_issued,
            "未发奖酬金而有实发额",
            "/reward_paid_fen",
        ),
        (
            plan_funded && (row.reward_due || reward),
            "财政计划项目合同不发奖酬金",
            "/reward_due",
        ),
    ];
    let told = CHECKS.into_iter().zip(found).filter(|(_, (holds, _, _))| *holds);
    told.map(|(id, (_, message, pointer))| FollowUpCheck {
        id,
        message: message.to_owned(),
        pointer,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::embedded_catalogue;

    fn row() -> FollowUpRow {
        FollowUpRow {
            registration_number: "2021660001000001".into(),
            survey_year: 2025,
            tax_relevant: true,
            fulfilled: true,
            due_fen: 100,
            received_fen: 100,
            entitled: true,
            enjoyed: true,
            vat_exempted_fen: 6,
            income_tax_reduced_fen: 0,
            reward_due: true,
            reward_issued: true,
            net_income_fen: Some(50),
            reward_paid_fen: 25,
            persons: 2,
        }
    }

    #[test]
    fn each_check_is_told_of_what_it_is_about_and_of_nothing_else() {
        let catalogue = embedded_catalogue().unwrap();
        let contract = |kind: &str, plan: &str| Content {
            contract_type: Some(kind.into()),
            plan_source: Some(plan.into()),
            ..Content::default()
        };
        let ids = |change: &dyn Fn(&mut FollowUpRow), kind: &str, plan: &str| {
            let mut row = row();
            change(&mut row);
            let found = checks(&row, &contract(kind, plan), &catalogue);
            found.into_iter().map(|check| check.id).collect::<Vec<_>>()
        };
        let outside = "outside_plan";
        assert_eq!(ids(&|_| {}, "transfer", outside), [""; 0]);
        assert_eq!(
            ids(&|r| r.received_fen = 101, "transfer", outside),
            ["received_above_due"]
        );
        assert_eq!(
            ids(&|r| r.entitled = false, "licence", outside),
            ["enjoyed_not_entitled"]
        );
        assert_eq!(
            ids(&|r| r.enjoyed = false, "development", outside),
            ["relief_not_enjoyed"]
        );
        assert_eq!(
            ids(&|r| r.vat_exempted_fen = 0, "development", outside),
            ["enjoyed_without_relief"]
        );
        assert_eq!(ids(&|_| {}, "service", outside), ["vat_ineligible_type"]);
        assert_eq!(
            ids(&|r| r.income_tax_reduced_fen = 9, "development", outside),
            ["income_tax_ineligible_type"]
        );
        assert_eq!(
            ids(&|_| {}, "transfer", "national"),
            ["relief_plan_funded", "reward_plan_funded"]
        );
        assert_eq!(ids(&|r| r.reward_due = false, "transfer", outside), ["reward_not_due"]);
        assert_eq!(
            ids(&|r| r.reward_issued = false, "transfer", outside),
            ["reward_not_issued"]
        );
    }
}
