//! A panel as a caller sees it. An expert is not told of contracts that he or she stays out of, and nobody of single votes before the
//! panel is closed.

use crate::{
    domain::{
        account::Actor,
        expert_review::{ExpertReview, Opinion, PanelContract, PanelState, Quorum, Recusal, Sitting},
        policy,
    },
    usecases::{Context, Error},
};

/// A panel as a caller sees it.
#[derive(Debug, Clone)]
pub struct PanelView {
    /// The panel; its contracts are those of `lines`.
    pub review: ExpertReview,
    /// What is before it, with how things stand.
    pub lines: Vec<Line>,
}

/// A contract of a panel and how things stand with it.
#[derive(Debug, Clone)]
pub struct Line {
    /// The contract on the panel.
    pub contract: PanelContract,
    /// Votes given, needed, and possible.
    pub quorum: Quorum,
    /// Whether the chair stays out of it, so that nobody can conclude.
    pub chair_recused: bool,
    /// Votes that differ from the conclusion; none before the panel is closed or without a conclusion.
    pub dissenting: Option<usize>,
}

/// An opinion as a caller sees it.
#[derive(Debug, Clone)]
pub struct OpinionView {
    /// The opinion.
    pub opinion: Opinion,
    /// Whether it counts; not where its author stays out of the contract.
    pub counts: bool,
    /// Whether it differs from what was concluded; none while nothing is, and where it does not count.
    pub dissents: Option<bool>,
    /// Whether it replaced an earlier one of its author.
    pub replaced: bool,
}

/// Whether the caller may know which contract this is.
pub(super) fn shows(actor: &Actor, sitting: &Sitting, contract: i64) -> bool {
    policy::sees_all_panels(actor) || sitting.is_shown(contract, &actor.username)
}

/// The panel as `actor` sees it.
pub(super) fn panel(ctx: &Context, actor: &Actor, sitting: &Sitting) -> Result<PanelView, Error> {
    let mut review = sitting.review.clone();
    review.contracts.retain(|c| shows(actor, sitting, c.contract_id));
    let lines = review.contracts.iter().map(|c| line(ctx, sitting, c));
    let lines = lines.collect::<Result<_, _>>()?;
    Ok(PanelView { review, lines })
}

fn line(ctx: &Context, sitting: &Sitting, contract: &PanelContract) -> Result<Line, Error> {
    let id = contract.contract_id;
    let rule = &ctx
        .catalogue
        .rule_set(&contract.rule_set)
        .ok_or_else(|| Error::internal(format!("no rule set {}", contract.rule_set)))?
        .expert_review;
    let quorum = match &contract.concluded {
        Some(done) => Quorum::of(rule, done.entitled, done.votes),
        None => Quorum::of(rule, sitting.entitled(id), sitting.ballots(id).len()),
    };
    let told = contract.concluded.is_some() && sitting.review.state == PanelState::Closed;
    let dissenting = || {
        let of_it = sitting.opinions.iter().filter(|o| o.contract_id == id);
        of_it.filter(|o| sitting.dissents(o) == Some(true)).count()
    };
    Ok(Line {
        contract: contract.clone(),
        quorum,
        chair_recused: sitting.is_recused(id, &sitting.review.chair),
        dissenting: told.then(dissenting),
    })
}

/// The opinions that `actor` may read: the own ones, and all once the panel is closed.
pub(super) fn opinions(actor: &Actor, sitting: &Sitting) -> Vec<OpinionView> {
    let closed = sitting.review.state == PanelState::Closed;
    sitting
        .opinions
        .iter()
        .filter(|o| shows(actor, sitting, o.contract_id) && (closed || o.username == actor.username))
        .map(|o| OpinionView {
            opinion: o.clone(),
            counts: sitting.counts(o),
            dissents: sitting.dissents(o),
            replaced: false,
        })
        .collect()
}

/// The recusals that `actor` may read: an expert those of the contracts that he or she sees.
pub(super) fn recusals(actor: &Actor, sitting: &Sitting) -> Vec<Recusal> {
    let all = sitting.recusals.iter();
    all.filter(|r| shows(actor, sitting, r.contract_id)).cloned().collect()
}
