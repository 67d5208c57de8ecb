//! The annual figures computed a second time, straight from plain facts and exact fractions. Nothing of the program is used here:
//! ids, groups and edges are written down again from the form's description.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, TimeZone};
use serde_json::Value;

pub const UNITS: [&str; 18] = [
    "div_01",
    "div_02",
    "div_03",
    "div_04",
    "div_05",
    "div_06",
    "div_07",
    "div_08",
    "div_09",
    "div_10",
    "div_11",
    "div_12",
    "div_13",
    "div_14",
    "academy",
    "shihezi_univ",
    "tarim_univ",
    "direct_other",
];
pub const TYPES: [&str; 5] = ["development", "transfer", "consulting", "service", "licence"];
pub const FIELDS: [&str; 11] = [
    "electronic_information",
    "aerospace",
    "advanced_manufacturing",
    "biomedicine_devices",
    "new_materials",
    "new_energy_efficiency",
    "environment_resources",
    "nuclear_application",
    "agriculture",
    "modern_transport",
    "urban_social_development",
];
pub const GROUNDS: [&str; 8] = [
    "duplicate",
    "wrong_category",
    "not_technology_contract",
    "related_party_price",
    "evidence_unverifiable",
    "fraud",
    "void",
    "other",
];
const SOUTH: [&str; 5] = ["div_01", "div_02", "div_03", "div_14", "tarim_univ"];
/// Lower edges of the size classes, in 万元.
pub const EDGES: [(&str, i64); 13] = [
    ("s0_1", 0),
    ("s1_5", 1),
    ("s5_10", 5),
    ("s10_20", 10),
    ("s20_50", 20),
    ("s50_100", 50),
    ("s100_200", 100),
    ("s200_500", 200),
    ("s500_1000", 500),
    ("s1000_2000", 1000),
    ("s2000_5000", 2000),
    ("s5000_10000", 5000),
    ("s10000_up", 10_000),
];
/// Fen in 万元.
pub const WAN: i64 = 1_000_000;

/// A contract as the register knows it.
#[derive(Debug, Clone)]
pub struct Deal {
    pub state: &'static str,
    /// Microseconds since 1970, as all moments here.
    pub submitted: Option<i64>,
    pub confirmed: Option<i64>,
    pub ended: Option<i64>,
    pub ground: Option<&'static str>,
    pub expert: bool,
    pub amount: i64,
    pub technology: i64,
    pub unit: &'static str,
    pub contract_type: &'static str,
    pub plan_source: &'static str,
    pub seller_kind: &'static str,
    pub field: &'static str,
    pub buyer_unit: Option<&'static str>,
    pub buyer_region: String,
    pub border: &'static str,
}

impl Deal {
    fn was_confirmed(&self) -> bool {
        matches!(self.state, "confirmed" | "revoked" | "cancelled")
    }

    fn region(&self) -> &'static str {
        if SOUTH.contains(&self.unit) { "south" } else { "north" }
    }

    fn plan(&self) -> &'static str {
        if self.plan_source == "outside_plan" {
            "outside_plan"
        } else {
            "plan_funded"
        }
    }

    fn flow(&self) -> &'static str {
        match self.buyer_unit {
            Some(_) => "within_xpcc",
            None if self.buyer_region.starts_with("65") => "local_xinjiang",
            None => "outside_xinjiang",
        }
    }

    fn seller(&self) -> &'static str {
        match self.seller_kind {
            "enterprise" | "overseas_entity" | "individual_business" => "enterprise",
            kind if kind.starts_with("ent_") || kind.starts_with("hmt_") || kind.starts_with("fi_") => "enterprise",
            "research_institute" => "research_institute",
            "university" => "university",
            _ => "other",
        }
    }

    fn size(&self) -> &'static str {
        EDGES.iter().rfind(|(_, from)| from * WAN <= self.amount).unwrap().0
    }
}

/// A line of the survey.
#[derive(Debug, Clone, Default)]
pub struct Surveyed {
    pub year: i32,
    pub tax_relevant: bool,
    pub fulfilled: bool,
    pub due: i64,
    pub received: i64,
    pub entitled: bool,
    pub enjoyed: bool,
    pub vat: i64,
    pub income_tax: i64,
    pub reward_due: bool,
    pub reward_issued: bool,
    pub net_income: i64,
    pub reward_paid: i64,
    pub persons: i64,
}

