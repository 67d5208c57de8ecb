//! Finding the patterns of [`super::patterns`] in sentences.

use super::{
    statement::{Nearness, Printed},
    vocabulary::Vocabulary,
};
use crate::{
    domain::steps,
    statistics::{coder::Section, value::PrintedUnit},
};

/// The most characters that a gap stands for.
const MAX_GAP: usize = 40;

/// The most characters of a number; what is longer is none.
const MAX_NUMBER: usize = 24;

/// The most items in a list of names.
const MAX_NAMES: usize = 30;

/// Words between the names or the numbers of a list.
const BETWEEN: [&str; 5] = ["、", "以及", "及", "和", "与"];

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Count,
    Over,
    Money,
    Percent,
    Growth,
    /// Numbers of growth behind one word for all of them.
    Growths,
    /// The same of falls.
    Falls,
    Ratio,
    Numeral,
    Year,
    /// How many items were named just before.
    Names,
}

#[derive(Debug, Clone)]
enum Element {
    Text(Vec<char>),
    OneOf(Vec<Vec<char>>),
    /// Whether commas may be crossed.
    Gap(bool),
    Name {
        section: Section,
        many: bool,
    },
    Years,
    Number {
        figure: String,
        slot: Slot,
        many: bool,
    },
}

/// A pattern made ready.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Vec<Element>);

/// A number found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundNumber {
    /// The figure's name, `$` being the item of this place among those named; empty where it is none.
    pub(super) figure: String,
    pub(super) printed: Printed,
    /// Where it stands in the sentence.
    pub(super) at: usize,
    /// The first character behind it.
    pub(super) end: usize,
}

/// What a pattern found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Ids of the items named, and years.
    pub(super) names: Vec<String>,
    pub(super) numbers: Vec<FoundNumber>,
    /// The words that matched.
    pub(super) text: String,
}

/// A sentence with the names in it.
pub(super) struct Sentence<'v> {
    chars: Vec<char>,
    /// By section: where, how long, which.
    mentions: Vec<Vec<(usize, usize, &'v str)>>,
}

impl<'v> Sentence<'v> {
    /// `text` is tidy.
    pub(super) fn new(text: &str, vocabulary: &Vocabulary<'v>) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mentions = Section::ALL.map(|section| vocabulary.mentions(section, &chars));
        Self {
            chars,
            mentions: mentions.into(),
        }
    }

    /// Its characters.
    pub(super) fn chars(&self) -> &[char] {
        &self.chars
    }

    pub(super) fn name_at(&self, section: Section, at: usize) -> Option<(usize, &'v str)> {
        let mentions = self.mentions.get(section as usize)?;
        let index = mentions.binary_search_by_key(&at, |(at, _, _)| *at).ok()?;
        mentions.get(index).map(|(_, length, id)| (*length, *id))
    }

    fn starts(&self, at: usize, text: &[char]) -> bool {
        self.chars.get(at..).is_some_and(|rest| rest.starts_with(text))
    }

    fn text(&self, from: usize, to: usize) -> String {
        self.chars.get(from..to).unwrap_or_default().iter().collect()
    }

    /// Length of the word of [`BETWEEN`] at `at`.
    fn between(&self, at: usize) -> Option<usize> {
        let found = BETWEEN.iter().map(|word| word.chars().collect::<Vec<_>>());
        found
            .into_iter()
            .find(|word| self.starts(at, word))
            .map(|word| word.len())
    }

    /// The digits at `at`, with separators of thousands.
    fn digits(&self, at: usize) -> Option<(usize, String)> {
        let rest = self.chars.get(at..)?;
        let sign = usize::from(rest.first() == Some(&'-'));
        let is_part = |c: &&char| c.is_ascii_digit() || matches!(c, '.' | ',');
        // Neither the rest of a number, nor one that is longer than any.
        let before = at.checked_sub(1).and_then(|before| self.chars.get(before));
        if before.is_some_and(char::is_ascii_digit) {
            return None;
        }
        let digits: String = rest
            .get(sign..)?
            .iter()
            .take(MAX_NUMBER + 1)
            .take_while(is_part)
            .collect();
        steps::tick(digits.len());
        if digits.len() > MAX_NUMBER {
            return None;
        }
        let digits = digits.trim_end_matches(['.', ',']);
        let starts_well = digits.starts_with(|c: char| c.is_ascii_digit());
        starts_well.then(|| {
            (
                sign + digits.len(),
                format!("{}{digits}", if sign == 1 { "-" } else { "" }),
            )
        })
    }

