//! What an import that waits for a reviewer would change, contract by contract and field by field, in words.

use crate::{
    domain::{catalogue::Catalogue, import_job::ImportJob, ledger::Change, policy},
    usecases::{
        Context, Error,
        imports::{self, DifferenceView},
    },
    web::{
        key_page::{KeyPage, ROWS},
        standing_words::{label, told},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

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
