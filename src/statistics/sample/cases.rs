//! Cases built by hand: nothing, one, ties, edges; and a property of random contracts.

use proptest::prelude::*;

use super::reader::{ask, catalogue};
use crate::{
    domain::{
        code_list::ListName,
        interchange::ActivityRow,
        registrar::{History, Period},
        time::{Moment, parse_date},
        workflow::State,
    },
    statistics::*,
};

const NOW: &str = "2026-03-01T00:00:00+08:00";

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

/// Counts contracts of (moment, unit, yuan) that are otherwise alike.
fn count(question: &Question, contracts: &[(&str, &str, i64)]) -> AnnualFigures {
    let catalogue = catalogue();
    let coder = Coder::new(&catalogue);
    let mut accumulator = Accumulator::new(&coder, question);
    for (moment, unit, yuan) in contracts {
        accumulator.add_standing(&Standing {
            first_confirmed_at: at(moment),
            amount_fen: yuan * 100,
            technology_amount_fen: yuan * 50,
            unit: coder.unit(Some(unit)),
            contract_type: coder.contract_type(Some("service")),
            plan_source: coder.plan_source(Some("outside_plan")),
            seller_kind: coder.seller_kind(Some("enterprise")),
            field: coder.field(None),
            flow: coder.flow(Some("local_xinjiang")),
            cross_border: coder.cross_border(Some("import")),
        });
    }
    accumulator.finish(LedgerHead::default())
}

fn whole(figures: &AnnualFigures, name: &str) -> i64 {
    figures
        .get(name)
        .unwrap_or_else(|| panic!("{name}"))
        .as_whole()
        .unwrap_or_else(|| panic!("{name}"))
}

fn is_nothing(figures: &AnnualFigures, name: &str) -> bool {
    figures.get(name).unwrap_or_else(|| panic!("{name}")).is_nothing()
}

#[test]
fn an_empty_year_has_zeros_and_nothing_to_share() {
    let figures = count(&ask(2025, NOW, None), &[]);
    let json = serde_json::to_value(&figures).unwrap();
    assert_eq!(json["total"]["contracts"], 0);
    assert_eq!(json["total"]["growth"], serde_json::Value::Null);
    assert_eq!(json["units"]["div_01"]["share"], serde_json::Value::Null);
    assert_eq!(json["follow_up"], serde_json::Value::Null);
    assert_eq!(json["activities"]["guidance_visits"]["events"], 0);
    assert_eq!(json["revocations"]["by_ground"]["fraud"]["amount_fen"], 0);
    let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "year",
            "as_of",
            "until",
            "month",
            "quarter",
            "compared_until",
            "edition",
            "closed",
            "ledger",
            "restated",
            "total",
            "series",
            "units",
            "regions",
            "types",
            "plan",
            "flows",
            "sellers",
            "fields",
            "sizes",
            "bands",
            "large",
            "imports",
            "highlights",
            "period",
            "expert_reviews",
            "revocations",
            "reinstatements",
            "registrars",
            "follow_up",
            "activities",
            "technology",
            "contract_amounts",
            "concentration",
            "decisions",
            "self_audits",
        ]
    );
    let unit: Vec<_> = json["units"]["div_01"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        unit,
        [
            "contracts",
            "amount_fen",
            "technology_amount_fen",
            "share",
            "count_share",
            "previous_contracts",
            "previous_amount_fen",
            "growth",
            "rank",
        ]
    );
}

#[test]
fn one_contract_is_all_of_everything_it_belongs_to() {
    let figures = count(
        &ask(2025, NOW, None),
        &[("2025-05-05T12:00:00+08:00", "tarim_univ", 6_000_000)],
    );
    for name in [
        "total",
        "series.2025",
        "units.tarim_univ",
        "regions.south",
        "types.service",
        "plan.outside_plan",
        "flows.local_xinjiang",
        "sellers.enterprise",
        "sizes.s500_1000",
        "bands.from_1m",
        "bands.under_10m",
        "large",
        "imports",
        "imports.by_type.service",
    ] {
        assert_eq!(whole(&figures, &format!("{name}.contracts")), 1, "{name}");
        assert_eq!(whole(&figures, &format!("{name}.amount")), 600_000_000, "{name}");
    }
    assert_eq!(whole(&figures, "total.technology_amount"), 300_000_000);
    assert_eq!(figures.get("units.tarim_univ.share").unwrap().display(), "100.0%");
    assert!(is_nothing(&figures, "units.tarim_univ.rank") && is_nothing(&figures, "total.growth"));
    assert_eq!(figures.get("regions.north_to_south").unwrap().display(), "0.0");
    let by_field: i64 = figures
        .figures()
        .filter(|(n, _)| n.starts_with("fields.") && n.ends_with(".contracts"))
        .filter_map(|(_, v)| v.as_whole())
        .sum();
    assert_eq!(by_field, 0, "the field is unknown");
}

