//! Each role's whole job in a real browser, from the log-in page to its end, on the sample register: the same steps by mouse and by
//! keyboard alone (`Hand`); without scripts; and attachments dropped onto their place.

mod administrator;
mod changing;
mod dropping;
mod expert;
mod importing;
mod recording;
mod registrar;
mod reviewer;
mod self_audit;
mod statistician;
mod walking;
mod without_script;

use dengji::domain::interchange::Kind;

use crate::support::{App, Person, hand::Worker};

/// The sample's registrars and the contracts of its last year.
fn last_year(app: &App) {
    app.person(Person::Registrar);
    app.import_sample("contracts-2025.csv", Kind::Register);
}

/// Finds a contract by a part of its name, and opens it.
#[track_caller]
fn find(worker: &Worker<'_>, name: &str) {
    worker.go_in(".nav", "合同");
    worker.write("q", name);
    worker.go_in("form.search", "查找");
    worker.go_in("main table", name);
    worker.sees_in("h1", name);
}
