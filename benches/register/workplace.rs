//! The pages on which people work, over a million contracts: how long the server takes for each.

use std::time::{Duration, Instant};

use dengji::domain::account::Role;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    Failure,
    confirmations::CERTIFICATE,
    generate::Random,
    http::Client,
    likeness::{filled, registered, spread},
    place::{Place, Server},
    report::{Report, ms},
};

const STORE: &str = "workplace.sqlite";

/// Requests timed for each page, by turns.
const ROUNDS: usize = 60;

/// Of a page that goes through every contract of the year in the store and is opened once a year.
const FEW_ROUNDS: usize = 5;

/// What 95 of 100 requests may take.
const WITHIN: Duration = Duration::from_millis(50);

/// What closing a year may take, and looking at its checklist: every contract is read from the store and every figure recomputed.
const ONCE_A_YEAR: Duration = Duration::from_secs(10);

/// Who opens which pages; `{}` is the key of a contract in the middle of the register.
const PAGES: [(&str, &[&str]); 3] = [
    (
        "registrar",
        &[
            "/",
            "/contracts",
            "/contracts?q=%E6%BB%B4%E7%81%8C&state=confirmed",
            "/contracts/new",
            "/contracts/parties?q=%E5%9B%A2",
            "/contracts/{}",
            "/messages",
        ],
    ),
    (
        "reviewer",
        &[
            "/",
            "/contracts",
            "/contracts?sort=-amount_fen",
            "/contracts?year=2025&unit=div_08",
            "/contracts/{}",
        ],
    ),
    (
        "statistician",
        &[
            "/",
            "/contracts",
            "/statistics/2025",
            "/statistics/2025?month=6",
            "/statistics/2025/figures/units.div_08.amount",
            "/statistics/2025/figures/total.amount",
            "/statistics/2025/figures/units.div_08.rank?sort=confirmed_at",
            "/statistics/2025/pivot?rows=unit&columns=field&measure=amount",
            "/statistics/2025/report",
        ],
    ),
];

/// What a statistician opens of a year that is closed.
const OF_AN_EDITION: [&str; 3] = [
    "/statistics/2025?edition=1",
    "/statistics/2025/figures/units.div_08.amount?edition=1",
    "/statistics/2025/restatement?edition=1",
];

pub fn run(place: &Place, report: &mut Report) -> Result<(), Failure> {
    filled(place, STORE, &mut Random(2027))?;
    count_them(place)?;
    place.add_users(
        STORE,
        &[
            ("registrar", Role::Registrar, Some(CERTIFICATE)),
            ("reviewer", Role::Reviewer, None),
            ("statistician", Role::Statistician, None),
        ],
    )?;
    let server = Server::start(place, STORE)?;
    let id = (registered() / 2).to_string();
    for (who, pages) in PAGES {
        let mut client = server.log_in_at_the_pages(who)?;
        let paths: Vec<String> = pages.iter().map(|page| page.replace("{}", &id)).collect();
        for (page, times) in pages.iter().zip(by_turns(&mut client, &paths, ROUNDS)?) {
            tell(report, &format!("{who}: {page}"), times, WITHIN)?;
        }
    }
    close_the_year(&server, report)?;
    let mut client = server.log_in_at_the_pages("statistician")?;
    let paths = OF_AN_EDITION.map(str::to_owned);
    for (page, times) in OF_AN_EDITION.iter().zip(by_turns(&mut client, &paths, ROUNDS)?) {
        tell(report, &format!("statistician: {page}"), times, WITHIN)?;
    }
    drop(server);
    place.remove(STORE);
    Ok(())
}

/// Times each page as often as said, by turns.
fn by_turns(client: &mut Client, paths: &[String], rounds: usize) -> Result<Vec<Vec<Duration>>, Failure> {
    // The first question waits for the facts to be read; every other is answered from them.
    for path in paths {
        timed(client, path)?;
    }
    let mut times = vec![Vec::new(); paths.len()];
    for _ in 0..rounds {
        for (times, path) in times.iter_mut().zip(paths) {
            times.push(timed(client, path)?);
        }
    }
    Ok(times)
}

fn tell(report: &mut Report, what: &str, times: Vec<Duration>, within: Duration) -> Result<(), Failure> {
    let (median, most, greatest) = spread(times)?;
    report.holds(
        &format!("{what}, {} registered", registered()),
        format!("median {}, 95 % {}, greatest {}", ms(median), ms(most), ms(greatest)),
        &format!("95 % ≤ {}", ms(within)),
        most <= within,
    );
    Ok(())
}

/// Looks at the closing's checklist, and closes the year over whatever it finds.
fn close_the_year(server: &Server, report: &mut Report) -> Result<(), Failure> {
    let mut client = server.log_in_at_the_pages("statistician")?;
    let paths = ["/statistics/2025/close".to_owned()];
    for times in by_turns(&mut client, &paths, FEW_ROUNDS)? {
        tell(report, &format!("statistician: {}", paths[0]), times, ONCE_A_YEAR)?;
    }
    let mut client = server.log_in("statistician")?;
    let checklist = client
        .send("GET", "/api/v1/statistics/annual/2025/checklist", None, "")?
        .json(200)?;
    let failed = checklist["items"].as_array().ok_or("a checklist without items")?;
    let overrides: Vec<Value> = failed
        .iter()
        .filter(|item| item["outcome"] == "failed" && item["overridable"] == true)
        .map(|item| json!({"item": item["item"], "reason": "测速"}))
        .collect();
    let body = json!({ "overrides": overrides }).to_string();
    let started = Instant::now();
    client
        .send("POST", "/api/v1/statistics/annual/2025/close", None, &body)?
        .json(201)?;
    tell(report, "closing the year", vec![started.elapsed()], ONCE_A_YEAR)
}

/// Opens the stretches that statistics count, all of the agency whose registrar looks.
fn count_them(place: &Place) -> Result<(), Failure> {
    let connection = Connection::open(place.file(STORE))?;
    connection.execute(
        "INSERT INTO standings (contract_id, revision, from_at, first_confirmed_at, year, amount_fen, technology_amount_fen,
             unit, type, plan_source, seller_kind, field, flow, cross_border)
         SELECT id, 1, confirmed_at, confirmed_at, confirmed_year, amount_fen, amount_fen, unit, type, 'outside_plan',
             'enterprise', field, 'within_xpcc', 'domestic' FROM contracts",
        [],
    )?;
    connection.execute(
        "UPDATE contracts SET agency_id = (SELECT agency_id FROM registrars WHERE certificate_number = ?)",
        [CERTIFICATE],
    )?;
    Ok(())
}

fn timed(client: &mut Client, path: &str) -> Result<Duration, Failure> {
    let started = Instant::now();
    let answer = client.send("GET", path, None, "")?;
    let time = started.elapsed();
    match answer.status {
        200 => Ok(time),
        status => Err(format!("{path}: {status}").into()),
    }
}
