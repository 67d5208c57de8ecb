//! Every page that there is, as it is seen: sound by axe-core, nothing cut, spilt or overlapping from a telephone to the widest screen and
//! on paper, with names and amounts as long as they get. A new page is looked at without being named here.

use std::collections::BTreeMap;

use dengji::domain::interchange::Kind;
use serde_json::{Value, json};

use super::every_page::{PUBLIC, addresses, everyone, somewhere};
use crate::{
    api::strangers::furnish,
    support::{
        App, Backend, Client, Person,
        browser::{Browser, MOVED},
        complete_contract,
    },
};

const NAME: &str = "新疆生产建设兵团第八师石河子市北疆棉区棉花残膜机械化回收与资源化利用关键技术装备研制、田间试验示范及成套技术集成推广应用（第三标段·二期工程）";
const SELLER: &str = "新疆生产建设兵团第八师石河子市绿洲现代农业机械装备工程技术研究中心（集团）股份有限公司北疆分公司";
const BUYER: &str = "新疆生产建设兵团第一师阿拉尔市塔里木垦区现代节水农业综合开发建设管理委员会第十二团场";

/// 元, in fen: eight hundred million and some.
const AMOUNT: i64 = 87_654_321_099;

/// In which state of a contract its page is there, by the last part of the address; the others are there when it is confirmed.
const WHEN: [(&str, &str); 17] = [
    ("edit", "draft"),
    ("submit", "draft"),
    ("remove", "draft"),
    ("discard", "draft"),
    ("claim", "submitted"),
    ("withdraw", "submitted"),
    ("release", "under_review"),
    ("reassign", "under_review"),
    ("return", "under_review"),
    ("refer", "under_review"),
    ("confirm", "under_review"),
    ("refuse", "under_review"),
    ("recall", "expert_review"),
    ("reopen", "refused"),
    ("reinstate", "revoked"),
    ("compare", "under_review"),
    ("{n}", "returned"),
];

/// Enters a contract that is as long as they get.
fn entered(app: &App, n: u32) -> Value {
    let registrar = app.person(Person::Registrar);
    let mut document = complete_contract(n);
    document["project_name"] = json!(format!("{NAME}（{n}）"));
    document["seller"]["name"] = json!(format!("{SELLER}{n}"));
    document["buyer"]["name"] = json!(format!("{BUYER}{n}"));
    document["amount_fen"] = json!(AMOUNT);
    document["technology_amount_fen"] = json!(AMOUNT - 20_000_000);
    let entered = registrar.post("/contracts", &document).expect(201);
    registrar.get(&format!("/contracts/{}", entered["id"])).expect(200)
}

/// Contracts by their state.
fn contracts(app: &App) -> BTreeMap<&'static str, Value> {
    let (registrar, reviewer) = (app.person(Person::Registrar), app.person(Person::Reviewer));
    let submitted = |n| {
        registrar.act(
            &entered(app, n),
            "submit",
            &json!({"reasons": {"A12": "已与合同文本核对，金额无误。"}}),
        )
    };
    let claimed = |n| reviewer.act(&submitted(n), "claim", &json!({}));
    let confirm = json!({"verified_type": "development", "verified_technology_amount_fen": AMOUNT - 20_000_000});
    let confirmed = |n| reviewer.act(&claimed(n), "confirm", &confirm);
    let item =
        json!({"pointer": "/amount_fen", "detail": "与合同文本第四条载明的金额不一致，请核对后改正，并补充经费预算表"});
    let back = json!({"reason": "合同成交额与所附合同文本不一致。", "items": [item]});
    let revoke = json!({"ground": "duplicate", "document_number": "兵科撤〔2026〕1号"});
    BTreeMap::from([
        ("draft", entered(app, 21)),
        ("submitted", submitted(22)),
        ("under_review", claimed(23)),
        (
            "expert_review",
            reviewer.act(&claimed(24), "refer", &json!({"reason": "金额大"})),
        ),
        (
            "before a panel",
            reviewer.act(&claimed(29), "refer", &json!({"reason": "金额大"})),
        ),
        ("returned", reviewer.act(&claimed(25), "return", &back)),
        ("confirmed", confirmed(26)),
        (
            "refused",
            reviewer.act(&claimed(27), "refuse", &json!({"reasons": ["price_unclear"]})),
        ),
        (
            "revoked",
            app.person(Person::Reviewer2).act(&confirmed(28), "revoke", &revoke),
        ),
    ])
}

