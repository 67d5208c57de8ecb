//! Activities 培训、辅导、对接、技术经理人 as a statistician keeps them.

use crate::{
    domain::{
        account::Actor,
        code_list::ListName,
        error::FieldError,
        interchange::ActivityRow,
        policy,
        time::{Date, Moment},
    },
    storage::surveys::{self, Versioned},
    usecases::{
        Context, Error,
        command::{Answer, Command, change as changing, on_current},
        entry::{enter_record, next_version},
        statistics,
        values::{Checked, checked, optional_date, required_code, required_text, settle},
    },
};

/// Longest name, in characters.
const LONGEST: usize = 200;

/// The largest number of events, persons or items.
const MOST: i64 = 10_000_000;

/// An activity as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityView {
    /// Its key.
    pub id: i64,
    /// What it says.
    pub row: ActivityRow,
    /// What a change of it must name.
    pub version: i64,
}

impl ActivityView {
    fn of(id: i64, Versioned { row, version }: Versioned<ActivityRow>) -> Self {
        Self { id, row, version }
    }
}

/// What is asked to be written; what is absent stays, null where there may be nothing.
#[derive(Clone, Default)]
#[expect(missing_docs, reason = "the fields of `ActivityRow`")]
pub struct ActivityInput {
    pub kind: Option<Option<String>>,
    pub held_on: Option<Option<Date>>,
    pub name: Option<Option<String>>,
    pub unit: Option<Option<String>>,
    pub events: Option<Option<i64>>,
    pub participants: Option<Option<i64>>,
    pub participants_xpcc: Option<Option<i64>>,
    pub items: Option<Option<i64>>,
}

/// A page of activities held between two days, and whether more follow.
///
/// # Errors
/// Rights.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    days: (Date, Date),
    after: Option<i64>,
    limit: i64,
) -> Result<(Vec<ActivityView>, bool), Error> {
    statistics::may_read(actor)?;
    ctx.store
        .read(move |db| {
            let mut found = surveys::activity_page(db, days, after.unwrap_or(0), limit + 1)?;
            let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
            let more = found.len() > wanted;
            found.truncate(wanted);
            let views = found.into_iter().map(|(id, kept)| ActivityView::of(id, kept));
            Ok((views.collect(), more))
        })
        .await
}

/// One activity.
///
/// # Errors
/// Rights; [`Error::NotFound`].
pub async fn read(ctx: &Context, actor: &Actor, id: i64) -> Result<ActivityView, Error> {
    statistics::may_read(actor)?;
    ctx.store
        .read(move |db| {
            let kept = surveys::activity(db, id)?.ok_or(Error::NotFound)?;
            Ok(ActivityView::of(id, kept))
        })
        .await
}

/// Records an activity.
///
/// # Errors
/// Rights; what is missing or wrong.
pub async fn create(
    ctx: &Context,
    command: Command<ActivityView>,
    input: Checked<ActivityInput>,
) -> Result<Answer<ActivityView>, Error> {
    let context = ctx.clone();
    changing(ctx, command, move |db, command, now| {
        let role = policy::decide_survey_figures(&command.actor)?;
        let row = apply(&context, None, &checked(&input)?, now)?;
        let version = next_version(db)?;
        let id = surveys::insert_activity(db, &row, version)?;
        enter_record(
            db,
            (&command.actor, role),
            "record_activity",
            pointer(id),
            (None, Some(&row)),
            now,
        )?;
        Ok(ActivityView { id, row, version })
    })
    .await
}

/// Changes an activity.
///
/// # Errors
/// Rights; 404, 428, 412; what is wrong.
pub async fn change(
    ctx: &Context,
    command: Command<ActivityView>,
    id: i64,
    input: Checked<ActivityInput>,
) -> Result<Answer<ActivityView>, Error> {
    let context = ctx.clone();
    changing(ctx, command, move |db, command, now| {
        let role = policy::decide_survey_figures(&command.actor)?;
        let kept = surveys::activity(db, id)?.ok_or(Error::NotFound)?;
        on_current(command, kept.version)?;
        let (before, mut version) = (kept.row, kept.version);
        let row = apply(&context, Some(&before), &checked(&input)?, now)?;
        if row != before {
            version = next_version(db)?;
            surveys::update_activity(db, id, &before, &row, version)?;
            enter_record(
                db,
                (&command.actor, role),
                "change_activity",
                pointer(id),
                (Some(&before), Some(&row)),
                now,
            )?;
        }
        Ok(ActivityView { id, row, version })
    })
    .await
}