/// An activity, its kind by its Chinese name.
#[derive(Debug, Clone)]
pub struct Activity {
    pub kind: String,
    pub on: NaiveDate,
    pub events: i64,
    pub participants: i64,
    pub participants_xpcc: i64,
    pub items: i64,
}

/// Everything that figures are made of.
#[derive(Debug, Clone, Default)]
pub struct Register {
    pub deals: Vec<Deal>,
    /// First and last day of each certificate.
    pub certificates: Vec<(NaiveDate, NaiveDate)>,
    pub surveyed: Vec<Surveyed>,
    pub activities: Vec<Activity>,
    /// Yearly amounts from before the register, in fen.
    pub amounts: BTreeMap<i32, i64>,
    /// Targets of yearly amounts, in fen.
    pub targets: BTreeMap<i32, i64>,
}

/// A figure, exactly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Exact {
    Count(i64),
    Fen(i64),
    /// Numerator and denominator.
    Fraction(i64, i64),
    /// (last ÷ base)^(1 ÷ years) − 1.
    Root(i64, i64, i32),
    Nothing,
}

pub type Figures = BTreeMap<String, Exact>;

fn beijing(at: i64) -> NaiveDate {
    (DateTime::from_timestamp_micros(at).unwrap() + chrono::TimeDelta::hours(8)).date_naive()
}

/// The first moment of a day in Beijing.
pub fn midnight(day: NaiveDate) -> i64 {
    let east = chrono::FixedOffset::east_opt(8 * 3600).unwrap();
    let start = east.from_local_datetime(&day.and_hms_opt(0, 0, 0).unwrap()).unwrap();
    start.timestamp_micros()
}

/// A moment in RFC 3339.
pub fn micros(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros()
}

fn ratio(part: i64, whole: i64) -> Exact {
    if whole == 0 {
        Exact::Nothing
    } else {
        Exact::Fraction(part, whole)
    }
}

fn growth(now: i64, then: i64) -> Exact {
    ratio(now - then, then)
}

/// Contracts and amounts of a choice of deals.
#[derive(Clone, Copy, Default)]
struct Sum {
    contracts: i64,
    amount: i64,
    technology: i64,
}

fn sum<'d>(deals: &[&'d Deal], choose: impl Fn(&'d Deal) -> bool) -> Sum {
    let mut sum = Sum::default();
    for deal in deals.iter().filter(|d| choose(d)) {
        sum.contracts += 1;
        sum.amount += deal.amount;
        sum.technology += deal.technology;
    }
    sum
}

type Key = fn(&Deal) -> &'static str;

