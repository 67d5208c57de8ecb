//! The OpenAPI document against the program: reviewed, made of the real handlers, and every operation of it tried by everyone.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use dengji::api::{document, problem::Kind};
use serde_json::{Value, json};

use crate::support::{App, Backend, Client, Person, Reply, both};

fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub fn described() -> Value {
    serde_json::from_str(&document().to_json().unwrap()).unwrap()
}

/// Method, path and description of every operation.
pub fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let methods = paths.iter().flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(|(method, operation)| (method.to_uppercase(), path.clone(), operation.clone()))
    });
    methods.collect()
}

/// The reviewed document. After a change that is meant: `UPDATE_SNAPSHOTS=1 cargo test --test it openapi`, and read the difference.
#[test]
fn the_document_is_the_reviewed_one() {
    let path = file("tests/it/snapshots/openapi.json");
    let found = described();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        let text = serde_json::to_string_pretty(&found).unwrap() + "\n";
        std::fs::write(&path, text).unwrap();
    }
    let reviewed: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    for (name, part) in found.as_object().unwrap() {
        for (key, value) in part.as_object().into_iter().flatten() {
            assert_eq!(
                value,
                &reviewed[name][key],
                "{name} {key} differs from {}",
                path.display()
            );
        }
    }
    assert_eq!(found, reviewed);
}

#[test]
fn the_document_is_of_openapi_3_1_and_names_its_handlers() {
    let document = described();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let mut names: Vec<String> = Vec::new();
    for (method, path, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap().to_owned();
        assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{name}");
        let open = [
            "log_in",
            "refresh_session",
            "read_liveness",
            "read_readiness",
            "read_openapi",
            "verify_registration_certificate",
            "show_verification",
        ];
        assert_eq!(operation["security"].is_null(), open.contains(&name.as_str()), "{name}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            let problem = status.starts_with(['4', '5']);
            let content = &response["content"];
            assert_eq!(
                content["application/problem+json"].is_object(),
                problem,
                "{name} {status}"
            );
        }
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let headers: Vec<&str> = parameters
            .filter(|p| p["in"] == "header")
            .map(|p| p["name"].as_str().unwrap())
            .collect();
        let versioned = [
            "/api/v1/contracts/{id}",
            "/api/v1/users/{username}",
            "/api/v1/imports/{id}",
            "/api/v1/follow-ups/{id}",
            "/api/v1/activities/{id}",
            "/api/v1/reference-figures/{id}",
            "/api/v1/reports/annual/{year}/paragraphs/{id}",
        ];
        let on_a_version = versioned.iter().any(|p| path.starts_with(p)) && method != "GET";
        assert_eq!(headers.contains(&"If-Match"), on_a_version, "{name}");
        let may_repeat = method == "POST" && !path.starts_with("/api/v1/auth");
        assert_eq!(headers.contains(&"Idempotency-Key"), may_repeat, "{name}");
        names.push(name);
    }
    // Every route's handler, by its name, and nothing else.
    let routes = std::fs::read_to_string(file("src/api/routes.rs")).unwrap();
    let mut handlers: Vec<String> = routes
        .lines()
        .filter_map(|l| l.split_once(".service(")?.1.split_once("::"))
        .filter(|(module, _)| *module != "scope")
        .map(|(_, rest)| rest.trim_end_matches([')', ',', ';']).to_owned())
        .collect();
    names.sort();
    handlers.sort();
    assert_eq!(names, handlers);
    assert_eq!(
        names.iter().collect::<BTreeSet<_>>().len(),
        names.len(),
        "no name twice"
    );
}

#[test]
fn every_kind_of_problem_is_documented() {
    let text = std::fs::read_to_string(file("docs/API.md")).unwrap();
    for kind in Kind::ALL {
        let (id, status, _) = kind.parts();
        let row = format!("`urn:dengji:problem:{id}` | {} |", status.as_u16());
        assert!(text.contains(&row), "docs/API.md has no row {row}");
    }
    let rows = text.matches("| `urn:dengji:problem:").count();
    assert_eq!(rows, Kind::ALL.len(), "and no row that the program does not know");
}

