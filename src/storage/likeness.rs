//! What contracts are recognised by (`domain::likeness`), one row for each that counts or may come to: submitted and not refused,
//! withdrawn or ended. `storage::contracts` keeps it with every write, so that no other room needs to think of it.
//!
//! Look-alikes are found by two covering indexes: by day and amount (a seek for each day of the span, the amounts of a narrow range,
//! the sketch read from the index), and by the pair of parties. Nothing within the given spans is passed over.

use chrono::Days;
use diesel::prelude::*;

use super::{
    Db, StoreError,
    contracts::parse_content,
    dialect::each,
    lists::shown_among,
    readings::{self, Deal, Search, Trace},
    schema::{contract_likeness, contract_revisions, contracts},
    tips,
};
use crate::domain::{
    checks::rules::PairDeal,
    contract::{Content, Contract},
    likeness::{Name, Profile, Sketch},
    money::Fen,
    policy::Scope,
    time::Date,
    workflow::State,
};

/// The states in which a contract counts or may come to.
pub const STATES: [State; 5] = [
    State::Submitted,
    State::UnderReview,
    State::ExpertReview,
    State::Returned,
    State::Confirmed,
];

/// Keys that one statement names at most.
const CHUNK: usize = 500;

#[derive(Queryable, Selectable, Insertable, AsChangeset, PartialEq, Eq)]
#[diesel(table_name = contract_likeness)]
#[diesel(check_for_backend(super::db::MultiBackend))]
pub(super) struct LikenessRow {
    pub(super) contract_id: i64,
    name: String,
    sketch: i64,
    seller_key: i64,
    buyer_key: i64,
    pair_key: i64,
    signed_on: Date,
    amount_fen: i64,
}

impl LikenessRow {
    /// The row of a contract; none where its state has none, or something that it is recognised by is missing.
    pub(super) fn of(id: i64, state: State, content: &Content) -> Option<Self> {
        if !STATES.contains(&state) {
            return None;
        }
        let profile = Profile::of(content)?;
        Some(Self {
            contract_id: id,
            name: profile.name.text(),
            sketch: profile.name.sketch().to_stored(),
            seller_key: profile.seller,
            buyer_key: profile.buyer,
            pair_key: profile.pair,
            signed_on: profile.signed_on,
            amount_fen: profile.amount_fen,
        })
    }
}

impl LikenessRow {
    /// Tells whoever looked for such a deal before this one was written.
    fn leave_trace(&self) {
        tips::note(Trace::Deal(Deal {
            pair: self.pair_key,
            signed_on: self.signed_on,
            amount_fen: self.amount_fen,
        }));
    }
}

/// Adds the row of a contract that is new under this key.
pub(super) fn add(db: &mut Db, id: i64, contract: &Contract) -> Result<(), StoreError> {
    if let Some(row) = LikenessRow::of(id, contract.state, &contract.content) {
        insert(db, row)?;
    }
    Ok(())
}

fn insert(db: &mut Db, row: LikenessRow) -> Result<(), StoreError> {
    row.leave_trace();
    each!(db, |c| diesel::insert_into(contract_likeness::table)
        .values(row)
        .execute(c))?;
    Ok(())
}

/// Whether two states of one contract have the same row, as far as is seen without making it.
pub(super) fn is_recognised_alike(a: &Contract, b: &Contract) -> bool {
    match (STATES.contains(&a.state), STATES.contains(&b.state)) {
        (true, true) => a.content == b.content,
        (false, false) => true,
        _ => false,
    }
}

/// Makes the row of a contract that was `before` what it must be now.
pub(super) fn follow(db: &mut Db, before: &Contract, contract: &Contract) -> Result<(), StoreError> {
    if STATES.contains(&before.state) {
        keep(db, contract)
    } else {
        add(db, contract.id, contract)
    }
}