/// The figures of `year` as of `at`, up to the end of `until`.
pub fn figures(register: &Register, year: i32, at: i64, until: Option<NaiveDate>) -> Figures {
    let mut figures = Figures::new();
    let mut put = |name: &str, value: Exact| assert_eq!(figures.insert(name.to_owned(), value), None, "{name} twice");
    let end_of = |y: i32| match until {
        Some(day) => {
            midnight(
                day.with_year(y)
                    .unwrap_or_else(|| NaiveDate::from_ymd_opt(y, 2, 28).unwrap()),
            ) + DAY
        }
        None => midnight(NaiveDate::from_ymd_opt(y + 1, 1, 1).unwrap()),
    };
    let in_force = |d: &Deal| d.was_confirmed() && d.confirmed.unwrap() <= at && d.ended.is_none_or(|ended| at < ended);
    let whole = |y: i32| -> Vec<&Deal> {
        let deals = register.deals.iter().filter(|d| in_force(d));
        deals.filter(|d| beijing(d.confirmed.unwrap()).year() == y).collect()
    };
    // A part of a year that is not over at `at` is compared with the same days: the last one that had begun before.
    let today = beijing(at - 1);
    let same_day = |y: i32| {
        let day = today
            .with_year(y)
            .unwrap_or_else(|| NaiveDate::from_ymd_opt(y, 2, 28).unwrap());
        midnight(day) + DAY
    };
    let compared_end = |y: i32| match until {
        Some(_) if y != year && today.year() < year => midnight(NaiveDate::from_ymd_opt(y, 1, 1).unwrap()),
        Some(_) if y != year && at < end_of(year) => end_of(y).min(same_day(y)),
        _ => end_of(y),
    };
    let counted = |y: i32| -> Vec<&Deal> {
        let mut deals = whole(y);
        deals.retain(|d| d.confirmed.unwrap() < compared_end(y));
        deals
    };
    // Before the register's first year nothing is known but a whole year's reference figure.
    let needed = (year - 4).min((year - 1) / 5 * 5);
    let begun = |y: i32| y == year || (needed..y).any(|z| !whole(z).is_empty()) || !counted(y).is_empty();
    let is_whole = until.is_none_or(|day| (day.month(), day.day()) == (12, 31));
    let known = |y: i32| match begun(y) {
        true => Some(sum(&counted(y), |_| true).amount),
        false => register.amounts.get(&y).copied().filter(|_| is_whole),
    };
    let (now, before) = (counted(year), counted(year - 1));
    let (all, all_before) = (sum(&now, |_| true), sum(&before, |_| true));

    put("total.contracts", Exact::Count(all.contracts));
    put("total.amount", Exact::Fen(all.amount));
    put("total.technology_amount", Exact::Fen(all.technology));
    // What the register does not know is null, under the name that amounts have in JSON.
    let is_known = begun(year - 1);
    match is_known {
        true => {
            put("total.previous_contracts", Exact::Count(all_before.contracts));
            put("total.previous_amount", Exact::Fen(all_before.amount));
        }
        false => {
            put("total.previous_contracts", Exact::Nothing);
            put("total.previous_amount_fen", Exact::Nothing);
        }
    }
    put("total.growth", growth(all.amount, all_before.amount));

    for y in year - 4..=year {
        let deals = counted(y);
        let total = sum(&deals, |_| true);
        let funded = sum(&deals, |d| d.plan() == "plan_funded");
        let outside = sum(&deals, |d| d.plan() == "outside_plan");
        let south = sum(&deals, |d| d.region() == "south");
        let grown = match known(y).zip(known(y - 1)) {
            Some((amount, last)) if y > year - 4 => growth(amount, last),
            _ => Exact::Nothing,
        };
        put(&format!("series.{y}.growth"), grown);
        if !begun(y) {
            match known(y) {
                Some(amount) => put(&format!("series.{y}.amount"), Exact::Fen(amount)),
                None => put(&format!("series.{y}.amount_fen"), Exact::Nothing),
            }
            for name in ["contracts", "plan_funded_contracts", "outside_plan_contracts"] {
                put(&format!("series.{y}.{name}"), Exact::Nothing);
            }
            for name in ["plan_funded_amount_fen", "outside_plan_amount_fen", "south_amount_fen"] {
                put(&format!("series.{y}.{name}"), Exact::Nothing);
            }
            for name in ["plan_funded_share", "outside_plan_share", "south_share"] {
                put(&format!("series.{y}.{name}"), Exact::Nothing);
            }
            continue;
        }
        put(&format!("series.{y}.contracts"), Exact::Count(total.contracts));
        put(&format!("series.{y}.amount"), Exact::Fen(total.amount));
        for (group, part) in [("plan_funded", funded), ("outside_plan", outside)] {
            put(&format!("series.{y}.{group}_contracts"), Exact::Count(part.contracts));
            put(&format!("series.{y}.{group}_amount"), Exact::Fen(part.amount));
            put(&format!("series.{y}.{group}_share"), ratio(part.amount, total.amount));
        }
        put(&format!("series.{y}.south_amount"), Exact::Fen(south.amount));
        put(&format!("series.{y}.south_share"), ratio(south.amount, total.amount));
    }

    let sections: [(&str, &[&'static str], Key); 8] = [
        ("units", &UNITS, |d| d.unit),
        ("regions", &["south", "north"], Deal::region),
        ("types", &TYPES, |d| d.contract_type),
        ("plan", &["plan_funded", "outside_plan"], Deal::plan),
        (
            "flows",
            &["within_xpcc", "local_xinjiang", "outside_xinjiang"],
            Deal::flow,
        ),
        (
            "sellers",
            &["enterprise", "research_institute", "university", "other"],
            Deal::seller,
        ),
        ("fields", &FIELDS, |d| d.field),
        ("sizes", &EDGES.map(|(id, _)| id), Deal::size),
    ];
    for (section, ids, key) in sections {
        for id in ids {
            let part = sum(&now, |d| key(d) == *id);
            let earlier = sum(&before, |d| key(d) == *id);
            let name = |measure: &str| format!("{section}.{id}.{measure}");
            put(&name("contracts"), Exact::Count(part.contracts));
            put(&name("amount"), Exact::Fen(part.amount));
            put(&name("technology_amount"), Exact::Fen(part.technology));
            put(&name("share"), ratio(part.amount, all.amount));
            put(&name("count_share"), ratio(part.contracts, all.contracts));
            match is_known {
                true => {
                    put(&name("previous_contracts"), Exact::Count(earlier.contracts));
                    put(&name("previous_amount"), Exact::Fen(earlier.amount));
                }
                false => {
                    put(&name("previous_contracts"), Exact::Nothing);
                    put(&name("previous_amount_fen"), Exact::Nothing);
                }
            }
            put(&name("growth"), growth(part.amount, earlier.amount));
            if section == "plan" {
                put(
                    &name("share_change"),
                    change(part.amount, all.amount, earlier.amount, all_before.amount),
                );
            }
        }
    }
    let mut divisions: Vec<(i64, &str)> = UNITS[..14]
        .iter()
        .map(|unit| (sum(&now, |d| d.unit == *unit).amount, *unit))
        .collect();
    divisions.sort_by_key(|(amount, _)| std::cmp::Reverse(*amount));
    let (mut rank, mut above) = (1, None);
    for ((amount, unit), place) in divisions.iter().zip(1..) {
        if above != Some(*amount) {
            rank = place;
        }
        above = Some(*amount);
        put(&format!("units.{unit}.rank"), Exact::Count(rank));
    }
    for unit in &UNITS[14..] {
        put(&format!("units.{unit}.rank"), Exact::Nothing);
    }
    let north_to_south = |deals: &[&Deal]| {
        ratio(
            sum(deals, |d| d.region() == "north").amount,
            sum(deals, |d| d.region() == "south").amount,
        )
    };
    put("regions.north_to_south", north_to_south(&now));
    put("regions.previous_north_to_south", north_to_south(&before));

    type Band = (&'static str, fn(i64) -> bool);
    let bands: [Band; 4] = [
        ("under_100k", |fen| fen < 10 * WAN),
        ("under_1m", |fen| fen < 100 * WAN),
        ("from_1m", |fen| fen >= 100 * WAN),
        ("under_10m", |fen| fen < 1000 * WAN),
    ];
    for (band, holds) in bands {
        let part = sum(&now, |d| holds(d.amount));
        put(&format!("bands.{band}.contracts"), Exact::Count(part.contracts));
        put(&format!("bands.{band}.amount"), Exact::Fen(part.amount));
        put(&format!("bands.{band}.share"), ratio(part.amount, all.amount));
        put(
            &format!("bands.{band}.count_share"),
            ratio(part.contracts, all.contracts),
        );
    }
    let large = sum(&now, |d| d.amount >= 500 * WAN);
    put("large.contracts", Exact::Count(large.contracts));
    put("large.amount", Exact::Fen(large.amount));
    put("large.share", ratio(large.amount, all.amount));
    let imports = sum(&now, |d| d.border == "import");
    put("imports.contracts", Exact::Count(imports.contracts));
    put("imports.amount", Exact::Fen(imports.amount));
    for kind in TYPES {
        let part = sum(&now, |d| d.border == "import" && d.contract_type == kind);
        put(
            &format!("imports.by_type.{kind}.contracts"),
            Exact::Count(part.contracts),
        );
        put(&format!("imports.by_type.{kind}.amount"), Exact::Fen(part.amount));
    }

    period(register, year, until, &whole, &counted, &mut put);
    events(register, year, at, end_of(year), &mut put);
    survey(register, year, &mut put);
    activities(register, year, at, until, &mut put);
    let start = midnight(NaiveDate::from_ymd_opt(year, 1, 1).unwrap());
    let held = |d: &Deal| {
        d.state == "revoked"
            && d.ended
                .is_some_and(|ended| (start..end_of(year)).contains(&ended) && ended <= at)
    };
    let revoked = register.deals.iter().filter(|d| held(d)).count();
    // History tells of no returns that were mended; rows that stand returned count where they were submitted.
    let returned: Vec<&Deal> = register.deals.iter().filter(|d| d.state == "returned").collect();
    let dated = returned.iter().filter_map(|d| d.submitted);
    let dated = dated.filter(|at_submission| (start..end_of(year)).contains(at_submission) && *at_submission <= at);
    let dated = i64::try_from(dated.count()).unwrap();
    let undated = returned.iter().any(|d| d.submitted.is_none());
    put(
        "decisions.returned",
        if undated { Exact::Nothing } else { Exact::Count(dated) },
    );
    records(&now, &before, i64::try_from(revoked).unwrap(), &mut put);
    let over = UNITS
        .iter()
        .filter(|unit| sum(&now, |d| d.unit == **unit).amount > 10_000 * WAN)
        .count();
    put("highlights.units_over_100m", Exact::Count(i64::try_from(over).unwrap()));
    let mut types = TYPES.map(|kind| sum(&now, |d| d.contract_type == kind).amount);
    types.sort_unstable();
    put(
        "highlights.two_largest_types_share",
        ratio(types[3] + types[4], all.amount),
    );
    put("highlights.large_from", Exact::Fen(500 * WAN));
    figures
}

const DAY: i64 = 86_400_000_000;

/// The five-year plan that holds the year: 2021–2025 on 2020, and so on every five years.
fn period<'r>(
    register: &Register,
    year: i32,
    until: Option<NaiveDate>,
    whole: &dyn Fn(i32) -> Vec<&'r Deal>,
    counted: &dyn Fn(i32) -> Vec<&'r Deal>,
    put: &mut dyn FnMut(&str, Exact),
) {
    let from = (year - 1) / 5 * 5 + 1;
    let (to, base_year) = (from + 4, from - 1);
    let mut deals: Vec<&Deal> = (from..year).flat_map(whole).collect();
    deals.extend(counted(year));
    let total = sum(&deals, |_| true).amount;
    put("period.from", Exact::Count(from.into()));
    put("period.to", Exact::Count(to.into()));
    put("period.last_year", Exact::Count(year.into()));
    put("period.base_year", Exact::Count(base_year.into()));
    for group in ["plan_funded", "outside_plan"] {
        let part = sum(&deals, |d| d.plan() == group);
        put(&format!("period.{group}_contracts"), Exact::Count(part.contracts));
        put(&format!("period.{group}_amount"), Exact::Fen(part.amount));
        put(&format!("period.{group}_share"), ratio(part.amount, total));
    }
    let last = sum(&counted(year), |_| true).amount;
    let base = if whole(base_year).is_empty() {
        // A whole year's amount is nothing to compare a part of a year with.
        register
            .amounts
            .get(&base_year)
            .copied()
            .filter(|_| until.is_none_or(|day| (day.month(), day.day()) == (12, 31)))
    } else {
        Some(sum(&counted(base_year), |_| true).amount)
    };
    let base = base.filter(|base| *base > 0);
    let root = base.map(|base| Exact::Root(last, base, year - base_year));
    put("period.average_growth", root.unwrap_or(Exact::Nothing));
    put(
        "period.multiple_of_base",
        base.map_or(Exact::Nothing, |base| ratio(last, base)),
    );
    let target = register.targets.get(&to).copied();
    put(
        "period.multiple_of_target",
        target.map_or(Exact::Nothing, |target| ratio(last, target)),
    );
}

/// A share less an earlier share; to 15 digits, since the exact fraction needs more than there is place for.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "compared within 1e-12"
)]
fn change(part: i64, whole: i64, before: i64, whole_before: i64) -> Exact {
    if whole == 0 || whole_before == 0 {
        return Exact::Nothing;
    }
    let points = part as f64 / whole as f64 - before as f64 / whole_before as f64;
    Exact::Fraction((points * 1e15).round() as i64, 1_000_000_000_000_000)
}

