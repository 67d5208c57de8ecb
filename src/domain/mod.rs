//! The register's own notions: contracts, parties, money, time, code lists, rule sets, the workflow, the policy, the
//! ledger's entries. PURE: nothing here reads a clock, draws a random number, opens a file or a store, or speaks HTTP;
//! nothing here imports another room of this crate. What a rule needs of the outside (today's date, the code lists) is handed in.
//!
//! Next: `storage` keeps these values, `usecases` moves them along the workflow, `statistics` counts them.

pub mod account;
pub mod account_ledger;
pub mod attachment;
pub mod calendar;
mod canonical;
pub mod catalogue;
pub mod change_request;
pub mod checks;
pub mod code_list;
pub mod contract;
pub mod draft;
pub mod error;
pub mod expert_review;
pub mod fields;
pub mod file_fault;
pub mod follow_up;
pub mod identity_number;
pub mod import_job;
pub mod interchange;
pub mod ledger;
pub mod likeness;
pub mod money;
pub mod money_words;
pub mod outline;
pub mod policy;
pub mod queue;
pub mod regions;
pub mod registrar;
pub mod registration_certificate;
pub mod rules;
#[cfg(test)]
mod sample;
pub mod self_audit;
pub mod steps;
pub mod text;
pub mod time;
pub mod uscc;
pub mod workflow;
