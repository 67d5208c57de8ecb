//! Expert panels: their members and contracts, recusals and opinions. Who may see what of them is not known here.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{
    Db, StoreError, accounts,
    binding::rows,
    dialect::insert_for_key,
    expert_rounds,
    schema::{
        contracts, expert_opinions, expert_recusals, expert_review_contracts, expert_review_members, expert_reviews,
        users,
    },
};
use crate::domain::{
    account::Role,
    contract::Conclusion,
    expert_review::{
        Ballot, Concluded, ExpertReview, Member, Opinion, Outcome, PanelContract, PanelState, Proposal, Recusal,
        RecusalKind, Sitting, conflict::Background,
    },
    ledger::canonical,
    time::{Date, Moment},
    workflow::State,
};

type ReviewRow = (i64, String, Date, String, String, String, i64, Option<i64>);

fn review_of(row: ReviewRow) -> Result<ExpertReview, StoreError> {
    let (id, title, held_on, chair, convened_by, state, created_at, closed_at) = row;
    Ok(ExpertReview {
        id,
        title,
        held_on,
        chair,
        convened_by,
        state: PanelState::from_id(&state).ok_or_else(|| StoreError::corrupt(&state))?,
        created_at: Moment::from_micros(created_at),
        closed_at: closed_at.map(Moment::from_micros),
        members: Vec::new(),
        contracts: Vec::new(),
    })
}

#[derive(Queryable)]
struct ContractRow {
    expert_review_id: i64,
    contract_id: i64,
    state: String,
    rule_set: String,
    _added_at: i64,
    entitled: Option<i64>,
    votes: Option<i64>,
    conclusion: Option<String>,
    reason: Option<String>,
    ended_at: Option<i64>,
    ended_by: Option<String>,
}

fn count(number: Option<i64>) -> Result<usize, StoreError> {
    usize::try_from(number.unwrap_or(0)).map_err(StoreError::corrupt)
}

fn contract_of(row: ContractRow) -> Result<PanelContract, StoreError> {
    let concluded = match row.conclusion {
        None => None,
        Some(text) => Some(Concluded {
            ballot: serde_json::from_str(&text).map_err(StoreError::corrupt)?,
            entitled: count(row.entitled)?,
            votes: count(row.votes)?,
        }),
    };
    Ok(PanelContract {
        contract_id: row.contract_id,
        outcome: Outcome::from_id(&row.state).ok_or_else(|| StoreError::corrupt(&row.state))?,
        rule_set: row.rule_set,
        rounds: Vec::new(),
        concluded,
        reason: row.reason,
        ended_at: row.ended_at.map(Moment::from_micros),
        ended_by: row.ended_by,
    })
}

type RecusalRow = (i64, i64, i64, String, String, String, String, i64);

fn recusal_of((id, _, contract_id, username, kind, reason, by, at): RecusalRow) -> Result<Recusal, StoreError> {
    Ok(Recusal {
        id,
        contract_id,
        username,
        kind: RecusalKind::from_id(&kind).ok_or_else(|| StoreError::corrupt(&kind))?,
        reason,
        recorded_by: by,
        recorded_at: Moment::from_micros(at),
    })
}

#[derive(Queryable)]
struct OpinionRow {
    id: i64,
    expert_review_id: i64,
    contract_id: i64,
    username: String,
    vote: String,
    contract_type: Option<String>,
    subtype: Option<String>,
    technology_amount_fen: Option<i64>,
    text: String,
    given_at: i64,
    salt: String,
    digest: String,
    round: i64,
}

fn opinion_of(row: OpinionRow) -> Result<Opinion, StoreError> {
    Ok(Opinion {
        id: row.id,
        contract_id: row.contract_id,
        username: row.username,
        round: row.round,
        ballot: Ballot {
            vote: Conclusion::from_id(&row.vote).ok_or_else(|| StoreError::corrupt(&row.vote))?,
            changes: Proposal {
                contract_type: row.contract_type,
                subtype: row.subtype,
                technology_amount_fen: row.technology_amount_fen,
            },
        },
        text: row.text,
        given_at: Moment::from_micros(row.given_at),
        salt: row.salt,
        digest: row.digest,
    })
}

