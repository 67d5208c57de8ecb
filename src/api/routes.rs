//! Every route, one line each. Paths are written at the handlers, relative to the scope here.

use utoipa_actix_web::{scope, service_config::ServiceConfig};

use super::v1::{
    acts, attachments, auth, change_requests, checks, code_lists, contract_list, contracts, documentation,
    expert_reviews, health, ledger, messages, outbox, registrars, registration_certificates, statistics, trainings,
    work_queues,
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
            .service(checks::read_contract_checks)
            .service(checks::list_checks)
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
            .service(acts::reinstate_contract)
            .service(acts::reopen_contract)
            .service(acts::report_contract)
            .service(change_requests::create_change_request)
            .service(change_requests::list_contract_change_requests)
            .service(change_requests::list_change_requests)
            .service(change_requests::read_change_request)
            .service(change_requests::approve_change_request)
            .service(change_requests::refuse_change_request)
            .service(change_requests::withdraw_change_request)
            .service(attachments::add_attachment)
            .service(attachments::list_attachments)
            .service(attachments::read_attachment)
            .service(attachments::remove_attachment)
            .service(registration_certificates::read_registration_certificate)
            .service(registration_certificates::verify_registration_certificate)
            .service(code_lists::read_code_list)
            .service(statistics::read_annual_statistics)
            .service(ledger::list_ledger_entries)
            .service(ledger::read_ledger_head)
            .service(ledger::verify_ledger)
            .service(messages::list_messages)
            .service(messages::mark_all_messages_read)
            .service(messages::read_message)
            .service(messages::mark_message_read)
            .service(outbox::list_mails)
            .service(outbox::retry_mail)
            .service(registrars::list_registrars)
            .service(registrars::issue_registrar)
            .service(registrars::read_registrar)
            .service(registrars::suspend_registrar)
            .service(registrars::lift_registrar_suspension)
            .service(registrars::renew_registrar)
            .service(registrars::list_registrar_trainings)
            .service(trainings::list_trainings)
            .service(trainings::record_training)
            .service(trainings::read_training)
            .service(trainings::add_training_participants)
            .service(work_queues::list_work_queues)
            .service(work_queues::hand_over_work),
    );
}
