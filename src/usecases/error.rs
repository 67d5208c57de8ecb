//! What a use case may answer instead of its result, by what the caller can do about it.

use std::{num::NonZeroU32, sync::LazyLock};

use super::sampled::Sampler;
use crate::{
    domain::{error::FieldError, policy::Denial, workflow::State},
    statistics::QuestionError,
    storage::{Retryable, StoreError},
};

/// Why something was not done. The Chinese texts are for the caller; what is in `Internal` is for the log alone. `Debug` is for the log:
/// which kind, at which fields against which rules, and what the store said; never what somebody typed.
#[derive(thiserror::Error)]
pub enum Error {
    /// Not logged in, or the token does not hold any more.
    #[error("未登录或登录已失效。")]
    Unauthenticated,
    /// User name or password wrong.
    #[error("用户名或密码不正确。")]
    Credentials,
    /// Too many failed log-ins; seconds to wait.
    #[error("登录失败次数过多，请在 {retry_after} 秒后再试。")]
    Throttled {
        /// Seconds to wait.
        retry_after: i64,
    },
    /// There is no such thing, or the caller may not know of it.
    #[error("没有这项记录，或您无权查看。")]
    NotFound,
    /// The policy says no.
    #[error("{}", .0.detail())]
    Forbidden(Denial),
    /// A change without the version it is based on.
    #[error("修改须带 If-Match 请求头，值为该记录的当前版本。")]
    VersionMissing,
    /// The caller's version is not the current one.
    #[error("该记录已被他人修改（当前版本 {current}），请刷新后重试。")]
    Stale {
        /// Current version.
        current: i64,
    },
    /// The workflow has no such step from here.
    #[error("合同当前状态为“{}”，不能执行此操作。", .0.label())]
    WrongState(State),
    /// Something else already is so.
    #[error("{0}")]
    Conflict(String),
    /// Conditions that are not met; each is told where it is.
    #[error("有 {} 项条件未满足。", .0.len())]
    Blocked(Vec<FieldError>),
    /// Values that break rules.
    #[error("提交的内容有 {} 处错误。", .0.len())]
    Invalid(Vec<FieldError>),
    /// The Idempotency-Key was used for another request.
    #[error("该 Idempotency-Key 已用于另一请求。")]
    KeyReused,
    /// The store is not there; trying again later may help.
    #[error("系统暂时不可用，请稍后再试。")]
    Unavailable(String),
    /// A transaction lost a race too often; as [`Self::Unavailable`] for the caller.
    #[error("系统繁忙，请稍后再试。")]
    Contention(String),
    /// A defect or a broken store; the text goes to the log.
    #[error("系统内部错误。")]
    Internal(String),
}

impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let with = |f: &mut std::fmt::Formatter<'_>, kind: &str, what: &dyn std::fmt::Debug| {
            f.debug_tuple(kind).field(what).finish()
        };
        match self {
            Self::Unauthenticated => f.write_str("Unauthenticated"),
            Self::Credentials => f.write_str("Credentials"),
            Self::Throttled { retry_after } => with(f, "Throttled", retry_after),
            Self::NotFound => f.write_str("NotFound"),
            Self::Forbidden(denial) => with(f, "Forbidden", denial),
            Self::VersionMissing => f.write_str("VersionMissing"),
            Self::Stale { current } => with(f, "Stale", current),
            Self::WrongState(state) => with(f, "WrongState", state),
            // Its text may repeat what was typed.
            Self::Conflict(_) => f.write_str("Conflict"),
            Self::Blocked(errors) => with(f, "Blocked", errors),
            Self::Invalid(errors) => with(f, "Invalid", errors),
            Self::KeyReused => f.write_str("KeyReused"),
            Self::Unavailable(reason) => with(f, "Unavailable", reason),
            Self::Contention(reason) => with(f, "Contention", reason),
            Self::Internal(reason) => with(f, "Internal", reason),
        }
    }
}

/// Lines about one reason in a minute.
const LINES: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);

/// Longest reason by which lines are told apart, bytes.
const REASON_BYTES: usize = 200;

impl Error {
    /// Tells the log of what callers cannot mend. A store that is away, or a disk that is full, is met by every request: of lines with one
    /// reason a few are written, with how many before them were not.
    pub fn log(&self) {
        static SAMPLER: LazyLock<Sampler<String>> = LazyLock::new(|| Sampler::per_minute(LINES));
        let (defect, reason) = match self {
            Self::Unavailable(reason) | Self::Contention(reason) => (false, reason),
            Self::Internal(reason) => (true, reason),
            _ => return,
        };
        let cause: String = reason.chars().take(REASON_BYTES).collect();
        match (SAMPLER.admit(&cause), defect) {
            (Some(unwritten), true) => tracing::error!(%reason, unwritten, "internal error"),
            (Some(unwritten), false) => tracing::warn!(%reason, unwritten, "store unavailable"),
            (None, _) => {}
        }
    }

    /// A defect or a broken store, told to the log.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        Self::Internal(what.to_string())
    }

    /// One wrong field.
    pub fn invalid(pointer: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(pointer, code, detail)])
    }
}

impl From<Denial> for Error {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::Hidden => Self::NotFound,
            other => Self::Forbidden(other),
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(reason) => Self::Unavailable(reason),
            StoreError::Contention(reason) => Self::Contention(reason),
            StoreError::Duplicate(_) | StoreError::Corrupt(_) | StoreError::Schema(_) | StoreError::Database(_) => {
                Self::Internal(error.to_string())
            }
        }
    }
}

impl Retryable for Error {
    fn is_contention(&self) -> bool {
        matches!(self, Self::Contention(_))
    }
}

impl From<QuestionError> for Error {
    fn from(error: QuestionError) -> Self {
        match error {
            QuestionError::Year => Self::invalid("/year", "out_of_range", error.to_string()),
            QuestionError::Until(_) => Self::invalid("/until", "out_of_range", error.to_string()),
            QuestionError::Month => Self::invalid("/month", "out_of_range", error.to_string()),
            QuestionError::Quarter => Self::invalid("/quarter", "out_of_range", error.to_string()),
            QuestionError::Spans => Self::invalid("/month", "excludes_others", error.to_string()),
            QuestionError::Settings(_) => Self::internal(error),
        }
    }
}
