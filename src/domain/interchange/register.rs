//! The register's tabular form (台账), the same for import, export and template: kinds of file, their columns, and the row of
//! a register as a value.
//!
//! `intake` reads it, `documents` writes it; neither knows the other.

use serde::{Deserialize, Serialize};

use super::{
    contract::{Content, Ended, Refusal, Returned},
    time::Moment,
    workflow::State,
};

/// One contract as a row of the register says it. Two rows that mean the same are equal, however they were typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterRow {
    /// 登记编号.
    pub registration_number: Option<String>,
    /// 国家登记编号.
    pub national_number: Option<String>,
    /// 登记机构, by name.
    pub agency: Option<String>,
    /// 机构代码, six digits.
    pub agency_code: Option<String>,
    /// 登记员证书编号.
    pub registrar_certificate: Option<String>,
    /// What the parties agreed.
    pub content: Content,
    /// 状态; never `under_review` nor `expert_review`: history has no claimer, so those read as `submitted`.
    pub state: State,
    /// 提交时间.
    pub submitted_at: Option<Moment>,
    /// 审核确认时间.
    pub confirmed_at: Option<Moment>,
    /// 专家论证: concluded at the moment of confirmation (a refused one: of submission).
    pub expert_reviewed: bool,
    /// Last return, where the state is `returned`.
    pub returned: Option<Returned>,
    /// Refusal, where the state is `refused`.
    pub refusal: Option<Refusal>,
    /// End, where the state is `revoked` or `cancelled`.
    pub ended: Option<Ended>,
}
