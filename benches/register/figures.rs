//! The year's figures over the whole register, against the same figures by SQL on the same store, from the same connection
//! settings. Two ways of writing the SQL are measured and the faster one counts: a query per section, and one pass over the
//! stretches grouped by everything, from which the sections are summed.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use dengji::{
    domain::{code_list::ListName, time::Moment},
    statistics::AnnualFigures,
    usecases::{Context, statistics},
};
use rusqlite::Connection;

use crate::{
    Failure, import,
    place::Place,
    plain,
    report::{Report, median, ms},
    rows,
};

const YEAR: i32 = 2025;
/// How often each is timed, by turns.
const ROUNDS: usize = 21;

/// What SQL says: contracts, amount and technology amount by the names that our figures have.
type Sums = BTreeMap<String, (i64, i64, i64)>;

/// What each section is grouped by.
struct Section {
    key: &'static str,
    column: String,
}

pub fn run(place: &Place, report: &mut Report) -> Result<(), Failure> {
    let ctx = place.context(import::STORE)?;
    let connection = plain::connect(&place.file(import::STORE))?;
    let as_of = ctx.clock.now();
    let sections = sections(&ctx);
    let ours = || -> Result<AnnualFigures, Failure> {
        Ok(place
            .runtime
            .block_on(statistics::annual(&ctx, YEAR, Some(as_of), None))?)
    };
    let by_section = || per_section(&connection, &sections, as_of.micros());
    let in_one_pass = || one_pass(&connection, &sections, as_of.micros());

    let figures = ours()?;
    for sums in [by_section()?, in_one_pass()?] {
        agree(&figures, &sums)?;
    }
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let [a, b, c] = &mut times;
        a.push(timed(&ours)?);
        b.push(timed(&by_section)?);
        c.push(timed(&in_one_pass)?);
    }
    let [ours, by_section, in_one_pass] = times.map(median);
    let sql = by_section.min(in_one_pass);
    report.at_most(
        &format!("figures of a year over {} contracts against SQL", rows()),
        format!(
            "{} against {} (a query per section {}, one pass {})",
            ms(ours),
            ms(sql),
            ms(by_section),
            ms(in_one_pass)
        ),
        ours.as_secs_f64() / sql.as_secs_f64(),
        1.0,
    );
    Ok(())
}

fn timed<T>(f: &impl Fn() -> Result<T, Failure>) -> Result<Duration, Failure> {
    let started = Instant::now();
    f()?;
    Ok(started.elapsed())
}

/// The columns and expressions that sections are grouped by. Codes of groups come from the data files, as an author of SQL would
/// have them in tables or written out.
fn sections(ctx: &Context) -> Vec<Section> {
    let grouped = |column: &str, list: ListName| {
        let mut cases = String::new();
        for item in ctx.catalogue.list(list).items() {
            if let Some(group) = &item.group {
                cases.push_str(&format!(" WHEN '{}' THEN '{group}'", item.id));
            }
        }
        format!("CASE {column}{cases} END")
    };
    let mut classes: Vec<_> = ctx.catalogue.list(ListName::SizeClass).items().iter().collect();
    classes.sort_by_key(|class| std::cmp::Reverse(class.from_fen));
    let sizes: String = classes
        .iter()
        .map(|class| {
            let from = class.from_fen.unwrap_or_default();
            format!(" WHEN amount_fen >= {from} THEN '{}'", class.id)
        })
        .collect();
    [
        ("units", "unit".to_owned()),
        ("regions", grouped("unit", ListName::Unit)),
        ("types", "type".to_owned()),
        ("plan", grouped("plan_source", ListName::PlanSource)),
        ("flows", "flow".to_owned()),
        ("sellers", grouped("seller_kind", ListName::PartyKind)),
        ("fields", "field".to_owned()),
        ("sizes", format!("CASE{sizes} END")),
    ]
    .map(|(key, column)| Section { key, column })
    .into()
}

const IN_FORCE: &str = "from_at <= ?1 AND (until_at IS NULL OR until_at > ?1)";
const MEASURES: &str = "count(*), sum(amount_fen), coalesce(sum(technology_amount_fen), 0)";

