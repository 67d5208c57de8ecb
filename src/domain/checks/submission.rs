//! What a submission needs of a contract's content: nothing missing, nothing wrong, and whatever a reviewer should know.
//! Each rule is a function that adds its findings.

use super::{
    Check, Severity, form,
    rules::{self, Case, Facts, Phase},
    text::{
        MIN_PROJECT_NAME, MIN_SUMMARY, TextField, contact_texts, contract_texts, length, name_text, parties,
        party_label, shown,
    },
};
use crate::domain::{
    catalogue::Catalogue,
    code_list::{CodeItem, ListName},
    contract::{Content, Party},
    rules::RuleSet,
    time::Date,
    uscc,
};

/// Ids of codes that rules name: the law treats these apart.
const NATURAL_PERSON: &str = "natural_person";
pub(super) const PLAN_FUNDED: &str = "plan_funded";
const NO_IP: &str = "none";
pub(super) const TYPES_WITH_IP: [&str; 2] = ["transfer", "licence"];

/// What one submission is looked at with.
struct Findings<'a> {
    content: &'a Content,
    catalogue: &'a Catalogue,
    /// 受理日期, or today where none is given.
    received_on: Date,
    today: Date,
    found: Vec<Check>,
}

impl Findings<'_> {
    fn add(&mut self, severity: Severity, id: &'static str, pointer: impl Into<String>, message: impl Into<String>) {
        self.found.push(Check {
            id,
            severity,
            message: message.into(),
            pointer: pointer.into(),
        });
    }

    fn error(&mut self, id: &'static str, pointer: impl Into<String>, message: impl Into<String>) {
        self.add(Severity::Error, id, pointer, message);
    }

    fn item(&self, list: ListName, id: &Option<String>) -> Option<&CodeItem> {
        self.catalogue.list(list).get(id.as_deref()?)
    }
}

/// All findings about a first submission on the day `today`, errors first, then by pointer; the rule set is that of the day on
/// which the papers were received. `submit` goes ahead where none is an error and each warning has a reason.
pub fn for_submission(content: &Content, catalogue: &Catalogue, today: Date) -> Vec<Check> {
    let accepted = content.received_on.unwrap_or(today);
    for_submission_under(content, catalogue, catalogue.rule_set_on(accepted), today)
}

/// The same under a given rule set: a contract that was accepted before keeps its own.
pub fn for_submission_under(
    content: &Content,
    catalogue: &Catalogue,
    rule_set: Option<&RuleSet>,
    today: Date,
) -> Vec<Check> {
    examine(&Case {
        content,
        catalogue,
        rule_set,
        today,
        phase: Phase::Submission,
        facts: &Facts::default(),
    })
}

/// All findings about a submission by all that is known: the rules of form, and the checks of the catalogue that belong to the
/// submission. Errors first, then by pointer.
pub fn examine(case: &Case<'_>) -> Vec<Check> {
    let mut found = form_findings(case);
    found.extend(rules::all(case));
    sorted(found)
}

/// What the catalogue's checks find in a contract that is registered: the self-audit. Of the rules of form those alone that are a
/// check's: history lacks fields that a submission must have. Errors first, then by pointer.
pub fn audit(case: &Case<'_>) -> Vec<Check> {
    let mut found = form_findings(case);
    found.retain(|check| rules::rule_of(check.id).is_some());
    found.extend(rules::all(case));
    sorted(found)
}

fn sorted(mut found: Vec<Check>) -> Vec<Check> {
    found.sort_by(|a, b| (a.severity, &a.pointer, a.id).cmp(&(b.severity, &b.pointer, b.id)));
    found
}

/// What the rules of form find.
fn form_findings(case: &Case<'_>) -> Vec<Check> {
    let Case {
        content,
        catalogue,
        rule_set,
        today,
        ..
    } = *case;
    let received_on = content.received_on.unwrap_or(today);
    let mut findings = Findings {
        content,
        catalogue,
        received_on,
        today,
        found: Vec::new(),
    };
    let mut errors = form::well_formed(content, catalogue);
    form::subtype_of_type(content, catalogue, &mut errors);
    form::date_order(content, &mut errors);
    for error in errors {
        findings.error(error.code, error.pointer, error.detail);
    }
    contract_complete(&mut findings);
    plan_complete(&mut findings);
    for (base, party) in parties(content) {
        party_complete(&mut findings, base, party);
        kind_and_code_agree(&mut findings, base, party);
        contact_data(&mut findings, base, party);
    }
    long_enough(&mut findings);
    technology_amount(&mut findings);
    received(&mut findings);
    ip_kind(&mut findings);
    match rule_set {
        None => {
            let message = format!("没有 {received_on} 适用的认定登记规则，请联系管理员");
            findings.error("rule_set_missing", "", message);
        }
        Some(rules) => rule_set_notices(&mut findings, rules),
    }
    findings.found
}

