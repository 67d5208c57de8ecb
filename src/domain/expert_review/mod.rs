//! Expert panels 专家论证: who sits on which contracts, who stays out, what was said, and what follows from it.
//!
//! `tally` has quorum and majority, `conflict` the conflicts of interest that can be computed, `heed` what a conclusion means for
//! the reviewer who decides. Who may convene, recuse, vote and conclude is `policy`'s business.

pub mod conflict;
pub mod heed;
pub mod tally;

use serde::{Deserialize, Serialize};

use super::{
    catalogue::Catalogue,
    code_list::ListName,
    contract::Conclusion,
    ledger::{canonical, sha256_hex},
    money::Fen,
    time::{Date, Moment},
};
pub use tally::{NoConclusion, Quorum, tally};

/// Whether a panel is still at work. It closes by itself when each of its contracts is concluded or recalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelState {
    /// 论证中
    Open,
    /// 已结束
    Closed,
}

impl PanelState {
    /// The id, as in JSON and in the store.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Open, Self::Closed].into_iter().find(|s| s.id() == id)
    }
}

/// What became of a contract on a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// 待论证
    Open,
    /// 已形成结论
    Concluded,
    /// 已收回: the panel could not meet.
    Recalled,
}

impl Outcome {
    /// The id, as in JSON and in the store.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Concluded => "concluded",
            Self::Recalled => "recalled",
        }
    }

    /// The Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "待论证",
            Self::Concluded => "已形成结论",
            Self::Recalled => "已收回",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Open, Self::Concluded, Self::Recalled]
            .into_iter()
            .find(|s| s.id() == id)
    }
}

/// A panel: its session, its members, its contracts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpertReview {
    /// Key in the store.
    pub id: i64,
    /// What the session is called.
    pub title: String,
    /// The day of the session.
    pub held_on: Date,
    /// 组长: username of the member who concludes.
    pub chair: String,
    /// Username of the reviewer who convened it.
    pub convened_by: String,
    /// Whether it is at work.
    pub state: PanelState,
    /// When it was convened.
    pub created_at: Moment,
    /// When its last contract was concluded or recalled.
    pub closed_at: Option<Moment>,
    /// Who sits on it, by username.
    pub members: Vec<Member>,
    /// What is before it, by key.
    pub contracts: Vec<PanelContract>,
}

impl ExpertReview {
    /// Whether someone sits on the panel.
    pub fn seats(&self, username: &str) -> bool {
        self.members.iter().any(|m| m.username == username)
    }

    /// A contract of the panel.
    pub fn contract(&self, id: i64) -> Option<&PanelContract> {
        self.contracts.iter().find(|c| c.contract_id == id)
    }
}

/// Someone who sits on a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Username of an expert.
    pub username: String,
    /// The person's name, where the account has one.
    pub full_name: Option<String>,
    /// Set where the expert stays out of the whole panel: contracts that join it later, too.
    pub recusal_reason: Option<String>,
    /// Whether the account is an expert's and not locked now: who is no expert any more, or cannot log in, cannot vote.
    pub active: bool,
}

/// A contract before a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelContract {
    /// Key of the contract.
    pub contract_id: i64,
    /// What became of it here.
    pub outcome: Outcome,
    /// Id of the contract's rule set: quorum and majority.
    pub rule_set: String,
    /// Rounds of voting, the first one first: at least one, and all but the last are closed.
    pub rounds: Vec<Round>,
    /// Set once it is concluded.
    pub concluded: Option<Concluded>,
    /// Why it was so concluded, or why it was recalled.
    pub reason: Option<String>,
    /// When it was concluded or recalled.
    pub ended_at: Option<Moment>,
    /// Username of who concluded or recalled it.
    pub ended_by: Option<String>,
}

impl PanelContract {
    /// Number of the round that counts, from 1 on.
    pub fn round(&self) -> i64 {
        self.rounds.last().map_or(1, |round| round.number)
    }

    /// How voting closed; none while it is open.
    pub fn closed_voting(&self) -> Option<&ClosedVoting> {
        self.closed_round(self.round())
    }

    /// How voting closed in a round; none while it is open.
    pub fn closed_round(&self, number: i64) -> Option<&ClosedVoting> {
        self.rounds.iter().find(|r| r.number == number)?.closed.as_ref()
    }
}

