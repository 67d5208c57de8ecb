//! What a report states, figure by figure, and what follows from it for figures that it does not state.

use std::collections::HashMap;

use super::{
    exact::{Exact, Interval},
    statement::Statement,
};
use crate::{
    domain::{catalogue::Catalogue, code_list::ListName, money::Fen, steps},
    statistics::{coder::Section, question::Plan, sums::BANDS},
};

/// What is known of a figure.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// The values that it may have.
    pub(super) interval: Interval,
    /// The value as printed, or computed from values as printed.
    pub(super) middle: Exact,
    /// How the report says it: 6.14 亿元（表1 2023）.
    pub(super) said: String,
}

/// The statements of a report by figure. Names that mean the same figure are one.
pub(super) struct Book<'a> {
    pub(super) year: i32,
    pub(super) plan: Option<&'a Plan>,
    pub(super) large_from: Fen,
    pub(super) catalogue: &'a Catalogue,
    pub(super) statements: &'a [Statement],
    /// By canonical name: the statement that counts.
    base: HashMap<String, usize>,
}

/// How deep a figure may follow from figures that follow themselves.
const MAX_DEPTH: u8 = 3;

impl<'a> Book<'a> {
    pub(super) fn new(
        year: i32,
        plan: Option<&'a Plan>,
        large_from: Fen,
        catalogue: &'a Catalogue,
        statements: &'a [Statement],
    ) -> Self {
        let mut book = Self {
            year,
            plan,
            large_from,
            catalogue,
            statements,
            base: HashMap::new(),
        };
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, statement) in statements.iter().enumerate() {
            by_name
                .entry(book.canonical(&statement.figure))
                .or_default()
                .push(index);
        }
        book.base = by_name
            .into_iter()
            .filter_map(|(name, all)| Some((name, book.counting(&all)?)))
            .collect();
        book
    }

    /// Of several statements of one figure, the one that counts: the most precise; of those the one most often made; of those the
    /// first.
    fn counting(&self, all: &[usize]) -> Option<usize> {
        let width = |index: &usize| self.statements.get(*index)?.printed.interval()?.width();
        let mut finest: Vec<usize> = Vec::new();
        for index in all {
            let Some(mine) = width(index) else { continue };
            let order = finest.first().and_then(width).map(|best| mine.compare(best));
            match order {
                None | Some(Some(std::cmp::Ordering::Less)) => finest = vec![*index],
                Some(Some(std::cmp::Ordering::Equal)) => finest.push(*index),
                _ => {}
            }
        }
        let text = |index: usize| self.statements.get(index).map(|s| s.printed.text.as_str());
        let mut often: HashMap<Option<&str>, usize> = HashMap::new();
        for index in &finest {
            steps::tick(1);
            *often.entry(text(*index)).or_default() += 1;
        }
        let often = |index: usize| often.get(&text(index)).copied().unwrap_or(0);
        finest
            .iter()
            .copied()
            .max_by_key(|index| (often(*index), std::cmp::Reverse(*index)))
    }

    /// The one name of a figure that has several: what the series says of the report's own year and of the year before is said
    /// of the year's sections.
    pub(super) fn canonical(&self, name: &str) -> String {
        let of_year = |year: i32| name.strip_prefix(&format!("series.{year}."));
        if let Some(measure) = of_year(self.year) {
            return match measure {
                "south_amount" => "regions.south.amount".to_owned(),
                "south_share" => "regions.south.share".to_owned(),
                _ => match measure
                    .split_once("_plan_")
                    .map(|(_, m)| ("outside_plan", m))
                    .or_else(|| measure.strip_prefix("plan_funded_").map(|m| ("plan_funded", m)))
                {
                    Some((group, measure)) => format!("plan.{group}.{measure}"),
                    None => format!("total.{measure}"),
                },
            };
        }
        if let Some(measure) = of_year(self.year - 1) {
            return match measure {
                "contracts" | "amount" => format!("total.previous_{measure}"),
                "south_amount" => "regions.south.previous_amount".to_owned(),
                "plan_funded_contracts" => "plan.plan_funded.previous_contracts".to_owned(),
                "plan_funded_amount" => "plan.plan_funded.previous_amount".to_owned(),
                "outside_plan_contracts" => "plan.outside_plan.previous_contracts".to_owned(),
                "outside_plan_amount" => "plan.outside_plan.previous_amount".to_owned(),
                _ => name.to_owned(),
            };
        }
        name.to_owned()
    }

    /// The statement of a figure that counts.
    pub(super) fn statement(&self, name: &str) -> Option<&'a Statement> {
        self.base
            .get(&self.canonical(name))
            .and_then(|index| self.statements.get(*index))
    }

    /// What the report itself states of a figure.
    pub(super) fn stated(&self, name: &str) -> Option<Known> {
        self.statement(name).and_then(known)
    }

    /// What the report states of a figure, or what follows from what it states.
    pub(super) fn value(&self, name: &str) -> Option<Known> {
        self.at_depth(name, 0)
    }

    fn at_depth(&self, name: &str, depth: u8) -> Option<Known> {
        if let Some(stated) = self.stated(name) {
            return Some(stated);
        }
        let (what, parts) = self.parts(&self.canonical(name))?;
        (depth < MAX_DEPTH).then(|| self.sum(&what, &parts, depth + 1))?
    }

    /// The sum of figures, all of which must be known. `what` says in words what is added up.
    pub(super) fn sum(&self, what: &str, parts: &[String], depth: u8) -> Option<Known> {
        let zero = Some((Interval::exactly(Exact::ZERO), Exact::ZERO));
        let (interval, middle) = parts.iter().try_fold(zero, |sum, part| {
            let (interval, middle) = sum?;
            let part = self.at_depth(part, depth)?;
            Some(Some((interval.add(part.interval)?, middle.add(part.middle)?)))
        })??;
        if parts.is_empty() {
            return None;
        }
        let first = parts.first().and_then(|part| self.statement(part));
        let shown = first.and_then(|part| {
            let text = part.printed.same_form(middle)?;
            super::statement::Printed::read(&text, part.printed.unit).map(|printed| printed.display())
        });
        let said = match shown {
            Some(shown) => format!("{what}之和 {shown}"),
            None => format!("{what}之和"),
        };
        Some(Known { interval, middle, said })
    }

    /// The figures that add up to a figure, and what they are in words.
    pub(super) fn parts(&self, name: &str) -> Option<(String, Vec<String>)> {
        let (section, rest) = name.split_once('.')?;
        let (item, measure) = rest.split_once('.').unwrap_or(("", rest));
        let additive = measure.ends_with("contracts") || measure.ends_with("amount");
        match section {
            "follow_up" if measure == "tax_relief" => Some((
                "增值税免税与企业所得税减免".to_owned(),
                vec![
                    "follow_up.vat_exempted".to_owned(),
                    "follow_up.income_tax_reduced".to_owned(),
                ],
            )),
            "regions" if additive => {
                let units = self.catalogue.list(ListName::Unit).items().iter();
                let units = units.filter(|unit| unit.group.as_deref() == Some(item));
                let label = self.catalogue.list(ListName::RegionGroup).label(item)?;
                Some((
                    format!("{label}各单位"),
                    units.map(|unit| format!("units.{}.{measure}", unit.id)).collect(),
                ))
            }
            "bands" if additive => {
                let (_, from, below) = BANDS.iter().find(|(key, _, _)| *key == item)?;
                Some(("各档".to_owned(), self.sizes(*from, *below, measure)))
            }
            "large" if item.is_empty() && additive => {
                Some(("各档".to_owned(), self.sizes(self.large_from, Fen::MAX, measure)))
            }
            "period" => {
                let plan = self.plan?;
                let years = plan.from..=plan.to.min(self.year);
                let measure = rest.strip_prefix("period_").unwrap_or(rest);
                additive.then(|| {
                    let parts = years.map(|year| format!("series.{year}.{measure}"));
                    ("各年".to_owned(), parts.collect())
                })
            }
            "series" if measure == "amount" || measure == "contracts" => {
                let part = |group: &str| format!("series.{item}.{group}_{measure}");
                Some((
                    "计划内与计划外".to_owned(),
                    vec![part("plan_funded"), part("outside_plan")],
                ))
            }
            _ if item.contains('+') && additive => {
                let parts = item.split('+').map(|item| format!("{section}.{item}.{measure}"));
                Some(("各档".to_owned(), parts.collect()))
            }
            _ => None,
        }
    }

    /// The figures of the size classes from an amount up to another.
    fn sizes(&self, from: Fen, below: Fen, measure: &str) -> Vec<String> {
        let sizes = self.catalogue.list(ListName::SizeClass).items().iter();
        let within = sizes.filter(|size| size.from_fen.is_some_and(|at| from <= at && at < below));
        within.map(|size| format!("sizes.{}.{measure}", size.id)).collect()
    }

    /// The figures of one measure of every item of a section.
    pub(super) fn items(&self, section: Section, measure: &str) -> Vec<String> {
        let items = self.catalogue.list(section.list()).items().iter();
        items
            .map(|item| format!("{}.{}.{measure}", section.key(), item.id))
            .collect()
    }

    /// The Chinese name of an item of a section.
    pub(super) fn label(&self, section: Section, id: &str) -> String {
        self.catalogue.list(section.list()).label(id).unwrap_or(id).to_owned()
    }
}

/// What one statement says.
pub(super) fn known(statement: &Statement) -> Option<Known> {
    Some(Known {
        interval: statement.printed.interval()?,
        middle: statement.printed.value()?,
        said: format!("{}（{}）", statement.printed.display(), statement.place),
    })
}
