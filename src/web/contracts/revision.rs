//! One revision of a contract's content, beside what changed in it.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::{columns::name_of, key};
use crate::{
    domain::ledger::content_changes,
    usecases::{Context, Error, contracts},
    web::{
        contract_words::{SECTIONS, changed, shown, words},
        refusal::Refusal,
        shell::{Shell, ok},
        show::minute,
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "contracts/revision.html")]
struct RevisionPage {
    shell: Shell,
    facts: Vec<(&'static str, String)>,
    back: String,
    others: Vec<(i64, bool)>,
    id: i64,
    tables: Vec<Table>,
}

#[get("/contracts/{id:\\d+}/revisions/{n}")]
pub async fn show_revision(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (id, n) = (key(&path.0)?, key(&path.1)?);
    let actor = &visitor.caller.actor;
    let view = contracts::read::read(&ctx, actor.clone(), id).await?;
    let revision = contracts::read::read_revision(&ctx, actor.clone(), id, n).await?;
    let before = match contracts::read::read_revision(&ctx, actor.clone(), id, n - 1).await {
        Ok(before) => Some(before),
        Err(Error::NotFound) => None,
        Err(other) => return Err(other.into()),
    };
    let changes = before.map(|b| changed(&ctx.catalogue, &content_changes(&b.content, &revision.content)));
    let changes = changes.unwrap_or_default();
    let values = shown(&revision.content);
    let tables = SECTIONS.iter().map(|(title, fields)| {
        let rows = fields.iter().map(|field| {
            let value = values.pointer(field.pointer).cloned().unwrap_or_default();
            let change = changes.iter().find(|c| c.pointer == field.pointer);
            Row {
                key: String::new(),
                cells: vec![
                    Cell::text(field.label),
                    Cell::text(words(&ctx.catalogue, field.holds, &value)),
                    change.map_or_else(|| Cell::text(""), |c| Cell::text(format!("上一版：{}", c.from))),
                ],
            }
        });
        Table {
            caption: (*title).to_owned(),
            columns: vec![Column::text("项目"), Column::text("内容"), Column::text("改动")],
            rows: rows.collect(),
            ..Table::default()
        }
    });
    let last = view.contract.revision;
    let revision_page = RevisionPage {
        shell: visitor.shell(&format!("第 {n} 版内容")).at("/contracts"),
        facts: vec![
            ("合同名称", name_of(&view.contract)),
            (
                "版本",
                format!("第 {n} 版，共 {last} 版{}", if n == last { "（现行）" } else { "" }),
            ),
            ("记入时间", minute(revision.recorded_at)),
            ("记入人", visitor.names.of(&revision.recorded_by)),
        ],
        back: format!("/contracts/{id}"),
        others: ((last - 19).max(1)..=last).map(|other| (other, other == n)).collect(),
        id,
        tables: tables.collect(),
    };
    Ok(ok(&revision_page))
}
