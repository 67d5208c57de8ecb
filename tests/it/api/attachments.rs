//! `/contracts/{id}/attachments`: what goes in, what comes out, who may, and what is refused without leaving anything behind.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use dengji::usecases::attachments::{
    collect::{Reach, collect_orphans},
    verify::verify_files,
};
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::support::{App, Backend, Client, Person, Reply, attach_text, both, complete_contract, papers::small_pdf};

/// Every file in the folder of the files, by path below it.
fn files(app: &App) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if !path.ends_with(".dengji-store.json") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(app.ctx.files.root(), &mut found);
    found.sort();
    found
}

/// A draft of the registrar's with nothing beside it.
fn bare(client: &Client, n: u32) -> Value {
    client
        .without_papers()
        .post("/contracts", &complete_contract(n))
        .expect(201)
}

fn path(contract: &Value) -> String {
    format!("/contracts/{}", contract["id"])
}

fn version(contract: &Value) -> i64 {
    contract["version"].as_i64().unwrap()
}

fn listed(client: &Client, contract: &Value) -> Vec<Value> {
    let page = client.get(&format!("{}/attachments", path(contract))).expect(200);
    page["items"].as_array().unwrap().clone()
}

/// The codes of a 422 at `/file`.
fn code(reply: &Reply) -> String {
    let body = reply.expect_problem(422, "invalid");
    assert_eq!(reply.pointers(), ["/file"], "{body}");
    assert!(!body["errors"][0]["detail"].as_str().unwrap().is_empty());
    body["errors"][0]["code"].as_str().unwrap().to_owned()
}

