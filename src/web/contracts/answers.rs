//! What returns asked for and what became of it, item by item: of the last one on top of the page of a contract that was submitted
//! again, of every one where it stands among the acts.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    domain::{
        catalogue::Catalogue,
        contract::{Content, Returned},
        ledger::Entry,
        workflow::{Action, FileAct},
    },
    usecases::contracts::submit::ANSWERS,
    web::{
        contract_words::{about, changed, field_of, shown, words},
        sheet::Section,
        show::{NOTHING, minute},
        table::{Cell, Column, Row, Table},
    },
};

use super::changes::since_return;

/// The section; none where the contract was never returned, or the return named nothing.
pub fn answers(catalogue: &Catalogue, content: &Content, entries: &[Entry]) -> Option<Section> {
    let at = entries.iter().rposition(|e| e.act.action == Action::Return.id())?;
    let before = entries.get(..=at)?;
    let (returned, answered) = round(entries, at)?;
    let changes = since_return(entries)
        .map(|since| changed(catalogue, &since.changes))
        .unwrap_or_default();
    let values = shown(content);
    let both = |kind: Option<&str>| {
        let then = papers(before, kind);
        let now = papers(entries, kind);
        let told = |files: &Papers<'_>, old: Option<&Papers<'_>>| {
            let is_new = |key: &&str| old.is_some_and(|old| !old.contains_key(*key));
            let line = |(key, name): (&&str, &&str)| format!("{name}{}", if is_new(key) { "（新）" } else { "" });
            match files.is_empty() {
                true => "无".to_owned(),
                false => files.iter().map(line).collect::<Vec<_>>().join("\n"),
            }
        };
        (told(&then, None), told(&now, Some(&then)))
    };
    let rows = returned.items.iter().enumerate().map(|(place, item)| {
        let pointer = item.pointer.as_deref();
        let (was, now) = match (&item.attachment, pointer) {
            (Some(kind), _) => both(Some(kind)),
            (None, Some(pointer)) if pointer.starts_with("/attachments") => both(None),
            (None, Some(pointer)) => {
                let below = format!("{pointer}/");
                let of_item: Vec<_> = changes
                    .iter()
                    .filter(|c| c.pointer == pointer || c.pointer.starts_with(&below))
                    .collect();
                match (of_item.as_slice(), field_of(pointer)) {
                    ([change], Some(_)) => (change.from.clone(), change.to.clone()),
                    ([], Some(field)) => {
                        let value = values.pointer(pointer).cloned().unwrap_or_default();
                        let value = words(catalogue, field.holds, &value);
                        (value, "未改动".to_owned())
                    }
                    ([], None) => (NOTHING.to_owned(), "未改动".to_owned()),
                    (several, _) => {
                        let side = |of: fn(&crate::web::contract_words::Changed) -> &String| {
                            let lines = several.iter().map(|c| format!("{}：{}", c.label, of(c)));
                            lines.collect::<Vec<_>>().join("\n")
                        };
                        (side(|c| &c.from), side(|c| &c.to))
                    }
                }
            }
            (None, None) => (NOTHING.to_owned(), NOTHING.to_owned()),
        };
        Row {
            key: place.to_string(),
            cells: vec![
                Cell::text(about(catalogue, item)),
                Cell::text(&item.detail),
                Cell::text(was),
                Cell::text(now),
                Cell::maybe(answered.get(&place).cloned()),
            ],
        }
    });
    let table = Table {
        caption: "退回补正逐项情况".to_owned(),
        columns: ["项目", "补正意见", "退回时", "现在", "登记员的说明"]
            .map(Column::text)
            .into(),
        rows: rows.collect(),
        empty: "退回时没有指明项目。".to_owned(),
        ..Table::default()
    };
    let lead = format!("{} 退回：{}", minute(returned.at), returned.reason);
    (!returned.items.is_empty()).then(|| Section::list("answers", "补正情况", table).lead(lead))
}

/// What the return at `at` asked for, and what was answered to it by place, before the next return.
fn round(entries: &[Entry], at: usize) -> Option<(Returned, BTreeMap<usize, String>)> {
    let is_return = |e: &Entry| e.act.action == Action::Return.id();
    let entry = entries.get(at).filter(|e| is_return(e))?;
    let asked = entry.act.changes.iter().find(|c| c.pointer == "/returned")?;
    let returned: Returned = serde_json::from_value(asked.to.clone()).ok()?;
    let later = entries.iter().skip(at + 1).take_while(|e| !is_return(e));
    let answered = later.flat_map(|e| &e.act.changes).filter_map(|c| {
        let place = c.pointer.strip_prefix(ANSWERS)?.parse().ok()?;
        Some((place, c.to.as_str()?.to_owned()))
    });
    Some((returned, answered.collect()))
}

/// An item of a return, as it stands among the acts.
#[derive(Debug)]
pub struct Asked {
    /// What it is about.
    pub about: String,
    /// What was asked for.
    pub detail: String,
    /// What the registrar said to it.
    pub answer: Option<String>,
}

/// The items of the return of that sequence in the ledger; none where it is no return.
pub fn asked_by(catalogue: &Catalogue, entries: &[Entry], sequence: i64) -> Vec<Asked> {
    let at = entries.iter().position(|e| e.sequence == sequence);
    let Some((returned, mut answered)) = at.and_then(|at| round(entries, at)) else {
        return Vec::new();
    };
    let item = |(place, item)| Asked {
        about: about(catalogue, item),
        detail: item.detail.clone(),
        answer: answered.remove(&place),
    };
    returned.items.iter().enumerate().map(item).collect()
}

/// Names of files by what the ledger calls them.
type Papers<'a> = BTreeMap<&'a str, &'a str>;

/// The files that acts added and did not take away again, of a kind or of all.
fn papers<'a>(entries: &'a [Entry], kind: Option<&str>) -> Papers<'a> {
    let mut files: BTreeMap<&str, &Value> = BTreeMap::new();
    let of_files = |e: &&Entry| [FileAct::Attach.id(), FileAct::Detach.id()].contains(&e.act.action.as_str());
    for change in entries.iter().filter(of_files).flat_map(|e| &e.act.changes) {
        if change.to.is_null() {
            files.remove(change.pointer.as_str());
        } else {
            files.insert(&change.pointer, &change.to);
        }
    }
    files.retain(|_, file| kind.is_none_or(|kind| file["kind"] == kind));
    let names = files
        .into_iter()
        .filter_map(|(key, file)| Some((key, file["file_name"].as_str()?)));
    names.collect()
}
