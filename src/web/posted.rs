//! A form that was sent: by whom, with which token, what was typed, and what of it cannot be read.
//!
//! Fields are named by the RFC 6901 pointers that errors come with (`/seller/uscc`), so that an error finds its field; what every form
//! carries beside them begins with an underscore: `_token`, `_version`, `_once`, `_as`.

use actix_web::{FromRequest, HttpRequest, dev::Payload, error::PayloadError, http::StatusCode, web::Bytes};
use futures_util::{Stream, StreamExt as _, future::LocalBoxFuture};

use super::{
    cookies::stranger,
    kept::{MOST_BYTES, interrupted},
    refusal::Refusal,
    visitor::{Visitor, context, token_matches, visitor},
};
use crate::{
    domain::{
        error::FieldError,
        ledger::sha256_hex,
        money::{Fen, parse_yuan},
        time::{Date, parse_date},
    },
    http::{
        body::{TOO_SLOW, is_too_slow},
        multipart::{Form, read_form_of_page},
    },
    usecases::{
        Error, StoredAnswer,
        command::{Answer, Command, Once},
        values::Checked,
    },
};

/// What was typed into a form. `Debug` names its fields and tells none of their values, as with everything that carries what people type.
#[derive(Clone, Default)]
pub struct Typed {
    fields: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

/// A form that someone who is logged in sent.
pub struct Posted {
    /// Who.
    pub visitor: Visitor,
    /// What was typed.
    pub typed: Typed,
    fingerprint: String,
}

/// A form that someone who is not logged in sent.
pub struct PostedByStranger(pub Typed);

/// A form with a file.
pub struct PostedFile {
    /// Who.
    pub visitor: Visitor,
    /// The fields that the handler takes out, and the file.
    pub form: Form,
    version: Option<i64>,
    once: Option<String>,
    fingerprint: String,
}

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.fields.iter().map(|(name, _)| name.get(..40).unwrap_or("…"));
        f.debug_list().entries(names).finish()
    }
}

impl Typed {
    /// Of a URL-encoded text. Line ends become those that are stored.
    pub fn parse(bytes: &[u8]) -> Self {
        let fields = form_urlencoded::parse(bytes)
            .map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n")))
            .collect();
        Self {
            fields,
            errors: Vec::new(),
        }
    }

    /// A field as it was typed; empty where there is none.
    pub fn raw(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, v)| v.as_str())
    }

    /// Puts something into a field, as if it had been typed.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.fields.retain(|(n, _)| n != name);
        self.fields.push((name.to_owned(), value.into()));
    }

    /// Whether the form has the field at all.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(n, _)| n == name)
    }

    /// Every value of a field that may be chosen several times.
    pub fn all(&self, name: &str) -> Vec<String> {
        let found = self.fields.iter().filter(|(n, v)| n == name && !v.is_empty());
        found.map(|(_, v)| v.clone()).collect()
    }

    /// Every field and its value, but for what begins with an underscore.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.fields.iter().filter(|(name, _)| !name.starts_with('_'));
        fields.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a password was typed, or the repetition of one.
    pub fn has_password(&self) -> bool {
        let mut typed = self.fields.iter().filter(|(_, value)| !value.is_empty());
        typed.any(|(name, _)| name.to_ascii_lowercase().contains("password") || name == "/repeated")
    }

    /// A text; none where nothing was typed.
    pub fn text(&self, name: &str) -> Option<String> {
        let text = self.raw(name).trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A date.
    pub fn date(&mut self, name: &str) -> Option<Date> {
        let text = self.text(name)?;
        parse_date(&text)
            .map_err(|detail| self.wrong(name, "wrong_type", format!("{detail}。")))
            .ok()
    }

    /// An amount typed in 元, with or without separators of thousands.
    pub fn yuan(&mut self, name: &str) -> Option<Fen> {
        let text: String = self
            .text(name)?
            .chars()
            .filter(|c| !matches!(c, ',' | '，' | ' ' | '¥' | '￥'))
            .collect();
        parse_yuan(&text)
            .map_err(|detail| self.wrong(name, "wrong_type", format!("{detail}。")))
            .ok()
    }

    /// A whole number.
    pub fn integer(&mut self, name: &str) -> Option<i64> {
        let text = self.text(name)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.wrong(name, "wrong_type", "应为整数。");
        }
        number
    }

    /// A yes or no; none where neither was chosen.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.raw(name) {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// Tells of a wrong field.
    pub fn wrong(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.errors.push(FieldError::new(name, code, detail));
    }

    /// The value that was made of the fields, or all that could not be read.
    pub fn checked<T>(&self, value: T) -> Checked<T> {
        if self.errors.is_empty() {
            Ok(value)
        } else {
            Err(self.errors.clone())
        }
    }

    /// What could not be read.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Version that the form was made of.
    pub fn version(&self) -> Option<i64> {
        self.raw("_version").parse().ok()
    }
}

