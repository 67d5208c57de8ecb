//! Tests against the sample register: every figure of the published report, and questions of another moment or part of a year.

mod cases;
pub(crate) mod reader;

use reader::{Sample, ask, figures};

use super::*;
use crate::domain::time::Moment;

/// Published figures that the register contradicts, with what it gives instead (see the README of the sample data).
const WRONG: [(&str, &str); 7] = [
    ("series.2023.growth", "127"),
    ("regions.previous_north_to_south", "5.5"),
    ("bands.under_1m.count_share", "82.2"),
    ("bands.from_1m.share", "78.6"),
    ("period.average_growth", "27.5"),
    ("period.plan_funded_contracts", "1785"),
    ("period.outside_plan_contracts", "1836"),
];

#[test]
fn every_published_figure_is_reproduced_except_the_seven_that_are_wrong() {
    let figures = figures(&Sample::read(), &ask(2025, "2026-03-01T00:00:00+08:00", None));
    let mut reader = csv::Reader::from_reader(include_bytes!("../../config/demo/published-2025.csv").as_slice());
    let mut rows = 0;
    let mut differing = Vec::new();
    for row in reader.records() {
        let row = row.unwrap();
        let unit = PrintedUnit::from_id(&row[2]).unwrap();
        rows += 1;
        match check::compare(&figures, &row[0], &row[1], unit) {
            (check::Verdict::Match, _) => {}
            (_, derived) => differing.push((row[0].to_owned(), derived.unwrap_or_default())),
        }
    }
    let wrong: Vec<_> = WRONG
        .iter()
        .map(|(name, derived)| ((*name).to_owned(), (*derived).to_owned()))
        .collect();
    let sorted = |mut list: Vec<(String, String)>| {
        list.sort();
        list
    };
    assert_eq!(rows, 240);
    assert_eq!(sorted(differing), sorted(wrong));
}

