//! `/trainings`: trainings and examinations of registrars 培训, and who took part.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::{
    act::ActPage,
    acted::{acted, go_to, go_to_made},
    field::{Choice, Field, Fieldset},
    key_page::{KeyPage, ROWS, address, key},
    people,
    posted::{Posted, Typed, kept},
    refusal::Refusal,
    registrars,
    sheet::{ActLink, Section, Sheet},
    show::{NOTHING, minute},
    table::{Cell, Column, Row, Table},
    visitor::Visitor,
};
use crate::{
    domain::{error::FieldError, policy, registrar::TrainingKind},
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        trainings::{
            self, NewParticipant, NewTraining, Participant, Participation, Training, TrainingQuery, TrainingView,
        },
    },
};

/// Where trainings are.
const PLACE: &str = "/trainings";

/// Rows of the form for participants: as many as are asked for, within these.
const FEWEST_ROWS: usize = 5;
const MOST_ROWS: usize = 50;

pub(super) fn address_of(id: i64) -> String {
    format!("{PLACE}/{id}")
}

pub(super) const fn kind_label(kind: TrainingKind) -> &'static str {
    match kind {
        TrainingKind::Initial => "岗前培训",
        TrainingKind::Continuing => "继续教育",
        TrainingKind::Examination => "考试",
    }
}

fn kinds() -> Vec<Choice> {
    TrainingKind::ALL.map(|k| Choice::new(k.id(), kind_label(k))).into()
}

/// Points and whether passed.
pub(super) fn result(part: &Participation) -> Cell {
    let score = part.score.map(|s| format!("{s} 分"));
    match part.passed {
        None => Cell::maybe(score),
        Some(true) => Cell::mark(format!("通过 {}", score.unwrap_or_default()).trim(), "good"),
        Some(false) => Cell::mark(format!("未通过 {}", score.unwrap_or_default()).trim(), "over"),
    }
}

#[get("/trainings")]
pub async fn list_trainings(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let actor = visitor.caller.actor.clone();
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    let kind = query.one_of("kind", TrainingKind::from_id);
    query.finish()?;
    let asked = TrainingQuery {
        kind,
        after: page.after,
        limit: ROWS,
    };
    let (found, more) = trainings::list(&ctx, actor.clone(), asked).await?;
    let kind = kind.map(|k| k.id().to_owned());
    let next = found.last().filter(|_| more).map(|t| t.id.to_string());
    let table = Table {
        total: None,
        caption: "培训与考试".to_owned(),
        columns: vec![
            Column::text("名称"),
            Column::text("类别"),
            Column::text("日期"),
            Column::number("时长（分钟）"),
            Column::text("地点"),
            Column::text("组织单位"),
        ],
        rows: found.iter().map(row).collect(),
        empty: "没有培训或考试。".to_owned(),
        next: next.map(|n| address(PLACE, &[("kind", kind.clone()), ("after", Some(n))])),
        first: page.after.map(|_| address(PLACE, &[("kind", kind.clone())])),
        tick: None,
    };
    let mut sheet = Sheet::list(visitor.shell("培训").at(PLACE), table)
        .filtered(PLACE, vec![Field::select("kind", "类别", kinds()).maybe(kind)]);
    if policy::decide_registrars(&actor).is_ok() {
        sheet.acts.push(ActLink::new("登记培训或考试", "/trainings/new").main());
    }
    Ok(sheet.show())
}

fn row(training: &Training) -> Row {
    Row {
        key: training.id.to_string(),
        cells: vec![
            Cell::link(&training.title, address_of(training.id)),
            Cell::text(kind_label(training.kind)),
            Cell::text(training.held_on.to_string()),
            Cell::text(training.minutes.to_string()),
            Cell::text(training.place.as_deref().unwrap_or(NOTHING)),
            Cell::text(training.organiser.as_deref().unwrap_or(NOTHING)),
        ],
    }
}

fn new_page(visitor: &Visitor) -> Result<ActPage, Refusal> {
    policy::decide_registrars(&visitor.caller.actor).map_err(Error::from)?;
    let mut act = ActPage::new(visitor.shell("登记培训或考试").at(PLACE), "/trainings/new", PLACE);
    act.button = "登记".to_owned();
    act.consequences =
        vec!["登记后再填写参加人员；继续教育计入参加人本期学时，考试可作为发证依据。培训不能删除。".to_owned()];
    act.sets = vec![Fieldset::new(
        "",
        vec![
            Field::text("/title", "名称").required().focus(),
            Field::radios("/kind", "类别", kinds()).required(),
            Field::date("/held_on", "日期")
                .required()
                .help("第一天，不得晚于今天。"),
            Field::integer("/minutes", "时长（分钟）")
                .required()
                .help("一学时 45 分钟的，8 学时填 360。"),
            Field::text("/place", "地点").span(2),
            Field::text("/organiser", "组织单位").span(2),
        ],
    )];
    Ok(act)
}

