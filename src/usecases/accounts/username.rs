//! Names of accounts: their form, and when two are the same.

use unicode_normalization::UnicodeNormalization as _;

use crate::domain::{error::FieldError, text};

/// Longest name, code points.
pub const MAX_CHARS: usize = 64;

/// The name as it is stored and looked up: NFKC, letters as large or small as they were given.
pub fn normalised(name: &str) -> String {
    name.nfkc().collect()
}

/// What two names must not share: the name without regard to large and small letters.
pub fn folded(name: &str) -> String {
    normalised(name).to_lowercase()
}

/// What is wrong with a name (as [`normalised`] gives it): 1–64 letters of any script, digits and `.`, `_`, `-`, `@`, one of them
/// a letter or digit. A colon is not among them, so no account can be named like the command line's `cli:<system user>`.
pub fn check(pointer: &str, name: &str) -> Option<FieldError> {
    let chars = name.chars().count();
    if chars == 0 {
        return Some(FieldError::new(pointer, "required", "请填写用户名。"));
    }
    if chars > MAX_CHARS {
        let detail = format!("用户名最多 {MAX_CHARS} 个字符，现有 {chars} 个。");
        return Some(FieldError::new(pointer, "too_long", detail));
    }
    let allowed = |c: char| (c.is_alphanumeric() && !text::is_hidden(c)) || ".-_@".contains(c);
    if !name.chars().all(allowed) || !name.chars().any(char::is_alphanumeric) {
        let detail = "用户名只能由文字、数字和 . _ - @ 组成，且至少含一个文字或数字。";
        return Some(FieldError::new(pointer, "format", detail));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_form() {
        let code = |name: &str| check("/username", &normalised(name)).map(|e| e.code);
        for good in ["zhang.san", "张三", "a", "reviewer_1@btk-1", "ئالىم", &"长".repeat(64)] {
            assert_eq!(code(good), None, "{good}");
        }
        let cases = [
            ("", "required"),
            (&*"x".repeat(65), "too_long"),
            ("zhang san", "format"),
            ("cli:root", "format"),
            ("a,b", "format"),
            ("...", "format"),
            ("a\u{0}b", "format"),
            ("a\u{200b}b", "format"),
            ("a\u{3164}b", "format"),
        ];
        for (bad, expected) in cases {
            assert_eq!(code(bad), Some(expected), "{bad:?}");
        }
    }

    #[test]
    fn names_that_look_the_same_are_the_same() {
        assert_eq!(normalised("ＺｈａｎｇＳａｎ"), "ZhangSan");
        assert_eq!(folded("ＺhangSAN"), folded("zhangsan"));
        assert_eq!(folded("Öztürk"), folded("o\u{308}ZTÜRK"));
    }
}
