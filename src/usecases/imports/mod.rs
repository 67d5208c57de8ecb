//! Imports: a file of one kind goes in whole or not at all, in one transaction; every row that changes something has its entry in
//! the ledger. One file per kind of rows; `run` is the frame.
//!
//! On the command line the caller waits ([`import()`]). Over HTTP a file is handed in ([`start()`]) and waits for its turn among the jobs
//! in the store; [`Worker`] imports one at a time, [`Importing`] knows how far it is, since nothing can be written down meanwhile.

mod again;
mod importing;
mod marked;
mod others;
mod read;
mod register;
mod registrars;
mod run;
mod start;
mod template;
mod update;
mod worker;

pub use again::{Again, again};
pub use importing::Importing;
pub use marked::{MarkedFile, marked_file};
pub use read::{ImportView, let_files_go, list, read};
pub use run::{Event, Failure, Imported, Request, import};
pub use start::{StartInput, start};
pub use template::template;
pub use worker::Worker;

pub use crate::{
    domain::import_job::{ImportJob, ImportState, MOST_ERRORS, WrongCell},
    intake::CellError,
};
