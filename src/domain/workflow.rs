//! The workflow 认定登记 → 审核确认: states, actions, and the one table of transitions.

use serde::{Deserialize, Serialize};

/// Where a contract stands. Only `confirmed` counts in statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 草稿
    Draft,
    /// 待审核
    Submitted,
    /// 审核中
    UnderReview,
    /// 专家论证
    ExpertReview,
    /// 退回补正
    Returned,
    /// 已确认
    Confirmed,
    /// 不予登记
    Refused,
    /// 已撤回
    Withdrawn,
    /// 已注销
    Cancelled,
    /// 已撤销
    Revoked,
}

impl State {
    /// Every state, in the order of the workflow.
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::Submitted,
        Self::UnderReview,
        Self::ExpertReview,
        Self::Returned,
        Self::Confirmed,
        Self::Refused,
        Self::Withdrawn,
        Self::Cancelled,
        Self::Revoked,
    ];

    /// The id, as in JSON and in the store.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::UnderReview => "under_review",
            Self::ExpertReview => "expert_review",
            Self::Returned => "returned",
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Cancelled => "cancelled",
            Self::Revoked => "revoked",
        }
    }

    /// The Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::Submitted => "待审核",
            Self::UnderReview => "审核中",
            Self::ExpertReview => "专家论证",
            Self::Returned => "退回补正",
            Self::Confirmed => "已确认",
            Self::Refused => "不予登记",
            Self::Withdrawn => "已撤回",
            Self::Cancelled => "已注销",
            Self::Revoked => "已撤销",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.id() == id)
    }

    /// Whether the contract was confirmed once, whatever became of it.
    pub const fn was_confirmed(self) -> bool {
        matches!(self, Self::Confirmed | Self::Cancelled | Self::Revoked)
    }
}

/// What may be done with a contract's attachments. These are acts like the others, with a version and an entry in the ledger, but
/// no steps of the workflow: the contract stays where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileAct {
    /// 添加附件: while the contract is being prepared, and evidence for a change of a confirmed one.
    Attach,
    /// 移除附件: as long as nobody else has seen it. Afterwards attachments are added to, never taken away.
    Detach,
}

impl FileAct {
    /// The id, as in the ledger.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Attach => "attach",
            Self::Detach => "detach",
        }
    }

    /// The states in which it may be done; `detach` moreover only before the first submission.
    pub const fn states(self) -> &'static [State] {
        match self {
            Self::Attach => &[State::Draft, State::Returned, State::Confirmed],
            Self::Detach => &[State::Draft],
        }
    }
}

/// What may be done with a contract. `amend` and `cancel` happen when a reviewer approves the
/// registrar's change request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "TRANSITIONS documents each action")]
pub enum Action {
    Edit,
    Discard,
    Submit,
    Withdraw,
    Claim,
    Release,
    Reassign,
    Return,
    Refer,
    Recall,
    Conclude,
    Confirm,
    Refuse,
    Amend,
    Cancel,
    Revoke,
    Reinstate,
    Reopen,
    Report,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 19] = [
        Self::Edit,
        Self::Discard,
        Self::Submit,
        Self::Withdraw,
        Self::Claim,
        Self::Release,
        Self::Reassign,
        Self::Return,
        Self::Refer,
        Self::Recall,
        Self::Conclude,
        Self::Confirm,
        Self::Refuse,
        Self::Amend,
        Self::Cancel,
        Self::Revoke,
        Self::Reinstate,
        Self::Reopen,
        Self::Report,
    ];

    /// The id, as in paths, JSON and the ledger.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Discard => "discard",
            Self::Submit => "submit",
            Self::Withdraw => "withdraw",
            Self::Claim => "claim",
            Self::Release => "release",
            Self::Reassign => "reassign",
            Self::Return => "return",
            Self::Refer => "refer",
            Self::Recall => "recall",
            Self::Conclude => "conclude",
            Self::Confirm => "confirm",
            Self::Refuse => "refuse",
            Self::Amend => "amend",
            Self::Cancel => "cancel",
            Self::Revoke => "revoke",
            Self::Reinstate => "reinstate",
            Self::Reopen => "reopen",
            Self::Report => "report",
        }
    }

    /// The Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Edit => "修改",
            Self::Discard => "删除草稿",
            Self::Submit => "提交",
            Self::Withdraw => "撤回",
            Self::Claim => "领取",
            Self::Release => "放回",
            Self::Reassign => "接手",
            Self::Return => "退回补正",
            Self::Refer => "提请专家论证",
            Self::Recall => "收回专家论证",
            Self::Conclude => "形成论证结论",
            Self::Confirm => "审核确认",
            Self::Refuse => "不予登记",
            Self::Amend => "变更",
            Self::Cancel => "注销",
            Self::Revoke => "撤销登记",
            Self::Reinstate => "恢复登记",
            Self::Reopen => "重新受理",
            Self::Report => "登记国家系统编号",
        }
    }
}

/// One row of the table: from where to where an action leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The action.
    pub action: Action,
    /// States it starts from.
    pub from: &'static [State],
    /// State it ends in; `None` where the state stays as it is (`edit`, `amend`, `report`) or the contract goes (`discard`).
    pub to: Option<State>,
}

/// The workflow. `create` has no row: it starts a contract in `draft`.
pub const TRANSITIONS: [Transition; 19] = {
    use Action as A;
    use State as S;
    const fn row(action: Action, from: &'static [State], to: Option<State>) -> Transition {
        Transition { action, from, to }
    }
    [
        row(A::Edit, &[S::Draft, S::Returned], None),
        row(A::Discard, &[S::Draft], None),
        row(A::Submit, &[S::Draft, S::Returned], Some(S::Submitted)),
        row(A::Withdraw, &[S::Submitted, S::Returned], Some(S::Withdrawn)),
        row(A::Claim, &[S::Submitted], Some(S::UnderReview)),
        row(A::Release, &[S::UnderReview], Some(S::Submitted)),
        row(A::Reassign, &[S::UnderReview], None),
        row(A::Return, &[S::UnderReview], Some(S::Returned)),
        row(A::Refer, &[S::UnderReview], Some(S::ExpertReview)),
        row(A::Recall, &[S::ExpertReview], Some(S::UnderReview)),
        row(A::Conclude, &[S::ExpertReview], Some(S::UnderReview)),
        row(A::Confirm, &[S::UnderReview], Some(S::Confirmed)),
        row(A::Refuse, &[S::UnderReview], Some(S::Refused)),
        row(A::Amend, &[S::Confirmed], None),
        row(A::Cancel, &[S::Confirmed], Some(S::Cancelled)),
        row(A::Revoke, &[S::Confirmed], Some(S::Revoked)),
        row(A::Reinstate, &[S::Revoked, S::Cancelled], Some(S::Confirmed)),
        row(A::Reopen, &[S::Refused], Some(S::Submitted)),
        row(A::Report, &[S::Confirmed], None),
    ]
};

/// The row of an action.
pub fn transition(action: Action) -> &'static Transition {
    // Every action has a row: `every_action_has_one_row` below.
    TRANSITIONS
        .iter()
        .find(|t| t.action == action)
        .unwrap_or(&TRANSITIONS[0])
}

/// The state after `action`, or `None` where the table forbids it.
pub fn next_state(state: State, action: Action) -> Option<State> {
    let row = transition(action);
    row.from.contains(&state).then(|| row.to.unwrap_or(state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_one_row() {
        for action in Action::ALL {
            assert_eq!(
                TRANSITIONS.iter().filter(|t| t.action == action).count(),
                1,
                "{action:?}"
            );
        }
    }
}
