//! Query parameters: each known, each of its form, every wrong one named.

use std::collections::BTreeMap;

use crate::domain::{
    error::FieldError,
    time::{Date, Moment, parse_date},
};

/// Longest value of a parameter, in characters.
const LONGEST: usize = 200;

/// The parameters of a request, taken one by one; what is left over or wrong is told by [`Query::finish`].
pub struct Query {
    values: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

impl Query {
    /// Reads a query string. A parameter given twice is an error.
    pub fn parse(text: &str) -> Self {
        let mut query = Self {
            values: BTreeMap::new(),
            errors: Vec::new(),
        };
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            // PostgreSQL takes no U+0000, and no parameter means anything by one.
            if value.contains('\0') {
                query.error(&name, "control_character", "含有不允许的控制字符。");
                continue;
            }
            if query.values.insert(name.to_string(), value.into_owned()).is_some() {
                query.error(&name, "repeated", "参数重复。");
            }
        }
        query
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
