//! Expert panels as callers get them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{
        contract::ExpertConclusion,
        expert_review::{Ballot, Recusal},
        money::Fen,
        time::Date,
    },
    usecases::expert_reviews::{Line, OpinionView, PanelView, Tallied},
};

/// A panel, with the contracts that the caller may know of.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertReviewOut {
    id: i64,
    title: String,
    held_on: Date,
    /// Username.
    chair: String,
    /// Username of the reviewer.
    convened_by: String,
    /// `open` or `closed`.
    state: &'static str,
    created_at: String,
    /// When its last contract was concluded or recalled.
    closed_at: Option<String>,
    experts: Vec<ExpertOut>,
    contracts: Vec<PanelContractOut>,
}

/// A member of a panel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertOut {
    username: String,
    full_name: Option<String>,
    /// False where the account is locked or no expert's any more: no vote is to be waited for.
    active: bool,
}

/// A contract before a panel.
#[derive(Debug, Serialize, ToSchema)]
pub struct PanelContractOut {
    contract_id: i64,
    /// `open`, `concluded` or `recalled`.
    state: &'static str,
    /// Members but for the recused, and those who cannot vote any more and did not.
    entitled: usize,
    /// Votes given by those entitled.
    votes: usize,
    /// Fewest votes that make a quorum.
    votes_needed: usize,
    /// The round of voting, from 1 on.
    round: i64,
    /// `open` or `closed`. Once closed, opinions are final, and the panel reads them.
    voting: &'static str,
    voting_closed_at: Option<String>,
    /// Username.
    voting_closed_by: Option<String>,
    /// What more than half of those entitled said. Null while voting is open, where there is no majority, and for who may not read
    /// the opinions yet.
    majority: Option<BallotOut>,
    /// The chair stays out of it: nobody can conclude before the convener names another.
    chair_recused: bool,
    conclusion: Option<BallotOut>,
    /// Votes that differ from the conclusion; null before the panel is closed.
    dissenting: Option<usize>,
    /// Why it was so concluded, or recalled.
    reason: Option<String>,
    ended_at: Option<String>,
    /// Username.
    ended_by: Option<String>,
}

/// A vote, or what was concluded.
#[derive(Debug, Serialize, ToSchema)]
pub struct BallotOut {
    /// `recognise`, `recognise_with_changes` or `not_recognise`.
    vote: &'static str,
    /// Code list `type`; null: as entered. So with the next two.
    #[serde(rename = "type")]
    contract_type: Option<String>,
    subtype: Option<String>,
    /// Fen.
    technology_amount_fen: Option<Fen>,
}

/// A page of panels.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertReviewPage {
    pub(super) items: Vec<ExpertReviewOut>,
    /// Where the next page begins; null on the last one.
    pub(super) next_cursor: Option<String>,
}

/// Somebody stays out of a contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecusalOut {
    pub(super) id: i64,
    contract_id: i64,
    username: String,
    /// `declared` or `computed`.
    kind: &'static str,
    reason: String,
    /// Username of the expert, the convener, or whose act brought the two together.
    recorded_by: String,
    at: String,
}

/// Recusals.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecusalPage {
    pub(super) items: Vec<RecusalOut>,
    /// Where the next page begins; null on the last one.
    pub(super) next_cursor: Option<String>,
}

/// An opinion.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpinionOut {
    pub(super) id: i64,
    contract_id: i64,
    username: String,
    /// The round of voting in which it was given.
    round: i64,
    #[serde(flatten)]
    ballot: BallotOut,
    text: String,
    at: String,
    /// False where its author stays out of the contract.
    counts: bool,
    /// Whether it differs from the conclusion; null while there is none, and in an earlier round than the last.
    dissents: Option<bool>,
    /// Random; part of what `digest` is made of.
    salt: String,
    /// SHA-256 of the opinion as canonical JSON, as in the ledger.
    digest: String,
}

