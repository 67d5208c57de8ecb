//! Single confirmations over REST from many clients at once, each durable before it is answered, against the bare writer: the
//! same rows, by the same statements and nothing else, handed to the store's writer by as many threads.

use std::{
    sync::{Arc, Barrier},
    thread,
    time::{Duration, Instant},
};

use dengji::{
    domain::account::Role,
    storage::{Db, Store, StoreError, StoreOptions, StoreUrl},
};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::{
    Failure,
    generate::credit_code,
    http::Client,
    number,
    place::{Place, Server},
    report::{Report, median, ms, rate},
};

const STORE: &str = "confirmations.sqlite";
/// The store as it was before.
const BEFORE: &str = "confirmations-before.sqlite";
const CLIENTS: usize = 64;
/// A certificate of the sample, of an agency with a code.
pub const CERTIFICATE: &str = "DJY6620180002";

pub fn run(place: &Place, report: &mut Report) -> Result<(), Failure> {
    let each = number("BENCH_CONFIRMATIONS", 50);
    place.prepared(STORE)?;
    place.add_users(
        STORE,
        &[
            ("registrar", Role::Registrar, Some(CERTIFICATE)),
            ("reviewer", Role::Reviewer, None),
        ],
    )?;
    let server = Server::start(place, STORE)?;
    let claimed = on_all_clients(CLIENTS, |client| prepare(&server, client, each))?;
    drop(server);
    place.copy(STORE, BEFORE)?;

    let server = Server::start(place, STORE)?;
    let clients = (0..CLIENTS)
        .map(|_| server.log_in("reviewer"))
        .collect::<Result<Vec<_>, _>>()?;
    let (over_rest, waits) = confirm_all(clients, claimed)?;
    drop(server);
    let (bare, written) = bare_writer(place)?;
    if written != CLIENTS * each {
        return Err(format!("{written} confirmations were found, not {}", CLIENTS * each).into());
    }
    report.at_least(
        &format!("{written} confirmations over REST from {CLIENTS} clients against the bare writer"),
        format!(
            "{:.0} against {:.0} a second; a request takes {} (median)",
            rate(written, over_rest),
            rate(written, bare),
            ms(median(waits))
        ),
        bare.as_secs_f64() / over_rest.as_secs_f64(),
        0.25,
    );
    Ok(())
}

/// A draft that may be submitted as it is; no two are equal, and each has a seller of its own, so that none looks like a part of another.
pub fn draft(client: usize, count: usize) -> String {
    let seller = (client * 10_000 + count) as u64;
    json!({
        "project_name": format!("节水灌溉新工艺研究（基准{client:02}-{count:04}）"),
        "type": "development", "subtype": "dev_commissioned", "unit": "div_08",
        "seller": {"name": format!("石河子样例科技有限公司{seller}"), "uscc": credit_code("91659001", seller), "kind": "enterprise",
                   "region": "659001", "address": "石河子市样例路一号", "legal_representative": "王样例",
                   "contact": "李样例", "phone": "13900000001"},
        "buyer": {"name": "铁门关样例农业有限公司", "uscc": "91659002MA0000023B", "kind": "enterprise",
                  "region": "659006", "address": "铁门关市样例路二号", "legal_representative": "赵样例",
                  "contact": "钱样例", "phone": "13900000002", "unit": "div_02"},
        "signed_on": "2026-01-05", "begins_on": "2026-01-05", "ends_on": "2036-01-05",
        "amount_fen": 120_000_000, "technology_amount_fen": 100_000_000, "non_technology_amount_fen": 20_000_000,
        "field": "agriculture", "plan_source": "outside_plan", "ip_kind": "invention",
        "objective": "agriculture", "payment_mode": "instalment", "cross_border": "domestic",
        "related_party": false,
        "summary": "研究适用于干旱区的节水灌溉新工艺，完成方案设计、样机试制、田间试验和技术培训，提交研究报告和全套图纸。",
    })
    .to_string()
}

/// Runs `f` for every client, each on a thread of its own.
fn on_all_clients<T: Send>(clients: usize, f: impl Fn(usize) -> Result<T, Failure> + Sync) -> Result<Vec<T>, Failure> {
    thread::scope(|scope| {
        let f = &f;
        let threads: Vec<_> = (0..clients).map(|client| scope.spawn(move || f(client))).collect();
        threads
            .into_iter()
            .map(|t| t.join().unwrap_or_else(|_| Err("a client panicked".into())))
            .collect()
    })
}

/// The media type of the form with a contract's text.
pub const FORM: &str = "multipart/form-data; boundary=text";

/// The form: a small PDF; no two with different `count` are equal.
pub fn paper(count: usize) -> String {
    format!(
        "--text\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\ncontract_text\r\n--text\r\nContent-Disposition: form-data; \
         name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.7\n% {count}\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n\
         << /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>\nendobj\n\
         trailer\n<< /Root 1 0 R >>\n%%EOF\n\r\n--text--\r\n"
    )
}

