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

use super::attachments::FileOut;
use crate::{
    api::{
        answer::{KeyPage, answer, key, stored},
        extract::Caller,
        openapi::Refusals,
        problem::Problem,
        upload::Upload,
    },
    domain::{interchange::Kind, time::Moment},
    http::{download::disposition, query::Query},
    usecases::{
        Context, Error, StoredAnswer,
        imports::{self, ImportJob, StartInput, WrongCell},
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
}

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
    /// `queued`, `running`, `done`, `failed`, `interrupted`.
    #[schema(example = "running")]
    state: String,
    /// Rows of the file without its header; null until they were counted.
    rows_total: Option<i64>,
    rows_done: i64,
    /// Rows that were new; 0 until the import is done.
    added: i64,
    unchanged: i64,
    updated: i64,
    /// Rows with something doubtful about them that is no error.
    flagged: i64,
    /// Wrong cells, all of them.
    errors_total: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Moment>,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportOut {
    #[serde(flatten)]
    summary: ImportSummaryOut,
    /// The first 1000 wrong cells.
    errors: Vec<WrongCellOut>,
    /// What a person should know of what was taken all the same, the first 200: hidden rows and sheets, rows that are no records,
    /// doubtful cells, new agencies.
    notices: Vec<WrongCellOut>,
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
            state: job.state.id().to_owned(),
            rows_total: job.rows_total,
            rows_done: job.rows_done,
            added: job.added,
            unchanged: job.unchanged,
            updated: job.updated,
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

fn render(job: &ImportJob) -> Result<StoredAnswer, Error> {
    let location = format!("/api/v1/imports/{}", job.id);
    stored(&ImportOut::from(job.clone()), 202, Some(location))
}

/// Hand in a file to be imported; it is imported in the background, one file after another, whole or not at all.
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
        file: form.file(),
        wrong: form.wrong(),
    };
    answer(imports::start(&ctx, command, input).await?, render)
}

/// List the imports of the kinds that the caller may import (an auditor: all), the latest first.
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
    Ok(HttpResponse::Ok().json(ImportOut::from(view.job)))
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
