//! `kill -9` while contracts are submitted and confirmed, again and again on one store: what was acknowledged is there, and
//! nothing is there by halves.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Stdio},
    sync::mpsc,
    thread,
};

use diesel::{Connection as _, sqlite::SqliteConnection};
use serde_json::{Value, json};

use super::query_sqlite;
use crate::support::{Backend, Client, complete_contract, database_url, dengji, form, papers};

const ROUNDS: u32 = 20;
const CLIENTS: u32 = 6;
const PASSWORD: &str = "an ordinary long sentence";
/// What a client does with each contract.
const ACTS: [&str; 5] = ["create", "attach", "submit", "claim", "confirm"];
const STATES: [&str; 5] = ["draft", "draft", "submitted", "under_review", "confirmed"];

/// An acknowledged act: the contract, and its place in [`ACTS`].
type Acknowledged = (i64, usize);

/// The program serving, as a process of its own.
struct Served {
    process: Child,
    base: String,
}

impl Served {
    fn start(url: &str, folder: &Path) -> Self {
        let mut process = dengji(url, folder)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let base = lines
            .by_ref()
            .map(Result::unwrap)
            .find_map(|l| {
                l.split_once("http://")
                    .map(|(_, rest)| format!("http://{}", rest.split('/').next().unwrap_or_default()))
            })
            .expect("the program does not serve");
        // What it says from now on is read away, so that it never waits for us.
        thread::spawn(move || lines.for_each(drop));
        Self { process, base }
    }