/// Creates, equips with a text, submits and claims a client's contracts; answers their keys and versions.
fn prepare(server: &Server, client: usize, count: usize) -> Result<Vec<(i64, i64)>, Failure> {
    let mut registrar = server.log_in("registrar")?;
    let mut reviewer = server.log_in("reviewer")?;
    let mut claimed = Vec::with_capacity(count);
    for number in 0..count {
        let made = registrar
            .send("POST", "/api/v1/contracts", None, &draft(client, number))?
            .json(201)?;
        let (id, version) = key(&made)?;
        let attached = registrar
            .send_as(
                FORM,
                "POST",
                &path(id, "attachments"),
                Some(version),
                &paper(client * count + number),
            )?
            .json(201)?;
        let version = attached
            .get("contract_version")
            .and_then(Value::as_i64)
            .ok_or("an answer without the contract's version")?;
        let submitted = registrar
            .send("POST", &path(id, "submit"), Some(version), "{}")?
            .json(200)?;
        let (_, version) = key(&submitted)?;
        let taken = reviewer
            .send("POST", &path(id, "claim"), Some(version), "{}")?
            .json(200)?;
        claimed.push(key(&taken)?);
    }
    Ok(claimed)
}

fn path(id: i64, action: &str) -> String {
    format!("/api/v1/contracts/{id}/{action}")
}

fn key(contract: &Value) -> Result<(i64, i64), Failure> {
    let number = |name: &str| contract.get(name).and_then(Value::as_i64);
    number("id")
        .zip(number("version"))
        .ok_or_else(|| "an answer without key".into())
}

/// Every client confirms its contracts one after the other, all clients at once; how long it took, and each request.
fn confirm_all(clients: Vec<Client>, claimed: Vec<Vec<(i64, i64)>>) -> Result<(Duration, Vec<Duration>), Failure> {
    let start = Arc::new(Barrier::new(clients.len() + 1));
    let body = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000}).to_string();
    thread::scope(|scope| {
        let threads: Vec<_> = clients
            .into_iter()
            .zip(claimed)
            .map(|(mut client, contracts)| {
                let (start, body) = (Arc::clone(&start), body.as_str());
                scope.spawn(move || {
                    start.wait();
                    let mut waits = Vec::with_capacity(contracts.len());
                    for (id, version) in contracts {
                        let sent = Instant::now();
                        let answer = client.send("POST", &path(id, "confirm"), Some(version), body)?;
                        waits.push(sent.elapsed());
                        if answer.status != 200 {
                            answer.json(200)?;
                        }
                    }
                    Ok::<_, Failure>(waits)
                })
            })
            .collect();
        start.wait();
        let started = Instant::now();
        let mut waits = Vec::new();
        for thread in threads {
            waits.extend(thread.join().unwrap_or_else(|_| Err("a client panicked".into()))?);
        }
        Ok((started.elapsed(), waits))
    })
}

diesel::table! {
    contracts (id) {
        id -> BigInt,
        version -> BigInt,
        revision -> BigInt,
        state -> Text,
        registration_number -> Nullable<Text>,
        claimed_by -> Nullable<Text>,
        confirmed_by -> Nullable<Text>,
        confirmed_at -> Nullable<BigInt>,
        confirmed_year -> Nullable<Integer>,
        search_text -> Text,
        row_digest -> Text,
    }
}

diesel::table! {
    contract_revisions (contract_id, revision) {
        contract_id -> BigInt,
        revision -> BigInt,
        recorded_at -> BigInt,
        recorded_by -> Text,
        content -> Text,
    }
}

diesel::table! {
    standings (id) {
        id -> BigInt,
        contract_id -> BigInt,
        revision -> BigInt,
        from_at -> BigInt,
        first_confirmed_at -> BigInt,
        year -> Integer,
        amount_fen -> BigInt,
        technology_amount_fen -> Nullable<BigInt>,
        unit -> Nullable<Text>,
        #[sql_name = "type"]
        contract_type -> Nullable<Text>,
        plan_source -> Nullable<Text>,
        seller_kind -> Nullable<Text>,
        field -> Nullable<Text>,
        flow -> Text,
        cross_border -> Nullable<Text>,
    }
}

