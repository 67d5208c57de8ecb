//! A year of the sample's size lived through over REST: contracts entered, submitted, claimed, returned, confirmed, refused, looked at
//! by experts, amended, cancelled, reinstated, audited and revoked. A little model beside it knows what is in force and for how much,
//! by what was asked for alone; the figures at each month's end are those of the model, and asked for later as of that moment they are
//! the same to the last figure. SQLite lives through the whole of it, PostgreSQL through a tenth.

mod entries;
mod figures;

use std::{collections::BTreeMap, thread};

use dengji::domain::account::Role;
use serde_json::{Value, json};

use self::{
    entries::{Entry, Fate, GROUNDS, REGISTRARS, REVIEWERS, SAMPLE, Size, Standing, TENTH, plan},
    figures::{compare, differences, figures},
};
use super::experts::{EXPERTS, close_voting, experts, path, vote};
use crate::support::{App, Backend, Client, Person, attach_text};

/// Lets each of some people work through the contracts that `whose` gives them, all people at the same time.
fn at_desks(year: &mut [Entry], whose: impl Fn(&Entry) -> Option<usize>, work: impl Fn(usize, &mut Entry) + Sync) {
    let mut piles: BTreeMap<usize, Vec<&mut Entry>> = BTreeMap::new();
    for entry in year {
        if let Some(desk) = whose(entry) {
            piles.entry(desk).or_default().push(entry);
        }
    }
    thread::scope(|scope| {
        for (desk, pile) in piles {
            let work = &work;
            scope.spawn(move || pile.into_iter().for_each(|entry| work(desk, entry)));
        }
    });
}

/// Who is at work; sessions end between two of their days.
struct Staff {
    registrars: Vec<Client>,
    reviewers: Vec<Client>,
}

impl Staff {
    fn of_the_day(app: &App, day: &str) -> Self {
        app.set_time(&format!("{day}T10:00:00+08:00"));
        Self {
            registrars: REGISTRARS.iter().map(|r| app.log_in(r.0)).collect(),
            reviewers: REVIEWERS.iter().map(|name| app.log_in(name)).collect(),
        }
    }
}

fn hire(app: &App) {
    app.person(Person::Registrar);
    for (name, agency, certificate, _) in &REGISTRARS[1..] {
        app.add_user(name, &[Role::Registrar], Some(agency), Some(certificate));
    }
    for name in REVIEWERS {
        app.add_user(name, &[Role::Reviewer], None, None);
    }
    app.person(Person::Statistician);
    experts(app);
}

/// The month's contracts come in and are decided on.
fn beginning(app: &App, year: &mut [Entry], month: u32) {
    let staff = Staff::of_the_day(app, &format!("2026-{month:02}-05"));
    let of_month = |e: &Entry| (e.month == month).then(|| e.registrar());
    at_desks(year, of_month, |desk, entry| {
        let client = staff.registrars[desk].without_papers();
        entry.contract = client.post("/contracts", &entry.document()).expect(201);
        entry.contract["version"] = json!(attach_text(&client, &entry.contract));
        if entry.fate != Fate::Late {
            entry.act(&client, "submit", &json!({}));
        }
        if entry.fate == Fate::Withdrawn {
            entry.act(&client, "withdraw", &json!({"reason": "申请人撤回"}));
        }
    });
    app.pass_seconds(60);
    // Those that were late last month, too.
    let submitted = |e: &Entry| (e.state() == "submitted").then(|| e.reviewer());
    at_desks(year, submitted, |desk, entry| {
        entry.act(&staff.reviewers[desk], "claim", &json!({}));
        entry.decide(&staff.reviewers[desk]);
    });
}

