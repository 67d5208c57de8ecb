//! What somebody who may write to the store by SQL, and has neither program nor key, tries against the ledgers: values of another form, the
//! schema's objects, rows that belong to nothing, a migration that runs once more. And a sweep of such attacks over every table and column.

use std::{collections::BTreeSet, fs, path::Path};

use dengji::{
    domain::ledger::chain_hash,
    storage::{Db, StoreError, binding, schema_objects},
    usecases::ledger::verdict::{Verdict, verify, verify_in},
};
use diesel::{Connection as _, connection::SimpleConnection as _, result::Error as DieselError};
use serde_json::{Value, json};

use super::{execute, lines, number, query};
use crate::{
    api::imports::{import, over, send},
    fixtures::fill::{self, fill},
    intake::{contract, register},
    support::{App, Backend, Person, both},
};

fn verdict(app: &App) -> Verdict {
    app.block_on(verify(&app.ctx, None)).unwrap()
}

/// Whether a verdict names a table: by its rows, or by a chain's fault.
fn names(verdict: &Verdict, table: &str) -> bool {
    let chain = match table {
        "ledger" | "ledger_subjects" => verdict.ledger.fault.is_some(),
        "account_ledger" => verdict.accounts.fault.is_some(),
        _ => false,
    };
    let faults = verdict.register.iter().flat_map(|register| &register.faults);
    chain || faults.flat_map(|fault| &fault.tables).any(|named| named == table)
}

/// The objects of the schema that a verdict names.
fn objects(verdict: &Verdict) -> Vec<String> {
    verdict.schema.iter().map(|fault| fault.object.name.clone()).collect()
}

/// Takes what protects a table away, does something, and puts it back as it was.
fn unprotected(app: &App, table: &str, f: impl FnOnce()) {
    let triggers = match app.backend {
        Backend::Sqlite => lines(
            app,
            &format!("SELECT sql AS line FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"),
        ),
        Backend::Postgres => vec![format!("ALTER TABLE {table} ENABLE TRIGGER USER")],
    };
    super::tampering::unprotect(app, table);
    f();
    for sql in triggers {
        execute(app, &sql).unwrap();
    }
}

/// Makes the store one of an earlier version, whose entries bind nothing: both chains are whole.
pub fn unbind(app: &App) {
    for table in ["ledger", "account_ledger"] {
        unprotected(app, table, || {
            let entries = lines(app, &format!("SELECT entry AS line FROM {table} ORDER BY sequence"));
            let mut previous = "0".repeat(64);
            for (entry, sequence) in entries.iter().zip(1..) {
                let entry = entry.replace("\"register\":[", "\"before\":[");
                let hash = chain_hash(&previous, &entry);
                let entry = entry.replace('\'', "''");
                execute(app, &format!("UPDATE {table} SET entry = '{entry}', previous_hash = '{previous}', hash = '{hash}' WHERE sequence = {sequence}")).unwrap();
                previous = hash;
            }
        });
    }
}

/// Has the migration that pins run once more.
const AGAIN: &str = "DROP TABLE register_pins; DELETE FROM __diesel_schema_migrations WHERE version = '20261129001001'";

