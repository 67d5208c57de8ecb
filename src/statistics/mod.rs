//! From facts to the annual figures (年度统计). Facts come in one by one ([`facts`]), ids as indexes ([`coder`]); the
//! [`accumulator`] sums them exactly; the result ([`annual`]) is an ordered list of named exact values ([`value`]), told in words
//! by [`definitions`] and compared with printed figures by [`check`].
//!
//! Which contracts a figure is made of, [`behind`] says. Figures are kept for good by [`frozen`] and compared with later ones by
//! [`restatement`] and [`restated`]; [`edition`] is what an edition counted.
//!
//! [`gather`], [`memory`], [`trace`] and [`compare`] alone read the store; everything else here is pure. Not here: rendering
//! (`documents`), clocks. Figures are rounded in [`value`] only.
//!
//! Next: `documents` for the report, `config/statistics.toml` for the five-year plans.

pub mod accumulator;
mod activity;
pub mod add_up;
pub mod annual;
pub mod behind;
pub mod check;
pub mod coder;
mod codes;
pub mod compare;
pub mod definitions;
mod dimension;
pub mod edition;
mod exact_root;
pub mod facts;
pub mod frozen;
pub mod gather;
mod highlights;
pub mod memory;
mod order;
pub mod pivot;
pub mod published;
pub mod question;
mod records;
pub mod restated;
pub mod restatement;
mod sections;
mod span;
mod sums;
mod survey;
pub mod trace;
pub mod value;

#[cfg(test)]
pub(crate) mod sample;

pub use accumulator::Accumulator;
pub use annual::{AnnualFigures, Figure};
pub use check::Verdict;
pub use coder::{Coder, Section};
pub use definitions::{Definition, definition};
pub use facts::{
    AuditOutcome, Ending, Event, Handling, LedgerHead, NO_DAYS, ReferenceFigure, ReferenceKind, Standing, UNKNOWN,
};
pub use question::{Plan, Question, QuestionError, plan_of};
pub use restated::{Restated, RestatedFigure};
pub use span::Span;
pub use value::{FigureValue, NOTHING, PrintedUnit, UnitKind};
