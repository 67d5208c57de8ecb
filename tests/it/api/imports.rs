//! Imports over REST: the same as on the command line, beside other work.

use std::{
    io::{Cursor, Read as _, Write as _},
    sync::mpsc,
    time::{Duration, Instant},
};

use calamine::{Data, Reader as _, Xlsx};
use dengji::{
    domain::interchange::Kind,
    storage::StoreError,
    usecases::{
        attachments::collect::{Reach, collect_orphans},
        imports,
    },
};
use serde_json::{Value, json};

use crate::{
    intake::{contract, head, register},
    storage::{execute, lines},
    support::{App, Backend, Client, FileFormat, Person, Reply, both},
};

pub fn send(client: &Client, fields: &[(&str, &str)], file: (&str, &[u8]), headers: &[(&str, &str)]) -> Reply {
    let mut parts: Vec<(&str, Option<&str>, &[u8])> = fields.iter().map(|(n, v)| (*n, None, v.as_bytes())).collect();
    parts.push(("file", Some(file.0), file.1));
    client.send_form("/imports", headers, "a-boundary", &parts)
}

/// Waits until an import is over; the import.
pub fn over(client: &Client, id: &Value) -> Value {
    let started = Instant::now();
    loop {
        let job = client.get(&format!("/imports/{id}")).expect(200);
        if !["queued", "running"].contains(&job["state"].as_str().unwrap()) {
            return job;
        }
        assert!(started.elapsed() < Duration::from_secs(240), "{job}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub fn import(client: &Client, fields: &[(&str, &str)], file: (&str, &[u8])) -> Value {
    let taken = send(client, fields, file, &[]).expect(202);
    over(client, &taken["id"])
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/config/demo/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn import_sample(client: &Client, kind: Kind, name: &str) -> Value {
    let done = import(client, &[("kind", kind.id())], (name, &sample(name)));
    assert_eq!(done["state"], "done", "{name}: {done}");
    done
}

/// A download as bytes.
pub fn download(app: &App, client: &Client, path: &str) -> (u16, Vec<u8>) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = agent.get(format!("{}/api/v1{path}", app.base));
    let mut answer = request
        .header("Authorization", format!("Bearer {}", client.token().unwrap()))
        .call()
        .unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
}

pub fn cells(book: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str) -> Vec<Vec<String>> {
    let range = book.worksheet_range(sheet).unwrap();
    range
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect()
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// What the statistics say, without when they were asked.
fn figures(client: &Client) -> Value {
    let mut figures = client
        .get("/statistics/annual/2025?as_of=2026-06-01T00:00:00%2B08:00")
        .expect(200);
    figures["ledger"] = Value::Null;
    figures
}

/// Holds the store's writing for as long as `f` runs, as a long import of another program does.
fn while_writing<T>(app: &App, f: impl FnOnce() -> T) -> T {
    let (begun, begins) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let (store, released) = (app.ctx.store.clone(), std::sync::Mutex::new(released));
    let writing = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let held = store.write_alone(move |_| {
            begun.send(()).unwrap();
            let _ = released.lock().unwrap().recv();
            Ok::<_, StoreError>(())
        });
        runtime.block_on(held).unwrap();
    });
    begins.recv().unwrap();
    let done = f();
    drop(release);
    writing.join().unwrap();
    done
}

both! {
    fn the_sample_gives_what_the_command_line_gives(app: &App) {
        let (administrator, statistician) = (app.person(Person::Administrator), app.person(Person::Statistician));
        import_sample(&administrator, Kind::Registrars, "registrars.csv");
        let mut rows = 0;
        for year in 2021..=2025 {
            let name = format!("contracts-{year}.csv");
            let tried = import(&administrator, &[("kind", "register"), ("dry_run", "true")], (&name, &sample(&name)));
            let done = import_sample(&administrator, Kind::Register, &name);
            for figure in ["rows_total", "rows_done", "added", "unchanged", "updated", "flagged"] {
                assert_eq!(tried[figure], done[figure], "{name} {figure}");
            }
            assert_eq!((&done["rows_total"], &done["errors_total"]), (&done["added"], &json!(0)), "{done}");
            rows += done["added"].as_i64().unwrap();
        }
        import_sample(&statistician, Kind::FollowUp, "follow-up-2021-2024.csv");
        import_sample(&statistician, Kind::Activities, "activities-2025.csv");
        import_sample(&statistician, Kind::Reference, "reference-figures.csv");
        let again = import_sample(&administrator, Kind::Register, "contracts-2025.csv");
        assert_eq!((&again["added"], &again["unchanged"]), (&json!(0), &again["rows_total"]));

        let other = App::start(app.backend);
        other.import_whole_sample();
        assert_eq!(figures(&statistician), figures(&other.person(Person::Statistician)));
        assert_eq!(head(app).0, head(&other).0, "an entry for each row, as on the command line");
        let contracts: i64 = lines(app, "SELECT cast(count(*) AS TEXT) AS line FROM contracts")[0].parse().unwrap();
        assert_eq!(contracts, rows);
        // Each entry names the person, the role, file and row.
        let auditor = app.person(Person::Auditor);
        let entries = auditor.get("/ledger?after=100&limit=1").expect(200);
        let entry: Value = serde_json::from_str(entries["items"][0]["entry"].as_str().unwrap()).unwrap();
        assert_eq!((&entry["actor"], &entry["role"], &entry["action"]), (&json!("administrator"), &json!("administrator"), &json!("import")));
        assert!(entry["reason"].as_str().unwrap().starts_with("contracts-2021.csv 第 "), "{entry}");
        assert_eq!(auditor.get("/ledger/verification").expect(200)["valid"], true);
        assert_eq!(auditor.get("/imports?limit=2").expect(200)["items"].as_array().unwrap().len(), 2);
    }

    fn wrong_cells_are_told_and_the_file_comes_back_marked(app: &App) {
        let client = app.person(Person::Administrator);
        let before = head(app);
        for format in FileFormat::ALL {
            let sheet = register(vec![
                contract("1", &[]),
                contract("2", &[("合同名称", "+1 棉田残膜"), ("合同类别", "技术研发"), ("签订日期", "明天")]),
                contract("3", &[("合同成交额（元）", "壹仟")]),
                contract("1", &[]),
            ]);
            let path = sheet.write(app.folder.path(), "wrong", format);
            let file = std::fs::read(path).unwrap();
            let job = import(&client, &[("kind", "register")], ("台账.csv", &file));
            assert_eq!((&job["state"], &job["errors_total"], &job["added"]), (&json!("failed"), &json!(4), &json!(0)), "{job}");
            assert_eq!((&job["rows_total"], &job["rows_done"]), (&json!(4), &json!(4)), "{job}");
            let told: Vec<(i64, &str, &str)> = job["errors"].as_array().unwrap().iter()
                .map(|e| (e["row"].as_i64().unwrap(), e["column"].as_str().unwrap(), e["code"].as_str().unwrap())).collect();
            assert_eq!(told, [(3, "合同类别", "unknown_label"), (3, "签订日期", "unreadable_date"),
                (4, "合同成交额（元）", "unreadable_amount"), (5, "登记编号", "duplicate_number")], "{format:?}");
            assert_eq!(head(app), before, "nothing is stored");

            let (status, marked) = download(app, &client, &format!("/imports/{}/errors.xlsx", job["id"]));
            assert_eq!(status, 200);
            let mut book = Xlsx::new(Cursor::new(marked.clone())).unwrap();
            let rows = cells(&mut book, Kind::Register.label());
            let mut headers = sheet.headers.clone();
            if format == FileFormat::Gb18030 {
                headers.reverse();
            }
            let at = |header: &str| headers.iter().position(|h| *h == header).unwrap();
            assert_eq!(rows[0].last().unwrap(), "错误说明");
            assert_eq!(rows[0][..headers.len()], headers.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>());
            assert_eq!((rows[2][at("合同名称")].as_str(), rows[2][at("合同类别")].as_str()), ("+1 棉田残膜", "技术研发"));
            assert_eq!(rows[3][at("合同成交额（元）")], "壹仟");
            assert_eq!(rows[1].last().unwrap(), "", "a sound row has no remark");
            let remark = rows[2].last().unwrap();
            assert!(remark.contains("合同类别：") && remark.contains("签订日期："), "{remark}");
            assert!(rows[4].last().unwrap().contains("与第 2 行重复"));
            let list = cells(&mut book, "错误清单");
            assert_eq!((list.len(), list[3][0].as_str(), list[3][1].as_str()), (5, "4", "合同成交额（元）"));
            let range = book.worksheet_range(Kind::Register.label()).unwrap();
            assert!(range.used_cells().all(|(_, _, cell)| matches!(cell, Data::String(_))), "texts, no formulas");
            // The notes stand at the wrong cells, and these have a look that their neighbours have not.
            let (notes, cells) = (part(&marked, "xl/comments1.xml"), part(&marked, "xl/worksheets/sheet1.xml"));
            let style = |cell: &str| {
                let from = cells.find(&format!("r=\"{cell}\"")).unwrap_or_else(|| panic!("{cell}"));
                cells[from..].split("s=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
            };
            for (row, column) in [(3, "合同类别"), (3, "签订日期"), (4, "合同成交额（元）"), (5, "登记编号")] {
                let cell = rust_xlsxwriter::utility::row_col_to_cell(row - 1, u16::try_from(at(column)).unwrap());
                assert!(notes.contains(&format!("ref=\"{cell}\"")), "{cell} has a note: {notes}");
                let above = rust_xlsxwriter::utility::row_col_to_cell(1, u16::try_from(at(column)).unwrap());
                assert_ne!(style(&cell), style(&above), "{cell} is filled");
            }
            assert_eq!(notes.matches("<comment ").count(), 4);
            // Sent again as it is, the remarks are no column of the file.
            let again = import(&client, &[("kind", "register")], ("台账.xlsx", &marked));
            assert_eq!(again["errors_total"], 4, "{again}");
            assert_eq!(download(app, &client, &format!("/imports/{}/errors.xlsx", again["id"])).0, 200);
        }
    }

    fn a_file_that_is_no_table_is_told_of(app: &App) {
        let client = app.person(Person::Administrator);
        let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let packed = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        for (name, content) in [("[Content_Types].xml", b"<Types/>".to_vec()), ("xl/worksheets/sheet1.xml", vec![b' '; 20 << 20])] {
            bomb.start_file(name, packed).unwrap();
            bomb.write_all(&content).unwrap();
        }
        let bomb = bomb.finish().unwrap().into_inner();
        let header = sample("contracts-2021.csv");
        let header = &header[..header.iter().position(|b| *b == b'\n').unwrap()];
        for (file, code) in [(bomb.as_slice(), "too_large"), (b"", "empty_file"), (b"a\0b", "not_a_table"), (b"a,b\n1,2\n", "no_header"),
            (&[header, b"\n1,\"open\n"].concat(), "unbalanced_quote")] {
            let job = import(&client, &[("kind", "register")], ("x.xlsx", file));
            assert_eq!((&job["state"], &job["errors"][0]["code"]), (&json!("failed"), &json!(code)), "{job}");
            let (status, marked) = download(app, &client, &format!("/imports/{}/errors.xlsx", job["id"]));
            assert_eq!(status, 200);
            let mut book = Xlsx::new(Cursor::new(marked)).unwrap();
            assert!(cells(&mut book, "错误清单")[1][3].contains(job["errors"][0]["detail"].as_str().unwrap()));
        }
    }

    fn each_kind_is_its_roles(app: &App) {
        let administrator = app.person(Person::Administrator);
        let mine = import_sample(&administrator, Kind::Registrars, "registrars.csv");
        for person in Person::ALL {
            let client = app.person(person);
            for kind in Kind::ALL {
                let may = match person {
                    Person::Administrator => matches!(kind, Kind::Register | Kind::Registrars),
                    Person::Statistician => matches!(kind, Kind::FollowUp | Kind::Activities | Kind::Reference),
                    _ => false,
                };
                let reply = send(&client, &[("kind", kind.id()), ("dry_run", "true")], ("a.csv", b"x"), &[]);
                assert_eq!(reply.status, if may { 202 } else { 403 }, "{person:?} {kind:?}: {}", reply.text);
            }
            let (list, one) = match person {
                Person::Administrator | Person::Auditor => (200, 200),
                // Reviewers see those that they decide on, of which this is none.
                Person::Statistician | Person::Reviewer | Person::Reviewer2 | Person::ReviewingRegistrar => (200, 404),
                _ => (403, 403),
            };
            assert_eq!(client.get("/imports").status, list, "{person:?}");
            assert_eq!(client.get(&format!("/imports/{}", mine["id"])).status, one, "{person:?}");
        }
        assert_eq!(app.anonymous().get("/imports").status, 401);
        // A colleague sees it too; nothing is wrong with it, so there is nothing to give back.
        let colleague = app.add_user("second-administrator", &[dengji::domain::account::Role::Administrator], None, None);
        assert_eq!(colleague.get(&format!("/imports/{}", mine["id"])).expect(200)["username"], "administrator");
        colleague.get(&format!("/imports/{}/errors.xlsx", mine["id"])).expect_problem(409, "conflict");
        let (status, template) = download(app, &colleague, "/import-templates/register.xlsx");
        assert_eq!((status, template.starts_with(b"PK")), (200, true));
        assert_eq!(colleague.get("/import-templates/nothing.xlsx").status, 404);
    }

    fn a_form_is_looked_through(app: &App) {
        let client = app.person(Person::Statistician);
        let wrong = send(&client, &[("kind", "all"), ("dry_run", "yes"), ("colour", "red")], ("../a.csv", b"x"), &[]);
        wrong.expect_problem(422, "invalid");
        assert_eq!(wrong.pointers(), ["/colour", "/dry_run", "/file", "/kind"]);
        let none = client.send_form("/imports", &[], "b", &[("update", None, b"true")]);
        assert_eq!((none.status, none.pointers()), (422, vec!["/file".to_owned(), "/kind".to_owned()]));
        assert_eq!(client.post("/imports", &json!({})).status, 415);
        assert_eq!(client.get("/imports").expect(200)["items"], json!([]));
    }

    fn sent_twice_under_a_key_it_is_imported_once(app: &App) {
        let client = app.person(Person::Statistician);
        let file = ("a.csv", sample("reference-figures.csv"));
        let send = |kind: &str| send(&client, &[("kind", kind)], (file.0, &file.1), &[("Idempotency-Key", "once")]);
        let (first, second) = (send("reference").expect(202), send("reference").expect(202));
        assert_eq!(first["id"], second["id"]);
        assert_eq!(send("activities").status, 422);
        assert_eq!(over(&client, &first["id"])["state"], "done");
        assert_eq!(client.get("/imports").expect(200)["items"].as_array().unwrap().len(), 1);
    }

    fn one_is_imported_after_another_and_the_rest_is_served_meanwhile(app: &App) {
        let (administrator, reviewer) = (app.person(Person::Administrator), app.person(Person::Reviewer));
        let pages = app.pages_of(Person::Reviewer);
        app.pass_seconds(120);
        let (first, second) = while_writing(app, || {
            let sending = |name: &'static str| {
                let client = administrator.clone();
                std::thread::spawn(move || send(&client, &[("kind", "register")], (name, &sample(name)), &[]).expect(202))
            };
            let first = sending("contracts-2021.csv");
            std::thread::sleep(Duration::from_millis(500));
            let second = sending("contracts-2022.csv");
            // Who reads does not wait, at the pages neither.
            let started = Instant::now();
            assert_eq!(reviewer.get("/contracts").status, 200);
            assert_eq!(pages.get_once("/").status, 200);
            assert_eq!(administrator.get("/imports").status, 200);
            assert!(started.elapsed() < Duration::from_secs(20));
            (first, second)
        });
        let (first, second) = (first.join().unwrap(), second.join().unwrap());
        loop {
            let state = |job: &Value| administrator.get(&format!("/imports/{}", job["id"])).expect(200)["state"].clone();
            let (b, a) = (state(&second), state(&first));
            assert!(reviewer.get("/contracts").status == 200);
            if b == "running" {
                assert_eq!(a, "done", "one at a time");
            }
            if b == "done" {
                break;
            }
            assert!(["queued", "running"].contains(&b.as_str().unwrap()), "{b}");
        }
        let order: Vec<String> = lines(app, "SELECT entry AS line FROM ledger ORDER BY sequence");
        let of_second = order.iter().position(|e| e.contains("contracts-2022.csv")).unwrap();
        assert!(order[of_second..].iter().all(|e| !e.contains("contracts-2021.csv")));
    }

    fn what_ran_when_the_program_ended_was_interrupted(app: &App) {
        let client = app.person(Person::Statistician);
        let done = import(&client, &[("kind", "reference"), ("dry_run", "true")], ("a.csv", &sample("reference-figures.csv")));
        execute(app, &format!("UPDATE import_jobs SET state = 'running', finished_at = NULL WHERE id = {}", done["id"])).unwrap();
        assert_eq!(client.get(&format!("/imports/{}", done["id"])).expect(200)["state"], "running");
        // One that waits is imported after the start; one whose owner is gone is not.
        let copied = "kind, file_name, sha256, file_kept, role, dry_run, corrects, rows_total, rows_done, added, unchanged, updated, flagged, errors, errors_total, created_at";
        for (state, username) in [("queued", "statistician"), ("queued", "nobody")] {
            execute(app, &format!("INSERT INTO import_jobs (state, username, {copied}) SELECT '{state}', '{username}', {copied} FROM import_jobs WHERE id = {}", done["id"])).unwrap();
        }
        let ctx = app.ctx.clone();
        let jobs = || client.get("/imports").expect(200)["items"].as_array().unwrap().clone();
        app.block_on(async {
            let worker = imports::Worker::start(&ctx);
            let started = Instant::now();
            while started.elapsed() < Duration::from_secs(60) && jobs().iter().any(|j| ["queued", "running"].contains(&j["state"].as_str().unwrap())) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            worker.stop().await;
        });
        let states: Vec<Value> = jobs().iter().map(|j| j["state"].clone()).collect();
        assert_eq!(states, ["failed", "done", "interrupted"]);
    }

    fn a_file_is_kept_for_its_time(app: &App) {
        let client = app.person(Person::Administrator);
        let job = import(&client, &[("kind", "register")], ("a.csv", register(vec![contract("1", &[("状态", "?")])]).csv(false).as_bytes()));
        let marked = format!("/imports/{}/errors.xlsx", job["id"]);
        app.pass_seconds(29 * 86_400);
        let client = app.person(Person::Administrator);
        app.block_on(async { imports::let_files_go(&app.ctx).await.unwrap(); collect_orphans(&app.ctx, Reach::All).await.unwrap(); });
        assert_eq!(download(app, &client, &marked).0, 200);
        app.pass_seconds(2 * 86_400);
        let client = app.person(Person::Administrator);
        app.block_on(async {
            assert_eq!(imports::let_files_go(&app.ctx).await.unwrap(), 1);
            assert_eq!(imports::let_files_go(&app.ctx).await.unwrap(), 0);
        });
        client.get(&marked).expect_problem(409, "conflict");
        let job = client.get(&format!("/imports/{}", job["id"])).expect(200);
        assert_eq!((&job["file_kept"], &job["errors"], &job["errors_total"]), (&json!(false), &json!([]), &json!(1)));
    }
}

#[test]
fn what_is_too_large_or_too_much_is_refused() {
    let app = App::start_with(Backend::Sqlite, "2026-06-15T12:00:00+08:00", |settings| {
        settings.files.max_bytes = 1000;
        settings.imports.max_open = 1;
    });
    let client = app.person(Person::Administrator);
    let reply = send(&client, &[("kind", "register")], ("a.csv", &[b'x'; 200_000]), &[]);
    reply.expect_problem(413, "too-large");
    let (first, second) = while_writing(&app, || {
        let sending = || {
            let client = client.clone();
            std::thread::spawn(move || send(&client, &[("kind", "register")], ("a.csv", b"x"), &[]))
        };
        let both = (sending(), sending());
        std::thread::sleep(Duration::from_millis(500));
        both
    });
    let mut statuses = [first.join().unwrap().status, second.join().unwrap().status];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409]);
}
