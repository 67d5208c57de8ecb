//! The timeline of a contract: who did what when, and what it changed.

use crate::{
    domain::{account::Role, catalogue::Catalogue, ledger::Entry, workflow::State},
    usecases::people::Names,
    web::{contract_words::Changed, ledger_words::action, show::minute, standing_words},
};

use super::answers::{Asked, asked_by};

/// The act that a form which keeps itself repeats.
const EDIT: &str = "edit";

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
    /// What a return asked for, with what was answered.
    pub asked: Vec<Asked>,
    /// What it changed.
    pub changes: Vec<Changed>,
}

fn who(names: &Names, entry: &Entry) -> String {
    let actor = match entry.act.actor.as_str() {
        "system:deadlines" => "系统（到期放回）".to_owned(),
        other => names.of(other),
    };
    let role = entry.act.role.as_deref().and_then(Role::from_id);
    match role {
        Some(role) => format!("{actor}（{}）", role.label()),
        None => actor,
    }
}

/// A form that keeps itself is saved many times: what one person saved in a row on one day, without anything else between, is one.
fn saved_in_a_row(entries: &[Entry]) -> Vec<(Entry, usize)> {
    let mut rows: Vec<(Entry, usize)> = Vec::new();
    for entry in entries {
        let goes_on = rows.last().is_some_and(|(last, _)| {
            let (last, act) = (&last.act, &entry.act);
            act.action == EDIT
                && (&last.action, &last.actor, &last.role, last.at.date())
                    == (&act.action, &act.actor, &act.role, act.at.date())
        });
        match rows.last_mut() {
            Some((last, times)) if goes_on => {
                *times += 1;
                last.act.at = entry.act.at;
                for change in &entry.act.changes {
                    match last.act.changes.iter_mut().find(|c| c.pointer == change.pointer) {
                        Some(known) => known.to = change.to.clone(),
                        None => last.act.changes.push(change.clone()),
                    }
                }
                last.act.changes.retain(|c| c.from != c.to);
            }
            _ => rows.push((entry.clone(), 1)),
        }
    }
    rows
}

/// The acts, the last one first.
pub fn timeline(catalogue: &Catalogue, names: &Names, entries: &[Entry]) -> Vec<Happened> {
    let label = |id: &Option<String>| id.as_deref().and_then(State::from_id).map(State::label);
    let told = |(entry, times): &(Entry, usize)| {
        let act = &entry.act;
        let moved = match (label(&act.from), label(&act.to)) {
            (Some(from), Some(to)) if from != to => Some(format!("{from} → {to}")),
            (None, Some(to)) => Some(to.to_owned()),
            _ => None,
        };
        Happened {
            at: minute(act.at),
            what: match times {
                1 => action(&act.action).to_owned(),
                _ => format!("{}（{times} 次）", action(&act.action)),
            },
            who: who(names, entry),
            moved,
            reason: act.reason.as_deref().map(standing_words::reason),
            asked: asked_by(catalogue, entries, entry.sequence),
            changes: standing_words::changes(catalogue, act),
        }
    };
    saved_in_a_row(entries).iter().rev().map(told).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{
        ledger::{Act, Change},
        time::Moment,
    };

    fn entry(action: &str, actor: &str, minute: i64, change: (&str, &str, &str)) -> Entry {
        let (pointer, from, to) = change;
        Entry {
            sequence: minute,
            act: Act {
                at: Moment::from_micros(1_750_000_000_000_000 + minute * 60_000_000),
                actor: actor.to_owned(),
                role: None,
                contract: Some(1),
                action: action.to_owned(),
                from: None,
                to: None,
                reason: None,
                changes: vec![Change {
                    pointer: pointer.to_owned(),
                    from: json!(from),
                    to: json!(to),
                }],
            },
            register: Vec::new(),
        }
    }

    #[test]
    fn what_was_saved_in_a_row_is_one_act() {
        let entries = [
            entry("create", "a", 0, ("/summary", "", "一")),
            entry("edit", "a", 1, ("/summary", "一", "一二")),
            entry("edit", "a", 2, ("/summary", "一二", "一二三")),
            entry("edit", "a", 3, ("/unit", "x", "y")),
            entry("edit", "a", 4, ("/unit", "y", "x")),
            entry("edit", "b", 5, ("/summary", "一二三", "四")),
            entry("attach", "b", 6, ("/attachments/1", "", "f")),
            entry("edit", "b", 7, ("/summary", "四", "五")),
            entry("edit", "b", 7 + 24 * 60, ("/summary", "五", "六")),
        ];
        let rows = saved_in_a_row(&entries);
        let told: Vec<(&str, &str, usize, i64)> = rows
            .iter()
            .map(|(e, times)| {
                (
                    e.act.action.as_str(),
                    e.act.actor.as_str(),
                    *times,
                    e.act.at.micros() / 60_000_000 - 29_166_666,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("create", "a", 1, 0),
                ("edit", "a", 4, 4),
                ("edit", "b", 1, 5),
                ("attach", "b", 1, 6),
                ("edit", "b", 1, 7),
                ("edit", "b", 1, 7 + 24 * 60),
            ]
        );
        let kept: Vec<(&str, &serde_json::Value, &serde_json::Value)> = rows[1]
            .0
            .act
            .changes
            .iter()
            .map(|c| (c.pointer.as_str(), &c.from, &c.to))
            .collect();
        assert_eq!(
            kept,
            [("/summary", &json!("一"), &json!("一二三"))],
            "what came back to what it was is no change"
        );
    }
}