/// Makes the row of a contract what it must be now. Most acts change nothing of it, so it is looked at before it is written.
pub(super) fn keep(db: &mut Db, contract: &Contract) -> Result<(), StoreError> {
    let own = contract_likeness::table.filter(contract_likeness::contract_id.eq(contract.id));
    let stored: Option<LikenessRow> = own.select(LikenessRow::as_select()).get_result(db).optional()?;
    match (stored, LikenessRow::of(contract.id, contract.state, &contract.content)) {
        (Some(stored), Some(row)) if stored == row => Ok(()),
        (Some(_), Some(row)) => {
            row.leave_trace();
            diesel::update(own).set(row).execute(db)?;
            Ok(())
        }
        (Some(_), None) => {
            diesel::delete(own).execute(db)?;
            Ok(())
        }
        (None, Some(row)) => insert(db, row),
        (None, None) => Ok(()),
    }
}

/// Makes all rows anew, within the caller's transaction.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub(super) fn rebuild(db: &mut Db) -> Result<(), StoreError> {
    diesel::delete(contract_likeness::table).execute(db)?;
    let mut after = 0;
    loop {
        let rows: Vec<(i64, String, String)> = contracts::table
            .inner_join(
                contract_revisions::table.on(contract_revisions::contract_id
                    .eq(contracts::id)
                    .and(contract_revisions::revision.eq(contracts::revision))),
            )
            .filter(contracts::id.gt(after))
            .order(contracts::id)
            .limit(1000)
            .select((contracts::id, contracts::state, contract_revisions::content))
            .load(db)?;
        let Some((last, ..)) = rows.last() else { return Ok(()) };
        after = *last;
        for (id, state, content) in rows {
            let state = State::from_id(&state).ok_or_else(|| StoreError::corrupt(&state))?;
            if let Some(row) = LikenessRow::of(id, state, &parse_content(&content)?) {
                insert(db, row)?;
            }
        }
    }
}

/// How far from a contract others are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Days before and after, for look-alikes.
    pub near_days: u16,
    /// Least and greatest amount in fen.
    pub amounts: (Fen, Fen),
    /// Least likeness of the names, percent.
    pub percent: u32,
    /// Days before and after, for the same parties.
    pub pair_days: u16,
}

/// A contract that may resemble another: what the sketches could not rule out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its key.
    pub id: i64,
    /// Its name.
    pub name: Name,
    /// Key of its seller.
    pub seller: i64,
    /// Key of its buyer.
    pub buyer: i64,
    /// 签订日期.
    pub signed_on: Date,
    /// 合同成交额, in fen.
    pub amount_fen: Fen,
}

fn around(day: Date, days: u16) -> (Date, Date) {
    let days = Days::new(days.into());
    (
        day.checked_sub_days(days).unwrap_or(Date::MIN),
        day.checked_add_days(days).unwrap_or(Date::MAX),
    )
}

/// Keys of up to `limit` contracts other than `id` of the same parties in the same places that the scope shows, the last signed
/// first: what it does not show takes nobody's place.
///
/// # Errors
/// Where the store does not answer.
pub fn of_pair(db: &mut Db, scope: &Scope, id: i64, profile: &Profile, limit: usize) -> Result<Vec<i64>, StoreError> {
    use contract_likeness as l;
    let all: Vec<i64> = l::table
        .filter(l::pair_key.eq(profile.pair))
        .filter(l::contract_id.ne(id))
        .order((l::signed_on.desc(), l::contract_id.desc()))
        .select(l::contract_id)
        .load(db)?;
    let mut shown = shown_among(db, scope, &all)?;
    shown.truncate(limit);
    Ok(shown)
}

