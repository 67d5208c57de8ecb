//! Numbers as people type them.

use std::borrow::Cow;

use crate::domain::{
    interchange::fold_width,
    money::{Fen, MAX_FEN, parse_yuan},
};

/// The largest whole number that a spreadsheet's number holds exactly: 2^53.
pub const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Noise of binary fractions that a sum of amounts may carry, in fen: a millionth of a yuan.
const NOISE_FEN: f64 = 1e-4;

/// Units in which registers keep amounts, and how many yuan each is.
const UNITS: [(&str, i64); 7] = [
    ("元", 1),
    ("百元", 100),
    ("千元", 1000),
    ("万元", 10_000),
    ("百万元", 1_000_000),
    ("千万元", 10_000_000),
    ("亿元", 100_000_000),
];

/// How many yuan a unit is that a header or a title names: `（万元）`, `单位：元`, `/万元`; the text is a key of `domain::text`.
pub fn unit_of(text: &str) -> Option<i64> {
    let bare = text.trim_matches(|c| matches!(c, '(' | ')' | '[' | ']' | ':' | '/' | '-' | ',' | '.'));
    let bare = bare
        .trim_start_matches("金额")
        .trim_start_matches("单位")
        .trim_start_matches(':');
    let bare = bare.trim_start_matches("人民币").trim_start_matches([':', ',', '(']);
    UNITS.into_iter().find(|(name, _)| *name == bare).map(|(_, yuan)| yuan)
}

/// The unit that a text ends with, by its longest name, and how many yuan it is.
pub fn unit_behind(text: &str) -> Option<(&'static str, i64)> {
    let units = UNITS.into_iter().filter(|(name, _)| text.ends_with(name));
    units.max_by_key(|(name, _)| name.len())
}

/// What a unit is called.
pub fn unit_name(yuan: i64) -> &'static str {
    UNITS
        .into_iter()
        .find(|(_, known)| *known == yuan)
        .map_or("元", |(name, _)| name)
}

/// An amount from text, its column counting in units of `unit` yuan: full-width digits, thousands separators (in groups of three),
/// `￥`, and the unit itself.
///
/// # Errors
/// What is wrong and how to mend it, in Chinese.
pub fn yuan(text: &str, unit: i64) -> Result<Fen, String> {
    if is_broken(text) {
        return Err("单元格内有换行或空格隔开的几个数，无法判断是哪一个，请只写一个数".into());
    }
    let folded = fold_width(text);
    let name = unit_name(unit);
    let bare = bare_amount(&folded);
    if let Some(why) = why_unread(bare) {
        return Err(why.into());
    }
    // Its own unit, where the cell says one, must be the column's.
    let said = bare.trim_end_matches(|c| !matches!(c, '元' | '百' | '千' | '万' | '亿'));
    let digits = bare.trim_end_matches(['元', '百', '千', '万', '亿']).trim();
    let said = said.get(digits.len()..).unwrap_or_default().trim();
    let own = match said {
        "" => None,
        "元" => Some(1),
        said => UNITS
            .into_iter()
            .find(|(name, _)| *name == said || name.trim_end_matches('元') == said)
            .map(|u| u.1),
    };
    match own {
        None if said.is_empty() => {}
        Some(own) if own == unit => {}
        _ if unit == 1 => return Err("请换算为元填写，不要写“万元”“亿元”".into()),
        _ => return Err(format!("该列以{name}计，请换算为{name}填写，不要写“{said}”")),
    }
    let digits = ungrouped(digits).ok_or("金额的千分位分隔符位置不对，请写作 1234567.89 或 1,234,567.89")?;
    let scaled = scaled(&digits, unit);
    parse_yuan(&scaled).map_err(|problem| match problem.as_str() {
        "不是数字" => "不是数字；请写作 1234567.89".into(),
        _ => problem,
    })
}

/// Why what is no plain number is not read, where that can be told.
fn why_unread(bare: &str) -> Option<&'static str> {
    let numerals = |c: char| "零〇一二两三四五六七八九十壹贰叁肆伍陆柒捌玖拾佰仟".contains(c);
    let is_foreign = |c: char| c.is_ascii_alphabetic() || matches!(c, '$' | '€' | '£' | '₽' | '₩');
    let has_digits = bare.contains(|c: char| c.is_ascii_digit());
    if bare.contains(numerals) && !has_digits {
        Some("请用阿拉伯数字填写金额，例如 1200.00")
    } else if bare.contains(is_foreign) && !is_scientific(bare) || bare.contains("美元") || bare.contains("欧元") {
        Some("金额应以人民币填写，只写数字，不写外币或其他文字")
    } else {
        None
    }
}

/// A decimal number with its point further to the right: exact, as no binary fraction is.
fn scaled(digits: &str, unit: i64) -> Cow<'_, str> {
    let places = usize::try_from(unit.ilog10()).unwrap_or_default();
    if places == 0
        || digits.len() > 40
        || !digits
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'))
    {
        return Cow::Borrowed(digits);
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let moved: String = fraction.chars().chain(std::iter::repeat('0')).take(places).collect();
    let rest: String = fraction.chars().skip(places).collect();
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    Cow::Owned(format!("{whole}{moved}{point}{rest}"))
}

