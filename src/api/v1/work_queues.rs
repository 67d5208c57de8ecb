//! `/work-queues`: what waits for the caller, and handing work over. The contracts of a queue: `GET /contracts?queue=<id>`.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        answer::{answer, stored},
        extract::{Caller, Change},
        json::Document,
        openapi::Refusals,
        problem::Problem,
    },
    usecases::{
        Context, Error, StoredAnswer,
        work_queues::{self, Counted, HandOver, HandedOver},
    },
};

/// A work queue of the caller's.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkQueueOut {
    /// To be given as `queue` to `GET /contracts`.
    #[schema(example = "unclaimed")]
    id: String,
    title: String,
    /// Contracts in it, 10,000 at most.
    contracts: i64,
    /// Whether there are more than that.
    more: bool,
}

impl From<Counted> for WorkQueueOut {
    fn from(counted: Counted) -> Self {
        Self {
            id: counted.queue.id().to_owned(),
            title: counted.queue.title().to_owned(),
            contracts: counted.contracts,
            more: counted.more,
        }
    }
}

/// The caller's work queues: none for who has no role with such work.
#[utoipa::path(tag = "work-queues", security(("bearer" = [])),
    responses((status = 200, body = [WorkQueueOut]), Refusals))]
#[get("/work-queues")]
pub async fn list_work_queues(ctx: web::Data<Context>, caller: Caller) -> Result<HttpResponse, Problem> {
    let counted = work_queues::counts(&ctx, caller.0.actor).await?;
    Ok(HttpResponse::Ok().json(counted.into_iter().map(WorkQueueOut::from).collect::<Vec<_>>()))
}

/// What is handed over, and to whom.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct HandOverIn {
    /// Name of the reviewer who receives it.
    to: Option<String>,
    reason: Option<String>,
    /// Keys of 1–1000 contracts; absent where `all` is true.
    contracts: Option<Vec<i64>>,
    /// Everything that the caller has under review.
    all: Option<bool>,
}

impl Document for HandOverIn {
    const ARRAYS: &'static [&'static str] = &["/contracts"];
}

/// What was handed over.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandedOverOut {
    to: String,
    contracts: Vec<HandedOverContractOut>,
}

/// A contract that was handed over.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandedOverContractOut {
    id: i64,
    /// Its new version.
    version: i64,
}

fn render(done: &HandedOver) -> Result<StoredAnswer, Error> {
    let contracts = done.contracts.iter();
    let out = HandedOverOut {
        to: done.to.clone(),
        contracts: contracts
            .map(|(id, version)| HandedOverContractOut {
                id: *id,
                version: *version,
            })
            .collect(),
    };
    stored(&out, 200, None)
}

/// Hand claimed contracts to another reviewer, all of them or none.
#[utoipa::path(tag = "work-queues", request_body = HandOverIn, security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = HandedOverOut), Refusals))]
#[post("/work-queues/hand-over")]
pub async fn hand_over_work(ctx: web::Data<Context>, change: Change<HandOverIn>) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render);
    let input = body.map(|b| HandOver {
        to: b.to,
        reason: b.reason,
        contracts: b.contracts,
        all: b.all,
    });
    answer(work_queues::hand_over(&ctx, command, input).await?, render)
}
