//! What is done with contracts, one verb per file; `act` is the frame that every act shares.

mod act;
mod view;

pub mod claim;
pub mod confirm;
pub mod create;
pub mod discard;
pub mod edit;
pub mod history;
pub mod list;
pub mod read;
pub mod reassign;
pub mod refuse;
pub mod release;
pub mod r#return;
pub mod revoke;
pub mod submit;
pub mod withdraw;

pub use super::{
    command::{Answer, Command, Once},
    values::Checked,
};
pub use view::ContractView;
pub(super) use view::rule_set_of;

pub use crate::storage::revisions::Revision;

use crate::domain::workflow::Action;

/// The actions that this program carries out today, of those in the workflow.
pub const OFFERED: [Action; 11] = [
    Action::Edit,
    Action::Discard,
    Action::Submit,
    Action::Withdraw,
    Action::Claim,
    Action::Release,
    Action::Reassign,
    Action::Return,
    Action::Confirm,
    Action::Refuse,
    Action::Revoke,
];
