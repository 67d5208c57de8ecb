//! What a use case may answer instead of its result, by what the caller can do about it.

use std::sync::LazyLock;

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
    /// The caller has as much heavy work under way as is allowed.
    #[error("您已有 {most} 项耗时的操作正在进行，请在完成后再试。")]
    Busy {
        /// How much that is.
        most: usize,
        /// Seconds after which to ask again.
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
    /// The machine's clock jumped: nothing is written until an operator has looked. The text goes to the log and to the terminal.
    #[error("服务器时钟异常，系统已暂停写入，只能查阅；请联系系统管理员核对时钟。")]
    Halted(String),
    /// The store's disk is full, or it may only be read: nothing is saved until an operator has mended that.
    #[error("{}，暂时不能保存，请通知系统管理员。", .0.in_words())]
    NotWritable(StoreError),
    /// What is stored cannot be read as what it should be.
    #[error("{}，无法完成此操作，请通知系统管理员。", .0.in_words())]
    Damaged(StoreError),
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
            Self::Busy { most, .. } => with(f, "Busy", most),
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
            Self::Halted(reason) => with(f, "Halted", reason),
            Self::NotWritable(fault) => with(f, "NotWritable", fault),
            Self::Damaged(fault) => with(f, "Damaged", fault),
            Self::Contention(reason) => with(f, "Contention", reason),
            Self::Internal(reason) => with(f, "Internal", reason),
        }
    }
}

/// So much of a reason tells lines apart, characters.
const REASON_CHARS: usize = 200;

impl Error {
    /// Tells the log of what callers cannot mend. A store that is away, or a disk that is full, is met by every request: each reason is
    /// told once a minute, with how often it was not. A halt is told where it is noticed.
    pub fn log(&self) {
        static SAMPLER: LazyLock<Sampler<String>> = LazyLock::new(|| Sampler::per_minute(1));
        let reason = match self {
            Self::Unavailable(reason) | Self::Contention(reason) | Self::Internal(reason) => reason.clone(),
            Self::NotWritable(fault) | Self::Damaged(fault) => fault.to_string(),
            _ => return,
        };
        let cause: String = reason.chars().take(REASON_CHARS).collect();
        let Some(repeated) = SAMPLER.admit(&cause) else {
            return;
        };
        match self {
            Self::Internal(_) => tracing::error!(%reason, repeated, "internal error"),
            Self::Damaged(_) => tracing::error!(%reason, repeated, "the store is damaged"),
            _ => tracing::warn!(%reason, repeated, "unavailable"),
        }
    }

    /// Tells the log what work was not done because of it, for work that is tried again every few seconds: of each work and cause a line a
    /// minute, with how often it was not told.
    pub(in crate::usecases) fn log_undone(&self, work: &'static str) {
        static SAMPLER: LazyLock<Sampler<(&str, String)>> = LazyLock::new(|| Sampler::per_minute(1));
        let cause: String = format!("{self:?}").chars().take(REASON_CHARS).collect();
        if let Some(repeated) = SAMPLER.admit(&(work, cause)) {
            tracing::error!(reason = ?self, repeated, "{work}; it is tried again");
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
            StoreError::Halted(reason) => Self::Halted(reason),
            StoreError::Full(_) | StoreError::ReadOnly(_) => Self::NotWritable(error),
            StoreError::Corrupt(_) | StoreError::Denied(_) | StoreError::Files(_) => Self::Damaged(error),
            StoreError::Duplicate(_) | StoreError::Schema(_) | StoreError::Database(_) => {
                Self::Internal(error.to_string())
            }
        }
    }
}

impl Retryable for Error {
    fn is_contention(&self) -> bool {
        matches!(self, Self::Contention(_))
    }

    fn why_not_written(&self) -> Option<&StoreError> {
        match self {
            Self::NotWritable(fault) | Self::Damaged(fault) => fault.why_not_written(),
            _ => None,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::log_lines;

    #[test]
    fn work_on_a_store_that_may_only_be_read_is_told_once_a_minute_and_each_work_by_itself() {
        let said = log_lines::during(|| {
            for _ in 0..12 {
                Error::NotWritable(StoreError::ReadOnly("readonly".into())).log_undone("one work was not done");
                Error::NotWritable(StoreError::ReadOnly("readonly".into())).log_undone("other work was not done");
            }
            Error::Unavailable("away".into()).log_undone("one work was not done");
        });
        let told = |what: &str| said.lines().filter(|line| line.contains(what)).count();
        let of_both = ["one work was not done; it is tried again", "other work was not done"].map(told);
        assert_eq!((of_both, told("ReadOnly"), told("away")), ([2, 1], 2, 1), "{said}");
    }
}
