//! A17, A18, A25 (what the yearly surveys say), A20–A22 (how it was decided), A26 (whether it is counted).

use chrono::Months;

use super::{
    super::{
        Severity::{Error, Warning},
        submission::PLAN_FUNDED,
    },
    Case, Certified, Findings,
};
use crate::domain::{code_list::ListName, interchange::FollowUpRow, money::format_yuan, workflow::State};

fn surveys<'a>(case: &'a Case<'_>) -> &'a [FollowUpRow] {
    case.facts.follow_ups.as_deref().unwrap_or_default()
}

/// A17: between related parties, and the survey says that corporate income tax was reduced. An error only where one holds all of the
/// other, which the record does not say: hence a warning, to be settled by hand.
pub(super) fn related_tax(case: &Case<'_>, findings: &mut Findings) {
    let reduced: i64 = surveys(case).iter().map(|s| s.income_tax_reduced_fen).sum();
    if case.content.related_party == Some(true) && reduced > 0 {
        let message = format!(
            "关联交易已减免企业所得税 {} 元，请核对是否百分之百持股",
            format_yuan(reduced)
        );
        findings.add(Warning, "/related_party", message);
    }
}

/// A18: money of the plan, and tax relief or a reward besides.
pub(super) fn plan_benefit(case: &Case<'_>, findings: &mut Findings) {
    let source = case.content.plan_source.as_deref();
    let source = source.and_then(|id| case.catalogue.list(ListName::PlanSource).get(id));
    if source.is_none_or(|s| s.group.as_deref() != Some(PLAN_FUNDED)) {
        return;
    }
    let any = |f: fn(&FollowUpRow) -> bool| surveys(case).iter().any(f);
    let relief = any(|s| s.enjoyed || s.vat_exempted_fen > 0 || s.income_tax_reduced_fen > 0);
    let reward = any(|s| s.reward_issued || s.reward_paid_fen > 0);
    let what = match (relief, reward) {
        (true, true) => "税收优惠和奖酬金",
        (true, false) => "税收优惠",
        (false, true) => "奖酬金",
        (false, false) => return,
    };
    findings.add(Warning, "/plan_source", format!("计划内项目登记有{what}"));
}

/// A20: confirmed after the last day for it.
pub(super) fn late(case: &Case<'_>, findings: &mut Findings) {
    let Some(decision) = &case.facts.decision else { return };
    if let (Some(due_on), Some(at)) = (decision.due_on, decision.confirmed_at)
        && at.date() > due_on
    {
        let message = format!("审核确认日期 {} 晚于办理期限 {due_on}", at.date());
        findings.add(Warning, "", message);
    }
}

/// A21: the certificate did not hold on the day of the submission (of the confirmation, where history does not tell that day), or
/// one person entered or submitted and confirmed. History without a certificate is not judged.
pub(super) fn staff(case: &Case<'_>, findings: &mut Findings) {
    let Some(decision) = &case.facts.decision else { return };
    let wrong = match &decision.certificate {
        Certified::NotNamed if decision.submitted_by.is_some() => Some("没有登记员证书".to_owned()),
        Certified::NotNamed => None,
        Certified::Unknown(number) => Some(format!("登记员证书 {number} 不在登记员名册中")),
        Certified::Known(number, valid) => (!valid).then(|| format!("登记员证书 {number} 在提交时无效")),
    };
    if let Some(message) = wrong {
        findings.add(Error, "/registrar_certificate", message);
    }
    let by = decision.confirmed_by.as_deref();
    if by.is_some() && (decision.entered_by.as_deref() == by || decision.submitted_by.as_deref() == by) {
        findings.add(Error, "", "登记与审核确认为同一人");
    }
}

/// A22: an amount from which the office wants experts, and no conclusion of theirs. Says nothing where the office set no amount.
pub(super) fn no_experts(case: &Case<'_>, findings: &mut Findings) {
    let (Some(decision), Some(rules)) = (&case.facts.decision, case.rule_set) else {
        return;
    };
    if let (Some(total), Some(from)) = (case.content.amount_fen, rules.expert_review.from_fen)
        && total >= from
        && decision.confirmed_at.is_some()
        && !decision.expert_reviewed
    {
        let [total, from] = [total, from].map(format_yuan);
        let message = format!("合同成交额 {total} 元达到 {from} 元，未经专家论证");
        findings.add(Error, "/amount_fen", message);
    }
}

/// A25: over by some months (limit of the rule set), money due, and none came by any survey.
pub(super) fn unpaid(case: &Case<'_>, findings: &mut Findings) {
    let (Some(ends_on), Some(limits)) = (case.content.ends_on, case.rule_set.and_then(|r| r.checks.as_ref())) else {
        return;
    };
    let due: i64 = surveys(case).iter().map(|s| s.due_fen).max().unwrap_or_default();
    let received: i64 = surveys(case).iter().map(|s| s.received_fen).max().unwrap_or_default();
    let expected_by = ends_on.checked_add_months(Months::new(limits.unpaid_months));
    if due > 0 && received == 0 && expected_by.is_some_and(|day| case.today > day) {
        let months = limits.unpaid_months;
        let message = format!(
            "合同已于 {ends_on} 期满，{months} 个月后应到账 {} 元仍未到账",
            format_yuan(due)
        );
        findings.add(Warning, "/ends_on", message);
    }
}

/// A26: what has ended counts, or what is confirmed does not.
pub(super) fn counted_wrongly(case: &Case<'_>, findings: &mut Findings) {
    let Some(decision) = &case.facts.decision else { return };
    match (decision.state == State::Confirmed, decision.counted) {
        (false, true) => findings.add(Error, "", "登记已不在效，而统计仍计入该合同"),
        (true, false) => findings.add(Error, "", "登记有效，而统计未计入该合同"),
        (true, true) | (false, false) => {}
    }
}
