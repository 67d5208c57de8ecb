//! Self-audits 自查: a sample of a year's registrations is looked at again, what was wrong is revoked, and the report says how far
//! the sample speaks for the rest.
//!
//! Pure: [`draw`] takes the sample, [`assign`] hands it out, [`estimate`] and [`report`] say what was found. Which design draws
//! how, exactly enough to be repeated without this program, is in `docs/SELF-AUDIT.md`. Absent: who may do what (`policy`), the
//! store, the clock, randomness (a seed is handed in).

pub mod assign;
pub mod draw;
pub mod estimate;
mod interval;
pub mod report;
pub mod words;

use serde::{Deserialize, Serialize};

use super::money::Fen;

/// Contracts that one self-audit may draw: more than a year of the largest registers, and what one transaction can write.
pub const MOST_ITEMS: usize = 100_000;

/// Auditors of one self-audit at most.
pub const MOST_AUDITORS: usize = 50;

/// By what the population is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StratifyBy {
    /// 归属单位.
    Unit,
    /// 合同类别.
    Type,
    /// 技术领域.
    Field,
}

impl StratifyBy {
    /// Every criterion.
    pub const ALL: [Self; 3] = [Self::Unit, Self::Type, Self::Field];

    /// The id, as in JSON.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Type => "type",
            Self::Field => "field",
        }
    }

    /// In Chinese.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unit => "归属单位",
            Self::Type => "合同类别",
            Self::Field => "技术领域",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.id() == id)
    }
}

/// How the sample is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Design {
    /// Every contract.
    All,
    /// Simple random sampling without replacement.
    Random {
        /// Contracts to draw; no more than there are.
        size: usize,
        /// What the order is made of.
        seed: String,
    },
    /// Simple random sampling within strata, allotted in proportion to their sizes, at least one of each.
    Stratified {
        /// What makes a stratum, in this order.
        by: Vec<StratifyBy>,
        /// Contracts to draw in all; raised to one a stratum.
        size: Option<usize>,
        /// Instead of `size`: the share to draw, over 0 up to 1; rounded up.
        rate: Option<f64>,
        /// What the order is made of.
        seed: String,
    },
    /// Probability proportional to 合同成交额, without replacement: what is large enough is certain, the rest is drawn systematically.
    AmountWeighted {
        /// Contracts to draw; no more than there are with an amount.
        size: usize,
        /// What order and start are made of.
        seed: String,
    },
    /// Those with the most and gravest findings of the checks: no random sample, so nothing follows for the rest.
    RiskyFirst {
        /// Contracts to draw; no more than there are.
        size: usize,
    },
}

impl Design {
    /// The seed, where chance has a part.
    pub fn seed(&self) -> Option<&str> {
        match self {
            Self::All | Self::RiskyFirst { .. } => None,
            Self::Random { seed, .. } | Self::Stratified { seed, .. } | Self::AmountWeighted { seed, .. } => Some(seed),
        }
    }

    /// The id, as in JSON.
    pub const fn id(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Random { .. } => "random",
            Self::Stratified { .. } => "stratified",
            Self::AmountWeighted { .. } => "amount_weighted",
            Self::RiskyFirst { .. } => "risky_first",
        }
    }

    /// The Chinese name.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::All => "全部检查",
            Self::Random { .. } => "简单随机抽样",
            Self::Stratified { .. } => "分层随机抽样",
            Self::AmountWeighted { .. } => "按金额加权抽样",
            Self::RiskyFirst { .. } => "风险优先",
        }
    }
}

/// Which contracts of the year are looked at; what is none is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Code list `unit`.
    pub unit: Option<String>,
    /// Code list `type`.
    #[serde(rename = "type")]
    pub contract_type: Option<String>,
    /// Code list `field`.
    pub field: Option<String>,
    /// Six digits of a registration agency.
    pub agency: Option<String>,
    /// Least 合同成交额, in fen.
    pub amount_from_fen: Option<Fen>,
    /// Greatest 合同成交额, in fen, included.
    pub amount_to_fen: Option<Fen>,
}

/// Where a self-audit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditState {
    /// 检查中: drawn and being worked on.
    Drawn,
    /// 已完成: what was wrong is revoked; nothing changes any more.
    Completed,
    /// 已终止: given up, nothing was revoked.
    Abandoned,
}

impl AuditState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Drawn, Self::Completed, Self::Abandoned];

    /// The id, as in JSON and in the store.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Drawn => "drawn",
            Self::Completed => "completed",
            Self::Abandoned => "abandoned",
        }
    }

    /// The Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Drawn => "检查中",
            Self::Completed => "已完成",
            Self::Abandoned => "已终止",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.id() == id)
    }
}

/// Where one contract of the sample stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// 待检查.
    Open,
    /// 无误.
    Right,
    /// 有误: to be revoked.
    Wrong,
}

impl ItemState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Right, Self::Wrong];

    /// The id, as in JSON and in the store; those but `open` are a finding's verdict.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Right => "right",
            Self::Wrong => "wrong",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.id() == id)
    }
}

/// A part of the population, drawn by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stratum {
    /// `all`; the ids that make it, joined by `/` (`-` for what is not known); or, weighted by amount, `certain` and `sampled`.
    pub id: String,
    /// Contracts in the population.
    pub contracts: i64,
    /// Their 合同成交额, in fen.
    pub amount_fen: Fen,
    /// Contracts drawn.
    pub drawn: i64,
}
