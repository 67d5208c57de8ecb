//! The same figures as SQL that SQLite, PostgreSQL and DuckDB all understand: every section for the year and the one before, the
//! series, bands, large contracts, imports, the middle and the largest amounts, revocations.

use dengji::{domain::code_list::ListName, domain::time::Moment, usecases::Context};

use crate::YEAR;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// The annual tree as of now.
    Annual,
    /// The annual tree as of a moment within the year.
    AsOf,
    /// Units by fields.
    Pivot,
}

impl Task {
    pub const ALL: [Self; 3] = [Self::Annual, Self::AsOf, Self::Pivot];

    pub const fn title(self) -> &'static str {
        match self {
            Self::Annual => "the annual tree",
            Self::AsOf => "the annual tree as of 1 September",
            Self::Pivot => "units by fields",
        }
    }
}

/// The moment whose state is counted, in microseconds: later than all there is, or 1 September.
pub fn as_of(task: Task) -> i64 {
    match task {
        Task::AsOf => Moment::start_of_year(YEAR).micros() + 243 * 86_400_000_000,
        _ => Moment::start_of_year(YEAR + 50).micros(),
    }
}

/// Who is asked: SQLite has no grouping sets, DuckDB has quantiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
    DuckDb,
}

const MEASURES: &str = "count(*), sum(amount_fen), sum(technology_amount_fen)";

/// Ways of writing it, each some statements, by name.
pub fn ways(ctx: &Context, task: Task, engine: Engine) -> Vec<(&'static str, Vec<String>)> {
    let at = as_of(task);
    let in_force = format!("from_at <= {at} AND (until_at IS NULL OR until_at > {at})");
    if task == Task::Pivot {
        let sql = format!(
            "SELECT unit, field, {MEASURES} FROM standings WHERE year = {YEAR} AND {in_force} GROUP BY unit, field"
        );
        return vec![("one query", vec![sql])];
    }
    let mut ways = vec![
        ("a query a section", by_section(ctx, &in_force)),
        ("one pass", one_pass(ctx, &in_force)),
    ];
    if engine != Engine::Sqlite {
        ways.push(("grouping sets", grouping_sets(ctx, &in_force)));
    }
    let others = others(&in_force, engine);
    for (_, statements) in &mut ways {
        statements.extend(others.iter().cloned());
    }
    ways
}

/// The total alone, to compare: contracts and amount.
pub fn total(task: Task) -> String {
    let at = as_of(task);
    format!(
        "SELECT count(*), CAST(sum(amount_fen) AS BIGINT) FROM standings
         WHERE year = {YEAR} AND from_at <= {at} AND (until_at IS NULL OR until_at > {at})"
    )
}

fn sections(ctx: &Context) -> Vec<(&'static str, String)> {
    let grouped = |column: &str, list: ListName| {
        let items = ctx.catalogue.list(list).items().iter();
        let cases: String = items
            .filter_map(|item| Some(format!(" WHEN '{}' THEN '{}'", item.id, item.group.as_deref()?)))
            .collect();
        format!("CASE {column}{cases} END")
    };
    let mut classes: Vec<_> = ctx.catalogue.list(ListName::SizeClass).items().iter().collect();
    classes.sort_by_key(|class| std::cmp::Reverse(class.from_fen));
    let sizes: String = classes
        .iter()
        .map(|class| {
            format!(
                " WHEN amount_fen >= {} THEN '{}'",
                class.from_fen.unwrap_or_default(),
                class.id
            )
        })
        .collect();
    vec![
        ("units", "unit".to_owned()),
        ("regions", grouped("unit", ListName::Unit)),
        ("types", "type".to_owned()),
        ("plan", grouped("plan_source", ListName::PlanSource)),
        ("flows", "flow".to_owned()),
        ("sellers", grouped("seller_kind", ListName::PartyKind)),
        ("fields", "field".to_owned()),
        ("sizes", format!("CASE{sizes} END")),
    ]
}