/// A panel that has concluded; [`furnish`] has made its members.
fn concluded(app: &App, contract: &Value) -> Value {
    let reviewer = app.log_in("reviewer");
    let title = "2026 年第二次技术合同专家论证（农业机械、生物育种、节水灌溉领域金额五百万元以上合同）";
    let panel = json!({"title": title, "held_on": "2026-06-20", "chair": "expert", "experts": ["expert", "x1", "x2"], "contracts": [contract["id"]]});
    let panel = reviewer.post("/expert-reviews", &panel).expect(201)["id"].clone();
    let said = json!({"contract_id": contract["id"], "vote": "recognise", "text": "同意。\n理由如下：研制目标明确。"});
    for name in ["expert", "x1", "x2"] {
        let member: Client = app.log_in(name);
        member
            .post(&format!("/expert-reviews/{panel}/opinions"), &said)
            .expect(201);
    }
    let end = json!({"contract_id": contract["id"], "reason": "一致同意"});
    app.log_in("expert")
        .post(
            &format!("/expert-reviews/{panel}/close-voting"),
            &json!({"contract_id": contract["id"]}),
        )
        .expect(200);
    app.log_in("expert")
        .post(&format!("/expert-reviews/{panel}/conclude"), &end)
        .expect(200);
    panel
}

/// A panel on whose contract voting is closed, with these votes of its three members; [`furnish`] has made them.
fn voted(app: &App, n: u32, votes: [&str; 3]) -> Value {
    let (reviewer, chair) = (app.person(Person::Reviewer), app.log_in("expert"));
    let contract = reviewer.act(&app.claimed(n), "refer", &json!({"reason": "金额大"}));
    let panel = json!({"title": "表决已结束的论证", "held_on": "2026-06-20", "chair": "expert", "experts": ["expert", "x1", "x2"],
        "contracts": [contract["id"]]});
    let panel = reviewer.post("/expert-reviews", &panel).expect(201)["id"].clone();
    for (name, vote) in ["expert", "x1", "x2"].iter().zip(votes) {
        let mut said = json!({"contract_id": contract["id"], "vote": vote, "text": "理由如下：研制目标明确。"});
        if vote == "recognise_with_changes" {
            said["technology_amount_fen"] = json!(50_000_000);
        }
        let member = app.log_in(name);
        member
            .post(&format!("/expert-reviews/{panel}/opinions"), &said)
            .expect(201);
    }
    let body = json!({"contract_id": contract["id"]});
    chair
        .post(&format!("/expert-reviews/{panel}/close-voting"), &body)
        .expect(200);
    panel
}

/// A paragraph of the year's report.
fn paragraph(app: &App) -> String {
    let words = json!({"chapter": "summary", "text": format!("全年成交 {{{{total.amount|yi_yuan|2}}}} 亿元，其中{NAME}为历年最大一项。")});
    let made = app
        .person(Person::Statistician)
        .post("/reports/annual/2025/paragraphs", &words)
        .expect(201);
    made["id"].to_string()
}

/// Closes the year on the page, as a statistician does.
fn close(app: &App) {
    let pages = app.pages_of(Person::Statistician);
    let page = pages.get("/statistics/2025/close").expect(200);
    let reasons: Vec<String> = page.attributes("main form [name^='/checklist/']", "name");
    let fields: Vec<(&str, &str)> = reasons
        .iter()
        .map(|name| (name.as_str(), "年末在办合同于次年办结。"))
        .collect();
    pages.submit(&page, "/statistics/2025/close", &fields).expect(200);
}

/// One page at every width and on paper.
fn look(browser: &Browser<'_>, address: &str) {
    let name: String = address
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    browser.width(1280);
    browser.open(address);
    browser.find("h1");
    for width in [2560, 1280, 360] {
        browser.width(width);
        match width {
            2560 => browser.expect_fit(MOVED),
            _ => browser.expect_sound(),
        }
        browser.picture(&format!("looks{name}-{width}"));
    }
    browser.expect_prints();
    browser.print(&format!("looks{name}"));
}

