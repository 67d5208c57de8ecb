//! What one may learn of what one may not see. Registers are made by the same acts, whose other agencies' contracts say other things:
//! once nothing that has to do with anybody, once the same parties, names, days, amounts, files and numbers. Whatever route of the API
//! and whatever page is asked, the answers are the same bytes. Routes come from the OpenAPI document and pages from the source.

use std::collections::BTreeMap;

use dengji::domain::account::Role;
use serde_json::{Value, json};

use super::openapi::{addressed, described, operations, send_to};
use crate::{
    support::{App, Backend, Client, Pages, Person, Reply, both, complete_contract, papers::small_pdf},
    web::every_page::addresses,
};

/// What the contracts are that a viewer does not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hidden {
    /// Nothing that the viewer's contracts have to do with.
    Apart,
    /// All resemble the viewer's contracts, as far as a contract can.
    Alike,
    /// Those that were never confirmed do.
    UnconfirmedAlike,
}

/// A register.
struct Register {
    app: App,
    /// Keys of the contracts of agency 660008: confirmed, submitted, draft, before experts, confirmed, returned.
    own: Vec<i64>,
    /// Keys of those of agency 660001.
    others: Vec<i64>,
    /// What is random in each register: codes of certificates.
    random: Vec<String>,
}

/// What becomes of the other agency's contracts, one each.
const FATES: [&str; 12] = [
    "confirm", "confirm", "confirm", "confirm", "draft", "submit", "claim", "return", "withdraw", "refuse", "refer",
    "confirm",
];

/// The text that the viewer's contract has.
const TEXT: u32 = 7;
const OTHER_TEXT: u32 = 8;

/// A number of the national system that one of the other agency's contracts has.
const NUMBER: &str = "G-2026-0000000009";

/// Reasons for whatever a submission may warn of.
fn reasons() -> Value {
    let ids = ["A01", "A02", "A05", "A11", "A12", "A13", "A15", "A16", "A27"];
    let reasons: BTreeMap<&str, &str> = ids.into_iter().map(|id| (id, "已经核对")).collect();
    json!({"reasons": reasons})
}

fn key(contract: &Value) -> i64 {
    contract["id"].as_i64().unwrap()
}

/// A contract with a text beside it.
fn enter(client: &Client, content: &Value, text: u32) -> Value {
    let entered = client.without_papers().post("/contracts", content).expect(201);
    let path = format!("/contracts/{}", entered["id"]);
    let version = entered["version"].as_i64().unwrap();
    client
        .attach_at(&path, version, "contract_text", "合同文本.pdf", &small_pdf(text))
        .expect(201);
    client.get(&path).expect(200)
}

/// The other agency's contract of a place in [`FATES`].
fn content_of(at: usize, alike: bool) -> Value {
    let place = u32::try_from(at).unwrap();
    if !alike {
        let mut content = complete_contract(60 + place);
        content["signed_on"] = json!(format!("2019-{:02}-01", at + 1));
        content["begins_on"] = content["signed_on"].clone();
        content["amount_fen"] = json!(1_234_500 + i64::from(place));
        content["technology_amount_fen"] = json!(1_234_500 + i64::from(place));
        content["non_technology_amount_fen"] = json!(0);
        return content;
    }
    // The draft's own double, a near one, parts of one contract, one in another unit of money; each of another day, so that the other
    // agency may submit them all.
    let of = [3, 1, 3, 5, 3, 3, 1, 3, 5, 3, 1, 6][at];
    let mut content = complete_contract(of);
    if at > 0 {
        content["signed_on"] = json!(format!("2025-03-{:02}", at + 1));
    }
    if at == 2 {
        content["amount_fen"] = json!(1_200_000_000_000_i64);
        content["technology_amount_fen"] = json!(1_199_980_000_000_i64);
    }
    if at == 3 {
        content["seller"]["address"] = json!("某某路 9 号");
        content["buyer"]["phone"] = json!("0993-9999999");
    }
    content
}