/// Removes an activity that was recorded by mistake; the ledger keeps what it said.
///
/// # Errors
/// Rights; 404, 428, 412.
pub async fn remove(ctx: &Context, command: Command<()>, id: i64) -> Result<(), Error> {
    changing(ctx, command, move |db, command, now| {
        let role = policy::decide_survey_figures(&command.actor)?;
        let kept = surveys::activity(db, id)?.ok_or(Error::NotFound)?;
        on_current(command, kept.version)?;
        let before = kept.row;
        surveys::delete_activity(db, id)?;
        enter_record(
            db,
            (&command.actor, role),
            "remove_activity",
            pointer(id),
            (Some(&before), None),
            now,
        )
    })
    .await
    .map(|_| ())
}

/// Where the ledger says what became of an activity.
fn pointer(id: i64) -> String {
    format!("/activities/{id}")
}

/// The row that the input makes of the one before; everything that is wrong with it.
fn apply(
    ctx: &Context,
    before: Option<&ActivityRow>,
    input: &ActivityInput,
    now: Moment,
) -> Result<ActivityRow, Error> {
    let mut errors = Vec::new();
    let e = &mut errors;
    let kind = input.kind.clone().unwrap_or_else(|| before.map(|b| b.kind.clone()));
    let kind = required_code(e, "/kind", kind.as_deref(), ctx.catalogue.list(ListName::ActivityKind));
    let held_on = optional_date(e, "/held_on", input.held_on.unwrap_or(before.map(|b| b.held_on)));
    match held_on {
        None => e.push(FieldError::new("/held_on", "required", "此项必填。")),
        Some(day) if day > now.date() => e.push(FieldError::new("/held_on", "in_future", "活动日期不得晚于今天。")),
        Some(_) => {}
    }
    let name = input.name.clone().unwrap_or_else(|| before.map(|b| b.name.clone()));
    let name = required_text(e, "/name", name.as_deref());
    if name.chars().count() > LONGEST {
        e.push(FieldError::new(
            "/name",
            "too_long",
            format!("不得超过 {LONGEST} 个字符。"),
        ));
    }
    let unit = input
        .unit
        .clone()
        .unwrap_or_else(|| before.and_then(|b| b.unit.clone()));
    let unit = unit.map(|unit| required_code(e, "/unit", Some(&unit), ctx.catalogue.list(ListName::Unit)));
    let mut number = |pointer: &str, given: Option<Option<i64>>, before: Option<i64>| {
        let value = given.unwrap_or(before);
        if value.is_some_and(|value| !(0..=MOST).contains(&value)) {
            errors.push(FieldError::new(
                pointer,
                "out_of_range",
                format!("应为 0 至 {MOST} 的整数。"),
            ));
        }
        value
    };
    let events = number("/events", input.events, before.and_then(|b| b.events));
    let participants = number("/participants", input.participants, before.and_then(|b| b.participants));
    let of_xpcc = before.and_then(|b| b.participants_xpcc);
    let participants_xpcc = number("/participants_xpcc", input.participants_xpcc, of_xpcc);
    let items = number("/items", input.items, before.and_then(|b| b.items));
    if participants_xpcc
        .zip(participants)
        .is_some_and(|(part, whole)| part > whole)
    {
        let detail = "其中兵团系统人次不能大于人次。";
        errors.push(FieldError::new("/participants_xpcc", "part_above_whole", detail));
    }
    settle(errors)?;
    Ok(ActivityRow {
        kind,
        held_on: held_on.unwrap_or_else(|| now.date()),
        name,
        unit,
        events,
        participants,
        participants_xpcc,
        items,
    })
}
