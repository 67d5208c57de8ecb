//! Every route, one line each. Paths are written at the handlers, relative to the scope here.

use utoipa_actix_web::{scope, service_config::ServiceConfig};

use super::v1::{
    account_ledger, acts, agencies, auth, code_lists, contract_list, contracts, documentation, expert_reviews, health,
    ledger, registration_certificates, statistics, users,
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
            .service(users::list_users)
            .service(users::create_user)
            .service(users::read_user)
            .service(users::change_user)
            .service(users::lock_user)
            .service(users::unlock_user)
            .service(users::reset_user_password)
            .service(agencies::list_agencies)
            .service(agencies::create_agency)
            .service(agencies::read_agency)
            .service(agencies::change_agency)
            .service(account_ledger::list_account_ledger_entries)
            .service(account_ledger::read_account_ledger_head)
            .service(account_ledger::verify_account_ledger),
    );
}
