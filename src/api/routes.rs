//! Every route, one line each. Paths are written at the handlers, relative to the scope here.

use utoipa_actix_web::{scope, service_config::ServiceConfig};

use super::v1::{
    acts, auth, code_lists, contract_list, contracts, documentation, expert_reviews, health, ledger,
    registration_certificates, self_audits, statistics,
};

/// Adds every route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(health::read_liveness);
    config.service(health::read_readiness);
    config.service(registration_certificates::show_verification);
    config.service(
        scope::scope("/api/v1")
            .service(documentation::read_openapi)
            .service(auth::log_in)
            .service(auth::refresh_session)
            .service(auth::log_out)
            .service(auth::read_me)
            .service(auth::change_password)
            .service(contract_list::list_contracts)
            .service(contracts::create_contract)
            .service(contracts::read_contract_history)
            .service(contracts::read_contract_revision)
            .service(contracts::read_contract)
            .service(contracts::edit_contract)
            .service(contracts::discard_contract)
            .service(acts::submit_contract)
            .service(acts::withdraw_contract)
            .service(acts::claim_contract)
            .service(acts::release_contract)
            .service(acts::reassign_contract)
            .service(acts::return_contract)
            .service(acts::refer_contract)
            .service(acts::recall_contract)
            .service(acts::confirm_contract)
            .service(acts::refuse_contract)
            .service(acts::revoke_contract)
            .service(expert_reviews::convene_expert_review)
            .service(expert_reviews::list_expert_reviews)
            .service(expert_reviews::read_expert_review)
            .service(expert_reviews::edit_expert_review)
            .service(expert_reviews::recuse_expert)
            .service(expert_reviews::list_expert_recusals)
            .service(expert_reviews::give_expert_opinion)
            .service(expert_reviews::list_expert_opinions)
            .service(expert_reviews::conclude_expert_review)
            .service(expert_reviews::read_expert_minutes)
            .service(registration_certificates::read_registration_certificate)
            .service(registration_certificates::verify_registration_certificate)
            .service(code_lists::read_code_list)
            .service(statistics::read_annual_statistics)
            .service(ledger::list_ledger_entries)
            .service(ledger::read_ledger_head)
            .service(ledger::verify_ledger)
            .service(self_audits::create_self_audit)
            .service(self_audits::list_self_audits)
            .service(self_audits::read_self_audit)
            .service(self_audits::list_self_audit_items)
            .service(self_audits::read_self_audit_item)
            .service(self_audits::assign_self_audit_item)
            .service(self_audits::record_self_audit_finding)
            .service(self_audits::list_self_audit_findings)
            .service(self_audits::complete_self_audit)
            .service(self_audits::abandon_self_audit)
            .service(self_audits::read_self_audit_report),
    );
}
