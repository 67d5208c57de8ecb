//! Kinds of file that the office imports.

use serde::{Deserialize, Serialize};

use super::{
    ACTIVITY_COLUMNS, ActivityRow, Column, FOLLOW_UP_COLUMNS, FollowUpRow, REFERENCE_COLUMNS, REGISTER_COLUMNS,
    REGISTRAR_COLUMNS, ReferenceRow, RegisterRow, RegistrarRow,
};

/// Header of the column that this program adds when it gives a file back with what is wrong marked; read again, it says nothing.
pub const REMARK_HEADER: &str = "错误说明";

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Contracts: the register itself.
    Register,
    /// Registrar certificates.
    Registrars,
    /// The survey of earlier contracts: fulfilment, tax relief, rewards.
    FollowUp,
    /// Training, guidance, matchmaking, technology managers.
    Activities,
    /// Totals from before the system, and plan targets.
    Reference,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Register,
        Self::Registrars,
        Self::FollowUp,
        Self::Activities,
        Self::Reference,
    ];

    /// The id, as on the command line and in the API.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Registrars => "registrars",
            Self::FollowUp => "follow-up",
            Self::Activities => "activities",
            Self::Reference => "reference",
        }
    }

    /// The Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Register => "技术合同登记台账",
            Self::Registrars => "登记员证书",
            Self::FollowUp => "履约与优惠跟踪调查",
            Self::Activities => "培训与服务活动",
            Self::Reference => "参考数据",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.id() == id)
    }

    /// Its columns, in the order of the form.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Register => REGISTER_COLUMNS,
            Self::Registrars => REGISTRAR_COLUMNS,
            Self::FollowUp => FOLLOW_UP_COLUMNS,
            Self::Activities => ACTIVITY_COLUMNS,
            Self::Reference => REFERENCE_COLUMNS,
        }
    }
}

/// A row of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A contract.
    Register(Box<RegisterRow>),
    /// A registrar certificate.
    Registrar(RegistrarRow),
    /// A surveyed contract.
    FollowUp(FollowUpRow),
    /// An activity.
    Activity(ActivityRow),
    /// A reference figure.
    Reference(ReferenceRow),
}

impl Row {
    /// What no two rows of a file may share: the number of a contract or certificate, number and year of a survey, indicator and
    /// year of a reference figure (id and year behind a space); none for a contract without a number and for activities.
    pub fn key(&self) -> Option<String> {
        match self {
            Self::Register(row) => row.registration_number.clone(),
            Self::Registrar(row) => Some(row.certificate_number.clone()),
            Self::FollowUp(row) => Some(format!("{} {}", row.registration_number, row.survey_year)),
            Self::Reference(row) => Some(format!("{} {}", row.kind, row.year)),
            Self::Activity(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::interchange::header_key;

    #[test]
    fn kinds_have_their_ids_and_no_header_is_ambiguous() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_id(kind.id()), Some(kind));
            let mut keys: Vec<String> = kind
                .columns()
                .iter()
                .flat_map(|c| std::iter::once(&c.header).chain(c.aliases))
                .map(|h| header_key(h))
                .collect();
            let all = keys.len();
            keys.sort();
            keys.dedup();
            assert_eq!(keys.len(), all, "{kind:?}");
        }
    }
}