fn command<T>(
    visitor: &Visitor,
    version: Option<i64>,
    once: Option<&str>,
    fingerprint: &str,
    render: fn(&T) -> Result<StoredAnswer, Error>,
) -> Command<T> {
    // A key from a form is told from one of a program's: both may belong to one account.
    let once = once.filter(|key| !key.is_empty() && key.len() <= 100).map(|key| Once {
        key: format!("page {key}"),
        fingerprint: fingerprint.to_owned(),
        render,
    });
    Command {
        once,
        ..visitor.command(version)
    }
}

impl Posted {
    /// The command that the form gives: on the version it was made of, done once however often it is sent. `render` says where to go
    /// afterwards (see [`kept`]).
    pub fn command<T>(&self, render: fn(&T) -> Result<StoredAnswer, Error>) -> Command<T> {
        let once = Some(self.typed.raw("_once"));
        command(&self.visitor, self.typed.version(), once, &self.fingerprint, render)
    }
}

/// What stands for the digest of a form that its script sends by itself, again and again with more in it.
const BY_ITSELF: &str = "kept by itself";

impl Posted {
    /// The command by which a form's script makes what the form is for, whatever was typed by then: one form makes one, however often
    /// it is sent. What the person sends by hand under the same key is another request.
    pub fn command_by_itself<T>(&self, render: fn(&T) -> Result<StoredAnswer, Error>) -> Command<T> {
        command(&self.visitor, None, Some(self.typed.raw("_once")), BY_ITSELF, render)
    }

    /// The command that goes on with what [`Posted::command_by_itself`] made, from its first version; done once.
    pub fn command_onwards<T>(&self, render: fn(&T) -> Result<StoredAnswer, Error>) -> Command<T> {
        let once = Some(self.typed.raw("_once")).filter(|once| !once.is_empty());
        let once = once.map(|once| format!("{once} onwards"));
        command(&self.visitor, Some(1), once.as_deref(), &self.fingerprint, render)
    }
}

impl PostedFile {
    /// As [`Posted::command`].
    pub fn command<T>(&self, render: fn(&T) -> Result<StoredAnswer, Error>) -> Command<T> {
        command(
            &self.visitor,
            self.version,
            self.once.as_deref(),
            &self.fingerprint,
            render,
        )
    }
}

/// Where to go when something is done, as the answer that is kept for a form that is sent again.
pub fn kept(location: String) -> Result<StoredAnswer, Error> {
    Ok(StoredAnswer {
        status: 303,
        etag: None,
        location: Some(location),
        body: String::new(),
    })
}

/// Where to go now that something was done, or was before.
pub fn location<T>(answer: &Answer<T>, of: fn(&T) -> Result<StoredAnswer, Error>) -> Result<String, Error> {
    let stored = match answer {
        Answer::Done(value) => of(value)?,
        Answer::Repeated(stored) => stored.clone(),
    };
    stored
        .location
        .ok_or_else(|| Error::internal("a page's answer without an address"))
}

/// Bytes of a form from whoever is not logged in: the log-in's, with a form that is kept (see [`MOST_BYTES`]) and written in it once more.
pub(super) const OPEN_BYTES: usize = 4 * MOST_BYTES;

/// What becomes of a body that is larger than wanted.
#[derive(Clone, Copy)]
pub(super) enum Beyond {
    /// It is refused.
    Refuse,
    /// It is read to its end, and not kept.
    Drop,
}

