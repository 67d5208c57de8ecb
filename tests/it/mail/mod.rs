//! Mail: put into the outbox by acts, carried to a server, and what is left of it when server or program go away.

mod crash;
mod delivery;
mod smtp;

use std::sync::Arc;

use dengji::{
    config::MailSettings,
    storage::StoreError,
    usecases::{
        Context,
        messages::{Mail, list_mails},
    },
};
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};

use crate::support::{App, Person, desk};

/// Runs statements behind the program's back.
pub fn execute(app: &App, sql: &str) {
    app.ctx
        .store
        .with_connection(|db| Ok::<_, StoreError>(db.batch_execute(sql)?))
        .unwrap();
}

/// Gives an account an address.
pub fn give_address(app: &App, person: Person) {
    app.person(person);
    let name = person.username();
    execute(
        app,
        &format!("UPDATE users SET email = '{name}@example.org' WHERE username = '{name}'"),
    );
}

/// Returns a contract of the registrar's, who has an address, for correction.
pub fn return_one(app: &App, n: u32) -> Value {
    give_address(app, Person::Registrar);
    let contract = app.claimed(n);
    let body = json!({"reason": "金额有误", "items": [{"pointer": "/amount_fen", "detail": "与合同文本不符"}]});
    app.person(Person::Reviewer).act(&contract, "return", &body)
}

/// The whole outbox, oldest first.
pub fn outbox(app: &App) -> Vec<Mail> {
    let auditor = desk::moved("nobody", &[dengji::domain::account::Role::Auditor]);
    let mut mails = app.block_on(list_mails(&app.ctx, &auditor, None, None, 1000)).unwrap();
    mails.reverse();
    mails
}

/// The program with other settings of mail, and with an address that people reach it at.
fn with_settings(app: &App, change: impl FnOnce(&mut MailSettings)) -> Context {
    let mut settings = (*app.ctx.settings).clone();
    settings.server.public_url = "https://dengji.example.org".to_owned();
    change(&mut settings.mail);
    Context {
        settings: Arc::new(settings),
        ..app.ctx.clone()
    }
}
