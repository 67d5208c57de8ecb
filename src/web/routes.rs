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
        // Before the contracts themselves: `new` is no key.
        .service(entry::edit::show_new_contract)
        .service(entry::edit::create_contract)
        .service(entry::live::check_contract_form)
        .service(entry::live::find_parties)
        .service(entry::start::show_paste)
        .service(entry::start::paste_contract)
        .service(entry::edit::show_contract_form)
        .service(entry::edit::save_contract)
        .service(entry::live::keep_contract_form)
        .service(entry::submit::show_submission)
        .service(entry::submit::submit_contract)
        .service(entry::start::copy_contract)
        .service(entry::compare::compare_contracts)
        .service(entry::attachments::add_attachment)
        .service(entry::attachments::show_removal)
        .service(entry::attachments::remove_attachment)
        .service(entry::attachments::read_attachment);
}
