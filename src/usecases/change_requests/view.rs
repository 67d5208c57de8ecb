//! A request as a caller sees it.

use crate::domain::{
    account::Actor,
    change_request::{ChangeRequest, Decision},
    contract::Contract,
    policy,
};

/// A request as a caller sees it.
#[derive(Debug, Clone)]
pub struct ChangeRequestView {
    /// The request.
    pub request: ChangeRequest,
    /// 登记编号 of the contract.
    pub registration_number: Option<String>,
    /// 合同名称, as it is now.
    pub project_name: Option<String>,
    /// What the caller may do with it now.
    pub available_actions: Vec<Decision>,
}

impl ChangeRequestView {
    pub(super) fn of(actor: &Actor, request: ChangeRequest, contract: &Contract) -> Self {
        Self {
            available_actions: policy::available_decisions(actor, contract, &request),
            registration_number: contract.registration_number.clone(),
            project_name: contract.content.project_name.clone(),
            request,
        }
    }
}
