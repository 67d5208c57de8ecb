//! The unit of amounts, where a file says it: in a header, in a title, in a row of its own.

use super::{amount, cell::RawRow};
use crate::domain::{interchange::fold_width, text::key};

/// What may stand before `单位` and make it something else than a unit of amounts.
const OTHER_UNITS: [&str; 12] = [
    "填报", "填表", "报送", "编制", "登记", "建设", "承担", "归属", "所属", "制表", "主管", "计数",
];

/// The longest text that is a unit and nothing else, in bytes.
const LONGEST_BYTES: usize = 64;

/// What stands before the name of a unit that a text says as its own, beside punctuation.
const BEFORE: [&str; 13] = [
    "单位",
    "计量",
    "金额",
    "人民币",
    "rmb",
    "cny",
    "以",
    "按",
    "为",
    "是",
    "和",
    "或",
    "及",
];

/// What stands behind it.
const BEHIND: [&str; 10] = ["计", "为", "填", "列", "报", "表示", "统计", "核算", "人民币", "rmb"];

/// Names of the renminbi: alone they say no unit.
const RENMINBI: [&str; 3] = ["人民币", "rmb", "cny"];

/// Names of other currencies: what is said beside them is no unit of the form's.
const FOREIGN: [&str; 12] = [
    "美元", "美金", "港币", "港元", "欧元", "英镑", "日元", "日圆", "卢布", "usd", "eur", "hkd",
];

/// How many yuan a unit is that a header says behind its name, or a cell says alone: `(万元)`, `/元`, `(万)`, `(￥)`, `(万元人民币)`,
/// `【万元】`; the text is a key of `domain::text`. The name of the currency alone says none.
pub fn said(text: &str) -> Option<i64> {
    if let Some(unit) = amount::unit_of(text) {
        return Some(unit);
    }
    let mut bare = text.replace(['【', '】', '[', ']', '(', ')', '（', '）', '{', '}', '<', '>'], "");
    bare.retain(|c| !matches!(c, ':' | ',' | '/' | '-' | '.'));
    for word in RENMINBI {
        bare = bare.replace(word, "");
    }
    let has_sign = bare.contains(['￥', '¥']);
    bare.retain(|c| !matches!(c, '￥' | '¥'));
    let bare = bare.trim_start_matches("金额").trim_start_matches("单位");
    if bare.is_empty() {
        return has_sign.then_some(1);
    }
    let whole = format!("{}元", bare.trim_end_matches('元'));
    let is_unit = bare.ends_with('元') || matches!(bare, "万" | "百万" | "千万" | "亿" | "千" | "百");
    amount::unit_of(&whole).filter(|_| is_unit)
}

/// Whether a text is the name of the currency and no unit: `(人民币)`; a key of `domain::text`.
pub fn is_currency(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    RENMINBI.contains(&bare) || RENMINBI.contains(&bare.trim_start_matches("币种").trim_start_matches([':', ',']))
}

/// The units that a text says of the amounts beside it, wherever it stands: a title, a note, the name of a sheet. `（单位：万元）`,
/// `单位：万元、项`, `单位：人民币 万元`, `登记台账（万元）`, `以万元计`; those of several currencies or sizes are several. An amount
/// (`120万元`) says none.
pub fn in_title(text: &str) -> Vec<i64> {
    let folded = fold_width(text).to_lowercase();
    let mut units = Vec::new();
    for clause in folded.split([';', '。', '\n']) {
        if FOREIGN.iter().any(|name| clause.contains(name)) {
            continue;
        }
        let whole = whole_units(clause);
        units.extend(if whole.is_empty() { short_units(clause) } else { whole });
    }
    units
}

/// The units that are named with their 元.
fn whole_units(clause: &str) -> Vec<i64> {
    let ends = clause.match_indices('元').map(|(at, yuan)| at + yuan.len());
    let said_there = ends.filter_map(|end| {
        let (start, behind) = clause.split_at_checked(end)?;
        let (name, unit) = amount::unit_behind(start)?;
        let before = start.strip_suffix(name)?;
        (opens(before) && closes(behind)).then_some(unit)
    });
    said_there.collect()
}

