//! Attachments: the list on the pages of entry, adding, taking away, and reading them, which whoever sees the contract may.

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    get,
    http::{
        StatusCode,
        header::{self, ContentEncoding},
    },
    post,
    web::{self, Bytes},
};
use askama::Template;
use futures_util::stream;

use super::{key, page::EntryPage, submit};
use crate::{
    domain::{
        code_list::ListName,
        error::FieldError,
        workflow::{FileAct, State},
    },
    http::{download::disposition, query::Query},
    usecases::{
        Context, Error, StoredAnswer,
        attachments::{
            Attachment, MediaType,
            attach::{AttachInput, Attached, attach},
            detach::detach,
            list, open,
        },
        contracts::{self, ContractView},
    },
    web::{
        act::{ActPage, Problem},
        contracts::refused as contract_page_refused,
        field::{Field, Fieldset, choices},
        posted::{Posted, PostedFile, kept, location},
        refusal::{Refusal, errors_of, redirect, status_of},
        show::minute,
        visitor::Visitor,
    },
};

/// Attachments that a page lists; a contract has no more.
const MOST: i64 = 100;

/// Endings of the files that are taken.
pub(in crate::web) const ENDINGS: &str = ".pdf,.jpg,.jpeg,.png,.tif,.tiff,.docx,.xlsx,.ofd";

/// The attachments of a contract on a page of entry.
#[derive(Template)]
#[template(path = "entry/papers.html")]
pub struct Papers {
    contract: i64,
    version: i64,
    form_token: String,
    once: String,
    username: String,
    /// The page they stand on, to come back to: `edit`, `submit`.
    back: &'static str,
    rows: Vec<Paper>,
    /// Kinds that are still missing, in words.
    missing: Vec<String>,
    kind: Field,
    file: Field,
    /// Whether the page begins here.
    pub focus: bool,
    /// Bytes of a file at most, for the script.
    most: u64,
    /// What was refused.
    pub problem: Option<Problem>,
}

struct Paper {
    name: String,
    kind: String,
    size: String,
    added: String,
    href: String,
    remove: Option<String>,
}

/// Bytes in words.
fn size(bytes: i64) -> String {
    match bytes {
        b if b < 1024 => format!("{b} 字节"),
        b if b < 1024 * 1024 => format!("{} KB", b / 1024),
        b => format!("{}.{} MB", b / (1024 * 1024), b % (1024 * 1024) * 10 / (1024 * 1024)),
    }
}

impl Papers {
    /// Of a contract that the visitor prepares.
    pub async fn of(ctx: &Context, visitor: &Visitor, view: &ContractView, back: &'static str) -> Result<Self, Error> {
        let contract = &view.contract;
        let (found, _) = list::list(ctx, visitor.caller.actor.clone(), contract.id, None, MOST).await?;
        let kinds = ctx.catalogue.list(ListName::AttachmentKind);
        let removable = contract.state == State::Draft && contract.submitted_at.is_none();
        let missing = view.checks.iter().filter(|c| c.pointer == "/attachments");
        let missing: Vec<String> = missing.map(|c| c.message.clone()).collect();
        // What comes first is what is most likely still to come.
        let text_there = found.iter().any(|a| a.kind == "contract_text");
        let likely = if text_there { "" } else { "contract_text" };
        let row = |a: Attachment| Paper {
            kind: kinds.label(&a.kind).unwrap_or(&a.kind).to_owned(),
            size: size(a.size),
            added: format!("{} {}", visitor.names.of(&a.added_by), minute(a.added_at)),
            href: format!("/contracts/{}/attachments/{}?inline=true", a.contract_id, a.id),
            remove: removable.then(|| format!("/contracts/{}/attachments/{}/remove", a.contract_id, a.id)),
            name: a.file_name,
        };
        let shell = visitor.shell("");
        Ok(Self {
            contract: contract.id,
            version: contract.version,
            form_token: shell.form_token,
            once: shell.once,
            username: visitor.caller.actor.username.clone(),
            back,
            missing,
            kind: Field::select("kind", "附件类别", choices(kinds)).value(likely),
            file: Field::file("file", "文件", ENDINGS).help("PDF、JPG、PNG、TIFF、DOCX、XLSX、OFD；可将文件拖到这里。"),
            rows: found.into_iter().map(row).collect(),
            most: ctx.settings.files.max_bytes,
            focus: false,
            problem: None,
        })
    }

