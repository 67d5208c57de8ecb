//! A migrated SQLite store in a folder of its own, cheap hashes, a clock that stands.

use std::{net::IpAddr, path::PathBuf};

use crate::{
    config::Settings,
    domain::{
        account::{Certificate, Role},
        time::{Moment, parse_date},
    },
    storage::{
        Db, StoreError, agencies,
        registrars::{self, Registrar},
    },
    usecases::{
        Context, Error,
        accounts::{Caller, NewUser, Tokens, add_user, authenticate, login},
        seam::Clock,
    },
};

pub(super) const PASSWORD: &str = "vier blaue kaffeetassen";
pub(super) const WRONG: &str = "fünf rote kaffeetassen!";
pub(super) const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

/// A context and the folder that it lives in.
pub(super) struct House {
    pub(super) ctx: Context,
    folder: tempfile::TempDir,
}

pub(super) fn noon() -> Moment {
    Moment::parse("2026-11-22T12:00:00+08:00").unwrap()
}

impl House {
    pub(super) fn new() -> Self {
        Self::with(&[])
    }

    /// With settings of the environment's form beside the usual ones.
    pub(super) fn with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ctx = open(&folder, settings);
        ctx.migrate().unwrap();
        Self { ctx, folder }
    }

    /// Another process over the same store, keys and clock.
    pub(super) fn second_process(&self, settings: &[(&str, &str)]) -> Context {
        let mut ctx = open(&self.folder, settings);
        ctx.clock = self.ctx.clock.clone();
        ctx
    }

    pub(super) fn key_file(&self) -> PathBuf {
        self.ctx.settings.auth.key_file.clone()
    }

    pub(super) fn forward(&self, seconds: i64) {
        self.ctx.clock.set(self.ctx.clock.now().plus_seconds(seconds));
    }

    pub(super) async fn add(&self, username: &str, roles: &[Role]) -> i64 {
        add_user(&self.ctx, "cli:test", new_user(username, roles))
            .await
            .unwrap()
    }

    pub(super) async fn log_in(&self, username: &str) -> Tokens {
        login(&self.ctx, username, PASSWORD, ADDRESS).await.unwrap()
    }

    pub(super) async fn guess(&self, username: &str, address: &str) -> Result<Tokens, Error> {
        login(&self.ctx, username, WRONG, address.parse::<IpAddr>().unwrap()).await
    }

    pub(super) async fn caller(&self, tokens: &Tokens) -> Result<Caller, Error> {
        authenticate(&self.ctx, &tokens.access_token).await
    }

    /// Two agencies, 650101 and 650102, with the certificates A-1, A-2 (run out) and B-1.
    pub(super) fn with_registrars(self) -> Self {
        let day = |text: &str| parse_date(text).unwrap();
        // On a connection of its own: a transaction of the store would want an entry.
        self.ctx
            .store
            .with_connection(|db| {
                for (code, name, certificates) in [
                    (
                        "650101",
                        "第一登记处",
                        &[("A-1", None), ("A-2", Some("2025-12-31"))][..],
                    ),
                    ("650102", "第二登记处", &[("B-1", Some("2026-11-22"))]),
                ] {
                    let agency_id = agencies::insert(db, name, Some(code), noon())?;
                    for (number, valid_until) in certificates {
                        let registrar = Registrar {
                            id: 0,
                            certificate: Certificate::new(
                                (*number).to_owned(),
                                day("2023-01-01"),
                                valid_until.map(day),
                            ),
                            name: "某人".into(),
                            agency_id,
                            last_training_on: None,
                        };
                        registrars::insert(db, &registrar)?;
                    }
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
        self
    }

    /// Changes the store behind the use cases' back, without an entry.
    pub(super) fn store<T>(&self, f: impl FnOnce(&mut Db) -> Result<T, StoreError>) -> T {
        self.ctx.store.with_connection(f).unwrap()
    }
}

fn open(folder: &tempfile::TempDir, settings: &[(&str, &str)]) -> Context {
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mut environment: std::collections::HashMap<String, String> = [
        ("DENGJI_DATABASE_URL", format!("sqlite:{}", at("store.sqlite"))),
        ("DENGJI_AUTH__KEY_FILE", at("keys/signing.json")),
        ("DENGJI_AUTH__ARGON2__MEMORY_KIB", "64".into()),
        ("DENGJI_AUTH__ARGON2__ITERATIONS", "1".into()),
    ]
    .map(|(k, v)| (k.to_owned(), v))
    .into();
    environment.extend(settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
    let settings = Settings::from_sources(None, environment).unwrap();
    Context::make(settings, Clock::manual(noon())).unwrap()
}

pub(super) fn new_user(username: &str, roles: &[Role]) -> NewUser {
    NewUser {
        username: username.into(),
        roles: roles.to_vec(),
        agency_code: None,
        certificate_number: None,
        full_name: None,
        password: PASSWORD.into(),
    }
}
