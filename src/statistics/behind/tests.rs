//! The contracts behind every figure, against the figures that the accumulator makes: over the sample, and over random registers.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::statistics::restatement::was_unknown;
use crate::{
    domain::{code_list::ListName, workflow::State},
    statistics::{
        Accumulator, AnnualFigures, Ending, Event, LedgerHead, ReferenceFigure, Span,
        facts::UNKNOWN,
        sample::reader::{Sample, ask, catalogue, figures},
    },
};

/// First segments of figures that no contracts are behind.
const OTHER: [&str; 7] = [
    "highlights",
    "registrars",
    "follow_up",
    "activities",
    "concentration",
    "decisions",
    "self_audits",
];

/// What happened in the year asked for, once for each contract.
#[derive(Default)]
struct Events {
    reviewed: Vec<Fen>,
    revoked: Vec<(u8, Fen)>,
    reinstated: Vec<Fen>,
}

/// Holds every figure against the contracts behind it; how many figures it held.
fn hold(
    question: &Question,
    figures: &AnnualFigures,
    counted: &[Standing],
    events: &Events,
    references: &[ReferenceFigure],
) -> usize {
    let catalogue = catalogue();
    let coder = Coder::new(&catalogue);
    let reference: HashMap<_, _> = references.iter().map(|r| ((r.kind, r.year), r.amount_fen)).collect();
    let mut held = 0;
    let known: Vec<(&str, Behind)> = figures
        .figures()
        .filter_map(|(name, _)| Some((name, behind(&coder, question, name)?)))
        .collect();
    let mut recount = Recount::new(&coder, question, known.iter().flat_map(|(_, b)| b.selections()));
    counted.iter().for_each(|standing| recount.add(standing));
    for amount in &events.reviewed {
        recount.add_event(Selection::Reviewed, *amount);
    }
    for amount in &events.reinstated {
        recount.add_event(Selection::Reinstated, *amount);
    }
    for (ground, amount) in &events.revoked {
        recount.add_event(Selection::Revoked(None), *amount);
        recount.add_event(Selection::Revoked(Some(*ground)), *amount);
    }
    for (name, behind) in &known {
        // The list itself, contract by contract, adds up to what one pass over all selections gives.
        for term in &behind.terms {
            if let Selection::Counted(..) = term.selection {
                let mut listed = TermSum::default();
                for standing in counted.iter().filter(|s| term.selection.holds(&coder, question, s)) {
                    listed.add(standing.amount_fen, standing.technology_amount_fen);
                }
                assert_eq!(listed, recount.sum(term.selection), "{name} {}", term.role);
            }
        }
        let value = behind.value(
            question,
            |s| recount.sum(s),
            |kind, year| reference.get(&(kind, year)).copied(),
        );
        // Of a year before the register's first nothing is known, though nothing is behind it.
        let found = figures.get(name).unwrap();
        if !was_unknown(name, &value, found) {
            assert_eq!(&value, found, "{name}");
        }
        held += 1;
    }
    for (name, _) in figures.figures() {
        let other = OTHER.contains(&name.split('.').next().unwrap())
            || [
                "period.from",
                "period.to",
                "period.last_year",
                "period.base_year",
                "contract_amounts.median",
            ]
            .contains(&name)
            || (name.starts_with("period.") && question.plan().is_none());
        assert_eq!(other, !known.iter().any(|(n, _)| *n == name), "{name}");
    }
    held
}

#[test]
fn the_contracts_behind_every_figure_of_the_sample_add_up_to_it() {
    let sample = Sample::read();
    for (year, as_of, until) in [
        (2025, "2026-03-01T00:00:00+08:00", None),
        (2025, "2025-11-30T00:00:00+08:00", None),
        (2025, "2026-03-01T00:00:00+08:00", Some("2025-06-30")),
        (2024, "2026-03-01T00:00:00+08:00", Some("2024-02-29")),
        (2021, "2026-03-01T00:00:00+08:00", None),
        (2027, "2028-03-01T00:00:00+08:00", None),
        (2050, "2051-03-01T00:00:00+08:00", None),
    ] {
        let question = ask(year, as_of, until);
        let in_force = |c: &&crate::statistics::sample::reader::Known| {
            c.standing.first_confirmed_at <= question.as_of()
                && c.ended.as_ref().is_none_or(|e| e.at > question.as_of())
        };
        let counted: Vec<Standing> = sample.contracts.iter().filter(in_force).map(|c| c.standing).collect();
        let mut events = Events::default();
        for contract in &sample.contracts {
            if contract.expert && question.holds(contract.standing.first_confirmed_at) {
                events.reviewed.push(contract.standing.amount_fen);
            }
            if let Some(ending) = contract
                .ended
                .as_ref()
                .filter(|e| e.state == State::Revoked && question.holds(e.at))
            {
                let catalogue = catalogue();
                let ground = Coder::new(&catalogue).code(ListName::RevocationGround, ending.ground.as_deref());
                events.revoked.push((ground, ending.amount_fen));
            }
        }
        for at in &sample.refused_with_experts {
            if question.holds(*at) {
                events.reviewed.push(0);
            }
        }
        let figures = figures(&sample, &question);
        let held = hold(&question, &figures, &counted, &events, &sample.references);
        assert!(held > 400, "{year}: {held}");
    }
}

