//! From a figure's name to what is behind it. The order is that of the annual object; the rules are those of
//! [`crate::statistics::definitions`].

use super::{Behind, Formula, Measure, Selection, SeriesYear, Term, Which, Years};
use crate::{
    domain::code_list::ListName,
    statistics::{
        coder::{Coder, Section},
        facts::UNKNOWN,
        question::Question,
        sums::BANDS,
        value::UnitKind,
    },
};

/// What is behind the figure of that name; `None` where no contracts are: what comes from surveys, activities, certificates, self-audits, or is
/// a year of the plan; and where the order of contracts or the time they took makes the figure, which is no sum. Names of no figure are not told from those; ask the figures.
pub fn behind(coder: &Coder<'_>, question: &Question, figure: &str) -> Option<Behind> {
    let segments: Vec<&str> = figure.split('.').collect();
    let year = question.year();
    match segments.as_slice() {
        ["total", measure] => split(year, Which::All, measure),
        ["series", of, measure] => {
            let of: i32 = of.parse().ok()?;
            let series_year = SeriesYear {
                year: of,
                first: *question.years_needed().start(),
                amount: *measure == "amount",
            };
            series(coder, question, of, measure).map(|behind| Behind {
                series: Some(series_year),
                ..behind
            })
        }
        ["regions", "north_to_south"] => north_to_south(coder, year),
        ["regions", "previous_north_to_south"] => north_to_south(coder, year - 1),
        ["bands", band, measure] => {
            let at = BANDS.iter().position(|(key, _, _)| key == band)?;
            split(year, Which::Band(u8::try_from(at).ok()?), measure)
        }
        ["large", measure] => split(year, Which::Large, measure),
        ["imports", measure] => split(year, Which::Imports, measure),
        ["imports", "by_type", of, measure] => {
            split(year, Which::ImportsOfType(index(coder, ListName::Type, of)?), measure)
        }
        ["technology", "amount"] => split(year, Which::All, "technology_amount"),
        ["technology", "share"] => one(Formula::TechnologyShare, year),
        ["technology", "previous_share"] => one(Formula::TechnologyShare, year - 1),
        ["contract_amounts", "mean"] => one(Formula::Mean, year),
        ["period", measure] => period(coder, question, measure),
        ["expert_reviews", measure] => event(Selection::Reviewed, measure),
        ["revocations", measure] => event(Selection::Revoked(None), measure),
        ["revocations", "by_ground", ground, measure] => {
            let ground = index(coder, ListName::RevocationGround, ground)?;
            event(Selection::Revoked(Some(ground)), measure)
        }
        ["reinstatements", measure] => event(Selection::Reinstated, measure),
        [section, item, measure] => {
            let section = Section::ALL.into_iter().find(|s| s.key() == *section)?;
            let item = index(coder, section.list(), item)?;
            match *measure {
                "rank" if section == Section::Units => rank(coder, year, item),
                "share_change" if section == Section::Plan => share_change(year, Which::Item(section, item)),
                _ => split(year, Which::Item(section, item), measure),
            }
        }
        _ => None,
    }
}

/// The contracts from whose order, or from the time that they took, a figure follows that is no matter of sums: medians,
/// concentration, what decisions took. They explain why it changed, and prove no value.
pub fn population(question: &Question, figure: &str) -> Option<Behind> {
    let section = figure.split('.').next().unwrap_or_default();
    let follows = ["contract_amounts", "concentration", "decisions", "highlights"].contains(&section);
    follows.then(|| one(Formula::Order, question.year())).flatten()
}

fn index(coder: &Coder<'_>, list: ListName, id: &str) -> Option<u8> {
    Some(coder.code(list, Some(id))).filter(|index| *index != UNKNOWN)
}

fn of_year(year: i32, which: Which) -> Selection {
    Selection::Counted(Years::One(year), which)
}

fn term(role: impl Into<String>, selection: Selection) -> Term {
    Term {
        role: role.into(),
        selection,
    }
}

fn sum(measure: Measure, selection: Selection) -> Option<Behind> {
    Some(Behind {
        terms: vec![term("sum", selection)],
        measure,
        formula: Formula::Sum,
        series: None,
    })
}

/// A formula over all contracts of a year.
fn one(formula: Formula, year: i32) -> Option<Behind> {
    Some(Behind {
        terms: vec![term("all", of_year(year, Which::All))],
        measure: Measure::Amount,
        formula,
        series: None,
    })
}

fn two(formula: Formula, measure: Measure, one: (&str, Selection), other: (&str, Selection)) -> Option<Behind> {
    Some(Behind {
        terms: vec![term(one.0, one.1), term(other.0, other.1)],
        measure,
        formula,
        series: None,
    })
}

fn share(measure: Measure, part: Selection, whole: Selection) -> Option<Behind> {
    two(Formula::Share, measure, ("part", part), ("whole", whole))
}

fn share_change(year: i32, which: Which) -> Option<Behind> {
    Some(Behind {
        terms: vec![
            term("part", of_year(year, which)),
            term("whole", of_year(year, Which::All)),
            term("previous_part", of_year(year - 1, which)),
            term("previous_whole", of_year(year - 1, Which::All)),
        ],
        measure: Measure::Amount,
        formula: Formula::ShareChange,
        series: None,
    })
}

