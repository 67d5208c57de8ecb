//! Expert panels from reference to minutes: recusals, quorum, blind votes, majority, and what the conclusion means for the reviewer.

use dengji::domain::account::Role;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};

use crate::support::{App, Backend, Client, Person, both};

/// The experts of these tests, all alike until a test gives one an employer.
pub const EXPERTS: [&str; 5] = ["e1", "e2", "e3", "e4", "e5"];

/// Makes the experts; they are logged in.
pub fn experts(app: &App) -> Vec<Client> {
    EXPERTS
        .iter()
        .map(|name| app.add_user(name, &[Role::Expert], None, None))
        .collect()
}

/// Gives an account an employer, behind the program's back.
pub fn employ(app: &App, username: &str, employer: &str, uscc: &str) {
    let sql =
        format!("UPDATE users SET employer = '{employer}', employer_uscc = '{uscc}' WHERE username = '{username}'");
    let done = |db: &mut dengji::storage::Db| Ok::<_, dengji::storage::StoreError>(db.batch_execute(&sql)?);
    app.ctx.store.with_connection(done).unwrap();
}

/// A contract that waits for experts.
pub fn referred(app: &App, n: u32) -> Value {
    let contract = app.claimed(n);
    let reviewer = app.person(Person::Reviewer);
    reviewer.act(&contract, "refer", &json!({"reason": "金额大，创新性存疑"}))
}

/// A panel of all five experts chaired by the first, over contracts.
pub fn panel(app: &App, contracts: &[&Value]) -> Value {
    let keys: Vec<&Value> = contracts.iter().map(|c| &c["id"]).collect();
    let body = json!({"title": "2026 年第一次论证", "held_on": "2026-06-20", "chair": "e1", "experts": EXPERTS, "contracts": keys});
    app.person(Person::Reviewer).post("/expert-reviews", &body).expect(201)
}

pub fn path(panel: &Value, below: &str) -> String {
    format!("/expert-reviews/{}{below}", panel["id"])
}

/// Votes with no more than a vote.
#[track_caller]
pub fn vote(client: &Client, panel: &Value, contract: &Value, vote: &str) -> Value {
    let body = json!({"contract_id": contract["id"], "vote": vote, "text": format!("本人意见：{vote}")});
    client.post(&path(panel, "/opinions"), &body).expect(201)
}

/// The chair ends the round of voting on a contract.
#[track_caller]
pub fn close_voting(chair: &Client, panel: &Value, contract: &Value) -> Value {
    let body = json!({"contract_id": contract["id"]});
    chair.post(&path(panel, "/close-voting"), &body).expect(200)
}

/// The line of a contract on a panel, as someone sees it.
fn line_of(client: &Client, panel: &Value, contract: &Value) -> Value {
    let seen = client.get(&path(panel, "")).expect(200);
    let mut lines = seen["contracts"].as_array().unwrap().iter();
    lines.find(|l| l["contract_id"] == contract["id"]).unwrap().clone()
}

#[track_caller]
fn conflict(reply: &crate::support::Reply, says: &str) {
    let problem = reply.expect_problem(409, "conflict");
    assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
}

