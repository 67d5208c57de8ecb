//! Reference figures 参考数据: totals from before the register, targets of plans; a statistician keeps them.

use crate::{
    domain::{
        account::Actor,
        error::FieldError,
        interchange::{REFERENCE_KINDS, ReferenceRow},
        money::{Fen, MAX_FEN},
        policy,
    },
    storage::surveys::{self, Versioned},
    usecases::{
        Context, Error,
        command::{Answer, Command, change as changing, on_current},
        entry::{enter_record, next_version},
        follow_ups::SURVEY_YEARS,
        statistics,
        values::{Checked, checked, optional_text, settle},
    },
};

/// What identifies a reference figure: kind and year.
pub type Identity = (String, i32);

/// A reference figure as it is kept, with the version that a change of it must name.
pub type ReferenceView = Versioned<ReferenceRow>;

/// What is asked to be written; what is absent stays, null where there may be nothing.
#[derive(Clone, Default)]
#[expect(missing_docs, reason = "the fields of `ReferenceRow`")]
pub struct ReferenceInput {
    pub kind: Option<Option<String>>,
    pub year: Option<Option<i64>>,
    pub amount_fen: Option<Option<Fen>>,
    pub note: Option<Option<String>>,
}

/// Every reference figure (of a year, where one is named), by kind and year.
///
/// # Errors
/// Rights.
pub async fn list(ctx: &Context, actor: &Actor, year: Option<i32>) -> Result<Vec<ReferenceView>, Error> {
    statistics::may_read(actor)?;
    ctx.store
        .read(move |db| {
            let mut found = surveys::versioned_references(db)?;
            found.retain(|kept| year.is_none_or(|year| kept.row.year == year));
            Ok(found)
        })
        .await
}

/// One reference figure.
///
/// # Errors
/// Rights; [`Error::NotFound`].
pub async fn read(ctx: &Context, actor: &Actor, identity: Identity) -> Result<ReferenceView, Error> {
    statistics::may_read(actor)?;
    ctx.store
        .read(move |db| surveys::find_reference(db, &identity.0, identity.1)?.ok_or(Error::NotFound))
        .await
}

/// Records a reference figure.
///
/// # Errors
/// Rights; 409 where there is one of the kind and year; what is missing or wrong.
pub async fn create(
    ctx: &Context,
    command: Command<ReferenceView>,
    input: Checked<ReferenceInput>,
) -> Result<Answer<ReferenceView>, Error> {
    changing(ctx, command, move |db, command, now| {
        let role = policy::decide_survey_figures(&command.actor)?;
        let row = apply(None, &checked(&input)?)?;
        if surveys::find_reference(db, &row.kind, row.year)?.is_some() {
            return Err(Error::Conflict("该年度已有此项参考数据，请修改原记录。".into()));
        }
        let version = next_version(db)?;
        surveys::put_reference(db, &row, version)?;
        enter_record(
            db,
            (&command.actor, role),
            "record_reference_figure",
            pointer(&row),
            (None, Some(&row)),
            now,
        )?;
        Ok(Versioned { row, version })
    })
    .await
}

/// Changes a reference figure; its kind and year stay.
///
/// # Errors
/// Rights; 404, 428, 412; what is wrong.
pub async fn change(
    ctx: &Context,
    command: Command<ReferenceView>,
    identity: Identity,
    input: Checked<ReferenceInput>,
) -> Result<Answer<ReferenceView>, Error> {
    changing(ctx, command, move |db, command, now| {
        let role = policy::decide_survey_figures(&command.actor)?;
        let kept = surveys::find_reference(db, &identity.0, identity.1)?.ok_or(Error::NotFound)?;
        on_current(command, kept.version)?;
        let (before, mut version) = (kept.row, kept.version);
        let row = apply(Some(&before), &checked(&input)?)?;
        if row != before {
            version = next_version(db)?;
            surveys::put_reference(db, &row, version)?;
            enter_record(
                db,
                (&command.actor, role),
                "change_reference_figure",
                pointer(&row),
                (Some(&before), Some(&row)),
                now,
            )?;
        }
        Ok(Versioned { row, version })
    })
    .await
}

/// Removes a reference figure; the ledger keeps what it said.
///
/// # Errors
/// Rights; 404, 428, 412.
pub async fn remove(ctx: &Context, command: Command<()>, identity: Identity) -> Result<(), Error> {
    changing(ctx, command, move |db, command, now| {
        let role = policy::decide_survey_figures(&command.actor)?;
        let kept = surveys::find_reference(db, &identity.0, identity.1)?.ok_or(Error::NotFound)?;
        on_current(command, kept.version)?;
        let before = kept.row;
        surveys::delete_reference(db, &identity.0, identity.1)?;
        enter_record(
            db,
            (&command.actor, role),
            "remove_reference_figure",
            pointer(&before),
            (Some(&before), None),
            now,
        )
    })
    .await
    .map(|_| ())
}

/// Where the ledger says what became of a reference figure.
fn pointer(row: &ReferenceRow) -> String {
    format!("/reference_figures/{}-{}", row.kind, row.year)
}

/// The row that the input makes of the one before; everything that is wrong with it.
fn apply(before: Option<&ReferenceRow>, input: &ReferenceInput) -> Result<ReferenceRow, Error> {
    let mut errors = Vec::new();
    let kind = input
        .kind
        .clone()
        .unwrap_or_else(|| before.map(|b| b.kind.clone()))
        .unwrap_or_default();
    let year = input.year.unwrap_or(before.map(|b| i64::from(b.year)));
    let year = year
        .and_then(|year| i32::try_from(year).ok())
        .filter(|year| SURVEY_YEARS.contains(year));
    let fen = input
        .amount_fen
        .unwrap_or(before.map(|b| b.fen))
        .filter(|fen| (0..=MAX_FEN).contains(fen));
    if !REFERENCE_KINDS.iter().any(|(id, _)| *id == kind) {
        errors.push(FieldError::new(
            "/kind",
            "unknown_code",
            "应为 amount 或 amount_target。",
        ));
    }
    if year.is_none() {
        errors.push(FieldError::new(
            "/year",
            "out_of_range",
            "应为 1990 至 2200 之间的年份。",
        ));
    }
    if fen.is_none() {
        errors.push(FieldError::new(
            "/amount_fen",
            "out_of_range",
            "应为不小于 0 的金额（分）。",
        ));
    }
    if let Some(before) = before {
        for (pointer, moved) in [
            ("/kind", kind != before.kind),
            ("/year", year.is_some_and(|year| year != before.year)),
        ] {
            if moved {
                errors.push(FieldError::new(pointer, "fixed", "记录的指标和年度不能更改。"));
            }
        }
    }
    let note = input
        .note
        .clone()
        .unwrap_or_else(|| before.and_then(|b| b.note.clone()));
    let note = optional_text(&mut errors, "/note", note.as_deref());
    settle(errors)?;
    Ok(ReferenceRow {
        kind,
        year: year.unwrap_or_default(),
        fen: fen.unwrap_or_default(),
        note,
    })
}
