//! What binds the register's rows to the ledgers. Each entry says of what its act has written how the rows look now: for each table
//! of each subject a digest of the rows that it has there. So whoever changes a row behind the program's back leaves entry and row in
//! disagreement, and table and subject are named by it (`usecases::ledger::register` looks).
//!
//! [`TABLES`] is the one list of what each table's rows rest on; a test holds it against the schema. Whoever writes rows of a bound table
//! notes it (`rows::<table>::note`), and the next entry of the same transaction binds them: an entry about a contract that contract's
//! rows, an entry of the register's ledger all else but accounts, one of the account ledger accounts and agencies. A transaction that
//! leaves something over is refused ([`touched::end`]).
//!
//! An act costs one statement for each table that it wrote, by the index of its subject; none where the text of what was written is at
//! hand (`touched::note_row`), as it is for the row in `contracts` that every act writes.

pub mod pins;
pub(in crate::storage) mod rows;
pub(in crate::storage) mod touched;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{Display, Formatter},
};

use diesel::RunQueryDsl as _;
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
    /// An opinion given on a panel, by its key.
    Opinion,
    /// A self-audit, by its key.
    SelfAudit,
    /// A contract that a self-audit drew, by its key there.
    SelfAuditItem,
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
    pub const ALL: [Self; 14] = [
        Self::Contract,
        Self::Panel,
        Self::Opinion,
        Self::SelfAudit,
        Self::SelfAuditItem,
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
            Self::Opinion => "expert_opinion",
            Self::SelfAudit => "self_audit",
            Self::SelfAuditItem => "self_audit_item",
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

/// Every table of the schema, and what its rows rest on. A new table gets a row here, and its columns in `rows`.
pub const TABLES: &[(&str, Basis)] = &[
    rows::contracts::BASIS,
    rows::contract_revisions::BASIS,
    rows::standings::BASIS,
    rows::endings::BASIS,
    rows::reinstatements::BASIS,
    rows::national_reports::BASIS,
    rows::returns::BASIS,
    rows::change_requests::BASIS,
    rows::registration_certificates::BASIS,
    rows::attachments::BASIS,
    rows::expert_reviews::BASIS,
    rows::expert_review_members::BASIS,
    rows::expert_review_contracts::BASIS,
    rows::expert_review_rounds::BASIS,
    rows::expert_recusals::BASIS,
    rows::expert_opinions::BASIS,
    rows::self_audits::BASIS,
    rows::self_audit_items::BASIS,
    rows::self_audit_findings::BASIS,
    rows::agencies::BASIS,
    rows::registrars::BASIS,
    rows::registrar_periods::BASIS,
    rows::registrar_suspensions::BASIS,
    rows::trainings::BASIS,
    rows::training_participants::BASIS,
    rows::editions::BASIS,
    rows::edition_contracts::BASIS,
    rows::activities::BASIS,
    rows::report_paragraphs::BASIS,
    rows::follow_ups::BASIS,
    rows::reference_figures::BASIS,
    rows::users::BASIS,
    ("ledger", Basis::Chain),
    ("account_ledger", Basis::Chain),
    ("ledger_subjects", Basis::Chain),
    ("register_pins", Basis::Chain),
    (
        "number_sequences",
        Basis::Unbound(
            "made of the registration numbers in contracts; a number given twice is refused by a unique index",
        ),
    ),
    (
        "contract_likeness",
        Basis::Unbound("made of the contents of contracts, and verified against them (`derivations`)"),
    ),
    (
        "store_identity",
        Basis::Unbound("which store this is, and of what folder of files; nothing registered rests on it"),
    ),
    ("checkpoint_rounds", Basis::Unbound("when the last checkpoint was made")),
    (
        "clock_marks",
        Basis::Unbound("what serving processes last saw of the time"),
    ),
    (
        "sessions",
        Basis::Unbound("come and go; log-ins and log-outs are in the account ledger"),
    ),
    ("refresh_tokens", Basis::Unbound("come and go with sessions")),
    ("page_sessions", Basis::Unbound("come and go with sessions")),
    (
        "login_networks",
        Basis::Unbound("where people logged in from, forgotten after a while; log-ins are in the account ledger"),
    ),
    (
        "login_failures",
        Basis::Unbound("come and go; failures are in the account ledger"),
    ),
    (
        "password_history",
        Basis::Unbound("hashes of passwords that are not valid any more"),
    ),
    ("idempotency_keys", Basis::Unbound("kept for a week")),
    ("messages", Basis::Unbound("tell of acts that are in the ledger")),
    ("outbox", Basis::Unbound("mail on its way")),
    ("deadline_notices", Basis::Unbound("reminders that were given")),
    ("registrar_reminders", Basis::Unbound("reminders that were given")),
    (
        "import_jobs",
        Basis::Unbound(
            "files handed in, and how far they are; what came of them, and who approved it, is in the ledger row by row",
        ),
    ),
    (
        "import_differences",
        Basis::Unbound(
            "what an approver was shown of a file that waits; what was then written is in the ledger row by row",
        ),
    ),
];

/// Columns of bound tables that no digest covers, and why.
pub const LEFT_OUT: &[(&str, &str, &str)] = &[
    (
        "contracts",
        "search_text",
        "made of the content, and verified against it (`derivations`)",
    ),
    (
        "contracts",
        "row_digest",
        "made of the content, and verified against it (`derivations`)",
    ),
    (
        "agencies",
        "name_key",
        "made of the name, and verified against it (`agencies::misnamed`)",
    ),
    (
        "registrars",
        "search_text",
        "made of number and name, and verified against them (`registrars::misfiled`)",
    ),
];

/// The columns of a bound table that its digests cover.
pub fn columns(table: &str) -> Option<&'static [&'static str]> {
    let (_, basis) = TABLES.iter().find(|(name, _)| *name == table)?;
    match basis {
        Basis::Numbered(_, _, columns) | Basis::Named(_, columns) => Some(columns),
        Basis::Chain | Basis::Unbound(_) => None,
    }
}

