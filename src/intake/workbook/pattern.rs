//! Number formats, section by section: which one a number takes, and what the cell then shows.

use super::formats::is_general;
use crate::intake::look::Look;

/// From here on a spreadsheet does not keep every digit.
const FIRST_LOST: f64 = 1e15;

/// The longest code that is read: Excel allows 255 characters.
const MAX_CODE: usize = 4096;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// `0`, `#` or `?`.
    Digit(char),
    Point,
    Comma,
    Percent,
    /// The number as it is.
    General,
    /// `E+`, of which the number itself is what was typed.
    Exponent,
    Literal(String),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Condition {
    Above(f64),
    AtLeast(f64),
    Below(f64),
    AtMost(f64),
    Equal(f64),
    Other(f64),
}

impl Condition {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.trim_start_matches(['<', '>', '=']);
        let value = digits.trim().parse().ok()?;
        Some(match text.get(..text.len() - digits.len())? {
            ">" => Self::Above(value),
            ">=" => Self::AtLeast(value),
            "<" => Self::Below(value),
            "<=" => Self::AtMost(value),
            "=" => Self::Equal(value),
            "<>" => Self::Other(value),
            _ => return None,
        })
    }

    #[expect(clippy::float_cmp, reason = "as the spreadsheet compares")]
    fn holds(self, number: f64) -> bool {
        match self {
            Self::Above(value) => number > value,
            Self::AtLeast(value) => number >= value,
            Self::Below(value) => number < value,
            Self::AtMost(value) => number <= value,
            Self::Equal(value) => number == value,
            Self::Other(value) => number != value,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Section {
    condition: Option<Condition>,
    tokens: Vec<Token>,
    /// Whether it writes digits as Chinese numerals.
    numerals: bool,
    /// Whether it shows a stretch of time: `[h]:mm`.
    is_stretch: bool,
    /// Whether it is of texts.
    of_text: bool,
}

/// The sections of a format, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Sections(Vec<Section>);

impl Sections {
    /// The sections of a code; none where it is of texts alone, or shows a number as it is.
    pub fn parse(code: &str) -> Option<Self> {
        let mut sections = Self::all(code)?;
        sections.retain(|section| !section.of_text);
        let is_as_it_is = |section: &Section| section.tokens == [Token::General];
        (!sections.iter().all(is_as_it_is)).then_some(Self(sections))
    }

    /// Every section of a code, that of texts too.
    fn all(code: &str) -> Option<Vec<Section>> {
        let mut sections = vec![Section::default()];
        let mut literal = String::new();
        let mut rest = code.get(..MAX_CODE.min(code.len())).unwrap_or(code);
        while let Some(c) = rest.chars().next() {
            let behind = rest.get(c.len_utf8()..).unwrap_or_default();
            if c == ';' {
                flush(&mut sections, &mut literal);
                sections.push(Section::default());
                rest = behind;
                continue;
            }
            let section = sections.last_mut()?;
            if is_general(rest) {
                flush(&mut sections, &mut literal);
                push(&mut sections, Token::General);
                rest = rest.get(
                    if rest.starts_with("G/") {
                        "G/通用格式".len()
                    } else {
                        7
                    }..,
                )?;
                continue;
            }
            let (token, used) = match c {
                '"' => {
                    let end = behind.find('"').unwrap_or(behind.len());
                    literal.push_str(behind.get(..end).unwrap_or_default());
                    (None, 1 + end + 1)
                }
                // Taken as it is.
                '\\' | '!' => {
                    let taken = behind.chars().next();
                    literal.extend(taken);
                    (None, 1 + taken.map_or(0, char::len_utf8))
                }
                // As wide as, or filled with: no text.
                '_' | '*' => (None, 1 + behind.chars().next().map_or(0, char::len_utf8)),
                '[' => {
                    let end = behind.find(']').unwrap_or(behind.len());
                    bracket(behind.get(..end).unwrap_or_default(), section, &mut literal);
                    (None, 1 + end + 1)
                }
                '0' | '#' | '?' => (Some(Token::Digit(c)), 1),
                '.' => (Some(Token::Point), 1),
                ',' => (Some(Token::Comma), 1),
                '%' => (Some(Token::Percent), 1),
                '@' => {
                    section.of_text = true;
                    (None, 1)
                }
                'E' | 'e' if behind.starts_with(['+', '-']) => (Some(Token::Exponent), 2),
                c => {
                    literal.push(c);
                    (None, c.len_utf8())
                }
            };
            if let Some(token) = token {
                flush(&mut sections, &mut literal);
                push(&mut sections, token);
            }
            rest = rest.get(used..).unwrap_or_default();
        }
        flush(&mut sections, &mut literal);
        Some(sections)
    }

    /// What a cell shows of the number; none where it shows the number as it is.
    pub fn look(&self, number: f64) -> Option<Look> {
        self.section(number)?.look(number)
    }

    /// The section that a number takes: by their conditions, or else by its sign.
    fn section(&self, number: f64) -> Option<&Section> {
        let sections = &self.0;
        if sections.iter().any(|section| section.condition.is_some()) {
            let meant = sections.iter().find(|s| s.condition.is_none_or(|c| c.holds(number)));
            return meant.or(sections.first());
        }
        let at = match number {
            n if n < 0.0 => 1,
            0.0 => 2,
            _ => 0,
        };
        sections.get(at).or(sections.first())
    }
}

/// What a code makes of a text, where that is not the text alone: its fourth section is of texts, or the one with `@`.
pub fn look_of_text(code: &str) -> Option<Look> {
    let sections = Sections::all(code)?;
    let own = sections.iter().find(|section| section.of_text);
    let section = own.or_else(|| sections.get(3))?;
    match (section.words().is_empty(), section.of_text) {
        (true, true) => None,
        (true, false) => Some(Look::Hidden),
        (false, _) => Some(Look::Words(None)),
    }
}

fn push(sections: &mut [Section], token: Token) {
    if let Some(section) = sections.last_mut() {
        section.tokens.push(token);
    }
}

/// Ends a stretch of literal text.
fn flush(sections: &mut [Section], literal: &mut String) {
    if !literal.is_empty() {
        push(sections, Token::Literal(std::mem::take(literal)));
    }
}

/// What stands in brackets: a condition, a currency with its language, numerals, a colour.
fn bracket(inner: &str, section: &mut Section, literal: &mut String) {
    if inner.starts_with(['<', '>', '=']) {
        section.condition = Condition::parse(inner);
    } else if let Some(currency) = inner.strip_prefix('$') {
        let (sign, language) = currency.split_once('-').unwrap_or((currency, ""));
        let language = language.to_ascii_lowercase();
        let is_japanese = language.starts_with("ja") || language.ends_with("411");
        literal.push_str(match sign {
            "¥" | "￥" if is_japanese => "日元",
            sign => sign,
        });
    } else if inner.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("dbnum")) || inner.starts_with("NatNum") {
        section.numerals = true;
    } else if !inner.is_empty() && inner.chars().all(|c| matches!(c.to_ascii_lowercase(), 'h' | 'm' | 's')) {
        section.is_stretch = true;
    }
}

/// What a section without a digit shows: words in the number's place; of zero a dash, or nothing.
fn without_digits(words: &str, number: f64) -> Look {
    let is_dash = words.chars().all(|c| c.is_whitespace() || "-－—–/¥￥".contains(c));
    match (is_dash, number == 0.0) {
        (true, true) => Look::Blank,
        (true, false) => Look::Hidden,
        (false, _) => Look::Words(Some(words.into())),
    }
}

impl Section {
    fn look(&self, number: f64) -> Option<Look> {
        // Of zero only a 0 is seen.
        let is_digit = |token: &Token| match token {
            Token::Digit(place) => number != 0.0 || *place == '0',
            Token::Point | Token::Comma | Token::Percent | Token::General | Token::Exponent | Token::Literal(_) => {
                false
            }
        };
        let has = |token: &Token| self.tokens.contains(token);
        let first = self.tokens.iter().position(|t| is_digit(t) || *t == Token::General);
        if self.is_stretch {
            return Some(Look::Hidden);
        }
        let Some(first) = first else {
            return Some(without_digits(&self.words(), number));
        };
        if has(&Token::Percent) {
            return Some(Look::Percent);
        }
        let last = self.tokens.iter().rposition(|t| is_digit(t) || *t == Token::General);
        let last = last.unwrap_or(first);
        let mut words = String::new();
        let mut inside = false;
        for (at, token) in self.tokens.iter().enumerate() {
            match token {
                Token::Literal(text) => {
                    if (first..last).contains(&at) {
                        // A point that is none: 1200000 shows as 120.0.
                        if matches!(text.trim(), "." | "," | "．") {
                            return Some(Look::Scaled);
                        }
                        inside |= !text.trim().is_empty();
                    }
                    words.push_str(text);
                }
                Token::Comma if at > first && self.scales(at) => return Some(Look::Scaled),
                _ => {}
            }
        }
        let shown = self.shown(number);
        if self.numerals {
            return Some(Look::Words(None));
        }
        match Look::of_words(&words) {
            Some(Look::Words(_)) => Some(Look::Words(shown)),
            None if inside => Some(Look::Words(shown)),
            Some(look) => Some(look),
            None if has(&Token::General) || has(&Token::Exponent) => None,
            None => match shown {
                Some(shown) if *shown == *number.to_string() => None,
                shown => Some(Look::Plain(shown)),
            },
        }
    }

    /// Its words.
    fn words(&self) -> String {
        let words = self.tokens.iter().filter_map(|token| match token {
            Token::Literal(text) => Some(text.as_str()),
            Token::Digit(_) | Token::Point | Token::Comma | Token::Percent | Token::General | Token::Exponent => None,
        });
        words.collect::<String>().trim().to_owned()
    }

    /// Whether the comma stands behind the digits, not among them.
    fn scales(&self, at: usize) -> bool {
        let behind = self.tokens.iter().skip(at + 1);
        !behind
            .take_while(|token| **token != Token::Point)
            .any(|token| matches!(token, Token::Digit(_)))
    }

    /// The number as it stands in the cell, without separators, where that is sure.
    fn shown(&self, number: f64) -> Option<Box<str>> {
        if number.abs() >= FIRST_LOST || number < 0.0 || self.tokens.contains(&Token::Exponent) {
            return None;
        }
        let point = self.tokens.iter().position(|token| *token == Token::Point);
        let (whole, fraction) = self.tokens.split_at_checked(point.unwrap_or(self.tokens.len()))?;
        let places = fraction.iter().filter(|t| matches!(t, Token::Digit(_))).count();
        if fraction.iter().any(|t| matches!(t, Token::Digit('#' | '?'))) || places > 15 {
            return None;
        }
        let written = format!("{number:.places$}");
        // What the cell does not show, nobody can have meant.
        #[expect(clippy::float_cmp, reason = "the very number, or digits were left out")]
        if written.parse::<f64>().ok()? != number {
            return None;
        }
        if whole.iter().any(|t| matches!(t, Token::General | Token::Digit('?'))) {
            return None;
        }
        let (digits, decimals) = written.split_once('.').unwrap_or((&written, ""));
        let mut digits: Vec<char> = digits.chars().collect();
        // From the right: each place takes a digit, the leftmost all that are left.
        let mut pieces: Vec<String> = Vec::new();
        let first = whole.iter().position(|t| matches!(t, Token::Digit(_)));
        for (at, token) in whole.iter().enumerate().rev() {
            match token {
                Token::Digit(_) if Some(at) == first && !digits.is_empty() => {
                    pieces.push(std::mem::take(&mut digits).into_iter().collect());
                }
                Token::Digit(place) => match digits.pop() {
                    Some(digit) => pieces.push(digit.to_string()),
                    None if *place == '0' => pieces.push("0".into()),
                    None => {}
                },
                Token::Literal(text) => pieces.push(text.clone()),
                _ => {}
            }
        }
        let mut shown: String = pieces.into_iter().rev().collect();
        let mut decimals = decimals.chars();
        for token in fraction {
            match token {
                Token::Point if places > 0 => shown.push('.'),
                Token::Digit(_) => shown.extend(decimals.next()),
                Token::Literal(text) => shown.push_str(text),
                _ => {}
            }
        }
        Some(shown.trim().into())
    }
}