    fn number(&self, at: usize, slot: Slot, in_list: bool) -> Option<(usize, Printed)> {
        match slot {
            Slot::Growth => return self.growth(at),
            Slot::Numeral => {
                const NUMERALS: &str = "零一二三四五六七八九十";
                if let Some(c) = self.chars.get(at).filter(|c| !c.is_ascii_digit()) {
                    let value = if *c == '两' {
                        2
                    } else {
                        NUMERALS.chars().position(|n| n == *c)?
                    };
                    return Some((1, Printed::read(&value.to_string(), PrintedUnit::Count)?));
                }
            }
            _ => {}
        }
        let (length, digits) = self.digits(at)?;
        let behind = at + length;
        let word = |text: &str| {
            let word: Vec<char> = text.chars().collect();
            self.starts(behind, &word).then_some(word.len())
        };
        let (more, unit) = match slot {
            Slot::Count | Slot::Numeral => {
                let more = if in_list { word("项").unwrap_or(0) } else { 0 };
                (more, PrintedUnit::Count)
            }
            Slot::Year | Slot::Names => (0, PrintedUnit::Count),
            Slot::Over => (word("余").or(word("多")).unwrap_or(0), PrintedUnit::Count),
            Slot::Money => match word("万元") {
                Some(more) => (more, PrintedUnit::WanYuan),
                None => (word("亿元")?, PrintedUnit::YiYuan),
            },
            // In a list the sign may be left out here and there.
            Slot::Percent | Slot::Growth | Slot::Growths | Slot::Falls => match word("%") {
                Some(more) => (more, PrintedUnit::Percent),
                None if in_list => (0, PrintedUnit::Percent),
                None => return None,
            },
            Slot::Ratio => match word("%") {
                Some(more) => (more, PrintedUnit::Percent),
                None => (0, PrintedUnit::Ratio),
            },
        };
        let mut printed = Printed::read(&digits, unit)?;
        if slot == Slot::Falls {
            printed = printed.negated();
        }
        if slot == Slot::Over && more > 0 {
            printed = printed.near(Nearness::Over);
        }
        Some((length + more, printed))
    }

    /// 增长33%, 增长了33%, 下降6.2%.
    fn growth(&self, at: usize) -> Option<(usize, Printed)> {
        const UP: [&str; 5] = ["增长", "增加", "提高", "上升", "提升"];
        const DOWN: [&str; 5] = ["下降", "减少", "降低", "回落", "负增长"];
        let words = UP.iter().map(|w| (*w, false)).chain(DOWN.iter().map(|w| (*w, true)));
        for (word, falls) in words {
            let word: Vec<char> = word.chars().collect();
            if !self.starts(at, &word) {
                continue;
            }
            let fill = self
                .chars
                .get(at + word.len())
                .is_some_and(|c| matches!(c, '了' | '约' | '达'));
            let skipped = word.len() + usize::from(fill);
            let (length, printed) = self.number(at + skipped, Slot::Percent, false)?;
            return Some((skipped + length, if falls { printed.negated() } else { printed }));
        }
        None
    }
}

/// What is known on the way through a pattern.
#[derive(Clone, Default)]
struct Way {
    names: Vec<String>,
    numbers: Vec<FoundNumber>,
    /// The section last named: a gap does not cross another name of it.
    section: Option<Section>,
}

