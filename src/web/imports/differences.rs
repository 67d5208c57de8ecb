//! What an import that waits for a reviewer would change, contract by contract and field by field, in words.

use serde_json::Value;

use crate::{
    domain::{
        catalogue::Catalogue, code_list::ListName, import_job::ImportJob, ledger::Change, policy, time::Moment,
        workflow::State,
    },
    usecases::{
        Context, Error,
        imports::{self, DifferenceView},
    },
    web::{
        contract_words::{field_of, words},
        key_page::{KeyPage, ROWS},
        show::{NOTHING, minute},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// Fields of a row that are no fields of a contract's content.
const BESIDE: &[(&str, &str)] = &[
    ("/submitted_at", "提交时间"),
    ("/confirmed_at", "审核确认时间"),
    ("/expert_reviewed", "专家论证"),
    ("/returned", "退回补正"),
    ("/refusal", "不予登记"),
    ("/ended", "撤销或注销"),
    ("/open_change_request", "未办结的申请"),
];

/// The differences, a row each field; none of an import that has none, and none for whoever may not read contracts.
pub(super) async fn differences_table(
    ctx: &Context,
    visitor: &Visitor,
    job: &ImportJob,
    place: KeyPage,
) -> Result<Option<Table>, Error> {
    let actor = &visitor.caller.actor;
    if !job.was_previewed() || !policy::sees_differences(actor, job.kind) {
        return Ok(None);
    }
    let found = imports::differences(ctx, actor.clone(), job.id, place.after, ROWS).await?;
    let (found, next) = KeyPage::cut(found, |view| view.position);
    let rows = found.iter().flat_map(|view| rows_of(&ctx.catalogue, view));
    Ok(Some(Table {
        caption: "与登记簿的差异".to_owned(),
        columns: vec![
            Column::text("合同"),
            Column::number("行"),
            Column::text("项目"),
            Column::text("原"),
            Column::text("现"),
        ],
        rows: rows.collect(),
        empty: match job.file_kept {
            true => "没有差异。".to_owned(),
            false => "差异已过保存期；批准后写入的更正见登记账。".to_owned(),
        },
        next: next.map(|after| format!("/imports/{}?after={after}", job.id)),
        first: place.after.map(|_| format!("/imports/{}", job.id)),
        ..Table::default()
    }))
}

fn rows_of(catalogue: &Catalogue, view: &DifferenceView) -> Vec<Row> {
    let difference = &view.difference;
    let name = view.project_name.as_deref().unwrap_or("（未填写名称）");
    let named = match &view.registration_number {
        Some(number) => format!("{number} {name}"),
        None => name.to_owned(),
    };
    let row = |change: &Change| Row {
        key: String::new(),
        cells: vec![
            Cell::link(&named, format!("/contracts/{}", difference.contract_id)),
            Cell::text(difference.row.to_string()),
            Cell::text(label(&change.pointer)),
            Cell::text(told(catalogue, &change.pointer, &change.from)),
            Cell::text(told(catalogue, &change.pointer, &change.to)),
        ],
    };
    difference.changes.iter().map(row).collect()
}

fn label(pointer: &str) -> &'static str {
    let beside = BESIDE
        .iter()
        .find(|(known, _)| *known == pointer)
        .map(|(_, label)| *label);
    beside
        .or_else(|| field_of(pointer).map(|field| field.label))
        .unwrap_or(match pointer.split('/').nth(1) {
            Some("change_requests") => "变更、注销申请",
            _ => "合同",
        })
}

fn moment(value: &Value) -> String {
    let at = value.as_str().and_then(|text| Moment::parse(text).ok());
    at.map_or_else(|| value.as_str().unwrap_or(NOTHING).to_owned(), minute)
}

/// A value in words; of what has several parts, those that there are.
fn told(catalogue: &Catalogue, pointer: &str, value: &Value) -> String {
    let state = |value: &Value| {
        let id = value.as_str().unwrap_or_default();
        State::from_id(id).map_or(id, |s| s.label()).to_owned()
    };
    match (pointer, value) {
        (_, Value::Null) => NOTHING.to_owned(),
        ("/state", value) => state(value),
        ("/submitted_at" | "/confirmed_at", value) => moment(value),
        ("/expert_reviewed", Value::Bool(yes)) => if *yes { "是" } else { "否" }.to_owned(),
        ("/returned" | "/refusal" | "/ended", Value::Object(parts)) => {
            let said = parts
                .iter()
                .filter(|(_, part)| !part.is_null())
                .filter_map(|(key, part)| {
                    Some(match (key.as_str(), part) {
                        ("at", part) => moment(part),
                        ("state", part) => state(part),
                        ("ground", Value::String(id)) => {
                            let of = |list| catalogue.list(list).label(id);
                            of(ListName::RevocationGround)
                                .or_else(|| of(ListName::CancellationGround))
                                .unwrap_or(id)
                                .to_owned()
                        }
                        ("reasons", Value::Array(ids)) if !ids.is_empty() => {
                            let list = catalogue.list(ListName::RefusalReason);
                            let labels = ids.iter().filter_map(Value::as_str);
                            labels
                                .map(|id| list.label(id).unwrap_or(id))
                                .collect::<Vec<_>>()
                                .join("、")
                        }
                        (_, Value::String(text)) => text.clone(),
                        _ => return None,
                    })
                });
            said.collect::<Vec<_>>().join("，")
        }
        (pointer, value) => match field_of(pointer) {
            Some(field) => words(catalogue, field.holds, value),
            None => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        },
    }
}
