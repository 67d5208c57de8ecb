//! dengji (登记): registration of technology contracts and the annual statistics made from it.
//!
//! Floors, and who may use whom (nothing else; held by `tests/it/layering.rs`):
//!
//! ```text
//! cli, api → usecases → storage, statistics, documents, intake → domain
//!            statistics → storage; documents → statistics
//! ```
//!
//! `config` and `main` stand beside the floors. See `docs/ARCHITECTURE.md`.

pub mod cli;
pub mod config;
pub mod domain;
pub mod storage;
pub mod usecases;
