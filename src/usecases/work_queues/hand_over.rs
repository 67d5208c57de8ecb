//! Handing work over: a reviewer gives claimed contracts to another who may decide them, all of them or none.

use crate::{
    domain::{
        account::{Actor, Role},
        contract::Contract,
        error::FieldError,
        policy::{self, Denial},
        queue::Queue,
        time::Moment,
        workflow::{Action, next_state},
    },
    storage::{
        Db, accounts, contracts,
        lists::{self, ContractQuery},
        queues::QueueOf,
    },
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        contracts::act::{Told, finish},
        values::{Checked, checked, required_text, settle},
    },
};

/// What is handed over, and to whom.
#[derive(Clone, Default)]
pub struct HandOver {
    /// Name of the reviewer who receives it.
    pub to: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Keys of the contracts; absent where all are meant.
    pub contracts: Option<Vec<i64>>,
    /// Whether all are meant that the caller has under review.
    pub all: Option<bool>,
}

/// What was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOver {
    /// Name of the receiver.
    pub to: String,
    /// Key and new version of each contract.
    pub contracts: Vec<(i64, i64)>,
}

/// Contracts of one request.
const MOST: usize = 1000;

/// Hands contracts over. Each contract's ledger tells of it as `reassign`, done by the giver. Contracts before experts cannot be
/// handed over: the workflow has no such step.
///
/// # Errors
/// Rights; everything that is wrong, by contract: unknown, not under review, not the caller's, not to be decided by the receiver.
pub async fn hand_over(
    ctx: &Context,
    command: Command<HandedOver>,
    input: Checked<HandOver>,
) -> Result<Answer<HandedOver>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let role = policy::decide_hand_over(&command.actor)?;
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let reason = required_text(&mut errors, "/reason", input.reason.as_deref());
        let receiver = receiver(db, &mut errors, &command.actor, input.to.as_deref())?;
        let named = chosen(db, &mut errors, &command.actor, &input, now)?;
        let mut taken = Vec::new();
        for (pointer, id) in named {
            let contract = contracts::find(db, id)?;
            match examine(contract, &command.actor, receiver.as_ref(), now) {
                Ok(contract) => taken.push(contract),
                Err((code, detail)) => {
                    let pointer = if code == "not_decidable" {
                        "/to".to_owned()
                    } else {
                        pointer
                    };
                    errors.push(FieldError::new(pointer, code, format!("合同 {id}：{detail}")));
                }
            }
        }
        settle(errors)?;
        let Some(receiver) = receiver else {
            return Err(Error::internal("a receiver that is not there passed the checks"));
        };
        let mut done = Vec::new();
        for mut contract in taken {
            give(
                db,
                &context,
                (&command.actor, role),
                &receiver,
                &mut contract,
                &reason,
                now,
            )?;
            done.push((contract.id, contract.version));
        }
        Ok(HandedOver {
            to: receiver.username,
            contracts: done,
        })
    })
    .await
}

/// The reviewer who is to receive the work.
fn receiver(
    db: &mut Db,
    errors: &mut Vec<FieldError>,
    giver: &Actor,
    name: Option<&str>,
) -> Result<Option<Actor>, Error> {
    let before = errors.len();
    let name = required_text(errors, "/to", name);
    if errors.len() > before {
        return Ok(None);
    }
    let account = accounts::find_by_name(db, &name)?;
    let locked = account.as_ref().is_some_and(|a| !a.is_unlocked());
    let reviewer = account.map(|a| a.actor()).filter(|a| a.has(Role::Reviewer));
    if reviewer.is_none() {
        errors.push(FieldError::new("/to", "unknown_reviewer", "没有这名审核员。"));
    } else if locked {
        errors.push(FieldError::new(
            "/to",
            "locked_account",
            "该审核员的账号已锁定，不能接收。",
        ));
    }
    if reviewer.as_ref().is_some_and(|r| r.username == giver.username) {
        errors.push(FieldError::new("/to", "same_person", "不能移交给本人。"));
        return Ok(None);
    }
    Ok(reviewer)
}