fn any_standing() -> impl Strategy<Value = Standing> {
    let code = |most: u8| prop_oneof![9 => 0..most, 1 => Just(UNKNOWN)];
    let edge = prop_oneof![
        (0_i64..3_000).prop_map(|wan| wan * 1_000_000),
        (0_i64..3_000).prop_map(|wan| wan * 1_000_000 - 1),
        0_i64..20_000_000_000,
    ];
    // Confirmed from 2018 to 2026, at the edges of years and of a day in the middle too.
    let year = Moment::start_of_year(2018).micros()..Moment::start_of_year(2027).micros();
    let at = prop_oneof![
        year,
        (2018..2027_i32, -1_i64..=0).prop_map(|(y, before)| Moment::start_of_year(y).micros() + before),
        (2018..2027_i32, -1_i64..=0)
            .prop_map(|(y, before)| Moment::start_of_year(y).plus_seconds(181 * 86_400).micros() + before),
    ];
    (
        (at, edge, 0_i64..100),
        (code(18), code(5), code(5), code(8)),
        (code(11), code(3), code(3)),
    )
        .prop_map(
            |((at, amount, part), (unit, contract_type, plan_source, seller_kind), (field, flow, cross_border))| {
                Standing {
                    first_confirmed_at: Moment::from_micros(at),
                    amount_fen: amount.max(0),
                    technology_amount_fen: amount.max(0) / 100 * part,
                    unit,
                    contract_type,
                    plan_source,
                    seller_kind,
                    field,
                    flow,
                    cross_border,
                }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_contracts_behind_every_figure_of_a_random_register_add_up_to_it(
        counted in prop::collection::vec(any_standing(), 0..80),
        revoked in prop::collection::vec((0_u8..8, 0_i64..1_000_000_000), 0..6),
        base in prop::option::of(1_i64..1_000_000_000_000),
        year in 2020_i32..2029,
        part in 0_u8..4,
    ) {
        let catalogue = catalogue();
        let coder = Coder::new(&catalogue);
        let span = match part {
            0 => Span::Year,
            1 => Span::Until(chrono::NaiveDate::from_ymd_opt(year, 6, 30).unwrap()),
            2 => Span::Quarter(2),
            _ => Span::Month(6),
        };
        let question = Question::within(year, Moment::start_of_year(2040), span).unwrap();
        let references: Vec<ReferenceFigure> = base.into_iter().flat_map(|amount_fen| [
            ReferenceFigure { kind: ReferenceKind::Amount, year: 2020, amount_fen },
            ReferenceFigure { kind: ReferenceKind::AmountTarget, year: 2025, amount_fen: amount_fen / 2 },
        ]).collect();
        let mut accumulator = Accumulator::new(&coder, &question);
        counted.iter().for_each(|standing| accumulator.add_standing(standing));
        references.iter().for_each(|figure| accumulator.add_reference(*figure));
        let at = question.start(year);
        let grounds = coder.items(ListName::RevocationGround);
        for (contract, (ground, amount_fen)) in (0_i64..).zip(&revoked) {
            accumulator.add_ending(&Ending {
                contract, at, state: State::Revoked, ground: Some(grounds[usize::from(*ground)].id.clone()), amount_fen: *amount_fen,
            });
            accumulator.add_expert_conclusion(Event { contract, at });
        }
        let events = Events { reviewed: revoked.iter().map(|_| 0).collect(), revoked, reinstated: Vec::new() };
        let figures = accumulator.finish(LedgerHead::default());
        hold(&question, &figures, &counted, &events, &references);
    }
}

#[test]
fn a_name_that_is_none_has_nothing_behind_it() {
    let catalogue = catalogue();
    let coder = Coder::new(&catalogue);
    let question = ask(2025, "2026-03-01T00:00:00+08:00", None);
    for name in [
        "",
        "total",
        "units.div_99.amount",
        "units.div_01.median",
        "bands.x.amount",
        "types.service.rank",
        "a.b.c.d.e",
    ] {
        assert_eq!(behind(&coder, &question, name), None, "{name}");
    }
    let share = behind(&coder, &question, "units.div_08.share").unwrap();
    let roles: Vec<&str> = share.terms.iter().map(|t| t.role.as_str()).collect();
    assert_eq!(roles, ["part", "whole"]);
    assert_eq!(share.term(Some("whole")), share.terms.get(1));
    assert_eq!(share.term(Some("previous")), None);
}
