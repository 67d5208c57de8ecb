//! When a mail that was not taken is sent again.

/// Seconds to wait after the `attempt`-th attempt (from 1): `base`, doubled with every further one, at most `most`; of that the
/// second half by chance (`random`, any number), so that many mails that failed together do not come back together.
pub fn pause_seconds(attempt: i64, base: i64, most: i64, random: u64) -> i64 {
    let base = base.max(1);
    let most = most.max(base);
    let doublings = u32::try_from(attempt.saturating_sub(1).clamp(0, 62)).unwrap_or(62);
    let whole = base
        .checked_mul(1_i64.checked_shl(doublings).unwrap_or(i64::MAX))
        .map_or(most, |s| s.min(most));
    let half = whole / 2;
    let span = u64::try_from(whole - half).unwrap_or(0) + 1;
    half + i64::try_from(random % span).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_up_to_the_most() {
        let longest: Vec<i64> = (1..=6)
            .map(|n| (0..4000).map(|r| pause_seconds(n, 60, 900, r)).max().unwrap())
            .collect();
        assert_eq!(longest, [60, 120, 240, 480, 900, 900]);
        let shortest: Vec<i64> = (1..=6)
            .map(|n| (0..4000).map(|r| pause_seconds(n, 60, 900, r)).min().unwrap())
            .collect();
        assert_eq!(shortest, [30, 60, 120, 240, 450, 450]);
    }

    #[test]
    fn no_number_is_too_large() {
        for attempt in [0, -1, 1, 63, 64, i64::MAX] {
            for (base, most) in [(1, 1), (i64::MAX, i64::MAX), (0, 0), (-5, 3)] {
                let pause = pause_seconds(attempt, base, most, u64::MAX);
                assert!(
                    pause >= 0 && pause <= most.max(base).max(1),
                    "{attempt} {base} {most}: {pause}"
                );
            }
        }
    }
}
