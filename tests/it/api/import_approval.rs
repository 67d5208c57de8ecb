//! Nobody corrects what was confirmed alone: not an administrator by an import, not the operator without a word; and no import answers
//! what stands in contracts to whoever may not read them.

use std::io::Cursor;

use calamine::{Reader as _, Xlsx};
use dengji::domain::{account::Role, interchange::Kind};
use serde_json::{Value, json};

use super::imports::{cells, download, import, over, send};
use crate::{
    intake::{contract, file, head, program, register, unnumbered},
    storage::execute,
    support::{App, Cell, Client, Person, Sheet, both},
};

const REGISTER: (&str, &str) = ("kind", "register");
const UPDATE: (&str, &str) = ("update", "true");

fn csv(rows: Vec<Vec<Cell>>) -> Vec<u8> {
    register(rows).csv(false).into_bytes()
}

/// A register of one confirmed contract, brought in by the administrator.
fn one_confirmed(app: &App) -> Client {
    app.import_sample("registrars.csv", Kind::Registrars);
    let administrator = app.person(Person::Administrator);
    let added = import(&administrator, &[REGISTER], ("a.csv", &csv(vec![contract("1", &[])])));
    assert_eq!(
        (&added["state"], &added["added"]),
        (&json!("done"), &json!(1)),
        "{added}"
    );
    administrator
}

/// Hands in a correction of the confirmed contract; the import, which waits.
fn awaiting(administrator: &Client, changes: &[(&str, &str)]) -> Value {
    let sent = csv(vec![contract("1", changes)]);
    let job = import(
        administrator,
        &[REGISTER, UPDATE, ("reason", "据合同文本更正")],
        ("b.csv", &sent),
    );
    assert_eq!(job["state"], "awaiting_approval", "{job}");
    job
}

fn decide(client: &Client, job: &Value, verdict: &str, body: &Value) -> crate::support::Reply {
    let path = format!("/imports/{}/{verdict}", job["id"]);
    client.post_at(&path, job["version"].as_i64().unwrap(), body)
}

fn entries(app: &App) -> Vec<Value> {
    let mut entries = Vec::new();
    let auditor = app.person(Person::Auditor);
    let mut after = 0;
    loop {
        let page = auditor.get(&format!("/ledger?limit=100&after={after}")).expect(200);
        let items = page["items"].as_array().unwrap();
        if items.is_empty() {
            return entries;
        }
        after = items.last().unwrap()["sequence"].as_i64().unwrap();
        entries.extend(
            items
                .iter()
                .map(|i| serde_json::from_str::<Value>(i["entry"].as_str().unwrap()).unwrap()),
        );
    }
}

/// The fields of an entry or difference, in the order of their names.
fn pointers(item: &Value) -> Vec<&str> {
    let changes = item["changes"].as_array().unwrap().iter();
    let mut pointers: Vec<&str> = changes.map(|c| c["pointer"].as_str().unwrap()).collect();
    pointers.sort_unstable();
    pointers
}

/// The text of the only message of a kind.
fn told(client: &Client, kind: &str) -> String {
    let inbox = client.get("/messages?limit=100").expect(200);
    let of_kind: Vec<&Value> = inbox["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|m| m["kind"] == kind)
        .collect();
    let [message] = of_kind.as_slice() else {
        panic!("{kind}: {inbox}")
    };
    message["body"].as_str().unwrap().to_owned()
}

/// What an entry or difference says of a field.
fn change<'a>(item: &'a Value, pointer: &str) -> &'a Value {
    let mut changes = item["changes"].as_array().unwrap().iter();
    changes
        .find(|c| c["pointer"] == pointer)
        .unwrap_or_else(|| panic!("{pointer}: {item}"))
}

fn last(app: &App, action: &str) -> Value {
    entries(app)
        .into_iter()
        .rfind(|e| e["action"] == action)
        .unwrap_or_else(|| panic!("no {action}"))
}