both! {
    fn an_untouched_store_is_whole(app: &App) {
        app.confirmed(1);
        let found = verdict(app);
        assert!(found.holds(), "{:?}", found.wrong());
        // Statistics, others' tables and views, and an index that somebody adds are nobody's business here.
        execute(app, "ANALYZE contracts; ANALYZE ledger; CREATE TABLE of_others (id BIGINT PRIMARY KEY); CREATE VIEW seen AS SELECT id FROM contracts; \
            CREATE INDEX contracts_quicker ON contracts (entered_by)").unwrap();
        assert_eq!(objects(&verdict(app)), Vec::<String>::new());
    }

    fn objects_of_the_schema_that_are_not_the_programs_are_named(app: &App) {
        app.confirmed(1);
        let sqlite = app.backend == Backend::Sqlite;
        let on = |table: &str| if sqlite { String::new() } else { format!(" ON {table}") };
        execute(app, &format!("DROP TRIGGER ledger_refuses_update{}", on("ledger"))).unwrap();
        assert_eq!(objects(&verdict(app)), ["ledger_refuses_update"]);
        let planted = match app.backend {
            Backend::Sqlite => "CREATE TRIGGER planted AFTER UPDATE ON CONTRACTS BEGIN SELECT 1; END",
            Backend::Postgres => "CREATE TRIGGER planted BEFORE UPDATE ON contracts FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        };
        execute(app, planted).unwrap();
        execute(app, "DROP INDEX change_requests_one_open").unwrap();
        let (standings, rest) = match app.backend {
            Backend::Sqlite => ("standings", ""),
            Backend::Postgres => ("standings", " CASCADE"),
        };
        execute(app, &format!("CREATE TABLE kept AS SELECT * FROM {standings}; DROP TABLE {standings}{rest}; CREATE VIEW {standings} AS SELECT * FROM kept")).unwrap();
        let found: BTreeSet<String> = objects(&verdict(app)).into_iter().collect();
        for name in ["ledger_refuses_update", "planted", "change_requests_one_open", standings] {
            assert!(found.contains(name), "{name}: {found:?}");
        }
        // It is told by every way in, with the name.
        let told = app.person(Person::Auditor).get("/ledger/verification").expect(200);
        assert_eq!(told["valid"], false);
        assert!(told["schema"]["faults"].as_array().unwrap().iter().any(|f| f["name"] == "planted" && f["kind"] == "trigger"), "{told}");
        let page = app.pages_of(Person::Auditor).get("/ledger/verification").expect(200);
        assert!(page.says("触发器 planted（数据表 contracts）：不是本程序建立的") && !page.says("完整，没有改动"), "{}", page.text);
        let output = crate::support::dengji(&app.url, app.folder.path()).args(["ledger", "verify"]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.code() == Some(1) && said.contains("触发器 ledger_refuses_update（数据表 ledger）：缺失"), "{said}");
    }

    fn the_head_line_says_the_worst_of_all(app: &App) {
        let contract = app.confirmed(1);
        let number = contract["registration_number"].as_str().unwrap();
        let pages = app.pages_of(Person::Auditor);
        execute(app, &format!("UPDATE contracts SET registration_number = '2026999999999999', amount_fen = 1 WHERE id = {}", contract["id"])).unwrap();
        for path in ["/ledger/verification", "/account-ledger/verification"] {
            let page = pages.get(path).expect(200);
            assert!(page.says("登记簿 1 处与账不符") && !page.says("完整，没有改动"), "{}", page.text);
            assert!(page.says(&format!("登记编号 {number}")) && !page.says("2026999999999999"), "by the number that the ledger gave");
        }
        unprotected(app, "account_ledger", || execute(app, "UPDATE account_ledger SET hash = 'x' WHERE sequence = 1").unwrap());
        let page = pages.get("/ledger/verification").expect(200);
        assert!(page.says("账户账有误") && !page.says("完整，没有改动"), "{}", page.text);
        assert_eq!(app.person(Person::Auditor).get("/ledger/verification").expect(200)["valid"], false);
    }

    fn what_is_made_of_contracts_is_held_against_them(app: &App) {
        let contract = app.confirmed(1);
        app.confirmed(2);
        let id = &contract["id"];
        for (tampering, table, says) in [
            (format!("DELETE FROM contract_likeness WHERE contract_id = {id}"), "contract_likeness", "查重所依据的数据与合同内容不符"),
            ("UPDATE contract_likeness SET amount_fen = amount_fen + 1".to_owned(), "contract_likeness", "查重所依据的数据与合同内容不符"),
            (format!("UPDATE contracts SET search_text = 'x' WHERE id = {id}"), "contracts", "search_text 与合同内容不符"),
            (format!("UPDATE contracts SET row_digest = 'x' WHERE id = {id}"), "contracts", "row_digest 与合同内容不符"),
        ] {
            assert!(verdict(app).holds());
            let kept = format!("CREATE TABLE kept AS SELECT * FROM {table}");
            execute(app, &kept).unwrap();
            execute(app, &tampering).unwrap();
            let found = verdict(app);
            let register = found.register.unwrap();
            let fault = register.faults.iter().find(|fault| fault.contract == id.as_i64()).unwrap();
            assert!(fault.told().contains(says) && fault.tables == [table], "{tampering}: {fault:?}");
            assert_eq!(fault.registration_number.as_deref(), contract["registration_number"].as_str());
            let back = match table {
                "contracts" => "UPDATE contracts SET search_text = (SELECT search_text FROM kept WHERE kept.id = contracts.id), \
                    row_digest = (SELECT row_digest FROM kept WHERE kept.id = contracts.id)".to_owned(),
                _ => format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept"),
            };
            execute(app, &format!("{back}; DROP TABLE kept")).unwrap();
        }
        assert!(verdict(app).holds());
    }

    fn subjects_that_no_entry_has_are_noticed(app: &App) {
        let id = app.confirmed(1)["id"].clone();
        let last = number(app, "SELECT max(sequence) || '' AS line FROM ledger");
        execute(app, &format!("INSERT INTO ledger_subjects (sequence, contract_id) VALUES ({}, {id})", last + 5)).unwrap();
        let fault = verdict(app).ledger.fault.unwrap();
        assert_eq!(fault.sequence, last + 5, "{fault:?}");
        unprotected(app, "ledger_subjects", || execute(app, &format!("DELETE FROM ledger_subjects WHERE sequence > {last}")).unwrap());
        assert!(verdict(app).holds());
        // And one of an entry that is about no contract.
        let none = number(app, "SELECT min(sequence) || '' AS line FROM ledger WHERE sequence NOT IN (SELECT sequence FROM ledger_subjects)");
        execute(app, &format!("INSERT INTO ledger_subjects (sequence, contract_id) VALUES ({none}, {id})")).unwrap();
        assert_eq!(verdict(app).ledger.fault.unwrap().sequence, none);
    }

    fn a_migration_pins_once(app: &App) {
        app.confirmed(1);
        let count = || number(app, "SELECT count(*) || '' AS line FROM ledger");
        let entries = count();
        let again = || {
            execute(app, &format!("UPDATE standings SET amount_fen = amount_fen + 1; {AGAIN}")).unwrap();
            app.ctx.migrate()
        };
        // Entries bind rows already: the migration ran long ago.
        let refused = again().unwrap_err().to_string();
        assert!(refused.contains("20261129001001") && refused.contains("登记账第"), "{refused}");
        assert_eq!(count(), entries);
        // A store of before is pinned, by an entry that names the migration; and not once more.
        unbind(app);
        app.pass_seconds(1);
        app.ctx.migrate().unwrap();
        assert!(verdict(app).holds(), "{:?}", verdict(app));
        let said = lines(app, &format!("SELECT entry AS line FROM ledger WHERE sequence = {}", entries + 1)).remove(0);
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["changes"][0]["to"]["migrations"], json!(["20261129001001"]));
        // A copy beside the store is named after the moment.
        app.pass_seconds(1);
        let refused = again().unwrap_err().to_string();
        assert!(refused.contains(&format!("登记账第 {} 条", entries + 1)), "{refused}");
    }

    fn rows_of_pins_are_what_they_were(app: &App) {
        app.confirmed(1);
        unbind(app);
        execute(app, AGAIN).unwrap();
        app.ctx.migrate().unwrap();
        assert!(verdict(app).holds());
        for (wrong, right) in [
            ("first_number = first_number - 1", "first_number = first_number + 1"),
            ("last_number = last_number + 1", "last_number = last_number - 1"),
            ("id = id + 100", "id = id - 100"),
            ("digests = digests || 'x'", "digests = substr(digests, 1, length(digests) - 1)"),
        ] {
            execute(app, &format!("UPDATE register_pins SET {wrong} WHERE kind = 'contract'")).unwrap();
            let found = verdict(app);
            assert!(names(&found, "register_pins"), "{wrong}: {found:?}");
            execute(app, &format!("UPDATE register_pins SET {right} WHERE kind = 'contract'")).unwrap();
            assert!(verdict(app).holds(), "{right}");
        }
    }

    fn what_does_not_read_is_named_and_the_rest_verified(app: &App) {
        let contract = app.confirmed(1);
        let other = app.confirmed(2);
        let wrong = match app.backend {
            Backend::Sqlite => "'2026-02-30'",
            Backend::Postgres => "'infinity'",
        };
        execute(app, &format!("UPDATE contracts SET due_on = {wrong} WHERE id = {}; UPDATE standings SET amount_fen = 1 WHERE contract_id = {}", contract["id"], other["id"])).unwrap();
        let register = verdict(app).register.unwrap();
        let told: Vec<String> = register.faults.iter().map(|f| format!("{} {}", f.subject, f.told())).collect();
        assert!(told.iter().any(|t| t.contains(&format!("contract/{}", contract["id"])) && t.contains("due_on")), "{told:?}");
        assert!(told.iter().any(|t| t.contains(&format!("contract/{}", other["id"])) && t.contains("standings")), "{told:?}");
    }

    fn an_approval_that_the_ledger_does_not_have_imports_nothing(app: &App) {
        app.import_sample("registrars.csv", dengji::domain::interchange::Kind::Registrars);
        let administrator = app.person(Person::Administrator);
        let reviewer = app.person(Person::Reviewer);
        let csv = |changes: &[(&str, &str)]| register(vec![contract("1", changes)]).csv(false).into_bytes();
        import(&administrator, &[("kind", "register")], ("a.csv", &csv(&[])));
        let waiting = |name: &str| {
            let fields = [("kind", "register"), ("update", "true"), ("reason", "据合同文本更正")];
            let job = import(&administrator, &fields, ("b.csv", &csv(&[("合同名称", name)])));
            assert_eq!(job["state"], "awaiting_approval", "{job}");
            job
        };
        let name = || lines(app, "SELECT content AS line FROM contract_revisions ORDER BY revision DESC LIMIT 1").remove(0);
        // Rings the worker's bell.
        let ring = || {
            let bell = send(&administrator, &[("kind", "register"), ("dry_run", "true")], ("c.csv", b"x"), &[]).expect(202);
            over(&administrator, &bell["id"]);
        };
        let forged = waiting("偷改的名称");
        let set = |id: &Value, set: &str| execute(app, &format!("UPDATE import_jobs SET {set} WHERE id = {id}")).unwrap();
        set(&forged["id"], "state = 'queued', version = version + 1, decided_by = 'reviewer', decided_at = 1");
        ring();
        let failed = over(&administrator, &forged["id"]);
        assert_eq!((&failed["state"], &failed["errors"][0]["code"]), (&json!("failed"), &json!("unapproved")), "{failed}");
        assert!(failed["errors"][0]["detail"].as_str().unwrap().contains("登记账中没有与此相符的批准"), "{failed}");
        assert!(!name().contains("偷改的名称"));
        // What was approved is carried out once, and the ledger says so.
        let job = waiting("更正的名称");
        reviewer.post_at(&format!("/imports/{}/approve", job["id"]), job["version"].as_i64().unwrap(), &json!({})).expect(200);
        assert_eq!(over(&administrator, &job["id"])["state"], "done");
        assert!(name().contains("更正的名称"));
        assert!(number(app, "SELECT count(*) || '' AS line FROM ledger WHERE entry LIKE '%carry_out_import%'") == 1);
        set(&job["id"], "state = 'queued'");
        ring();
        assert_eq!(over(&administrator, &job["id"])["errors"][0]["code"], "unapproved", "an approval is used up");
        assert!(verdict(app).holds());
    }
}

