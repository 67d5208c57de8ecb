//! Closed editions: reading them.

use std::sync::Arc;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    domain::time::Moment,
    report::Report,
    statistics::{AnnualFigures, edition::Frozen, memory::EditionKey},
    storage::{
        Db,
        editions::{self, Edition},
        ledger::Head,
    },
    usecases::{Context, Error},
};

use super::checklist::Item;

/// An item of the checklist that was overridden, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Id of the item.
    pub item: String,
    /// Why.
    pub reason: String,
}

/// What an edition is, but for its figures and contracts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionView {
    /// The year.
    pub year: i32,
    /// 1, 2, 3 …
    pub edition: i64,
    /// The moment whose state of things it is of.
    pub closed_at: Moment,
    /// Username.
    pub closed_by: String,
    /// Why, in words.
    pub note: Option<String>,
    /// What was overridden.
    pub overrides: Vec<Override>,
    /// The checklist as it was.
    pub checklist: Vec<Item>,
    /// The end of the ledger when the figures were computed, before the closing's own entry.
    pub ledger: Head,
    /// SHA-256 of the frozen figures.
    pub figures_hash: String,
    /// Contracts of the year that were counted.
    pub contracts: i64,
    /// SHA-256 of the lines "key revision" of them.
    pub contracts_hash: String,
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(Error::internal)
}

impl EditionView {
    /// Of what is stored.
    ///
    /// # Errors
    /// Where it does not read back.
    pub(super) fn of(edition: &Edition) -> Result<Self, Error> {
        Ok(Self {
            year: edition.year,
            edition: edition.edition,
            closed_at: edition.closed_at,
            closed_by: edition.closed_by.clone(),
            note: edition.note.clone(),
            overrides: read(&edition.overrides)?,
            checklist: read(&edition.checklist)?,
            ledger: edition.ledger.clone(),
            figures_hash: edition.figures_hash.clone(),
            contracts: edition.contracts,
            contracts_hash: edition.contracts_hash.clone(),
        })
    }
}

/// The number of the last edition of a year that was closed up to a moment.
pub(super) fn last(db: &mut Db, year: i32, until: Moment) -> Result<Option<i64>, Error> {
    Ok(Some(editions::last(db, year, until)?).filter(|number| *number > 0))
}

/// An edition as it is kept.
pub(in crate::usecases) fn stored(db: &mut Db, year: i32, edition: i64) -> Result<Edition, Error> {
    editions::find(db, year, edition)?.ok_or(Error::NotFound)
}

/// The figures of an edition.
pub(in crate::usecases) fn figures(db: &mut Db, year: i32, edition: i64) -> Result<AnnualFigures, Error> {
    thawed(&stored(db, year, edition)?)
}

/// The figures of an edition as it is kept.
pub(in crate::usecases) fn thawed(stored: &Edition) -> Result<AnnualFigures, Error> {
    AnnualFigures::thaw(&stored.figures).map_err(Error::internal)
}

/// The report of an edition as it was.
pub(in crate::usecases) fn report(db: &mut Db, year: i32, edition: i64) -> Result<Report, Error> {
    read(&stored(db, year, edition)?.report)
}

/// What an edition counted: of the years named at least (events only where `None`), and the year's events. A process that remembers
/// reads it whole, once.
pub(in crate::usecases) fn frozen(
    db: &mut Db,
    ctx: &Context,
    stored: &Edition,
    years: Option<(i32, i32)>,
) -> Result<Arc<Frozen>, Error> {
    let mut whole_or_part = |years: Option<(i32, i32)>| {
        let counted = match years {
            Some(years) => editions::contracts(db, (stored.year, stored.edition), years)?,
            None => editions::Counted::new(),
        };
        Ok(Frozen::new(&counted, read(&stored.events)?)?)
    };
    match &ctx.facts {
        None => whole_or_part(years).map(Arc::new),
        Some(memory) => {
            let key = EditionKey {
                year: stored.year,
                edition: stored.edition,
                figures_hash: stored.figures_hash.clone(),
            };
            memory.edition(&key, || whole_or_part(Some((i32::MIN, i32::MAX))))
        }
    }
}

/// The editions of a year after a number, `limit` at most, and whether there are more.
///
/// # Errors
/// Where the store does not answer.
pub async fn list(ctx: &Context, year: i32, after: i64, limit: i64) -> Result<(Vec<EditionView>, bool), Error> {
    ctx.store
        .read(move |db| {
            let mut stored = editions::list(db, year, after, limit + 1)?;
            let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
            let more = stored.len() > wanted;
            stored.truncate(wanted);
            let views = stored.iter().map(EditionView::of).collect::<Result<_, Error>>()?;
            Ok((views, more))
        })
        .await
}
