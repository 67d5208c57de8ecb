//! Fills a store with contracts of five years straight by SQL, the same on either backend, and confirms one more at a time.

use dengji::{
    domain::{
        code_list::ListName,
        contract::{Content, Contract},
        ledger::Act,
        time::Moment,
        workflow::State,
    },
    storage::{Retryable, StoreError, StoreUrl, contracts, ledger, standings},
    usecases::Context,
};
use diesel::connection::SimpleConnection as _;
use tokio::runtime::Runtime;

use crate::{Failure, YEAR};

const DAY: i64 = 86_400_000_000;

/// A number below `bound` that differs from contract to contract, by the `salt`.
fn hashed(salt: i64, bound: usize) -> String {
    format!("((i * {salt} + {salt}) % 2147483647 % {bound})")
}

/// A code of a list, by contract.
fn code(ctx: &Context, list: ListName, salt: i64) -> String {
    let items = ctx.catalogue.list(list).items();
    let cases: String = items
        .iter()
        .zip(0..)
        .map(|(item, n)| format!(" WHEN {n} THEN '{}'", item.id))
        .collect();
    format!("CASE {}{cases} END", hashed(salt, items.len()))
}

/// Contracts confirmed one after the other, a fifth in each year; 1.5 % of them amended, 1.5 % revoked after forty days.
pub fn fill(ctx: &Context, contracts: usize) -> Result<(), Failure> {
    let year = contracts / 5;
    let sqlite = matches!(ctx.store.url(), StoreUrl::Sqlite(_));
    let numbers = if sqlite {
        format!(
            "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT i FROM n) AS n",
            year * 5
        )
    } else {
        format!("generate_series(1::bigint, {}::bigint) AS n(i)", year * 5)
    };
    let starts: String = (0..5)
        .map(|n| format!(" WHEN {n} THEN {}", Moment::start_of_year(YEAR - 4 + n).micros()))
        .collect();
    let confirmed = format!(
        "(CASE (i - 1) / {year}{starts} END + (i - 1) % {year} * ({} / {year}))",
        365 * DAY
    );
    // From some hundred yuan to a hundred million, small ones more often.
    let amount = format!(
        "(({} + 1) * CASE {} WHEN 0 THEN 1000 WHEN 1 THEN 10000 WHEN 2 THEN 100000 ELSE 1000000 END)",
        hashed(48_271, 9_973),
        hashed(69_621, 4)
    );
    let (unit, field, kind) = (
        code(ctx, ListName::Unit, 16_807),
        code(ctx, ListName::Field, 39_373),
        code(ctx, ListName::Type, 40_692),
    );
    let source = code(ctx, ListName::PlanSource, 41_546);
    let seller = code(ctx, ListName::PartyKind, 42_024);
    let flow = code(ctx, ListName::Flow, 45_742);
    let border = code(ctx, ListName::CrossBorder, 62_089);
    let ground = code(ctx, ListName::RevocationGround, 63_308);
    let common = format!(
        "{confirmed}, {}, {amount}, {amount} / 2, {unit}, {kind}, {source}, {seller}, {field}, {flow}, {border}",
        format_args!("{} + (i - 1) / {year}", YEAR - 4)
    );
    let columns =
        "contract_id, revision, from_at, until_at, first_confirmed_at, year, amount_fen, technology_amount_fen,
        unit, type, plan_source, seller_kind, field, flow, cross_border";
    let changed = format!("{confirmed} + {}", 40 * DAY);
    let statements = [
        format!(
            "INSERT INTO contracts (id, version, revision, state, created_at, submitted_at, confirmed_at, confirmed_year,
                 amount_fen, search_text, row_digest)
             SELECT i, 1, 2, CASE i % 67 WHEN 2 THEN 'revoked' ELSE 'confirmed' END, {confirmed},
                 {confirmed} - {} * {DAY}, {confirmed}, {} + (i - 1) / {year}, {amount}, '', '' FROM {numbers}",
            hashed(65_539, 30),
            YEAR - 4
        ),
        format!(
            "INSERT INTO standings ({columns}) SELECT i, 2, {confirmed}, CASE WHEN i % 67 IN (1, 2) THEN {changed} END, {common} FROM {numbers}"
        ),
        format!("INSERT INTO standings ({columns}) SELECT i, 3, {changed}, NULL, {common} FROM {numbers} WHERE i % 67 = 1"),
        format!(
            "INSERT INTO endings (contract_id, ended_at, state, ground, amount_fen)
             SELECT i, {changed}, 'revoked', {ground}, {amount} FROM {numbers} WHERE i % 67 = 2"
        ),
    ];
    ctx.store.with_connection(|db| {
        // Without indexes while it fills; PostgreSQL sorts well enough with them.
        let mut indexes = Vec::new();
        if sqlite {
            indexes = indexes_of(db, "contracts")?;
            for (name, _) in &indexes {
                db.batch_execute(&format!("DROP INDEX {name}"))?;
            }
        }
        db.batch_execute("BEGIN")?;
        for statement in &statements {
            db.batch_execute(statement)?;
        }
        db.batch_execute("COMMIT")?;
        for (_, sql) in indexes {
            db.batch_execute(&sql)?;
        }
        if !sqlite {
            db.batch_execute(
                "SELECT setval(pg_get_serial_sequence('contracts', 'id'), (SELECT max(id) FROM contracts)); ANALYZE",
            )?;
        }
        Ok(())
    })?;
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct Index {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    sql: String,
}

