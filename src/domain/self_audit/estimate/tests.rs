//! Estimates against examples worked by hand, and intervals against many samples of populations that are known.

use super::*;
use crate::domain::self_audit::{
    StratifyBy,
    draw::{Member, Risk, draw, rank},
};

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 5e-5, "{a} is not {b}");
}

fn unit(stratum: usize, amount_fen: Fen, wrong: bool) -> Unit {
    Unit {
        stratum,
        amount_fen,
        wrong,
    }
}

fn stratum(id: &str, contracts: i64, amount_fen: Fen, drawn: i64) -> Stratum {
    Stratum {
        id: id.to_owned(),
        contracts,
        amount_fen,
        drawn,
    }
}

fn seeded(kind: &str, size: usize, seed: String) -> Design {
    match kind {
        "random" => Design::Random { size, seed },
        "stratified" => Design::Stratified {
            by: vec![StratifyBy::Unit],
            size: Some(size),
            rate: None,
            seed,
        },
        _ => Design::AmountWeighted { size, seed },
    }
}

#[test]
fn a_census_is_exact_and_has_no_interval() {
    let strata = [stratum("all", 4, 1000, 4)];
    let units = [
        unit(0, 100, false),
        unit(0, 200, true),
        unit(0, 300, false),
        unit(0, 400, false),
    ];
    for design in [Design::All, seeded("random", 9, "x".into())] {
        let contracts = of_contracts(&design, &strata, &units).unwrap();
        assert_eq!(
            (contracts.value, contracts.interval, contracts.method),
            (0.25, None, None)
        );
        assert_eq!(of_amount(&design, &strata, &units).unwrap().value, 0.2);
    }
}

#[test]
fn nothing_follows_from_the_risky_ones() {
    let strata = [stratum("all", 4, 1000, 1)];
    let design = Design::RiskyFirst { size: 1 };
    assert_eq!(of_contracts(&design, &strata, &[unit(0, 400, true)]), None);
    assert_eq!(of_amount(&design, &strata, &[unit(0, 400, true)]), None);
}

#[test]
fn simple_random_by_hand() {
    // 5 of 10 drawn, none wrong: 0 to 3 of 10 (see `interval`).
    let strata = [stratum("all", 10, 1000, 5)];
    let units: Vec<Unit> = (0..5).map(|_| unit(0, 100, false)).collect();
    let rate = of_contracts(&seeded("random", 5, "x".into()), &strata, &units).unwrap();
    assert_eq!((rate.value, rate.interval), (0.0, Some((0.0, 0.3))));
    assert_eq!(rate.method, Some("hypergeometric_exact"));
    // Amounts: equal ones, none wrong: the size of the weights, 5 / (1 − 5/10) = 10: Wilson(0, 10) = (0, 0.27754);
    // and 500 of 1000 fen were right.
    let amount = of_amount(&seeded("random", 5, "x".into()), &strata, &units).unwrap();
    near(amount.value, 0.0);
    near(amount.interval.unwrap().1, 0.27754);
}

#[test]
fn stratified_by_hand() {
    // Two strata: 100 with 10 drawn, 1 wrong; 300 with 30 drawn, 6 wrong. Estimate (100·0.1 + 300·0.2) ÷ 400 = 0.175.
    // Variance: (1/4)²·0.9·0.1·0.9/9 + (3/4)²·0.9·0.2·0.8/29 = 0.0005625 + 0.00279310 = 0.00335560.
    // Effective size: min(0.175·0.825/0.0033556, 40/0.9) = min(43.0251, 44.44).
    let strata = [stratum("a", 100, 10_000, 10), stratum("b", 300, 30_000, 30)];
    let mut units: Vec<Unit> = (0..10).map(|i| unit(0, 100, i < 1)).collect();
    units.extend((0..30).map(|i| unit(1, 100, i < 6)));
    let design = seeded("stratified", 40, "x".into());
    let rate = of_contracts(&design, &strata, &units).unwrap();
    near(rate.value, 0.175);
    let (low, high) = interval::wilson(0.175, 43.025_1);
    let found = rate.interval.unwrap();
    near(found.0, low);
    near(found.1, high);
    // Equal amounts: the same share of the amount.
    near(of_amount(&design, &strata, &units).unwrap().value, 0.175);
    // A stratum that was drawn whole is known: 1 of 2 wrong, beside 100 with 10 drawn, 1 wrong: (1 + 100·0.1) ÷ 102.
    let strata = [stratum("a", 100, 10_000, 10), stratum("b", 2, 200, 2)];
    units.truncate(10);
    units.extend([unit(1, 100, true), unit(1, 100, false)]);
    near(of_contracts(&design, &strata, &units).unwrap().value, 11.0 / 102.0);
}