#[test]
fn a_value_of_another_form_is_named() {
    let app = &App::start(Backend::Sqlite);
    let id = app.confirmed(1)["id"].as_i64().unwrap();
    assert!(verdict(app).holds());
    let cases = [
        (
            "standings",
            "amount_fen = CAST(amount_fen AS BLOB)",
            format!("contract/{id}"),
        ),
        ("standings", "amount_fen = amount_fen + 0.5", format!("contract/{id}")),
        ("standings", "year = year + 4294967296", format!("contract/{id}")),
        ("standings", "contract_id = 1e300", "standings/1.0e+300".to_owned()),
        ("contracts", "state = CAST(state AS BLOB)", format!("contract/{id}")),
        (
            "contracts",
            "search_text = CAST(search_text AS BLOB)",
            format!("contract/{id}"),
        ),
        ("contracts", "due_on = CAST(due_on AS BLOB)", format!("contract/{id}")),
        (
            "contract_revisions",
            "content = CAST(content AS BLOB)",
            format!("contract/{id}"),
        ),
    ];
    for (table, set, subject) in cases {
        let before = format!("CREATE TABLE kept AS SELECT * FROM {table}");
        execute(app, &before).unwrap();
        execute(
            app,
            &format!("PRAGMA foreign_keys = OFF; UPDATE {table} SET {set} WHERE rowid = rowid")
                .replace(" WHERE rowid = rowid", ""),
        )
        .unwrap();
        let register = verdict(app).register.unwrap();
        let column = set.split(' ').next().unwrap();
        let named = register
            .faults
            .iter()
            .any(|f| f.subject == subject && f.tables == [table] && f.detail.contains(column));
        assert!(named, "{set}: {:?}", register.faults);
        execute(app, &format!("PRAGMA foreign_keys = OFF; DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept")).unwrap();
        assert!(verdict(app).holds(), "{table}");
    }
    unprotected(app, "ledger_subjects", || {
        execute(
            app,
            "UPDATE ledger_subjects SET contract_id = CAST(contract_id AS BLOB)",
        )
        .unwrap();
    });
    let found = verdict(app);
    assert!(names(&found, "ledger_subjects"), "{found:?}");
}