#[test]
fn ties_share_a_rank_and_leave_out_the_next() {
    let contracts = [
        ("div_01", 3),
        ("div_02", 2),
        ("div_03", 2),
        ("div_04", 1),
        ("academy", 9),
    ]
    .map(|(unit, yuan)| ("2025-05-05T12:00:00+08:00", unit, yuan));
    let figures = count(&ask(2025, NOW, None), &contracts);
    for (unit, rank) in [
        ("div_01", 1),
        ("div_02", 2),
        ("div_03", 2),
        ("div_04", 4),
        ("div_05", 5),
        ("div_14", 5),
    ] {
        assert_eq!(whole(&figures, &format!("units.{unit}.rank")), rank, "{unit}");
    }
    assert!(is_nothing(&figures, "units.academy.rank"));
}

#[test]
fn a_size_class_holds_its_lower_edge() {
    for (yuan, class) in [
        (9_999, "s0_1"),
        (10_000, "s1_5"),
        (4_999_999, "s200_500"),
        (5_000_000, "s500_1000"),
        (100_000_000, "s10000_up"),
    ] {
        let figures = count(&ask(2025, NOW, None), &[("2025-05-05T12:00:00+08:00", "div_01", yuan)]);
        assert_eq!(whole(&figures, &format!("sizes.{class}.contracts")), 1, "{yuan}");
        assert_eq!(
            whole(&figures, "large.contracts"),
            i64::from(yuan >= 5_000_000),
            "{yuan}"
        );
    }
}

#[test]
fn a_year_begins_at_midnight_in_beijing() {
    let edge = [
        ("2024-12-31T15:59:59.999999Z", "div_01", 1),
        ("2024-12-31T16:00:00Z", "div_01", 10),
        ("2025-12-31T23:59:59.999999+08:00", "div_01", 100),
        ("2026-01-01T00:00:00+08:00", "div_01", 1_000),
        ("2019-12-31T23:59:59+08:00", "div_01", 10_000),
    ];
    let figures = count(&ask(2025, NOW, None), &edge);
    assert_eq!(whole(&figures, "total.amount"), 11_000);
    assert_eq!(whole(&figures, "total.previous_amount"), 100);
    assert_eq!(whole(&figures, "period.outside_plan_contracts"), 3);
}

#[test]
fn the_leap_day_is_compared_with_the_28th() {
    let contracts = [
        ("2024-02-29T23:59:59+08:00", "div_01", 1),
        ("2024-03-01T00:00:00+08:00", "div_01", 10),
        ("2023-02-28T23:59:59+08:00", "div_01", 100),
        ("2023-03-01T00:00:00+08:00", "div_01", 1_000),
        ("2020-02-29T12:00:00+08:00", "div_01", 10_000),
    ];
    let figures = count(&ask(2024, NOW, Some("2024-02-29")), &contracts);
    assert_eq!(whole(&figures, "total.amount"), 100);
    assert_eq!(whole(&figures, "total.previous_amount"), 10_000);
    assert_eq!(whole(&figures, "series.2020.amount"), 1_000_000);
}

#[test]
fn events_count_in_the_year_in_which_they_happened_up_to_the_moment() {
    let catalogue = catalogue();
    let coder = Coder::new(&catalogue);
    let question = ask(2025, "2025-11-01T00:00:00+08:00", Some("2025-10-31"));
    let mut accumulator = Accumulator::new(&coder, &question);
    let ending = |contract, moment: &str, state, ground: Option<&str>| Ending {
        contract,
        at: at(moment),
        state,
        ground: ground.map(Into::into),
        amount_fen: 100,
    };
    for ending in [
        ending(1, "2025-01-01T00:00:00+08:00", State::Revoked, Some("fraud")),
        ending(2, "2025-10-31T23:59:59+08:00", State::Revoked, None),
        ending(3, "2025-11-01T00:00:00+08:00", State::Revoked, Some("fraud")),
        ending(4, "2024-12-31T23:59:59+08:00", State::Revoked, Some("fraud")),
        ending(5, "2025-05-01T00:00:00+08:00", State::Cancelled, Some("void")),
        ending(1, "2025-06-01T00:00:00+08:00", State::Revoked, Some("void")),
    ] {
        accumulator.add_ending(&ending);
    }
    for (contract, moment) in [
        (1, "2025-02-01T00:00:00+08:00"),
        (1, "2025-07-01T00:00:00+08:00"),
        (2, "2026-01-01T00:00:00+08:00"),
    ] {
        accumulator.add_reinstatement(Event {
            contract,
            at: at(moment),
        });
        accumulator.add_expert_conclusion(Event {
            contract,
            at: at(moment),
        });
    }
    for (issued, until) in [
        ("2025-10-31", "2025-10-31"),
        ("2025-11-01", "2026-01-01"),
        ("2020-01-01", "2025-10-30"),
        ("2020-01-01", "2025-10-31"),
    ] {
        accumulator.add_registrar(&History {
            periods: vec![Period {
                from_on: parse_date(issued).unwrap(),
                until_on: Some(parse_date(until).unwrap()),
            }],
            suspensions: Vec::new(),
        });
    }
    for (kind, date) in [
        ("policy_training", "2025-10-31"),
        ("policy_training", "2025-11-01"),
        ("policy_training", "2024-05-01"),
        ("technology_manager_training", "2023-05-01"),
    ] {
        let date = parse_date(date).unwrap();
        accumulator.add_activity(&ActivityRow {
            kind: kind.into(),
            held_on: date,
            name: "培训".into(),
            unit: None,
            events: Some(1),
            participants: Some(10),
            participants_xpcc: Some(4),
            items: None,
        });
    }
    let figures = accumulator.finish(LedgerHead::default());
    for (name, expected) in [
        ("revocations.contracts", 2),
        ("revocations.amount", 200),
        ("revocations.by_ground.fraud.contracts", 0),
        ("revocations.by_ground.void.contracts", 1),
        ("reinstatements.contracts", 1),
        ("expert_reviews.contracts", 1),
        ("registrars.certified", 2),
        ("registrars.newly_certified", 1),
        ("activities.policy_training.participants", 10),
        ("activities.technology_manager_training.events", 0),
        ("activities.technology_managers.trained_to_date", 10),
        ("activities.technology_managers.trained_to_date_xpcc", 4),
    ] {
        assert_eq!(whole(&figures, name), expected, "{name}");
    }
}

