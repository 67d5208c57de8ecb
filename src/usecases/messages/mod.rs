//! What people are told: written with the act, read in the inbox, carried out by mail.
//!
//! [`tell()`] writes a message, and the mail that carries it, in the transaction of the act it tells of; [`on_act()`] does so for acts
//! on contracts, `invite` for experts who are asked to a panel. `inbox` and `outbox` are what people see of it, `worker` sends. Absent: the words (`mail::message`).

mod inbox;
mod invite;
mod on_act;
mod on_assignment;
mod on_decision;
mod outbox;
mod tell;
pub mod worker;

pub use inbox::{list, mark_all_read, mark_read, read, unread};
pub(super) use invite::{invite, vote_again};
pub(super) use on_act::{Acted, on_act};
pub(super) use on_assignment::on_assignment;
pub(super) use on_decision::on_decision;
pub use outbox::{list_mails, retry_mail};
pub use tell::{Tell, tell};

pub use crate::{
    mail::Notice,
    storage::{
        messages::Message,
        outbox::{Mail, MailState},
    },
};
