//! One rule for every text that comes in: what turns the direction, what is lost and what is of private use is refused; what is not
//! seen is dropped.

use serde_json::{Value, json};

use crate::support::{App, Person, both, complete_contract};

/// The code at a pointer of a refusal.
fn code_at(reply: &Value, pointer: &str) -> String {
    let errors = reply["errors"].as_array().unwrap();
    let error = errors
        .iter()
        .find(|e| e["pointer"] == pointer)
        .unwrap_or_else(|| panic!("{reply}"));
    error["code"].as_str().unwrap().to_owned()
}

const REFUSED: [(&str, &str); 6] = [
    ("甲\u{202e}乙公司", "control_character"),
    ("甲\u{2066}乙公司", "control_character"),
    ("甲\u{200f}乙公司", "control_character"),
    ("甲\u{2028}乙公司", "control_character"),
    ("甲\u{fffd}乙公司", "lost_character"),
    ("甲\u{e78d}乙公司", "lost_character"),
];

/// What is not seen, and how the text is kept.
const CLEANED: (&str, &str) = ("甲\u{200b}乙\u{e0041}\u{e007f}公\u{feff}司", "甲乙公司");

both! {
    fn a_contracts_texts_hold_nothing_that_lies(app: &App) {
        let registrar = app.person(Person::Registrar);
        for (text, code) in REFUSED {
            let mut document = complete_contract(1);
            document["project_name"] = text.into();
            document["seller"]["name"] = text.into();
            document["buyer"]["address"] = text.into();
            let refused = registrar.post("/contracts", &document).expect_problem(422, "invalid");
            for pointer in ["/project_name", "/seller/name", "/buyer/address"] {
                assert_eq!(code_at(&refused, pointer), code, "{text:?}");
            }
        }
        let mut document = complete_contract(1);
        document["project_name"] = CLEANED.0.into();
        document["seller"]["name"] = CLEANED.0.into();
        let entered = registrar.post("/contracts", &document).expect(201);
        assert_eq!((&entered["project_name"], &entered["seller"]["name"]), (&json!(CLEANED.1), &json!(CLEANED.1)));
    }

    fn so_do_reasons_names_of_people_and_agencies(app: &App) {
        let claimed = app.claimed(1);
        let (reviewer, administrator) = (app.person(Person::Reviewer), app.person(Person::Administrator));
        for (text, code) in REFUSED {
            let refused = reviewer.try_act(&claimed, "return", &json!({"reason": text})).expect_problem(422, "invalid");
            assert_eq!(code_at(&refused, "/reason"), code, "{text:?}");
            let agency = json!({"code": "660099", "name": text});
            let refused = administrator.post("/agencies", &agency).expect_problem(422, "invalid");
            assert_eq!(code_at(&refused, "/name"), code, "{text:?}");
        }
        let made = administrator.post("/agencies", &json!({"code": "660099", "name": CLEANED.0})).expect(201);
        assert_eq!(made["name"], CLEANED.1);
        // One that is the same to a reader is taken.
        let again = json!({"code": "660098", "name": "甲 乙公司"});
        let refused = administrator.post("/agencies", &again).expect_problem(422, "invalid");
        assert_eq!(code_at(&refused, "/name"), "taken");
    }

    fn identity_numbers_are_no_credit_codes(app: &App) {
        let mut document = complete_contract(1);
        document["seller"]["uscc"] = "650000189001010060".into();
        let refused = app.person(Person::Registrar).post("/contracts", &document).expect_problem(422, "invalid");
        assert_eq!(code_at(&refused, "/seller/uscc"), "identity_number");
        assert!(!refused.to_string().contains("189001010060"), "{refused}");
    }
}
