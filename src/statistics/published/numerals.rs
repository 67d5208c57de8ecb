//! Numbers as people write them: 1,134 项, 10亿8310万元, 十点八三亿元, 四成半, 百分之三十三, 3000余, 近一千. Reads one number where it begins;
//! each is looked at for a fixed length at most, so that a text takes steps in proportion to its length.

mod dates;
#[cfg(test)]
mod tests;

use self::dates::{date, year_token};
use super::statement::{Nearness, Printed};
use crate::{domain::steps, statistics::value::PrintedUnit};

/// The most characters that one number is read from, its unit included; a report has none half as long.
pub(super) const MAX_TOKEN: usize = 40;

/// The most digits of a number; what is longer is no figure of a report.
const MAX_DIGITS: usize = 18;

/// What a number counts or measures, by its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// 项, 份, 件, 个.
    Contracts,
    /// 元, 万元, 亿元.
    Money,
    /// %, 成, 百分之.
    Percent,
    /// 个百分点.
    Points,
    /// 倍.
    Times,
    /// 人, 名, 人次.
    Persons,
    /// 家, 户, 所.
    Units,
    /// 场, 期, 次, 天 and whatever else is counted.
    Other,
    /// No unit.
    Bare,
    /// 第几.
    Ordinal,
    /// A calendar year.
    Year,
    /// Several calendar years: 2021—2025年.
    Years,
    /// A part of a year: 6月, 1—6月, 1月1日至6月30日.
    Months,
    /// All of a year, by its months: 1—12月, 截至12月31日.
    AllMonths,
    /// Part of a date, of a name or of a number of something: no number of the report.
    Nothing,
}

/// A number in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) from: usize,
    /// The first character behind it and its unit.
    pub(super) end: usize,
    pub(super) kind: Kind,
    /// None where it is too long to be read.
    pub(super) printed: Option<Printed>,
    /// Whether it is written in Chinese numerals.
    pub(super) chinese: bool,
}

fn at(chars: &[char], index: usize) -> Option<char> {
    chars.get(index).copied()
}

fn starts(chars: &[char], from: usize, word: &str) -> bool {
    word.chars()
        .enumerate()
        .all(|(offset, c)| at(chars, from + offset) == Some(c))
}

/// The length of the first of the words that stands at `from`.
fn word_at(chars: &[char], from: usize, words: &[&str]) -> Option<usize> {
    let found = words.iter().find(|word| starts(chars, from, word))?;
    Some(found.chars().count())
}

/// The value of a Chinese digit.
fn digit(c: char) -> Option<i128> {
    Some(match c {
        '〇' | '零' => 0,
        '一' | '壹' => 1,
        '二' | '两' | '贰' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn place(c: char) -> Option<i128> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1000,
        _ => return None,
    })
}

pub(super) fn is_chinese_numeral(c: char) -> bool {
    digit(c).is_some() || place(c).is_some()
}

/// A plain number: mantissa, decimals, the first character behind it.
struct Plain {
    mantissa: i128,
    decimals: u32,
    end: usize,
}

impl Token {
    /// Whether it is no date and no part of a name.
    pub(super) const fn is_number(&self) -> bool {
        !matches!(
            self.kind,
            Kind::Nothing | Kind::Year | Kind::Years | Kind::Months | Kind::AllMonths
        )
    }
}

/// Arabic digits at `from`, with separators of thousands; `Err` with the end of what is too long.
fn arabic(chars: &[char], from: usize) -> Result<Option<Plain>, usize> {
    let mut end = from;
    let (mut mantissa, mut decimals, mut digits, mut point) = (0_i128, 0_u32, 0, false);
    while let Some(c) = at(chars, end) {
        steps::tick(1);
        match c {
            '0'..='9' => {
                digits += 1;
                if digits <= MAX_DIGITS {
                    mantissa = mantissa * 10 + i128::from(u32::from(c) - u32::from('0'));
                    decimals += u32::from(point);
                }
            }
            '.' if !point && digits > 0 && at(chars, end + 1).is_some_and(|c| c.is_ascii_digit()) => point = true,
            ',' if !point && digits > 0 && at(chars, end + 1).is_some_and(|c| c.is_ascii_digit()) => {}
            _ => break,
        }
        end += 1;
    }
    match digits {
        0 => Ok(None),
        _ if digits > MAX_DIGITS => Err(end),
        _ => Ok(Some(Plain {
            mantissa,
            decimals,
            end,
        })),
    }
}