fn required(findings: &mut Findings<'_>, pointer: String, label: &str) {
    findings.error("required", pointer, format!("缺少{label}"));
}

fn contract_complete(findings: &mut Findings<'_>) {
    let c = findings.content;
    let fields: [(&str, &str, bool); 18] = [
        ("/project_name", "合同名称", c.project_name.is_some()),
        ("/type", "合同类别", c.contract_type.is_some()),
        ("/subtype", "合同子类", c.subtype.is_some()),
        ("/unit", "归属单位", c.unit.is_some()),
        ("/signed_on", "签订日期", c.signed_on.is_some()),
        ("/begins_on", "合同开始日期", c.begins_on.is_some()),
        ("/ends_on", "合同截止日期", c.ends_on.is_some()),
        ("/amount_fen", "合同成交额", c.amount_fen.is_some()),
        (
            "/technology_amount_fen",
            "技术交易额",
            c.technology_amount_fen.is_some(),
        ),
        (
            "/non_technology_amount_fen",
            "非技术性费用（没有时填 0）",
            c.non_technology_amount_fen.is_some(),
        ),
        ("/field", "技术领域", c.field.is_some()),
        ("/plan_source", "计划来源", c.plan_source.is_some()),
        ("/ip_kind", "知识产权", c.ip_kind.is_some()),
        ("/objective", "社会经济目标", c.objective.is_some()),
        ("/payment_mode", "支付方式", c.payment_mode.is_some()),
        ("/cross_border", "进出口", c.cross_border.is_some()),
        ("/related_party", "关联交易（是或否）", c.related_party.is_some()),
        ("/summary", "内容摘要", c.summary.is_some()),
    ];
    for (pointer, label, _) in fields.into_iter().filter(|(_, _, there)| !there) {
        required(findings, pointer.into(), label);
    }
}

/// Plan name and number are needed inside plan (计划内).
fn plan_complete(findings: &mut Findings<'_>) {
    let source = findings.item(ListName::PlanSource, &findings.content.plan_source);
    let Some(label) = source
        .filter(|s| s.group.as_deref() == Some(PLAN_FUNDED))
        .map(|s| s.label.clone())
    else {
        return;
    };
    for field in contract_texts(findings.content) {
        if matches!(field.name, "/plan_name" | "/plan_number") && field.value.is_none() {
            findings.error(
                "required",
                field.pointer(),
                format!("计划来源为“{label}”时，缺少{}", field.label),
            );
        }
    }
}

fn party_complete(findings: &mut Findings<'_>, base: &'static str, party: &Party) {
    let natural = party.kind.as_deref() == Some(NATURAL_PERSON);
    let foreign = party.is_foreign();
    let name = name_text(base, party);
    let fields: [(&str, &str, bool); 4] = [
        (name.name, name.label, party.name.is_some()),
        ("/kind", "性质", party.kind.is_some()),
        (
            "/uscc",
            "统一社会信用代码（自然人和境外当事人除外）",
            party.uscc.is_some() || natural || foreign,
        ),
        (
            "/region",
            "行政区划（境外当事人除外）",
            party.region.is_some() || foreign,
        ),
    ];
    for (name, label, _) in fields.into_iter().filter(|(_, _, there)| !there) {
        required(
            findings,
            format!("{base}{name}"),
            &format!("{}{label}", party_label(base)),
        );
    }
}

fn kind_and_code_agree(findings: &mut Findings<'_>, base: &'static str, party: &Party) {
    let Some(code) = party.uscc.as_deref().filter(|code| uscc::check(code).is_ok()) else {
        return;
    };
    let (Some(kind), Some(prefix)) = (findings.item(ListName::PartyKind, &party.kind), code.get(..2)) else {
        return;
    };
    if kind.uscc_prefixes.is_empty() || kind.uscc_prefixes.iter().any(|p| p == prefix) {
        return;
    }
    let (side, usual) = (party_label(base), kind.uscc_prefixes.join("、"));
    let message = format!(
        "{side}性质“{}”与统一社会信用代码前两位“{prefix}”不符（应为 {usual}）",
        kind.label
    );
    let doubtful = kind.uscc_prefixes_doubtful.iter().any(|p| p == prefix);
    let (severity, id) = if doubtful {
        (Severity::Warning, "kind_uscc_doubtful")
    } else {
        (Severity::Error, "kind_uscc_mismatch")
    };
    findings.add(severity, id, format!("{base}/kind"), message);
}