/// A query for each section, for the year and the one before; one for the series; one for bands, large and imports.
fn per_section(connection: &Connection, sections: &[Section], at: i64) -> Result<Sums, Failure> {
    let mut sums = Sums::new();
    let before = YEAR - 1;
    for Section { key, column } in sections {
        let sql = format!(
            "SELECT '{key}', year, {column} AS item, {MEASURES} FROM standings
             WHERE year IN ({before}, {YEAR}) AND {IN_FORCE} GROUP BY year, item"
        );
        collect(connection, &sql, at, &mut sums)?;
    }
    let first = YEAR - 5;
    let plan = column_of(sections, "plan");
    let region = column_of(sections, "regions");
    for (key, column) in [("series_plan", plan), ("series_region", region)] {
        let sql = format!(
            "SELECT '{key}', year, {column} AS item, {MEASURES} FROM standings
             WHERE year BETWEEN {first} AND {YEAR} AND {IN_FORCE} GROUP BY year, item"
        );
        collect(connection, &sql, at, &mut sums)?;
    }
    for (item, condition) in special() {
        let sql = format!(
            "SELECT 'special', year, '{item}', {MEASURES} FROM standings
             WHERE year = {YEAR} AND {condition} AND {IN_FORCE} GROUP BY year"
        );
        collect(connection, &sql, at, &mut sums)?;
    }
    let sql = format!(
        "SELECT 'imports_by_type', year, type, {MEASURES} FROM standings
         WHERE year = {YEAR} AND cross_border = 'import' AND {IN_FORCE} GROUP BY year, type"
    );
    collect(connection, &sql, at, &mut sums)?;
    events(connection)?;
    Ok(sums)
}

/// One pass over the stretches, grouped by all that any figure asks for; the figures are sums over the few groups.
fn one_pass(connection: &Connection, sections: &[Section], at: i64) -> Result<Sums, Failure> {
    let first = YEAR - 5;
    let columns: String = sections
        .iter()
        .map(|s| format!(", {} AS {}", s.column, s.key))
        .collect();
    let keys: String = sections.iter().map(|s| format!(", {}", s.key)).collect();
    let measures = "sum(n), sum(amount), sum(technology)";
    let mut sql = format!(
        "WITH facts AS MATERIALIZED (
             SELECT year, type, cross_border{columns}, {}, count(*) AS n, sum(amount_fen) AS amount,
                    coalesce(sum(technology_amount_fen), 0) AS technology
             FROM standings WHERE year BETWEEN {first} AND {YEAR} AND {IN_FORCE}
             GROUP BY year, type, cross_border{keys})",
        "max(amount_fen) AS most"
    );
    let mut parts = Vec::new();
    for Section { key, .. } in sections {
        parts.push(format!(
            "SELECT '{key}', year, {key}, {measures} FROM facts WHERE year >= {} GROUP BY year, {key}",
            YEAR - 1
        ));
    }
    for (name, key) in [("series_plan", "plan"), ("series_region", "regions")] {
        parts.push(format!(
            "SELECT '{name}', year, {key}, {measures} FROM facts GROUP BY year, {key}"
        ));
    }
    // Every band and the line of large contracts lie on edges of size classes.
    for (item, condition) in [
        ("under_100k", "sizes IN ('s0_1', 's1_5', 's5_10')"),
        (
            "under_1m",
            "sizes IN ('s0_1', 's1_5', 's5_10', 's10_20', 's20_50', 's50_100')",
        ),
        (
            "from_1m",
            "sizes NOT IN ('s0_1', 's1_5', 's5_10', 's10_20', 's20_50', 's50_100')",
        ),
        (
            "under_10m",
            "sizes NOT IN ('s1000_2000', 's2000_5000', 's5000_10000', 's10000_up')",
        ),
        (
            "large",
            "sizes IN ('s500_1000', 's1000_2000', 's2000_5000', 's5000_10000', 's10000_up')",
        ),
        ("imports", "cross_border = 'import'"),
    ] {
        parts.push(format!(
            "SELECT 'special', year, '{item}', {measures} FROM facts WHERE year = {YEAR} AND {condition} GROUP BY year"
        ));
    }
    parts.push(format!(
        "SELECT 'imports_by_type', year, type, {measures} FROM facts
         WHERE year = {YEAR} AND cross_border = 'import' GROUP BY year, type"
    ));
    sql.push_str(&parts.join(" UNION ALL "));
    let mut sums = Sums::new();
    collect(connection, &sql, at, &mut sums)?;
    events(connection)?;
    Ok(sums)
}

