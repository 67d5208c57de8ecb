//! 变更与注销申请: what an agency asks to be changed in a confirmed contract. A reviewer decides; what the decision does to the
//! contract is the business of the use cases.

use serde_json::Value;

use super::{contract::Content, time::Moment, workflow::Action};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// 变更: another content.
    Amend,
    /// 注销: the end of the registration.
    Cancel,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Amend, Self::Cancel];

    /// The id, as in JSON and in the store.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Amend => "amend",
            Self::Cancel => "cancel",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.id() == id)
    }

    /// What happens to the contract when the request is approved.
    pub const fn action(self) -> Action {
        match self {
            Self::Amend => Action::Amend,
            Self::Cancel => Action::Cancel,
        }
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestState {
    /// 待审核
    Open,
    /// 已批准: what was asked for is done.
    Approved,
    /// 未批准
    Refused,
    /// 已撤回, by the agency.
    Withdrawn,
    /// 已关闭: the contract was revoked, or an import made it something else, before anyone decided.
    Closed,
}

impl RequestState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Open, Self::Approved, Self::Refused, Self::Withdrawn, Self::Closed];

    /// The id, as in JSON and in the store.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Closed => "closed",
        }
    }

    /// The Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "待审核",
            Self::Approved => "已批准",
            Self::Refused => "未批准",
            Self::Withdrawn => "已撤回",
            Self::Closed => "已关闭",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.id() == id)
    }
}

/// What may be done with an open request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// 批准, by a reviewer.
    Approve,
    /// 不批准, by a reviewer.
    Refuse,
    /// 撤回, by the agency.
    Withdraw,
}

impl Decision {
    /// Every decision.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Refuse, Self::Withdraw];

    /// The id, as in paths and JSON.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Refuse => "refuse",
            Self::Withdraw => "withdraw",
        }
    }

    /// The state that it leads to.
    pub const fn leads_to(self) -> RequestState {
        match self {
            Self::Approve => RequestState::Approved,
            Self::Refuse => RequestState::Refused,
            Self::Withdraw => RequestState::Withdrawn,
        }
    }
}

/// How a request came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The state reached; never `open`.
    pub state: RequestState,
    /// Username of who decided; of who revoked the contract where that closed the request.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Why, or a note.
    pub reason: Option<String>,
    /// 文书号 of the decision.
    pub document_number: Option<String>,
}

/// A request for a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRequest {
    /// Key in the store; 0 before it has one.
    pub id: i64,
    /// Key of the contract.
    pub contract_id: i64,
    /// What is asked for.
    pub kind: ChangeKind,
    /// `amend`: the merge patch (RFC 7396) as it came.
    pub changes: Option<Value>,
    /// `amend`: what the patch makes of the content of `base_revision`: the next revision, if approved.
    pub content: Option<Content>,
    /// `cancel`: id of the code list `cancellation_ground`.
    pub ground: Option<String>,
    /// Why, in the registrar's words.
    pub reason: String,
    /// Keys of attachments of the contract.
    pub attachments: Vec<i64>,
    /// Version of the contract that the registrar had seen.
    pub base_version: i64,
    /// Revision of the contract that it was made on.
    pub base_revision: i64,
    /// Username of the registrar.
    pub requested_by: String,
    /// When.
    pub requested_at: Moment,
    /// None while it is open.
    pub decided: Option<Decided>,
}

impl ChangeRequest {
    /// Where it stands.
    pub fn state(&self) -> RequestState {
        self.decided.as_ref().map_or(RequestState::Open, |d| d.state)
    }
}
