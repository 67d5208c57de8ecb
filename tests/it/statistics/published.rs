//! A published report, as text, as Markdown, as DOCX: its numbers against the register, and against each other.

use std::{fs, path::Path, process::Output};

use docx_rs::{Docx, Paragraph, Run, Table, TableCell, TableRow, VMergeType};
use serde_json::{Value, json};

use super::sample::AFTER;
use crate::support::{Person, both, dengji};

/// The published report's figures, mistakes included, between sentences of our own.
const REPORT: &str = include_str!("report-2025.md");

/// What the report says against itself: figure, what is printed, what follows.
const CONTRADICTIONS: [(&str, &str, Option<&str>); 8] = [
    ("period.average_growth", "35.5", Some("27.7")),
    ("series.2023.growth", "128", Some("127")),
    ("regions.previous_north_to_south", "5.6", Some("5.5")),
    ("bands.under_1m.count_share", "98.9", Some("82.2")),
    ("bands.from_1m.share", "70.6", Some("78.6")),
    ("period.plan_funded_contracts", "1829", None),
    ("period.outside_plan_contracts", "1778", None),
    (
        "units.direct_other.growth",
        "除九师、十二师之外的各单位成交额均有所增长",
        Some("-6.2"),
    ),
];

/// What is the rounding of sums only.
const ROUNDING: [(&str, &str); 3] = [
    ("follow_up.tax_relief", "1234.34"),
    ("total.amount", "108310.05"),
    ("total.amount", "108310.04"),
];

/// Pipe tables as cells between tabs.
fn with_tabs(markdown: &str) -> String {
    let lines = markdown.lines().filter(|line| !line.starts_with("|---"));
    let line = |line: &str| match line.strip_prefix('|').and_then(|line| line.strip_suffix('|')) {
        Some(cells) => cells.split('|').map(str::trim).collect::<Vec<_>>().join("\t"),
        None => line.to_owned(),
    };
    lines.map(line).collect::<Vec<_>>().join("\n")
}

/// The same as a document whose empty cells of shares belong to the share above them.
fn as_docx(markdown: &str) -> Vec<u8> {
    let mut docx = Docx::new();
    let mut rows: Vec<Vec<&str>> = Vec::new();
    let paragraph = |text: &str| Paragraph::new().add_run(Run::new().add_text(text));
    for line in markdown.lines().chain([""]) {
        if let Some(cells) = line.strip_prefix('|').and_then(|line| line.strip_suffix('|')) {
            if !line.starts_with("|---") {
                rows.push(cells.split('|').map(str::trim).collect());
            }
            continue;
        }
        if !rows.is_empty() {
            docx = docx.add_table(table(&rows));
            rows.clear();
        }
        if let Some(heading) = line.strip_prefix('#') {
            docx = docx.add_paragraph(paragraph(heading.trim_start_matches('#').trim()).style("Heading1"));
        } else if !line.is_empty() {
            docx = docx.add_paragraph(paragraph(line));
        }
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    docx.build().pack(&mut bytes).unwrap();
    bytes.into_inner()
}

/// A table; the shares of the first three size classes are one cell, its number at the top.
fn table(rows: &[Vec<&str>]) -> Table {
    let sizes = rows[0][0].starts_with("金额规模");
    let row = |(index, row): (usize, &Vec<&str>)| {
        let cell = |(at, text): (usize, &&str)| {
            let merged = sizes && at == 4 && (1..=3).contains(&index);
            let text = if merged { ["", "1.1%", "", ""][index] } else { text };
            let cell = TableCell::new().add_paragraph(Paragraph::new().add_run(Run::new().add_text(text)));
            match (merged, index) {
                (true, 1) => cell.vertical_merge(VMergeType::Restart),
                (true, _) => cell.vertical_merge(VMergeType::Continue),
                _ => cell,
            }
        };
        TableRow::new(row.iter().enumerate().map(cell).collect())
    };
    Table::new(rows.iter().enumerate().map(row).collect())
}

/// Runs `check` without a store beside it.
fn check(folder: &Path, name: &str, content: &[u8], more: &[&str]) -> Output {
    let file = folder.join(name);
    fs::write(&file, content).unwrap();
    let url = format!("sqlite:{}", folder.join("none.sqlite").display());
    let mut command = dengji(&url, folder);
    command.args(["check", "2025"]).arg(&file).args(more).output().unwrap()
}

/// Figures, printed texts and derived values of one verdict, of what was held against the report itself.
fn said(rows: &Value, verdict: &str) -> Vec<(String, String, Option<String>)> {
    let text = |row: &Value, key: &str| row[key].as_str().map(str::to_owned);
    let rows = rows["items"].as_array().unwrap().iter();
    let rows = rows.filter(|row| row["verdict"] == verdict && row["against"] == "report");
    rows.map(|row| {
        (
            text(row, "figure").unwrap(),
            text(row, "published").unwrap(),
            text(row, "derived"),
        )
    })
    .collect()
}

fn assert_contradictions(rows: &Value, what: &str) {
    let mut found = said(rows, "differs");
    found.sort();
    let owned = |(figure, printed, derived): (&str, &str, Option<&str>)| {
        (figure.to_owned(), printed.to_owned(), derived.map(str::to_owned))
    };
    let mut expected = CONTRADICTIONS.map(owned);
    expected.sort();
    assert_eq!(found, expected, "{what}");
    let mut found: Vec<_> = said(rows, "rounding").into_iter().map(|(f, p, _)| (f, p)).collect();
    found.sort();
    let mut expected = ROUNDING.map(|(figure, printed)| (figure.to_owned(), printed.to_owned()));
    expected.sort();
    assert_eq!(found, expected, "{what}");
}

#[test]
fn a_report_alone_is_held_against_itself_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let forms = [
        ("report.md", REPORT.as_bytes().to_vec()),
        ("report.txt", with_tabs(REPORT).into_bytes()),
        ("report.docx", as_docx(REPORT)),
        // What it is, is told by the content.
        ("report", as_docx(REPORT)),
    ];
    for (name, content) in forms {
        for more in [&["--format", "json"][..], &["--format", "json", "--internal"]] {
            let output = check(folder.path(), name, &content, more);
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_contradictions(&rows, name);
        }
        let output = check(folder.path(), name, &content, &[]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("矛盾 8 处，末位取舍 3 处"), "{text}");
    }
    assert!(
        !folder.path().join("none.sqlite").exists(),
        "no store is made to read a report"
    );
}

