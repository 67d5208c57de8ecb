//! Registers whose figures or sentences were wrong once (`cases/`): each comes out right.

use std::{path::Path, process::Output};

use serde_json::Value;

use crate::support::dengji;

/// A store of one of the registers.
struct Case {
    folder: tempfile::TempDir,
}

fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/statistics/cases")
        .join(name)
}

impl Case {
    fn of(files: &[(&str, &str)]) -> Self {
        let case = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for (kind, name) in files {
            case.import(kind, &file(name));
        }
        case
    }

    fn import(&self, kind: &str, path: &Path) {
        let output = self.run(&["import", "--kind", kind, &path.display().to_string()]);
        assert!(output.status.success(), "{}: {output:?}", path.display());
    }

    fn import_register(&self, text: &str) {
        let path = self.folder.path().join("made.csv");
        std::fs::write(&path, text).unwrap();
        self.import("register", &path);
    }

    fn register(name: &str) -> Self {
        Self::of(&[("register", name)])
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let url = format!("sqlite:{}", self.folder.path().join("store.sqlite").display());
        dengji(&url, self.folder.path()).args(arguments).output().unwrap()
    }

    fn report(&self, arguments: &[&str], format: &str) -> String {
        let output = self.run(&[&["report"][..], arguments, &["--format", format]].concat());
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn figures(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.report(arguments, "json")).unwrap()
    }

    /// The report as people read it: without the marks of its format.
    fn text(&self, arguments: &[&str]) -> String {
        let html = self.report(arguments, "html");
        let page = scraper::Html::parse_document(&html);
        let blocks = scraper::Selector::parse("h1, h2, h3, h4, p, td, th, figcaption, caption").unwrap();
        page.select(&blocks)
            .map(|block| block.text().collect::<String>() + "\n")
            .collect()
    }
}

/// A register of confirmed contracts with these numbers, each of the year that its number begins with.
fn register_of<'a>(numbers: impl Iterator<Item = &'a str>) -> String {
    let model = std::fs::read_to_string(file("avg_tie.csv")).unwrap();
    let (head, rows) = model.split_once('\n').unwrap();
    let row: csv::StringRecord = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(rows.as_bytes())
        .records()
        .next()
        .unwrap()
        .unwrap();
    let year = &row[0][..4];
    let numbers: std::collections::BTreeSet<&str> = numbers.collect();
    let mut made = format!("{head}\n");
    for number in numbers {
        let cells = row.iter().enumerate().map(|(at, cell)| match at {
            0 => number.to_owned(),
            1 => format!("合同{number}"),
            _ => cell.replace(&format!("{year}-"), &format!("{}-", &number[..4])),
        });
        made += &(cells.collect::<Vec<_>>().join(",") + "\n");
    }
    made
}

fn percent(value: &Value) -> f64 {
    value.as_f64().unwrap() * 100.0
}

#[test]
fn growth_and_average_growth_of_one_year_are_one_number() {
    let case = Case::register("avg_tie.csv");
    let text = case.text(&["2026", "--as-of", "2027-01-02T00:00:00+08:00"]);
    assert!(text.contains("较上年增长 1.3%"), "{text}");
    assert!(text.contains("成交额年均增长 1.3%"), "{text}");
    assert!(!text.contains("1.2%"), "{text}");
    assert!(!text.contains("2026 年至 2026 年"), "{text}");
    assert!(!text.contains("0.00 亿元"), "{text}");
}

#[test]
fn a_change_of_shares_just_below_a_tie_is_rounded_once() {
    let text = Case::register("share_change_tie.csv").text(&["2025"]);
    assert!(
        text.contains("1.2 个百分点") && !text.contains("1.3 个百分点"),
        "{text}"
    );
}

