//! Every operation of the OpenAPI document on what is there and somebody else's: an agency's contract with everything that hangs on
//! it, a panel, a self-audit, a training, a message, an account. Who may not know of it, or has not the role, gets 404 or 403 and
//! never data; and each operation is somebody's.

use std::collections::{BTreeMap, BTreeSet};

use dengji::domain::account::Role;
use serde_json::{Value, json};

use super::{
    imports::over,
    openapi::{addressed, described, operations, send_to},
};
use crate::{
    intake::{self, register},
    mail::give_address,
    support::{App, Client, Person, both},
};

/// What an operation's address is to someone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Of no agency and no person: `openapi` has what each gets.
    Nobodys,
    /// He or she may know of it; what the role does not do is 403.
    Known,
    /// This status, whatever is asked.
    Refused(u16),
}

const REVIEWERS: [&str; 3] = ["reviewer", "reviewer2", "reviewing-registrar"];

/// By the specification's section 1: whose the things of [`furnish`] are. Written by hand: an address that is not here fails the test
/// until someone says whose it is.
fn whose(path: &str, person: &str) -> Whose {
    let among = |names: &[&str]| names.contains(&person);
    let known = |known: bool, otherwise: u16| if known { Whose::Known } else { Whose::Refused(otherwise) };
    let reviews = among(&REVIEWERS);
    match path.trim_start_matches("/api/v1").split('/').nth(1).unwrap() {
        "contracts" | "change-requests" => {
            known(!among(&["other-registrar", "expert", "stranger", "administrator"]), 404)
        }
        "expert-reviews" => known(reviews || among(&["auditor", "expert"]), 404),
        "self-audits" => known(reviews || among(&["auditor", "statistician"]), 403),
        // The certificate and the training are the registrar's own.
        "registrars" | "trainings" if among(&["expert", "stranger"]) => Whose::Refused(403),
        "registrars" | "trainings" => known(!among(&["colleague", "other-registrar", "uncertified"]), 404),
        // A session of the registrar's.
        "auth" | "messages" => known(among(&["registrar"]), 404),
        "activities" | "follow-ups" | "reference-figures" => known(reviews || among(&["auditor", "statistician"]), 403),
        "outbox" | "users" => known(among(&["administrator", "auditor"]), 403),
        // A statistician imports other kinds; reviewers decide on what it would change.
        "imports" if person == "statistician" => Whose::Refused(404),
        "imports" => known(reviews || among(&["administrator", "auditor"]), 403),
        "agencies" | "code-lists" | "import-templates" | "statistics" | "reports" | "verify" => Whose::Nobodys,
        other => panic!("{other}: say here whose it is"),
    }
}

/// What is there: the values of the addresses' parameters by the first part of the address, and texts that tell of it.
pub struct Furniture {
    pub keys: BTreeMap<&'static str, Vec<(&'static str, String)>>,
    pub secrets: BTreeMap<&'static str, Vec<String>>,
}

fn key(thing: &Value) -> String {
    thing["id"].to_string()
}

