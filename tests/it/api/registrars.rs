//! Registrar certificates and trainings over REST.

use dengji::{
    domain::{account::Role, interchange::Kind},
    usecases::registrars,
};
use serde_json::{Value, json};

use crate::support::{App, Client, Person, both, complete_contract};

const HELD: &str = "/registrars/DJY6620190044";

fn issue(administrator: &Client, number: &str, until: &str) -> Value {
    let body = json!({"certificate_number": number, "name": "新登记员", "agency": "660008", "issued_on": "2026-06-15",
        "valid_until": until});
    administrator.post("/registrars", &body).expect(201)
}

fn certified(app: &App, query: &str) -> (i64, i64) {
    let figures = app
        .person(Person::Statistician)
        .get(&format!("/statistics/annual/2026{query}"))
        .expect(200);
    let of = |name: &str| figures["registrars"][name].as_i64().unwrap();
    (of("certified"), of("newly_certified"))
}

fn last_entry(app: &App) -> Value {
    let auditor = app.person(Person::Auditor);
    let head = auditor.get("/ledger/head").expect(200)["sequence"].as_i64().unwrap();
    let page = auditor.get(&format!("/ledger?after={}", head - 1)).expect(200);
    serde_json::from_str(page["items"][0]["entry"].as_str().unwrap()).unwrap()
}