/// A round of voting on a contract of a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// From 1 on.
    pub number: i64,
    /// When it was opened.
    pub opened_at: Moment,
    /// Username of who opened it: of the first, who brought the contract before the panel.
    pub opened_by: String,
    /// Set once it is closed: from then on its opinions are final, and open to the panel.
    pub closed: Option<ClosedVoting>,
}

/// How a round of voting closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedVoting {
    /// When.
    pub at: Moment,
    /// Username of who closed it.
    pub by: String,
    /// How many were entitled to vote then.
    pub entitled: usize,
    /// How many of them had voted.
    pub votes: usize,
}

/// A conclusion and the numbers it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concluded {
    /// What was concluded.
    pub ballot: Ballot,
    /// How many were entitled to vote: [`Sitting::entitled`].
    pub entitled: usize,
    /// How many of them voted.
    pub votes: usize,
}

/// What an expert votes for, or a panel concludes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ballot {
    /// The vote.
    pub vote: Conclusion,
    /// What is to be changed; nothing but with `recognise_with_changes`.
    pub changes: Proposal,
}

impl Ballot {
    /// In words: 调整后认定（合同类别：技术服务；技术交易额：500.00 元）. `yuan` writes amounts in 元.
    pub fn in_words(&self, catalogue: &Catalogue, yuan: impl Fn(Fen) -> String) -> String {
        let label = |list: ListName, code: &String| catalogue.list(list).label(code).unwrap_or(code).to_owned();
        let changes = &self.changes;
        let parts: Vec<String> = [
            changes
                .contract_type
                .as_ref()
                .map(|code| format!("合同类别：{}", label(ListName::Type, code))),
            changes
                .subtype
                .as_ref()
                .map(|code| format!("合同子类：{}", label(ListName::Subtype, code))),
            changes
                .technology_amount_fen
                .map(|fen| format!("技术交易额：{} 元", yuan(fen))),
        ]
        .into_iter()
        .flatten()
        .collect();
        if parts.is_empty() {
            self.vote.label().to_owned()
        } else {
            format!("{}（{}）", self.vote.label(), parts.join("；"))
        }
    }
}

/// What experts would have different from what was entered; `None` leaves it as entered, so that equal proposals are equal values.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Proposal {
    /// Code list `type`.
    pub contract_type: Option<String>,
    /// Code list `subtype`.
    pub subtype: Option<String>,
    /// 技术交易额, in fen.
    pub technology_amount_fen: Option<Fen>,
}

impl Proposal {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// 专家意见.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// Key in the store.
    pub id: i64,
    /// Key of the contract.
    pub contract_id: i64,
    /// Username of the expert.
    pub username: String,
    /// The round in which it was given.
    pub round: i64,
    /// The vote.
    pub ballot: Ballot,
    /// In words.
    pub text: String,
    /// When it was given, or replaced last.
    pub given_at: Moment,
    /// Random; without it the digest of a short opinion could be guessed.
    pub salt: String,
    /// [`opinion_digest`], as in the ledger.
    pub digest: String,
}

/// SHA-256 (lower-case hex) of an opinion as canonical JSON (RFC 8785): what the ledger has of it, so that it can be proved later
/// and yet is not told while opinions are blind. The round is a part of it from the second on: there was one only, once.
///
/// # Errors
/// Never for values that this program built.
pub fn opinion_digest(
    review: i64,
    (contract, round): (i64, i64),
    username: &str,
    ballot: &Ballot,
    text: &str,
    salt: &str,
) -> Result<String, serde_json::Error> {
    let mut said = serde_json::json!({
        "expert_review_id": review,
        "contract_id": contract,
        "username": username,
        "vote": ballot.vote,
        "type": ballot.changes.contract_type,
        "subtype": ballot.changes.subtype,
        "technology_amount_fen": ballot.changes.technology_amount_fen,
        "text": text,
        "salt": salt,
    });
    if round > 1 {
        said["round"] = round.into();
    }
    Ok(sha256_hex(canonical(&said)?.as_bytes()))
}

/// How it came that an expert stays out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecusalKind {
    /// Said by the expert, or by the convener for the expert.
    Declared,
    /// Found by [`conflict::conflicts`].
    Computed,
}

impl RecusalKind {
    /// The id, as in JSON and in the store.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Computed => "computed",
        }
    }

    /// The Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Declared => "申明回避",
            Self::Computed => "系统核出",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Declared, Self::Computed].into_iter().find(|k| k.id() == id)
    }
}

