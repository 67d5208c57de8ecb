//! Forms with a file (`multipart/form-data`, RFC 7578). The file goes to the folder of the files as it comes and is never held whole;
//! reading stops as soon as something is too large. What is refused leaves nothing behind.

use std::{collections::BTreeMap, sync::Arc};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{
    HttpRequest,
    dev::Payload,
    http::header::{self, DispositionParam},
};
use futures_util::StreamExt as _;

use super::body::{TOO_SLOW, is_too_slow};
use crate::{
    domain::{error::FieldError, ledger::sha256_hex},
    usecases::{
        Context, Error,
        attachments::receive::{Received, Receiving},
    },
};

/// Bytes of a request beside its file: boundaries, headers, fields.
const OVERHEAD_BYTES: u64 = 64 * 1024;

/// Bytes of a field that is no file.
const FIELD_BYTES: usize = 4096;

/// A file of a page that is too large is read to its end, up to so many times the size that is taken, so that the page can say so.
const READ_TO_END: u64 = 4;

/// Parts at most; a form with more is wrong as a whole.
const MOST_PARTS: usize = 32;

/// Why a form could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// More than so many bytes.
    #[error("文件不得超过 {0} 字节。")]
    TooLarge(u64),
    /// Not of this media type.
    #[error("请求内容应为 multipart/form-data。")]
    MediaType,
    /// It did not arrive in time.
    #[error("{}", TOO_SLOW)]
    TooSlow,
    /// Broken.
    #[error("{0}")]
    Malformed(String),
    /// The folder of the files does not take it.
    #[error(transparent)]
    Files(#[from] Error),
}

/// What a form says.
#[derive(Default)]
pub struct Form {
    fields: BTreeMap<String, String>,
    file: Option<Arc<Received>>,
    errors: Vec<FieldError>,
}

impl Form {
    /// Tells one form from another by what it says: the same form may be cut by other boundaries when it is sent again.
    pub fn fingerprint(&self, request: &HttpRequest) -> String {
        let file = self.file.as_deref().map(|f| (f.sent_name(), f.sha256()));
        let errors: Vec<_> = self.errors.iter().map(|e| (&e.pointer, e.code)).collect();
        let text = format!(
            "{} {}\n{:?}\n{file:?}\n{errors:?}",
            request.method(),
            request.path(),
            self.fields
        );
        sha256_hex(text.as_bytes())
    }

    /// The text of a field.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.fields.remove(name)
    }

    /// The file of the part `file`.
    pub fn file(&mut self) -> Option<Arc<Received>> {
        self.file.take()
    }

    /// All that is wrong with the form once what is asked for was taken out of it: what is left over too.
    pub fn wrong(mut self) -> Vec<FieldError> {
        let left = self.fields.keys().map(|name| pointer(name));
        for pointer in left.chain(self.file.iter().map(|_| "/file".to_owned())) {
            self.errors
                .push(FieldError::new(pointer, "unknown_field", "没有这个字段。"));
        }
        self.errors
    }
}

/// Reads the form of a request.
///
/// # Errors
/// What [`Unreadable`] names.
pub async fn read_form(ctx: &Context, request: &HttpRequest, payload: Payload) -> Result<Form, Unreadable> {
    read_up_to(ctx, request, payload, None).await
}

/// The same of a form of a page: a file that is too large is wrong as a field is, beside what else was typed.
///
/// # Errors
/// As [`read_form`]; of files those that are larger by far.
pub async fn read_form_of_page(ctx: &Context, request: &HttpRequest, payload: Payload) -> Result<Form, Unreadable> {
    let most = ctx.settings.files.max_bytes.saturating_mul(READ_TO_END);
    read_up_to(ctx, request, payload, Some(most)).await
}

/// `most`: bytes up to which a file that is too large is read to its end; without it none is.
async fn read_up_to(
    ctx: &Context,
    request: &HttpRequest,
    payload: Payload,
    most: Option<u64>,
) -> Result<Form, Unreadable> {
    let limit = most.unwrap_or(ctx.settings.files.max_bytes);
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|n| n > limit.saturating_add(OVERHEAD_BYTES)) {
        return Err(Unreadable::TooLarge(ctx.settings.files.max_bytes));
    }
    let media_type = request.headers().get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|v| v.to_str().ok()?.split(';').next().map(str::trim));
    if !media_type.is_some_and(|t| t.eq_ignore_ascii_case("multipart/form-data")) {
        return Err(Unreadable::MediaType);
    }
    read(ctx, Multipart::new(request.headers(), payload), most).await
}