/// What a person meets who sends an operation everything in order but for the body, which is `{}`, and the version, which is old.
/// The contract is a draft of agency 660008. Written by hand: an operation that is not here fails the test until someone says who
/// may do it.
fn expected(operation: &str, person: Person) -> u16 {
    use Person as P;
    let of_agency = matches!(
        person,
        P::Registrar | P::Colleague | P::Uncertified | P::ReviewingRegistrar
    );
    let registers = of_agency || person == P::OtherRegistrar;
    let audits = person == P::Auditor;
    let reviews = matches!(person, P::Reviewer | P::Reviewer2 | P::ReviewingRegistrar);
    match operation {
        "read_liveness" | "read_readiness" | "read_openapi" | "read_me" | "list_sessions" | "list_contracts"
        | "read_code_list" => 200,
        "log_in" | "refresh_session" | "change_password" => 422,
        "log_out" | "end_other_sessions" => 204,
        "end_session" | "verify_registration_certificate" | "show_verification" => 404,
        "read_registration_certificate" if of_agency || audits => 409,
        "read_registration_certificate" => 404,
        "create_contract" if registers => 201,
        "create_contract" => 403,
        "list_change_requests" => 200,
        "list_contract_change_requests" if of_agency || audits => 200,
        // There is no request of that key, for anyone.
        name if name.ends_with("change_request") && name != "create_change_request" => 404,
        "create_change_request" | "report_contract" if of_agency => 412,
        "create_change_request" if audits => 403,
        "list_contract_change_requests" | "create_change_request" => 404,
        "read_contract" | "read_contract_history" | "read_contract_revision" | "read_contract_checks"
            if of_agency || audits =>
        {
            200
        }
        // Without a year.
        "list_checks" if reviews || audits || person == P::Statistician => 422,
        "list_checks" => 403,
        "edit_contract" | "discard_contract" | "withdraw_contract" if of_agency => 412,
        "submit_contract" if matches!(person, P::Registrar | P::Colleague) => 412,
        "edit_contract" | "discard_contract" | "withdraw_contract" | "submit_contract" | "claim_contract"
        | "release_contract" | "reassign_contract" | "return_contract" | "refer_contract" | "recall_contract"
        | "confirm_contract" | "refuse_contract" | "revoke_contract" | "reinstate_contract" | "reopen_contract"
        | "report_contract"
            if of_agency || audits =>
        {
            403
        }
        "list_attachments" | "read_attachment" if of_agency || audits => 200,
        "add_attachment" | "remove_attachment" if of_agency => 412,
        "add_attachment" | "remove_attachment" if audits => 403,
        "list_attachments" | "read_attachment" | "add_attachment" | "remove_attachment" => 404,
        name if name.ends_with("_contract") || name.starts_with("read_contract_") => 404,
        "list_messages" | "mark_all_messages_read" => 200,
        // Nobody was told anything.
        "read_message" | "mark_message_read" => 404,
        "list_mails" if audits || person == P::Administrator => 200,
        "retry_mail" if person == P::Administrator => 404,
        "list_mails" | "retry_mail" => 403,
        "list_work_queues" => 200,
        "hand_over_work" if reviews => 422,
        "hand_over_work" => 403,
        "list_registrars" | "list_trainings" if person != P::Expert => 200,
        "list_registrars" | "list_trainings" => 403,
        "issue_registrar" | "record_training" if person == P::Administrator => 422,
        "issue_registrar" | "record_training" => 403,
        // The certificate in the path is the registrar's own; there is no training.
        "read_registrar" | "list_registrar_trainings" if person == P::Registrar => 200,
        name if name.contains("registrar") && registers && person != P::Registrar && !reviews => 404,
        "read_registrar" | "list_registrar_trainings" if person != P::Expert => 200,
        "suspend_registrar" if person == P::Administrator => 422,
        "lift_registrar_suspension" if person == P::Administrator => 409,
        "renew_registrar" if person == P::Administrator => 200,
        name if name.contains("registrar") => 403,
        "read_training" | "add_training_participants" if person == P::Expert => 403,
        "read_training" | "add_training_participants" => 404,
        "list_experts" if reviews || audits => 200,
        "list_experts" => 403,
        "list_expert_reviews" => 200,
        "convene_expert_review" if reviews => 422,
        "convene_expert_review" => 403,
        // There is no panel of that key.
        name if name.contains("expert") => 404,
        "read_annual_statistics"
        | "read_annual_report"
        | "list_report_paragraphs"
        | "list_figures"
        | "read_figure"
        | "read_closing_checklist"
        | "list_editions"
            if reviews || audits || person == P::Statistician =>
        {
            200
        }
        "add_report_paragraph" if person == P::Statistician => 422,
        // There is none of the contract's key.
        "change_report_paragraph" | "remove_report_paragraph" if person == P::Statistician => 404,
        "read_annual_report" => 403,
        name if name.contains("report_paragraph") => 403,
        // No edition was closed.
        "read_restatement" if reviews || audits || person == P::Statistician => 404,
        // The year is not over.
        "close_year" if person == P::Statistician => 409,
        "list_figures"
        | "read_figure"
        | "read_closing_checklist"
        | "list_editions"
        | "read_restatement"
        | "close_year" => 403,
        // Without the dimension that it must name.
        "read_pivot" if reviews || audits || person == P::Statistician => 422,
        "list_follow_ups" | "list_activities" | "list_reference_figures"
            if reviews || audits || person == P::Statistician =>
        {
            200
        }
        "create_follow_up" | "create_activity" | "create_reference_figure" if person == P::Statistician => 422,
        "list_follow_ups"
        | "list_activities"
        | "list_reference_figures"
        | "create_follow_up"
        | "create_activity"
        | "create_reference_figure" => 403,
        // There is none of the contract's key.
        "read_follow_up" | "read_activity" | "read_reference_figure"
            if reviews || audits || person == P::Statistician =>
        {
            404
        }
        "change_follow_up"
        | "remove_follow_up"
        | "change_activity"
        | "remove_activity"
        | "change_reference_figure"
        | "remove_reference_figure"
            if person == P::Statistician =>
        {
            404
        }
        name if name.contains("follow_up") || name.contains("_activity") || name.contains("reference_figure") => 403,
        // A form without a file.
        "check_annual_report" if reviews || audits || person == P::Statistician => 422,
        "check_annual_report" => 403,
        // A form without a file, of no kind.
        "start_import" if matches!(person, P::Statistician | P::Administrator) => 422,
        "start_import" => 403,
        "list_imports" if audits || reviews || matches!(person, P::Statistician | P::Administrator) => 200,
        // There is none of the contract's key.
        "read_import" | "read_import_errors" | "list_import_differences" | "approve_import" | "refuse_import"
            if audits || reviews || matches!(person, P::Statistician | P::Administrator) =>
        {
            404
        }
        "list_imports"
        | "read_import"
        | "read_import_errors"
        | "list_import_differences"
        | "approve_import"
        | "refuse_import" => 403,
        "read_import_template" => 200,
        "list_ledger_entries" | "read_ledger_head" | "verify_ledger" if audits => 200,
        "list_agencies" | "read_agency" => 200,
        "create_agency" if person == P::Administrator => 422,
        // A patch that changes nothing.
        "change_agency" if person == P::Administrator => 200,
        "list_users" | "read_user" if audits || person == P::Administrator => 200,
        "create_user" if person == P::Administrator => 422,
        "change_user" | "lock_user" | "unlock_user" | "reset_user_password" if person == P::Administrator => 412,
        "list_account_ledger_entries" | "read_account_ledger_head" | "verify_account_ledger" if audits => 200,
        "create_agency"
        | "change_agency"
        | "list_users"
        | "read_user"
        | "create_user"
        | "change_user"
        | "lock_user"
        | "unlock_user"
        | "reset_user_password" => 403,
        "list_account_ledger_entries" | "read_account_ledger_head" | "verify_account_ledger" => 403,
        "read_annual_statistics" | "read_pivot" | "list_ledger_entries" | "read_ledger_head" | "verify_ledger" => 403,
        "list_self_audits" if reviews || audits || person == P::Statistician => 200,
        "create_self_audit" if reviews => 422,
        "list_self_audits" | "create_self_audit" => 403,
        // There is none of the contract's key.
        "read_self_audit"
        | "list_self_audit_items"
        | "read_self_audit_item"
        | "list_self_audit_findings"
        | "read_self_audit_report"
            if reviews || audits || person == P::Statistician =>
        {
            404
        }
        "assign_self_audit_item" | "record_self_audit_finding" | "complete_self_audit" | "abandon_self_audit"
            if reviews =>
        {
            404
        }
        name if name.contains("self_audit") => 403,
        "list_report_paragraphs" if reviews || audits || person == P::Statistician => 200,
        "add_report_paragraph" if person == P::Statistician => 422,
        // There is none of the contract's key.
        "change_report_paragraph" | "remove_report_paragraph" if person == P::Statistician => 404,
        name if name.contains("report_paragraph") => 403,
        other => panic!("{other}: say here who may"),
    }
}

