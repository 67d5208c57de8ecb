//! Benchmarks of the whole: import, the year's figures, confirmations over REST, list pages, an idle
//! server, duplicates among a million, the pages over a million, the whole flow of a contract. Each is a ratio of
//! two measurements of one run, held against a target; `docs/PERFORMANCE.md` says what each means.
//!
//! `cargo bench --bench register` runs all; names behind `--` run some of them (`import figures confirmations pages idle
//! likeness workplace flow`).
//! `BENCH_ROWS` (100000), `BENCH_CONFIRMATIONS` per client (50), `BENCH_FLOW` contracts per client (40),
//! `BENCH_LIKENESS` (1000000, of `workplace` too) and `BENCH_SUBMISSIONS` (1200) make it smaller. Exit 1 where a target is missed.

mod confirmations;
mod figures;
mod flow;
mod generate;
mod http;
mod idle;
mod import;
mod likeness;
mod pages;
mod place;
mod plain;
#[path = "../../tests/it/support/postgres.rs"]
mod postgres;
mod report;
mod workplace;

use std::process::ExitCode;

use place::Place;
use report::Report;

/// A commit is on the disk, as an office has it.
const POSTGRES_SETTINGS: &str = "-c fsync=on";

/// Whatever went wrong; the run is over then.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Rows of the register.
fn rows() -> usize {
    number("BENCH_ROWS", 100_000)
}

/// A number from the environment.
fn number(name: &str, default: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

fn main() -> ExitCode {
    // `cargo bench` hands on arguments of its own (`--bench`).
    let asked: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    match run(&asked) {
        Ok(report) => {
            println!("{report}");
            ExitCode::from(u8::from(report.missed()))
        }
        Err(error) => {
            eprintln!("the benchmark failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(asked: &[String]) -> Result<Report, Failure> {
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|a| a == name);
    let place = Place::new()?;
    let mut report = Report::default();
    if wanted("idle") {
        idle::run(&place, &mut report)?;
    }
    let register = ["import", "figures", "pages"].into_iter().any(wanted);
    if register {
        import::run(&place, &mut report)?;
    }
    if wanted("figures") {
        figures::run(&place, &mut report)?;
    }
    if wanted("pages") {
        pages::run(&place, &mut report)?;
    }
    if wanted("confirmations") {
        confirmations::run(&place, &mut report)?;
    }
    if wanted("flow") {
        flow::run(&place, &mut report)?;
    }
    if wanted("likeness") {
        likeness::run(&place, &mut report)?;
    }
    if wanted("workplace") {
        workplace::run(&place, &mut report)?;
    }
    Ok(report)
}
