//! Expert panels 专家论证: convened by a reviewer, sat on by experts, concluded by their chair; one verb per file.
//!
//! `panel` has what the verbs share: who may know of a panel, how a contract joins and leaves one, who must stay out. What the
//! conclusion does to the contract is `contracts::conclude`. Acts on the panel alone are entered in the ledger under no contract:
//! a contract's history tells its readers, experts among them, nothing of single votes.

mod panel;
mod view;

pub mod close_voting;
pub mod conclude;
pub mod convene;
pub mod edit;
pub mod give_opinion;
pub mod minutes;
pub mod open_voting;
pub mod read;
pub mod recuse;

pub use super::{
    command::{Answer, Command},
    values::Checked,
};
pub use view::{Line, OpinionView, PanelView, Tallied};

pub(in crate::usecases) use panel::{join, leave, panel_to_join};

/// Experts on a panel at most.
pub const MOST_EXPERTS: usize = 50;

/// Contracts before a panel at most.
pub const MOST_CONTRACTS: usize = 100;
