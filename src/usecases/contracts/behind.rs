//! The contracts behind a figure of the annual statistics: a page of them, each as it is counted there, and the sums that make the
//! figure.

use std::cmp::Ordering;

use crate::{
    domain::{account::Actor, policy::Scope, time::Moment},
    statistics::{
        Accumulator, Coder, Definition, FigureValue, LedgerHead, Question, ReferenceKind, Span,
        behind::{Behind, behind},
        definition,
        gather::references,
        memory::Snapshot,
        trace::{Asked, trace, years_of},
    },
    storage::{Db, lists},
    usecases::{
        Context, Error,
        statistics::{self, editions},
    },
};

use super::{
    ContractView,
    list::{Position, SortKey, SortValue},
};

pub use crate::statistics::{behind::TermSum, trace::Listed};

/// Which figure's contracts, in which order.
#[derive(Debug, Clone)]
pub struct BehindQuery {
    /// Year of the statistics.
    pub year: i32,
    /// Name of the figure.
    pub figure: String,
    /// The moment whose state of things counts; now where none is named.
    pub as_of: Option<Moment>,
    /// The part of the year.
    pub span: Span,
    /// A closed edition: then no moment is named, and the whole year.
    pub edition: Option<i64>,
    /// Which of the sums that the figure is made of; the first where none is named.
    pub term: Option<String>,
    /// `id`, `confirmed_at` or `amount_fen`: as counted.
    pub sort: SortKey,
    /// Largest first.
    pub descending: bool,
    /// Begin after this contract.
    pub after: Option<Position>,
    /// Contracts at most.
    pub limit: usize,
}

/// A page of the contracts behind a figure.
#[derive(Debug)]
pub struct BehindPage {
    /// The contracts, as they are now and as they are counted.
    pub items: Vec<(ContractView, Listed)>,
    /// The contract after which the next page begins.
    pub next: Option<Position>,
    /// What the figure means.
    pub definition: Definition,
    /// The figure, made of the sums.
    pub value: FigureValue,
    /// The moment whose state of things was counted.
    pub as_of: Moment,
    /// The sums, by what they are in the formula; over all pages.
    pub terms: Vec<(String, TermSum)>,
    /// Which of them is listed.
    pub listed: String,
}

/// One page of the contracts behind a figure. Whoever may read statistics may; what else the caller must not see is left out of the
/// list and not out of the sums.
///
/// # Errors
/// Rights; a year or day out of range; a figure that is none, that no contracts are behind, or that has no such term.
pub async fn list(ctx: &Context, actor: Actor, query: BehindQuery) -> Result<BehindPage, Error> {
    statistics::may_read(&actor)?;
    statistics::counted(ctx, move |db, ctx, facts| {
        page(db, ctx, facts, &actor, &query, ctx.clock.now())
    })
    .await
}

fn page(
    db: &mut Db,
    ctx: &Context,
    facts: Option<&Snapshot>,
    actor: &Actor,
    query: &BehindQuery,
    now: Moment,
) -> Result<BehindPage, Error> {
    let stored = match query.edition {
        None => None,
        Some(number) => Some(editions::stored(db, query.year, number)?),
    };
    let edition = stored.as_ref().map(editions::thawed).transpose()?;
    let as_of = edition
        .as_ref()
        .map_or(query.as_of.unwrap_or(now), |edition| edition.as_of);
    let question = Question::within(query.year, as_of, query.span)?;
    let coder = Coder::new(&ctx.catalogue);
    let (definition, behind) = known(ctx, &coder, &question, &query.figure)?;
    let term = behind.term(query.term.as_deref()).ok_or_else(|| {
        let roles: Vec<&str> = behind.terms.iter().map(|term| term.role.as_str()).collect();
        let detail = format!("该数据由以下各项算得：{}。", roles.join("、"));
        Error::invalid("/term", "unknown_code", detail)
    })?;
    let frozen = match &stored {
        None => None,
        Some(stored) => Some(editions::frozen(db, ctx, stored, years_of(&behind))?),
    };
    let mut best = Best::new(query);
    let asked = Asked {
        coder: &coder,
        question: &question,
        behind: &behind,
        listed: term.selection,
        frozen: frozen.as_deref(),
    };
    let sums = trace(db, facts, &asked, |listed| best.offer(listed))?;
    let (found, more) = best.finish();
    let keys: Vec<i64> = found.iter().map(|listed| listed.contract).collect();
    let contracts = lists::of_keys(db, &keys)?;
    let scope = Scope::of(actor);
    let next = found.last().filter(|_| more).map(|last| Position {
        value: sort_value(query.sort, last).map(SortValue::Number),
        id: last.contract,
    });
    let items = contracts
        .into_iter()
        .filter(|contract| scope.shows(contract))
        .filter_map(|contract| {
            let listed = found.iter().find(|listed| listed.contract == contract.id)?;
            Some((ContractView::of(ctx, actor, contract, now), *listed))
        })
        .collect();
    let sum_of = |selection| sums.get(&selection).copied().unwrap_or_default();
    let value = match &edition {
        // Reference figures may have changed since: the edition's figure stands.
        Some(edition) => *edition.get(&query.figure).ok_or(Error::NotFound)?,
        None => {
            let reference = references(db)?;
            behind.value(&question, sum_of, |kind: ReferenceKind, year| {
                reference.get(&(kind, year)).copied()
            })
        }
    };
    Ok(BehindPage {
        items,
        next,
        definition,
        value,
        as_of,
        listed: term.role.clone(),
        terms: behind
            .terms
            .iter()
            .map(|term| (term.role.clone(), sum_of(term.selection)))
            .collect(),
    })
}