/// The list of what the migrations make on PostgreSQL; `UPDATE_SNAPSHOTS=1` writes it anew.
#[test]
fn the_listing_of_the_schema_is_what_the_migrations_make() {
    let app = App::start(Backend::Postgres);
    let found = app.ctx.store.with_connection(schema_objects::listing).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/storage/schema_objects/postgres.txt");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, found.join("\n") + "\n").unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    assert_eq!(kept.lines().collect::<Vec<_>>(), found);
}

#[test]
fn the_migrations_that_pin_are_known() {
    for side in ["sqlite", "postgres"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(side);
        let mut pinning: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| fs::read_to_string(path.join("up.sql")).unwrap().contains("'due'"))
            .map(|path| {
                path.file_name()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .split('_')
                    .next()
                    .unwrap()
                    .replace('-', "")
            })
            .collect();
        pinning.sort();
        assert_eq!(pinning, binding::pins::PINNING, "{side}");
    }
}

/// A column of a table, as the database has it.
struct Column {
    name: String,
    kind: String,
    nullable: bool,
    key: bool,
}

fn columns(db: &mut Db, table: &str) -> Vec<Column> {
    let sql = match db {
        Db::Sqlite(_) => format!(
            "SELECT name || '|' || upper(type) || '|' || (\"notnull\" = 0 AND pk = 0) || '|' || (pk > 0) AS line FROM pragma_table_info('{table}')"
        ),
        Db::Postgres(_) => format!(
            "SELECT concat_ws('|', a.attname, upper(format_type(a.atttypid, NULL)), (NOT a.attnotnull)::int,
                (EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)))::int) AS line
             FROM pg_attribute a WHERE a.attrelid = '{table}'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
        ),
    };
    let parts = query(db, &sql).into_iter().map(|line| {
        let [name, kind, nullable, key] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
        Column {
            name: name.to_owned(),
            kind: kind.to_owned(),
            nullable: nullable == "1",
            key: key == "1",
        }
    });
    parts.collect()
}

