//! Years at every edge: all, none, one, exactly half, exactly zero, ties, one unit to all of them. Each sentence of the report is held
//! against predicates that look at the contracts themselves and at the words, and know nothing of the templates.
//!
//! Some hundred in an ordinary run; `DENGJI_EDGE_YEARS=10000 cargo test --lib edges` for as many as you like.

use std::collections::BTreeMap;

use super::{
    super::*,
    dice::register_of,
    read::{Made, YEAR, check_form, count, question, sentences, setting},
};
use crate::{
    domain::{catalogue::Catalogue, code_list::ListName},
    statistics::sample::reader::{ask, catalogue},
};

/// What the contracts come to, in yuan and in number, by an index of theirs.
type Sums = BTreeMap<usize, (i64, i64)>;

fn sums(contracts: &[Made], year: i32, by: impl Fn(&Made) -> usize) -> Sums {
    let mut sums = Sums::new();
    for made in contracts.iter().filter(|made| made.year == year) {
        let sum = sums.entry(by(made)).or_default();
        *sum = (sum.0 + made.yuan, sum.1 + 1);
    }
    sums
}

/// What is true of the contracts.
struct Truth<'a> {
    catalogue: &'a Catalogue,
    contracts: &'a [Made],
    units: Vec<String>,
}

impl<'a> Truth<'a> {
    fn amount(&self, year: i32) -> i64 {
        sums(self.contracts, year, |_| 0).get(&0).map_or(0, |sum| sum.0)
    }

    fn number(&self, year: i32) -> i64 {
        sums(self.contracts, year, |_| 0).get(&0).map_or(0, |sum| sum.1)
    }

    fn unit(&self, year: i32, unit: usize) -> i64 {
        sums(self.contracts, year, |made| made.unit)
            .get(&unit)
            .map_or(0, |sum| sum.0)
    }

    /// How many contracts a unit has.
    fn of_unit(&self, year: i32, unit: usize) -> i64 {
        sums(self.contracts, year, |made| made.unit)
            .get(&unit)
            .map_or(0, |sum| sum.1)
    }

    /// The names of units in a text, from left to right, longest first: 一师 is a part of 十一师.
    fn named(&self, text: &str) -> Vec<usize> {
        let mut found = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let fitting = self
                .units
                .iter()
                .enumerate()
                .filter(|(_, name)| rest.starts_with(name.as_str()));
            if let Some((unit, name)) = fitting.max_by_key(|(_, name)| name.len()) {
                found.push(unit);
                rest = &rest[name.len()..];
            } else {
                rest = &rest[rest.chars().next().unwrap().len_utf8()..];
            }
        }
        found
    }

    /// The longest list of units with 、 between.
    fn longest_list(&self, text: &str) -> usize {
        let is_named = |part: &str| {
            let is_name = |name: &String| part.ends_with(name.as_str()) || part.starts_with(name.as_str());
            self.units.iter().any(is_name)
        };
        let run_of = |clause: &str| {
            let named: Vec<bool> = clause.split('、').map(is_named).collect();
            named.split(|is_name| !is_name).map(<[bool]>::len).max().unwrap_or(0)
        };
        text.split(['，', '；', '。']).map(run_of).max().unwrap_or(0)
    }
}

/// The percentages in a text, as printed.
fn percents(text: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    text.match_indices('%')
        .map(|(at, _)| {
            let before = &text[..at];
            let from = before
                .rfind(|c| !is_part(c))
                .map_or(0, |last| last + before[last..].chars().next().unwrap().len_utf8());
            &before[from..]
        })
        .collect()
}

/// A number in words: 十八.
fn value_of(words: &str) -> usize {
    let digit = |c: char| "零一二三四五六七八九".chars().position(|d| d == c).unwrap_or(0);
    match words.split_once('十') {
        None => words.chars().next().map_or(0, digit),
        Some((tens, ones)) => tens.chars().next().map_or(1, digit) * 10 + ones.chars().next().map_or(0, digit),
    }
}

/// What is said of a year, or of a unit, that nobody knows of, or that has no contract, is nothing.
fn hold_of_nothing(truth: &Truth<'_>, sentence: &str) {
    // Before the register's first year nothing is known.
    if (YEAR - 5..YEAR).all(|year| truth.number(year) == 0) {
        assert!(!sentence.contains("上年"), "{sentence}");
    }
    // A fall that leaves something is not one of all.
    for fall in sentence.split("下降 ").skip(1) {
        let rate = fall.split('%').next().unwrap();
        assert!(rate.parse::<f64>().is_ok_and(|rate| rate < 100.0), "{sentence}");
    }
    // So is a share, in one of them.
    if sentence.contains("计划外项目成交额占比与上年") {
        let outside = |made: &Made| made.plan_source == 4 && made.year + 1 >= YEAR;
        assert!(truth.contracts.iter().any(outside), "{sentence}");
    }
    // Level is what has contracts in both years.
    for clause in sentence
        .split(['，', '；'])
        .filter(|clause| clause.contains("持平") && !clause.contains("占比"))
    {
        for unit in truth.named(clause) {
            assert!(
                truth.of_unit(YEAR, unit) > 0 && truth.of_unit(YEAR - 1, unit) > 0,
                "{sentence}"
            );
        }
    }
}

