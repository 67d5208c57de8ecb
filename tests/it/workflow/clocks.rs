//! Time never runs backwards: several servers whose clocks differ, clocks that are set back, clocks that jump.

use dengji::{
    domain::{
        account::{Actor, Role},
        contract::Contract,
        time::Moment,
        workflow::{Action, State},
    },
    storage::{Store, StoreOptions, StoreUrl, account_ledger, ledger},
    usecases::{
        Context, Error,
        accounts::{authenticate, login},
        clock_watch::{leave_mark, watch},
        ledger as ledger_usecase, statistics,
    },
};
use serde_json::{Value, json};

use crate::support::{
    App, Backend, PASSWORD, Person, both,
    desk::{self, Input, complete_content},
};

/// An hour, seconds.
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// The program on another server: what is done through it is done there.
fn through(app: &mut App, ctx: &Context, f: impl FnOnce(&App)) {
    let own = (app.ctx.clone(), app.remembering.clone());
    app.ctx = Context {
        facts: None,
        ..ctx.clone()
    };
    app.remembering = ctx.clone();
    f(app);
    (app.ctx, app.remembering) = own;
}

/// When what the entries of both ledgers tell of happened, in their order.
fn moments(app: &App) -> [Vec<String>; 2] {
    let at = |entry: &str| {
        serde_json::from_str::<Value>(entry).unwrap()["at"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    // By a store that nobody tells the time.
    let url: StoreUrl = app.url.parse().unwrap();
    let store = Store::open(&url, StoreOptions::default()).unwrap();
    let both = app.block_on(
        store.read(move |db| Ok::<_, Error>((ledger::after(db, 0, 5000)?, account_ledger::after(db, 0, 5000)?))),
    );
    let (register, accounts) = both.unwrap();
    [register, accounts].map(|entries| entries.iter().map(|e| at(&e.entry)).collect())
}

fn expect_rising(app: &App) {
    for moments in moments(app) {
        // The same in one transaction, an import's rows say.
        assert!(moments.is_sorted(), "{moments:?}");
    }
}

fn contract(app: &App, id: i64) -> Contract {
    let auditor = desk::moved("auditor", &[Role::Auditor]);
    app.block_on(dengji::usecases::contracts::read::read(&app.ctx, auditor, id))
        .unwrap()
        .contract
}

fn act(app: &App, who: &Actor, action: Action, id: i64) -> Contract {
    let version = contract(app, id).version;
    desk::act(app, who, action, id, Some(version), Input::Valid(100_000_000)).unwrap();
    contract(app, id)
}

/// How many contracts the register counts in a year as of a moment (now, where none is named), by both ways of counting.
fn counted(app: &App, as_of: Option<Moment>) -> i64 {
    let of = |ctx: &Context| app.block_on(statistics::annual(ctx, 2026, as_of, None)).unwrap();
    let figures = of(&app.ctx);
    assert_eq!(of(&app.remembering), figures, "the facts in memory");
    serde_json::to_value(figures).unwrap()["total"]["contracts"]
        .as_i64()
        .unwrap()
}

fn hurried(backend: Backend, ahead: i64, behind: i64) {
    let mut app = App::start(backend);
    for person in [Person::Registrar, Person::Reviewer, Person::Reviewer2, Person::Auditor] {
        app.person(person);
    }
    let who = |app: &App, name: &str| desk::actor(app, name);
    let fast = app.another_server("fast", ahead).remembering();
    let slow = app.another_server("slow", behind).remembering();
    let mut id = 0;
    let (mut confirmed, mut revoked) = (None, None);
    through(&mut app, &fast, |app| {
        id = desk::enter(app, &who(app, "registrar"), complete_content(1))
            .unwrap()
            .id;
        act(app, &who(app, "registrar"), Action::Submit, id);
        act(app, &who(app, "reviewer"), Action::Claim, id);
        confirmed = act(app, &who(app, "reviewer"), Action::Confirm, id).confirmed_at;
    });
    let confirmed = confirmed.unwrap();
    through(&mut app, &slow, |app| {
        // Its clock says that this was not confirmed yet: it counts it all the same.
        assert!(app.ctx.clock.shown() < confirmed);
        assert_eq!(counted(app, None), 1);
        let ended = act(app, &who(app, "reviewer2"), Action::Revoke, id).ended.unwrap();
        assert!(ended.at > confirmed, "{} is not after {confirmed}", ended.at);
        revoked = Some(ended.at);
        assert_eq!(counted(app, None), 0);
    });
    let revoked = revoked.unwrap();
    through(&mut app, &fast, |app| {
        assert_eq!(counted(app, None), 0);
        let reinstated = act(app, &who(app, "reviewer"), Action::Reinstate, id);
        assert_eq!(reinstated.state, State::Confirmed);
        assert_eq!(counted(app, None), 1);
    });
    // Once at every moment between, and never twice.
    let micro = |at: Moment, by: i64| Moment::from_micros(at.micros() + by);
    for (at, expected) in [
        (micro(confirmed, -1), 0),
        (confirmed, 1),
        (micro(revoked, -1), 1),
        (revoked, 0),
    ] {
        through(&mut app, &slow, |app| {
            assert_eq!(counted(app, Some(at)), expected, "as of {at}")
        });
    }
    expect_rising(&app);
    assert_eq!(
        app.block_on(ledger_usecase::verdict::verify(&app.ctx, None))
            .unwrap()
            .ledger
            .fault,
        None
    );
}

#[test]
fn a_server_an_hour_behind_another_sqlite() {
    hurried(Backend::Sqlite, HOUR, -HOUR);
}

#[test]
fn a_server_an_hour_behind_another_postgres() {
    hurried(Backend::Postgres, HOUR, -HOUR);
}

both! {
    fn a_session_of_one_server_holds_at_another(app: &App) {
        app.person(Person::Reviewer);
        let fast = app.another_server("fast", HOUR);
        let slow = app.another_server("slow", -HOUR);
        let address: std::net::IpAddr = "192.0.2.7".parse().unwrap();
        let tokens = app.block_on(login(&fast, "reviewer", PASSWORD, address)).unwrap();
        let caller = app.block_on(authenticate(&slow, &tokens.access_token)).unwrap();
        assert_eq!(caller.actor.username, "reviewer");
        expect_rising(app);
    }

    fn what_the_slow_server_says_of_its_clock(app: &App) {
        app.person(Person::Reviewer);
        let slow = app.another_server("slow", -HOUR);
        assert_eq!(slow.watch.report().lines(), Vec::<String>::new());
        app.block_on(ledger_usecase::head(&slow)).unwrap();
        let behind = slow.watch.report().behind.unwrap();
        assert!((HOUR - 1..=HOUR + 1).contains(&behind), "{behind}");
        // Five seconds are nobody's business.
        let near = app.another_server("near", -4);
        app.block_on(ledger_usecase::head(&near)).unwrap();
        assert_eq!(near.watch.report().behind, None);
    }

    fn a_server_ahead_of_another_is_told_by_their_marks(app: &App) {
        app.person(Person::Reviewer);
        let fast = app.another_server("fast", HOUR);
        let other = app.another_server("other", 0);
        app.block_on(leave_mark(&other, &[])).unwrap();
        let seen = app.block_on(leave_mark(&fast, &[])).unwrap();
        // One mark may be old.
        assert_eq!(fast.watch.report().ahead, None);
        for ctx in [&other, &fast] {
            ctx.clock.set(ctx.clock.shown().plus_seconds(60));
        }
        app.block_on(leave_mark(&other, &[])).unwrap();
        app.block_on(leave_mark(&fast, &seen)).unwrap();
        assert_eq!(fast.watch.report().ahead, Some(HOUR - 60), "less what may have passed since");
        assert_eq!(other.watch.report().ahead, None);
    }

    fn a_clock_set_back_by_a_day_stops_nothing(app: &App) {
        app.person(Person::Reviewer2);
        app.block_on(watch(&app.ctx, None)).unwrap();
        let confirmed = app.confirmed(1);
        app.ctx.clock.step(-DAY);
        let readiness = app.anonymous().get("/readyz");
        assert_eq!(readiness.status, 200);
        assert!(readiness.text.contains("clock_behind_ledger_seconds 86400\n"), "{}", readiness.text);
        // Log-in, and every act, goes on after what was done before.
        let body = json!({"ground": "other", "document_number": "文〔2026〕1号", "note": "有误"});
        let revoked = app.person(Person::Reviewer2).act(&confirmed, "revoke", &body);
        assert!(revoked["ended"]["at"].as_str() > confirmed["confirmed_at"].as_str(), "{revoked}");
        assert_eq!(counted(app, None), 0);
        assert_eq!(counted(app, Some(Moment::parse(confirmed["confirmed_at"].as_str().unwrap()).unwrap())), 1);
        let next = app.confirmed(2);
        assert!(next["confirmed_at"].as_str() > revoked["ended"]["at"].as_str());
        expect_rising(app);
        // What waits for a time still comes: at half its pace until the clock has caught up.
        let before = app.ctx.clock.now();
        app.ctx.clock.set(app.ctx.clock.shown().plus_seconds(2 * HOUR));
        let passed = app.ctx.clock.now().micros() - before.micros();
        assert!((HOUR..HOUR + 2).contains(&(passed / 1_000_000)), "{passed}");
        // Right again, it has not jumped.
        app.ctx.clock.step(DAY);
        app.confirmed(3);
        assert_eq!(app.ctx.watch.report().behind, None);
    }

    fn a_clock_that_jumps_stops_writing_and_nothing_else(app: &App) {
        app.block_on(watch(&app.ctx, None)).unwrap();
        let claimed = app.claimed(1);
        let reviewer = app.person(Person::Reviewer);
        app.ctx.clock.step(DAY + HOUR);
        let body = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        let refused = reviewer.try_act(&claimed, "confirm", &body);
        assert_eq!(refused.status, 503);
        assert!(refused.json()["detail"].as_str().unwrap().contains("时钟异常"), "{}", refused.text);
        let readiness = app.anonymous().get("/readyz");
        assert_eq!(readiness.status, 503);
        assert!(readiness.text.contains("clock_jumped_seconds 90000\n"), "{}", readiness.text);
        // Who is logged in still reads: for sessions no day has passed.
        assert_eq!(reviewer.get(&format!("/contracts/{}", claimed["id"])).expect(200)["state"], "under_review");
        // Nothing is swept by a wrong clock, however far it went.
        app.ctx.clock.step(400 * DAY);
        let swept = app.block_on(dengji::usecases::sweeps::run_all(&app.ctx));
        let released = swept.iter().find(|(sweep, _)| sweep.id() == "idle_releases").unwrap();
        assert!(matches!(released.1, Ok(0) | Err(Error::Halted(_))), "{:?}", released.1);
        assert_eq!(contract(app, claimed["id"].as_i64().unwrap()).state, State::UnderReview);
        // Set right, it goes on by itself.
        app.ctx.clock.step(-401 * DAY - HOUR);
        let confirmed = reviewer.act(&claimed, "confirm", &body);
        assert!(confirmed["confirmed_at"].as_str().unwrap().starts_with("2026-06-15T12:"), "{confirmed}");
        assert_eq!(app.anonymous().get("/readyz").status, 200);
    }

    fn a_jump_while_nobody_served_is_told_by_the_mark(app: &App) {
        app.person(Person::Administrator);
        app.block_on(leave_mark(&app.ctx, &[])).unwrap();
        let clock = &app.ctx.clock;
        // Weeks in which nobody does anything: the machine ran on, so they have passed.
        let restarted = |boot: &str, days: i64, running: i64| {
            let at = clock.shown().plus_seconds(days * DAY);
            let clock = dengji::usecases::seam::Clock::manual_on(boot, at, running * DAY * 1_000_000);
            Context::open((*app.ctx.settings).clone(), clock).unwrap()
        };
        let writes = |ctx: &Context| {
            let address: std::net::IpAddr = "192.0.2.7".parse().unwrap();
            app.block_on(login(ctx, "administrator", PASSWORD, address)).map(|_| ())
        };
        let quiet = restarted("manual", 45, 45);
        app.block_on(watch(&quiet, None)).unwrap();
        assert_eq!(quiet.watch.report().jumped, None);
        // The same machine, the same clock, and no time that passed.
        let jumped = restarted("manual", 45, 0);
        app.block_on(watch(&jumped, None)).unwrap();
        assert!(matches!(writes(&jumped), Err(Error::Halted(_))));
        // A machine started anew proves nothing; a night is believed, a month is not.
        let morning = restarted("anew", 0, 0);
        app.block_on(watch(&morning, None)).unwrap();
        assert_eq!(morning.watch.report().jumped, None);
        let anew = restarted("anew", 30, 0);
        app.block_on(watch(&anew, None)).unwrap();
        assert!(matches!(writes(&anew), Err(Error::Halted(_))));
        let seen = [(&jumped, 45), (&anew, 30)].map(|(ctx, days)| (ctx.watch.report().jumped, Some(days * DAY)));
        assert!(seen.iter().all(|(told, expected)| told == expected), "{seen:?}");
        // The operator says so; it is entered, and from then on it is the time.
        app.block_on(watch(&anew, Some("cli:operator"))).unwrap();
        writes(&anew).unwrap();
        let entries = app.block_on(dengji::usecases::account_ledger::after(&anew, 0, 1000)).unwrap();
        let accepted = entries.iter().filter(|e| e.entry.contains("\"action\":\"accept_clock\"")).count();
        assert_eq!(accepted, 1);
        app.block_on(watch(&anew, Some("cli:operator"))).unwrap();
        let entries = app.block_on(dengji::usecases::account_ledger::after(&anew, 0, 1000)).unwrap();
        let accepted = entries.iter().filter(|e| e.entry.contains("\"action\":\"accept_clock\"")).count();
        assert_eq!(accepted, 1, "where nothing had jumped nothing is accepted");
    }

    fn a_store_that_was_never_served_has_no_gaps(app: &App) {
        app.person(Person::Administrator);
        let later = app.another_server("other", 60 * DAY);
        app.block_on(watch(&later, None)).unwrap();
        let address: std::net::IpAddr = "192.0.2.7".parse().unwrap();
        app.block_on(login(&later, "administrator", PASSWORD, address)).unwrap();
    }
}