both! {
    fn a_panel_lives_from_reference_to_minutes(app: &App) {
        let experts = experts(app);
        let reviewer = app.person(Person::Reviewer);
        let contract = referred(app, 1);
        assert_eq!((&contract["state"], &contract["claimed_by"]), (&json!("expert_review"), &json!("reviewer")));
        assert_eq!(contract["available_actions"], json!(["recall"]));
        // The employer of the fifth is the seller, written in another way.
        let seller = contract["seller"]["name"].as_str().unwrap();
        employ(app, "e5", &format!(" {}", seller.replace("公司", " 公司")), "");
        let convened = app.person(Person::Reviewer).post("/expert-reviews", &json!({"title": "2026 年第一次论证",
            "held_on": "2026-06-20", "chair": "e1", "experts": EXPERTS, "contracts": [contract["id"]]}));
        let panel = convened.expect(201);
        assert_eq!(convened.header("location").unwrap(), format!("/api/v1/expert-reviews/{}", panel["id"]));
        let line = &panel["contracts"][0];
        assert_eq!((&line["entitled"], &line["votes_needed"], &line["votes"]), (&json!(4), &json!(3), &json!(0)));
        let recusals = reviewer.get(&path(&panel, "/recusals")).expect(200);
        let found = &recusals["items"][0];
        assert_eq!((&found["username"], &found["kind"]), (&json!("e5"), &json!("computed")), "{recusals}");
        assert_eq!(found["reason"], "专家所在单位是合同卖方");

        // Votes are blind: to the chair, the convener, the auditor, and in the contract's history.
        vote(&experts[0], &panel, &contract, "recognise");
        vote(&experts[1], &panel, &contract, "not_recognise");
        for other in [&experts[2], &reviewer, &app.person(Person::Auditor)] {
            assert_eq!(other.get(&path(&panel, "/opinions")).expect(200)["items"], json!([]));
            assert_eq!(other.get(&path(&panel, "")).expect(200)["contracts"][0]["votes"], 2);
        }
        let own = experts[0].get(&path(&panel, "/opinions")).expect(200);
        assert_eq!((&own["items"][0]["vote"], own["items"].as_array().unwrap().len()), (&json!("recognise"), 1));
        let history = experts[0].get(&format!("/contracts/{}/history", contract["id"]));
        history.expect(200);
        assert!(!history.text.contains("opinion") && !history.text.contains("e2"), "{}", history.text);
        let head = app.person(Person::Auditor).get("/ledger/head").expect(200)["sequence"].as_i64().unwrap();
        let entries = app.person(Person::Auditor).get(&format!("/ledger?limit=100&after={}", head - 20)).text;
        assert!(entries.contains("give_opinion") && !entries.contains("not_recognise"), "the ledger has digests alone");
        assert!(entries.contains(own["items"][0]["digest"].as_str().unwrap()));
        reviewer.get(&path(&panel, "/minutes")).expect_problem(409, "conflict");

        // Two of four: no quorum. With a third there is one, but no majority of the four entitled.
        let conclude = json!({"contract_id": contract["id"], "reason": "经论证，属于技术开发"});
        let of_contract = json!({"contract_id": contract["id"]});
        conflict(&experts[0].post(&path(&panel, "/close-voting"), &of_contract), "法定票数");
        conflict(&experts[0].post(&path(&panel, "/conclude"), &conclude), "表决尚未结束");
        vote(&experts[2], &panel, &contract, "recognise");
        for act in ["/close-voting", "/open-voting", "/conclude"] {
            experts[1].post(&path(&panel, act), &conclude).expect_problem(403, "forbidden");
            reviewer.post(&path(&panel, act), &conclude).expect_problem(403, "forbidden");
        }
        conflict(&experts[0].post(&path(&panel, "/open-voting"), &of_contract), "尚未结束");
        let closed = close_voting(&experts[0], &panel, &contract);
        let line = &closed["contracts"][0];
        assert_eq!((&line["voting"], &line["voting_closed_by"], &line["round"]), (&json!("closed"), &json!("e1"), &json!(1)));
        assert_eq!((&line["votes"], &line["entitled"], &line["majority"]), (&json!(3), &json!(4), &Value::Null));
        conflict(&experts[0].post(&path(&panel, "/close-voting"), &of_contract), "已经结束");
        conflict(&experts[0].post(&path(&panel, "/conclude"), &conclude), "半数");
        // The round is over: nobody votes, changes a vote or is recused any more; the panel reads, but for who stays out, and nobody else.
        let late = json!({"contract_id": contract["id"], "vote": "recognise", "text": "迟到的意见"});
        conflict(&experts[3].post(&path(&panel, "/opinions"), &late), "已经结束");
        conflict(&experts[1].post(&path(&panel, "/opinions"), &late), "已经结束");
        conflict(&experts[3].post(&path(&panel, "/recusals"), &json!({"contract_id": contract["id"], "reason": "亲属任职"})), "已经结束");
        for (client, read) in [(&experts[0], 3), (&experts[3], 3), (&experts[4], 0), (&reviewer, 0), (&app.person(Person::Auditor), 0)] {
            let said = client.get(&path(&panel, "/opinions")).expect(200);
            assert_eq!(said["items"].as_array().unwrap().len(), read, "{said}");
        }
        // The chair opens the next round, in which nobody has voted; the members are told.
        let opened = experts[0].post(&path(&panel, "/open-voting"), &of_contract).expect(200);
        let line = &opened["contracts"][0];
        assert_eq!((&line["voting"], &line["round"], &line["votes"]), (&json!("open"), &json!(2), &json!(0)));
        let told = experts[3].get("/messages").expect(200);
        assert_eq!(told["items"][0]["kind"], "voting_again", "{told}");
        assert!(experts[4].get("/messages").expect(200)["items"].as_array().unwrap().iter().all(|m| m["kind"] != "voting_again"));
        for (expert, ballot) in experts.iter().zip(["recognise", "not_recognise", "recognise"]) {
            vote(expert, &panel, &contract, ballot);
        }
        let own = experts[3].get(&path(&panel, "/opinions")).expect(200);
        assert!(own["items"].as_array().unwrap().iter().all(|o| o["round"] == 1), "the second round is blind again: {own}");
        // The fourth stays out after voting: three entitled, two of whom agree.
        vote(&experts[3], &panel, &contract, "not_recognise");
        let declared = experts[3].post(&path(&panel, "/recusals"), &json!({"contract_id": contract["id"], "reason": "亲属任职"}));
        assert_eq!(declared.expect(201)["items"][0]["kind"], "declared");
        close_voting(&experts[0], &panel, &contract);
        conflict(&experts[0].post(&path(&panel, "/open-voting"), &of_contract), "多数意见");
        assert_eq!(line_of(&experts[0], &panel, &contract)["majority"]["vote"], "recognise");
        assert_eq!(line_of(&reviewer, &panel, &contract)["majority"], Value::Null, "who does not sit there waits for the end");
        let wrong = json!({"contract_id": contract["id"], "conclusion": "not_recognise", "reason": "否"});
        let reply = experts[0].post(&path(&panel, "/conclude"), &wrong);
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/conclusion"]);
        let closed = experts[0].post(&path(&panel, "/conclude"), &conclude).expect(200);
        assert_eq!(closed["state"], "closed");
        let line = &closed["contracts"][0];
        assert_eq!((&line["entitled"], &line["votes"], &line["dissenting"]), (&json!(3), &json!(3), &json!(1)));
        assert_eq!(line["conclusion"]["vote"], "recognise");
        conflict(&experts[0].post(&path(&panel, "/conclude"), &conclude), "已经结束");

        let after = reviewer.get(&format!("/contracts/{}", contract["id"])).expect(200);
        assert_eq!((&after["state"], &after["expert_reviewed"]), (&json!("under_review"), &json!(true)));
        assert_eq!(after["expert_conclusion"]["conclusion"], "recognise");
        assert_eq!(after["version"], contract["version"].as_i64().unwrap() + 1);
        let history = reviewer.get(&format!("/contracts/{}/history", contract["id"])).expect(200);
        let last = history.as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["action"], &last["actor"], &last["role"]), (&json!("conclude"), &json!("e1"), &json!("expert")));
        let year = app.person(Person::Statistician).get("/statistics/annual/2026").expect(200);
        assert_eq!(year["expert_reviews"]["contracts"], 1);

        // Now everyone of the panel reads all, dissent and void opinion included, and the minutes say so.
        let all = experts[1].get(&path(&panel, "/opinions")).expect(200);
        let first: Vec<&Value> = all["items"].as_array().unwrap().iter().filter(|o| o["round"] == 1).collect();
        assert!(first.len() == 3 && first.iter().all(|o| o["counts"] == true && o["dissents"] == Value::Null), "{all}");
        let told: Vec<_> = all["items"].as_array().unwrap().iter().filter(|o| o["round"] == 2).map(|o| (&o["username"], &o["counts"], &o["dissents"])).collect();
        let (yes, no) = (json!(true), json!(false));
        assert_eq!(told, [(&json!("e1"), &yes, &no), (&json!("e2"), &yes, &yes), (&json!("e3"), &yes, &no),
            (&json!("e4"), &no, &Value::Null)]);
        let minutes = reviewer.get(&path(&panel, "/minutes"));
        assert_eq!(minutes.header("content-type"), Some("text/plain; charset=utf-8"));
        for part in ["日期：2026年6月20日", "回避：e5（系统核出）", "回避：e4（申明回避）亲属任职",
            "第 1 轮表决：有表决权 4 人，投票 3 票，其中不予认定 1 票，同意认定 2 票，没有多数意见", "第 1 轮意见：e2：不予认定",
            "第 2 轮表决：有表决权 3 人，投票 3 票",
            "结论：同意认定（e1）", "不同意见：e2：不予认定", "意见（回避，不计票）：e4"] {
            assert!(minutes.text.contains(part), "{part}\n{}", minutes.text);
        }
        assert_eq!(reviewer.get(&path(&panel, "/minutes?format=docx")).pointers(), ["/format"]);
        let pdf = || {
            let convener = crate::support::desk::actor(app, "reviewer");
            let id = panel["id"].as_i64().unwrap();
            app.block_on(dengji::usecases::expert_reviews::minutes::minutes_pdf(&app.ctx, convener, id)).unwrap()
        };
        let made = pdf();
        assert!(made.starts_with(b"%PDF-") && made == pdf(), "the same bytes each time");
        // Against the conclusion only with a note.
        let reply = reviewer.try_act(&after, "refuse", &json!({"reasons": ["price_unclear"]}));
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/note"]);
        let other = json!({"verified_type": "development", "verified_technology_amount_fen": 90_000_000});
        let reply = reviewer.try_act(&after, "confirm", &other);
        assert_eq!((reply.status, reply.pointers()), (422, vec!["/note".to_owned()]));
        let as_entered = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        assert_eq!(reviewer.act(&after, "confirm", &as_entered)["state"], "confirmed");
        // All is borne out but the employer that was written behind the program's back.
        let said = app.person(Person::Auditor).get("/ledger/verification").expect(200);
        let faults = said["register"]["faults"].as_array().unwrap();
        assert!(said["fault"].is_null() && faults.len() == 1 && faults[0]["tables"] == json!(["users"]), "{said}");
    }

    fn who_cannot_conclude_is_replaced_and_who_cannot_meet_is_recalled(app: &App) {
        let experts = experts(app);
        let reviewer = app.person(Person::Reviewer);
        let (one, two) = (referred(app, 1), referred(app, 2));
        let panel = panel(app, &[&one, &two]);
        for expert in &experts[..4] {
            vote(expert, &panel, &one, "recognise");
        }
        // The chair stays out of the first: nobody concludes on it until the convener names another.
        experts[0].post(&path(&panel, "/recusals"), &json!({"contract_id": one["id"], "reason": "曾任顾问"})).expect(201);
        let seen = reviewer.get(&path(&panel, "")).expect(200);
        let chair_recused: Vec<&Value> = seen["contracts"].as_array().unwrap().iter().map(|c| &c["chair_recused"]).collect();
        assert_eq!(chair_recused, [&json!(true), &json!(false)]);
        let conclude = json!({"contract_id": one["id"], "reason": "同意"});
        let reply = experts[0].post(&path(&panel, "/conclude"), &conclude);
        assert_eq!((reply.status, reply.pointers()), (422, vec!["/contract_id".to_owned()]), "{}", reply.text);
        let patch = |client: &Client, body: &Value| client.with_body("PATCH", &path(&panel, ""), &[], body);
        assert_eq!(patch(&app.person(Person::Reviewer2), &json!({"chair": "e2"})).expect_problem(403, "forbidden")["denial"], "not-convener");
        assert_eq!(patch(&reviewer, &json!({"chair": "expert"})).pointers(), ["/chair"]);
        assert_eq!(patch(&reviewer, &json!({"chair": null, "title": null})).pointers(), ["/chair", "/title"]);
        assert_eq!(patch(&reviewer, &json!({"chair": "e2"})).expect(200)["chair"], "e2");
        close_voting(&experts[1], &panel, &one);
        assert_eq!(experts[1].post(&path(&panel, "/conclude"), &conclude).expect(200)["state"], "open");
        conflict(&experts[1].post(&path(&panel, "/conclude"), &conclude), "已就合同");
        // Still blind: the panel is not closed.
        assert_eq!(reviewer.get(&path(&panel, "/opinions")).expect(200)["items"], json!([]));

        // Three of five stay out of the second: no quorum can be met, and the reviewer recalls it.
        for expert in &experts[2..] {
            expert.post(&path(&panel, "/recusals"), &json!({"reason": "不能到会"})).expect(201);
        }
        conflict(&experts[2].post(&path(&panel, "/recusals"), &json!({"reason": "不能到会"})), "已回避");
        vote(&experts[0], &panel, &two, "recognise");
        vote(&experts[1], &panel, &two, "recognise");
        let on_two = json!({"contract_id": two["id"], "reason": "同意"});
        conflict(&experts[1].post(&path(&panel, "/close-voting"), &json!({"contract_id": two["id"]})), "增补专家");
        let recalled = reviewer.act(&two, "recall", &json!({"reason": "人数不足"}));
        assert_eq!((&recalled["state"], &recalled["expert_conclusion"]), (&json!("under_review"), &Value::Null));
        let closed = reviewer.get(&path(&panel, "")).expect(200);
        assert_eq!((&closed["state"], &closed["contracts"][1]["state"]), (&json!("closed"), &json!("recalled")));
        conflict(&experts[1].post(&path(&panel, "/conclude"), &on_two), "已经结束");
        let again = reviewer.act(&recalled, "refer", &json!({"reason": "另行召集"}));
        let another = app.person(Person::Reviewer2).post("/expert-reviews", &json!({"title": "第二次", "held_on": "2026-07-01",
            "chair": "e1", "experts": ["e1", "e2", "e3"], "contracts": [again["id"]]}));
        another.expect(201);
        assert_eq!(app.person(Person::Auditor).get("/expert-reviews?limit=1").expect(200)["items"][0]["title"], "第二次");
    }

    fn changes_are_agreed_on_and_bind_where_experts_are_required(app: &App) {
        let rules = include_str!("../../../config/rules/r2026.toml").replace("share = [2, 3]", "share = [2, 3]\nfrom_fen = 120_000_000");
        let app = &App::start_with_data(app.backend, "2026-06-15T12:00:00+08:00", &[("rules/r2026.toml", &rules)]);
        let experts = experts(app);
        let reviewer = app.person(Person::Reviewer);
        let claimed = app.claimed(1);
        let as_entered = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        conflict(&reviewer.try_act(&claimed, "confirm", &as_entered), "专家论证");
        conflict(&reviewer.try_act(&claimed, "confirm", &json!({"verified_type": 5})), "专家论证");
        assert_eq!(claimed["available_actions"], json!(["release", "return", "refer", "refuse"]));
        let waiting = reviewer.act(&claimed, "refer", &json!({"reason": "达到标准"}));
        let panel = panel(app, &[&waiting]);
        let opinion = |client: &Client, changes: Value| {
            let mut body = json!({"contract_id": waiting["id"], "vote": "recognise_with_changes", "text": "按技术服务认定"});
            body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            client.post(&path(&panel, "/opinions"), &body)
        };
        for (changes, pointer) in [
            (json!({}), "/vote"),
            (json!({"type": "development", "technology_amount_fen": 100_000_000}), "/vote"),
            (json!({"type": "service"}), "/subtype"),
            (json!({"type": "service", "subtype": "dev_commissioned"}), "/subtype"),
            (json!({"type": "gift", "subtype": "sv_general"}), "/type"),
            (json!({"technology_amount_fen": 120_000_001}), "/technology_amount_fen"),
            (json!({"technology_amount_fen": 0}), "/technology_amount_fen"),
            (json!({"vote": "recognise", "technology_amount_fen": 5}), "/technology_amount_fen"),
            (json!({"vote": "abstain"}), "/vote"),
            (json!({"technology_amount_fen": 5, "text": " "}), "/text"),
            (json!({"technology_amount_fen": 5, "contract_id": 999}), "/contract_id"),
        ] {
            let reply = opinion(&experts[0], changes.clone());
            assert_eq!((reply.status, reply.pointers()), (422, vec![pointer.to_owned()]), "{changes} {}", reply.text);
        }
        let service = json!({"type": "service", "subtype": "sv_general", "technology_amount_fen": 80_000_000});
        // The same but for an amount: another opinion. One of them is replaced.
        for (client, fen) in experts.iter().zip([80_000_000, 80_000_000, 70_000_000, 100_000_000]) {
            let mut changes = service.clone();
            changes["technology_amount_fen"] = json!(fen);
            opinion(client, changes).expect(201);
        }
        let conclude = json!({"contract_id": waiting["id"], "reason": "调整后认定", "conclusion": "recognise_with_changes"});
        conflict(&experts[0].post(&path(&panel, "/conclude"), &conclude), "表决尚未结束");
        assert_eq!(opinion(&experts[2], service).expect(200)["technology_amount_fen"], 80_000_000);
        close_voting(&experts[0], &panel, &waiting);
        experts[0].post(&path(&panel, "/conclude"), &conclude).expect(200);
        let concluded = reviewer.get(&format!("/contracts/{}", waiting["id"])).expect(200);
        let conclusion = &concluded["expert_conclusion"];
        assert_eq!((&conclusion["type"], &conclusion["subtype"], &conclusion["technology_amount_fen"]),
            (&json!("service"), &json!("sv_general"), &json!(80_000_000)));
        let reply = reviewer.try_act(&concluded, "confirm", &as_entered);
        assert_eq!((reply.status, reply.pointers()), (422, ["/verified_subtype", "/verified_technology_amount_fen", "/verified_type"]
            .map(str::to_owned).to_vec()));
        let agreed = json!({"verified_type": "service", "verified_subtype": "sv_general", "verified_technology_amount_fen": 80_000_000});
        // A new submission starts without a conclusion.
        let items = json!([{"pointer": "/summary", "detail": "补充"}]);
        let returned = reviewer.act(&concluded, "return", &json!({"reason": "补充说明", "items": items}));
        let again = app.person(Person::Registrar).act(&returned, "submit", &json!({}));
        assert_eq!((&again["expert_conclusion"], &again["expert_reviewed"]), (&Value::Null, &json!(true)));
        let claimed = reviewer.act(&again, "claim", &json!({}));
        conflict(&reviewer.try_act(&claimed, "confirm", &agreed), "专家论证");
    }

    fn a_binding_conclusion_is_confirmed_and_a_negative_one_refused(app: &App) {
        let rules = include_str!("../../../config/rules/r2026.toml").replace("share = [2, 3]", "share = [2, 3]\nfrom_fen = 1");
        let app = &App::start_with_data(app.backend, "2026-06-15T12:00:00+08:00", &[("rules/r2026.toml", &rules)]);
        let experts = experts(app);
        let reviewer = app.person(Person::Reviewer);
        let (good, bad) = (referred(app, 1), referred(app, 2));
        let panel = panel(app, &[&good, &bad]);
        for expert in &experts {
            let body = json!({"contract_id": good["id"], "vote": "recognise_with_changes", "technology_amount_fen": 60_000_000, "text": "核减"});
            expert.post(&path(&panel, "/opinions"), &body).expect(201);
            vote(expert, &panel, &bad, "not_recognise");
        }
        for contract in [&good, &bad] {
            close_voting(&experts[0], &panel, contract);
            experts[0].post(&path(&panel, "/conclude"), &json!({"contract_id": contract["id"], "reason": "多数意见"})).expect(200);
        }
        let now = |c: &Value| reviewer.get(&format!("/contracts/{}", c["id"])).expect(200);
        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 60_000_000});
        let confirmed = reviewer.act(&now(&good), "confirm", &verified);
        assert_eq!((&confirmed["state"], &confirmed["technology_amount_fen"]), (&json!("confirmed"), &json!(60_000_000)));
        conflict(&reviewer.try_act(&now(&bad), "confirm", &verified), "不予认定");
        assert_eq!(reviewer.act(&now(&bad), "refuse", &json!({"reasons": ["price_unclear"]}))["state"], "refused");
        let year = app.person(Person::Statistician).get("/statistics/annual/2026").expect(200);
        assert_eq!(year["expert_reviews"]["contracts"], 2);
    }

    fn a_panel_is_refused_with_every_wrong_field(app: &App) {
        experts(app);
        let reviewer = app.person(Person::Reviewer);
        let reply = reviewer.post("/expert-reviews", &json!({"experts": ["e1", "e1", "reviewer", "nobody\u{0}"], "chair": "e9", "contracts": [77]}));
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/chair", "/contracts/0", "/experts/1", "/experts/2", "/experts/3", "/held_on", "/title"]);
        let body = |contracts: Value| json!({"title": "论证", "held_on": "2026-06-20", "chair": "e1", "experts": EXPERTS, "contracts": contracts});
        let claimed = app.claimed(1);
        conflict(&reviewer.post("/expert-reviews", &body(json!([claimed["id"]]))), "未提请");
        let draft = app.draft(2);
        assert_eq!(reviewer.post("/expert-reviews", &body(json!([draft["id"]]))).pointers(), ["/contracts/0"]);
        let waiting = referred(app, 3);
        // A reviewer of the contract's own agency brings it before no panel.
        let own = app.person(Person::ReviewingRegistrar).post("/expert-reviews", &body(json!([waiting["id"]])));
        assert_eq!(own.expect_problem(403, "forbidden")["denial"], "own-work");
        let first = reviewer.post("/expert-reviews", &body(json!([waiting["id"]]))).expect(201);
        conflict(&reviewer.post("/expert-reviews", &body(json!([waiting["id"]]))), "次论证中");
        // Referred straight to an open panel; not to a closed one, one that is not there, or the same again.
        let to = |contract: &Value, panel: &Value| reviewer.try_act(contract, "refer", &json!({"reason": "存疑", "expert_review_id": panel}));
        assert_eq!(to(&claimed, &json!(99)).pointers(), ["/expert_review_id"]);
        let joined = to(&claimed, &first["id"]).expect(200);
        let recalled = reviewer.act(&joined, "recall", &json!({"reason": "误提"}));
        conflict(&to(&recalled, &first["id"]), "另行召集");
        reviewer.act(&waiting, "recall", &json!({"reason": "误提"}));
        conflict(&to(&recalled, &first["id"]), "已经结束");
        // Nor to one whose convener is of the contract's agency.
        let partial = app.person(Person::ReviewingRegistrar).post("/expert-reviews", &body(json!([]))).expect(201);
        conflict(&to(&recalled, &partial["id"]), "召集人");
        let later = reviewer.post("/expert-reviews", &body(json!([]))).expect(201);
        let waiting = reviewer.act(&recalled, "refer", &json!({"reason": "存疑"}));
        let patch = json!({"contracts": [waiting["id"]], "experts": ["e1", "e2", "e3"], "held_on": "2026-06-21"});
        let changed = reviewer.with_body("PATCH", &path(&later, ""), &[], &patch).expect(200);
        assert_eq!(changed["contracts"][0]["contract_id"], waiting["id"]);
        assert_eq!(changed["experts"].as_array().unwrap().len(), 3);
    }
}

