//! Registrar certificates 登记员证书, one verb per file. Only an administrator changes them; whoever may not know of one is told
//! that there is none. That an expired or suspended one stops `submit` is the policy's business (`domain::policy`).

mod frame;
mod issue;
mod lift;
mod list;
mod read;
mod remind;
mod renew;
mod suspend;
mod view;

pub use issue::{NewRegistrar, issue};
pub use lift::lift;
pub use list::{Listed, RegistrarQuery, list};
pub use read::{read, trainings_of};
pub use remind::remind;
pub use renew::{Renewal, renew};
pub use suspend::{NewSuspension, suspend};
pub use view::{RegistrarView, Summary};

pub(super) use issue::{agency, person};

pub use crate::storage::registrars::Reminder;
