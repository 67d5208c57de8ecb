//! The outbox as administrators and auditors see it: where mail stands and why it does not leave, without its words, since neither
//! subject nor text is theirs to read.

use serde_json::json;

use crate::{
    domain::{
        account::Actor,
        ledger::{Act, Change},
        policy,
    },
    storage::{
        accounts, ledger,
        outbox::{self, Mail, MailState},
    },
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        values::{Checked, checked},
    },
};

/// Mails, newest first, older than the one of the key `before`; of one state, or all.
///
/// # Errors
/// [`Error::Forbidden`] for whoever is neither administrator nor auditor.
pub async fn list_mails(
    ctx: &Context,
    actor: &Actor,
    state: Option<MailState>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Mail>, Error> {
    policy::decide_read_outbox(actor)?;
    ctx.store
        .read(move |db| Ok(outbox::page(db, state, before, limit)?))
        .await
}

/// Sends a dead letter, or a mail that waits for its next attempt, at once, with all its attempts before it, to the address that its
/// recipient has now.
///
/// # Errors
/// [`Error::Forbidden`] for whoever is no administrator; [`Error::NotFound`]; [`Error::Conflict`] where it was sent or someone
/// sends it just now, or its recipient has no address any more.
pub async fn retry_mail(
    ctx: &Context,
    command: Command<Mail>,
    id: i64,
    input: Checked<()>,
) -> Result<Answer<Mail>, Error> {
    let bell = ctx.mail_bell.clone();
    change(ctx, command, move |db, command, now| {
        let role = policy::decide_retry_mail(&command.actor)?;
        let mail = outbox::find(db, id)?.ok_or(Error::NotFound)?;
        let recipient = accounts::find_by_name(db, &mail.username)?;
        let address = recipient
            .and_then(|account| account.profile.email)
            .ok_or_else(|| Error::Conflict("收件人现在没有登记电子邮件地址。".into()))?;
        if !outbox::revive(db, id, &address, now)? {
            return Err(Error::Conflict("邮件已发出或正在发送。".into()));
        }
        checked(&input)?;
        let changed = |field: &str, from, to| Change {
            pointer: format!("/outbox/{id}/{field}"),
            from,
            to,
        };
        ledger::append(
            db,
            Act {
                at: now,
                actor: command.actor.username.clone(),
                role: Some(role.id().to_owned()),
                contract: None,
                action: "retry_mail".to_owned(),
                from: None,
                to: None,
                reason: None,
                changes: vec![
                    changed("state", json!(mail.state.id()), json!(MailState::Pending.id())),
                    changed("attempts", json!(mail.attempts), json!(0)),
                ],
            },
        )?;
        bell.notify_one();
        outbox::find(db, id)?.ok_or(Error::NotFound)
    })
    .await
}
