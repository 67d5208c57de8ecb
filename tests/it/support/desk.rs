//! Acts done directly through the use cases, as persons that need not be who their account now is: for many contracts in many
//! states, where the way over HTTP is not what is looked at.

use dengji::{
    domain::{
        account::{Actor, Role},
        contract::{Content, Contract},
        error::FieldError,
        workflow::{Action, State},
    },
    storage::accounts,
    usecases::{
        Error,
        change_requests::{
            approve,
            approve::ApproveInput,
            request::{self, Proposed, RequestInput},
        },
        contracts::{
            self, Answer, Command, ContractView, claim, confirm,
            confirm::ConfirmInput,
            create, discard, edit, reassign, recall, refer,
            refer::ReferInput,
            refuse,
            refuse::RefuseInput,
            reinstate,
            reinstate::OverrulingInput,
            release, reopen, report,
            report::ReportInput,
            r#return,
            r#return::{ReturnInput, ReturnItemInput},
            revoke,
            revoke::RevokeInput,
            submit,
            submit::SubmitInput,
            withdraw,
        },
    },
};

use serde_json::json;

use super::{App, complete_contract, papers};

/// What an act is handed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Everything in order; the technology amount in fen for the acts that set one.
    Valid(i64),
    /// The same with a note where a decision may have one.
    Noted(i64),
    /// Something wrong, for the acts that have an input.
    Invalid,
}

/// The non-technology amount of every contract made here, in fen.
pub const NON_TECHNOLOGY: i64 = 20_000_000;

/// The content of [`complete_contract`].
pub fn complete_content(n: u32) -> Content {
    let mut document = complete_contract(n);
    let unit = document["buyer"].as_object_mut().unwrap().remove("unit");
    document["buyer_unit"] = unit.unwrap();
    serde_json::from_value(document).unwrap()
}

/// A content with another technology amount.
pub fn with_technology(mut content: Content, fen: i64) -> Content {
    content.technology_amount_fen = Some(fen);
    content.non_technology_amount_fen = Some(NON_TECHNOLOGY);
    content.amount_fen = Some(fen + NON_TECHNOLOGY);
    content
}

/// The person of an account as the policy sees them.
pub fn actor(app: &App, username: &str) -> Actor {
    let name = username.to_owned();
    app.block_on(app.ctx.store.read(move |db| accounts::find_by_name(db, &name)))
        .unwrap()
        .unwrap_or_else(|| panic!("no account {username}"))
        .actor()
}

/// Someone as of another time: with these roles, no agency and no certificate.
pub fn moved(username: &str, roles: &[Role]) -> Actor {
    Actor {
        username: username.to_owned(),
        roles: roles.to_vec(),
        agency_id: None,
        certificate: None,
    }
}

/// What a use case is handed: no session, no key.
pub fn command<T>(actor: &Actor, version: Option<i64>) -> Command<T> {
    Command {
        actor: actor.clone(),
        session_id: None,
        version,
        once: None,
    }
}

fn contract_of(answer: Answer<ContractView>) -> Contract {
    match answer {
        Answer::Done(view) => view.contract,
        Answer::Repeated(_) => panic!("nothing carries a key here"),
    }
}

/// Enters a contract; a text is put beside it.
pub fn enter(app: &App, actor: &Actor, content: Content) -> Result<Contract, Error> {
    let patch = Box::new(move |_: &Content| Ok(content.clone()));
    let contract = app
        .block_on(create::create(&app.ctx, command(actor, None), patch))
        .map(contract_of)?;
    app.block_on(papers::give_text(&app.ctx, contract.id));
    Ok(contract)
}

/// Someone who sees everything.
fn auditor() -> Actor {
    moved("auditor", &[Role::Auditor])
}

