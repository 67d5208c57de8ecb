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

/// A registrar certificate (登记员证书) as it stands now. How it came to stand so (periods, suspensions): [`super::registrar`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its number.
    pub number: String,
    /// The day of its first issue.
    pub issued_on: Date,
    /// Last day of the current period of validity; none where it does not run out.
    pub valid_until: Option<Date>,
    /// The suspension that is not over and not lifted.
    pub suspension: Option<Suspended>,
}

/// The days of a suspension, first and last day included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspended {
    /// First day.
    pub from_on: Date,
    /// Last day; none until it is lifted.
    pub until_on: Option<Date>,
}

impl Suspended {
    /// Whether it covers a day.
    pub fn covers(self, day: Date) -> bool {
        self.from_on <= day && self.until_on.is_none_or(|last| day <= last)
    }

    /// Whether its last day is before `day`.
    pub fn is_over_on(self, day: Date) -> bool {
        self.until_on.is_some_and(|last| last < day)
    }
}

/// How a certificate stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CertificateState {
    /// Issued for a later day.
    NotYetValid,
    /// Gives the right to submit.
    Valid,
    /// Within its validity, but suspended.
    Suspended,
    /// Run out, whether or not it was suspended too.
    Expired,
}

impl CertificateState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::NotYetValid, Self::Valid, Self::Suspended, Self::Expired];

    /// The id, as in JSON.
    pub const fn id(self) -> &'static str {
        match self {
            Self::NotYetValid => "not_yet_valid",
            Self::Valid => "valid",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.id() == id)
    }
}

impl Certificate {
    /// A certificate that is not suspended.
    pub const fn new(number: String, issued_on: Date, valid_until: Option<Date>) -> Self {
        Self {
            number,
            issued_on,
            valid_until,
            suspension: None,
        }
    }

    /// How it stands on a day, today or later: a gap before the current period of validity is not told here.
    pub fn state_on(&self, day: Date) -> CertificateState {
        if day < self.issued_on {
            CertificateState::NotYetValid
        } else if self.valid_until.is_some_and(|last| last < day) {
            CertificateState::Expired
        } else if self.suspension.is_some_and(|s| s.covers(day)) {
            CertificateState::Suspended
        } else {
            CertificateState::Valid
        }
    }

    /// Whether it gives the right to submit on a day (today or later), first and last day included: within its validity and not
    /// suspended.
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.state_on(day) == CertificateState::Valid
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
