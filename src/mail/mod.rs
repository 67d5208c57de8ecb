//! Mail: what people are told ([`message`]: Chinese templates, pure), a mail as it goes over the wire ([`letter`]), how it leaves
//! ([`transport`]: SMTP, a folder of files, or memory), and when one that was not taken is tried again ([`retry`]).
//!
//! The only user of lettre. Absent: who is told of what and when (`usecases::messages`), what is kept (`storage::messages`,
//! `storage::outbox`).

pub mod letter;
pub mod message;
pub mod retry;
mod smtp;
pub mod transport;

pub use letter::{Letter, id_domain};
pub use message::Notice;
pub use transport::{Failure, Memory, Transport};
