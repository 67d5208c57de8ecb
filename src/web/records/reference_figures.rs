//! 参考数据: totals from before the register, targets of plans.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::{ListPage, RecordPage, keeps, removal};
use crate::{
    domain::interchange::{REFERENCE_KINDS, ReferenceRow},
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        follow_ups::may_keep,
        reference_figures::{self, Identity, ReferenceInput},
        statistics::may_read,
    },
    web::{
        act::ActPage,
        field::{Choice, Field, Fieldset},
        key_page::segment,
        posted::{Posted, Typed, kept, location},
        refusal::{Refusal, redirect},
        shell::ok,
        show::{text, yuan},
        statistics::frame::Frame,
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

const BASE: &str = "/reference-figures";

fn kind(id: &str) -> &str {
    REFERENCE_KINDS
        .iter()
        .find(|(known, _)| *known == id)
        .map_or(id, |(_, label)| *label)
}

fn href_of(row: &ReferenceRow) -> String {
    format!("{BASE}/{}-{}", segment(&row.kind), row.year)
}

/// Kind and year of an address; what is none is the address of nothing.
fn identity(id: &str) -> Result<Identity, Error> {
    let found = id
        .rsplit_once('-')
        .and_then(|(kind, year)| Some((kind.to_owned(), year.parse().ok()?)));
    found
        .filter(|(kind, _)| !kind.contains(char::is_control))
        .ok_or(Error::NotFound)
}

#[get("/reference-figures")]
pub async fn list_reference_figures(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    let year = query
        .integer("year", 1900..=2200)
        .and_then(|year| i32::try_from(year).ok());
    query.finish()?;
    let found = reference_figures::list(&ctx, &visitor.caller.actor, year).await?;
    let mut page = ListPage::new(
        &visitor,
        "参考数据",
        BASE,
        "登记簿以外的数据：启用本系统以前各年的成交额、五年规划的成交额目标。统计中的规划期增长和目标完成率用到它们。",
    );
    page.shell = page.shell.done(done.as_deref());
    page.fields = vec![Field::integer("year", "年度").maybe(year.map(|year| year.to_string()))];
    let row = |row: &ReferenceRow| Row {
        key: String::new(),
        cells: vec![
            Cell::link(format!("{} 年{}", row.year, kind(&row.kind)), href_of(row)),
            Cell::yuan(Some(row.fen)),
            Cell::maybe(row.note.clone()),
        ],
    };
    page.table = Table {
        caption: "参考数据".to_owned(),
        columns: vec![Column::text("数据"), Column::number("数值（元）"), Column::text("说明")],
        rows: found.iter().map(row).collect(),
        empty: "没有参考数据。".to_owned(),
        ..Table::default()
    };
    Ok(ok(&page))
}

fn facts(row: &ReferenceRow) -> Vec<(&'static str, String)> {
    vec![
        ("数据", kind(&row.kind).to_owned()),
        ("年度", row.year.to_string()),
        ("数值（元）", yuan(row.fen)),
        ("说明", text(row.note.as_deref())),
    ]
}

#[get("/reference-figures/{id}")]
pub async fn show_reference_figure(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    query.finish()?;
    may_read(&visitor.caller.actor)?;
    let row = reference_figures::read(&ctx, &visitor.caller.actor, identity(&path)?).await?;
    let title = format!("{} 年{}", row.year, kind(&row.kind));
    Ok(ok(&RecordPage {
        shell: visitor.shell(&title).at("/statistics").done(done.as_deref()),
        frame: Frame::beside(BASE),
        facts: facts(&row),
        doubts: Vec::new(),
        href: href_of(&row),
        back: BASE,
        may_keep: keeps(&visitor.caller.actor),
    }))
}

fn form(visitor: &Visitor, there: Option<&ReferenceRow>) -> ActPage {
    let (title, action, back) = match there {
        Some(row) => ("修改参考数据", format!("{}/edit", href_of(row)), href_of(row)),
        None => ("新增参考数据", format!("{BASE}/new"), BASE.to_owned()),
    };
    let mut act = ActPage::new(visitor.shell(title).at("/statistics"), action, back);
    act.button = "保存".to_owned();
    let mut fields = Vec::new();
    if let Some(row) = there {
        act.subject = facts(row).into_iter().take(2).collect();
    } else {
        let kinds = REFERENCE_KINDS.map(|(id, label)| Choice::new(id, label));
        fields.push(Field::select("/kind", "数据", kinds.into()).required());
        fields.push(Field::integer("/year", "年度").required());
    }
    fields.push(
        Field::yuan("/amount_fen", "数值（元）")
            .required()
            .fen(there.map(|row| row.fen)),
    );
    fields.push(
        Field::area("/note", "说明", 2)
            .maybe(there.and_then(|row| row.note.clone()))
            .help("数据的出处，例如文件名和文号。"),
    );
    act.sets = vec![Fieldset::new("", fields)];
    act
}

fn input(typed: &mut Typed, new: bool) -> ReferenceInput {
    ReferenceInput {
        kind: new.then(|| typed.text("/kind")),
        year: new.then(|| typed.integer("/year")),
        amount_fen: Some(typed.yuan("/amount_fen")),
        note: Some(typed.text("/note")),
    }
}

fn render_created(row: &ReferenceRow) -> Result<StoredAnswer, Error> {
    kept(format!("{}?done=created", href_of(row)))
}

fn render_changed(row: &ReferenceRow) -> Result<StoredAnswer, Error> {
    kept(format!("{}?done=saved", href_of(row)))
}

#[get("/reference-figures/new")]
pub async fn show_new_reference_figure(visitor: Visitor) -> Result<HttpResponse, Refusal> {
    may_keep(&visitor.caller.actor)?;
    Ok(form(&visitor, None).show())
}

#[post("/reference-figures/new")]
pub async fn create_reference_figure(ctx: web::Data<Context>, mut posted: Posted) -> Result<HttpResponse, Refusal> {
    may_keep(&posted.visitor.caller.actor)?;
    let input = input(&mut posted.typed, true);
    let input = posted.typed.checked(input);
    match reference_figures::create(&ctx, posted.command(render_created), input).await {
        Ok(answer) => Ok(redirect(&location(&answer, render_created)?)),
        Err(error) => form(&posted.visitor, None).refused(error, &posted.typed),
    }
}

#[get("/reference-figures/{id}/edit")]
pub async fn edit_reference_figure(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    may_keep(&visitor.caller.actor)?;
    let row = reference_figures::read(&ctx, &visitor.caller.actor, identity(&path)?).await?;
    Ok(form(&visitor, Some(&row)).show())
}

#[post("/reference-figures/{id}/edit")]
pub async fn change_reference_figure(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    may_keep(&posted.visitor.caller.actor)?;
    let identity = identity(&path)?;
    let row = reference_figures::read(&ctx, &posted.visitor.caller.actor, identity.clone()).await?;
    let input = input(&mut posted.typed, false);
    let input = posted.typed.checked(input);
    match reference_figures::change(&ctx, posted.command(render_changed), identity, input).await {
        Ok(answer) => Ok(redirect(&location(&answer, render_changed)?)),
        Err(error) => form(&posted.visitor, Some(&row)).refused(error, &posted.typed),
    }
}

#[get("/reference-figures/{id}/remove")]
pub async fn show_reference_figure_removal(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    may_keep(&visitor.caller.actor)?;
    let row = reference_figures::read(&ctx, &visitor.caller.actor, identity(&path)?).await?;
    Ok(removal(&visitor, "删除参考数据", &href_of(&row), facts(&row)).show())
}

#[post("/reference-figures/{id}/remove")]
pub async fn remove_reference_figure(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    may_keep(&posted.visitor.caller.actor)?;
    reference_figures::remove(&ctx, posted.command(|()| kept(String::new())), identity(&path)?).await?;
    Ok(redirect(&format!("{BASE}?done=removed")))
}