/// Chinese numerals at `from`, below ten thousand, with decimals behind 点: 一千一百三十四, 十点八三, 二〇二五.
fn chinese(chars: &[char], from: usize) -> Option<Plain> {
    let (mut end, mut sum, mut last, mut plain) = (from, 0_i128, None, 0_i128);
    let mut places = 0;
    while let Some(c) = at(chars, end).filter(|_| end - from < MAX_TOKEN / 2) {
        steps::tick(1);
        if let Some(value) = digit(c) {
            plain = plain.checked_mul(10)?.checked_add(value)?;
            last = Some(last.map_or(value, |last: i128| last * 10 + value));
        } else if let Some(unit) = place(c) {
            sum += last.filter(|last| *last > 0 || end > from).unwrap_or(1).max(1) * unit;
            last = None;
            places += 1;
        } else {
            break;
        }
        end += 1;
    }
    if end == from {
        return None;
    }
    let mut mantissa = if places == 0 { plain } else { sum + last.unwrap_or(0) };
    let mut decimals = 0;
    if at(chars, end) == Some('点') && at(chars, end + 1).is_some_and(|c| digit(c).is_some()) {
        end += 1;
        while let Some(value) = at(chars, end).and_then(digit).filter(|_| decimals < 6) {
            mantissa = mantissa * 10 + value;
            decimals += 1;
            end += 1;
        }
    }
    Some(Plain {
        mantissa,
        decimals,
        end,
    })
}

/// The place of the last digit that is not 0, at most `most`.
fn last_place(mut value: i128, most: i128) -> i128 {
    let mut place = 1;
    while value != 0 && value % 10 == 0 && place < most {
        value /= 10;
        place *= 10;
    }
    place
}

const CONTRACTS: [&str; 7] = ["个合同", "个项目", "项", "份", "件", "宗", "笔"];
const PERSONS: [&str; 4] = ["人次", "人", "名", "位"];
const UNITS: [&str; 5] = ["家", "户", "所", "个单位", "个师"];
const OTHERS: [&str; 13] = [
    "个工作日",
    "个月",
    "个",
    "场",
    "期",
    "次",
    "届",
    "天",
    "类",
    "种",
    "条",
    "批",
    "年",
];

/// Words before a number by which it is no exact one.
const BEFORE: [(&str, Nearness); 14] = [
    ("超过", Nearness::Over),
    ("突破", Nearness::Over),
    ("高达", Nearness::Exact),
    ("大约", Nearness::About),
    ("约为", Nearness::About),
    ("约占", Nearness::About),
    ("接近", Nearness::Under),
    ("将近", Nearness::Under),
    ("不足", Nearness::Under),
    ("不到", Nearness::Under),
    ("超", Nearness::Over),
    ("逾", Nearness::Over),
    ("约", Nearness::About),
    ("近", Nearness::Under),
];

/// How near the number that begins at `from` is said to be, by the words before it.
fn nearness_before(chars: &[char], from: usize) -> Nearness {
    let found = BEFORE.iter().find(|(word, _)| {
        let length = word.chars().count();
        from >= length && starts(chars, from - length, word)
    });
    found.map_or(Nearness::Exact, |(_, nearness)| *nearness)
}

/// The number at `from`; none where none begins there. `from` must not lie within another number.
pub(super) fn token(chars: &[char], from: usize) -> Option<Token> {
    steps::tick(1);
    let first = at(chars, from)?;
    if first.is_ascii_digit() || (first == '-' && at(chars, from + 1).is_some_and(|c| c.is_ascii_digit())) {
        return Some(arabic_token(chars, from));
    }
    if first == '第' {
        return ordinal(chars, from);
    }
    if starts(chars, from, "百分之") {
        return percent_in_words(chars, from);
    }
    is_chinese_numeral(first).then(|| chinese_token(chars, from))?
}

fn nothing(from: usize, end: usize) -> Token {
    Token {
        from,
        end,
        kind: Kind::Nothing,
        printed: None,
        chinese: false,
    }
}

fn ordinal(chars: &[char], from: usize) -> Option<Token> {
    let plain = match arabic(chars, from + 1) {
        Ok(Some(plain)) => plain,
        Ok(None) => chinese(chars, from + 1)?,
        Err(end) => return Some(nothing(from, end)),
    };
    // 第十二师 is a name; 第 2 位 a rank.
    let ranks = word_at(chars, plain.end, &["位", "名"]);
    let end = plain.end + ranks.unwrap_or(0);
    Some(Token {
        from,
        end,
        kind: if plain.decimals == 0 && at(chars, plain.end) != Some('师') {
            Kind::Ordinal
        } else {
            Kind::Nothing
        },
        printed: Printed::of(plain.mantissa, 0, PrintedUnit::Count),
        chinese: false,
    })
}

