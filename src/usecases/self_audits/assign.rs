//! Handing one contract of a self-audit to another auditor.

use serde_json::json;

use crate::{
    domain::{error::FieldError, policy, policy::Denial},
    storage::{Db, contracts, self_audit_items},
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        messages::on_assignment,
        values::{Checked, checked, required_text, settle},
    },
};

use super::{Item, ItemQuery, SelfAudit, Told, draw::reviewer, enter, found, must_be_drawn};

/// Hands an item to `auditor`. What is judged already stays with who judged it, unless he or she may judge it no longer: then the
/// verdict goes (the ledger keeps it), and the item is open again.
///
/// # Errors
/// Rights; no such self-audit or item; a self-audit that is over; a verdict that stands; nobody of that name who may be given it.
pub async fn assign(
    ctx: &Context,
    command: Command<(SelfAudit, Item)>,
    id: i64,
    item: i64,
    auditor: Checked<Option<String>>,
) -> Result<Answer<(SelfAudit, Item)>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let role = policy::decide_run_self_audits(&command.actor)?;
        let audit = found(db, id)?;
        let before = item_of(db, id, item)?;
        must_be_drawn(&audit)?;
        let contract = contracts::find(db, before.drawn.contract_id)?.ok_or(Error::NotFound)?;
        let handled = policy::Handled::of(&contract);
        if let Some(finding) = &before.finding {
            let finder = reviewer(db, &finding.found_by)?;
            if finder.is_ok_and(|f| policy::decide_self_audit_item(&f, &handled).is_ok()) {
                return Err(Error::Conflict("该合同已有检查结论，只能由作出者本人修改。".to_owned()));
            }
        }
        let mut errors = Vec::new();
        let name = checked(&auditor)?;
        let name = required_text(&mut errors, "/auditor", name.as_deref());
        settle(errors)?;
        let refused = match reviewer(db, &name)? {
            Err(why) => return Err(Error::Invalid(vec![why.at("/auditor")])),
            Ok(actor) => match policy::decide_self_audit_item(&actor, &handled) {
                Ok(()) => None,
                Err(Denial::SamePerson) => Some(("same_person", "合同由其本人审核确认，不能由其检查。")),
                Err(_) => Some(("own_work", "合同由其本人录入、提交或属其所在机构，不能由其检查。")),
            },
        };
        if let Some((code, detail)) = refused {
            return Err(Error::Invalid(vec![FieldError::new("/auditor", code, detail)]));
        }
        self_audit_items::assign(db, item, &name)?;
        let told = Told {
            action: "assign_self_audit_item",
            contract: None,
            reason: None,
            pointer: format!("{id}/items/{item}/assigned_to"),
            from: json!(before.drawn.assigned_to),
            to: json!(name),
            by: (&command.actor, role),
        };
        enter(db, told, now)?;
        if before.drawn.assigned_to.as_deref() != Some(name.as_str()) {
            let by = &command.actor.username;
            on_assignment(
                db,
                &context,
                (id, &audit.made.title),
                [name.as_str()].into_iter(),
                by,
                now,
            )?;
        }
        let after = item_of(db, id, item)?;
        Ok((audit, after))
    })
    .await
}

/// One item of a self-audit, with its project's name.
pub(super) fn item_of(db: &mut Db, audit: i64, item: i64) -> Result<Item, Error> {
    let query = ItemQuery {
        id: Some(item),
        ..ItemQuery::default()
    };
    let mut found = self_audit_items::items(db, audit, &query)?;
    self_audit_items::name_projects(db, &mut found)?;
    found.into_iter().next().ok_or(Error::NotFound)
}
