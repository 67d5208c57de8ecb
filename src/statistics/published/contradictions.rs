//! What a report says against itself: parts that do not add up, shares, growth and ratios that do not follow from their amounts,
//! ranks out of order, one figure printed twice in different ways. Every printed number stands for the values that round to it;
//! two numbers contradict each other where no such values go together. What differs in its last digit only comes from adding up
//! rounded numbers and is told apart.

use std::collections::HashSet;

use super::{
    book::{Book, Known, known},
    exact::{Exact, Interval},
    statement::Statement,
};
use crate::{
    domain::code_list::ListName,
    statistics::{check::Verdict, coder::Section, exact_root, sums::BANDS, value::PrintedUnit},
};

/// Something that a report says against itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Name of the figure.
    pub figure: String,
    /// Where it stands.
    pub place: String,
    /// What stands there: a number, or words.
    pub published: String,
    /// What follows from the report's other figures, in the printed unit and decimals; none where only a sum is known.
    pub derived: Option<String>,
    /// [`Verdict::Differs`] or [`Verdict::Rounding`].
    pub verdict: Verdict,
    /// From what it follows, in Chinese.
    pub note: String,
}

impl Finding {
    fn of(statement: &Statement, derived: Option<String>, verdict: Verdict, note: String) -> Self {
        Self {
            figure: statement.figure.clone(),
            place: statement.place.clone(),
            published: statement.printed.text.clone(),
            derived,
            verdict,
            note,
        }
    }
}

/// What a figure should be by others.
struct Expected {
    interval: Interval,
    /// In words: 按…计算.
    said: String,
    /// In the statement's form.
    derived: Option<String>,
    /// How many parts were added up, whose rounding shows in the last digit; 0 where it is no sum.
    parts: usize,
}

/// Everything that the numbers say against each other, in the order of the report.
pub(super) fn of_numbers(book: &Book<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for statement in book.statements {
        if let Some(finding) = restated(book, statement) {
            found.push(finding);
        }
        // A number said twice is told once.
        if seen.insert((book.canonical(&statement.figure), statement.printed.text.as_str())) {
            found.extend(follows(book, statement));
        }
    }
    found.extend(totals(book));
    found.extend(period(book));
    found
}

/// One figure, printed differently elsewhere.
fn restated(book: &Book<'_>, statement: &Statement) -> Option<Finding> {
    let base = book.statement(&statement.figure)?;
    if std::ptr::eq(base, statement) {
        return None;
    }
    let (mine, others) = (known(statement)?, known(base)?);
    let derived = statement.printed.same_form(others.middle)?;
    let same =
        statement.printed.value() == Some(others.middle) || trimmed(&derived) == trimmed(&statement.printed.text);
    let counts = statement.printed.unit == PrintedUnit::Count;
    let verdict = match mine.interval.meets(others.interval) {
        _ if same => return None,
        // As precise as the other and next to it: one of the two was added up from rounded numbers.
        true if !counts => Verdict::Rounding,
        true => return None,
        false => Verdict::Differs,
    };
    // Coarser numbers may be rounded from what is no longer seen: 33% beside 33.04% of which 33.0% is printed.
    let coarser = mine.interval.width()?.compare(others.interval.width()?) == Some(std::cmp::Ordering::Greater);
    if verdict == Verdict::Rounding && coarser {
        return None;
    }
    let note = format!("同一指标别处为 {}", others.said);
    Some(Finding::of(statement, Some(derived), verdict, note))
}

/// A figure that does not follow from those that make it.
fn follows(book: &Book<'_>, statement: &Statement) -> Option<Finding> {
    let name = book.canonical(&statement.figure);
    if name.ends_with(".rank") {
        return rank(book, statement);
    }
    let expected = match name.as_str() {
        "period.average_growth" => average_growth(book, statement)?,
        _ => quotient(book, &name, statement).or_else(|| parts(book, &name, statement))?,
    };
    let mine = statement.printed.interval()?;
    let verdict = if !mine.meets(expected.interval) {
        Verdict::Differs
    } else if expected.parts > 0
        && is_rounding(
            statement,
            expected.interval,
            expected.parts,
            expected.derived.as_deref(),
        )
    {
        Verdict::Rounding
    } else {
        return None;
    };
    let hint = hint(book, &name, mine).unwrap_or_default();
    let note = format!("{}{hint}", expected.said);
    Some(Finding::of(statement, expected.derived, verdict, note))
}

