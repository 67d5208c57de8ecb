//! Reminders before certificates run out, once per certificate, last day and threshold, however long the program slept.

use crate::{
    domain::{registrar::reminder_due, time::Date},
    storage::{
        Db, StoreError,
        registrars::{self, Listed, RegistrarQuery, Reminder},
    },
    usecases::{Context, Error},
};

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
    let given = ctx
        .store
        .write(move |db| {
            // Once more: another process may have given them since.
            let found = due(db, &thresholds, today)?;
            for (listed, reminder) in &found {
                registrars::insert_reminder(db, listed.registrar.id, *reminder)?;
            }
            Ok::<_, Error>(found.len())
        })
        .await?;
    Ok(given as u64)
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
