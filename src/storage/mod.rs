//! The store: the only user of diesel. SQLite (bundled) and PostgreSQL behind one [`Store`], chosen by URL.
//!
//! Here live the pools and the writer (`db`, `pool`, `writer`), how long anybody waits (`errand`), what differs between the backends (`dialect`), the tables (`schema`)
//! and one file per noun; `files` keeps what is too large for a table. Absent: rules of the workflow, clocks, anything that knows who may do what; those are `domain`'s and
//! `usecases`'. Functions take a connection within somebody else's transaction and never open one.
//!
//! A row of a unique key is asked for by `get_result`, not by `first`: `first` binds a LIMIT, and SQLite plans a statement anew
//! whenever a LIMIT is bound.

mod address;
mod at_hand;
mod db;
mod dialect;
mod error;
mod health;
mod migrate;
mod opened_file;
mod pool;
mod relations;
mod schema;
mod tips;
mod writer;

pub mod account_ledger;
pub mod accounts;
pub mod agencies;
pub mod attachments;
pub mod audit_facts;
pub mod binding;
pub mod change_requests;
pub mod checkpoint_rounds;
pub mod closing;
pub mod contracts;
pub mod deadlines;
pub mod derivations;
pub mod editions;
pub mod endings;
pub mod errand;
pub mod expert_reviews;
pub mod expert_rounds;
pub mod expert_seats;
pub mod facts;
pub mod files;
pub mod idempotency;
pub mod import_differences;
pub mod import_jobs;
pub mod imports;
pub mod ledger;
pub mod likeness;
pub mod lists;
#[cfg(test)]
pub(crate) mod log_lines;
pub mod messages;
pub mod moments;
pub mod national_reports;
pub mod numbers;
pub mod outbox;
pub mod queues;
pub mod readings;
pub mod registrars;
pub mod registration_certificates;
pub mod reinstatements;
pub mod removal;
pub mod report_paragraphs;
pub mod revisions;
pub mod schema_objects;
pub mod self_audit_frame;
pub mod self_audit_items;
pub mod self_audits;
pub mod sessions;
pub mod standings;
pub mod store_identity;
pub mod surveys;
pub mod trainings;

pub use db::{Db, Retryable, Store, StoreOptions};
pub use dialect::StoreUrl;
pub use error::StoreError;
pub use health::{Health, Writing};
pub use migrate::{Condition, condition, copy_beside, migrate, pending, revert_all};
pub use opened_file::OpenedFile;
