//! What binding the register's rows costs an act: counted in statements, not in seconds.

use std::{
    sync::Mutex,
    thread::{self, ThreadId},
};

use dengji::storage::StoreError;
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use serde_json::json;

use crate::support::{App, Backend, Person, complete_contract};

/// Statements of the thread that is watched.
static STATEMENTS: Mutex<(Option<ThreadId>, Vec<String>)> = Mutex::new((None, Vec::new()));

struct Recorder;

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let mut statements = STATEMENTS.lock().unwrap();
            if statements.0 == Some(thread::current().id()) {
                statements.1.push(query.to_string());
            }
        }
    }
}

/// How many statements the writer has run since it was last asked, and which of them read what an entry binds.
fn statements() -> (usize, Vec<String>) {
    let all = std::mem::take(&mut STATEMENTS.lock().unwrap().1);
    // Rows that are bound are read by a span of numbers, as nothing else within an act is.
    let binding = all
        .iter()
        .filter(|sql| sql.contains(" >= ?) AND (") && sql.contains(" <= ?)"));
    (all.len(), binding.cloned().collect())
}

/// Of an embedded store, whose writer is one thread; what an act reads and writes does not differ by the database.
#[test]
fn an_act_binds_its_rows_by_one_statement_for_each_table_at_most() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let app = App::start(Backend::Sqlite);
    let people = [Person::Registrar, Person::Reviewer, Person::Reviewer2].map(|person| app.person(person));
    let [registrar, reviewer, reviewer2] = &people;
    let writer = app
        .block_on(app.ctx.store.write(|_| Ok::<_, StoreError>(thread::current().id())))
        .unwrap();
    STATEMENTS.lock().unwrap().0 = Some(writer);
    statements();

    let mut contract = registrar.post("/contracts", &complete_contract(1)).expect(201);
    let mut counted = vec![("enter", 0, statements())];
    let mut act = |who: &crate::support::Client, action: &'static str, body: &serde_json::Value, tables| {
        contract = who.act(&contract, action, body);
        counted.push((action, tables, statements()));
    };
    // The attachments with which it is submitted; the content, which the day of receipt completes, is at hand.
    act(registrar, "submit", &json!({}), 1);
    act(reviewer, "claim", &json!({}), 0);
    let finding = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
    act(reviewer, "confirm", &finding, 2);
    let ground = json!({"ground": "duplicate", "document_number": "兵科撤〔2026〕1号"});
    act(reviewer2, "revoke", &ground, 2);
    for (action, tables, (all, binding)) in &counted {
        println!("{action}: {all} statements, {} of them for binding", binding.len());
        assert!(*all > 2, "{action}: the writer is watched");
        assert_eq!(binding.len(), *tables, "{action}: {binding:#?}");
    }
}
