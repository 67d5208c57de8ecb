//! Rule sets: what the measures in force at a contract's acceptance demand, as data from `config/rules/<id>.toml`: deadlines,
//! thresholds, required attachments, quorum. A contract keeps the set of its first acceptance for life.

use std::collections::BTreeMap;

use chrono::Days;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::{
    calendar::Calendar,
    catalogue::CatalogueError,
    money::Fen,
    time::{Date, parse_date},
};

/// How the days of a deadline are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Every day.
    CalendarDays,
    /// Working days by the calendar.
    WorkingDays,
}

/// Within how many days a contract is to be decided.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// Holds where the technology amount is this or more, in fen.
    pub from_technology_fen: Fen,
    /// Number of days, the first being the day after the papers were received.
    pub days: u16,
    /// How they are counted.
    pub counted: Counted,
}

/// When experts decide, and how many of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpertReviewRule {
    /// Fewest votes that make a quorum, however many are recused.
    pub at_least_votes: u32,
    /// Least share of those entitled (members but for the recused) who must vote, as (numerator, denominator).
    pub share: (u32, u32),
    /// Contract amount in fen from which a positive conclusion is required; none: never required.
    #[serde(default)]
    pub from_fen: Option<Fen>,
}

/// Amounts outside which a slip of the unit (元 for 万元) is likely: a warning, nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnusualAmount {
    /// Unusual where the contract amount is less, in fen.
    pub below_fen: Fen,
    /// Unusual where it is more, in fen.
    pub above_fen: Fen,
}

/// From what on likeness and habit are remarkable (self-audit A02, A05, A25, A28, A30).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckLimits {
    /// A01: least likeness, percent, of two names that may be of one thing where all else is the same.
    pub related_name_percent: u32,
    /// A02: least likeness of two names, percent.
    pub near_name_percent: u32,
    /// A02: greatest difference of two amounts, in thousandths of the larger.
    pub near_amount_per_mille: u32,
    /// A02: most days between two signatures.
    pub near_days: u16,
    /// A05: most days within which the parts of a split contract were signed.
    pub split_days: u16,
    /// A05: contract amounts in fen that a contract may be split to stay below.
    pub split_thresholds_fen: Vec<Fen>,
    /// A25: months after a contract's end by which some money should have come.
    pub unpaid_months: u32,
    /// A28: share of one seller in an agency's amount of the year, percent, above which it is concentrated.
    pub seller_share_percent: u32,
    /// A28: share of December in a seller's contracts of the year, percent, above which they come in a burst.
    pub december_share_percent: u32,
    /// A28: contracts below which neither share says anything: of the agency, and of the seller.
    pub share_from_contracts: u32,
    /// A30: contracts of one seller and year from which uniform answers are remarkable.
    pub uniform_from_contracts: u32,
}

/// One set of rules and the days on which it held.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// Id, the file's name.
    pub id: String,
    /// Chinese title.
    pub title: String,
    /// The documents it comes from.
    pub source: String,
    /// First day on which it holds.
    #[serde(deserialize_with = "date")]
    pub valid_from: Date,
    /// Last day on which it holds; none: until further notice.
    #[serde(default, deserialize_with = "optional_date")]
    pub valid_to: Option<Date>,
    /// Whether the numbers were compared with the official text. Where not, `notice` is shown.
    pub verified: bool,
    /// Chinese notice shown with every contract under these rules.
    #[serde(default)]
    pub notice: Option<String>,
    /// Kinds of attachment without which a contract cannot be submitted.
    pub required_attachments: Vec<String>,
    /// Further kinds by the contract's type; the rules themselves name none, an office may.
    #[serde(default)]
    pub required_attachments_by_type: BTreeMap<String, Vec<String>>,
    /// Whether a contract is to be handed in before its term is over; looked at as a notice only.
    pub apply_within_term: bool,
    /// Deadlines by technology amount, from 0 upwards.
    #[serde(rename = "deadline")]
    pub deadlines: Vec<Deadline>,
    /// Whether the term counts anew from the day on which papers that were asked for are filed.
    #[serde(default)]
    pub supplement_resets_acceptance: bool,
    /// Days within which a contract before experts is to be decided, where that is longer, counted as its deadline is; none: as any
    /// other.
    #[serde(default)]
    pub disputed_days: Option<u16>,
    /// When to ask whether the unit is right.
    pub unusual_amount: UnusualAmount,
    /// Expert panels.
    pub expert_review: ExpertReviewRule,
    /// Limits of the checks that compare contracts; without them those checks say nothing.
    #[serde(default)]
    pub checks: Option<CheckLimits>,
}