/// What is behind a figure, if there is such a figure at all.
fn known(ctx: &Context, coder: &Coder<'_>, question: &Question, figure: &str) -> Result<(Definition, Behind), Error> {
    // The figures of a register without contracts have the names of all others.
    let names = Accumulator::new(coder, question).finish(LedgerHead::default());
    let definition = definition(&ctx.catalogue, figure).filter(|_| names.get(figure).is_some());
    let definition = definition
        .ok_or_else(|| Error::invalid("/figure", "unknown_figure", format!("没有“{figure}”这项统计数据。")))?;
    let behind = behind(coder, question, figure).ok_or_else(|| {
        let detail = format!("“{}”不是由合同汇总的数据。", definition.name);
        Error::invalid("/figure", "no_contracts", detail)
    })?;
    Ok((definition, behind))
}

fn sort_value(sort: SortKey, listed: &Listed) -> Option<i64> {
    match sort {
        SortKey::Amount => listed.amount_fen,
        SortKey::ConfirmedAt => Some(listed.at.micros()),
        SortKey::Id | SortKey::SubmittedAt | SortKey::DueOn => None,
    }
}

/// Keeps the first contracts of a page out of many, in any order, without keeping the many.
struct Best<'a> {
    query: &'a BehindQuery,
    kept: Vec<Listed>,
    /// Once a page is full: what comes after this one is not on it.
    last: Option<Listed>,
}

impl<'a> Best<'a> {
    const fn new(query: &'a BehindQuery) -> Self {
        Self {
            query,
            kept: Vec::new(),
            last: None,
        }
    }

    /// By value, then by key; without a value last, either way.
    fn order(&self, a: (Option<i64>, i64), b: (Option<i64>, i64)) -> Ordering {
        let by_value = match (a.0, b.0) {
            (Some(a), Some(b)) => a.cmp(&b),
            (None, None) => Ordering::Equal,
            (None, Some(_)) => return Ordering::Greater,
            (Some(_), None) => return Ordering::Less,
        };
        let order = by_value.then(a.1.cmp(&b.1));
        if self.query.descending { order.reverse() } else { order }
    }

    fn place(&self, listed: &Listed) -> (Option<i64>, i64) {
        (sort_value(self.query.sort, listed), listed.contract)
    }

    fn offer(&mut self, listed: Listed) {
        let after = self.query.after.map(|position| {
            let value = match position.value {
                Some(SortValue::Number(n)) => Some(n),
                _ => None,
            };
            (value, position.id)
        });
        if after.is_some_and(|after| self.order(self.place(&listed), after) != Ordering::Greater) {
            return;
        }
        let beyond = |last: &Listed| self.order(self.place(&listed), self.place(last)) == Ordering::Greater;
        if self.last.as_ref().is_some_and(beyond) {
            return;
        }
        self.kept.push(listed);
        if self.kept.len() > 8 * (self.query.limit + 1) {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        let mut kept = std::mem::take(&mut self.kept);
        kept.sort_by(|a, b| self.order(self.place(a), self.place(b)));
        kept.truncate(self.query.limit + 1);
        self.last = kept.get(self.query.limit).copied();
        self.kept = kept;
    }

    /// The contracts of the page, and whether there are more.
    fn finish(mut self) -> (Vec<Listed>, bool) {
        self.shrink();
        let more = self.kept.len() > self.query.limit;
        self.kept.truncate(self.query.limit);
        (self.kept, more)
    }
}
