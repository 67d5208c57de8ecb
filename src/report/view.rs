//! The figures as sentences look at them: by name, by item of a section, with labels; and the filling of templates.

use std::{cmp::Ordering, collections::HashMap};

use super::{
    model::Span,
    office::Office,
    template::{Form, Phrase, Piece, Template, number},
};
use crate::{
    domain::{catalogue::Catalogue, code_list::ListName, money::Fen},
    statistics::{AnnualFigures, FigureValue, Section, Span as Part},
};

/// Something that has figures under a key and a label to call it by: `units.div_08`, 八师; `series.2024`, 2024.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is called.
    pub label: String,
    /// What its figures' names begin with.
    pub key: String,
    /// Contracts.
    pub contracts: i64,
    /// Amount.
    pub amount: Fen,
    /// Amount of the span before.
    pub before: Fen,
    /// Contracts of the span before.
    pub contracts_before: i64,
}

/// How an amount moved against the span before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// More than before.
    Grew,
    /// Less than before.
    Fell,
    /// Exactly as much: something, or contracts that come to nothing.
    Level,
    /// Something where there was nothing.
    New,
    /// Something where contracts came to nothing.
    FromNought,
    /// Nothing, and nothing before.
    Never,
    /// No contract, where contracts came to nothing.
    Ended,
}

/// The growth, in tenths of a percent, below half of which nothing is printed of it.
const PRINTED_PER: i128 = 1000;

impl Trend {
    /// Of two amounts.
    pub fn of(now: Fen, before: Fen) -> Self {
        match (now.cmp(&before), before, now) {
            (_, 0, 0) => Self::Never,
            (_, 0, _) => Self::New,
            (Ordering::Greater, ..) => Self::Grew,
            (Ordering::Less, ..) => Self::Fell,
            (Ordering::Equal, ..) => Self::Level,
        }
    }
}

impl Item {
    /// How its amount moved, as it is told: what moved by less than one decimal of a percent prints stayed as it was, so that one
    /// figure is judged in one way wherever it is spoken of.
    pub fn trend(&self) -> Trend {
        match Trend::of(self.amount, self.before) {
            // Contracts may come to 0 yuan, and are registered all the same.
            Trend::New if self.contracts_before > 0 => Trend::FromNought,
            Trend::Never if self.contracts_before > 0 && self.contracts > 0 => Trend::Level,
            Trend::Never if self.contracts_before > 0 => Trend::Ended,
            Trend::Never if self.contracts > 0 => Trend::New,
            Trend::Grew | Trend::Fell if self.is_nearly_level() => Trend::Level,
            trend => trend,
        }
    }

    /// Whether its growth prints as 0.0 %.
    fn is_nearly_level(&self) -> bool {
        let moved = (i128::from(self.amount) - i128::from(self.before)).abs();
        moved * 2 * PRINTED_PER < i128::from(self.before)
    }

    /// Whether its amount is exactly what it was.
    pub fn is_exactly_level(&self) -> bool {
        self.amount == self.before
    }

    /// Which of two grew more (or fell less), exactly; both had something before.
    pub fn by_growth(&self, other: &Self) -> Ordering {
        (i128::from(self.amount) * i128::from(other.before)).cmp(&(i128::from(other.amount) * i128::from(self.before)))
    }

    /// Whether its growth is `percent` or more (a fall: negative).
    pub fn grew_by(&self, percent: i64) -> bool {
        self.before > 0 && i128::from(self.amount) * 100 >= i128::from(self.before) * i128::from(100 + percent)
    }
}

/// Whether a part is `percent` or more of the whole.
pub fn is_share(part: i64, whole: i64, percent: i64) -> bool {
    whole > 0 && i128::from(part) * 100 >= i128::from(whole) * i128::from(percent)
}

/// Whether a part is the bulk of the whole: more than `percent` of it, also as it is printed with one decimal. Exactly half is none.
pub fn is_bulk_of(part: i64, whole: i64, percent: i64) -> bool {
    whole > 0 && i128::from(part) * 2000 >= i128::from(whole) * i128::from(20 * percent + 1)
}