/// The attacks on a table: what each is, and its SQL.
fn attacks(db: &mut Db, table: &str) -> Vec<(String, String)> {
    let columns = columns(db, table);
    let sqlite = matches!(db, Db::Sqlite(_));
    let keys: Vec<String> = columns
        .iter()
        .filter(|c| c.key)
        .map(|c| format!("\"{}\"", c.name))
        .collect();
    let keys = keys.join(", ");
    let one = format!("WHERE ({keys}) = (SELECT {keys} FROM {table} ORDER BY {keys} LIMIT 1)");
    let mut attacks = vec![("row deleted".to_owned(), format!("DELETE FROM {table} {one}"))];
    for column in &columns {
        let name = format!("\"{}\"", column.name);
        let mut set = |what: &str, value: String| {
            attacks.push((
                format!("{what} {}", column.name),
                format!("UPDATE {table} SET {name} = {value} {one}"),
            ));
        };
        let of_text = column.kind == "TEXT";
        let day = column.kind == "DATE";
        set(
            "value",
            match (of_text, day, sqlite) {
                (true, ..) => format!("coalesce({name}, '') || 'x'"),
                (_, true, true) => format!("coalesce(date({name}, '+1 day'), '2020-01-01')"),
                (_, true, false) => format!("coalesce({name}, DATE '2020-01-01') + 1"),
                _ => format!("coalesce({name}, 0) + 100001"),
            },
        );
        if column.nullable {
            attacks.push((
                format!("NULL {}", column.name),
                format!("UPDATE {table} SET {name} = NULL WHERE {name} IS NOT NULL"),
            ));
        }
        let mut set = |what: &str, value: String| {
            attacks.push((
                format!("{what} {}", column.name),
                format!("UPDATE {table} SET {name} = {value} {one}"),
            ));
        };
        if !sqlite {
            continue;
        }
        if of_text {
            set("blob", format!("CAST(coalesce({name}, 'x') AS BLOB)"));
        } else if day {
            set("blob", format!("CAST(coalesce({name}, '2020-01-01') AS BLOB)"));
            set("number", "20260101".to_owned());
            set("no day", "'2026-02-31'".to_owned());
            set(
                "day written otherwise",
                format!("coalesce({name}, '2020-01-01') || ' 00:00:00'"),
            );
        } else {
            set("real", format!("coalesce({name}, 0) + 0.5"));
            set("huge real", "1e300".to_owned());
            set("text", format!("coalesce({name}, 0) || 'x'"));
            set("blob", format!("CAST(coalesce({name}, 0) AS BLOB)"));
            if column.kind == "INTEGER" {
                set("beyond 32 bits", format!("coalesce({name}, 0) + 4294967296"));
            }
        }
    }
    let list = |of: &dyn Fn(&Column) -> String| columns.iter().map(of).collect::<Vec<_>>().join(", ");
    let into = list(&|c| format!("\"{}\"", c.name));
    for (what, plain) in [("row copied", true), ("row copied with other texts", false)] {
        let values = list(&|c| {
            let name = format!("\"{}\"", c.name);
            match (c.key, c.kind.as_str()) {
                (true, "TEXT") => format!("{name} || 'y'"),
                (true, _) => format!("{name} + 100003"),
                (false, "TEXT") if !plain => format!("{name} || 'y'"),
                _ if !plain && c.nullable => "NULL".to_owned(),
                _ => name,
            }
        });
        attacks.push((
            what.to_owned(),
            format!("INSERT INTO {table} ({into}) SELECT {values} FROM {table} ORDER BY {keys} LIMIT 1"),
        ));
    }
    attacks
}

