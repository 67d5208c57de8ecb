//! Whether the register says what the ledgers say: of every contract, panel, certificate, edition, follow-up, account … how its rows
//! look is compared with what the last entry about it bound, or with what was pinned when the store was brought up from an earlier
//! version. What differs is named, with its tables.
//!
//! Contracts are walked in order of their keys, a thousand at a time, with the entries about them; of the rest no more than
//! [`MOST`] are in memory, and the ledger is walked again for the next ones. So memory does not grow with the register.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry as Place},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use serde::Deserialize;

use crate::{
    domain::{ledger::Binding, time::Moment},
    storage::{
        Db, StoreError, account_ledger,
        binding::{self, Bound, Kind, Subject, pins},
        contracts, ledger,
    },
    usecases::{Context, Error},
};

/// Contracts looked at together.
const CONTRACTS: usize = 1000;
/// Subjects beside contracts that are in memory at a time.
const MOST: i64 = 200_000;
/// Entries read at once.
const BATCH: i64 = 2000;
/// Differences that are named; more are counted.
const NAMED: usize = 200;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegisterVerification {
    /// Subjects looked at.
    pub checked: u64,
    /// How many differ.
    pub differing: u64,
    /// The first of those.
    pub faults: Vec<RegisterFault>,
}

/// Something whose rows are not what the ledger says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterFault {
    /// `kind/key`.
    pub subject: String,
    /// Where it is a contract: its key.
    pub contract: Option<i64>,
    /// Its registration number, where it has one.
    pub registration_number: Option<String>,
    /// The tables that differ.
    pub tables: Vec<String>,
    /// What is wrong, in Chinese.
    pub detail: String,
}

/// Compares the register with the ledgers, all in one reading transaction. The chains themselves are [`super::verify`]'s.
///
/// # Errors
/// Where the store does not answer; what differs is a result, not an error.
pub async fn verify(ctx: &Context) -> Result<RegisterVerification, Error> {
    ctx.store.read(|db| Ok(walk(db)?)).await
}

fn walk(db: &mut Db) -> Result<RegisterVerification, StoreError> {
    let mut found = RegisterVerification::default();
    let pinned = last_pin(db, &mut found)?;
    walk_contracts(db, pinned, &mut found)?;
    let parts = 1 + u64::try_from(binding::count_beside_contracts(db)? / MOST).unwrap_or(0);
    for part in 0..parts {
        walk_rest(db, pinned, (part, parts), &mut found)?;
    }
    Ok(found)
}

/// The part of an entry that is looked at here.
#[derive(Deserialize)]
struct Bindings {
    at: Moment,
    #[serde(default)]
    register: Vec<Binding>,
}

fn bindings(entry: &str) -> Result<Option<Bindings>, StoreError> {
    if !entry.contains("\"register\":[") {
        return Ok(None);
    }
    serde_json::from_str(entry).map(Some).map_err(StoreError::corrupt)
}

/// Sequence and moment of the last entry that pins; before the first where there is none. That what is pinned is what it says is looked
/// at, too.
fn last_pin(db: &mut Db, found: &mut RegisterVerification) -> Result<(i64, Moment), StoreError> {
    let entry = match pins::entry(db)? {
        Some(sequence) => ledger::find(db, sequence)?.filter(|entry| entry.act.action == pins::ACTION),
        None => None,
    };
    let said = entry.as_ref().and_then(|entry| entry.act.changes.first());
    let said = said.map(|change| &change.to["digest"]);
    let right = match said {
        Some(digest) => digest.as_str() == Some(pins::digest(db)?.as_str()),
        None => !pins::are_any(db)?,
    };
    if !right {
        found.tell("register_pins".to_owned(), vec!["register_pins".to_owned()], "固定摘要与登记账不符");
    }
    Ok(entry.map_or((0, Moment::from_micros(i64::MIN)), |entry| (entry.sequence, entry.act.at)))
}

fn walk_contracts(db: &mut Db, pinned: (i64, Moment), found: &mut RegisterVerification) -> Result<(), StoreError> {
    let mut first = i64::MIN;
    loop {
        let numbers = binding::numbers_after(db, Kind::Contract, first.saturating_sub(1), CONTRACTS)?;
        let end = (numbers.len() < CONTRACTS).then_some(i64::MAX);
        let last = end.or_else(|| numbers.last().copied()).unwrap_or(i64::MAX);
        let mut expected: BTreeMap<String, Bound> = BTreeMap::new();
        for binding in pins::of_numbers(db, Kind::Contract, (first, last))? {
            expected.insert(binding.subject.clone(), binding.into());
        }
        let span = (first, last);
        ledger::for_each_about_contracts(db, span, pinned.0, |contract, entry| {
            let own = Subject::Numbered(Kind::Contract, contract).to_string();
            for binding in bindings(entry)?.into_iter().flat_map(|b| b.register) {
                if binding.subject == own {
                    expected.insert(own.clone(), binding.into());
                }
            }
            Ok(())
        })?;
        for (number, bound) in binding::between(db, Kind::Contract, span)? {
            let subject = Subject::Numbered(Kind::Contract, number).to_string();
            let said = expected.remove(&subject);
            found.compare(subject, said, bound);
        }
        // A block of pins may reach beyond the span.
        let within = |subject: &str| number_of(subject).is_some_and(|number| (first..=last).contains(&number));
        for (subject, said) in expected.into_iter().filter(|(subject, _)| within(subject)) {
            found.compare(subject, Some(said), Bound::nothing());
        }
        if last == i64::MAX {
            break;
        }
        first = last + 1;
    }
    for fault in &mut found.faults {
        if let Some(contract) = fault.contract {
            fault.registration_number = contracts::find(db, contract).ok().flatten().and_then(|c| c.registration_number);
        }
    }
    Ok(())
}

