//! A01 exact duplicate, A02 near duplicate, A04 same number, A05 splitting.
//!
//! What counts as the same party: the same credit code; the same name where there is no code.

use super::{
    super::Severity::{Error, Notice, Warning},
    Case, Findings, Likeness, Lookalike, PairDeal,
};
use crate::domain::{
    likeness::{Name, amounts_are_near},
    money::{Fen, format_yuan},
    rules::CheckLimits,
    time::Date,
};

/// The contract in hand, as far as it can be compared.
struct Own<'a> {
    name: Name,
    signed_on: Date,
    amount_fen: Fen,
    likeness: &'a Likeness,
    limits: &'a CheckLimits,
}

impl<'a> Own<'a> {
    fn of(case: &Case<'a>) -> Option<Self> {
        Some(Self {
            name: Name::of(case.content.project_name.as_deref()?),
            signed_on: case.content.signed_on?,
            amount_fen: case.content.amount_fen?,
            likeness: case.facts.likeness.as_ref()?,
            limits: case.rule_set?.checks.as_ref()?,
        })
    }

    /// Same parties, day and amount.
    fn is_same_deal(&self, other: &Lookalike) -> bool {
        other.same_seller
            && other.same_buyer
            && other.signed_on == self.signed_on
            && other.amount_fen == self.amount_fen
    }
}

/// How others are called, three at most.
fn called<'a>(others: impl Iterator<Item = &'a Lookalike>) -> String {
    let mut shown: Vec<&str> = others.map(|o| o.shown.as_str()).collect();
    let all = shown.len();
    shown.dedup();
    shown.truncate(3);
    let named = shown.join("、");
    if all > shown.len() {
        format!("{named}等 {all} 项")
    } else {
        named
    }
}

/// A01: same seller, buyer, day and amount. The same name too: the same contract, an error. Alike by half or more, a warning; a
/// name of something else, or a member of a series (第一期, 第二期), a notice: two parties may well agree on several things on one
/// day for one price, and a framework contract's orders do.
pub(super) fn exact_duplicate(case: &Case<'_>, findings: &mut Findings) {
    let Some(own) = Own::of(case) else { return };
    let severity = |other: &Lookalike| {
        if own.name == other.name {
            Error
        } else if own.name.same_numbers(&other.name) && own.name.is_alike(&other.name, own.limits.related_name_percent)
        {
            Warning
        } else {
            Notice
        }
    };
    let same: Vec<&Lookalike> = own.likeness.alike.iter().filter(|o| own.is_same_deal(o)).collect();
    for (grave, what) in [
        (
            Error,
            "合同名称、卖方、买方、签订日期和合同成交额均相同，一份合同只能登记一次",
        ),
        (
            Warning,
            "卖方、买方、签订日期和合同成交额均相同，合同名称相近，请核对是否重复登记",
        ),
        (
            Notice,
            "卖方、买方、签订日期和合同成交额均相同，合同名称不同，请核对是否同一合同",
        ),
    ] {
        let of = || same.iter().copied().filter(|o| severity(o) == grave);
        if of().next().is_some() {
            return findings.add(grave, "", format!("与{}{what}", called(of())));
        }
    }
}

/// A02: names alike, amounts within one percent, signed within thirty days (limits of the rule set). A warning where both parties
/// are the same; a notice where a party differs (one thing sold to several buyers at one price is ordinary business) or where the
/// names differ in their numbers only and both parties are the same (a series). What A01 tells is not told again.
pub(super) fn near_duplicate(case: &Case<'_>, findings: &mut Findings) {
    let Some(own) = Own::of(case) else { return };
    let near = |o: &&Lookalike| {
        !own.is_same_deal(o)
            && amounts_are_near(own.amount_fen, o.amount_fen, own.limits.near_amount_per_mille)
            && (own.signed_on - o.signed_on).num_days().abs() <= i64::from(own.limits.near_days)
            && own.name.is_alike(&o.name, own.limits.near_name_percent)
    };
    let severity = |o: &Lookalike| {
        let same_parties = o.same_seller && o.same_buyer;
        match (same_parties, own.name.same_numbers(&o.name)) {
            (true, true) => Some(Warning),
            (true, false) | (false, true) => Some(Notice),
            (false, false) => None,
        }
    };
    let alike: Vec<&Lookalike> = own.likeness.alike.iter().filter(near).collect();
    for (grave, what) in [
        (Warning, "当事人相同，名称、金额、签订日期相近，请核对是否重复登记"),
        (Notice, "名称、金额、签订日期相近，请核对是否重复登记"),
    ] {
        let of = || alike.iter().copied().filter(|o| severity(o) == Some(grave));
        if of().next().is_some() {
            return findings.add(grave, "/project_name", format!("与{}{what}", called(of())));
        }
    }
}

/// A04: another contract has this one's number of the national system, as that or as its own registration number. (Within one
/// register both are unique, each for itself: this finds the number that was given twice across the two.)
pub(super) fn same_number(case: &Case<'_>, findings: &mut Findings) {
    let others = case.facts.same_number.as_deref().unwrap_or_default();
    if !others.is_empty() {
        let message = format!("国家登记编号与{}的编号相同", others.join("、"));
        findings.add(Error, "/national_number", message);
    }
}

/// A05: contracts of the same parties signed within ninety days, each below a threshold that they reach together.
pub(super) fn split(case: &Case<'_>, findings: &mut Findings) {
    let Some(own) = Own::of(case) else { return };
    let Own { limits, likeness, .. } = own;
    for threshold in &limits.split_thresholds_fen {
        if own.amount_fen >= *threshold {
            continue;
        }
        let mut parts: Vec<PairDeal> = likeness
            .pair
            .iter()
            .filter(|d| d.amount_fen > 0 && d.amount_fen < *threshold)
            .copied()
            .collect();
        parts.sort_by_key(|d| d.signed_on);
        if let Some((count, sum)) = heaviest_span(&parts, &own)
            && sum >= *threshold
        {
            let [sum, threshold] = [sum, *threshold].map(format_yuan);
            let days = limits.split_days;
            let message = format!(
                "同一卖方与买方 {days} 天内签订 {count} 项合同，每项均低于 {threshold} 元，合计 {sum} 元，请核对是否拆分"
            );
            return findings.add(Warning, "/amount_fen", message);
        }
    }
}

/// Of all spans of the limit's length that hold the contract in hand, the one with the greatest sum: how many contracts, the one
/// in hand included, and their sum. None without another contract. `parts` are in order of their days.
fn heaviest_span(parts: &[PairDeal], own: &Own<'_>) -> Option<(usize, Fen)> {
    let days = i64::from(own.limits.split_days);
    let mut best: Option<(usize, Fen)> = None;
    // A heaviest span may begin with one of its contracts; with the one in hand at the latest.
    let starts = parts.iter().map(|d| d.signed_on).chain([own.signed_on]);
    let (mut sum, mut from, mut to) = (0, 0, 0);
    for start in starts.filter(|s| *s <= own.signed_on && (own.signed_on - *s).num_days() <= days) {
        // Both ends only move on: the days are in order, and the one in hand is the last start.
        while let Some(part) = parts.get(to).filter(|p| (p.signed_on - start).num_days() <= days) {
            sum += part.amount_fen;
            to += 1;
        }
        while let Some(part) = parts.get(from).filter(|p| p.signed_on < start) {
            sum -= part.amount_fen;
            from += 1;
        }
        if to > from && best.is_none_or(|(_, most)| own.amount_fen + sum > most) {
            best = Some((to - from + 1, own.amount_fen + sum));
        }
    }
    best
}
