//! The rules for what a contract says. [`well_formed`] holds what entering and editing refuse, [`for_submission`] all that a
//! submission needs. Whether someone may act is the business of `policy`, not of this room.
//!
//! | id | severity | rule | source |
//! |---|---|---|---|
//! | `blank` | error | no empty text where a value stands | form |
//! | `too_long`, `too_short` | error | lengths in characters; 合同名称 2–200, 内容摘要 30–5000 | register form |
//! | `control_character` | error | no control characters; line breaks only in 内容摘要 | form |
//! | `unknown_code` | error | ids are in their code list | code lists |
//! | `malformed_region` | error | six digits, the first two a province | GB/T 2260 |
//! | `uscc_length`, `uscc_alphabet`, `uscc_check_character` | error | credit code | GB 32100-2015 |
//! | `out_of_range` | error | dates 1987–2200, amounts 0 to 2⁵³ − 1 fen | Technology Contract Law of 1987; RFC 8785 |
//! | `amounts_do_not_add_up` | error | 合同成交额 = 技术交易额 + 非技术性费用 | 技术合同认定规则; self-audit A09 |
//! | `subtype_not_of_type` | error | 合同子类 belongs to 合同类别 (submission) | register form |
//! | `dates_out_of_order` | error | begins ≤ ends, signed ≤ ends (submission) | register form |
//! | `required` | error | nothing missing (submission) | register form |
//! | `technology_amount_not_positive` | error | 技术交易额 > 0 (submission) | 技术合同认定规则 |
//! | `signed_after_received`, `received_in_future` | error | signed ≤ received ≤ today (submission) | register form; self-audit A19 |
//! | `ip_kind_none`, `ip_kind_unfit` | error | transfer and licence have IP, of a kind that fits (submission) | self-audit A14 |
//! | `kind_uscc_mismatch` | error | kind of party and first two characters of its code agree (submission) | GB 32100-2015; self-audit A23 |
//! | `rule_set_missing` | error | some rule set holds on the day of acceptance (submission) | rule sets |
//! | `kind_uscc_doubtful` | warning | the same, where the pair is unusual but occurs | GB 32100-2015 |
//! | `recommended` | notice | address, legal representative, contact, phone are there | register form |
//! | `applied_after_term` | notice | handed in before the contract's term is over, where the rule set asks for it | 2026 draft measures |
//! | `rule_set_unverified` | notice | the rule set's text was not compared with the official one | rule sets |
//! | `calendar_missing` | notice | working days of the deadline lie in a year without calendar | calendars |
//!
//! Beside these the self-audit's checks `A01` to `A30`: their catalogue is [`rules`].

mod form;
pub mod rules;
mod submission;
#[cfg(test)]
mod tests;
mod text;

use serde::Serialize;

pub use form::{YEARS, is_region_code, tidy, well_formed};
pub use submission::{audit, examine, for_submission, for_submission_under};

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 错误: no submission.
    Error,
    /// 警告: a submission needs a written reason.
    Warning,
    /// 提示: nothing needed.
    Notice,
}

impl Severity {
    /// Every severity, the gravest first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    /// Stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.id() == id)
    }
}

/// One finding about a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Stable id of the rule, from the table above.
    pub id: &'static str,
    /// How grave.
    pub severity: Severity,
    /// Chinese text for the registrar.
    pub message: String,
    /// RFC 6901 pointer into the contract; empty where it is the whole.
    pub pointer: String,
}
