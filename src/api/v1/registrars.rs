//! `/registrars`: registrar certificates.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{acts::ReasonIn, trainings::TrainingOut};
use crate::{
    api::{
        answer::{KeyPage, answer, stored},
        extract::{Caller, Change},
        json::Document,
        openapi::Refusals,
        problem::Problem,
    },
    domain::{
        account::CertificateState,
        contract::Agency,
        registrar::{Period, Suspension},
        time::{Date, Moment},
    },
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        registrars::{self, NewRegistrar, NewSuspension, RegistrarQuery, RegistrarView, Reminder, Renewal, Summary},
        trainings::Participation,
    },
};

/// A page of registrar certificates.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrarPage {
    items: Vec<RegistrarSummaryOut>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

/// The agency of a registrar.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrarAgencyOut {
    /// Six digits; null where history names the agency without a code.
    code: Option<String>,
    name: String,
}

impl From<Agency> for RegistrarAgencyOut {
    fn from(agency: Agency) -> Self {
        Self {
            code: agency.code,
            name: agency.name,
        }
    }
}

/// A registrar certificate in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrarSummaryOut {
    certificate_number: String,
    name: String,
    agency: RegistrarAgencyOut,
    /// Name of the account that holds it.
    account: Option<String>,
    /// How it stands today: `not_yet_valid`, `valid`, `suspended`, `expired`.
    #[schema(example = "valid")]
    state: String,
    issued_on: Date,
    /// Last day of validity; null where it does not run out.
    valid_until: Option<Date>,
    /// Days left, today not counted; negative once it has run out.
    days_left: Option<i64>,
    last_training_on: Option<Date>,
}

impl From<Summary> for RegistrarSummaryOut {
    fn from(summary: Summary) -> Self {
        let registrar = summary.listed.registrar;
        Self {
            certificate_number: registrar.certificate.number,
            name: registrar.name,
            agency: summary.listed.agency.into(),
            account: summary.listed.account,
            state: summary.state.id().to_owned(),
            issued_on: registrar.certificate.issued_on,
            valid_until: registrar.certificate.valid_until,
            days_left: summary.days_left,
            last_training_on: registrar.last_training_on,
        }
    }
}

/// A registrar certificate with its history.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrarOut {
    #[serde(flatten)]
    summary: RegistrarSummaryOut,
    /// Stretches of validity, oldest first.
    periods: Vec<PeriodOut>,
    /// Suspensions, oldest first.
    suspensions: Vec<SuspensionOut>,
    /// Reminders given before it runs out, oldest first.
    reminders: Vec<ReminderOut>,
    /// Minutes of continuing education credited since the last period began.
    continuing_minutes: i64,
    /// Minutes of continuing education that its renewal demands.
    demanded_minutes: i64,
    /// What is to be said about the rules that hold for it.
    notices: Vec<String>,
}

/// A stretch of validity, first and last day included.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeriodOut {
    from_on: Date,
    until_on: Option<Date>,
}

impl From<Period> for PeriodOut {
    fn from(period: Period) -> Self {
        Self {
            from_on: period.from_on,
            until_on: period.until_on,
        }
    }
}

/// A suspension.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuspensionOut {
    from_on: Date,
    /// Last day; null until it is lifted.
    until_on: Option<Date>,
    reason: String,
    #[schema(value_type = String, format = DateTime)]
    suspended_at: Moment,
    suspended_by: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    lifted_at: Option<Moment>,
    lifted_by: Option<String>,
    lift_reason: Option<String>,
}

impl From<Suspension> for SuspensionOut {
    fn from(s: Suspension) -> Self {
        Self {
            from_on: s.from_on,
            until_on: s.until_on,
            reason: s.reason,
            suspended_at: s.suspended_at,
            suspended_by: s.suspended_by,
            lifted_at: s.lifted_at,
            lifted_by: s.lifted_by,
            lift_reason: s.lift_reason,
        }
    }
}

/// A reminder that was given.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReminderOut {
    /// The last day it reminded of.
    valid_until: Date,
    /// The threshold reached, in days before.
    days: i64,
    reminded_on: Date,
}

