//! `give_opinion`: an expert votes on a contract and says why; until voting is closed he or she may replace it.

use serde_json::{Value, json};

use crate::{
    domain::{
        code_list::ListName,
        contract::{Conclusion, Content},
        error::FieldError,
        expert_review::{Ballot, Opinion, PanelContract, Proposal, conflict::conflicts, opinion_digest},
        money::Fen,
        policy,
    },
    storage::{contracts, expert_reviews},
    usecases::{
        Context, Error,
        command::change,
        entry, seam,
        values::{checked, required_code, required_text, settle},
    },
};

use super::{Answer, Checked, Command, OpinionView, panel};

/// What an expert says.
#[derive(Clone, Default)]
pub struct OpinionInput {
    /// Key of the contract.
    pub contract_id: Option<i64>,
    /// Id of a [`Conclusion`].
    pub vote: Option<String>,
    /// Code list `type`, with `recognise_with_changes` alone.
    pub contract_type: Option<String>,
    /// Code list `subtype`; required when the type changes.
    pub subtype: Option<String>,
    /// 技术交易额, in fen.
    pub technology_amount_fen: Option<Fen>,
    /// In words.
    pub text: Option<String>,
}

/// Gives an opinion, or replaces the own one.
///
/// # Errors
/// Who does not sit there; a closed panel, a contract that is not open any more, voting that is closed, an expert who must stay out; no or an unknown vote,
/// changes that are none or do not belong to the vote, no text; a contract that is not there or that the expert stays out of.
pub async fn give_opinion(
    ctx: &Context,
    command: Command<OpinionView>,
    id: i64,
    input: Checked<OpinionInput>,
) -> Result<Answer<OpinionView>, Error> {
    let context = ctx.clone();
    let salt = seam::random_token()?;
    change(ctx, command, move |db, command, now| {
        let actor = &command.actor;
        let me = &actor.username;
        let sitting = panel::visible(db, actor, id)?;
        let role = policy::decide_opinion(actor, &sitting.review)?;
        panel::at_work(&sitting.review)?;
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let text = required_text(&mut errors, "/text", input.text.as_deref());
        let vote = vote(&mut errors, "/vote", input.vote.as_deref());
        let asked = input.contract_id.filter(|c| sitting.is_shown(*c, me));
        let contract = match asked.and_then(|c| sitting.review.contract(c)) {
            Some(line) => {
                panel::still_open(line)?;
                panel::still_voting(line)?;
                contracts::find(db, line.contract_id)?
            }
            None => None,
        };
        let Some(contract) = contract else {
            errors.push(match input.contract_id {
                Some(_) => panel::unknown_contract("/contract_id"),
                None => FieldError::new("/contract_id", "required", "此项必填。"),
            });
            settle(errors)?;
            return Err(Error::internal("a contract of a panel vanished"));
        };
        // The employer may have changed since the panel was convened; the recusal itself is entered when voting is closed.
        let known = expert_reviews::backgrounds(db, std::slice::from_ref(me))?;
        if let Some(reason) = known.iter().flat_map(|e| conflicts(e, &contract, [])).next() {
            return Err(Error::Conflict(format!("{reason}，应予回避，不能发表意见。")));
        }
        let ballot = ballot(&context, &mut errors, vote, &input, &contract.content);
        settle(errors)?;
        let round = sitting.review.contract(contract.id).map_or(1, PanelContract::round);
        let digest = opinion_digest(id, (contract.id, round), me, &ballot, &text, &salt).map_err(Error::internal)?;
        let before = sitting
            .opinions
            .iter()
            .find(|o| o.contract_id == contract.id && o.round == round && o.username == *me);
        let mut opinion = Opinion {
            id: before.map_or(0, |o| o.id),
            contract_id: contract.id,
            username: me.clone(),
            round,
            ballot,
            text,
            given_at: now,
            salt: salt.clone(),
            digest,
        };
        opinion.id = expert_reviews::put_opinion(db, id, &opinion)?;
        let below = match round {
            1 => format!("/contracts/{}/opinions/{me}", contract.id),
            round => format!("/contracts/{}/rounds/{round}/opinions/{me}", contract.id),
        };
        let from = before.map_or(Value::Null, |o| json!(o.digest));
        let changes = vec![panel::change(id, &below, from, json!(opinion.digest))];
        entry::enter(db, (actor, role), "give_opinion", None, changes, now)?;
        Ok(OpinionView {
            replaced: before.is_some(),
            opinion,
            counts: true,
            dissents: None,
        })
    })
    .await
}

