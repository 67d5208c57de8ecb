//! The report of a self-audit, finished or not.

use crate::{
    domain::{
        account::Actor,
        code_list::ListName,
        policy,
        self_audit::report::{self, Heading, Judged, Report},
    },
    storage::self_audit_items,
    usecases::{Context, Error},
};

use super::{AuditView, ItemQuery, found};

/// The report and what it is about.
///
/// # Errors
/// Rights; [`Error::NotFound`] where there is no such self-audit.
pub async fn read(ctx: &Context, actor: Actor, id: i64) -> Result<(Heading, Report), Error> {
    policy::decide_read_self_audits(&actor)?;
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            let audit = found(db, id)?;
            let view = AuditView::of(db, audit)?;
            let items: Vec<Judged> = self_audit_items::items(db, id, &ItemQuery::default())?
                .into_iter()
                .map(|item| Judged {
                    stratum: usize::try_from(item.drawn.stratum).unwrap_or(usize::MAX),
                    amount_fen: item.drawn.amount_fen,
                    state: item.state,
                    ground: item.finding.and_then(|f| f.ground),
                    assigned_to: item.drawn.assigned_to,
                })
                .collect();
            let list = context.catalogue.list(ListName::RevocationGround);
            let grounds: Vec<&str> = list.items().iter().map(|i| i.id.as_str()).collect();
            let made = &view.audit.made;
            let report = report::report(&made.design, &made.strata, &items, &grounds);
            let heading = Heading {
                title: made.title.clone(),
                year: made.year,
                state: view.audit.state,
                design: made.design.clone(),
                filter: made.filter.clone(),
                drawn_at: made.drawn_at,
                ended_at: view.audit.ended.as_ref().map(|(_, at, _)| *at),
                revoked: view.progress.revoked,
                already_ended: view.progress.already_ended,
            };
            Ok((heading, report))
        })
        .await
}
