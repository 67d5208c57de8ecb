//! One certificate: how it stands, its history, the trainings of its holder.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{PLACE, address_of, days_left, last_day, span, state_mark};
use crate::{
    domain::policy,
    http::query::Query,
    usecases::{
        Context,
        people::Names,
        registrars::{self, RegistrarView},
        trainings::{Participation, Training},
    },
    web::{
        key_page::{KeyPage, ROWS, address},
        refusal::Refusal,
        sheet::{ActLink, Section, Sheet},
        show::{NOTHING, minute},
        table::{Cell, Column, Row, Table},
        trainings::{address_of as training, kind_label, result},
        visitor::Visitor,
    },
};

#[get("/registrars/{number}")]
pub async fn show_registrar(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let actor = visitor.caller.actor.clone();
    let number = path.into_inner();
    let view = registrars::read(&ctx, actor.clone(), number.clone()).await?;
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    let done = query.text("done");
    query.finish()?;
    let (found, more) = registrars::trainings_of(&ctx, actor.clone(), number.clone(), page.after, ROWS).await?;
    let place = address_of(&number);
    let next = found.last().filter(|_| more).map(|(t, _)| t.id.to_string());
    let title = format!("{}（{number}）", view.summary.listed.registrar.name);
    let mut sheet = Sheet::new(visitor.shell(&title).at(PLACE).done(done.as_deref()));
    sheet.notices.clone_from(&view.notices);
    if policy::decide_registrars(&actor).is_ok() {
        sheet.acts = acts(&view, &place, ctx.clock.today());
    }
    sheet.facts = facts(&view);
    sheet.sections = vec![
        history(&view),
        suspensions(&visitor.names, &view),
        Section::list(
            "trainings",
            "培训与考试",
            Table {
                next: next.map(|n| address(&place, &[("after", Some(n))])),
                first: page.after.map(|_| place.clone()),
                ..trainings(&found)
            },
        ),
    ];
    Ok(sheet.show())
}

fn acts(view: &RegistrarView, place: &str, today: crate::domain::time::Date) -> Vec<ActLink> {
    let certificate = &view.summary.listed.registrar.certificate;
    let mut acts = Vec::new();
    if certificate.valid_until.is_some() {
        acts.push(ActLink::new("续期", format!("{place}/renew")));
    }
    acts.push(match certificate.suspension.is_some_and(|s| !s.is_over_on(today)) {
        true => ActLink::new("解除暂停", format!("{place}/lift")),
        false => ActLink::new("暂停", format!("{place}/suspend")),
    });
    acts
}

fn facts(view: &RegistrarView) -> Vec<(&'static str, Cell)> {
    let listed = &view.summary.listed;
    let certificate = &listed.registrar.certificate;
    vec![
        ("状态", state_mark(view.summary.state)),
        ("姓名", Cell::text(&listed.registrar.name)),
        ("登记机构", Cell::text(&listed.agency.name)),
        ("发证日期", Cell::text(certificate.issued_on.to_string())),
        ("有效期至", Cell::text(last_day(certificate))),
        ("剩余", days_left(view.summary.days_left)),
        ("账号", Cell::maybe(listed.account.clone())),
        (
            "本期继续教育",
            Cell::text(match view.demanded_minutes {
                0 => format!("{} 分钟", view.continuing_minutes),
                demanded => format!("{} 分钟，续期须 {demanded} 分钟", view.continuing_minutes),
            }),
        ),
    ]
}

fn history(view: &RegistrarView) -> Section {
    let periods = view.history.periods.iter().map(|p| {
        let reminders: Vec<String> = view
            .reminders
            .iter()
            .filter(|r| Some(r.valid_until) == p.until_on)
            .map(|r| format!("{}（前 {} 天）", r.reminded_on, r.days))
            .collect();
        Row {
            key: String::new(),
            cells: vec![
                Cell::text(span(p.from_on, p.until_on, "长期有效")),
                Cell::text(if reminders.is_empty() {
                    NOTHING.to_owned()
                } else {
                    reminders.join("、")
                }),
            ],
        }
    });
    let table = Table {
        caption: "历次有效期和到期提醒".to_owned(),
        columns: ["有效期", "到期提醒"].map(Column::text).into(),
        rows: periods.collect(),
        empty: "没有有效期记录。".to_owned(),
        ..Table::default()
    };
    Section::list("periods", "有效期", table)
}

fn suspensions(names: &Names, view: &RegistrarView) -> Section {
    let rows = view.history.suspensions.iter().map(|s| {
        let lifted = match (s.lifted_at, &s.lifted_by) {
            (Some(at), by) => format!(
                "{}，{}\n{}",
                minute(at),
                by.as_deref().map_or_else(|| NOTHING.to_owned(), |by| names.of(by)),
                s.lift_reason.as_deref().unwrap_or_default()
            ),
            (None, _) => NOTHING.to_owned(),
        };
        Row {
            key: String::new(),
            cells: vec![
                Cell::text(span(s.from_on, s.until_on, "至解除为止")),
                Cell::text(&s.reason),
                Cell::text(format!("{}，{}", minute(s.suspended_at), names.of(&s.suspended_by))),
                Cell::text(lifted.trim_end()),
            ],
        }
    });
    let table = Table {
        caption: "历次暂停和解除".to_owned(),
        columns: ["期间", "理由", "决定", "解除"].map(Column::text).into(),
        rows: rows.collect(),
        empty: "没有暂停过。".to_owned(),
        ..Table::default()
    };
    Section::list("suspensions", "暂停", table)
}

fn trainings(found: &[(Training, Participation)]) -> Table {
    let rows = found.iter().map(|(t, part)| Row {
        key: t.id.to_string(),
        cells: vec![
            Cell::link(&t.title, training(t.id)),
            Cell::text(kind_label(t.kind)),
            Cell::text(t.held_on.to_string()),
            Cell::text(part.minutes.to_string()),
            result(part),
        ],
    });
    Table {
        caption: "参加过的培训和考试".to_owned(),
        columns: vec![
            Column::text("名称"),
            Column::text("类别"),
            Column::text("日期"),
            Column::number("学时（分钟）"),
            Column::text("考试结果"),
        ],
        rows: rows.collect(),
        empty: "没有培训记录。".to_owned(),
        ..Table::default()
    }
}
