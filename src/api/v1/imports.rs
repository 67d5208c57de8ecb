//! `/imports`, `/import-templates`.

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    get,
    http::header::{self, ContentEncoding},
    post,
    web::{self, Bytes},
};
use futures_util::stream;
use serde::Serialize;
use utoipa::ToSchema;

use super::{attachments::FileOut, contract_out::ChangeOut};
use crate::{
    api::{
        answer::{KeyPage, answer, key, stored, stored_version, versioned},
        extract::{Caller, Change},
        json::Document,
        openapi::Refusals,
        problem::Problem,
        upload::Upload,
    },
    domain::{interchange::Kind, time::Moment},
    http::{download::disposition, query::Query},
    usecases::{
        Context, Error, StoredAnswer,
        imports::{self, DifferenceView, ImportJob, StartInput, Verdict, WrongCell},
    },
};

/// Media type of XLSX.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A form with a file to be imported.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes what `Upload` reads")]
pub struct ImportIn {
    /// `register`, `registrars` (administrators), `follow-up`, `activities`, `reference` (statisticians).
    #[schema(example = "register")]
    kind: String,
    /// CSV (UTF-8, GB18030 or UTF-16) or XLSX, told apart by content.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// `true`: only check. Default `false`.
    dry_run: Option<String>,
    /// `true`: a row that differs from what is there replaces it. Default `false`: it is an error.
    update: Option<String>,
    /// Why records are to be corrected; entered in the ledger with every row.
    reason: Option<String>,
}

/// Why an import is approved (may be absent) or refused.
#[derive(Default, serde::Deserialize, ToSchema)]
#[serde(default)]
pub struct ImportDecisionIn {
    /// In words.
    reason: Option<String>,
}

impl Document for ImportDecisionIn {}

/// A wrong cell.
#[derive(Debug, Serialize, ToSchema)]
pub struct WrongCellOut {
    /// The sheet, where several of a workbook are read; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<String>,
    /// As the spreadsheet counts, the header being 1; 1 for what concerns the whole file.
    row: u32,
    /// The column's header; empty for what concerns the whole row or file.
    column: String,
    /// The beginning of what stands there.
    value: String,
    /// Stable id of the rule.
    code: String,
    detail: String,
}

/// An import, in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportSummaryOut {
    id: i64,
    /// `register`, `registrars`, `follow-up`, `activities`, `reference`.
    #[schema(example = "register")]
    kind: String,
    file_name: String,
    /// Whether the file is still kept.
    file_kept: bool,
    /// Username of who handed it in.
    username: String,
    dry_run: bool,
    update: bool,
    /// Why records are to be corrected, as given.
    reason: Option<String>,
    /// Rises with each preview and each decision: what `If-Match` must name.
    version: i64,
    /// `queued`, `running`, `awaiting_approval`, `done`, `failed`, `interrupted`, `refused`.
    #[schema(example = "running")]
    state: String,
    /// Rows of the file without its header; null until they were counted.
    rows_total: Option<i64>,
    rows_done: i64,
    /// Rows that were new; 0 until the import is done.
    added: i64,
    unchanged: i64,
    updated: i64,
    /// Of them those that change what was ever confirmed: a reviewer must approve them.
    to_approve: i64,
    /// Rows with something doubtful about them that is no error.
    flagged: i64,
    /// The reviewer's decision, where there is one.
    decision: Option<ImportDecisionOut>,
    /// Wrong cells, all of them.
    errors_total: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Moment>,
}

/// How a reviewer decided on an import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportDecisionOut {
    /// Username.
    by: String,
    #[schema(value_type = String, format = DateTime)]
    at: Moment,
    reason: Option<String>,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportOut {
    #[serde(flatten)]
    summary: ImportSummaryOut,
    /// The first 1000 wrong cells. Whoever may not read contracts is told those that tell of contracts in the register by their number,
    /// one a code.
    errors: Vec<WrongCellOut>,
    /// What a person should know of what was taken all the same, the first 200: hidden rows and sheets, rows that are no records,
    /// doubtful cells, new agencies.
    notices: Vec<WrongCellOut>,
}

