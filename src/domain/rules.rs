//! Rule sets: what the measures in force at a contract's acceptance demand, as data from `config/rules/<id>.toml`: deadlines,
//! thresholds, required attachments, quorum. A contract keeps the set of its first acceptance for life.

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
    /// Fewest votes (recusals do not count) that make a quorum.
    pub at_least_votes: u32,
    /// Least share of the votes for a positive conclusion, as (numerator, denominator).
    pub share: (u32, u32),
    /// Contract amount in fen from which a positive conclusion is required; none: never required.
    #[serde(default)]
    pub from_fen: Option<Fen>,
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
    /// Whether a contract is to be handed in before its term is over; looked at as a notice only.
    pub apply_within_term: bool,
    /// Deadlines by technology amount, from 0 upwards.
    #[serde(rename = "deadline")]
    pub deadlines: Vec<Deadline>,
    /// Expert panels.
    pub expert_review: ExpertReviewRule,
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
        let rules: [(&str, bool, &str); 6] = [
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
                "expert_review.share",
                experts.share.0 > 0 && experts.share.0 <= experts.share.1,
                "应大于 0 且不超过 1",
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

    /// The deadline for a technology amount.
    pub fn deadline(&self, technology_amount_fen: Fen) -> Option<&Deadline> {
        self.deadlines
            .iter()
            .rev()
            .find(|d| technology_amount_fen >= d.from_technology_fen)
    }

    /// The last day for a decision on papers received on `received_on`, the first day being the day after.
    pub fn due_on(&self, received_on: Date, technology_amount_fen: Fen, calendar: &Calendar) -> Due {
        match self.deadline(technology_amount_fen).or(self.deadlines.first()) {
            None => Due {
                on: received_on,
                complete: true,
            },
            Some(Deadline {
                days,
                counted: Counted::CalendarDays,
                ..
            }) => {
                let on = received_on
                    .checked_add_days(Days::new(u64::from(*days)))
                    .unwrap_or(Date::MAX);
                Due { on, complete: true }
            }
            Some(Deadline {
                days,
                counted: Counted::WorkingDays,
                ..
            }) => {
                let (on, complete) = calendar.add_working_days(received_on, *days);
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
