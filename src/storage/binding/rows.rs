//! How a row is written down to be digested, and the statements that read rows so: for each table its columns, each with its type,
//! held against the schema by the compiler and against the databases by a test.
//!
//! A row's text has a line `name=length:value` for each column that is not NULL, in the order below; the length, in bytes, keeps one
//! value from passing for two. So a column that is added later changes no digest while it is empty; one that is never empty must be
//! left out here, or all that was pinned must be pinned anew (`super::pins`).

use std::fmt::Write as _;

use diesel::{
    Column,
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    prelude::*,
};

use super::{Basis, Kind, Subject, touched};

use crate::{
    domain::time::Date,
    storage::{Db, StoreError, dialect::each_row, schema},
};

/// A value of a row.
pub(in crate::storage) trait Value {
    /// Its text; none for NULL.
    fn text(&self) -> Option<String>;

    /// Whether the database gave something that is no such value.
    fn is_unreadable(&self) -> bool {
        false
    }
}

/// A value as it is read to be compared: one that does not read back makes its row another one, and keeps no other from being read.
#[derive(FromSqlRow)]
pub(super) struct Stored<T>(Option<T>);

impl<ST, DB: Backend, T: FromSql<ST, DB>> FromSql<ST, DB> for Stored<T> {
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(T::from_sql(value).ok()))
    }

    fn from_nullable_sql(value: Option<DB::RawValue<'_>>) -> deserialize::Result<Self> {
        Ok(Self(T::from_nullable_sql(value).ok()))
    }
}

impl<T: Value> Value for Stored<T> {
    fn text(&self) -> Option<String> {
        self.0.as_ref().and_then(Value::text)
    }

    fn is_unreadable(&self) -> bool {
        self.0.is_none()
    }
}

macro_rules! plain {
    ($($kind:ty),+) => {
        $(impl Value for $kind {
            fn text(&self) -> Option<String> {
                Some(self.to_string())
            }
        })+
    };
}
plain!(i64, i32, String, Date);

impl<T: Value> Value for Option<T> {
    fn text(&self) -> Option<String> {
        self.as_ref().and_then(Value::text)
    }
}

fn put(row: &mut String, name: &str, value: &dyn Value) {
    if value.is_unreadable() {
        // No row that was ever bound has such a line.
        let _ = writeln!(row, "{name}!");
    }
    if let Some(text) = value.text() {
        // Writing to a text never fails.
        let _ = writeln!(row, "{name}={}:{text}", text.len());
    }
}

/// Tables whose rows belong to something with a number (the kind, and the column that names it): how the rows of what has the numbers
/// `first..=last` read, in order of the numbers, and how it is noted that some were written.
macro_rules! numbered {
    ($($table:ident of $kind:ident by $key:ident: $($column:ident: $type:ty),+;)+) => {
        $(pub(in crate::storage) mod $table {
            use super::*;

            const NAME: &str = stringify!($table);
            const COLUMNS: &[&str] = &[schema::$table::$key::NAME, $(schema::$table::$column::NAME),+];

            /// What its rows rest on.
            pub(in crate::storage::binding) const BASIS: (&str, Basis) =
                (NAME, Basis::Numbered(Kind::$kind, read, COLUMNS));

            /// Notes that rows of what has this number were written here.
            pub(in crate::storage) fn note(number: i64) {
                touched::note(Subject::Numbered(Kind::$kind, number), NAME);
            }

            /// How a row is written down.
            pub(in crate::storage) fn text(values: [&dyn Value; COLUMNS.len() - 1]) -> String {
                let mut text = String::new();
                // The first one is the key, by which the row's subject is named.
                for (name, value) in COLUMNS.iter().skip(1).zip(values) {
                    put(&mut text, name, value);
                }
                text
            }

            fn read(db: &mut Db, (first, last): (i64, i64), sink: &mut dyn FnMut(i64, &str)) -> Result<(), StoreError> {
                let query = schema::$table::table
                    .filter(schema::$table::$key.ge(first))
                    .filter(schema::$table::$key.le(last))
                    .order(schema::$table::$key)
                    .select((schema::$table::$key, ($(schema::$table::$column,)+)));
                each_row!(db, query, |row: (i64, ($(Stored<$type>,)+))| {
                    let (key, ($($column,)+)) = row;
                    sink(key, &text([$(&$column),+]));
                });
                Ok(())
            }
        })+
    };
}

