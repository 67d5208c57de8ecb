//! What binds the register's rows to the ledgers. Every entry says of what it is about how its rows look after the act: a digest of
//! them all, and the beginnings of one digest a table, by which what differs is named. So whoever changes a row behind the program's
//! back leaves entry and row in disagreement (`usecases::ledger::register` looks).
//!
//! [`TABLES`] is the one list of what each table's rows rest on; a test holds it against the schema. What an act on a contract is
//! entered under binds that contract's rows by itself; whoever writes a row of anything else notes it by [`touched::note`], and the
//! next entry of the same transaction binds it.

pub mod pins;
mod rows;
pub mod touched;

use std::{
    collections::BTreeMap,
    fmt::{Display, Formatter},
};

use sha2::{Digest as _, Sha256};

use super::{Db, StoreError};
use crate::domain::ledger::Binding;

/// A kind of what rows belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A contract, by its key.
    Contract,
    /// An expert panel, by its key.
    Panel,
    /// A self-audit, by its key.
    SelfAudit,
    /// An agency, by its key.
    Agency,
    /// A registrar certificate, by its key.
    Registrar,
    /// A training, by its key.
    Training,
    /// An edition, by its key.
    Edition,
    /// An activity, by its key.
    Activity,
    /// A paragraph of a report, by its key.
    Paragraph,
    /// A follow-up, by registration number and year.
    FollowUp,
    /// A reference figure, by kind and year.
    Reference,
    /// An account, by its key.
    User,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Contract,
        Self::Panel,
        Self::SelfAudit,
        Self::Agency,
        Self::Registrar,
        Self::Training,
        Self::Edition,
        Self::Activity,
        Self::Paragraph,
        Self::FollowUp,
        Self::Reference,
        Self::User,
    ];

    /// The id, as entries name it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Panel => "expert_review",
            Self::SelfAudit => "self_audit",
            Self::Agency => "agency",
            Self::Registrar => "registrar",
            Self::Training => "training",
            Self::Edition => "edition",
            Self::Activity => "activity",
            Self::Paragraph => "report_paragraph",
            Self::FollowUp => "follow_up",
            Self::Reference => "reference_figure",
            Self::User => "user",
        }
    }

    /// Whether it is known by a number; else by a name.
    pub const fn is_numbered(self) -> bool {
        !matches!(self, Self::FollowUp | Self::Reference)
    }
}

/// What rows belong to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Of a numbered kind.
    Numbered(Kind, i64),
    /// A follow-up.
    FollowUp(String, i32),
    /// A reference figure.
    Reference(String, i32),
}

impl Subject {
    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Numbered(kind, _) => *kind,
            Self::FollowUp(..) => Kind::FollowUp,
            Self::Reference(..) => Kind::Reference,
        }
    }
}

impl Display for Subject {
    /// `kind/key`, as entries name it.
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let kind = self.kind().id();
        match self {
            Self::Numbered(_, number) => write!(f, "{kind}/{number}"),
            Self::FollowUp(name, year) | Self::Reference(name, year) => write!(f, "{kind}/{name}/{year}"),
        }
    }
}

type NumberedRows = fn(&mut Db, (i64, i64), &mut dyn FnMut(i64, &str)) -> Result<(), StoreError>;

/// What a table's rows rest on.
pub enum Basis {
    /// Rows of what has a number are bound by the entries about it.
    Numbered(Kind, NumberedRows, &'static [&'static str]),
    /// Each row is of what has a name and bound by the entries about it.
    Named(Kind, &'static [&'static str]),
    /// The ledgers themselves and their index, which walking the chains proves.
    Chain,
    /// What is made of other rows, or comes and goes, so that nothing rests on it: why.
    Unbound(&'static str),
}

macro_rules! numbered {
    ($kind:ident, $table:ident) => {
        (
            stringify!($table),
            Basis::Numbered(Kind::$kind, rows::$table::read, rows::$table::COLUMNS),
        )
    };
}

macro_rules! named {
    ($kind:ident, $table:ident) => {
        (stringify!($table), Basis::Named(Kind::$kind, rows::$table::COLUMNS))
    };
}