fn docx(part: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in [
        ("[Content_Types].xml", &b"<Types/>"[..]),
        ("word/document.xml", b"<w/>"),
        (part, content),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

both! {
    /// The file that the README tells a newcomer to make.
    fn the_readmes_file_is_taken(app: &App) {
        let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
        let line = readme.lines().find(|line| line.starts_with("printf '") && line.ends_with("> text.pdf")).unwrap();
        let made = line.split('\'').nth(1).unwrap().replace("\\n", "\n").replace("%%", "%");
        let registrar = app.person(Person::Registrar).without_papers();
        let draft = registrar.post("/contracts", &complete_contract(1)).expect(201);
        registrar.attach_at(&format!("/contracts/{}", draft["id"]), 1, "contract_text", "text.pdf", made.as_bytes()).expect(201);
    }

    fn what_goes_in_comes_out_and_the_ledger_tells_of_it(app: &App) {
        let registrar = app.person(Person::Registrar);
        let draft = bare(&registrar, 1);
        let path = path(&draft);
        let pdf = small_pdf(7);
        let reply = registrar.attach_at(&path, 1, "contract_text", "技术开发合同（终稿）.PDF", &pdf);
        let added = reply.expect(201);
        let sha256 = added["sha256"].as_str().unwrap().to_owned();
        assert_eq!(reply.header("etag"), Some("\"2\""));
        let location = format!("/api/v1{path}/attachments/{}", added["id"]);
        assert_eq!(reply.header("location"), Some(location.as_str()));
        assert_eq!((&added["contract_version"], &added["size"]), (&json!(2), &json!(pdf.len())));
        assert_eq!(registrar.get(&path).expect(200)["version"], 2);

        let read = registrar.get(&location);
        assert_eq!((read.status, read.text.as_bytes()), (200, pdf.as_slice()));
        assert_eq!(read.header("content-type"), Some("application/pdf"));
        assert_eq!(read.header("content-length"), Some(pdf.len().to_string().as_str()));
        let disposition = read.header("content-disposition").unwrap();
        assert!(disposition.starts_with("attachment; ") && disposition.contains("filename*=UTF-8''%E6%8A%80"), "{disposition}");
        for (name, value) in [
            ("content-security-policy", "sandbox; default-src 'none'"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(read.header(name), Some(value));
        }
        let inline = registrar.get(&format!("{location}?inline=true"));
        assert!(inline.header("content-disposition").unwrap().starts_with("inline; "));
        registrar.get(&format!("{location}?inline=1")).expect_problem(422, "invalid");
        let items = listed(&registrar, &draft);
        assert_eq!(items.len(), 1);
        assert_eq!((&items[0]["kind"], &items[0]["added_by"]), (&json!("contract_text"), &json!("registrar")));

        let history = registrar.get(&format!("{path}/history")).expect(200);
        let entry = &history[1];
        assert_eq!((&entry["action"], &entry["from"], &entry["to"]), (&json!("attach"), &json!("draft"), &json!("draft")));
        assert_eq!(entry["changes"][0]["to"]["sha256"], sha256);
        assert_eq!(entry["changes"][0]["to"]["file_name"], "技术开发合同（终稿）.PDF");

        // The same content again, under another name and for another contract: one file.
        registrar.attach_at(&path, 2, "other", "again.pdf", &pdf).expect(201);
        let other = bare(&registrar, 2);
        registrar.attach_at(&format!("/contracts/{}", other["id"]), 1, "contract_text", "b.pdf", &pdf).expect(201);
        assert_eq!(files(app), [app.ctx.files.root().join(&sha256[..2]).join(&sha256[2..4]).join(&sha256)]);
        assert_eq!(app.block_on(verify_files(&app.ctx)).unwrap(), (3, vec![]));
        let verification = app.person(Person::Auditor).get("/ledger/verification").expect(200);
        assert_eq!(verification["valid"], true);

        // Pages.
        let first = registrar.get(&format!("{path}/attachments?limit=1")).expect(200);
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = registrar.get(&format!("{path}/attachments?limit=1&cursor={cursor}")).expect(200);
        assert_eq!((&second["items"][0]["file_name"], &second["next_cursor"]), (&json!("again.pdf"), &Value::Null));
    }

    fn a_submission_needs_the_text_and_what_was_submitted_keeps_it(app: &App) {
        let registrar = app.person(Person::Registrar);
        let mut draft = bare(&registrar, 1);
        let refused = registrar.try_act(&draft, "submit", &json!({}));
        let body = refused.expect_problem(422, "invalid");
        assert_eq!((&body["errors"][0]["pointer"], &body["errors"][0]["code"]), (&json!("/attachments"), &json!("A06")));
        assert_eq!(body["errors"].as_array().unwrap().len(), 1, "{body}");
        // Another kind does not do.
        let reply = registrar.attach_at(&path(&draft), 1, "ip_proof", "专利证书.pdf", &small_pdf(1));
        draft["version"] = reply.expect(201)["contract_version"].clone();
        assert_eq!(registrar.try_act(&draft, "submit", &json!({})).pointers(), ["/attachments"]);
        draft["version"] = json!(attach_text(&registrar, &draft));

        // Gone again, and back.
        let attachments = format!("{}/attachments", path(&draft));
        let text = listed(&registrar, &draft)[1]["id"].clone();
        registrar.delete_at(&format!("{attachments}/{text}"), 1).expect_problem(412, "stale-version");
        let removed = registrar.delete_at(&format!("{attachments}/{text}"), version(&draft));
        removed.expect(204);
        assert_eq!(removed.header("etag"), Some("\"4\""));
        registrar.delete_at(&format!("{attachments}/{text}"), 4).expect_problem(404, "not-found");
        registrar.get(&format!("{attachments}/{text}")).expect_problem(404, "not-found");
        draft["version"] = json!(4);
        registrar.try_act(&draft, "submit", &json!({})).expect_problem(422, "invalid");
        draft["version"] = json!(attach_text(&registrar, &draft));
        let submitted = registrar.act(&draft, "submit", &json!({}));
        let acts: Vec<Value> = registrar.get(&format!("{}/history", path(&draft))).expect(200).as_array().unwrap().clone();
        let acts: Vec<&str> = acts.iter().map(|a| a["action"].as_str().unwrap()).collect();
        assert_eq!(acts, ["create", "attach", "attach", "detach", "attach", "submit"]);

        // While others work on it nothing is added, and what they have seen is never taken away.
        let text = listed(&registrar, &draft)[1]["id"].clone();
        let add = |contract: &Value, kind: &str| {
            registrar.attach_at(&path(contract), version(contract), kind, "补正.pdf", &small_pdf(9))
        };
        let remove = |contract: &Value| registrar.delete_at(&format!("{attachments}/{text}"), version(contract));
        add(&submitted, "other").expect_problem(409, "wrong-state");
        let reviewer = app.person(Person::Reviewer);
        let claimed = reviewer.act(&submitted, "claim", &json!({}));
        let items = json!([{"pointer": "/attachments", "detail": "缺授权委托书"}]);
        let mut returned = reviewer.act(&claimed, "return", &json!({"reason": "补正", "items": items}));
        remove(&returned).expect_problem(409, "wrong-state");
        returned["version"] = add(&returned, "authorisation").expect(201)["contract_version"].clone();
        remove(&returned).expect_problem(409, "wrong-state");
        let submitted = registrar.act(&returned, "submit", &json!({}));
        let claimed = reviewer.act(&submitted, "claim", &json!({}));
        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        let confirmed = reviewer.act(&claimed, "confirm", &verified);
        let evidence = add(&confirmed, "change_evidence").expect(201);
        remove(&registrar.get(&path(&draft)).expect(200)).expect_problem(409, "wrong-state");
        let after = registrar.get(&path(&draft)).expect(200);
        assert_eq!((&after["version"], &after["state"]), (&evidence["contract_version"], &json!("confirmed")));
        assert_eq!(after["revision"], confirmed["revision"], "the content is what it was");
    }

    fn attachments_are_seen_by_who_sees_the_contract(app: &App) {
        let registrar = app.person(Person::Registrar);
        let mut draft = bare(&registrar, 1);
        draft["version"] = json!(attach_text(&registrar, &draft));
        let attachments = format!("{}/attachments", path(&draft));
        let file = format!("{attachments}/{}", listed(&registrar, &draft)[0]["id"]);
        let seen_by = |people: &[Person]| {
            for person in Person::ALL {
                let client = app.person(person);
                let expected = if people.contains(&person) { 200 } else { 404 };
                for path in [&attachments, &file] {
                    assert_eq!(client.get(path).status, expected, "{person:?} {path}");
                }
            }
        };
        let of_agency = [Person::Registrar, Person::Colleague, Person::Uncertified, Person::ReviewingRegistrar];
        seen_by(&[&of_agency[..], &[Person::Auditor]].concat());
        // Another contract's attachment is not this one's.
        let other = bare(&registrar, 2);
        registrar.get(&format!("{}/attachments/{}", path(&other), listed(&registrar, &draft)[0]["id"])).expect(404);
        for id in ["0", "x", "99999999999999999999"] {
            registrar.get(&format!("{attachments}/{id}")).expect_problem(404, "not-found");
        }
        let tried = |person: Person, contract: &Value| {
            let client = app.person(person);
            client.attach_at(&path(contract), version(contract), "other", "x.pdf", &small_pdf(3))
        };
        tried(Person::OtherRegistrar, &draft).expect_problem(404, "not-found");
        tried(Person::Reviewer, &draft).expect_problem(404, "not-found");
        assert_eq!(tried(Person::Auditor, &draft).expect_problem(403, "forbidden")["denial"], "role");
        let submitted = registrar.act(&draft, "submit", &json!({}));
        seen_by(&[&of_agency[..], &[Person::Auditor, Person::Reviewer, Person::Reviewer2]].concat());
        let claimed = app.person(Person::Reviewer).act(&submitted, "claim", &json!({}));
        tried(Person::Reviewer, &claimed).expect_problem(403, "forbidden");
        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        let confirmed = app.person(Person::Reviewer).act(&claimed, "confirm", &verified);
        seen_by(&[&of_agency[..], &[Person::Auditor, Person::Reviewer, Person::Reviewer2, Person::Statistician]].concat());
        tried(Person::Statistician, &confirmed).expect_problem(403, "forbidden");
        tried(Person::Colleague, &confirmed).expect(201);
    }

    fn refusals_come_in_order_and_leave_nothing_behind(app: &App) {
        let registrar = app.person(Person::Registrar);
        let draft = bare(&registrar, 1);
        let attachments = format!("{}/attachments", path(&draft));
        let pdf = small_pdf(1);
        let one = ("\"1\"", "If-Match");
        let at = |version: &'static str| vec![("If-Match", version)];
        let good = [("kind", None, &b"other"[..]), ("file", Some("a.pdf"), &pdf)];
        let bad = [("kind", None, &b"nonsense"[..]), ("file", Some("a.exe"), &pdf), ("extra", None, b"x")];
        let send = |client: &Client, path: &str, headers: &[(&str, &str)], parts: &[(&str, Option<&str>, &[u8])]| {
            client.send_form(path, headers, "b", parts)
        };
        send(&app.anonymous(), &attachments, &at(one.0), &bad).expect_problem(401, "unauthenticated");
        let json = registrar.post_at("/contracts/999999/attachments", 1, &json!({}));
        json.expect_problem(415, "media-type");
        let cut = &b"--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nother"[..];
        let headers = [("Content-Type", "multipart/form-data; boundary=b")];
        registrar.send("POST", "/contracts/999999/attachments", &headers, Some(cut)).expect_problem(400, "malformed");
        let nameless = &b"--b\r\nContent-Type: text/plain\r\n\r\nother\r\n--b--\r\n"[..];
        registrar.send("POST", &attachments, &headers, Some(nameless)).expect_problem(400, "malformed");
        registrar.send("POST", &attachments, &[("Content-Type", "multipart/form-data")], Some(cut)).expect_problem(400, "malformed");
        send(&registrar, &attachments, &[("Idempotency-Key", "a b")], &good).expect_problem(400, "malformed");
        send(&registrar, "/contracts/999999/attachments", &at("\"9\""), &bad).expect_problem(404, "not-found");
        send(&app.person(Person::Auditor), &attachments, &[], &bad).expect_problem(403, "forbidden");
        send(&registrar, &attachments, &[], &bad).expect_problem(428, "version-missing");
        send(&registrar, &attachments, &at("\"9\""), &bad).expect_problem(412, "stale-version");
        let invalid = |parts: &[(&str, Option<&str>, &[u8])], pointers: &[&str]| {
            let reply = send(&registrar, &attachments, &at(one.0), parts);
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), pointers);
        };
        invalid(&bad, &["/extra", "/file", "/kind"]);
        invalid(&[], &["/file", "/kind"]);
        invalid(&good[1..], &["/kind"]);
        invalid(&good[..1], &["/file"]);
        invalid(&[good[0], good[0], good[1]], &["/kind"]);
        invalid(&[good[0], good[1], good[1]], &["/file"]);
        invalid(&[("kind", None, b"\xff\xfe"), good[1]], &["/kind"]);
        invalid(&[good[0], ("file", None, &pdf)], &["/file"]);
        assert_eq!(registrar.get(&path(&draft)).expect(200)["version"], 1);
        assert_eq!(listed(&registrar, &draft), Vec::<Value>::new());
        assert_eq!(files(app), Vec::<PathBuf>::new());
    }

    fn hostile_files_are_refused_with_a_reason(app: &App) {
        let registrar = app.person(Person::Registrar);
        let draft = bare(&registrar, 1);
        let pdf = small_pdf(1);
        let tried = |name: &str, content: &[u8]| code(&registrar.attach_at(&path(&draft), 1, "other", name, content));
        for name in ["../../x", "../../x.pdf", "..", "/etc/passwd", "C:\\temp\\x.pdf", "..\\x.pdf", "a\u{202e}fdp.pdf", ""] {
            assert_eq!(tried(name, &pdf), "file_name", "{name:?}");
        }
        let long = format!("{}.pdf", "长".repeat(197));
        assert_eq!(tried(&long, &pdf), "file_name");
        assert_eq!(tried("x.html", b"<html></html>"), "file_type");
        let html = b"<!DOCTYPE html><html><script>alert(1)</script></html>";
        assert_eq!(tried("page.pdf", html), "file_type_mismatch");
        assert_eq!(tried("both.pdf", b"%PDF-1.7\n<html><script>alert(1)</script>\n%%EOF"), "file_polyglot");
        assert_eq!(tried("empty.pdf", b""), "file_empty");
        assert_eq!(tried("picture.png", &pdf), "file_type_mismatch");
        let bomb = docx("word/media.xml", &vec![0; 64 << 20]);
        assert!(bomb.len() < 1 << 20);
        assert_eq!(tried("bomb.docx", &bomb), "file_bomb");
        assert_eq!(tried("bomb.xlsx", &bomb), "file_bomb");
        assert_eq!(tried("macro.docx", &docx("word/vbaProject.bin", b"x")), "file_macro");
        let acting = small_pdf(1);
        let acting = String::from_utf8(acting).unwrap().replace("/Type /Catalog", "/Type /Catalog /OpenAction << /S /Launch /F (a.exe) >>");
        assert_eq!(tried("acts.pdf", acting.as_bytes()), "file_active");
        let template = br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
            Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
            Target="http://evil.example/a.dotm" TargetMode="External"/></Relationships>"#;
        assert_eq!(tried("template.docx", &docx("word/_rels/settings.xml.rels", template)), "file_active");
        assert_eq!(tried("cut.docx", &docx("a.xml", b"x")[..60]), "file_damaged");
        assert_eq!(files(app), Vec::<PathBuf>::new());
        assert_eq!(registrar.get(&path(&draft)).expect(200)["version"], 1);
        // Not more than a contract may have.
        let most = app.ctx.settings.files.max_per_contract;
        for n in 0..most {
            registrar.attach_at(&path(&draft), n + 1, "other", "x.pdf", &pdf).expect(201);
        }
        let one_more = registrar.attach_at(&path(&draft), most + 1, "other", "x.pdf", &pdf);
        assert_eq!(code(&one_more), "too_many");
    }

    fn a_repeated_upload_is_done_once_whatever_its_boundary(app: &App) {
        let registrar = app.person(Person::Registrar);
        let draft = bare(&registrar, 1);
        let attachments = format!("{}/attachments", path(&draft));
        let headers = [("If-Match", "\"1\""), ("Idempotency-Key", "upload-1")];
        let (one, other) = (small_pdf(1), small_pdf(2));
        let form = |pdf| [("kind", None, &b"contract_text"[..]), ("file", Some("合同.pdf"), pdf)];
        let first = registrar.send_form(&attachments, &headers, "first", &form(&one));
        let again = registrar.send_form(&attachments, &headers, "second", &form(&one));
        assert_eq!((first.expect(201), first.header("etag")), (again.expect(201), again.header("etag")));
        registrar.send_form(&attachments, &headers, "first", &form(&other)).expect_problem(422, "idempotency-key-reused");
        let renamed = [form(&one)[0], ("file", Some("合同二.pdf"), &one[..])];
        registrar.send_form(&attachments, &headers, "first", &renamed).expect_problem(422, "idempotency-key-reused");
        assert_eq!(listed(&registrar, &draft).len(), 1);
        assert_eq!(files(app).len(), 1);
    }

    fn of_two_uploads_at_once_one_comes_too_late(app: &App) {
        let registrar = app.person(Person::Registrar);
        for n in 0..4 {
            let draft = bare(&registrar, n);
            let threads: Vec<_> = (0..2)
                .map(|k| {
                    let (client, path) = (registrar.clone(), path(&draft));
                    thread::spawn(move || client.attach_at(&path, 1, "contract_text", "a.pdf", &small_pdf(100 * n + k)).status)
                })
                .collect();
            let mut statuses: Vec<u16> = threads.into_iter().map(|t| t.join().unwrap()).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 412]);
            assert_eq!(listed(&registrar, &draft).len(), 1);
        }
        assert_eq!(files(app).len(), 4, "the losers' files are gone");
    }

    fn what_belongs_to_nothing_is_collected_and_nothing_else(app: &App) {
        let registrar = app.person(Person::Registrar);
        let (kept, gone) = (bare(&registrar, 1), bare(&registrar, 2));
        attach_text(&registrar, &kept);
        let pdf = small_pdf(2);
        registrar.attach_at(&path(&gone), 1, "contract_text", "a.pdf", &pdf).expect(201);
        registrar.delete_at(&path(&gone), 2).expect(204);
        // An upload that broke off with the program.
        let left = app.ctx.files.root().join(".upload-left");
        std::fs::write(&left, "x").unwrap();
        assert_eq!(files(app).len(), 3);
        let now = UNIX_EPOCH + Duration::from_micros(app.ctx.clock.now().micros().try_into().unwrap());
        let written = |at: SystemTime| {
            for file in files(app) {
                std::fs::File::options().write(true).open(file).unwrap().set_modified(at).unwrap();
            }
        };
        written(now - Duration::from_secs(3500));
        let collected = app.block_on(collect_orphans(&app.ctx, Reach::All)).unwrap();
        assert_eq!((collected.files, collected.temporary), (0, 0), "not old enough");
        written(now - Duration::from_secs(3700));
        let collected = app.block_on(collect_orphans(&app.ctx, Reach::All)).unwrap();
        assert_eq!((collected.files, collected.temporary, collected.bytes), (1, 1, pdf.len() as u64 + 1));
        // In its place the one that is named, in the trash the other.
        let trash = app.ctx.files.root().join(".trash");
        assert_eq!(files(app).len(), 2);
        assert_eq!(files(app).iter().filter(|path| path.starts_with(&trash)).count(), 1);
        assert_eq!(app.block_on(verify_files(&app.ctx)).unwrap(), (1, vec![]));
        // A file that goes or changes is noticed.
        let file = files(app).into_iter().find(|path| !path.starts_with(&trash)).unwrap();
        std::fs::write(&file, "x").unwrap();
        let (sound, faults) = app.block_on(verify_files(&app.ctx)).unwrap();
        assert_eq!((sound, faults.len(), faults[0].is_there), (0, 1, true));
        std::fs::remove_file(&file).unwrap();
        let (_, faults) = app.block_on(verify_files(&app.ctx)).unwrap();
        assert!(!faults[0].is_there);
    }

    fn a_file_too_large_is_refused_as_soon_as_it_shows(app: &App) {
        let registrar = app.person(Person::Registrar);
        let draft = bare(&registrar, 1);
        let target = format!("/api/v1{}/attachments", path(&draft));
        let head = |length: &str| {
            format!("POST {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nIf-Match: \"1\"\r\n\
                Content-Type: multipart/form-data; boundary=b\r\n{length}\r\n\r\n", registrar.token().unwrap())
        };
        let start = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.7\n";
        let connect = || TcpStream::connect(app.base.trim_start_matches("http://")).unwrap();
        let status_of = |mut stream: TcpStream| {
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).unwrap();
            String::from_utf8(answer.to_vec()).unwrap()
        };
        // Two gigabytes announced: not a byte of them is waited for.
        let mut stream = connect();
        stream.write_all(head(&format!("Content-Length: {}", 2_u64 << 30)).as_bytes()).unwrap();
        stream.write_all(start).unwrap();
        assert_eq!(status_of(stream), "HTTP/1.1 413");
        // Two gigabytes not announced: they come in pieces until the server has had enough.
        let mut stream = connect();
        let reading = stream.try_clone().unwrap();
        let answer = thread::spawn(move || status_of(reading));
        stream.write_all(head("Transfer-Encoding: chunked").as_bytes()).unwrap();
        let piece = vec![b' '; 1 << 20];
        let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        stream.write_all(&chunk(start)).unwrap();
        let chunk = chunk(&piece);
        let mut sent = 0;
        while sent < 2048 && !answer.is_finished() && stream.write_all(&chunk).is_ok() {
            sent += 1;
        }
        assert_eq!(answer.join().unwrap(), "HTTP/1.1 413");
        assert!(sent < 1024, "{sent} MiB were taken");
        // Just as large as it may be.
        let most = usize::try_from(app.ctx.settings.files.max_bytes).unwrap();
        let mut pdf = small_pdf(1);
        let end = pdf.split_off(pdf.len() - 7);
        pdf.resize(most - 7, b' ');
        pdf.extend(end);
        registrar.attach_at(&path(&draft), 1, "other", "large.pdf", &pdf).expect(201);
        pdf.insert(20, b' ');
        registrar.attach_at(&path(&draft), 2, "other", "large.pdf", &pdf).expect_problem(413, "too-large");
        // The server notices in its own time that nobody sends any more.
        let waited = std::time::Instant::now();
        while files(app).len() != 1 && waited.elapsed() < Duration::from_secs(10) {
            thread::yield_now();
        }
        assert_eq!(files(app).len(), 1);
    }
}

