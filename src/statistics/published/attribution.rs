//! Which figure a number of a sentence is, once it is known whose it is and what the words before it say.

use super::{
    numerals::{Kind, Token},
    prose::{Role, Subject, Walk},
    statement::Printed,
    times::Time,
};
use crate::{
    domain::code_list::ListName,
    statistics::{coder::Section, value::PrintedUnit},
};

impl Walk<'_, '_, '_> {
    /// The figure that a number is.
    pub(super) fn figure(
        &self,
        token: &Token,
        printed: &Printed,
        subject: &Subject,
        previous: bool,
    ) -> Option<(String, Printed, bool)> {
        let sure = !matches!(subject, Subject::Whole(false));
        let plain = |figure: String| Some((figure, printed.clone(), sure));
        match token.kind {
            // By how many it grew is no figure.
            Kind::Contracts | Kind::Money if self.growth.is_some() => None,
            Kind::Contracts => plain(counted(subject, previous, self.prose.year)?),
            Kind::Money if self.mean || self.median => {
                let whole = matches!(subject, Subject::Whole(_) | Subject::None) && !previous;
                let name = if self.median { "median" } else { "mean" };
                whole.then(|| (format!("contract_amounts.{name}"), printed.clone(), true))
            }
            Kind::Money if self.word == Some(Role::Contracts) => None,
            Kind::Money => {
                let technology = self.word == Some(Role::Technology);
                plain(worth(subject, previous, technology, self.prose.year)?)
            }
            Kind::Percent if self.growth.is_some() && !self.share => self.growth_of(printed.clone(), subject, previous),
            Kind::Times if self.growth.is_some() => {
                let percent = as_percent(printed)?;
                self.growth_of(percent, subject, previous)
            }
            Kind::Percent if self.share && self.growth.is_none() => self.share_of(printed.clone(), subject, previous),
            Kind::Bare if self.share && printed.unit == PrintedUnit::Ratio && printed.decimals() > 0 => {
                self.share_of(printed.clone(), subject, previous)
            }
            Kind::Points if self.share && self.growth.is_some() => match subject {
                Subject::Item(Section::Plan, id) if !previous => {
                    let points = Printed::read(&printed.text, PrintedUnit::Percent)?.near(printed.nearness);
                    let points = if self.growth == Some(true) {
                        points.negated()
                    } else {
                        points
                    };
                    Some((format!("plan.{id}.share_change"), points, sure))
                }
                _ => None,
            },
            Kind::Persons if *subject == Subject::Group("registrars") => {
                let persons = !self.text_of(token).contains("人次") && !previous;
                let name = if self.new { "newly_certified" } else { "certified" };
                persons.then(|| (format!("registrars.{name}"), printed.clone(), true))
            }
            Kind::Units if *subject == Subject::UnitsAboveYi => plain("highlights.units_over_100m".to_owned()),
            Kind::Ordinal if self.rank => match subject {
                Subject::Item(Section::Units, id) if self.is_ranked(id) && !previous => Some((
                    format!("units.{id}.rank"),
                    printed.clone(),
                    self.amount_named || self.last == Some(Role::Amount),
                )),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a figure that a pattern found is none, by what the sentence says before it, of another time, or of somebody else than
    /// the whole; or by what it says behind it, of some contracts only.
    pub(super) fn contradicts(&self, figure: &str, token: &Token) -> bool {
        let (section, measure) = figure.split_once('.').unwrap_or((figure, ""));
        let is_of_year =
            !measure.contains("previous") && !matches!(section, "series" | "period" | "activities" | "follow_up");
        let is_another_time = is_of_year && self.times.now() != Time::Year(self.prose.year);
        let is_whole = matches!(self.context.subject, Subject::None | Subject::Whole(_));
        // 无百万元以下合同，…的份数占比: of others.
        let is_of_none = section == "bands" && self.says("无百万元");
        // A section about somebody may tell that one's contracts, unless it says whose they are.
        let is_ones = self.context.is_about_one && self.context.subject != Subject::Whole(true);
        let is_others = section == "total" && (!is_whole || self.strange || is_ones);
        let is_some = figure == "total.contracts" && self.qualified(token).is_some();
        is_of_none || is_another_time || is_others || is_some
    }

    /// Whether the sentence has these words.
    fn says(&self, words: &str) -> bool {
        (0..self.chars.len()).any(|at| self.starts(at, words))
    }

    fn text_of(&self, token: &Token) -> String {
        self.chars
            .get(token.from..token.end)
            .unwrap_or_default()
            .iter()
            .collect()
    }

    fn is_ranked(&self, id: &str) -> bool {
        let units = self.prose.vocabulary.catalogue.list(ListName::Unit);
        units.get(id).is_some_and(|unit| unit.ranked)
    }

    fn growth_of(&self, printed: Printed, subject: &Subject, previous: bool) -> Option<(String, Printed, bool)> {
        let of = self.word.or(self.last);
        if !matches!(of, None | Some(Role::Amount)) {
            return None;
        }
        let sure = (of.is_some() || self.amount_named) && *subject != Subject::Whole(false);
        let name = match subject {
            Subject::Whole(_) if previous => format!("series.{}.growth", self.prose.year - 1),
            Subject::Whole(_) => "total.growth".to_owned(),
            Subject::Year(year) => format!("series.{year}.growth"),
            Subject::Item(section, id) if !previous => format!("{}.{id}.growth", section.key()),
            _ => return None,
        };
        let falls = self.growth == Some(true);
        Some((name, if falls { printed.negated() } else { printed }, sure))
    }

    fn share_of(&self, printed: Printed, subject: &Subject, previous: bool) -> Option<(String, Printed, bool)> {
        let by_number = match (self.word, self.last) {
            (Some(Role::Contracts), _) => true,
            (Some(Role::Amount), _) => false,
            (_, Some(Role::Contracts)) => true,
            _ => false,
        };
        let sure = self.word.is_some() || self.last.is_some() || self.amount_named;
        if self.last == Some(Role::Technology) {
            let whole = matches!(subject, Subject::Whole(_)) && !by_number;
            let name = if previous {
                "technology.previous_share"
            } else {
                "technology.share"
            };
            return whole.then(|| (name.to_owned(), printed, sure && *subject != Subject::Whole(false)));
        }
        // A share that nothing says to be of the number of contracts may be of their amount all the same.
        let sure = sure && !(by_number && self.word.is_none());
        let measure = if by_number { "count_share" } else { "share" };
        let before = self.prose.year - 1;
        let name = match subject {
            Subject::TopTen if !previous && !by_number => "concentration.top_10_share".to_owned(),
            Subject::Item(Section::Regions, id) if previous && id == "south" && !by_number => {
                format!("series.{before}.south_share")
            }
            Subject::Item(Section::Plan, id) if previous && !by_number => format!("series.{before}.{id}_share"),
            Subject::Item(section, id) if !previous => format!("{}.{id}.{measure}", section.key()),
            Subject::Group("large") if !previous && !by_number => "large.share".to_owned(),
            Subject::Group(band) if band.starts_with("bands.") && !previous => format!("{band}.{measure}"),
            _ => return None,
        };
        Some((name, printed, sure))
    }
}

/// 3.8 倍 as growth: 380 %, told in tens.
fn as_percent(printed: &Printed) -> Option<Printed> {
    let digits: i128 = printed.text.replace('.', "").parse().ok()?;
    let decimals = printed.decimals();
    if decimals >= 2 {
        return Printed::of(digits, decimals - 2, PrintedUnit::Percent);
    }
    let step = 10_i128.pow(2 - decimals);
    Printed::of(digits.checked_mul(step)?, 0, PrintedUnit::Percent).map(|p| p.stepped(step).near(printed.nearness))
}

/// The figure of a number of contracts.
fn counted(subject: &Subject, previous: bool, year: i32) -> Option<String> {
    let measure = if previous { "previous_contracts" } else { "contracts" };
    Some(match subject {
        Subject::Whole(_) => format!("total.{measure}"),
        Subject::Item(section, id) => format!("{}.{id}.{measure}", section.key()),
        Subject::ImportsOf(id) if !previous => format!("imports.by_type.{id}.contracts"),
        Subject::Year(of) if *of < year => format!("series.{of}.contracts"),
        Subject::Group("refused") if !previous => "decisions.refused".to_owned(),
        Subject::Group("returned") if !previous => "decisions.returned".to_owned(),
        Subject::Group("registrars") => return None,
        Subject::Group(prefix) if !previous => format!("{prefix}.contracts"),
        _ => return None,
    })
}

/// The figure of an amount.
fn worth(subject: &Subject, previous: bool, technology: bool, year: i32) -> Option<String> {
    let measure = match (technology, previous) {
        (true, true) => return None,
        (true, false) => "technology_amount",
        (false, true) => "previous_amount",
        (false, false) => "amount",
    };
    Some(match subject {
        Subject::Whole(_) => format!("total.{measure}"),
        Subject::Item(section, id) => format!("{}.{id}.{measure}", section.key()),
        Subject::ImportsOf(id) if !previous && !technology => format!("imports.by_type.{id}.amount"),
        Subject::Year(of) if *of < year && !technology => format!("series.{of}.amount"),
        Subject::Group("refused" | "returned" | "registrars" | "expert_reviews" | "reinstatements") => return None,
        Subject::Group(prefix) if !previous && !technology => format!("{prefix}.amount"),
        _ => return None,
    })
}

/// Whether a number in words is too small to be one of the report: 两个方面, 一项.
pub(super) fn is_small_word(token: &Token) -> bool {
    let small = || {
        let value = token
            .printed
            .as_ref()
            .and_then(|printed| printed.text.parse::<i64>().ok());
        value.is_some_and(|value| value <= 10)
    };
    token.kind == Kind::Ordinal
        || (token.chinese && !matches!(token.kind, Kind::Money | Kind::Percent | Kind::Points) && small())
}
