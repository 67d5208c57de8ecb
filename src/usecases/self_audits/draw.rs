//! From a plan to a sample that is handed out: the population is read once, in few columns, and hashed.

use std::{
    collections::{BTreeMap, HashMap},
    ops::ControlFlow,
};

use sha2::{Digest as _, Sha256};

use crate::{
    domain::{
        account::{Actor, Role},
        error::FieldError,
        policy::{self, Scope},
        self_audit::{
            Design, Filter, MOST_ITEMS, StratifyBy, Stratum, assign,
            draw::{self, Member, Risk},
        },
        time::Moment,
    },
    storage::{
        Db, accounts,
        self_audit_frame::{self, FrameRow},
        self_audit_items::NewItem,
        self_audits::NewSelfAudit,
    },
    usecases::{
        Context, Error,
        contracts::checks::{Survey, over_year},
    },
};

use super::create::Plan;

/// A sample, drawn and handed out, to be entered.
#[derive(Debug)]
pub(super) struct Prepared {
    plan: Plan,
    drawn_at: Moment,
    strata: Vec<Stratum>,
    population_digest: String,
    sample_digest: String,
    /// What was drawn, in the order of drawing.
    pub items: Vec<NewItem>,
}

impl Prepared {
    /// The self-audit as it is entered.
    pub fn audit(&self, by: &str, now: Moment) -> NewSelfAudit {
        let plan = self.plan.clone();
        NewSelfAudit {
            title: plan.title,
            year: plan.year,
            filter: plan.filter,
            design: plan.design,
            strata: self.strata.clone(),
            population_digest: self.population_digest.clone(),
            sample_digest: self.sample_digest.clone(),
            auditors: plan.auditors,
            created_by: by.to_owned(),
            created_at: now,
            drawn_at: self.drawn_at,
        }
    }
}

/// The accounts of these names, each a reviewer's.
pub(super) fn auditors(db: &mut Db, names: &[String], errors: &mut Vec<FieldError>) -> Result<Vec<Actor>, Error> {
    let mut found: Vec<Actor> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let pointer = format!("/auditors/{index}");
        match reviewer(db, name)? {
            Err(why) => errors.push(why.at(pointer)),
            Ok(actor) if found.iter().any(|a| a.username == actor.username) => {
                errors.push(FieldError::new(pointer, "repeated", "重复。"));
            }
            Ok(actor) => found.push(actor),
        }
    }
    Ok(found)
}

/// Why nobody of a name can be an auditor.
#[derive(Debug, Clone, Copy)]
pub(super) enum NoReviewer {
    /// There is none.
    Unknown,
    /// The account is locked: whatever it were given would lie.
    Locked,
}

impl NoReviewer {
    /// As a wrong field.
    pub fn at(self, pointer: impl Into<String>) -> FieldError {
        match self {
            Self::Unknown => FieldError::new(pointer, "unknown_reviewer", "没有这位审核员。"),
            Self::Locked => FieldError::new(pointer, "locked_account", "该审核员的账号已锁定，不能承担自查。"),
        }
    }
}

/// The reviewer of a name, who can log in.
pub(super) fn reviewer(db: &mut Db, name: &str) -> Result<Result<Actor, NoReviewer>, Error> {
    let account = accounts::find_by_name(db, name)?;
    Ok(match account.filter(|a| a.actor().has(Role::Reviewer)) {
        None => Err(NoReviewer::Unknown),
        Some(account) if !account.is_unlocked() => Err(NoReviewer::Locked),
        Some(account) => Ok(account.actor()),
    })
}

/// Draws the sample and hands it out. `scope` is what the caller may see, `agency` the key of the filter's.
pub(super) fn prepare(
    ctx: &Context,
    db: &mut Db,
    scope: Scope,
    plan: Plan,
    agency: Option<i64>,
    auditors: &[Actor],
) -> Result<Prepared, Error> {
    // The clock is read once the reading transaction is open, so that every act it sees is in the past.
    let drawn_at = ctx.clock.now();
    let population = read(ctx, db, scope, &plan, agency, drawn_at)?;
    if population.members.is_empty() {
        return Err(Error::invalid(
            "/filter",
            "empty_population",
            "没有符合条件的有效登记合同。",
        ));
    }
    let sample = draw::draw(&plan.design, &population.names, &population.members);
    if sample.drawn.is_empty() {
        return Err(Error::invalid("/design", "empty_sample", "按此方式抽不出合同。"));
    }
    if sample.drawn.len() > MOST_ITEMS {
        let detail = format!("抽出 {} 份合同，一次自查不得超过 {MOST_ITEMS} 份。", sample.drawn.len());
        return Err(Error::invalid("/design", "too_many", detail));
    }
    let members: Vec<(&Member, usize)> = sample
        .drawn
        .iter()
        .map(|d| (&population.members[d.member], d.stratum))
        .collect();
    let ids: Vec<i64> = members.iter().map(|(m, _)| m.id).collect();
    let known = self_audit_frame::handled(db, &ids)?;
    let mut digest = Sha256::new();
    let mut eligible = Vec::with_capacity(ids.len());
    for id in &ids {
        let at = known
            .binary_search_by_key(id, |(id, _, _)| *id)
            .map_err(|_| Error::internal(format!("contract {id} was drawn and is gone")))?;
        let (_, number, handled) = &known[at];
        digest.update(key_of(number.as_deref(), *id));
        digest.update(b"\n");
        eligible.push(
            auditors
                .iter()
                .enumerate()
                .filter(|(_, actor)| policy::decide_self_audit_item(actor, handled).is_ok())
                .map(|(index, _)| index)
                .collect(),
        );
    }
    let assigned = assign::assign(&eligible, auditors.len());
    let items = members
        .into_iter()
        .zip(assigned)
        .map(|((member, stratum), auditor)| NewItem {
            contract_id: member.id,
            revision: member.revision,
            amount_fen: member.amount_fen,
            stratum: i64::try_from(stratum).unwrap_or(i64::MAX),
            assigned_to: auditor.map(|a| auditors[a].username.clone()),
        })
        .collect();
    Ok(Prepared {
        plan: Plan {
            auditors: auditors.iter().map(|a| a.username.clone()).collect(),
            ..plan
        },
        drawn_at,
        strata: sample.strata,
        population_digest: population.digest,
        sample_digest: hex::encode(digest.finalize()),
        items,
    })
}

