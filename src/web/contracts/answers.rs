//! What the last return asked for and what became of it, item by item: on top of the page of a contract that was submitted again.

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
    let (before, after) = entries.split_at_checked(at + 1)?;
    let asked = before.last()?.act.changes.iter().find(|c| c.pointer == "/returned")?;
    let returned: Returned = serde_json::from_value(asked.to.clone()).ok()?;
    let answered: BTreeMap<usize, String> = after
        .iter()
        .flat_map(|e| &e.act.changes)
        .filter_map(|c| {
            let place = c.pointer.strip_prefix(ANSWERS)?.parse().ok()?;
            Some((place, c.to.as_str()?.to_owned()))
        })
        .collect();
    let changes = since_return(entries)
        .map(|since| changed(catalogue, &since.changes))
        .unwrap_or_default();
    let values = shown(content);
    let rows = returned.items.iter().enumerate().map(|(place, item)| {
        let pointer = item.pointer.as_deref();
        let (was, now) = match (&item.attachment, pointer) {
            (Some(kind), _) => (papers(before, Some(kind)), papers(after, Some(kind))),
            (None, Some(pointer)) if pointer.starts_with("/attachments") => (papers(before, None), papers(after, None)),
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

/// Names of the files that acts added and did not take away again, of a kind or of all; what is only told where there is none.
fn papers(entries: &[Entry], kind: Option<&str>) -> String {
    let mut files: BTreeMap<&str, &Value> = BTreeMap::new();
    let of_files = |e: &&Entry| [FileAct::Attach.id(), FileAct::Detach.id()].contains(&e.act.action.as_str());
    for change in entries.iter().filter(of_files).flat_map(|e| &e.act.changes) {
        if change.to.is_null() {
            files.remove(change.pointer.as_str());
        } else {
            files.insert(&change.pointer, &change.to);
        }
    }
    let names: Vec<&str> = files
        .values()
        .filter(|file| kind.is_none_or(|kind| file["kind"] == kind))
        .filter_map(|file| file["file_name"].as_str())
        .collect();
    if names.is_empty() {
        "无".to_owned()
    } else {
        names.join("\n")
    }
}