fn register(backend: Backend, hidden: Hidden) -> Register {
    let app = App::start(backend);
    Person::ALL.iter().for_each(|person| drop(app.person(*person)));
    ["x1", "x2", "x3"]
        .iter()
        .for_each(|name| drop(app.add_user(name, &[Role::Expert], None, None)));
    let (registrar, reviewer) = (app.person(Person::Registrar), app.person(Person::Reviewer));
    let submitted = |n: u32| registrar.act(&enter(&registrar, &complete_contract(n), TEXT), "submit", &reasons());
    let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000, "reasons": reasons()["reasons"]});
    let confirmed = |n: u32| {
        let claimed = reviewer.act(&submitted(n), "claim", &json!({}));
        reviewer.act(&claimed, "confirm", &verified)
    };
    let first = confirmed(1);
    assert_eq!(
        registrar
            .get(&format!("/contracts/{}/certificate.pdf", first["id"]))
            .status,
        200
    );
    let waiting = submitted(2);
    let draft = enter(&registrar, &complete_contract(3), TEXT);
    let referred = reviewer.act(
        &reviewer.act(&submitted(4), "claim", &json!({})),
        "refer",
        &json!({"reason": "金额大"}),
    );
    let panel = json!({"title": "第一次论证", "held_on": "2026-06-20", "chair": "expert", "experts": ["expert", "x1", "x2"],
        "contracts": [referred["id"]]});
    let panel = reviewer.post("/expert-reviews", &panel).expect(201);
    let opinion = json!({"contract_id": referred["id"], "vote": "recognise", "text": "可行"});
    app.log_in("expert")
        .post(&format!("/expert-reviews/{}/opinions", panel["id"]), &opinion)
        .expect(201);
    let fifth = confirmed(5);
    let amend = json!({"kind": "amend", "changes": {"project_name": "改过的名称"}, "reason": "名称有误"});
    registrar
        .post_at(
            &format!("/contracts/{}/change-requests", fifth["id"]),
            fifth["version"].as_i64().unwrap(),
            &amend,
        )
        .expect(201);
    let claimed = reviewer.act(&submitted(6), "claim", &json!({}));
    let returned = json!({"reason": "金额与文本不符", "items": [{"pointer": "/amount_fen", "detail": "请核对"}]});
    let returned = reviewer.act(&claimed, "return", &returned);
    let own = [&first, &waiting, &draft, &referred, &fifth, &returned]
        .map(key)
        .to_vec();

    let (other, second) = (app.person(Person::OtherRegistrar), app.person(Person::Reviewer2));
    let mut others = Vec::new();
    for (at, fate) in FATES.iter().enumerate() {
        let alike = match hidden {
            Hidden::Apart => false,
            Hidden::Alike => true,
            // What was refused is counted by the figures, as what was confirmed is.
            Hidden::UnconfirmedAlike => !["confirm", "refuse"].contains(fate),
        };
        let content = content_of(at, alike);
        let entered = enter(&other, &content, if alike { TEXT } else { OTHER_TEXT });
        others.push(key(&entered));
        if *fate == "draft" {
            continue;
        }
        let submitted = other.act(&entered, "submit", &reasons());
        let claimed = || second.act(&submitted, "claim", &json!({}));
        let came = match *fate {
            "submit" => continue,
            "withdraw" => other.act(&submitted, "withdraw", &json!({"reason": "不办了"})),
            "claim" => claimed(),
            "return" => second.act(
                &claimed(),
                "return",
                &json!({"reason": "补正", "items": [{"pointer": "/summary", "detail": "补充"}]}),
            ),
            "refuse" => second.act(
                &claimed(),
                "refuse",
                &json!({"reasons": ["not_technology_contract"], "note": "不是"}),
            ),
            "refer" => {
                let referred = second.act(&claimed(), "refer", &json!({"reason": "金额大"}));
                let body = json!({"title": "别的论证", "held_on": "2026-06-20", "chair": "x1", "experts": ["x1", "x2", "x3"],
                    "contracts": [referred["id"]]});
                second.post("/expert-reviews", &body).expect(201);
                referred
            }
            _ => {
                let verified = json!({"verified_type": "development",
                    "verified_technology_amount_fen": submitted["technology_amount_fen"], "reasons": reasons()["reasons"]});
                second.act(&claimed(), "confirm", &verified)
            }
        };
        if at == 1 {
            let number = if alike { NUMBER } else { "G-2026-0000000008" };
            other.act(
                &came,
                "report",
                &json!({"national_number": number, "reported_on": "2026-06-15"}),
            );
        }
        app.pass_seconds(1);
    }
    let history = registrar
        .get(&format!("/contracts/{}/history", first["id"]))
        .expect(200);
    let issued = history
        .as_array()
        .unwrap()
        .iter()
        .find(|e| e["action"] == "issue_registration_certificate")
        .unwrap();
    let random = vec![issued["changes"][0]["to"].as_str().unwrap().to_owned()];
    Register {
        app,
        own,
        others,
        random,
    }
}

