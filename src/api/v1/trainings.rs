//! `/trainings`: trainings and examinations of registrars.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::registrars::RegistrarAgencyOut;
use crate::{
    api::{
        answer::{KeyPage, answer, key, stored},
        extract::{Caller, Change},
        json::Document,
        openapi::Refusals,
        problem::Problem,
    },
    domain::{
        registrar::TrainingKind,
        time::{Date, Moment},
    },
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        trainings::{self, NewParticipant, NewTraining, Participant, Training, TrainingQuery, TrainingView},
    },
};

/// A page of trainings.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrainingPage {
    items: Vec<TrainingOut>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

/// A training.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrainingOut {
    id: i64,
    /// `initial`, `continuing` or `examination`.
    #[schema(example = "continuing")]
    kind: String,
    title: String,
    held_on: Date,
    /// Length in minutes.
    minutes: i64,
    place: Option<String>,
    organiser: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Moment,
    recorded_by: String,
}

impl From<Training> for TrainingOut {
    fn from(training: Training) -> Self {
        Self {
            id: training.id,
            kind: training.kind.id().to_owned(),
            title: training.title,
            held_on: training.held_on,
            minutes: training.minutes,
            place: training.place,
            organiser: training.organiser,
            recorded_at: training.recorded_at,
            recorded_by: training.recorded_by,
        }
    }
}

/// A training with those who took part, as far as the caller may see them.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrainingDetailOut {
    #[serde(flatten)]
    training: TrainingOut,
    participants: Vec<ParticipantOut>,
}

/// Someone who took part.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParticipantOut {
    /// Null for someone who held no certificate then.
    certificate_number: Option<String>,
    name: String,
    agency: RegistrarAgencyOut,
    /// Minutes credited.
    minutes: i64,
    /// Points of an examination.
    score: Option<i64>,
    /// Whether an examination was passed.
    passed: Option<bool>,
}

impl From<Participant> for ParticipantOut {
    fn from(participant: Participant) -> Self {
        let row = participant.participation;
        Self {
            certificate_number: participant.certificate_number,
            name: row.name,
            agency: participant.agency.into(),
            minutes: row.minutes,
            score: row.score,
            passed: row.passed,
        }
    }
}

impl From<TrainingView> for TrainingDetailOut {
    fn from(view: TrainingView) -> Self {
        Self {
            training: view.training.into(),
            participants: view.participants.into_iter().map(ParticipantOut::from).collect(),
        }
    }
}

/// A training to be recorded.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct TrainingIn {
    /// `initial`, `continuing` or `examination`.
    #[schema(example = "continuing")]
    kind: Option<String>,
    /// Up to 200 characters.
    title: Option<String>,
    /// Not in the future.
    held_on: Option<Date>,
    /// Length in minutes, 1–60000.
    minutes: Option<i64>,
    place: Option<String>,
    organiser: Option<String>,
}

impl Document for TrainingIn {}

/// Who took part.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ParticipantsIn {
    /// 1–500.
    participants: Option<Vec<ParticipantIn>>,
}

impl Document for ParticipantsIn {
    const ARRAYS: &'static [&'static str] = &["/participants"];
}

/// Someone who took part: by certificate, or by name and agency.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ParticipantIn {
    certificate_number: Option<String>,
    name: Option<String>,
    /// Code of the agency.
    agency: Option<String>,
    /// Minutes credited, 0 to the training's; all of them where absent.
    minutes: Option<i64>,
    /// Points of an examination, 0–1000.
    score: Option<i64>,
    /// Whether an examination was passed; required there, absent elsewhere.
    passed: Option<bool>,
}

fn render_recorded(view: &TrainingView) -> Result<StoredAnswer, Error> {
    let location = format!("/api/v1/trainings/{}", view.training.id);
    stored(&TrainingDetailOut::from(view.clone()), 201, Some(location))
}

fn render_changed(view: &TrainingView) -> Result<StoredAnswer, Error> {
    stored(&TrainingDetailOut::from(view.clone()), 200, None)
}

/// List the trainings that the caller may see, in the order of entry.
#[utoipa::path(tag = "trainings", security(("bearer" = [])),
    params(("kind" = Option<String>, Query, description = "`initial`, `continuing` or `examination`"),
        ("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = TrainingPage), Refusals))]
#[get("/trainings")]
pub async fn list_trainings(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut query = Query::parse(request.query_string());
    let kind = query.one_of("kind", TrainingKind::from_id);
    let KeyPage { after, limit } = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    let asked = TrainingQuery { kind, after, limit };
    let (found, more) = trainings::list(&ctx, caller.0.actor, asked).await?;
    let last = found.last().filter(|_| more).map(|t| t.id);
    Ok(HttpResponse::Ok().json(TrainingPage {
        next_cursor: last.map(KeyPage::cursor),
        items: found.into_iter().map(TrainingOut::from).collect(),
    }))
}

/// Record a training or an examination.
#[utoipa::path(tag = "trainings", request_body = TrainingIn, security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = TrainingDetailOut, headers(("Location" = String))), Refusals))]
#[post("/trainings")]
pub async fn record_training(ctx: web::Data<Context>, change: Change<TrainingIn>) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_recorded);
    let input = body.map(|b| NewTraining {
        kind: b.kind,
        title: b.title,
        held_on: b.held_on,
        minutes: b.minutes,
        place: b.place,
        organiser: b.organiser,
    });
    answer(trainings::record(&ctx, command, input).await?, render_recorded)
}

/// Read one training with those who took part.
#[utoipa::path(tag = "trainings", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = TrainingDetailOut), Refusals))]
#[get("/trainings/{id}")]
pub async fn read_training(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = trainings::read(&ctx, caller.0.actor, key(&path)?).await?;
    Ok(HttpResponse::Ok().json(TrainingDetailOut::from(view)))
}

/// Enter who took part in a training; who is there already is corrected.
#[utoipa::path(tag = "trainings", request_body = ParticipantsIn, security(("bearer" = [])),
    params(("id" = i64, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = TrainingDetailOut), Refusals))]
#[post("/trainings/{id}/participants")]
pub async fn add_training_participants(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ParticipantsIn>,
) -> Result<HttpResponse, Problem> {
    let id = key(&path)?;
    let (command, body) = change.into_parts(render_changed);
    let input = body.map(|b| {
        let participants = b.participants.unwrap_or_default().into_iter();
        participants
            .map(|p| NewParticipant {
                certificate_number: p.certificate_number,
                name: p.name,
                agency: p.agency,
                minutes: p.minutes,
                score: p.score,
                passed: p.passed,
            })
            .collect()
    });
    answer(
        trainings::add_participants(&ctx, command, id, input).await?,
        render_changed,
    )
}