/// Panels with all that was said on them, in the order of `ids`; what is not there is left out.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn sittings(db: &mut Db, ids: &[i64]) -> Result<Vec<Sitting>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<ReviewRow> = expert_reviews::table.filter(expert_reviews::id.eq_any(ids)).load(db)?;
    let mut found: HashMap<i64, Sitting> = HashMap::new();
    for row in rows {
        let review = review_of(row)?;
        let (recusals, opinions) = (Vec::new(), Vec::new());
        found.insert(
            review.id,
            Sitting {
                review,
                recusals,
                opinions,
            },
        );
    }
    type MemberRow = (i64, String, Option<String>, Option<String>, Option<String>, Option<i64>);
    let members: Vec<MemberRow> = expert_review_members::table
        .left_join(users::table.on(users::username.eq(expert_review_members::username)))
        .filter(expert_review_members::expert_review_id.eq_any(ids))
        .select((
            expert_review_members::expert_review_id,
            expert_review_members::username,
            users::full_name.nullable(),
            expert_review_members::recusal_reason,
            users::roles.nullable(),
            users::locked_at.nullable(),
        ))
        .load(db)?;
    for (id, username, full_name, recusal_reason, roles, locked_at) in members {
        let expert = roles.is_some_and(|roles| accounts::holds(&roles, Role::Expert));
        let member = Member {
            username,
            full_name,
            recusal_reason,
            active: expert && locked_at.is_none(),
        };
        found.entry(id).and_modify(|s| s.review.members.push(member));
    }
    // Not by the database, whose order of letters may be another one.
    for sitting in found.values_mut() {
        sitting.review.members.sort_by(|a, b| a.username.cmp(&b.username));
    }
    let contracts: Vec<ContractRow> = expert_review_contracts::table
        .filter(expert_review_contracts::expert_review_id.eq_any(ids))
        .order((
            expert_review_contracts::expert_review_id,
            expert_review_contracts::contract_id,
        ))
        .load(db)?;
    for row in contracts {
        let id = row.expert_review_id;
        let contract = contract_of(row)?;
        found.entry(id).and_modify(|s| s.review.contracts.push(contract));
    }
    for (id, contract, round) in expert_rounds::of_panels(db, ids)? {
        let contracts = found.get_mut(&id).map(|s| &mut s.review.contracts);
        let line = contracts.and_then(|lines| lines.iter_mut().find(|l| l.contract_id == contract));
        if let Some(line) = line {
            line.rounds.push(round);
        }
    }
    let recusals: Vec<RecusalRow> = expert_recusals::table
        .filter(expert_recusals::expert_review_id.eq_any(ids))
        .order(expert_recusals::id)
        .load(db)?;
    for row in recusals {
        let id = row.1;
        let recusal = recusal_of(row)?;
        found.entry(id).and_modify(|s| s.recusals.push(recusal));
    }
    let opinions: Vec<OpinionRow> = expert_opinions::table
        .filter(expert_opinions::expert_review_id.eq_any(ids))
        .order(expert_opinions::id)
        .load(db)?;
    for row in opinions {
        let id = row.expert_review_id;
        let opinion = opinion_of(row)?;
        found.entry(id).and_modify(|s| s.opinions.push(opinion));
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// One panel with all that was said on it.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn find(db: &mut Db, id: i64) -> Result<Option<Sitting>, StoreError> {
    Ok(sittings(db, &[id])?.pop())
}

/// Whether someone sits on a panel.
///
/// # Errors
/// Where the store does not answer.
pub fn is_member(db: &mut Db, id: i64, username: &str) -> Result<bool, StoreError> {
    let seat = expert_review_members::table
        .filter(expert_review_members::expert_review_id.eq(id))
        .filter(expert_review_members::username.eq(username));
    Ok(diesel::select(diesel::dsl::exists(seat)).get_result(db)?)
}

/// Keys of panels, the newest first: of all, or of those on which `member` sits; before the key `after`.
///
/// # Errors
/// Where the store does not answer.
pub fn page(
    db: &mut Db,
    member: Option<&str>,
    state: Option<PanelState>,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut query = expert_reviews::table.into_boxed::<super::db::MultiBackend>();
    if let Some(username) = member {
        let mine = expert_review_members::table
            .filter(expert_review_members::username.eq(username.to_owned()))
            .select(expert_review_members::expert_review_id);
        query = query.filter(expert_reviews::id.eq_any(mine));
    }
    if let Some(state) = state {
        query = query.filter(expert_reviews::state.eq(state.id()));
    }
    if let Some(after) = after {
        query = query.filter(expert_reviews::id.lt(after));
    }
    Ok(query
        .order(expert_reviews::id.desc())
        .select(expert_reviews::id)
        .limit(limit)
        .load(db)?)
}

/// Adds a panel without members and contracts (its `id` is not looked at); answers the key given.
///
/// # Errors
/// Where the store does not answer.
pub fn insert(db: &mut Db, review: &ExpertReview) -> Result<i64, StoreError> {
    let values = (
        expert_reviews::title.eq(&review.title),
        expert_reviews::held_on.eq(review.held_on),
        expert_reviews::chair.eq(&review.chair),
        expert_reviews::convened_by.eq(&review.convened_by),
        expert_reviews::state.eq(review.state.id()),
        expert_reviews::created_at.eq(review.created_at.micros()),
        expert_reviews::closed_at.eq(review.closed_at.map(Moment::micros)),
    );
    let id = insert_for_key!(
        db,
        diesel::insert_into(expert_reviews::table).values(values),
        expert_reviews::id
    )?;
    rows::expert_reviews::note(id);
    Ok(id)
}