#[test]
fn a_month_that_runs_is_compared_with_the_same_days() {
    let case = Case::register("running_month.csv");
    let asked = ["2026", "--month", "11", "--as-of", "2026-11-15T00:00:00+08:00"];
    let figures = case.figures(&asked);
    assert!(
        (percent(&figures["total"]["growth"]) - 20.0).abs() < 1e-9,
        "{}",
        figures["total"]
    );
    assert_eq!(figures["compared_until"], "2025-11-14");
    let text = case.text(&asked);
    assert!(text.contains("2026 年 11 月 1 日至 14 日"), "{text}");
    assert!(text.contains("较上年同期增长 20.0%"), "{text}");
    // The quarter and the year up to a day to come are cut at the same day; the month that is over is not.
    for more in [["--quarter", "4"], ["--until", "2026-12-20"], ["--until", "2026-12-31"]] {
        let asked = [&["2026"][..], &more, &asked[3..]].concat();
        assert_eq!(case.figures(&asked)["compared_until"], "2025-11-14", "{more:?}");
    }
    let over = case.figures(&["2026", "--month", "11", "--as-of", "2026-12-15T00:00:00+08:00"]);
    assert_eq!(over["compared_until"], "2025-11-30");
}

#[test]
fn what_was_refused_and_returned_counts_where_history_dates_it() {
    let case = Case::register("refused_returned.csv");
    let decisions = case.figures(&["2025"])["decisions"].clone();
    assert_eq!(
        (&decisions["refused"], &decisions["returned"]),
        (&7.into(), &5.into()),
        "{decisions}"
    );
    let text = case.text(&["2025"]);
    assert!(
        !text.contains("没有退回补正的记录") && !text.contains("没有不予登记"),
        "{text}"
    );
    // Without a date nobody knows of which year they are: no number, and no sentence.
    let undated = std::fs::read_to_string(file("refused_returned.csv")).unwrap();
    let undated: String = undated
        .lines()
        .map(|line| {
            let open = line.contains("不予登记") || line.contains("退回补正");
            let line = if open {
                line.replace("2025-06-15T09:00:00+08:00", "")
            } else {
                line.to_owned()
            };
            line + "\n"
        })
        .collect();
    let case = Case::of(&[]);
    case.import_register(&undated);
    let decisions = case.figures(&["2025"])["decisions"].clone();
    for name in ["refused", "refusal_rate", "returned", "return_rate"] {
        assert!(decisions[name].is_null(), "{name}: {decisions}");
    }
    let text = case.text(&["2025"]);
    assert!(!text.contains("退回率") && !text.contains("不予登记率"), "{text}");
}