/// Blanks what follows each of some words, up to a quotation mark.
fn blanked(text: &str, words: &[&str]) -> String {
    words.iter().fold(text.to_owned(), |text, word| {
        let mut parts = text.split(word);
        let mut blanked = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            blanked.push_str(word);
            blanked.push_str(part.find('"').map_or(part, |end| &part[end..]));
        }
        blanked
    })
}

/// Hashes of the ledger's chain differ with any of its entries, and tell of none; codes of certificates are random.
fn without_hashes(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if matches!(c, '0'..='9' | 'a'..='f') {
            run.push(c);
            continue;
        }
        left.push_str(match run.len() {
            64 => "HASH",
            // The code of a certificate that was made out by asking for it.
            32 => "CODE",
            _ => &run,
        });
        run.clear();
        left.push(c);
    }
    left
}

/// Keys that an address is asked with: of contracts all, of other things the first ones.
fn ids_of<'a>(template: &str, contracts: &'a [i64]) -> &'a [i64] {
    static FIRST: [i64; 3] = [1, 2, 3];
    match template.contains("{id}") {
        true if template.contains("/contracts/") => contracts,
        true => &FIRST,
        false => &FIRST[..1],
    }
}

/// What a register answers, by what was asked.
struct Answers<'a> {
    register: &'a Register,
    told: Vec<(String, String)>,
}

impl Answers<'_> {
    fn add(&mut self, asked: String, status: u16, headers: &[(String, String)], text: &str) {
        assert!(status < 500, "{asked}: {status} {text}");
        let header = |name: &str| {
            let found = headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let kind = header("content-type");
        // A PDF has the certificate's code in it, compressed; what it says stands in other answers.
        let body = if kind == "application/pdf" && asked.contains("certificate") {
            String::new()
        } else {
            let words = [
                "name=\"_token\" value=\"",
                "name=\"_once\" value=\"",
                "\"salt\":\"",
                "\"access_token\":\"",
                "\"refresh_token\":\"",
            ];
            let text = blanked(text, &words);
            // Names of one's own sessions are random.
            let sessions: &[&str] = match asked.contains("/sessions") {
                true => &["{\"id\":\"", "action=\"/sessions/"],
                false => &[],
            };
            let text = blanked(&text, sessions);
            let text = self
                .register
                .random
                .iter()
                .fold(text, |text, code| text.replace(code.as_str(), "CODE"));
            without_hashes(&text)
        };
        let told = format!(
            "{status} {kind} {} {} {body}",
            header("etag"),
            blanked(&header("location"), &["once="])
        );
        self.told.push((asked, told));
    }

    fn reply(&mut self, asked: String, reply: &Reply) {
        self.add(asked, reply.status, &reply.headers, &reply.text);
    }
}

/// Values that a query may be asked with, by its name.
fn values(name: &str) -> &'static [&'static str] {
    match name {
        "q" => &[
            "农场",
            "一师某某农场3",
            "91659002",
            "2026660001",
            NUMBER,
            "改过",
            "DJY662022",
        ],
        "agency" => &["660001", "660008"],
        "state" => &["confirmed", "submitted,under_review", "open", "closed"],
        "year" => &["2026", "2025"],
        "limit" => &["1", "100"],
        "sort" => &["amount_fen", "-confirmed_at", "due_on"],
        "claimed_by" => &["reviewer2", "reviewer"],
        "queue" => &[
            "drafts",
            "returned_to_me",
            "waiting",
            "change_requests",
            "mine",
            "unclaimed",
            "panels",
            "due_soon",
        ],
        "rule" => &["A01", "A02", "A03", "A05"],
        "figure" => &["total.amount", "total.contracts"],
        "rows" | "columns" => &["type", "unit"],
        "format" => &["text", "json", "csv"],
        _ => &[],
    }
}

