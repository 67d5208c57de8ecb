//! Numbers as people write them.

use super::*;
use crate::statistics::published::vocabulary::tidy;

fn read(text: &str) -> Option<(String, PrintedUnit, Kind)> {
    let chars: Vec<char> = text.chars().collect();
    let from = chars
        .iter()
        .position(|c| c.is_ascii_digit() || is_chinese_numeral(*c) || *c == '百' || *c == '第')?;
    let token = token(&chars, from)?;
    let printed = token.printed?;
    Some((printed.text.clone(), printed.unit, token.kind))
}

#[test]
fn numbers_are_read_as_people_write_them() {
    use PrintedUnit::{Count, Percent, Ratio, WanYuan, YiYuan};
    for (text, number, unit, kind) in [
        ("1,134项", "1134", Count, Kind::Contracts),
        ("1134份", "1134", Count, Kind::Contracts),
        ("一千一百三十四项", "1134", Count, Kind::Contracts),
        ("二百零三份", "203", Count, Kind::Contracts),
        ("十八份", "18", Count, Kind::Contracts),
        ("10.83亿元", "10.83", YiYuan, Kind::Money),
        ("10.83亿", "10.83", YiYuan, Kind::Money),
        ("十点八三亿元", "10.83", YiYuan, Kind::Money),
        ("10亿8310万元", "108310", WanYuan, Kind::Money),
        ("十亿八千三百一十万元", "108310", WanYuan, Kind::Money),
        ("7453.60万元", "7453.60", WanYuan, Kind::Money),
        ("344500.00元", "34.450000", WanYuan, Kind::Money),
        ("33.0%", "33.0", Percent, Kind::Percent),
        ("百分之三十三点零", "33.0", Percent, Kind::Percent),
        ("四成半", "45", Percent, Kind::Percent),
        ("四成三", "43", Percent, Kind::Percent),
        ("四成", "40", Percent, Kind::Percent),
        ("4.5成", "45", Percent, Kind::Percent),
        ("15.3个百分点", "15.3", Ratio, Kind::Points),
        ("3.8倍", "3.8", Ratio, Kind::Times),
        ("79人", "79", Count, Kind::Persons),
        ("两家", "2", Count, Kind::Units),
        ("第2位", "2", Count, Kind::Ordinal),
        ("第三位", "3", Count, Kind::Ordinal),
        ("2025年", "2025", Count, Kind::Year),
        ("0.433", "0.433", Ratio, Kind::Bare),
    ] {
        assert_eq!(read(text), Some((number.to_owned(), unit, kind)), "{text}");
    }
    // No numbers of the report.
    for text in [
        "9月",
        "2021-2025年",
        "2021年至2025年",
        "第十二师",
        "五技合同",
        "A4纸",
        "一师",
    ] {
        let found = read(text).filter(|(_, _, kind)| *kind != Kind::Nothing);
        assert_eq!(found, None, "{text}");
    }
}

#[test]
fn months_are_parts_of_a_year_unless_they_are_all() {
    for (text, kind) in [
        ("6月", Kind::Months),
        ("十月", Kind::Months),
        ("1-6月", Kind::Months),
        ("1月至6月", Kind::Months),
        ("1月1日至6月30日", Kind::Months),
        ("前11个月", Kind::Months),
        ("截至11月底", Kind::Months),
        ("12月", Kind::Months),
        ("1-12月", Kind::AllMonths),
        ("1月1日至12月31日", Kind::AllMonths),
        ("截至12月31日", Kind::AllMonths),
        ("2025年12月底", Kind::AllMonths),
        ("2021-2025年", Kind::Years),
        ("2021年至2025年", Kind::Years),
        ("2021、2022、2023年", Kind::Years),
        ("2021年、2023年", Kind::Years),
        ("15日", Kind::Nothing),
        ("2026-03-01T00:00:00.000000+08:00", Kind::Nothing),
        ("图1", Kind::Nothing),
    ] {
        let chars: Vec<char> = tidy(text).chars().collect();
        let kinds: Vec<Kind> = (0..chars.len())
            .filter(|at| at.checked_sub(1).is_none_or(|before| !chars[before].is_ascii_digit()))
            .filter_map(|at| token(&chars, at).map(|token| token.kind))
            .filter(|kind| *kind != Kind::Year)
            .collect();
        assert_eq!(kinds.first(), Some(&kind), "{text}");
    }
}

#[test]
fn a_number_of_any_length_is_passed_over_in_one_go() {
    let chars: Vec<char> = std::iter::repeat_n('7', 160_000).chain("项".chars()).collect();
    let token = token(&chars, 0).unwrap();
    assert_eq!((token.end, token.printed, token.kind), (160_000, None, Kind::Bare));
}