/// What the records add to the published report, of the contracts counted now and in the year before.
fn records(now: &[&Deal], before: &[&Deal], revoked: i64, put: &mut dyn FnMut(&str, Exact)) {
    let (all, all_before) = (sum(now, |_| true), sum(before, |_| true));
    put("technology.amount", Exact::Fen(all.technology));
    put("technology.share", ratio(all.technology, all.amount));
    put(
        "technology.previous_share",
        ratio(all_before.technology, all_before.amount),
    );
    let mut amounts: Vec<i64> = now.iter().map(|d| d.amount).collect();
    amounts.sort_unstable();
    let n = amounts.len();
    let rounded = |twice: i64| Exact::Fen((twice + 1).div_euclid(2));
    let mut fen = |name: &str, value: Option<Exact>| match value {
        Some(value) => put(name, value),
        None => put(&format!("{name}_fen"), Exact::Nothing),
    };
    let median = (n > 0).then(|| rounded(amounts[(n - 1) / 2] + amounts[n / 2]));
    fen("contract_amounts.median", median);
    let mean = (n > 0).then(|| Exact::Fen((2 * all.amount + all.contracts) / (2 * all.contracts)));
    fen("contract_amounts.mean", mean);
    let largest = |k: usize| amounts.iter().rev().take(k).sum::<i64>();
    put("concentration.top_10_share", ratio(largest(10), all.amount));
    put(
        "concentration.top_tenth_share",
        ratio(largest(n.div_ceil(10)), all.amount),
    );
    let by_unit = UNITS.iter().map(|unit| sum(now, |d| d.unit == *unit).amount);
    put(
        "concentration.largest_unit_share",
        ratio(by_unit.max().unwrap(), all.amount),
    );
    let days = |d: &&Deal| Some((beijing(d.confirmed?) - beijing(d.submitted?)).num_days());
    let mut taken: Vec<i64> = now.iter().filter_map(days).filter(|days| *days >= 0).collect();
    taken.sort_unstable();
    let m = taken.len();
    let median = (m > 0).then(|| Exact::Fraction(taken[(m - 1) / 2] + taken[m / 2], 2));
    put("decisions.median_days", median.unwrap_or(Exact::Nothing));
    put(
        "decisions.mean_days",
        ratio(taken.iter().sum(), i64::try_from(m).unwrap()),
    );
    put("decisions.revocation_rate", ratio(revoked, all.contracts + revoked));
    for count in ["drawn", "checked", "wrong"] {
        put(&format!("self_audits.{count}"), Exact::Count(0));
    }
    put("self_audits.error_rate", Exact::Nothing);
}

