//! A page of the list of contracts at the end of a register against one at its beginning.

use std::time::{Duration, Instant};

use dengji::domain::account::Role;
use serde_json::Value;

use crate::{
    Failure,
    http::Client,
    import,
    place::{Place, Server},
    report::{Report, median, ms},
    rows,
};

/// Requests timed for each page, by turns.
const ROUNDS: usize = 200;

pub fn run(place: &Place, report: &mut Report) -> Result<(), Failure> {
    place.add_users(import::STORE, &[("auditor", Role::Auditor, None)])?;
    let server = Server::start(place, import::STORE)?;
    let mut client = server.log_in("auditor")?;
    for sort in ["id", "-id", "amount_fen", "-confirmed_at", "confirmed_at"] {
        let first = format!("/api/v1/contracts?limit=20&sort={sort}");
        let last = last_page(&mut client, sort, &first)?;
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (times, path) in times.iter_mut().zip([&first, &last]) {
                times.push(timed(&mut client, path)?);
            }
        }
        let [first, last] = times.map(median);
        report.at_most(
            &format!("last page of {} contracts against the first, by {sort}", rows()),
            format!("{} against {}", ms(last), ms(first)),
            last.as_secs_f64() / first.as_secs_f64(),
            1.5,
        );
    }
    Ok(())
}

fn timed(client: &mut Client, path: &str) -> Result<Duration, Failure> {
    let started = Instant::now();
    let answer = client.send("GET", path, None, "")?;
    let time = started.elapsed();
    answer.json(200)?;
    Ok(time)
}

/// Walks the list to its end, and answers the path of the last full page of twenty.
fn last_page(client: &mut Client, sort: &str, first: &str) -> Result<String, Failure> {
    let (mut seen, mut before) = (0, None);
    let mut cursor: Option<String> = None;
    loop {
        let from = cursor.as_ref().map(|c| format!("&cursor={c}")).unwrap_or_default();
        let (count, next) = page(client, &format!("/api/v1/contracts?limit=100&sort={sort}{from}"))?;
        seen += count;
        match next {
            Some(next) => before = cursor.replace(next),
            None => break,
        }
    }
    if seen < rows() {
        return Err(format!("the list by {sort} has only {seen} contracts").into());
    }
    // Twenty by twenty from the last cursor but one, so that a full page is the last one kept.
    let mut path = format!("{first}&cursor={}", before.or(cursor).ok_or("a list of one page")?);
    loop {
        let (_, next) = page(client, &path)?;
        let Some(next) = next else { return Ok(path) };
        let following = format!("{first}&cursor={next}");
        let (count, _) = page(client, &following)?;
        if count < 20 {
            return Ok(path);
        }
        path = following;
    }
}

/// How many contracts a page has, and the cursor of the next.
fn page(client: &mut Client, path: &str) -> Result<(usize, Option<String>), Failure> {
    let page = client.send("GET", path, None, "")?.json(200)?;
    let items = page
        .get("items")
        .and_then(Value::as_array)
        .ok_or("a page without items")?;
    let next = page.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
    Ok((items.len(), next))
}