impl From<Reminder> for ReminderOut {
    fn from(reminder: Reminder) -> Self {
        Self {
            valid_until: reminder.valid_until,
            days: reminder.days,
            reminded_on: reminder.reminded_on,
        }
    }
}

impl From<RegistrarView> for RegistrarOut {
    fn from(view: RegistrarView) -> Self {
        Self {
            summary: view.summary.into(),
            periods: view.history.periods.into_iter().map(PeriodOut::from).collect(),
            suspensions: view.history.suspensions.into_iter().map(SuspensionOut::from).collect(),
            reminders: view.reminders.into_iter().map(ReminderOut::from).collect(),
            continuing_minutes: view.continuing_minutes,
            demanded_minutes: view.demanded_minutes,
            notices: view.notices,
        }
    }
}

/// A certificate to be issued.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct RegistrarIn {
    /// 1–32 letters, digits and `-`.
    #[schema(example = "DJY6620260080")]
    certificate_number: Option<String>,
    name: Option<String>,
    /// Code of the agency.
    #[schema(example = "660008")]
    agency: Option<String>,
    /// Today where absent; not later.
    issued_on: Option<Date>,
    /// By the settings where absent.
    valid_until: Option<Date>,
    /// Key of the examination that the person passed.
    examination_id: Option<i64>,
}

impl Document for RegistrarIn {}

/// A suspension to be made.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct SuspendIn {
    reason: Option<String>,
    /// Today where absent; not earlier.
    from_on: Option<Date>,
    /// Last day; without end where absent.
    until_on: Option<Date>,
}

impl Document for SuspendIn {}

/// A renewal.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct RenewIn {
    /// The new last day; by the settings where absent.
    valid_until: Option<Date>,
    reason: Option<String>,
}

impl Document for RenewIn {}

/// Filters and place of a list of certificates.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only documents the parameters; `list_registrars` reads them")]
pub struct RegistrarListParams {
    /// How it stands today: `not_yet_valid`, `valid`, `suspended` or `expired`.
    state: Option<String>,
    /// Code of the agency.
    agency: Option<String>,
    /// Runs out within so many days, 0–3650; today counts.
    expiring_within: Option<i64>,
    /// 1–100, default 20.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

fn render_changed(view: &RegistrarView) -> Result<StoredAnswer, Error> {
    stored(&RegistrarOut::from(view.clone()), 200, None)
}

fn render_issued(view: &RegistrarView) -> Result<StoredAnswer, Error> {
    let number = &view.summary.listed.registrar.certificate.number;
    let location = format!("/api/v1/registrars/{number}");
    stored(&RegistrarOut::from(view.clone()), 201, Some(location))
}

/// List the registrar certificates that the caller may see, in the order of entry.
#[utoipa::path(tag = "registrars", security(("bearer" = [])), params(RegistrarListParams),
    responses((status = 200, body = RegistrarPage), Refusals))]
#[get("/registrars")]
pub async fn list_registrars(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut query = Query::parse(request.query_string());
    let state = query.one_of("state", CertificateState::from_id);
    let KeyPage { after, limit } = KeyPage::read(&mut query);
    let asked = RegistrarQuery {
        number: None,
        text: None,
        state,
        agency_code: query.text("agency"),
        expiring_within: query.integer("expiring_within", 0..=3650),
        after,
        limit,
    };
    query.finish().map_err(Problem::invalid)?;
    let (found, more) = registrars::list(&ctx, caller.0.actor, asked).await?;
    let last = found.last().filter(|_| more).map(|s| s.listed.registrar.id);
    Ok(HttpResponse::Ok().json(RegistrarPage {
        next_cursor: last.map(KeyPage::cursor),
        items: found.into_iter().map(RegistrarSummaryOut::from).collect(),
    }))
}

