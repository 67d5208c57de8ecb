//! Query parameters: each known, each of its form, every wrong one named.

use std::collections::BTreeMap;

use crate::domain::{
    error::FieldError,
    time::{Date, Moment, parse_date},
};

/// Longest value of a parameter, in characters.
const LONGEST: usize = 200;

/// Seconds that a moment may be ahead of the clock here: another server, whose clock is ahead, may have named it in a link.
const SKEW_SECONDS: i64 = 2 * 3600;

/// Whether a moment is still to come, by any clock.
pub fn is_to_come(at: Moment, now: Moment) -> bool {
    at > now.plus_seconds(SKEW_SECONDS)
}

/// The last moment of a day, of a day that is not over now. How things will stand is not known.
///
/// # Errors
/// A Chinese sentence where the day is still to come.
pub fn moment_of_day(day: Date, now: Moment) -> Result<Moment, &'static str> {
    if is_to_come(Moment::start_of(day), now) {
        return Err("统计时点不能晚于今天。");
    }
    Ok(Moment::from_micros(Moment::end_of(day).micros() - 1).min(now))
}

/// Code for what is still to come.
pub const IN_FUTURE: &str = "in_future";

/// The parameters of a request, taken one by one; what is left over or wrong is told by [`Query::finish`].
pub struct Query {
    values: BTreeMap<String, String>,
    /// Of the one parameter that may be given several times.
    many: Option<(&'static str, Vec<String>)>,
    errors: Vec<FieldError>,
}

impl Query {
    /// Reads a query string. A parameter given twice is an error.
    pub fn parse(text: &str) -> Self {
        Self::parse_with(text, None)
    }

    /// The same, but that the parameter `name` may be given several times.
    pub fn parse_with_many(text: &str, name: &'static str) -> Self {
        Self::parse_with(text, Some((name, Vec::new())))
    }

    fn parse_with(text: &str, many: Option<(&'static str, Vec<String>)>) -> Self {
        let mut query = Self {
            many,
            values: BTreeMap::new(),
            errors: Vec::new(),
        };
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            // PostgreSQL takes no U+0000, and no parameter means anything by one.
            if value.contains('\0') {
                query.error(&name, "control_character", "含有不允许的控制字符。");
                continue;
            }
            if let Some((many, values)) = &mut query.many
                && name == *many
            {
                values.push(value.into_owned());
                continue;
            }
            if query.values.insert(name.to_string(), value.into_owned()).is_some() {
                query.error(&name, "repeated", "参数重复。");
            }
        }
        query
    }

    /// Whether something is wrong with a parameter.
    pub fn is_wrong(&self, name: &str) -> bool {
        self.errors
            .iter()
            .any(|error| error.pointer.strip_prefix('/') == Some(name))
    }

    /// Names a wrong parameter.
    pub fn error(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.errors.push(FieldError::new(format!("/{name}"), code, detail));
    }

    /// Whether a parameter is given and was not taken yet; an empty one counts as absent.
    pub fn has(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|value| !value.is_empty())
    }

    /// A text; an empty one counts as absent.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let text = self.values.remove(name).filter(|v| !v.is_empty())?;
        if text.chars().count() > LONGEST {
            self.error(name, "too_long", format!("不得超过 {LONGEST} 个字符。"));
            return None;
        }
        if text.contains(char::is_control) {
            self.error(name, "control_character", "含有不允许的控制字符。");
            return None;
        }
        Some(text)
    }

    /// An integer within a range.
    pub fn integer(&mut self, name: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let text = self.text(name)?;
        let number = text.parse().ok().filter(|n| range.contains(n));
        if number.is_none() {
            let detail = format!("应为 {} 至 {} 的整数。", range.start(), range.end());
            self.error(name, "out_of_range", detail);
        }
        number
    }

    /// A date.
    pub fn date(&mut self, name: &str) -> Option<Date> {
        let text = self.text(name)?;
        parse_date(&text)
            .map_err(|detail| self.error(name, "wrong_type", format!("{detail}。")))
            .ok()
    }

    /// A moment, RFC 3339; a blank stands for the plus sign that a query string turns into one.
    pub fn moment(&mut self, name: &str) -> Option<Moment> {
        let text = self.text(name)?.replace(' ', "+");
        Moment::parse(&text)
            .map_err(|detail| self.error(name, "wrong_type", format!("{detail}。")))
            .ok()
    }

    /// A moment of which is asked how things stood: none that is still to come.
    pub fn moment_so_far(&mut self, name: &str, now: Moment) -> Option<Moment> {
        let at = self.moment(name)?;
        self.so_far(name, at, now)
    }

    /// `at`; `None`, which is now, where only a clock that is ahead could have named it.
    pub fn so_far(&mut self, name: &str, at: Moment, now: Moment) -> Option<Moment> {
        if is_to_come(at, now) {
            self.error(name, IN_FUTURE, "统计时点不能晚于现在。");
        }
        (at <= now).then_some(at)
    }

    /// The start of a day, or a moment.
    pub fn day_start(&mut self, name: &str) -> Option<Moment> {
        match self.values.get(name).map(|v| parse_date(v)) {
            Some(Ok(day)) => {
                self.values.remove(name);
                Some(Moment::start_of(day))
            }
            _ => self.moment(name),
        }
    }

    /// The first moment after a day, or a moment.
    pub fn day_end(&mut self, name: &str) -> Option<Moment> {
        match self.values.get(name).map(|v| parse_date(v)) {
            Some(Ok(day)) => {
                self.values.remove(name);
                Some(Moment::end_of(day))
            }
            _ => self.moment(name),
        }
    }

    /// One of some ids, as `read` knows them.
    pub fn one_of<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name)?;
        let value = read(&text);
        if value.is_none() {
            self.error(name, "unknown_code", format!("不认识的值“{text}”。"));
        }
        value
    }

    /// A comma-separated list, each entry read by `read`.
    pub fn list<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let text = self.text(name).unwrap_or_default();
        let mut values = Vec::new();
        for entry in text.split(',').filter(|e| !e.is_empty()) {
            match read(entry) {
                Some(value) => values.push(value),
                None => self.error(name, "unknown_code", format!("不认识的值“{entry}”。")),
            }
        }
        values
    }

    /// Every value of the parameter that may be given several times, each read by `read`; at most `most`.
    pub fn every<T>(&mut self, most: usize, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let Some((name, values)) = self.many.take() else {
            return Vec::new();
        };
        if values.len() > most {
            self.error(name, "too_many", format!("最多 {most} 个。"));
        }
        let mut found = Vec::new();
        for value in values.into_iter().take(most) {
            if value.chars().count() > LONGEST {
                self.error(name, "too_long", format!("不得超过 {LONGEST} 个字符。"));
            } else if let Some(value) = read(&value) {
                found.push(value);
            } else {
                self.error(name, "unknown_code", format!("不认识的值“{value}”。"));
            }
        }
        found
    }

    /// All that was wrong; unknown parameters too, since a filter that is not applied gives a wrong list.
    ///
    /// # Errors
    /// Every wrong parameter.
    pub fn finish(mut self) -> Result<(), Vec<FieldError>> {
        for name in std::mem::take(&mut self.values).keys() {
            self.error(name, "unknown_parameter", "没有这个参数。");
        }
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(self.errors)
        }
    }
}