both! {
    fn earlier_work_on_the_contract_keeps_an_expert_out(app: &App) {
        let both = [Role::Reviewer, Role::Expert];
        let handled = app.add_user("handled", &both, None, None);
        app.add_user("claimer", &both, None, None);
        let claimer = app.log_in("claimer");
        experts(app);
        let submitted = app.submitted(1);
        // One claims and lays it back; the other claims and refers it.
        let released = handled.act(&handled.act(&submitted, "claim", &json!({})), "release", &json!({}));
        let waiting = claimer.act(&claimer.act(&released, "claim", &json!({})), "refer", &json!({"reason": "存疑"}));
        employ(app, "e2", "", waiting["buyer"]["uscc"].as_str().unwrap());
        let agency = "八师技术合同登记站";
        employ(app, "e3", agency, "");
        let panel = app.person(Person::Reviewer2).post("/expert-reviews", &json!({"title": "论证", "held_on": "2026-06-20", "chair": "e1",
            "experts": ["claimer", "e1", "e2", "e3", "handled"], "contracts": [waiting["id"]]})).expect(201);
        let recusals = claimer.get(&path(&panel, "/recusals")).expect(200);
        let found: Vec<(&str, &str)> = recusals["items"].as_array().unwrap().iter()
            .map(|r| (r["username"].as_str().unwrap(), r["reason"].as_str().unwrap())).collect();
        let mut found = found;
        found.sort_unstable();
        assert_eq!(found, [("claimer", "专家此前经办过该合同"), ("e2", "专家所在单位是合同买方"),
            ("e3", "专家所在单位是合同的登记机构"), ("handled", "专家此前经办过该合同")]);
        assert_eq!(panel["contracts"][0]["entitled"], 1);
        // Who joins later is looked at, too; and who sat on it may not decide on it.
        app.add_user("sitter", &both, None, None);
        let sitter = app.log_in("sitter");
        employ(app, "e4", waiting["seller"]["name"].as_str().unwrap(), "");
        let names = ["e1", "e4", "e5", "sitter"];
        let patch = json!({"experts": names});
        let changed = app.person(Person::Reviewer2).with_body("PATCH", &path(&panel, ""), &[], &patch).expect(200);
        assert_eq!(changed["contracts"][0]["entitled"], 3);
        for client in [&sitter, &app.log_in("e1"), &app.log_in("e5")] {
            vote(client, &panel, &waiting, "recognise");
        }
        let gone = json!({"experts": ["e1", "e5"]});
        conflict(&app.person(Person::Reviewer2).with_body("PATCH", &path(&panel, ""), &[], &gone), "已发表意见");
        close_voting(&app.log_in("e1"), &panel, &waiting);
        app.log_in("e1").post(&path(&panel, "/conclude"), &json!({"contract_id": waiting["id"], "reason": "同意"})).expect(200);
        let back = claimer.get(&format!("/contracts/{}", waiting["id"])).expect(200);
        let reply = sitter.try_act(&back, "reassign", &json!({"reason": "接手"}));
        assert_eq!(reply.expect_problem(403, "forbidden")["denial"], "panel-member");
        assert_eq!(sitter.get(&format!("/contracts/{}", waiting["id"])).expect(200)["available_actions"], json!([]));
    }

    fn an_employer_that_becomes_known_later_keeps_the_vote_from_counting(app: &App) {
        let experts = experts(app);
        let waiting = referred(app, 1);
        let panel = panel(app, &[&waiting]);
        for (expert, ballot) in experts.iter().zip(["recognise", "recognise", "recognise", "not_recognise", "not_recognise"]) {
            vote(expert, &panel, &waiting, ballot);
        }
        employ(app, "e3", waiting["seller"]["name"].as_str().unwrap(), "");
        let body = json!({"contract_id": waiting["id"], "vote": "recognise", "text": "同意"});
        conflict(&experts[2].post(&path(&panel, "/opinions"), &body), "回避");
        let conclude = json!({"contract_id": waiting["id"], "reason": "同意"});
        let closed = close_voting(&experts[0], &panel, &waiting);
        assert_eq!((&closed["contracts"][0]["entitled"], &closed["contracts"][0]["votes"]), (&json!(4), &json!(4)));
        conflict(&experts[0].post(&path(&panel, "/conclude"), &conclude), "半数");
        experts[0].post(&path(&panel, "/open-voting"), &json!({"contract_id": waiting["id"]})).expect(200);
        for (expert, ballot) in [(0, "recognise"), (1, "recognise"), (3, "recognise"), (4, "not_recognise")] {
            vote(&experts[expert], &panel, &waiting, ballot);
        }
        close_voting(&experts[0], &panel, &waiting);
        let closed = experts[0].post(&path(&panel, "/conclude"), &conclude).expect(200);
        assert_eq!((&closed["contracts"][0]["entitled"], &closed["contracts"][0]["votes"]), (&json!(4), &json!(4)));
        let recusals = app.person(Person::Reviewer).get(&path(&panel, "/recusals")).expect(200);
        assert_eq!(recusals["items"][0]["username"], "e3");
    }
}

