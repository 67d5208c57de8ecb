//! Import of a register: its rate against plain inserts of the same rows, its memory, and the server's writes beside it.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use dengji::domain::account::Role;

use crate::{
    Failure, confirmations, generate,
    idle::mib,
    place::{Place, Server, memory_kib},
    plain,
    report::{Report, median, ms, rate},
    rows,
};

/// The store that the import makes; figures and pages are measured on it.
pub const STORE: &str = "register.sqlite";

/// Tables that an import of the register fills, and the rows of its own in each: registrars went into the ledger before.
const TABLES: [(&str, &str); 7] = [
    ("contracts", "SELECT * FROM contracts ORDER BY id"),
    (
        "contract_revisions",
        "SELECT * FROM contract_revisions ORDER BY contract_id, revision",
    ),
    (
        "contract_likeness",
        "SELECT * FROM contract_likeness ORDER BY contract_id",
    ),
    ("standings", "SELECT * FROM standings ORDER BY id"),
    ("endings", "SELECT * FROM endings ORDER BY id"),
    (
        "ledger",
        "SELECT * FROM ledger WHERE sequence > (SELECT coalesce(max(sequence), 0) FROM other.ledger) ORDER BY sequence",
    ),
    (
        "ledger_subjects",
        "SELECT * FROM ledger_subjects ORDER BY contract_id, sequence",
    ),
];

/// How much more memory four times the rows may take: page caches of fixed size that a small import does not fill, and the index
/// of the write-ahead log, a dozen bytes a row.
const MEMORY_GROWTH: f64 = 1.25;

/// Writers beside an import.
const WRITERS: usize = 4;

pub fn run(place: &Place, report: &mut Report) -> Result<(), Failure> {
    let rows = rows();
    let (all, quarter) = (place.file("all.csv"), place.file("quarter.csv"));
    generate::register(&all, rows)?;
    generate::register(&quarter, rows / 4)?;

    place.prepared("quarter.sqlite")?;
    let (_, quarter_peak) = timed(place, "quarter.sqlite", &quarter)?;
    place.prepared(STORE)?;
    let (import, peak) = timed(place, STORE, &all)?;
    let plain = plain_inserts(place)?;

    report.at_least(
        &format!("import of {rows} rows against plain inserts of the same rows"),
        format!(
            "{:.0} against {:.0} rows/s ({} against {})",
            rate(rows, import),
            rate(rows, plain),
            ms(import),
            ms(plain)
        ),
        plain.as_secs_f64() / import.as_secs_f64(),
        0.25,
    );
    #[expect(clippy::cast_precision_loss, reason = "KiB of a process")]
    let growth = peak as f64 / quarter_peak as f64;
    report.at_most(
        &format!("import: peak memory, {rows} against {} rows", rows / 4),
        format!("{} against {}", mib(peak), mib(quarter_peak)),
        growth,
        MEMORY_GROWTH,
    );
    beside(place, report, &all)
}

/// Imports a file by the program; how long it took from start to exit, and the most memory it held, KiB.
fn timed(place: &Place, store: &str, file: &Path) -> Result<(Duration, u64), Failure> {
    let started = Instant::now();
    let mut child = place
        .program(store)
        .args(["import", "--kind", "register"])
        .arg(file)
        .spawn()?;
    let mut peak = 0;
    let status = loop {
        // The peak only rises, so the last value before the end is the one.
        peak = memory_kib(child.id(), "VmHWM").unwrap_or(peak);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(Duration::from_millis(5));
    };
    let time = started.elapsed();
    if !status.success() {
        return Err(format!("the import ended with {status}").into());
    }
    Ok((time, peak))
}

/// The rows of the import, inserted into stores that have all but them; the median of three.
fn plain_inserts(place: &Place) -> Result<Duration, Failure> {
    place.prepared("before.sqlite")?;
    let connection = plain::connect(&place.file(STORE))?;
    connection.execute("ATTACH ? AS other", [place.file("before.sqlite").display().to_string()])?;
    // Agencies that the sample of registrars did not bring are no part of what is timed.
    connection.execute("INSERT OR IGNORE INTO other.agencies SELECT * FROM agencies", [])?;
    let tables = TABLES
        .iter()
        .map(|(name, query)| plain::read(&connection, name, query))
        .collect::<Result<Vec<_>, _>>()?;
    drop(connection);
    let mut times = Vec::new();
    for _ in 0..3 {
        place.copy("before.sqlite", "plain.sqlite")?;
        let mut connection = plain::connect(&place.file("plain.sqlite"))?;
        times.push(plain::insert(&mut connection, &tables)?);
        drop(connection);
        place.remove("plain.sqlite");
    }
    Ok(median(times))
}

/// Drafts entered over REST while another process imports into the same store.
fn beside(place: &Place, report: &mut Report, file: &Path) -> Result<(), Failure> {
    const STORE: &str = "beside.sqlite";
    place.prepared(STORE)?;
    place.add_users(
        STORE,
        &[("registrar", Role::Registrar, Some(confirmations::CERTIFICATE))],
    )?;
    let server = Server::start(place, STORE)?;
    let clients = (0..WRITERS)
        .map(|_| server.log_in("registrar"))
        .collect::<Result<Vec<_>, _>>()?;
    let over = AtomicBool::new(false);
    let (import, waits) = thread::scope(|scope| {
        let over = &over;
        let writers: Vec<_> = clients
            .into_iter()
            .enumerate()
            .map(|(writer, mut client)| {
                scope.spawn(move || {
                    let mut waits = Vec::new();
                    while !over.load(Ordering::Relaxed) {
                        let body = confirmations::draft(writer, waits.len());
                        let started = Instant::now();
                        client.send("POST", "/api/v1/contracts", None, &body)?.json(201)?;
                        waits.push(started.elapsed());
                        thread::sleep(Duration::from_millis(20));
                    }
                    Ok::<_, Failure>(waits)
                })
            })
            .collect();
        let import = timed(place, STORE, file);
        thread::sleep(Duration::from_millis(500));
        over.store(true, Ordering::Relaxed);
        let waits: Vec<_> = writers
            .into_iter()
            .map(|w| w.join().unwrap_or_else(|_| Err("a writer panicked".into())))
            .collect();
        (import, waits)
    });
    let (import, _) = import?;
    let failed: Vec<String> = waits
        .iter()
        .filter_map(|w| w.as_ref().err().map(ToString::to_string))
        .collect();
    let waits: Vec<Duration> = waits.into_iter().flatten().flatten().collect();
    let measured = format!(
        "{} writes, {} failed {}, longest wait {} beside an import of {}",
        waits.len(),
        failed.len(),
        failed.join("; "),
        ms(waits.iter().max().copied().unwrap_or_default()),
        ms(import)
    );
    report.holds(
        "import: REST writes beside it",
        measured,
        "none fails",
        failed.is_empty() && !waits.is_empty(),
    );
    Ok(())
}