/// Every table of the schema, and what its rows rest on. A new table gets a row here, and its columns in `rows`.
pub const TABLES: &[(&str, Basis)] = &[
    numbered!(Contract, contracts),
    numbered!(Contract, contract_revisions),
    numbered!(Contract, standings),
    numbered!(Contract, endings),
    numbered!(Contract, reinstatements),
    numbered!(Contract, national_reports),
    numbered!(Contract, returns),
    numbered!(Contract, change_requests),
    numbered!(Contract, registration_certificates),
    numbered!(Contract, attachments),
    numbered!(Panel, expert_reviews),
    numbered!(Panel, expert_review_members),
    numbered!(Panel, expert_review_contracts),
    numbered!(Panel, expert_recusals),
    numbered!(Panel, expert_opinions),
    numbered!(SelfAudit, self_audits),
    numbered!(SelfAudit, self_audit_items),
    numbered!(SelfAudit, self_audit_findings),
    numbered!(Agency, agencies),
    numbered!(Registrar, registrars),
    numbered!(Registrar, registrar_periods),
    numbered!(Registrar, registrar_suspensions),
    numbered!(Training, trainings),
    numbered!(Training, training_participants),
    numbered!(Edition, editions),
    numbered!(Edition, edition_contracts),
    numbered!(Activity, activities),
    numbered!(Paragraph, report_paragraphs),
    named!(FollowUp, follow_ups),
    named!(Reference, reference_figures),
    numbered!(User, users),
    ("ledger", Basis::Chain),
    ("account_ledger", Basis::Chain),
    ("ledger_subjects", Basis::Chain),
    ("register_pins", Basis::Chain),
    (
        "number_sequences",
        Basis::Unbound("made of the registration numbers in contracts; a number given twice is refused by a unique index"),
    ),
    ("contract_likeness", Basis::Unbound("made of the contents of contracts, for searching")),
    ("checkpoint_rounds", Basis::Unbound("when the last checkpoint was made")),
    ("clock_marks", Basis::Unbound("what serving processes last saw of the time")),
    ("sessions", Basis::Unbound("come and go; log-ins and log-outs are in the account ledger")),
    ("refresh_tokens", Basis::Unbound("come and go with sessions")),
    ("page_sessions", Basis::Unbound("come and go with sessions")),
    ("login_failures", Basis::Unbound("come and go; failures are in the account ledger")),
    ("password_history", Basis::Unbound("hashes of passwords that are not valid any more")),
    ("idempotency_keys", Basis::Unbound("kept for a week")),
    ("messages", Basis::Unbound("tell of acts that are in the ledger")),
    ("outbox", Basis::Unbound("mail on its way")),
    ("deadline_notices", Basis::Unbound("reminders that were given")),
    ("registrar_reminders", Basis::Unbound("reminders that were given")),
    ("import_jobs", Basis::Unbound("files handed in; what came of them is in the ledger row by row")),
];

/// Columns of bound tables that no digest covers, and why.
pub const LEFT_OUT: &[(&str, &str, &str)] = &[
    ("contracts", "search_text", "made of the content, for searching"),
    ("contracts", "row_digest", "made of the content, for imports"),
];

/// The columns of a bound table that its digests cover.
pub fn columns(table: &str) -> Option<&'static [&'static str]> {
    let (_, basis) = TABLES.iter().find(|(name, _)| *name == table)?;
    match basis {
        Basis::Numbered(_, _, columns) | Basis::Named(_, columns) => Some(columns),
        Basis::Chain | Basis::Unbound(_) => None,
    }
}

/// Hexadecimal digits of a table's digest by which what differs is named; what proves is the digest of all.
const NAMING: usize = 8;

