//! Reviewers who are given contracts of a self-audit are told so.

use std::collections::BTreeMap;

use crate::{
    domain::time::Moment,
    mail::Notice,
    storage::Db,
    usecases::{Context, Error},
};

use super::{Tell, tell};

/// Tells each auditor how many contracts of the self-audit `id` he or she was given now; `assigned` has an entry a contract.
pub(in crate::usecases) fn on_assignment<'a>(
    db: &mut Db,
    ctx: &Context,
    (id, title): (i64, &str),
    assigned: impl Iterator<Item = &'a str>,
    by: &str,
    now: Moment,
) -> Result<(), Error> {
    let mut given: BTreeMap<&str, usize> = BTreeMap::new();
    for auditor in assigned {
        *given.entry(auditor).or_default() += 1;
    }
    let once = format!("{id}@{}", now.micros());
    for (auditor, items) in given {
        let message = Tell {
            to: auditor,
            by,
            notice: Notice::AuditAssigned { title, items },
            contract_id: None,
            once: &once,
        };
        tell(db, ctx, &message, now)?;
    }
    Ok(())
}
