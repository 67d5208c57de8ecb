//! 封账: what must be in order before a year is closed, and closing it.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use super::{
    frame::Frame,
    scope::{Scope, year_of},
};
use crate::{
    domain::{error::FieldError, policy},
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        statistics::{
            self,
            checklist::{self, Item, Outcome},
            close::{self, CloseInput, OverrideInput},
            editions::EditionView,
        },
    },
    web::{
        act::Problem,
        field::{Field, Fieldset, refill},
        posted::{Posted, Typed, kept, location},
        refusal::{Refusal, errors_of, redirect, status_of},
        shell::{Shell, page},
        show::minute,
        table::Cell,
        visitor::Visitor,
    },
};

/// What names of the fields for reasons begin with; errors name the items so, too.
const REASONS: &str = "/checklist/";

#[derive(Template)]
#[template(path = "statistics/close.html")]
struct ClosePage {
    shell: Shell,
    frame: Frame,
    year: i32,
    at: String,
    next: i64,
    items: Vec<ItemView>,
    /// Why the year cannot be closed on this page; none where it can.
    barred: Option<&'static str>,
    problem: Option<Problem>,
    sets: Vec<Fieldset>,
}

struct ItemView {
    label: String,
    mark: Cell,
    problems: Vec<String>,
    overridable: bool,
}

impl ItemView {
    fn of(item: &Item) -> Self {
        let mark = match item.outcome {
            Outcome::Passed => Cell::mark("符合", "good"),
            Outcome::Failed => Cell::mark("不符合", "bad"),
            Outcome::NotApplicable => Cell::mark("不适用", "plain"),
        };
        Self {
            label: item.label.clone(),
            mark,
            problems: item.problems.clone(),
            overridable: item.overridable && item.outcome == Outcome::Failed,
        }
    }
}

async fn closing(ctx: &Context, visitor: &Visitor, year: i32) -> Result<ClosePage, Refusal> {
    statistics::may_read(&visitor.caller.actor)?;
    let (items, next, at) = checklist::read(ctx, year).await?;
    let failed = |item: &&Item| item.outcome == Outcome::Failed;
    let barred = if policy::decide_close_year(&visitor.caller.actor).is_err() {
        Some("封账由统计人员办理。")
    } else if items.iter().filter(failed).any(|item| !item.overridable) {
        Some("上列检查中有一项不符合，且不能以说明代替，现在不能封账。")
    } else {
        None
    };
    let mut fields: Vec<Field> = items
        .iter()
        .filter(failed)
        .map(|item| {
            Field::area(
                format!("{REASONS}{}", item.id),
                format!("“{}”不符合的说明", item.label),
                2,
            )
            .required()
            .help("写明为什么可以照现状封账；说明随版次公布，记入登记账。")
        })
        .collect();
    let note = Field::area("/note", "封账说明", 2);
    fields.push(if next > 1 {
        note.required().help("再次封账须说明原因，例如更正了哪些数据。")
    } else {
        note.help("可不填，例如“2025 年年报定稿”。")
    });
    Ok(ClosePage {
        frame: Frame::around(ctx, visitor, &Scope::year(year), "/close").await?,
        shell: visitor.shell(&format!("{year} 年封账")).at("/statistics"),
        year,
        at: minute(at),
        next,
        items: items.iter().map(ItemView::of).collect(),
        barred,
        problem: None,
        sets: vec![Fieldset::new("", fields)],
    })
}

#[get("/statistics/{year}/close")]
pub async fn show_closing(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let year = year_of(&path)?;
    Query::parse(request.query_string()).finish()?;
    Ok(page(
        actix_web::http::StatusCode::OK,
        &closing(&ctx, &visitor, year).await?,
    ))
}

fn render(view: &EditionView) -> Result<StoredAnswer, Error> {
    kept(format!("/statistics/{}/editions?done=closed", view.year))
}

/// Items with a reason, in the order of the form.
fn overrides(typed: &Typed) -> Vec<OverrideInput> {
    let reason = |(name, reason): (&str, &str)| {
        let item = name.strip_prefix(REASONS)?;
        (!reason.trim().is_empty()).then(|| OverrideInput {
            item: Some(item.to_owned()),
            reason: Some(reason.trim().to_owned()),
        })
    };
    typed.fields().filter_map(reason).collect()
}

/// Errors by the number of an override, as errors of the field in which its reason was typed.
fn of_fields(error: Error, overrides: &[Option<String>]) -> Error {
    let place = |pointer: &str| {
        let number = pointer.strip_prefix("/overrides/")?.split('/').next()?;
        let item = overrides.get(number.parse::<usize>().ok()?)?.as_deref()?;
        Some(format!("{REASONS}{item}"))
    };
    match error {
        Error::Invalid(errors) => {
            let named = |error: FieldError| FieldError {
                pointer: place(&error.pointer).unwrap_or(error.pointer),
                ..error
            };
            Error::Invalid(errors.into_iter().map(named).collect())
        }
        other => other,
    }
}

#[post("/statistics/{year}/close")]
pub async fn close_year(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let year = year_of(&path)?;
    let input = CloseInput {
        note: posted.typed.text("/note"),
        overrides: overrides(&posted.typed),
    };
    let named: Vec<Option<String>> = input.overrides.iter().map(|o| o.item.clone()).collect();
    match close::close(&ctx, posted.command(render), year, posted.typed.checked(input)).await {
        Ok(answer) => Ok(redirect(&location(&answer, render)?)),
        Err(error) => {
            let error = of_fields(error, &named);
            if matches!(error, Error::Unauthenticated | Error::NotFound | Error::Forbidden(_)) {
                return Err(error.into());
            }
            error.log();
            let mut again = closing(&ctx, &posted.visitor, year).await?;
            refill(&mut again.sets, &posted.typed, &errors_of(&error));
            again.problem = Some(Problem::of(&error, &again.sets));
            Ok(page(status_of(&error).0, &again))
        }
    }
}
