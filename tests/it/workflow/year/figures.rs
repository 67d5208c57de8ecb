//! The figures, and what the model says of them.

use serde_json::{Value, json};

use super::entries::{Entry, GROUNDS, Standing, TYPES, UNITS};
use crate::support::{App, Person};

/// The annual figures, as of a moment or now.
pub fn figures(app: &App, as_of: Option<&str>) -> Value {
    let query = as_of
        .map(|at| format!("?as_of={}", at.replace('+', "%2B")))
        .unwrap_or_default();
    let client = app.person(Person::Statistician);
    let mut figures = client.get(&format!("/statistics/annual/2026{query}")).expect(200);
    // Where the ledger stood tells of the reading and not of what was counted.
    figures
        .as_object_mut()
        .unwrap()
        .remove("ledger")
        .expect("where the ledger stood");
    figures
}

/// Contracts, amount and technology amount.
pub type Sums = [i64; 3];

pub fn sums<'a>(entries: impl Iterator<Item = &'a Entry>) -> Sums {
    entries.fold([0; 3], |[n, a, t], e| [n + 1, a + e.amount, t + e.technology])
}

/// Compares figures with the model.
pub fn compare(figures: &Value, year: &[Entry], when: &str) {
    let told = |pointer: &str| -> Sums {
        ["contracts", "amount_fen", "technology_amount_fen"].map(|name| {
            let figure = figures.pointer(&format!("{pointer}/{name}"));
            figure
                .and_then(Value::as_i64)
                .unwrap_or_else(|| panic!("{pointer}/{name}: {figure:?}"))
        })
    };
    let in_force = || year.iter().filter(|e| e.is_in_force());
    assert_eq!(told("/total"), sums(in_force()), "total, {when}");
    for unit in UNITS {
        assert_eq!(
            told(&format!("/units/{unit}")),
            sums(in_force().filter(|e| e.unit == unit)),
            "{unit}, {when}"
        );
    }
    for [kind, ..] in TYPES {
        assert_eq!(
            told(&format!("/types/{kind}")),
            sums(in_force().filter(|e| e.kind == kind)),
            "{kind}, {when}"
        );
    }
    let count = |section: &str| figures[section]["contracts"].as_i64().unwrap();
    let number = |of: fn(&Entry) -> bool| i64::try_from(year.iter().filter(|e| of(e)).count()).unwrap();
    assert_eq!(count("expert_reviews"), number(|e| e.reviewed), "{when}");
    assert_eq!(count("reinstatements"), number(|e| e.reinstated), "{when}");
    assert_eq!(count("revocations"), number(Entry::is_revoked), "{when}");
    for ground in GROUNDS {
        let [contracts, amount, _] = sums(year.iter().filter(|e| e.standing == Standing::Revoked(ground)));
        let told = &figures["revocations"]["by_ground"][ground];
        assert_eq!(
            told,
            &json!({"contracts": contracts, "amount_fen": amount}),
            "{ground}, {when}"
        );
    }
}

/// The paths at which two values differ.
pub fn differences(one: &Value, other: &Value, path: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            for (key, value) in a {
                differences(value, &b[key], &format!("{path}/{key}"), found);
            }
        }
        _ if one == other => {}
        _ => found.push(format!("{path}: {one} then, {other} now")),
    }
}