fn events(register: &Register, year: i32, at: i64, end: i64, put: &mut dyn FnMut(&str, Exact)) {
    let start = midnight(NaiveDate::from_ymd_opt(year, 1, 1).unwrap());
    let held = |moment: i64| (start..end).contains(&moment) && moment <= at;
    let reviewed = register.deals.iter().filter(|d| d.expert).filter(|d| match d.state {
        "refused" => d.submitted.is_some_and(held),
        _ => d.was_confirmed() && d.confirmed.is_some_and(held),
    });
    put(
        "expert_reviews.contracts",
        Exact::Count(i64::try_from(reviewed.count()).unwrap()),
    );
    let revoked: Vec<&Deal> = register
        .deals
        .iter()
        .filter(|d| d.state == "revoked" && held(d.ended.unwrap()))
        .collect();
    let all = sum(&revoked, |_| true);
    put("revocations.contracts", Exact::Count(all.contracts));
    put("revocations.amount", Exact::Fen(all.amount));
    for ground in GROUNDS {
        let part = sum(&revoked, |d| d.ground == Some(ground));
        put(
            &format!("revocations.by_ground.{ground}.contracts"),
            Exact::Count(part.contracts),
        );
        put(
            &format!("revocations.by_ground.{ground}.amount"),
            Exact::Fen(part.amount),
        );
    }
    put("reinstatements.contracts", Exact::Count(0));
    // The day shown: of the question's moment, or the last one of the year (or of its part), whichever is earlier.
    let day = beijing(at.min(end - 1));
    let certificates = &register.certificates;
    let certified = certificates.iter().filter(|(from, to)| *from <= day && day <= *to);
    put(
        "registrars.certified",
        Exact::Count(i64::try_from(certified.count()).unwrap()),
    );
    let new = certificates
        .iter()
        .filter(|(from, _)| from.year() == year && *from <= day);
    put(
        "registrars.newly_certified",
        Exact::Count(i64::try_from(new.count()).unwrap()),
    );
}

