//! Follow-ups of contracts 履约跟踪 as a statistician keeps them: one of a contract in a survey. What is doubtful about one is told with
//! it and refuses nothing.

use std::ops::RangeInclusive;

use crate::{
    domain::{
        account::Actor,
        error::FieldError,
        follow_up::{self, FollowUpCheck},
        interchange::FollowUpRow,
        money::{Fen, MAX_FEN},
        policy,
    },
    storage::{
        Db,
        surveys::{self, Versioned},
    },
    usecases::{
        Context, Error,
        command::{Answer, Command, change as changing, on_current},
        entry::{enter_record, next_version},
        statistics,
        values::{Checked, checked, required_text, settle},
    },
};

/// Years that a survey may be made in.
pub const SURVEY_YEARS: RangeInclusive<i32> = 1990..=2200;

/// The most persons rewarded for one contract.
const MOST_PERSONS: i64 = 1_000_000;

/// Rows looked at at a time.
const PIECE: i64 = 200;

/// A follow-up with what is doubtful about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUpView {
    /// The follow-up.
    pub row: FollowUpRow,
    /// What a change of it must name.
    pub version: i64,
    /// What is doubtful.
    pub checks: Vec<FollowUpCheck>,
}

/// What identifies a follow-up: the contract's registration number and the year of the survey.
pub type Identity = (String, i32);

/// What is asked to be written; what is absent stays, null where there may be nothing.
#[derive(Clone, Default)]
#[expect(missing_docs, reason = "the fields of `FollowUpRow`")]
pub struct FollowUpInput {
    pub registration_number: Option<Option<String>>,
    pub survey_year: Option<Option<i64>>,
    pub tax_relevant: Option<Option<bool>>,
    pub fulfilled: Option<Option<bool>>,
    pub due_fen: Option<Option<Fen>>,
    pub received_fen: Option<Option<Fen>>,
    pub entitled: Option<Option<bool>>,
    pub enjoyed: Option<Option<bool>>,
    pub vat_exempted_fen: Option<Option<Fen>>,
    pub income_tax_reduced_fen: Option<Option<Fen>>,
    pub reward_due: Option<Option<bool>>,
    pub reward_issued: Option<Option<bool>>,
    pub net_income_fen: Option<Option<Fen>>,
    pub reward_paid_fen: Option<Option<Fen>>,
    pub persons: Option<Option<i64>>,
}

/// Which follow-ups.
#[derive(Debug, Clone, Default)]
pub struct FollowUpQuery {
    /// Of the survey of this year.
    pub year: Option<i32>,
    /// With this doubt (an id of [`follow_up::CHECKS`]), or with any (`any`).
    pub flag: Option<String>,
    /// Behind this one.
    pub after: Option<Identity>,
    /// At most.
    pub limit: usize,
}

/// A page of follow-ups.
#[derive(Debug, Clone)]
pub struct FollowUps {
    /// The page.
    pub items: Vec<FollowUpView>,
    /// Whether more follow.
    pub more: bool,
    /// How many of the year (of all years, where none is named) have something doubtful about them.
    pub flagged: usize,
}

/// A page of follow-ups, by year and number.
///
/// # Errors
/// Rights.
pub async fn list(ctx: &Context, actor: &Actor, query: FollowUpQuery) -> Result<FollowUps, Error> {
    statistics::may_read(actor)?;
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            let years = query.year.map_or((i32::MIN, i32::MAX), |year| (year, year));
            let wanted = |view: &FollowUpView| {
                let identity = (view.row.survey_year, &view.row.registration_number);
                let behind = query
                    .after
                    .as_ref()
                    .is_none_or(|(number, year)| identity > (*year, number));
                let flagged = query
                    .flag
                    .as_deref()
                    .is_none_or(|flag| view.checks.iter().any(|check| flag == "any" || check.id == flag));
                behind && flagged
            };
            let mut found = FollowUps {
                items: Vec::new(),
                more: false,
                flagged: 0,
            };
            let mut after = (i32::MIN, String::new());
            // The whole survey, for the number of doubtful ones; a survey has some thousand contracts.
            loop {
                let rows = surveys::follow_up_page(db, years, &after, PIECE)?;
                let Some(last) = rows.last() else { return Ok(found) };
                after = (last.row.survey_year, last.row.registration_number.clone());
                for view in views(db, &context, rows)? {
                    found.flagged += usize::from(!view.checks.is_empty());
                    if wanted(&view) {
                        if found.items.len() < query.limit {
                            found.items.push(view);
                        } else {
                            found.more = true;
                        }
                    }
                }
            }
        })
        .await
}