/// Puts something of each kind there; everyone is there too.
pub fn furnish(app: &App) -> Furniture {
    give_address(app, Person::Registrar);
    let registrar = app.person(Person::Registrar);
    let (reviewer, administrator) = (app.person(Person::Reviewer), app.person(Person::Administrator));
    // Everyone is there before the training changes what the sample's file says of a registrar.
    Person::ALL.iter().for_each(|person| drop(app.person(*person)));
    let audited = app.confirmed(1);
    let contract = format!("/contracts/{}", audited["id"]);
    assert_eq!(registrar.get(&format!("{contract}/certificate.pdf")).status, 200);
    let history = registrar.get(&format!("{contract}/history")).expect(200);
    let issued = history
        .as_array()
        .unwrap()
        .iter()
        .find(|e| e["action"] == "issue_registration_certificate")
        .unwrap();
    let attachments = registrar.get(&format!("{contract}/attachments")).expect(200);
    let amend = json!({"kind": "amend", "changes": {"project_name": "改过的名称"}, "reason": "名称有误一事"});
    let version = audited["version"].as_i64().unwrap();
    let asked = registrar
        .post_at(&format!("{contract}/change-requests"), version, &amend)
        .expect(201);

    let others = ["x1", "x2"];
    others
        .iter()
        .for_each(|name| drop(app.add_user(name, &[Role::Expert], None, None)));
    let referred = reviewer.act(&app.claimed(2), "refer", &json!({"reason": "金额大"}));
    let panel = json!({"title": "不公开的论证", "held_on": "2026-06-20", "chair": "expert",
        "experts": ["expert", "x1", "x2"], "contracts": [referred["id"]]});
    let panel = reviewer.post("/expert-reviews", &panel).expect(201);
    let audit = json!({"title": "不公开的自查", "year": 2026, "design": {"kind": "all"}, "auditors": ["reviewer2"]});
    let audit = reviewer.post("/self-audits", &audit).expect(201);
    let items = reviewer.get(&format!("/self-audits/{}/items", audit["id"])).expect(200);
    let training = json!({"kind": "continuing", "title": "不公开的培训", "held_on": "2026-06-01", "minutes": 90});
    let training = administrator.post("/trainings", &training).expect(201);
    let took_part = json!({"participants": [{"certificate_number": "DJY6620190044"}]});
    administrator
        .post(&format!("/trainings/{}/participants", training["id"]), &took_part)
        .expect(200);
    let message = registrar.get("/messages").expect(200)["items"][0].clone();
    let mail = administrator.get("/outbox").expect(200)["items"][0].clone();

    let statistician = app.log_in("statistician");
    let kept = |path: &str, body: Value| {
        let made = statistician.post(path, &body);
        made.expect(201);
        made.header("location").unwrap().rsplit('/').next().unwrap().to_owned()
    };
    let follow_up = json!({"registration_number": audited["registration_number"], "survey_year": 2026, "tax_relevant": true,
        "fulfilled": true, "due_fen": 10_000, "received_fen": 6_000, "entitled": false, "enjoyed": false,
        "reward_due": false, "reward_issued": false});
    let follow_up = kept("/follow-ups", follow_up);
    let activity = json!({"kind": "policy_training", "held_on": "2026-03-01", "name": "不公开的活动", "events": 1, "participants": 80});
    let activity = kept("/activities", activity);
    let base = json!({"kind": "amount", "year": 2025, "amount_fen": 1_000, "note": "不公开的数"});
    let reference = kept("/reference-figures", base);

    // An import that waits for a reviewer.
    let row = |name: &str| register(vec![intake::contract("1", &[("合同名称", name)])]).csv(false);
    let handed_in = |text: String| {
        let parts: [(&str, Option<&str>, &[u8]); 3] = [
            ("kind", None, b"register"),
            ("update", None, b"true"),
            ("file", Some("不公开的名单.csv"), text.as_bytes()),
        ];
        let import = administrator.send_form("/imports", &[], "b", &parts).expect(202);
        over(&administrator, &import["id"])
    };
    handed_in(row("不公开的旧名"));
    let import = handed_in(row("不公开的新名"));
    assert_eq!(import["state"], "awaiting_approval", "{import}");

    let sessions = app.log_in("registrar").get("/auth/sessions").expect(200);
    let session = sessions["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["current"] == true);

    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let session = text(&session.unwrap()["id"]);
    let of_contract = vec![
        text(&audited["project_name"]),
        text(&audited["seller"]["name"]),
        text(&audited["registration_number"]),
        text(&issued["changes"][0]["to"]),
        "名称有误一事".to_owned(),
        "改过的名称".to_owned(),
    ];
    Furniture {
        keys: BTreeMap::from([
            (
                "contracts",
                vec![("{id}", key(&audited)), ("{attachment}", key(&attachments["items"][0]))],
            ),
            ("change-requests", vec![("{id}", key(&asked))]),
            ("expert-reviews", vec![("{id}", key(&panel))]),
            (
                "self-audits",
                vec![("{id}", key(&audit)), ("{item}", key(&items["items"][0]))],
            ),
            ("trainings", vec![("{id}", key(&training))]),
            ("messages", vec![("{id}", key(&message))]),
            ("outbox", vec![("{id}", key(&mail))]),
            ("follow-ups", vec![("{id}", follow_up)]),
            ("activities", vec![("{id}", activity)]),
            ("reference-figures", vec![("{id}", reference)]),
            ("imports", vec![("{id}", key(&import))]),
            ("auth", vec![("{session}", session.clone())]),
        ]),
        secrets: BTreeMap::from([
            ("contracts", of_contract.clone()),
            ("change-requests", of_contract.clone()),
            (
                "expert-reviews",
                vec!["不公开的论证".to_owned(), text(&referred["project_name"])],
            ),
            (
                "self-audits",
                [of_contract.clone(), vec!["不公开的自查".to_owned()]].concat(),
            ),
            ("follow-ups", of_contract),
            ("activities", vec!["不公开的活动".to_owned()]),
            ("reference-figures", vec!["不公开的数".to_owned()]),
            (
                "imports",
                ["不公开的名单", "不公开的旧名", "不公开的新名"]
                    .map(str::to_owned)
                    .into(),
            ),
            ("auth", vec![session]),
            ("trainings", vec!["不公开的培训".to_owned()]),
            ("registrars", vec!["不公开的培训".to_owned()]),
            ("messages", vec![text(&message["subject"]), text(&message["body"])]),
            ("outbox", vec!["registrar@example.org".to_owned()]),
            ("users", vec!["registrar@example.org".to_owned()]),
        ]),
    }
}

fn noun(path: &str) -> &str {
    path.trim_start_matches("/api/v1").split('/').nth(1).unwrap()
}

both! {
    fn what_is_somebody_elses_is_refused_without_a_word_of_it(app: &App) {
        let there = furnish(app);
        let mut people: Vec<(&str, Client)> = Person::ALL.iter().map(|p| (p.username(), app.log_in(p.username()))).collect();
        // An expert on no panel; the other sits on one, over another contract.
        people.push(("stranger", app.add_user("stranger", &[Role::Expert], None, None)));
        let document = described();
        let mut addressed_ones: Vec<_> = operations(&document).into_iter().filter(|(_, path, _)| path.contains('{')).collect();
        // What really changes something with an empty body comes last.
        addressed_ones.sort_by_key(|(method, _, o)| method == "DELETE" || o["operationId"] == "approve_change_request");
        for (method, path, operation) in &addressed_ones {
            let name = operation["operationId"].as_str().unwrap();
            let keys: Vec<(&str, &str)> =
                there.keys.get(noun(path)).into_iter().flatten().map(|(name, key)| (*name, key.as_str())).collect();
            let address = addressed(path, &keys);
            let mut statuses = BTreeSet::new();
            // The registrar last, whose most things are and who may end a session.
            for (person, client) in people.iter().rev() {
                let whose = whose(path, person);
                if whose == Whose::Nobodys {
                    continue;
                }
                assert!(!address.contains('{'), "{address}: say here what is there");
                let reply = send_to(client, method, &address);
                let told = || format!("{person} {name}: {} {}", reply.status, reply.text);
                assert!(operation["responses"][reply.status.to_string()].is_object(), "not documented: {}", told());
                statuses.insert(reply.status);
                match whose {
                    Whose::Refused(status) => {
                        assert_eq!(reply.status, status, "{}", told());
                        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{}", told());
                        for secret in &there.secrets[noun(path)] {
                            assert!(!reply.text.contains(secret.as_str()), "{secret} was told: {}", told());
                        }
                    }
                    _ => assert!(![401, 404].contains(&reply.status) && reply.status < 500, "{}", told()),
                }
            }
            let somebodys = statuses.iter().any(|s| *s != 403 && *s != 404);
            assert!(somebodys || statuses.is_empty(), "{name} is nobody's: {statuses:?}");
        }
    }

    fn no_list_and_no_count_tells_of_what_is_somebody_elses(app: &App) {
        let there = furnish(app);
        let mut lists = 0;
        let people = [
            ("other-registrar", app.log_in("other-registrar")),
            ("stranger", app.add_user("stranger", &[Role::Expert], None, None)),
            ("administrator", app.log_in("administrator")),
        ];
        for (method, path, operation) in operations(&described()) {
            if method != "GET" || path.contains('{') {
                continue;
            }
            let name = operation["operationId"].as_str().unwrap();
            for (person, client) in &people {
                let reply = client.get(&path);
                assert!(reply.status < 500, "{person} {name}: {}", reply.text);
                for (noun, secrets) in &there.secrets {
                    if matches!(whose(&format!("/{noun}"), person), Whose::Refused(_)) {
                        for secret in secrets {
                            assert!(!reply.text.contains(secret.as_str()), "{person} {name} tells of {secret}: {}", reply.text);
                        }
                    }
                }
            }
            lists += 1;
        }
        assert!(lists > 15, "{lists} lists");
        let (other, stranger) = (&people[0].1, &people[1].1);
        for client in [other, stranger] {
            for path in ["/contracts", "/change-requests", "/expert-reviews"] {
                assert_eq!(client.get(path).expect(200)["items"], json!([]), "{path}");
            }
            let queues = client.get("/work-queues").expect(200);
            assert!(queues.as_array().unwrap().iter().all(|q| q["contracts"] == 0), "{queues}");
        }
    }
}
