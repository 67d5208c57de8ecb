//! Reminders before certificates run out, once per certificate, last day and threshold, however long the program slept.

use crate::{
    domain::{account::Role, registrar::reminder_due, time::Date},
    storage::{
        Db, StoreError, accounts, messages,
        registrars::{self, Listed, RegistrarQuery, Reminder},
    },
    usecases::{
        Context, Error,
        messages::{Notice, Tell, tell},
    },
};

/// The program's name where a certificate's last day made it act.
const ACTOR: &str = "system:registrars";

/// Certificates looked at in one reading.
const PAGE: i64 = 500;

/// Gives the reminders that are due today; answers how many.
///
/// # Errors
/// Where the store does not answer.
pub async fn remind(ctx: &Context) -> Result<u64, Error> {
    let thresholds = ctx.settings.registrars.reminder_days.clone();
    let today = ctx.clock.today();
    let asked = thresholds.clone();
    // Nearly always there is nothing to do, and then nobody who writes waits for this.
    if ctx.store.read(move |db| due(db, &asked, today)).await?.is_empty() {
        return Ok(0);
    }
    let context = ctx.clone();
    let given = ctx
        .store
        .write(move |db| {
            // Once more: another process may have given them since.
            let found = due(db, &thresholds, today)?;
            for (listed, reminder) in &found {
                registrars::insert_reminder(db, listed.registrar.id, *reminder)?;
            }
            give(db, &context, &found, today)?;
            Ok::<_, Error>(found.len())
        })
        .await?;
    Ok(given as u64)
}

/// Tells the holder of each certificate that is an account's, and administrators, once a day, that there are some.
fn give(db: &mut Db, ctx: &Context, found: &[(Listed, Reminder)], today: Date) -> Result<(), Error> {
    let now = ctx.clock.now();
    for (listed, reminder) in found {
        let registrar = &listed.registrar;
        let Some(holder) = accounts::holder_of(db, registrar.id)? else {
            continue;
        };
        let number = &registrar.certificate.number;
        let message = Tell {
            to: &holder,
            by: ACTOR,
            notice: Notice::CertificateExpiring {
                number,
                valid_until: reminder.valid_until,
                days: (reminder.valid_until - today).num_days(),
            },
            contract_id: None,
            once: &format!("{number}/{}/{}", reminder.valid_until, reminder.days),
        };
        tell(db, ctx, &message, now)?;
    }
    if found.is_empty() {
        return Ok(());
    }
    for administrator in messages::holders_of(db, Role::Administrator)? {
        let message = Tell {
            to: &administrator,
            by: ACTOR,
            notice: Notice::CertificatesExpiring { count: found.len() },
            contract_id: None,
            once: &today.to_string(),
        };
        tell(db, ctx, &message, now)?;
    }
    Ok(())
}

fn due(db: &mut Db, thresholds: &[i64], today: Date) -> Result<Vec<(Listed, Reminder)>, StoreError> {
    let mut query = RegistrarQuery {
        expiring_within: thresholds.iter().copied().max(),
        limit: PAGE,
        ..RegistrarQuery::default()
    };
    let mut found = Vec::new();
    while query.expiring_within.is_some() {
        let page = registrars::page(db, &query, today)?;
        query.after = page.last().map(|l| l.registrar.id);
        if page.is_empty() {
            break;
        }
        for listed in page {
            let Some(valid_until) = listed.registrar.certificate.valid_until else {
                continue;
            };
            let given = registrars::nearest_reminder(db, listed.registrar.id, valid_until)?;
            if let Some(days) = reminder_due((valid_until - today).num_days(), thresholds, given) {
                let reminder = Reminder {
                    valid_until,
                    days,
                    reminded_on: today,
                };
                found.push((listed, reminder));
            }
        }
    }
    Ok(found)
}
