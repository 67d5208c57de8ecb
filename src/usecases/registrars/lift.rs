//! Lifting a suspension: the certificate gives its right again at once.

use serde_json::json;

use crate::{
    domain::ledger::Change,
    storage::registrars,
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        entry::enter,
        values::{Checked, checked, required_text, settle},
    },
};

use super::{RegistrarView, frame::admit, view::view};

/// Lifts the suspension of a certificate, begun or not.
///
/// # Errors
/// No such certificate, rights; [`Error::Conflict`] where it is not suspended; no reason.
pub async fn lift(
    ctx: &Context,
    command: Command<RegistrarView>,
    number: String,
    reason: Checked<Option<String>>,
) -> Result<Answer<RegistrarView>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let (registrar, role) = admit(db, &command.actor, &number)?;
        let today = now.date();
        let suspended = registrar.certificate.suspension.filter(|s| !s.is_over_on(today));
        let suspended = suspended.ok_or_else(|| Error::Conflict("该证书没有尚未结束的暂停。".into()))?;
        let mut errors = Vec::new();
        let reason = required_text(&mut errors, "/reason", checked(&reason)?.as_deref());
        settle(errors)?;
        let by = &command.actor.username;
        registrars::lift(db, registrar.id, &reason, by, now)?;
        let lifted = Change {
            pointer: format!("/registrars/{number}/suspension"),
            from: json!({"from_on": suspended.from_on, "until_on": suspended.until_on}),
            to: json!(null),
        };
        let action = "lift_registrar_suspension";
        enter(db, (&command.actor, role), action, Some(reason), vec![lifted], now)?;
        view(db, &context, &number, today)
    })
    .await
}
