//! Tells someone something, in the transaction of the act that it is about.

use crate::{
    config::MailTransport,
    domain::time::Moment,
    mail::{Notice, id_domain},
    storage::{
        Db,
        messages::{self, NewMessage},
        outbox,
    },
    usecases::{Context, Error, seam::random_bytes},
};

/// What is told to whom.
#[derive(Clone, Copy)]
pub struct Tell<'a> {
    /// Who is told: the name of an account. The caller sees to it that this person may know all that `notice` says.
    pub to: &'a str,
    /// Who did it; nobody is told of the own acts.
    pub by: &'a str,
    /// What.
    pub notice: Notice<'a>,
    /// Key of the contract that it is about.
    pub contract_id: Option<i64>,
    /// What makes it this message and no other, of this kind and for this person: a version, a day. A sweep that comes by again
    /// tells nothing twice.
    pub once: &'a str,
}

/// Writes the message into the inbox, and its mail into the outbox where the account has an address; answers whether there was
/// anybody to tell. No account, a locked one, and who did it are told nothing; nor is anyone twice.
///
/// # Errors
/// Where the store does not answer or there is no randomness.
pub fn tell(db: &mut Db, ctx: &Context, tell: &Tell<'_>, now: Moment) -> Result<bool, Error> {
    if tell.to == tell.by {
        return Ok(false);
    }
    let Some(addressee) = messages::addressee(db, tell.to)?.filter(|a| !a.locked) else {
        return Ok(false);
    };
    let kind = tell.notice.kind();
    let contract = tell.contract_id.map_or_else(String::new, |id| id.to_string());
    let dedup = format!("{kind}/{contract}/{}/{}", tell.once, tell.to);
    let message = NewMessage {
        username: tell.to,
        kind,
        subject: &tell.notice.subject(),
        body: &tell.notice.body(),
        contract_id: tell.contract_id,
        dedup: &dedup,
        at: now,
    };
    let Some(message_id) = messages::insert(db, &message)? else {
        return Ok(false);
    };
    let settings = &ctx.settings.mail;
    if let Some(email) = addressee.email
        && settings.transport != MailTransport::Off
    {
        let random = hex::encode(random_bytes::<16>()?);
        let header_id = format!("<{random}@{}>", id_domain(&settings.from));
        outbox::insert(db, message_id, &email, &header_id, now)?;
        // Before the commit, and yet not too early: the worker takes mail in a writing transaction, which waits for this one.
        ctx.mail_bell.notify_one();
    }
    Ok(true)
}
