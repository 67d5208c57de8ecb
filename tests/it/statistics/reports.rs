//! Reports in other words (`reports/`): what of them is understood, which of their wrong numbers are found, and that nothing right is
//! called wrong. Beside each stands what its numbers are, and which were changed on purpose.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::{Value, json};

use super::sample::AFTER;
use crate::support::{App, Person, both};

/// A number that a report prints.
#[derive(Debug, Clone)]
struct Printed {
    figure: String,
    number: String,
    wrong: bool,
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/statistics/reports")
        .join(name)
}

fn expected(name: &str) -> Vec<Printed> {
    let mut reader = csv::Reader::from_path(path(name)).unwrap();
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| Printed {
        figure: row[0].to_owned(),
        number: row[1].to_owned(),
        wrong: &row[2] == "wrong",
    })
    .collect()
}

/// Without sign and what does not change the number: 0.061 and 0.0610, 1134 and 1,134.
fn bare(text: &str) -> String {
    let text = text.trim_start_matches('-').replace(',', "");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn check(app: &App, name: &str) -> Value {
    let content = std::fs::read(path(name)).unwrap();
    let parts = [("file", Some(name), &content[..])];
    app.person(Person::Statistician)
        .send_form("/statistics/annual/2025/check", &[], "b", &parts)
        .expect(200)
}

/// Holds a report to what its numbers are known to be.
fn hold(body: &Value, name: &str, expected: &[Printed]) {
    let items: Vec<&Value> = body["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|i| i["against"] == "register")
        .collect();
    let mut left: BTreeMap<(String, String), Vec<&Value>> = BTreeMap::new();
    for item in &items {
        let key = (
            item["figure"].as_str().unwrap().to_owned(),
            bare(item["published"].as_str().unwrap()),
        );
        left.entry(key).or_default().push(item);
    }
    let (mut recognised, mut wrong, mut flagged) = (0, 0, 0);
    let mut missed = Vec::new();
    for printed in expected {
        let key = (printed.figure.clone(), bare(&printed.number));
        let Some(item) = left.get_mut(&key).and_then(Vec::pop) else {
            missed.push(printed);
            continue;
        };
        recognised += 1;
        wrong += usize::from(printed.wrong);
        flagged += usize::from(printed.wrong && item["verdict"] == "differs");
        if !printed.wrong {
            assert_ne!(item["verdict"], "differs", "{name}: a false alarm {item}");
        }
    }
    assert!(
        recognised * 100 >= expected.len() * 80,
        "{name}: {recognised} of {}: {missed:?}",
        expected.len()
    );
    assert!(flagged * 100 >= wrong * 90, "{name}: {flagged} of {wrong}");
    // What is told beside them is no error either.
    for item in left.values().flatten() {
        assert_ne!(item["verdict"], "differs", "{name}: a false alarm {item}");
    }
}

/// Texts of which no number is surely a figure of the register, or is one that it does not have: nothing is called wrong, everything
/// is told, and so few recognised numbers are too little.
const UNCLEAR: [&str; 6] = [
    "清华大学表现突出，成交额 2000 万元，合同 30 项。",
    "八师某某公司成交 2000 万元，北京市登记合同 31 项。",
    "1—6 月登记合同 412 项，上半年成交额 3.16 亿元，12 月登记合同 205 项。",
    "其中委托开发合同 320 项，专利权转让合同 15 项。",
    "六师比七师多 23 项，高于塔里木大学 7716.52 万元。",
    "民营企业成交额 2.1 亿元，企业吸纳技术合同 602 项。",
];

both! {
    fn reports_in_other_words_are_understood(app: &App) {
        app.import_whole_sample();
        app.set_time(AFTER);
        for (report, numbers) in [
            ("A.txt", "A.csv"),
            ("A.docx", "A.csv"),
            ("third.txt", "third.csv"),
            ("fourth.md", "fourth.csv"),
            ("fifth.txt", "fifth.csv"),
            ("sixth.md", "sixth.csv"),
        ] {
            let body = check(app, report);
            hold(&body, report, &expected(numbers));
            assert_eq!(body["too_little"], false, "{report}");
            let unread = body["unread"].as_array().unwrap().len();
            let count = |key: &str| body[key].as_u64().unwrap();
            assert_eq!(count("seen"), count("recognised") + count("unclear") + unread as u64, "{report}");
            let unknown = body["items"].as_array().unwrap().iter().filter(|item| item["verdict"] == "unknown").count();
            assert_eq!(count("unclear"), unknown as u64, "{report}");
        }

        // Six tables with heads in two lines, turned, in 亿元 and in full-width digits: 209 numbers, 32 of them with a digit changed.
        let body = check(app, "C.docx");
        let of = |verdict: &str| {
            let items = body["items"].as_array().unwrap().iter();
            items.filter(|i| i["against"] == "register" && i["verdict"] == verdict).count()
        };
        let recognised = of("match") + of("differs") + of("rounding");
        assert!(recognised * 100 >= 209 * 80, "{recognised}: {}", body["unread"]);
        assert!((29..=32).contains(&of("differs")), "{}", of("differs"));
    }

    fn what_is_nobodys_figure_is_called_neither_right_nor_wrong(app: &App) {
        app.import_whole_sample();
        app.set_time(AFTER);
        for text in UNCLEAR {
            let parts = [("file", Some("a.txt"), text.as_bytes())];
            let body = app.person(Person::Statistician).send_form("/statistics/annual/2025/check", &[], "b", &parts).expect(200);
            let items = body["items"].as_array().unwrap();
            assert!(items.iter().all(|item| item["verdict"] == "unknown"), "{text}: {body}");
            assert_eq!((body["recognised"].as_u64(), body["too_little"].as_bool()), (Some(0), Some(true)), "{text}: {body}");
            assert!(body["seen"].as_u64().unwrap() >= 2, "{text}: {body}");
        }
    }

    fn numbers_that_are_not_understood_are_told(app: &App) {
        app.import_whole_sample();
        app.set_time(AFTER);
        let text = "本年兴修水渠 12 条，投入经费 3500 万元，受益群众 4.5 万人。";
        let parts = [("file", Some("a.txt"), text.as_bytes())];
        let body = app.person(Person::Statistician).send_form("/statistics/annual/2025/check", &[], "b", &parts).expect(200);
        assert_eq!((body["recognised"].as_u64(), body["too_little"].as_bool()), (Some(0), Some(true)), "{body}");
        let told: Vec<&str> = body["unread"].as_array().unwrap().iter().map(|u| u["text"].as_str().unwrap()).collect();
        assert_eq!(told, ["12条", "3500万元", "4.5万人"]);
        assert!(body["unread"][1]["context"].as_str().unwrap().contains("投入经费"));
        assert_eq!(body["left_out"], json!([]));
        // A megabyte of prose, in one paragraph or in many, is answered in bounds, and what was left out is said.
        for end in ["", "\n\n"] {
            let text = format!("本年兴修水渠 12 条。{end}").repeat(1_000_000 / (30 + end.len()));
            let parts = [("file", Some("a.txt"), text.as_bytes())];
            let reply = app.person(Person::Statistician).send_form("/statistics/annual/2025/check", &[], "b", &parts);
            let body = reply.expect(200);
            assert_eq!(body["unread"].as_array().unwrap().len(), 3000);
            assert!(body["left_out"].to_string().contains("认出的和未认出的各只看了前 3000 个，其后的没有核对。"), "{}", body["left_out"]);
            assert!(reply.text.len() < 1_000_000, "{}", reply.text.len());
            let pages = app.pages_of(Person::Statistician);
            let from = pages.get("/statistics/check").expect(200);
            let page = pages.upload(&from, "/statistics/check", &[("/year", "2025")], ("a.txt", text.as_bytes())).expect(200);
            assert!(page.says("各只看了前 3000 个，其后的没有核对。"));
        }
    }
}
