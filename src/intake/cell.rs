//! Cells and rows as a file holds them, before any meaning.

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::interchange::tidy;

/// The most characters a cell may hold; Excel itself allows 32,767.
pub const MAX_CELL_CHARS: usize = 100_000;

/// How much of a wrong value an error repeats, in characters.
const SHOWN_CHARS: usize = 80;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Nothing, or only white space.
    Empty,
    /// Text, surrounding white space removed.
    Text(Cow<'a, str>),
    /// A number (XLSX only).
    Number(f64),
    /// A cell formatted as date or time (XLSX only), as its clock shows; `None` where it is none of the calendar's.
    DateTime(Option<NaiveDateTime>),
    /// TRUE or FALSE (XLSX only).
    Bool(bool),
    /// An error of a formula (XLSX only): `#N/A`.
    Error(String),
    /// More than [`MAX_CELL_CHARS`] characters, of which the first are kept.
    TooLong(String),
}

impl<'a> Cell<'a> {
    /// A cell of text.
    pub fn text(text: Cow<'a, str>) -> Self {
        // Bytes first: counting characters is only needed where there may be too many.
        if text.len() > MAX_CELL_CHARS && text.chars().count() > MAX_CELL_CHARS {
            return Self::TooLong(shown(&text));
        }
        let text = match text {
            Cow::Borrowed(t) => tidy(t),
            Cow::Owned(t) => match tidy(&t) {
                Cow::Borrowed(part) if part.len() == t.len() => Cow::Owned(t),
                part => Cow::Owned(part.into_owned()),
            },
        };
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// The cell with a copy of its text, where it borrows one.
    pub fn into_owned(self) -> Cell<'static> {
        match self {
            Self::Empty => Cell::Empty,
            Self::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
            Self::Number(number) => Cell::Number(number),
            Self::DateTime(at) => Cell::DateTime(at),
            Self::Bool(yes) => Cell::Bool(yes),
            Self::Error(error) => Cell::Error(error),
            Self::TooLong(start) => Cell::TooLong(start),
        }
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The cell as text, for messages and for columns of text; a whole number has no decimals.
    pub fn display(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::DateTime(Some(at)) if at.time() == chrono::NaiveTime::MIN => {
                Cow::Owned(at.format("%Y-%m-%d").to_string())
            }
            Self::DateTime(Some(at)) => Cow::Owned(at.format("%Y-%m-%d %H:%M:%S%.f").to_string()),
            Self::DateTime(None) => Cow::Borrowed("#####"),
            Self::Bool(yes) => Cow::Borrowed(if *yes { "TRUE" } else { "FALSE" }),
            Self::Error(error) => Cow::Borrowed(error),
            Self::TooLong(start) => Cow::Borrowed(start),
        }
    }
}

/// The beginning of a value, as an error shows it.
pub fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

/// A date and time from its parts, where the calendar has it.
pub fn date_time(ymd: (u16, u8, u8), hms_milli: (u8, u8, u8, u16)) -> Option<NaiveDateTime> {
    let (hour, minute, second, milli) = hms_milli;
    NaiveDate::from_ymd_opt(ymd.0.into(), ymd.1.into(), ymd.2.into())?.and_hms_milli_opt(
        hour.into(),
        minute.into(),
        second.into(),
        milli.into(),
    )
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct RawRow<'a> {
    /// As the spreadsheet counts: the first line of the sheet is 1, blank lines count.
    pub number: u32,
    /// From column A on; cells that are not there are empty.
    pub cells: Vec<Cell<'a>>,
}

impl RawRow<'_> {
    /// Whether no cell holds anything.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_empty)
    }
}

/// The letters of a column as the spreadsheet shows them; `index` 0 is A.
pub fn column_letters(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_spreadsheets_letters() {
        for (index, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (37, "AL"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(column_letters(index), letters);
        }
    }

    #[test]
    fn a_cell_that_is_too_long_keeps_its_beginning() {
        let long = "长".repeat(MAX_CELL_CHARS + 1);
        let Cell::TooLong(start) = Cell::text(Cow::Borrowed(&long)) else {
            panic!("accepted");
        };
        assert_eq!(start.chars().count(), SHOWN_CHARS + 1);
        let fits = "长".repeat(MAX_CELL_CHARS);
        assert!(matches!(Cell::text(Cow::Owned(fits)), Cell::Text(_)));
        assert_eq!(Cell::text(Cow::Borrowed(" \u{3000}")), Cell::Empty);
    }
}