/// Everything that one of the register's people is answered.
fn everything<'a>(register: &'a Register, person: Person, client: &Client, pages: &Pages) -> Answers<'a> {
    let mut answers = Answers {
        register,
        told: Vec::new(),
    };
    let keys: Vec<i64> = register.own.iter().chain(&register.others).copied().collect();
    let document = described();
    let mut operations = operations(&document);
    // Reading first, so that it is of the register as it was made; what ends the session not at all.
    operations.retain(|(_, _, o)| {
        ![
            "log_out",
            "log_in",
            "refresh_session",
            "change_password",
            "end_session",
            "end_other_sessions",
        ]
        .contains(&o["operationId"].as_str().unwrap())
    });
    operations.sort_by_key(|(method, ..)| method != "GET");
    let filled = |template: &str, id: i64| {
        addressed(
            template,
            &[("{id}", &id.to_string()), ("{code}", "0000-0000-0000-0000")],
        )
    };
    for (method, template, operation) in &operations {
        let ids = ids_of(template, &keys);
        for id in ids {
            let path = filled(template, *id);
            answers.reply(format!("{method} {path}"), &send_to(client, method, &path));
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for parameter in parameters.filter(|p| method == "GET" && p["in"] == "query") {
                let name = parameter["name"].as_str().unwrap();
                for value in values(name) {
                    let year = if template.ends_with("/checks") && name != "year" && !template.contains("{id}") {
                        "&year=2026"
                    } else {
                        ""
                    };
                    let path = format!("{path}?{name}={}{year}", form_urlencoded(value));
                    answers.reply(format!("{method} {path}"), &client.get(&path));
                }
            }
        }
    }
    let somewhere = |template: &str, id: i64| {
        let path = addressed(
            template,
            &[("{id}", &id.to_string()), ("{other}", &register.others[0].to_string())],
        );
        path.replace("{sequence}", "1")
            .replace("{number}", "DJY6620190044")
            .replace("{aid}", "1")
            .replace("{format}", "csv")
    };
    for template in addresses("get") {
        let ids = ids_of(&template, &keys);
        for id in ids {
            let path = somewhere(&template, *id);
            let page = pages.get_once(&path);
            answers.add(format!("page {path}"), page.status, &page.headers, &page.text);
            if page.status == 200
                && *id == ids[0]
                && page
                    .headers
                    .iter()
                    .any(|(n, v)| n == "content-type" && v.starts_with("text/html"))
            {
                for q in values("q") {
                    let path = format!("{path}?q={}", form_urlencoded(q));
                    let page = pages.get_once(&path);
                    answers.add(format!("page {path}"), page.status, &page.headers, &page.text);
                }
            }
        }
    }
    if person != Person::Registrar {
        return answers;
    }
    // A registrar types: all that others' contracts say, day by day, as new, over the own draft, and over what is not the own.
    let token = pages
        .get("/contracts/new")
        .form("/contracts/new")
        .fields
        .iter()
        .find(|(n, _)| n == "_token")
        .unwrap()
        .1
        .clone();
    for at in 0..FATES.len() {
        for day in [1, 20, 28] {
            let mut content = content_of(at, true);
            content["signed_on"] = json!(format!("2025-03-{day:02}"));
            let fields = form_of(&content);
            let mut fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            fields.push(("_token", &token));
            for template in addresses("post")
                .iter()
                .filter(|a| a.ends_with("/check") || a.ends_with("/parties"))
            {
                for id in [register.own[2], register.others[0]] {
                    let path = somewhere(template, id);
                    let page = pages.post_once(&path, &fields);
                    answers.add(
                        format!("typed {path} {at} {day}"),
                        page.status,
                        &page.headers,
                        &page.text,
                    );
                }
            }
            let entered = client.without_papers().post("/contracts", &content);
            answers.reply(format!("entered {at} {day}"), &entered);
            let entered = entered.expect(201);
            let path = format!("/contracts/{}", entered["id"]);
            for below in ["", "/checks", "/history"] {
                answers.reply(format!("{path}{below}"), &client.get(&format!("{path}{below}")));
            }
            for below in ["", "/submit", "/edit?check=1"] {
                let page = pages.get_once(&format!("{path}{below}"));
                answers.add(format!("page {path}{below}"), page.status, &page.headers, &page.text);
            }
            let changed = client.patch_at(
                &path,
                1,
                &json!({"amount_fen": content["amount_fen"], "summary": content["summary"]}),
            );
            answers.reply(format!("PATCH {path}"), &changed);
            let attached = client.attach_at(
                &path,
                changed.json()["version"].as_i64().unwrap(),
                "contract_text",
                "a.pdf",
                &small_pdf(TEXT),
            );
            answers.reply(format!("attached {path}"), &attached);
            answers.reply(format!("with the text {path}"), &client.get(&path));
            answers.reply(
                format!("with the text {path}/checks"),
                &client.get(&format!("{path}/checks")),
            );
            let version = client.get(&path).json()["version"].as_i64().unwrap();
            answers.reply(format!("discarded {path}"), &client.delete_at(&path, version));
        }
    }
    // The number that another agency's contract has is no news either.
    let path = format!("/contracts/{}", register.own[4]);
    let own = client.get(&path).expect(200);
    let report = client.try_act(
        &own,
        "report",
        &json!({"national_number": NUMBER, "reported_on": "2026-06-15"}),
    );
    assert_eq!(report.status, 200, "{}", report.text);
    answers.reply("reported".to_owned(), &report);
    for below in ["", "/checks", "/history"] {
        answers.reply(format!("reported {below}"), &client.get(&format!("{path}{below}")));
    }
    answers.reply(
        "found by its number".to_owned(),
        &client.get(&format!("/contracts?q={NUMBER}")),
    );
    answers
}

