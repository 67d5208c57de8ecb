//! The report (统计年报、月报、季报) as a value: headings, sentences, tables and charts, every number in them bound to a figure by
//! name. What it says is decided here, once; how it looks in a format is decided in `documents`.
//!
//! Not here: computing figures (`statistics`), the store, clocks, file formats.

pub mod model;

pub use model::{
    Align, Block, Cell, Chart, ChartKind, Column, Number, Paragraph, Report, Row, RowKind, Series, Span, Table,
};
