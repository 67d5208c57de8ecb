//! What is to be looked at before a contract is decided: the findings with what the registrar said to them, and what its rule set
//! demands.

use crate::{
    domain::{
        attachment::Attachment,
        checks::{Check, Severity},
        code_list::ListName,
        expert_review::heed,
        ledger::Entry,
        rules::Counted,
    },
    usecases::{
        Context,
        contracts::{ContractView, rule_set_of},
    },
    web::{contract_words::label_of, field::field_id, show::yuan, table::Cell},
};

/// A finding.
pub struct CheckLine {
    /// How grave.
    pub mark: Cell,
    /// Its number, where the office knows it.
    pub id: &'static str,
    /// In words.
    pub message: String,
    /// The field that it is about, and its place on the page.
    pub field: Option<(&'static str, String)>,
    /// What the registrar said to it.
    pub reason: Option<String>,
}

/// A point of the rule set's checklist.
pub struct Point {
    /// Whether it is so.
    pub mark: Cell,
    /// What is demanded.
    pub text: String,
}

fn severity_mark(severity: Severity) -> Cell {
    match severity {
        Severity::Error => Cell::mark("错误", "bad"),
        Severity::Warning => Cell::mark("警告", "wait"),
        Severity::Notice => Cell::mark("提示", "plain"),
    }
}

/// The findings, each with what the last submission said to it.
pub fn checks(view: &ContractView, entries: &[Entry]) -> Vec<CheckLine> {
    let submitted = entries.iter().rev().find(|e| e.act.action == "submit");
    let reasons = submitted.and_then(|e| e.act.reason.as_deref()).unwrap_or_default();
    let mut ids: Vec<&str> = view.checks.iter().map(|c| c.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let line = |check: &Check| CheckLine {
        mark: severity_mark(check.severity),
        // The numbers of the self-audit's checks are known in the office; the names of the others are not.
        id: Some(check.id).filter(|id| id.starts_with('A')).unwrap_or_default(),
        message: check.message.clone(),
        field: (!check.pointer.is_empty())
            .then(|| (label_of(&check.pointer), format!("#{}", field_id(&check.pointer)))),
        reason: reason_for(reasons, check.id, &ids).filter(|_| check.severity == Severity::Warning),
    };
    view.checks.iter().map(line).collect()
}

/// What the ledger's `id：words；id：words` says to one check.
fn reason_for(reasons: &str, id: &str, ids: &[&str]) -> Option<String> {
    let marked = format!("{id}：");
    let start = match reasons.strip_prefix(&marked) {
        Some(_) => marked.len(),
        None => {
            let after = format!("；{marked}");
            reasons.find(&after)? + after.len()
        }
    };
    let rest = reasons.get(start..)?;
    let end = ids.iter().filter_map(|other| rest.find(&format!("；{other}："))).min();
    rest.get(..end.unwrap_or(rest.len())).map(str::to_owned)
}

fn met(met: bool, text: String) -> Point {
    let mark = if met {
        Cell::mark("符合", "good")
    } else {
        Cell::mark("不符", "bad")
    };
    Point { mark, text }
}

fn note(text: String) -> Point {
    Point {
        mark: Cell::mark("说明", "plain"),
        text,
    }
}

/// What the rule set of the contract demands, and whether it is so.
pub fn checklist(ctx: &Context, view: &ContractView, papers: &[Attachment]) -> Vec<Point> {
    let contract = &view.contract;
    let accepted = contract.content.received_on.unwrap_or_else(|| ctx.clock.today());
    let Some(rules) = rule_set_of(&ctx.catalogue, contract.rule_set.as_deref(), accepted) else {
        return vec![note("受理日期没有适用的规则。".to_owned())];
    };
    let mut points = vec![note(format!("适用规则：{}（{}）", rules.title, rules.source))];
    // Where the checks say it, it is not said twice.
    if !view.checks.iter().any(|c| c.id == "rule_set_unverified") {
        points.extend(rules.notice.clone().map(note));
    }
    let kinds = ctx.catalogue.list(ListName::AttachmentKind);
    for kind in ctx
        .catalogue
        .blocking_attachments(rules, contract.content.contract_type.as_deref())
    {
        let label = kinds.label(kind).unwrap_or(kind);
        let there = papers.iter().any(|p| p.kind == kind);
        points.push(met(
            there,
            format!("附件“{label}”{}", if there { "已上传" } else { "尚未上传" }),
        ));
    }
    let technology = contract.content.technology_amount_fen.unwrap_or(0);
    if let Some(deadline) = rules.deadline(technology) {
        let counted = match deadline.counted {
            Counted::CalendarDays => "日",
            Counted::WorkingDays => "个工作日",
        };
        points.push(note(format!(
            "自受理次日起 {} {counted}内办结{}",
            deadline.days,
            contract.due_on.map(|d| format!("，最迟 {d}")).unwrap_or_default()
        )));
        if let (Some(at), Some(due)) = (contract.confirmed_at, contract.due_on) {
            let in_time = at.date() <= due;
            let text = format!("{} 确认，{}", at.date(), if in_time { "在期限内" } else { "超过期限" });
            points.push(met(in_time, text));
        }
    }
    match rules.expert_review.from_fen {
        Some(from) => {
            let limit = format!("合同成交额 {} 元以上须经专家论证", yuan(from));
            if heed::is_required(&rules.expert_review, &contract.content) {
                let done = contract.expert_conclusion.is_some();
                let told = if done {
                    "已有结论"
                } else {
                    "尚无结论，不能确认"
                };
                points.push(met(done, format!("{limit}：本合同达到标准，{told}")));
            } else {
                points.push(note(format!("{limit}：本合同未达到标准")));
            }
        }
        None => points.push(note("规则未设须经专家论证的金额标准".to_owned())),
    }
    let count = |severity| view.checks.iter().filter(|c| c.severity == severity).count();
    if !view.checks.is_empty() {
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        points.push(met(errors == 0, format!("检查：错误 {errors} 项，警告 {warnings} 项")));
    }
    points
}