/// Whether a sum of so many parts differs from what is printed by the parts' rounding. Parts less precise than the total say nothing
/// of its last digit; counts are not rounded.
fn is_rounding(statement: &Statement, sum: Interval, parts: usize, derived: Option<&str>) -> bool {
    let printed = &statement.printed;
    let Some(derived) = derived.filter(|_| printed.unit != PrintedUnit::Count) else {
        return false;
    };
    let widest = || {
        let parts = Exact::new(i128::try_from(parts).ok()?, 1)?;
        printed.interval()?.width()?.mul(parts)
    };
    let as_precise = sum.width().zip(widest()).and_then(|(sum, widest)| sum.compare(widest));
    // 15.9 and 15.90 are the same.
    as_precise.is_some_and(std::cmp::Ordering::is_le) && trimmed(derived) != trimmed(&printed.text)
}

fn trimmed(text: &str) -> &str {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    }
}

/// The two figures whose quotient (less 1 for growth) a figure is.
fn dividend_and_divisor(name: &str) -> Option<(String, String, bool)> {
    let (head, measure) = name.rsplit_once('.')?;
    let of = |part: String, whole: &str| Some((part, whole.to_owned(), false));
    match (head, measure) {
        ("regions", "north_to_south") => of("regions.north.amount".into(), "regions.south.amount"),
        ("regions", "previous_north_to_south") => {
            of("regions.north.previous_amount".into(), "regions.south.previous_amount")
        }
        ("period", "plan_funded_share") => of("period.plan_funded_amount".into(), "period.amount"),
        ("period", "outside_plan_share") => of("period.outside_plan_amount".into(), "period.amount"),
        (_, "plan_funded_share" | "outside_plan_share" | "south_share") if head.starts_with("series.") => {
            let part = measure.replace("_share", "_amount");
            of(format!("{head}.{part}"), &format!("{head}.amount"))
        }
        (_, "share") => of(format!("{head}.amount"), "total.amount"),
        (_, "count_share") => of(format!("{head}.contracts"), "total.contracts"),
        (_, "growth") => match head.strip_prefix("series.") {
            Some(year) => {
                let before = year.parse::<i32>().ok()? - 1;
                Some((format!("{head}.amount"), format!("series.{before}.amount"), true))
            }
            None => Some((format!("{head}.amount"), format!("{head}.previous_amount"), true)),
        },
        _ => None,
    }
}

fn quotient(book: &Book<'_>, name: &str, statement: &Statement) -> Option<Expected> {
    let (part, whole, less_one) = dividend_and_divisor(name)?;
    let (part, whole) = (book.value(&part)?, book.value(&whole)?);
    let (interval, middle) = divided(&part, &whole, less_one)?;
    Some(Expected {
        interval,
        said: format!("按报告所载{}、{}计算", part.said, whole.said),
        derived: statement.printed.same_form(middle),
        parts: 0,
    })
}

/// `part ÷ whole`, less 1 where it is growth.
pub(super) fn divided(part: &Known, whole: &Known, less_one: bool) -> Option<(Interval, Exact)> {
    let less = if less_one { Exact::ONE } else { Exact::ZERO };
    let interval = part.interval.div(whole.interval)?;
    let interval = Interval {
        low: interval.low.sub(less)?,
        high: interval.high.sub(less)?,
    };
    Some((interval, part.middle.div(whole.middle)?.sub(less)?))
}