diesel::table! {
    ledger (sequence) {
        sequence -> BigInt,
        entry -> Text,
        previous_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    ledger_subjects (contract_id, sequence) {
        contract_id -> BigInt,
        sequence -> BigInt,
    }
}

diesel::table! {
    number_sequences (agency_code, year) {
        agency_code -> Text,
        year -> Integer,
        last -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(contracts, contract_revisions, standings, ledger_subjects, ledger);
diesel::joinable!(contract_revisions -> contracts (contract_id));
diesel::joinable!(standings -> contracts (contract_id));
diesel::joinable!(ledger_subjects -> contracts (contract_id));
diesel::joinable!(ledger_subjects -> ledger (sequence));

#[derive(Queryable, Selectable, AsChangeset, Identifiable, Clone)]
#[diesel(table_name = contracts, treat_none_as_null = true)]
struct Contract {
    id: i64,
    version: i64,
    revision: i64,
    state: String,
    registration_number: Option<String>,
    claimed_by: Option<String>,
    confirmed_by: Option<String>,
    confirmed_at: Option<i64>,
    confirmed_year: Option<i32>,
    search_text: String,
    row_digest: String,
}

#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = contract_revisions)]
struct Revision {
    contract_id: i64,
    revision: i64,
    recorded_at: i64,
    recorded_by: String,
    content: String,
}

#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = standings, treat_none_as_default_value = false)]
struct Standing {
    contract_id: i64,
    revision: i64,
    from_at: i64,
    first_confirmed_at: i64,
    year: i32,
    amount_fen: i64,
    technology_amount_fen: Option<i64>,
    unit: Option<String>,
    contract_type: Option<String>,
    plan_source: Option<String>,
    seller_kind: Option<String>,
    field: Option<String>,
    flow: String,
    cross_border: Option<String>,
}

#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = ledger)]
struct Entry {
    sequence: i64,
    entry: String,
    previous_hash: String,
    hash: String,
}

/// All that one confirmation wrote.
type Written = (Contract, Revision, Standing, Entry);

fn open(place: &Place, store: &str) -> Result<Store, Failure> {
    let url: StoreUrl = format!("sqlite:{}", place.file(store).display()).parse()?;
    let _runtime = place.runtime.enter();
    Ok(Store::open(&url, StoreOptions::default())?)
}

/// What the confirmations wrote, in the order in which they did.
fn written(db: &mut Db) -> Result<Vec<Written>, StoreError> {
    Ok(contracts::table
        .inner_join(
            contract_revisions::table.on(contract_revisions::contract_id
                .eq(contracts::id)
                .and(contract_revisions::revision.eq(contracts::revision))),
        )
        .inner_join(standings::table)
        .inner_join(ledger_subjects::table.inner_join(ledger::table))
        .filter(ledger::entry.like("{\"action\":\"confirm\"%"))
        .order(ledger::sequence)
        .select((
            Contract::as_select(),
            Revision::as_select(),
            Standing::as_select(),
            Entry::as_select(),
        ))
        .load(db)?)
}

/// Writes what one confirmation wrote.
fn write(db: &mut Db, (contract, revision, standing, entry): &Written) -> Result<(), StoreError> {
    let Db::Sqlite(c) = db else {
        return Err(StoreError::Unavailable("not SQLite".into()));
    };
    let agency: String = contract
        .registration_number
        .iter()
        .flat_map(|n| n.chars().skip(4).take(6))
        .collect();
    diesel::insert_into(number_sequences::table)
        .values((
            number_sequences::agency_code.eq(agency),
            number_sequences::year.eq(standing.year),
            number_sequences::last.eq(entry.sequence),
        ))
        .on_conflict((number_sequences::agency_code, number_sequences::year))
        .do_update()
        .set(number_sequences::last.eq(entry.sequence))
        .execute(c)?;
    diesel::insert_into(contract_revisions::table)
        .values(revision)
        .execute(c)?;
    diesel::insert_into(standings::table).values(standing).execute(c)?;
    let before = contracts::table
        .filter(contracts::id.eq(contract.id))
        .filter(contracts::version.eq(contract.version - 1));
    let changed = diesel::update(before).set(contract).execute(c)?;
    if changed != 1 {
        return Err(StoreError::Unavailable(format!(
            "contract {} is not as it was",
            contract.id
        )));
    }
    diesel::insert_into(ledger::table).values(entry).execute(c)?;
    diesel::insert_into(ledger_subjects::table)
        .values((
            ledger_subjects::contract_id.eq(contract.id),
            ledger_subjects::sequence.eq(entry.sequence),
        ))
        .execute(c)?;
    Ok(())
}

/// The same rows, by the store's writer alone; how long it took (the median of three), and how many confirmations they were.
fn bare_writer(place: &Place) -> Result<(Duration, usize), Failure> {
    let source = open(place, STORE)?;
    let rows = place.runtime.block_on(source.read(written))?;
    drop(source);
    let mut times = Vec::new();
    for round in 0..3 {
        // A store each: the last one's writer may still be closing its own.
        let copy = format!("confirmations-bare-{round}.sqlite");
        place.copy(BEFORE, &copy)?;
        times.push(write_all(place, &copy, &rows)?);
    }
    Ok((median(times), rows.len()))
}

/// Hands the rows to the store's writer from as many threads as there were clients.
fn write_all(place: &Place, store: &str, rows: &[Written]) -> Result<Duration, Failure> {
    let target = open(place, store)?;
    let start = Barrier::new(CLIENTS + 1);
    let handle = place.runtime.handle();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let mine: Vec<Written> = rows.iter().skip(client).step_by(CLIENTS).cloned().collect();
                let (start, target) = (&start, &target);
                scope.spawn(move || {
                    start.wait();
                    for row in mine {
                        handle.block_on(target.write(move |db| write(db, &row)))?;
                    }
                    Ok::<_, Failure>(())
                })
            })
            .collect();
        start.wait();
        let started = Instant::now();
        for thread in threads {
            thread.join().unwrap_or_else(|_| Err("a writer panicked".into()))?;
        }
        Ok(started.elapsed())
    })
}