/// Whether a contract other than `id` that the scope does *not* show is the same deal: same parties in the same places, day and
/// amount. Nothing else of such contracts may be told, and this at a submission alone.
///
/// # Errors
/// Where the store does not answer.
pub fn has_hidden_twin(db: &mut Db, scope: &Scope, id: i64, profile: &Profile) -> Result<bool, StoreError> {
    use contract_likeness as l;
    let twins = l::table
        .filter(l::pair_key.eq(profile.pair))
        .filter(l::seller_key.eq(profile.seller))
        .filter(l::buyer_key.eq(profile.buyer))
        .filter(l::signed_on.eq(profile.signed_on))
        .filter(l::amount_fen.eq(profile.amount_fen))
        .filter(l::contract_id.ne(id))
        .select(l::contract_id);
    let twins: Vec<i64> = each!(db, |c| twins.load(c))?;
    readings::note_search(|| Search::Pair(profile.pair));
    readings::note_contracts(&twins);
    Ok(shown_among(db, scope, &twins)?.len() < twins.len())
}

/// Contracts other than `id` that the scope shows and that may resemble `profile` within `span`, and those of the same parties, day
/// and amount; and all that it shows of the same parties within `pair_days`.
///
/// # Errors
/// Where the store does not answer.
pub fn resembling(
    db: &mut Db,
    scope: &Scope,
    id: i64,
    profile: &Profile,
    span: Span,
) -> Result<(Vec<Candidate>, Vec<PairDeal>), StoreError> {
    use contract_likeness as l;
    let (first, last) = around(profile.signed_on, span.pair_days);
    let pair_query = l::table
        .filter(l::pair_key.eq(profile.pair))
        .filter(l::signed_on.between(first, last))
        .filter(l::contract_id.ne(id))
        .select((l::contract_id, l::signed_on, l::amount_fen));
    let mut of_pair: Vec<(i64, Date, Fen)> = each!(db, |c| pair_query.load(c))?;
    let keys: Vec<i64> = of_pair.iter().map(|(id, ..)| *id).collect();
    readings::note_search(|| Search::Pair(profile.pair));
    readings::note_contracts(&keys);
    let shown = shown_among(db, scope, &keys)?;
    of_pair.retain(|(id, ..)| shown.contains(id));
    let same_deal = of_pair
        .iter()
        .filter(|(_, on, fen)| (*on, *fen) == (profile.signed_on, profile.amount_fen));
    let mut found: Vec<i64> = same_deal.map(|(id, ..)| *id).collect();

    let (first, last) = around(profile.signed_on, span.near_days);
    let days: Vec<Date> = first.iter_days().take_while(|day| *day <= last).collect();
    let sketch = profile.name.sketch();
    let near: Vec<(i64, i64)> = l::table
        .filter(l::signed_on.eq_any(days))
        .filter(l::amount_fen.between(span.amounts.0, span.amounts.1))
        .select((l::contract_id, l::sketch))
        .load(db)?;
    found.extend(
        near.into_iter()
            .filter(|(other, stored)| *other != id && sketch.may_be_alike(Sketch::from_stored(*stored), span.percent))
            .map(|(id, _)| id),
    );
    found.sort_unstable();
    found.dedup();
    readings::note_search(|| Search::Near((first, last), span.amounts));
    readings::note_contracts(&found);
    let found = shown_among(db, scope, &found)?;

    let mut candidates = Vec::with_capacity(found.len());
    for keys in found.chunks(CHUNK) {
        let rows: Vec<LikenessRow> = l::table
            .filter(l::contract_id.eq_any(keys))
            .order(l::contract_id)
            .select(LikenessRow::as_select())
            .load(db)?;
        candidates.extend(rows.into_iter().map(|row| Candidate {
            id: row.contract_id,
            name: Name::from_text(&row.name),
            seller: row.seller_key,
            buyer: row.buyer_key,
            signed_on: row.signed_on,
            amount_fen: row.amount_fen,
        }));
    }
    let pair = of_pair
        .into_iter()
        .map(|(_, signed_on, amount_fen)| PairDeal { signed_on, amount_fen })
        .collect();
    Ok((candidates, pair))
}
