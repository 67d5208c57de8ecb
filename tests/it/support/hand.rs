//! Someone at the pages in a real browser who works with one hand only: by mouse, or by keyboard alone. A job is written once and
//! done by either. The keyboard reaches everything by the tabulator, sees where it is, and never clicks.

use std::time::{Duration, Instant};

use fantoccini::{
    actions::{InputSource as _, KeyAction, KeyActions},
    elements::{Element, ElementRef},
    key::Key,
};
use serde_json::{Value, json};

use super::{App, PASSWORD, browser::Browser};

/// How somebody works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    Mouse,
    Keyboard,
}

/// Who works.
pub struct Worker<'a> {
    app: &'a App,
    pub browser: Browser<'a>,
    hand: Hand,
}

/// How long anything may take to appear.
const PATIENCE: Duration = Duration::from_secs(15);

/// Keys that lead to one place at most, beyond what was reckoned.
const MOST_ROUNDS: usize = 60;

/// Makes one test by mouse and one by keyboard of one job: `by_both_hands! { fn name(app: &App, hand: Hand) { … } }`.
macro_rules! by_both_hands {
    ($(fn $name:ident($app:ident: &App, $hand:ident: Hand) $body:block)+) => {$(
        mod $name {
            use super::*;

            fn job($app: &App, $hand: Hand) $body

            #[test]
            fn by_mouse() {
                let app = App::start($crate::support::Backend::Sqlite);
                job(&app, Hand::Mouse);
            }

            #[test]
            fn by_keyboard_alone() {
                let app = App::start($crate::support::Backend::Sqlite);
                job(&app, Hand::Keyboard);
            }
        }
    )+};
}
pub(crate) use by_both_hands;

impl App {
    /// Someone who comes to the log-in page and logs in.
    pub fn worker(&self, hand: Hand, username: &str) -> Worker<'_> {
        self.worker_with(hand, username, PASSWORD)
    }

    /// The same with a password of one's own.
    pub fn worker_with(&self, hand: Hand, username: &str, password: &str) -> Worker<'_> {
        let worker = Worker {
            app: self,
            browser: self.browser(),
            hand,
        };
        worker.browser.open("/");
        worker.sound();
        worker.write("username", username);
        worker.write("password", password);
        worker.go("登录");
        worker
    }
}

/// The keys of a text, as a keyboard gives them.
fn strokes(keys: &[char]) -> KeyActions {
    keys.iter().fold(KeyActions::new("keyboard".to_owned()), |all, value| {
        all.then(KeyAction::Down { value: *value })
            .then(KeyAction::Up { value: *value })
    })
}

/// Keys while another is held.
fn held(holding: Key, keys: &[char]) -> KeyActions {
    let holding = char::from(holding);
    let start = KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value: holding });
    let all = keys.iter().fold(start, |all, value| {
        all.then(KeyAction::Down { value: *value })
            .then(KeyAction::Up { value: *value })
    });
    all.then(KeyAction::Up { value: holding })
}

/// A day as it is typed into a date field, whose parts stand in the order of the browser's language.
pub fn typed_day(browser: &Browser<'_>, day: &str) -> String {
    let language = browser.ask("return navigator.language", vec![]);
    let parts: Vec<&str> = day.split('-').collect();
    if language.as_str().unwrap().starts_with("en") {
        format!("{}{}{}", parts[1], parts[2], parts[0])
    } else {
        parts.concat()
    }
}

