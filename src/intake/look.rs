//! What a number's format makes of it: what a person sees in the cell, beside the number that the file holds.

use std::borrow::Cow;

use super::amount;

/// What a cell shows of its number.
#[derive(Debug, Clone, PartialEq)]
pub enum Look {
    /// The number, with decimals, separators or zeros before it: as it stands there without separators, where that is sure.
    Plain(Option<Box<str>>),
    /// An amount of renminbi, in yuan.
    Yuan,
    /// An amount in units of so many yuan.
    Unit(i64),
    /// An amount of another currency.
    Foreign,
    /// Hundredths.
    Percent,
    /// A thousandth, a ten-thousandth … of the number.
    Scaled,
    /// Nothing of the number.
    Hidden,
    /// Nothing, or a dash, where the number is zero.
    Blank,
    /// The number with words, or words in its place: as it stands there, where that is sure.
    Words(Option<Box<str>>),
}

/// Signs and words of other currencies than renminbi.
const FOREIGN: [&str; 22] = [
    "$", "€", "£", "₩", "₽", "₹", "฿", "¢", "美元", "美金", "港", "欧元", "英镑", "日元", "日圆", "卢布", "usd", "eur",
    "gbp", "hkd", "jpy", "rub",
];

/// Words for renminbi.
const RENMINBI: [&str; 5] = ["人民币", "rmb", "cny", "¥", "￥"];

impl Look {
    /// What a format means that shows these words beside a number; none where it has none.
    pub fn of_words(words: &str) -> Option<Self> {
        let mut rest: String = words
            .chars()
            .filter(|c| !c.is_whitespace() && !"()（）+-:：/[]【】".contains(*c))
            .collect::<String>()
            .to_lowercase();
        if rest.is_empty() {
            return None;
        }
        for word in RENMINBI {
            rest = rest.replace(word, "");
        }
        if matches!(rest.as_str(), "" | "元" | "圆" | "元整") {
            return Some(Self::Yuan);
        }
        let whole = format!("{}元", rest.trim_end_matches('元'));
        if let Some(unit) = amount::unit_of(&whole) {
            return Some(if unit == 1 { Self::Yuan } else { Self::Unit(unit) });
        }
        if rest.contains(['%', '％', '‰']) {
            return Some(Self::Percent);
        }
        if FOREIGN.iter().any(|sign| rest.contains(sign)) {
            return Some(Self::Foreign);
        }
        Some(Self::Words(None))
    }

    /// The cell's text: as it stands there, or else what says that the number alone is not what stands there.
    pub fn display(&self, number: f64) -> Cow<'_, str> {
        match self {
            Self::Plain(Some(shown)) | Self::Words(Some(shown)) => Cow::Borrowed(shown),
            Self::Plain(None) | Self::Yuan | Self::Blank => Cow::Owned(number.to_string()),
            Self::Unit(unit) => Cow::Owned(format!("{number}{}", amount::unit_name(*unit))),
            Self::Percent => Cow::Owned(format!("{}%", number * 100.0)),
            Self::Foreign => Cow::Owned(format!("外币 {number}")),
            Self::Scaled => Cow::Owned(format!("{number}（缩小显示）")),
            Self::Hidden => Cow::Owned(format!("{number}（不显示）")),
            Self::Words(None) => Cow::Owned(format!("{number}（另有文字）")),
        }
    }
}
