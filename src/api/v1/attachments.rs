//! `/contracts/{id}/attachments`.

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    delete, get,
    http::header::{self, ContentEncoding},
    post,
    web::{self, Bytes},
};
use futures_util::stream;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        answer::{KeyPage, answer, key},
        extract::{Caller, Change},
        json::Document,
        openapi::Refusals,
        problem::Problem,
        upload::Upload,
    },
    domain::time::Moment,
    http::download::disposition,
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        attachments::{
            Attachment, Command,
            attach::{AttachInput, Attached, attach},
            detach::detach,
            list, open,
        },
    },
};

/// A form with a file.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes what `Upload` reads")]
pub struct AttachIn {
    /// Code list `attachment_kind`.
    #[schema(example = "contract_text")]
    kind: String,
    /// PDF, JPEG, PNG, TIFF, DOCX, XLSX or OFD; the name's ending and the content agree.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A file's content.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes an answer that is no JSON")]
pub struct FileOut(Vec<u8>);

/// Nothing.
#[derive(Clone, Default, serde::Deserialize)]
pub struct RemoveIn {}

impl Document for RemoveIn {}

/// An attachment of a contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentOut {
    id: i64,
    contract_id: i64,
    /// Code list `attachment_kind`.
    kind: String,
    file_name: String,
    /// By the content.
    media_type: &'static str,
    /// Bytes.
    size: i64,
    /// Lower-case hex of SHA-256 of the content.
    sha256: String,
    /// Username.
    added_by: String,
    #[schema(value_type = String, format = DateTime)]
    added_at: Moment,
}

/// An attachment that was added.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachedOut {
    #[serde(flatten)]
    attachment: AttachmentOut,
    /// The contract's version since, for the next `If-Match`.
    contract_version: i64,
}

/// A page of a contract's attachments.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentPage {
    items: Vec<AttachmentOut>,
    /// To be given as `cursor`; null on the last page.
    next_cursor: Option<String>,
}

impl From<Attachment> for AttachmentOut {
    fn from(attachment: Attachment) -> Self {
        Self {
            id: attachment.id,
            contract_id: attachment.contract_id,
            kind: attachment.kind,
            file_name: attachment.file_name,
            media_type: attachment.media_type.id(),
            size: attachment.size,
            sha256: attachment.sha256,
            added_by: attachment.added_by,
            added_at: attachment.added_at,
        }
    }
}

fn render(attached: &Attached) -> Result<StoredAnswer, Error> {
    let Attached {
        attachment,
        contract_version,
    } = attached.clone();
    let location = format!(
        "/api/v1/contracts/{}/attachments/{}",
        attachment.contract_id, attachment.id
    );
    let out = AttachedOut {
        attachment: attachment.into(),
        contract_version,
    };
    Ok(StoredAnswer {
        status: 201,
        etag: Some(format!("\"{contract_version}\"")),
        location: Some(location),
        body: serde_json::to_string(&out).map_err(Error::internal)?,
    })
}

/// Add an attachment to a draft, a returned or a confirmed contract. `ETag` is the contract's.
#[utoipa::path(tag = "attachments", request_body(content = AttachIn, content_type = "multipart/form-data"),
    security(("bearer" = [])),
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "\"<version>\" of the contract"),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = AttachedOut, headers(("ETag" = String), ("Location" = String))), Refusals))]
#[post("/contracts/{id}/attachments")]
pub async fn add_attachment(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    upload: Upload,
) -> Result<HttpResponse, Problem> {
    let id = key(&path)?;
    let (command, mut form) = upload.into_parts(render);
    let input = AttachInput {
        kind: form.text("kind"),
        file: form.file(),
        wrong: form.wrong(),
    };
    answer(attach(&ctx, command, id, input).await?, render)
}

/// The attachments of a contract, oldest first.
#[utoipa::path(tag = "attachments", security(("bearer" = [])),
    params(("id" = i64, Path), ("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = AttachmentPage), Refusals))]
#[get("/contracts/{id}/attachments")]
pub async fn list_attachments(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let id = key(&path)?;
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    let (items, more) = list::list(&ctx, caller.0.actor, id, page.after, page.limit).await?;
    let next_cursor = items.last().filter(|_| more).map(|last| KeyPage::cursor(last.id));
    let items = items.into_iter().map(AttachmentOut::from).collect();
    Ok(HttpResponse::Ok().json(AttachmentPage { items, next_cursor }))
}

/// An attachment's content, to be saved; with `inline=true` a PDF, JPEG or PNG may be shown in place.
#[utoipa::path(tag = "attachments", security(("bearer" = [])),
    params(("id" = i64, Path), ("attachment" = i64, Path), ("inline" = Option<bool>, Query)),
    responses((status = 200, content(
        (FileOut = "application/pdf"), (FileOut = "image/jpeg"), (FileOut = "image/png"), (FileOut = "image/tiff"),
        (FileOut = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (FileOut = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (FileOut = "application/ofd"))), Refusals))]
#[get("/contracts/{id}/attachments/{attachment}")]
pub async fn read_attachment(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (id, attachment) = (key(&path.0)?, key(&path.1)?);
    let mut query = Query::parse(request.query_string());
    let inline = query.text("inline");
    if inline.as_deref().is_some_and(|v| !matches!(v, "true" | "false")) {
        query.error("inline", "wrong_type", "应为 true 或 false。");
    }
    query.finish().map_err(Problem::invalid)?;
    let (attachment, content) = open::open(&ctx, caller.0.actor, id, attachment).await?;
    let inline = inline.as_deref() == Some("true") && attachment.media_type.is_shown_inline();
    let size = u64::try_from(attachment.size).map_err(Error::internal)?;
    let pieces = stream::try_unfold(content, |content| async {
        let next = content.next().await?;
        Ok::<_, Error>(next.map(|(piece, rest)| (Bytes::from(piece), rest)))
    });
    Ok(HttpResponse::Ok()
        .content_type(attachment.media_type.id())
        .insert_header((header::CONTENT_DISPOSITION, disposition(inline, &attachment.file_name)))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        // As it was received, not packed.
        .insert_header(ContentEncoding::Identity)
        .body(SizedStream::new(size, pieces)))
}

/// Remove an attachment from a draft that was never submitted. `ETag` is the contract's.
#[utoipa::path(tag = "attachments", security(("bearer" = [])),
    params(("id" = i64, Path), ("attachment" = i64, Path),
        ("If-Match" = Option<String>, Header, description = "\"<version>\" of the contract")),
    responses((status = 204, headers(("ETag" = String))), Refusals))]
#[delete("/contracts/{id}/attachments/{attachment}")]
pub async fn remove_attachment(
    ctx: web::Data<Context>,
    path: web::Path<(String, String)>,
    change: Change<RemoveIn>,
) -> Result<HttpResponse, Problem> {
    let (id, attachment) = (key(&path.0)?, key(&path.1)?);
    let (command, _) = change.into_parts(|_| Err(Error::internal("a removal has no answer to keep")));
    let command: Command<i64> = command;
    let version = detach(&ctx, command, id, attachment).await?;
    Ok(HttpResponse::NoContent()
        .insert_header((header::ETAG, format!("\"{version}\"")))
        .finish())
}
