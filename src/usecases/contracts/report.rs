//! `report` 登记国家系统编号: the number and date that the national system gave. A later report corrects an earlier one.

use serde_json::json;

use crate::{
    domain::{
        account::Actor, error::FieldError, interchange::fold_width, ledger::Change, policy::Scope, time::Date,
        workflow::Action,
    },
    intake::is_scientific,
    storage::{contracts, lists, national_reports},
    usecases::{
        Context, Error,
        values::{checked, settle},
    },
};

use super::{
    Answer, Checked, Command, ContractView,
    act::{self, Told},
    read::visible,
};

/// What the national system gave.
#[derive(Clone, Default)]
pub struct ReportInput {
    /// 1–64 visible ASCII characters, opaque.
    pub national_number: Option<String>,
    /// The date beside it; not after today. How it lies to this register's own dates is not for us to say.
    pub reported_on: Option<Date>,
}

/// Longest number, in characters.
const LONGEST: usize = 64;

/// The answer where another contract that the caller may see has the number.
pub(super) fn taken() -> Error {
    Error::Conflict("国家登记编号已属于另一项合同。".to_owned())
}

/// Enters the national number. The same report again changes nothing.
///
/// # Errors
/// Rights, version, state; [`Error::Conflict`] where another contract that the caller may see has the number; a malformed number, no date or a future one.
pub async fn report(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    input: Checked<ReportInput>,
) -> Result<Answer<ContractView>, Error> {
    act::act(ctx, command, id, Action::Report, move |work| {
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let number = read_number(&mut errors, input.national_number.as_deref());
        // Of contracts that the caller may not see not even this is told: then both carry the number, and check A04 tells reviewers.
        let others = contracts::with_national_number(work.db, &number, work.contract.id)?;
        if !lists::shown_among(work.db, &Scope::of(work.actor), &others)?.is_empty() {
            return Err(taken());
        }
        let day = read_day(&mut errors, input.reported_on, work.today);
        settle(errors)?;
        let before = national_reports::last_date(work.db, work.contract.id)?;
        let same_number = work.contract.national_number.as_deref() == Some(number.as_str());
        let Some(day) = day.filter(|day| !same_number || before != Some(*day)) else {
            return Ok(None);
        };
        let by = &work.actor.username;
        national_reports::insert(work.db, work.contract.id, (&number, day), by, work.now)?;
        work.contract.national_number = Some(number);
        let date = Change {
            pointer: "/reported_on".to_owned(),
            from: json!(before),
            to: json!(day),
        };
        Ok(Some(Told {
            reason: None,
            changes: if before == Some(day) { Vec::new() } else { vec![date] },
        }))
    })
    .await
}

/// The date of the last report of a contract's national number; none where it has none, or got it with an import.
///
/// # Errors
/// [`Error::NotFound`] where there is no contract that the caller may know of.
pub async fn last_reported_on(ctx: &Context, actor: Actor, id: i64) -> Result<Option<Date>, Error> {
    ctx.store
        .read(move |db| {
            visible(db, &actor, id)?;
            Ok(national_reports::last_date(db, id)?)
        })
        .await
}

/// The number in the form in which a register's file carries it, so that what is exported reads back the same.
fn read_number(errors: &mut Vec<FieldError>, text: Option<&str>) -> String {
    let number = text.map(|t| fold_width(t).trim().to_owned()).unwrap_or_default();
    let mut wrong = |code, detail: String| errors.push(FieldError::new("/national_number", code, detail));
    if number.is_empty() {
        wrong("required", "此项必填。".to_owned());
    } else if number.chars().count() > LONGEST {
        wrong("too_long", format!("不得超过 {LONGEST} 个字符。"));
    } else if !number.bytes().all(|b| b.is_ascii_graphic()) || is_scientific(&number) {
        wrong(
            "identifier_form",
            "应为数字、字母、连字符等可见字符，中间没有空格，且不是科学计数法。".to_owned(),
        );
    } else {
        return number;
    }
    String::new()
}

fn read_day(errors: &mut Vec<FieldError>, day: Option<Date>, today: Date) -> Option<Date> {
    match day {
        None => errors.push(FieldError::new("/reported_on", "required", "此项必填。")),
        Some(day) if day > today => {
            errors.push(FieldError::new("/reported_on", "in_future", "不得晚于今天。"));
        }
        day => return crate::usecases::values::optional_date(errors, "/reported_on", day),
    }
    None
}