/// The last day for a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// That day.
    pub on: Date,
    /// False where working days were counted in a year that has no calendar, Monday to Friday.
    pub complete: bool,
}

impl RuleSet {
    /// Reads `text`, the file `file` (named in errors), whose name without ending is `stem`.
    ///
    /// # Errors
    /// Not TOML of the form; an id that is not the file's name; days, deadlines or shares that make no sense.
    pub(super) fn parse(stem: &str, file: &str, text: &str) -> Result<Self, CatalogueError> {
        let set: Self = toml::from_str(text).map_err(|e| CatalogueError::toml(file, &e))?;
        let edges = || set.deadlines.iter().map(|d| d.from_technology_fen);
        let experts = &set.expert_review;
        let limits = set.checks.as_ref();
        let rules: [(&str, bool, &str); 9] = [
            ("id", set.id == stem, "应与文件名一致"),
            (
                "valid_to",
                set.valid_to.is_none_or(|end| end >= set.valid_from),
                "不能早于 valid_from",
            ),
            (
                "notice",
                set.verified || set.notice.is_some(),
                "未经核对的规则必须有提示",
            ),
            (
                "deadline",
                edges().next() == Some(0) && edges().is_sorted_by(|a, b| a < b),
                "应从 0 元起逐级增大",
            ),
            (
                "deadline.days",
                set.deadlines.iter().all(|d| (1..=366).contains(&d.days)),
                "应在 1 至 366 之间",
            ),
            (
                "disputed_days",
                set.disputed_days.is_none_or(|days| (1..=366).contains(&days)),
                "应在 1 至 366 之间",
            ),
            (
                "expert_review.share",
                experts.share.0 > 0 && experts.share.0 <= experts.share.1,
                "应大于 0 且不超过 1",
            ),
            (
                "checks.near_name_percent",
                limits.is_none_or(|c| (50..=100).contains(&c.near_name_percent) && c.related_name_percent <= 100),
                "应在 50 至 100 之间",
            ),
            (
                "checks",
                limits.is_none_or(|c| c.near_amount_per_mille <= 100 && c.near_days <= 92 && c.split_days <= 366),
                "near_amount_per_mille 不超过 100，near_days 不超过 92，split_days 不超过 366",
            ),
        ];
        match rules.into_iter().find(|(_, holds, _)| !holds) {
            Some((key, _, problem)) => Err(CatalogueError::new(file, key, problem)),
            None => Ok(set),
        }
    }