/// Issue a registrar certificate.
#[utoipa::path(tag = "registrars", request_body = RegistrarIn, security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = RegistrarOut, headers(("Location" = String))), Refusals))]
#[post("/registrars")]
pub async fn issue_registrar(ctx: web::Data<Context>, change: Change<RegistrarIn>) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_issued);
    let input = body.map(|b| NewRegistrar {
        certificate_number: b.certificate_number,
        name: b.name,
        agency: b.agency,
        issued_on: b.issued_on,
        valid_until: b.valid_until,
        examination_id: b.examination_id,
    });
    answer(registrars::issue(&ctx, command, input).await?, render_issued)
}

/// Read one registrar certificate with its history.
#[utoipa::path(tag = "registrars", security(("bearer" = [])), params(("certificate_number" = String, Path)),
    responses((status = 200, body = RegistrarOut), Refusals))]
#[get("/registrars/{certificate_number}")]
pub async fn read_registrar(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = registrars::read(&ctx, caller.0.actor, path.into_inner()).await?;
    Ok(HttpResponse::Ok().json(RegistrarOut::from(view)))
}

macro_rules! registrar_action {
    ($(#[doc = $doc:literal])* $path:literal, $name:ident, $body:ty, |$ctx:ident, $command:ident, $number:ident, $input:ident| $call:expr) => {
        $(#[doc = $doc])*
        #[utoipa::path(tag = "registrars", request_body = $body, security(("bearer" = [])),
            params(("certificate_number" = String, Path),
                ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
            responses((status = 200, body = RegistrarOut), Refusals))]
        #[post($path)]
        pub async fn $name(
            $ctx: web::Data<Context>,
            path: web::Path<String>,
            change: Change<$body>,
        ) -> Result<HttpResponse, Problem> {
            let $number = path.into_inner();
            let ($command, $input) = change.into_parts(render_changed);
            answer($call.await?, render_changed)
        }
    };
}

registrar_action!(
    /// Suspend a certificate: it gives no right to submit.
    "/registrars/{certificate_number}/suspend", suspend_registrar, SuspendIn, |ctx, command, number, body| {
        registrars::suspend(&ctx, command, number, body.map(|b| NewSuspension {
            reason: b.reason,
            from_on: b.from_on,
            until_on: b.until_on,
        }))
    }
);

registrar_action!(
    /// Lift the suspension of a certificate.
    "/registrars/{certificate_number}/lift", lift_registrar_suspension, ReasonIn, |ctx, command, number, body| {
        registrars::lift(&ctx, command, number, body.map(|b| b.reason))
    }
);

registrar_action!(
    /// Renew a certificate: in time without a gap, afterwards from today on.
    "/registrars/{certificate_number}/renew", renew_registrar, RenewIn, |ctx, command, number, body| {
        registrars::renew(&ctx, command, number, body.map(|b| Renewal {
            valid_until: b.valid_until,
            reason: b.reason,
        }))
    }
);

/// A page of what a registrar took part in.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrarTrainingPage {
    items: Vec<RegistrarTrainingOut>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

/// A registrar's part in a training.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrarTrainingOut {
    training: TrainingOut,
    /// Minutes credited.
    minutes: i64,
    /// Points of an examination.
    score: Option<i64>,
    /// Whether an examination was passed.
    passed: Option<bool>,
}

/// List the trainings that a registrar took part in.
#[utoipa::path(tag = "registrars", security(("bearer" = [])),
    params(("certificate_number" = String, Path),
        ("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = RegistrarTrainingPage), Refusals))]
#[get("/registrars/{certificate_number}/trainings")]
pub async fn list_registrar_trainings(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut query = Query::parse(request.query_string());
    let KeyPage { after, limit } = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    let (found, more) = registrars::trainings_of(&ctx, caller.0.actor, path.into_inner(), after, limit).await?;
    let last = found.last().filter(|_| more).map(|(training, _)| training.id);
    let items = found.into_iter().map(|(training, part)| {
        let Participation {
            minutes, score, passed, ..
        } = part;
        RegistrarTrainingOut {
            training: training.into(),
            minutes,
            score,
            passed,
        }
    });
    Ok(HttpResponse::Ok().json(RegistrarTrainingPage {
        next_cursor: last.map(KeyPage::cursor),
        items: items.collect(),
    }))
}