fn malformed(error: &MultipartError) -> Unreadable {
    if matches!(error, MultipartError::Payload(payload) if is_too_slow(payload)) {
        return Unreadable::TooSlow;
    }
    Unreadable::Malformed(format!("请求内容不是有效的 multipart/form-data：{error}。"))
}

/// RFC 6901.
fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

async fn read(ctx: &Context, mut parts: Multipart, most: Option<u64>) -> Result<Form, Unreadable> {
    let mut form = Form::default();
    let mut count = 0;
    let mut beside = 0;
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|e| malformed(&e))?;
        count += 1;
        if count > MOST_PARTS {
            return Err(Unreadable::Malformed("表单的部分过多。".to_owned()));
        }
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" && form.file.is_none() {
            match receive(ctx, &mut part).await {
                Ok(file) => form.file = Some(Arc::new(file)),
                Err(Unreadable::TooLarge(limit)) if most.is_some() => {
                    to_its_end(ctx, &mut part, most.unwrap_or(limit)).await?;
                    let detail = format!("文件不得超过 {}。", in_words(limit));
                    form.errors.push(FieldError::new("/file", "too_large", detail));
                }
                Err(other) => return Err(other),
            }
            continue;
        }
        let text = read_text(ctx, &mut part, &mut beside).await?;
        let twice = name == "file" || form.fields.contains_key(&name);
        match text {
            _ if twice => form
                .errors
                .push(FieldError::new(pointer(&name), "repeated", "该部分重复。")),
            Some(text) => {
                form.fields.insert(name, text);
            }
            None => form
                .errors
                .push(FieldError::new(pointer(&name), "wrong_type", "应为不长的 UTF-8 文本。")),
        }
    }
    Ok(form)
}

/// A field that is no file; `None` where it is no text, or a long one.
async fn read_text(ctx: &Context, part: &mut Field, beside: &mut u64) -> Result<Option<String>, Unreadable> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|e| malformed(&e))?;
        *beside += chunk.len() as u64;
        let limit = ctx.settings.files.max_bytes;
        if *beside > limit {
            return Err(Unreadable::TooLarge(limit));
        }
        if bytes.len() <= FIELD_BYTES {
            bytes.extend_from_slice(&chunk);
        }
    }
    let text = String::from_utf8(bytes).ok().filter(|t| t.len() <= FIELD_BYTES);
    Ok(text.filter(|t| crate::domain::text::unfit(t, false).is_none()))
}

async fn receive(ctx: &Context, part: &mut Field) -> Result<Received, Unreadable> {
    let name = sent_name(part);
    let mut receiving = Receiving::start(ctx).await?;
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|e| malformed(&e))?;
        if !receiving.take(&chunk).await? {
            return Err(Unreadable::TooLarge(ctx.settings.files.max_bytes));
        }
    }
    Ok(receiving.finish(name).await?)
}

/// Reads the rest of a file that is not taken, up to a bound.
async fn to_its_end(ctx: &Context, part: &mut Field, most: u64) -> Result<(), Unreadable> {
    let mut read = ctx.settings.files.max_bytes;
    while let Some(chunk) = part.next().await {
        read += chunk.map_err(|e| malformed(&e))?.len() as u64;
        if read > most {
            return Err(Unreadable::TooLarge(ctx.settings.files.max_bytes));
        }
    }
    Ok(())
}

/// A size as people say it.
fn in_words(bytes: u64) -> String {
    const MB: u64 = 1 << 20;
    if bytes >= MB && bytes.is_multiple_of(MB) {
        format!("{} MB", bytes / MB)
    } else {
        format!("{bytes} 字节")
    }
}

/// The name that the sender gives the file, `filename*` before `filename`. A backslash that quotes nothing is a part of the name, not
/// a quote: it comes from senders that give a path of Windows.
fn sent_name(part: &Field) -> Option<String> {
    let disposition = part.content_disposition()?;
    let extended = disposition.parameters.iter().find_map(|p| match p {
        DispositionParam::FilenameExt(value) => Some(String::from_utf8_lossy(&value.value).into_owned()),
        _ => None,
    });
    let name = extended.or_else(|| disposition.get_filename().map(str::to_owned))?;
    let raw = part.headers().get(header::CONTENT_DISPOSITION)?.as_bytes();
    let path = raw
        .windows(2)
        .any(|pair| matches!(pair, [b'\\', next] if !matches!(next, b'"' | b'\\')));
    Some(if path { format!("\\{name}") } else { name })
}
