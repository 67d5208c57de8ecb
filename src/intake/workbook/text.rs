//! Words of a part: text, entities, and the way in which workbooks write what XML cannot hold.

use std::borrow::Cow;

use quick_xml::{
    XmlVersion,
    events::{BytesRef, BytesStart},
};

use crate::intake::cell::MAX_CELL_CHARS;

/// The most bytes kept of a text: enough to see that it has more characters than allowed.
const MAX_TEXT_BYTES: usize = MAX_CELL_CHARS * 4 + 1;

/// A text that grows no further than a cell may.
#[derive(Default)]
pub struct Text(pub String);

impl Text {
    /// Adds a piece.
    pub fn push(&mut self, piece: &str) {
        let room = MAX_TEXT_BYTES.saturating_sub(self.0.len());
        let mut end = room.min(piece.len());
        while !piece.is_char_boundary(end) {
            end -= 1;
        }
        self.0.push_str(piece.get(..end).unwrap_or_default());
    }

    /// Adds what an entity stands for; one that is not known stands for nothing.
    pub fn push_entity(&mut self, entity: &BytesRef<'_>) {
        if let Ok(Some(c)) = entity.resolve_char_ref() {
            return self.push(c.encode_utf8(&mut [0; 4]));
        }
        if let Ok(name) = entity.decode()
            && let Some(text) = quick_xml::escape::resolve_predefined_entity(&name)
        {
            self.push(text);
        }
    }
}

/// The value of an attribute, whatever its prefix; the first of several.
pub fn attribute(element: &BytesStart<'_>, name: &[u8]) -> Option<String> {
    let mut attributes = element.attributes();
    let mut found = attributes.with_checks(false).flatten();
    let value = found.find(|a| a.key.local_name().as_ref() == name)?;
    let text = value.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(text.into_owned())
}

/// Whether an attribute says yes.
pub fn is_set(element: &BytesStart<'_>, name: &[u8]) -> bool {
    attribute(element, name).is_some_and(|v| matches!(v.as_str(), "1" | "true" | "on"))
}

/// A text with its `_xHHHH_` as the characters that they stand for (ECMA-376 part 1, 22.9.2.19: `ST_Xstring`).
pub fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let character = behind
            .get(2..6)
            .filter(|hex| behind.as_bytes().get(6) == Some(&b'_') && hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32);
        let used = match character {
            Some(c) => {
                out.push(c);
                7
            }
            None => {
                out.push_str("_x");
                2
            }
        };
        rest = behind.get(used..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_read_back() {
        for (text, read) in [
            ("甲_x000D_乙", "甲\r乙"),
            ("_x005F_x0041_", "_x0041_"),
            ("_x00_", "_x00_"),
            ("a_x", "a_x"),
            ("_x0041", "_x0041"),
            ("_xzzzz_", "_xzzzz_"),
            ("甲_x4E00_", "甲一"),
        ] {
            assert_eq!(unescaped(text), read, "{text}");
        }
    }

    #[test]
    fn a_text_stops_growing() {
        let mut text = Text::default();
        for _ in 0..10 {
            text.push(&"长".repeat(MAX_CELL_CHARS));
        }
        assert!(text.0.len() <= MAX_TEXT_BYTES && text.0.chars().count() > MAX_CELL_CHARS);
    }
}
