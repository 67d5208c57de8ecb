//! Whether the register says what the ledgers say: of every contract, panel, certificate, edition, follow-up, account … the digests of
//! its rows, table by table, are compared with those that the last entry which wrote there bound, or that were pinned when the store was
//! brought up from an earlier version. What differs is named, with its tables.
//!
//! Contracts are walked in order of their keys, a thousand at a time, with the entries about them; of the rest no more than
//! [`MOST`] are in memory, and the ledger is walked again for the next ones. So memory does not grow with the register.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use serde::Deserialize;

use crate::{
    domain::{ledger::Binding, time::Moment},
    storage::{
        Db, StoreError, account_ledger,
        binding::{self, Digests, Kind, Subject, pins},
        contracts, ledger,
    },
    usecases::{Context, Error, errand::go_on},
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
    /// The entry that pinned what was there when the store was brought up last, where one did: of what was done before it this says nothing.
    pub pinned: Option<Pin>,
    /// Subjects looked at.
    pub checked: u64,
    /// How many differ.
    pub differing: u64,
    /// The first of those.
    pub faults: Vec<RegisterFault>,
}

/// The entry that pinned what was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// Its sequence in the register's ledger.
    pub sequence: i64,
    /// When it was made.
    pub at: Moment,
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

/// What entries said of a subject: for each table the digest of its rows, or that there are none; and when that was said.
type Said = BTreeMap<String, (Moment, Option<String>)>;