/// Looks for a row in every table: one that is missing, locked away or damaged at its root answers otherwise.
///
/// # Errors
/// What the store answers then.
pub fn look_into_each(db: &mut Db) -> Result<(), StoreError> {
    let looks: Vec<String> = TABLES
        .iter()
        .map(|(table, _)| format!("SELECT EXISTS (SELECT 1 FROM {table})"))
        .collect();
    diesel::sql_query(looks.join(" UNION ALL ")).execute(db)?;
    Ok(())
}

/// A digest of rows: SHA-256 over the SHA-256 of the text of each (`rows`), lower-case hex. The rows' own digests are sorted, so that it
/// does not matter in what order a database gives the rows: that of texts is another one under another collation.
#[derive(Default)]
struct RowsDigest(Vec<[u8; 32]>);

impl RowsDigest {
    fn add(&mut self, row: &str) {
        self.0.push(Sha256::digest(row.as_bytes()).into());
    }

    fn finish(mut self) -> String {
        self.0.sort_unstable();
        hex::encode(Sha256::digest(self.0.concat()))
    }
}

/// The digest of a single row.
fn digest_of_row(row: &str) -> String {
    let mut digest = RowsDigest::default();
    digest.add(row);
    digest.finish()
}

/// How the rows of a subject look: the digest of those in each table that has any.
pub type Digests = BTreeMap<&'static str, String>;

/// How the rows of a numbered kind look, of the numbers `first..=last` that have any. A table that does not answer (it is not there any
/// more, or another stands in its place) is noted in `silent`, and is as if it had no rows.
///
/// # Errors
/// Where the store does not answer.
pub fn between(
    db: &mut Db,
    kind: Kind,
    span: (i64, i64),
    silent: &mut BTreeSet<&'static str>,
) -> Result<BTreeMap<i64, Digests>, StoreError> {
    let mut found: BTreeMap<i64, Digests> = BTreeMap::new();
    for (table, basis) in TABLES {
        let Basis::Numbered(of, read, _) = basis else {
            continue;
        };
        if *of != kind {
            continue;
        }
        // Rows come in order of the numbers.
        let mut current: Option<(i64, RowsDigest)> = None;
        let mut finished: Vec<(i64, RowsDigest)> = Vec::new();
        let answered = db.apart(|db| {
            read(db, span, &mut |number, row| match &mut current {
                Some((same, digest)) if *same == number => digest.add(row),
                other => {
                    let mut digest = RowsDigest::default();
                    digest.add(row);
                    finished.extend(other.replace((number, digest)));
                }
            })
        });
        heard(answered, table, silent)?;
        for (number, digest) in finished.into_iter().chain(current) {
            found.entry(number).or_default().insert(table, digest.finish());
        }
    }
    Ok(found)
}

