//! A28 concentration, A30 uniform answers: what a seller's contracts of a year say together.

use super::{super::Severity::Notice, Case, Findings};

/// Whether `part` is more than `percent` of `whole`.
fn exceeds(part: i64, whole: i64, percent: u32) -> bool {
    i128::from(part) * 100 > i128::from(whole) * i128::from(percent)
}

/// A28: one seller has more than a share of the agency's amount, or most of its contracts in December (limits of the rule set).
pub(super) fn concentration(case: &Case<'_>, findings: &mut Findings) {
    let (Some(seller), Some(limits)) = (&case.facts.seller, case.rule_set.and_then(|r| r.checks.as_ref())) else {
        return;
    };
    let enough = limits.share_from_contracts;
    let share = limits.seller_share_percent;
    if seller.agency_contracts >= enough && exceeds(seller.at_agency_fen, seller.agency_fen, share) {
        let message = format!("该卖方的成交额超过本机构当年总额的 {share}%（{} 项）", seller.at_agency);
        findings.add(Notice, "/seller", message);
    }
    let (december, all) = (seller.at_agency_in_december, seller.at_agency);
    if all >= enough && exceeds(december.into(), all.into(), limits.december_share_percent) {
        let message = format!("该卖方当年 {all} 项合同中有 {december} 项在 12 月确认");
        findings.add(Notice, "/seller", message);
    }
}

/// A30: many contracts, and the same field, the same objective and no intellectual property in all of them.
pub(super) fn uniform(case: &Case<'_>, findings: &mut Findings) {
    let (Some(seller), Some(limits)) = (&case.facts.seller, case.rule_set.and_then(|r| r.checks.as_ref())) else {
        return;
    };
    if seller.uniform && seller.contracts >= limits.uniform_from_contracts {
        let message = format!(
            "该卖方当年 {} 项合同的技术领域、社会经济目标全部相同，且均未涉及知识产权",
            seller.contracts
        );
        findings.add(Notice, "/seller", message);
    }
}
