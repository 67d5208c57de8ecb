//! Giving a self-audit up: nothing is revoked, what was found stays to be read.

use serde_json::json;

use crate::{
    domain::{policy, self_audit::AuditState},
    storage::self_audits,
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        values::{Checked, checked, required_text, settle},
    },
};

use super::{AuditView, Ending, Told, enter, found, must_be_drawn};

/// Abandons a self-audit.
///
/// # Errors
/// Rights; a self-audit that is over; no reason.
pub async fn abandon(
    ctx: &Context,
    command: Command<AuditView>,
    id: i64,
    reason: Checked<Option<String>>,
) -> Result<Answer<AuditView>, Error> {
    change(ctx, command, move |db, command, now| {
        let role = policy::decide_run_self_audits(&command.actor)?;
        let audit = found(db, id)?;
        must_be_drawn(&audit)?;
        let mut errors = Vec::new();
        let reason = checked(&reason)?;
        let reason = required_text(&mut errors, "/reason", reason.as_deref());
        settle(errors)?;
        let ending = Ending {
            reason: Some(reason.clone()),
            ..Ending::default()
        };
        let by = &command.actor.username;
        if !self_audits::end(db, id, AuditState::Abandoned, by, now, &ending)? {
            return Err(Error::Contention("the self-audit was ended meanwhile".to_owned()));
        }
        let told = Told {
            action: "abandon_self_audit",
            contract: None,
            reason: Some(reason),
            pointer: format!("{id}/state"),
            from: json!(AuditState::Drawn.id()),
            to: json!(AuditState::Abandoned.id()),
            by: (&command.actor, role),
        };
        enter(db, told, now)?;
        let audit = found(db, id)?;
        AuditView::of(db, audit)
    })
    .await
}
