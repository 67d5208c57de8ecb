//! dengji (登记): registration of technology contracts and the annual statistics made from it.
//!
//! Rooms from the top of the house to the bottom, and whom each may use (nothing else; `tests/it/layering.rs` reads these lines
//! and holds `src/` to them):
//!
//! ```text
//! cli → server, api, usecases, documents, domain, config
//! server → api, web, http, usecases, config
//! api → http, usecases, documents, domain, config
//! web → http, usecases, documents, domain, config
//! http → usecases, domain
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

#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod api;
pub mod cli;
pub mod config;
pub mod documents;
pub mod domain;
pub mod http;
pub mod intake;
pub mod mail;
pub mod report;
pub mod server;
pub mod statistics;
pub mod storage;
pub mod usecases;
pub mod web;
