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
        .service(imports::list_imports)
        .service(imports::start_import)
        .service(imports::download_import_template)
        .service(imports::download_marked_file)
        .service(imports::show_import)
        .service(imports::import_again);
}
