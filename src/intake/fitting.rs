//! What a workbook's cell means by the column that it stands in: a number that the sheet shows as `DJY6620170043` is that in a column of
//! certificates, and nothing in one of amounts. What does not fit its column is refused there, before any value is read of it.

use super::{
    cell::{Cell, Odd, RawRow},
    date,
    headers::Headers,
    look::Look,
};
use crate::domain::interchange::{Form, Kind};

/// The last day that a number may mean that no format says to be a date: 2099-12-31, in books that count from 1900 and from 1904.
const LAST_DAY: f64 = 73_050.0;
const LAST_DAY_1904: f64 = 71_588.0;

/// From here on numbers are the digits yyyymmdd, not days.
const DIGITS_OF_DAY: f64 = 19_000_101.0;

/// From here on a spreadsheet does not keep every digit.
const FIRST_LOST: f64 = 1e15;

/// Makes of each cell of the row what it means in its column.
pub fn fit(row: &mut RawRow<'_>, headers: &Headers, kind: Kind) {
    let last_day = if row.from_1904 { LAST_DAY_1904 } else { LAST_DAY };
    for (place, cell) in row.cells.iter_mut().enumerate() {
        if matches!(cell, Cell::Empty | Cell::Text(_)) {
            continue;
        }
        let Some(column) = headers.column_at(place) else {
            continue;
        };
        let Some(form) = kind.columns().get(column).map(|c| c.form) else {
            continue;
        };
        let fitted = match (form, &*cell) {
            (Form::Date | Form::Moment, cell) => day(cell, form, last_day),
            (Form::Amount, cell) => amount(cell, headers.unit(column)),
            (Form::Count | Form::Year, cell) => count(cell),
            (form, cell) => text(cell, form),
        };
        if let Some(fitted) = fitted {
            *cell = fitted;
        }
    }
}

/// In a column of dates or times; none where the cell stays as it is.
fn day(cell: &Cell<'_>, form: Form, last_day: f64) -> Option<Cell<'static>> {
    let is_far = |number: f64| (last_day + 1.0..DIGITS_OF_DAY).contains(&number);
    match cell {
        Cell::Formatted(_, Look::Blank) => Some(Cell::Empty),
        // The digits yyyymmdd, parted by the format: 2025-01-03.
        Cell::Formatted(number, Look::Words(Some(shown))) if *number >= DIGITS_OF_DAY && date::date(shown).is_ok() => {
            Some(Cell::Number(*number))
        }
        Cell::Formatted(..) => Some(Odd::NotADate.cell(&cell.display())),
        // A day has no fraction; a time of day has one.
        Cell::Number(number) if is_far(*number) || (form == Form::Date && number.fract() != 0.0) => {
            Some(Odd::NotADate.cell(&cell.display()))
        }
        _ => None,
    }
}

fn amount(cell: &Cell<'_>, unit: Option<i64>) -> Option<Cell<'static>> {
    Some(match cell {
        Cell::Formatted(number, look) => match look {
            Look::Plain(_) | Look::Yuan | Look::Blank => Cell::Number(*number),
            Look::Unit(shown) if Some(*shown) == unit => Cell::Number(*number),
            look => refused(look, cell),
        },
        cell => return month(cell, Odd::MonthInNumber),
    })
}

fn count(cell: &Cell<'_>) -> Option<Cell<'static>> {
    Some(match cell {
        Cell::Formatted(number, look) => match look {
            Look::Plain(_) | Look::Blank => Cell::Number(*number),
            // 2025年: what is read of text.
            Look::Words(Some(shown)) => Cell::text(shown.to_string().into()),
            look => refused(look, cell),
        },
        cell => return month(cell, Odd::MonthInNumber),
    })
}

/// In a column of texts, numbers of any kind, labels.
fn text(cell: &Cell<'_>, form: Form) -> Option<Cell<'static>> {
    let is_number = matches!(form, Form::Identifier | Form::CreditCode);
    Some(match cell {
        Cell::Formatted(number, look) => match look {
            // Too long a number is told as such; decimals that are all nought are no part of an identifier.
            Look::Blank => Cell::Empty,
            Look::Plain(_) if number.abs() >= FIRST_LOST => Cell::Number(*number),
            Look::Plain(shown) if is_number && shown.as_ref().is_none_or(|text| text.contains('.')) => {
                Cell::Number(*number)
            }
            Look::Plain(Some(shown)) | Look::Words(Some(shown)) => Cell::verbatim(shown.to_string().into()),
            look => refused(look, cell),
        },
        Cell::Bool(_) if form == Form::Text => Odd::BoolInText.cell(&cell.display()),
        Cell::DateTime(_) if form == Form::CreditCode => Odd::DateInText.cell(&cell.display()),
        cell => return month(cell, Odd::DateInText),
    })
}

/// A month, or a day without its year, is no more a text or number than a day is.
fn month(cell: &Cell<'_>, why: Odd) -> Option<Cell<'static>> {
    match cell {
        Cell::Odd(Odd::MonthOnly | Odd::YearHidden, shown) => Some(why.cell(shown)),
        _ => None,
    }
}

fn refused(look: &Look, cell: &Cell<'_>) -> Cell<'static> {
    let why = match look {
        Look::Percent => Odd::Percent,
        Look::Foreign => Odd::Foreign,
        Look::Unit(_) | Look::Yuan => Odd::OtherUnit,
        Look::Scaled => Odd::Scaled,
        Look::Hidden => Odd::Hidden,
        Look::Plain(_) | Look::Words(_) | Look::Blank => Odd::Words,
    };
    why.cell(&cell.display())
}
