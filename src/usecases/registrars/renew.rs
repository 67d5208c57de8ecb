//! Renewing a certificate: in time it continues the validity; afterwards a gap stays.

use serde_json::json;

use crate::{
    domain::{
        ledger::Change,
        registrar::{self, NotRenewable},
        time::Date,
    },
    storage::registrars,
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        entry::enter,
        values::{Checked, checked, optional_date, optional_text, settle},
    },
};

use super::{
    RegistrarView,
    frame::admit,
    view::{continuing, view},
};

/// What a renewal says.
#[derive(Clone, Default)]
pub struct Renewal {
    /// The new last day; by the settings where absent.
    pub valid_until: Option<Date>,
    /// Why, if anything is to be said.
    pub reason: Option<String>,
}

/// Renews a certificate.
///
/// # Errors
/// No such certificate, rights; [`Error::Conflict`] where it does not run out, or where the holder lacks hours of continuing
/// education; a last day that is not later.
pub async fn renew(
    ctx: &Context,
    command: Command<RegistrarView>,
    number: String,
    input: Checked<Renewal>,
) -> Result<Answer<RegistrarView>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let (known, role) = admit(db, &command.actor, &number)?;
        let today = now.date();
        if known.certificate.valid_until.is_none() {
            return Err(Error::Conflict("该证书长期有效，无需续期。".into()));
        }
        let history = registrars::histories(db, Some(known.id))?
            .remove(&known.id)
            .unwrap_or_default();
        let last = history.periods.last().copied();
        let (credited, demanded) = continuing(db, &context, known.id, last, today)?;
        if credited < demanded {
            return Err(Error::Conflict(format!(
                "继续教育学时不足：续期须有 {} 分钟，现有 {credited} 分钟。",
                demanded
            )));
        }
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let asked = optional_date(&mut errors, "/valid_until", input.valid_until);
        let reason = optional_text(&mut errors, "/reason", input.reason.as_deref());
        settle(errors)?;
        let years = context.settings.registrars.validity_years;
        let period = registrar::renewal(&known.certificate, asked, today, years).map_err(refusal)?;
        registrars::renew(db, known.id, period)?;
        let renewed = Change {
            pointer: format!("/registrars/{number}/valid_until"),
            from: json!(known.certificate.valid_until),
            to: json!(period.until_on),
        };
        let action = "renew_registrar_certificate";
        enter(db, (&command.actor, role), action, reason, vec![renewed], now)?;
        view(db, &context, &number, today)
    })
    .await
}

fn refusal(why: NotRenewable) -> Error {
    match why {
        NotRenewable::Permanent => Error::Conflict("该证书长期有效，无需续期。".into()),
        NotRenewable::NotLater => Error::invalid(
            "/valid_until",
            "not_later",
            "新的有效期至应晚于原有效期至，且不早于今天。",
        ),
        NotRenewable::OutOfRange => Error::invalid("/valid_until", "out_of_range", "日期超出范围。"),
    }
}