fn send(client: &Client, method: &str, template: &str, id: &str) -> Reply {
    send_to(client, method, &addressed(template, &[("{id}", id)]))
}

/// A path with its parameters: these, and where nothing is said of one, some that exist.
pub fn addressed(template: &str, known: &[(&str, &str)]) -> String {
    let template = known
        .iter()
        .fold(template.to_owned(), |path, (name, value)| path.replace(name, value));
    template
        .replace("{n}", "1")
        .replace("{item}", "1")
        .replace("{year}", "2026")
        .replace("{name}", "unit")
        .replace("{kind}", "register")
        .replace("{figure}", "total.amount")
        .replace("{attachment}", "1")
        .replace("{certificate_number}", "DJY6620190044")
        .replace("{username}", "registrar")
        .replace("{agency}", "660008")
}

/// A request with everything in order but for the body, which is `{}`, and the version, which is old.
pub fn send_to(client: &Client, method: &str, path: &str) -> Reply {
    match method {
        "POST" if path.ends_with("/attachments") || path.ends_with("/check") || path.ends_with("/imports") => {
            client.send_form(path, &[("If-Match", "\"99\"")], "b", &[("kind", None, b"other")])
        }
        "GET" => client.get(path),
        "DELETE" => client.send(method, path, &[("If-Match", "\"99\"")], None),
        _ => client.with_body(method, path, &[("If-Match", "\"99\"")], &json!({})),
    }
}

