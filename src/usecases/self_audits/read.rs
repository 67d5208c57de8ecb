//! Reading self-audits: one, pages of them, and what they drew.

use crate::{
    domain::{
        account::{Actor, Role},
        policy,
        self_audit::AuditState,
    },
    storage::{accounts, self_audit_items, self_audits},
    usecases::{Context, Error},
};

use super::{AuditView, Item, ItemQuery, SelfAudit, found};

/// A page of things, and the key after which the next begins.
#[derive(Debug)]
pub struct Page<T> {
    /// The things.
    pub items: Vec<T>,
    /// Key of the last one where there are more.
    pub next: Option<i64>,
}

impl<T> Page<T> {
    /// Of what was read with one more than `limit`.
    fn of(mut items: Vec<T>, limit: i64, key: impl Fn(&T) -> i64) -> Self {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > wanted;
        items.truncate(wanted);
        Self {
            next: items.last().filter(|_| more).map(key),
            items,
        }
    }
}

/// Which self-audits, the latest first.
#[derive(Debug, Clone, Copy, Default)]
pub struct AuditQuery {
    /// Of this year.
    pub year: Option<i32>,
    /// In this state.
    pub state: Option<AuditState>,
    /// Begin after the one of this key.
    pub after: Option<i64>,
    /// Self-audits at most.
    pub limit: i64,
}

/// Lets through whoever may read self-audits, before anything is looked up: to the others none exists or they all do.
///
/// # Errors
/// [`Error::Forbidden`] for everyone else.
pub fn may_read(actor: &Actor) -> Result<(), Error> {
    Ok(policy::decide_read_self_audits(actor)?)
}

/// One self-audit.
///
/// # Errors
/// Rights; [`Error::NotFound`] where there is none.
pub async fn read(ctx: &Context, actor: Actor, id: i64) -> Result<AuditView, Error> {
    policy::decide_read_self_audits(&actor)?;
    ctx.store
        .read(move |db| {
            let audit = found(db, id)?;
            AuditView::of(db, audit)
        })
        .await
}

/// A page of self-audits.
///
/// # Errors
/// Rights.
pub async fn list(ctx: &Context, actor: Actor, query: AuditQuery) -> Result<Page<AuditView>, Error> {
    policy::decide_read_self_audits(&actor)?;
    ctx.store
        .read(move |db| {
            let audits = self_audits::page(db, query.year, query.state, query.after, query.limit + 1)?;
            let page = Page::of(audits, query.limit, |a| a.id);
            let ids: Vec<i64> = page.items.iter().map(|a| a.id).collect();
            let mut progress = self_audit_items::progress(db, &ids)?;
            let view = |audit: SelfAudit| AuditView {
                progress: progress.remove(&audit.id).unwrap_or_default(),
                audit,
            };
            Ok(Page {
                next: page.next,
                items: page.items.into_iter().map(view).collect(),
            })
        })
        .await
}

/// The self-audit and a page of what it drew, in the order of drawing; `query.limit` must be set.
///
/// # Errors
/// Rights; [`Error::NotFound`] where there is no such self-audit.
pub async fn list_items(
    ctx: &Context,
    actor: Actor,
    id: i64,
    mut query: ItemQuery,
) -> Result<(SelfAudit, Page<Item>), Error> {
    policy::decide_read_self_audits(&actor)?;
    ctx.store
        .read(move |db| {
            let audit = found(db, id)?;
            let limit = query.limit.unwrap_or(20);
            query.limit = Some(limit + 1);
            let mut page = Page::of(self_audit_items::items(db, id, &query)?, limit, |i| i.id);
            self_audit_items::name_projects(db, &mut page.items)?;
            Ok((audit, page))
        })
        .await
}

/// The self-audit and one contract of it.
///
/// # Errors
/// Rights; [`Error::NotFound`] where there is no such self-audit, or no such item in it.
pub async fn read_item(ctx: &Context, actor: Actor, id: i64, item: i64) -> Result<(SelfAudit, Item), Error> {
    let query = ItemQuery {
        id: Some(item),
        ..ItemQuery::default()
    };
    let (audit, page) = list_items(ctx, actor, id, query).await?;
    let item = page.items.into_iter().next().ok_or(Error::NotFound)?;
    Ok((audit, item))
}

/// Someone who may be handed contracts of a self-audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auditor {
    /// Name of the account.
    pub username: String,
    /// Name of the person.
    pub full_name: Option<String>,
}

/// Reviewers offered at most.
const MOST_OFFERED: usize = 500;

/// The reviewers who can log in, in the order in which their accounts were added.
///
/// # Errors
/// [`Error::Forbidden`] for whoever runs no self-audits.
pub async fn possible_auditors(ctx: &Context, actor: &Actor) -> Result<Vec<Auditor>, Error> {
    policy::decide_run_self_audits(actor)?;
    let found = ctx
        .store
        .read(|db| {
            // Keys begin at 1.
            accounts::page(db, 0, MOST_OFFERED, |a| {
                a.locked_at.is_none() && a.roles.contains(&Role::Reviewer)
            })
        })
        .await?;
    let auditor = |a: accounts::Account| Auditor {
        username: a.username,
        full_name: a.profile.full_name,
    };
    Ok(found.into_iter().map(auditor).collect())
}
