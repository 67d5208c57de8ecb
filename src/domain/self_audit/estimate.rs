//! How far a sample speaks for the population: shares of wrong contracts and of their amount, with a 95 % confidence interval that
//! fits the design.
//!
//! What was looked at whole (strata drawn to the last contract, certain contracts) is known and has no interval; only the rest is
//! estimated. There:
//!
//! | design | contracts | amount |
//! |---|---|---|
//! | `random` | wrong ÷ drawn; exact hypergeometric interval | ratio of amounts |
//! | `stratified` | Σ over strata of population × share | combined ratio of amounts |
//! | `amount_weighted` | inverse probabilities of inclusion (Hansen and Hurwitz, Ann. Math. Stat. 14 (1943) 333–362) | the same: each draw stands for the same amount |
//! | `all` | exact | exact |
//! | `risky_first` | nothing follows | nothing follows |
//!
//! Intervals but the exact one: Wilson's with an effective sample size, p(1 − p) ÷ the design's linearised variance (Korn and
//! Graubard, Survey Methodology 24 (1998) 193–201; Franco et al., J. Surv. Stat. Methodol. 7 (2019) 334–364), never more than
//! that of the weights alone (Kish), which also serves where all or none are wrong. Variance within strata with the correction for
//! finite populations; strata of one contract drawn are put together, which errs to the wide side (Cochran, Sampling Techniques,
//! 3rd ed., 5A.12). Systematic drawing in random order counts as drawing with replacement, which errs the same way.

use super::{Design, Stratum, interval};
use crate::domain::money::Fen;

/// One contract of the sample, judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// Index of its stratum.
    pub stratum: usize,
    /// 合同成交额 when it was drawn, in fen.
    pub amount_fen: Fen,
    /// Whether it was found wrong.
    pub wrong: bool,
}

/// An estimated share, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Ends of its 95 % confidence interval; none where everything was looked at.
    pub interval: Option<(f64, f64)>,
    /// What the interval is, in a stable id; none where there is none.
    pub method: Option<&'static str>,
}

/// Of what the share is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Contracts,
    Amount,
}

/// The share of wrong contracts in the population; none where nothing follows from the sample.
pub fn of_contracts(design: &Design, strata: &[Stratum], units: &[Unit]) -> Option<Estimate> {
    if let (Design::Random { .. }, [whole]) = (design, strata)
        && whole.drawn < whole.contracts
        && !units.is_empty()
    {
        return Some(simple_random(whole, units));
    }
    share(design, strata, units, Of::Contracts)
}

/// The share of the population's amount that wrong contracts have; none where nothing follows from the sample.
pub fn of_amount(design: &Design, strata: &[Stratum], units: &[Unit]) -> Option<Estimate> {
    share(design, strata, units, Of::Amount)
}

#[expect(clippy::cast_precision_loss, reason = "numbers of contracts are far below 2^53")]
fn simple_random(whole: &Stratum, units: &[Unit]) -> Estimate {
    let wrong = units.iter().filter(|u| u.wrong).count() as u64;
    let population = whole.contracts.unsigned_abs();
    let (low, high) = interval::hypergeometric(population, units.len() as u64, wrong);
    let of = |n: u64| n as f64 / population as f64;
    Estimate {
        value: wrong as f64 / units.len() as f64,
        interval: Some((of(low), of(high))),
        method: Some("hypergeometric_exact"),
    }
}

