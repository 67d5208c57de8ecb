//! What is done with one contract: a page for each act, and the act itself.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{
    forms::{ACTS, ask_reasons, confirm_reasons, fill, items, return_form, without_gaps},
    key,
    show::subject,
};
use crate::{
    domain::{
        policy::{self, Denial},
        workflow::{Action, State, next_state},
    },
    usecases::{
        Context, Error, StoredAnswer,
        command::Command,
        contracts::{
            self, ContractView, confirm::ConfirmInput, refer::ReferInput, refuse::RefuseInput,
            reinstate::OverrulingInput, report::ReportInput, r#return::ReturnInput, revoke::RevokeInput,
        },
    },
    web::{
        act::ActPage,
        posted::{Posted, Typed, kept, location},
        refusal::{Refusal, errors_of, redirect, status_of},
        shell::{Shell, page},
        visitor::Visitor,
    },
};

/// What is answered where the contract is not what the page showed any more.
#[derive(Template)]
#[template(path = "contracts/overtaken.html")]
struct OvertakenPage {
    shell: Shell,
    told: Vec<String>,
    subject: Vec<(&'static str, String)>,
    back: String,
}

fn action_of(id: &str) -> Result<Action, Error> {
    ACTS.into_iter().find(|a| a.id() == id).ok_or(Error::NotFound)
}

/// The page on which an act is done; refused as the act would be to whom it is not open.
#[get(
    "/contracts/{id:\\d+}/{action:claim|release|reassign|return|refer|recall|confirm|refuse|withdraw|discard|revoke|reinstate|reopen|report}"
)]
pub async fn show_act(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (id, action) = (key(&path.0)?, action_of(&path.1)?);
    let view = contracts::read::read(&ctx, visitor.caller.actor.clone(), id).await?;
    let contract = &view.contract;
    policy::decide(&visitor.caller.actor, action, contract, ctx.clock.today()).map_err(Error::from)?;
    if next_state(contract.state, action).is_none() {
        return Ok(overtaken(
            &ctx,
            &visitor,
            &view,
            action,
            &Error::WrongState(contract.state),
        ));
    }
    Ok(form_of(&ctx, &visitor, &view, action).await?.show())
}

async fn form_of(ctx: &Context, visitor: &Visitor, view: &ContractView, action: Action) -> Result<ActPage, Error> {
    let contract = &view.contract;
    let here = format!("/contracts/{}", contract.id);
    let mut form = ActPage::new(
        visitor.shell(action.label()).at("/contracts"),
        format!("{here}/{}", action.id()),
        here,
    );
    form.subject = subject(&visitor.names.in_contract(contract), &ctx.catalogue);
    form.version = Some(contract.version);
    fill(&mut form, ctx, visitor, contract, action).await?;
    if action == Action::Confirm {
        form.sets.extend(confirm_reasons(&view.checks));
    }
    Ok(form)
}

/// The act itself.
#[post(
    "/contracts/{id:\\d+}/{action:claim|release|reassign|return|refer|recall|confirm|refuse|withdraw|discard|revoke|reinstate|reopen|report}"
)]
pub async fn act_on_contract(
    ctx: web::Data<Context>,
    mut posted: Posted,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (id, action) = (key(&path.0)?, action_of(&path.1)?);
    match act(&ctx, &mut posted, id, action).await {
        Ok(to) => Ok(redirect(&to)),
        Err(error) => refused(&ctx, &posted, id, action, error).await,
    }
}

/// Where to go when it is done.
macro_rules! done {
    ($action:literal) => {{
        let render: fn(&ContractView) -> Result<StoredAnswer, Error> =
            |view| kept(format!("/contracts/{}?done={}", view.contract.id, $action));
        render
    }};
}

macro_rules! run {
    ($posted:ident, $action:literal, |$command:ident| $call:expr) => {{
        let render = done!($action);
        let $command: Command<ContractView> = $posted.command(render);
        location(&$call.await?, render)
    }};
}