fn survey(register: &Register, year: i32, put: &mut dyn FnMut(&str, Exact)) {
    let rows: Vec<&Surveyed> = register.surveyed.iter().filter(|s| s.year == year).collect();
    if rows.is_empty() {
        put("follow_up", Exact::Nothing);
        return;
    }
    let number = |holds: fn(&Surveyed) -> bool| i64::try_from(rows.iter().filter(|s| holds(s)).count()).unwrap();
    let total = |of: fn(&Surveyed) -> i64| rows.iter().map(|s| of(s)).sum::<i64>();
    let (vat, income_tax) = (total(|s| s.vat), total(|s| s.income_tax));
    put(
        "follow_up.fulfilment_rate",
        ratio(number(|s| s.tax_relevant && s.fulfilled), number(|s| s.tax_relevant)),
    );
    put(
        "follow_up.collection_rate",
        ratio(total(|s| s.received), total(|s| s.due)),
    );
    put(
        "follow_up.benefit_take_up",
        ratio(number(|s| s.entitled && s.enjoyed), number(|s| s.entitled)),
    );
    put("follow_up.vat_exempted", Exact::Fen(vat));
    put("follow_up.income_tax_reduced", Exact::Fen(income_tax));
    put("follow_up.tax_relief", Exact::Fen(vat + income_tax));
    put(
        "follow_up.reward_issue_rate",
        ratio(number(|s| s.reward_due && s.reward_issued), number(|s| s.reward_due)),
    );
    put("follow_up.reward_paid", Exact::Fen(total(|s| s.reward_paid)));
    put(
        "follow_up.reward_rate",
        ratio(total(|s| s.reward_paid), total(|s| s.net_income)),
    );
    put("follow_up.persons_rewarded", Exact::Count(total(|s| s.persons)));
}

