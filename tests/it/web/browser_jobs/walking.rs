//! Every control of a page is reached by the tabulator, and shows that it is.

use fantoccini::{
    actions::{InputSource as _, KeyAction, KeyActions},
    key::Key,
};
use serde_json::{Value, json};

use super::last_year;
use crate::support::{App, Backend, Person, browser::Browser};

/// From here on it is seen what is reached, and what of it shows no ring.
const WATCH: &str = "window.reached = new Set([document.activeElement]); window.blind = [];\
    document.addEventListener('focusin', event => {\
        const e = event.target, s = getComputedStyle(e); reached.add(e);\
        const ring = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1) || s.boxShadow !== 'none';\
        if (e.tabIndex >= 0 && (!e.matches(':focus-visible') || !ring)) blind.push(e.outerHTML.slice(0, 160)); });";

/// What can be used with a mouse and was not reached, and how many there are.
const MISSED: &str = "const all = Array.from(document.querySelectorAll('a[href], button, input, select, textarea, summary'))\
        .filter(e => !e.disabled && e.type !== 'hidden' && e.checkVisibility({visibilityProperty: true}));\
    const mates = e => e.type === 'radio' ? all.filter(o => o.type === 'radio' && o.name === e.name && o.form === e.form) : [e];\
    return [all.filter(e => !mates(e).some(o => reached.has(o))).map(e => e.outerHTML.slice(0, 160)), all.length, blind];";

fn tabs(app: &App, browser: &Browser<'_>, times: usize) {
    let value = char::from(Key::Tab);
    let keys = (0..times).fold(KeyActions::new("keyboard".to_owned()), |keys, _| {
        keys.then(KeyAction::Down { value }).then(KeyAction::Up { value })
    });
    app.block_on(browser.client.perform_actions(keys)).unwrap();
}

/// Walks over a page from where it begins, round to what stands before that.
fn walk(app: &App, browser: &Browser<'_>, path: &str) {
    browser.open(path);
    browser.find("h1");
    browser.ask(WATCH, vec![]);
    let mut pressed = 0;
    loop {
        tabs(app, browser, 40);
        pressed += 40;
        let found = browser.ask(MISSED, vec![]);
        assert_eq!(found[2], json!([]), "{path}: reached, but not to be seen");
        if found[0] == json!([]) {
            return;
        }
        let enough = found[1].as_u64().unwrap() * 2 + 120;
        assert!(pressed < enough, "{path}: never reached: {}", found[0]);
    }
}

#[test]
fn every_control_is_reached_by_key_and_shows_it() {
    let app = App::start(Backend::Sqlite);
    last_year(&app);
    let at = |contract: &Value, act: &str| format!("/contracts/{}{act}", contract["id"]);
    let (draft, submitted, claimed) = (app.draft(1), app.submitted(2), app.claimed(3));
    let refer = json!({"reason": "金额大"});
    app.person(Person::Reviewer).act(&app.claimed(4), "refer", &refer);
    app.person(Person::Expert);
    let registrar = vec![
        "/".into(),
        "/contracts/new".into(),
        "/contracts/paste".into(),
        at(&draft, ""),
        at(&draft, "/edit"),
        at(&draft, "/submit"),
    ];
    let reviewer = vec![
        "/contracts?queue=unclaimed".into(),
        at(&submitted, ""),
        at(&claimed, "/confirm"),
        at(&claimed, "/return"),
        at(&claimed, "/refuse"),
        "/contracts/bulk/hand-over".into(),
        "/expert-reviews/new".into(),
        "/self-audits/new".into(),
    ];
    let statistician = [
        "/statistics/2025",
        "/statistics/2025/figures/units.div_08.share",
        "/statistics/2025/pivot",
        "/statistics/2025/close",
        "/statistics/2025/paragraphs/new",
        "/follow-ups/new",
        "/imports",
    ];
    let administrator = [
        "/users",
        "/users/new",
        "/registrars/new",
        "/trainings/new",
        "/agencies/new",
        "/outbox",
        "/messages",
        "/password",
    ];
    let owned = |paths: &[&str]| paths.iter().map(|p| (*p).to_owned()).collect::<Vec<String>>();
    for (person, paths) in [
        (Person::Registrar, registrar),
        (Person::Reviewer, reviewer),
        (Person::Statistician, owned(&statistician)),
        (Person::Administrator, owned(&administrator)),
    ] {
        let browser = app.browser_of(person);
        for path in &paths {
            walk(&app, &browser, path);
        }
    }
}