impl Pattern {
    /// Reads a pattern for the report on `year`; none where it is malformed (a test holds that none is).
    pub(super) fn parse(text: &str, year: i32, base_year: Option<i32>) -> Option<Self> {
        let text = text
            .replace(
                "[B]",
                &base_year.map_or_else(|| "[B]".to_owned(), |base| base.to_string()),
            )
            .replace("[Y-1]", &(year - 1).to_string())
            .replace("[Y]", &year.to_string());
        let mut elements = Vec::new();
        let mut rest = text.as_str();
        while let Some(first) = rest.chars().next() {
            let mut inner = |open: usize, close: char| -> Option<&str> {
                let (inner, behind) = rest.get(open..)?.split_once(close)?;
                rest = behind;
                Some(inner)
            };
            match first {
                '(' => {
                    let choices = inner(1, ')')?.split('|').map(|choice| choice.chars().collect());
                    elements.push(Element::OneOf(choices.collect()));
                }
                '<' => elements.push(match inner(1, '>')? {
                    "years" => Element::Years,
                    name => {
                        let (name, many) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
                        let section = Section::ALL.into_iter().find(|section| section.key() == name)?;
                        Element::Name { section, many }
                    }
                }),
                '{' => {
                    let (figure, slot) = inner(1, '}')?.split_once(':')?;
                    let (slot, many) = slot.strip_suffix('+').map_or((slot, false), |slot| (slot, true));
                    let slot = match slot {
                        "count" => Slot::Count,
                        "over" => Slot::Over,
                        "money" => Slot::Money,
                        "percent" => Slot::Percent,
                        "growth" => Slot::Growth,
                        "growths" => Slot::Growths,
                        "falls" => Slot::Falls,
                        "ratio" => Slot::Ratio,
                        "numeral" => Slot::Numeral,
                        "year" => Slot::Year,
                        "names" => Slot::Names,
                        _ => return None,
                    };
                    let figure = figure.to_owned();
                    elements.push(Element::Number { figure, slot, many });
                }
                '…' => {
                    let wide = rest.starts_with("……");
                    rest = rest.trim_start_matches('…');
                    elements.push(Element::Gap(wide));
                }
                _ => {
                    let end = rest.find(['(', '<', '{', '…']).unwrap_or(rest.len());
                    elements.push(Element::Text(rest.get(..end)?.chars().collect()));
                    rest = rest.get(end..)?;
                }
            }
        }
        Some(Self(elements))
    }

    /// Everywhere that the pattern fits in the sentence, from left to right.
    pub(super) fn find(&self, sentence: &Sentence<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < sentence.chars.len() {
            match fit(&self.0, sentence, at, Way::default()) {
                Some((end, way)) => {
                    found.push(Found {
                        text: sentence.text(at, end),
                        numbers: resolved(&way),
                        names: way.names,
                    });
                    at = end.max(at + 1);
                }
                None => at += 1,
            }
        }
        found
    }
}

/// The numbers with the items named put into their figures: a list's in order, any other the item that there is.
fn resolved(way: &Way) -> Vec<FoundNumber> {
    let mut numbers = way.numbers.clone();
    for number in &mut numbers {
        if number.figure.contains("$+") {
            let (figure, _) = number.figure.split_once('#').unwrap_or((&number.figure, ""));
            number.figure = figure.replace("$+", &way.names.join("+"));
        } else if let Some((figure, index)) = number.figure.split_once('#') {
            let name = index.parse().ok().and_then(|index: usize| way.names.get(index));
            number.figure = figure.replace('$', name.map_or("", String::as_str));
        }
    }
    numbers
}

/// One year, or several one by one: 2022年, 2021、2022、2023年, 2021年、2023年. Where they end.
fn years_listed(sentence: &Sentence<'_>, at: usize, mut way: Way) -> Option<(usize, Way)> {
    let mut end = at;
    loop {
        let (length, year) = sentence.digits(end)?;
        let is_year = length == 4 && (1900..=2200).contains(&year.parse::<i32>().ok()?);
        if !is_year || way.names.len() >= MAX_NAMES {
            return None;
        }
        way.names.push(year);
        end += length;
        let behind = end + usize::from(sentence.chars.get(end) == Some(&'年'));
        match sentence
            .between(behind)
            .filter(|skip| sentence.digits(behind + skip).is_some_and(|(n, _)| n == 4))
        {
            Some(skip) => end = behind + skip,
            None => return (behind > end).then_some((behind, way)),
        }
    }
}