/// Lets through whoever keeps follow-ups, activities and reference figures.
///
/// # Errors
/// [`Error::Forbidden`] for whoever is no statistician.
pub fn may_keep(actor: &Actor) -> Result<(), Error> {
    policy::decide_survey_figures(actor)?;
    Ok(())
}

/// Follow-ups with what is doubtful about them by what their contracts say now.
fn views(db: &mut Db, ctx: &Context, rows: Vec<Versioned<FollowUpRow>>) -> Result<Vec<FollowUpView>, Error> {
    let numbers: Vec<&str> = rows.iter().map(|kept| kept.row.registration_number.as_str()).collect();
    let contents = surveys::contents_by_number(db, &numbers)?;
    let view = |Versioned { row, version }: Versioned<FollowUpRow>| {
        let contract = contents.get(&row.registration_number);
        let checks = contract.map(|contract| follow_up::checks(&row, contract, &ctx.catalogue));
        FollowUpView {
            checks: checks.unwrap_or_default(),
            row,
            version,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

fn view(db: &mut Db, ctx: &Context, row: Versioned<FollowUpRow>) -> Result<FollowUpView, Error> {
    views(db, ctx, vec![row])?.pop().ok_or(Error::NotFound)
}

/// One follow-up.
///
/// # Errors
/// Rights; [`Error::NotFound`].
pub async fn read(ctx: &Context, actor: &Actor, identity: Identity) -> Result<FollowUpView, Error> {
    statistics::may_read(actor)?;
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            let row = surveys::find_follow_up(db, &identity.0, identity.1)?.ok_or(Error::NotFound)?;
            view(db, &context, row)
        })
        .await
}

/// Records the follow-up of a contract in a survey.
///
/// # Errors
/// Rights; 409 where there is one; what is missing or wrong.
pub async fn create(
    ctx: &Context,
    command: Command<FollowUpView>,
    input: Checked<FollowUpInput>,
) -> Result<Answer<FollowUpView>, Error> {
    let context = ctx.clone();
    changing(ctx, command, move |db, command, now| {
        let role = policy::decide_survey_figures(&command.actor)?;
        let row = apply(None, &checked(&input)?)?;
        if !surveys::contents_by_number(db, &[&row.registration_number])?.contains_key(&row.registration_number) {
            let detail = "登记簿中没有这个登记编号。";
            return Err(Error::invalid("/registration_number", "unknown_number", detail));
        }
        if surveys::find_follow_up(db, &row.registration_number, row.survey_year)?.is_some() {
            return Err(Error::Conflict(
                "该合同在该调查年度已有履约跟踪记录，请修改原记录。".into(),
            ));
        }
        let version = next_version(db)?;
        surveys::put_follow_up(db, &row, version)?;
        enter_record(
            db,
            (&command.actor, role),
            "record_follow_up",
            pointer(&row),
            (None, Some(&row)),
            now,
        )?;
        view(db, &context, Versioned { row, version })
    })
    .await
}

/// Changes a follow-up; its contract and year stay.
///
/// # Errors
/// Rights; 404, 428, 412; what is wrong.
pub async fn change(
    ctx: &Context,
    command: Command<FollowUpView>,
    identity: Identity,
    input: Checked<FollowUpInput>,
) -> Result<Answer<FollowUpView>, Error> {
    let context = ctx.clone();
    changing(ctx, command, move |db, command, now| {
        let role = policy::decide_survey_figures(&command.actor)?;
        let kept = surveys::find_follow_up(db, &identity.0, identity.1)?.ok_or(Error::NotFound)?;
        on_current(command, kept.version)?;
        let (before, mut version) = (kept.row, kept.version);
        let row = apply(Some(&before), &checked(&input)?)?;
        if row != before {
            version = next_version(db)?;
            surveys::put_follow_up(db, &row, version)?;
            enter_record(
                db,
                (&command.actor, role),
                "change_follow_up",
                pointer(&row),
                (Some(&before), Some(&row)),
                now,
            )?;
        }
        view(db, &context, Versioned { row, version })
    })
    .await
}

/// Removes a follow-up that was recorded by mistake; the ledger keeps what it said.
///
/// # Errors
/// Rights; 404, 428, 412.
pub async fn remove(ctx: &Context, command: Command<()>, identity: Identity) -> Result<(), Error> {
    changing(ctx, command, move |db, command, now| {
        let role = policy::decide_survey_figures(&command.actor)?;
        let kept = surveys::find_follow_up(db, &identity.0, identity.1)?.ok_or(Error::NotFound)?;
        on_current(command, kept.version)?;
        let before = kept.row;
        surveys::delete_follow_up(db, &identity.0, identity.1)?;
        enter_record(
            db,
            (&command.actor, role),
            "remove_follow_up",
            pointer(&before),
            (Some(&before), None),
            now,
        )
    })
    .await
    .map(|_| ())
}

/// Where the ledger says what became of a follow-up.
fn pointer(row: &FollowUpRow) -> String {
    format!("/follow_ups/{}-{}", row.registration_number, row.survey_year)
}

/// The row that the input makes of the one before; everything that is wrong with it.
fn apply(before: Option<&FollowUpRow>, input: &FollowUpInput) -> Result<FollowUpRow, Error> {
    let mut errors = Vec::new();
    let e = &mut errors;
    let number = match (&input.registration_number, before) {
        (Some(Some(number)), Some(before)) if *number != before.registration_number => {
            e.push(FieldError::new(
                "/registration_number",
                "fixed",
                "记录的登记编号不能更改。",
            ));
            String::new()
        }
        (None, Some(before)) => before.registration_number.clone(),
        (given, _) => required_text(e, "/registration_number", given.as_ref().and_then(|g| g.as_deref())),
    };
    let survey_year = match (input.survey_year, before) {
        (None, Some(before)) => before.survey_year,
        (Some(Some(year)), before) => match i32::try_from(year).ok().filter(|year| SURVEY_YEARS.contains(year)) {
            Some(year) if before.is_some_and(|before| before.survey_year != year) => {
                e.push(FieldError::new("/survey_year", "fixed", "记录的调查年度不能更改。"));
                year
            }
            Some(year) => year,
            None => {
                e.push(FieldError::new(
                    "/survey_year",
                    "out_of_range",
                    "应为 1990 至 2200 之间的年份。",
                ));
                0
            }
        },
        _ => {
            e.push(FieldError::new("/survey_year", "required", "此项必填。"));
            0
        }
    };
    let mut flag = |pointer: &str, given: Option<Option<bool>>, before: Option<bool>| match given.unwrap_or(before) {
        Some(value) => value,
        None => {
            e.push(FieldError::new(pointer, "required", "此项必填。"));
            false
        }
    };
    let tax_relevant = flag("/tax_relevant", input.tax_relevant, before.map(|b| b.tax_relevant));
    let fulfilled = flag("/fulfilled", input.fulfilled, before.map(|b| b.fulfilled));
    let entitled = flag("/entitled", input.entitled, before.map(|b| b.entitled));
    let enjoyed = flag("/enjoyed", input.enjoyed, before.map(|b| b.enjoyed));
    let reward_due = flag("/reward_due", input.reward_due, before.map(|b| b.reward_due));
    let reward_issued = flag("/reward_issued", input.reward_issued, before.map(|b| b.reward_issued));
    let mut number_in = |pointer: &str, given: Option<Option<i64>>, before: Option<i64>, most: i64| {
        let value = given.unwrap_or(before);
        if value.is_some_and(|value| !(0..=most).contains(&value)) {
            errors.push(FieldError::new(
                pointer,
                "out_of_range",
                format!("应为 0 至 {most} 的整数。"),
            ));
        }
        value
    };
    let mut fen = |pointer: &str, given, before: Option<Fen>| number_in(pointer, given, before, MAX_FEN).unwrap_or(0);
    let due_fen = fen("/due_fen", input.due_fen, before.map(|b| b.due_fen));
    let received_fen = fen("/received_fen", input.received_fen, before.map(|b| b.received_fen));
    let vat_exempted_fen = fen(
        "/vat_exempted_fen",
        input.vat_exempted_fen,
        before.map(|b| b.vat_exempted_fen),
    );
    let income_tax_reduced_fen = fen(
        "/income_tax_reduced_fen",
        input.income_tax_reduced_fen,
        before.map(|b| b.income_tax_reduced_fen),
    );
    let reward_paid_fen = fen(
        "/reward_paid_fen",
        input.reward_paid_fen,
        before.map(|b| b.reward_paid_fen),
    );
    let income = before.and_then(|b| b.net_income_fen);
    let net_income_fen = number_in("/net_income_fen", input.net_income_fen, income, MAX_FEN);
    let persons = number_in("/persons", input.persons, before.map(|b| b.persons), MOST_PERSONS).unwrap_or(0);
    settle(errors)?;
    Ok(FollowUpRow {
        registration_number: number,
        survey_year,
        tax_relevant,
        fulfilled,
        due_fen,
        received_fen,
        entitled,
        enjoyed,
        vat_exempted_fen,
        income_tax_reduced_fen,
        reward_due,
        reward_issued,
        net_income_fen,
        reward_paid_fen,
        persons,
    })
}
