//! Dates and times as people type them, and as spreadsheets number them.

use std::borrow::Cow;

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use crate::domain::{
    interchange::fold_width,
    time::{Date, Moment},
};

const DATE: &str = "不是日期；请写作 2025-01-03、2025/1/3 或 2025年1月3日";
const TIME: &str = "不是时间；请写作 2025-01-03T10:00:00+08:00 或 2025-01-03 10:00";

/// A date from text: 2025-01-03, 2025/1/3, 2025.1.3, 2025年1月3日, 20250103, 二〇二五年一月三日; the day of the week and a time of day behind
/// it are dropped, an offset is heeded.
///
/// # Errors
/// How to write it, in Chinese.
pub fn date(text: &str) -> Result<Date, String> {
    let folded = plain(text);
    match plain_date(folded.trim()) {
        Some(date) => Ok(date),
        None => moment(&folded).map(Moment::date).map_err(|_| DATE.into()),
    }
}

/// In half-width characters, without the day of the week, its numerals as digits.
fn plain(text: &str) -> Cow<'_, str> {
    let folded = fold_width(text);
    if folded.is_ascii() || !folded.contains(['星', '周', '礼', '一', '二', '〇', '○', '零']) {
        return folded;
    }
    let mut text = folded.into_owned();
    for day in ["一", "二", "三", "四", "五", "六", "日", "天"] {
        for name in ["星期", "周", "礼拜"] {
            for (before, after) in [("(", ")"), ("", "")] {
                text = text.replace(&format!("{before}{name}{day}{after}"), " ");
            }
        }
    }
    Cow::Owned(in_digits(text.trim()).unwrap_or(text))
}

/// 二〇二五年十二月三十一日 in digits; `None` where the text is not of that form.
fn in_digits(text: &str) -> Option<String> {
    let (year, rest) = text.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let (day, rest) = rest.split_at(rest.find(['日', '号'])?);
    let digit = |c: char| match c {
        '〇' | '○' | '零' => Some(0),
        c => "一二三四五六七八九"
            .chars()
            .position(|known| known == c)
            .map(|at| at + 1),
    };
    let year: String = year
        .trim()
        .chars()
        .map(|c| digit(c).map(|n| n.to_string()))
        .collect::<Option<_>>()?;
    // Up to thirty-one: 三, 十, 十三, 二十, 二十三.
    let small = |text: &str| {
        let text = text.trim();
        match text.split_once('十') {
            None => text
                .chars()
                .next()
                .filter(|_| text.chars().count() == 1)
                .and_then(digit),
            Some((tens, ones)) => {
                let one = |text: &str, absent| match text.chars().count() {
                    0 => Some(absent),
                    1 => text.chars().next().and_then(digit),
                    _ => None,
                };
                Some(one(tens, 1)? * 10 + one(ones, 0)?)
            }
        }
    };
    Some(format!("{year}年{}月{}{rest}", small(month)?, small(day)?))
}

/// A moment from text: RFC 3339 with any offset, or a date with H:MM or H:MM:SS, which mean Beijing time; a bare date is its
/// first moment.
///
/// # Errors
/// How to write it, in Chinese.
pub fn moment(text: &str) -> Result<Moment, String> {
    let folded = plain(text);
    let text = folded.trim();
    if let Some(date) = plain_date(text) {
        return Ok(Moment::start_of(date));
    }
    if let Ok(at) = Moment::parse(text) {
        return Ok(at);
    }
    // The forms that RFC 3339 does not have: a space or nothing before the offset, an offset without colon, lower case.
    let separator = text.find(['T', 't', ' ', '日', '号']).ok_or(TIME)?;
    let (day, rest) = text.split_at(separator);
    let (day, rest) = match rest.strip_prefix(['日', '号']) {
        Some(rest) => (format!("{day}日"), rest),
        None => (day.to_owned(), rest.trim_start_matches(['T', 't'])),
    };
    let day = plain_date(&day).ok_or(TIME)?;
    let (clock, offset) = split_offset(rest.trim());
    let local = day.and_time(time_of_day(clock.trim()).ok_or(TIME)?);
    match offset {
        None => Ok(Moment::from_beijing(local)),
        Some(offset) => {
            let minutes = offset_minutes(offset.trim()).ok_or(TIME)?;
            // Beijing is 480 minutes ahead of UTC.
            Ok(Moment::from_beijing(local).plus_seconds((480 - minutes) * 60))
        }
    }
}