#[test]
fn every_figure_has_a_definition_of_its_kind() {
    let catalogue = reader::catalogue();
    let figures = figures(&Sample::read(), &ask(2025, "2026-03-01T00:00:00+08:00", None));
    for (name, value) in figures.figures() {
        let definition = definition(&catalogue, name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(definition.unit, value.unit(), "{name}");
        let words = format!("{}{}{}", definition.name, definition.meaning, definition.formula);
        assert!(
            !words.contains(['{', '}']) && !definition.name.is_empty(),
            "{name}: {words}"
        );
    }
    for name in [
        "units.div_99.amount",
        "total",
        "total.rank",
        "nonsense",
        "units.div_01.amount.x",
    ] {
        assert_eq!(definition(&catalogue, name), None, "{name}");
    }
    let unit = definition(&catalogue, "units.div_08.amount").unwrap();
    assert_eq!(
        (unit.name.as_str(), unit.source.as_str()),
        ("八师合同成交额", "《2025 年兵团技术市场统计年报》表2")
    );
}

#[test]
fn before_the_self_audit_the_eighteen_were_still_counted() {
    let sample = Sample::read();
    let earlier = figures(&sample, &ask(2025, "2025-11-30T23:59:59+08:00", None));
    assert_eq!(earlier.get("revocations.contracts").unwrap().as_whole(), Some(0));
    let confirmed = sample.contracts.iter().filter(|c| {
        let at = c.standing.first_confirmed_at;
        at.year() == 2025 && at <= earlier.as_of
    });
    assert_eq!(
        earlier.get("total.contracts").unwrap().as_whole(),
        i64::try_from(confirmed.count()).ok()
    );
    let now = figures(&sample, &ask(2025, "2026-03-01T00:00:00+08:00", None));
    assert_eq!(now.get("total.contracts").unwrap().as_whole(), Some(1134));
    assert_eq!(now.get("revocations.contracts").unwrap().as_whole(), Some(18));
}

#[test]
fn a_part_of_the_year_is_compared_with_the_same_part_of_others() {
    let sample = Sample::read();
    let half = figures(&sample, &ask(2025, "2026-03-01T00:00:00+08:00", Some("2025-06-30")));
    let day = |year: i32| Moment::parse(&format!("{year}-07-01T00:00:00+08:00")).unwrap();
    let count = |year: i32| {
        let in_span = |at: Moment| at.year() == year && at < day(year);
        let standing = sample
            .contracts
            .iter()
            .filter(|c| c.ended.is_none() && in_span(c.standing.first_confirmed_at));
        i64::try_from(standing.count()).ok()
    };
    let whole = |name: &str| half.get(name).unwrap().as_whole();
    assert_eq!(whole("total.contracts"), count(2025));
    assert_eq!(whole("total.previous_contracts"), count(2024));
    assert_eq!(whole("series.2022.contracts"), count(2022));
    // Cumulative sums hold the earlier years whole.
    let period = whole("period.plan_funded_contracts").unwrap() + whole("period.outside_plan_contracts").unwrap();
    assert_eq!(period, 627 + 347 + 736 + 777 + count(2025).unwrap());
    // The base is a whole year's reference figure: nothing to compare half a year with.
    assert!(half.get("period.average_growth").unwrap().is_nothing());
    assert_eq!(whole("registrars.certified"), Some(sample.certified_on("2025-06-30")));
}

#[test]
fn months_and_quarters_add_up_to_the_year_and_are_compared_with_their_own() {
    let sample = Sample::read();
    let as_of = Moment::parse("2026-03-01T00:00:00+08:00").unwrap();
    let of = |span| figures(&sample, &Question::within(2025, as_of, span).unwrap());
    let year = of(Span::Year);
    let whole = |figures: &AnnualFigures, name: &str| figures.get(name).unwrap().as_whole().unwrap();
    let parts = [
        (1..=12).map(Span::Month).collect::<Vec<_>>(),
        (1..=4).map(Span::Quarter).collect(),
    ];
    for spans in parts {
        let parts: Vec<_> = spans.into_iter().map(of).collect();
        for (name, value) in year.figures() {
            let adds_up = value.unit() == UnitKind::Count || value.unit() == UnitKind::Fen;
            let wider = [
                "highlights.",
                "period.",
                "follow_up.",
                "registrars.certified",
                "activities.technology_managers.trained",
            ];
            if !adds_up
                || name.ends_with(".rank")
                || name.starts_with("contract_amounts.")
                || name.starts_with("self_audits.")
                || wider.iter().any(|w| name.starts_with(w))
            {
                continue;
            }
            let sum: i64 = parts.iter().map(|part| whole(part, name)).sum();
            assert_eq!(Some(sum), value.as_whole(), "{name}");
        }
    }
    // The second quarter: the plan so far is that of the half-year, the comparison is with the quarter of 2024.
    let (quarter, half) = (of(Span::Quarter(2)), of(Span::Until("2025-06-30".parse().unwrap())));
    for (name, value) in half.figures() {
        let same = [
            "period.",
            "follow_up.",
            "registrars.certified",
            "activities.technology_managers.trained",
        ];
        if same.iter().any(|same| name.starts_with(same)) {
            assert_eq!(quarter.get(name), Some(value), "{name}");
        }
    }
    let first = of(Span::Quarter(1));
    assert_eq!(
        whole(&quarter, "total.previous_contracts") + whole(&first, "total.previous_contracts"),
        whole(&half, "total.previous_contracts")
    );
    assert_eq!(
        whole(&quarter, "series.2021.contracts") + whole(&first, "series.2021.contracts"),
        whole(&half, "series.2021.contracts")
    );
    assert_eq!(quarter.to_json()["quarter"], 2);
    assert!(year.to_json()["month"].is_null());
}

/// Straight from the sample's rows: contracts of 2025 still in force.
#[test]
fn what_the_records_add_is_what_the_rows_say() {
    let sample = Sample::read();
    let figures = figures(&sample, &ask(2025, "2026-03-01T00:00:00+08:00", None));
    let of = |year: i32| {
        let counted = sample
            .contracts
            .iter()
            .filter(move |c| c.ended.is_none() && c.standing.first_confirmed_at.year() == year);
        counted.map(|c| c.standing)
    };
    let mut amounts: Vec<i64> = of(2025).map(|s| s.amount_fen).collect();
    amounts.sort_unstable();
    let (n, total) = (amounts.len(), amounts.iter().sum::<i64>());
    assert_eq!((n, total), (1134, 108_310_044_000));
    let value = |name: &str| *figures.get(name).unwrap();
    assert_eq!(
        value("contract_amounts.median").as_whole(),
        Some((amounts[566] + amounts[567] + 1) / 2)
    );
    assert_eq!(value("contract_amounts.mean"), FigureValue::mean_fen(total, 1134));
    let top = |k: usize| FigureValue::share(amounts.iter().rev().take(k).sum(), total);
    assert_eq!(value("concentration.top_10_share"), top(10));
    assert_eq!(value("concentration.top_tenth_share"), top(114));
    // 八师 is the largest.
    assert_eq!(
        value("concentration.largest_unit_share"),
        FigureValue::share(value("units.div_08.amount").as_whole().unwrap(), total)
    );
    let technology: i64 = of(2025).map(|s| s.technology_amount_fen).sum();
    assert_eq!(value("technology.share"), FigureValue::share(technology, total));
    assert_eq!(value("decisions.revocation_rate"), FigureValue::share(18, 1134 + 18));
    // 计划内: 22.2 % after what it was in 2024.
    let whole = |name: &str| figures.get(name).unwrap().as_whole().unwrap();
    let (now, then) = (
        whole("plan.plan_funded.amount"),
        whole("plan.plan_funded.previous_amount"),
    );
    let points = now as f64 / total as f64 - then as f64 / whole("total.previous_amount") as f64;
    assert!((value("plan.plan_funded.share_change").as_f64().unwrap() - points).abs() < 1e-12);
    let other = value("plan.outside_plan.share_change").as_f64().unwrap();
    assert!((other + points).abs() < 1e-12, "{other} {points}");
}

/// Every table's rows and columns are the figures of that name.
#[test]
fn a_pivot_adds_up_to_the_figures() {
    use pivot::{Counter, Dimension, Layout, Measure};
    let sample = Sample::read();
    let catalogue = reader::catalogue();
    let coder = Coder::new(&catalogue);
    let as_of = Moment::parse("2025-11-30T23:59:59+08:00").unwrap();
    let sections = [
        (Dimension::Unit, "units"),
        (Dimension::Region, "regions"),
        (Dimension::Type, "types"),
        (Dimension::PlanGroup, "plan"),
        (Dimension::Flow, "flows"),
        (Dimension::SellerGroup, "sellers"),
        (Dimension::Field, "fields"),
        (Dimension::Size, "sizes"),
    ];
    for span in [Span::Year, Span::Quarter(3)] {
        let question = Question::within(2025, as_of, span).unwrap();
        let figures = figures(&sample, &question);
        for (rows, section) in sections {
            for columns in Dimension::ALL
                .into_iter()
                .filter(|d| *d != rows && *d != Dimension::Year)
            {
                for (measure, name) in [
                    (Measure::Contracts, "contracts"),
                    (Measure::Amount, "amount"),
                    (Measure::Share, "share"),
                ] {
                    let layout = Layout {
                        rows,
                        columns: Some(columns),
                        measure,
                        filters: Vec::new(),
                    };
                    let mut counter = Counter::new(&coder, &question, layout).unwrap();
                    for contract in &sample.contracts {
                        let in_force = contract.standing.first_confirmed_at <= as_of
                            && contract.ended.as_ref().is_none_or(|ended| as_of < ended.at);
                        if in_force {
                            counter.add(&contract.standing);
                        }
                    }
                    let pivot = counter.finish(LedgerHead::default());
                    if name != "share" {
                        assert_eq!(Some(&pivot.total), figures.get(&format!("total.{name}")));
                    }
                    for ((head, total), cells) in pivot.rows.iter().zip(&pivot.row_totals).zip(&pivot.cells) {
                        let Some(code) = &head.code else { continue };
                        assert_eq!(
                            figures.get(&format!("{section}.{code}.{name}")),
                            Some(total),
                            "{section} {code}"
                        );
                        if name != "share" {
                            let sum: i64 = cells.iter().map(|cell| cell.as_whole().unwrap()).sum();
                            assert_eq!(Some(sum), total.as_whole(), "{section} {code} {columns:?}");
                        }
                    }
                }
            }
        }
    }
    // By years: the series; filtered by a value: the row of that value.
    let question = Question::within(2025, as_of, Span::Month(6)).unwrap();
    let figures = figures(&sample, &question);
    let count = |rows, filters| {
        let layout = Layout {
            rows,
            columns: None,
            measure: Measure::Contracts,
            filters,
        };
        let mut counter = Counter::new(&coder, &question, layout).unwrap();
        let in_force = |c: &&reader::Known| {
            c.standing.first_confirmed_at <= as_of && c.ended.as_ref().is_none_or(|ended| as_of < ended.at)
        };
        sample
            .contracts
            .iter()
            .filter(in_force)
            .for_each(|c| counter.add(&c.standing));
        counter.finish(LedgerHead::default())
    };
    let years = count(Dimension::Year, Vec::new());
    assert_eq!(years.rows.len(), 5);
    for (head, total) in years.rows.iter().zip(&years.row_totals) {
        assert_eq!(
            figures.get(&format!("series.{}.contracts", head.code.as_deref().unwrap())),
            Some(total)
        );
    }
    let filtered = count(
        Dimension::Type,
        vec![(Dimension::Unit, "div_08".into()), (Dimension::Unit, "div_01".into())],
    );
    let both = ["div_08", "div_01"].map(|unit| {
        figures
            .get(&format!("units.{unit}.contracts"))
            .unwrap()
            .as_whole()
            .unwrap()
    });
    assert_eq!(filtered.total.as_whole(), Some(both.iter().sum()));
    let layout = Layout {
        rows: Dimension::Type,
        columns: None,
        measure: Measure::Amount,
        filters: vec![(Dimension::Unit, "div_99".into())],
    };
    assert!(Counter::new(&coder, &question, layout).is_err());
}