/// Contact data: a notice where they are missing.
fn contact_data(findings: &mut Findings<'_>, base: &'static str, party: &Party) {
    for field in contact_texts(base, party).into_iter().filter(|f| f.value.is_none()) {
        let message = format!("建议填写{}", field.full_label());
        findings.add(Severity::Notice, "recommended", field.pointer(), message);
    }
}

fn long_enough(findings: &mut Findings<'_>) {
    for field in contract_texts(findings.content) {
        let least = match field.name {
            "/project_name" => MIN_PROJECT_NAME,
            "/summary" => MIN_SUMMARY,
            _ => continue,
        };
        if let Some(value) = field
            .value
            .filter(|value| !value.trim().is_empty() && length(value) < least)
        {
            let TextField { label, .. } = field;
            let message = format!("{label}“{}”有 {} 个字符，至少 {least} 个", shown(value), length(value));
            findings.error("too_short", field.pointer(), message);
        }
    }
}

fn technology_amount(findings: &mut Findings<'_>) {
    if findings.content.technology_amount_fen == Some(0) {
        let message = "技术交易额 0.00 元应大于 0";
        findings.error("technology_amount_not_positive", "/technology_amount_fen", message);
    }
}

/// signed ≤ received ≤ today.
fn received(findings: &mut Findings<'_>) {
    let (received_on, today) = (findings.received_on, findings.today);
    if received_on > today {
        let message = format!("受理日期 {received_on} 晚于今天 {today}");
        findings.error("received_in_future", "/received_on", message);
    }
    if let Some(signed_on) = findings.content.signed_on.filter(|day| *day > received_on) {
        let message = format!("签订日期 {signed_on} 晚于受理日期 {received_on}");
        findings.error("signed_after_received", "/signed_on", message);
    }
}

/// Transfer and licence have intellectual property, and of a kind that fits the subtype (A14).
fn ip_kind(findings: &mut Findings<'_>) {
    let content = findings.content;
    let Some(kind) = findings.item(ListName::IpKind, &content.ip_kind) else {
        return;
    };
    let with_ip = content
        .contract_type
        .as_deref()
        .is_some_and(|id| TYPES_WITH_IP.contains(&id));
    if with_ip && kind.id == NO_IP {
        let message = format!("技术转让、技术许可合同的知识产权不能是“{}”", kind.label);
        return findings.error("ip_kind_none", "/ip_kind", message);
    }
    let Some(subtype) = findings.item(ListName::Subtype, &content.subtype) else {
        return;
    };
    if !subtype.ip_kinds.is_empty() && !subtype.ip_kinds.contains(&kind.id) {
        let list = findings.catalogue.list(ListName::IpKind);
        let fitting: Vec<&str> = subtype.ip_kinds.iter().filter_map(|id| list.label(id)).collect();
        let message = format!(
            "知识产权“{}”与合同子类“{}”不符（应为{}）",
            kind.label,
            subtype.label,
            fitting.join("、")
        );
        findings.error("ip_kind_unfit", "/ip_kind", message);
    }
}

/// What a registrar should know of the rules themselves. What only an unverified rule set asks for is never more than a notice.
fn rule_set_notices(findings: &mut Findings<'_>, rules: &RuleSet) {
    let content = findings.content;
    if !rules.verified {
        let message = rules
            .notice
            .clone()
            .unwrap_or_else(|| format!("“{}”尚未与正式文本核对", rules.title));
        findings.add(Severity::Notice, "rule_set_unverified", "", message);
    }
    let technology = content.technology_amount_fen.unwrap_or_default();
    let due = rules.due_on(findings.received_on, technology, findings.catalogue.calendar());
    if !due.complete {
        let message = format!(
            "办理期限（{}）跨入没有工作日历的年份，暂按周一至周五为工作日计算",
            due.on
        );
        findings.add(Severity::Notice, "calendar_missing", "", message);
    }
    if let Some(ends) = content
        .ends_on
        .filter(|ends| rules.apply_within_term && *ends < findings.received_on)
    {
        let message = format!(
            "合同截止日期 {ends} 早于受理日期 {}，应在合同有效期内申请登记",
            findings.received_on
        );
        findings.add(Severity::Notice, "applied_after_term", "/ends_on", message);
    }
}
