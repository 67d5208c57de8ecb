//! Properties of the drawing, and one example that anyone can repeat with `sha256sum`.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::self_audit::StratifyBy;

fn member(id: i64, amount_fen: Fen, stratum: u32, seed: &str) -> Member {
    Member {
        id,
        revision: 2,
        amount_fen,
        stratum,
        rank: rank(seed, &id.to_string()),
        risk: Risk::default(),
    }
}

fn ids(sample: &Sample, members: &[Member]) -> Vec<i64> {
    sample.drawn.iter().map(|d| members[d.member].id).collect()
}

#[test]
fn the_order_is_that_of_the_digests() {
    // for i in 1 2 3 4 5; do printf '自查2025:%s' $i | sha256sum; done
    let seed = "自查2025";
    let members: Vec<Member> = (1..=5).map(|id| member(id, 100, 0, seed)).collect();
    let mut by_hex: Vec<(String, i64)> = members
        .iter()
        .map(|m| {
            (
                crate::domain::ledger::sha256_hex(format!("{seed}:{}", m.id).as_bytes()),
                m.id,
            )
        })
        .collect();
    by_hex.sort();
    let design = Design::Random {
        size: 3,
        seed: seed.to_owned(),
    };
    let drawn = ids(&draw(&design, &[], &members), &members);
    assert_eq!(drawn, by_hex.iter().take(3).map(|(_, id)| *id).collect::<Vec<_>>());
}

#[test]
fn shares_go_by_largest_remainder_and_each_stratum_has_one() {
    // Shares 5.0, 3.0, 2.0.
    assert_eq!(allot(&[50, 30, 20], 10), [5, 3, 2]);
    // Shares 3.5, 3.5, 3: the earlier of two equal remainders.
    assert_eq!(allot(&[35, 35, 30], 10), [4, 3, 3]);
    // 0.1 of ten is raised to one; the other two share nine: 4.5 and 4.5.
    assert_eq!(allot(&[1, 50, 50], 10), [1, 5, 4]);
    // No fewer than the strata, none of the empty.
    assert_eq!(allot(&[5, 0, 7], 0), [1, 0, 1]);
    assert_eq!(allot(&[5, 0, 7], 99), [5, 0, 7]);
    assert_eq!(allot(&[], 3), Vec::<usize>::new());
}

#[test]
fn the_riskiest_come_first_then_the_largest_then_the_oldest() {
    let risky = |id, amount, errors, warnings| Member {
        risk: Risk {
            errors,
            warnings,
            notices: 0,
        },
        ..member(id, amount, 0, "")
    };
    let members = [
        risky(1, 500, 0, 9),
        risky(2, 100, 1, 0),
        risky(3, 200, 1, 0),
        risky(4, 200, 1, 0),
        risky(5, 900, 0, 0),
    ];
    let drawn = draw(&Design::RiskyFirst { size: 4 }, &[], &members);
    assert_eq!(ids(&drawn, &members), [3, 4, 2, 1]);
}

#[test]
fn what_is_as_large_as_a_step_is_certain() {
    // 4 places, 1000 in all: 700 is certain; 3 places for 300: 100 is certain; 2 places for 200: steps of 100, nothing as large.
    let amounts = [700, 100, 60, 50, 50, 40, 0];
    let members: Vec<Member> = (1..).zip(amounts).map(|(id, a)| member(id, a, 0, "s")).collect();
    let design = Design::AmountWeighted {
        size: 4,
        seed: "s".to_owned(),
    };
    let sample = draw(&design, &[], &members);
    let found: Vec<_> = sample
        .strata
        .iter()
        .map(|s| (s.id.as_str(), s.contracts, s.amount_fen, s.drawn))
        .collect();
    assert_eq!(found, [("certain", 2, 800, 2), ("sampled", 4, 200, 2)]);
    assert_eq!(ids(&sample, &members)[..2], [1, 2]);
    // As many places as contracts with an amount: all of them.
    let all = Design::AmountWeighted {
        size: 50,
        seed: "s".to_owned(),
    };
    assert_eq!(draw(&all, &[], &members).drawn.len(), 6);
}