/// Two types of one name would be one schema of the document, and one of them would be told wrongly.
#[test]
fn no_two_schemas_have_one_name() {
    let mut seen = BTreeMap::new();
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/api/v1")).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for (at, _) in text.match_indices("ToSchema)]") {
            let declared = text[at..].lines().map(str::trim).find_map(|line| {
                line.strip_prefix("pub struct ")
                    .or_else(|| line.strip_prefix("struct "))
                    .or_else(|| line.strip_prefix("pub enum "))
            });
            let name = declared
                .unwrap()
                .split(|c: char| !c.is_alphanumeric())
                .next()
                .unwrap()
                .to_owned();
            let other = seen.insert(name.clone(), path.clone());
            assert_eq!(other, None, "{name} is in {} too", path.display());
        }
    }
    assert!(seen.len() > 100, "{}", seen.len());
}

both! {
    fn every_operation_asks_who_is_there(app: &App) {
        let document = app.anonymous().get("/openapi.json").expect(200);
        assert_eq!(document, described(), "the server gives the same document");
        let draft = app.draft(1)["id"].to_string();
        let strangers = [app.anonymous(), app.anonymous().with_token("eyJhbGciOiJub25lIn0.e30.")];
        for (method, path, operation) in operations(&document) {
            let name = operation["operationId"].as_str().unwrap();
            for client in &strangers {
                let reply = send(client, &method, &path, &draft);
                match name {
                    "read_liveness" | "read_readiness" | "read_openapi" => assert_eq!(reply.status, 200, "{name}"),
                    "log_in" | "refresh_session" => assert_eq!(reply.status, 422, "{name}"),
                    "verify_registration_certificate" | "show_verification" => assert_eq!(reply.status, 404, "{name}"),
                    _ => {
                        reply.expect_problem(401, "unauthenticated");
                        assert_eq!(reply.header("www-authenticate"), Some("Bearer"), "{name}");
                    }
                }
            }
        }
    }

    fn every_operation_gives_each_person_what_is_theirs(app: &App) {
        let document = described();
        let draft = app.draft(1);
        let id = draft["id"].to_string();
        let mut operations = operations(&document);
        // What ends the session comes last.
        operations.sort_by_key(|(_, _, o)| o["operationId"] == "log_out");
        let mut seen: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
        for person in Person::ALL {
            let client = app.person(person);
            for (method, path, operation) in &operations {
                let name = operation["operationId"].as_str().unwrap();
                let reply = send(&client, method, path, &id);
                let status = reply.status;
                assert_eq!(status, expected(name, person), "{person:?} {name}: {}", reply.text);
                assert!(operation["responses"][status.to_string()].is_object(), "{name} documents {status}");
                let may_see = expected("read_contract", person) == 200;
                let shown = reply.text.contains("棉田残膜回收装备研制");
                assert!(may_see || !shown, "{person:?} {name}: {}", reply.text);
                seen.entry(name.to_owned()).or_default().insert(status);
            }
        }
        assert_eq!(app.person(Person::Auditor).get(&format!("/contracts/{id}")).expect(200)["version"], 1);
        // What nobody may do is done to something that is not there, or not to a draft; `strangers` has the rest.
        for (_, path, operation) in &operations {
            let name = operation["operationId"].as_str().unwrap();
            let somebodys = seen[name].iter().any(|s| *s != 403 && *s != 404);
            assert!(somebodys || path.contains('{'), "{name} is nobody's: {:?}", seen[name]);
        }
    }

    fn the_documentation_is_for_who_is_logged_in_and_needs_no_other_server(app: &App) {
        for path in ["/api/docs", "/api/docs/", "/api/docs/swagger-ui.css", "/api/docs/swagger-initializer.js", "/api/%64ocs/", "/%61p%69/docs/index.html"] {
            let led = app.pages().get_once(path);
            assert_eq!(led.status, 303, "{path}");
            assert!(led.header("location").unwrap().starts_with("/login?next=%2F"), "{path}");
        }
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get_once("/api/docs/").expect(200);
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        // Under the same rules as every page, which its own files keep.
        assert_eq!(page.header("content-security-policy"), pages.get_once("/").header("content-security-policy"));
        assert!(!page.text.contains("<style") && !page.text.contains(" style=") && !page.text.contains(" onload="), "{}", page.text);
        let mut parts = 0;
        for attribute in ["src=\"", "href=\""] {
            for rest in page.text.split(attribute).skip(1) {
                let target = rest.split('"').next().unwrap();
                assert!(!target.contains("//"), "{target}");
                if target.ends_with(".png") {
                    continue; // No text; of this server like the rest.
                }
                let part = pages.get_once(&format!("/api/docs/{}", target.trim_start_matches("./"))).expect(200);
                assert!(!part.text.is_empty(), "{target}");
                parts += 1;
            }
        }
        assert!(parts >= 4, "scripts and styles: {}", page.text);
        // It shows our document, and asks no validator elsewhere about it.
        let start = pages.get_once("/api/docs/swagger-initializer.js");
        assert!(start.text.contains("/api/v1/openapi.json"), "{}", start.text);
        assert!(start.text.contains("\"validatorUrl\": \"none\""), "{}", start.text);
        assert!(!start.text.contains("http://") && !start.text.contains("https://"), "{}", start.text);
        assert_eq!(pages.get_once("/api/docs").header("location"), Some("/api/docs/"));
    }
}

#[test]
fn an_office_opens_the_documentation_to_everyone_where_it_wants() {
    let app = App::start_with(Backend::Sqlite, "2026-06-15T12:00:00+08:00", |settings| {
        settings.server.public_docs = true;
    });
    let page = app.pages().get_once("/api/docs/").expect(200);
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("default-src 'none'")
    );
}
