//! 市场活动: trainings, guidance, matchmaking, technology managers.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::NaiveDate;

use super::{ListPage, RecordPage, keeps, removal};
use crate::{
    domain::code_list::ListName,
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        activities::{self, ActivityInput, ActivityView},
        follow_ups::may_keep,
        statistics::may_read,
    },
    web::{
        act::ActPage,
        field::{Field, Fieldset, choices},
        key_page::key,
        posted::{Posted, Typed, kept, location},
        refusal::{Refusal, redirect},
        shell::ok,
        show::{NOTHING, text},
        statistics::frame::Frame,
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

const BASE: &str = "/activities";

/// Activities of a page.
const PAGE: i64 = 50;

fn href_of(id: i64) -> String {
    format!("{BASE}/{id}")
}

fn label(ctx: &Context, list: ListName, id: &str) -> String {
    ctx.catalogue.list(list).label(id).unwrap_or(id).to_owned()
}

fn count(count: Option<i64>) -> String {
    count.map_or_else(|| NOTHING.to_owned(), |n| n.to_string())
}

#[get("/activities")]
pub async fn list_activities(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    let year = query
        .integer("year", 1900..=2200)
        .and_then(|year| i32::try_from(year).ok());
    let after = query.integer("after", 0..=i64::MAX);
    query.finish()?;
    let (from, to) = year.map_or((1, 9999), |year| (year, year));
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).ok_or(Error::NotFound);
    let days = (day(from, 1, 1)?, day(to, 12, 31)?);
    let (found, more) = activities::list(&ctx, &visitor.caller.actor, days, after, PAGE).await?;
    let mut page = ListPage::new(
        &visitor,
        "市场活动",
        BASE,
        "培训、辅导、对接、技术经理人培养等活动，按日期计入当年统计。",
    );
    page.shell = page.shell.done(done.as_deref());
    page.fields = vec![Field::integer("year", "年度").maybe(year.map(|year| year.to_string()))];
    let address = |after: Option<i64>| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("year", year.map(i64::from)), ("after", after)] {
            if let Some(value) = value {
                query.append_pair(name, &value.to_string());
            }
        }
        format!("{BASE}?{}", query.finish())
    };
    let row = |(id, row): &ActivityView| Row {
        key: String::new(),
        cells: vec![
            Cell::link(&row.name, href_of(*id)),
            Cell::text(row.held_on.to_string()),
            Cell::text(label(&ctx, ListName::ActivityKind, &row.kind)),
            Cell::maybe(row.unit.as_deref().map(|unit| label(&ctx, ListName::Unit, unit))),
            Cell::text(count(row.events)),
            Cell::text(count(row.participants)),
            Cell::text(count(row.participants_xpcc)),
            Cell::text(count(row.items)),
        ],
    };
    let last = found.last().filter(|_| more).map(|(id, _)| *id);
    page.table = Table {
        caption: "市场活动".to_owned(),
        columns: vec![
            Column::text("名称"),
            Column::text("日期"),
            Column::text("种类"),
            Column::text("师市院校"),
            Column::number("场次"),
            Column::number("人次"),
            Column::number("其中兵团系统人次"),
            Column::number("项数"),
        ],
        rows: found.iter().map(row).collect(),
        empty: "没有市场活动记录。".to_owned(),
        next: last.map(|last| address(Some(last))),
        first: after.map(|_| address(None)),
        ..Table::default()
    };
    Ok(ok(&page))
}

fn facts(ctx: &Context, (_, row): &ActivityView) -> Vec<(&'static str, String)> {
    let unit = row.unit.as_deref().map(|unit| label(ctx, ListName::Unit, unit));
    vec![
        ("名称", row.name.clone()),
        ("日期", row.held_on.to_string()),
        ("种类", label(ctx, ListName::ActivityKind, &row.kind)),
        ("师市院校", text(unit.as_deref())),
        ("场次", count(row.events)),
        ("人次", count(row.participants)),
        ("其中兵团系统人次", count(row.participants_xpcc)),
        ("项数", count(row.items)),
    ]
}

#[get("/activities/{id}")]
pub async fn show_activity(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    query.finish()?;
    may_read(&visitor.caller.actor)?;
    let view = activities::read(&ctx, &visitor.caller.actor, key(&path)?).await?;
    Ok(ok(&RecordPage {
        shell: visitor.shell(&view.1.name).at("/statistics").done(done.as_deref()),
        frame: Frame::beside(BASE),
        facts: facts(&ctx, &view),
        doubts: Vec::new(),
        href: href_of(view.0),
        back: BASE,
        may_keep: keeps(&visitor.caller.actor),
    }))
}