/// Rows of one subject, table by table, as they are digested.
#[derive(Default)]
struct Digests(Vec<(&'static str, Sha256)>);

impl Digests {
    fn add(&mut self, table: &'static str, row: &str) {
        if self.0.last().is_none_or(|(last, _)| *last != table) {
            self.0.push((table, Sha256::new()));
        }
        if let Some((_, hasher)) = self.0.last_mut() {
            hasher.update(b"row\n");
            hasher.update(row.as_bytes());
        }
    }

    fn finish(self) -> Bound {
        let mut all = Sha256::new();
        let mut tables = BTreeMap::new();
        for (table, hasher) in self.0 {
            let digest = hex::encode(hasher.finalize());
            all.update(format!("{table}={digest}\n").as_bytes());
            tables.insert(table.to_owned(), digest[..NAMING].to_owned());
        }
        Bound {
            digest: hex::encode(all.finalize()),
            tables,
        }
    }
}

/// How the rows of a subject look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// SHA-256 over a line `table=digest` for each table that has rows of it, in the order of [`TABLES`]; that digest is SHA-256 over
    /// `row` and the text of each row. Lower-case hex.
    pub digest: String,
    /// The first eight digits of the digest of each table that has rows of it.
    pub tables: BTreeMap<String, String>,
}

impl Bound {
    /// As it is with what has no rows.
    pub fn nothing() -> Self {
        Digests::default().finish()
    }

    /// What is bound, as an entry says it.
    pub fn binding(self, subject: &Subject) -> Binding {
        Binding {
            subject: subject.to_string(),
            digest: self.digest,
            tables: self.tables,
        }
    }
}

impl From<Binding> for Bound {
    fn from(binding: Binding) -> Self {
        Self {
            digest: binding.digest,
            tables: binding.tables,
        }
    }
}

/// How the rows of a numbered kind look, of the numbers `first..=last` that have any.
///
/// # Errors
/// Where the store does not answer.
pub fn between(db: &mut Db, kind: Kind, span: (i64, i64)) -> Result<BTreeMap<i64, Bound>, StoreError> {
    let mut found: BTreeMap<i64, Digests> = BTreeMap::new();
    for (table, basis) in TABLES {
        if let Basis::Numbered(of, read, _) = basis
            && *of == kind
        {
            read(db, span, &mut |key, row| found.entry(key).or_default().add(table, row))?;
        }
    }
    Ok(found.into_iter().map(|(key, digests)| (key, digests.finish())).collect())
}

/// How the rows of one subject look.
///
/// # Errors
/// Where the store does not answer.
pub fn of(db: &mut Db, subject: &Subject) -> Result<Bound, StoreError> {
    let row = match subject {
        Subject::Numbered(kind, number) => {
            let mut found = between(db, *kind, (*number, *number))?;
            return Ok(found.remove(number).unwrap_or_else(Bound::nothing));
        }
        Subject::FollowUp(number, year) => rows::follow_ups::find(db, &(number.clone(), *year))?,
        Subject::Reference(kind, year) => rows::reference_figures::find(db, &(kind.clone(), *year))?,
    };
    Ok(row.map_or_else(Bound::nothing, |row| single(subject.kind(), &row)))
}

/// How a named subject looks that has this row.
fn single(kind: Kind, row: &str) -> Bound {
    let mut digests = Digests::default();
    let table = TABLES.iter().find(|(_, basis)| matches!(basis, Basis::Named(of, _) if *of == kind));
    if let Some((table, _)) = table {
        digests.add(table, row);
    }
    digests.finish()
}

/// Hands how each subject of a named kind looks to `f`, in order of the names.
///
/// # Errors
/// Where the store does not answer.
pub fn for_each_named(db: &mut Db, kind: Kind, mut f: impl FnMut(Subject, Bound)) -> Result<(), StoreError> {
    match kind {
        Kind::FollowUp => rows::follow_ups::read(db, &mut |(number, year), row| {
            f(Subject::FollowUp(number.clone(), *year), single(kind, row));
        }),
        Kind::Reference => rows::reference_figures::read(db, &mut |(figure, year), row| {
            f(Subject::Reference(figure.clone(), *year), single(kind, row));
        }),
        _ => Ok(()),
    }
}

/// The numbers of a kind after one, in order, `limit` at most.
///
/// # Errors
/// Where the store does not answer.
pub fn numbers_after(db: &mut Db, kind: Kind, after: i64, limit: usize) -> Result<Vec<i64>, StoreError> {
    rows::numbers_after(db, kind, after, limit)
}

/// How many subjects there are beside contracts, about.
///
/// # Errors
/// Where the store does not answer.
pub fn count_beside_contracts(db: &mut Db) -> Result<i64, StoreError> {
    rows::count_of_the_many(db)
}

/// How these look, as an entry says it.
///
/// # Errors
/// Where the store does not answer.
pub fn bind(db: &mut Db, subjects: &[Subject]) -> Result<Vec<Binding>, StoreError> {
    subjects.iter().map(|subject| Ok(of(db, subject)?.binding(subject))).collect()
}
