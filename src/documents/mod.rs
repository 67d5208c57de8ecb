//! Documents from finished values: nothing is computed or looked up in the store here, only laid out.
//!
//! Next: `statistics` makes the figures that [`annual_tables`] lays out.

pub mod annual_csv;
pub mod annual_tables;
pub mod annual_text;