/// Looks at the pages whose first part is wanted, each as the first person who may see it; how many there were.
fn look_at(app: &App, wanted: impl Fn(&str) -> bool) -> usize {
    let contracts = contracts(app);
    let there = furnish(app);
    let panel = concluded(app, &contracts["before a panel"]);
    let agreed = voted(app, 61, ["recognise"; 3]);
    let divided = voted(app, 62, ["recognise", "not_recognise", "recognise_with_changes"]);
    let everyone = everyone(app);
    let mut seen: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut unseen = Vec::new();
    for template in addresses("get") {
        let noun = template.split('/').nth(1).unwrap_or_default();
        if PUBLIC.contains(&template.as_str()) || !wanted(noun) {
            continue;
        }
        let mut known = template.replace("{year}", "2025");
        if noun == "contracts" {
            let of = |part: &&(&str, &str)| {
                template.split('/').next_back() == Some(part.0) || template.contains(&format!("/{}/", part.0))
            };
            let state = WHEN.iter().find(of).map_or("confirmed", |(_, state)| state);
            let contract = &contracts[state];
            let papers = app
                .log_in("registrar")
                .get(&format!("/contracts/{}/attachments", contract["id"]))
                .expect(200);
            known = known
                .replace("{id}", &contract["id"].to_string())
                .replace("{attachment}", &papers["items"][0]["id"].to_string());
        }
        if template.contains("/minutes") {
            known = known.replace("{id}", &panel.to_string());
        }
        // With a majority the chair concludes, without one another round is opened.
        if template.ends_with("/conclude") {
            known = known.replace("{id}", &agreed.to_string());
        }
        if template.ends_with("/open-voting") {
            known = known.replace("{id}", &divided.to_string());
        }
        if template.contains("/paragraphs/{id}") {
            known = known.replace("{id}", &paragraph(app));
        }
        let address = somewhere(&there, &known);
        let answers = everyone.iter().map(|(_, pages)| pages.get_once(&address));
        let first = answers.enumerate().find(|(_, page)| [200, 303].contains(&page.status));
        match first {
            None => unseen.push(address),
            Some((who, page)) if page.header("content-type").is_some_and(|t| t.starts_with("text/html")) => {
                seen.entry(who).or_default().push(address);
            }
            // A file, or a way to another page.
            Some(_) => {}
        }
    }
    assert!(unseen.is_empty(), "say here how these come to be seen: {unseen:?}");
    let count = seen.values().map(Vec::len).sum();
    for (who, addresses) in seen {
        let browser = app.browser();
        browser.log_in(everyone[who].0.username());
        for address in addresses {
            look(&browser, &address);
        }
    }
    count
}

const OF_CONTRACTS: [&str; 2] = ["contracts", "change-requests"];
const OF_STATISTICS: [&str; 4] = ["statistics", "follow-ups", "activities", "reference-figures"];
const OF_PEOPLE: [&str; 4] = ["registrars", "trainings", "users", "agencies"];

#[test]
fn pages_of_contracts() {
    let app = App::start(Backend::Sqlite);
    assert!(look_at(&app, |noun| OF_CONTRACTS.contains(&noun)) > 25);
}

#[test]
fn pages_of_statistics() {
    let app = App::start(Backend::Sqlite);
    // But for the reference figures, of which there will be one of this year's.
    app.import_sample("registrars.csv", Kind::Registrars);
    for year in 2021..=2025 {
        app.import_sample(&format!("contracts-{year}.csv"), Kind::Register);
    }
    app.import_sample("follow-up-2021-2024.csv", Kind::FollowUp);
    app.import_sample("activities-2025.csv", Kind::Activities);
    paragraph(&app);
    close(&app);
    assert!(look_at(&app, |noun| OF_STATISTICS.contains(&noun)) > 20);
}

#[test]
fn pages_of_people() {
    let app = App::start(Backend::Sqlite);
    assert!(look_at(&app, |noun| OF_PEOPLE.contains(&noun)) > 15);
}

#[test]
fn all_other_pages() {
    let app = App::start(Backend::Sqlite);
    let elsewhere = [&OF_CONTRACTS[..], &OF_STATISTICS, &OF_PEOPLE].concat();
    assert!(look_at(&app, |noun| !elsewhere.contains(&noun)) > 20);
}

#[test]
fn pages_of_strangers_and_refusals() {
    let app = App::start(Backend::Sqlite);
    let confirmed = app.confirmed(1);
    let browser = app.browser();
    for address in ["/login", "/verify", "/verify?code=none", "/help", "/no-such-page"] {
        look(&browser, address);
    }
    browser.log_in("registrar");
    let taken = format!("/contracts/{}/edit", confirmed["id"]);
    for address in [
        "/ledger",
        "/contracts/999999",
        &taken,
        "/no-such-page",
        "/contracts?sort=none",
    ] {
        look(&browser, address);
        // Who is refused is not left alone.
        browser.find(".nav a");
    }
}

#[test]
fn what_does_not_fit_is_found() {
    let app = App::start(Backend::Sqlite);
    let browser = app.browser_of(Person::Reviewer);
    for (fault, told) in [
        (
            "document.querySelector('h1').style.cssText = 'width: 3000px; max-width: none'",
            "beyond the edge",
        ),
        (
            "document.querySelector('h1').style.cssText = 'width: 2em; overflow: hidden; white-space: nowrap'",
            "spilt or cut",
        ),
        (
            "document.querySelector('.cards li').style.width = '40rem'",
            "over its neighbour",
        ),
    ] {
        browser.width(1280);
        browser.open("/");
        browser.find("h1");
        browser.expect_fit(MOVED);
        browser.ask(fault, vec![]);
        let found = browser.misfits(MOVED).to_string();
        assert!(found.contains(told), "{told}: {found}");
    }
}