/// 回避: an expert stays out of one contract of a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recusal {
    /// Key in the store.
    pub id: i64,
    /// Key of the contract.
    pub contract_id: i64,
    /// Username of the expert.
    pub username: String,
    /// How it came.
    pub kind: RecusalKind,
    /// Why.
    pub reason: String,
    /// Username of who recorded it: the expert, the convener, or whose act brought the two together.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Moment,
}

/// A panel with all that was said on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitting {
    /// The panel.
    pub review: ExpertReview,
    /// Who stays out of what, by key.
    pub recusals: Vec<Recusal>,
    /// Who said what, by key.
    pub opinions: Vec<Opinion>,
}

impl Sitting {
    /// Whether an expert stays out of a contract.
    pub fn is_recused(&self, contract: i64, username: &str) -> bool {
        self.recusals
            .iter()
            .any(|r| r.contract_id == contract && r.username == username)
    }

    /// Whether an expert of the panel may know which contract this is: not where he or she stays out.
    pub fn is_shown(&self, contract: i64, username: &str) -> bool {
        self.review.seats(username) && self.review.contract(contract).is_some() && !self.is_recused(contract, username)
    }

    /// The opinions of the round that counts on a contract, those of who stays out among them.
    fn of_round(&self, contract: i64) -> impl Iterator<Item = &Opinion> {
        let round = self.review.contract(contract).map_or(1, PanelContract::round);
        self.opinions
            .iter()
            .filter(move |o| o.contract_id == contract && o.round == round)
    }

    /// Members who may vote on a contract, and those who voted in this round while they might: a vote stands when its author leaves
    /// office afterwards, unless a recusal takes it away. Who left without a vote is not waited for, so the panel can still meet.
    /// Once voting is closed: as it was then.
    pub fn entitled(&self, contract: i64) -> usize {
        if let Some(closed) = self.review.contract(contract).and_then(PanelContract::closed_voting) {
            return closed.entitled;
        }
        let voted = |username: &str| self.of_round(contract).any(|o| o.username == username);
        let members = self.review.members.iter();
        members
            .filter(|m| !self.is_recused(contract, &m.username) && (m.active || voted(&m.username)))
            .count()
    }

    /// Whether an opinion counts in its round: its author sits on the panel and does not stay out of the contract, or did not yet
    /// when voting closed.
    pub fn counts(&self, opinion: &Opinion) -> bool {
        let Some(line) = self.review.contract(opinion.contract_id) else {
            return false;
        };
        let closed_at = line.closed_round(opinion.round).map(|closed| closed.at);
        let stays_out = |r: &Recusal| {
            (r.contract_id, r.username.as_str()) == (opinion.contract_id, opinion.username.as_str())
                && closed_at.is_none_or(|at| r.recorded_at <= at)
        };
        self.review.seats(&opinion.username) && !self.recusals.iter().any(stays_out)
    }

    /// The opinions that count on a contract: those of its last round.
    pub fn counted(&self, contract: i64) -> impl Iterator<Item = &Opinion> {
        self.of_round(contract).filter(|o| self.counts(o))
    }

    /// The ballots that count on a contract.
    pub fn ballots(&self, contract: i64) -> Vec<&Ballot> {
        self.counted(contract).map(|o| &o.ballot).collect()
    }

    /// Whether a counted opinion differs from what was concluded; `None` while nothing is, and of an earlier round, which concluded
    /// nothing.
    pub fn dissents(&self, opinion: &Opinion) -> Option<bool> {
        let line = self.review.contract(opinion.contract_id)?;
        let concluded = line.concluded.as_ref()?;
        (opinion.round == line.round() && self.counts(opinion)).then(|| opinion.ballot != concluded.ballot)
    }

    /// Whether someone may read an opinion: its author; everyone who may know of the contract once the panel is closed; and, once
    /// voting on the contract is closed, the members who do not stay out of it.
    pub fn is_open_to(&self, opinion: &Opinion, username: &str) -> bool {
        opinion.username == username
            || self.review.state == PanelState::Closed
            || (self.voting_was_closed(opinion) && self.is_shown(opinion.contract_id, username))
    }

    fn voting_was_closed(&self, opinion: &Opinion) -> bool {
        let line = self.review.contract(opinion.contract_id);
        line.is_some_and(|line| line.closed_round(opinion.round).is_some())
    }
}
