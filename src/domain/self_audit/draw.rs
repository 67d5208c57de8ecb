//! Drawing: from the population to the sample, the same for everyone who has the seed.
//!
//! The order of chance is that of the *ranks*: SHA-256 of seed, a colon and the contract's key, compared byte by byte. The whole
//! recipe, for those who repeat it without this program, is in `docs/SELF-AUDIT.md`; changing it here makes every stated seed
//! worthless.

use std::cmp::Reverse;

use sha2::{Digest as _, Sha256};

use super::{Design, Stratum};
use crate::domain::{
    checks::{Check, Severity},
    money::Fen,
};

/// Place of a contract in the order of chance.
pub type Rank = [u8; 32];

/// The rank of the contract of a key (registration number; where it has none, the key in the store in decimal digits).
pub fn rank(seed: &str, key: &str) -> Rank {
    let mut hasher = Sha256::new();
    hasher.update(seed.as_bytes());
    hasher.update(b":");
    hasher.update(key.as_bytes());
    hasher.finalize().into()
}

/// How many findings the checks make about a contract, the gravest first; ordered so that more is more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Risk {
    /// Errors.
    pub errors: u32,
    /// Warnings.
    pub warnings: u32,
    /// Notices.
    pub notices: u32,
}

impl Risk {
    /// Counts findings.
    pub fn of(checks: &[Check]) -> Self {
        let count = |severity| {
            let found = checks.iter().filter(|c| c.severity == severity).count();
            u32::try_from(found).unwrap_or(u32::MAX)
        };
        Self {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notices: count(Severity::Notice),
        }
    }
}

/// One contract of the population: small, since there may be a million.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Key in the store.
    pub id: i64,
    /// Revision in force.
    pub revision: i64,
    /// 合同成交额 of that revision, in fen.
    pub amount_fen: Fen,
    /// Index of its stratum among the names that [`draw`] is handed; 0 for designs without strata.
    pub stratum: u32,
    /// Its rank; not looked at by designs without a seed.
    pub rank: Rank,
    /// Findings of the checks; looked at by `risky_first` alone.
    pub risk: Risk,
}

/// One contract drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// Index in the population.
    pub member: usize,
    /// Index in [`Sample::strata`].
    pub stratum: usize,
}

/// What was drawn, and from what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The parts of the population.
    pub strata: Vec<Stratum>,
    /// The contracts, in the order of their strata and, within, of the drawing.
    pub drawn: Vec<Drawn>,
}

/// Draws by `design` from `members`; `names` are the strata that they name, sorted.
pub fn draw(design: &Design, names: &[String], members: &[Member]) -> Sample {
    match design {
        Design::All => simple(members, members.len(), |m| (m.id, m.id)),
        Design::Random { size, .. } => simple(members, *size, |m| (m.rank, m.id)),
        Design::RiskyFirst { size } => simple(members, *size, |m| (Reverse((m.risk, m.amount_fen)), m.id)),
        Design::Stratified { size, rate, .. } => stratified(names, members, wanted(*size, *rate, members.len())),
        Design::AmountWeighted { size, seed } => weighted(members, *size, seed),
    }
}

/// Contracts asked for: `size`, or the share `rate` of `population`, rounded up. What arithmetic with doubles adds in the ninth
/// decimal is not a contract.
fn wanted(size: Option<usize>, rate: Option<f64>, population: usize) -> usize {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count far below 2^53"
    )]
    let of_rate = |rate: f64| (rate * population as f64 - 1e-9).ceil().max(0.0) as usize;
    size.or_else(|| rate.map(of_rate)).unwrap_or(0).min(population)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn total<'a>(members: impl IntoIterator<Item = &'a Member>) -> Fen {
    members
        .into_iter()
        .fold(0, |sum: Fen, m| sum.saturating_add(m.amount_fen))
}

/// The first `size` by `order`, of one stratum.
fn simple<K: Ord>(members: &[Member], size: usize, order: impl Fn(&Member) -> K) -> Sample {
    let mut indices: Vec<usize> = (0..members.len()).collect();
    indices.sort_by_cached_key(|i| order(&members[*i]));
    indices.truncate(size);
    let whole = Stratum {
        id: "all".to_owned(),
        contracts: count(members.len()),
        amount_fen: total(members),
        drawn: count(indices.len()),
    };
    Sample {
        strata: vec![whole],
        drawn: indices.into_iter().map(|member| Drawn { member, stratum: 0 }).collect(),
    }
}

