//! The language of sentences. A template is words with names in braces; filled, every name becomes a figure bound by its name or
//! a label. That no number is typed into the words is decided when the program is compiled: see [`Template::new`].
//!
//! | in braces | becomes |
//! |---|---|
//! | `{total.amount}` | the figure, in the unit and decimals that figures of its kind are shown in |
//! | `{total.amount\|yi_yuan}` | … in that unit ([`PrintedUnit::id`]) |
//! | `{total.growth\|0}` | … with so many decimals |
//! | `{total.growth\|abs}` | … without its sign, where the words say it: 下降 25.1% |
//! | `{x.share_change\|points}` | … percent without sign and %, as 百分点 |
//! | `{u}`, `{u.amount}` | label and figures of the item that is bound to `u` |
//! | `{year}` | a label that is bound to `year` |

use super::model::{Number, Span};
use crate::statistics::{FigureValue, NOTHING, PrintedUnit};

/// Words with names in braces.
#[derive(Debug, Clone, Copy)]
pub struct Template(&'static str);

impl Template {
    /// A template. To be made in a constant (`words!` does), so that a wrong one does not compile.
    ///
    /// # Panics
    /// Where a digit (half- or full-width) stands outside braces, or braces do not match.
    pub const fn new(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let mut inside = false;
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'{' => {
                    assert!(!inside, "a brace within braces");
                    inside = true;
                }
                b'}' => {
                    assert!(inside, "a brace that closes nothing");
                    inside = false;
                }
                b'0'..=b'9' => assert!(inside, "a number that is no figure"),
                // U+FF10–U+FF19 are EF BC 90–99.
                0xEF if at + 2 < bytes.len() && bytes[at + 1] == 0xBC => {
                    assert!(
                        bytes[at + 2] < 0x90 || bytes[at + 2] > 0x99,
                        "a full-width number that is no figure"
                    );
                }
                _ => {}
            }
            at += 1;
        }
        assert!(!inside, "a brace that is not closed");
        Self(text)
    }

    /// Its pieces, words and names by turns.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece<'static>> {
        self.0.split('}').flat_map(|part| {
            let (words, name) = part.split_once('{').map_or((part, None), |(w, n)| (w, Some(n)));
            let words = (!words.is_empty()).then_some(Piece::Words(words));
            words.into_iter().chain(name.map(Piece::Name))
        })
    }
}

/// A piece of a template.
pub(super) enum Piece<'t> {
    Words(&'t str),
    /// What stood in the braces.
    Name(&'t str),
}

/// How a figure is to be printed: what stands after its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Form {
    /// Unit, where it is not the usual one of its kind.
    pub unit: Option<PrintedUnit>,
    /// Decimals, where they are not the usual ones of the unit.
    pub decimals: Option<u32>,
    /// Without its sign.
    pub abs: bool,
    /// Without sign and %: points of percent.
    pub points: bool,
}

/// Most decimals that a figure is printed with.
const MOST_DECIMALS: u32 = 6;

impl Form {
    /// Splits `name|option|option`.
    ///
    /// # Errors
    /// The option that is none.
    pub fn split(text: &str) -> Result<(&str, Self), &str> {
        let mut parts = text.split('|').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let mut form = Self::default();
        for option in parts {
            match (option, PrintedUnit::from_id(option), option.parse()) {
                (_, Some(unit), _) => form.unit = Some(unit),
                (_, _, Ok(decimals)) if decimals <= MOST_DECIMALS => form.decimals = Some(decimals),
                ("abs", ..) => form.abs = true,
                ("points", ..) => form.points = true,
                _ => return Err(option),
            }
        }
        Ok((name, form))
    }
}

/// The figure as printed in that form; `None` where figures of its kind are never printed so. A figure without a value prints `–`.
pub fn number(figure: &str, value: &FigureValue, form: Form) -> Option<Number> {
    let unit = form.unit.unwrap_or_else(|| value.unit().printed());
    let decimals = form.decimals.unwrap_or_else(|| unit.decimals());
    let text = match value.rounded(unit, decimals) {
        Some(digits) => {
            let digits = if form.abs || form.points {
                digits.trim_start_matches('-')
            } else {
                &digits
            };
            let percent = if unit == PrintedUnit::Percent && !form.points {
                "%"
            } else {
                ""
            };
            format!("{digits}{percent}")
        }
        None if value.is_nothing() => NOTHING.to_owned(),
        None => return None,
    };
    Some(Number {
        figure: figure.to_owned(),
        value: *value,
        unit,
        decimals,
        text,
    })
}

/// A part of a sentence: words and figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phrase(Vec<Span>);