fn recorded(view: &TrainingView) -> Result<StoredAnswer, Error> {
    kept(format!("{}?done=created", address_of(view.training.id)))
}

#[get("/trainings/new")]
pub async fn show_record(visitor: Visitor) -> Result<HttpResponse, Refusal> {
    Ok(new_page(&visitor)?.show())
}

#[post("/trainings/new")]
pub async fn record(ctx: web::Data<Context>, mut posted: Posted) -> Result<HttpResponse, Refusal> {
    let typed = &mut posted.typed;
    let input = NewTraining {
        kind: typed.text("/kind"),
        title: typed.text("/title"),
        held_on: typed.date("/held_on"),
        minutes: typed.integer("/minutes"),
        place: typed.text("/place"),
        organiser: typed.text("/organiser"),
    };
    let done = trainings::record(&ctx, posted.command(recorded), posted.typed.checked(input)).await;
    go_to_made(done, recorded, &posted.typed, async { new_page(&posted.visitor) }).await
}

#[get("/trainings/{id}")]
pub async fn show_training(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let actor = visitor.caller.actor.clone();
    let view = trainings::read(&ctx, actor.clone(), key(&path)?).await?;
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    query.finish()?;
    let training = &view.training;
    let mut sheet = Sheet::new(visitor.shell(&training.title).at(PLACE).done(done.as_deref()));
    if policy::decide_registrars(&actor).is_ok() {
        let to = format!("{}/participants", address_of(training.id));
        sheet.acts.push(ActLink::new("登记参加人员", to).main());
    }
    sheet.facts = vec![
        ("类别", Cell::text(kind_label(training.kind))),
        ("日期", Cell::text(training.held_on.to_string())),
        ("时长", Cell::text(format!("{} 分钟", training.minutes))),
        ("地点", Cell::text(training.place.as_deref().unwrap_or(NOTHING))),
        ("组织单位", Cell::text(training.organiser.as_deref().unwrap_or(NOTHING))),
        (
            "登记",
            Cell::text(format!(
                "{}，{}",
                visitor.names.of(&training.recorded_by),
                minute(training.recorded_at)
            )),
        ),
    ];
    let table = Table {
        caption: format!("参加人员 {} 人", view.participants.len()),
        columns: vec![
            Column::text("姓名"),
            Column::text("证书编号"),
            Column::text("登记机构"),
            Column::number("学时（分钟）"),
            Column::text("考试结果"),
        ],
        rows: view.participants.iter().map(participant).collect(),
        empty: "还没有登记参加人员。".to_owned(),
        ..Table::default()
    };
    sheet.sections = vec![Section::list("participants", "", table)];
    Ok(sheet.show())
}

fn participant(one: &Participant) -> Row {
    let part = &one.participation;
    let number = one.certificate_number.as_deref();
    Row {
        key: String::new(),
        cells: vec![
            Cell::text(&part.name),
            match number {
                Some(number) => Cell::link(number, registrars::address_of(number)),
                None => Cell::text(NOTHING),
            },
            Cell::text(&one.agency.name),
            Cell::text(part.minutes.to_string()),
            result(part),
        ],
    }
}

/// The fields of one participant, in the order in which they are typed.
const PARTS: [&str; 6] = ["certificate_number", "name", "agency", "minutes", "score", "passed"];

fn field_name(row: usize, part: &str) -> String {
    format!("/participants/{row}/{part}")
}