/// Does something within a transaction that is undone; what `look` finds then, or none where the database refuses.
fn undone<T>(db: &mut Db, sql: &str, look: impl FnOnce(&mut Db) -> T) -> Option<T> {
    let mut found = None;
    let _: Result<(), DieselError> = db.transaction(|db| {
        let done = db.transaction::<(), DieselError, _>(|db| db.batch_execute(sql));
        if done.is_ok() {
            found = Some(look(db));
        }
        Err(DieselError::RollbackTransaction)
    });
    found
}

/// How a sweep went.
#[derive(Debug, Default)]
struct Sweep {
    tried: usize,
    refused: usize,
    unmoved: usize,
    missed: Vec<String>,
}

fn content(db: &mut Db, table: &str) -> Vec<String> {
    let columns = columns(db, table);
    let values: Vec<String> = columns
        .iter()
        .map(|c| match db {
            Db::Sqlite(_) => format!("quote(\"{}\")", c.name),
            Db::Postgres(_) => format!("coalesce(\"{}\"::text, '-')", c.name),
        })
        .collect();
    let mut rows = query(
        db,
        &format!("SELECT {} AS line FROM {table}", values.join(" || '|' || ")),
    );
    rows.sort();
    rows
}

fn sweep_rows(db: &mut Db, tables: &[&str]) -> Sweep {
    let mut sweep = Sweep::default();
    for table in tables {
        let before = content(db, table);
        for (what, sql) in attacks(db, table) {
            sweep.tried += 1;
            let found = undone(db, &sql, |db| {
                (content(db, table) != before).then(|| verify_in(db, None).unwrap())
            });
            match found {
                None => sweep.refused += 1,
                Some(None) => sweep.unmoved += 1,
                Some(Some(verdict)) if names(&verdict, table) => {}
                Some(Some(_)) => sweep.missed.push(format!("{table}: {what}")),
            }
        }
    }
    sweep
}

/// What is verified: by a digest, or against what it is made of.
fn bound_tables() -> Vec<&'static str> {
    let bound = binding::TABLES
        .iter()
        .filter(|(table, basis)| *table == "contract_likeness" || !matches!(basis, binding::Basis::Unbound(_)));
    bound.map(|(table, _)| *table).collect()
}

fn filled(backend: Backend) -> App {
    let app = App::start_at(backend, fill::BEGINS);
    fill(&app);
    app
}