impl Phrase {
    /// Words alone: labels, which may hold digits (10-20万元).
    pub fn label(text: impl Into<String>) -> Self {
        Self(vec![Span::Text(text.into())])
    }

    /// Adds a piece; neighbouring words become one.
    pub fn push(&mut self, span: Span) {
        match (self.0.last_mut(), span) {
            (Some(Span::Text(last)), Span::Text(text)) => last.push_str(&text),
            (_, Span::Text(text)) if text.is_empty() => {}
            (_, span) => self.0.push(span),
        }
    }

    /// This, then the other.
    #[must_use]
    pub fn then(mut self, other: impl Into<Phrase>) -> Self {
        other.into().0.into_iter().for_each(|span| self.push(span));
        self
    }

    /// The pieces.
    pub fn spans(self) -> Vec<Span> {
        self.0
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One after the other with a mark between.
    pub fn join(phrases: impl IntoIterator<Item = Phrase>, mark: &str) -> Self {
        let mut joined = Self::default();
        for phrase in phrases.into_iter().filter(|phrase| !phrase.is_empty()) {
            if !joined.is_empty() {
                joined.push(Span::Text(mark.to_owned()));
            }
            joined = joined.then(phrase);
        }
        joined
    }

    /// Clauses as one sentence: ，between, 。at the end; `None` where there is no clause.
    pub fn sentence(clauses: impl IntoIterator<Item = Option<Phrase>>) -> Option<Self> {
        Self::ended(clauses, "，")
    }

    /// Longer clauses as one sentence: ；between, 。at the end; `None` where there is none.
    pub fn period(clauses: impl IntoIterator<Item = Option<Phrase>>) -> Option<Self> {
        Self::ended(clauses, "；")
    }

    fn ended(clauses: impl IntoIterator<Item = Option<Phrase>>, mark: &str) -> Option<Self> {
        let joined = Self::join(clauses.into_iter().flatten(), mark);
        (!joined.is_empty()).then(|| joined.then("。"))
    }
}

impl From<&str> for Phrase {
    fn from(words: &str) -> Self {
        Self::label(words)
    }
}

/// Fills a template: `words!(view, "{u}以 {u.amount} 万元居首位", u = item)`. Gives `None` where a figure in it has no value: what
/// is not known is not said.
macro_rules! words {
    ($view:expr, $text:literal $(, $name:ident = $value:expr)* $(,)?) => {{
        const TEMPLATE: $crate::report::template::Template = $crate::report::template::Template::new($text);
        $view.fill(&TEMPLATE, &[$((stringify!($name), $crate::report::view::Bind::bind(&$value))),*])
    }};
}
pub(super) use words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_with_a_typed_number_is_refused() {
        for text in ["共 12 项", "共１２项", "{a", "a}", "{a{b}}"] {
            assert!(std::panic::catch_unwind(|| Template::new(text)).is_err(), "{text}");
        }
        for text in ["", "共 {a.b|yi_yuan|2} 项（！）", "全年"] {
            assert_eq!(Template::new(text).0, text);
        }
    }

    #[test]
    fn a_form_is_read_from_its_options() {
        let (name, form) = Form::split("total.amount | yi_yuan|2").unwrap();
        assert_eq!(
            (name, form.unit, form.decimals),
            ("total.amount", Some(PrintedUnit::YiYuan), Some(2))
        );
        assert_eq!(Form::split("a|7"), Err("7"));
        assert_eq!(Form::split("a|yuan"), Err("yuan"));
        assert!(Form::split("a|abs").unwrap().1.abs);
    }

    #[test]
    fn a_number_is_printed_in_its_form() {
        let fall = FigureValue::growth(3, 4);
        let form = |text| Form::split(text).unwrap().1;
        let text = |value: &FigureValue, options| number("x", value, form(options)).map(|n| n.text);
        assert_eq!(text(&fall, "x").as_deref(), Some("-25.0%"));
        assert_eq!(text(&fall, "x|abs|2").as_deref(), Some("25.00%"));
        assert_eq!(text(&fall, "x|points").as_deref(), Some("25.0"));
        assert_eq!(text(&fall, "x|wan_yuan"), None);
        assert_eq!(text(&FigureValue::growth(1, 0), "x").as_deref(), Some("–"));
    }

    #[test]
    fn clauses_make_a_sentence() {
        let clause = |text: &str| Some(Phrase::from(text));
        let said = Phrase::sentence([clause("甲"), None, clause("乙")]).unwrap();
        assert_eq!(said.spans(), [Span::Text("甲，乙。".into())]);
        assert_eq!(Phrase::sentence([None]), None);
    }
}