both! {
    /// What the chair may try without closing the vote tells nothing of it: whatever is right or wrong with the form, and however
    /// the votes stand, the answers are the same, and nothing is entered.
    fn a_conclusion_that_is_refused_tells_nothing_of_the_votes(app: &App) {
        let experts = experts(app);
        let contracts: Vec<Value> = (1..=3).map(|n| referred(app, n)).collect();
        let panel = panel(app, &contracts.iter().collect::<Vec<_>>());
        for expert in &experts {
            vote(expert, &panel, &contracts[0], "recognise");
            vote(expert, &panel, &contracts[1], "not_recognise");
        }
        let head = |client: &Client| client.get("/ledger/head").expect(200)["sequence"].clone();
        let auditor = app.person(Person::Auditor);
        let before = head(&auditor);
        for body in [
            json!({"reason": "同意"}),
            json!({"reason": " "}),
            json!({}),
            json!({"reason": "同意", "conclusion": "recognise"}),
            json!({"reason": "同意", "conclusion": "not_recognise"}),
            json!({"conclusion": "not_recognise"}),
            json!({"conclusion": "abstain", "reason": "同意"}),
        ] {
            let tried: Vec<(u16, String)> = contracts
                .iter()
                .map(|contract| {
                    let mut body = body.clone();
                    body["contract_id"] = contract["id"].clone();
                    let reply = experts[0].post(&path(&panel, "/conclude"), &body);
                    (reply.status, reply.text)
                })
                .collect();
            assert!([409, 422].contains(&tried[0].0), "{tried:?}");
            assert!(tried.iter().all(|t| *t == tried[0]), "{body}: {tried:?}");
            assert!(!tried[0].1.contains("多数意见") && !tried[0].1.contains("认定”"), "{tried:?}");
        }
        assert_eq!(head(&auditor), before, "nothing was done");
        // Closing is entered, with who had voted, and with digests alone.
        close_voting(&experts[0], &panel, &contracts[0]);
        let after = before.as_i64().unwrap();
        let entries = auditor.get(&format!("/ledger?after={after}")).expect(200);
        let entry: Value = serde_json::from_str(entries["items"][0]["entry"].as_str().unwrap()).unwrap();
        assert_eq!((&entry["action"], &entry["actor"], &entry["contract"]), (&json!("close_voting"), &json!("e1"), &Value::Null));
        let change = &entry["changes"][0];
        assert_eq!(change["pointer"], format!("/expert_reviews/{}/contracts/{}/rounds/1", panel["id"], contracts[0]["id"]));
        assert_eq!((&change["to"]["entitled"], &change["to"]["votes"]), (&json!(5), &json!(5)));
        let said = experts[4].get(&path(&panel, "/opinions")).expect(200);
        let of_first = said["items"].as_array().unwrap().iter().filter(|o| o["contract_id"] == contracts[0]["id"]);
        let digests: serde_json::Map<String, Value> =
            of_first.map(|o| (o["username"].as_str().unwrap().to_owned(), o["digest"].clone())).collect();
        assert_eq!(change["to"]["opinions"], Value::Object(digests));
        assert!(!entry.to_string().contains("recognise"), "{entry}");
    }

    /// A panel that was at work before rounds were known goes on in its first round, and what was concluded reads as before.
    fn panels_at_work_go_on_after_the_migration(app: &App) {
        let experts = experts(app);
        let (done, open) = (referred(app, 1), referred(app, 2));
        let panel = panel(app, &[&done, &open]);
        for expert in &experts[..4] {
            vote(expert, &panel, &done, "recognise");
            vote(expert, &panel, &open, "recognise");
        }
        close_voting(&experts[0], &panel, &done);
        experts[0].post(&path(&panel, "/conclude"), &json!({"contract_id": done["id"], "reason": "同意"})).expect(200);
        let seen = |client: &Client| ["", "/opinions"].map(|below| client.get(&path(&panel, below)).expect(200));
        let before = seen(&experts[0]);
        // Down to the schema before, and up again: rounds are lost on the way, what was said and concluded is not.
        let migration = match app.backend {
            Backend::Sqlite => [
                include_str!("../../../migrations/sqlite/2026-11-29-000302_voting_rounds/down.sql"),
                include_str!("../../../migrations/sqlite/2026-11-29-000302_voting_rounds/up.sql"),
            ],
            Backend::Postgres => [
                include_str!("../../../migrations/postgres/2026-11-29-000302_voting_rounds/down.sql"),
                include_str!("../../../migrations/postgres/2026-11-29-000302_voting_rounds/up.sql"),
            ],
        };
        for sql in migration {
            app.ctx.store.with_connection(|db| Ok::<_, dengji::storage::StoreError>(db.batch_execute(sql)?)).unwrap();
        }
        let mut after = seen(&experts[0]);
        // Voting on what is concluded closed with the conclusion, as far as anybody knows.
        for (at, line) in before[0]["contracts"].as_array().unwrap().iter().enumerate() {
            for field in ["voting_closed_at", "voting_closed_by"] {
                after[0]["contracts"][at][field] = line[field].clone();
            }
        }
        assert_eq!(after, before);
        close_voting(&experts[0], &panel, &open);
        let closed = experts[0].post(&path(&panel, "/conclude"), &json!({"contract_id": open["id"], "reason": "同意"})).expect(200);
        assert_eq!(closed["state"], "closed");
        let minutes = app.person(Person::Reviewer).get(&path(&panel, "/minutes"));
        assert!(minutes.text.contains("   表决：有表决权 5 人，投票 4 票，其中同意认定 4 票\n"), "{}", minutes.text);
    }
}
