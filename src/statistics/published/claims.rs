//! What a report says in words, held against its own numbers: who grew, who leads, who is above a line.

use super::{
    book::Book,
    contradictions::{Finding, divided, ranks},
    exact::{Exact, Interval},
    patterns::Claim,
    phrases::Found,
};
use crate::{
    domain::{code_list::ListName, money::FEN_PER_YI_YUAN},
    statistics::{check::Verdict, coder::Section},
};

/// A claim where it stands.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub(super) claim: Claim,
    pub(super) found: Found,
    pub(super) place: String,
}

/// What is wrong with the claims of a report.
pub(super) fn of_words(book: &Book<'_>, claims: &[Claimed]) -> Vec<Finding> {
    claims.iter().flat_map(|claimed| wrong(book, claimed)).collect()
}

/// Growth of an item's amount.
fn growth(book: &Book<'_>, item: &str) -> Option<(Interval, Exact)> {
    let (now, before) = (
        book.value(&format!("{item}.amount"))?,
        book.value(&format!("{item}.previous_amount"))?,
    );
    divided(&now, &before, true)
}

fn percent(value: Exact) -> Option<String> {
    value.mul(Exact::new(100, 1)?)?.display(1)
}

fn fell(growth: Interval) -> bool {
    growth.is_below(Interval::exactly(Exact::ZERO))
}

fn grew(growth: Interval) -> bool {
    Interval::exactly(Exact::ZERO).is_below(growth)
}

