//! What the program does by itself about deadlines: it tells reviewers, and takes back what one of them left lying. Run by
//! [`super::sweeps`].

mod release_idle;
mod remind;

pub use release_idle::release_idle;
pub use remind::remind;

/// The program's name in the ledger where a deadline made it act.
pub const ACTOR: &str = "system:deadlines";