fn stratified(names: &[String], members: &[Member], size: usize) -> Sample {
    let mut parts: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
    for (index, member) in members.iter().enumerate() {
        if let Some(part) = parts.get_mut(member.stratum as usize) {
            part.push(index);
        }
    }
    let sizes: Vec<usize> = parts.iter().map(Vec::len).collect();
    let allotted = allot(&sizes, size);
    let mut sample = Sample {
        strata: Vec::with_capacity(names.len()),
        drawn: Vec::new(),
    };
    for (stratum, ((name, mut part), take)) in names.iter().zip(parts).zip(allotted).enumerate() {
        sample.strata.push(Stratum {
            id: name.clone(),
            contracts: count(part.len()),
            amount_fen: total(part.iter().map(|i| &members[*i])),
            drawn: count(take),
        });
        part.sort_by_key(|i| (members[*i].rank, members[*i].id));
        let taken = part.into_iter().take(take);
        sample.drawn.extend(taken.map(|member| Drawn { member, stratum }));
    }
    sample
}

/// How many of each stratum: in proportion to `sizes`, by largest remainder (ties: the earlier stratum), at least one of each
/// that is not empty, `total` in all (raised to one a stratum). Strata whose share is below one get one and leave the others to
/// share what remains, again and again until no share is below one.
pub fn allot(sizes: &[usize], total: usize) -> Vec<usize> {
    let mut allotted = vec![0; sizes.len()];
    let mut open: Vec<usize> = (0..sizes.len()).filter(|i| sizes[*i] > 0).collect();
    let mut population: usize = sizes.iter().sum();
    let mut left = total.clamp(open.len(), population.max(open.len()));
    loop {
        let (small, rest): (Vec<usize>, Vec<usize>) = open.iter().partition(|i| left * sizes[**i] < population);
        if small.is_empty() {
            break;
        }
        for i in small {
            allotted[i] = 1;
            left -= 1;
            population -= sizes[i];
        }
        open = rest;
    }
    let mut remainders = Vec::with_capacity(open.len());
    let mut given = 0;
    for i in open {
        let share = left * sizes[i];
        allotted[i] = share / population;
        given += allotted[i];
        remainders.push((Reverse(share % population), i));
    }
    remainders.sort_unstable();
    for (_, i) in remainders.into_iter().take(left - given) {
        allotted[i] += 1;
    }
    allotted
}

/// Probability proportional to the amount. From the largest down, whatever is at least the n-th part of what is left (n: places
/// left) is certain; from the rest, in the order of the ranks, one contract at each of n points of the summed amounts, an equal
/// step apart, the first at a point of the first step that the seed names.
fn weighted(members: &[Member], size: usize, seed: &str) -> Sample {
    let mut by_amount: Vec<usize> = (0..members.len()).filter(|i| members[*i].amount_fen > 0).collect();
    by_amount.sort_by_cached_key(|i| (Reverse(members[*i].amount_fen), members[*i].rank));
    let amount = |i: usize| u128::from(members[i].amount_fen.unsigned_abs());
    let mut left = size.min(by_amount.len());
    let mut rest_amount: u128 = by_amount.iter().map(|i| amount(*i)).sum();
    let mut certain = 0;
    while left > 0 && certain < by_amount.len() && amount(by_amount[certain]) * left as u128 >= rest_amount {
        rest_amount -= amount(by_amount[certain]);
        left -= 1;
        certain += 1;
    }
    let mut rest = by_amount.split_off(certain);
    rest.sort_by_key(|i| (members[*i].rank, members[*i].id));
    let mut drawn: Vec<Drawn> = by_amount
        .iter()
        .map(|member| Drawn {
            member: *member,
            stratum: 0,
        })
        .collect();
    let start = u128::from(start(seed));
    let steps = left as u128;
    let mut upto: u128 = 0;
    let mut point: u128 = 0;
    for member in &rest {
        if point == steps {
            break;
        }
        upto += amount(*member);
        // The point of this step in fen, rounded down: amounts are whole, so that decides the same. No contract is as large as a
        // step here, so none is met twice. 2^32 × steps (2^17) × 2^73 (a million of the largest amounts) fits.
        if (((point << 32) + start) * rest_amount) / (steps << 32) < upto {
            drawn.push(Drawn {
                member: *member,
                stratum: 1,
            });
            point += 1;
        }
    }
    let stratum = |id: &str, part: &[usize], taken: usize| Stratum {
        id: id.to_owned(),
        contracts: count(part.len()),
        amount_fen: total(part.iter().map(|i| &members[*i])),
        drawn: count(taken),
    };
    Sample {
        strata: vec![
            stratum("certain", &by_amount, by_amount.len()),
            stratum("sampled", &rest, drawn.len() - by_amount.len()),
        ],
        drawn,
    }
}

/// The start of systematic drawing, in 2^-32 of a step: the first four bytes of SHA-256(seed + ":start"), the first the highest.
fn start(seed: &str) -> u32 {
    let [a, b, c, d, ..] = rank(seed, "start");
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests;
