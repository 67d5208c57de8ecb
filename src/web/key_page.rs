//! Places in lists and addresses: the key in a path, the page of a list that is listed by key, an address with its filters.

use crate::{http::query::Query, usecases::Error};

/// Rows of one page of a list.
pub const ROWS: i64 = 50;

/// The key in a path; what is no key is the key of nothing.
///
/// # Errors
/// [`Error::NotFound`] for what is no key.
pub fn key(path: &str) -> Result<i64, Error> {
    let digits = Some(path).filter(|p| p.bytes().all(|b| b.is_ascii_digit()));
    digits.and_then(|p| p.parse().ok()).ok_or(Error::NotFound)
}

/// The place of a page of things that are listed by their key.
#[derive(Clone, Copy)]
pub struct KeyPage {
    /// Key of the last thing of the page before.
    pub after: Option<i64>,
}

impl KeyPage {
    /// Reads `after`.
    pub fn read(query: &mut Query) -> Self {
        Self {
            after: query.integer("after", 0..=i64::MAX),
        }
    }

    /// Cuts what was found, [`ROWS`] and one more at most, to the page; with the key after which the next one begins.
    pub fn cut<T>(mut found: Vec<T>, key_of: impl Fn(&T) -> i64) -> (Vec<T>, Option<i64>) {
        let rows = usize::try_from(ROWS).unwrap_or(usize::MAX);
        let more = found.len() > rows;
        found.truncate(rows);
        let next = found.last().filter(|_| more).map(key_of);
        (found, next)
    }
}

/// An address with those parameters that have a value.
pub fn address(path: &str, parameters: &[(&str, Option<String>)]) -> String {
    let given = parameters
        .iter()
        .filter_map(|(name, value)| value.as_deref().filter(|v| !v.is_empty()).map(|v| (*name, v)));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(given)
        .finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// One segment of a path, as addresses write it.
pub fn segment(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => safe.push(char::from(byte)),
            other => safe.push_str(&format!("%{other:02X}")),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_what_was_typed() {
        let parameters = [
            ("q", Some("甲 & 乙".to_owned())),
            ("state", None),
            ("x", Some(String::new())),
        ];
        assert_eq!(address("/users", &parameters), "/users?q=%E7%94%B2+%26+%E4%B9%99");
        assert_eq!(address("/users", &[]), "/users");
        assert_eq!(segment("王一/..?"), "%E7%8E%8B%E4%B8%80%2F..%3F");
    }
}