/// An amount from a spreadsheet's number, its column counting in units of `unit` yuan.
///
/// # Errors
/// Finer than a fen, or out of range.
pub fn yuan_number(number: f64, unit: i64) -> Result<Fen, String> {
    #[expect(clippy::cast_precision_loss, reason = "at most 10^8")]
    let exact = number * unit as f64 * 100.0;
    let fen = exact.round();
    if !fen.is_finite() || fen.abs() > MAX_FEN as f64 {
        return Err("金额超出可登记的范围".into());
    }
    if (exact - fen).abs() > NOISE_FEN.max(exact.abs() * 4.0 * f64::EPSILON) {
        return Err("金额最多两位小数（精确到分）".into());
    }
    #[expect(clippy::cast_possible_truncation, reason = "within ±2^53, checked above")]
    Ok(fen as i64)
}

/// Whether a line's end, a tabulator or a wide blank stands between digits: two numbers, and no separator of thousands.
fn is_broken(text: &str) -> bool {
    let is_break = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{3000}'
        )
    };
    let mut numbers = text.split(is_break).filter(|part| part.contains(char::is_numeric));
    numbers.nth(1).is_some()
}

/// A whole number from text.
pub fn whole(text: &str) -> Option<i64> {
    if is_broken(text) {
        return None;
    }
    let folded = fold_width(text);
    let digits = ungrouped(folded.trim())?;
    let digits = digits.split_once('.').map_or(digits.as_ref(), |(whole, zeros)| {
        if zeros.bytes().all(|b| b == b'0') { whole } else { "" }
    });
    digits.parse().ok()
}

/// A whole number from a spreadsheet's number.
pub fn whole_number(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "within ±2^53, checked before")]
    (number.abs() <= MAX_EXACT && number.fract() == 0.0).then_some(number as i64)
}