fn on_own_connection<T>(app: &App, prepare: &str, f: impl FnOnce(&mut Db) -> T) -> T {
    let done = app.ctx.store.with_connection(|db| {
        db.batch_execute(prepare)?;
        let mut done = None;
        let _: Result<(), DieselError> = db.transaction(|db| {
            // Triggers and keys that refuse are no protection from whoever owns the tables.
            if let Db::Sqlite(_) = db {
                for drop in query(
                    db,
                    "SELECT 'DROP TRIGGER ' || name AS line FROM sqlite_master WHERE type = 'trigger'",
                ) {
                    db.batch_execute(&drop)?;
                }
            }
            done = Some(f(db));
            Err(DieselError::RollbackTransaction)
        });
        Ok::<_, StoreError>(done)
    });
    done.unwrap().unwrap()
}

const fn unbridled(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "PRAGMA foreign_keys = OFF",
        Backend::Postgres => "SET session_replication_role = replica",
    }
}

fn sweep_of_rows(backend: Backend) {
    let app = filled(backend);
    let before = verdict(&app);
    assert!(before.holds(), "{:?}", before.wrong());
    let tables: Vec<&str> = bound_tables().into_iter().filter(|t| *t != "register_pins").collect();
    let sweep = on_own_connection(&app, unbridled(backend), |db| sweep_rows(db, &tables));
    // The pins, of a store that has some.
    unbind(&app);
    execute(&app, AGAIN).unwrap();
    app.ctx.migrate().unwrap();
    assert!(verdict(&app).holds());
    let pins = on_own_connection(&app, unbridled(backend), |db| sweep_rows(db, &["register_pins"]));
    println!("{backend:?}: rows {sweep:?}; pins {pins:?}");
    let missed: Vec<&String> = sweep.missed.iter().chain(&pins.missed).collect();
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(sweep.tried > 600 && pins.tried >= 8, "{sweep:?} {pins:?}");
}

#[test]
#[ignore = "takes minutes; CONTRIBUTING.md tells when"]
fn every_row_and_column_sqlite() {
    sweep_of_rows(Backend::Sqlite);
}

#[test]
#[ignore = "takes minutes; CONTRIBUTING.md tells when"]
fn every_row_and_column_postgres() {
    sweep_of_rows(Backend::Postgres);
}