/// Whether what stands before the name of a unit lets it be one, and no amount or part of a word.
fn opens(before: &str) -> bool {
    let bare = before.trim_end();
    match bare.chars().next_back() {
        None => true,
        Some(c) if c.is_ascii_digit() || c == '_' => false,
        Some(c) if !c.is_alphanumeric() => true,
        Some(_) => bare.len() < before.len() || BEFORE.iter().any(|word| bare.ends_with(word)),
    }
}

/// The same of what stands behind it; `元/亩` is a price.
fn closes(behind: &str) -> bool {
    let bare = behind.trim_start();
    match bare.chars().next() {
        None => true,
        Some('/') => {
            let next = bare.get(1..).unwrap_or_default().trim_start();
            next.is_empty()
                || next.starts_with(['元', '百', '千', '万', '亿', '(', ')'])
                || RENMINBI.iter().any(|name| next.starts_with(name))
        }
        Some(c) if !c.is_alphanumeric() => true,
        Some(_) => bare.len() < behind.len() || BEHIND.iter().any(|word| bare.starts_with(word)),
    }
}

/// The units behind 单位 that are not named with their 元: `单位：万`, `单位：￥`, `单位：元/项`.
fn short_units(clause: &str) -> Vec<i64> {
    let mut units = Vec::new();
    let mut rest = clause;
    while let Some(at) = rest.find("单位") {
        let (before, behind) = rest.split_at(at);
        rest = behind.get("单位".len()..).unwrap_or_default();
        if OTHER_UNITS.iter().any(|word| before.trim_end().ends_with(word)) {
            continue;
        }
        // Up to what is no part of a unit; the currency's name may stand before it.
        let mut said_there = rest.trim_start().trim_start_matches([':', '为', '是']).trim_start();
        while let Some(behind) = RENMINBI.iter().find_map(|name| said_there.strip_prefix(name)) {
            said_there = behind.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '、'));
        }
        let end = said_there.find(char::is_whitespace).unwrap_or(said_there.len());
        let said_there = said_there.get(..end).unwrap_or_default();
        for part in said_there.split(['、', ',', '/', '或', '和']) {
            units.extend(said(&key(part)));
        }
    }
    if units.is_empty() {
        units.extend(said(&key(clause)));
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
            ("(RMB)", None),
            ("(人民币)", None),
            ("(RMB万元)", Some(10_000)),
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
            ("单位：人民币 万元", vec![10_000]),
            ("单位：人民币　亿元", vec![100_000_000]),
            ("单位：人民币，万元", vec![10_000]),
            ("金额单位：RMB 万元", vec![10_000]),
            ("八师台账  单位：元/人民币 （万元）", vec![1, 10_000]),
            ("币种单位：人民币", vec![]),
            ("币种：人民币", vec![]),
            ("单位：万", vec![10_000]),
            ("单位：人民币 万", vec![10_000]),
            ("单位：￥", vec![1]),
            ("单位：￥ 万元", vec![10_000]),
            ("2025年技术合同登记台账（万元）", vec![10_000]),
            ("台账（万元）", vec![10_000]),
            ("八师 台账-千元", vec![1000]),
            ("（以下金额均以万元为单位）", vec![10_000]),
            ("注：1.本表金额单位为万元；2.含税。", vec![10_000]),
            ("说明：本表金额以万元计。", vec![10_000]),
            ("说明：金额按万元填写", vec![10_000]),
            ("计量：万元", vec![10_000]),
            ("单位：元/项", vec![1]),
            ("单位：万元、元/亩", vec![10_000]),
            ("单位：亩、万元", vec![10_000]),
            ("合计：120万元", vec![]),
            ("合同成交额合计 120 万元", vec![]),
            ("注：金额在一百万元以上的须附论证意见", vec![]),
            ("注：不足一万元的不计", vec![]),
            ("注：以万元以上的合同为限", vec![]),
            ("多元素分析单元，元月起", vec![]),
            ("单位：万美元", vec![]),
            ("单位：万元（美元）", vec![]),
        ] {
            assert_eq!(in_title(text), units, "{text}");
        }
    }
}