/// Whether a text of digits went through a program's number and lost its last ones: `2.02566E+15` as spreadsheets write it, `2.02566E15`
/// as other programs do; `12E3` is somebody's number.
pub fn is_scientific(text: &str) -> bool {
    let folded = fold_width(text);
    let Some((mantissa, exponent)) = folded.trim().split_once(['E', 'e']) else {
        return false;
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let are_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let is_number = !whole.is_empty() && are_digits(whole) && are_digits(fraction);
    let signed = exponent.strip_prefix(['+', '-']);
    let exponent = signed.unwrap_or(exponent);
    let is_programs = signed.is_some() || (whole.len() == 1 && !fraction.is_empty());
    is_number && is_programs && !exponent.is_empty() && are_digits(exponent)
}

/// Whether a text of digits went through a program's number: `2024001.0`. What it was may have begun with zeros.
pub fn has_float_tail(text: &str) -> bool {
    let folded = fold_width(text);
    folded.trim().split_once('.').is_some_and(|(whole, fraction)| {
        whole.len() >= 5
            && whole.bytes().all(|b| b.is_ascii_digit())
            && fraction.bytes().all(|b| b == b'0')
            && !fraction.is_empty()
    })
}

/// Whether a text is nothing but the dash that spreadsheets show for zero in their accounting formats: ` - `, `￥ -`.
pub fn is_zero_dash(text: &str) -> bool {
    let folded = fold_width(text);
    matches!(bare_amount(&folded), "-" | "--")
}

/// Without the currency's signs before it, 整 or 正 behind 元, and surrounding spaces.
fn bare_amount(text: &str) -> &str {
    let mut text = text.trim();
    let sign_before = |text: &str| {
        let mut signs = ["人民币", "RMB", "CNY", "￥", "¥", ":"].into_iter();
        signs.find(|sign| {
            text.get(..sign.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(sign))
        })
    };
    while let Some(sign) = sign_before(text) {
        text = text.get(sign.len()..).unwrap_or_default().trim();
    }
    match text.strip_suffix(['整', '正']).map(str::trim) {
        Some(rest) if rest.ends_with('元') => rest,
        _ => text,
    }
}

/// Without thousands separators; `None` where they do not part groups of three.
fn ungrouped(text: &str) -> Option<Cow<'_, str>> {
    const SEPARATORS: [char; 3] = [',', ' ', '\''];
    if !text.contains(SEPARATORS) {
        return Some(Cow::Borrowed(text));
    }
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let mut groups = whole.split(SEPARATORS);
    let first = groups.next()?.trim_start_matches(['-', '+']);
    let sound = (1..=3).contains(&first.len())
        && groups.all(|g| g.len() == 3)
        && !fraction.is_some_and(|f| f.contains(SEPARATORS));
    sound.then(|| Cow::Owned(text.replace(SEPARATORS, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (text, fen) in [
            ("344500.00", 34_450_000),
            ("３４４，５００．５", 34_450_050),
            ("1,234,567.89", 123_456_789),
            ("1 234 567", 123_456_700),
            ("￥ 12.30", 1230),
            ("¥12元", 1200),
            ("人民币 8,000.00 元", 800_000),
            ("１２．３０　元", 1230),
            ("0", 0),
            ("-3", -300),
            ("－1,000", -100_000),
            ("1200元整", 120_000),
            ("RMB1200", 120_000),
            ("CNY 1,200.50", 120_050),
            ("人民币：￥1200元正", 120_000),
        ] {
            assert_eq!(yuan(text, 1), Ok(fen), "{text}");
        }
        for text in [
            "",
            "￥120\n200",
            "120\n100元",
            "1,200\n300",
            "120　100元",
            "120\t100",
            "元",
            "34万元",
            "1.2亿",
            "十万",
            "12,34",
            "1,2345",
            "1.234,5",
            "1.23E+08",
            "1.005",
            "(100)",
            "—",
            "1 2",
        ] {
            assert!(yuan(text, 1).is_err(), "{text}");
        }
    }

    #[test]
    fn why_an_amount_is_not_read_is_told() {
        for (text, told) in [
            ("US$1,200", "人民币"),
            ("1200美元", "人民币"),
            ("120\n200", "换行"),
            ("USD 1200", "人民币"),
            ("一千二百", "阿拉伯数字"),
            ("壹仟贰佰元整", "阿拉伯数字"),
            ("34万元", "换算为元"),
            ("12,34", "千分位"),
        ] {
            let why = yuan(text, 1).unwrap_err();
            assert!(why.contains(told), "{text}: {why}");
        }
        assert!(is_zero_dash(" - ") && is_zero_dash("￥ -   ") && is_zero_dash("—") && !is_zero_dash("-1"));
    }

    #[test]
    fn amounts_in_other_units_are_exact() {
        for (text, unit, fen) in [
            ("120", 10_000, 120_000_000),
            ("14.5", 10_000, 14_500_000),
            ("1,234.567891", 10_000, 1_234_567_891),
            ("120万元", 10_000, 120_000_000),
            ("￥１２０万", 10_000, 120_000_000),
            ("-0.000001", 10_000, -1),
            ("1.5", 100_000_000, 15_000_000_000),
            ("3.25", 1000, 325_000),
            ("0.10", 10_000, 100_000),
        ] {
            assert_eq!(yuan(text, unit), Ok(fen), "{text}");
        }
        for (text, unit) in [
            ("120元", 10_000),
            ("1.2亿", 10_000),
            ("1.2345678", 10_000),
            ("120百", 10_000),
            ("元", 10_000),
            ("万", 1),
        ] {
            assert!(yuan(text, unit).is_err(), "{text}");
        }
        assert_eq!(yuan_number(14.5, 10_000), Ok(14_500_000));
        assert_eq!(yuan_number(1_234.567_891, 10_000), Ok(1_234_567_891));
        assert!(yuan_number(0.000_000_5, 10_000).is_err());
        for (text, unit) in [
            ("(元)", Some(1)),
            ("(万元)", Some(10_000)),
            ("/万元", Some(10_000)),
            ("(单位:万元)", Some(10_000)),
            ("单位:元", Some(1)),
            ("(人民币万元)", Some(10_000)),
            ("亿元", Some(100_000_000)),
            ("(美元)", None),
            ("单位:八师", None),
            ("", None),
        ] {
            assert_eq!(unit_of(text), unit, "{text}");
        }
    }

    #[test]
    fn a_spreadsheets_numbers_are_exact_to_the_fen() {
        for (number, fen) in [
            (344_500.0, 34_450_000),
            (0.1 + 0.2, 30),
            (1.1 * 3.0, 330),
            (70_000_000_000.07, 7_000_000_000_007),
            (-5.5, -550),
            (0.289_999_999, 29),
        ] {
            assert_eq!(yuan_number(number, 1), Ok(fen), "{number}");
        }
        for number in [0.125, 1.005, f64::NAN, f64::INFINITY, 1e14, 12.344_9] {
            assert!(yuan_number(number, 1).is_err(), "{number}");
        }
    }

    #[test]
    fn whole_numbers_and_lost_digits_are_told() {
        for (text, value) in [
            ("1,626", Some(1626)),
            ("７９", Some(79)),
            ("5.00", Some(5)),
            ("5.5", None),
            ("", None),
            ("三", None),
            ("１２０\n１００", None),
            ("120\n项", None),
        ] {
            assert_eq!(whole(text), value, "{text}");
        }
        assert_eq!(whole_number(2_025_660_003_000_001.0), Some(2_025_660_003_000_001));
        assert_eq!(whole_number(1e16), None);
        assert_eq!(whole_number(0.5), None);
        assert!(is_scientific("2.02566E+15") && is_scientific("2e+15"));
        assert!(is_scientific("2.02312E11") && is_scientific("１.2E10") && is_scientific("1.5e-7"));
        assert!(
            !is_scientific("12E3") && !is_scientific("DJE+1") && !is_scientific("2025") && !is_scientific("2025E12")
        );
        assert!(has_float_tail("2024001.0") && has_float_tail("13999912345.00"));
        assert!(!has_float_tail("2024.0") && !has_float_tail("2024001.5") && !has_float_tail("2024001."));
    }
}