/// What the order of chance and the digests know a contract by.
fn key_of(number: Option<&str>, id: i64) -> String {
    number.map_or_else(|| id.to_string(), str::to_owned)
}

struct Population {
    members: Vec<Member>,
    /// Names of the strata, sorted.
    names: Vec<String>,
    /// SHA-256 of a line a contract, in the order of keys in the store: key, revision, amount in fen, set apart by tabs.
    digest: String,
}

fn read(
    ctx: &Context,
    db: &mut Db,
    scope: Scope,
    plan: &Plan,
    agency: Option<i64>,
    at: Moment,
) -> Result<Population, Error> {
    let mut members = Vec::new();
    let mut names: BTreeMap<String, u32> = BTreeMap::new();
    let mut digest = Sha256::new();
    let risks = match plan.design {
        Design::RiskyFirst { .. } => risks(ctx, db, scope, plan, at)?,
        _ => HashMap::new(),
    };
    self_audit_frame::for_each(db, plan.year, at, |row| {
        if !matches(&plan.filter, agency, &row) {
            return;
        }
        let key = key_of(row.registration_number.as_deref(), row.contract_id);
        digest.update(format!("{key}\t{}\t{}\n", row.revision, row.amount_fen));
        let stratum = match &plan.design {
            Design::Stratified { by, .. } => {
                let next = u32::try_from(names.len()).unwrap_or(u32::MAX);
                *names.entry(stratum_of(by, &row)).or_insert(next)
            }
            _ => 0,
        };
        members.push(Member {
            id: row.contract_id,
            revision: row.revision,
            amount_fen: row.amount_fen,
            stratum,
            rank: plan.design.seed().map_or([0; 32], |seed| draw::rank(seed, &key)),
            risk: risks.get(&row.contract_id).copied().unwrap_or_default(),
        });
    })?;
    // Strata in the order of their names, not of who came first.
    let mut places = vec![0; names.len()];
    for (place, first) in names.values().enumerate() {
        places[*first as usize] = u32::try_from(place).unwrap_or(u32::MAX);
    }
    for member in members.iter_mut().filter(|_| !names.is_empty()) {
        member.stratum = places[member.stratum as usize];
    }
    Ok(Population {
        members,
        names: names.into_keys().collect(),
        digest: hex::encode(digest.finalize()),
    })
}

fn matches(filter: &Filter, agency: Option<i64>, row: &FrameRow) -> bool {
    let fits = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
    fits(&filter.unit, &row.unit)
        && fits(&filter.contract_type, &row.contract_type)
        && fits(&filter.field, &row.field)
        && (agency.is_none() || agency == row.agency_id)
        && filter.amount_from_fen.is_none_or(|from| from <= row.amount_fen)
        && filter.amount_to_fen.is_none_or(|to| row.amount_fen <= to)
}

fn stratum_of(by: &[StratifyBy], row: &FrameRow) -> String {
    let parts: Vec<&str> = by
        .iter()
        .map(|b| match b {
            StratifyBy::Unit => &row.unit,
            StratifyBy::Type => &row.contract_type,
            StratifyBy::Field => &row.field,
        })
        .map(|id| id.as_deref().unwrap_or("-"))
        .collect();
    parts.join("/")
}

/// What the checks find in each contract of the year in which they find something.
fn risks(ctx: &Context, db: &mut Db, scope: Scope, plan: &Plan, at: Moment) -> Result<HashMap<i64, Risk>, Error> {
    let mut risks = HashMap::new();
    let mut survey = Survey::new(db, ctx, scope, plan.year, at)?;
    let of_unit = (plan.year, plan.filter.unit.as_deref(), 0);
    over_year(db, &mut survey, of_unit, |contract, found| {
        if !found.is_empty() {
            risks.insert(contract.id, Risk::of(&found));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(risks)
}