/// A vote by its id; `None` where it is wrong.
pub(super) fn vote(errors: &mut Vec<FieldError>, pointer: &str, id: Option<&str>) -> Option<Conclusion> {
    let (code, detail) = match id {
        None => ("required", "此项必填。".to_owned()),
        Some(id) => match Conclusion::from_id(id) {
            Some(vote) => return Some(vote),
            None => ("unknown_code", format!("不认识的值“{id}”。")),
        },
    };
    errors.push(FieldError::new(pointer, code, detail));
    None
}

/// The ballot: what leaves a value as it was entered is left out of it, so that the same opinion is the same ballot.
fn ballot(
    ctx: &Context,
    errors: &mut Vec<FieldError>,
    vote: Option<Conclusion>,
    input: &OpinionInput,
    entered: &Content,
) -> Ballot {
    let vote = vote.unwrap_or(Conclusion::NotRecognise);
    let given = [
        ("/type", input.contract_type.is_some()),
        ("/subtype", input.subtype.is_some()),
        ("/technology_amount_fen", input.technology_amount_fen.is_some()),
    ];
    if vote != Conclusion::RecogniseWithChanges {
        for (pointer, _) in given.iter().filter(|(_, given)| *given) {
            let detail = "只有“调整后认定”可填此项。";
            errors.push(FieldError::new(*pointer, "unexpected", detail));
        }
        let changes = Proposal::default();
        return Ballot { vote, changes };
    }
    let wrong = errors.len();
    let changes = proposal(ctx, errors, input, entered);
    if errors.len() == wrong && changes.is_empty() {
        let detail = "“调整后认定”须指明调整后的合同类别、子类或技术交易额，且与录入的不同。";
        errors.push(FieldError::new("/vote", "nothing_changed", detail));
    }
    Ballot { vote, changes }
}

fn proposal(ctx: &Context, errors: &mut Vec<FieldError>, input: &OpinionInput, entered: &Content) -> Proposal {
    let mut changes = Proposal::default();
    if let Some(code) = input.contract_type.as_deref() {
        let list = ctx.catalogue.list(ListName::Type);
        let code = required_code(errors, "/type", Some(code), list);
        changes.contract_type = Some(code).filter(|c| entered.contract_type.as_ref() != Some(c));
    }
    let of_type = changes
        .contract_type
        .as_ref()
        .or(entered.contract_type.as_ref())
        .cloned();
    match input.subtype.as_deref() {
        Some(code) => {
            let list = ctx.catalogue.list(ListName::Subtype);
            let code = required_code(errors, "/subtype", Some(code), list);
            let parent = list.get(&code).and_then(|s| s.parent.as_ref());
            let type_known = of_type.as_ref().is_some_and(|t| !t.is_empty());
            if !code.is_empty() && type_known && parent != of_type.as_ref() {
                let detail = format!("“{code}”不属于合同类别“{}”。", of_type.unwrap_or_default());
                errors.push(FieldError::new("/subtype", "subtype_not_of_type", detail));
            }
            changes.subtype = Some(code).filter(|c| entered.subtype.as_ref() != Some(c));
        }
        None if changes.contract_type.is_some() => {
            let detail = "调整合同类别时，须同时指明合同子类。";
            errors.push(FieldError::new("/subtype", "required", detail));
        }
        None => {}
    }
    if let Some(fen) = input.technology_amount_fen {
        if fen <= 0 || fen > entered.amount_fen.unwrap_or(0) {
            let detail = "技术交易额应大于 0 且不超过合同成交额。";
            errors.push(FieldError::new("/technology_amount_fen", "out_of_range", detail));
        }
        changes.technology_amount_fen = Some(fen).filter(|f| entered.technology_amount_fen != Some(*f));
    }
    changes
}
