//! 变更与注销申请, one verb per file: a registrar asks for another content or the end of a confirmed contract, a reviewer decides.
//! `request` is an act on the contract; `decide` is the frame of what is done with a request.

mod close;
mod decide;
mod view;

pub mod approve;
pub mod list;
pub mod read;
pub mod refuse;
pub mod request;
pub mod withdraw;

pub(super) use close::close_open;
pub use view::ChangeRequestView;

pub use super::{
    command::{Answer, Command},
    values::Checked,
};