fn name_of(app: &App) -> String {
    let found = app.person(Person::Reviewer).get("/contracts").expect(200);
    found["items"][0]["project_name"].as_str().unwrap().to_owned()
}

both! {
    fn what_was_confirmed_is_corrected_by_two(app: &App) {
        let administrator = one_confirmed(app);
        let reviewer = app.person(Person::Reviewer);
        let before = head(app);
        let job = awaiting(&administrator, &[("合同成交额（元）", "2000.00"), ("买方所属兵团单位", "三师"), ("卖方名称", "石河子另一公司")]);
        assert_eq!(head(app), before, "nothing is written");
        assert_eq!((&job["to_approve"], &job["updated"], &job["errors"]), (&json!(1), &json!(1), &json!([])), "{job}");
        let id = &job["id"];
        let path = format!("/imports/{id}");

        // Who handed it in is told counts, and nothing of what stands in the contract.
        let own = administrator.get(&path).expect(200).to_string();
        assert!(!own.contains("石河子") && !own.contains("1000"), "{own}");
        for person in Person::ALL {
            let client = app.person(person);
            let reads = matches!(person, Person::Auditor | Person::Reviewer | Person::Reviewer2 | Person::ReviewingRegistrar);
            let status = match person {
                _ if reads => 200,
                Person::Statistician => 404,
                _ => 403,
            };
            assert_eq!(client.get(&format!("{path}/differences")).status, status, "{person:?}");
        }
        let seen = reviewer.get(&format!("{path}/differences")).expect(200);
        let [item] = seen["items"].as_array().unwrap().as_slice() else { panic!("{seen}") };
        assert_eq!(pointers(item), ["/amount_fen", "/buyer/unit", "/non_technology_amount_fen", "/seller/name"], "{item}");
        assert_eq!(change(item, "/amount_fen"), &json!({"pointer": "/amount_fen", "from": 100_000, "to": 200_000}));
        assert_eq!(change(item, "/buyer/unit")["from"], "div_01");
        assert_eq!((&item["registration_number"], &item["row"], &item["to_approve"]), (&json!("1"), &json!(2), &json!(true)));
        told(&reviewer, "import_awaits");
        assert_eq!(reviewer.get("/imports").expect(200)["items"].as_array().unwrap().len(), 1, "and not what needed nobody");

        // Who decides: a reviewer of another agency, who says why where it is no.
        for (person, problem) in [(Person::Administrator, "role"), (Person::Auditor, "role"), (Person::ReviewingRegistrar, "own-work")] {
            let refused = decide(&app.person(person), &job, "approve", &json!({})).expect_problem(403, "forbidden");
            assert_eq!(refused["denial"], problem, "{person:?}");
        }
        assert_eq!(decide(&app.person(Person::Registrar), &job, "approve", &json!({})).status, 403);
        assert_eq!(decide(&app.person(Person::Statistician), &job, "approve", &json!({})).status, 404);
        assert_eq!(reviewer.post(&format!("{path}/approve"), &json!({})).status, 428);
        assert_eq!(reviewer.post_at(&format!("{path}/approve"), 1, &json!({})).status, 412);
        assert_eq!(decide(&reviewer, &job, "refuse", &json!({})).pointers(), ["/reason"]);
        assert_eq!(head(app), before);

        app.person(Person::Administrator).patch_now("/users/reviewer", &json!({"full_name": "王伟"})).expect(200);
        decide(&reviewer, &job, "approve", &json!({"reason": "已核对"})).expect(200);
        let done = over(&administrator, id);
        assert_eq!((&done["state"], &done["updated"], &done["decision"]["by"]), (&json!("done"), &json!(1), &json!("reviewer")), "{done}");
        let approval = last(app, "approve_import");
        assert_eq!((&approval["actor"], &approval["role"], &approval["reason"]), (&json!("reviewer"), &json!("reviewer"), &json!("已核对")));
        let update = last(app, "import_update");
        assert_eq!(update["reason"], "b.csv 第 2 行：据合同文本更正；审核员 王伟 批准");
        let fields = ["/amount_fen", "/buyer/unit", "/non_technology_amount_fen", "/row_digest", "/seller/name"];
        assert_eq!(pointers(&update), fields, "the pointers of the API, as every act");
        let auditor = app.person(Person::Auditor);
        assert_eq!(auditor.get("/ledger/verification").expect(200)["valid"], true);
        told(&administrator, "import_decided");
        // Decided is decided; what was approved stays to be read.
        let now = reviewer.get(&path).expect(200);
        decide(&reviewer, &now, "refuse", &json!({"reason": "晚了"})).expect_problem(409, "conflict");
        assert_eq!(auditor.get(&format!("{path}/differences")).expect(200)["items"].as_array().unwrap().len(), 1);
    }

    fn what_is_refused_changes_nothing(app: &App) {
        let administrator = one_confirmed(app);
        let reviewer = app.person(Person::Reviewer);
        let job = awaiting(&administrator, &[("合同名称", "改名")]);
        let again = decide(&reviewer, &job, "refuse", &json!({"reason": "与合同文本不符"})).expect(200);
        assert_eq!((&again["state"], &again["decision"]["reason"]), (&json!("refused"), &json!("与合同文本不符")));
        assert_eq!(name_of(app), "棉田残膜回收装备研制");
        assert_eq!(last(app, "refuse_import")["reason"], "与合同文本不符");
        let body = told(&administrator, "import_decided");
        assert!(body.contains("与合同文本不符"), "{body}");
    }

    fn an_import_that_only_adds_asks_nobody(app: &App) {
        let administrator = one_confirmed(app);
        let rows = || csv(vec![contract("1", &[]), contract("2", &[]), unnumbered("草稿", &[]), unnumbered("不予登记", &[])]);
        for (added, unchanged) in [(3, 1), (0, 4)] {
            let done = import(&administrator, &[REGISTER, UPDATE], ("b.csv", &rows()));
            let counts = (&done["state"], &done["added"], &done["unchanged"], &done["to_approve"]);
            assert_eq!(counts, (&json!("done"), &json!(added), &json!(unchanged), &json!(0)), "{done}");
        }
        // What was confirmed does not end by a file alone, and one correction holds up all that is added beside it.
        let ended = [("状态", "已注销"), ("撤销或注销时间", "2026-01-05T10:00:00+08:00"), ("撤销或注销原因", "合同解除")];
        let before = head(app);
        let job = import(&administrator, &[REGISTER, UPDATE], ("b.csv", &csv(vec![contract("1", &ended), contract("9", &[])])));
        let counts = (&job["state"], &job["added"], &job["to_approve"]);
        assert_eq!(counts, (&json!("awaiting_approval"), &json!(1), &json!(1)), "{job}");
        assert_eq!(head(app), before);
    }

    fn no_guess_is_answered(app: &App) {
        let administrator = one_confirmed(app);
        let auditor = app.person(Person::Auditor);
        let answer = |client: &Client, job: &Value| {
            let mut job = client.get(&format!("/imports/{}", job["id"])).expect(200);
            for its_own in ["id", "created_at", "started_at", "finished_at"] {
                job[its_own] = Value::Null;
            }
            job.to_string()
        };
        for fields in [vec![REGISTER, ("dry_run", "true")], vec![REGISTER], vec![REGISTER, UPDATE, ("dry_run", "true")]] {
            let guesses = [vec![("合同成交额（元）", "2000.00")], vec![("卖方名称", "猜的公司"), ("技术领域", "电子信息")], vec![("状态", "已注销"), ("撤销或注销时间", "2026-01-05T10:00:00+08:00"), ("撤销或注销原因", "合同解除")]];
            let mut answers = Vec::new();
            let mut lists = Vec::new();
            for guess in guesses {
                let job = import(&administrator, &fields, ("guess.csv", &csv(vec![contract("2", &[]), contract("1", &guess)])));
                answers.push(answer(&administrator, &job));
                if job["state"] == "failed" {
                    assert_eq!(job["errors"].as_array().unwrap().len(), 1, "{job}");
                    assert_eq!((&job["errors"][0]["row"], &job["errors"][0]["column"], &job["errors"][0]["value"], &job["errors"][0]["code"]),
                        (&json!(1), &json!(""), &json!(""), &json!("changed")), "a count, no row");
                    let path = format!("/imports/{}", job["id"]);
                    let (_, marked) = download(app, &administrator, &format!("{path}/errors.xlsx"));
                    let mut book = Xlsx::new(Cursor::new(marked)).unwrap();
                    lists.push(cells(&mut book, "错误清单"));
                    let rows = cells(&mut book, Kind::Register.label());
                    assert!(rows[1..].iter().all(|row| row.last().unwrap().is_empty()), "no row is marked: {rows:?}");
                    // Whoever may read the contract is told where and what.
                    let seen = auditor.get(&path).expect(200);
                    assert_eq!((&seen["errors"][0]["row"], &seen["errors"][0]["column"]), (&json!(3), &json!("登记编号")), "{seen}");
                }
            }
            answers.dedup();
            lists.dedup();
            assert_eq!(answers.len(), 1, "{fields:?}: {answers:?}");
            assert!(lists.len() <= 1, "{lists:?}");
        }
        // Numbers of the national system that others have: by their number too.
        let with_number = |number: &str, national: &str| {
            let sheet = register(vec![contract(number, &[])]);
            let mut sheet = Sheet { headers: [sheet.headers, vec!["国家登记编号"]].concat(), rows: sheet.rows };
            sheet.rows[0].push(Cell::from(national));
            sheet.csv(false).into_bytes()
        };
        assert_eq!(import(&administrator, &[REGISTER], ("c.csv", &with_number("7", "2025660001000001")))["added"], 1);
        let taken = import(&administrator, &[REGISTER], ("c.csv", &with_number("8", "2025660001000001")));
        assert_eq!((&taken["errors_total"], &taken["errors"][0]["row"], &taken["errors"][0]["value"]), (&json!(1), &json!(1), &json!("")), "{taken}");
        let seen = auditor.get(&format!("/imports/{}", taken["id"])).expect(200);
        assert_eq!((&seen["errors"][0]["column"], &seen["errors"][0]["value"]), (&json!("国家登记编号"), &json!("2025660001000001")));
    }

    fn what_is_applied_is_what_was_approved(app: &App) {
        let administrator = one_confirmed(app);
        let reviewer = app.person(Person::Reviewer);
        let job = awaiting(&administrator, &[("合同名称", "第二个名称")]);
        let path = format!("/imports/{}", job["id"]);
        // Meanwhile the operator corrects the same contract.
        let other = file(app, "other", &register(vec![contract("1", &[("合同名称", "第三个名称")])]));
        app.import(other, Kind::Register, true).unwrap();
        decide(&reviewer, &job, "approve", &json!({})).expect(200);
        let anew = over(&administrator, &job["id"]);
        assert_eq!((&anew["state"], &anew["decision"]), (&json!("awaiting_approval"), &Value::Null), "{anew}");
        assert!(anew["version"].as_i64() > job["version"].as_i64());
        assert_eq!(name_of(app), "第三个名称");
        let seen = reviewer.get(&format!("{path}/differences")).expect(200);
        assert_eq!(seen["items"][0]["changes"][0], json!({"pointer": "/project_name", "from": "第三个名称", "to": "第二个名称"}), "{seen}");
        // What was seen before is not approved any more; what is seen now is.
        assert_eq!(decide(&reviewer, &job, "approve", &json!({})).status, 412);
        decide(&reviewer, &anew, "approve", &json!({})).expect(200);
        assert_eq!(over(&administrator, &job["id"])["state"], "done");
        assert_eq!(name_of(app), "第二个名称");
        // What nothing is left of was not approved either.
        let job = awaiting(&administrator, &[("合同名称", "第四个名称")]);
        let same = file(app, "same", &register(vec![contract("1", &[("合同名称", "第四个名称")])]));
        app.import(same, Kind::Register, true).unwrap();
        decide(&reviewer, &job, "approve", &json!({})).expect(200);
        assert_eq!(over(&administrator, &job["id"])["state"], "awaiting_approval");
    }

    fn who_handed_it_in_never_approves_it(app: &App) {
        one_confirmed(app);
        let boss = app.add_user("boss", &[Role::Administrator], None, None);
        let job = awaiting(&boss, &[("合同名称", "改名")]);
        let administrator = app.person(Person::Administrator);
        let account = administrator.get("/users/boss").expect(200);
        administrator.patch_at("/users/boss", account["version"].as_i64().unwrap(), &json!({"roles": ["reviewer"], "full_name": "王一"})).expect(200);
        let boss = app.log_in("boss");
        assert_eq!(decide(&boss, &job, "approve", &json!({})).expect_problem(403, "forbidden")["denial"], "own-import");
        // Another approves it: but who handed it in may not import any more.
        decide(&app.person(Person::Reviewer), &job, "approve", &json!({})).expect(200);
        let failed = over(&administrator, &job["id"]);
        assert_eq!((&failed["state"], &failed["errors"][0]["code"]), (&json!("failed"), &json!("forbidden")), "{failed}");
        assert_eq!(name_of(app), "棉田残膜回收装备研制");
    }

    fn an_approval_ends_with_the_right_to_it(app: &App) {
        let administrator = one_confirmed(app);
        app.person(Person::Reviewer);
        let job = awaiting(&administrator, &[("合同名称", "改名")]);
        // Approved, and before its turn came the reviewer was locked.
        let reviewer = administrator.get("/users/reviewer").expect(200);
        administrator.post_at("/users/reviewer/lock", reviewer["version"].as_i64().unwrap(), &json!({"reason": "离任"})).expect(200);
        execute(app, &format!("UPDATE import_jobs SET state = 'queued', decided_by = 'reviewer', decided_at = 1 WHERE id = {}", job["id"])).unwrap();
        let bell = send(&administrator, &[REGISTER, ("dry_run", "true")], ("c.csv", b"x"), &[]).expect(202);
        over(&administrator, &bell["id"]);
        let anew = over(&administrator, &job["id"]);
        assert_eq!((&anew["state"], &anew["decision"]), (&json!("awaiting_approval"), &Value::Null), "{anew}");
    }

    fn the_operator_says_why(app: &App) {
        one_confirmed(app);
        let sheet = register(vec![contract("1", &[("合同名称", "改名")]), contract("2", &[])]);
        let path = file(app, "corrected", &sheet).display().to_string();
        let run = |arguments: &[&str]| program(app, &[&["import", "--kind", "register", &path], arguments].concat());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let before = head(app);
        let silent = run(&["--update"]);
        assert_eq!(silent.status.code(), Some(1));
        assert!(text(&silent.stderr).contains("--reason"), "{}", text(&silent.stderr));
        let tried = run(&["--update", "--dry-run"]);
        assert_eq!(tried.status.code(), Some(0), "{}", text(&tried.stderr));
        assert!(text(&tried.stdout).contains("更正 1 项曾经确认的合同，导入时须以 --reason 说明理由"), "{}", text(&tried.stdout));
        for wrong in [&["--reason", "据合同"][..], &["--update", "--reason", "  "]] {
            assert_eq!(run(wrong).status.code(), Some(2), "{wrong:?}");
        }
        assert_eq!(head(app), before);
        let done = run(&["--update", "--reason", "据合同文本更正"]);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        for action in ["import_update", "import"] {
            let entry = last(app, action);
            assert!(entry["reason"].as_str().unwrap().ends_with("行：据合同文本更正"), "{entry}");
        }
        // Nothing to correct: nothing to say.
        let again = file(app, "more", &register(vec![contract("1", &[("合同名称", "改名")]), contract("3", &[])])).display().to_string();
        assert_eq!(program(app, &["import", "--kind", "register", "--update", &again]).status.code(), Some(0));
    }
}
