//! The figures of a year over millions of contracts: from the facts in memory, by SQL in the store, and by DuckDB on the same rows,
//! side by side, with one confirmation between any two readings. `docs/PERFORMANCE.md` says what each line means.
//!
//! `cargo bench --bench statistics` takes 5,000,000 contracts of five years; a number behind `--` makes it another register:
//! `cargo bench --bench statistics -- 500000`. PostgreSQL is started on a free port, or is the one of `TEST_POSTGRES_URL`; names behind
//! the number say which stores (`sqlite postgres`). DuckDB runs in Python (`DENGJI_BENCH_PYTHON`, else `python3`) with its wheel `duckdb`;
//! without it the run says so and goes on. Exit 1 where a target is missed.

mod duckdb;
mod fill;
#[path = "../../tests/it/support/postgres.rs"]
mod postgres;
mod queries;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use dengji::{
    config::Settings,
    documents::report_document::ReportFormat,
    domain::time::Moment,
    statistics::{AnnualFigures, Span},
    storage::StoreUrl,
    usecases::{
        Context, reports,
        seam::Clock,
        statistics::{self, Asked, Dimension, Layout, Measure},
    },
};
use diesel::connection::SimpleConnection as _;
use tokio::runtime::Runtime;

use duckdb::Duck;
use queries::{Engine, Task};

/// What is measured is reading: nothing needs to be on the disk.
const POSTGRES_SETTINGS: &str = "-c fsync=off";

/// Whatever went wrong; the run is over then.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The year asked for; a fifth of the contracts are of it.
const YEAR: i32 = 2025;

/// How often each is timed, by turns. SQL in the store takes seconds, and fewer rounds.
const ROUNDS: usize = 15;
const STORE_ROUNDS: usize = 3;

