//! What handlers are given: the caller, and a change with its version, key and document. The order of refusals is fixed here:
//! 401 first (and 403 for who must change the password before anything else), then 413, 415 and 400; what is wrong with single fields waits until the use case has settled 404 to 409.

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{Method, header},
    web,
};
use futures_util::{StreamExt as _, future::LocalBoxFuture};
use serde_json::Value;

use super::{
    json::{Document, typed},
    problem::{Kind, Problem},
};
use crate::{
    domain::ledger::sha256_hex,
    http::{
        body::{TOO_SLOW, is_too_slow},
        refused::note_caller,
    },
    usecases::{
        Context, Error,
        accounts::{self, authenticate},
        contracts::{Checked, Command, Once},
        errand::Errand,
    },
};

/// Whoever is logged in.
pub struct Caller(pub accounts::Caller);

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { identify(&request).await.map(Self) })
    }
}

/// The context of the use cases.
pub(super) fn context(request: &HttpRequest) -> Result<Context, Problem> {
    request
        .app_data::<web::Data<Context>>()
        .map(|data| data.get_ref().clone())
        .ok_or_else(|| Error::internal("no context").into())
}

pub(super) async fn identify(request: &HttpRequest) -> Result<accounts::Caller, Problem> {
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned())
        .ok_or(Error::Unauthenticated)?;
    let caller = authenticate(&context(request)?, &token).await?;
    Errand::current().set_person(&caller.actor.username);
    note_caller(request, &caller.actor.username);
    // With a password that must be changed first, nothing is open but the own account: `/auth/me`, `/auth/password`, `/auth/logout`.
    let own_account = request.match_pattern().is_some_and(|p| p.starts_with("/api/v1/auth/"));
    if !own_account {
        caller.admit()?;
    }
    Ok(caller)
}

/// A request that changes something: who, on which version, under which key, and the document.
pub struct Change<T> {
    /// The caller.
    pub caller: accounts::Caller,
    /// `If-Match`; −1, which no contract has, where it names no version of ours.
    version: Option<i64>,
    key: Option<String>,
    fingerprint: String,
    /// The document.
    pub body: Checked<T>,
}

impl<T> Change<T> {
    /// The command and the document. `render` makes the answer that is kept for a repeated request.
    pub fn into_parts<V>(
        self,
        render: fn(&V) -> Result<crate::usecases::StoredAnswer, Error>,
    ) -> (Command<V>, Checked<T>) {
        let command = Command {
            actor: self.caller.actor,
            session_id: Some(self.caller.session_id),
            version: self.version,
            once: self.key.map(|key| Once {
                key,
                fingerprint: self.fingerprint,
                render,
            }),
        };
        (command, self.body)
    }
}

impl<T: Document + 'static> FromRequest for Change<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let caller = identify(&request).await?;
            let bytes = read_body(&request, payload, usize::MAX).await?;
            let body = parse_body(&request, &bytes)?;
            let key = idempotency_key(&request)?;
            let mut request_text = format!("{} {}\n", request.method(), request.path()).into_bytes();
            request_text.extend_from_slice(&bytes);
            Ok(Self {
                caller,
                version: version(&request),
                key,
                fingerprint: sha256_hex(&request_text),
                body: typed(body),
            })
        })
    }
}

/// Bytes of a document from whoever is not known yet: a name and a password, or a token.
const OPEN_BYTES: usize = 64 * 1024;

/// A document without a caller: for log-in and refresh.
pub struct Open<T>(pub Checked<T>);

impl<T: Document + 'static> FromRequest for Open<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let bytes = read_body(&request, payload, OPEN_BYTES).await?;
            Ok(Self(typed(parse_body(&request, &bytes)?)))
        })
    }
}

/// The body, of at most `most` bytes and of what the settings allow.
async fn read_body(request: &HttpRequest, mut payload: Payload, most: usize) -> Result<web::BytesMut, Problem> {
    let limit = context(request)?.settings.server.max_body_bytes.min(most);
    let too_large = || Problem::new(Kind::TooLarge, format!("请求内容不得超过 {limit} 字节。"));
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse::<usize>().ok());
    if announced.is_some_and(|n| n > limit) {
        return Err(too_large());
    }
    let mut bytes = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|e| match e {
            slow if is_too_slow(&slow) => Problem::new(Kind::TooSlow, TOO_SLOW),
            other => Problem::new(Kind::Malformed, format!("请求内容未能完整读取：{other}")),
        })?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The body as a JSON object; none at all reads as `{}`.
fn parse_body(request: &HttpRequest, bytes: &[u8]) -> Result<Value, Problem> {
    if bytes.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    let media_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .map(|v| v.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    let patch = request.method() == Method::PATCH;
    match media_type.as_deref() {
        Some("application/json") => {}
        Some("application/merge-patch+json") if patch => {}
        _ => {
            return Err(Problem::new(Kind::MediaType, "请求内容应为 application/json。"));
        }
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|e| {
        Problem::new(
            Kind::Malformed,
            format!("请求内容不是有效的 JSON（第 {} 行第 {} 列）。", e.line(), e.column()),
        )
    })?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Problem::new(Kind::Malformed, "请求内容应为 JSON 对象。"))
    }
}

pub(super) fn version(request: &HttpRequest) -> Option<i64> {
    let text = request
        .headers()
        .get(header::IF_MATCH)?
        .to_str()
        .unwrap_or_default()
        .trim();
    let number = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    let digits = number.filter(|n| n.bytes().all(|b| b.is_ascii_digit()));
    Some(digits.and_then(|n| n.parse().ok()).unwrap_or(-1))
}

pub(super) fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let given = request.headers().get("Idempotency-Key");
    let Some(value) = given.filter(|_| request.method() == Method::POST) else {
        return Ok(None);
    };
    let wrong = || Problem::new(Kind::Malformed, "Idempotency-Key 应为 1 至 255 个可见 ASCII 字符。");
    let key = value.to_str().map_err(|_| wrong())?;
    if (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(Some(key.to_owned()))
    } else {
        Err(wrong())
    }
}
