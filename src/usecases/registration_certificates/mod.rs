//! 技术合同登记证明: made out for whoever may read a confirmed contract, verified by anyone who holds the paper.

mod issue;
mod verify;

pub use issue::{Issued, issue};
pub use verify::{Verification, verify};
