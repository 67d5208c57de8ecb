//! A panel as a caller sees it. An expert is not told of contracts that he or she stays out of; of single votes, and of what they
//! give, the panel is told once voting is closed, everyone else once the panel is.

use crate::{
    domain::{
        account::Actor,
        expert_review::{Ballot, ExpertReview, Opinion, PanelContract, PanelState, Quorum, Recusal, Sitting},
        policy,
    },
    usecases::{Context, Error},
};

use super::panel;

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
    /// What the votes give, once voting is closed and for who may read them: [`Tallied`].
    pub tallied: Option<Tallied>,
}

/// What the votes of a closed round give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tallied {
    /// More than half of those entitled said this.
    Majority(Ballot),
    /// Nothing: another round, or none.
    NoMajority,
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
pub(super) fn seen(ctx: &Context, actor: &Actor, sitting: &Sitting) -> Result<PanelView, Error> {
    let mut review = sitting.review.clone();
    review.contracts.retain(|c| shows(actor, sitting, c.contract_id));
    let lines = review.contracts.iter().map(|c| line(ctx, actor, sitting, c));
    let lines = lines.collect::<Result<_, _>>()?;
    Ok(PanelView { review, lines })
}

fn line(ctx: &Context, actor: &Actor, sitting: &Sitting, contract: &PanelContract) -> Result<Line, Error> {
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
    let reads = sitting.counted(id).all(|o| sitting.is_open_to(o, &actor.username));
    let tallied = match contract.closed_voting() {
        Some(_) if reads => Some(match panel::counted(ctx, sitting, contract)? {
            Ok((ballot, _)) => Tallied::Majority(ballot.clone()),
            Err(_) => Tallied::NoMajority,
        }),
        _ => None,
    };
    Ok(Line {
        contract: contract.clone(),
        tallied,
        quorum,
        chair_recused: sitting.is_recused(id, &sitting.review.chair),
        dissenting: told.then(dissenting),
    })
}

/// The opinions that `actor` may read: the own ones; those of the panel once voting is closed; all once the panel is closed.
pub(super) fn opinions(actor: &Actor, sitting: &Sitting) -> Vec<OpinionView> {
    sitting
        .opinions
        .iter()
        .filter(|o| shows(actor, sitting, o.contract_id) && sitting.is_open_to(o, &actor.username))
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
