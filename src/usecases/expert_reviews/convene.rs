//! `convene`: a reviewer calls experts together over contracts that wait for them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    domain::{
        account::{Actor, Role},
        contract::Contract,
        error::FieldError,
        expert_review::{ExpertReview, Member, PanelState, Sitting, conflict::Background},
        policy,
        time::{Date, Moment},
        workflow::State,
    },
    storage::{Db, accounts, expert_reviews},
    usecases::{
        Context, Error,
        command::change,
        contracts, entry,
        messages::invite,
        values::{checked, optional_date, required_text, settle, unfit},
    },
};

use super::{Answer, Checked, Command, MOST_CONTRACTS, MOST_EXPERTS, PanelView, panel, view};

/// Longest title, in characters.
const LONGEST_TITLE: usize = 200;

/// What a panel is to be.
#[derive(Clone, Default)]
pub struct ConveneInput {
    /// What the session is called.
    pub title: Option<String>,
    /// The day of the session.
    pub held_on: Option<Date>,
    /// Username of the member who concludes.
    pub chair: Option<String>,
    /// Usernames of the members, the chair among them.
    pub experts: Option<Vec<String>>,
    /// Keys of contracts that wait for experts.
    pub contracts: Option<Vec<i64>>,
}

/// Convenes a panel.
///
/// # Errors
/// Who is no reviewer, or may not decide on one of the contracts; a contract that does not wait for experts; no title, day, chair or
/// expert; someone who is no expert; a contract that the caller may not know of.
pub async fn convene(
    ctx: &Context,
    command: Command<PanelView>,
    input: Checked<ConveneInput>,
) -> Result<Answer<PanelView>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let actor = &command.actor;
        let role = policy::decide_convene(actor)?;
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let contracts = waiting(db, actor, input.contracts.as_deref().unwrap_or_default(), &mut errors)?;
        let title = title(&mut errors, input.title.as_deref());
        let held_on = held_on(&mut errors, input.held_on);
        let experts = experts(db, &mut errors, input.experts.as_deref().unwrap_or_default(), &[])?;
        let chair = chair(&mut errors, input.chair.as_deref(), &experts);
        settle(errors)?;
        let mut review = ExpertReview {
            id: 0,
            title,
            held_on: held_on.unwrap_or_else(|| now.date()),
            chair,
            convened_by: actor.username.clone(),
            state: PanelState::Open,
            created_at: now,
            closed_at: None,
            members: Vec::new(),
            contracts: Vec::new(),
        };
        review.id = expert_reviews::insert(db, &review)?;
        for expert in &experts {
            expert_reviews::add_member(db, review.id, &expert.username, now)?;
        }
        let names: Vec<&str> = experts.iter().map(|e| e.username.as_str()).collect();
        let told = |below: &str, to| panel::change(review.id, below, Value::Null, to);
        let mut changes = vec![
            told("/title", json!(review.title)),
            told("/held_on", json!(review.held_on)),
            told("/chair", json!(review.chair)),
            told("/experts", json!(names)),
        ];
        changes.extend(bring(db, review.id, &contracts, &actor.username, now)?);
        entry::enter(db, (actor, role), "convene_expert_review", None, changes, now)?;
        let sitting = expert_reviews::find(db, review.id)?.ok_or(Error::NotFound)?;
        invite(db, &context, &sitting, &names, &actor.username, now)?;
        view::seen(&context, actor, &sitting)
    })
    .await
}

/// Puts contracts before a panel; what the ledger says of it.
pub(super) fn bring(
    db: &mut Db,
    review: i64,
    contracts: &[Contract],
    by: &str,
    now: Moment,
) -> Result<Vec<crate::domain::ledger::Change>, Error> {
    let mut changes = Vec::new();
    let sitting: Sitting = expert_reviews::find(db, review)?.ok_or(Error::NotFound)?;
    for contract in contracts {
        changes.extend(panel::put(db, &sitting, contract, by, now)?);
    }
    Ok(changes)
}

/// The title; empty where it is wrong.
pub(super) fn title(errors: &mut Vec<FieldError>, title: Option<&str>) -> String {
    let title = required_text(errors, "/title", title);
    if title.chars().count() > LONGEST_TITLE {
        let detail = format!("不得超过 {LONGEST_TITLE} 个字符。");
        errors.push(FieldError::new("/title", "too_long", detail));
    } else {
        errors.extend(unfit("/title", &title, false));
    }
    title
}

