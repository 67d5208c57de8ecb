//! Moments and dates. A moment is stored in UTC to the microsecond and written as RFC 3339 with +08:00; a date, a year or a
//! deadline is always Beijing time's.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A calendar date in Beijing time.
pub type Date = NaiveDate;

/// Seconds by which Beijing time is ahead of UTC; China has one time zone and no summer time since 1992.
const BEIJING_SECONDS: i32 = 8 * 3600;

/// A moment: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

fn beijing() -> FixedOffset {
    // The constant is within ±24 h, so the fall-back to UTC is never taken.
    FixedOffset::east_opt(BEIJING_SECONDS).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

impl Moment {
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// From any date and time with offset; what is finer than a microsecond is cut off.
    pub fn from_datetime<Tz: TimeZone>(at: DateTime<Tz>) -> Self {
        Self(at.timestamp_micros())
    }

    /// From a date and time of day that were written without offset and mean Beijing time.
    pub fn from_beijing(local: NaiveDateTime) -> Self {
        Self(local.and_utc().timestamp_micros() - i64::from(BEIJING_SECONDS) * 1_000_000)
    }

    /// The first moment of a day in Beijing.
    pub fn start_of(day: Date) -> Self {
        Self::from_beijing(day.and_time(NaiveTime::MIN))
    }

    /// The first moment after a day in Beijing.
    pub fn end_of(day: Date) -> Self {
        Self(Self::start_of(day).0 + 86_400_000_000)
    }

    /// The first moment of a year in Beijing.
    pub fn start_of_year(year: i32) -> Self {
        Self::start_of(NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(NaiveDate::MIN))
    }

    /// Seconds later (or earlier, where negative).
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0 + seconds * 1_000_000)
    }

    /// Date and time in Beijing.
    pub fn beijing_time(self) -> DateTime<FixedOffset> {
        DateTime::<Utc>::from_timestamp_micros(self.0)
            .unwrap_or(DateTime::<Utc>::MIN_UTC)
            .with_timezone(&beijing())
    }

    /// The date in Beijing.
    pub fn date(self) -> Date {
        self.beijing_time().date_naive()
    }

    /// The year in Beijing.
    pub fn year(self) -> i32 {
        self.date().year()
    }

    /// Reads RFC 3339 with any offset.
    ///
    /// # Errors
    /// A Chinese sentence where the text is not RFC 3339 or its year in Beijing is outside 1900–2200.
    pub fn parse(text: &str) -> Result<Self, String> {
        let at = DateTime::parse_from_rfc3339(text)
            .map_err(|_| "时间应为 RFC 3339 格式，例如 2025-12-31T23:59:59+08:00".to_owned())?;
        let moment = Self::from_datetime(at);
        if !(1900..=2200).contains(&moment.year()) {
            return Err("时间的年份应在 1900 至 2200 之间".into());
        }
        Ok(moment)
    }
}

impl std::fmt::Display for Moment {
    /// RFC 3339 with +08:00 and six decimals of a second.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.beijing_time().to_rfc3339_opts(SecondsFormat::Micros, false))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Reads `YYYY-MM-DD`.
///
/// # Errors
/// A Chinese sentence where the text is no date of that form or the year is outside 1900–2200.
pub fn parse_date(text: &str) -> Result<Date, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|d| (1900..=2200).contains(&d.year()) && text.len() == 10)
        .ok_or_else(|| "日期应为 YYYY-MM-DD 格式，例如 2025-01-31".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_beijing_times() {
        let last = Moment::parse("2025-12-31T15:59:59.999999Z").unwrap();
        assert_eq!(last.year(), 2025);
        assert_eq!(Moment::from_micros(last.micros() + 1).year(), 2026);
        assert_eq!(Moment::start_of_year(2026).micros(), last.micros() + 1);
        assert_eq!(last.to_string(), "2025-12-31T23:59:59.999999+08:00");
        assert_eq!(
            Moment::end_of(parse_date("2025-12-31").unwrap()),
            Moment::start_of_year(2026)
        );
    }

    #[test]
    fn moments_and_dates_survive_text() {
        let at = Moment::parse("2025-01-01T00:20:00-05:30").unwrap();
        assert_eq!(Moment::parse(&at.to_string()), Ok(at));
        assert!(Moment::parse("2025-01-01").is_err());
        assert!(parse_date("2025-02-30").is_err());
        assert!(parse_date("2025-2-3").is_err());
    }
}