/// What an import would change, or once approved changed, in a contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceOut {
    contract_id: i64,
    registration_number: Option<String>,
    project_name: Option<String>,
    /// Row of the file.
    row: u32,
    /// Whether it was ever confirmed, or would be.
    to_approve: bool,
    /// State before.
    from: String,
    /// State after.
    to: String,
    changes: Vec<ChangeOut>,
}

/// A page of differences.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferencePage {
    items: Vec<DifferenceOut>,
    /// To be given as `cursor`; null on the last page.
    next_cursor: Option<String>,
}

/// A page of imports.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportPage {
    items: Vec<ImportSummaryOut>,
    /// To be given as `cursor`; null on the last page.
    next_cursor: Option<String>,
}

impl From<WrongCell> for WrongCellOut {
    fn from(cell: WrongCell) -> Self {
        Self {
            sheet: cell.sheet,
            row: cell.row,
            column: cell.column,
            value: cell.value,
            code: cell.code,
            detail: cell.detail,
        }
    }
}

impl From<ImportJob> for ImportSummaryOut {
    fn from(job: ImportJob) -> Self {
        Self {
            id: job.id,
            kind: job.kind.id().to_owned(),
            file_name: job.file_name,
            file_kept: job.file_kept,
            username: job.username,
            dry_run: job.dry_run,
            update: job.update,
            reason: job.reason,
            version: job.version,
            state: job.state.id().to_owned(),
            rows_total: job.rows_total,
            rows_done: job.rows_done,
            added: job.added,
            unchanged: job.unchanged,
            updated: job.updated,
            to_approve: job.to_approve,
            decision: job.decision.map(|d| ImportDecisionOut {
                by: d.by,
                at: d.at,
                reason: d.reason,
            }),
            flagged: job.flagged,
            errors_total: job.errors_total,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
        }
    }
}

impl From<ImportJob> for ImportOut {
    fn from(mut job: ImportJob) -> Self {
        let out = |cells: Vec<WrongCell>| cells.into_iter().map(WrongCellOut::from).collect();
        let errors = out(std::mem::take(&mut job.errors));
        let notices = out(std::mem::take(&mut job.notices));
        Self {
            summary: job.into(),
            errors,
            notices,
        }
    }
}

impl From<DifferenceView> for DifferenceOut {
    fn from(view: DifferenceView) -> Self {
        let difference = view.difference;
        Self {
            contract_id: difference.contract_id,
            registration_number: view.registration_number,
            project_name: view.project_name,
            row: difference.row,
            to_approve: difference.to_approve,
            from: difference.from,
            to: difference.to,
            changes: difference.changes.into_iter().map(ChangeOut::from).collect(),
        }
    }
}

fn render_decided(job: &ImportJob) -> Result<StoredAnswer, Error> {
    stored_version(&ImportOut::from(job.clone()), job.version, 200, None)
}

fn render(job: &ImportJob) -> Result<StoredAnswer, Error> {
    let location = format!("/api/v1/imports/{}", job.id);
    stored(&ImportOut::from(job.clone()), 202, Some(location))
}

/// Hand in a file to be imported; it is imported in the background, one file after another, whole or not at all. What would change
/// anything that was ever confirmed waits for a reviewer first.
#[utoipa::path(tag = "imports", request_body(content = ImportIn, content_type = "multipart/form-data"),
    security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 202, body = ImportOut, headers(("Location" = String))), Refusals))]
#[post("/imports")]
pub async fn start_import(ctx: web::Data<Context>, upload: Upload) -> Result<HttpResponse, Problem> {
    let (command, mut form) = upload.into_parts(render);
    let input = StartInput {
        kind: form.text("kind"),
        dry_run: form.text("dry_run"),
        update: form.text("update"),
        reason: form.text("reason"),
        file: form.file(),
        wrong: form.wrong(),
    };
    answer(imports::start(&ctx, command, input).await?, render)
}

