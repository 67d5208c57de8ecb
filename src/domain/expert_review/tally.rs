//! Quorum and majority. The numbers are a rule set's (`expert_review`): so many votes at least, and such a share of those who are
//! entitled; a conclusion is what more than half of those entitled voted for. Who stays out is not entitled, so a recusal lowers
//! the share's quorum and the majority, never the least number.

use std::collections::BTreeMap;

use super::Ballot;
use crate::domain::rules::ExpertReviewRule;

/// How many voted, how many had to, how many might.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quorum {
    /// Votes given by those entitled.
    pub votes: usize,
    /// Fewest votes that make a quorum.
    pub needed: usize,
    /// Members but for the recused, and those who left office without a vote.
    pub entitled: usize,
}

impl Quorum {
    /// The quorum under a rule.
    pub fn of(rule: &ExpertReviewRule, entitled: usize, votes: usize) -> Self {
        let (numerator, denominator) = (rule.share.0 as usize, rule.share.1 as usize);
        let share = (entitled * numerator).div_ceil(denominator.max(1));
        Self {
            votes,
            needed: share.max(rule.at_least_votes as usize),
            entitled,
        }
    }

    /// Whether enough voted.
    pub const fn is_met(self) -> bool {
        self.votes >= self.needed
    }

    /// Whether enough could vote at all.
    pub const fn is_possible(self) -> bool {
        self.entitled >= self.needed
    }
}

/// Why nothing can be concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoConclusion {
    /// Too few votes, and more may come.
    #[error("未达到法定票数：应有 {} 票，现有 {} 票（有表决权的专家 {} 人）。", .0.needed, .0.votes, .0.entitled)]
    TooFewVotes(Quorum),
    /// Too few are entitled: the panel cannot conclude as it is.
    #[error("有表决权的专家只有 {} 人，少于应有的 {} 票，无法形成结论；请增补专家，或由审核员收回。", .0.entitled, .0.needed)]
    TooFewEntitled(Quorum),
    /// No ballot was cast by more than half of those entitled.
    #[error("没有一种意见超过有表决权专家（{} 人）的半数，不能形成结论；组长可开启下一轮表决，或由审核员收回。", .0.entitled)]
    NoMajority(Quorum),
}

