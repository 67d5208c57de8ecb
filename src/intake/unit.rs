//! The unit of amounts, where a file says it: in a header, in a title, in a row of its own.

use super::{amount, cell::RawRow};
use crate::domain::{interchange::fold_width, text::key};

/// What may stand before `单位` and make it something else than a unit of amounts.
const OTHER_UNITS: [&str; 12] = [
    "填报", "填表", "报送", "编制", "登记", "建设", "承担", "归属", "所属", "制表", "主管", "计数",
];

/// The longest text that is a unit and nothing else, in bytes.
const LONGEST_BYTES: usize = 64;

/// How many yuan a unit is that a header says behind its name, or a cell says alone: `(万元)`, `/元`, `(万)`, `(￥)`, `(万元人民币)`,
/// `【万元】`; the text is a key of `domain::text`.
pub fn said(text: &str) -> Option<i64> {
    if let Some(unit) = amount::unit_of(text) {
        return Some(unit);
    }
    let mut bare = text.replace(['【', '】', '[', ']', '(', ')', '（', '）', '{', '}', '<', '>'], "");
    bare.retain(|c| !matches!(c, ':' | ',' | '/' | '-' | '.'));
    let mut has_currency = false;
    for word in ["人民币", "rmb", "cny", "￥", "¥"] {
        if bare.contains(word) {
            has_currency = true;
            bare = bare.replace(word, "");
        }
    }
    let bare = bare.trim_start_matches("金额").trim_start_matches("单位");
    if bare.is_empty() {
        return has_currency.then_some(1);
    }
    let whole = format!("{}元", bare.trim_end_matches('元'));
    let is_unit = bare.ends_with('元') || matches!(bare, "万" | "百万" | "千万" | "亿" | "千" | "百");
    amount::unit_of(&whole).filter(|_| is_unit)
}

/// The units that a title says: `（单位：万元）`, `单位：万元、项`, `单位：万元 填报单位：…`; those of several currencies or sizes are several.
pub fn in_title(text: &str) -> Vec<i64> {
    let folded = fold_width(text);
    let mut units = Vec::new();
    let mut rest = folded.as_ref();
    while let Some(at) = rest.find("单位") {
        let (before, behind) = rest.split_at(at);
        rest = behind.get("单位".len()..).unwrap_or_default();
        if OTHER_UNITS.iter().any(|word| before.trim_end().ends_with(word)) {
            continue;
        }
        // Up to what is no part of a unit.
        let said_there = rest.trim_start().trim_start_matches([':', '为', '是']).trim_start();
        let end = said_there
            .find(|c: char| c.is_whitespace() || matches!(c, ';' | '。'))
            .unwrap_or(said_there.len());
        let said_there = said_there.get(..end).unwrap_or_default();
        for part in said_there.split(['、', ',', '/', '或', '和']) {
            units.extend(said(&key(part)));
        }
    }
    if units.is_empty() {
        units.extend(said(&key(text)));
    }
    units
}

/// The units of a row that says nothing else: each with its place.
pub fn of_row(row: &RawRow<'_>) -> Option<Vec<(usize, i64)>> {
    let mut units = Vec::new();
    for (place, cell) in row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
        let text = cell.display();
        if text.len() > LONGEST_BYTES {
            return None;
        }
        units.push((place, said(&key(&text))?));
    }
    (!units.is_empty()).then_some(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_where_people_write_them() {
        for (text, unit) in [
            ("(万)", Some(10_000)),
            ("(￥)", Some(1)),
            ("(¥)", Some(1)),
            ("(RMB)", Some(1)),
            ("(万元人民币)", Some(10_000)),
            ("[万元]", Some(10_000)),
            ("【万元】", Some(10_000)),
            ("(元)", Some(1)),
            ("(美元)", None),
            ("(项)", None),
            ("(￥美元)", None),
            ("", None),
        ] {
            assert_eq!(said(&key(text)), unit, "{text}");
        }
        for (text, units) in [
            ("单位：万元（人民币）", vec![10_000]),
            ("单位：万元、项", vec![10_000]),
            ("单位：项、万元", vec![10_000]),
            ("单位：万元 填报单位：八师", vec![10_000]),
            ("填报单位：八师 单位：万元", vec![10_000]),
            ("填报单位：八师", vec![]),
            ("（万元）", vec![10_000]),
            ("2025年登记台账（单位：元）", vec![1]),
            ("金额单位: 人民币万元", vec![10_000]),
            ("单位：元/万元", vec![1, 10_000]),
            ("单位：八师", vec![]),
        ] {
            assert_eq!(in_title(text), units, "{text}");
        }
    }
}