/// The contracts meant, each with the pointer at which it is told of.
fn chosen(
    db: &mut Db,
    errors: &mut Vec<FieldError>,
    giver: &Actor,
    input: &HandOver,
    now: Moment,
) -> Result<Vec<(String, i64)>, Error> {
    let mut wrong = |code, detail: String| errors.push(FieldError::new("/contracts", code, detail));
    match (&input.contracts, input.all.unwrap_or(false)) {
        (Some(_), true) => wrong("not_both", "contracts 与 all 只能给出一项。".into()),
        (None, false) => wrong("required", "请列出要移交的合同，或以 all 移交全部。".into()),
        (Some(ids), false) if ids.is_empty() || ids.len() > MOST => {
            wrong("out_of_range", format!("一次应移交 1 至 {MOST} 项合同。"));
        }
        (Some(ids), false) => {
            let mut named = Vec::new();
            for (index, id) in ids.iter().enumerate() {
                let pointer = format!("/contracts/{index}");
                if ids[..index].contains(id) {
                    errors.push(FieldError::new(pointer, "repeated", format!("合同 {id} 重复。")));
                } else {
                    named.push((pointer, *id));
                }
            }
            return Ok(named);
        }
        (None, true) => {
            let mine = all_of(db, giver, now)?;
            if mine.is_empty() || mine.len() > MOST {
                let detail = format!("您审核中的合同有 {} 项；一次应移交 1 至 {MOST} 项。", mine.len());
                errors.push(FieldError::new("/all", "out_of_range", detail));
                return Ok(Vec::new());
            }
            return Ok(mine.into_iter().map(|id| ("/all".to_owned(), id)).collect());
        }
    }
    Ok(Vec::new())
}

/// Keys of what the giver has under review: the queue `mine` but for what is before experts.
fn all_of(db: &mut Db, giver: &Actor, now: Moment) -> Result<Vec<i64>, Error> {
    let today = now.date();
    let query = ContractQuery {
        scope: policy::Scope::of(giver),
        queue: Some(QueueOf {
            queue: Queue::Mine,
            username: giver.username.clone(),
            agency_id: giver.agency_id,
            today,
            near: today,
        }),
        states: crate::domain::workflow::transition(Action::Reassign).from.to_vec(),
        limit: i64::try_from(MOST + 1).unwrap_or(i64::MAX),
        ..ContractQuery::default()
    };
    Ok(lists::page(db, &query)?.into_iter().map(|c| c.id).collect())
}

/// The contract, if the giver has it under review and the receiver may take it over.
fn examine(
    contract: Option<Contract>,
    giver: &Actor,
    receiver: Option<&Actor>,
    now: Moment,
) -> Result<Contract, (&'static str, String)> {
    let scope = policy::Scope::of(giver);
    let contract = contract.filter(|c| scope.shows(c));
    let contract = contract.ok_or_else(|| ("unknown_contract", Denial::Hidden.detail().to_owned()))?;
    if contract.claimed_by.as_deref() != Some(giver.username.as_str()) {
        return Err(("not_claimer", "不在您手中。".to_owned()));
    }
    if next_state(contract.state, Action::Reassign).is_none() {
        let detail = format!("当前状态为“{}”，不能移交。", contract.state.label());
        return Err(("wrong_state", detail));
    }
    match receiver.map(|r| policy::decide(r, Action::Reassign, &contract, now.date())) {
        Some(Err(denial)) => Err(("not_decidable", format!("接收人不能审核：{}", denial.detail()))),
        Some(Ok(_)) | None => Ok(contract),
    }
}

fn give(
    db: &mut Db,
    ctx: &Context,
    giver: (&Actor, Role),
    receiver: &Actor,
    contract: &mut Contract,
    reason: &str,
    now: Moment,
) -> Result<(), Error> {
    let before = contract.clone();
    contract.claimed_by = Some(receiver.username.clone());
    contract.claimed_at = Some(now);
    let told = Told {
        reason: Some(reason.to_owned()),
        changes: Vec::new(),
    };
    finish(db, ctx, giver, Action::Reassign, &before, contract, told, now)
}