/// Writes title, day, chair and state of a panel back.
///
/// # Errors
/// Where the store does not answer.
pub fn update(db: &mut Db, review: &ExpertReview) -> Result<(), StoreError> {
    rows::expert_reviews::note(review.id);
    diesel::update(expert_reviews::table.filter(expert_reviews::id.eq(review.id)))
        .set((
            expert_reviews::title.eq(&review.title),
            expert_reviews::held_on.eq(review.held_on),
            expert_reviews::chair.eq(&review.chair),
            expert_reviews::state.eq(review.state.id()),
            expert_reviews::closed_at.eq(review.closed_at.map(Moment::micros)),
        ))
        .execute(db)?;
    Ok(())
}

/// Seats an expert.
///
/// # Errors
/// [`StoreError::Duplicate`] where he or she sits there already.
pub fn add_member(db: &mut Db, id: i64, username: &str, at: Moment) -> Result<(), StoreError> {
    rows::expert_review_members::note(id);
    diesel::insert_into(expert_review_members::table)
        .values((
            expert_review_members::expert_review_id.eq(id),
            expert_review_members::username.eq(username),
            expert_review_members::added_at.eq(at.micros()),
        ))
        .execute(db)?;
    Ok(())
}

/// Takes an expert's seat away.
///
/// # Errors
/// Where the store does not answer.
pub fn remove_member(db: &mut Db, id: i64, username: &str) -> Result<(), StoreError> {
    rows::expert_review_members::note(id);
    diesel::delete(
        expert_review_members::table
            .filter(expert_review_members::expert_review_id.eq(id))
            .filter(expert_review_members::username.eq(username)),
    )
    .execute(db)?;
    Ok(())
}

/// Keeps that an expert stays out of the whole panel.
///
/// # Errors
/// Where the store does not answer.
pub fn recuse_member(db: &mut Db, id: i64, username: &str, reason: &str) -> Result<(), StoreError> {
    rows::expert_review_members::note(id);
    diesel::update(
        expert_review_members::table
            .filter(expert_review_members::expert_review_id.eq(id))
            .filter(expert_review_members::username.eq(username)),
    )
    .set(expert_review_members::recusal_reason.eq(reason))
    .execute(db)?;
    Ok(())
}

/// Key of the panel that has a contract before it now.
///
/// # Errors
/// Where the store does not answer.
pub fn open_panel_of(db: &mut Db, contract_id: i64) -> Result<Option<i64>, StoreError> {
    Ok(expert_review_contracts::table
        .filter(expert_review_contracts::contract_id.eq(contract_id))
        .filter(expert_review_contracts::state.eq(Outcome::Open.id()))
        .select(expert_review_contracts::expert_review_id)
        .get_result(db)
        .optional()?)
}

/// Keys of contracts that wait for experts and are before no panel now, a thousand at most.
///
/// # Errors
/// Where the store does not answer.
pub fn before_no_panel(db: &mut Db) -> Result<Vec<i64>, StoreError> {
    let now_before_one = expert_review_contracts::table
        .filter(expert_review_contracts::contract_id.eq(contracts::id))
        .filter(expert_review_contracts::state.eq(Outcome::Open.id()));
    Ok(contracts::table
        .filter(contracts::state.eq(State::ExpertReview.id()))
        .filter(diesel::dsl::not(diesel::dsl::exists(now_before_one)))
        .order(contracts::id)
        .select(contracts::id)
        .limit(1000)
        .load(db)?)
}

/// Keys of the panels that have or had a contract before them, the newest first.
///
/// # Errors
/// Where the store does not answer.
pub fn panels_of(db: &mut Db, contract_id: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(expert_review_contracts::table
        .filter(expert_review_contracts::contract_id.eq(contract_id))
        .order(expert_review_contracts::expert_review_id.desc())
        .select(expert_review_contracts::expert_review_id)
        .limit(limit)
        .load(db)?)
}

/// Puts a contract before a panel, and opens its first round of voting.
///
/// # Errors
/// [`StoreError::Duplicate`] where it was before this one, or is before another.
pub fn add_contract(
    db: &mut Db,
    id: i64,
    contract_id: i64,
    rule_set: &str,
    by: &str,
    at: Moment,
) -> Result<(), StoreError> {
    rows::expert_review_contracts::note(id);
    diesel::insert_into(expert_review_contracts::table)
        .values((
            expert_review_contracts::expert_review_id.eq(id),
            expert_review_contracts::contract_id.eq(contract_id),
            expert_review_contracts::state.eq(Outcome::Open.id()),
            expert_review_contracts::rule_set.eq(rule_set),
            expert_review_contracts::added_at.eq(at.micros()),
        ))
        .execute(db)?;
    expert_rounds::open(db, id, (contract_id, 1), by, at)
}