async fn participants_page(ctx: &Context, visitor: &Visitor, id: i64, rows: usize) -> Result<ActPage, Refusal> {
    let actor = &visitor.caller.actor;
    let training = trainings::read(ctx, actor.clone(), id).await?.training;
    policy::decide_registrars(actor).map_err(Error::from)?;
    let place = address_of(id);
    let mut act = ActPage::new(
        visitor.shell("登记参加人员").at(PLACE),
        format!("{place}/participants"),
        place,
    );
    act.button = "登记".to_owned();
    act.subject = vec![
        ("名称", training.title.clone()),
        ("类别", kind_label(training.kind).to_owned()),
        ("日期", training.held_on.to_string()),
        ("时长", format!("{} 分钟", training.minutes)),
    ];
    act.consequences = vec![
        "有证书的按编号、姓名或机构查找，填证书编号；没有证书的填姓名和登记机构。空行不登记。".to_owned(),
        "已登记过的人再次登记即为更正，原值留在登记账中。".to_owned(),
    ];
    act.proposals = Some(people::certificates(ctx, actor).await?);
    let agencies = registrars::agencies(ctx).await?;
    let examination = training.kind == TrainingKind::Examination;
    act.sets = (0..rows.clamp(FEWEST_ROWS, MOST_ROWS))
        .map(|row| {
            let mut fields = vec![
                people::certificate(field_name(row, "certificate_number"), "证书编号或姓名").span(1),
                Field::text(field_name(row, "name"), "姓名（无证书）").span(1),
                Field::select(field_name(row, "agency"), "登记机构（无证书）", agencies.clone()).span(1),
                Field::integer(field_name(row, "minutes"), "学时（分钟）").help("不填为全部。"),
            ];
            if examination {
                fields.push(Field::integer(field_name(row, "score"), "成绩"));
                let passed = vec![Choice::new("true", "通过"), Choice::new("false", "未通过")];
                fields.push(Field::select(field_name(row, "passed"), "结果", passed).span(1));
            }
            if row == 0 {
                fields = fields
                    .into_iter()
                    .enumerate()
                    .map(|(n, f)| if n == 0 { f.focus() } else { f })
                    .collect();
            }
            Fieldset::new(format!("第 {} 人", row + 1), fields)
        })
        .collect();
    Ok(act)
}

#[get("/trainings/{id}/participants")]
pub async fn show_participants(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    trainings::read(&ctx, visitor.caller.actor.clone(), id).await?;
    policy::decide_registrars(&visitor.caller.actor).map_err(Error::from)?;
    let mut query = Query::parse(request.query_string());
    let rows = query.integer("rows", 1..=50).and_then(|n| usize::try_from(n).ok());
    query.finish()?;
    Ok(participants_page(&ctx, &visitor, id, rows.unwrap_or(10)).await?.show())
}

/// The rows in which something was typed.
fn filled_rows(typed: &Typed) -> Vec<usize> {
    let filled = |row: &usize| PARTS.iter().any(|part| typed.text(&field_name(*row, part)).is_some());
    (0..MOST_ROWS).filter(filled).collect()
}

#[post("/trainings/{id}/participants")]
pub async fn add_participants(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let typed = &mut posted.typed;
    let shown = (0..MOST_ROWS)
        .filter(|row| typed.has(&field_name(*row, "name")))
        .count();
    let rows = filled_rows(typed);
    for row in &rows {
        let field = field_name(*row, "certificate_number");
        let Some(text) = typed.text(&field) else { continue };
        match people::certificate_of(&ctx, &posted.visitor.caller.actor, text).await? {
            Ok(number) => typed.set(&field, number),
            Err(detail) => typed.wrong(&field, "ambiguous", detail),
        }
    }
    let input: Vec<NewParticipant> = rows
        .iter()
        .map(|row| NewParticipant {
            certificate_number: typed.text(&field_name(*row, "certificate_number")),
            name: typed.text(&field_name(*row, "name")),
            agency: typed.text(&field_name(*row, "agency")),
            minutes: typed.integer(&field_name(*row, "minutes")),
            score: typed.integer(&field_name(*row, "score")),
            passed: typed.flag(&field_name(*row, "passed")),
        })
        .collect();
    let input = posted.typed.checked(input);
    let readable = input.is_ok();
    let done = trainings::add_participants(&ctx, posted.command(acted), id, input).await;
    // What cannot be read is told where it was typed already.
    let done = done.map_err(|error| if readable { in_rows(error, &rows) } else { error });
    let act = participants_page(&ctx, &posted.visitor, id, shown);
    go_to(
        done,
        &format!("{}?done=participants", address_of(id)),
        &posted.typed,
        act,
    )
    .await
}

/// Errors are told by the participant; on the page empty rows lie between them.
fn in_rows(error: Error, rows: &[usize]) -> Error {
    let Error::Invalid(errors) = error else {
        return error;
    };
    let there = |e: FieldError| {
        let mut parts = e.pointer.splitn(4, '/').skip(2);
        let row = parts
            .next()
            .and_then(|n| n.parse::<usize>().ok())
            .and_then(|n| rows.get(n));
        let pointer = match (row, parts.next()) {
            (Some(row), Some(part)) => field_name(*row, part),
            (Some(row), None) => field_name(*row, "certificate_number"),
            (None, _) => e.pointer.clone(),
        };
        FieldError { pointer, ..e }
    };
    Error::Invalid(errors.into_iter().map(there).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_in_the_row_that_was_typed() {
        let told = |pointer: &str| match in_rows(Error::invalid(pointer, "required", "…"), &[2, 5]) {
            Error::Invalid(errors) => errors[0].pointer.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(told("/participants/1/name"), "/participants/5/name");
        assert_eq!(told("/participants/0"), "/participants/2/certificate_number");
        assert_eq!(told("/participants"), "/participants");
    }
}
