//! Confidence intervals for a share, 95 %, two-sided.

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Probability left out at each end.
const TAIL: f64 = 0.025;

/// Wilson's score interval for a share `p` found among `n` (an effective number, not always whole, over 0): Wilson, J. Am. Stat.
/// Assoc. 22 (1927) 209–212.
pub(super) fn wilson(p: f64, n: f64) -> (f64, f64) {
    let z2 = Z * Z;
    let middle = p + z2 / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    (
        ((middle - half) / scale).clamp(0.0, 1.0),
        ((middle + half) / scale).clamp(0.0, 1.0),
    )
}

/// Exact interval for how many of `population` are wrong where `wrong` of `sample` drawn without replacement are: the numbers
/// that the test with 2.5 % at each end does not reject (Konijn, Statistical Theory of Sample Survey Design and Analysis, 1973;
/// Buonaccorsi, The American Statistician 41 (1987) 215–218). It holds the truth in at least 95 of 100 samples, whatever it is.
pub(super) fn hypergeometric(population: u64, sample: u64, wrong: u64) -> (u64, u64) {
    let (least, most) = (wrong, population - (sample - wrong));
    // P(X ≥ wrong) rises with the number of wrong ones, P(X ≤ wrong) falls.
    let lower = first(least, most, |d| {
        1.0 - at_most(population, sample, d, wrong, false) > TAIL
    });
    let upper = first(least, most + 1, |d| {
        d > most || at_most(population, sample, d, wrong, true) <= TAIL
    });
    (lower, upper.saturating_sub(1).max(lower))
}

/// The first number from `low` to `high` for which `holds`, which stays so from there on; `high` where none before it does.
fn first(mut low: u64, mut high: u64, holds: impl Fn(u64) -> bool) -> u64 {
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// P(X ≤ x), or P(X < x) where not `included`, of the hypergeometric distribution.
fn at_most(population: u64, sample: u64, wrong: u64, x: u64, included: bool) -> f64 {
    let right = population - wrong;
    let mut k = sample.saturating_sub(right);
    let end = if included { x + 1 } else { x };
    let mut sum = 0.0;
    while k < end && k <= sample.min(wrong) {
        sum += (ln_choose(wrong, k) + ln_choose(right, sample - k) - ln_choose(population, sample)).exp();
        k += 1;
    }
    sum
}

fn ln_choose(n: u64, k: u64) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// ln n!: by Stirling's series from 16 on, where what it leaves out is below 10⁻¹³.
#[expect(clippy::cast_precision_loss, reason = "numbers of contracts are far below 2^53")]
fn ln_factorial(n: u64) -> f64 {
    if n < 16 {
        return (2..=n).map(|k| k as f64).product::<f64>().ln();
    }
    let n = n as f64;
    let series = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * n * n)) / (n * n)) / n;
    n * n.ln() - n + 0.5 * (2.0 * std::f64::consts::PI * n).ln() + series
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 5e-5, "{a} is not {b}");
    }

    #[test]
    fn wilson_as_printed_in_textbooks() {
        // Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81/263, 15/148, 0/20, 1/29.
        for (r, n, low, high) in [
            (81.0, 263.0, 0.2553, 0.3662),
            (15.0, 148.0, 0.0624, 0.1605),
            (0.0, 20.0, 0.0, 0.1611),
            (1.0, 29.0, 0.0061, 0.1718),
        ] {
            let (l, u) = wilson(r / n, n);
            near(l, low);
            near(u, high);
        }
    }

    #[test]
    fn the_exact_interval_is_what_the_tails_say() {
        // By hand: of 10, 5 drawn, none wrong. P(X = 0 | D) = C(10−D, 5) / C(10, 5): D = 3: 21/252 = 0.083; D = 4: 6/252 = 0.0238.
        assert_eq!(hypergeometric(10, 5, 0), (0, 3));
        // The mirror image.
        assert_eq!(hypergeometric(10, 5, 5), (7, 10));
        // All drawn: nothing is left to guess.
        assert_eq!(hypergeometric(10, 10, 4), (4, 4));
        // Large populations come near Clopper and Pearson's binomial interval: 10 of 100: 0.0490 to 0.1762.
        let (low, high) = hypergeometric(1_000_000, 100, 10);
        assert!(low.abs_diff(49_005) < 30 && high.abs_diff(176_223) < 60, "{low} {high}");
    }

    #[test]
    fn factorials() {
        near(ln_factorial(0), 0.0);
        near(ln_factorial(15), 27.899_271_383_840_89);
        near(ln_factorial(16), 30.671_860_106_080_67);
        near(ln_factorial(100), 363.739_375_555_563_5);
    }

    #[test]
    fn the_exact_interval_holds_the_truth_in_95_of_100_samples_at_least() {
        for (population, sample) in [(40_u64, 12_u64), (60, 30)] {
            for wrong in 0..=population {
                let covered: f64 = (sample.saturating_sub(population - wrong)..=sample.min(wrong))
                    .filter(|x| {
                        let (low, high) = hypergeometric(population, sample, *x);
                        (low..=high).contains(&wrong)
                    })
                    .map(|x| at_most(population, sample, wrong, x, true) - at_most(population, sample, wrong, x, false))
                    .sum();
                assert!(covered > 0.95 - 1e-9, "{population} {sample} {wrong}: {covered}");
            }
        }
    }
}