    fn refused(&mut self, error: &Error, kind: &str) {
        self.problem = Some(marked(&mut self.kind, &mut self.file, error, kind));
    }
}

/// Why a file was not taken, told above its form and at the fields; the kind that was chosen stays.
pub(in crate::web) fn marked(kind: &mut Field, file: &mut Field, error: &Error, chosen: &str) -> Problem {
    *kind = kind.clone().value(chosen);
    // The form's fields are called as the parts are that it is sent in.
    let errors: Vec<FieldError> = errors_of(error)
        .into_iter()
        .map(|e| FieldError {
            pointer: e.pointer.trim_start_matches('/').to_owned(),
            ..e
        })
        .collect();
    kind.mark(&errors);
    file.mark(&errors);
    let error = match error {
        Error::Invalid(_) => &Error::Invalid(errors),
        other => other,
    };
    Problem::of(error, &[Fieldset::new("", vec![kind.clone(), file.clone()])])
}

fn to_form(attached: &Attached) -> Result<StoredAnswer, Error> {
    kept(format!(
        "/contracts/{}/edit?done=attached#attachments",
        attached.attachment.contract_id
    ))
}

fn to_check(attached: &Attached) -> Result<StoredAnswer, Error> {
    kept(format!(
        "/contracts/{}/submit?done=attached",
        attached.attachment.contract_id
    ))
}

fn to_contract(attached: &Attached) -> Result<StoredAnswer, Error> {
    kept(format!("/contracts/{}?done=attached", attached.attachment.contract_id))
}

#[post("/contracts/{id}/attachments")]
pub async fn add_attachment(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    mut posted: PostedFile,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let back = posted.form.text("back");
    let (checking, reading) = (back.as_deref() == Some("submit"), back.as_deref() == Some("contract"));
    let then: fn(&Attached) -> Result<StoredAnswer, Error> = match back.as_deref() {
        Some("submit") => to_check,
        Some("contract") => to_contract,
        _ => to_form,
    };
    let command = posted.command(then);
    let kind = posted.form.text("kind").filter(|k| !k.is_empty());
    let chosen = kind.clone().unwrap_or_default();
    let input = AttachInput {
        // A form in which no file was chosen sends one without name and content.
        file: posted
            .form
            .file()
            .filter(|f| f.sent_name().is_some_and(|n| !n.is_empty())),
        kind,
        wrong: posted.form.wrong(),
    };
    let error = match attach(&ctx, command, id, input).await {
        Ok(answer) => return Ok(redirect(&location(&answer, then)?)),
        Err(error @ (Error::NotFound | Error::Unauthenticated | Error::Forbidden(_) | Error::WrongState(_))) => {
            return Err(error.into());
        }
        Err(error) => error,
    };
    error.log();
    if reading {
        return contract_page_refused(&ctx, &posted.visitor, id, &error, &chosen).await;
    }
    let status = status_of(&error).0;
    if checking {
        let mut page = submit::page_of(&ctx, &posted.visitor, id).await?;
        page.papers.refused(&error, &chosen);
        return Ok(page.answer(status));
    }
    let mut page = EntryPage::of(&ctx, &posted.visitor, id, false).await?;
    if let Some(papers) = &mut page.papers {
        papers.refused(&error, &chosen);
    }
    Ok(page.answer(status))
}