fn form_urlencoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// A content as the form of a contract has it.
fn form_of(content: &Value) -> Vec<(String, String)> {
    fn add(fields: &mut Vec<(String, String)>, pointer: &str, value: &Value) {
        match value {
            Value::Object(parts) => parts
                .iter()
                .for_each(|(name, part)| add(fields, &format!("{pointer}/{name}"), part)),
            Value::String(text) => fields.push((pointer.to_owned(), text.clone())),
            Value::Number(fen) => {
                let fen = fen.as_i64().unwrap();
                fields.push((pointer.to_owned(), format!("{}.{:02}", fen / 100, fen % 100)));
            }
            Value::Bool(yes) => fields.push((pointer.to_owned(), yes.to_string())),
            Value::Null | Value::Array(_) => {}
        }
    }
    let mut fields = Vec::new();
    add(&mut fields, "", content);
    fields
}

/// What two registers answer differently.
fn differences(one: Answers<'_>, two: Answers<'_>) -> Vec<String> {
    assert_eq!(one.told.len(), two.told.len());
    assert!(one.told.len() > 500, "{}", one.told.len());
    let pairs = one.told.into_iter().zip(two.told);
    pairs
        .filter(|((asked, a), (also, b))| {
            assert_eq!(asked, also);
            a != b
        })
        .map(|((asked, a), (_, b))| {
            let at = a
                .bytes()
                .zip(b.bytes())
                .position(|(a, b)| a != b)
                .unwrap_or(a.len().min(b.len()));
            let near = |text: &str| {
                String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(80)..text.len().min(at + 160)]).into_owned()
            };
            format!("{asked}\n  {}\n  {}", near(&a), near(&b))
        })
        .collect()
}

/// Everything that one of the people is answered by a register.
fn answers_of(register: &Register, person: Person) -> Answers<'_> {
    let app = &register.app;
    everything(register, person, &app.log_in(person.username()), &app.pages_of(person))
}

fn compare(one: &Register, two: &Register, people: &[Person]) {
    for person in people {
        let found = differences(answers_of(one, *person), answers_of(two, *person));
        assert!(
            found.is_empty(),
            "{person:?} {} differ:\n{}",
            found.len(),
            found.join("\n")
        );
    }
}