/// Every predicate on a sentence.
fn hold(truth: &Truth<'_>, sentence: &str) {
    hold_of_nothing(truth, sentence);
    let (now, before) = (truth.amount(YEAR), truth.amount(YEAR - 1));
    let is = |unit: &usize| truth.unit(YEAR, *unit);
    let was = |unit: &usize| truth.unit(YEAR - 1, *unit);
    for wrong in [
        "无同比",
        "均为 0%",
        " 0.00 亿元",
        "万元 的",
        "（并列）次之",
        "上年亦无登记，",
    ] {
        let zero_yuan = wrong == " 0.00 亿元" && now == 0;
        assert!(!sentence.contains(wrong) || zero_yuan, "{wrong}: {sentence}");
    }
    assert!(!sentence.contains(&format!("{YEAR} 年至 {YEAR} 年")), "{sentence}");

    // A majority is more than half, also as it is printed.
    if sentence.contains("的主体") {
        let part = sentence.split("的主体").nth(1).unwrap();
        let share: f64 = percents(part)[0].parse().unwrap();
        assert!(share > 50.0, "{sentence}");
    }
    if sentence.contains("最大的十项") {
        assert!(truth.number(YEAR) > 10, "{sentence}");
    }
    // At most four units by name in a list.
    assert!(truth.longest_list(sentence) <= 4, "{sentence}");
    // What is not registered has no rate.
    for part in sentence.split(['，', '；']).filter(|part| part.contains("未登记")) {
        assert!(percents(part).is_empty(), "{sentence}");
    }
    // Those that are counted are as many.
    if sentence.contains("上年未登记技术合同") && !sentence.contains("均") && !sentence.contains("合同各类型")
    {
        let said = sentence.split('；').next_back().unwrap();
        let named = truth.named(said);
        if !named.is_empty() {
            let new: Vec<usize> = (0..truth.units.len())
                .filter(|unit| is(unit) > 0 && was(unit) == 0)
                .collect();
            let counted = said
                .split_once('等')
                .and_then(|(_, rest)| rest.split_once('个'))
                .map(|(count, _)| value_of(count));
            assert_eq!(counted.unwrap_or(named.len()), new.len(), "{sentence}");
            assert!(named.iter().all(|unit| new.contains(unit)), "{sentence}");
        }
    }
    // All fell, all grew.
    for (word, grew) in [
        ("各单位成交额较上年均有所增长", true),
        ("各单位成交额较上年均有所下降", false),
    ] {
        if sentence.contains(word) {
            for unit in 0..truth.units.len() {
                assert!(
                    if grew {
                        is(&unit) > was(&unit)
                    } else {
                        is(&unit) < was(&unit)
                    },
                    "{unit}: {sentence}"
                );
            }
        }
    }
    // The total's own judgement.
    if sentence.starts_with(&format!("{YEAR} 年兵团共认定登记")) {
        let nearly = (now - before).abs() * 2000 < before;
        assert_eq!(
            sentence.contains("增长"),
            now > before && before > 0 && !nearly,
            "{sentence}"
        );
        assert_eq!(sentence.contains("下降"), now < before && !nearly, "{sentence}");
        assert_eq!(
            sentence.contains("持平"),
            before > 0 && (now == before || nearly),
            "{sentence}"
        );
        assert_eq!(
            sentence.contains("基本持平"),
            before > 0 && now != before && nearly,
            "{sentence}"
        );
        let is_known = (YEAR - 5..YEAR).any(|year| truth.number(year) > 0);
        assert_eq!(sentence.contains("上年未登记"), before == 0 && is_known, "{sentence}");
    }
    // Who comes first of the divisions, and who next.
    if let Some(rest) = sentence.strip_prefix("各师中，") {
        let mut amounts: Vec<i64> = (0..14).map(|unit| is(&unit)).filter(|amount| *amount > 0).collect();
        amounts.sort_unstable_by(|a, b| b.cmp(a));
        let most = amounts[0];
        let ties = amounts.iter().filter(|amount| **amount == most).count();
        assert_eq!(rest.contains("并列首位"), ties > 1, "{sentence}");
        assert_eq!(rest.starts_with('仅'), amounts.len() == 1, "{sentence}");
        let head = rest.split("成交").next().unwrap();
        assert!(truth.named(head).iter().all(|unit| is(unit) == most), "{sentence}");
        if let Some(next) = rest.split("其次为").nth(1) {
            let second = amounts.iter().find(|amount| **amount < most).copied().unwrap();
            let names = truth.named(next);
            assert!(
                names.len() <= 3 && names.iter().all(|unit| is(unit) == second),
                "{sentence}"
            );
        }
    }
    // Growth of years, each in as many decimals.
    if sentence.contains("较前一年") {
        let decimals = |text: &&str| text.split_once('.').map_or(0, |(_, part)| part.len());
        let printed = percents(sentence);
        assert!(
            printed.windows(2).all(|pair| decimals(&pair[0]) == decimals(&pair[1])),
            "{sentence}"
        );
    }
    // The first and the last year as they are printed.
    if sentence.contains("期末占比") {
        let shares: Vec<f64> = sentence
            .split("占比")
            .nth(1)
            .unwrap()
            .trim_start_matches("分别为 ")
            .split(['、', '（', '，'])
            .filter_map(|text| text.trim().parse().ok())
            .collect();
        let (first, last) = (shares[0], shares[shares.len() - 1]);
        assert_eq!(sentence.contains("高于期初"), last > first, "{sentence}");
        assert_eq!(sentence.contains("低于期初"), last < first, "{sentence}");
        assert!(
            !sentence.contains("逐年提高") || shares.windows(2).all(|pair| pair[1] > pair[0]),
            "{sentence}"
        );
        assert!(
            !sentence.contains("逐年降低") || shares.windows(2).all(|pair| pair[1] < pair[0]),
            "{sentence}"
        );
    }
    // A rate told once for all of them.
    for (word, sign) in [("降幅较大的单位", -1), ("增长突出的单位", 1)] {
        if sentence.contains(word) {
            let (names, printed) = (truth.named(sentence), percents(sentence));
            assert!(printed.len() == names.len() || printed.len() == 1, "{sentence}");
            for unit in &names {
                assert!(
                    (is(unit) - was(unit)).signum() == sign && is(unit) > 0 && was(unit) > 0,
                    "{sentence}"
                );
            }
            let distinct: std::collections::BTreeSet<&&str> = printed.iter().collect();
            assert!(printed.len() == 1 || distinct.len() > 1, "{sentence}");
        }
    }
    let _ = truth.catalogue;
}

