//! What happens to a registrar's certificate: issue, renewal, suspension, training, and the reminders before it runs out. The
//! numbers (years of validity, hours of training, days of reminders) are the office's data, since no official text that lays them
//! down was found.

use chrono::{Datelike as _, Days, Months};

use super::{
    account::Certificate,
    time::{Date, Moment},
};

/// A stretch of validity, first and last day included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from_on: Date,
    /// Last day; none where it does not run out.
    pub until_on: Option<Date>,
}

impl Period {
    /// Whether it contains a day.
    pub fn contains(self, day: Date) -> bool {
        self.from_on <= day && self.until_on.is_none_or(|last| day <= last)
    }
}

/// A suspension as it was made and, perhaps, lifted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// First day.
    pub from_on: Date,
    /// Last day; none until it is lifted.
    pub until_on: Option<Date>,
    /// Why.
    pub reason: String,
    /// When it was entered: it is never made for the past, so it holds from here or from its first day on, whichever is later.
    pub suspended_at: Moment,
    /// Who entered it.
    pub suspended_by: String,
    /// When it was lifted.
    pub lifted_at: Option<Moment>,
    /// Who lifted it.
    pub lifted_by: Option<String>,
    /// Why it was lifted.
    pub lift_reason: Option<String>,
}

impl Suspension {
    /// Whether it holds at a moment.
    pub fn holds_at(&self, at: Moment) -> bool {
        self.suspended_at.max(Moment::start_of(self.from_on)) <= at
            && self.until_on.is_none_or(|last| at < Moment::end_of(last))
            && self.lifted_at.is_none_or(|lifted| at < lifted)
    }
}

/// A certificate through time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Stretches of validity, oldest first; the first begins with the issue.
    pub periods: Vec<Period>,
    /// Suspensions, oldest first.
    pub suspensions: Vec<Suspension>,
}

impl History {
    /// The day of the first issue.
    pub fn issued_on(&self) -> Option<Date> {
        self.periods.first().map(|p| p.from_on)
    }

    /// Whether it was valid and not suspended at a moment.
    pub fn is_certified_at(&self, at: Moment) -> bool {
        self.periods.iter().any(|p| p.contains(at.date())) && !self.suspensions.iter().any(|s| s.holds_at(at))
    }
}

/// The last day of `years` years that begin on a day; the month's last where it has no such day (民法典 202).
pub fn last_day(from_on: Date, years: u32) -> Option<Date> {
    let same_day = from_on.checked_add_months(Months::new(years.checked_mul(12)?))?;
    if same_day.day() == from_on.day() {
        same_day.pred_opt()
    } else {
        Some(same_day)
    }
}

/// Why a certificate cannot be renewed as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRenewable {
    /// It does not run out.
    Permanent,
    /// The new last day is not after the current one, or in the past.
    NotLater,
    /// The new last day lies outside the calendar.
    OutOfRange,
}

/// The period that a renewal adds. Before the expiry, the last day included, it continues the validity; afterwards a gap stays,
/// and it begins today.
///
/// # Errors
/// [`NotRenewable`].
pub fn renewal(
    certificate: &Certificate,
    asked: Option<Date>,
    today: Date,
    years: u32,
) -> Result<Period, NotRenewable> {
    let current = certificate.valid_until.ok_or(NotRenewable::Permanent)?;
    let from_on = if current < today {
        today
    } else {
        current.checked_add_days(Days::new(1)).ok_or(NotRenewable::OutOfRange)?
    };
    let until_on = match asked {
        Some(day) => day,
        None => last_day(from_on, years).ok_or(NotRenewable::OutOfRange)?,
    };
    if until_on < from_on {
        return Err(NotRenewable::NotLater);
    }
    Ok(Period {
        from_on,
        until_on: Some(until_on),
    })
}

