//! dengji (登记): registration of technology contracts and the annual statistics made from it.
//!
//! Rooms from the top of the house to the bottom, and whom each may use (nothing else; `tests/it/layering.rs` reads these lines
//! and holds `src/` to them):
//!
//! ```text
//! cli → api, usecases, documents, domain, config
//! api → usecases, documents, domain, config
//! usecases → storage, statistics, report, documents, intake, mail, domain, config
//! documents → report, statistics, domain
//! report → statistics, domain
//! statistics → storage, domain
//! storage → domain
//! intake → domain
//! mail → domain, config
//! config → domain
//! domain →
//! ```
//!
//! `main` hands its arguments to `cli`. See `docs/ARCHITECTURE.md`.

pub mod api;
pub mod cli;
pub mod config;
pub mod documents;
pub mod domain;
pub mod intake;
pub mod mail;
pub mod report;
pub mod statistics;
pub mod storage;
pub mod usecases;