/// Bands, large contracts, imports.
fn special() -> [(&'static str, &'static str); 6] {
    [
        ("under_100k", "amount_fen < 10000000"),
        ("under_1m", "amount_fen < 100000000"),
        ("from_1m", "amount_fen >= 100000000"),
        ("under_10m", "amount_fen < 1000000000"),
        ("large", "amount_fen >= 500000000"),
        ("imports", "cross_border = 'import'"),
    ]
}

fn column_of<'a>(sections: &'a [Section], key: &str) -> &'a str {
    sections
        .iter()
        .find(|section| section.key == key)
        .map_or("NULL", |section| section.column.as_str())
}

fn collect(connection: &Connection, sql: &str, at: i64, sums: &mut Sums) -> Result<(), Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([at])?;
    while let Some(row) = rows.next()? {
        let (key, year): (String, i32) = (row.get(0)?, row.get(1)?);
        let item: Option<String> = row.get(2)?;
        let name = format!("{key}.{year}.{}", item.unwrap_or_default());
        sums.insert(name, (row.get(3)?, row.get(4)?, row.get(5)?));
    }
    Ok(())
}

/// What is counted of ends, expert reviews, registrars, surveys and the ledger.
fn events(connection: &Connection) -> Result<(), Failure> {
    let (from, before) = (
        Moment::start_of_year(YEAR).micros(),
        Moment::start_of_year(YEAR + 1).micros(),
    );
    for sql in [
        "SELECT ground, count(DISTINCT contract_id), sum(amount_fen) FROM endings
         WHERE state = 'revoked' AND ended_at >= ?1 AND ended_at < ?2 GROUP BY ground",
        "SELECT count(*) FROM contracts WHERE expert_concluded_at >= ?1 AND expert_concluded_at < ?2",
        "SELECT count(*) FROM registrars WHERE ?1 <= ?2 AND issued_on <= '2025-12-31' AND valid_until >= '2025-12-31'",
        "SELECT kind, count(*) FROM activities WHERE ?1 <= ?2 GROUP BY kind",
        "SELECT kind, year, fen FROM reference_figures WHERE ?1 <= ?2",
        "SELECT count(*) FROM follow_ups WHERE survey_year = 2025 AND ?1 <= ?2",
        "SELECT sequence, hash FROM ledger WHERE ?1 <= ?2 ORDER BY sequence DESC LIMIT 1",
    ] {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([from, before])?;
        while rows.next()?.is_some() {}
    }
    Ok(())
}

/// Both sides must say the same, or the comparison means nothing.
fn agree(figures: &AnnualFigures, sums: &Sums) -> Result<(), Failure> {
    let annual = serde_json::to_value(figures)?;
    let number = |path: &str| annual.pointer(path).and_then(serde_json::Value::as_i64);
    let mut compared = 0;
    for (name, (contracts, amount, _)) in sums {
        let parts: Vec<&str> = name.split('.').collect();
        let [key, year, item] = parts.as_slice() else { continue };
        let (path, previous) = match *key {
            "special" if item.contains("under") || item.contains("from") => (format!("/bands/{item}"), ""),
            "special" => (format!("/{item}"), ""),
            "imports_by_type" => (format!("/imports/by_type/{item}"), ""),
            "series_plan" | "series_region" => continue,
            section => (
                format!("/{section}/{item}"),
                if *year == YEAR.to_string() { "" } else { "previous_" },
            ),
        };
        let ours = (
            number(&format!("{path}/{previous}contracts")),
            number(&format!("{path}/{previous}amount_fen")),
        );
        if ours != (Some(*contracts), Some(*amount)) {
            return Err(format!("{name}: SQL says {contracts} and {amount}, the figures {ours:?}").into());
        }
        compared += 1;
    }
    if compared < 100 {
        return Err(format!("only {compared} figures could be compared").into());
    }
    Ok(())
}
