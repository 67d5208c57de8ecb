//! Who is told of rights that are given: every auditor, and every administrator but the one who gave them. Whoever makes an account of
//! his or her own does not do so unseen.

use crate::{
    domain::{account::Role, time::Moment},
    mail::Notice,
    storage::{Db, messages},
    usecases::{Context, Error, people},
};

use super::{Tell, tell};

/// Tells all auditors and the other administrators. `about` is the account that was given a right: it is not told of itself.
fn tell_overseers(
    db: &mut Db,
    ctx: &Context,
    notice: Notice<'_>,
    (by, about): (&str, Option<&str>),
    once: &str,
    now: Moment,
) -> Result<(), Error> {
    let mut overseers = messages::holders_of(db, Role::Auditor)?;
    overseers.extend(messages::holders_of(db, Role::Administrator)?);
    for to in overseers.iter().filter(|to| Some(to.as_str()) != about) {
        let message = Tell {
            to,
            by,
            notice,
            contract_id: None,
            once,
        };
        tell(db, ctx, &message, now)?;
    }
    Ok(())
}

/// Roles in words.
fn words(roles: &[Role]) -> String {
    let words: Vec<&str> = roles.iter().map(|r| r.label()).collect();
    words.join("、")
}

/// An account was added with these roles.
pub(in crate::usecases) fn on_account_added(
    db: &mut Db,
    ctx: &Context,
    username: &str,
    roles: &[Role],
    by: &str,
    now: Moment,
) -> Result<(), Error> {
    let (roles, names) = (words(roles), people::read(db)?);
    let notice = Notice::AccountAdded {
        account: &names.account(username),
        roles: &roles,
        by: &names.of(by),
    };
    tell_overseers(db, ctx, notice, (by, Some(username)), username, now)
}

/// An account was given roles that it did not have; nothing where it was not.
pub(in crate::usecases) fn on_roles_given(
    db: &mut Db,
    ctx: &Context,
    username: &str,
    (before, after): (&[Role], &[Role]),
    by: &str,
    now: Moment,
) -> Result<(), Error> {
    let given: Vec<Role> = after.iter().copied().filter(|r| !before.contains(r)).collect();
    if given.is_empty() {
        return Ok(());
    }
    let (roles, names) = (words(&given), people::read(db)?);
    let notice = Notice::RolesGiven {
        account: &names.account(username),
        roles: &roles,
        by: &names.of(by),
    };
    let once = format!("{username}@{}", now.micros());
    tell_overseers(db, ctx, notice, (by, Some(username)), &once, now)
}

/// A registrar certificate was issued.
pub(in crate::usecases) fn on_certificate_issued(
    db: &mut Db,
    ctx: &Context,
    (number, name): (&str, &str),
    by: &str,
    now: Moment,
) -> Result<(), Error> {
    let by_name = people::read(db)?.of(by);
    let notice = Notice::CertificateIssued {
        number,
        name,
        by: &by_name,
    };
    tell_overseers(db, ctx, notice, (by, None), number, now)
}

/// A file brought in registrar certificates that were not there; nothing where it brought none.
pub(in crate::usecases) fn on_certificates_imported(
    db: &mut Db,
    ctx: &Context,
    file: &str,
    count: u64,
    by: &str,
) -> Result<(), Error> {
    if count == 0 {
        return Ok(());
    }
    let now = ctx.clock.now();
    let by_name = people::read(db)?.of(by);
    let notice = Notice::CertificatesImported {
        file,
        count,
        by: &by_name,
    };
    let once = format!("{}", now.micros());
    tell_overseers(db, ctx, notice, (by, None), &once, now)
}