/// List the imports of the kinds that the caller may import (an auditor: all; a reviewer: those that wait or waited for one), the latest
/// first.
#[utoipa::path(tag = "imports", security(("bearer" = [])),
    params(("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = ImportPage), Refusals))]
#[get("/imports")]
pub async fn list_imports(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    let found = imports::list(&ctx, caller.0.actor, page.after, page.limit).await?;
    let (found, next_cursor) = page.cut(found, |job| job.id);
    Ok(HttpResponse::Ok().json(ImportPage {
        items: found.into_iter().map(ImportSummaryOut::from).collect(),
        next_cursor,
    }))
}

/// Read one import: how far it is, what it did, what is wrong with the file.
#[utoipa::path(tag = "imports", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = ImportOut), Refusals))]
#[get("/imports/{id}")]
pub async fn read_import(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = imports::read(&ctx, caller.0.actor, key(&path)?).await?;
    let version = view.job.version;
    Ok(versioned(&ImportOut::from(view.job), version))
}

/// List what an import that waits for a reviewer would change, contract by contract; once approved, what it changed. For whoever may
/// read contracts.
#[utoipa::path(tag = "imports", security(("bearer" = [])),
    params(("id" = i64, Path), ("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = DifferencePage), Refusals))]
#[get("/imports/{id}/differences")]
pub async fn list_import_differences(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let id = key(&path)?;
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    let found = imports::differences(&ctx, caller.0.actor, id, page.after, page.limit).await?;
    let (found, next_cursor) = page.cut(found, |view| view.position);
    Ok(HttpResponse::Ok().json(DifferencePage {
        items: found.into_iter().map(DifferenceOut::from).collect(),
        next_cursor,
    }))
}

/// Approve an import that waits for it: the file is imported, where it still does what was previewed.
#[utoipa::path(tag = "imports", request_body = ImportDecisionIn, security(("bearer" = [])),
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "\"<version>\" of the import"),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = ImportOut, headers(("ETag" = String))), Refusals))]
#[post("/imports/{id}/approve")]
pub async fn approve_import(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ImportDecisionIn>,
) -> Result<HttpResponse, Problem> {
    decide(&ctx, &path, change, Verdict::Approve).await
}

/// Refuse an import that waits for approval, for a reason: nothing of the file goes in.
#[utoipa::path(tag = "imports", request_body = ImportDecisionIn, security(("bearer" = [])),
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "\"<version>\" of the import"),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = ImportOut, headers(("ETag" = String))), Refusals))]
#[post("/imports/{id}/refuse")]
pub async fn refuse_import(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ImportDecisionIn>,
) -> Result<HttpResponse, Problem> {
    decide(&ctx, &path, change, Verdict::Refuse).await
}

async fn decide(
    ctx: &Context,
    path: &str,
    change: Change<ImportDecisionIn>,
    verdict: Verdict,
) -> Result<HttpResponse, Problem> {
    let id = key(path)?;
    let (command, body) = change.into_parts(render_decided);
    let done = imports::decide(ctx, command, id, verdict, body.map(|b| b.reason)).await?;
    answer(done, render_decided)
}

/// The file of an import that failed, as XLSX with its wrong cells marked.
#[utoipa::path(tag = "imports", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200,
        content((FileOut = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), Refusals))]
#[get("/imports/{id}/errors.xlsx")]
pub async fn read_import_errors(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let file = imports::marked_file(&ctx, caller.0.actor, key(&path)?).await?;
    let pieces = stream::try_unfold(file.content, |content| async {
        let next = content.next().await?;
        Ok::<_, Error>(next.map(|(piece, rest)| (Bytes::from(piece), rest)))
    });
    Ok(HttpResponse::Ok()
        .content_type(XLSX)
        .insert_header((header::CONTENT_DISPOSITION, disposition(false, &file.file_name)))
        .insert_header(ContentEncoding::Identity)
        .body(SizedStream::new(file.size, pieces)))
}

/// The empty form of a kind of file, with drop-downs and notes.
#[utoipa::path(tag = "imports", security(("bearer" = [])),
    params(("kind" = String, Path, description = "`register`, `registrars`, `follow-up`, `activities`, `reference`")),
    responses((status = 200,
        content((FileOut = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), Refusals))]
#[get("/import-templates/{kind}.xlsx")]
pub async fn read_import_template(
    ctx: web::Data<Context>,
    _caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let kind = Kind::from_id(&path).ok_or(Error::NotFound)?;
    let bytes = imports::template(&ctx, kind).await?;
    let file_name = format!("{}导入模板.xlsx", kind.label());
    Ok(HttpResponse::Ok()
        .content_type(XLSX)
        .insert_header((header::CONTENT_DISPOSITION, disposition(false, &file_name)))
        .body(bytes))
}
