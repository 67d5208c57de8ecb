//! People and what they may act as.

use serde::{Deserialize, Serialize};

use super::time::Date;

/// What a person acts as. A person may hold several business roles; `administrator` and `auditor` exclude every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 登记员: enters and submits contracts of the own agency.
    Registrar,
    /// 审核员: decides on submitted contracts.
    Reviewer,
    /// 专家: sits on expert panels.
    Expert,
    /// 统计员: statistics and what they are made of.
    Statistician,
    /// 审计员: reads everything, changes nothing.
    Auditor,
    /// 管理员: accounts, agencies, certificates, imports of history; no business act.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Registrar,
        Self::Reviewer,
        Self::Expert,
        Self::Statistician,
        Self::Auditor,
        Self::Administrator,
    ];

    /// The id, as in JSON and in the store.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Registrar => "registrar",
            Self::Reviewer => "reviewer",
            Self::Expert => "expert",
            Self::Statistician => "statistician",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// The Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Registrar => "登记员",
            Self::Reviewer => "审核员",
            Self::Expert => "专家",
            Self::Statistician => "统计员",
            Self::Auditor => "审计员",
            Self::Administrator => "管理员",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.id() == id)
    }

    /// Whether the role may not be held beside another.
    pub const fn is_exclusive(self) -> bool {
        matches!(self, Self::Auditor | Self::Administrator)
    }
}

/// Whether one person may hold all of `roles`: at least one, and an exclusive one alone.
pub fn roles_agree(roles: &[Role]) -> bool {
    match roles {
        [] => false,
        [_] => true,
        several => !several.iter().any(|r| r.is_exclusive()),
    }
}

/// A registrar certificate (登记员证书).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its number.
    pub number: String,
    /// First day of validity.
    pub issued_on: Date,
    /// Last day of validity; none where it does not run out.
    pub valid_until: Option<Date>,
}

impl Certificate {
    /// Whether it is valid on a day, first and last day included.
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.issued_on <= day && self.valid_until.is_none_or(|last| day <= last)
    }
}

/// Someone who is logged in, as the policy sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Name of the account, unique, never changed nor given again; `cli:<system user>` on the command line.
    pub username: String,
    /// Roles held now.
    pub roles: Vec<Role>,
    /// The agency that the account belongs to.
    pub agency_id: Option<i64>,
    /// The registrar certificate that the account holds.
    pub certificate: Option<Certificate>,
}

impl Actor {
    /// Whether the actor holds a role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