/// What was returned or is late is handed in, changes are asked for and decided on, experts meet.
fn middle(app: &App, year: &mut [Entry], month: u32) {
    let day = format!("2026-{month:02}-12");
    let staff = Staff::of_the_day(app, &day);
    let pending = |e: &Entry| ["returned", "draft"].contains(&e.state()).then(|| e.registrar());
    at_desks(year, pending, |desk, entry| {
        let client = &staff.registrars[desk];
        if entry.state() == "returned" {
            entry.amount += 500_000;
            entry.technology += 500_000;
            let patch = json!({"amount_fen": entry.amount, "technology_amount_fen": entry.technology});
            let at = format!("/contracts/{}", entry.contract["id"]);
            let edited = client.patch_at(&at, entry.contract["version"].as_i64().unwrap(), &patch);
            entry.contract = edited.expect(200);
        }
        entry.act(client, "submit", &json!({}));
    });
    app.pass_seconds(60);
    let again =
        |e: &Entry| (e.state() == "submitted" && (e.fate == Fate::Returned || month == 12)).then(|| e.reviewer());
    at_desks(year, again, |desk, entry| {
        entry.act(&staff.reviewers[desk], "claim", &json!({}));
        entry.confirm(&staff.reviewers[desk]);
    });
    app.pass_seconds(60);
    let changing = |e: &Entry| e.change(month).map(|_| e.second());
    at_desks(year, changing, |desk, entry| {
        let (change, granted) = entry.change(month).unwrap();
        let at = format!("/contracts/{}/change-requests", entry.contract["id"]);
        let version = entry.contract["version"].as_i64().unwrap();
        let request = staff.registrars[entry.registrar()]
            .post_at(&at, version, &change)
            .expect(201);
        let (decision, body) = if granted {
            ("approve", json!({}))
        } else {
            ("refuse", json!({"reason": "证据不足"}))
        };
        let decided = format!("/change-requests/{}/{decision}", request["id"]);
        staff.reviewers[desk].post(&decided, &body).expect(200);
        if granted {
            entry.changed(&change);
        }
        entry.read(&staff.reviewers[desk]);
    });
    if month.is_multiple_of(3) {
        app.pass_seconds(60);
        meet(app, &staff, year, &day);
    }
    if month == 11 {
        app.pass_seconds(60);
        let entry = year
            .iter_mut()
            .find(|e| e.standing == Standing::Cancelled)
            .expect("something was cancelled");
        let body = json!({"reason": "行政复议撤销原决定", "document_number": "兵复决〔2026〕1号"});
        let reviewer = entry.reviewer();
        entry.act(&staff.reviewers[reviewer], "reinstate", &body);
        (entry.standing, entry.reinstated) = (Standing::InForce, true);
    }
}

/// A panel concludes on all that wait for experts, and their reviewers follow it.
fn meet(app: &App, staff: &Staff, year: &mut [Entry], day: &str) {
    let mut waiting: Vec<&mut Entry> = year.iter_mut().filter(|e| e.state() == "expert_review").collect();
    if waiting.is_empty() {
        return;
    }
    let keys: Vec<&Value> = waiting.iter().map(|e| &e.contract["id"]).collect();
    let body = json!({"title": format!("{day} 论证"), "held_on": day, "chair": "e1", "experts": EXPERTS[..4], "contracts": keys});
    let panel = staff.reviewers[0].post("/expert-reviews", &body).expect(201);
    let experts: Vec<Client> = EXPERTS[..4].iter().map(|name| app.log_in(name)).collect();
    for entry in &mut waiting {
        let Fate::Experts(opinion) = entry.fate else {
            panic!("{:?} before experts", entry.fate)
        };
        if opinion == "recognise_with_changes" {
            entry.technology -= 2_000_000;
        }
        // The fourth dissents.
        for expert in &experts[..3] {
            if opinion == "recognise_with_changes" {
                let body = json!({"contract_id": entry.contract["id"], "vote": opinion, "text": "核减",
                    "technology_amount_fen": entry.technology});
                expert.post(&path(&panel, "/opinions"), &body).expect(201);
            } else {
                vote(expert, &panel, &entry.contract, opinion);
            }
        }
        let other = if opinion == "recognise" {
            "not_recognise"
        } else {
            "recognise"
        };
        vote(&experts[3], &panel, &entry.contract, other);
        let body = json!({"contract_id": entry.contract["id"], "reason": "多数意见", "conclusion": opinion});
        close_voting(&experts[0], &panel, &entry.contract);
        experts[0].post(&path(&panel, "/conclude"), &body).expect(200);
        entry.reviewed = true;
        let client = &staff.reviewers[entry.reviewer()];
        entry.read(client);
        if opinion == "not_recognise" {
            entry.act(client, "refuse", &json!({"reasons": ["subject_unclear"]}));
        } else {
            entry.confirm(client);
        }
    }
    assert_eq!(staff.reviewers[0].get(&path(&panel, "")).expect(200)["state"], "closed");
}

