//! Years, months and days: no numbers of a report, but what says of which time its numbers are.

use super::{Kind, MAX_TOKEN, Plain, Token, arabic, at, nothing, starts};
use crate::statistics::{published::statement::Printed, value::PrintedUnit};

/// Signs between the first and the last of a span.
fn is_dash(c: Option<char>) -> bool {
    matches!(c, Some('-' | '~' | '至' | '到'))
}

fn of_kind(kind: Kind, from: usize, end: usize) -> Token {
    Token {
        kind,
        ..nothing(from, end)
    }
}

/// Where a moment ends that is written as machines do: 2026-03-01T00:00:00+08:00, 2026-03-01.
pub(super) fn moment(chars: &[char], from: usize) -> Option<usize> {
    let digits = |at: usize, n: usize| (at..at + n).all(|at| self::at(chars, at).is_some_and(|c| c.is_ascii_digit()));
    let is_day = digits(from, 4)
        && at(chars, from + 4) == Some('-')
        && digits(from + 5, 2)
        && at(chars, from + 7) == Some('-')
        && digits(from + 8, 2);
    let is_part = |c: &&char| c.is_ascii_digit() || matches!(c, 'T' | 'Z' | '：' | ':' | '.' | '+' | '-');
    let length = || {
        chars
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take(MAX_TOKEN)
            .take_while(is_part)
            .count()
    };
    is_day.then(|| from + length())
}

/// Where a list of years ends that begins with this one: 2021、2022、2023年, 2021年、2023年.
fn list_of_years(chars: &[char], plain: &Plain) -> Option<usize> {
    let mut end = plain.end;
    let mut several = false;
    for _ in 0..MAX_TOKEN {
        let next = end + usize::from(at(chars, end) == Some('年'));
        let more = matches!(at(chars, next), Some('、' | '和' | '及'))
            .then(|| arabic(chars, next + 1).ok().flatten())
            .flatten()
            .filter(|year| year.decimals == 0 && (1900..=2200).contains(&year.mantissa) && year.end == next + 5);
        match more {
            Some(year) => (end, several) = (year.end, true),
            None => break,
        }
    }
    (several && at(chars, end) == Some('年')).then_some(end + 1)
}

/// 2025年, 2021—2025年, 9月, 1—6月, 15日.
pub(super) fn date(chars: &[char], from: usize, plain: &Plain) -> Option<Token> {
    if plain.decimals > 0 {
        return None;
    }
    let length = plain.end - from;
    let next = at(chars, plain.end);
    if (1900..=2200).contains(&plain.mantissa) && length == 4 {
        if let Some(end) = list_of_years(chars, plain) {
            return Some(of_kind(Kind::Years, from, end));
        }
        if next == Some('年') {
            return Some(year_token(chars, from, plain, plain.end + 1));
        }
        if is_dash(next)
            && let Ok(Some(to)) = arabic(chars, plain.end + 1)
            && to.decimals == 0
            && at(chars, to.end) == Some('年')
        {
            return Some(of_kind(Kind::Years, from, to.end + 1));
        }
    }
    match next {
        Some('月') if length <= 2 => Some(months(chars, from, plain.mantissa, plain.end + 1)),
        Some('日' | '号' | '时' | '分') if length <= 2 => Some(nothing(from, plain.end + 1)),
        c if is_dash(c) && length <= 2 => {
            let to = arabic(chars, plain.end + 1).ok()??;
            match at(chars, to.end) {
                Some('月') => Some(until_month(chars, from, (plain.mantissa, to.mantissa), to.end + 1)),
                Some('日') => Some(nothing(from, to.end + 1)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A month, whose 月 ends at `end`, with the day and the end of a span behind it: 6月, 12月31日, 1月至6月, 1月1日至6月30日.
fn months(chars: &[char], from: usize, month: i128, mut end: usize) -> Token {
    let first_day = match arabic(chars, end) {
        Ok(Some(day)) if at(chars, day.end) == Some('日') => {
            end = day.end + 1;
            Some(day.mantissa)
        }
        _ => None,
    };
    if is_dash(at(chars, end))
        && let Ok(Some(to)) = arabic(chars, end + 1)
        && at(chars, to.end) == Some('月')
    {
        return until_month(chars, from, (month, to.mantissa), to.end + 1);
    }
    // 截至12月31日, 截至12月底.
    let is_up_to = ["截至", "截止", "截止到", "至", "到", "年"].iter().any(|word| {
        let length = word.chars().count();
        from >= length && starts(chars, from - length, word)
    });
    let is_last_day = first_day == Some(31) || (first_day.is_none() && matches!(at(chars, end), Some('底' | '末')));
    let kind = if month == 12 && is_up_to && is_last_day {
        Kind::AllMonths
    } else {
        Kind::Months
    };
    of_kind(kind, from, end)
}

/// A span of months, the last 月 of which ends at `end`.
fn until_month(chars: &[char], from: usize, months: (i128, i128), mut end: usize) -> Token {
    let mut is_cut = false;
    if let Ok(Some(day)) = arabic(chars, end)
        && at(chars, day.end) == Some('日')
    {
        is_cut = day.mantissa != 31;
        end = day.end + 1;
    }
    let kind = if months == (1, 12) && !is_cut {
        Kind::AllMonths
    } else {
        Kind::Months
    };
    of_kind(kind, from, end)
}

/// A year whose 年 ends at `end`; 2021年至2025年 is several.
pub(super) fn year_token(chars: &[char], from: usize, plain: &Plain, end: usize) -> Token {
    if is_dash(at(chars, end))
        && let Ok(Some(to)) = arabic(chars, end + 1)
        && at(chars, to.end) == Some('年')
    {
        return of_kind(Kind::Years, from, to.end + 1);
    }
    Token {
        printed: Printed::of(plain.mantissa, 0, PrintedUnit::Count),
        ..of_kind(Kind::Year, from, end)
    }
}