#[test]
fn a_report_without_mistakes_has_none() {
    let right = [
        ("35.5%", "27.5%"),
        ("128%", "127%"),
        ("5.6:1", "5.5:1"),
        ("98.9%", "82.2%"),
        ("70.6%", "78.6%"),
        ("1829", "1785"),
        ("1778", "1836"),
        ("除九师、十二师之外", "除九师、十二师、兵直及其他之外"),
    ];
    let report = right.iter().fold(REPORT.to_owned(), |text, (wrong, right)| {
        assert_eq!(text.matches(wrong).count(), 1, "{wrong}");
        text.replace(wrong, right)
    });
    let folder = tempfile::tempdir().unwrap();
    let output = check(folder.path(), "right.md", report.as_bytes(), &["--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said(&rows, "differs"), []);
}

#[test]
fn each_single_mistake_is_found_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    // What is changed in the report, and the figure that must be named beside those that were wrong before.
    for (from, to, figure) in [
        (
            "| 六师 | 5120.13 | 7453.6 | 2 |",
            "| 六师 | 5120.13 | 7453.6 | 4 |",
            "units.div_06.rank",
        ),
        ("| 技术服务 | 567 |", "| 技术服务 | 568 |", "total.contracts"),
        (
            "| 技术服务 | 567 | 41608.45 | 38.4% |",
            "| 技术服务 | 567 | 41608.45 | 38.5% |",
            "types.service.share",
        ),
        ("成交额 24026.31 万元", "成交额 24062.31 万元", "regions.south.amount"),
        ("较上年增长 92.6%", "较上年下降 92.6%", "regions.south.growth"),
        (
            "合计减免税 1234.34 万元",
            "合计减免税 1244.34 万元",
            "follow_up.tax_relief",
        ),
        (
            "八师以成交额 16052.32 万元居首位，六师",
            "八师以成交额 16052.32 万元居首位，七师",
            "units.div_07.rank",
        ),
        (
            "单位有两家，分别是八师和石河子大学",
            "单位有一家，分别是八师",
            "units.shihezi_univ.amount",
        ),
        (
            "0.17、0.29、0.18、0.15、0.22",
            "0.17、0.29、0.18、0.16、0.22",
            "series.2024.south_share",
        ),
        (
            "占比较上年提高 15 个百分点",
            "占比较上年提高 17 个百分点",
            "plan.outside_plan.share",
        ),
        (
            "| 2024 | 4.89 | 60% | 3.25 | 40% |",
            "| 2024 | 4.89 | 60% | 3.25 | 41% |",
            "series.2024.outside_plan_share",
        ),
        ("249 项和 153 项", "249 项和 155 项", "total.contracts"),
        ("大额技术合同 38 项", "大额技术合同 83 项", "large.contracts"),
        ("同比增长 96.5%次之", "同比增长 496.5%次之", "types.licence.growth"),
        (
            "| 1-5 | 153 | 13.5% | 384.62 | 1.1% |",
            "| 1-5 | 153 | 13.5% | 384.62 | 1.4% |",
            "sizes.s1_5.share",
        ),
        ("除 2022 年外，其余", "除 2023 年外，其余", "series.2022.growth"),
    ] {
        assert_eq!(REPORT.matches(from).count(), 1, "{from}");
        let report = REPORT.replace(from, to);
        let output = check(folder.path(), "wrong.md", report.as_bytes(), &["--format", "json"]);
        let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
        let new: Vec<_> = said(&rows, "differs")
            .into_iter()
            .map(|(figure, printed, _)| (figure, printed))
            .collect();
        let known = |(figure, printed): &&(String, String)| {
            CONTRADICTIONS
                .iter()
                .any(|(f, p, _)| (f, p) == (&figure.as_str(), &printed.as_str()))
        };
        assert!(
            new.iter().filter(|n| !known(n)).any(|(f, _)| f == figure),
            "{to}: {new:?}"
        );
        assert_eq!(new.iter().filter(known).count(), CONTRADICTIONS.len(), "{to}: {new:?}");
    }
}

#[test]
fn what_is_no_report_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content, told) in [
        ("empty.txt", &b""[..], "没有内容"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".docx"),
        ("torn.docx", &as_docx(REPORT)[..2000], "损坏"),
        ("binary.txt", b"\x00\x01\x02", "不是"),
    ] {
        let output = check(folder.path(), name, content, &[]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(told), "{name}: {said}");
    }
    let output = check(
        folder.path(),
        "figures.csv",
        b"figure,published,unit,where\n",
        &["--internal"],
    );
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_report_of_which_too_little_is_understood_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let text = "本年兴修水渠 12 条，投入经费 3500 万元。".as_bytes();
    let output = check(folder.path(), "other.txt", text, &["--internal"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        told.contains("未认出：3500万元") && told.contains("认出率：0%"),
        "{told}"
    );
    let output = check(folder.path(), "other.txt", text, &["--internal", "--format", "json"]);
    assert_eq!(output.status.code(), Some(3));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["unread"].as_array().unwrap().len(), 2, "{told}");
    let coverage = ["recognised", "unclear", "seen", "too_little", "left_out"].map(|key| told[key].clone());
    assert_eq!(coverage, [json!(0), json!(0), json!(2), json!(true), json!([])]);
    // The line is a setting.
    let file = folder.path().join("other.txt");
    let url = format!("sqlite:{}", folder.path().join("none.sqlite").display());
    let mut command = dengji(&url, folder.path());
    command.env("DENGJI_CHECK__MIN_COVERAGE_PERCENT", "0");
    let output = command
        .args(["check", "2025"])
        .arg(&file)
        .arg("--internal")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn what_is_left_out_has_an_exit_code_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let cells = (0..61).map(|at| at.to_string()).collect::<Vec<_>>().join("\t");
    let right = "认定登记技术合同 1134 项。\n\n".repeat(90);
    let text = format!("{right}表 7 各项\n{cells}\n{cells}\n");
    let output = check(folder.path(), "wide.txt", text.as_bytes(), &["--internal"]);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("表格（表7）过大，没有核对完"), "{told}");
    // What is wrong comes first.
    let wrong = format!("{text}\n认定登记技术合同 1135 项。\n");
    let output = check(folder.path(), "wide.txt", wrong.as_bytes(), &["--internal"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

both! {
    fn a_report_is_checked_over_the_network(app: &App) {
        app.import_whole_sample();
        app.set_time(AFTER);
        let path = "/statistics/annual/2025/check";
        let parts = [("file", Some("report.docx"), &as_docx(REPORT)[..])];
        let body = app.person(Person::Statistician).send_form(path, &[], "b", &parts).expect(200);
        assert_contradictions(&body, "docx");
        let items = body["items"].as_array().unwrap();
        let register = |verdict: &str| {
            let of = items.iter().filter(|i| i["against"] == "register" && i["verdict"] == verdict);
            let mut figures: Vec<&str> = of.map(|i| i["figure"].as_str().unwrap()).collect();
            figures.sort_unstable();
            figures
        };
        let mut wrong: Vec<&str> = CONTRADICTIONS[..7].iter().map(|(figure, _, _)| *figure).collect();
        wrong.sort_unstable();
        assert_eq!(register("differs"), wrong);
        assert_eq!(register("unknown"), [""; 0]);
        assert_eq!(register("rounding"), ["total.amount"]);
        assert!(register("match").len() > 150);
        let guidance = items.iter().find(|i| i["figure"] == "activities.guidance_visits.events").unwrap();
        assert_eq!((&guidance["derived"], &guidance["verdict"]), (&json!("5"), &json!("match")));

        // A year that the register does not hold says nothing of the register.
        let body = app.person(Person::Auditor).send_form("/statistics/annual/2035/check", &[], "b", &parts).expect(200);
        let only_unknown = |i: &Value| i["against"] == "report" || i["verdict"] == "unknown";
        assert!(body["items"].as_array().unwrap().iter().all(only_unknown));

        let refused = app.person(Person::Registrar).send_form(path, &[], "b", &parts);
        assert_eq!(refused.status, 403);
        for parts in [vec![("file", Some("report.docx"), &b"PK\x03\x04 no archive"[..])], vec![("file", Some("a.txt"), &b""[..])], vec![("kind", None, &b"x"[..])]] {
            let refused = app.person(Person::Reviewer).send_form(path, &[], "b", &parts);
            assert_eq!(refused.status, 422, "{}", refused.text);
        }
    }
}