/// The self-audit over the year, which revokes exactly as many as it is to.
fn audit(app: &App, year: &mut [Entry], size: Size) {
    let staff = Staff::of_the_day(app, "2026-12-28");
    let body = json!({"title": "2026 年度自查", "year": 2026, "auditors": REVIEWERS,
        "design": {"kind": "stratified", "by": ["unit", "type"], "size": size.audited, "seed": "2026"}});
    let audit = staff.reviewers[0].post("/self-audits", &body).expect(201);
    let in_force = year.iter().filter(|e| e.is_in_force());
    assert_eq!(audit["population"]["contracts"], in_force.clone().count());
    assert_eq!(
        audit["population"]["amount_fen"],
        in_force.map(|e| e.amount).sum::<i64>()
    );
    let at = format!("/self-audits/{}", audit["id"]);
    let mut items: Vec<Value> = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = staff.reviewers[0]
            .get(&format!("{at}/items?limit=100{cursor}"))
            .expect(200);
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(items.len(), size.audited);
    app.pass_seconds(60);

    // Spread over the strata, the grounds in turn.
    let wrong = |index: usize| {
        let nth = index * size.revoked / items.len();
        (index == 0 || nth > (index - 1) * size.revoked / items.len()).then(|| GROUNDS[nth % GROUNDS.len()])
    };
    thread::scope(|scope| {
        for (name, client) in REVIEWERS.iter().zip(&staff.reviewers) {
            let (items, at) = (&items, &at);
            scope.spawn(move || {
                for (index, item) in items.iter().enumerate().filter(|(_, i)| i["assigned_to"] == **name) {
                    let mut body = json!({"item_id": item["id"], "verdict": "right"});
                    if let Some(ground) = wrong(index) {
                        body = json!({"item_id": item["id"], "verdict": "wrong", "ground": ground, "note": "核对原件"});
                    }
                    client.post(&format!("{at}/findings"), &body).expect(201);
                }
            });
        }
    });
    app.pass_seconds(60);
    let body = json!({"document_number": "兵科撤〔2026〕9号", "served_on": "2026-12-29"});
    let done = staff.reviewers[0].post(&format!("{at}/complete"), &body).expect(200);
    assert_eq!(done["completion"]["revoked"], size.revoked, "{done}");
    for (item, index) in items.iter().zip(0..) {
        let entry = year
            .iter_mut()
            .find(|e| e.contract["id"] == item["contract_id"])
            .unwrap();
        assert!(entry.is_in_force(), "{item}");
        if let Some(ground) = wrong(index) {
            entry.standing = Standing::Revoked(ground);
        }
    }
    assert_eq!(year.iter().filter(|e| e.is_revoked()).count(), size.revoked);
}

fn live(backend: Backend, size: Size) {
    let app = &App::start_at(backend, "2026-01-01T09:00:00+08:00");
    hire(app);
    let mut year = plan(size);
    let mut readings: Vec<Value> = Vec::new();
    let mut read = |year: &[Entry], when: &str| {
        app.set_time(when);
        let reading = figures(app, None);
        compare(&reading, year, when);
        readings.push(reading);
    };
    for (month, last) in (1..).zip([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
        beginning(app, &mut year, month);
        middle(app, &mut year, month);
        if month == 12 {
            read(&year, "2026-12-27T23:59:59.999999+08:00");
            audit(app, &mut year, size);
        }
        read(&year, &format!("2026-{month:02}-{last}T23:59:59.999999+08:00"));
    }
    let reached = |of: fn(&Entry) -> bool| year.iter().filter(|e| of(e)).count();
    assert_eq!(
        reached(|e| e.contract["registration_number"].is_string()),
        size.confirmed
    );
    assert_eq!(reached(|e| e.reviewed), size.reviewed);
    assert_eq!(reached(Entry::is_revoked), size.revoked);
    assert_eq!(reached(|e| e.reinstated), 1);
    for (what, entries) in [
        ("cancelled", reached(|e| e.standing == Standing::Cancelled)),
        ("amended", reached(|e| e.amended)),
        ("returned", reached(|e| e.fate == Fate::Returned)),
        ("refused", reached(|e| e.state() == "refused")),
        ("late", reached(|e| e.fate == Fate::Late)),
    ] {
        assert!(entries > 0, "nothing was {what}");
    }
    for (entry, expected) in year.iter().map(|e| (e, e.fate.is_confirmed())) {
        let state = entry.state();
        assert!(
            expected || ["refused", "withdrawn"].contains(&state),
            "{}: {:?} is {state}",
            entry.n,
            entry.fate
        );
    }

    app.set_time("2027-02-01T09:00:00+08:00");
    for then in &readings {
        let at = then["as_of"].as_str().unwrap();
        let mut found = Vec::new();
        differences(then, &figures(app, Some(at)), "", &mut found);
        assert!(found.is_empty(), "as of {at}: {found:#?}");
    }
    let verified = app.person(Person::Auditor).get("/ledger/verification").expect(200);
    assert_eq!(verified["valid"], true, "{verified}");
}

mod a_year_is_counted_right_then_and_later {
    use super::*;

    #[test]
    fn sqlite() {
        live(Backend::Sqlite, SAMPLE);
    }

    #[test]
    fn postgres() {
        live(Backend::Postgres, TENTH);
    }
}
