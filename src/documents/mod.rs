//! Files for people: registers, templates. Takes finished values, computes none; no store, no clock.
//!
//! `register_csv` and `register_xlsx` write the register in the columns that `intake` reads; `template_xlsx` writes the empty
//! form; `register_cells` is what the two have in common.

pub mod register_cells;
pub mod register_csv;
pub mod register_xlsx;
pub mod template_xlsx;