fn percent_in_words(chars: &[char], from: usize) -> Option<Token> {
    let begin = from + 3;
    let (plain, is_chinese) = match arabic(chars, begin) {
        Ok(Some(plain)) => (plain, false),
        Ok(None) => (chinese(chars, begin)?, true),
        Err(end) => return Some(nothing(from, end)),
    };
    let (end, nearness) = behind(chars, plain.end, nearness_before(chars, from));
    let printed = Printed::of(plain.mantissa, plain.decimals, PrintedUnit::Percent).map(|p| p.near(nearness));
    Some(Token {
        from,
        end,
        kind: Kind::Percent,
        printed,
        chinese: is_chinese,
    })
}

/// 余, 多, 左右 behind a number or its unit.
fn behind(chars: &[char], end: usize, before: Nearness) -> (usize, Nearness) {
    if let Some(length) = word_at(chars, end, &["余", "多", "强"]) {
        return (end + length, Nearness::Over);
    }
    match word_at(chars, end, &["左右", "上下"]) {
        Some(length) => (end + length, Nearness::About),
        None => (end, before),
    }
}

fn arabic_token(chars: &[char], from: usize) -> Token {
    let negative = at(chars, from) == Some('-');
    let plain = match arabic(chars, from + usize::from(negative)) {
        Ok(Some(plain)) => plain,
        Ok(None) => return nothing(from, from + 1),
        Err(end) => {
            return Token {
                kind: Kind::Bare,
                ..nothing(from, end)
            };
        }
    };
    // 3.5：1, of which the second is no number of its own.
    if from >= 2 && at(chars, from - 1) == Some('：') && at(chars, from - 2).is_some_and(|c| c.is_ascii_digit()) {
        return nothing(from, plain.end);
    }
    if let Some(end) = dates::moment(chars, from) {
        return nothing(from, end);
    }
    // 图1, 表2: the number of a picture or a table.
    let before = |back: usize| from.checked_sub(back).and_then(|before| at(chars, before));
    if !negative && (before(1) == Some('图') || (before(1) == Some('表') && before(2) != Some('代'))) {
        return nothing(from, plain.end);
    }
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    if letter(from.checked_sub(1).and_then(|before| at(chars, before))) || letter(at(chars, plain.end)) {
        return nothing(from, plain.end);
    }
    if let Some(token) = date(chars, from, &plain) {
        return token;
    }
    // 前11个月.
    if from.checked_sub(1).and_then(|before| at(chars, before)) == Some('前') && starts(chars, plain.end, "个月") {
        return Token {
            kind: Kind::Months,
            ..nothing(from, plain.end + 2)
        };
    }
    let mut token = with_unit(chars, from, &plain);
    if negative {
        token.printed = token.printed.map(Printed::negated);
    }
    token
}

/// A number with what stands behind it.
fn with_unit(chars: &[char], from: usize, plain: &Plain) -> Token {
    let before = nearness_before(chars, from);
    let (mut end, mut nearness) = behind(chars, plain.end, before);
    let make = |kind, printed: Option<Printed>, end, nearness| Token {
        from,
        end,
        kind,
        printed: printed.map(|p| p.near(nearness)),
        chinese: false,
    };
    let of = |mantissa, decimals, unit| Printed::of(mantissa, decimals, unit);
    let (mantissa, decimals) = (plain.mantissa, plain.decimals);
    if starts(chars, end, "亿") {
        // 10亿8310万元, 10亿元.
        if let Ok(Some(rest)) = arabic(chars, end + 1)
            && starts(chars, rest.end, "万")
            && decimals == 0
        {
            let mut last = rest.end + 1;
            last += usize::from(at(chars, last) == Some('元'));
            let scale = 10_i128.pow(rest.decimals.min(8));
            let whole = mantissa
                .checked_mul(10_000 * scale)
                .and_then(|m| m.checked_add(rest.mantissa));
            let step = if rest.decimals == 0 {
                last_place(rest.mantissa, 1000)
            } else {
                1
            };
            let printed = whole
                .and_then(|m| of(m, rest.decimals, PrintedUnit::WanYuan))
                .map(|p| p.stepped(step));
            return make(Kind::Money, printed, last, nearness);
        }
        end += 1 + usize::from(at(chars, end + 1) == Some('元'));
        (end, nearness) = behind(chars, end, nearness);
        return make(Kind::Money, of(mantissa, decimals, PrintedUnit::YiYuan), end, nearness);
    }
    if starts(chars, end, "万") {
        let counted = word_at(chars, end + 1, &PERSONS)
            .map(|n| (n, Kind::Persons))
            .or_else(|| word_at(chars, end + 1, &["项", "份", "件"]).map(|n| (n, Kind::Contracts)));
        if let Some((length, kind)) = counted {
            let step = 10_i128.pow(4_u32.saturating_sub(decimals));
            let whole = mantissa.checked_mul(step).filter(|_| decimals <= 4);
            let printed = whole
                .and_then(|m| of(m, 0, PrintedUnit::Count))
                .map(|p| p.stepped(step));
            return make(kind, printed, end + 1 + length, nearness);
        }
        end += 1 + usize::from(at(chars, end + 1) == Some('元'));
        (end, nearness) = behind(chars, end, nearness);
        return make(Kind::Money, of(mantissa, decimals, PrintedUnit::WanYuan), end, nearness);
    }
    if starts(chars, end, "元") {
        return make(
            Kind::Money,
            of(mantissa, decimals + 4, PrintedUnit::WanYuan),
            end + 1,
            nearness,
        );
    }
    if starts(chars, end, "%") {
        (end, nearness) = behind(chars, end + 1, nearness);
        return make(
            Kind::Percent,
            of(mantissa, decimals, PrintedUnit::Percent),
            end,
            nearness,
        );
    }
    if let Some(length) = word_at(chars, end, &["个百分点", "百分点"]) {
        return make(
            Kind::Points,
            of(mantissa, decimals, PrintedUnit::Ratio),
            end + length,
            nearness,
        );
    }
    if starts(chars, end, "成") && !starts(chars, end, "成交") && !starts(chars, end, "成果") {
        return tenths(chars, from, end, (mantissa, decimals), nearness);
    }
    if starts(chars, end, "倍") {
        return make(
            Kind::Times,
            of(mantissa, decimals, PrintedUnit::Ratio),
            end + 1,
            nearness,
        );
    }
    let counted = [
        (&PERSONS[..], Kind::Persons),
        (&UNITS[..], Kind::Units),
        (&CONTRACTS[..], Kind::Contracts),
        (&OTHERS[..], Kind::Other),
    ];
    for (words, kind) in counted {
        if let Some(length) = word_at(chars, end, words) {
            return make(kind, of(mantissa, decimals, PrintedUnit::Count), end + length, nearness);
        }
    }
    make(Kind::Bare, of(mantissa, decimals, PrintedUnit::Ratio), end, nearness)
}