both! {
    fn a_certificate_is_issued_and_entered_in_the_ledger(app: &App) {
        app.import_sample("registrars.csv", Kind::Registrars);
        let administrator = app.person(Person::Administrator);
        let body = json!({"certificate_number": "DJY6620260080", "name": "新登记员", "agency": "660008"});
        let reply = administrator.post("/registrars", &body);
        let issued = reply.expect(201);
        assert_eq!(reply.header("location"), Some("/api/v1/registrars/DJY6620260080"));
        assert_eq!(issued["valid_until"], "2029-06-14", "three years from today, its last day included");
        assert_eq!((&issued["state"], &issued["days_left"]), (&json!("valid"), &json!(1095)));
        assert_eq!(issued["periods"], json!([{"from_on": "2026-06-15", "until_on": "2029-06-14"}]));
        assert_eq!(issued["agency"]["code"], "660008");
        assert_eq!(issued["notices"].as_array().unwrap().len(), 1, "hours are not demanded, which is said");
        assert_eq!(administrator.get("/registrars/DJY6620260080").expect(200), issued);
        let entry = last_entry(app);
        assert_eq!(
            (&entry["action"], &entry["actor"], &entry["role"], &entry["contract"]),
            (&json!("issue_registrar_certificate"), &json!("administrator"), &json!("administrator"), &json!(null))
        );
        assert_eq!(entry["changes"][0]["pointer"], "/registrars/DJY6620260080");
        administrator.post("/registrars", &body).expect_problem(409, "conflict");
        let wrong = json!({"certificate_number": "编号/1", "name": " ", "agency": "999999", "issued_on": "2026-06-16",
            "valid_until": "2026-06-15", "examination_id": 7});
        let reply = administrator.post("/registrars", &wrong);
        reply.expect_problem(422, "invalid");
        assert_eq!(
            reply.pointers(),
            ["/agency", "/certificate_number", "/examination_id", "/issued_on", "/name", "/valid_until"]
        );
    }

    fn each_sees_what_is_theirs(app: &App) {
        let registrar = app.person(Person::Registrar);
        let own = registrar.get("/registrars").expect(200);
        assert_eq!(own["items"].as_array().unwrap().len(), 1);
        assert_eq!(own["items"][0]["certificate_number"], "DJY6620190044");
        assert_eq!(own["items"][0]["account"], "registrar");
        registrar.get(HELD).expect(200);
        registrar.get("/registrars/DJY6620220001").expect_problem(404, "not-found");
        registrar.get("/registrars/nobody").expect_problem(404, "not-found");
        assert_eq!(app.person(Person::Uncertified).get("/registrars").expect(200)["items"], json!([]));
        app.person(Person::Expert).get("/registrars").expect_problem(403, "forbidden");
        for person in [Person::Reviewer, Person::Statistician, Person::Auditor, Person::Administrator] {
            let first = app.person(person).get("/registrars?limit=50").expect(200);
            let next = app.person(person).get(&format!(
                "/registrars?limit=50&cursor={}",
                first["next_cursor"].as_str().unwrap()
            ));
            let rest = next.expect(200);
            assert_eq!(rest["items"].as_array().unwrap().len(), 29, "79 registrars");
            assert_eq!(rest["next_cursor"], json!(null));
            let reason = json!({"reason": "核查"});
            if person != Person::Administrator {
                app.person(person).post(&format!("{HELD}/suspend"), &reason).expect_problem(403, "forbidden");
            }
        }
        let reviewer = app.person(Person::Reviewer);
        reviewer.get("/registrars/%00").expect_problem(404, "not-found");
        let of_agency = reviewer.get("/registrars?agency=660008&limit=100").expect(200);
        assert!(of_agency["items"].as_array().unwrap().iter().all(|r| r["agency"]["code"] == "660008"));
        let reply = reviewer.get("/registrars?state=lost&expiring_within=-1&colour=red");
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/colour", "/expiring_within", "/state"]);
    }

    fn a_certificate_gives_its_right_on_its_first_and_last_day_alone(app: &App) {
        app.import_sample("registrars.csv", Kind::Registrars);
        issue(&app.person(Person::Administrator), "DJY1", "2026-06-20");
        let roles = [Role::Registrar];
        app.add_user("short", &roles, None, Some("DJY1"));
        let submits = |at: &str, n: u32| {
            app.set_time(at);
            let client = app.log_in("short");
            let draft = client.post("/contracts", &complete_contract(n)).expect(201);
            let reply = client.try_act(&draft, "submit", &json!({}));
            if reply.status != 200 {
                assert_eq!(reply.expect_problem(403, "forbidden")["denial"], "certificate-not-valid");
            }
            reply.status == 200
        };
        assert!(submits("2026-06-15T00:00:00+08:00", 1), "the first day");
        assert!(submits("2026-06-20T23:59:59+08:00", 2), "the last day");
        assert!(!submits("2026-06-21T00:00:00+08:00", 3), "the day after");
        // A renewal after the expiry leaves a gap.
        let administrator = app.person(Person::Administrator);
        app.set_time("2026-06-25T09:00:00+08:00");
        let administrator = administrator.with_token(app.log_in("administrator").token().unwrap());
        let renewed = administrator.post("/registrars/DJY1/renew", &json!({"valid_until": "2026-12-31"})).expect(200);
        assert_eq!(
            renewed["periods"],
            json!([{"from_on": "2026-06-15", "until_on": "2026-06-20"}, {"from_on": "2026-06-25", "until_on": "2026-12-31"}])
        );
        assert!(submits("2026-06-25T09:00:01+08:00", 4));
        assert_eq!(last_entry(app)["action"], "submit");
        // One in time does not.
        let administrator = app.log_in("administrator");
        let renewed = administrator.post("/registrars/DJY1/renew", &json!({})).expect(200);
        assert_eq!(renewed["periods"][2], json!({"from_on": "2027-01-01", "until_on": "2029-12-31"}));
        let reply = administrator.post("/registrars/DJY1/renew", &json!({"valid_until": "2029-12-31"}));
        reply.expect_problem(422, "invalid");
        // In the gap nobody was certified by it.
        let (within, _) = certified(app, "?as_of=2026-06-20T12:00:00%2B08:00");
        let (gap, _) = certified(app, "?as_of=2026-06-24T12:00:00%2B08:00");
        let (after, new) = certified(app, "");
        assert_eq!((within - gap, after - gap, new), (1, 1, 1));
    }

    fn a_suspension_stops_submission_until_it_is_over_or_lifted(app: &App) {
        let registrar = app.person(Person::Registrar);
        let administrator = app.person(Person::Administrator);
        let draft = app.draft(1);
        let (before, _) = certified(app, "");
        administrator.post(&format!("{HELD}/suspend"), &json!({"from_on": "2026-06-14", "until_on": "2026-06-13"}))
            .expect_problem(422, "invalid");
        administrator.post(&format!("{HELD}/lift"), &json!({"reason": "无"})).expect_problem(409, "conflict");
        let body = json!({"reason": "核查登记质量"});
        let suspended = administrator.post(&format!("{HELD}/suspend"), &body).expect(200);
        assert_eq!(suspended["state"], "suspended");
        administrator.post(&format!("{HELD}/suspend"), &body).expect_problem(409, "conflict");
        // The token was given before; the right is gone at once.
        let refused = registrar.try_act(&draft, "submit", &json!({})).expect_problem(403, "forbidden");
        assert_eq!(refused["denial"], "certificate-not-valid");
        assert_eq!(registrar.get("/auth/me").expect(200)["certificate"]["valid_today"], false);
        let draft = registrar.get(&format!("/contracts/{}", draft["id"])).expect(200);
        assert!(!draft["available_actions"].as_array().unwrap().contains(&json!("submit")));
        assert_eq!(certified(app, "").0, before - 1);
        let earlier = "?as_of=2026-06-15T11:59:59%2B08:00";
        assert_eq!(certified(app, earlier).0, before, "as of a moment before");
        let list = |state: &str| administrator.get(&format!("/registrars?state={state}&limit=100")).expect(200);
        assert_eq!(list("suspended")["items"].as_array().unwrap().len(), 1);
        assert_eq!(list("valid")["items"].as_array().unwrap().len(), usize::try_from(before - 1).unwrap());
        app.pass_seconds(60);
        let lifted = administrator.post(&format!("{HELD}/lift"), &json!({"reason": "核查完毕"})).expect(200);
        assert_eq!((&lifted["state"], &lifted["suspensions"][0]["lifted_by"]), (&json!("valid"), &json!("administrator")));
        assert_eq!(last_entry(app)["action"], "lift_registrar_suspension");
        registrar.act(&draft, "submit", &json!({}));
        assert_eq!(certified(app, "").0, before);
        assert_eq!(certified(app, "?as_of=2026-06-15T12:00:30%2B08:00").0, before - 1, "while it held");

        // One with days: from tomorrow for two days.
        let body = json!({"reason": "培训期间", "from_on": "2026-06-16", "until_on": "2026-06-17"});
        let planned = administrator.post(&format!("{HELD}/suspend"), &body).expect(200);
        assert_eq!(planned["state"], "valid");
        let state_at = |now: &str| {
            app.set_time(now);
            app.log_in("administrator").get(HELD).expect(200)["state"].clone()
        };
        assert_eq!(state_at("2026-06-15T23:59:59+08:00"), "valid");
        assert_eq!(state_at("2026-06-16T00:00:00+08:00"), "suspended");
        assert_eq!(state_at("2026-06-17T23:59:59+08:00"), "suspended");
        assert_eq!(state_at("2026-06-18T00:00:00+08:00"), "valid");
        let administrator = app.log_in("administrator");
        administrator.post(&format!("{HELD}/lift"), &json!({"reason": "已过"})).expect_problem(409, "conflict");
        administrator.post(&format!("{HELD}/suspend"), &json!({"reason": "再次"})).expect(200);
    }

    fn reminders_are_given_once_at_each_threshold(app: &App) {
        app.import_sample("registrars.csv", Kind::Registrars);
        issue(&app.person(Person::Administrator), "DJY1", "2026-10-01");
        let given = |now: &str| {
            app.set_time(&format!("{now}T08:00:00+08:00"));
            let count = app.block_on(registrars::remind(&app.ctx)).unwrap();
            assert_eq!(app.block_on(registrars::remind(&app.ctx)).unwrap(), 0, "not twice on {now}");
            count
        };
        let days = [("2026-07-02", 0), ("2026-07-03", 1), ("2026-08-01", 0), ("2026-08-02", 1), ("2026-09-01", 1)];
        for (day, expected) in days {
            assert_eq!(given(day), expected, "{day}");
        }
        assert_eq!(given("2026-09-25"), 1, "asleep over the seventh day before");
        assert_eq!(given("2026-10-01"), 0);
        let administrator = app.log_in("administrator");
        let near = administrator.get("/registrars?expiring_within=0").expect(200);
        assert_eq!(near["items"][0]["certificate_number"], "DJY1");
        let reminders = administrator.get("/registrars/DJY1").expect(200)["reminders"].clone();
        let told: Vec<_> = reminders.as_array().unwrap().iter().map(|r| r["days"].as_i64().unwrap()).collect();
        assert_eq!(told, [90, 60, 30, 7]);
        assert_eq!(reminders[3]["reminded_on"], "2026-09-25");
        // Renewed, it starts anew; asleep from before 90 days to 20 days before, one reminder says it all.
        administrator.post("/registrars/DJY1/renew", &json!({"valid_until": "2027-06-30"})).expect(200);
        assert_eq!(given("2027-01-01"), 0);
        assert_eq!(given("2027-06-10"), 1);
        assert_eq!(given("2027-06-30"), 1);
        let reminders = app.log_in("administrator").get("/registrars/DJY1").expect(200)["reminders"].clone();
        assert_eq!(reminders.as_array().unwrap().len(), 6);
    }

    fn trainings_are_recorded_and_counted(app: &App) {
        let administrator = app.person(Person::Administrator);
        let registrar = app.person(Person::Registrar);
        let body = json!({"kind": "continuing", "title": "2026 年继续教育", "held_on": "2026-05-10", "minutes": 480,
            "organiser": "兵团科技局"});
        let reply = administrator.post("/trainings", &body);
        let training = reply.expect(201);
        let path = format!("/trainings/{}", training["id"]);
        assert_eq!(reply.header("location"), Some(format!("/api/v1{path}").as_str()));
        registrar.get(&path).expect_problem(404, "not-found");
        assert_eq!(registrar.get("/trainings").expect(200)["items"], json!([]));
        let participants = json!({"participants": [
            {"certificate_number": "DJY6620190044", "minutes": 450},
            {"name": "考生甲", "agency": "660008"},
        ]});
        let full = administrator.post(&format!("{path}/participants"), &participants).expect(200);
        assert_eq!(full["participants"].as_array().unwrap().len(), 2);
        assert_eq!(full["participants"][1]["minutes"], 480);
        let seen = registrar.get(&path).expect(200);
        assert_eq!(seen["participants"].as_array().unwrap().len(), 1, "the own part alone");
        assert_eq!(registrar.get("/trainings").expect(200)["items"].as_array().unwrap().len(), 1);
        let own = registrar.get(&format!("{HELD}/trainings")).expect(200);
        assert_eq!((&own["items"][0]["minutes"], &own["items"][0]["training"]["kind"]), (&json!(450), &json!("continuing")));
        let held = registrar.get(HELD).expect(200);
        assert_eq!((&held["last_training_on"], &held["continuing_minutes"]), (&json!("2026-05-10"), &json!(450)));
        // Corrected; the same once more changes nothing.
        let corrected = json!({"participants": [{"certificate_number": "DJY6620190044", "minutes": 480}]});
        administrator.post(&format!("{path}/participants"), &corrected).expect(200);
        let entry = last_entry(app);
        assert_eq!((&entry["changes"][0]["from"]["minutes"], &entry["changes"][0]["to"]["minutes"]), (&json!(450), &json!(480)));
        administrator.post(&format!("{path}/participants"), &corrected).expect(200);
        assert_eq!(last_entry(app), entry);
        let wrong = json!({"participants": [
            {"certificate_number": "X", "minutes": 481, "score": 1},
            {"name": "考生甲", "agency": "660008"}, {"name": "考生甲", "agency": "660008"},
            {"certificate_number": "DJY6620190044", "name": "甲"}, {"name": "乙"},
        ]});
        let reply = administrator.post(&format!("{path}/participants"), &wrong);
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/participants/0/certificate_number", "/participants/0/minutes",
            "/participants/0/score", "/participants/2", "/participants/3/name", "/participants/4/agency"]);
        administrator.post(&format!("{path}/participants"), &json!({})).expect_problem(422, "invalid");
        let reply = administrator.post("/trainings", &json!({"kind": "picnic", "held_on": "2026-06-16", "minutes": 0}));
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/held_on", "/kind", "/minutes", "/title"]);
    }

    fn what_the_settings_demand_is_demanded(app: &App) {
        let app = App::start_with(app.backend, "2026-06-15T12:00:00+08:00", |settings| {
            settings.registrars.examination_required = true;
            settings.registrars.continuing_hours_per_year = 8;
        });
        app.import_sample("registrars.csv", Kind::Registrars);
        let administrator = app.person(Person::Administrator);
        let exam = json!({"kind": "examination", "title": "资格考试", "held_on": "2026-06-01", "minutes": 120});
        let exam = administrator.post("/trainings", &exam).expect(201)["id"].clone();
        let people = json!({"participants": [
            {"name": "甲", "agency": "660008", "passed": true, "score": 88},
            {"name": "乙", "agency": "660008", "passed": false, "score": 41},
        ]});
        administrator.post(&format!("/trainings/{exam}/participants"), &people).expect(200);
        let new = |number: &str, name: &str, exam: Value| {
            let body = json!({"certificate_number": number, "name": name, "agency": "660008", "examination_id": exam,
                "valid_until": "2028-06-14"});
            administrator.post("/registrars", &body)
        };
        for (name, exam) in [("甲", json!(null)), ("乙", exam.clone()), ("丙", exam.clone())] {
            let reply = new("DJY1", name, exam);
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), ["/examination_id"]);
        }
        let issued = new("DJY1", "甲", exam.clone()).expect(201);
        assert_eq!((&issued["demanded_minutes"], &issued["notices"]), (&json!(2 * 8 * 60), &json!([])));
        let exam = administrator.get(&format!("/trainings/{exam}")).expect(200);
        assert_eq!(exam["participants"][0]["certificate_number"], "DJY1");
        // Renewed only with the hours.
        administrator.post("/registrars/DJY1/renew", &json!({})).expect_problem(409, "conflict");
        let course = json!({"kind": "continuing", "title": "继续教育", "held_on": "2026-06-15", "minutes": 960});
        let course = administrator.post("/trainings", &course).expect(201)["id"].clone();
        let people = json!({"participants": [{"certificate_number": "DJY1"}]});
        administrator.post(&format!("/trainings/{course}/participants"), &people).expect(200);
        administrator.post("/registrars/DJY1/renew", &json!({"reason": "学时已满"})).expect(200);
    }

    fn an_import_corrects_what_was_not_renewed_here(app: &App) {
        let file = |until: &str| {
            let path = app.folder.path().join("one.csv");
            let text = "证书编号,姓名,登记机构,机构代码,发证日期,有效期至,最近继续教育日期\n";
            std::fs::write(&path, format!("{text}DJY1,甲,一站,660077,2025-01-01,{until},\n")).unwrap();
            path
        };
        app.import(file("2026-12-31"), Kind::Registrars, false).unwrap();
        app.import(file("2027-12-31"), Kind::Registrars, true).unwrap();
        let administrator = app.person(Person::Administrator);
        let periods = || administrator.get("/registrars/DJY1").expect(200)["periods"].clone();
        assert_eq!(periods(), json!([{"from_on": "2025-01-01", "until_on": "2027-12-31"}]));
        administrator.post("/registrars/DJY1/suspend", &json!({"reason": "核查"})).expect(200);
        administrator.post("/registrars/DJY1/renew", &json!({"valid_until": "2030-12-31"})).expect(200);
        assert_eq!(app.import(file("2027-12-31"), Kind::Registrars, false), Err(vec![(2, "证书编号".into(), "changed")]));
        let wrong = app.import(file("2027-12-31"), Kind::Registrars, true);
        assert_eq!(wrong, Err(vec![(2, "有效期至".into(), "periods_disagree")]));
        app.import(file("2029-12-31"), Kind::Registrars, true).unwrap();
        assert_eq!(periods()[1], json!({"from_on": "2028-01-01", "until_on": "2029-12-31"}));
        assert_eq!(administrator.get("/registrars/DJY1").expect(200)["state"], "suspended", "an import lifts nothing");
    }
}
