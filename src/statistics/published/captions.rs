//! What a caption says of the numbers below it, and heads that say nothing but a unit or a class of amounts.

use super::{
    numerals::{self, Kind},
    tables::{is_of_something_else, measure_of, unit_in, year_of},
    vocabulary::tidy,
};
use crate::statistics::{sums::BANDS, value::PrintedUnit};

/// What a head measures that says nothing but a unit: 项, 万元, 其中：南疆（亿元）.
pub(super) fn measure_by_unit(head: &str) -> Option<(&'static str, PrintedUnit, bool)> {
    let mut unit = head.to_owned();
    for word in ["其中", "南疆", "单位", "：", "（", "）"] {
        unit = unit.replace(word, "");
    }
    match unit.as_str() {
        "万元" => Some(("amount", PrintedUnit::WanYuan, false)),
        "亿元" => Some(("amount", PrintedUnit::YiYuan, false)),
        "项" | "份" | "件" | "笔" => Some(("contracts", PrintedUnit::Count, false)),
        _ => None,
    }
}

/// What a caption says of the numbers below it.
#[derive(Debug, Clone, Copy)]
pub(super) struct CaptionWords {
    /// The year of the table; none where it is of something else than a year.
    of: Option<i32>,
    unit: Option<PrintedUnit>,
    /// Whether amounts and counts that nothing else is said of are those of the contracts.
    is_plain: bool,
}

impl CaptionWords {
    /// Of a table of the report on `year`, with the text of its corner.
    pub(super) fn of(caption: &str, corner: &str, year: i32) -> Self {
        let caption = tidy(caption);
        Self {
            of: year_of(&caption, year),
            unit: unit_in(&format!("{caption}{corner}")),
            is_plain: !caption.contains("技术交易") && !is_of_something_else(&caption),
        }
    }

    /// The year, where it is not the report's.
    pub(super) fn other_year(self, year: i32) -> Option<Option<i32>> {
        self.of.map(|of| Some(of).filter(|of| *of != year))
    }

    /// What a head measures.
    pub(super) fn measure(self, head: &str, before: Option<&str>) -> Option<(&'static str, PrintedUnit, bool)> {
        measure_of(head, self.unit, before).or_else(|| measure_by_unit(head).filter(|_| self.is_plain))
    }
}

/// The band of amounts that a head names: 10万元以下, 100万以上.
pub(super) fn band_of(head: &str) -> Option<&'static str> {
    let chars: Vec<char> = head.chars().take(numerals::MAX_TOKEN).collect();
    let token = numerals::token(&chars, 0).filter(|token| token.kind == Kind::Money)?;
    let fen = i64::try_from(token.printed?.value()?.whole()?).ok()?;
    let behind: String = chars.get(token.end..)?.iter().collect();
    let found = BANDS.iter().find(|(_, low, high)| match behind.as_str() {
        "以下" | "以内" => *low == 0 && *high == fen,
        "以上" | "及以上" | "（含）以上" => *low == fen && *high == i64::MAX,
        _ => false,
    });
    found.map(|(key, _, _)| *key)
}