fn parts(book: &Book<'_>, name: &str, statement: &Statement) -> Option<Expected> {
    // The year's totals are held against every table, see `totals`.
    let (what, parts) = book.parts(name)?;
    let sum = book.sum(&what, &parts, 1)?;
    Some(Expected {
        interval: sum.interval,
        derived: statement.printed.same_form(sum.middle),
        said: format!("报告所载{}", sum.said),
        parts: parts.len(),
    })
}

/// How many years of growth lie between the base year of the plan and the report's year.
fn years_of_growth(book: &Book<'_>) -> Option<u32> {
    let plan = book.plan?;
    u32::try_from(plan.to.min(book.year) - plan.base_year)
        .ok()
        .filter(|years| *years > 0)
}

/// The average growth follows from how many times the base year's amount the last year's is.
fn average_growth(book: &Book<'_>, statement: &Statement) -> Option<Expected> {
    let years = years_of_growth(book)?;
    let multiple = book.stated("period.multiple_of_base")?;
    let decimals = statement.printed.decimals();
    let percent = |multiple: Exact, years: u32| {
        let (n, d) = multiple.parts();
        exact_root::average_growth((n, d), 1, years, 100, decimals).unwrap_or_default()
    };
    // The printed growth, compounded, is held against the multiple; the root is shown.
    let mine = statement.printed.interval()?;
    let compounded = |rate: Exact| rate.add(Exact::ONE)?.powi(years);
    let (low, high) = (compounded(mine.low)?, compounded(mine.high)?);
    let follows = Interval { low, high }.meets(multiple.interval);
    let fewer = years.checked_sub(1).filter(|fewer| *fewer > 0);
    let by_fewer = fewer.filter(|fewer| {
        let compounded = statement
            .printed
            .value()
            .and_then(|rate| rate.add(Exact::ONE)?.powi(*fewer));
        compounded.is_some_and(|value| Interval::exactly(value).meets(multiple.interval))
    });
    let hint = by_fewer
        .map(|fewer| format!("；与按 {fewer} 年计算相符，但相隔 {years} 年"))
        .unwrap_or_default();
    Some(Expected {
        // An interval that meets the printed one, or one that cannot.
        interval: if follows {
            mine
        } else {
            Interval::exactly(Exact::ZERO.sub(Exact::ONE)?)
        },
        said: format!(
            "期末为基期的倍数是 {}、相隔 {years} 年，年均增长应在 {}%—{}% 之间{hint}",
            multiple.said,
            percent(multiple.interval.low, years),
            percent(multiple.interval.high, years),
        ),
        derived: Some(percent(multiple.middle, years)),
        parts: 0,
    })
}

/// Where the share of a band is that of another band: the one was written for the other.
fn hint(book: &Book<'_>, name: &str, printed: Interval) -> Option<String> {
    let (band, measure) = name.strip_prefix("bands.")?.split_once('.')?;
    let labels = [
        ("under_100k", "十万元以下"),
        ("under_1m", "百万元以下"),
        ("from_1m", "百万元以上"),
        ("under_10m", "千万元以下"),
    ];
    let mut others = BANDS.iter().filter(|(key, _, _)| *key != band);
    others.find_map(|(key, _, _)| {
        let (part, whole, less) = dividend_and_divisor(&format!("bands.{key}.{measure}"))?;
        let (interval, _) = divided(&book.value(&part)?, &book.value(&whole)?, less)?;
        let label = labels.iter().find(|(id, _)| id == key)?.1;
        interval.meets(printed).then(|| format!("；所载数与“{label}”的相符"))
    })
}

/// A rank that the amounts do not bear out.
fn rank(book: &Book<'_>, statement: &Statement) -> Option<Finding> {
    let id = statement.figure.split('.').nth(1)?;
    let (lowest, highest) = ranks(book, id)?;
    let printed: i64 = statement.printed.text.parse().ok()?;
    (!(lowest..=highest).contains(&printed)).then(|| {
        let note = "按报告所载各师成交额从大到小排列".to_owned();
        Finding::of(statement, Some(lowest.to_string()), Verdict::Differs, note)
    })
}