/// Compares the register with the ledgers, all in one reading transaction. The chains themselves are [`super::verify`]'s and
/// `account_ledger::verify`'s: what a broken chain says proves nothing.
///
/// # Errors
/// Where the store does not answer; what differs is a result, not an error.
pub async fn verify(ctx: &Context) -> Result<RegisterVerification, Error> {
    ctx.read_heavy(|db| {
        let mut found = RegisterVerification::default();
        let pinned = last_pin(db, &mut found)?;
        walk_contracts(db, pinned, &mut found)?;
        let parts = 1 + u64::try_from(binding::count_beside_contracts(db)? / MOST).unwrap_or(0);
        for part in 0..parts {
            walk_rest(db, pinned, (part, parts), &mut found)?;
        }
        Ok(found)
    })
    .await
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

/// Takes over what an entry said at a moment; of one moment are the entries of one act, of which the later one counts.
fn take(said: &mut Said, at: Moment, tables: BTreeMap<String, Option<String>>) {
    for (table, digest) in tables {
        if said.get(&table).is_none_or(|(before, _)| *before <= at) {
            said.insert(table, (at, digest));
        }
    }
}

/// The entry that pinned what was there: its sequence and moment; before the first of all where there is none.
type Pinned = (i64, Moment);

/// The last entry that pins. That what is pinned is what it says is looked at, too.
fn last_pin(db: &mut Db, found: &mut RegisterVerification) -> Result<Pinned, StoreError> {
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
    // Only a migration says that a pin is due, and it is made before anybody could see that.
    if !right || pins::are_due(db)? {
        let tables = vec!["register_pins".to_owned()];
        found.tell("register_pins".to_owned(), tables, "固定摘要与登记账不符");
    }
    found.pinned = entry.map(|entry| Pin {
        sequence: entry.sequence,
        at: entry.act.at,
    });
    let before_all = (0, Moment::from_micros(i64::MIN));
    Ok(found.pinned.map_or(before_all, |pin| (pin.sequence, pin.at)))
}

/// Spans of numbers, [`CONTRACTS`] subjects each, that together are all there are.
fn next_span(db: &mut Db, kind: Kind, first: i64) -> Result<(i64, i64), StoreError> {
    let numbers = binding::numbers_after(db, kind, first.saturating_sub(1), CONTRACTS)?;
    let full = numbers.len() == CONTRACTS;
    let last = numbers.last().filter(|_| full);
    Ok((first, last.copied().unwrap_or(i64::MAX)))
}

fn walk_contracts(db: &mut Db, pinned: Pinned, found: &mut RegisterVerification) -> Result<(), Error> {
    let mut first = i64::MIN;
    loop {
        go_on()?;
        let span = next_span(db, Kind::Contract, first)?;
        let mut expected: BTreeMap<i64, Said> = BTreeMap::new();
        for binding in pins::of_numbers(db, Kind::Contract, span)? {
            // A block of pins may reach beyond the span.
            let number = number_of(&binding.subject).filter(|number| (span.0..=span.1).contains(number));
            if let Some(number) = number {
                take(expected.entry(number).or_default(), pinned.1, binding.tables);
            }
        }
        ledger::for_each_about_contracts(db, span, pinned.0, |contract, entry| {
            if let Some(Bindings { at, register }) = bindings(entry)? {
                let own = register.into_iter().filter(|b| number_of(&b.subject) == Some(contract));
                own.for_each(|b| take(expected.entry(contract).or_default(), at, b.tables));
            }
            Ok(())
        })?;
        for (number, digests) in binding::between(db, Kind::Contract, span)? {
            let subject = Subject::Numbered(Kind::Contract, number).to_string();
            found.compare(subject, expected.remove(&number), digests);
        }
        for (number, said) in expected {
            let subject = Subject::Numbered(Kind::Contract, number).to_string();
            found.compare(subject, Some(said), Digests::new());
        }
        if span.1 == i64::MAX {
            break;
        }
        first = span.1 + 1;
    }
    for fault in &mut found.faults {
        if let Some(contract) = fault.contract {
            // A contract that does not read back any more has no number to be named by.
            let read = contracts::find(db, contract).ok().flatten();
            fault.registration_number = read.and_then(|c| c.registration_number);
        }
    }
    Ok(())
}

fn number_of(subject: &str) -> Option<i64> {
    subject.strip_prefix("contract/")?.parse().ok()
}

fn walk_rest(
    db: &mut Db,
    pinned: Pinned,
    (part, parts): (u64, u64),
    found: &mut RegisterVerification,
) -> Result<(), Error> {
    let mine = |subject: &str| {
        let mut hasher = DefaultHasher::new();
        subject.hash(&mut hasher);
        number_of(subject).is_none() && hasher.finish() % parts == part
    };
    let mut expected: HashMap<String, Said> = HashMap::new();
    let mut take_mine = |at: Moment, binding: Binding| {
        if mine(&binding.subject) {
            take(expected.entry(binding.subject).or_default(), at, binding.tables);
        }
    };
    let kinds = || Kind::ALL.into_iter().filter(|kind| *kind != Kind::Contract);
    for kind in kinds() {
        pins::for_each(db, kind, |binding| take_mine(pinned.1, binding))?;
    }
    for read in [ledger::after, account_ledger::after] {
        let mut seen = i64::MIN;
        loop {
            go_on()?;
            let entries = read(db, seen, BATCH)?;
            let Some(last) = entries.last() else {
                break;
            };
            seen = last.sequence;
            for entry in &entries {
                if let Some(Bindings { at, register }) = bindings(&entry.entry)?.filter(|b| b.at >= pinned.1) {
                    register.into_iter().for_each(|binding| take_mine(at, binding));
                }
            }
        }
    }
    for kind in kinds() {
        let mut compare = |subject: Subject, digests: Digests| {
            let subject = subject.to_string();
            if mine(&subject) {
                let said = expected.remove(&subject);
                found.compare(subject, said, digests);
            }
        };
        if !kind.is_numbered() {
            binding::for_each_named(db, kind, compare)?;
            continue;
        }
        let mut first = i64::MIN;
        loop {
            go_on()?;
            let span = next_span(db, kind, first)?;
            for (number, digests) in binding::between(db, kind, span)? {
                compare(Subject::Numbered(kind, number), digests);
            }
            if span.1 == i64::MAX {
                break;
            }
            first = span.1 + 1;
        }
    }
    for (subject, said) in expected.into_iter().collect::<BTreeMap<_, _>>() {
        found.compare(subject, Some(said), Digests::new());
    }
    Ok(())
}

impl RegisterVerification {
    /// Holds what is there against what was said of it.
    fn compare(&mut self, subject: String, said: Option<Said>, digests: Digests) {
        self.checked += 1;
        let baseless = said.is_none();
        let said = said.unwrap_or_default();
        let tables: BTreeSet<&str> = said.keys().map(String::as_str).chain(digests.keys().copied()).collect();
        let differing: Vec<String> = tables
            .into_iter()
            .filter(|table| said.get(*table).and_then(|(_, digest)| digest.as_ref()) != digests.get(table))
            .map(str::to_owned)
            .collect();
        if !differing.is_empty() {
            let detail = if baseless {
                "数据在登记账中没有依据"
            } else {
                "数据与登记账不符"
            };
            self.tell(subject, differing, detail);
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
