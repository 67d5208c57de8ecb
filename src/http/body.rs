//! Bodies that do not arrive.

use actix_web::error::PayloadError;

/// Whether a body was cut off because it came too slowly (see `server.body_seconds`).
pub fn is_too_slow(error: &PayloadError) -> bool {
    matches!(error, PayloadError::Io(io) if io.kind() == std::io::ErrorKind::TimedOut)
}

/// What whoever sent it is told.
pub const TOO_SLOW: &str = "请求内容传送过慢，未能在规定时间内收齐。请检查网络后重新提交。";
