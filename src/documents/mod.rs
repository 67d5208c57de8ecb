//! Documents from finished values: nothing is computed or looked up in the store here, only laid out.
//!
//! `annual_*` lay out the figures that `statistics` makes. `register_csv` and `register_xlsx` write the register in the columns
//! that `intake` reads, `template_xlsx` the empty form; `register_cells` is what they have in common.
//! `pivot_table` lays out a table by two dimensions. `pdf` makes PDFs of layouts and data; `registration_certificate` is one such; `expert_minutes` are those of a panel.
//! `self_audit_text` writes the report of a self-audit.

pub mod annual_csv;
pub mod annual_tables;
pub mod annual_text;
pub mod expert_minutes;
pub mod pdf;
pub mod pivot_table;
pub mod register_cells;
pub mod register_csv;
pub mod register_xlsx;
pub mod registration_certificate;
pub mod self_audit_text;
pub mod template_xlsx;
pub mod verification_page;