#[test]
fn contracts_are_drawn_as_often_as_their_amount_says() {
    let amounts: Vec<Fen> = (1..=20).map(|i| i * i * 10).chain([20_000]).collect();
    let (size, draws) = (6, 4000);
    let mut times = vec![0_u32; amounts.len()];
    for n in 0..draws {
        let seed = format!("seed {n}");
        let members: Vec<Member> = (1..).zip(&amounts).map(|(id, a)| member(id, *a, 0, &seed)).collect();
        for drawn in draw(&Design::AmountWeighted { size, seed }, &[], &members).drawn {
            times[drawn.member] += 1;
        }
    }
    assert_eq!(times[20], draws, "the largest is certain");
    let rest: Fen = amounts[..20].iter().sum();
    for (amount, times) in amounts[..20].iter().zip(&times) {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let expected = 5.0 * *amount as f64 / rest as f64;
        let found = f64::from(*times) / f64::from(draws);
        // Four standard errors.
        let margin = 4.0 * (expected * (1.0 - expected) / f64::from(draws)).sqrt() + 1e-9;
        assert!((found - expected).abs() < margin, "{amount}: {found}, not {expected}");
    }
}

fn designs(size: usize, rate: f64, seed: &str) -> Vec<Design> {
    let seed = seed.to_owned();
    let by = vec![StratifyBy::Unit];
    vec![
        Design::All,
        Design::Random {
            size,
            seed: seed.clone(),
        },
        Design::Stratified {
            by: by.clone(),
            size: Some(size),
            rate: None,
            seed: seed.clone(),
        },
        Design::Stratified {
            by,
            size: None,
            rate: Some(rate),
            seed: seed.clone(),
        },
        Design::AmountWeighted { size, seed },
        Design::RiskyFirst { size },
    ]
}

proptest! {
    #[test]
    fn samples_have_their_size_and_nobody_twice_and_are_the_same_again(
        amounts in proptest::collection::vec((1_i64..1_000_000_000, 0_u32..5), 1..80),
        size in 1_usize..100,
        rate in 0.001_f64..1.0,
        seed in "[a-z]{1,8}",
    ) {
        let members: Vec<Member> = (1..).zip(&amounts).map(|(id, (a, s))| member(id, *a, *s, &seed)).collect();
        let names: Vec<String> = (0..5).map(|s| format!("stratum {s}")).collect();
        let strata = members.iter().map(|m| m.stratum).collect::<BTreeSet<_>>().len();
        let n = members.len();
        for design in designs(size, rate, &seed) {
            let sample = draw(&design, &names, &members);
            prop_assert_eq!(&sample, &draw(&design, &names, &members));
            let expected = match &design {
                Design::All => n,
                Design::Random { .. } | Design::RiskyFirst { .. } | Design::AmountWeighted { .. } => size.min(n),
                Design::Stratified { size: Some(size), .. } => (*size).min(n).max(strata),
                Design::Stratified { .. } => ((rate * n as f64 - 1e-9).ceil() as usize).max(strata),
            };
            prop_assert_eq!(sample.drawn.len(), expected, "{:?}", design);
            let distinct: BTreeSet<usize> = sample.drawn.iter().map(|d| d.member).collect();
            prop_assert_eq!(distinct.len(), expected, "nobody twice: {:?}", design);
            let counted: i64 = sample.strata.iter().map(|s| s.contracts).sum();
            prop_assert_eq!(counted as usize, n);
            for (index, stratum) in sample.strata.iter().enumerate() {
                let drawn = sample.drawn.iter().filter(|d| d.stratum == index).count();
                prop_assert_eq!(drawn as i64, stratum.drawn);
                prop_assert!(stratum.drawn <= stratum.contracts);
                if matches!(design, Design::Stratified { .. }) {
                    prop_assert!(stratum.contracts == 0 || stratum.drawn > 0, "one of each stratum");
                }
            }
        }
    }

    #[test]
    fn shares_are_within_one_of_proportion_where_nothing_is_raised(
        sizes in proptest::collection::vec(1_usize..500, 1..20),
        total in 1_usize..2000,
    ) {
        let population: usize = sizes.iter().sum();
        let allotted = allot(&sizes, total);
        prop_assert_eq!(allotted.iter().sum::<usize>(), total.clamp(sizes.len(), population));
        let raised = sizes.iter().any(|s| total * s < population);
        for (got, size) in allotted.iter().zip(&sizes) {
            prop_assert!((1..=*size).contains(got));
            if !raised && total <= population {
                prop_assert!((got * population).abs_diff(total * size) < population);
            }
        }
    }
}