/// Notes a table that does not answer as silent; any other failure is the caller's.
fn heard(
    answered: Result<(), StoreError>,
    table: &'static str,
    silent: &mut BTreeSet<&'static str>,
) -> Result<(), StoreError> {
    match answered {
        Err(StoreError::Database(reason) | StoreError::Corrupt(reason)) => {
            if silent.insert(table) {
                tracing::error!(table, %reason, "a table of the register does not answer");
            }
            Ok(())
        }
        other => other,
    }
}

/// The digest of the rows that a subject has in a table; none where it has none.
fn of_table(db: &mut Db, subject: &Subject, table: &str) -> Result<Option<String>, StoreError> {
    let row = match subject {
        Subject::FollowUp(number, year) => rows::follow_ups::find(db, (number, year))?,
        Subject::Reference(kind, year) => rows::reference_figures::find(db, (kind, year))?,
        Subject::Numbered(_, number) => {
            let Some((_, Basis::Numbered(_, read, _))) = TABLES.iter().find(|(name, _)| *name == table) else {
                return Err(StoreError::Database(format!("{table} is not bound by numbers")));
            };
            let mut digest: Option<RowsDigest> = None;
            read(db, (*number, *number), &mut |_, row| {
                digest.get_or_insert_default().add(row)
            })?;
            return Ok(digest.map(RowsDigest::finish));
        }
    };
    Ok(row.as_deref().map(digest_of_row))
}

/// Hands how each subject of a named kind looks to `f`, in order of the names; a table that does not answer is noted in `silent`.
///
/// # Errors
/// Where the store does not answer.
pub fn for_each_named(
    db: &mut Db,
    kind: Kind,
    silent: &mut BTreeSet<&'static str>,
    mut f: impl FnMut(Subject, Digests),
) -> Result<(), StoreError> {
    let (table, answered) = match kind {
        Kind::FollowUp => {
            let table = rows::follow_ups::BASIS.0;
            let answered = db.apart(|db| {
                rows::follow_ups::read(db, &mut |(number, year), row| {
                    let digests = Digests::from([(table, digest_of_row(row))]);
                    f(Subject::FollowUp(number.clone(), *year), digests);
                })
            });
            (table, answered)
        }
        Kind::Reference => {
            let table = rows::reference_figures::BASIS.0;
            let answered = db.apart(|db| {
                rows::reference_figures::read(db, &mut |(figure, year), row| {
                    let digests = Digests::from([(table, digest_of_row(row))]);
                    f(Subject::Reference(figure.clone(), *year), digests);
                })
            });
            (table, answered)
        }
        _ => return Ok(()),
    };
    heard(answered, table, silent)
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

/// How what was written looks now, as an entry says it: subject by subject.
///
/// # Errors
/// Where the store does not answer.
pub(in crate::storage) fn bind(db: &mut Db, written: touched::Written) -> Result<Vec<Binding>, StoreError> {
    let mut bindings: Vec<Binding> = Vec::new();
    for ((subject, table), digest) in written {
        let digest = match digest {
            Some(digest) => Some(digest),
            None => of_table(db, &subject, table)?,
        };
        let name = subject.to_string();
        match bindings.last_mut() {
            Some(last) if last.subject == name => {
                last.tables.insert(table.to_owned(), digest);
            }
            _ => bindings.push(Binding {
                subject: name,
                tables: BTreeMap::from([(table.to_owned(), digest)]),
            }),
        }
    }
    Ok(bindings)
}