/// The page that asks whether an attachment is to go.
async fn removal(ctx: &Context, visitor: &Visitor, id: i64, attachment: i64) -> Result<ActPage, Error> {
    let actor = visitor.caller.actor.clone();
    let view = contracts::read::read(ctx, actor.clone(), id).await?;
    let (found, _) = open::open(ctx, actor.clone(), id, attachment).await?;
    crate::domain::policy::decide_files(&actor, &view.contract)?;
    if !FileAct::Detach.states().contains(&view.contract.state) || view.contract.submitted_at.is_some() {
        return Err(Error::WrongState(view.contract.state));
    }
    let mut act = ActPage::new(
        visitor.shell("移除附件").at("/contracts"),
        format!("/contracts/{id}/attachments/{attachment}/remove"),
        format!("/contracts/{id}/edit#attachments"),
    );
    let kinds = ctx.catalogue.list(ListName::AttachmentKind);
    act.subject = vec![
        ("文件", found.file_name),
        ("类别", kinds.label(&found.kind).unwrap_or(&found.kind).to_owned()),
        ("大小", size(found.size)),
    ];
    act.version = Some(view.contract.version);
    act.consequences = vec!["移除后合同不再带有这份文件；登记账中仍记有它曾被添加和移除。".to_owned()];
    act.grave = true;
    Ok(act)
}

#[get("/contracts/{id}/attachments/{attachment}/remove")]
pub async fn show_removal(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    Ok(removal(&ctx, &visitor, key(&path.0)?, key(&path.1)?).await?.show())
}

#[post("/contracts/{id}/attachments/{attachment}/remove")]
pub async fn remove_attachment(
    ctx: web::Data<Context>,
    path: web::Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let (id, attachment) = (key(&path.0)?, key(&path.1)?);
    // Without a key: what is gone is not removed again.
    let command = posted.visitor.command(posted.typed.version());
    match detach(&ctx, command, id, attachment).await {
        Ok(_) => Ok(redirect(&format!("/contracts/{id}/edit?done=detached#attachments"))),
        Err(error @ Error::Stale { .. }) => removal(&ctx, &posted.visitor, id, attachment)
            .await?
            .refused(error, &posted.typed),
        Err(error) => Err(error.into()),
    }
}

/// What a browser may do with an attachment: nothing but show it, in a page of ours at most. The readers of PDF that browsers have
/// built in, which run nothing of it, do not start in a sandbox.
const fn policy_of(media_type: MediaType) -> &'static str {
    match media_type {
        MediaType::Pdf => "default-src 'none'; object-src 'self'; frame-ancestors 'self'",
        _ => "sandbox; default-src 'none'; frame-ancestors 'self'",
    }
}

/// An attachment's content, to be saved; with `inline=true` a PDF, JPEG or PNG is shown in place.
#[get("/contracts/{id}/attachments/{attachment}")]
pub async fn read_attachment(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let (id, attachment) = (key(&path.0)?, key(&path.1)?);
    let mut query = Query::parse(request.query_string());
    let inline = query.text("inline").as_deref() == Some("true");
    query.finish()?;
    let (attachment, content) = open::open(&ctx, visitor.caller.actor, id, attachment).await?;
    let inline = inline && attachment.media_type.is_shown_inline();
    let size = u64::try_from(attachment.size).map_err(Error::internal)?;
    let pieces = stream::try_unfold(content, |content| async {
        let next = content.next().await?;
        Ok::<_, Error>(next.map(|(piece, rest)| (Bytes::from(piece), rest)))
    });
    Ok(HttpResponse::build(StatusCode::OK)
        .content_type(attachment.media_type.id())
        .insert_header((header::CONTENT_DISPOSITION, disposition(inline, &attachment.file_name)))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy_of(attachment.media_type)))
        // Beside the contract's fields.
        .insert_header((header::X_FRAME_OPTIONS, "SAMEORIGIN"))
        // As it was received, not packed.
        .insert_header(ContentEncoding::Identity)
        .body(SizedStream::new(size, pieces)))
}