/// The first day that a number or a date cell may mean: years and months typed as numbers (2024, 2024.3) are days of 1905 to a
/// spreadsheet, and no technology contract was registered before the eighties.
const FIRST_YEAR: i32 = 1980;

/// The last day that a bare number may mean: 100000, an amount that slipped a column, is a day of 2173.
const LAST_YEAR_OF_NUMBERS: i32 = 2100;

/// A date and time from a number in a cell that is not formatted as a date: a spreadsheet's serial number, or the digits yyyymmdd.
///
/// # Errors
/// How to write it, in Chinese.
pub fn from_number(number: f64, from_1904: bool) -> Result<NaiveDateTime, String> {
    if number.fract() == 0.0 && (19_000_101.0..22_010_000.0).contains(&number) {
        return digits(&number.to_string())
            .map(|d| d.and_time(NaiveTime::MIN))
            .ok_or_else(|| DATE.into());
    }
    from_serial(number, from_1904)
        .filter(|at| (FIRST_YEAR..=LAST_YEAR_OF_NUMBERS).contains(&at.year()))
        .ok_or_else(|| DATE.into())
}

/// The date and time of a serial number: days since 1899-12-30, or since 1904-01-01 in books that count so; to the millisecond, as
/// spreadsheets do. `None` where it is none of the calendar's.
pub fn from_serial(number: f64, from_1904: bool) -> Option<NaiveDateTime> {
    // Beyond the year 9999 spreadsheets know no days.
    if !(0.0..2_958_466.0).contains(&number) {
        return None;
    }
    let epoch = if from_1904 {
        NaiveDate::from_ymd_opt(1904, 1, 1)
    } else {
        NaiveDate::from_ymd_opt(1899, 12, 30)
    };
    #[expect(clippy::cast_possible_truncation, reason = "below 2^48, checked above")]
    let millis = (number * 86_400_000.0).round() as i64;
    epoch?
        .and_time(NaiveTime::MIN)
        .checked_add_signed(Duration::milliseconds(millis))
}

/// A date, with time or without, as ISO 8601 cells hold it.
pub fn iso(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim_end_matches(['Z', 'z']);
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(date.and_time(NaiveTime::MIN));
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()
}

/// The date of a date cell.
///
/// # Errors
/// Outside 1980–2200.
pub fn date_of(at: Option<NaiveDateTime>) -> Result<Date, String> {
    at.map(|at| at.date()).filter(|d| typed(*d)).ok_or_else(|| DATE.into())
}

/// The moment of a date cell: its clock is Beijing's.
///
/// # Errors
/// Outside 1980–2200.
pub fn moment_of(at: Option<NaiveDateTime>) -> Result<Moment, String> {
    at.filter(|at| typed(at.date()))
        .map(Moment::from_beijing)
        .ok_or_else(|| TIME.into())
}

/// Whether a day may be one that somebody typed.
fn typed(date: Date) -> bool {
    (FIRST_YEAR..=2200).contains(&date.year())
}

fn plain_date(text: &str) -> Option<Date> {
    if let Some(date) = digits(text) {
        return Some(date);
    }
    let mut parts = text.splitn(3, ['-', '/', '.', '年', '月']).map(str::trim);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let day = day.trim_end_matches(['日', '号']).trim();
    // One kind of separator throughout: 2025-1/3 is a slip.
    let separators: Vec<char> = text
        .chars()
        .filter(|c| matches!(c, '-' | '/' | '.' | '年' | '月'))
        .collect();
    if !matches!(
        separators.as_slice(),
        ['年', '月'] | ['-', '-'] | ['/', '/'] | ['.', '.']
    ) || year.len() != 4
    {
        return None;
    }
    let small = |s: &str| (1..=2).contains(&s.len()).then(|| number(s)).flatten();
    NaiveDate::from_ymd_opt(i32::try_from(number(year)?).ok()?, small(month)?, small(day)?).filter(|d| typed(*d))
}

fn digits(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.is_ascii() {
        return None;
    }
    let part = |from, to| text.get(from..to).and_then(number);
    NaiveDate::from_ymd_opt(i32::try_from(part(0, 4)?).ok()?, part(4, 6)?, part(6, 8)?).filter(|d| typed(*d))
}

fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

/// Parts of the day, before the time or behind it.
const PARTS_OF_DAY: [&str; 8] = ["上午", "早上", "凌晨", "中午", "下午", "晚上", "AM", "PM"];

/// The hour of 24 that an hour in a part of the day means; none where it is not surely one: 上午12点 is noon to some and midnight to others.
fn hour_of_day(part: &str, hour: u32) -> Option<u32> {
    match (part, hour) {
        ("上午" | "早上", 0..=11) | ("凌晨" | "AM", 1..=11) | ("凌晨", 0) => Some(hour),
        ("凌晨" | "AM", 12) => Some(0),
        ("中午", 11..=14) | ("下午" | "PM", 12..=23) | ("晚上", 17..=23) => Some(hour),
        ("中午", 1..=2) | ("下午" | "PM", 1..=11) | ("晚上", 5..=11) => Some(hour + 12),
        _ => None,
    }
}

/// H:MM, H:MM:SS, fractions of a second, 10时5分3秒, 15时, 下午3:00, 3:00 PM.
fn time_of_day(text: &str) -> Option<NaiveTime> {
    let text = text.to_uppercase();
    let part = PARTS_OF_DAY.into_iter().find_map(|part| {
        let rest = text.strip_prefix(part).or_else(|| text.strip_suffix(part))?;
        Some((rest.trim().to_owned(), part))
    });
    let (text, part) = part.map_or((text, None), |(rest, part)| (rest, Some(part)));
    let has_hour = text.contains(['时', '点']);
    let text = text.replace(['时', '点', '分'], ":").replace('秒', "");
    let mut parts = text.trim_end_matches(':').split(':').map(str::trim);
    let hour = number(parts.next()?)?;
    let hour = match part {
        None => hour,
        Some(part) => hour_of_day(part, hour)?,
    };
    let minute = match parts.next() {
        Some(minute) => number(minute)?,
        None if has_hour => 0,
        None => return None,
    };
    let (second, micros) = match parts.next() {
        None => (0, 0),
        Some(seconds) => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
            let padded: String = fraction.chars().chain("000000".chars()).take(6).collect();
            (number(whole)?, number(&padded)?)
        }
    };
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, micros)?;
    parts
        .next()
        .is_none()
        .then_some(time)
        .filter(|t| t.nanosecond() < 1_000_000_000)
}

/// Splits `10:00 +08:00`, `10:00Z` at the offset. What stands behind a hyphen is the end of an hour's range (`10:00-11:00`): offsets to the
/// west are read where RFC 3339 has them, and nowhere else.
fn split_offset(text: &str) -> (&str, Option<&str>) {
    match text.find(['+', 'Z', 'z']) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at..)),
        None => (text, None),
    }
}