/// The body of a form, within the limit of the settings; of it no more than wanted is held.
pub(super) async fn read_body(
    request: &HttpRequest,
    payload: Payload,
    wanted: usize,
    beyond: Beyond,
) -> Result<Vec<u8>, Refusal> {
    let limit = context(request)?.settings.server.max_body_bytes;
    match beyond {
        Beyond::Refuse => hold(payload, wanted.min(limit), wanted.min(limit)).await,
        Beyond::Drop => hold(payload, wanted, limit).await,
    }
}

/// Reads a body of at most `limit` bytes and holds what came before more than `wanted` were there.
async fn hold<P, E>(mut payload: P, wanted: usize, limit: usize) -> Result<Vec<u8>, Refusal>
where
    P: Stream<Item = Result<Bytes, E>> + Unpin,
    PayloadError: From<E>,
{
    let mut bytes = Vec::new();
    let mut size = 0;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|e| match PayloadError::from(e) {
            slow if is_too_slow(&slow) => Refusal::Form(StatusCode::REQUEST_TIMEOUT, TOO_SLOW.to_owned()),
            other => Refusal::Form(StatusCode::BAD_REQUEST, format!("表单未能完整读取：{other}")),
        })?;
        size += chunk.len();
        if size > limit {
            let detail = format!("表单内容不得超过 {limit} 字节。");
            return Err(Refusal::Form(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        if bytes.len() <= wanted {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok(bytes)
}

impl FromRequest for Posted {
    type Error = Refusal;
    type Future = LocalBoxFuture<'static, Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let found = visitor(&request).await;
            // Of a stranger's form no more is held than could be kept; that it is too large is seen by that.
            let (wanted, beyond) = match &found {
                Ok(_) => (usize::MAX, Beyond::Refuse),
                Err(_) => (MOST_BYTES, Beyond::Drop),
            };
            let bytes = read_body(&request, payload, wanted, beyond).await?;
            let visitor = match found {
                Err(Refusal::Use(Error::Unauthenticated)) => return Err(interrupted(&request, &bytes).await?),
                other => other?,
            };
            let typed = Typed::parse(&bytes);
            if !visitor.is_token(typed.raw("_token")) {
                return Err(Refusal::NoToken);
            }
            let text = [request.path().as_bytes(), b"\n", &bytes].concat();
            Ok(Self {
                visitor,
                typed,
                fingerprint: sha256_hex(&text),
            })
        })
    }
}

impl FromRequest for PostedByStranger {
    type Error = Refusal;
    type Future = LocalBoxFuture<'static, Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let typed = Typed::parse(&read_body(&request, payload, OPEN_BYTES, Beyond::Refuse).await?);
            if !stranger(&request).is_some_and(|secret| token_matches(&secret, typed.raw("_token"))) {
                return Err(Refusal::NoToken);
            }
            Ok(Self(typed))
        })
    }
}

impl FromRequest for PostedFile {
    type Error = Refusal;
    type Future = LocalBoxFuture<'static, Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let visitor = match visitor(&request).await {
                Err(Refusal::Use(Error::Unauthenticated)) => {
                    return Err(Refusal::log_in_first_without_file(&request));
                }
                other => other?,
            };
            let mut form = read_form_of_page(&context(&request)?, &request, payload).await?;
            if !visitor.is_token(&form.text("_token").unwrap_or_default()) {
                return Err(Refusal::NoToken);
            }
            let version = form.text("_version").and_then(|v| v.parse().ok());
            let once = form.text("_once");
            form.text("_as");
            Ok(Self {
                visitor,
                version,
                once,
                fingerprint: form.fingerprint(&request),
                form,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn pieces(many: usize) -> impl Stream<Item = Result<Bytes, PayloadError>> + Unpin {
        stream::iter((0..many).map(|_| Ok(Bytes::from_static(&[b'a'; 1000]))))
    }

    #[actix_web::test]
    async fn of_what_is_too_large_to_be_kept_little_is_held() {
        assert_eq!(hold(pieces(9), 9000, 9000).await.unwrap().len(), 9000);
        // Just so much that its size is seen.
        assert_eq!(hold(pieces(900), 8500, 1_000_000).await.unwrap().len(), 9000);
        let refused = hold(pieces(900), 8500, 899_999).await.unwrap_err();
        assert!(matches!(refused, Refusal::Form(StatusCode::PAYLOAD_TOO_LARGE, _)));
    }
}
