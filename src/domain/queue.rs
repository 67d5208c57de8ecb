//! Work queues: which contracts wait for whom. What belongs to a queue is said once, by the store's filter of that queue
//! (`storage::queues`), which the counts and the lists share.

use super::account::Role;

/// A work queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Queue {
    /// Drafts of the registrar's agency.
    Drafts,
    /// Returned contracts of the agency that the registrar entered or submitted.
    ReturnedToMe,
    /// Contracts of the agency that are submitted and not decided.
    Waiting,
    /// Contracts of the agency with a change request that is not decided.
    ChangeRequests,
    /// Contracts that the reviewer has claimed, those before experts included.
    Mine,
    /// Submitted contracts that nobody has claimed and that the reviewer may decide.
    Unclaimed,
    /// Undecided contracts past their last day that the reviewer may decide.
    Overdue,
    /// Undecided contracts whose last day is near and that the reviewer may decide.
    DueSoon,
    /// Contracts that the reviewer has claimed and that wait for experts.
    WaitingForExperts,
    /// Contracts of the expert's panels that are not concluded.
    Panels,
}

impl Queue {
    /// Every queue, in the order in which they are shown.
    pub const ALL: [Self; 10] = [
        Self::Drafts,
        Self::ReturnedToMe,
        Self::Waiting,
        Self::ChangeRequests,
        Self::Mine,
        Self::Unclaimed,
        Self::Overdue,
        Self::DueSoon,
        Self::WaitingForExperts,
        Self::Panels,
    ];

    /// The id, as in JSON and in `queue=`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Drafts => "drafts",
            Self::ReturnedToMe => "returned_to_me",
            Self::Waiting => "waiting",
            Self::ChangeRequests => "change_requests",
            Self::Mine => "mine",
            Self::Unclaimed => "unclaimed",
            Self::Overdue => "overdue",
            Self::DueSoon => "due_soon",
            Self::WaitingForExperts => "waiting_for_experts",
            Self::Panels => "panels",
        }
    }

    /// The Chinese title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Drafts => "草稿",
            Self::ReturnedToMe => "退回我补正",
            Self::Waiting => "待审核结果",
            Self::ChangeRequests => "变更、注销申请待决定",
            Self::Mine => "我领取的",
            Self::Unclaimed => "待领取",
            Self::Overdue => "已逾期",
            Self::DueSoon => "即将到期",
            Self::WaitingForExperts => "等待专家论证",
            Self::Panels => "我的论证",
        }
    }

    /// The role whose work it holds.
    pub const fn role(self) -> Role {
        match self {
            Self::Drafts | Self::ReturnedToMe | Self::Waiting | Self::ChangeRequests => Role::Registrar,
            Self::Mine | Self::Unclaimed | Self::Overdue | Self::DueSoon | Self::WaitingForExperts => Role::Reviewer,
            Self::Panels => Role::Expert,
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|q| q.id() == id)
    }
}