/// What is estimated of: a judged contract of a part that was not looked at whole.
struct Term {
    /// How much of the total it stands for.
    weight: f64,
    wrong: f64,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share is not money: 53 bits are more than its interval knows"
)]
fn share(design: &Design, strata: &[Stratum], units: &[Unit], of: Of) -> Option<Estimate> {
    if matches!(design, Design::RiskyFirst { .. }) {
        return None;
    }
    let by_amount = matches!(design, Design::AmountWeighted { .. });
    let size = |u: &Unit| if of == Of::Amount { u.amount_fen as f64 } else { 1.0 };
    let whole: f64 = strata
        .iter()
        .map(|s| match of {
            Of::Amount => s.amount_fen as f64,
            Of::Contracts => s.contracts as f64,
        })
        .sum();
    if whole <= 0.0 {
        return None;
    }
    let (mut known, mut known_wrong) = (0.0, 0.0);
    let (mut found, mut found_right) = (0.0, 0.0);
    let mut groups: Vec<(f64, Vec<Term>)> = Vec::new();
    let mut lone = (0.0, 0.0, Vec::new());
    for (index, stratum) in strata.iter().enumerate() {
        let of_stratum: Vec<&Unit> = units.iter().filter(|u| u.stratum == index).collect();
        for unit in &of_stratum {
            *(if unit.wrong { &mut found } else { &mut found_right }) += size(unit);
        }
        if stratum.drawn == stratum.contracts {
            known += of_stratum.iter().map(|u| size(u)).sum::<f64>();
            known_wrong += of_stratum.iter().filter(|u| u.wrong).map(|u| size(u)).sum::<f64>();
            continue;
        }
        let n = of_stratum.len() as f64;
        let terms = of_stratum.iter().map(|u| Term {
            weight: size(u)
                * if by_amount {
                    stratum.amount_fen as f64 / (n * u.amount_fen as f64)
                } else {
                    stratum.contracts as f64 / n
                },
            wrong: f64::from(u8::from(u.wrong)),
        });
        if by_amount {
            groups.push((0.0, terms.collect()));
        } else if of_stratum.len() == 1 {
            lone.0 += n;
            lone.1 += stratum.contracts as f64;
            lone.2.extend(terms);
        } else {
            groups.push((n / stratum.contracts as f64, terms.collect()));
        }
    }
    if !lone.2.is_empty() {
        groups.push((lone.0 / lone.1, lone.2));
    }
    let rest = whole - known;
    if groups.iter().all(|(_, terms)| terms.is_empty()) {
        // Nothing drawn of what is left (no amounts, say): unknown, unless nothing is left.
        return (rest <= 0.0).then_some(Estimate {
            value: known_wrong / whole,
            interval: None,
            method: None,
        });
    }
    let (p, n) = effective(&groups)?;
    let (low, high) = interval::wilson(p, n);
    let overall = |p: f64| (known_wrong + rest * p) / whole;
    Some(Estimate {
        value: overall(p),
        // What was found is there, and what was found right is not wrong.
        interval: Some((
            overall(low).max(found / whole).min(overall(p)),
            overall(high).min(1.0 - found_right / whole).max(overall(p)),
        )),
        method: Some("wilson_effective_size"),
    })
}

/// The share of the parts that were sampled, and the size of the simple random sample that would know it as well.
#[expect(clippy::cast_precision_loss, reason = "numbers of contracts are far below 2^53")]
fn effective(groups: &[(f64, Vec<Term>)]) -> Option<(f64, f64)> {
    let terms = || groups.iter().flat_map(|(_, terms)| terms);
    let total: f64 = terms().map(|t| t.weight).sum();
    if total <= 0.0 {
        return None;
    }
    let p = (terms().map(|t| t.weight * t.wrong).sum::<f64>() / total).clamp(0.0, 1.0);
    let squares = |(fraction, terms): &(f64, Vec<Term>)| {
        (1.0 - fraction) * terms.iter().map(|t| (t.weight / total).powi(2)).sum::<f64>()
    };
    let of_weights = 1.0 / groups.iter().map(squares).sum::<f64>();
    let variance: f64 = groups
        .iter()
        .map(|(fraction, terms)| {
            let m = terms.len() as f64;
            let parts: Vec<f64> = terms.iter().map(|t| t.weight * (t.wrong - p) / total).collect();
            // One contract alone: what it is off the estimate stands for what is not known of its like.
            let (mean, scale) = if terms.len() > 1 {
                (parts.iter().sum::<f64>() / m, m / (m - 1.0))
            } else {
                (0.0, 1.0)
            };
            (1.0 - fraction) * scale * parts.iter().map(|e| (e - mean).powi(2)).sum::<f64>()
        })
        .sum();
    let n = if variance > 0.0 && p > 0.0 && p < 1.0 {
        (p * (1.0 - p) / variance).min(of_weights)
    } else {
        of_weights
    };
    Some((p, n))
}

#[cfg(test)]
mod tests;
