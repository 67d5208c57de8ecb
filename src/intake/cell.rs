//! Cells and rows as a file holds them, before any meaning.

use std::borrow::Cow;

use chrono::NaiveDateTime;

use super::look::Look;
use crate::domain::{
    identity_number,
    interchange::{tidy, typed},
};

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
    /// A number of which the cell shows something else, or more (XLSX only).
    Formatted(f64, Look),
    /// A cell formatted as date or time (XLSX only), as its clock shows; `None` where it is none of the calendar's.
    DateTime(Option<NaiveDateTime>),
    /// TRUE or FALSE (XLSX only).
    Bool(bool),
    /// An error of a formula (XLSX only): `#N/A`.
    Error(String),
    /// Something that cannot be read (XLSX only): why, and the beginning of what stands there.
    Odd(Odd, String),
    /// More than [`MAX_CELL_CHARS`] characters, of which the first are kept.
    TooLong(String),
}

/// Why a cell of a workbook cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// A formula whose result nobody worked out.
    NoResult,
    /// It says that it is a number, a date, yes or no, and holds none.
    NotOfKind,
    /// It refers to a text that the book does not have.
    NoString,
    /// The book has the cell twice.
    Twice,
    /// A date of which the cell shows year and month alone.
    MonthOnly,
    /// A date or time of which the cell does not show the year: that is the one in which it was typed.
    YearHidden,
    /// A part of its text is struck out.
    Struck,
    /// A picture that lies in the cell.
    Picture,
    /// A date, in a column of texts.
    DateInText,
    /// A month, in a column of numbers.
    MonthInNumber,
    /// Yes or no, in a column of texts.
    BoolInText,
    /// A number that is no date's, in a column of dates.
    NotADate,
    /// A number, in a column of numbers or texts, whose format shows a percentage.
    Percent,
    /// The same, another currency.
    Foreign,
    /// The same, another unit than the column's.
    OtherUnit,
    /// The same, a part of the number.
    Scaled,
    /// The same, nothing of the number.
    Hidden,
    /// The same, words or digits that the number does not have.
    Words,
}

impl Odd {
    /// A cell that cannot be read for this reason.
    pub fn cell(self, text: &str) -> Cell<'static> {
        Cell::Odd(self, shown(text))
    }

    /// Stable id of the rule, snake_case.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoResult => "formula_without_result",
            Self::NotOfKind | Self::NoString | Self::Twice | Self::Picture => "unreadable_cell",
            Self::MonthOnly | Self::YearHidden | Self::NotADate => "unreadable_date",
            Self::Struck => "struck_out",
            Self::DateInText => "date_in_text",
            Self::BoolInText | Self::MonthInNumber => "wrong_type",
            Self::Percent | Self::Foreign | Self::OtherUnit | Self::Scaled | Self::Hidden | Self::Words => {
                "number_format"
            }
        }
    }

    /// The rule, and how to mend it, in Chinese.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::NoResult => "公式没有计算结果，请在 Excel 或 WPS 中打开并保存后再导入，或改填数值",
            Self::NotOfKind => "单元格的类型与内容不符（例如标为数字，内容却不是数字），请重新填写",
            Self::NoString => "单元格引用的文字在文件中不存在，请重新填写",
            Self::Twice => "文件中同一单元格出现两次，无法判断以哪个为准，请重新填写",
            Self::MonthOnly => "单元格只显示年月，没有日，请填写完整日期",
            Self::YearHidden => {
                "单元格的格式不显示年份（只显示月日或时刻），文件中的年份可能只是录入当年，请改用显示年月日的格式并核对"
            }
            Self::Picture => "单元格中是嵌入的图片，不是文字，请改填文字",
            Self::Struck => "单元格中有一部分文字加了删除线，无法判断以哪一部分为准，请删去作废的文字",
            Self::DateInText => "单元格是日期格式，原来写的是什么已不可知，请设为“文本”格式后按原件填写",
            Self::MonthInNumber => "单元格是日期格式，请改为数值格式后填写数字",
            Self::BoolInText => "单元格是逻辑值（TRUE、FALSE），不是文字，请设为“文本”格式后按原件填写",
            Self::NotADate => "单元格的数字不是日期格式（例如货币、百分比），无法判断是不是日期，请写作 2025-01-03",
            Self::Percent => "单元格是百分比格式，显示的与数值相差一百倍，请改为常规格式后按原件填写",
            Self::Foreign => "单元格的数字格式显示外币，本列以人民币计，请换算为人民币，改为数值格式后填写",
            Self::OtherUnit => "单元格的数字格式带有的单位（如“万元”）与本列不同，请改为数值格式，按表头的单位填写",
            Self::Scaled => {
                "单元格的数字格式使显示的数小于数值（如以千、万缩小显示），无法判断以哪个为准，请改为数值格式后填写"
            }
            Self::Hidden => "单元格的数字格式使内容不显示，请改为常规格式并核对",
            Self::Words => "单元格的数字格式带有数值中没有的文字或数字，无法判断原意，请改为“文本”格式后按所见填写",
        }
    }
}

