//! What is counted: plain facts, handed in one by one by whoever reads the store. Ids of code lists that many rows carry are
//! indexes here (see [`super::coder::Coder`]), so that counting a hundred thousand rows takes milliseconds.

use serde::{Deserialize, Serialize};

use crate::domain::{
    money::Fen,
    time::{Date, Moment},
    workflow::State,
};

/// Index of a code that is missing or not on its list: counted in the total and in no item of the section.
pub const UNKNOWN: u8 = u8::MAX;

/// One contract that is in force at the moment asked for, with the values of the revision valid then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// First confirmation: decides the year.
    pub first_confirmed_at: Moment,
    /// 合同成交额.
    pub amount_fen: Fen,
    /// 技术交易额; 0 where history does not say.
    pub technology_amount_fen: Fen,
    /// 归属单位: index in the list `unit`.
    pub unit: u8,
    /// 合同类别: index in the list `type`.
    pub contract_type: u8,
    /// 计划来源: index in the list `plan_source`.
    pub plan_source: u8,
    /// 卖方性质: index in the list `party_kind`.
    pub seller_kind: u8,
    /// 技术领域: index in the list `field`.
    pub field: u8,
    /// 流向: index in the list `flow`.
    pub flow: u8,
    /// 进出口: index in the list `cross_border`.
    pub cross_border: u8,
}

/// Something that happened to a contract: experts concluded on it, or it was reinstated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Key of the contract: one that it happened to twice in a year counts once.
    pub contract: i64,
    /// When.
    pub at: Moment,
}

/// The end of a registration: 撤销 or 注销. Still a fact after a reinstatement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Key of the contract.
    pub contract: i64,
    /// From when it was no longer counted.
    pub at: Moment,
    /// `revoked` or `cancelled`.
    pub state: State,
    /// Id of the ground, where known.
    pub ground: Option<String>,
    /// 合同成交额 of the revision that was valid at the end.
    pub amount_fen: Fen,
}

/// What the self-audits of a year came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditOutcome {
    /// Contracts drawn.
    pub drawn: i64,
    /// Of these, checked.
    pub checked: i64,
    /// Of these, found wrong.
    pub wrong: i64,
}

/// Calendar days to a decision where they are unknown.
pub const NO_DAYS: u16 = u16::MAX;

/// How a contract was handled on its way to confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handling {
    /// Calendar days from submission to confirmation, Beijing; [`NO_DAYS`] where unknown.
    pub days: u16,
    /// 1 where it was made on the last day or before, 0 where later, [`UNKNOWN`] where no last day is known.
    pub in_time: u8,
    /// Whether it was returned for correction before.
    pub returned: bool,
}

impl Handling {
    /// Of a contract confirmed at `confirmed`.
    pub fn of(confirmed: Moment, submitted: Option<Moment>, due_on: Option<Date>, returned: bool) -> Self {
        let day = confirmed.date();
        let days = submitted.map(|at| (day - at.date()).num_days());
        Self {
            days: days
                .and_then(|days| u16::try_from(days).ok())
                .map_or(NO_DAYS, |days| days.min(NO_DAYS - 1)),
            in_time: due_on.map_or(UNKNOWN, |due| u8::from(day <= due)),
            returned,
        }
    }
}

/// Which yearly amount a reference figure gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferenceKind {
    /// 成交额 of a year from before the register.
    Amount,
    /// 成交额规划目标.
    AmountTarget,
}

/// A yearly amount that the register cannot know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReferenceFigure {
    /// Which amount.
    pub kind: ReferenceKind,
    /// Of which year.
    pub year: i32,
    /// How much.
    pub amount_fen: Fen,
}

/// Where the ledger stood when the figures were computed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerHead {
    /// Sequence of the last entry; 0 for an empty ledger.
    pub sequence: i64,
    /// Its hash, lower-case hex.
    pub hash: String,
}