/// What clamd is to say to each file that it is sent, in turn.
fn clamd(socket: &Path, says: &[&'static [u8]]) -> thread::JoinHandle<()> {
    let listener = UnixListener::bind(socket).unwrap();
    let says = says.to_vec();
    thread::spawn(move || {
        for said in says {
            let (mut line, _) = listener.accept().unwrap();
            let mut command = [0; 10];
            line.read_exact(&mut command).unwrap();
            assert_eq!(&command, b"zINSTREAM\0");
            loop {
                let mut length = [0; 4];
                line.read_exact(&mut length).unwrap();
                let mut piece = vec![0; u32::from_be_bytes(length) as usize];
                if piece.is_empty() {
                    break;
                }
                line.read_exact(&mut piece).unwrap();
            }
            line.write_all(said).unwrap();
        }
    })
}

#[test]
fn what_the_virus_scanner_does_not_let_through_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("clamd.ctl");
    let app = App::start_with(Backend::Sqlite, "2026-06-15T12:00:00+08:00", |settings| {
        settings.files.virus_scanner = socket.display().to_string();
    });
    let registrar = app.person(Person::Registrar);
    let draft = bare(&registrar, 1);
    let attach = |n| registrar.attach_at(&path(&draft), 1, "other", "附图.pdf", &small_pdf(n));
    assert_eq!(code(&attach(1)), "scanner_unavailable");
    let scanner = clamd(
        &socket,
        &[
            b"stream: Eicar-Test-Signature FOUND\0",
            b"INSTREAM size limit exceeded. ERROR\0",
            b"stream: OK\0",
        ],
    );
    let infected = attach(2);
    assert_eq!(code(&infected), "file_infected");
    assert!(infected.text.contains("Eicar-Test-Signature"), "{}", infected.text);
    assert_eq!(code(&attach(3)), "scanner_unavailable");
    assert_eq!(files(&app), Vec::<PathBuf>::new());
    attach(4).expect(201);
    scanner.join().unwrap();
    assert_eq!((files(&app).len(), listed(&registrar, &draft).len()), (1, 1));
}
