//! Imports: a file of one kind goes in whole or not at all, in one transaction; every row that changes something has its entry in
//! the ledger. One file per kind; `run` is the frame.

mod others;
mod register;
mod registrars;
mod run;
mod update;

pub use run::{Event, Failure, Imported, Request, import};