/// Asks for an amendment, which always changes something, or a cancellation; the request's key.
async fn ask(
    app: &App,
    actor: &Actor,
    action: Action,
    id: i64,
    version: Option<i64>,
    valid: bool,
) -> Result<i64, Error> {
    let input = RequestInput {
        kind: Some(action.id().to_owned()),
        changes: (action == Action::Amend).then(|| Proposed {
            patch: json!({"project_name": "变更后的合同名称"}),
            apply: |patch, before| {
                let mut after = before.clone();
                after.project_name = patch["project_name"].as_str().map(str::to_owned);
                Ok(after)
            },
        }),
        ground: (action == Action::Cancel).then(|| "rescinded".to_owned()),
        reason: valid.then(|| "有理由".to_owned()),
        attachments: Vec::new(),
    };
    match request::request(&app.ctx, command(actor, version), id, Ok(input)).await? {
        Answer::Done(view) => Ok(view.request.id),
        Answer::Repeated(_) => panic!("nothing carries a key here"),
    }
}

/// Does one of the offered acts (of `amend` and `cancel`: asks for it); the contract after it, `None` where it is gone.
pub fn act(
    app: &App,
    actor: &Actor,
    action: Action,
    id: i64,
    version: Option<i64>,
    input: Input,
) -> Result<Option<Contract>, Error> {
    let ctx = &app.ctx;
    let valid = input != Input::Invalid;
    let fen = match input {
        Input::Valid(fen) | Input::Noted(fen) => fen,
        Input::Invalid => -1,
    };
    let note = matches!(input, Input::Noted(_)).then(|| "另有理由".to_owned());
    let reason = || Ok(valid.then(|| "有理由".to_owned()));
    let overruling = || {
        Ok(OverrulingInput {
            reason: Some("原决定被撤销".to_owned()),
            document_number: valid.then(|| "兵复决〔2026〕1号".to_owned()),
        })
    };
    let c = || command(actor, version);
    let answer = app.block_on(async {
        match action {
            Action::Edit => {
                let patch = move |before: &Content| {
                    let mut after = with_technology(before.clone(), fen);
                    after.summary = complete_content(1).summary;
                    Ok(after)
                };
                edit::edit(ctx, c(), id, Box::new(patch)).await.map(Some)
            }
            Action::Discard => discard::discard(ctx, command(actor, version), id).await.map(|()| None),
            Action::Submit => {
                let wrong = || vec![FieldError::new("/reasons", "wrong_type", "应为 JSON 对象。")];
                let reasons = if valid {
                    Ok(SubmitInput::default())
                } else {
                    Err(wrong())
                };
                submit::submit(ctx, c(), id, reasons).await.map(Some)
            }
            Action::Withdraw => withdraw::withdraw(ctx, c(), id, reason()).await.map(Some),
            Action::Claim => claim::claim(ctx, c(), id, Ok(())).await.map(Some),
            Action::Release => release::release(ctx, c(), id, Ok(())).await.map(Some),
            Action::Reassign => reassign::reassign(ctx, c(), id, reason()).await.map(Some),
            Action::Return => {
                let items = vec![ReturnItemInput {
                    pointer: Some("/amount_fen".to_owned()),
                    detail: Some("与合同文本不符".to_owned()),
                    ..ReturnItemInput::default()
                }];
                let input = ReturnInput {
                    reason: Some("金额有误".to_owned()),
                    items: if valid { items } else { Vec::new() },
                };
                r#return::return_for_correction(ctx, c(), id, Ok(input)).await.map(Some)
            }
            Action::Refer => {
                let input = reason().map(|reason| ReferInput {
                    reason,
                    expert_review_id: None,
                });
                refer::refer(ctx, c(), id, input).await.map(Some)
            }
            Action::Recall => recall::recall(ctx, c(), id, reason()).await.map(Some),
            Action::Confirm => {
                let input = ConfirmInput {
                    verified_type: Some("development".to_owned()),
                    verified_technology_amount_fen: Some(fen),
                    note,
                    ..ConfirmInput::default()
                };
                confirm::confirm(ctx, c(), id, Ok(input)).await.map(Some)
            }
            Action::Refuse => {
                let input = RefuseInput {
                    reasons: if valid {
                        vec!["price_unclear".to_owned()]
                    } else {
                        Vec::new()
                    },
                    note,
                };
                refuse::refuse(ctx, c(), id, Ok(input)).await.map(Some)
            }
            Action::Revoke => {
                let input = RevokeInput {
                    ground: valid.then(|| "duplicate".to_owned()),
                    document_number: Some("兵科撤〔2026〕1号".to_owned()),
                    ..RevokeInput::default()
                };
                revoke::revoke(ctx, c(), id, Ok(input)).await.map(Some)
            }
            Action::Amend | Action::Cancel => {
                ask(app, actor, action, id, version, valid).await?;
                Ok(Some(
                    contracts::read::read(ctx, self::auditor(), id)
                        .await
                        .map(Answer::Done)?,
                ))
            }
            Action::Reinstate => reinstate::reinstate(ctx, c(), id, overruling()).await.map(Some),
            Action::Reopen => reopen::reopen(ctx, c(), id, overruling()).await.map(Some),
            Action::Report => {
                let input = ReportInput {
                    national_number: Some(format!("G{id}-{fen}")),
                    reported_on: valid.then(|| ctx.clock.today()),
                };
                report::report(ctx, c(), id, Ok(input)).await.map(Some)
            }
            other => panic!("{other:?} is not offered; offered are {:?}", contracts::OFFERED),
        }
    })?;
    Ok(answer.map(contract_of))
}