fn form(ctx: &Context, visitor: &Visitor, there: Option<&ActivityView>) -> ActPage {
    let row = there.map(|(_, row)| row);
    let (title, action, back) = match there {
        Some((id, _)) => ("修改市场活动", format!("{}/edit", href_of(*id)), href_of(*id)),
        None => ("新增市场活动", format!("{BASE}/new"), BASE.to_owned()),
    };
    let count =
        |name: &str, label: &str, there: Option<i64>| Field::integer(name, label).maybe(there.map(|n| n.to_string()));
    let mut act = ActPage::new(visitor.shell(title).at("/statistics"), action, back);
    act.button = "保存".to_owned();
    act.sets = vec![Fieldset::new(
        "",
        vec![
            Field::text("/name", "名称")
                .required()
                .focus()
                .maybe(row.map(|r| r.name.clone())),
            Field::select("/kind", "种类", choices(ctx.catalogue.list(ListName::ActivityKind)))
                .required()
                .maybe(row.map(|r| r.kind.clone())),
            Field::date("/held_on", "日期")
                .required()
                .day(row.map(|r| r.held_on))
                .help("决定计入哪一年，不得晚于今天。"),
            Field::select("/unit", "师市院校", choices(ctx.catalogue.list(ListName::Unit)))
                .maybe(row.and_then(|r| r.unit.clone())),
            count("/events", "场次", row.and_then(|r| r.events)),
            count("/participants", "人次", row.and_then(|r| r.participants)),
            count(
                "/participants_xpcc",
                "其中兵团系统人次",
                row.and_then(|r| r.participants_xpcc),
            ),
            count("/items", "项数", row.and_then(|r| r.items)).help("成果项数或证书数。"),
        ],
    )];
    act
}

fn input(typed: &mut Typed) -> ActivityInput {
    ActivityInput {
        kind: Some(typed.text("/kind")),
        held_on: Some(typed.date("/held_on")),
        name: Some(typed.text("/name")),
        unit: Some(typed.text("/unit")),
        events: Some(typed.integer("/events")),
        participants: Some(typed.integer("/participants")),
        participants_xpcc: Some(typed.integer("/participants_xpcc")),
        items: Some(typed.integer("/items")),
    }
}

fn render_created((id, _): &ActivityView) -> Result<StoredAnswer, Error> {
    kept(format!("{}?done=created", href_of(*id)))
}

fn render_changed((id, _): &ActivityView) -> Result<StoredAnswer, Error> {
    kept(format!("{}?done=saved", href_of(*id)))
}

#[get("/activities/new")]
pub async fn show_new_activity(ctx: web::Data<Context>, visitor: Visitor) -> Result<HttpResponse, Refusal> {
    may_keep(&visitor.caller.actor)?;
    Ok(form(&ctx, &visitor, None).show())
}

#[post("/activities/new")]
pub async fn create_activity(ctx: web::Data<Context>, mut posted: Posted) -> Result<HttpResponse, Refusal> {
    may_keep(&posted.visitor.caller.actor)?;
    let input = input(&mut posted.typed);
    let input = posted.typed.checked(input);
    match activities::create(&ctx, posted.command(render_created), input).await {
        Ok(answer) => Ok(redirect(&location(&answer, render_created)?)),
        Err(error) => form(&ctx, &posted.visitor, None).refused(error, &posted.typed),
    }
}

#[get("/activities/{id}/edit")]
pub async fn edit_activity(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    may_keep(&visitor.caller.actor)?;
    let view = activities::read(&ctx, &visitor.caller.actor, key(&path)?).await?;
    Ok(form(&ctx, &visitor, Some(&view)).show())
}

#[post("/activities/{id}/edit")]
pub async fn change_activity(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    may_keep(&posted.visitor.caller.actor)?;
    let view = activities::read(&ctx, &posted.visitor.caller.actor, key(&path)?).await?;
    let input = input(&mut posted.typed);
    let input = posted.typed.checked(input);
    match activities::change(&ctx, posted.command(render_changed), view.0, input).await {
        Ok(answer) => Ok(redirect(&location(&answer, render_changed)?)),
        Err(error) => form(&ctx, &posted.visitor, Some(&view)).refused(error, &posted.typed),
    }
}

#[get("/activities/{id}/remove")]
pub async fn show_activity_removal(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    may_keep(&visitor.caller.actor)?;
    let view = activities::read(&ctx, &visitor.caller.actor, key(&path)?).await?;
    Ok(removal(&visitor, "删除市场活动", &href_of(view.0), facts(&ctx, &view)).show())
}

#[post("/activities/{id}/remove")]
pub async fn remove_activity(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    may_keep(&posted.visitor.caller.actor)?;
    activities::remove(&ctx, posted.command(|()| kept(String::new())), key(&path)?).await?;
    Ok(redirect(&format!("{BASE}?done=removed")))
}
