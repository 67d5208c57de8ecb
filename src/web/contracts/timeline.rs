//! The timeline of a contract: who did what when, and what it changed.

use crate::{
    domain::{
        account::Role,
        catalogue::Catalogue,
        ledger::Entry,
        workflow::{Action, State},
    },
    web::{
        contract_words::{Changed, changed},
        show::minute,
    },
};

/// One act.
#[derive(Debug)]
pub struct Happened {
    /// When.
    pub at: String,
    /// What was done.
    pub what: String,
    /// By whom, and in which role.
    pub who: String,
    /// From which state to which, where it moved.
    pub moved: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// What it changed.
    pub changes: Vec<Changed>,
}

/// What an action of the ledger is called.
pub fn action_label(id: &str) -> &str {
    if let Some(action) = Action::ALL.into_iter().find(|a| a.id() == id) {
        return action.label();
    }
    match id {
        "create" => "录入",
        "attach" => "添加附件",
        "detach" => "移除附件",
        "request_amend" => "申请变更",
        "request_cancel" => "申请注销",
        "refuse_amend" => "不批准变更",
        "refuse_cancel" => "不批准注销",
        "withdraw_amend" => "撤回变更申请",
        "withdraw_cancel" => "撤回注销申请",
        "issue_registration_certificate" => "出具登记证明",
        "import" => "导入",
        "import_update" => "导入更新",
        other => other,
    }
}

fn who(entry: &Entry) -> String {
    let actor = match entry.act.actor.as_str() {
        "system:deadlines" => "系统（到期放回）".to_owned(),
        other => match other.strip_prefix("cli:") {
            Some(name) => format!("{name}（服务器命令行）"),
            None => other.to_owned(),
        },
    };
    let role = entry.act.role.as_deref().and_then(Role::from_id);
    match role {
        Some(role) => format!("{actor}（{}）", role.label()),
        None => actor,
    }
}

/// The acts, the last one first.
pub fn timeline(catalogue: &Catalogue, entries: &[Entry]) -> Vec<Happened> {
    let label = |id: &Option<String>| id.as_deref().and_then(State::from_id).map(State::label);
    let told = |entry: &Entry| {
        let act = &entry.act;
        let moved = match (label(&act.from), label(&act.to)) {
            (Some(from), Some(to)) if from != to => Some(format!("{from} → {to}")),
            (None, Some(to)) => Some(to.to_owned()),
            _ => None,
        };
        Happened {
            at: minute(act.at),
            what: action_label(&act.action).to_owned(),
            who: who(entry),
            moved,
            reason: act.reason.clone(),
            changes: changed(catalogue, &act.changes),
        }
    };
    entries.iter().rev().map(told).collect()
}
