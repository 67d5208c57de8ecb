//! What is done with attachments, one verb per file; `act` is the frame of those that change a contract. Files are received before
//! anything is asked about the contract ([`receive`]), since their form comes first in the order of refusals; what is wrong with
//! them is told last.

mod act;

pub mod attach;
pub mod collect;
pub mod detach;
pub mod folder;
pub mod list;
pub mod open;
pub mod receive;
pub mod restore;
pub mod verify;

pub use super::{
    command::{Answer, Command, Once},
    values::Checked,
};
pub use crate::{
    domain::attachment::{Attachment, MediaType},
    intake::attached::{EXAMINE_PDF, examine_pdf},
};

use super::{Error, errand::in_thread};

/// Runs what waits for the disk where waiting is allowed.
pub(super) async fn waiting<T, E>(f: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, Error>
where
    T: Send + 'static,
    E: Into<Error> + Send + 'static,
{
    in_thread(move || f().map_err(Into::into)).await
}