/// A cell within a merged block, beside the one that holds the block's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// Column, from 0.
    pub place: usize,
    /// The block, as the spreadsheet names it: `B2:B4`.
    pub block: String,
    /// Whether the block's value is another column's, or hides what stands here.
    pub sideways: bool,
    /// Whether the cell's value is one that stands in a row above.
    pub from_above: bool,
}

impl Covered {
    /// A cell of the block's first column.
    pub fn down(place: usize, block: &str) -> Self {
        Self {
            place,
            block: block.to_owned(),
            sideways: false,
            from_above: false,
        }
    }

    /// The same, of a row below the block's first.
    pub fn below(place: usize, block: &str) -> Self {
        Self {
            from_above: true,
            ..Self::down(place, block)
        }
    }

    /// A cell of another column.
    pub fn sideways(place: usize, block: &str) -> Self {
        Self {
            sideways: true,
            ..Self::down(place, block)
        }
    }
}

impl<'a> Cell<'a> {
    /// A cell of text, as people and programs write it: without the marks that keep digits digits (`="…"`, an apostrophe).
    pub fn text(text: Cow<'a, str>) -> Self {
        match Self::verbatim(text) {
            Self::Text(text) => match typed(&text) {
                whole if whole.len() == text.len() => Self::Text(text),
                part => Self::verbatim(Cow::Owned(part.to_owned())),
            },
            cell => cell,
        }
    }

    /// A cell of a text file: as [`Cell::text`], but that a formula stands there as it was typed (saved with 显示公式), without its result.
    pub fn typed(text: Cow<'a, str>) -> Self {
        let is_formula = text.trim_start().starts_with('=');
        match Self::text(text) {
            // `="x"` is x, as a text.
            Self::Text(read) if is_formula && read.starts_with('=') => Odd::NoResult.cell(&read),
            cell => cell,
        }
    }

    /// A cell of text that means what it says.
    pub fn verbatim(text: Cow<'a, str>) -> Self {
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
            Self::Formatted(number, look) => Cell::Formatted(number, look),
            Self::DateTime(at) => Cell::DateTime(at),
            Self::Bool(yes) => Cell::Bool(yes),
            Self::Error(error) => Cell::Error(error),
            Self::Odd(why, start) => Cell::Odd(why, start),
            Self::TooLong(start) => Cell::TooLong(start),
        }
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// Whether a person sees nothing in it, or a dash for zero.
    fn is_unseen(&self) -> bool {
        matches!(self, Self::Empty | Self::Formatted(_, Look::Blank))
    }

    /// The cell as text, for messages and for columns of text; a whole number has no decimals.
    pub fn display(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Formatted(number, look) => look.display(*number),
            Self::DateTime(Some(at)) if at.time() == chrono::NaiveTime::MIN => {
                Cow::Owned(at.format("%Y-%m-%d").to_string())
            }
            Self::DateTime(Some(at)) => Cow::Owned(at.format("%Y-%m-%d %H:%M:%S%.f").to_string()),
            Self::DateTime(None) => Cow::Borrowed("#####"),
            Self::Bool(yes) => Cow::Borrowed(if *yes { "TRUE" } else { "FALSE" }),
            Self::Error(text) | Self::Odd(_, text) | Self::TooLong(text) => Cow::Borrowed(text),
        }
    }
}

/// The beginning of a value, as an error shows it: without what may be an identity number, also where the end cuts through one.
pub fn shown(value: &str) -> String {
    let value = identity_number::concealed(value);
    match value.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.into_owned(),
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RawRow<'a> {
    /// As the spreadsheet counts: the first line of the sheet is 1, blank lines count.
    pub number: u32,
    /// From column A on; cells that are not there are empty.
    pub cells: Vec<Cell<'a>>,
    /// Whether the spreadsheet hides it (XLSX only).
    pub hidden: bool,
    /// Cells that merged blocks cover (XLSX only).
    pub covered: Vec<Covered>,
    /// Cells struck out as a whole, from 0 (XLSX only).
    pub struck: Vec<usize>,
    /// The row down to which every cell of it is merged, so that they are one (XLSX only).
    pub merged_to: Option<u32>,
    /// Whether the book counts days from 1904 (XLSX only).
    pub from_1904: bool,
}

impl RawRow<'_> {
    /// Whether no cell holds anything that is seen.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_unseen)
    }

    /// The row with copies of its texts.
    pub fn into_owned(self) -> RawRow<'static> {
        RawRow {
            number: self.number,
            cells: self.cells.into_iter().map(Cell::into_owned).collect(),
            hidden: self.hidden,
            covered: self.covered,
            struck: self.struck,
            merged_to: self.merged_to,
            from_1904: self.from_1904,
        }
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