/// What a name in a template stands for.
pub enum Binding<'b> {
    /// An item: its label, and its figures.
    Item(&'b Item),
    /// A part of a sentence.
    Phrase(&'b Phrase),
    /// A label.
    Label(&'b str),
    /// Something that is not known: then the sentence is not said.
    Unknown,
}

/// What can be bound to a name in a template.
pub trait Bind {
    /// What the name stands for then.
    fn bind(&self) -> Binding<'_>;
}

impl<T: Bind + ?Sized> Bind for &T {
    fn bind(&self) -> Binding<'_> {
        (**self).bind()
    }
}

impl Bind for Item {
    fn bind(&self) -> Binding<'_> {
        Binding::Item(self)
    }
}

impl Bind for Phrase {
    fn bind(&self) -> Binding<'_> {
        Binding::Phrase(self)
    }
}

impl Bind for Option<Phrase> {
    fn bind(&self) -> Binding<'_> {
        self.as_ref().map_or(Binding::Unknown, Binding::Phrase)
    }
}

impl Bind for str {
    fn bind(&self) -> Binding<'_> {
        Binding::Label(self)
    }
}

impl Bind for String {
    fn bind(&self) -> Binding<'_> {
        Binding::Label(self)
    }
}

/// What spans are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// 2025 年, 2025 年 1—6 月, 2025 年 5 月.
    pub span: String,
    /// What it is compared with: 上年, 上年同期.
    pub before: &'static str,
    /// The same with its year: 2024 年, 2024 年同期.
    pub last: String,
    /// What a report of it is: 年报, 月报, 季报, 简报.
    pub kind: &'static str,
}

/// The figures of one report, with what is needed to speak of them.
pub struct View<'a> {
    /// The figures.
    pub figures: &'a AnnualFigures,
    /// Labels.
    pub catalogue: &'a Catalogue,
    /// Names, and lines from which something is worth a word.
    pub office: &'a Office,
    /// What the spans are called.
    pub names: Names,
    by_name: HashMap<&'a str, &'a FigureValue>,
}

impl<'a> View<'a> {
    /// Looks at these figures.
    pub fn new(figures: &'a AnnualFigures, catalogue: &'a Catalogue, office: &'a Office) -> Self {
        Self {
            figures,
            catalogue,
            office,
            names: super::span::names(figures),
            by_name: figures.by_name(),
        }
    }

