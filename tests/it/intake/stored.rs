//! What the store makes of what came in: one agency however its name is written, nothing that has not happened, and texts found as a
//! reader sees them, on both databases.

use std::path::PathBuf;

use dengji::domain::interchange::Kind;
use diesel::connection::SimpleConnection as _;

use super::{contract, file, program, register};
use crate::support::{App, Client, Person, both};

fn case(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/it/intake/cases", name]
        .iter()
        .collect()
}

/// How many contracts a text finds.
fn found(client: &Client, text: &str) -> usize {
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", text)
        .finish();
    let page = client.get(&format!("/contracts?{query}")).expect(200);
    page["items"].as_array().unwrap().len()
}

fn execute(app: &App, sql: &str) {
    app.ctx.store.with_connection(|db| Ok(db.batch_execute(sql)?)).unwrap();
}

/// Rows whose names and codes are written as people and their programs write them.
fn import_odd_names(app: &App) {
    let changes = [
        ("合同名称", "Ｎ２型残膜回收装备（试制）"),
        ("卖方名称", "石河子𬬻材料（样例）有限公司"),
        ("买方名称", "古丽米热•艾比布力"),
        ("买方性质", "自然人"),
    ];
    let second = [("卖方名称", "⽯河⼦样例（北疆）公司"), ("合同名称", "滴灌\u{200b}技术")];
    let rows = vec![
        contract("2025660008000001", &changes),
        contract("2025660008000002", &second),
    ];
    app.import(file(app, "odd.csv", &register(rows)), Kind::Register, false)
        .unwrap();
}

fn finds_them(app: &App) {
    let auditor = app.person(Person::Auditor);
    for (text, count) in [
        ("样例(北疆)", 1),
        ("古丽米热·艾比布力", 1),
        ("古丽米热艾比布力", 1),
        ("n2型", 1),
        ("石河子", 2),
        ("⽯河⼦", 2),
        ("滴灌技术", 1),
        ("石\u{200b}河子样例", 1),
        ("２０２５６６０００８０００００２", 1),
        ("·", 0),
        ("%", 0),
    ] {
        assert_eq!(found(&auditor, text), count, "{text}");
    }
}

both! {
    fn an_agency_is_one_however_its_name_is_written(app: &App) {
        let path = case("19-agency-names-by-width/in.csv");
        let output = program(app, &["import", "--kind", "register", "--format", "json", path.to_str().unwrap()]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{stderr}");
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let notices: Vec<_> = told["notices"].as_array().unwrap().iter().map(|n| n["code"].as_str().unwrap()).collect();
        assert_eq!(notices, ["new_agency"], "{told}");
        assert!(stderr.contains("八师技术合同登记站（本部）"), "{stderr}");
        let agencies = app.block_on(app.ctx.store.read(dengji::storage::agencies::all)).unwrap();
        assert_eq!(agencies.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["八师技术合同登记站（本部）"]);
        // The same file again says nothing new, whatever it calls the agency.
        let again = app.import(path, Kind::Register, false).unwrap();
        assert_eq!((again.added, again.unchanged), (0, 3));
    }

    fn what_has_not_happened_is_not_taken(app: &App) {
        let wrong = app.import(case("09-impossible-times/future.csv"), Kind::Register, false).unwrap_err();
        assert_eq!(wrong, [(2, "审核确认时间".to_owned(), "in_future")]);
    }

    fn texts_are_found_as_a_reader_sees_them(app: &App) {
        import_odd_names(app);
        finds_them(app);
    }

    fn a_migration_folds_what_was_there(app: &App) {
        import_odd_names(app);
        // A store from before: searched by lower case alone.
        execute(
            app,
            "UPDATE contracts SET search_text = 'x'; DROP INDEX agencies_by_name_key; ALTER TABLE agencies DROP COLUMN name_key;
             ALTER TABLE registrars DROP COLUMN search_text; DELETE FROM contract_likeness;
             DELETE FROM __diesel_schema_migrations WHERE version = '20261129000802';",
        );
        assert_eq!(app.ctx.migrate().unwrap().ran, ["20261129000802"]);
        finds_them(app);
        let alike = app.block_on(app.ctx.store.read(|db| dengji::storage::agencies::find_alike(db, "八师 技术合同登记站"))).unwrap();
        assert_eq!(alike.len(), 1);
    }
}