fn number_of(subject: &str) -> Option<i64> {
    subject.strip_prefix("contract/")?.parse().ok()
}

/// What entries bound beside contracts: how it looks, and when that was said.
type Said = HashMap<String, (Moment, Bound)>;

fn walk_rest(db: &mut Db, pinned: (i64, Moment), part: (u64, u64), found: &mut RegisterVerification) -> Result<(), StoreError> {
    let mine = |subject: &str| {
        let mut hasher = DefaultHasher::new();
        subject.hash(&mut hasher);
        number_of(subject).is_none() && hasher.finish() % part.1 == part.0
    };
    let mut said = Said::new();
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Contract) {
        pins::for_each(db, kind, |binding| take(&mut said, pinned.1, binding, &mine))?;
    }
    for read in [ledger::after, account_ledger::after] {
        let mut seen = i64::MIN;
        loop {
            let entries = read(db, seen, BATCH)?;
            let Some(last) = entries.last() else {
                break;
            };
            seen = last.sequence;
            for entry in &entries {
                // Of one moment are the entries of one act: the later one counts.
                if let Some(Bindings { at, register }) = bindings(&entry.entry)?.filter(|b| b.at >= pinned.1) {
                    register.into_iter().for_each(|binding| take(&mut said, at, binding, &mine));
                }
            }
        }
    }
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Contract) {
        let mut compare = |subject: Subject, bound: Bound| {
            let subject = subject.to_string();
            if mine(&subject) {
                let said = said.remove(&subject).map(|(_, bound)| bound);
                found.compare(subject, said, bound);
            }
        };
        if !kind.is_numbered() {
            binding::for_each_named(db, kind, compare)?;
            continue;
        }
        let mut first = i64::MIN;
        loop {
            let numbers = binding::numbers_after(db, kind, first.saturating_sub(1), CONTRACTS)?;
            let end = (numbers.len() < CONTRACTS).then_some(i64::MAX);
            let last = end.or_else(|| numbers.last().copied()).unwrap_or(i64::MAX);
            for (number, bound) in binding::between(db, kind, (first, last))? {
                compare(Subject::Numbered(kind, number), bound);
            }
            if last == i64::MAX {
                break;
            }
            first = last + 1;
        }
    }
    let mut gone: Vec<(String, Bound)> = said.into_iter().map(|(subject, (_, bound))| (subject, bound)).collect();
    gone.sort_by(|a, b| a.0.cmp(&b.0));
    for (subject, bound) in gone {
        found.compare(subject, Some(bound), Bound::nothing());
    }
    Ok(())
}

fn take(said: &mut Said, at: Moment, binding: Binding, mine: &impl Fn(&str) -> bool) {
    if !mine(&binding.subject) {
        return;
    }
    match said.entry(binding.subject.clone()) {
        Place::Occupied(mut place) if place.get().0 <= at => {
            place.insert((at, binding.into()));
        }
        Place::Occupied(_) => {}
        Place::Vacant(place) => {
            place.insert((at, binding.into()));
        }
    }
}

impl RegisterVerification {
    fn compare(&mut self, subject: String, said: Option<Bound>, bound: Bound) {
        self.checked += 1;
        match said {
            Some(said) if said == bound => {}
            Some(said) => {
                let mut tables: Vec<String> = said
                    .tables
                    .iter()
                    .filter(|(table, digest)| bound.tables.get(*table) != Some(*digest))
                    .map(|(table, _)| table.clone())
                    .chain(bound.tables.keys().filter(|table| !said.tables.contains_key(*table)).cloned())
                    .collect();
                tables.sort();
                self.tell(subject, tables, "数据与登记账不符");
            }
            None => {
                let tables = bound.tables.into_keys().collect();
                self.tell(subject, tables, "数据在登记账中没有依据");
            }
        }
    }

    fn tell(&mut self, subject: String, tables: Vec<String>, detail: &str) {
        self.differing += 1;
        if self.faults.len() < NAMED {
            self.faults.push(RegisterFault {
                contract: number_of(&subject),
                registration_number: None,
                subject,
                tables,
                detail: detail.to_owned(),
            });
        }
    }
}