/// Opinions.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpinionPage {
    pub(super) items: Vec<OpinionOut>,
    /// Where the next page begins; null on the last one.
    pub(super) next_cursor: Option<String>,
}

/// What experts concluded on the current submission of a contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertConclusionOut {
    expert_review_id: i64,
    at: String,
    /// `recognise`, `recognise_with_changes` or `not_recognise`.
    conclusion: &'static str,
    /// Code list `type`; null: as entered. So with the next two.
    #[serde(rename = "type")]
    contract_type: Option<String>,
    subtype: Option<String>,
    /// Fen.
    technology_amount_fen: Option<Fen>,
}

impl From<ExpertConclusion> for ExpertConclusionOut {
    fn from(c: ExpertConclusion) -> Self {
        Self {
            expert_review_id: c.expert_review_id,
            at: c.at.to_string(),
            conclusion: c.conclusion.id(),
            contract_type: c.contract_type,
            subtype: c.subtype,
            technology_amount_fen: c.technology_amount_fen,
        }
    }
}

impl From<PanelView> for ExpertReviewOut {
    fn from(view: PanelView) -> Self {
        let review = view.review;
        let experts = review.members.into_iter().map(|m| ExpertOut {
            username: m.username,
            full_name: m.full_name,
            active: m.active,
        });
        Self {
            id: review.id,
            title: review.title,
            held_on: review.held_on,
            chair: review.chair,
            convened_by: review.convened_by,
            state: review.state.id(),
            created_at: review.created_at.to_string(),
            closed_at: review.closed_at.map(|m| m.to_string()),
            experts: experts.collect(),
            contracts: view.lines.into_iter().map(PanelContractOut::from).collect(),
        }
    }
}

impl From<Line> for PanelContractOut {
    fn from(line: Line) -> Self {
        let closed = line.contract.closed_voting();
        Self {
            contract_id: line.contract.contract_id,
            state: line.contract.outcome.id(),
            entitled: line.quorum.entitled,
            votes: line.quorum.votes,
            votes_needed: line.quorum.needed,
            round: line.contract.round(),
            voting: if closed.is_some() { "closed" } else { "open" },
            voting_closed_at: closed.map(|c| c.at.to_string()),
            voting_closed_by: closed.map(|c| c.by.clone()),
            majority: match line.tallied {
                Some(Tallied::Majority(ballot)) => Some(ballot.into()),
                Some(Tallied::NoMajority) | None => None,
            },
            chair_recused: line.chair_recused,
            conclusion: line.contract.concluded.map(|c| c.ballot.into()),
            dissenting: line.dissenting,
            reason: line.contract.reason,
            ended_at: line.contract.ended_at.map(|m| m.to_string()),
            ended_by: line.contract.ended_by,
        }
    }
}

impl From<Ballot> for BallotOut {
    fn from(ballot: Ballot) -> Self {
        Self {
            vote: ballot.vote.id(),
            contract_type: ballot.changes.contract_type,
            subtype: ballot.changes.subtype,
            technology_amount_fen: ballot.changes.technology_amount_fen,
        }
    }
}

impl From<Recusal> for RecusalOut {
    fn from(r: Recusal) -> Self {
        Self {
            id: r.id,
            contract_id: r.contract_id,
            username: r.username,
            kind: r.kind.id(),
            reason: r.reason,
            recorded_by: r.recorded_by,
            at: r.recorded_at.to_string(),
        }
    }
}

impl From<OpinionView> for OpinionOut {
    fn from(view: OpinionView) -> Self {
        let o = view.opinion;
        Self {
            id: o.id,
            contract_id: o.contract_id,
            username: o.username,
            round: o.round,
            ballot: o.ballot.into(),
            text: o.text,
            at: o.given_at.to_string(),
            counts: view.counts,
            dissents: view.dissents,
            salt: o.salt,
            digest: o.digest,
        }
    }
}