/// 四成, 四成半, 四成三, 4.5成: `end` is where 成 stands.
fn tenths(chars: &[char], from: usize, end: usize, (mantissa, decimals): (i128, u32), near: Nearness) -> Token {
    let whole = |step: i128, add: i128| {
        let tens = mantissa.checked_mul(10)?.checked_add(add)?;
        (decimals == 0)
            .then(|| Printed::of(tens, 0, PrintedUnit::Percent))?
            .map(|p| p.stepped(step))
    };
    let next = at(chars, end + 1);
    let (printed, last) = match next {
        Some('半') => (whole(5, 5), end + 2),
        Some(c) if digit(c).is_some() && at(chars, end + 2) != Some('成') => {
            (whole(1, digit(c).unwrap_or(0)), end + 2)
        }
        _ if decimals > 0 => (Printed::of(mantissa, decimals - 1, PrintedUnit::Percent), end + 1),
        _ => (whole(10, 0), end + 1),
    };
    let (last, nearness) = behind(chars, last, near);
    Token {
        from,
        end: last,
        kind: Kind::Percent,
        printed: printed.map(|p| p.near(nearness)),
        chinese: false,
    }
}

/// A number in Chinese numerals, only where a unit makes it one.
fn chinese_token(chars: &[char], from: usize) -> Option<Token> {
    let first = chinese(chars, from)?;
    // 二〇二五年.
    if first.decimals == 0 && (1900..=2200).contains(&first.mantissa) && at(chars, first.end) == Some('年') {
        return Some(Token {
            chinese: true,
            ..year_token(chars, from, &first, first.end + 1)
        });
    }
    // 十亿八千三百一十万元: in 万元, as precise as its last digit.
    if first.decimals == 0
        && at(chars, first.end) == Some('亿')
        && let Some(rest) = chinese(chars, first.end + 1)
        && at(chars, rest.end) == Some('万')
        && rest.decimals == 0
    {
        let end = rest.end + 1 + usize::from(at(chars, rest.end + 1) == Some('元'));
        let wan = first.mantissa * 10_000 + rest.mantissa;
        let printed = Printed::of(wan, 0, PrintedUnit::WanYuan).map(|p| p.stepped(last_place(wan, 1000)));
        return Some(Token {
            from,
            end,
            kind: Kind::Money,
            printed: printed.map(|p| p.near(nearness_before(chars, from))),
            chinese: true,
        });
    }
    if first.decimals == 0 && (1..=12).contains(&first.mantissa) && at(chars, first.end) == Some('月') {
        return Some(Token {
            kind: Kind::Months,
            ..nothing(from, first.end + 1)
        });
    }
    let token = with_unit(chars, from, &first);
    let known = !matches!(token.kind, Kind::Bare | Kind::Nothing);
    known.then_some(Token { chinese: true, ..token })
}
