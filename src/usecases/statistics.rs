//! The annual statistics: one way for the command line and REST.

pub mod checklist;
pub mod close;
pub mod editions;
pub mod figures;
pub mod restate;

use crate::{
    domain::{
        account::{Actor, Role},
        policy::Denial,
        time::{Date, Moment},
    },
    statistics::{AnnualFigures, Question, Restated, gather::gather},
    storage::Db,
    usecases::{Context, Error},
};

/// Lets through whoever may read statistics over the API: statisticians, reviewers (who see every decided contract anyway) and
/// auditors.
///
/// # Errors
/// [`Error::Forbidden`] for everyone else.
pub fn may_read(actor: &Actor) -> Result<(), Error> {
    let reads = [Role::Statistician, Role::Reviewer, Role::Auditor];
    if reads.into_iter().any(|r| actor.has(r)) {
        Ok(())
    } else {
        Err(Error::Forbidden(Denial::Role))
    }
}

/// What of a year is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The year.
    pub year: i32,
    /// The moment whose state of things counts; now where none is named.
    pub as_of: Option<Moment>,
    /// The last day counted, where not the whole year is.
    pub until: Option<Date>,
    /// A closed edition: then neither a moment nor a day is named.
    pub edition: Option<i64>,
}

/// The figures that are asked for: computed, or those of an edition.
///
/// # Errors
/// A year or a day out of range; no such edition.
pub async fn read(ctx: &Context, asked: &Asked) -> Result<AnnualFigures, Error> {
    if let Some(edition) = asked.edition {
        let year = asked.year;
        return ctx.store.read(move |db| editions::figures(db, year, edition)).await;
    }
    annual(ctx, asked.year, asked.as_of, asked.until).await
}

/// The figures of a year as of a moment (now, where none is named), up to the end of a day of the year where one is named.
///
/// # Errors
/// A year or a day out of range.
pub async fn annual(
    ctx: &Context,
    year: i32,
    as_of: Option<Moment>,
    until: Option<Date>,
) -> Result<AnnualFigures, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            // The clock is read once the reading transaction is open, so that every act it sees is in the past.
            let as_of = as_of.unwrap_or_else(|| context.clock.now());
            let question = Question::new(year, as_of, until)?;
            compute(db, &context, &question)
        })
        .await
}

/// The figures that answer a question, from the store as it is in the caller's transaction: with whether the year is closed, and
/// what the last edition of the year before (of those closed up to the question's moment) printed otherwise.
pub(in crate::usecases) fn compute(db: &mut Db, ctx: &Context, question: &Question) -> Result<AnnualFigures, Error> {
    let mut figures = gather(db, &ctx.catalogue, question)?;
    figures.closed = editions::last(db, question.year(), Moment::from_micros(i64::MAX))?.is_some();
    if question.until().is_none()
        && let Some(number) = editions::last(db, question.year() - 1, question.as_of())?
    {
        let last = editions::figures(db, question.year() - 1, number)?;
        figures.restated = Restated::of(&figures, &last, last.as_of);
    }
    Ok(figures)
}