fn activities(register: &Register, year: i32, at: i64, until: Option<NaiveDate>, put: &mut dyn FnMut(&str, Exact)) {
    let last = until.unwrap_or_else(|| NaiveDate::from_ymd_opt(year, 12, 31).unwrap());
    let last = last.min(beijing(at));
    let of = |kind: &str, any_year: bool, measure: fn(&Activity) -> i64| {
        let held = register.activities.iter().filter(|a| a.kind == kind && a.on <= last);
        held.filter(|a| any_year || a.on.year() == year).map(measure).sum()
    };
    for (kind, name) in [
        ("登记员培训", "registrar_training"),
        ("政策宣讲", "policy_training"),
        ("技术经理人培训", "technology_manager_training"),
    ] {
        put(
            &format!("activities.{name}.events"),
            Exact::Count(of(kind, false, |a| a.events)),
        );
        put(
            &format!("activities.{name}.participants"),
            Exact::Count(of(kind, false, |a| a.participants)),
        );
    }
    put(
        "activities.guidance_visits.events",
        Exact::Count(of("登记辅导", false, |a| a.events)),
    );
    for (kind, name) in [
        ("成果挂牌", "results_listed.items"),
        ("成果发布", "results_published.items"),
        ("技术经理人初级证书", "technology_managers.junior"),
        ("技术经理人中级证书", "technology_managers.intermediate"),
        ("技术经理人高级备案", "technology_managers.senior"),
    ] {
        put(
            &format!("activities.{name}"),
            Exact::Count(of(kind, false, |a| a.items)),
        );
    }
    let trained =
        |measure: fn(&Activity) -> i64| of("技术经理人培训", true, measure) + of("技术经理人往年培养", true, measure);
    put(
        "activities.technology_managers.trained_to_date",
        Exact::Count(trained(|a| a.participants)),
    );
    put(
        "activities.technology_managers.trained_to_date_xpcc",
        Exact::Count(trained(|a| a.participants_xpcc)),
    );
}