fn indexes_of(db: &mut dengji::storage::Db, table: &str) -> Result<Vec<(String, String)>, StoreError> {
    use diesel::RunQueryDsl as _;
    let sql = format!(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = '{table}' AND sql IS NOT NULL"
    );
    let found: Vec<Index> = diesel::sql_query(sql).load(db)?;
    Ok(found.into_iter().map(|index| (index.name, index.sql)).collect())
}

/// What the benchmark's own writes fail with.
#[derive(Debug)]
struct Failed(StoreError);

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl Retryable for Failed {
    fn is_contention(&self) -> bool {
        self.0.is_contention()
    }
}

/// Confirms contracts one at a time, as the program would: contract, revision, stretch and ledger entry in one durable transaction.
pub struct Writer {
    ctx: Context,
    content: Content,
    last: Moment,
}

impl Writer {
    pub fn new(ctx: &Context) -> Result<Self, Failure> {
        let content = Content {
            unit: Some("div_08".to_owned()),
            contract_type: Some("service".to_owned()),
            plan_source: Some("outside_plan".to_owned()),
            field: Some("agriculture".to_owned()),
            amount_fen: Some(12_345_600),
            technology_amount_fen: Some(10_000_000),
            cross_border: Some("none".to_owned()),
            ..Content::default()
        };
        Ok(Self {
            ctx: ctx.clone(),
            content,
            last: Moment::start_of_year(YEAR + 1).plus_seconds(-86_400),
        })
    }

    /// Confirms one more in the year asked for; its row of the table `standings`, but for the key, as SQL.
    pub fn confirm(&mut self, runtime: &Runtime) -> Result<String, Failure> {
        self.last = self.last.plus_seconds(1);
        let (at, content) = (self.last, self.content.clone());
        let row = format!(
            "{0}, NULL, {0}, {YEAR}, {1}, {2}, 'div_08', 'service', 'outside_plan', NULL, 'agriculture', '{3}', 'none'",
            at.micros(),
            content.amount_fen.unwrap_or_default(),
            content.technology_amount_fen.unwrap_or_default(),
            content.flow()
        );
        let contract = contract(content, at);
        let written = self.ctx.store.write(move |db| -> Result<(), Failed> {
            let mut contract = contract.clone();
            contract.id = contracts::insert_row(db, &contract, String::new(), "bench", at)?;
            standings::open(db, &contract, at, None)?;
            let act = Act {
                at,
                actor: "bench".to_owned(),
                role: None,
                contract: Some(contract.id),
                action: "confirm".to_owned(),
                from: Some("under_review".to_owned()),
                to: Some("confirmed".to_owned()),
                reason: None,
                changes: Vec::new(),
            };
            ledger::append(db, act)?;
            Ok(())
        });
        runtime.block_on(written).map_err(|e| format!("{e:?}"))?;
        Ok(row)
    }
}

fn contract(content: Content, at: Moment) -> Contract {
    Contract {
        id: 0,
        version: 1,
        revision: 1,
        state: State::Confirmed,
        registration_number: None,
        national_number: None,
        content,
        agency: None,
        registrar_certificate: None,
        rule_set: None,
        entered_by: None,
        submitted_by: None,
        claimed_by: None,
        confirmed_by: None,
        created_at: at,
        submitted_at: Some(at),
        due_on: None,
        confirmed_at: Some(at),
        returned: None,
        refusal: None,
        ended: None,
        expert_concluded_at: None,
        claimed_at: None,
        expert_conclusion: None,
        open_change_request: None,
        experts: Vec::new(),
    }
}