/// Who brings contracts into a state.
pub struct Staff {
    /// Enters and edits.
    pub enterer: Actor,
    /// Submits and withdraws.
    pub submitter: Actor,
    /// Claims, returns, confirms, refuses.
    pub reviewer: Actor,
    /// Revokes, and approves cancellations.
    pub revoker: Actor,
}

impl Staff {
    /// A contract in a state that acts reach, everything in order on its way.
    pub fn bring(&self, app: &App, content: Content, state: State) -> Contract {
        use Action as A;
        let steps: &[Action] = match state {
            State::Draft => &[],
            State::Submitted => &[A::Submit],
            State::UnderReview => &[A::Submit, A::Claim],
            State::ExpertReview => &[A::Submit, A::Claim, A::Refer],
            State::Returned => &[A::Submit, A::Claim, A::Return],
            State::Confirmed => &[A::Submit, A::Claim, A::Confirm],
            State::Refused => &[A::Submit, A::Claim, A::Refuse],
            State::Withdrawn => &[A::Submit, A::Withdraw],
            State::Revoked => &[A::Submit, A::Claim, A::Confirm, A::Revoke],
            State::Cancelled => &[A::Submit, A::Claim, A::Confirm, A::Cancel],
        };
        let fen = content.technology_amount_fen.unwrap_or(0);
        let contract = enter(app, &self.enterer, content).unwrap();
        let contract = self.go_on(app, contract, steps, Input::Valid(fen));
        assert_eq!(contract.state, state);
        contract
    }

    /// Takes a contract further, step by step; asked-for changes are approved.
    pub fn go_on(&self, app: &App, mut contract: Contract, steps: &[Action], input: Input) -> Contract {
        use Action as A;
        for action in steps {
            let who = match action {
                A::Submit | A::Withdraw | A::Cancel => &self.submitter,
                A::Revoke => &self.revoker,
                _ => &self.reviewer,
            };
            let (id, version) = (contract.id, Some(contract.version));
            contract = act(app, who, *action, id, version, input).unwrap().unwrap();
            if let Some(request) = contract.open_change_request {
                let approval = approve::approve(
                    &app.ctx,
                    command(&self.revoker, None),
                    request,
                    Ok(ApproveInput::default()),
                );
                app.block_on(approval).unwrap();
                let seen = app.block_on(contracts::read::read(&app.ctx, auditor(), id));
                contract = seen.unwrap().contract;
            }
        }
        contract
    }
}