/// One figure is judged in one way in a report: what a sentence says of 南疆 and 北疆, no other denies.
fn judged_once(text: &str) {
    for region in ["南疆", "北疆"] {
        let mut said = std::collections::BTreeSet::new();
        for clause in text
            .split(['。', '；', '\n'])
            .filter(|clause| clause.contains(&format!("{region}技术合同成交额")))
        {
            for (word, verdict) in [("增长", "grew"), ("下降", "fell"), ("持平", "level")] {
                if clause.contains(&format!("上年{word}")) || (word == "持平" && clause.contains(word)) {
                    said.insert(verdict);
                }
            }
        }
        for clause in text
            .split(['。', '\n'])
            .filter(|clause| clause.contains(&format!("{region}成交额较上年有所")))
        {
            said.insert(if clause.contains(&format!("{region}成交额较上年有所增长")) {
                "grew"
            } else {
                "fell"
            });
        }
        assert!(said.len() <= 1, "{region} {said:?}: {text}");
    }
}

fn headings(report: &Report) -> Vec<String> {
    let text = |block: &Block| match block {
        Block::Heading { level: 2, text } => Some(text.clone()),
        Block::Heading { .. } => Some(String::new()),
        _ => None,
    };
    report.blocks.iter().filter_map(text).collect()
}

#[test]
fn every_sentence_of_every_year_is_true() {
    let catalogue = catalogue();
    let years = std::env::var("DENGJI_EDGE_YEARS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(200_u64);
    let units: Vec<String> = catalogue
        .list(ListName::Unit)
        .items()
        .iter()
        .map(|unit| unit.label.clone())
        .collect();
    for seed in 1..=years {
        let contracts = register_of(seed);
        let figures = count(&contracts, &question());
        let report = annual(&figures, setting(&catalogue));
        check_form(&report, &catalogue);
        let text = sentences(&report);
        let truth = Truth {
            catalogue: &catalogue,
            contracts: &contracts,
            units: units.clone(),
        };
        // While the year runs it is not told as a whole one; before, not at all.
        let told_then = |as_of: &str| {
            let figures = count(&contracts, &ask(YEAR, as_of, None));
            sentences(&annual(&figures, setting(&catalogue)))
        };
        let running = told_then("2025-07-01T00:00:00+08:00")
            .replace("上年全年", "")
            .replace("2024 年全年", "");
        let is_told_as_whole = ["上年", "近五年最", "成交额年均", "、2025 年", "全年"]
            .iter()
            .any(|word| running.contains(word));
        assert!(!is_told_as_whole, "seed {seed}: {running}");
        let ahead = told_then("2024-12-01T00:00:00+08:00");
        assert!(
            ahead
                .lines()
                .all(|line| line == "2025 年尚未开始。" || line.contains("跟踪调查数据")),
            "seed {seed}: {ahead}"
        );
        // A failure names its seed.
        let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for sentence in text.split(['。', '\n']).filter(|sentence| !sentence.is_empty()) {
                hold(&truth, sentence);
            }
            judged_once(&text);
            // Sections are numbered without gaps.
            let mut next = 1;
            for heading in headings(&report) {
                match heading.strip_prefix('（').and_then(|rest| rest.split_once('）')) {
                    None => next = 1,
                    Some((number, _)) => {
                        assert_eq!(value_of(number), next, "{heading}");
                        next += 1;
                    }
                }
            }
        }));
        assert!(told.is_ok(), "seed {seed}: {contracts:?}\n{text}");
    }
}
