//! Imports: a file of one kind goes in whole or not at all, in one transaction; every row that changes something has its entry in
//! the ledger. One file per kind of rows; `run` is the frame.
//!
//! On the command line the caller waits ([`import()`]). Over HTTP a file is handed in ([`start()`]) and waits for its turn among the jobs
//! in the store; [`Worker`] imports one at a time, [`Importing`] knows how far it is, since nothing can be written down meanwhile.
//!
//! What would change anything that was ever confirmed is nobody's alone: on the command line it needs a reason ([`Approval::Operator`]);
//! over HTTP the import is undone, its differences are kept (`preview`), and it waits for a reviewer ([`decide()`]). What is approved is
//! imported again from its file and committed only where it does what was previewed, by its digest; else it is previewed anew.

mod again;
mod decide;
mod importing;
mod marked;
mod others;
mod preview;
mod read;
mod register;
mod registrars;
mod run;
mod start;
mod template;
mod update;
mod worker;

pub use again::{Again, again};
pub use decide::{Verdict, decide};
pub use importing::Importing;
pub use marked::{MarkedFile, marked_file};
pub use preview::Preview;
pub use read::{DifferenceView, ImportView, differences, let_files_go, list, read};
pub use run::{Approval, Approved, Event, Failure, Imported, Request, import};
pub use start::{StartInput, start};
pub use template::template;
pub use worker::Worker;

pub use crate::{
    domain::import_job::{Difference, ImportJob, ImportState, MOST_ERRORS, WrongCell},
    intake::CellError,
};