/// Where the elements end if they fit at `at`. Gaps are short and few, so that trying them one by one is cheap.
fn fit(elements: &[Element], sentence: &Sentence<'_>, at: usize, mut way: Way) -> Option<(usize, Way)> {
    steps::tick(1);
    let Some((element, rest)) = elements.split_first() else {
        return Some((at, way));
    };
    match element {
        Element::Text(text) => sentence
            .starts(at, text)
            .then(|| fit(rest, sentence, at + text.len(), way))?,
        Element::OneOf(choices) => choices
            .iter()
            .filter(|choice| sentence.starts(at, choice))
            .find_map(|choice| fit(rest, sentence, at + choice.len(), way.clone())),
        Element::Gap(wide) => {
            for end in at..=(at + MAX_GAP).min(sentence.chars.len()) {
                if let Some(found) = fit(rest, sentence, end, way.clone()) {
                    return Some(found);
                }
                let crosses_name = || {
                    way.section
                        .is_some_and(|section| sentence.name_at(section, end).is_some())
                };
                if (!wide && sentence.chars.get(end) == Some(&'，')) || crosses_name() {
                    return None;
                }
            }
            None
        }
        Element::Name { section, many } => {
            let mut end = at;
            way.section = Some(*section);
            loop {
                let (length, id) = sentence.name_at(*section, end)?;
                way.names.push(id.to_owned());
                end += length;
                let next = sentence.between(end).map(|skip| end + skip);
                match next.filter(|next| *many && sentence.name_at(*section, *next).is_some()) {
                    Some(next) if way.names.len() < MAX_NAMES => end = next,
                    _ => break,
                }
            }
            fit(rest, sentence, end, way)
        }
        Element::Years => {
            let (from_length, from) = sentence.digits(at)?;
            let mut end = at + from_length;
            end += usize::from(sentence.chars.get(end) == Some(&'年'));
            if !sentence.chars.get(end).is_some_and(|c| matches!(c, '至' | '-' | '~')) {
                return years_listed(sentence, at, way).and_then(|(end, way)| fit(rest, sentence, end, way));
            }
            end += usize::from(sentence.chars.get(end).is_some_and(|c| matches!(c, '至' | '-' | '~')));
            let (to_length, to) = sentence.digits(end)?;
            end += to_length;
            end += usize::from(sentence.chars.get(end) == Some(&'年'));
            let (from, to): (i32, i32) = (from.parse().ok()?, to.parse().ok()?);
            if !(1900..=2200).contains(&from) || to < from || to - from >= i32::try_from(MAX_NAMES).unwrap_or(0) {
                return None;
            }
            way.names.extend((from..=to).map(|year| year.to_string()));
            fit(rest, sentence, end, way)
        }
        Element::Number {
            figure,
            slot: Slot::Names,
            ..
        } => {
            let figure = figure.clone();
            let printed = Printed::read(&way.names.len().to_string(), PrintedUnit::Count)?;
            way.numbers.push(FoundNumber {
                figure,
                printed,
                at,
                end: at,
            });
            fit(rest, sentence, at, way)
        }
        Element::Number { figure, slot, many } => {
            let count = if *many { way.names.len() } else { 1 };
            let mut end = at;
            for index in 0..count {
                let (length, printed) = sentence.number(end, *slot, *many)?;
                let figure = if figure.contains('$') {
                    format!("{figure}#{index}")
                } else {
                    figure.clone()
                };
                way.numbers.push(FoundNumber {
                    figure,
                    printed,
                    at: end,
                    end: end + length,
                });
                end += length;
                if index + 1 < count {
                    end += sentence.between(end)?;
                }
            }
            fit(rest, sentence, end, way)
        }
    }
}