    /// Whether the day lies in its validity, first and last day included.
    pub fn holds_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|end| day <= end)
    }

    /// The kinds of attachment without which a contract of this type cannot be submitted under these rules.
    pub fn attachments_of(&self, contract_type: Option<&str>) -> impl Iterator<Item = &str> {
        let further = contract_type.and_then(|t| self.required_attachments_by_type.get(t));
        self.required_attachments
            .iter()
            .chain(further.into_iter().flatten())
            .map(String::as_str)
    }

    /// The deadline for a technology amount.
    pub fn deadline(&self, technology_amount_fen: Fen) -> Option<&Deadline> {
        self.deadlines
            .iter()
            .rev()
            .find(|d| technology_amount_fen >= d.from_technology_fen)
    }

    /// The last day for a decision on papers received on `received_on`, the first day being the day after.
    pub fn due_on(&self, received_on: Date, technology_amount_fen: Fen, calendar: &Calendar) -> Due {
        self.due_within(received_on, technology_amount_fen, None, calendar)
    }

    /// The same for a contract that goes before experts: the days for disputed ones, where those are more.
    pub fn due_on_disputed(&self, received_on: Date, technology_amount_fen: Fen, calendar: &Calendar) -> Due {
        self.due_within(received_on, technology_amount_fen, self.disputed_days, calendar)
    }

    fn due_within(&self, received_on: Date, technology_fen: Fen, at_least: Option<u16>, calendar: &Calendar) -> Due {
        let Some(deadline) = self.deadline(technology_fen).or(self.deadlines.first()) else {
            return Due {
                on: received_on,
                complete: true,
            };
        };
        let days = deadline.days.max(at_least.unwrap_or(0));
        match deadline.counted {
            Counted::CalendarDays => {
                let on = received_on.checked_add_days(Days::new(u64::from(days)));
                Due {
                    on: on.unwrap_or(Date::MAX),
                    complete: true,
                }
            }
            Counted::WorkingDays => {
                let (on, complete) = calendar.add_working_days(received_on, days);
                Due { on, complete }
            }
        }
    }
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    parse_date(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

fn optional_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    date(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::embedded_catalogue;

    fn day(text: &str) -> Date {
        parse_date(text).unwrap()
    }

    #[test]
    fn the_set_of_a_day() {
        let catalogue = embedded_catalogue().unwrap();
        for (text, id) in [
            ("1999-01-01", "r2001"),
            ("2026-02-28", "r2001"),
            ("2026-03-01", "r2026"),
            ("2031-01-01", "r2026"),
        ] {
            assert_eq!(
                catalogue.rule_set_on(day(text)).map(|set| set.id.as_str()),
                Some(id),
                "{text}"
            );
        }
        assert!(
            catalogue
                .rule_set("r2001")
                .is_some_and(|set| set.verified && set.notice.is_none())
        );
        assert!(
            catalogue
                .rule_set("r2026")
                .is_some_and(|set| !set.verified && set.notice.is_some())
        );
        assert_eq!(catalogue.rule_set("r2099"), None);
        for set in catalogue.rule_sets() {
            assert_eq!(set.required_attachments, ["contract_text"]);
            assert_eq!(
                set.expert_review,
                ExpertReviewRule {
                    at_least_votes: 3,
                    share: (2, 3),
                    from_fen: None
                }
            );
        }
    }

    #[test]
    fn deadlines() {
        let catalogue = embedded_catalogue().unwrap();
        for (set, received_on, technology_fen, on, complete) in [
            ("r2001", "2025-12-15", 0, "2026-01-14", true),
            ("r2001", "2023-01-31", 900_000_000, "2023-03-02", true),
            // 2026-03-02 is a Monday; Qingming, Monday 6 April 2026, is a holiday.
            ("r2026", "2026-03-02", 499_999_999, "2026-03-23", true),
            ("r2026", "2026-03-02", 500_000_000, "2026-04-14", true),
            ("r2026", "2026-12-31", 0, "2027-01-21", false),
        ] {
            let due = catalogue
                .rule_set(set)
                .unwrap()
                .due_on(day(received_on), technology_fen, catalogue.calendar());
            assert_eq!(
                due,
                Due { on: day(on), complete },
                "{set} {received_on} {technology_fen}"
            );
        }
    }

    #[test]
    fn wrong_files_are_refused() {
        let good = include_str!("../../config/rules/r2026.toml");
        assert!(RuleSet::parse("r2026", "f", good).is_ok());
        for (from, to, problem) in [
            ("id = \"r2026\"", "id = \"r2027\"", "id"),
            (
                "verified = false",
                "verified = false\nvalid_to = \"2026-02-28\"",
                "valid_to",
            ),
            ("valid_from = \"2026-03-01\"", "valid_from = \"2026-3-1\"", "YYYY-MM-DD"),
            ("\nnotice", "\nremark", "remark"),
            ("from_technology_fen = 0", "from_technology_fen = 1", "deadline"),
            (
                "from_technology_fen = 500_000_000",
                "from_technology_fen = 0",
                "deadline",
            ),
            ("days = 15", "days = 0", "deadline.days"),
            ("working_days", "weeks", "weeks"),
            ("share = [2, 3]", "share = [4, 3]", "expert_review.share"),
            ("near_name_percent = 90", "near_name_percent = 9", "near_name_percent"),
            ("near_days = 30", "near_days = 300", "near_days"),
        ] {
            let text = good.replace(from, to);
            assert_ne!(text, good, "{from}");
            let error = RuleSet::parse("r2026", "rules/r2026.toml", &text).unwrap_err();
            assert!(error.to_string().contains(problem), "{error}");
        }
    }
}