/// Writes what became of a contract on a panel, if it is still open there; `false` where it is not.
///
/// # Errors
/// Where the store does not answer.
pub fn end_contract(db: &mut Db, id: i64, contract: &PanelContract) -> Result<bool, StoreError> {
    rows::expert_review_contracts::note(id);
    let concluded = contract.concluded.as_ref();
    let number = |n: usize| i64::try_from(n).map_err(StoreError::corrupt);
    let ballot = concluded.map(|c| canonical(&c.ballot)).transpose();
    let changed = diesel::update(
        expert_review_contracts::table
            .filter(expert_review_contracts::expert_review_id.eq(id))
            .filter(expert_review_contracts::contract_id.eq(contract.contract_id))
            .filter(expert_review_contracts::state.eq(Outcome::Open.id())),
    )
    .set((
        expert_review_contracts::state.eq(contract.outcome.id()),
        expert_review_contracts::entitled.eq(concluded.map(|c| number(c.entitled)).transpose()?),
        expert_review_contracts::votes.eq(concluded.map(|c| number(c.votes)).transpose()?),
        expert_review_contracts::conclusion.eq(ballot.map_err(StoreError::corrupt)?),
        expert_review_contracts::reason.eq(&contract.reason),
        expert_review_contracts::ended_at.eq(contract.ended_at.map(Moment::micros)),
        expert_review_contracts::ended_by.eq(&contract.ended_by),
    ))
    .execute(db)?;
    Ok(changed == 1)
}

/// Adds a recusal (its `id` is not looked at); answers the key given.
///
/// # Errors
/// [`StoreError::Duplicate`] where the expert stays out of the contract already.
pub fn insert_recusal(db: &mut Db, id: i64, recusal: &Recusal) -> Result<i64, StoreError> {
    rows::expert_recusals::note(id);
    let values = (
        expert_recusals::expert_review_id.eq(id),
        expert_recusals::contract_id.eq(recusal.contract_id),
        expert_recusals::username.eq(&recusal.username),
        expert_recusals::kind.eq(recusal.kind.id()),
        expert_recusals::reason.eq(&recusal.reason),
        expert_recusals::recorded_by.eq(&recusal.recorded_by),
        expert_recusals::recorded_at.eq(recusal.recorded_at.micros()),
    );
    Ok(insert_for_key!(
        db,
        diesel::insert_into(expert_recusals::table).values(values),
        expert_recusals::id
    )?)
}

/// Writes an opinion: a new one where its `id` is 0, else over the one of that key. Answers the key.
///
/// # Errors
/// [`StoreError::Duplicate`] where the expert has given one on the contract in this round.
pub fn put_opinion(db: &mut Db, review: i64, opinion: &Opinion) -> Result<i64, StoreError> {
    let changes = &opinion.ballot.changes;
    let said = (
        expert_opinions::vote.eq(opinion.ballot.vote.id()),
        expert_opinions::contract_type.eq(&changes.contract_type),
        expert_opinions::subtype.eq(&changes.subtype),
        expert_opinions::technology_amount_fen.eq(changes.technology_amount_fen),
        expert_opinions::text.eq(&opinion.text),
        expert_opinions::given_at.eq(opinion.given_at.micros()),
        expert_opinions::salt.eq(&opinion.salt),
        expert_opinions::digest.eq(&opinion.digest),
    );
    if opinion.id != 0 {
        diesel::update(expert_opinions::table.filter(expert_opinions::id.eq(opinion.id)))
            .set(said)
            .execute(db)?;
        rows::expert_opinions::note(opinion.id);
        return Ok(opinion.id);
    }
    let values = (
        expert_opinions::expert_review_id.eq(review),
        expert_opinions::contract_id.eq(opinion.contract_id),
        expert_opinions::username.eq(&opinion.username),
        expert_opinions::round.eq(opinion.round),
        said,
    );
    let id = insert_for_key!(
        db,
        diesel::insert_into(expert_opinions::table).values(values),
        expert_opinions::id
    )?;
    rows::expert_opinions::note(id);
    Ok(id)
}

/// What is known of those among `usernames` who have accounts, whatever their roles are now.
///
/// # Errors
/// Where the store does not answer.
pub fn backgrounds(db: &mut Db, usernames: &[String]) -> Result<Vec<Background>, StoreError> {
    type Row = (String, Option<String>, Option<String>, Option<i64>);
    let rows: Vec<Row> = users::table
        .filter(users::username.eq_any(usernames))
        .select((users::username, users::employer, users::employer_uscc, users::agency_id))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(username, employer, employer_uscc, agency_id)| Background {
            username,
            employer,
            employer_uscc,
            agency_id,
        })
        .collect())
}
