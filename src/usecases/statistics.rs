//! The annual statistics: one way for the command line and REST.

use crate::{
    domain::{
        account::{Actor, Role},
        policy::Denial,
        time::{Date, Moment},
    },
    statistics::{AnnualFigures, Question, gather::gather},
    usecases::{Context, Error},
};

pub use crate::statistics::Span;

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
    within(ctx, year, as_of, until.into()).await
}

/// The figures of a part of a year as of a moment (now, where none is named), compared with the same part of the year before.
///
/// # Errors
/// A year or a part of it that there is not.
pub async fn within(ctx: &Context, year: i32, as_of: Option<Moment>, span: Span) -> Result<AnnualFigures, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            // The clock is read once the reading transaction is open, so that every act it sees is in the past.
            let as_of = as_of.unwrap_or_else(|| context.clock.now());
            let question = Question::within(year, as_of, span)?;
            Ok(gather(db, &context.catalogue, &question)?)
        })
        .await
}
