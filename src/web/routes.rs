//! Every page, one line each. Paths are written at the handlers.

use actix_web::web::ServiceConfig;

use super::*;

/// Adds every page.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(assets::show_asset)
        .service(ways_in::show_log_in)
        .service(ways_in::log_in)
        .service(ways_in::log_out)
        .service(ways_in::show_password)
        .service(ways_in::change_password)
        .service(workbench::show_workbench)
        .service(contracts::list_contracts)
        .service(contracts::export_contracts)
        .service(contracts::claim_many)
        .service(contracts::show_hand_over)
        .service(contracts::hand_over_many)
        .service(contracts::show_contract)
        .service(contracts::show_certificate)
        .service(contracts::show_revision)
        .service(contracts::show_act)
        .service(contracts::act_on_contract)
        .service(change_requests::list_requests)
        .service(change_requests::show_request)
        .service(change_requests::show_decision)
        .service(change_requests::decide_request)
        .service(change_requests::show_new_request)
        .service(change_requests::make_request);
}