/// What neither way sums by groups.
fn others(in_force: &str, engine: Engine) -> Vec<String> {
    let counted = format!("FROM standings WHERE year = {YEAR} AND {in_force}");
    let tenth = format!("SELECT (count(*) + 9) / 10 {counted}");
    let (from, before) = (
        Moment::start_of_year(YEAR).micros(),
        Moment::start_of_year(YEAR + 1).micros(),
    );
    let ordered = match engine {
        Engine::DuckDb => vec![
            format!("SELECT quantile_disc(amount_fen, 0.5) {counted}"),
            format!(
                "SELECT sum(amount_fen) {counted} AND amount_fen >= (SELECT quantile_disc(amount_fen, 0.9) {counted})"
            ),
        ],
        _ => vec![
            format!("SELECT amount_fen {counted} ORDER BY amount_fen LIMIT 1 OFFSET (SELECT count(*) / 2 {counted})"),
            format!(
                "SELECT sum(amount_fen) FROM (SELECT amount_fen {counted} ORDER BY amount_fen DESC LIMIT ({tenth})) t"
            ),
        ],
    };
    let others = [
        format!("SELECT sum(amount_fen) FROM (SELECT amount_fen {counted} ORDER BY amount_fen DESC LIMIT 10) t"),
        format!(
            "SELECT ground, count(*), sum(amount_fen) FROM endings
             WHERE state = 'revoked' AND ended_at >= {from} AND ended_at < {before} GROUP BY ground"
        ),
    ];
    ordered.into_iter().chain(others).collect()
}

/// Every section at once, by the stored columns: who sums units to regions and sources to plan groups is not timed.
fn grouping_sets(ctx: &Context, in_force: &str) -> Vec<String> {
    let sizes = column(&sections(ctx), "sizes");
    let keys = ["unit", "type", "flow", "seller_kind", "field", "cross_border", "size"];
    let sets: Vec<String> = keys.iter().map(|key| format!("(year, {key})")).collect();
    vec![format!(
        "SELECT year, {}, plan_source, {MEASURES}
         FROM (SELECT *, {sizes} AS size FROM standings WHERE year BETWEEN {} AND {YEAR} AND {in_force}) t
         GROUP BY GROUPING SETS ({}, (year, plan_source), (year, type, cross_border))",
        keys.join(", "),
        YEAR - 5,
        sets.join(", ")
    )]
}

fn column(sections: &[(&'static str, String)], key: &str) -> String {
    let found = sections.iter().find(|(section, _)| *section == key);
    found.map(|(_, column)| column.clone()).unwrap_or_default()
}

fn by_section(ctx: &Context, in_force: &str) -> Vec<String> {
    let sections = sections(ctx);
    let mut statements = Vec::new();
    for (_, column) in &sections {
        statements.push(format!(
            "SELECT year, {column} AS item, {MEASURES} FROM standings
             WHERE year IN ({}, {YEAR}) AND {in_force} GROUP BY year, {column}",
            YEAR - 1
        ));
    }
    for (_, column) in sections.iter().filter(|(key, _)| ["plan", "regions"].contains(key)) {
        statements.push(format!(
            "SELECT year, {column} AS item, {MEASURES} FROM standings
             WHERE year BETWEEN {} AND {YEAR} AND {in_force} GROUP BY year, {column}",
            YEAR - 5
        ));
    }
    let band = |condition: &str| {
        format!("count(CASE WHEN {condition} THEN 1 END), sum(CASE WHEN {condition} THEN amount_fen END)")
    };
    let bands = [
        "amount_fen < 10000000",
        "amount_fen < 100000000",
        "amount_fen >= 100000000",
        "amount_fen < 1000000000",
        "amount_fen >= 500000000",
        "cross_border = 'import'",
    ]
    .map(band);
    statements.push(format!(
        "SELECT {} FROM standings WHERE year = {YEAR} AND {in_force}",
        bands.join(", ")
    ));
    statements.push(format!(
        "SELECT type, {MEASURES} FROM standings WHERE year = {YEAR} AND cross_border = 'import' AND {in_force} GROUP BY type"
    ));
    statements
}

/// One pass grouped by all that any figure asks for; the groups are few, and who sums them is not timed.
fn one_pass(ctx: &Context, in_force: &str) -> Vec<String> {
    let columns: Vec<String> = sections(ctx).into_iter().map(|(_, column)| column).collect();
    vec![format!(
        "SELECT year, cross_border, {0}, {MEASURES} FROM standings
         WHERE year BETWEEN {1} AND {YEAR} AND {in_force} GROUP BY year, cross_border, {0}",
        columns.join(", "),
        YEAR - 5
    )]
}