struct Run {
    runtime: Runtime,
    missed: bool,
}

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let contracts = asked.iter().find_map(|a| a.parse().ok()).unwrap_or(5_000_000);
    let stores: Vec<&str> = ["sqlite", "postgres"]
        .into_iter()
        .filter(|store| asked.iter().all(|a| a.parse::<u64>().is_ok()) || asked.iter().any(|a| a == store))
        .collect();
    match run(contracts, &stores) {
        Ok(missed) => ExitCode::from(u8::from(missed)),
        Err(error) => {
            eprintln!("the benchmark failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(contracts: usize, stores: &[&str]) -> Result<bool, Failure> {
    let folder = tempfile::Builder::new().prefix("bench-dengji-").tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let mut run = Run { runtime, missed: false };
    println!("{contracts} contracts of 2021 to 2025; medians of {ROUNDS} and {STORE_ROUNDS} rounds\n");
    println!("| figure | measured | ratio | target | |\n|---|---|---|---|---|");
    for store in stores {
        let url = match *store {
            "sqlite" => format!("sqlite:{}", folder.path().join("bench.sqlite").display()),
            _ => postgres_schema()?,
        };
        run.store(store, &url, contracts, folder.path())?;
    }
    Ok(run.missed)
}

/// A fresh schema on the server.
fn postgres_schema() -> Result<String, Failure> {
    let server = postgres::postgres_url();
    let schema = format!("bench_{}", std::process::id());
    let store = dengji::storage::Store::open(&server.parse::<StoreUrl>()?, Default::default())?;
    store.with_connection(|db| Ok(db.batch_execute(&format!("CREATE SCHEMA {schema}"))?))?;
    Ok(format!("{server}?options=-csearch_path%3D{schema}"))
}

impl Run {
    fn line(&mut self, figure: &str, measured: &str, ratio: f64, target: f64) {
        let met = ratio >= target;
        self.missed |= !met;
        let verdict = if met { "ok" } else { "missed" };
        println!("| {figure} | {measured} | {ratio:.2} | ≥ {target} | {verdict} |");
    }

    fn note(&self, figure: &str, measured: &str) {
        println!("| {figure} | {measured} | | | |");
    }

    fn store(&mut self, name: &str, url: &str, contracts: usize, folder: &std::path::Path) -> Result<(), Failure> {
        let environment = vec![
            ("DENGJI_DATABASE_URL".to_owned(), url.to_owned()),
            (
                "DENGJI_AUTH__KEY_FILE".to_owned(),
                folder.join("keys.json").display().to_string(),
            ),
        ];
        let settings = Settings::from_sources(None, environment.into_iter().collect())?;
        let ctx = {
            let _runtime = self.runtime.enter();
            Context::make(settings, Clock::system())?
        };
        ctx.migrate().map_err(|e| format!("{e:?}"))?;
        let started = Instant::now();
        fill::fill(&ctx, contracts)?;
        eprintln!("{name}: filled in {:.0} s", started.elapsed().as_secs_f64());

        let ctx = ctx.remembering();
        let before = resident();
        let started = Instant::now();
        self.runtime.block_on(statistics::warm(ctx.clone()));
        self.note(
            &format!("{name}: the first reading of all facts"),
            &format!("{:.1} s", started.elapsed().as_secs_f64()),
        );
        let (bytes, counted) = ctx.facts.as_ref().map_or((0, 0), |facts| facts.size());
        let (Some(before), Some(after)) = (before, resident()) else {
            return Err("no /proc/self/statm".into());
        };
        let per = |bytes: usize| ratio(bytes, counted);
        let measured = format!(
            "{:.1} bytes a contract by the sizes of the tables; the process grew by {:.1}",
            per(bytes),
            per(after.saturating_sub(before))
        );
        self.line(
            &format!("{name}: memory for facts, of 64 bytes a contract"),
            &measured,
            64.0 / per(bytes),
            1.0,
        );

        let duck = match name {
            "sqlite" => Duck::start(&ctx, folder),
            _ => Err("side by side with SQLite only".into()),
        };
        let mut duck = match duck {
            Ok(duck) => Some(duck),
            Err(why) => {
                self.note(&format!("{name}: DuckDB left out"), &why.to_string());
                None
            }
        };
        let mut writer = fill::Writer::new(&ctx)?;
        for task in Task::ALL {
            let ours = |ctx: &Context| self.runtime.block_on(ask(ctx, task));
            let mut times = Vec::new();
            let mut by_duck = Vec::new();
            ours(&ctx)?;
            for _ in 0..ROUNDS {
                let row = writer.confirm(&self.runtime)?;
                let started = Instant::now();
                let ours = ours(&ctx)?;
                times.push(started.elapsed());
                if let Some(duck) = &mut duck {
                    duck.add(&row)?;
                    let (time, theirs) = duck.ask(task)?;
                    by_duck.push(time);
                    if theirs != ours {
                        return Err(format!("{task:?}: DuckDB says {theirs:?}, the figures {ours:?}").into());
                    }
                }
            }
            let mine = median(times);
            if duck.is_some() {
                let theirs = median(by_duck);
                let target = if task == Task::Annual { 10.0 } else { 1.0 };
                let measured = format!("{} against {}", ms(mine), ms(theirs));
                self.line(
                    &format!("{name}: {} against DuckDB", task.title()),
                    &measured,
                    quotient(theirs, mine),
                    target,
                );
            }
            let (by_store, statements) = self.in_the_store(&ctx, task, &mut writer, &mut duck)?;
            let measured = format!("{} against {} ({statements})", ms(mine), ms(by_store));
            self.line(
                &format!("{name}: {} against SQL in the store", task.title()),
                &measured,
                quotient(by_store, mine),
                1.0,
            );
        }
        self.documents(name, &ctx, &mut writer)
    }

    /// The four documents of the year, each from figures asked for anew: seconds of all four together, of the two that they may take.
    fn documents(&mut self, name: &str, ctx: &Context, writer: &mut fill::Writer) -> Result<(), Failure> {
        let failed = |e: dengji::usecases::Error| format!("{e:?}");
        let mut all = Duration::ZERO;
        let mut each = Vec::new();
        for format in ReportFormat::ALL {
            let mut times = Vec::new();
            for _ in 0..STORE_ROUNDS {
                writer.confirm(&self.runtime)?;
                let asked = Asked {
                    year: YEAR,
                    as_of: None,
                    span: Span::Year,
                    edition: None,
                };
                let started = Instant::now();
                self.runtime.block_on(async {
                    let report = reports::report(ctx, asked).await.map_err(failed)?;
                    reports::document(ctx, report, format).await.map_err(failed)
                })?;
                times.push(started.elapsed());
            }
            let time = median(times);
            all += time;
            each.push(format!("{} {}", format.id(), ms(time)));
        }
        self.line(
            &format!("{name}: the four documents of the year, of 2 s"),
            &format!("{} ({})", ms(all), each.join(", ")),
            quotient(Duration::from_secs(2), all),
            1.0,
        );
        Ok(())
    }

    /// The same figures by SQL, by whichever way of writing it is faster.
    fn in_the_store(
        &self,
        ctx: &Context,
        task: Task,
        writer: &mut fill::Writer,
        duck: &mut Option<Duck>,
    ) -> Result<(Duration, String), Failure> {
        let engine = match ctx.store.url() {
            StoreUrl::Sqlite(_) => Engine::Sqlite,
            StoreUrl::Postgres(_) => Engine::Postgres,
        };
        let ways = queries::ways(ctx, task, engine);
        let mut best: Option<(Duration, String)> = None;
        for (way, statements) in ways {
            let mut times = Vec::new();
            for _ in 0..STORE_ROUNDS {
                let row = writer.confirm(&self.runtime)?;
                if let Some(duck) = duck {
                    duck.add(&row)?;
                }
                let time = ctx.store.with_connection(|db| {
                    db.batch_execute("SELECT count(*) FROM number_sequences")?;
                    let started = Instant::now();
                    for statement in &statements {
                        db.batch_execute(statement)?;
                    }
                    Ok(started.elapsed())
                })?;
                times.push(time);
            }
            let time = median(times);
            if best.as_ref().is_none_or(|(other, _)| time < *other) {
                best = Some((time, way.to_owned()));
            }
        }
        best.ok_or_else(|| "no SQL".into())
    }
}

/// Contracts and amount of what a task asks for, from the facts in memory; all else is computed along with it.
async fn ask(ctx: &Context, task: Task) -> Result<(i64, i64), Failure> {
    let failed = |e: dengji::usecases::Error| format!("{e:?}");
    let total = |figures: &AnnualFigures| -> Result<(i64, i64), Failure> {
        let whole = |name: &str| figures.get(name).and_then(dengji::statistics::FigureValue::as_whole);
        whole("total.contracts")
            .zip(whole("total.amount"))
            .ok_or_else(|| "no total".into())
    };
    match task {
        Task::Annual => total(&statistics::within(ctx, YEAR, None, Span::Year).await.map_err(failed)?),
        Task::AsOf => {
            let at = Some(Moment::from_micros(queries::as_of(task)));
            total(&statistics::within(ctx, YEAR, at, Span::Year).await.map_err(failed)?)
        }
        Task::Pivot => {
            let layout = Layout {
                rows: Dimension::Unit,
                columns: Some(Dimension::Field),
                measure: Measure::Amount,
                filters: Vec::new(),
            };
            let pivot = statistics::pivot(ctx, YEAR, None, Span::Year, layout.clone())
                .await
                .map_err(failed)?;
            let amount = pivot.total.as_whole().ok_or("no amount")?;
            Ok((0, amount))
        }
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    if ms < 10.0 {
        format!("{ms:.2} ms")
    } else {
        format!("{ms:.0} ms")
    }
}

fn quotient(other: Duration, ours: Duration) -> f64 {
    other.as_secs_f64() / ours.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn ratio(bytes: usize, contracts: usize) -> f64 {
    bytes as f64 / contracts.max(1) as f64
}

/// Bytes of this process in memory.
fn resident() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096)
}
