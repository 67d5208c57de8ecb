//! The annual statistics: one way for the command line and REST.

pub mod board;
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
    statistics::{
        AnnualFigures, Question, Restated,
        gather::{gather, gather_pivot},
        memory::Snapshot,
    },
    storage::{Db, standings},
    usecases::{Context, Error, errand},
};

pub use crate::statistics::{
    FigureValue, Span,
    pivot::{Dimension, Head, Layout, Measure, Pivot},
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

/// The first and the last year of which contracts are counted; none in an empty register.
///
/// # Errors
/// Rights.
pub async fn years(ctx: &Context, actor: &Actor) -> Result<Option<(i32, i32)>, Error> {
    may_read(actor)?;
    ctx.store.read(|db| Ok(standings::years(db)?)).await
}

/// What of a year is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The year.
    pub year: i32,
    /// The moment whose state of things counts; now where none is named.
    pub as_of: Option<Moment>,
    /// The part of the year.
    pub span: Span,
    /// A closed edition: then no moment is named, and the whole year.
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
    within(ctx, asked.year, asked.as_of, asked.span).await
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
    counted(ctx, move |db, ctx, facts| {
        // The clock is read once the reading transaction is open, so that every act it sees is in the past.
        let as_of = as_of.unwrap_or_else(|| ctx.clock.now());
        let question = Question::within(year, as_of, span)?;
        compute(db, ctx, &question, facts)
    })
    .await
}

/// A table of the contracts of a part of a year by any two dimensions, as of a moment (now, where none is named).
///
/// # Errors
/// A year or a part of it that there is not; a filter by a value that there is not.
pub async fn pivot(
    ctx: &Context,
    year: i32,
    as_of: Option<Moment>,
    span: Span,
    layout: Layout,
) -> Result<Pivot, Error> {
    let table = counted(ctx, move |db, ctx, facts| {
        let as_of = as_of.unwrap_or_else(|| ctx.clock.now());
        let question = Question::within(year, as_of, span)?;
        gather_pivot(db, &ctx.catalogue, &question, layout.clone(), facts)?
            .map_err(|wrong| Error::invalid("/filter", "unknown_code", format!("{wrong}。")))
    });
    ctx.heavy.run(table).await
}

/// How often a reading transaction is begun anew because the facts in memory were newer.
const ATTEMPTS: usize = 4;

/// Runs `f` in a reading transaction, with the facts in memory as that transaction sees the register; without them in a process that
/// keeps none, or where others were always quicker.
pub(in crate::usecases) async fn counted<T: Send + 'static>(
    ctx: &Context,
    f: impl Fn(&mut Db, &Context, Option<&Snapshot>) -> Result<T, Error> + Clone + Send + 'static,
) -> Result<T, Error> {
    let mut memory = ctx.facts.clone();
    for attempt in 1.. {
        if attempt > ATTEMPTS {
            memory = None;
        }
        let (context, f, memory) = (ctx.clone(), f.clone(), memory.clone());
        let found = ctx.store.read(move |db| -> Result<Option<T>, Error> {
            let Some(memory) = memory else {
                return f(db, &context, None).map(Some);
            };
            match memory.at(db, &context.catalogue)? {
                Some(facts) => f(db, &context, Some(&facts)).map(Some),
                None => Ok(None),
            }
        });
        if let Some(found) = errand::long(found).await? {
            return Ok(found);
        }
    }
    Err(Error::internal("the facts were always newer"))
}

/// Fills the facts in memory, where the process keeps any. What goes wrong is told to the log; whoever asks next will see it.
pub async fn warm(ctx: Context) {
    if let Err(error) = counted(&ctx, |_, _, _| Ok(())).await {
        tracing::warn!(?error, "the facts of the statistics could not be read");
    }
}

/// The figures that answer a question, from the store as it is in the caller's transaction: with whether the year is closed, and
/// what the last edition of the year before (of those closed up to the question's moment) printed otherwise.
pub(in crate::usecases) fn compute(
    db: &mut Db,
    ctx: &Context,
    question: &Question,
    facts: Option<&Snapshot>,
) -> Result<AnnualFigures, Error> {
    let mut figures = gather(db, &ctx.catalogue, question, facts)?;
    figures.closed = editions::last(db, question.year(), Moment::from_micros(i64::MAX))?.is_some();
    if question.span() == Span::Year
        && let Some(number) = editions::last(db, question.year() - 1, question.as_of())?
    {
        let last = editions::figures(db, question.year() - 1, number)?;
        figures.restated = Restated::of(&figures, &last, last.as_of);
    }
    Ok(figures)
}