/// The ranks that a unit may have among the divisions by the amounts as printed.
pub(super) fn ranks(book: &Book<'_>, id: &str) -> Option<(i64, i64)> {
    let amount = |id: &str| book.stated(&format!("units.{id}.amount"));
    let mine = amount(id)?;
    let ranked = book
        .catalogue
        .list(ListName::Unit)
        .items()
        .iter()
        .filter(|unit| unit.ranked);
    let (mut lowest, mut highest) = (1, 1);
    for other in ranked.filter(|unit| unit.id != id) {
        let other = amount(&other.id)?;
        lowest += i64::from(mine.interval.is_below(other.interval));
        // Those that print alike may be so, or either before the other.
        highest += i64::from(!other.interval.is_below(mine.interval));
    }
    Some((lowest, highest))
}

/// Totals of tables and chapters against the sums of their items.
fn totals(book: &Book<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for section in Section::ALL {
        for measure in ["contracts", "amount", "previous_contracts", "previous_amount"] {
            let name = format!("total.{measure}");
            let items = book.items(section, measure);
            let stated: Vec<String> = items
                .iter()
                .filter(|item| book.stated(item).is_some())
                .cloned()
                .collect();
            let own = book
                .statements
                .iter()
                .find(|s| s.figure == name && s.total_of == Some(section.key()));
            let Some(whole) = own.or_else(|| book.statement(&name)) else {
                continue;
            };
            let what = format!("{}各项", section_title(book, section));
            let (Some(sum), Some(printed)) = (book.sum(&what, &stated, 1), known(whole)) else {
                continue;
            };
            let complete = stated.len() == items.len();
            let derived = whole.printed.same_form(sum.middle);
            // Of parts that are not all told it is known only that they cannot come to more than the whole.
            let contradicts = if complete {
                !sum.interval.meets(printed.interval)
            } else {
                printed.interval.is_below(sum.interval)
            };
            let verdict = if contradicts {
                Verdict::Differs
            } else if complete && is_rounding(whole, sum.interval, stated.len(), derived.as_deref()) {
                Verdict::Rounding
            } else {
                continue;
            };
            // Where there is no total of its own, the place is that of the items.
            let place = match (own, stated.first().and_then(|first| book.statement(first))) {
                (None, Some(first)) => first.place.clone(),
                _ => whole.place.clone(),
            };
            let mut finding = Finding::of(whole, derived, verdict, format!("报告所载{}", sum.said));
            finding.place = place;
            found.push(finding);
        }
    }
    found
}

fn section_title(book: &Book<'_>, section: Section) -> String {
    book.catalogue.list(section.list()).title.clone()
}

/// Contracts inside and outside plan over the years of the plan, against the years' contracts.
fn period(book: &Book<'_>) -> Vec<Finding> {
    let names = ["period.plan_funded_contracts", "period.outside_plan_contracts"];
    let statements: Vec<&Statement> = names.iter().filter_map(|name| book.statement(name)).collect();
    let sum = book.sum("计划内与计划外", &names.map(str::to_owned), 1);
    let Some((years, sum)) = book.parts("period.contracts").zip(sum) else {
        return Vec::new();
    };
    let stated: Vec<String> = years
        .1
        .iter()
        .filter(|year| book.stated(year).is_some())
        .cloned()
        .collect();
    let (Some(by_year), true) = (book.sum("各年合同项数", &stated, 1), stated.len() == years.1.len()) else {
        return Vec::new();
    };
    if statements.len() < names.len() || sum.interval.meets(by_year.interval) {
        return Vec::new();
    }
    let together: Vec<&str> = statements.iter().map(|s| s.printed.text.as_str()).collect();
    let added = sum.middle.display(0).unwrap_or_default();
    let note = format!("{}＝{added}，而报告所载{}", together.join("＋"), by_year.said);
    // Which of the two is wrong cannot be known; neither has a value that follows.
    let both = statements
        .into_iter()
        .map(|statement| Finding::of(statement, None, Verdict::Differs, note.clone()));
    both.collect()
}