fn leaves(prefix: &str, value: &Value, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(inner) => {
            for (key, value) in inner {
                let name = if prefix.is_empty() {
                    key.clone()
                } else {
                    format!("{prefix}.{key}")
                };
                leaves(&name, value, found);
            }
        }
        leaf => assert!(found.insert(prefix.to_owned(), leaf.clone()).is_none(), "{prefix}"),
    }
}

/// The annual object without what says when it was made and from what.
pub fn without_frame(annual: &Value) -> Value {
    let mut annual = annual.clone();
    for key in ["as_of", "ledger"] {
        assert!(annual.as_object_mut().unwrap().shift_remove(key).is_some(), "{key}");
    }
    annual
}

/// Holds the annual object against the figures: the same names, counts and amounts equal, the rest equal within 1e-12.
#[track_caller]
pub fn assert_same(annual: &Value, expected: &Figures) {
    let mut found = BTreeMap::new();
    leaves("", annual, &mut found);
    for frame in [
        "year",
        "as_of",
        "until",
        // Of deadlines and refusals nothing is known here.
        "decisions.in_time_share",
        "decisions.return_rate",
        "decisions.refused",
        "decisions.refusal_rate",
        "month",
        "quarter",
        "compared_until",
        "edition",
        "closed",
        "restated",
        "ledger.sequence",
        "ledger.hash",
    ] {
        assert!(found.remove(frame).is_some(), "{frame}");
    }
    let mut wrong = Vec::new();
    for (name, exact) in expected {
        let name = match exact {
            Exact::Fen(_) => format!("{name}_fen"),
            _ => name.clone(),
        };
        let Some(value) = found.remove(&name) else {
            wrong.push(format!("{name} is missing"));
            continue;
        };
        let same = match *exact {
            Exact::Count(n) | Exact::Fen(n) => value.as_i64() == Some(n),
            Exact::Nothing => value.is_null(),
            exact => value.as_f64().is_some_and(|f| {
                let expected = double(exact);
                (f - expected).abs() <= 1e-12 * expected.abs().max(1.0)
            }),
        };
        if !same {
            wrong.push(format!("{name}: {value} and not {exact:?}"));
        }
    }
    wrong.extend(
        found
            .iter()
            .map(|(name, value)| format!("{name} is unexpected: {value}")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[expect(clippy::cast_precision_loss, reason = "the nearest double is what JSON carries")]
fn double(exact: Exact) -> f64 {
    match exact {
        Exact::Count(n) | Exact::Fen(n) => n as f64,
        Exact::Fraction(n, d) => n as f64 / d as f64,
        Exact::Root(last, base, years) => (last as f64 / base as f64).powf(1.0 / f64::from(years)) - 1.0,
        Exact::Nothing => f64::NAN,
    }
}

/// The figure in the unit and with the decimals of `printed`, rounded half away from zero.
pub fn rounded(exact: Exact, unit: &str, printed: &str) -> String {
    let decimals = printed.split_once('.').map_or(0, |(_, d)| d.len());
    let scale = 10_i128.pow(u32::try_from(decimals).unwrap());
    let (factor, divisor) = match unit {
        "count" | "ratio" => (1, 1),
        "wan_yuan" => (1, 1_000_000),
        "yi_yuan" => (1, 10_000_000_000),
        "percent" => (100, 1),
        other => panic!("{other}"),
    };
    let (n, d) = match exact {
        Exact::Count(n) | Exact::Fen(n) => (i128::from(n), 1),
        Exact::Fraction(n, d) => (i128::from(n), i128::from(d)),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "far from the limits, and no root is near a tie"
        )]
        root => ((double(root) * 1e15) as i128, 1_000_000_000_000_000),
    };
    let (n, d) = (n * factor * scale, d * divisor);
    let (n, negative) = (n.abs(), (n < 0) != (d < 0));
    let d = d.abs();
    let units = (2 * n + d) / (2 * d);
    let sign = if negative && units > 0 { "-" } else { "" };
    if decimals == 0 {
        format!("{sign}{units}")
    } else {
        format!("{sign}{}.{:0decimals$}", units / scale, units % scale)
    }
}
