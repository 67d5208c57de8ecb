//! Texts that lost on the way what they said: through the wrong encoding, through one without their characters, through a formula that
//! failed.

use encoding_rs::{Encoding, GBK, WINDOWS_1252};

/// What remains of characters that were lost on the way through UTF-8 and GBK: of U+FFFD twice, and of memory that nobody wrote to.
const REMAINS: [&str; 3] = ["锟斤拷", "烫烫烫", "屯屯屯"];

/// Ideographs that must come out when a text is read in the right encoding, so that chance does not make them.
const LEAST: usize = 3;

/// What spreadsheets show in place of a value: of a formula that failed, and of one that does not fit.
const ERROR_TEXTS: [&str; 10] = [
    "#REF!",
    "#N/A",
    "#VALUE!",
    "#NAME?",
    "#DIV/0!",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
    "#GETTING_DATA",
];

/// Characters of a text up to which a question mark at its end is taken for a lost character: names, not sentences.
const NAME_CHARS: usize = 40;

/// Whether a text is UTF-8 that was read as GBK or as Latin letters, or what is left of characters that were lost.
pub(super) fn is_garbled(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    REMAINS.iter().any(|remains| text.contains(remains)) || was_utf8(text, WINDOWS_1252) || was_utf8(text, GBK)
}

/// Whether the bytes of a text in an encoding are UTF-8 of ideographs.
fn was_utf8(text: &str, encoding: &'static Encoding) -> bool {
    let mut first = [0; 4];
    let beginning = text
        .chars()
        .find(|c| !c.is_ascii())
        .unwrap_or_default()
        .encode_utf8(&mut first);
    let (bytes, _, unmappable) = encoding.encode(beginning);
    // The first byte of an ideograph in UTF-8, and in GBK its second one, too: nearly every sound text ends here.
    let begins = match *bytes {
        [lead] => (0xe4..=0xe9).contains(&lead),
        [lead, second, ..] => (0xe4..=0xe9).contains(&lead) && (0x80..=0xbf).contains(&second),
        [] => false,
    };
    if unmappable || !begins {
        return false;
    }
    let (bytes, _, unmappable) = encoding.encode(text);
    let is_han = |c: &char| matches!(c, '\u{3400}'..='\u{9fff}');
    !unmappable && {
        // The last character may have been cut.
        let sound = match std::str::from_utf8(&bytes) {
            Ok(text) => text,
            Err(error) if error.valid_up_to() + 4 > bytes.len() => bytes
                .get(..error.valid_up_to())
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .unwrap_or_default(),
            Err(_) => "",
        };
        sound.chars().filter(is_han).count() >= LEAST
    }
}

/// Whether a text is what spreadsheets show of a formula that failed, or of a column too narrow.
pub(super) fn is_error_text(text: &str) -> bool {
    text.starts_with('#')
        && (ERROR_TEXTS.iter().any(|known| text.eq_ignore_ascii_case(known))
            || (text.len() >= 3 && text.bytes().all(|b| b == b'#')))
}

/// Whether a question mark stands where a character was: a code page without it writes one between those that it has, and at the end of a
/// name.
pub(super) fn has_lost_character(text: &str) -> bool {
    let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    let chars: Vec<char> = if text.contains('?') {
        text.chars().collect()
    } else {
        return false;
    };
    chars.iter().enumerate().any(|(at, c)| {
        if *c != '?' {
            return false;
        }
        let before = chars.iter().take(at).rev().find(|c| **c != '?').copied();
        let after = chars.iter().skip(at + 1).find(|c| **c != '?').copied();
        let opens = |c: char| matches!(c, '(' | '（' | '“' | '《' | '〔' | '·');
        let closes = |c: char| matches!(c, ')' | '）' | '”' | '》' | '〕' | '·');
        let is_name = chars.len() <= NAME_CHARS;
        let fits_before = before.is_none_or(|c| is_han(c) || opens(c));
        let fits_after = match after {
            Some(c) => is_han(c) || closes(c),
            None => is_name,
        };
        let beside_han = before.is_some_and(is_han) || after.is_some_and(is_han);
        fits_before && fits_after && beside_han
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_wrong_encoding_are_known() {
        let original = "石河子样例科技有限公司";
        for encoding in [GBK, WINDOWS_1252] {
            let (garbled, _) = encoding.decode_without_bom_handling(original.as_bytes());
            // What has no character in the encoding is U+FFFD and refused elsewhere.
            if !garbled.contains('\u{fffd}') {
                assert!(is_garbled(&garbled), "{garbled}");
            }
        }
        assert!(is_garbled("石河子锟斤拷科技"));
        assert!(is_garbled("鐭虫渤瀛愭牱渚"));
        assert!(is_garbled("çŸ³æ²³å\u{ad}\u{90}"));
        for sound in [
            original,
            "联通",
            "鐭",
            "新疆生产建设兵团第八师石河子市",
            "Société générale",
            "Müller GmbH",
            "古丽米热·艾比布力",
            "溆浦县渌口区",
            "龢龘靐",
            "鑫淼焱垚森",
        ] {
            assert!(!is_garbled(sound), "{sound}");
        }
    }
}
