//! A03 same file, A06 mandatory attachments, A07 proof of intellectual property, A08 document of the plan.

use super::{
    super::Severity::{self, Error, Notice},
    super::submission::{PLAN_FUNDED, TYPES_WITH_IP},
    Case, Findings, Papers, Phase,
};
use crate::domain::code_list::ListName;

/// Ids of the code list `attachment_kind`.
const IP_PROOF: &str = "ip_proof";
const PLAN_DOCUMENT: &str = "plan_document";

/// Intellectual property for which no certificate exists.
const WITHOUT_CERTIFICATE: [&str; 2] = ["technical_secret", "none"];

/// A03: the very file is another contract's text. An error over what is registered; at submission a notice: one text may lawfully
/// stand behind two registrations (an intermediary's part of a three-party contract may be registered alone, and so may the
/// technical parts of a mixed contract).
pub(super) fn same_file(case: &Case<'_>, findings: &mut Findings) {
    let Some(papers) = &case.facts.papers else { return };
    if !papers.same_text.is_empty() {
        let severity = match case.phase {
            Phase::Submission => Notice,
            Phase::Audit => Error,
        };
        let message = format!("合同文本文件与{}的完全相同", papers.same_text.join("、"));
        findings.add(severity, "", message);
    }
}

fn demanded<'a>(case: &'a Case<'_>, papers: &'a Papers) -> impl Iterator<Item = &'a String> {
    let of_the_rules = case
        .rule_set
        .map(|r| r.required_attachments.as_slice())
        .unwrap_or_default();
    of_the_rules
        .iter()
        .chain(papers.required.iter().filter(move |kind| !of_the_rules.contains(kind)))
}

/// A06: the rule set's required kinds, and those that the office demands beside.
pub(super) fn mandatory(case: &Case<'_>, findings: &mut Findings) {
    let Some(papers) = &case.facts.papers else { return };
    for kind in demanded(case, papers).filter(|kind| !papers.kinds.contains(kind)) {
        findings.add(Error, "/attachments", format!("缺少必备附件（{kind}）"));
    }
}

/// A kind that the content asks for: an error where it is demanded anyway, else a notice.
fn wanted(case: &Case<'_>, findings: &mut Findings, kind: &str, what: &str) {
    let Some(papers) = &case.facts.papers else { return };
    if papers.kinds.iter().any(|k| k == kind) {
        return;
    }
    let severity: Severity = if demanded(case, papers).any(|k| k == kind) {
        Error
    } else {
        Notice
    };
    findings.add(severity, "/attachments", what);
}

/// A07: transfer and licence of intellectual property that has a certificate. Whether the certificate has run out, a person reads
/// off it.
pub(super) fn ip_proof(case: &Case<'_>, findings: &mut Findings) {
    let with_ip = |id: &str| TYPES_WITH_IP.contains(&id);
    let certified = |id: &str| !WITHOUT_CERTIFICATE.contains(&id);
    if case.content.contract_type.as_deref().is_some_and(with_ip)
        && case.content.ip_kind.as_deref().is_some_and(certified)
    {
        wanted(case, findings, IP_PROOF, "转让、许可的标的为知识产权，请附权属证明");
    }
}

/// A08: a contract of a government's plan.
pub(super) fn plan_document(case: &Case<'_>, findings: &mut Findings) {
    let source = case.content.plan_source.as_deref();
    let source = source.and_then(|id| case.catalogue.list(ListName::PlanSource).get(id));
    if source.is_some_and(|s| s.group.as_deref() == Some(PLAN_FUNDED)) {
        wanted(case, findings, PLAN_DOCUMENT, "计划内项目请附立项文件");
    }
}