/// Tables of one row each of what has a name, in parts: the row of one name, and all rows in order of the names.
macro_rules! named {
    ($($table:ident of $kind:ident by $($key:ident: $part:ty),+: $($column:ident: $type:ty),+;)+) => {
        $(pub(in crate::storage) mod $table {
            use super::*;

            const NAME: &str = stringify!($table);
            const COLUMNS: &[&str] = &[$(schema::$table::$key::NAME,)+ $(schema::$table::$column::NAME),+];

            /// What its rows rest on.
            pub(in crate::storage::binding) const BASIS: (&str, Basis) = (NAME, Basis::Named(Kind::$kind, COLUMNS));

            type Row = (($($part,)+), ($(Stored<$type>,)+));

            /// Notes that the row of this name was written.
            pub(in crate::storage) fn note($($key: $part),+) {
                touched::note(Subject::$kind($($key),+), NAME);
            }

            fn text_of(values: &($(Stored<$type>,)+)) -> String {
                let ($($column,)+) = values;
                let mut text = String::new();
                $(put(&mut text, <schema::$table::$column as Column>::NAME, $column);)+
                text
            }

            pub(in crate::storage::binding) fn find(
                db: &mut Db,
                ($($key,)+): ($(&$part,)+),
            ) -> Result<Option<String>, StoreError> {
                let row: Option<($(Stored<$type>,)+)> = schema::$table::table
                    $(.filter(schema::$table::$key.eq($key)))+
                    .select(($(schema::$table::$column,)+))
                    .get_result(db)
                    .optional()?;
                Ok(row.as_ref().map(text_of))
            }

            pub(in crate::storage::binding) fn read(
                db: &mut Db,
                sink: &mut dyn FnMut(&($($part,)+), &str),
            ) -> Result<(), StoreError> {
                let query = schema::$table::table
                    .order(($(schema::$table::$key,)+))
                    .select((($(schema::$table::$key,)+), ($(schema::$table::$column,)+)));
                each_row!(db, query, |row: Row| sink(&row.0, &text_of(&row.1)));
                Ok(())
            }
        })+
    };
}

numbered! {
    contracts of Contract by id:
        version: i64, revision: i64, state: String, registration_number: Option<String>,
        national_number: Option<String>, agency_id: Option<i64>, registrar_certificate: Option<String>,
        rule_set: Option<String>, entered_by: Option<String>, submitted_by: Option<String>,
        claimed_by: Option<String>, confirmed_by: Option<String>, created_at: i64, submitted_at: Option<i64>,
        due_on: Option<Date>, confirmed_at: Option<i64>, confirmed_year: Option<i32>,
        expert_concluded_at: Option<i64>, returned: Option<String>, refusal: Option<String>, ended: Option<String>,
        contract_type: Option<String>, unit: Option<String>, field: Option<String>, amount_fen: Option<i64>,
        claimed_at: Option<i64>, expert_conclusion: Option<String>, open_change_request: Option<i64>,
        contested_national_number: Option<String>;
    contract_revisions of Contract by contract_id:
        revision: i64, recorded_at: i64, recorded_by: String, content: String;
    standings of Contract by contract_id:
        id: i64, revision: i64, from_at: i64, until_at: Option<i64>, first_confirmed_at: i64, year: i32,
        amount_fen: i64, technology_amount_fen: Option<i64>, unit: Option<String>, contract_type: Option<String>,
        plan_source: Option<String>, seller_kind: Option<String>, field: Option<String>, flow: String,
        cross_border: Option<String>;
    endings of Contract by contract_id:
        id: i64, ended_at: i64, state: String, ground: Option<String>, amount_fen: i64;
    reinstatements of Contract by contract_id:
        id: i64, reinstated_at: i64, from_state: String, ended_at: i64, reason: String, document_number: String;
    national_reports of Contract by contract_id:
        id: i64, national_number: String, reported_on: Date, recorded_at: i64, recorded_by: String;
    returns of Contract by contract_id:
        id: i64, returned_at: i64;
    change_requests of Contract by contract_id:
        id: i64, kind: String, state: String, changes: Option<String>, content: Option<String>,
        ground: Option<String>, reason: String, attachments: String, base_version: i64, base_revision: i64,
        requested_by: String, requested_at: i64, decided_by: Option<String>, decided_at: Option<i64>,
        decision_reason: Option<String>, document_number: Option<String>;
    registration_certificates of Contract by contract_id:
        id: i64, revision: i64, code: String, issued_at: i64, issued_by: String, sheet: Option<String>;
    attachments of Contract by contract_id:
        id: i64, kind: String, file_name: String, media_type: String, size: i64, sha256: String, added_by: String,
        added_at: i64;
    expert_reviews of Panel by id:
        title: String, held_on: Date, chair: String, convened_by: String, state: String, created_at: i64,
        closed_at: Option<i64>;
    expert_review_members of Panel by expert_review_id:
        username: String, added_at: i64, recusal_reason: Option<String>;
    expert_review_contracts of Panel by expert_review_id:
        contract_id: i64, state: String, rule_set: String, added_at: i64, entitled: Option<i64>, votes: Option<i64>,
        conclusion: Option<String>, reason: Option<String>, ended_at: Option<i64>, ended_by: Option<String>;
    expert_recusals of Panel by expert_review_id:
        id: i64, contract_id: i64, username: String, kind: String, reason: String, recorded_by: String,
        recorded_at: i64;
    expert_review_rounds of Panel by expert_review_id:
        contract_id: i64, round: i64, opened_at: i64, opened_by: String, closed_at: Option<i64>,
        closed_by: Option<String>, entitled: Option<i64>, votes: Option<i64>;
    expert_opinions of Opinion by id:
        expert_review_id: i64, contract_id: i64, username: String, vote: String, contract_type: Option<String>,
        subtype: Option<String>, technology_amount_fen: Option<i64>, text: String, given_at: i64, salt: String,
        digest: String, round: i64;
    self_audits of SelfAudit by id:
        title: String, year: i32, state: String, filter: String, design: String, strata: String,
        population_digest: String, sample_digest: String, auditors: String, created_by: String, created_at: i64,
        drawn_at: i64, ended_by: Option<String>, ended_at: Option<i64>, ending: Option<String>;
    self_audit_items of SelfAuditItem by id:
        self_audit_id: i64, contract_id: i64, revision: i64, amount_fen: i64, stratum: i64,
        assigned_to: Option<String>, state: String, outcome: Option<String>;
    self_audit_findings of SelfAuditItem by item_id:
        id: i64, self_audit_id: i64, verdict: String, ground: Option<String>, note: Option<String>,
        document_number: Option<String>, served_on: Option<Date>, found_by: String, found_at: i64;
    agencies of Agency by id:
        code: Option<String>, name: String, created_at: i64;
    registrars of Registrar by id:
        certificate_number: String, name: String, agency_id: i64, issued_on: Date, valid_until: Option<Date>,
        last_training_on: Option<Date>, suspended_from: Option<Date>, suspended_until: Option<Date>;
    registrar_periods of Registrar by registrar_id:
        id: i64, from_on: Date, until_on: Option<Date>;
    registrar_suspensions of Registrar by registrar_id:
        id: i64, from_on: Date, until_on: Option<Date>, reason: String, suspended_at: i64, suspended_by: String,
        lifted_at: Option<i64>, lifted_by: Option<String>, lift_reason: Option<String>;
    trainings of Training by id:
        kind: String, title: String, held_on: Date, minutes: i64, place: Option<String>, organiser: Option<String>,
        recorded_at: i64, recorded_by: String;
    training_participants of Training by training_id:
        id: i64, registrar_id: Option<i64>, name: String, agency_id: i64, minutes: i64, score: Option<i64>,
        passed: Option<i64>;
    editions of Edition by id:
        year: i32, edition: i64, closed_at: i64, closed_by: String, note: Option<String>, overrides: String,
        checklist: String, ledger_sequence: i64, ledger_hash: String, figures: String, figures_hash: String,
        report: String, contracts: i64, contracts_hash: String, events: String;
    edition_contracts of Edition by edition_id:
        id: i64, year: i32, first_contract_id: i64, contracts: String;
    activities of Activity by id:
        kind: String, held_on: Date, name: String, unit: String, occurrence: i64, content: String, version: i64;
    report_paragraphs of Paragraph by id:
        year: i32, chapter: String, position: i64, body: String, created_at: i64, created_by: String, changed_at: i64,
        changed_by: String, version: i64;
    users of User by id:
        username: String, password_hash: String, roles: String, agency_id: Option<i64>, registrar_id: Option<i64>,
        created_at: i64, password_changed_at: i64, full_name: Option<String>, email: Option<String>,
        employer: Option<String>, employer_uscc: Option<String>, locked_at: Option<i64>, version: i64,
        must_change_password: i64, first_password_since: Option<i64>;
}

