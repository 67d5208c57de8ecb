//! What the store knows of the time: the moments of the ledgers' last entries, and when serving processes last looked at a clock.

use diesel::{dsl::max, prelude::*};

use super::{
    Db, StoreError,
    dialect::each,
    ledger::Head,
    schema::{account_ledger, clock_marks, ledger},
};
use crate::domain::time::Moment;

/// Told at the start of every transaction how late it is by the ledgers, so that nothing is dated before what they hold.
pub trait TimeKeeper: Send + Sync {
    /// A reading transaction begins; `last` is the later of the moments of the ledgers' last entries.
    fn reading(&self, last: Option<Moment>);

    /// A writing transaction begins.
    ///
    /// # Errors
    /// Why nothing may be written now, for the operator.
    fn writing(&self, last: Option<Moment>) -> Result<(), String>;
}

/// The ends of both ledgers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ends {
    /// Of the register's.
    pub(super) register: Head,
    /// Of the account ledger.
    pub(super) accounts: Head,
    /// When their last entries happened, the later of the two; none while both are empty.
    pub(super) last: Option<Moment>,
}

/// The ends of both ledgers as they are stored.
///
/// # Errors
/// Where the store does not answer, or an entry does not tell its moment.
pub(super) fn ends(db: &mut Db) -> Result<Ends, StoreError> {
    type End = (i64, String, String);
    super::ledger::flush(db)?;
    let same = diesel::alias!(ledger as same_ledger);
    let end = same.select(max(same.field(ledger::sequence)));
    let register: Option<End> = each!(db, |c| ledger::table
        .filter(ledger::sequence.nullable().eq(end.single_value()))
        .select((ledger::sequence, ledger::hash, ledger::entry))
        .get_result(c)
        .optional())?;
    let same = diesel::alias!(account_ledger as same_account_ledger);
    let end = same.select(max(same.field(account_ledger::sequence)));
    let accounts: Option<End> = each!(db, |c| account_ledger::table
        .filter(account_ledger::sequence.nullable().eq(end.single_value()))
        .select((account_ledger::sequence, account_ledger::hash, account_ledger::entry))
        .get_result(c)
        .optional())?;
    let end_of = |end: Option<End>| match end {
        None => Ok((Head::genesis(), None)),
        Some((sequence, hash, entry)) => Ok::<_, StoreError>((Head { sequence, hash }, Some(moment_of(&entry)?))),
    };
    let ((register, at), (accounts, account_at)) = (end_of(register)?, end_of(accounts)?);
    Ok(Ends {
        register,
        accounts,
        last: at.max(account_at),
    })
}

/// When the last entries of both ledgers happened, the later of the two; none while both are empty.
///
/// # Errors
/// Where the store does not answer, or an entry does not tell its moment.
pub fn last(db: &mut Db) -> Result<Option<Moment>, StoreError> {
    Ok(ends(db)?.last)
}

/// The moment of an entry. Its keys are sorted, none before `at` holds an object, and within a text quotes are escaped: so the first
/// `"at":"` is the entry's own, and what follows need not be read.
fn moment_of(entry: &str) -> Result<Moment, StoreError> {
    const KEY: &str = "\"at\":\"";
    entry
        .find(KEY)
        .and_then(|place| entry[place + KEY.len()..].split('"').next())
        .ok_or_else(|| "an entry without a moment".to_owned())
        .and_then(Moment::parse)
        .map_err(StoreError::corrupt)
}

/// What a serving process last saw.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct ClockMark {
    /// Which start of which machine.
    pub boot: String,
    /// What its clock showed, microseconds.
    pub seen_at: i64,
    /// How long it had been running, microseconds.
    pub uptime: i64,
}

/// What serving processes last saw, the latest first.
///
/// # Errors
/// Where the store does not answer.
pub fn marks(db: &mut Db) -> Result<Vec<ClockMark>, StoreError> {
    Ok(clock_marks::table.order(clock_marks::seen_at.desc()).load(db)?)
}

/// Keeps what a serving process sees, and forgets what machines saw that were started anew since, before `before`.
///
/// # Errors
/// Where the store does not answer.
pub fn mark(db: &mut Db, mark: &ClockMark, before: Moment) -> Result<(), StoreError> {
    diesel::delete(
        clock_marks::table.filter(
            clock_marks::boot
                .eq(&mark.boot)
                .or(clock_marks::seen_at.lt(before.micros())),
        ),
    )
    .execute(db)?;
    let values = (
        clock_marks::boot.eq(&mark.boot),
        clock_marks::seen_at.eq(mark.seen_at),
        clock_marks::uptime.eq(mark.uptime),
    );
    each!(db, |c| diesel::insert_into(clock_marks::table)
        .values(values)
        .execute(c))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entrys_moment_is_found_whatever_people_write() {
        let entry = r#"{"action":"edit","actor":"a\"at\":\"1999-01-01T00:00:00.000000+08:00","at":"2026-06-15T12:00:00.000001+08:00","changes":[{"at":"x"}]}"#;
        let told = moment_of(entry).unwrap().to_string();
        assert_eq!(told, "2026-06-15T12:00:00.000001+08:00");
        assert!(moment_of("{}").is_err());
    }
}
