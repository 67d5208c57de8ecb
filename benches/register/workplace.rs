//! The pages on which people work, over a million contracts: how long the server takes for each.

use std::time::{Duration, Instant};

use dengji::domain::account::Role;
use rusqlite::Connection;

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

/// What 95 of 100 requests may take.
const WITHIN: Duration = Duration::from_millis(50);

/// Who opens which pages; `{}` is the key of a contract in the middle of the register.
const PAGES: [(&str, &[&str]); 3] = [
    (
        "registrar",
        &[
            "/",
            "/contracts",
            "/contracts?q=%E6%BB%B4%E7%81%8C&state=confirmed",
            "/contracts/new",
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
            "/statistics/2025/pivot?rows=unit&columns=field&measure=amount",
        ],
    ),
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
        // The first question waits for the facts to be read; every other is answered from them.
        for path in &paths {
            timed(&mut client, path)?;
        }
        let mut times = vec![Vec::new(); paths.len()];
        for _ in 0..ROUNDS {
            for (times, path) in times.iter_mut().zip(&paths) {
                times.push(timed(&mut client, path)?);
            }
        }
        for (page, times) in pages.iter().zip(times) {
            let (median, most, greatest) = spread(times)?;
            report.holds(
                &format!("{who}: {page}, {} registered", registered()),
                format!("median {}, 95 % {}, greatest {}", ms(median), ms(most), ms(greatest)),
                "95 % ≤ 50 ms",
                most <= WITHIN,
            );
        }
    }
    drop(server);
    place.remove(STORE);
    Ok(())
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
