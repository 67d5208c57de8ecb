//! Notices of deadlines, once per contract, last day and threshold: to the claimer of each contract; of those that nobody has
//! claimed, one a day to the reviewers for all of them.

use crate::{
    domain::{registrar::reminder_due, time::Date},
    storage::{
        Db, StoreError,
        deadlines::{self, Due},
    },
    usecases::{Context, Error},
};

/// Contracts looked at in one reading.
const PAGE: i64 = 500;

/// Gives the notices that are due today; answers of how many contracts.
///
/// # Errors
/// Where the store does not answer.
pub async fn remind(ctx: &Context) -> Result<u64, Error> {
    let thresholds = ctx.settings.review.deadline_notice_days.clone();
    let Some(furthest) = thresholds.iter().copied().max() else {
        return Ok(0);
    };
    let today = ctx.clock.today();
    let last = today + chrono::Duration::days(furthest);
    // What nobody has claimed is told of once a day; what comes up after that waits for tomorrow's.
    let digest = !ctx.store.read(move |db| deadlines::digest_given(db, today)).await?;
    let (mut after, mut noticed) = (0, 0);
    loop {
        let asked = thresholds.clone();
        let (found, end) = ctx
            .store
            .read(move |db| due(db, &asked, (today, last), after, digest))
            .await?;
        if !found.is_empty() {
            let asked = thresholds.clone();
            let given = ctx
                .store
                .write(move |db| {
                    // Once more: another process may have given them since, and contracts were decided.
                    let (found, _) = due(db, &asked, (today, last), after, digest)?;
                    for (due, days) in &found {
                        deadlines::insert_notice(db, due, *days, today)?;
                    }
                    Ok::<_, Error>(found.len())
                })
                .await?;
            noticed += given as u64;
        }
        match end {
            Some(id) => after = id,
            None => return Ok(noticed),
        }
    }
}

/// What is due of one page of contracts, with its threshold; and the key after which the next page begins.
type Page = (Vec<(Due, i64)>, Option<i64>);

fn due(
    db: &mut Db,
    thresholds: &[i64],
    (today, last): (Date, Date),
    after: i64,
    digest: bool,
) -> Result<Page, StoreError> {
    let page = deadlines::due_until(db, last, after, PAGE)?;
    let end = page.last().map(|d| d.contract_id);
    let found = page
        .into_iter()
        .filter(|due| digest || due.claimer.is_some())
        .filter_map(|due| {
            let left = (due.due_on - today).num_days();
            let days = reminder_due(left, thresholds, due.noticed)?;
            Some((due, days))
        })
        .collect();
    Ok((found, end))
}
