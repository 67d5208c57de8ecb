//! Every control of a page is reached by the tabulator, and shows that it is: with a ring, and with nothing over it.

use fantoccini::{
    actions::{InputSource as _, KeyAction, KeyActions},
    key::Key,
};
use serde_json::json;

use super::last_year;
use crate::support::{App, Backend, Person, browser::Browser};

/// Keys pressed in one go.
const AT_ONCE: u64 = 40;

/// From here on it is seen what is reached, what of it shows no ring, and what lies out of sight once the page has moved to it. A window
/// that does not have the keyboard at that moment shows no ring at all.
const WATCH: &str = "window.reached = new Set([document.activeElement]); window.blind = []; window.lost = [];\
    const inside = (from, to, most) => (Math.max(0, from) + Math.min(most, to)) / 2;\
    document.addEventListener('focusin', event => reached.add(event.target));\
    document.addEventListener('keyup', () => {\
        const e = document.activeElement, s = getComputedStyle(e);\
        if (e === document.body || !e.matches(':focus')) return;\
        const ring = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1) || s.boxShadow !== 'none';\
        if (e.tabIndex >= 0 && !((e.matches(':focus-visible') || e.type === 'date') && ring)) blind.push([e.matches(':focus-visible'), ring, e.outerHTML.slice(0, 160)]);\
        const seen = Array.from(e.getClientRects()).some(r => {\
            const x = inside(r.left, r.right, innerWidth), y = inside(r.top, r.bottom, innerHeight);\
            const top = x >= r.left && x <= r.right && y >= r.top && y <= r.bottom && document.elementFromPoint(x, y);\
            return top && (e.contains(top) || top.contains(e)); });\
        if (!seen) lost.push(e.outerHTML.slice(0, 160)); });";

/// What can be used with a mouse and was not reached, and how many there are.
const MISSED: &str = "const all = Array.from(document.querySelectorAll('a[href], button, input, select, textarea, summary'))\
        .filter(e => !e.disabled && e.type !== 'hidden' && e.checkVisibility({visibilityProperty: true}));\
    const mates = e => e.type === 'radio' ? all.filter(o => o.type === 'radio' && o.name === e.name && o.form === e.form) : [e];\
    return [all.filter(e => !mates(e).some(o => reached.has(o))).map(e => e.outerHTML.slice(0, 160)), all.length, blind, lost];";

fn tabs(app: &App, browser: &Browser<'_>, back: bool) {
    let key = |keys: KeyActions, value| keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
    let (tab, shift) = (char::from(Key::Tab), char::from(Key::Shift));
    let mut keys = KeyActions::new("keyboard".to_owned());
    if back {
        keys = keys.then(KeyAction::Down { value: shift });
    }
    keys = (0..AT_ONCE).fold(keys, |keys, _| key(keys, tab));
    if back {
        keys = keys.then(KeyAction::Up { value: shift });
    }
    app.block_on(browser.client.perform_actions(keys)).unwrap();
}

/// Walks over a page from where it begins, round to what stands before that; and some way back.
fn walk(app: &App, browser: &Browser<'_>, path: &str) {
    browser.open(path);
    browser.find("h1");
    browser.ask(WATCH, vec![]);
    let mut pressed = 0;
    loop {
        tabs(app, browser, false);
        pressed += AT_ONCE;
        let found = browser.ask(MISSED, vec![]);
        assert_eq!(found[2], json!([]), "{path}: reached, but without a ring");
        assert_eq!(found[3], json!([]), "{path}: reached, but out of sight");
        if found[0] == json!([]) {
            break;
        }
        let enough = found[1].as_u64().unwrap() * 2 + 120;
        assert!(pressed < enough, "{path}: never reached: {}", found[0]);
    }
    tabs(app, browser, true);
    assert_eq!(
        browser.ask("return lost", vec![]),
        json!([]),
        "{path}: out of sight on the way back"
    );
}

/// Walks over pages that somebody sees.
fn walk_all(app: &App, person: Person, paths: &[&str]) {
    let browser = app.browser_of(person);
    for path in paths {
        walk(app, &browser, path);
    }
}

fn with_last_year() -> App {
    let app = App::start(Backend::Sqlite);
    last_year(&app);
    app
}

#[test]
fn a_registrar_reaches_every_control_by_key() {
    let app = with_last_year();
    let draft = format!("/contracts/{}", app.draft(1)["id"]);
    let (edit, submit) = (format!("{draft}/edit"), format!("{draft}/submit"));
    let paths = ["/", "/contracts/new", "/contracts/paste", &draft, &edit, &submit];
    walk_all(&app, Person::Registrar, &paths);
}

#[test]
fn a_reviewer_reaches_every_control_by_key() {
    let app = with_last_year();
    let (submitted, claimed, referred) = (app.submitted(2), app.claimed(3), app.claimed(4));
    app.person(Person::Reviewer)
        .act(&referred, "refer", &json!({"reason": "金额大"}));
    app.person(Person::Expert);
    let submitted = format!("/contracts/{}", submitted["id"]);
    let act = |act: &str| format!("/contracts/{}/{act}", claimed["id"]);
    let acts = ["confirm", "return", "refuse"].map(act);
    let mut paths = vec![
        "/contracts?queue=unclaimed",
        &submitted,
        "/contracts/bulk/hand-over",
        "/expert-reviews/new",
        "/self-audits/new",
    ];
    paths.extend(acts.iter().map(String::as_str));
    walk_all(&app, Person::Reviewer, &paths);
}

#[test]
fn a_statistician_reaches_every_control_by_key() {
    let app = with_last_year();
    let paths = [
        "/statistics/2025",
        "/statistics/2025/figures/units.div_08.share",
        "/statistics/2025/pivot",
        "/statistics/2025/close",
        "/statistics/2025/paragraphs/new",
        "/follow-ups/new",
        "/imports",
    ];
    walk_all(&app, Person::Statistician, &paths);
}

#[test]
fn an_administrator_reaches_every_control_by_key() {
    let app = with_last_year();
    let paths = [
        "/users",
        "/users/new",
        "/registrars/new",
        "/trainings/new",
        "/agencies/new",
        "/outbox",
        "/messages",
        "/password",
    ];
    walk_all(&app, Person::Administrator, &paths);
}

/// As narrow as a telephone, or a screen at 400 %: tables are moved sideways under their names, or stand on end.
#[test]
fn every_control_is_reached_on_a_narrow_screen() {
    let app = with_last_year();
    let draft = app.draft(1);
    let edit = format!("/contracts/{}/edit", draft["id"]);
    for (person, paths) in [
        (
            Person::Statistician,
            vec![
                "/statistics/2025",
                "/statistics/2025/figures/units.div_08.share",
                "/statistics/2025/pivot?rows=unit&columns=month&measure=amount",
                "/contracts?columns=state,number,type,unit,seller,buyer,amount,technology,due_on,agency",
            ],
        ),
        (Person::Registrar, vec!["/", edit.as_str()]),
    ] {
        let browser = app.browser_of(person);
        browser.resize(360, 800);
        for path in paths {
            walk(&app, &browser, path);
        }
    }
}
