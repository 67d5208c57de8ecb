//! What people write where a value is not: that there is none, that it stands elsewhere, that it comes later.

use crate::domain::text::key;

/// What people write where there is nothing: keys of `domain::text`.
const NOTHINGS: [&str; 12] = [
    "无", "没有", "暂无", "不详", "/", "//", "\\", "-", "--", "n/a", "na", "null",
];

/// Those among them that are no words.
const STROKES: [&str; 5] = ["/", "//", "\\", "-", "--"];

/// What people write where the value stands a row above: keys of `domain::text`.
const DITTOS: [&str; 12] = [
    "同上",
    "上同",
    "同前",
    "同上行",
    "同上一行",
    "同前行",
    "如上",
    "同左",
    "〃",
    "′′",
    "\"",
    "\"\"",
];

/// What people write where the value is to come, or stands in a paper: keys of `domain::text`.
const ELSEWHERE: [&str; 19] = [
    "待定",
    "未定",
    "待补",
    "待补充",
    "待填",
    "待填写",
    "待确认",
    "待核实",
    "待查",
    "待完善",
    "暂缺",
    "详见合同",
    "见合同",
    "同合同",
    "详见附件",
    "见附件",
    "见附表",
    "另附",
    "tbd",
];

/// The longest text that stands for nothing, in characters.
const LONGEST: usize = 8;

/// Whether a text says that there is nothing: `无`, `—`, `/`.
pub fn is_nothing(text: &str) -> bool {
    text.chars().count() <= LONGEST && NOTHINGS.contains(&key(text).as_str())
}

/// Whether a text is a stroke and no word.
pub fn is_stroke(text: &str) -> bool {
    text.chars().count() <= LONGEST && STROKES.contains(&key(text).as_str())
}

/// Whether a text refers to another row: `同上`, `同第2行`, `↑`.
pub fn is_ditto(text: &str) -> bool {
    let key = key(text);
    let row = key
        .strip_prefix("同第")
        .and_then(|rest| rest.strip_suffix(['行', '条', '项', '号']));
    let is_number = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_digit() || "一二三四五六七八九十百".contains(c))
    };
    let are_arrows = !key.is_empty() && key.chars().all(|c| matches!(c, '↑' | '↓' | '←' | '→' | '⇑' | '⬆'));
    DITTOS.contains(&key.as_str()) || row.is_some_and(is_number) || are_arrows
}

/// Whether a text in the place of a name is none: `待定`, `详见合同`, `……`.
pub fn is_elsewhere(text: &str) -> bool {
    ELSEWHERE.contains(&key(text).as_str()) || !text.chars().any(char::is_alphanumeric)
}

/// Whether a spreadsheet made a date of a number and wrote it so: `1月2日` and `2-Jan` of 1-2, `Mar-24` of 2024-3, `2024/1/2`.
pub fn is_rewritten_date(text: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let small = |text: &str, digits: std::ops::RangeInclusive<usize>| {
        digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let text = text.trim();
    if let Some((month, day)) = text.strip_suffix('日').and_then(|text| text.split_once('月')) {
        let month = month.split_once('年').map_or(month, |(_, month)| month);
        return small(month, 1..=2) && small(day, 1..=2);
    }
    if let Some((first, second)) = text.split_once('-') {
        let is_month = |text: &str| MONTHS.contains(&text.to_ascii_lowercase().as_str());
        return (small(first, 1..=2) && is_month(second)) || (is_month(first) && small(second, 2..=2));
    }
    let parts: Vec<&str> = text.split('/').collect();
    matches!(parts.as_slice(), [year, month, day] if small(year, 4..=4) && small(month, 1..=2) && small(day, 1..=2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_value_is_known() {
        for text in ["同上", "↑", "↑↑", "同第2行", "同第十二条", "〃"] {
            assert!(is_ditto(text), "{text}");
        }
        for text in ["同第一师", "同济大学", "第2行", "A→B"] {
            assert!(!is_ditto(text), "{text}");
        }
        for text in ["待定", "详见合同", "……", "***", "。。。", "TBD"] {
            assert!(is_elsewhere(text), "{text}");
        }
        for text in ["待定价系统", "A", "见附件管理软件"] {
            assert!(!is_elsewhere(text), "{text}");
        }
        assert!(is_stroke("—") && is_stroke("——") && is_nothing("无") && !is_stroke("无") && !is_nothing("-1"));
    }

    #[test]
    fn dates_that_a_spreadsheet_made_are_known() {
        for text in ["1月2日", "2024年1月2日", "2-Jan", "Mar-24", "2024/1/2"] {
            assert!(is_rewritten_date(text), "{text}");
        }
        for text in [
            "2024-1-2",
            "1-2",
            "2024AB001",
            "Mar-2024",
            "24-Marx",
            "1/2",
            "2024/123/4",
            "计1月2日",
        ] {
            assert!(!is_rewritten_date(text), "{text}");
        }
    }
}
