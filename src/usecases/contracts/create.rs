//! `create`: a registrar enters a contract.

use crate::{
    domain::{
        account::Actor,
        checks,
        contract::{Agency, Content, Contract},
        error::FieldError,
        ledger::{Act, Change, content_changes},
        policy,
        time::Moment,
        workflow::State,
    },
    storage::{agencies, contracts, ledger},
    usecases::{Context, Error, command::change},
};

use super::{Answer, Command, ContractView, act, checks::Findings};

/// Changes a content as the caller's document says, or names what is wrong with the document.
pub type ContentPatch = Box<dyn Fn(&Content) -> Result<Content, Vec<FieldError>> + Send>;

/// Enters a contract as a draft of the caller's agency.
///
/// # Errors
/// Who is no registrar of an agency; malformed values, unknown codes, amounts that cannot hold together.
pub async fn create(
    ctx: &Context,
    command: Command<ContractView>,
    patch: ContentPatch,
) -> Result<Answer<ContractView>, Error> {
    let context = ctx.clone();
    let foreseen = foreseen(ctx, &command, &patch).await;
    change(ctx, command, move |db, command, now| {
        let actor = &command.actor;
        let role = policy::decide_create(actor)?;
        let content = apply(&context, &patch, &Content::default())?;
        let agency = agencies::all(db)?.into_iter().find(|a| Some(a.id) == actor.agency_id);
        let mut contract = draft(actor, content, agency, now);
        contract.id = contracts::insert(db, &contract, &actor.username, now)?;
        let mut changes: Vec<Change> = content_changes(&Content::default(), &contract.content);
        let blank = Contract {
            registrar_certificate: None,
            ..contract.clone()
        };
        changes.extend(act::standing_changes(&blank, &contract));
        ledger::append(
            db,
            Act {
                at: now,
                actor: actor.username.clone(),
                role: Some(role.id().to_owned()),
                contract: Some(contract.id),
                action: "create".to_owned(),
                from: None,
                to: Some(State::Draft.id().to_owned()),
                reason: None,
                changes,
            },
        )?;
        let findings = foreseen.clone().map(|findings| findings.of_new(&contract));
        ContractView::found(db, &context, actor, contract, now, findings)
    })
    .await
}

/// The contract as it is entered, without its key.
fn draft(actor: &Actor, content: Content, agency: Option<Agency>, now: Moment) -> Contract {
    Contract {
        id: 0,
        version: 1,
        revision: 1,
        state: State::Draft,
        registration_number: None,
        national_number: None,
        content,
        agency,
        registrar_certificate: actor.certificate.as_ref().map(|c| c.number.clone()),
        rule_set: None,
        entered_by: Some(actor.username.clone()),
        submitted_by: None,
        claimed_by: None,
        confirmed_by: None,
        created_at: now,
        submitted_at: None,
        due_on: None,
        confirmed_at: None,
        returned: None,
        refusal: None,
        ended: None,
        expert_concluded_at: None,
        claimed_at: None,
        expert_conclusion: None,
        open_change_request: None,
        experts: Vec::new(),
    }
}

/// What the answer will say that a submission would find, looked at beforehand (see `act`).
async fn foreseen(ctx: &Context, command: &Command<ContractView>, patch: &ContentPatch) -> Option<Findings> {
    policy::decide_create(&command.actor).ok()?;
    let content = apply(ctx, patch, &Content::default()).ok()?;
    let (context, actor) = (ctx.clone(), command.actor.clone());
    let read = ctx.store.read(move |db| {
        let now = context.clock.now();
        let contract = draft(&actor, content, None, now);
        Findings::at_submission(db, &context, &actor, &contract, &contract.content, now.date())
    });
    read.await.ok()
}

/// Applies a patch and holds the result against the rules of form.
pub(super) fn apply(ctx: &Context, patch: &ContentPatch, before: &Content) -> Result<Content, Error> {
    let mut content = patch(before).map_err(Error::Invalid)?;
    checks::tidy(&mut content);
    let errors = checks::well_formed(&content, &ctx.catalogue);
    if errors.is_empty() {
        Ok(content)
    } else {
        Err(Error::Invalid(errors))
    }
}
