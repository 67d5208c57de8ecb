//! Contracts: the list (`list`, its `filters` and `columns`, `counted` behind a figure, `export` as a file, `bulk` for what is done with
//! many and `came` for what came of it), one of them (`show`, its `checklist`, `timeline`, `changes` since last time, `papers`, `revision`, `certificate`), and what is done with
//! one (`acts`, their `forms`).

mod acts;
mod answers;
mod bulk;
mod came;
mod certificate;
mod changes;
mod checklist;
mod columns;
mod counted;
mod export;
mod filters;
mod forms;
mod list;
mod papers;
mod revision;
mod show;
mod timeline;

pub use acts::{act_on_contract, show_act};
pub use bulk::{claim_many, hand_over_many, show_hand_over};
pub use certificate::show_certificate;
pub use export::export_contracts;
pub use list::list_contracts;
pub use revision::show_revision;
pub use show::show_contract;

pub(super) use columns::{chosen as columns_of, row_of};
pub(super) use filters::{Kept, order_of};
pub(super) use show::{refused, subject};

pub(super) use super::key_page::key;
