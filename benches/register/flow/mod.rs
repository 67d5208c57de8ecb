//! The whole way of a contract over REST from many clients at once: entered, equipped with a file, submitted, claimed, confirmed, each
//! act durable before it is answered. Beside it a bare writer that does to the same tables what the acts did, and nothing else; on
//! SQLite by prepared statements, group by group, on PostgreSQL in batches of an act each.

mod acts;
mod bare_postgres;
mod recording;

use std::time::{Duration, Instant};

use dengji::{
    domain::account::Role,
    storage::{Store, StoreUrl},
};
use diesel::connection::SimpleConnection as _;

use crate::{
    Failure,
    confirmations::CERTIFICATE,
    number,
    place::{Place, Server},
    postgres::postgres_url,
    report::{Report, median, ms, rate},
};

use acts::{ACTS, Timed};

/// Clients at once, each with connections of its own.
const CLIENTS: usize = 64;

pub fn run(place: &Place, report: &mut Report) -> Result<(), Failure> {
    let each = number("BENCH_FLOW", 40);
    // What the acts write, row by row, from a run that is not timed: its triggers cost.
    prepared(place, "flow-recorded.sqlite")?;
    let before = "flow-before.sqlite";
    place.copy("flow-recorded.sqlite", before)?;
    recording::begin(&place.file("flow-recorded.sqlite"))?;
    walk(place, &["flow-recorded.sqlite"], each)?;
    let changes = recording::read(&place.file("flow-recorded.sqlite"))?;

    prepared(place, "flow.sqlite")?;
    let timed = walk(place, &["flow.sqlite"], each)?;
    let mut bare = Vec::new();
    for round in 0..3 {
        let copy = format!("flow-bare-{round}.sqlite");
        place.copy(before, &copy)?;
        bare.push(recording::replay(&place.file(&copy), &changes)?);
    }
    tell(report, "SQLite", &timed, median(bare), (0.6, 3600.0, Some(25)));

    let url = schema(0)?;
    prepared(place, &url)?;
    let timed = walk(place, &[&url], each)?;
    let bare_url = schema(1)?;
    prepared(place, &bare_url)?;
    let bare = bare_postgres::replay(&bare_url, &changes, CLIENTS)?;
    tell(report, "PostgreSQL", &timed, bare, (0.5, 1500.0, None));

    let url = schema(2)?;
    prepared(place, &url)?;
    let two = walk(place, &[&url, &url], each)?;
    report.at_least(
        "… two servers on one PostgreSQL against one",
        format!("{:.0} against {:.0} acts/s", two.rate(), timed.rate()),
        two.rate() / timed.rate(),
        1.0,
    );
    Ok(())
}

/// One line of the report for the acts together, one for each kind.
fn tell(
    report: &mut Report,
    store: &str,
    timed: &Timed,
    bare: Duration,
    (least, rate_wanted, p95): (f64, f64, Option<u64>),
) {
    let acts = timed.waits.len();
    report.at_least(
        &format!("{store}: {acts} acts of the whole flow from {CLIENTS} clients against the bare writer"),
        format!("{:.0} against {:.0} acts/s", timed.rate(), rate(acts, bare)),
        bare.as_secs_f64() / timed.took.as_secs_f64(),
        least,
    );
    report.at_least(
        &format!("{store}: acts/s of {rate_wanted}"),
        format!("{:.0}", timed.rate()),
        timed.rate() / rate_wanted,
        1.0,
    );
    let all = timed.of(None);
    let (middle, late) = (percentile(&all, 50), percentile(&all, 95));
    let measured = format!("median {}, 95 % {}", ms(middle), ms(late));
    let figure = format!("{store}: an act, from request to answer");
    match p95 {
        Some(bound) => report.holds(
            &figure,
            measured,
            &format!("95 % ≤ {bound} ms"),
            late <= Duration::from_millis(bound),
        ),
        None => report.note(&figure, measured),
    }
    for (place, act) in ACTS.iter().enumerate() {
        let waits = timed.of(Some(place));
        report.note(
            &format!("{store}: … {act}"),
            format!(
                "median {}, 95 % {}",
                ms(percentile(&waits, 50)),
                ms(percentile(&waits, 95))
            ),
        );
    }
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or_default()
}

/// A store with the sample's agencies, a registrar and a reviewer.
fn prepared(place: &Place, store: &str) -> Result<(), Failure> {
    place.prepared(store)?;
    place.add_users(
        store,
        &[
            ("registrar", Role::Registrar, Some(CERTIFICATE)),
            ("reviewer", Role::Reviewer, None),
        ],
    )
}

/// The acts of all clients, shared among as many servers as stores are named.
fn walk(place: &Place, stores: &[&str], each: usize) -> Result<Timed, Failure> {
    let servers = stores
        .iter()
        .map(|store| Server::start(place, store))
        .collect::<Result<Vec<_>, _>>()?;
    let started = Instant::now();
    let timed = acts::walk_all(&servers, CLIENTS, each)?;
    eprintln!(
        "{} acts on {} servers in {:.1} s, log-ins included",
        timed.waits.len(),
        servers.len(),
        started.elapsed().as_secs_f64()
    );
    for server in servers {
        server.stop()?;
    }
    Ok(timed)
}

/// A fresh schema on the PostgreSQL of this run.
fn schema(count: usize) -> Result<String, Failure> {
    let server = postgres_url();
    let schema = format!("flow_{}_{count}", std::process::id());
    let store = Store::open(&server.parse::<StoreUrl>()?, Default::default())?;
    store.with_connection(|db| Ok(db.batch_execute(&format!("CREATE SCHEMA {schema}"))?))?;
    Ok(format!("{server}?options=-csearch_path%3D{schema}"))
}