both! {
    fn nobody_is_told_of_what_is_not_theirs_to_see(app: &App) {
        let apart = register(app.backend, Hidden::Apart);
        let alike = register(app.backend, Hidden::Alike);
        compare(&apart, &alike, &[Person::Expert, Person::Uncertified, Person::Registrar]);
        let unconfirmed = register(app.backend, Hidden::UnconfirmedAlike);
        let apart = register(app.backend, Hidden::Apart);
        compare(&apart, &unconfirmed, &[Person::Statistician]);
    }

    fn a_submission_alone_tells_one_bit_and_that_is_entered(app: &App) {
        let apart = register(app.backend, Hidden::Apart);
        let alike = register(app.backend, Hidden::Alike);
        let submit = |register: &Register, body: &Value| {
            let client = register.app.log_in("registrar");
            let draft = client.get(&format!("/contracts/{}", register.own[2])).expect(200);
            client.try_act(&draft, "submit", body)
        };
        let history = |register: &Register| {
            let path = format!("/contracts/{}/history", register.own[2]);
            register.app.log_in("registrar").get(&path).expect(200).as_array().unwrap().clone()
        };
        let before = history(&alike).len();
        let told = submit(&alike, &json!({}));
        let problem = told.expect_problem(422, "invalid");
        assert_eq!(told.pointers(), ["/reasons/A01"]);
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{problem}");
        assert_eq!(problem["errors"][0]["code"], "reason_required");
        let detail = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("另一登记机构已有"), "{detail}");
        // Nothing of which contract, whose, called what.
        for register in [&apart, &alike] {
            for id in &register.others {
                assert!(!detail.contains(&format!("ID {id}")) && !detail.contains("660001") && !detail.contains("残膜"), "{detail}");
            }
        }
        let entries = history(&alike);
        assert_eq!(entries.len(), before + 1, "that it was told is entered");
        let last = entries.last().unwrap();
        assert_eq!((&last["action"], &last["actor"], &last["role"]), (&json!("duplicate_elsewhere"), &json!("registrar"), &json!("registrar")));
        assert_eq!((&last["from"], &last["to"], &last["changes"]), (&json!("draft"), &json!("draft"), &json!([])));
        assert!(detail.contains(last["reason"].as_str().unwrap()), "{last}");
        // Another day, another amount: no such deal, and then it is submitted. With a reason it goes on, too.
        let reason = json!({"reasons": {"A01": "两项合同，另行签订"}});
        let submitted = submit(&alike, &reason).expect(200);
        assert_eq!(submitted["state"], "submitted");
        assert_eq!(history(&alike).last().unwrap()["reason"], "A01：两项合同，另行签订");
        // An expert who gets it before a panel is not told that.
        let id = &submitted["id"];
        let reviewer = alike.app.log_in("reviewer");
        let referred = reviewer.act(&reviewer.act(&submitted, "claim", &json!({})), "refer", &json!({"reason": "存疑"}));
        let panel = json!({"title": "第三次论证", "held_on": "2026-06-20", "chair": "expert", "experts": ["expert", "x1", "x2"],
            "contracts": [referred["id"]]});
        reviewer.post("/expert-reviews", &panel).expect(201);
        for (person, told) in [("expert", false), ("reviewer", true), ("registrar", true), ("auditor", true)] {
            let history = alike.app.log_in(person).get(&format!("/contracts/{id}/history"));
            history.expect(200);
            assert_eq!(history.text.contains("duplicate_elsewhere"), told, "{person}");
        }
        let checks: Vec<&Value> = submitted["checks"].as_array().unwrap().iter().filter(|c| c["id"] == "A01").collect();
        assert!(checks.is_empty(), "afterwards nothing is told any more: {checks:?}");
        // Whoever reviews is told everything.
        let seen = reviewer.get(&format!("/contracts/{}", alike.own[2])).expect(200);
        let found = seen["checks"].as_array().unwrap().iter().find(|c| c["id"] == "A01").expect("a reviewer sees the duplicate");
        assert_eq!(found["severity"], "error");
        assert!(alike.app.log_in("auditor").get("/ledger/verification").expect(200)["valid"] == true);

        // Where there is none, the submission just goes on.
        let before = history(&apart).len();
        assert_eq!(submit(&apart, &json!({})).expect(200)["state"], "submitted");
        assert_eq!(history(&apart).len(), before + 1);
    }

    fn what_is_wrong_otherwise_is_told_before_the_bit(app: &App) {
        let alike = register(app.backend, Hidden::Alike);
        let client = alike.app.log_in("registrar");
        let path = format!("/contracts/{}", alike.own[2]);
        let draft = client.get(&path).expect(200);
        let summary = client.patch_at(&path, draft["version"].as_i64().unwrap(), &json!({"seller": {"contact": "无"}})).expect(200);
        let reply = client.try_act(&summary, "submit", &json!({}));
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/reasons/A27"]);
        let history = client.get(&format!("{path}/history"));
        assert!(!history.text.contains("duplicate_elsewhere"), "{}", history.text);
        let reply = client.try_act(&summary, "submit", &json!({"reasons": {"A27": "确无"}}));
        assert_eq!(reply.pointers(), ["/reasons/A01"]);
        // The page asks for the reason in a field of its own, and goes on with it.
        let pages = alike.app.pages_of(Person::Registrar);
        let submit = format!("{path}/submit");
        let page = pages.get(&submit);
        assert!(!page.text.contains("另一登记机构"), "{}", page.text);
        let page = pages.submit(&page, &submit, &[("/reasons/A27", "确无")]);
        assert_eq!(page.status, 422);
        assert!(page.text.contains("警告：另一登记机构已有"), "{}", page.text);
        let page = pages.submit(&page, &submit, &[("/reasons/A01", "另行签订")]);
        assert_eq!(page.status, 200, "{}", page.text);
        assert_eq!(client.get(&path).expect(200)["state"], "submitted");
    }
}
