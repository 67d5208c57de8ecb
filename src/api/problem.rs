//! Refusals as `application/problem+json` (RFC 9457): the one place where a use case's error becomes a status.

use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError, http::StatusCode, http::header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{error::FieldError, policy::Denial},
    usecases::Error,
};

/// A refusal. `Debug` and `Display` tell its kind and where it is, not its words: they are for the caller and may repeat what was typed.
pub struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<i64>,
    denial: Option<Denial>,
}

/// The kinds of refusal; ids and statuses are part of the interface (`docs/API.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "`title` says what each is")]
pub enum Kind {
    Malformed,
    Unauthenticated,
    Credentials,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Conflict,
    WrongState,
    Stale,
    TooSlow,
    TooLarge,
    MediaType,
    Invalid,
    KeyReused,
    VersionMissing,
    Throttled,
    Internal,
    Unavailable,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 18] = [
        Self::Malformed,
        Self::Unauthenticated,
        Self::Credentials,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::WrongState,
        Self::Stale,
        Self::TooSlow,
        Self::TooLarge,
        Self::MediaType,
        Self::Invalid,
        Self::KeyReused,
        Self::VersionMissing,
        Self::Throttled,
        Self::Internal,
        Self::Unavailable,
    ];

    /// Stable id, status and Chinese title.
    pub const fn parts(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::Malformed => ("malformed", StatusCode::BAD_REQUEST, "请求格式不正确"),
            Self::Unauthenticated => ("unauthenticated", StatusCode::UNAUTHORIZED, "未登录"),
            Self::Credentials => ("credentials", StatusCode::UNAUTHORIZED, "登录失败"),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "无权执行此操作"),
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "未找到"),
            Self::MethodNotAllowed => ("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED, "不支持的方法"),
            Self::Conflict => ("conflict", StatusCode::CONFLICT, "与现有记录冲突"),
            Self::WrongState => ("wrong-state", StatusCode::CONFLICT, "当前状态不允许"),
            Self::Stale => ("stale-version", StatusCode::PRECONDITION_FAILED, "版本已过期"),
            Self::TooSlow => ("too-slow", StatusCode::REQUEST_TIMEOUT, "请求传送过慢"),
            Self::TooLarge => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "请求过大"),
            Self::MediaType => ("media-type", StatusCode::UNSUPPORTED_MEDIA_TYPE, "不支持的内容类型"),
            Self::Invalid => ("invalid", StatusCode::UNPROCESSABLE_ENTITY, "内容有误"),
            Self::KeyReused => (
                "idempotency-key-reused",
                StatusCode::UNPROCESSABLE_ENTITY,
                "重复的 Idempotency-Key",
            ),
            Self::VersionMissing => ("version-missing", StatusCode::PRECONDITION_REQUIRED, "缺少版本"),
            Self::Throttled => ("throttled", StatusCode::TOO_MANY_REQUESTS, "请求过于频繁"),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "系统内部错误"),
            Self::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "系统暂时不可用"),
        }
    }
}

/// The body of a refusal.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemOut {
    /// `urn:dengji:problem:<id>`, stable.
    #[serde(rename = "type")]
    #[schema(example = "urn:dengji:problem:invalid")]
    pub kind: String,
    /// What kind of refusal, in Chinese.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What is wrong and what to do, in Chinese.
    pub detail: String,
    /// The wrong fields; empty where it is not about fields.
    pub errors: Vec<FieldErrorOut>,
    /// Why the policy said no, where it did.
    pub denial: Option<String>,
}

/// One wrong field.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldErrorOut {
    /// RFC 6901 pointer into the body (or `/name` of a query parameter), without `#`.
    #[schema(example = "/seller/uscc")]
    pub pointer: String,
    /// Stable id of the rule.
    pub code: String,
    /// Chinese text.
    pub detail: String,
}

impl Problem {
    /// A refusal of a kind, told by `detail`.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            denial: None,
        }
    }

    /// The same with the seconds to wait.
    pub fn retry_after(self, seconds: i64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// Wrong fields.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Error::Invalid(errors).into()
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        error.log();
        let detail = error.to_string();
        let problem = |kind| Self::new(kind, detail);
        match error {
            Error::Unauthenticated => problem(Kind::Unauthenticated),
            Error::Credentials => problem(Kind::Credentials),
            Error::Throttled { retry_after } => Self {
                retry_after: Some(retry_after),
                ..problem(Kind::Throttled)
            },
            Error::Busy { retry_after, .. } => Self {
                retry_after: Some(retry_after),
                ..problem(Kind::Throttled)
            },
            Error::NotFound => problem(Kind::NotFound),
            Error::Forbidden(denial) => Self {
                denial: Some(denial),
                ..problem(Kind::Forbidden)
            },
            Error::VersionMissing => problem(Kind::VersionMissing),
            Error::Stale { .. } => problem(Kind::Stale),
            Error::WrongState(_) => problem(Kind::WrongState),
            Error::Conflict(_) => problem(Kind::Conflict),
            Error::Blocked(errors) => Self {
                errors,
                ..problem(Kind::Conflict)
            },
            Error::Invalid(errors) => Self {
                errors,
                ..problem(Kind::Invalid)
            },
            Error::KeyReused => problem(Kind::KeyReused),
            Error::Unavailable(_) | Error::Contention(_) => Self {
                retry_after: Some(5),
                ..problem(Kind::Unavailable)
            },
            Error::Halted(_) | Error::NotWritable(_) => Self {
                retry_after: Some(60),
                ..problem(Kind::Unavailable)
            },
            Error::Damaged(_) | Error::Internal(_) => problem(Kind::Internal),
        }
    }
}

impl std::fmt::Debug for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Problem").field(&self.kind).field(&self.errors).finish()
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.parts().0)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.parts().1
    }

    fn error_response(&self) -> HttpResponse {
        let (id, status, title) = self.kind.parts();
        let mut response = HttpResponseBuilder::new(status);
        response.content_type("application/problem+json");
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.max(1).to_string()));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        let errors = self.errors.iter().map(|e| FieldErrorOut {
            pointer: e.pointer.clone(),
            code: e.code.to_owned(),
            detail: e.detail.clone(),
        });
        response.json(ProblemOut {
            kind: format!("urn:dengji:problem:{id}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.detail.clone(),
            errors: errors.collect(),
            denial: self.denial.map(|d| d.id().to_owned()),
        })
    }
}
