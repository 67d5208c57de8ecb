//! What changed since a reviewer saw the contract last: after it was returned, or by the confirmation or amendment that made the
//! current revision.

use std::collections::BTreeMap;

use crate::{
    domain::{
        contract::{Content, Returned},
        ledger::{Change, Entry, content_changes},
    },
    web::{contract_words::field_of, show::minute},
};

/// What changed, and since when.
#[derive(Debug, Default)]
pub struct Since {
    /// In words: since what.
    pub since: String,
    /// The fields.
    pub changes: Vec<Change>,
    /// What the return before asked to be corrected.
    pub asked: Option<Returned>,
}

/// What was corrected after the last return; nothing where the contract was never returned.
pub fn since_return(entries: &[Entry]) -> Option<Since> {
    let at = entries.iter().rposition(|e| e.act.action == "return")?;
    let returned = entries.get(at)?;
    let mut first: BTreeMap<&str, Change> = BTreeMap::new();
    for change in entries.iter().skip(at + 1).flat_map(|e| &e.act.changes) {
        // Fields of the content alone: what the acts say of the contract's standing is in the timeline.
        if field_of(&change.pointer).is_none() || is_standing(&change.pointer) {
            continue;
        }
        first
            .entry(&change.pointer)
            .and_modify(|c| c.to = change.to.clone())
            .or_insert_with(|| change.clone());
    }
    let asked = returned.act.changes.iter().find(|c| c.pointer == "/returned");
    Some(Since {
        since: format!("{} 退回补正", minute(returned.act.at)),
        changes: first.into_values().filter(|c| c.from != c.to).collect(),
        asked: asked.and_then(|c| serde_json::from_value(c.to.clone()).ok()),
    })
}

fn is_standing(pointer: &str) -> bool {
    !crate::web::contract_words::fields().any(|f| f.pointer == pointer)
}

/// What a revision changed in the one before it.
pub fn since_revision(revision: i64, before: &Content, now: &Content) -> Since {
    Since {
        since: format!("第 {} 版（第 {revision} 版改动）", revision - 1),
        changes: content_changes(before, now),
        asked: None,
    }
}
