//! What people do: one verb per file. A use case owns its transaction: load, ask the policy, ask the workflow, write with a
//! guard, enter the act in the ledger, commit.
//!
//! Absent: HTTP, SQL, parsing of what came over the wire. Clocks and randomness come through [`seam`] alone.

pub mod account_ledger;
pub mod accounts;
pub mod activities;
pub mod agencies;
pub mod attachments;
pub mod change_requests;
pub mod check;
pub mod clock_watch;
pub mod command;
pub mod context;
pub mod contracts;
pub mod deadlines;
pub mod demonstration;
mod documents;
mod entry;
pub mod errand;
pub mod error;
pub mod expert_reviews;
pub mod experts;
pub mod export;
pub mod follow_ups;
pub mod imports;
pub mod ledger;
pub mod messages;
pub mod owned_file;
pub mod parties;
pub mod people;
pub mod readiness;
pub mod reference_figures;
pub mod registrars;
pub mod registration_certificates;
pub mod report_paragraphs;
pub mod reports;
pub mod sampled;
pub mod seam;
pub mod self_audits;
pub mod serving_role;
pub mod statistics;
pub mod sweeps;
pub mod trainings;
pub mod users;
pub mod values;
pub mod work_queues;

pub use context::{Condition, Context, StartError, Upgrade, condition, sqlite_file};
pub use error::Error;

pub use crate::storage::idempotency::StoredAnswer;