/// The day; `None` where it is missing.
pub(super) fn held_on(errors: &mut Vec<FieldError>, day: Option<Date>) -> Option<Date> {
    if day.is_none() {
        errors.push(FieldError::new("/held_on", "required", "此项必填。"));
    }
    optional_date(errors, "/held_on", day)
}

/// A name that is no expert's, or that of one who cannot log in.
pub(super) fn no_expert(pointer: impl Into<String>) -> FieldError {
    FieldError::new(pointer, "unknown_expert", "没有这名专家，或其账号已锁定。")
}

/// What is known of the experts named, each once. Who is `seated` already may stay, in office or not: a vote stays on its panel.
pub(super) fn experts(
    db: &mut Db,
    errors: &mut Vec<FieldError>,
    usernames: &[String],
    seated: &[Member],
) -> Result<Vec<Background>, Error> {
    if usernames.is_empty() || usernames.len() > MOST_EXPERTS {
        let (code, detail) = if usernames.is_empty() {
            ("required", "请至少指定一名专家。".to_owned())
        } else {
            ("too_many", format!("不得超过 {MOST_EXPERTS} 名专家。"))
        };
        errors.push(FieldError::new("/experts", code, detail));
        return Ok(Vec::new());
    }
    // PostgreSQL takes no U+0000, so nobody is called that.
    let possible: Vec<String> = usernames.iter().filter(|u| !u.contains('\0')).cloned().collect();
    let in_office = accounts::unlocked_among(db, Role::Expert, &possible)?;
    let mut found = expert_reviews::backgrounds(db, &possible)?;
    found.retain(|e| in_office.contains(&e.username) || seated.iter().any(|m| m.username == e.username));
    let mut seen = BTreeSet::new();
    for (index, username) in usernames.iter().enumerate() {
        let pointer = format!("/experts/{index}");
        if !seen.insert(username) {
            errors.push(FieldError::new(pointer, "repeated", "同一专家只能列入一次。"));
        } else if !found.iter().any(|e| e.username == *username) {
            errors.push(no_expert(pointer));
        }
    }
    found.sort_by(|a, b| a.username.cmp(&b.username));
    Ok(found)
}

/// The chair, who is one of the members; empty where it is wrong.
pub(super) fn chair(errors: &mut Vec<FieldError>, chair: Option<&str>, experts: &[Background]) -> String {
    match chair {
        None => errors.push(FieldError::new("/chair", "required", "此项必填。")),
        Some(name) if !experts.iter().any(|e| e.username == name) => {
            errors.push(FieldError::new(
                "/chair",
                "not_an_expert",
                "组长应为本次论证的专家之一。",
            ));
        }
        Some(name) => return name.to_owned(),
    }
    String::new()
}

/// The contracts named, each of which waits for experts and is one that the caller may decide on.
pub(super) fn waiting(
    db: &mut Db,
    actor: &Actor,
    ids: &[i64],
    errors: &mut Vec<FieldError>,
) -> Result<Vec<Contract>, Error> {
    if ids.len() > MOST_CONTRACTS {
        let detail = format!("一次论证不得超过 {MOST_CONTRACTS} 项合同。");
        errors.push(FieldError::new("/contracts", "too_many", detail));
        return Ok(Vec::new());
    }
    let mut found: Vec<Contract> = Vec::new();
    for (index, id) in ids.iter().enumerate() {
        let pointer = format!("/contracts/{index}");
        match contracts::visible(db, actor, *id) {
            Ok(contract) if found.iter().any(|c| c.id == contract.id) => {
                errors.push(FieldError::new(pointer, "repeated", "同一合同只能列入一次。"));
            }
            Ok(contract) => found.push(contract),
            Err(Error::NotFound) => {
                errors.push(FieldError::new(pointer, "unknown_contract", "没有这项合同。"));
            }
            Err(other) => return Err(other),
        }
    }
    for contract in &found {
        policy::decide_bring(actor, contract)?;
    }
    for contract in &found {
        if contract.state != State::ExpertReview {
            let why = format!("合同 {} 未提请专家论证（{}）。", contract.id, contract.state.label());
            return Err(Error::Conflict(why));
        }
        if let Some(other) = expert_reviews::open_panel_of(db, contract.id)? {
            let why = format!("合同 {} 已在第 {other} 次论证中。", contract.id);
            return Err(Error::Conflict(why));
        }
    }
    Ok(found)
}
