//! What is done with contracts, one verb per file; `act` is the frame that every act shares.

mod act;
mod view;

pub mod claim;
pub(in crate::usecases) mod conclude;
pub mod confirm;
pub mod create;
pub mod discard;
pub mod edit;
pub mod history;
pub mod list;
pub mod read;
pub mod reassign;
pub mod recall;
pub mod refer;
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
pub(in crate::usecases) use read::visible;
pub use view::ContractView;
pub(super) use view::rule_set_of;

pub use crate::storage::revisions::Revision;

use crate::domain::workflow::Action;

/// The actions that this program carries out on a contract today, of those in the workflow. `conclude` is done on the panel: see
/// `expert_reviews`.
pub const OFFERED: [Action; 13] = [
    Action::Edit,
    Action::Discard,
    Action::Submit,
    Action::Withdraw,
    Action::Claim,
    Action::Release,
    Action::Reassign,
    Action::Return,
    Action::Refer,
    Action::Recall,
    Action::Confirm,
    Action::Refuse,
    Action::Revoke,
];
