//! The timeline of a contract: who did what when, and what it changed.

use crate::{
    domain::{account::Role, catalogue::Catalogue, ledger::Entry, workflow::State},
    web::{
        contract_words::{Changed, changed},
        ledger_words::action,
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
            what: action(&act.action).to_owned(),
            who: who(entry),
            moved,
            reason: act.reason.clone(),
            changes: changed(catalogue, &act.changes)
                .into_iter()
                .filter(|c| c.pointer != "/claimed_by" || act.action == "reassign")
                .collect(),
        }
    };
    entries.iter().rev().map(told).collect()
}
