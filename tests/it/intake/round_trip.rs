//! The register out and back, and what comes in a second time.

use std::path::PathBuf;

use dengji::{domain::interchange::Kind, usecases::imports::Imported};
use serde_json::{Value, json};

use super::{contract, file, head, program, register, texts, unnumbered};
use crate::{
    statistics::{model::without_frame, sample::demo},
    support::{App, Cell, Person, both},
};

/// What an import that found everything new, changed or as it was says.
fn did(added: u64, updated: u64, unchanged: u64) -> Imported {
    Imported {
        rows: added + updated + unchanged,
        added,
        unchanged,
        updated,
        flagged: 0,
        to_approve: 0,
    }
}

/// The same where what was changed had been confirmed.
fn corrected(updated: u64, unchanged: u64) -> Imported {
    Imported {
        to_approve: updated,
        ..did(0, updated, unchanged)
    }
}

fn sorted_texts<T: AsRef<str>>(texts: &[T]) -> Vec<String> {
    let mut sorted: Vec<String> = texts.iter().map(|text| text.as_ref().to_owned()).collect();
    sorted.sort();
    sorted
}

fn told(errors: &[(u32, &str, &'static str)]) -> Vec<(u32, String, &'static str)> {
    errors
        .iter()
        .map(|(row, column, code)| (*row, (*column).to_owned(), *code))
        .collect()
}

/// The figures of a year, as of now or an earlier moment, without what says when and from what they were made.
fn figures(app: &App, year: i32, as_of: Option<&str>) -> Value {
    let query = as_of
        .map(|at| format!("?as_of={}", at.replace('+', "%2B")))
        .unwrap_or_default();
    let path = format!("/statistics/annual/{year}{query}");
    without_frame(&app.person(Person::Statistician).get(&path).expect(200))
}

fn now(app: &App) -> String {
    app.ctx.clock.now().to_string()
}

/// Contracts over REST, one in each state that acts lead to.
fn live_contracts(app: &App) -> Vec<Value> {
    let registrar = app.person(Person::Registrar);
    let reviewer = app.person(Person::Reviewer);
    let mut contracts = vec![
        registrar
            .post("/contracts", &json!({"project_name": "未填完"}))
            .expect(201),
        app.draft(1),
        app.submitted(2),
        app.claimed(3),
    ];
    app.pass_seconds(60);
    let items = json!([{"pointer": "/summary", "detail": "太短"}]);
    contracts.push(reviewer.act(
        &app.claimed(4),
        "return",
        &json!({"reason": "请补正，“摘要”\n太短", "items": items}),
    ));
    let refusal = json!({"reasons": ["price_unclear", "other"], "note": "附注"});
    contracts.push(reviewer.act(&app.claimed(5), "refuse", &refusal));
    contracts.push(registrar.act(&app.submitted(6), "withdraw", &json!({"reason": "重填"})));
    contracts.push(app.confirmed(7));
    app.pass_seconds(60);
    let ground =
        json!({"ground": "other", "document_number": "兵科撤〔2026〕2号", "served_on": "2026-06-16", "note": "说明"});
    let confirmed = app.confirmed(8);
    app.pass_seconds(60);
    contracts.push(app.person(Person::Reviewer2).act(&confirmed, "revoke", &ground));
    contracts
}

/// What stands returned counts as a return where history says so; here it counts once it is decided on.
fn without_returns(mut figures: Vec<Value>) -> Vec<Value> {
    for year in &mut figures {
        let decisions = year["decisions"].as_object_mut().unwrap();
        assert!(decisions.shift_remove("returned").is_some() && decisions.shift_remove("return_rate").is_some());
    }
    figures
}

both! {
    fn the_register_goes_out_and_comes_back(app: &App) {
        app.import_whole_sample();
        let live = live_contracts(app);
        let (csv, xlsx) = (app.folder.path().join("out.csv"), app.folder.path().join("out.xlsx"));
        for (format, path) in [("csv", &csv), ("xlsx", &xlsx)] {
            let output = program(app, &["export", "--kind", "register", "--format", format, "--output", path.to_str().unwrap()]);
            let told = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.success(), "{told}");
            // 3647 rows of the sample and all that were made here but the unfinished draft.
            assert!(told.contains("已导出 3655 行") && told.contains("另有 1 项"), "{told}");
        }
        let as_of: Vec<String> = [-150, -90, -30, 0].iter().map(|s| app.ctx.clock.now().plus_seconds(*s).to_string()).collect();
        let all = |app: &App| -> Vec<Value> {
            let asked = as_of.iter().flat_map(|at| [2025, 2026].map(|year| (year, at)));
            asked.map(|(year, at)| figures(app, year, Some(at))).collect()
        };
        let before = (all(app), head(app));
        assert_eq!(before.0.last().unwrap()["total"]["contracts"], 1);
        assert_eq!(before.0.last().unwrap()["revocations"]["amount_fen"], 120_000_000);
        // Told to update or not, there is nothing to update.
        for (path, update) in [(&csv, false), (&xlsx, true)] {
            assert_eq!(app.import(path.clone(), Kind::Register, update), Ok(did(0, 0, 3655)));
        }
        assert_eq!((all(app), head(app)), before);
        let auditor = app.person(Person::Auditor);
        for contract in &live {
            let found = auditor.get(&format!("/contracts/{}", contract["id"])).expect(200);
            let unchanged = ["version", "revision", "state", "claimed_by", "returned", "refusal", "ended", "registration_number"];
            for field in unchanged {
                assert_eq!(found[field], contract[field], "{field}");
            }
        }

        for path in [&csv, &xlsx] {
            let other = App::start(app.backend);
            other.set_time(&now(app));
            other.import_sample("registrars.csv", Kind::Registrars);
            assert_eq!(other.import(path.clone(), Kind::Register, false), Ok(did(3655, 0, 0)));
            other.import_sample("follow-up-2021-2024.csv", Kind::FollowUp);
            other.import_sample("activities-2025.csv", Kind::Activities);
            other.import_sample("reference-figures.csv", Kind::Reference);
            assert_eq!(without_returns(all(&other)), without_returns(before.0.clone()));
            let again = program(&other, &["export", "--format", "csv"]);
            assert_eq!(again.stdout, std::fs::read(&csv).unwrap());
        }
    }

    fn a_filter_exports_a_part(app: &App) {
        let states = [("2025660008000001", "已确认", "2025-02-03 10:00"), ("2024660008000002", "已确认", "2024-02-03 10:00")];
        let mut rows: Vec<_> = states
            .iter()
            .map(|(number, state, at)| contract(number, &[("状态", state), ("审核确认时间", at), ("提交时间", "2024-01-02 10:00"), ("签订日期", "2024-01-01")]))
            .collect();
        rows.push(unnumbered("草稿", &[("归属单位", "一师"), ("合同类别", "技术服务"), ("合同子类", "")]));
        app.import(file(app, "some", &register(rows)), Kind::Register, false).unwrap();
        for (arguments, found) in [
            (&[][..], 3),
            (&["--year", "2025"], 1),
            (&["--state", "draft"], 1),
            (&["--state", "draft", "--state", "confirmed"], 3),
            (&["--unit", "div_01"], 1),
            (&["--type", "development"], 2),
            (&["--agency", "660099"], 0),
        ] {
            let output = program(app, &[&["export", "--kind", "register"], arguments].concat());
            let text = String::from_utf8(output.stdout).unwrap();
            let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
            assert_eq!(reader.records().count(), found, "{arguments:?}");
        }
    }

    fn a_file_twice_changes_nothing_and_a_changed_row_is_told(app: &App) {
        let rows = |amount: &str, name: &str| register(vec![
            contract("2025660008000001", &[]),
            contract("2025660008000002", &[("合同成交额（元）", amount), ("技术交易额（元）", amount), ("合同名称", name)]),
            contract("2025660008000003", &[("状态", "已撤销"), ("撤销或注销时间", "2025-09-01"), ("撤销或注销原因", "重复登记")]),
        ]);
        let first = file(app, "first", &rows("2000", "甲"));
        assert_eq!(app.import(first.clone(), Kind::Register, false), Ok(did(3, 0, 0)));
        let after_first = head(app);
        assert_eq!(app.import(first, Kind::Register, false), Ok(did(0, 0, 3)));
        assert_eq!(head(app), after_first);

        let changed = file(app, "changed", &rows("3000", "乙"));
        assert_eq!(app.import(changed.clone(), Kind::Register, false), Err(told(&[(3, "登记编号", "changed")])));
        let output = program(app, &["import", "--kind", "register", changed.to_str().unwrap()]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        // What differs is named as the file names it.
        assert!(said.contains("第 3 行") && said.contains("合同名称、合同成交额（元）、技术交易额（元）"), "{said}");
        assert_eq!(head(app), after_first);

        app.pass_seconds(10);
        let before = (now(app), figures(app, 2025, None));
        app.pass_seconds(10);
        assert_eq!(app.import(changed.clone(), Kind::Register, true), Ok(corrected(1, 2)));
        assert_eq!(head(app).0, after_first.0 + 1);
        assert_eq!(figures(app, 2025, Some(&before.0)), before.1);
        let after = figures(app, 2025, None);
        assert_eq!((&before.1["total"]["amount_fen"], &after["total"]["amount_fen"]), (&json!(300_000), &json!(400_000)));
        let auditor = app.person(Person::Auditor);
        let found = auditor.get("/contracts?q=2025660008000002").expect(200)["items"][0].clone();
        assert_eq!((&found["revision"], &found["amount_fen"]), (&json!(2), &json!(300_000)));
        let earlier = auditor.get(&format!("/contracts/{}/revisions/1", found["id"])).expect(200);
        assert_eq!(earlier["amount_fen"], 200_000);
        let history = auditor.get(&format!("/contracts/{}/history", found["id"])).expect(200);
        let last = history.as_array().unwrap().last().unwrap();
        assert_eq!(last["action"], "import_update");
        let pointers: Vec<&str> = last["changes"].as_array().unwrap().iter().map(|c| c["pointer"].as_str().unwrap()).collect();
        assert!(pointers.contains(&"/amount_fen") && pointers.contains(&"/project_name"), "{pointers:?}");
        // The same once more changes nothing.
        assert_eq!(app.import(changed, Kind::Register, true), Ok(did(0, 0, 3)));
        assert_eq!(head(app).0, after_first.0 + 1);
    }

    fn a_column_that_a_file_lacks_keeps_what_is_stored(app: &App) {
        let mut full = register(vec![contract("2025660008000001", &[])]);
        for (header, value) in [("国家登记编号", "2025990001000001"), ("内容摘要", "棉田残膜回收装备的研制与示范")] {
            full.headers.push(header);
            full.rows[0].push(value.into());
        }
        assert_eq!(app.import(file(app, "full", &full), Kind::Register, false), Ok(did(1, 0, 0)));
        let after_first = head(app);
        // The office's own form has neither column, and says nothing of them.
        let plain = register(vec![contract("2025660008000001", &[])]);
        assert_eq!(app.import(file(app, "plain", &plain), Kind::Register, false), Ok(did(0, 0, 1)));
        assert_eq!(head(app), after_first);
        let renamed = register(vec![contract("2025660008000001", &[("合同名称", "更正后的名称")])]);
        assert_eq!(app.import(file(app, "renamed", &renamed), Kind::Register, true), Ok(corrected(1, 0)));
        let found = app.person(Person::Auditor).get("/contracts").expect(200)["items"][0].clone();
        assert_eq!(found["project_name"], "更正后的名称");
        assert_eq!((&found["national_number"], &found["summary"]), (&json!("2025990001000001"), &json!("棉田残膜回收装备的研制与示范")));
    }

    fn an_update_may_end_or_move_a_contract(app: &App) {
        let first = file(app, "first", &register(vec![contract("1", &[]), contract("2", &[]), unnumbered("已提交", &[])]));
        app.import(first, Kind::Register, false).unwrap();
        app.pass_seconds(60);
        let second = register(vec![
            contract("1", &[("状态", "已撤销"), ("撤销或注销时间", "2025-09-01 08:00"), ("撤销或注销原因", "重复登记")]),
            contract("2", &[
                ("审核确认时间", "2024-12-31T23:59:59+08:00"),
                ("提交时间", "2024-12-30 10:00"),
                ("签订日期", "2024-12-20"),
            ]),
        ]);
        assert_eq!(app.import(file(app, "second", &second), Kind::Register, true), Ok(corrected(2, 0)));
        // When things happened is business time, also for what is recorded later.
        for (year, as_of, contracts, revoked) in [
            (2025, None, 0, 1),
            (2025, Some("2025-09-01T07:59:59+08:00"), 1, 0),
            (2025, Some("2025-09-01T08:00:00+08:00"), 0, 1),
            (2024, None, 1, 0),
        ] {
            let found = figures(app, year, as_of);
            let numbers = (&found["total"]["contracts"], &found["revocations"]["contracts"]);
            assert_eq!(numbers, (&json!(contracts), &json!(revoked)), "{year} {as_of:?}");
        }
    }

    fn a_number_twice_is_named_at_the_later_row(app: &App) {
        let (a, b) = ("2025660008000001", "2025660008000002");
        let wrong = [("合同成交额（元）", "一千")];
        for (rows, errors) in [
            (vec![contract(a, &[]), contract(b, &[]), contract(a, &[])], &[(4, "登记编号", "duplicate_number")][..]),
            // Also where the earlier row, or the later one, is wrong in itself.
            (
                vec![contract(a, &wrong), contract(b, &[]), contract(a, &[])],
                &[(2, "合同成交额（元）", "unreadable_amount"), (4, "登记编号", "duplicate_number")],
            ),
            (
                vec![contract(a, &[]), contract(a, &wrong), contract(a, &[])],
                &[
                    (3, "合同成交额（元）", "unreadable_amount"),
                    (3, "登记编号", "duplicate_number"),
                    (4, "登记编号", "duplicate_number"),
                ],
            ),
        ] {
            let path = file(app, "twice", &register(rows));
            assert_eq!(app.import(path, Kind::Register, false), Err(told(errors)));
        }
        // In the other kinds too.
        let registrars = texts(
            &["证书编号", "姓名", "登记机构", "机构代码", "发证日期", "有效期至", "最近继续教育日期"],
            &[&["C1", "甲", "某站", "660001", "昨天", "", ""], &["C1", "乙", "某站", "660001", "2025-01-01", "", ""]],
        );
        assert_eq!(
            app.import(file(app, "registrars", &registrars), Kind::Registrars, false),
            Err(told(&[(2, "发证日期", "unreadable_date"), (3, "证书编号", "duplicate_number")]))
        );
        let reference = texts(
            &["指标", "年度", "数值（元）", "说明"],
            &[&["成交额", "2020", "x", ""], &["amount", "2020", "7", ""], &["成交额", "2019", "7", ""]],
        );
        assert_eq!(
            app.import(file(app, "reference", &reference), Kind::Reference, false),
            Err(told(&[(2, "数值（元）", "unreadable_amount"), (3, "指标", "duplicate_number")]))
        );
        assert_eq!(head(app).0, 0);
    }

    fn what_only_the_store_knows_is_told_for_every_row(app: &App) {
        let mut sheet = register(vec![
            contract("1", &[("合同成交额（元）", "-1")]),
            contract("2", &[]),
            contract("3", &[]),
            contract("4", &[("登记机构", "另一站")]),
        ]);
        sheet.headers.extend(["国家登记编号", "机构代码"]);
        for (row, (national, code)) in
            sheet.rows.iter_mut().zip([("N0", ""), ("N1", "660008"), ("N1", ""), ("N2", "660008")])
        {
            row.extend([Cell::from(national), Cell::from(code)]);
        }
        assert_eq!(
            app.import(file(app, "store", &sheet), Kind::Register, false),
            Err(told(&[
                (2, "合同成交额（元）", "negative_amount"),
                (4, "国家登记编号", "duplicate_number"),
                (5, "机构代码", "agency_code_taken"),
            ]))
        );
        assert_eq!(head(app).0, 0);
    }

    fn rows_without_a_number_are_known_by_what_they_say(app: &App) {
        let twin = || unnumbered("不予登记", &[("专家论证", "是")]);
        let rows = register(vec![
            unnumbered("草稿", &[("提交时间", "")]),
            twin(),
            twin(),
            unnumbered("审核中", &[("专家论证", "是")]),
            unnumbered("已撤回", &[]),
        ]);
        let path = file(app, "rows", &rows);
        assert_eq!(app.import(path.clone(), Kind::Register, false), Ok(did(5, 0, 0)));
        let first = head(app);
        for update in [false, true] {
            assert_eq!(app.import(path.clone(), Kind::Register, update), Ok(did(0, 0, 5)));
        }
        assert_eq!(head(app), first);
        assert_eq!(figures(app, 2025, None)["expert_reviews"]["contracts"], 2);
        // A third twin is a third contract.
        let more = register(vec![twin(), twin(), twin()]);
        let more = file(app, "more", &more);
        assert_eq!(app.import(more.clone(), Kind::Register, false), Ok(did(1, 0, 2)));
        // A person learns which rows say the same.
        let output = program(app, &["import", "--kind", "register", more.to_str().unwrap()]);
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
        assert!(output.status.success(), "{said}");
        for row in [3, 4] {
            assert!(said.contains(&format!("第 {row} 行：此行与第 2 行内容相同")), "{said}");
        }
    }

    fn a_live_confirmation_passes_over_numbers_that_history_brought(app: &App) {
        app.import_sample("registrars.csv", Kind::Registrars);
        let path = |numbers: &[&str]| {
            let rows = numbers.iter().map(|n| contract(n, &[("合同名称", n)])).collect();
            file(app, "history", &register(rows))
        };
        app.import(path(&["2026660008500001", "2026660008500002", "2026660008000001"]), Kind::Register, false).unwrap();
        assert_eq!(app.confirmed(1)["registration_number"], "2026660008500003");
        app.import(path(&["2026660008500004", "2026660008500009"]), Kind::Register, false).unwrap();
        let next = app.confirmed(2)["registration_number"].as_str().unwrap().to_owned();
        assert!(next.starts_with("20266600085"), "{next}");
        assert!(!["2026660008500004", "2026660008500009"].contains(&next.as_str()), "{next}");
        let third = app.confirmed(3)["registration_number"].as_str().unwrap().to_owned();
        assert!(third > next && third != "2026660008500009", "{third}");
        // What was given live is taken for history.
        let taken = path(&["2026660008500003"]);
        assert_eq!(app.import(taken, Kind::Register, false), Err(told(&[(2, "登记编号", "changed")])));
    }

    fn registrars_change_only_when_told_to(app: &App) {
        let headers = ["证书编号", "姓名", "登记机构", "机构代码", "发证日期", "有效期至", "最近继续教育日期"];
        let import = |rows: &[&[&str]], update| {
            let path = file(app, "registrars", &texts(&headers, rows));
            app.import(path, Kind::Registrars, update)
        };
        let first: &[&[&str]] = &[
            &["C1", "甲", "一站", "660001", "2025-01-01", "2025-12-31", ""],
            &["C2", "乙", "二站", "", "2024-01-01", "", "2025-03-03"],
        ];
        assert_eq!(import(first, false), Ok(did(2, 0, 0)));
        assert_eq!(import(first, false), Ok(did(0, 0, 2)));
        let certified = |year, as_of| figures(app, year, as_of)["registrars"]["certified"].clone();
        assert_eq!((certified(2025, None), certified(2026, None)), (json!(2), json!(1)));
        let before = head(app);
        // One code names one agency, and one agency has one code.
        assert_eq!(
            import(
                &[
                    &["C3", "丙", "一站", "660009", "2025-01-01", "", ""],
                    &["C4", "丁", "三站", "660001", "2025-01-01", "", ""],
                    &["C1", "甲", "一站", "", "2025-01-01", "2026-12-31", ""],
                ],
                false
            ),
            Err(told(&[
                (2, "机构代码", "agency_code_differs"),
                (3, "机构代码", "agency_code_taken"),
                (4, "证书编号", "changed"),
            ]))
        );
        assert_eq!(head(app), before);
        let renewed: &[&[&str]] = &[&["C1", "甲", "一站", "", "2025-01-01", "2026-12-31", ""]];
        assert_eq!(import(renewed, true), Ok(did(0, 1, 0)));
        assert_eq!(certified(2026, None), 2);
        assert_eq!(head(app).0, before.0 + 1);
        assert_eq!(import(renewed, true), Ok(did(0, 0, 1)));
    }

    fn surveys_activities_and_reference_figures_come_once(app: &App) {
        let columns = "登记编号,调查年度,是否涉税,是否履行,应到账额（元）,实到账额（元）,应享税收优惠,实享税收优惠,增值税免税额（元）,\
                       企业所得税减免额（元）,奖酬金应发,奖酬金实发,净收益额（元）,实发奖酬金（元）,享受奖励人次";
        let headers: Vec<&'static str> = columns.split(',').collect();
        let line = |number: &str, received: &str| -> Vec<Cell> {
            let cells = [number, "2025", "是", "是", "100", received, "是", "否", "0", "0", "是", "是", "", "5", "1"];
            cells.map(Cell::from).to_vec()
        };
        let survey = |rows: Vec<Vec<Cell>>| file(app, "survey", &crate::support::Sheet { headers: headers.clone(), rows });
        app.import(file(app, "register", &register(vec![contract("1", &[])])), Kind::Register, false).unwrap();
        assert_eq!(
            app.import(survey(vec![line("1", "50"), line("2", "50"), line("1", "50")]), Kind::FollowUp, false),
            Err(told(&[(3, "登记编号", "unknown_number"), (4, "登记编号", "duplicate_number")]))
        );
        assert_eq!(app.import(survey(vec![line("1", "50")]), Kind::FollowUp, false), Ok(did(1, 0, 0)));
        assert_eq!(app.import(survey(vec![line("1", "50")]), Kind::FollowUp, false), Ok(did(0, 0, 1)));
        assert_eq!(
            app.import(survey(vec![line("1", "60")]), Kind::FollowUp, false),
            Err(told(&[(2, "登记编号", "changed")]))
        );
        assert_eq!(app.import(survey(vec![line("1", "60")]), Kind::FollowUp, true), Ok(did(0, 1, 0)));
        assert_eq!(figures(app, 2025, None)["follow_up"]["collection_rate"], 0.6);

        let activities = |participants: &str| {
            let headers = ["种类", "日期", "名称", "师市院校", "场次", "人次", "其中兵团系统人次", "项数"];
            let twin: &[&str] = &["政策宣讲", "2025-03-12", "宣讲", "兵直及其他", "1", "10", "", ""];
            let last: &[&str] = &["政策宣讲", "2025-03-12", "宣讲", "兵直及其他", "1", participants, "", ""];
            file(app, "activities", &texts(&headers, &[twin, twin, last]))
        };
        assert_eq!(app.import(activities("10"), Kind::Activities, false), Ok(did(3, 0, 0)));
        assert_eq!(app.import(activities("10"), Kind::Activities, false), Ok(did(0, 0, 3)));
        assert_eq!(app.import(activities("11"), Kind::Activities, false), Err(told(&[(4, "名称", "changed")])));
        assert_eq!(app.import(activities("11"), Kind::Activities, true), Ok(did(0, 1, 2)));
        let held = figures(app, 2025, None)["activities"]["policy_training"].clone();
        assert_eq!(held, json!({"events": 3, "participants": 31}));

        let reference: PathBuf = demo("reference-figures.csv");
        assert_eq!(app.import(reference.clone(), Kind::Reference, false), Ok(did(2, 0, 0)));
        let first = head(app);
        assert_eq!(app.import(reference, Kind::Reference, false), Ok(did(0, 0, 2)));
        assert_eq!(head(app), first);
        let other = texts(&["指标", "年度", "数值（元）", "说明"], &[&["成交额", "2020", "1", ""]]);
        let other = file(app, "other", &other);
        assert_eq!(app.import(other.clone(), Kind::Reference, false), Err(told(&[(2, "指标", "changed")])));
        assert_eq!(app.import(other, Kind::Reference, true), Ok(did(0, 1, 0)));
        assert_eq!(figures(app, 2025, None)["period"]["multiple_of_base"], 1000.0);
    }

    fn live_work_goes_on_with_imported_contracts(app: &App) {
        app.import_sample("registrars.csv", Kind::Registrars);
        let path = file(app, "open", &register(vec![unnumbered("已提交", &[]), contract("2025660008000001", &[])]));
        app.import(path, Kind::Register, false).unwrap();
        let reviewer = app.person(Person::Reviewer);
        let open = reviewer.get("/contracts?state=submitted").expect(200)["items"][0].clone();
        let claimed = reviewer.act(&open, "claim", &json!({}));
        // It came in with less than a submission here needs: the reviewer says why it is confirmed all the same.
        let mut verified = json!({"verified_type": "development", "verified_technology_amount_fen": 50_000});
        let refused = reviewer.try_act(&claimed, "confirm", &verified);
        refused.expect_problem(422, "invalid");
        assert_eq!(sorted_texts(&refused.pointers()), ["/reasons/A01", "/reasons/A06", "/reasons/required"]);
        verified["reasons"] = json!({"A01": "与前一合同同日订立，已核对原件", "A06": "原件存档", "required": "历史纸质登记，原件已核对"});
        let confirmed = reviewer.act(&claimed, "confirm", &verified);
        assert_eq!(confirmed["registration_number"], "2026660008500001");
        let old = reviewer.get("/contracts?q=2025660008000001").expect(200)["items"][0].clone();
        let ground = json!({"ground": "duplicate", "document_number": "文", "served_on": "2026-06-15"});
        reviewer.act(&old, "revoke", &ground);
        let found = figures(app, 2026, None);
        assert_eq!((&found["total"]["contracts"], &found["revocations"]["contracts"]), (&json!(1), &json!(1)));
    }
}
