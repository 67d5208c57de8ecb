//! Rows that look like records where none is read: above the header, on a sheet without one.

use super::{cell::RawRow, fitting::fit, headers::Headers, rows::row};
use crate::domain::{
    catalogue::Catalogue,
    interchange::{Form, Kind},
};

/// Cells that must be what their columns hold, so that chance does not make them.
const LEAST_FITTING: usize = 2;

/// Whether a row would be a record under these headers: it fills half of what a record must have, and most of what it says in columns
/// of codes, dates, amounts and numbers is one.
pub fn is_likely(raw: &RawRow<'_>, headers: &Headers, kind: Kind, catalogue: &Catalogue) -> bool {
    let columns = kind.columns();
    let required = columns.iter().filter(|c| c.required).count();
    let filled = || (0..columns.len()).filter(|column| !headers.cell(raw, *column).is_empty());
    if filled().count() * 2 < required.max(LEAST_FITTING) {
        return false;
    }
    let mut raw = raw.clone();
    fit(&mut raw, headers, kind);
    let (read, _) = row(kind, &raw, headers, catalogue);
    let errors = read.err().unwrap_or_default();
    let measured = filled().filter_map(|column| columns.get(column).filter(|c| c.form != Form::Text));
    let (mut all, mut fitting) = (0, 0);
    for column in measured {
        all += 1;
        fitting += usize::from(!errors.iter().any(|error| error.column == column.header));
    }
    fitting >= LEAST_FITTING && fitting * 2 > all
}