// Looking.
impl Worker<'_> {
    /// What a script sees; nothing while a page comes.
    fn look(&self, script: &str, arguments: Vec<Value>) -> Option<Value> {
        self.app.block_on(self.browser.client.execute(script, arguments)).ok()
    }

    /// Waits until something is so.
    fn until<T>(&self, what: impl Fn() -> Option<T>) -> Option<T> {
        let started = Instant::now();
        loop {
            if let Some(found) = what() {
                return Some(found);
            }
            if started.elapsed() > PATIENCE {
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[track_caller]
    fn stuck(&self, why: &str) -> ! {
        let told = self.look("return location.href + '\\n' + document.body.innerText", vec![]);
        let told = told.as_ref().and_then(Value::as_str).unwrap_or("no page");
        panic!("{:?}: {why} at {told}", self.hand);
    }

    /// The element that a script finds; waits for it.
    #[track_caller]
    fn element(&self, what: &str, script: &str, arguments: &[Value]) -> Element {
        let found = self.until(|| {
            let found = self.look(script, arguments.to_vec())?;
            let id = found.get("element-6066-11e4-a52e-4f735466cecf")?.as_str()?;
            Some(Element::from_element_id(
                self.browser.client.clone(),
                ElementRef::from(id.to_owned()),
            ))
        });
        found.unwrap_or_else(|| self.stuck(&format!("no {what}")))
    }

    /// The link, button or summary of these words: the one that says nothing else before one that says more.
    #[track_caller]
    fn control(&self, part: &str, words: &str) -> Element {
        const SCRIPT: &str = "const plain = e => (e.getAttribute('aria-label') || e.innerText || '').replace(/\\s+/g, ' ').trim();\
            const all = Array.from(document.querySelectorAll(arguments[0])).flatMap(p => Array.from(p.querySelectorAll('a[href], button, summary')))\
                .filter(e => e.checkVisibility({visibilityProperty: true}));\
            return all.find(e => plain(e) === arguments[1]) || all.find(e => plain(e).includes(arguments[1])) || null;";
        self.element(&format!("“{words}” in {part}"), SCRIPT, &[json!(part), json!(words)])
    }

    /// The field of a name; where a select is typed into, what it is typed into.
    #[track_caller]
    fn field(&self, name: &str) -> Element {
        const SCRIPT: &str = "const e = document.querySelector('main [name=\"' + arguments[0] + '\"]:not([type=hidden])');\
            return e && e.closest('.choose') ? e.closest('.choose').querySelector('input') : e;";
        self.element(&format!("field {name}"), SCRIPT, &[json!(name)])
    }

    /// Waits until the page says something.
    #[track_caller]
    pub fn sees(&self, words: &str) {
        self.sees_in("main", words);
    }

    /// Waits until a part of the page says something.
    #[track_caller]
    pub fn sees_in(&self, part: &str, words: &str) {
        const SCRIPT: &str =
            "return Array.from(document.querySelectorAll(arguments[0])).some(e => e.innerText.includes(arguments[1]))";
        let seen = self.until(|| {
            let seen = self.look(SCRIPT, vec![json!(part), json!(words)])?;
            (seen == json!(true)).then_some(())
        });
        if seen.is_none() {
            self.stuck(&format!("{part} never says “{words}”"));
        }
    }

    /// What stands in a field.
    pub fn standing(&self, name: &str) -> String {
        let script = "return document.querySelector('main [name=\"' + arguments[0] + '\"]').value";
        self.browser.ask(script, vec![json!(name)]).as_str().unwrap().to_owned()
    }

    /// Nothing on the page is wrong for those who see or hear it.
    #[track_caller]
    pub fn sound(&self) {
        self.browser.expect_sound();
    }

    /// Waits for a file that was downloaded, whole.
    #[track_caller]
    pub fn downloaded(&self, name_ends: &str) -> Vec<u8> {
        let folder = self.browser.downloads();
        let found = self.until(|| {
            let entries = std::fs::read_dir(&folder).ok()?;
            let mut paths = entries.map(|e| e.unwrap().path());
            let path = paths.find(|p| p.to_string_lossy().ends_with(name_ends))?;
            std::fs::read(path).ok().filter(|bytes| !bytes.is_empty())
        });
        found.unwrap_or_else(|| self.stuck(&format!("no file …{name_ends} in {}", folder.display())))
    }
}

// Doing.
impl Worker<'_> {
    fn perform(&self, keys: KeyActions) {
        self.app.block_on(self.browser.client.perform_actions(keys)).unwrap();
    }

    fn press(&self, key: Key) {
        self.perform(strokes(&[char::from(key)]));
    }

    /// Goes to something by the tabulator, forth or back as one sees it, over the beginning of the page where that is nearer.
    #[track_caller]
    fn reach(&self, target: &Element) {
        let goal = || vec![serde_json::to_value(target).unwrap()];
        for round in 0..MOST_ROUNDS {
            let Some(steps) = self.look(STEPS, goal()).and_then(|s| s.as_i64()) else {
                self.stuck(&format!("no stop of the tabulator: {}", self.told(target)));
            };
            if steps == 0 {
                return self.expect_seen();
            }
            if steps == SKIP {
                self.press(Key::Tab);
                self.press(Key::Enter);
                continue;
            }
            // All but the last at once; towards the end, and where the reckoning fails, one by one.
            let keys = match steps.unsigned_abs() {
                1..=3 => 1,
                _ if round > MOST_ROUNDS / 2 => 1,
                far => usize::try_from(far - 1).unwrap(),
            };
            let tabs = vec![char::from(Key::Tab); keys];
            self.perform(match steps > 0 {
                true => strokes(&tabs),
                false => held(Key::Shift, &tabs),
            });
        }
        self.stuck(&format!("no way by the tabulator to {}", self.told(target)));
    }

    fn told(&self, target: &Element) -> String {
        let script = "return arguments[0].outerHTML.slice(0, 200)";
        let told = self.look(script, vec![serde_json::to_value(target).unwrap()]);
        told.map(|t| t.to_string()).unwrap_or_default()
    }

    /// What has the focus shows it, and nothing lies over it.
    #[track_caller]
    fn expect_seen(&self) {
        const SCRIPT: &str = "const e = document.activeElement, s = getComputedStyle(e);\
            if (!e.matches(':focus-visible') && e.type !== 'date') return 'not marked as focused';\
            if (!(s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1) && s.boxShadow === 'none') return 'without a ring';\
            const inside = (from, to, most) => (Math.max(0, from) + Math.min(most, to)) / 2;\
            const seen = Array.from(e.getClientRects()).some(r => {\
                const x = inside(r.left, r.right, innerWidth), y = inside(r.top, r.bottom, innerHeight);\
                const top = x >= r.left && x <= r.right && y >= r.top && y <= r.bottom && document.elementFromPoint(x, y);\
                return top && (e.contains(top) || top.contains(e)); });\
            return seen ? '' : 'out of sight';";
        let seen = self.until(|| (self.look(SCRIPT, vec![])? == json!("")).then_some(()));
        if seen.is_none() {
            let why = self.look(SCRIPT, vec![]);
            let focused = self.look("return document.activeElement.outerHTML.slice(0, 200)", vec![]);
            self.stuck(&format!("the focus is {why:?}: {focused:?}"));
        }
    }

    /// Puts the cursor into a field.
    #[track_caller]
    fn enter(&self, field: &Element) {
        match self.hand {
            Hand::Mouse => self.click(field),
            Hand::Keyboard => self.reach(field),
        }
    }

    #[track_caller]
    fn click(&self, element: &Element) {
        if let Err(error) = self.app.block_on(element.click()) {
            self.stuck(&format!("{error}: {}", self.told(element)));
        }
    }

    /// Types where the cursor is.
    fn type_text(&self, text: &str) {
        let active = self.app.block_on(self.browser.client.active_element()).unwrap();
        self.app.block_on(active.send_keys(text)).unwrap();
    }

    /// Presses a link, a button or a summary of these words, which does not lead to another page.
    #[track_caller]
    pub fn press_on(&self, words: &str) {
        self.press_in("body", words);
    }

    /// The same within a part of the page.
    #[track_caller]
    pub fn press_in(&self, part: &str, words: &str) {
        let control = self.control(part, words);
        self.enter(&control);
        if self.hand == Hand::Keyboard {
            self.press(Key::Enter);
        }
    }

    /// Presses what leads to another page, and waits for that.
    #[track_caller]
    pub fn go(&self, words: &str) {
        self.go_in("body", words);
    }

    /// The same within a part of the page.
    #[track_caller]
    pub fn go_in(&self, part: &str, words: &str) {
        self.leaving(&format!("“{words}”"), || self.press_in(part, words));
    }

    /// Does what leads to another page, and waits for that.
    #[track_caller]
    pub fn leaving(&self, what: &str, act: impl Fn()) {
        self.browser.ask("window.here = true", vec![]);
        act();
        let gone = self.until(|| {
            let there = self.look("return !window.here && document.readyState === 'complete'", vec![])?;
            (there == json!(true)).then_some(())
        });
        if gone.is_none() {
            self.stuck(&format!("{what} leads nowhere"));
        }
    }

    /// Writes into a field in place of what stands there.
    #[track_caller]
    pub fn write(&self, name: &str, text: &str) {
        let field = self.field(name);
        self.enter(&field);
        self.perform(held(Key::Control, &['a']));
        if text.is_empty() {
            return self.press(Key::Delete);
        }
        self.type_text(text);
    }

    /// Writes a day: from its first part on.
    #[track_caller]
    pub fn day(&self, name: &str, day: &str) {
        let field = self.field(name);
        self.enter(&field);
        self.perform(strokes(&[char::from(Key::Left); 3]));
        self.type_text(&typed_day(&self.browser, day));
        assert_eq!(self.standing(name), day, "{name}");
    }

    /// Chooses of a list, by id or by words.
    #[track_caller]
    pub fn choose(&self, name: &str, wanted: &str) {
        const SCRIPT: &str = "const s = document.querySelector('main select[name=\"' + arguments[0] + '\"]'), all = Array.from(s.options);\
            const o = all.find(o => o.value === arguments[1]) || all.find(o => o.label === arguments[1]) || all.find(o => o.label.includes(arguments[1]));\
            return o ? [o.value, o.label, o.index - s.selectedIndex, !!s.closest('.choose')] : null;";
        let field = self.field(name);
        let Some(found) = self
            .look(SCRIPT, vec![json!(name), json!(wanted)])
            .filter(|f| !f.is_null())
        else {
            self.stuck(&format!("no {wanted} in {name}"));
        };
        let (value, label) = (found[0].as_str().unwrap(), found[1].as_str().unwrap());
        let steps = found[2].as_i64().unwrap();
        let typed_into = found[3] == json!(true);
        match (self.hand, typed_into) {
            (Hand::Mouse, true) => {
                self.click(&field);
                let item = "return Array.from(arguments[0].closest('.choose').querySelectorAll('[role=option]')).find(o => o.innerText === arguments[1]) || null";
                let item = self.element(label, item, &[serde_json::to_value(&field).unwrap(), json!(label)]);
                self.click(&item);
            }
            (Hand::Mouse, false) => self.app.block_on(field.select_by_value(value)).unwrap(),
            (Hand::Keyboard, true) => {
                self.reach(&field);
                self.type_text(label);
                self.press(Key::Enter);
            }
            (Hand::Keyboard, false) => {
                self.reach(&field);
                let key = char::from(if steps > 0 { Key::Down } else { Key::Up });
                self.perform(strokes(&vec![key; usize::try_from(steps.unsigned_abs()).unwrap()]));
            }
        }
        assert_eq!(self.standing(name), value, "{name}: {wanted}");
    }

    /// Ticks a box or chooses one of several buttons: the one of a value, or of these words.
    #[track_caller]
    pub fn tick(&self, name: &str, wanted: &str) {
        const SCRIPT: &str = "const all = Array.from(document.querySelectorAll('main input[name=\"' + arguments[0] + '\"]')).filter(e => e.checkVisibility());\
            return all.find(e => e.value === arguments[1]) || all.find(e => e.closest('label').innerText.includes(arguments[1])) || null;";
        let input = self.element(&format!("{wanted} of {name}"), SCRIPT, &[json!(name), json!(wanted)]);
        self.enter(&input);
        let checked = || {
            self.look(
                "return arguments[0].checked",
                vec![serde_json::to_value(&input).unwrap()],
            )
        };
        if self.hand == Hand::Keyboard {
            const AWAY: &str = "const e = arguments[0]; if (e.type !== 'radio') return 0;\
                const all = Array.from(document.querySelectorAll('input[type=radio][name=\"' + e.name + '\"]'));\
                return all.indexOf(e) - all.indexOf(document.activeElement);";
            let away = self.look(AWAY, vec![serde_json::to_value(&input).unwrap()]);
            let away = away.and_then(|a| a.as_i64()).unwrap();
            let key = char::from(if away > 0 { Key::Down } else { Key::Up });
            self.perform(strokes(&vec![key; usize::try_from(away.unsigned_abs()).unwrap()]));
            // An arrow chooses as it goes; a box, and the first button, take a space.
            if away == 0 && checked() != Some(json!(true)) {
                self.perform(strokes(&[' ']));
            }
        }
        assert_eq!(checked(), Some(json!(true)), "{name}: {wanted}");
    }

    /// Chooses a file: the dialog is the system's, what is chosen there is typed.
    #[track_caller]
    pub fn upload(&self, name: &str, path: &str) {
        let field = self.field(name);
        if self.hand == Hand::Keyboard {
            self.reach(&field);
        }
        self.app.block_on(field.send_keys(path)).unwrap();
    }

    /// Logs out.
    #[track_caller]
    pub fn leave(&self) {
        self.go_in(".top", "退出");
        assert!(self.browser.path().starts_with("/login"), "{}", self.browser.path());
    }
}

/// What [`STEPS`] answers where the link over the beginning of the page is the way.
const SKIP: i64 = 100_000;

/// How many stops of the tabulator lie between what has the focus and something: forth positive, back negative, 0 where it is reached.
const STEPS: &str = "const [target] = arguments, active = document.activeElement;\
    const group = target.type === 'radio' ? Array.from(document.querySelectorAll('input[type=radio][name=\"' + target.name + '\"]')) : [target];\
    if (group.includes(active)) return 0;\
    const main = document.getElementById('main');\
    if (active === document.body && main.contains(target)) return 100000;\
    const mates = e => Array.from(document.querySelectorAll('input[type=radio][name=\"' + e.name + '\"]')).filter(o => o.form === e.form);\
    const stop = e => !e.disabled && e.tabIndex >= 0 && e.type !== 'hidden' && e.checkVisibility({visibilityProperty: true})\
        && (e.type !== 'radio' || e.checked || (!mates(e).some(o => o.checked) && mates(e)[0] === e));\
    const stops = Array.from(document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')).filter(stop);\
    const at = stops.findIndex(s => group.includes(s));\
    if (at < 0) return null;\
    const own = stops.indexOf(active);\
    if (own >= 0) return at - own;\
    const before = active === document.body ? 0 : stops.filter(s => active.compareDocumentPosition(s) & Node.DOCUMENT_POSITION_PRECEDING).length;\
    return at >= before ? at - before + 1 : at - before;";