named! {
    follow_ups of FollowUp by registration_number: String, survey_year: i32:
        content: String, version: i64;
    reference_figures of Reference by kind: String, year: i32:
        fen: i64, note: Option<String>, version: i64;
}

/// The numbers of a kind after one, in order, `limit` at most; none of what is known by names.
pub(super) fn numbers_after(db: &mut Db, kind: Kind, after: i64, limit: usize) -> Result<Vec<i64>, StoreError> {
    macro_rules! of {
        ($table:ident) => {
            schema::$table::table
                .filter(schema::$table::id.gt(after))
                .order(schema::$table::id)
                .select(schema::$table::id)
                .limit(i64::try_from(limit).unwrap_or(i64::MAX))
                .load(db)?
        };
    }
    Ok(match kind {
        Kind::Contract => of!(contracts),
        Kind::Panel => of!(expert_reviews),
        Kind::Opinion => of!(expert_opinions),
        Kind::SelfAudit => of!(self_audits),
        Kind::SelfAuditItem => of!(self_audit_items),
        Kind::Agency => of!(agencies),
        Kind::Registrar => of!(registrars),
        Kind::Training => of!(trainings),
        Kind::Edition => of!(editions),
        Kind::Activity => of!(activities),
        Kind::Paragraph => of!(report_paragraphs),
        Kind::User => of!(users),
        Kind::FollowUp | Kind::Reference => Vec::new(),
    })
}

/// How many there are of the kinds of which there may be many, beside contracts.
pub(super) fn count_of_the_many(db: &mut Db) -> Result<i64, StoreError> {
    macro_rules! sum {
        ($($table:ident),+) => {
            0 $(+ schema::$table::table.count().get_result::<i64>(db)?)+
        };
    }
    Ok(sum!(follow_ups, activities, users, expert_opinions, self_audit_items))
}