    /// `kill -9`.
    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// A test that fails leaves no process behind.
impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn add_user(url: &str, folder: &Path, arguments: &[&str]) {
    let mut process = dengji(url, folder)
        .args(["user", "add"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(process.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(process.wait().unwrap().success());
}

fn log_in(base: &str, username: &str) -> String {
    let body = json!({"username": username, "password": PASSWORD});
    let tokens = Client::new(base).post("/auth/login", &body).expect(200);
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// The form with a contract's text, each another.
fn text(n: u32) -> Vec<u8> {
    let pdf = papers::small_pdf(n);
    form("b", &[("kind", None, b"contract_text"), ("file", Some("a.pdf"), &pdf)])
}

/// Enters contracts and brings them to `confirmed`, one after another, until the server is gone.
fn load(registrar: &Client, reviewer: &Client, mut n: u32, acknowledged: &mpsc::Sender<Acknowledged>) {
    let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
    loop {
        n += 1;
        let mut contract = Value::Null;
        for (step, action) in ACTS.iter().enumerate() {
            let client = if step < 3 { registrar } else { reviewer };
            let (path, body) = match step {
                0 => ("/contracts".to_owned(), complete_contract(n).to_string().into_bytes()),
                1 => (format!("/contracts/{}/attachments", contract["id"]), text(n)),
                4 => (
                    format!("/contracts/{}/confirm", contract["id"]),
                    verified.to_string().into_bytes(),
                ),
                _ => (format!("/contracts/{}/{action}", contract["id"]), b"{}".to_vec()),
            };
            let version = format!("\"{}\"", contract["version"]);
            let media_type = if step == 1 {
                "multipart/form-data; boundary=b"
            } else {
                "application/json"
            };
            let mut headers = vec![("Content-Type", media_type)];
            if step > 0 {
                headers.push(("If-Match", &version));
            }
            // Without an answer nothing is known of the act.
            let Ok(reply) = client.try_send("POST", &path, &headers, Some(&body)) else {
                return;
            };
            if step == 1 {
                contract["version"] = reply.expect(201)["contract_version"].clone();
                acknowledged.send((contract["id"].as_i64().unwrap(), step)).unwrap();
                continue;
            }
            contract = reply.expect(if step == 0 { 201 } else { 200 });
            assert_eq!(contract["state"], STATES[step]);
            acknowledged.send((contract["id"].as_i64().unwrap(), step)).unwrap();
        }
    }
}

/// Numbers that are the same in every run (splitmix64).
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let url = database_url(Backend::Sqlite, folder.path());
    let registrars = concat!(env!("CARGO_MANIFEST_DIR"), "/config/demo/registrars.csv");
    let import = dengji(&url, folder.path())
        .args(["import", "--kind", "registrars", registrars])
        .output()
        .unwrap();
    assert!(import.status.success(), "{import:?}");
    add_user(
        &url,
        folder.path(),
        &["registrar", "--role", "registrar", "--certificate", "DJY6620190044"],
    );
    add_user(
        &url,
        folder.path(),
        &["reviewer", "--role", "reviewer", "--full-name", "王建国"],
    );

    let mut served = Served::start(&url, folder.path());
    // The sessions live through it all.
    let tokens = [log_in(&served.base, "registrar"), log_in(&served.base, "reviewer")];
    let mut done: BTreeMap<i64, usize> = BTreeMap::new();
    let mut seed = 1;
    for round in 0..ROUNDS {
        let (send, receive) = mpsc::channel();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let [registrar, reviewer] = tokens.each_ref().map(|t| Client::new(&served.base).with_token(t));
                let send = send.clone();
                thread::spawn(move || load(&registrar, &reviewer, (round * CLIENTS + client) * 1000, &send))
            })
            .collect();
        drop(send);
        let kill_after = usize::try_from(random(&mut seed) % 60).unwrap() + 1;
        let mut acknowledged: Vec<Acknowledged> = receive.iter().take(kill_after).collect();
        assert_eq!(acknowledged.len(), kill_after, "the load broke off by itself");
        served.kill();
        for client in clients {
            client.join().unwrap();
        }
        acknowledged.extend(receive.try_iter());

        let mut touched: BTreeMap<i64, usize> = BTreeMap::new();
        for (contract, step) in acknowledged {
            touched.insert(contract, step);
        }
        done.extend(&touched);
        served = Served::start(&url, folder.path());
        let reader = Client::new(&served.base).with_token(&tokens[0]);
        // The last round looks at everything again.
        let looked_at = if round + 1 == ROUNDS { &done } else { &touched };
        for (contract, step) in looked_at {
            is_there(&reader, *contract, *step);
        }
        nothing_by_halves(folder.path());
        let verified = dengji(&url, folder.path()).args(["ledger", "verify"]).output().unwrap();
        assert!(verified.status.success(), "round {round}: {verified:?}");
        let files = dengji(&url, folder.path()).args(["files", "verify"]).output().unwrap();
        assert!(files.status.success(), "round {round}: {files:?}");
    }
    assert!(
        done.values().any(|step| *step == 4) && done.len() > 20,
        "{} contracts",
        done.len()
    );
}

/// The contract is at least where the last acknowledged act left it, at most one act (sent, not answered) further.
fn is_there(reader: &Client, contract: i64, step: usize) {
    let found = reader.get(&format!("/contracts/{contract}")).expect(200);
    let reached = usize::try_from(found["version"].as_i64().unwrap()).unwrap() - 1;
    assert_eq!(found["state"], STATES[reached], "{found}");
    assert!(
        (step..=step + 1).contains(&reached),
        "{contract}: {} acknowledged, {found}",
        ACTS[step]
    );
    assert_eq!(found["registration_number"].is_string(), reached == 4, "{found}");
    let attachments = reader.get(&format!("/contracts/{contract}/attachments")).expect(200);
    assert_eq!(
        attachments["items"].as_array().unwrap().len(),
        usize::from(reached > 0),
        "{found}"
    );
    let history = reader.get(&format!("/contracts/{contract}/history")).expect(200);
    let acts: Vec<&str> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["action"].as_str().unwrap())
        .collect();
    assert_eq!(acts, ACTS[..=reached], "{contract}");
}

/// Contracts, ledger, revisions, standings and numbers tell the same story.
fn nothing_by_halves(folder: &Path) {
    let file = folder.join("dengji.sqlite");
    let mut db = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    assert_eq!(
        query_sqlite(&mut db, "SELECT integrity_check AS line FROM pragma_integrity_check"),
        ["ok"]
    );
    for (what, sql) in [
        ("a reference to nothing", "SELECT \"table\" AS line FROM pragma_foreign_key_check"),
        (
            "a state that is not the ledger's",
            "SELECT c.id || ' ' || c.state AS line FROM contracts c WHERE c.state IS NOT (
                SELECT l.entry ->> '$.to' FROM ledger_subjects s JOIN ledger l ON l.sequence = s.sequence
                WHERE s.contract_id = c.id ORDER BY s.sequence DESC LIMIT 1)",
        ),
        (
            "a version that is not the number of acts",
            "SELECT c.id || ' ' || c.version AS line FROM contracts c
             WHERE c.version <> (SELECT count(*) FROM ledger_subjects s WHERE s.contract_id = c.id)",
        ),
        (
            "an entry whose subject is not its contract",
            "SELECT l.entry AS line FROM ledger l LEFT JOIN ledger_subjects s ON s.sequence = l.sequence
             WHERE s.contract_id IS NOT (l.entry ->> '$.contract')",
        ),
        (
            "a contract of the ledger that is not there",
            "SELECT s.contract_id || '' AS line FROM ledger_subjects s WHERE s.contract_id NOT IN (SELECT id FROM contracts)",
        ),
        (
            "a missing revision",
            "SELECT c.id || '' AS line FROM contracts c
             WHERE (SELECT max(revision) FROM contract_revisions r WHERE r.contract_id = c.id) IS NOT c.revision",
        ),
        (
            "a standing of what is not confirmed, or none of what is",
            "SELECT c.id || ' ' || c.state AS line FROM contracts c WHERE (c.state = 'confirmed') <> (
                SELECT count(*) FROM standings s WHERE s.contract_id = c.id AND s.until_at IS NULL AND s.revision = c.revision)",
        ),
        (
            "a confirmation without a number, or a number without one",
            "SELECT c.id || ' ' || c.state AS line FROM contracts c
             WHERE (c.state = 'confirmed') <> (c.registration_number IS NOT NULL)",
        ),
        (
            "a number that was lost",
            "SELECT n.last || '' AS line FROM number_sequences n WHERE n.last - 500000 <> (
                SELECT count(*) FROM contracts c WHERE c.registration_number LIKE n.year || n.agency_code || '%')",
        ),
    ] {
        assert_eq!(query_sqlite(&mut db, sql), Vec::<String>::new(), "{what}");
    }
}
