//! Values that callers hand in: the checks that every use case needs, beside the rules for a contract's content
//! (`domain::checks`).

use chrono::Datelike as _;

use crate::{
    domain::{checks::YEARS, code_list::CodeList, error::FieldError, text, time::Date},
    usecases::Error,
};

/// A value read from a request, or all that is wrong with its form: told only after rights, version and state are in order.
pub type Checked<T> = Result<T, Vec<FieldError>>;

/// Longest free text of an act (a reason, a note), in characters.
const LONGEST: usize = 2000;

/// A text that must be there, as `domain::text` takes it: without what is not seen, and nothing in it that lies.
pub(super) fn required_text(errors: &mut Vec<FieldError>, pointer: &str, text: Option<&str>) -> String {
    let cleaned = text.map(text::clean);
    match cleaned.as_deref().map(str::trim) {
        None | Some("") => errors.push(FieldError::new(pointer, "required", "此项必填。")),
        Some(t) if t.chars().count() > LONGEST => {
            errors.push(FieldError::new(
                pointer,
                "too_long",
                format!("不得超过 {LONGEST} 个字符。"),
            ));
        }
        Some(t) => match unfit(pointer, t, true) {
            Some(error) => errors.push(error),
            None => return t.to_owned(),
        },
    }
    String::new()
}

/// The first character of a text that it may not hold: [`text::unfit`].
pub(super) fn unfit(pointer: &str, text: &str, lines: bool) -> Option<FieldError> {
    let unfit = text::unfit(text, lines)?;
    Some(FieldError::new(pointer, unfit.code(), format!("{}。", unfit.detail())))
}

/// A date that may be missing, within the years that any date may lie in.
pub(super) fn optional_date(errors: &mut Vec<FieldError>, pointer: &str, day: Option<Date>) -> Option<Date> {
    if day.is_some_and(|day| !YEARS.contains(&day.year())) {
        let detail = format!("应在 {} 年至 {} 年之间。", YEARS.start(), YEARS.end());
        errors.push(FieldError::new(pointer, "out_of_range", detail));
    }
    day
}

/// A text that may be missing.
pub(super) fn optional_text(errors: &mut Vec<FieldError>, pointer: &str, text: Option<&str>) -> Option<String> {
    text.map(text::clean)
        .filter(|t| !t.trim().is_empty())
        .map(|t| required_text(errors, pointer, Some(&t)))
}

/// A code that must be there and in its list.
pub(super) fn required_code(
    errors: &mut Vec<FieldError>,
    pointer: &str,
    code: Option<&str>,
    list: &CodeList,
) -> String {
    match code {
        None => errors.push(FieldError::new(pointer, "required", "此项必填。")),
        Some(c) if !list.contains(c) => {
            errors.push(FieldError::new(
                pointer,
                "unknown_code",
                format!("“{c}”不在代码表“{}”中。", list.title),
            ));
        }
        Some(c) => return c.to_owned(),
    }
    String::new()
}

/// The errors as an answer, where there are any.
pub(super) fn settle(mut errors: Vec<FieldError>) -> Result<(), Error> {
    if errors.is_empty() {
        return Ok(());
    }
    errors.sort_by(|a, b| (&a.pointer, a.code).cmp(&(&b.pointer, b.code)));
    Err(Error::Invalid(errors))
}

/// The value, or its errors as an answer.
pub(super) fn checked<T: Clone>(value: &Checked<T>) -> Result<T, Error> {
    value.clone().map_err(Error::Invalid)
}
