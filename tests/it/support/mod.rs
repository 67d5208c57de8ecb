//! What tests stand on: a store of their own on either backend, the program as a server in this process with a clock that the
//! test moves, accounts that are logged in, and complete documents to start from.

mod app;
pub mod browser;
mod client;
pub mod desk;
mod documents;
pub mod hand;
pub mod pages;
pub mod papers;
pub mod picture;
mod postgres;
pub mod proxy;
mod sheet;
pub mod smtp;
mod store;

pub use app::{App, PASSWORD, Person};
pub use client::{Client, Reply, form};
pub use documents::{complete_contract, credit_code};
pub use pages::{Page, PageForm, Pages};
pub use papers::attach_text;
pub use postgres::{postgres_programs, postgres_url};
pub use sheet::{Cell, FileFormat, Sheet};
pub use store::{Backend, database_url, dengji, fresh_schema, run_sql, settings, url_of_schema};

/// What a test wrote need not outlive it.
const POSTGRES_SETTINGS: &str = "-c fsync=off";

/// A moment of an answer, up to its second: on a clock that stands acts follow one another by microseconds.
#[track_caller]
pub fn second(moment: &serde_json::Value) -> &str {
    &moment.as_str().unwrap_or_else(|| panic!("no moment: {moment}"))[..19]
}

/// Runs one body on both databases: `both! { fn name(app: &App) { … } }` makes `name::sqlite` and `name::postgres`.
macro_rules! both {
    ($($(#[$meta:meta])* fn $name:ident($app:ident: &App) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "each body uses what it needs of the file's imports")]
            use super::*;

            $(#[$meta])*
            fn body($app: &$crate::support::App) $body

            #[test]
            fn sqlite() {
                body(&$crate::support::App::start($crate::support::Backend::Sqlite));
            }

            #[test]
            fn postgres() {
                body(&$crate::support::App::start($crate::support::Backend::Postgres));
            }
        }
    )+};
}
pub(crate) use both;
