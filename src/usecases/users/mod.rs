//! What administrators do with accounts, and auditors see of them: one verb per file. Every change is entered in the account ledger
//! in its transaction, and holds from the next request on: roles, agency and certificate are read at every request.
//!
//! Beside the verbs stand [`fields`] (what is asked of an account's values), `admit` (who may, and on which version) and [`UserView`].
//! Absent: what someone does with the own account (`accounts`).

pub mod change;
pub mod create;
pub mod fields;
pub mod list;
pub mod lock;
pub mod read;
pub mod reset_password;

mod admit;
mod view;

pub use view::{UserGiven, UserView};
