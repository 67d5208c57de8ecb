//! Documents from finished values: nothing is computed or looked up in the store here, only laid out.
//!
//! `annual_*` lay out the figures that `statistics` makes. `register_csv` and `register_xlsx` write the register in the columns
//! that `intake` reads, `template_xlsx` the empty form; `register_cells` is what they have in common.
//! `pivot_table` lays out a table by two dimensions. `pdf` makes PDFs of layouts and data; `registration_certificate` is one such; `expert_minutes` are those of a panel.
//! `list_xlsx` writes any list as people see it. `self_audit_text` writes the report of a self-audit.
//! `report_document` makes a document of a [`crate::report::Report`] in one of its formats: `report_html`, `report_pdf`,
//! `report_docx` (its file: `report_docx_file`), `report_xlsx` (its charts: `report_xlsx_chart`); `report_head` is what their tables
//! have in common, `chart` draws (`chart_labels` writes the values, `chart_ring` the words of doughnuts). `fonts` finds the machine's fonts for all.

pub mod annual_csv;
pub mod annual_tables;
pub mod annual_text;
mod chart;
mod chart_labels;
mod chart_ring;
pub mod expert_minutes;
mod fonts;
pub mod list_xlsx;
pub mod marked_xlsx;
pub mod pdf;
pub mod pivot_table;
pub mod register_cells;
pub mod register_csv;
pub mod register_xlsx;
pub mod registration_certificate;
pub mod report_document;
mod report_docx;
mod report_docx_file;
mod report_head;
mod report_html;
mod report_pdf;
#[cfg(test)]
mod report_sample;
#[cfg(test)]
mod report_tests;
mod report_xlsx;
mod report_xlsx_chart;
pub mod self_audit_text;
pub mod template_xlsx;
pub mod verification_page;
mod workbook;