fn wrong(book: &Book<'_>, claimed: &Claimed) -> Vec<Finding> {
    let names = &claimed.found.names;
    let number = |at: usize| claimed.found.numbers.get(at);
    let finding = |figure: String, derived: Option<String>, note: String| Finding {
        figure,
        place: claimed.place.clone(),
        published: claimed.found.text.clone(),
        derived,
        verdict: Verdict::Differs,
        note,
    };
    let label = |section: Section, id: &str| book.label(section, id);
    match claimed.claim {
        Claim::AllUnitsGrewBut => {
            let units = book.catalogue.list(ListName::Unit).items().iter();
            let against = |unit: &crate::domain::code_list::CodeItem| {
                let item = format!("units.{}", unit.id);
                let (interval, middle) = growth(book, &item)?;
                let excepted = names.contains(&unit.id);
                let note = match excepted {
                    false if fell(interval) => format!("{}的成交额较上年也下降了", unit.label),
                    true if grew(interval) => format!("{}的成交额较上年增长了", unit.label),
                    _ => return None,
                };
                Some(finding(format!("{item}.growth"), percent(middle), note))
            };
            units.filter_map(against).collect()
        }
        Claim::UnitsAboveYi => {
            let line = Exact::new(FEN_PER_YI_YUAN, 1).map(Interval::exactly);
            let Some(line) = line else { return Vec::new() };
            let units = book.catalogue.list(ListName::Unit).items().iter();
            let amounts = units.filter_map(|unit| Some((unit, book.stated(&format!("units.{}.amount", unit.id))?)));
            let amounts: Vec<_> = amounts.collect();
            let said = number(0).and_then(|n| n.printed.text.parse::<usize>().ok());
            // 有九家，分别是一师、二师等: some of them.
            let is_whole_list = said.is_none_or(|said| said <= names.len());
            let mut found: Vec<Finding> = Vec::new();
            for (unit, amount) in &amounts {
                let note = match names.contains(&unit.id) {
                    true if amount.interval.is_below(line) => {
                        format!("{}的成交额为 {}，未超亿元", unit.label, amount.said)
                    }
                    false if is_whole_list && line.is_below(amount.interval) => {
                        format!("{}的成交额为 {}，也超亿元", unit.label, amount.said)
                    }
                    _ => continue,
                };
                found.push(finding(format!("units.{}.amount", unit.id), None, note));
            }
            let above = amounts
                .iter()
                .filter(|(_, amount)| line.is_below(amount.interval))
                .count();
            let perhaps = amounts
                .iter()
                .filter(|(_, amount)| !amount.interval.is_below(line))
                .count();
            if let Some(said) =
                said.filter(|said| found.is_empty() && !amounts.is_empty() && !(above..=perhaps).contains(said))
            {
                let note = format!("所载单位成交额超亿元的有 {above} 家，文中为 {said} 家");
                found.push(finding("units".to_owned(), Some(above.to_string()), note));
            }
            found
        }
        Claim::UnitsLead => {
            let place = |(index, id): (usize, &String)| {
                let (lowest, highest) = ranks(book, id)?;
                let said = i64::try_from(index).ok()? + 1;
                (!(lowest..=highest).contains(&said)).then(|| {
                    let note = format!("{}在各师中排第 {lowest}，文中排第 {said}", label(Section::Units, id));
                    finding(format!("units.{id}.rank"), Some(lowest.to_string()), note)
                })
            };
            names.iter().enumerate().filter_map(place).collect()
        }
        Claim::RegionsGrew => {
            let regions = book.catalogue.list(ListName::RegionGroup).items().iter();
            let against = |region: &crate::domain::code_list::CodeItem| {
                let item = format!("regions.{}", region.id);
                let (interval, middle) = growth(book, &item)?;
                fell(interval).then(|| {
                    let note = format!("{}的成交额较上年下降", region.label);
                    finding(format!("{item}.growth"), percent(middle), note)
                })
            };
            regions.filter_map(against).collect()
        }
        Claim::TypesShareAtLeast => {
            let amounts: Vec<String> = names.iter().map(|id| format!("types.{id}.amount")).collect();
            let against = || {
                let (part, whole) = (book.sum("各类", &amounts, 1)?, book.value("total.amount")?);
                let (interval, middle) = divided(&part, &whole, false)?;
                let line = number(0)?.printed.value()?;
                interval.is_below(Interval::exactly(line)).then(|| {
                    let note = format!("按报告所载{}、{}计算", part.said, whole.said);
                    finding("types".to_owned(), percent(middle), note)
                })
            };
            against().into_iter().collect()
        }
        Claim::TypesGrewMost => most(book, Section::Types, "growth", names, &finding),
        Claim::FieldLeads => most(book, Section::Fields, "amount", names, &finding),
        Claim::SizeMostContracts => most(book, Section::Sizes, "contracts", names, &finding),
        Claim::SizeLargestShare => most(book, Section::Sizes, "amount", names, &finding),
        Claim::PlanSharesBetween => {
            let bound = |at: usize| number(at)?.printed.interval();
            let (Some(low), Some(high)) = (bound(0), bound(1)) else {
                return Vec::new();
            };
            let shares = book.statements.iter().filter(|s| {
                let is_share = s.figure.ends_with(".plan_funded_share") || s.figure.ends_with(".outside_plan_share");
                s.figure.starts_with("series.") && is_share
            });
            let outside = shares.filter_map(|share| {
                let interval = share.printed.interval()?;
                let is_outside = interval.is_below(low) || high.is_below(interval);
                let note = || format!("{} 在 {}", share.place, share.printed.display());
                is_outside.then(|| finding(share.figure.clone(), Some(share.printed.text.clone()), note()))
            });
            outside.collect()
        }
        Claim::OutsidePlanPoints => {
            let against = || {
                let now = book.value("plan.outside_plan.share")?;
                let before = book.value(&format!("series.{}.outside_plan_share", book.year - 1))?;
                let said = &number(0)?.printed;
                let rose = Interval {
                    low: now.interval.low.sub(before.interval.high)?,
                    high: now.interval.high.sub(before.interval.low)?,
                };
                // Points are hundredths, printed as plain numbers.
                let point = Exact::new(1, 100)?;
                let points = said.interval()?;
                let points = Interval {
                    low: points.low.mul(point)?,
                    high: points.high.mul(point)?,
                };
                let derived = percent(now.middle.sub(before.middle)?);
                (!rose.meets(points)).then(|| {
                    let note = format!("由 {} 到 {}", before.said, now.said);
                    finding("plan.outside_plan.share".to_owned(), derived, note)
                })
            };
            against().into_iter().collect()
        }
        Claim::YearsGrewBut => {
            let excepted = number(0).map(|n| n.printed.text.as_str());
            let against = |statement: &super::statement::Statement| {
                let year = statement.figure.strip_prefix("series.")?.strip_suffix(".growth")?;
                let interval = statement.printed.interval()?;
                let wrong = match excepted == Some(year) {
                    true => grew(interval),
                    false => fell(interval),
                };
                let note = format!("{year} 年同比增速为 {}", statement.printed.display());
                wrong.then(|| finding(statement.figure.clone(), Some(statement.printed.text.clone()), note))
            };
            book.statements.iter().filter_map(against).collect()
        }
    }
}

/// Items said to have the most of something, in their order, against every other item of which the report says how much it has.
fn most(
    book: &Book<'_>,
    section: Section,
    measure: &str,
    names: &[String],
    finding: &impl Fn(String, Option<String>, String) -> Finding,
) -> Vec<Finding> {
    let figure = |id: &str| format!("{}.{id}.{measure}", section.key());
    let mut found = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let before = names.get(..place).unwrap_or_default();
        let Some(mine) = book.stated(&figure(name)) else {
            continue;
        };
        let others = book.catalogue.list(section.list()).items().iter();
        for other in others.filter(|other| other.id != *name && !before.contains(&other.id)) {
            let Some(its) = book.stated(&figure(&other.id)) else {
                continue;
            };
            if mine.interval.is_below(its.interval) {
                let note = format!(
                    "{}为 {}，大于{}的 {}",
                    other.label,
                    its.said,
                    book.label(section, name),
                    mine.said
                );
                found.push(finding(figure(&other.id), None, note));
            }
        }
    }
    found
}
