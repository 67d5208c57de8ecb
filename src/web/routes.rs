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
        .service(workbench::show_workbench);
}
