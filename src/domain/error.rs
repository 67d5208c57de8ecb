//! How a wrong value is named: where it stands, which rule it breaks, and what to do, in words for the person who typed it.

use serde::Serialize;

/// One wrong field of a value someone handed in. `Debug`, which may go to a log, leaves out the words: they may repeat what was typed.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// RFC 6901 JSON Pointer into the submitted document, without `#`: `/seller/uscc`.
    pub pointer: String,
    /// Stable id of the rule, snake_case: `required`, `unknown_code`, `amounts_do_not_add_up`.
    pub code: &'static str,
    /// Chinese text for the person who typed the value.
    pub detail: String,
}

impl FieldError {
    /// An error at `pointer` (RFC 6901) against the rule `code`, told in Chinese by `detail`.
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        }
    }
}

impl std::fmt::Debug for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.pointer.get(..80).unwrap_or("…"), self.code)
    }
}