#[test]
fn the_base_of_a_plan_is_the_registers_own_where_it_has_that_year() {
    let catalogue = catalogue();
    let coder = Coder::new(&catalogue);
    let question = ask(2026, "2027-01-01T00:00:00+08:00", None);
    let contracts = [
        ("2025-05-05T12:00:00+08:00", "div_01", 100),
        ("2026-05-05T12:00:00+08:00", "div_01", 250),
    ];
    let figures = count(&question, &contracts);
    assert_eq!(figures.get("period.average_growth").unwrap().display(), "150.0%");
    assert_eq!(figures.get("period.multiple_of_base").unwrap().display(), "2.5");
    assert!(is_nothing(&figures, "period.multiple_of_target"));
    let mut accumulator = Accumulator::new(&coder, &question);
    accumulator.add_reference(ReferenceFigure {
        kind: ReferenceKind::Amount,
        year: 2025,
        amount_fen: 0,
    });
    assert!(is_nothing(
        &accumulator.finish(LedgerHead::default()),
        "period.average_growth"
    ));
    assert!(is_nothing(
        &count(&ask(2050, "2051-01-01T00:00:00+08:00", None), &[]),
        "period.from"
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn every_section_adds_up_to_the_total(
        contracts in prop::collection::vec((0_u8..18, 0_u8..5, 0_u8..5, 0_u8..30, 0_u8..11, 0_u8..3, 1_i64..20_000_000_000, 0_i64..730), 0..60)
    ) {
        let catalogue = catalogue();
        let coder = Coder::new(&catalogue);
        let question = ask(2025, NOW, None);
        let mut accumulator = Accumulator::new(&coder, &question);
        let kinds = u8::try_from(catalogue.list(ListName::PartyKind).items().len()).unwrap();
        for (unit, contract_type, plan_source, kind, field, flow, amount_fen, day) in contracts {
            accumulator.add_standing(&Standing {
                first_confirmed_at: Moment::start_of_year(2024).plus_seconds(day * 86_400),
                amount_fen,
                technology_amount_fen: amount_fen / 2,
                unit,
                contract_type,
                plan_source,
                seller_kind: kind % kinds,
                field,
                flow,
                cross_border: UNKNOWN,
            });
        }
        let figures = accumulator.finish(LedgerHead::default());
        for section in Section::ALL {
            for measure in ["contracts", "amount", "technology_amount", "previous_contracts", "previous_amount"] {
                let ids = catalogue.list(section.list()).items().iter();
                // Of a year before the register's first nothing is known, neither of the parts nor of the whole.
                let value = |name: &str| figures.get(name).unwrap().as_whole();
                let parts: Vec<Option<i64>> = ids.map(|item| value(&format!("{}.{}.{measure}", section.key(), item.id))).collect();
                let total = value(&format!("total.{measure}"));
                prop_assert!(parts.iter().all(|part| part.is_some() == total.is_some()));
                prop_assert_eq!(parts.iter().flatten().sum::<i64>(), total.unwrap_or(0), "{} {}", section.key(), measure);
            }
        }
        let bands = |name: &str| whole(&figures, &format!("bands.{name}.amount"));
        prop_assert_eq!(bands("under_1m") + bands("from_1m"), whole(&figures, "total.amount"));
        let json = serde_json::to_string(&figures).unwrap();
        prop_assert!(json.contains("\"ledger\""));
    }
}
