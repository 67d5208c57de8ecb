//! A store per test: SQLite from a migrated file that is copied, PostgreSQL as a schema of its own.

use std::{
    path::Path,
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use dengji::{
    config::Settings,
    domain::time::Moment,
    storage::{Db, Store, StoreError, StoreOptions, StoreUrl, migrate},
};
use diesel::connection::SimpleConnection as _;
use tempfile::TempDir;

use super::postgres_url;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// The URL of a fresh, migrated store; `folder` holds its file.
pub fn database_url(backend: Backend, folder: &Path) -> String {
    match backend {
        Backend::Sqlite => {
            static TEMPLATE: OnceLock<TempDir> = OnceLock::new();
            let template = TEMPLATE.get_or_init(|| {
                let folder = tempfile::tempdir().unwrap();
                migrate_store(&format!("sqlite:{}", folder.path().join("template.sqlite").display()));
                folder
            });
            let file = folder.join("dengji.sqlite");
            std::fs::copy(template.path().join("template.sqlite"), &file).unwrap();
            format!("sqlite:{}", file.display())
        }
        Backend::Postgres => {
            let url = url_of_schema(&fresh_schema());
            migrate_store(&url);
            url
        }
    }
}

/// An empty schema of its own; its name.
pub fn fresh_schema() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let schema = format!("t_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
    run_sql(postgres_url(), &format!("CREATE SCHEMA {schema}"));
    schema
}

/// The URL of the store in a schema.
pub fn url_of_schema(schema: &str) -> String {
    format!("{}?options=-csearch_path%3D{schema}", postgres_url())
}

/// Runs statements on a store that no program has open.
pub fn run_sql(url: &str, sql: &str) {
    open(url)
        .with_connection(|db| Ok::<_, StoreError>(db.batch_execute(sql)?))
        .unwrap();
}

fn open(url: &str) -> Store {
    let url: StoreUrl = url.parse().unwrap();
    let options = StoreOptions {
        connections: 1,
        ..StoreOptions::default()
    };
    Store::open(&url, options).unwrap()
}

fn migrate_store(url: &str) {
    let brought_up = |db: &mut Db| migrate(db, || Moment::from_micros(0));
    open(url).with_connection(brought_up).unwrap();
}

/// The program's own settings with this store, cheap password hashes, keys in `folder`, and no brake on log-ins by address.
pub fn settings(url: &str, folder: &Path) -> Settings {
    let overrides = [
        ("DENGJI_DATABASE_URL", url.to_owned()),
        ("DENGJI_AUTH__KEY_FILE", folder.join("keys.json").display().to_string()),
        ("DENGJI_FILES__FOLDER", folder.join("files").display().to_string()),
        (
            "DENGJI_CHECKPOINTS__KEY_FILE",
            folder.join("checkpoint-keys.json").display().to_string(),
        ),
        ("DENGJI_AUTH__ARGON2__MEMORY_KIB", "64".to_owned()),
        ("DENGJI_VERIFY__BURST", "30".to_owned()),
        ("DENGJI_AUTH__ARGON2__ITERATIONS", "1".to_owned()),
        ("DENGJI_LOG__FILTER", "warn".to_owned()),
    ];
    let environment = overrides.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    Settings::from_sources(None, environment).unwrap()
}

/// The program itself as a process of its own, with this store and cheap password hashes; arguments are the caller's.
pub fn dengji(url: &str, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dengji"));
    command
        .current_dir(folder)
        .env("DENGJI_DATABASE_URL", url)
        .env("DENGJI_AUTH__KEY_FILE", folder.join("keys.json"))
        .env("DENGJI_FILES__FOLDER", folder.join("files"))
        .env("DENGJI_CHECKPOINTS__KEY_FILE", folder.join("checkpoint-keys.json"))
        .env("DENGJI_AUTH__ARGON2__MEMORY_KIB", "64")
        .env("DENGJI_AUTH__ARGON2__ITERATIONS", "1")
        .env("DENGJI_LOG__FILTER", "warn");
    command
}