/// What follows from the ballots of those entitled.
///
/// # Errors
/// No quorum, or no majority.
pub fn tally<'a>(
    rule: &ExpertReviewRule,
    entitled: usize,
    ballots: &[&'a Ballot],
) -> Result<(&'a Ballot, Quorum), NoConclusion> {
    let quorum = Quorum::of(rule, entitled, ballots.len());
    if !quorum.is_met() {
        return Err(if quorum.is_possible() {
            NoConclusion::TooFewVotes(quorum)
        } else {
            NoConclusion::TooFewEntitled(quorum)
        });
    }
    let mut counts: BTreeMap<&Ballot, usize> = BTreeMap::new();
    for ballot in ballots {
        *counts.entry(*ballot).or_default() += 1;
    }
    counts
        .into_iter()
        .find(|(_, count)| count * 2 > entitled)
        .map(|(ballot, _)| (ballot, quorum))
        .ok_or(NoConclusion::NoMajority(quorum))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{contract::Conclusion, expert_review::Proposal};

    const RULE: ExpertReviewRule = ExpertReviewRule {
        at_least_votes: 3,
        share: (2, 3),
        from_fen: None,
    };

    fn ballot(n: u8) -> Ballot {
        let changes = |fen| Proposal {
            technology_amount_fen: Some(fen),
            ..Proposal::default()
        };
        match n {
            0 => Ballot {
                vote: Conclusion::Recognise,
                changes: Proposal::default(),
            },
            1 => Ballot {
                vote: Conclusion::NotRecognise,
                changes: Proposal::default(),
            },
            n => Ballot {
                vote: Conclusion::RecogniseWithChanges,
                changes: changes(i64::from(n)),
            },
        }
    }

    fn concluded(entitled: usize, votes: &[u8]) -> Result<u8, &'static str> {
        let ballots: Vec<Ballot> = votes.iter().map(|n| ballot(*n)).collect();
        match tally(&RULE, entitled, &ballots.iter().collect::<Vec<_>>()) {
            Ok((found, _)) => Ok((0..9).find(|n| ballot(*n) == *found).unwrap()),
            Err(NoConclusion::TooFewVotes(_)) => Err("votes"),
            Err(NoConclusion::TooFewEntitled(_)) => Err("entitled"),
            Err(NoConclusion::NoMajority(_)) => Err("majority"),
        }
    }

    #[test]
    fn quorum_and_majority() {
        for (entitled, votes, expected) in [
            (5, &[0, 0, 0][..], Err("votes")), // 2/3 of 5 is 4
            (5, &[0, 0, 0, 1], Ok(0)),
            (5, &[0, 0, 1, 1], Err("majority")),
            (5, &[0, 0, 1, 1, 1], Ok(1)),
            (6, &[0, 0, 0, 1], Err("majority")), // 3 of 6 is not more than half
            (6, &[0, 0, 0, 0], Ok(0)),
            (4, &[0, 0, 1], Err("majority")), // of those entitled, not of those who voted
            (3, &[2, 2, 3], Ok(2)),
            (3, &[2, 3, 4], Err("majority")), // other changes are another vote
            (3, &[0, 0], Err("votes")),
            (2, &[0, 0], Err("entitled")),
            (0, &[], Err("entitled")),
        ] {
            assert_eq!(concluded(entitled, votes), expected, "{entitled} {votes:?}");
        }
    }

    proptest! {
        /// Against the rules said as plainly as can be, over the numbers that a rule set may have.
        #[test]
        fn agrees_with_a_naive_count(
            at_least in 0..6_u32,
            denominator in 1..7_u32,
            part in 1..7_u32,
            entitled in 0..12_usize,
            votes in prop::collection::vec(0..5_u8, 0..12),
        ) {
            let numerator = part.min(denominator);
            let votes = &votes[..votes.len().min(entitled)];
            let rule = ExpertReviewRule { at_least_votes: at_least, share: (numerator, denominator), from_fen: None };
            let ballots: Vec<Ballot> = votes.iter().map(|n| ballot(*n)).collect();
            let refs: Vec<&Ballot> = ballots.iter().collect();
            let found = tally(&rule, entitled, &refs);

            let cast = votes.len() as f64;
            let enough = |n: f64| n >= f64::from(at_least)
                && n * f64::from(denominator) >= entitled as f64 * f64::from(numerator);
            let winners: Vec<u8> = (0..5)
                .filter(|n| votes.iter().filter(|v| *v == n).count() as f64 > entitled as f64 / 2.0)
                .collect();
            prop_assert!(winners.len() <= 1);
            match found {
                Ok((won, quorum)) => {
                    prop_assert!(enough(cast));
                    prop_assert_eq!(&ballot(winners[0]), won);
                    prop_assert_eq!((quorum.votes, quorum.entitled), (votes.len(), entitled));
                }
                Err(NoConclusion::TooFewVotes(_)) => prop_assert!(!enough(cast) && enough(entitled as f64)),
                Err(NoConclusion::TooFewEntitled(_)) => prop_assert!(!enough(entitled as f64)),
                Err(NoConclusion::NoMajority(_)) => prop_assert!(enough(cast) && winners.is_empty()),
            }
            // The order of the votes does not matter, and one more for what won does not change it.
            let reversed: Vec<&Ballot> = refs.iter().rev().copied().collect();
            prop_assert_eq!(found, tally(&rule, entitled, &reversed));
            if let (Ok((won, _)), true) = (found, votes.len() < entitled) {
                let more: Vec<&Ballot> = refs.iter().copied().chain([won]).collect();
                prop_assert_eq!(tally(&rule, entitled, &more).map(|(b, _)| b), Ok(won));
            }
        }
    }
}
