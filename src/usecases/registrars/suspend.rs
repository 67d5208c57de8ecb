//! Suspending a certificate: from its first day on it gives no right, also to requests that are under way.

use serde_json::json;

use crate::{
    domain::{error::FieldError, ledger::Change, registrar::Suspension, time::Date},
    storage::{accounts, registrars},
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        entry::enter,
        messages::{Notice, Tell, tell},
        values::{Checked, checked, optional_date, required_text, settle},
    },
};

use super::{RegistrarView, frame::admit, view::view};

/// A suspension to be.
#[derive(Clone, Default)]
pub struct NewSuspension {
    /// Why.
    pub reason: Option<String>,
    /// First day; today where absent, not earlier: what was submitted stays submitted by right.
    pub from_on: Option<Date>,
    /// Last day; none until it is lifted.
    pub until_on: Option<Date>,
}

/// Suspends a certificate.
///
/// # Errors
/// No such certificate, rights; [`Error::Conflict`] where a suspension is not over and not lifted; days out of order.
pub async fn suspend(
    ctx: &Context,
    command: Command<RegistrarView>,
    number: String,
    input: Checked<NewSuspension>,
) -> Result<Answer<RegistrarView>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let (registrar, role) = admit(db, &command.actor, &number)?;
        let today = now.date();
        if registrar.certificate.suspension.is_some_and(|s| !s.is_over_on(today)) {
            return Err(Error::Conflict("该证书已有尚未结束的暂停；请先解除。".into()));
        }
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let reason = required_text(&mut errors, "/reason", input.reason.as_deref());
        let from_on = optional_date(&mut errors, "/from_on", input.from_on).unwrap_or(today);
        if from_on < today {
            errors.push(FieldError::new("/from_on", "in_past", "暂停不得早于今天开始。"));
        }
        let until_on = optional_date(&mut errors, "/until_on", input.until_on);
        if until_on.is_some_and(|last| last < from_on) {
            errors.push(FieldError::new("/until_on", "end_before_begin", "暂停的末日早于首日。"));
        }
        settle(errors)?;
        let suspension = Suspension {
            from_on,
            until_on,
            reason: reason.clone(),
            suspended_at: now,
            suspended_by: command.actor.username.clone(),
            lifted_at: None,
            lifted_by: None,
            lift_reason: None,
        };
        registrars::suspend(db, registrar.id, &suspension)?;
        let suspended = Change {
            pointer: format!("/registrars/{number}/suspension"),
            from: json!(null),
            to: json!({"from_on": from_on, "until_on": until_on}),
        };
        let action = "suspend_registrar_certificate";
        enter(
            db,
            (&command.actor, role),
            action,
            Some(reason.clone()),
            vec![suspended],
            now,
        )?;
        if let Some(holder) = accounts::holder_of(db, registrar.id)? {
            let message = Tell {
                to: &holder,
                by: &command.actor.username,
                notice: Notice::CertificateSuspended {
                    number: &number,
                    from_on,
                    reason: &reason,
                },
                contract_id: None,
                once: &format!("{number}/{}", now.micros()),
            };
            tell(db, &context, &message, now)?;
        }
        view(db, &context, &number, today)
    })
    .await
}