/// Minutes east of UTC: `Z`, `+08:00`, `+0800`, `+8`.
fn offset_minutes(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let digits = text.strip_prefix('+')?;
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (!digits.is_empty() && hours <= 14 && minutes <= 59).then(|| i64::from(hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_type_them() {
        let expected = NaiveDate::from_ymd_opt(2025, 1, 3).unwrap();
        for text in [
            "2025-01-03",
            "2025/1/3",
            "2025-1-3",
            "2025.1.3",
            "2025年1月3日",
            "2025年01月03日",
            "２０２５年１月３日",
            "２０２５／１／３",
            "20250103",
            " 2025 年 1 月 3 日 ",
            "2025年1月3",
            "2025/1/3 0:00",
            "2025-01-03 00:00:00",
            "2025-01-03T00:00:00+08:00",
            "2025-01-02T16:00:00Z",
            "2025年01月03日 星期五",
            "2025-1-3（周五）",
            "二〇二五年一月三日",
            "二○二五年一月三日 10时",
            "2025/1/3 下午3:00",
        ] {
            assert_eq!(date(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            "2025",
            "2025-13-01",
            "2025-02-29",
            "25/1/3",
            "2025年1月",
            "2025-1/3",
            "1/3/2025",
            "45660",
            "2025011",
            "明天",
            "2025-001-03",
            "0025-01-03",
            "20259999",
            "1925-01-03",
            "2025-01-03 10:00-11:00",
            "2025-01-03 8:00-12:00",
            "二〇二五年十三月三日",
            "二五年一月三日",
        ] {
            assert!(date(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_read_with_any_offset_or_as_beijings() {
        let expected = Moment::parse("2025-01-03T10:05:00+08:00").unwrap();
        for text in [
            "2025-01-03T10:05:00+08:00",
            "2025-01-03T02:05:00Z",
            "2025-01-02T21:05:00-05:00",
            "2025-01-03T10:05:00.000+08:00",
            "2025-01-03 10:05:00+08:00",
            "2025-01-03 10:05:00 +0800",
            "2025-01-03T10:05+08:00",
            "2025-01-03T07:35:00+05:30",
            "2025-01-03T10:05:00",
            "2025/1/3 10:05",
            "2025.1.3 10:05:00",
            "2025年1月3日10:05",
            "2025年1月3日 10时5分",
            "２０２５－０１－０３　１０：０５",
            "20250103 10:05",
            "2025-01-03 上午10:05",
            "2025-01-03 10:05 AM",
            "二〇二五年一月三日10时5分",
        ] {
            assert_eq!(moment(text), Ok(expected), "{text}");
        }
        assert_eq!(moment("2025-01-03"), Moment::parse("2025-01-03T00:00:00+08:00"));
        assert_eq!(
            moment("2025-01-03T10:05:00.000001+08:00").unwrap().micros(),
            expected.micros() + 1
        );
        assert_eq!(
            moment("2025-01-03 10:05:00.5").unwrap().micros(),
            expected.micros() + 500_000
        );
        for (text, clock) in [
            ("2025/2/3 下午3:00", "15:00:00"),
            ("2025-02-03 3:00:05 pm", "15:00:05"),
            ("2025年2月3日15时", "15:00:00"),
            ("2025-02-03 12:00 AM", "00:00:00"),
            ("2025-02-03 12:30 PM", "12:30:00"),
            ("2025-02-03 下午15:00", "15:00:00"),
            ("二〇二五年二月三日 中午12点", "12:00:00"),
            ("2025-02-03 中午11:30", "11:30:00"),
            ("2025-02-03 中午1:30", "13:30:00"),
            ("2025-02-03 晚上8点", "20:00:00"),
            ("2025-02-03 凌晨12:30", "00:30:00"),
        ] {
            assert_eq!(
                moment(text),
                Moment::parse(&format!("2025-02-03T{clock}+08:00")),
                "{text}"
            );
        }
        for text in [
            "",
            "10:05",
            "2025-01-03 25:00",
            "2025-01-03 10",
            "2025-01-03T10:05:00+25:00",
            "2025-01-03 10:05+15:00",
            "2025-01-03 上午13:00",
            "2025-01-03 上午12:00",
            "2025-01-03 晚上12:00",
            "2025-01-03 中午5:00",
            "2025-01-03 0:30 PM",
            "2025-02-03 9:00-17:00",
            "2025-02-03 10:00-11",
            "2025-01-03 1:2:3:4",
        ] {
            assert!(moment(text).is_err(), "{text}");
        }
    }

    #[test]
    fn serial_numbers_are_spreadsheet_days() {
        let at = |text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap();
        for (number, text) in [
            (45_660.0, "2025-01-03 00:00:00"),
            (45_660.5, "2025-01-03 12:00:00"),
            (20_250_103.0, "2025-01-03 00:00:00"),
            (29_221.0, "1980-01-01 00:00:00"),
            (45_660.000_011_574_07, "2025-01-03 00:00:01"),
        ] {
            assert_eq!(from_number(number, false), Ok(at(text)), "{number}");
        }
        // A workbook of 1904 is 1462 days behind.
        assert_eq!(from_number(44_198.0, true), Ok(at("2025-01-03 00:00:00")));
        for number in [
            0.0,
            60.0,
            61.0,
            2024.0,
            2024.3,
            202_403.0,
            29_220.0,
            -1.0,
            20_251_301.0,
            100_000.0,
            1e9,
            f64::NAN,
        ] {
            assert!(from_number(number, false).is_err(), "{number}");
        }
        assert_eq!(
            iso("2025-01-03T10:05:00.5Z").map(|at| at.to_string()).as_deref(),
            Some("2025-01-03 10:05:00.500")
        );
        assert_eq!(iso("2025-01-03"), Some(at("2025-01-03 00:00:00")));
    }
}