#[test]
fn a_share_of_those_entitled_is_not_above_all() {
    let case = Case::of(&[("registrars", "registrars.csv")]);
    let text = std::fs::read_to_string(file("follow.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    case.import_register(&register_of(rows.iter().map(|row| &row[0])));
    case.import("follow-up", &file("follow.csv"));
    let years: std::collections::BTreeSet<&str> = rows.iter().map(|row| &row[1]).collect();
    for year in years {
        let of_year = || rows.iter().filter(|row| &row[1] == year);
        let (mut entitled, mut enjoying) = (0.0, 0.0);
        for row in of_year() {
            let is = |at: usize| &row[at] == "是";
            entitled += f64::from(is(6));
            enjoying += f64::from(is(6) && is(7));
        }
        let found = case.figures(&[year])["follow_up"]["benefit_take_up"].as_f64().unwrap();
        assert!(
            (found - enjoying / entitled).abs() < 1e-12 && found <= 1.0,
            "{year}: {found}"
        );
    }
}

#[test]
fn exactly_half_is_no_majority() {
    for name in ["half_fell.csv", "imports.csv", "one_unit.csv"] {
        let text = Case::register(name).text(&["2025"]);
        for part in text.split(['。', '\n']).filter(|part| part.contains("50.0%")) {
            assert!(!part.contains("主体") && !part.contains("为主"), "{name}: {part}");
        }
        assert!(text.contains("份数占比 50.0%"), "{name}: {text}");
    }
}

#[test]
fn a_register_of_few_contracts_has_no_ten_largest() {
    for name in ["imports.csv", "avg_tie.csv"] {
        let year = if name == "avg_tie.csv" { "2026" } else { "2025" };
        let text = Case::register(name).text(&[year]);
        assert!(
            !text.contains("最大的十项") && !text.contains("前十项"),
            "{name}: {text}"
        );
    }
}

#[test]
fn one_figure_is_judged_once() {
    let text = Case::register("tiny_growth.csv").text(&["2025"]);
    assert!(!text.contains("北疆成交额较上年有所增长"), "{text}");
    let text = Case::register("small_only.csv").text(&["2025"]);
    assert!(!(text.contains("均有所下降") && text.contains("基本持平")), "{text}");
}

#[test]
fn what_is_compared_is_what_is_printed() {
    let text = Case::register("one_grew.csv").text(&["2025"]);
    assert!(!text.contains("0.22、0.22，期末占比高于期初"), "{text}");
}

#[test]
fn what_is_not_registered_has_no_growth_beside_it() {
    let text = Case::register("north_zero.csv").text(&["2025"]);
    assert!(text.contains("北疆未登记技术合同"), "{text}");
    assert!(!text.contains("下降 100.0%"), "{text}");
    for clause in text
        .split(['。', '；', '，', '\n'])
        .filter(|clause| clause.contains("未登记"))
    {
        assert!(!clause.contains('%'), "{clause}");
    }
}

#[test]
fn ties_are_told_as_ties_and_not_at_length() {
    let text = Case::register("ties_first.csv").text(&["2025"]);
    assert!(text.contains("（并列）"), "{text}");
    assert!(!text.contains("（并列）次之"), "{text}");
    for part in text.split('。').filter(|part| part.contains("（并列）")) {
        let tied = part.split("其次为").nth(1).unwrap_or_default();
        let tied = tied.split("（并列）").next().unwrap_or_default();
        assert!(tied.split('、').count() <= 3, "{part}");
    }
}

#[test]
fn what_all_have_is_told_once() {
    let text = Case::register("all_fall.csv").text(&["2025"]);
    assert!(text.contains("成交额均下降 37.5%"), "{text}");
    let said = text.split('。').find(|part| part.contains("降幅较大")).unwrap();
    assert_eq!(said.matches("37.5%").count(), 1, "{said}");
    assert!(said.contains("等十八个单位"), "{said}");
}

#[test]
fn sections_are_numbered_without_gaps() {
    let text = Case::register("only_revoked.csv").text(&["2025"]);
    let chapter = text.split("九、").last().unwrap();
    let numbers: Vec<&str> = ["（一）", "（二）", "（三）", "（四）"]
        .into_iter()
        .filter(|number| chapter.lines().any(|line| line.starts_with(number)))
        .collect();
    assert_eq!(
        numbers,
        ["（一）", "（二）", "（三）", "（四）"][..numbers.len()],
        "{chapter}"
    );
}

#[test]
fn no_case_has_the_clumsy_words() {
    for (name, year) in [
        ("all_fall.csv", "2025"),
        ("avg_tie.csv", "2026"),
        ("half_fell.csv", "2025"),
        ("imports.csv", "2025"),
        ("large_only.csv", "2025"),
        ("north_zero.csv", "2025"),
        ("one_grew.csv", "2025"),
        ("one_unit.csv", "2025"),
        ("only_revoked.csv", "2025"),
        ("refused_returned.csv", "2025"),
        ("running_month.csv", "2026"),
        ("share_change_tie.csv", "2025"),
        ("small_only.csv", "2025"),
        ("ties_first.csv", "2025"),
        ("tiny_growth.csv", "2025"),
    ] {
        let text = Case::register(name).text(&[year]);
        let same = format!("{year} 年至 {year} 年");
        for wrong in [
            "无同比",
            "均为 0% 左右",
            "成交额 0.00 亿元",
            "万元 的合同",
            "（并列）次之",
            same.as_str(),
        ] {
            assert!(!text.contains(wrong), "{name}: {wrong}\n{text}");
        }
    }
}
