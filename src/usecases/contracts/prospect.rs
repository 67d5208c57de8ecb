//! What will follow if a contract is submitted today: told before it is done.

use crate::{
    domain::{
        account::Actor,
        policy,
        time::Date,
        workflow::{Action, next_state},
    },
    usecases::{Context, Error},
};

use super::{ContractView, read::visible, term::begins_on_submission, view::rule_set_of};

/// What a submission of today would lead to.
#[derive(Debug, Clone)]
pub struct Prospect {
    /// The contract as it is.
    pub view: ContractView,
    /// 受理日期: as entered, or today.
    pub received_on: Date,
    /// Title of the rule set that would hold; none where no set does.
    pub rule_set: Option<String>,
    /// Last day for the decision.
    pub due_on: Option<Date>,
    /// Kinds of attachment without which it cannot be submitted.
    pub required: Vec<String>,
    /// Why the caller may not submit it now, in words.
    pub hindrance: Option<&'static str>,
}

/// What a submission would lead to, for whoever may edit the contract.
///
/// # Errors
/// Rights and state, as of `edit`.
pub async fn prospect(ctx: &Context, actor: Actor, id: i64) -> Result<Prospect, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            let now = context.clock.now();
            let today = now.date();
            let contract = visible(db, &actor, id)?;
            policy::decide(&actor, Action::Edit, &contract, today)?;
            if next_state(contract.state, Action::Submit).is_none() {
                return Err(Error::WrongState(contract.state));
            }
            let hindrance = policy::decide(&actor, Action::Submit, &contract, today).err();
            let content = &contract.content;
            let received_on = content.received_on.unwrap_or(today);
            let rules = rule_set_of(&context.catalogue, contract.rule_set.as_deref(), received_on);
            let technology = content.technology_amount_fen.unwrap_or_default();
            let kind = content.contract_type.as_deref();
            Ok(Prospect {
                received_on,
                rule_set: rules.map(|r| r.title.clone()),
                due_on: rules.map(|r| {
                    let begins_on = begins_on_submission(r, &contract, received_on, today);
                    r.due_on(begins_on, technology, context.catalogue.calendar()).on
                }),
                required: rules.map_or_else(Vec::new, |r| {
                    let kinds = context.catalogue.blocking_attachments(r, kind);
                    kinds.into_iter().map(str::to_owned).collect()
                }),
                hindrance: hindrance.map(policy::Denial::detail),
                view: ContractView::full(db, &context, &actor, contract, now)?,
            })
        })
        .await
}
