//! The report (统计年报、月报、季报) as a value: headings, sentences, tables and charts, every number in them bound to a figure by
//! name. What it says is decided here, once; how it looks in a format is decided in `documents`.
//!
//! `annual` is the whole report, `bulletin` the short one of a part of a year. `chapters` say what is in them by `claims` (it grew,
//! these did and those did not, this comes first) and templates (`template`), whose names `view` fills in. `free` reads what staff
//! wrote. `office` is what the office lays down. `board` is the same figures at a glance, for the screen.
//!
//! Not here: computing figures (`statistics`), the store, clocks, file formats.

mod annual;
mod board;
mod bulletin;
mod chapters;
mod claims;
mod free;
mod layout;
pub mod model;
mod office;
mod span;
mod template;
mod view;

#[cfg(test)]
pub(crate) mod tests;

pub use annual::{Setting, annual};
pub use board::{Board, Panel, Total, board};
pub use bulletin::bulletin;
pub use free::{CHAPTERS, FreeParagraph, Said, Typed, UnknownName, preview, read_names, typed_numbers};
pub use model::{
    Align, Block, Cell, Chart, ChartKind, Column, Number, Paragraph, Report, Row, RowKind, Series, Span, Table,
};
pub use office::{Office, OfficeError};
