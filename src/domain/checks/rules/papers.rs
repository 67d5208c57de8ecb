//! A03 same file, A06 mandatory attachments, A07 proof of intellectual property, A08 document of the plan.

use super::{
    super::Severity::{self, Error, Notice},
    super::submission::{PLAN_FUNDED, TYPES_WITH_IP},
    Case, Findings, Phase,
};
use crate::domain::code_list::ListName;

/// Ids of the code list `attachment_kind`.
const IP_PROOF: &str = "ip_proof";
const PLAN_DOCUMENT: &str = "plan_document";

/// Intellectual property for which no certificate exists.
const WITHOUT_CERTIFICATE: [&str; 2] = ["technical_secret", "none"];

/// A notice at submission, an error over what is registered.
const fn graver_in_audit(case: &Case<'_>) -> Severity {
    match case.phase {
        Phase::Submission => Notice,
        Phase::Audit => Error,
    }
}

/// A03: the very file is another contract's text. An error over what is registered; at submission a notice: one text may lawfully
/// stand behind two registrations (an intermediary's part of a three-party contract may be registered alone, and so may the
/// technical parts of a mixed contract).
pub(super) fn same_file(case: &Case<'_>, findings: &mut Findings) {
    let Some(papers) = &case.facts.papers else { return };
    if !papers.same_text.is_empty() {
        let message = format!("合同文本文件与{}的完全相同", papers.same_text.join("、"));
        findings.add(graver_in_audit(case), "", message);
    }
}

/// A06: the kinds that this contract cannot do without are errors, those that unverified rules alone demand are notices.
pub(super) fn mandatory(case: &Case<'_>, findings: &mut Findings) {
    let Some(papers) = &case.facts.papers else { return };
    let list = case.catalogue.list(ListName::AttachmentKind);
    let kinds = papers.required.iter().map(|kind| (Error, kind));
    let kinds = kinds.chain(papers.asked.iter().map(|kind| (Notice, kind)));
    for (severity, kind) in kinds.filter(|(_, kind)| !papers.kinds.contains(kind)) {
        let label = list.label(kind).unwrap_or(kind);
        findings.add(severity, "/attachments", format!("缺少必备附件“{label}”"));
    }
}

/// A kind that the content asks for. Where it is demanded anyway, A06 tells it.
fn wanted(case: &Case<'_>, findings: &mut Findings, kind: &str, what: &str) {
    let Some(papers) = &case.facts.papers else { return };
    let told = papers.required.iter().chain(&papers.asked);
    if !papers.kinds.iter().chain(told).any(|k| k == kind) {
        findings.add(graver_in_audit(case), "/attachments", what);
    }
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
