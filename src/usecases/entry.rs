//! Entries in the ledger for acts on no contract: panels, registrar certificates, trainings, and what staff keep beside the register.

use serde::Serialize;
use serde_json::json;

use crate::{
    domain::{
        account::{Actor, Role},
        ledger::{Act, Change},
        time::Moment,
    },
    storage::{Db, ledger},
    usecases::Error,
};

/// The version of what the next entry writes: its sequence. Within the writing transaction nobody else's entry comes first.
///
/// # Errors
/// Where the store does not answer.
pub(super) fn next_version(db: &mut Db) -> Result<i64, Error> {
    Ok(ledger::head(db)?.sequence + 1)
}

/// Enters an act on no contract.
///
/// # Errors
/// Where the store does not answer.
pub(super) fn enter(
    db: &mut Db,
    (actor, role): (&Actor, Role),
    action: &str,
    reason: Option<String>,
    changes: Vec<Change>,
    at: Moment,
) -> Result<(), Error> {
    ledger::append(
        db,
        Act {
            at,
            actor: actor.username.clone(),
            role: Some(role.id().to_owned()),
            contract: None,
            action: action.to_owned(),
            from: None,
            to: None,
            reason,
            changes,
        },
    )?;
    Ok(())
}

/// Enters what became of a record that is kept as a whole: what it said before and says after; none where there was or is none.
///
/// # Errors
/// Where the store does not answer.
pub(super) fn enter_record<T: Serialize>(
    db: &mut Db,
    who: (&Actor, Role),
    action: &str,
    pointer: String,
    (before, after): (Option<&T>, Option<&T>),
    at: Moment,
) -> Result<(), Error> {
    let change = Change {
        pointer,
        from: json!(before),
        to: json!(after),
    };
    enter(db, who, action, None, vec![change], at)
}