/// Attacks on the objects of a schema: the name that must be told, and the SQL.
fn object_attacks(db: &mut Db) -> Vec<(String, String)> {
    let mut attacks = Vec::new();
    let mut add = |name: &str, sql: String| attacks.push((name.to_owned(), sql));
    let tables: Vec<&str> = binding::TABLES.iter().map(|(table, _)| *table).collect();
    match db {
        Db::Sqlite(_) => {
            for line in query(
                db,
                "SELECT type || '|' || name || '|' || tbl_name AS line FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('index', 'trigger')",
            ) {
                let [kind, name, table] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
                add(name, format!("DROP {kind} {name}"));
                add(
                    name,
                    match kind {
                        "index" => format!("DROP INDEX {name}; CREATE INDEX {name} ON {table} (1)"),
                        _ => format!(
                            "DROP TRIGGER {name}; CREATE TRIGGER {name} AFTER UPDATE ON {table} BEGIN SELECT 1; END"
                        ),
                    },
                );
            }
            for table in tables {
                add(
                    table,
                    format!("ALTER TABLE {table} RENAME TO kept; CREATE VIEW {table} AS SELECT * FROM kept"),
                );
                add(
                    table,
                    format!(
                        "CREATE TABLE kept AS SELECT * FROM {table}; DROP TABLE {table}; ALTER TABLE kept RENAME TO {table}"
                    ),
                );
                add(table, format!("DROP TABLE {table}"));
                add(table, format!("ALTER TABLE {table} ADD COLUMN planted TEXT"));
                for when in ["AFTER INSERT", "BEFORE UPDATE", "AFTER DELETE"] {
                    add(
                        "planted",
                        format!("CREATE TRIGGER planted {when} ON {table} BEGIN SELECT 1; END"),
                    );
                }
                add("planted", format!("CREATE UNIQUE INDEX planted ON {table} (1) WHERE 0"));
            }
        }
        Db::Postgres(_) => {
            let triggers =
                "SELECT t.tgname || '|' || c.relname AS line FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
                WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace";
            for line in query(db, triggers) {
                let (name, table) = line.split_once('|').unwrap();
                add(name, format!("DROP TRIGGER {name} ON {table}"));
                add(name, format!("ALTER TABLE {table} DISABLE TRIGGER {name}"));
                add(name, format!("ALTER TABLE {table} ENABLE REPLICA TRIGGER {name}"));
                add(
                    name,
                    format!(
                        "CREATE OR REPLACE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
                    ),
                );
            }
            for name in query(db, "SELECT indexname AS line FROM pg_indexes WHERE schemaname = current_schema() AND tablename NOT LIKE '\\_\\_%'
                AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace)") {
                add(&name, format!("DROP INDEX {name}"));
            }
            for line in query(
                db,
                "SELECT conname || '|' || conrelid::regclass AS line FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND contype <> 'n' AND conrelid::regclass::text NOT LIKE '\\_\\_%'",
            ) {
                let (name, table) = line.split_once('|').unwrap();
                add(name, format!("ALTER TABLE {table} DROP CONSTRAINT {name} CASCADE"));
            }
            for name in query(
                db,
                "SELECT proname || '' AS line FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
            ) {
                let body = format!(
                    "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
                );
                add(&format!("{name}()"), body);
                add(&format!("{name}()"), format!("DROP FUNCTION {name} CASCADE"));
            }
            for table in tables {
                add(
                    table,
                    format!("ALTER TABLE {table} RENAME TO kept; CREATE VIEW {table} AS SELECT * FROM kept"),
                );
                add(table, format!("DROP TABLE {table} CASCADE"));
                add(table, format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"));
                add(table, format!("CREATE TABLE heir () INHERITS ({table})"));
                add("planted", format!("ALTER TABLE {table} ADD COLUMN planted TEXT"));
                add("planted", format!("CREATE POLICY planted ON {table} USING (true)"));
                add(
                    "planted",
                    format!("CREATE RULE planted AS ON DELETE TO {table} DO INSTEAD NOTHING"),
                );
                add(
                    "planted",
                    format!(
                        "CREATE TRIGGER planted BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
                    ),
                );
                add(
                    "planted",
                    format!("ALTER TABLE {table} ADD CONSTRAINT planted CHECK (true)"),
                );
                for column in columns(db, table) {
                    let (name, key) = (column.name, column.key);
                    add(
                        &name,
                        format!(
                            "ALTER TABLE {table} ALTER COLUMN \"{name}\" SET DEFAULT NULL; ALTER TABLE {table} RENAME COLUMN \"{name}\" TO other"
                        ),
                    );
                    if column.kind == "TEXT" {
                        add(
                            &name,
                            format!("ALTER TABLE {table} ALTER COLUMN \"{name}\" SET DEFAULT 'x'"),
                        );
                        add(
                            &name,
                            format!("ALTER TABLE {table} ALTER COLUMN \"{name}\" TYPE varchar(90000)"),
                        );
                    }
                    if !column.nullable && !key {
                        add(
                            &name,
                            format!("ALTER TABLE {table} ALTER COLUMN \"{name}\" DROP NOT NULL"),
                        );
                    }
                }
            }
        }
    }
    attacks
}

fn sweep_of_objects(backend: Backend) {
    let app = filled(backend);
    let (mut tried, mut refused, mut missed) = (0, Vec::new(), Vec::new());
    app.ctx
        .store
        .with_connection(|db| {
            if let Db::Sqlite(_) = db {
                db.batch_execute("PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON")?;
            }
            for (name, sql) in object_attacks(db) {
                tried += 1;
                match undone(db, &sql, |db| objects(&verify_in(db, None).unwrap())) {
                    None => refused.push(sql),
                    Some(found) if found.contains(&name) => {}
                    Some(found) => missed.push(format!("{sql}: {found:?}")),
                }
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    println!("{backend:?}: {tried} objects, {} refused: {refused:#?}", refused.len());
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(tried > 300 && refused.len() < tried / 4, "{tried} {refused:#?}");
}

#[test]
#[ignore = "takes minutes; CONTRIBUTING.md tells when"]
fn every_object_sqlite() {
    sweep_of_objects(Backend::Sqlite);
}

#[test]
#[ignore = "takes minutes; CONTRIBUTING.md tells when"]
fn every_object_postgres() {
    sweep_of_objects(Backend::Postgres);
}