#[test]
fn weighted_by_hand() {
    // One certain of 600, wrong; four of the other 400 drawn, each standing for 100 fen, one of them wrong: (600 + 100) ÷ 1000.
    let strata = [stratum("certain", 1, 600, 1), stratum("sampled", 10, 400, 4)];
    let units = [
        unit(0, 600, true),
        unit(1, 50, true),
        unit(1, 25, false),
        unit(1, 50, false),
        unit(1, 100, false),
    ];
    let design = seeded("amount_weighted", 5, "x".into());
    let rate = of_amount(&design, &strata, &units).unwrap();
    near(rate.value, 0.7);
    // Variance of the mean of four draws with replacement: 0.25·0.75/3; the weights' size of 4 is more than the 3 that follow.
    let (low, high) = interval::wilson(0.25, 3.0);
    // What was found, 650 fen, is there; 175 were right.
    let found = rate.interval.unwrap();
    near(found.0, (0.6 + 0.4 * low).max(0.65));
    near(found.1, (0.6 + 0.4 * high).min(0.825));
    // Contracts: weights 400/(4·a) = 2, 4, 2, 1; share 2/9 of ten, and the certain one: (1 + 10·2/9) ÷ 11.
    near(
        of_contracts(&design, &strata, &units).unwrap().value,
        (1.0 + 20.0 / 9.0) / 11.0,
    );
}

/// A population of 600 in four strata, amounts skewed as contracts' are (most small, few large), about `per_mille` wrong.
fn population(seed: &str, per_mille: u16) -> (Vec<Member>, Vec<bool>) {
    (0..600_i64)
        .map(|id| {
            let [a, b, c, d, ..] = rank(seed, &id.to_string());
            let magnitude = 3 + u32::from(a) % 4;
            let member = Member {
                id,
                revision: 2,
                amount_fen: 10_i64.pow(magnitude) * (1 + i64::from(b % 9)),
                stratum: u32::from(d % 8).min(3),
                rank: [0; 32],
                risk: Risk::default(),
            };
            (member, (u16::from(c) << 2 | u16::from(d >> 6)) < per_mille)
        })
        .unzip()
}

/// In how many of `draws` samples the intervals for contracts and for the amount hold the truth, and the mean estimates less the
/// truth.
fn coverage(kind: &str, size: usize, per_mille: u16, draws: u32) -> ([u32; 2], [f64; 2]) {
    let (mut members, wrong) = population("the population", per_mille);
    let names: Vec<String> = (0..4).map(|i| i.to_string()).collect();
    let truth = |of: &dyn Fn(&Member) -> f64| {
        let bad: f64 = members
            .iter()
            .zip(&wrong)
            .filter(|(_, w)| **w)
            .map(|(m, _)| of(m))
            .sum();
        bad / members.iter().map(of).sum::<f64>()
    };
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let truths = [truth(&|_| 1.0), truth(&|m| m.amount_fen as f64)];
    let mut held = [0; 2];
    let mut bias = [0.0; 2];
    for n in 0..draws {
        let seed = format!("draw {n}");
        for member in &mut members {
            member.rank = rank(&seed, &member.id.to_string());
        }
        let design = seeded(kind, size, seed);
        let sample = draw(&design, &names, &members);
        let units: Vec<Unit> = sample
            .drawn
            .iter()
            .map(|d| unit(d.stratum, members[d.member].amount_fen, wrong[d.member]))
            .collect();
        let found = [
            of_contracts(&design, &sample.strata, &units).unwrap(),
            of_amount(&design, &sample.strata, &units).unwrap(),
        ];
        for i in 0..2 {
            let (low, high) = found[i].interval.unwrap();
            assert!(low <= found[i].value && found[i].value <= high);
            held[i] += u32::from(low - 1e-12 <= truths[i] && truths[i] <= high + 1e-12);
            bias[i] += (found[i].value - truths[i]) / f64::from(draws);
        }
    }
    (held, bias)
}

#[test]
fn intervals_hold_the_truth_in_nine_of_ten_samples_and_estimates_are_right_on_average() {
    for kind in ["random", "stratified", "amount_weighted"] {
        for (size, per_mille) in [(60, 30), (60, 150), (150, 30), (150, 400)] {
            let (held, bias) = coverage(kind, size, per_mille, 400);
            let what = format!("{kind}, {size} of 600, {per_mille} per mille wrong: {held:?} {bias:?}");
            assert!(held[0] >= 360, "contracts: {what}");
            assert!(held[1] >= 360, "amount: {what}");
            assert!(bias[0].abs() < 0.02, "{what}");
            assert!(bias[1].abs() < 0.03, "{what}");
        }
    }
}