/// Minutes of continuing education that a period demands: so many hours for each of its full years.
pub fn demanded_minutes(period: Period, hours_per_year: u32) -> i64 {
    let years = period
        .until_on
        .and_then(|last| last.succ_opt()?.years_since(period.from_on))
        .unwrap_or(0);
    i64::from(years) * i64::from(hours_per_year) * 60
}

/// The reminder that is due `left` days before a last day (past it, where negative), of those at `thresholds`: the nearest one
/// reached, unless it or a nearer one was given (`given`: the nearest so far). Those slept over are not caught up on: the nearest
/// says all they would have said.
pub fn reminder_due(left: i64, thresholds: &[i64], given: Option<i64>) -> Option<i64> {
    let reached = thresholds.iter().copied().filter(|t| left <= *t).min()?;
    given.is_none_or(|nearest| reached < nearest).then_some(reached)
}

/// Kind of a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrainingKind {
    /// 岗前培训, before the first certificate.
    Initial,
    /// 继续教育.
    Continuing,
    /// 考试.
    Examination,
}

impl TrainingKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Initial, Self::Continuing, Self::Examination];

    /// The id, as in JSON and in the store.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Continuing => "continuing",
            Self::Examination => "examination",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.id() == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        account::{CertificateState, Suspended},
        time::parse_date,
    };

    fn day(text: &str) -> Date {
        parse_date(text).unwrap()
    }

    fn certificate(until: Option<&str>) -> Certificate {
        Certificate::new("DJY1".into(), day("2023-03-13"), until.map(day))
    }

    #[test]
    fn the_first_and_the_last_day_count() {
        let mut held = certificate(Some("2026-03-12"));
        let state = |c: &Certificate, on: &str| c.state_on(day(on));
        assert_eq!(state(&held, "2023-03-12"), CertificateState::NotYetValid);
        assert!(held.is_valid_on(day("2023-03-13")) && held.is_valid_on(day("2026-03-12")));
        assert_eq!(state(&held, "2026-03-13"), CertificateState::Expired);
        held.suspension = Some(Suspended {
            from_on: day("2026-01-10"),
            until_on: Some(day("2026-01-20")),
        });
        assert!(held.is_valid_on(day("2026-01-09")) && held.is_valid_on(day("2026-01-21")));
        assert_eq!(state(&held, "2026-01-10"), CertificateState::Suspended);
        assert_eq!(state(&held, "2026-01-20"), CertificateState::Suspended);
        assert!(certificate(None).is_valid_on(day("2199-12-31")));
    }

    #[test]
    fn a_renewal_in_time_leaves_no_gap_and_a_late_one_does() {
        let held = certificate(Some("2026-03-12"));
        let renew = |asked: Option<&str>, today: &str| renewal(&held, asked.map(day), day(today), 3);
        let period = |from: &str, until: &str| {
            Ok(Period {
                from_on: day(from),
                until_on: Some(day(until)),
            })
        };
        assert_eq!(renew(None, "2025-06-01"), period("2026-03-13", "2029-03-12"));
        assert_eq!(
            renew(None, "2026-03-12"),
            period("2026-03-13", "2029-03-12"),
            "on the last day"
        );
        assert_eq!(
            renew(None, "2026-03-13"),
            period("2026-03-13", "2029-03-12"),
            "no day between"
        );
        assert_eq!(renew(None, "2026-04-01"), period("2026-04-01", "2029-03-31"));
        assert_eq!(
            renew(Some("2027-12-31"), "2026-04-01"),
            period("2026-04-01", "2027-12-31")
        );
        assert_eq!(renew(Some("2026-03-12"), "2026-01-01"), Err(NotRenewable::NotLater));
        assert_eq!(renew(Some("2026-03-31"), "2026-04-01"), Err(NotRenewable::NotLater));
        assert_eq!(
            renewal(&certificate(None), None, day("2026-01-01"), 3),
            Err(NotRenewable::Permanent)
        );
        // A period from 29 February ends with February.
        assert_eq!(last_day(day("2024-02-29"), 3), Some(day("2027-02-28")));
        assert_eq!(last_day(day("2024-03-01"), 3), Some(day("2027-02-28")));
    }

    #[test]
    fn a_suspension_holds_from_its_entry_to_its_lifting() {
        let at = |text: &str| Moment::parse(text).unwrap();
        let mut suspension = Suspension {
            from_on: day("2026-01-10"),
            until_on: Some(day("2026-01-20")),
            reason: "核查".into(),
            suspended_at: at("2026-01-10T09:00:00+08:00"),
            suspended_by: "a".into(),
            lifted_at: None,
            lifted_by: None,
            lift_reason: None,
        };
        assert!(!suspension.holds_at(at("2026-01-10T08:59:59+08:00")));
        assert!(suspension.holds_at(at("2026-01-10T09:00:00+08:00")));
        assert!(suspension.holds_at(at("2026-01-20T23:59:59+08:00")));
        assert!(!suspension.holds_at(at("2026-01-21T00:00:00+08:00")));
        suspension.lifted_at = Some(at("2026-01-15T12:00:00+08:00"));
        assert!(suspension.holds_at(at("2026-01-15T11:59:59+08:00")));
        assert!(!suspension.holds_at(at("2026-01-15T12:00:00+08:00")));
        let history = History {
            periods: vec![
                Period {
                    from_on: day("2023-01-01"),
                    until_on: Some(day("2026-01-31")),
                },
                Period {
                    from_on: day("2026-03-01"),
                    until_on: None,
                },
            ],
            suspensions: vec![suspension],
        };
        let certified = |text: &str| history.is_certified_at(at(text));
        assert!(certified("2026-01-31T23:59:59+08:00") && !certified("2026-02-01T00:00:00+08:00"));
        assert!(!certified("2026-02-28T23:59:59+08:00") && certified("2026-03-01T00:00:00+08:00"));
        assert!(!certified("2026-01-11T00:00:00+08:00"));
        assert_eq!(history.issued_on(), Some(day("2023-01-01")));
    }

    #[test]
    fn each_threshold_reminds_once_and_slept_over_ones_are_one() {
        const DAYS: [i64; 4] = [90, 60, 30, 7];
        assert_eq!(reminder_due(91, &DAYS, None), None);
        assert_eq!(reminder_due(90, &DAYS, None), Some(90));
        assert_eq!(reminder_due(61, &DAYS, Some(90)), None);
        assert_eq!(reminder_due(60, &DAYS, Some(90)), Some(60));
        assert_eq!(reminder_due(20, &DAYS, Some(90)), Some(30), "asleep from 90 to 20 days");
        assert_eq!(reminder_due(20, &DAYS, Some(30)), None);
        assert_eq!(reminder_due(0, &DAYS, Some(30)), Some(7));
        assert_eq!(reminder_due(0, &DAYS, Some(7)), None);
        assert_eq!(reminder_due(5, &[], None), None);
        // Deadlines go on beyond the last day.
        let deadline = [3, 1, -1, -7];
        assert_eq!(reminder_due(-1, &deadline, Some(1)), Some(-1));
        assert_eq!(reminder_due(-6, &deadline, Some(-1)), None);
        assert_eq!(reminder_due(-30, &deadline, Some(-1)), Some(-7));
    }

    #[test]
    fn training_is_demanded_for_full_years() {
        let period = |from: &str, until: Option<&str>| Period {
            from_on: day(from),
            until_on: until.map(day),
        };
        assert_eq!(
            demanded_minutes(period("2023-03-13", Some("2026-03-12")), 8),
            3 * 8 * 60
        );
        assert_eq!(
            demanded_minutes(period("2023-03-13", Some("2026-03-11")), 8),
            2 * 8 * 60
        );
        assert_eq!(demanded_minutes(period("2023-03-13", None), 8), 0);
        assert_eq!(demanded_minutes(period("2023-03-13", Some("2026-03-12")), 0), 0);
    }
}
