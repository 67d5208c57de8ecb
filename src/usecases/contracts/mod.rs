//! What is done with contracts, one verb per file; `act` is the frame that every act shares.

pub(super) mod act;
pub(super) mod end;
pub(super) mod view;

pub mod alike;
pub mod behind;
pub mod checks;
pub mod claim;
pub(in crate::usecases) mod conclude;
pub mod confirm;
pub mod copy;
pub mod create;
pub mod discard;
pub mod earlier;
pub mod edit;
pub mod history;
pub mod list;
pub mod pasted_row;
pub mod prospect;
pub mod read;
pub mod reassign;
pub mod recall;
pub mod refer;
pub mod refuse;
pub mod reinstate;
pub mod release;
pub mod reopen;
pub mod report;
pub mod r#return;
pub mod revoke;
pub mod submit;
mod term;
pub mod try_out;
pub mod withdraw;

pub use super::{
    command::{Answer, Command, Once},
    values::Checked,
};
pub(in crate::usecases) use read::visible;
pub use view::{ContractView, is_undecided, rule_set_of};

pub use crate::storage::revisions::Revision;

use crate::domain::workflow::Action;

/// The actions that this program carries out, of those in the workflow. `conclude` is done on the panel: see `expert_reviews`.
/// `amend` and `cancel` are asked for by a change request ([`super::change_requests`]) and done when it is approved; the others are
/// acts on the contract itself.
pub const OFFERED: [Action; 18] = [
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
    Action::Amend,
    Action::Cancel,
    Action::Revoke,
    Action::Reinstate,
    Action::Reopen,
    Action::Report,
];
