//! 统计: the board, every figure with its contracts, pivots, the report, closing, what changed since, the check of a published report.
//!
//! [`scope`] is what of a year a page shows, kept in every link; [`frame`] the way around these pages.

pub(super) mod board;
pub(super) mod check;
pub(super) mod close;
pub(super) mod editions;
pub(super) mod figure;
pub(super) mod figures;
pub(super) mod frame;
pub(super) mod paragraph_form;
pub(super) mod paragraphs;
pub(super) mod pivot;
pub(super) mod pivot_file;
pub(super) mod report;
pub(super) mod restatement;
mod scope;