/// Does it; where to go afterwards.
async fn act(ctx: &Context, posted: &mut Posted, id: i64, action: Action) -> Result<String, Error> {
    let reason = posted.typed.text("/reason");
    match action {
        Action::Claim => run!(posted, "claim", |c| contracts::claim::claim(ctx, c, id, Ok(()))),
        Action::Release => run!(posted, "release", |c| contracts::release::release(ctx, c, id, Ok(()))),
        Action::Reassign => run!(posted, "reassign", |c| contracts::reassign::reassign(
            ctx,
            c,
            id,
            Ok(reason)
        )),
        Action::Recall => run!(posted, "recall", |c| contracts::recall::recall(ctx, c, id, Ok(reason))),
        Action::Withdraw => run!(posted, "withdraw", |c| contracts::withdraw::withdraw(
            ctx,
            c,
            id,
            Ok(reason)
        )),
        Action::Return => {
            let input = ReturnInput {
                reason,
                items: items(&posted.typed),
            };
            run!(posted, "return", |c| contracts::r#return::return_for_correction(
                ctx,
                c,
                id,
                Ok(input)
            ))
        }
        Action::Refer => {
            let input = ReferInput {
                reason,
                expert_review_id: posted.typed.integer("/expert_review_id"),
            };
            let input = posted.typed.checked(input);
            run!(posted, "refer", |c| contracts::refer::refer(ctx, c, id, input))
        }
        Action::Confirm => {
            let typed = &mut posted.typed;
            let given = typed.fields();
            let reasons = given
                .filter_map(|(name, text)| Some((name.strip_prefix("/reasons/")?.to_owned(), text.to_owned())))
                .collect();
            let input = ConfirmInput {
                reasons,
                verified_type: typed.text("/verified_type"),
                verified_subtype: typed.text("/verified_subtype"),
                verified_technology_amount_fen: typed.yuan("/verified_technology_amount_fen"),
                note: typed.text("/note"),
            };
            let input = typed.checked(input);
            run!(posted, "confirm", |c| contracts::confirm::confirm(ctx, c, id, input))
        }
        Action::Refuse => {
            let input = RefuseInput {
                reasons: posted.typed.all("/reasons"),
                note: posted.typed.text("/note"),
            };
            run!(posted, "refuse", |c| contracts::refuse::refuse(ctx, c, id, Ok(input)))
        }
        Action::Revoke => {
            let typed = &mut posted.typed;
            let input = RevokeInput {
                ground: typed.text("/ground"),
                document_number: typed.text("/document_number"),
                served_on: typed.date("/served_on"),
                note: typed.text("/note"),
                self_audit_id: typed.integer("/self_audit_id"),
            };
            let input = typed.checked(input);
            run!(posted, "revoke", |c| contracts::revoke::revoke(ctx, c, id, input))
        }
        Action::Reinstate | Action::Reopen => {
            let input = Ok(OverrulingInput {
                reason,
                document_number: posted.typed.text("/document_number"),
            });
            match action {
                Action::Reinstate => run!(posted, "reinstate", |c| contracts::reinstate::reinstate(
                    ctx, c, id, input
                )),
                _ => run!(posted, "reopen", |c| contracts::reopen::reopen(ctx, c, id, input)),
            }
        }
        Action::Report => {
            let typed = &mut posted.typed;
            let input = ReportInput {
                national_number: typed.text("/national_number"),
                reported_on: typed.date("/reported_on"),
            };
            let input = typed.checked(input);
            run!(posted, "report", |c| contracts::report::report(ctx, c, id, input))
        }
        Action::Discard => {
            const TO: &str = "/contracts?queue=drafts&done=discard";
            let command: Command<()> = posted.command(|()| kept(TO.to_owned()));
            contracts::discard::discard(ctx, command, id).await?;
            Ok(TO.to_owned())
        }
        // Not among `ACTS`.
        Action::Edit | Action::Submit | Action::Amend | Action::Cancel | Action::Conclude => Err(Error::NotFound),
    }
}

/// Why not, on the page where it was tried: with what was typed, or, where the contract is not what the page showed any more, with
/// what is true now.
async fn refused(
    ctx: &Context,
    posted: &Posted,
    id: i64,
    action: Action,
    error: Error,
) -> Result<HttpResponse, Refusal> {
    match &error {
        // Another reviewer was quicker: what is so now is told below.
        Error::Forbidden(Denial::NotClaimer) => {}
        Error::Unauthenticated | Error::NotFound | Error::Forbidden(_) | Error::VersionMissing => {
            return Err(error.into());
        }
        _ => {}
    }
    let visitor = &posted.visitor;
    let view = contracts::read::read(ctx, visitor.caller.actor.clone(), id).await?;
    if matches!(error, Error::WrongState(_)) || !view.available_actions.contains(&action) {
        return Ok(overtaken(ctx, visitor, &view, action, &error));
    }
    let compact = (action == Action::Return).then(|| without_gaps(&posted.typed));
    let typed: &Typed = compact.as_ref().unwrap_or(&posted.typed);
    let mut form = form_of(ctx, visitor, &view, action).await?;
    if action == Action::Return {
        form.sets = return_form(&ctx.catalogue, items(typed).len());
    }
    if action == Action::Confirm {
        ask_reasons(&mut form.sets, &errors_of(&error));
    }
    if matches!(error, Error::Stale { .. }) {
        form.consequences.insert(
            0,
            "打开本页之后，该合同又有变动。下面是当前情况，您填写的内容保留；核对后仍要办理的，请再次提交。".to_owned(),
        );
    }
    form.refused(error, typed)
}

fn overtaken(ctx: &Context, visitor: &Visitor, view: &ContractView, action: Action, error: &Error) -> HttpResponse {
    error.log();
    let contract = &view.contract;
    let mut told = vec![error.to_string()];
    if let (State::UnderReview, Some(who)) = (contract.state, &contract.claimed_by) {
        let at = contract.claimed_at.map(crate::web::show::minute).unwrap_or_default();
        told.push(match *who == visitor.caller.actor.username {
            true => format!("该合同已在您手中（{at} 领取）。"),
            false => format!("该合同已由 {} 于 {at} 领取。", visitor.names.of(who)),
        });
    }
    let title = format!("{}：未办理", action.label());
    page(
        status_of(error).0,
        &OvertakenPage {
            shell: visitor.shell(&title).at("/contracts"),
            told,
            subject: subject(&visitor.names.in_contract(contract), &ctx.catalogue),
            back: format!("/contracts/{}", contract.id),
        },
    )
}