    /// The figure of that name, where it is there and has a value.
    pub fn value(&self, name: &str) -> Option<&'a FigureValue> {
        self.by_name.get(name).copied().filter(|value| !value.is_nothing())
    }

    /// Whether there is a figure of that name, with or without a value.
    pub fn knows(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Whether there are figures of the section that the name begins with.
    fn has_section(&self, name: &str) -> bool {
        let section = name.split_inclusive('.').next().unwrap_or(name);
        self.by_name.keys().any(|known| known.starts_with(section))
    }

    /// A count or an amount; 0 where there is none.
    pub fn whole(&self, name: &str) -> i64 {
        self.value(name).and_then(FigureValue::as_whole).unwrap_or(0)
    }

    /// What has figures under `key`.
    pub fn item(&self, key: &str, label: impl Into<String>) -> Item {
        let whole = |measure: &str| self.whole(&format!("{key}.{measure}"));
        Item {
            label: label.into(),
            contracts: whole("contracts"),
            amount: whole("amount"),
            before: whole("previous_amount"),
            contracts_before: whole("previous_contracts"),
            key: key.to_owned(),
        }
    }

    /// Whether the span had begun when it was counted; of one that had not there is nothing to tell.
    pub fn has_begun(&self) -> bool {
        let figures = self.figures;
        figures.span.has_begun(figures.year, figures.as_of)
    }

    /// The whole of the span.
    pub fn total(&self) -> Item {
        self.item("total", "合计")
    }

    /// Whether it is known what each item came to in the span before: not of one before the register's first. Of such a year a
    /// reference figure may tell the whole.
    pub fn knows_before(&self) -> bool {
        self.value(&self.series_before("contracts")).is_some()
    }

    /// Whether these are figures of a year that is not over: what they come to is no year's, and no year's is like it.
    pub fn is_running(&self) -> bool {
        let figures = self.figures;
        figures.span == Part::Year && self.has_begun() && super::span::is_running(figures)
    }

    /// The years of the series that are over.
    pub fn years_over(&self) -> Vec<Item> {
        let mut years = self.years();
        if self.is_running() {
            years.pop();
        }
        years
    }

    fn series_before(&self, measure: &str) -> String {
        format!("series.{}.{measure}", self.figures.year - 1)
    }

    /// The whole of the span with what is known of the span before, and the name of the figure that tells that: the register's, or of a
    /// year before its first the reference figure.
    pub fn compared_total(&self) -> (Item, String) {
        let total = self.total();
        let reference = self.series_before("amount");
        if self.knows_before() || self.value(&reference).is_none() {
            return (total, "total.previous_amount".to_owned());
        }
        let item = Item {
            key: format!("series.{}", self.figures.year),
            before: self.whole(&reference),
            ..total
        };
        (item, reference)
    }

    /// The items of a section, in the order of its list.
    pub fn items(&self, section: Section) -> Vec<Item> {
        self.listed(section.key(), section.list())
    }

    /// One item of a section; all zero where the list has no such id.
    pub fn one(&self, section: Section, id: &str) -> Item {
        let label = self.catalogue.list(section.list()).label(id).unwrap_or(id);
        self.item(&format!("{}.{id}", section.key()), label)
    }

    /// One item for each code of a list, with figures under `prefix`.
    pub fn listed(&self, prefix: &str, list: ListName) -> Vec<Item> {
        let codes = self.catalogue.list(list).items().iter();
        codes
            .map(|code| self.item(&format!("{prefix}.{}", code.id), &*code.label))
            .collect()
    }

    /// The years of the series, each against the year before it within the series.
    pub fn years(&self) -> Vec<Item> {
        let key = |year: i32| format!("series.{year}");
        let years =
            (self.figures.year - 100..=self.figures.year).filter(|year| self.knows(&format!("{}.amount", key(*year))));
        years
            .map(|year| Item {
                before: self.whole(&format!("{}.amount", key(year - 1))),
                contracts_before: self.whole(&format!("{}.contracts", key(year - 1))),
                ..self.item(&key(year), year.to_string())
            })
            .collect()
    }

    /// A figure in a form, as a part of a sentence; `None` where it has no value.
    pub fn figure(&self, name: &str, form: Form) -> Option<Phrase> {
        debug_assert!(self.knows(name) || !self.has_section(name), "no figure {name}");
        let number = number(name, self.value(name)?, form)?;
        let mut phrase = Phrase::default();
        phrase.push(Span::Figure(number));
        Some(phrase)
    }

    /// The template with its names filled in; `None` where a figure has no value.
    pub fn fill(&self, template: &Template, bindings: &[(&str, Binding<'_>)]) -> Option<Phrase> {
        let year = self.figures.year.to_string();
        let bound = |name: &str| {
            bindings
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, binding)| binding)
        };
        let mut phrase = Phrase::default();
        for piece in template.pieces() {
            let name = match piece {
                Piece::Words(words) => {
                    phrase.push(Span::Text(words.to_owned()));
                    continue;
                }
                Piece::Name(name) => name,
            };
            let Ok((path, form)) = Form::split(name) else {
                debug_assert!(false, "no such form: {name}");
                return None;
            };
            let (head, rest) = path
                .split_once('.')
                .map_or((path, None), |(head, rest)| (head, Some(rest)));
            let label = |text: &str| Phrase::label(text);
            phrase = phrase.then(match (bound(head), rest) {
                (Some(Binding::Item(item)), Some(measure)) => self.figure(&format!("{}.{measure}", item.key), form)?,
                (Some(Binding::Item(item)), None) => label(&item.label),
                (Some(Binding::Phrase(part)), None) => (*part).clone(),
                (Some(Binding::Label(text)), None) => label(text),
                (Some(Binding::Unknown), _) => return None,
                (_, None) => label(match head {
                    "region" => &self.office.region,
                    "span" => &self.names.span,
                    "before" => self.names.before,
                    "last" => &self.names.last,
                    "year" => &year,
                    _ => {
                        debug_assert!(false, "no label {head}");
                        return None;
                    }
                }),
                _ => self.figure(path, form)?,
            });
        }
        Some(phrase)
    }
}