/// The measures that the parts of a year have in common.
fn split(year: i32, which: Which, measure: &str) -> Option<Behind> {
    let (now, before) = (of_year(year, which), of_year(year - 1, which));
    let all = of_year(year, Which::All);
    match measure {
        "contracts" => sum(Measure::Contracts, now),
        "amount" => sum(Measure::Amount, now),
        "technology_amount" => sum(Measure::Technology, now),
        "share" => share(Measure::Amount, now, all),
        "count_share" => share(Measure::Contracts, now, all),
        "previous_contracts" => sum(Measure::Contracts, before),
        "previous_amount" => sum(Measure::Amount, before),
        "growth" => two(Formula::Growth, Measure::Amount, ("current", now), ("previous", before)),
        _ => None,
    }
}

fn item(coder: &Coder<'_>, section: Section, id: &str) -> Option<Which> {
    Some(Which::Item(section, index(coder, section.list(), id)?))
}

fn series(coder: &Coder<'_>, question: &Question, year: i32, measure: &str) -> Option<Behind> {
    let all = of_year(year, Which::All);
    let group = |id: &str| Some(of_year(year, item(coder, Section::Plan, id)?));
    let south = || Some(of_year(year, item(coder, Section::Regions, "south")?));
    match measure {
        "contracts" => sum(Measure::Contracts, all),
        "amount" => sum(Measure::Amount, all),
        "growth" if year == *question.series().start() => Some(Behind {
            terms: vec![term("current", all)],
            measure: Measure::Amount,
            formula: Formula::Nothing(UnitKind::Rate),
            series: None,
        }),
        "growth" => {
            let before = of_year(year - 1, Which::All);
            two(Formula::Growth, Measure::Amount, ("current", all), ("previous", before))
        }
        "plan_funded_contracts" => sum(Measure::Contracts, group("plan_funded")?),
        "plan_funded_amount" => sum(Measure::Amount, group("plan_funded")?),
        "plan_funded_share" => share(Measure::Amount, group("plan_funded")?, all),
        "outside_plan_contracts" => sum(Measure::Contracts, group("outside_plan")?),
        "outside_plan_amount" => sum(Measure::Amount, group("outside_plan")?),
        "outside_plan_share" => share(Measure::Amount, group("outside_plan")?, all),
        "south_amount" => sum(Measure::Amount, south()?),
        "south_share" => share(Measure::Amount, south()?, all),
        _ => None,
    }
}

fn north_to_south(coder: &Coder<'_>, year: i32) -> Option<Behind> {
    let north = of_year(year, item(coder, Section::Regions, "north")?);
    let south = of_year(year, item(coder, Section::Regions, "south")?);
    two(Formula::Ratio, Measure::Amount, ("north", north), ("south", south))
}

fn rank(coder: &Coder<'_>, year: i32, unit: u8) -> Option<Behind> {
    let of = |index: usize| {
        let index = u8::try_from(index).unwrap_or(UNKNOWN);
        of_year(year, Which::Item(Section::Units, index))
    };
    let units = coder.items(ListName::Unit);
    let ranked = units.get(usize::from(unit))?.ranked;
    let mut terms = vec![term("unit", of(usize::from(unit)))];
    let others = units.iter().enumerate().filter(|(_, other)| ranked && other.ranked);
    terms.extend(others.map(|(at, other)| term(other.id.as_str(), of(at))));
    Some(Behind {
        terms,
        measure: Measure::Amount,
        formula: if ranked {
            Formula::Rank
        } else {
            Formula::Nothing(UnitKind::Count)
        },
        series: None,
    })
}

fn period(coder: &Coder<'_>, question: &Question, measure: &str) -> Option<Behind> {
    let plan = question.plan()?;
    let last = question.year().min(plan.to);
    let of = |which| Selection::Counted(Years::Through(plan.from, last), which);
    let group = |id: &str| Some(of(item(coder, Section::Plan, id)?));
    // The plan so far: of both years all up to the end of the span, a month's bulletin included.
    let so_far = |year| Selection::Counted(Years::Through(year, year), Which::All);
    let last_year = ("last_year", so_far(last));
    let base_year = plan.base_year;
    let base = ("base_year", so_far(base_year));
    match measure {
        "plan_funded_contracts" => sum(Measure::Contracts, group("plan_funded")?),
        "outside_plan_contracts" => sum(Measure::Contracts, group("outside_plan")?),
        "plan_funded_amount" => sum(Measure::Amount, group("plan_funded")?),
        "outside_plan_amount" => sum(Measure::Amount, group("outside_plan")?),
        "plan_funded_share" => share(Measure::Amount, group("plan_funded")?, of(Which::All)),
        "outside_plan_share" => share(Measure::Amount, group("outside_plan")?, of(Which::All)),
        "average_growth" => {
            let years = last - base_year;
            two(
                Formula::AverageGrowth { base_year, years },
                Measure::Amount,
                last_year,
                base,
            )
        }
        "multiple_of_base" => two(Formula::MultipleOfBase { base_year }, Measure::Amount, last_year, base),
        "multiple_of_target" => Some(Behind {
            terms: vec![term(last_year.0, last_year.1)],
            measure: Measure::Amount,
            formula: Formula::MultipleOfTarget { year: plan.to },
            series: None,
        }),
        _ => None,
    }
}

fn event(selection: Selection, measure: &str) -> Option<Behind> {
    match measure {
        "contracts" => sum(Measure::Contracts, selection),
        "amount" => sum(Measure::Amount, selection),
        _ => None,
    }
}
