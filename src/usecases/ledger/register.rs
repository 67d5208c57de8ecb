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
    domain::{
        ledger::{Binding, Entry},
        time::Moment,
    },
    storage::{
        Db, StoreError, account_ledger, agencies,
        binding::{self, Digests, Kind, Subject, pins},
        contracts, derivations, ledger, registrars,
        schema_objects::value_forms,
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
    /// Tables that do not answer.
    silent: BTreeSet<&'static str>,
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

impl RegisterFault {
    /// In Chinese: what is wrong, and in which tables.
    pub fn told(&self) -> String {
        match self.tables.is_empty() {
            true => self.detail.clone(),
            false => format!("{}：{}", self.detail, self.tables.join("、")),
        }
    }
}

/// What entries said of a subject: for each table the digest of its rows, or that there are none; and when that was said.
type Said = BTreeMap<String, (Moment, Option<String>)>;

/// Compares the register with the ledgers, all in one reading transaction. The chains themselves are [`super::verdict`]'s and
/// `account_ledger::verify`'s: what a broken chain says proves nothing.
///
/// # Errors
/// Where the store does not answer; what differs is a result, not an error.
pub async fn verify(ctx: &Context) -> Result<RegisterVerification, Error> {
    ctx.read_heavy(compare).await
}

/// The same within a reading transaction.
///
/// # Errors
/// Where the store does not answer; what differs is a result, not an error.
pub(super) fn compare(db: &mut Db) -> Result<RegisterVerification, Error> {
    let mut found = RegisterVerification::default();
    let pinned = last_pin(db, &mut found)?;
    walk_contracts(db, pinned, &mut found)?;
    let parts = 1 + u64::try_from(binding::count_beside_contracts(db)? / MOST).unwrap_or(0);
    for part in 0..parts {
        walk_rest(db, pinned, (part, parts), &mut found)?;
    }
    for row in value_forms::misstored(db, NAMED, go_on)? {
        let columns = row.columns.join("、");
        let detail = format!("{columns} 的值不是按该列的类型存储的");
        found.tell(row.subject, vec![row.table.to_owned()], &detail);
    }
    // What no digest covers, since it is made of what one does, and acts go by.
    walk_derivations(db, &mut found)?;
    for id in made_of(db, agencies::misnamed)? {
        let subject = Subject::Numbered(Kind::Agency, id).to_string();
        found.tell(subject, vec!["agencies".to_owned()], "name_key 与机构名称不符");
    }
    for id in made_of(db, registrars::misfiled)? {
        let subject = Subject::Numbered(Kind::Registrar, id).to_string();
        found.tell(
            subject,
            vec!["registrars".to_owned()],
            "search_text 与证书编号、姓名不符",
        );
    }
    for table in std::mem::take(&mut found.silent) {
        found.tell(table.to_owned(), vec![table.to_owned()], "数据表无法读取");
    }
    name_contracts(db, &mut found)?;
    Ok(found)
}

/// What is kept beside contracts and made of them. Of a contract that differs anyway nothing more is said.
fn walk_derivations(db: &mut Db, found: &mut RegisterVerification) -> Result<(), Error> {
    let known: BTreeSet<i64> = found.faults.iter().filter_map(|fault| fault.contract).collect();
    let walked = db.apart(|db| {
        derivations::for_each_wrong(db, |wrong| {
            if known.contains(&wrong.contract) {
                return;
            }
            let subject = Subject::Numbered(Kind::Contract, wrong.contract).to_string();
            let detail = match wrong.column {
                Some(column) => format!("{column} 与合同内容不符"),
                None => "查重所依据的数据与合同内容不符".to_owned(),
            };
            found.tell(subject, vec![wrong.table.to_owned()], &detail);
        })
    });
    match walked {
        // One that the register's rows are read from is told of already; nobody else reads what contracts are recognised by.
        Err(StoreError::Database(reason) | StoreError::Corrupt(reason)) => {
            if found.silent.is_empty() {
                tracing::error!(%reason, "what is made of contracts cannot be read");
                found.silent.insert("contract_likeness");
            }
            Ok(())
        }
        walked => Ok(walked?),
    }
}

/// What a look at a table finds; nothing where it does not answer, which is told of the table already.
fn made_of(db: &mut Db, look: fn(&mut Db) -> Result<Vec<i64>, StoreError>) -> Result<Vec<i64>, StoreError> {
    match db.apart(look) {
        Err(StoreError::Database(_) | StoreError::Corrupt(_)) => Ok(Vec::new()),
        looked => looked,
    }
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

/// The last entry that pins. That what is pinned is what it says is looked at, too, and that each pin was due.
fn last_pin(db: &mut Db, found: &mut RegisterVerification) -> Result<Pinned, StoreError> {
    let entries = pins::entries(db)?;
    let last = entries.last();
    let mut wrong = |subject: &str, detail: &str| {
        found.tell(subject.to_owned(), vec!["register_pins".to_owned()], detail);
    };
    let stored = pins::stored(db)?;
    let right = match last {
        Some(pin) => pin.digest == stored.digest && pins::entry(db)? == Some(pin.sequence),
        None => !pins::are_any(db)?,
    };
    // Only a migration says that a pin is due, and it is made before anybody could see that.
    if !right || pins::are_due(db)? {
        wrong("register_pins", "固定摘要与登记账不符");
    }
    for id in stored.wrong {
        wrong(&format!("register_pins/{id}"), "固定摘要的这一行被改动过");
    }
    for pin in &entries {
        if let Some((migration, sequence)) = pins::ran_before(db, &pin.migrations, &entries, Some(pin))? {
            let detail = format!(
                "登记账第 {} 条以数据库结构版本 {migration} 为由固定旧版本数据，而第 {sequence} 条表明该版本此前已经建立：其间的改动被当作了原有数据",
                pin.sequence
            );
            wrong("register_pins", &detail);
        }
    }
    found.pinned = last.map(|pin| Pin {
        sequence: pin.sequence,
        at: pin.at,
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
        for (number, digests) in binding::between(db, Kind::Contract, span, &mut found.silent)? {
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
    Ok(())
}

/// Gives the contracts that differ the numbers by which people know them: as the ledger says, since what the register says is what may have
/// been changed.
fn name_contracts(db: &mut Db, found: &mut RegisterVerification) -> Result<(), Error> {
    for fault in &mut found.faults {
        let Some(contract) = fault.contract else {
            continue;
        };
        let mut number = None;
        ledger::for_each_about_contracts(db, (contract, contract), 0, |_, text| {
            if text.contains("\"/registration_number\"") {
                let entry: Entry = serde_json::from_str(text).map_err(StoreError::corrupt)?;
                let mut changes = entry.act.changes.into_iter();
                let given = changes.rfind(|change| change.pointer == "/registration_number");
                number = given
                    .map(|change| change.to.as_str().map(str::to_owned))
                    .or(number.take());
            }
            Ok(())
        })?;
        fault.registration_number = match number {
            Some(said) => said,
            // What came in by import is numbered by its file: the register alone knows.
            None if fault.tables.iter().any(|table| table == "contracts") => None,
            None => contracts::find(db, contract)
                .ok()
                .flatten()
                .and_then(|c| c.registration_number),
        };
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
    let mut silent = BTreeSet::new();
    for kind in kinds() {
        let mut compare = |subject: Subject, digests: Digests| {
            let subject = subject.to_string();
            if mine(&subject) {
                let said = expected.remove(&subject);
                found.compare(subject, said, digests);
            }
        };
        if !kind.is_numbered() {
            binding::for_each_named(db, kind, &mut silent, compare)?;
            continue;
        }
        let mut first = i64::MIN;
        loop {
            go_on()?;
            let span = next_span(db, kind, first)?;
            for (number, digests) in binding::between(db, kind, span, &mut silent)? {
                compare(Subject::Numbered(kind, number), digests);
            }
            if span.1 == i64::MAX {
                break;
            }
            first = span.1 + 1;
        }
    }
    found.silent.append(&mut silent);
    for (subject, said) in expected.into_iter().collect::<BTreeMap<_, _>>() {
        found.compare(subject, Some(said), Digests::new());
    }
    Ok(())
}

impl RegisterVerification {
    /// Where nothing but this is known.
    pub(super) fn of_fault(fault: RegisterFault) -> Self {
        Self {
            differing: 1,
            faults: vec![fault],
            ..Self::default()
        }
    }

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
