//! The pages in a real browser.

use fantoccini::key::Key;

use crate::support::{App, Backend, PASSWORD, Person};

#[test]
fn one_logs_in_by_keyboard_alone() {
    let app = App::start(Backend::Sqlite);
    app.person(Person::Registrar);
    let browser = app.browser();
    browser.open("/");
    assert!(browser.path().starts_with("/login"));
    browser.expect_sound();
    browser.keys("registrar");
    browser.key(Key::Tab);
    browser.keys(PASSWORD);
    browser.key(Key::Enter);
    browser.find(".who");
    assert_eq!(browser.path(), "/");
    browser.expect_sound();
    browser.picture("workbench");
}
