//! 技术合同登记证明: what is handed out for a confirmed revision of a contract, and what it is worth today.

use serde_json::Value;

use super::{contract::Contract, text, time::Moment, workflow::State};

/// Digits of a code: 128 bits in hex.
pub const CODE_DIGITS: usize = 32;

/// A certificate that was handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationCertificate {
    /// Key of the contract.
    pub contract_id: i64,
    /// The revision that it shows, for good.
    pub revision: i64,
    /// Random, [`CODE_DIGITS`] lower-case hex digits; whoever holds the paper can ask for its worth by it.
    pub code: String,
    /// When it was made out.
    pub issued_at: Moment,
    /// Username of who asked for it first.
    pub issued_by: String,
    /// What stands on it, as it is handed to the layout; none on one from before sheets were kept, until it is printed again.
    pub sheet: Option<Value>,
}

/// What a certificate is worth. It is never stored: it follows from the contract, so no path of the workflow can forget it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// 有效
    Valid,
    /// 已被变更登记取代: a later revision is in force.
    Superseded,
    /// 已注销
    Cancelled,
    /// 已撤销
    Revoked,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 4] = [Self::Valid, Self::Superseded, Self::Cancelled, Self::Revoked];

    /// What the certificate of `revision` is worth while the contract stands like this. An end weighs more than a later revision.
    pub fn of(contract: &Contract, revision: i64) -> Self {
        match contract.state {
            State::Cancelled => Self::Cancelled,
            State::Confirmed if contract.revision == revision => Self::Valid,
            State::Confirmed => Self::Superseded,
            // Certificates are made out for confirmed contracts alone; whatever else one became of, it holds no more.
            _ => Self::Revoked,
        }
    }

    /// The id, as in JSON.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
            Self::Revoked => "revoked",
        }
    }

    /// The Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Valid => "有效",
            Self::Superseded => "已被变更后的登记证明取代",
            Self::Cancelled => "登记已注销",
            Self::Revoked => "登记已撤销",
        }
    }
}

/// A code as someone typed it, perhaps by a Chinese input method, or copied with its label: width folded, blanks, dots, quotes and dashes
/// of every kind left out, in lower case, the letters o, i and l as the digits that they are taken for; none where it cannot be one.
pub fn normalised_code(typed: &str) -> Option<String> {
    // Longer than any grouping of the digits, each of three bytes.
    if typed.len() > 16 * CODE_DIGITS {
        return None;
    }
    let key = text::key(typed);
    let marks = |c: &char| {
        matches!(
            c,
            '-' | '_' | '.' | ',' | '~' | ':' | '/' | '"' | '\'' | 'ー' | '[' | ']' | '(' | ')'
        )
    };
    let bare = key.trim_start_matches(|c| marks(&c));
    let bare = ["查验码", "验证码", "校验码"]
        .into_iter()
        .find_map(|label| bare.strip_prefix(label));
    let code: String = bare
        .unwrap_or(&key)
        .chars()
        .filter(|c| !marks(c))
        .map(|c| match c {
            'o' => '0',
            'i' | 'l' | '|' => '1',
            c => c,
        })
        .collect();
    (code.len() == CODE_DIGITS && code.bytes().all(|b| b.is_ascii_hexdigit())).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = "0123456789abcdef0123456789abcdef";
        assert_eq!(normalised_code(code).as_deref(), Some(code));
        assert_eq!(
            normalised_code("0123-4567-89AB-CDEF 0123-4567-89ab-cdef").as_deref(),
            Some(code)
        );
        for typed in [
            "０１２３４５６７８９ＡＢＣＤＥＦ０１２３４５６７８９ａｂｃｄｅｆ",
            "0123—4567——89ab－cdef　0123–4567‑89ab-cdef",
            "o123456789abcdefOl23456789abcdef",
            "0I23456789abcdef0123456789abcdef\u{200b}",
            "查验码：0123456789abcdef0123456789abcdef",
            "【查验码】 0123：4567/89ab-cdef 0123ー4567 89ab cdef",
            "“0123456789abcdef0123456789abcdef”",
            "０１２３－４５６７－８９ＡＢ－ＣＤＥＦ－０１２３－４５６７－８９ａｂ－ｃｄｅｆ",
        ] {
            assert_eq!(normalised_code(typed).as_deref(), Some(code), "{typed}");
        }
        for wrong in [
            "",
            "0123",
            "g123456789abcdef0123456789abcdef",
            "0123456789abcdef0123456789abcdef0",
        ] {
            assert_eq!(normalised_code(wrong), None, "{wrong}");
        }
        assert_eq!(normalised_code(&" ".repeat(1000)), None);
    }
}
