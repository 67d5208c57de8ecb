//! Cells and rows of tables.

use super::{
    model::{Align, Cell, Column, Row, RowKind},
    template::{Form, number},
    view::{Item, View},
};
use crate::statistics::{FigureValue, NOTHING};

/// A column.
pub fn column(head: &[&str], align: Align) -> Column {
    Column {
        head: head.iter().map(|part| (*part).to_owned()).collect(),
        align,
    }
}

/// The value of a figure, also where it is none.
pub fn value(view: &View<'_>, name: &str) -> Option<FigureValue> {
    view.knows(name).then(|| view.figures.get(name).copied()).flatten()
}

/// The figure `name`, its form after it (`total.amount|yi_yuan`); `–` where there is no such figure.
pub fn cell(view: &View<'_>, name: &str) -> Cell {
    let figure = Form::split(name)
        .ok()
        .and_then(|(path, form)| number(path, &value(view, path)?, form));
    figure.map_or_else(|| Cell::Text(NOTHING.to_owned()), Cell::Figure)
}

/// What stands where there is nothing by its nature.
pub fn dash() -> Cell {
    Cell::Text(NOTHING.to_owned())
}

/// The figures `measures` of an item, after its label.
pub fn row(view: &View<'_>, item: &Item, measures: &[&str]) -> Row {
    let figures = measures.iter().map(|measure| match *measure {
        "" => dash(),
        measure => cell(view, &format!("{}.{measure}", item.key)),
    });
    Row {
        kind: RowKind::Item,
        cells: std::iter::once(Cell::Text(item.label.clone())).chain(figures).collect(),
    }
}

/// The same as the row of the sum.
pub fn total(row: Row) -> Row {
    Row {
        kind: RowKind::Total,
        ..row
    }
}
