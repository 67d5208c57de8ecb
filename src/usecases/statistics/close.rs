//! Closing a year (封账): its figures, the contracts they count and the end of the ledger are frozen as the next edition.

use std::fmt::Write as _;

use serde_json::json;

use crate::{
    domain::{
        error::FieldError,
        ledger::{Change, canonical, sha256_hex},
        policy,
        time::Moment,
    },
    report::Report,
    statistics::AnnualFigures,
    storage::{
        editions::{self, Edition},
        ledger::Head,
    },
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        entry::enter,
        reports,
        values::{Checked, checked, optional_text, required_text, settle},
    },
};

use super::{
    checklist::{self, Assessment, Item, Outcome},
    editions::{EditionView, Override},
};

/// An item to be overridden.
#[derive(Clone, Default)]
pub struct OverrideInput {
    /// Id of the item.
    pub item: Option<String>,
    /// Why, in words.
    pub reason: Option<String>,
}

/// A note, and what is to be overridden.
#[derive(Clone, Default)]
pub struct CloseInput {
    /// Free text; required from the second edition on.
    pub note: Option<String>,
    /// Items of the checklist that are not in order, each with a reason.
    pub overrides: Vec<OverrideInput>,
}

/// Overrides at most: more than there are items.
const MOST_OVERRIDES: usize = 20;

/// Closes a year. While the year is counted nothing else is written, so that the edition is of one state of things.
///
/// # Errors
/// Whoever is no statistician; [`Error::Blocked`] with every item of the checklist that is not in order and not overridden; a second
/// edition without a note; unknown items, items without a reason, or that nothing may stand for.
pub async fn close(
    ctx: &Context,
    command: Command<EditionView>,
    year: i32,
    input: Checked<CloseInput>,
) -> Result<Answer<EditionView>, Error> {
    let context = ctx.clone();
    let closing = change(ctx, command, move |db, command, now| {
        let role = policy::decide_close_year(&command.actor)?;
        let mut assessed = checklist::assess(db, &context, year, now)?;
        let named: Vec<String> = match &input {
            Ok(input) => input.overrides.iter().filter_map(|o| o.item.clone()).collect(),
            Err(_) => Vec::new(),
        };
        refuse_blocked(&assessed.items, &named)?;
        let number = 1 + super::editions::last(db, year, Moment::from_micros(i64::MAX))?.unwrap_or(0);
        let (note, overrides) = read(&input, number)?;
        assessed.figures.closed = true;
        assessed.figures.edition = Some(number);
        let report = reports::written(&context, &assessed.figures, &assessed.paragraphs)?;
        let edition = edition(&assessed, &report, &command.actor.username, note, &overrides)?;
        editions::insert(db, &edition, &assessed.counted)?;
        let closed = Change {
            pointer: format!("/editions/{year}/{number}"),
            from: json!(null),
            to: json!({
                "figures_hash": edition.figures_hash,
                "contracts": edition.contracts,
                "contracts_hash": edition.contracts_hash,
                "overrides": overrides,
            }),
        };
        let who = (&command.actor, role);
        enter(db, who, "close_year", edition.note.clone(), vec![closed], now)?;
        EditionView::of(&edition)
    });
    ctx.heavy.run(closing).await
}

/// Tells every item that stands in the way.
fn refuse_blocked(items: &[Item], overridden: &[String]) -> Result<(), Error> {
    let blocking =
        |item: &&Item| item.outcome == Outcome::Failed && !(item.overridable && overridden.contains(&item.id));
    let errors: Vec<FieldError> = items
        .iter()
        .filter(blocking)
        .map(|item| {
            let detail = format!("{}：{}", item.label, item.problems.join(""));
            FieldError::new(format!("/checklist/{}", item.id), checklist::code(&item.id), detail)
        })
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Blocked(errors))
    }
}

fn read(input: &Checked<CloseInput>, number: i64) -> Result<(Option<String>, Vec<Override>), Error> {
    let input = checked(input)?;
    let mut errors = Vec::new();
    let note = if number > 1 {
        Some(required_text(&mut errors, "/note", input.note.as_deref()))
    } else {
        optional_text(&mut errors, "/note", input.note.as_deref())
    };
    if input.overrides.len() > MOST_OVERRIDES {
        let detail = format!("不得超过 {MOST_OVERRIDES} 项。");
        errors.push(FieldError::new("/overrides", "too_many", detail));
        settle(errors)?;
        return Ok((note, Vec::new()));
    }
    let mut overrides: Vec<Override> = Vec::new();
    for (index, given) in input.overrides.iter().enumerate() {
        let at = format!("/overrides/{index}");
        let item = required_text(&mut errors, &format!("{at}/item"), given.item.as_deref());
        let reason = required_text(&mut errors, &format!("{at}/reason"), given.reason.as_deref());
        let wrong = match checklist::is_overridable(&item) {
            _ if item.is_empty() => None,
            None => Some(("unknown_code", "封账检查中没有这一项。")),
            Some(false) => Some(("not_overridable", "这一项不能以说明代替。")),
            Some(true) if overrides.iter().any(|o| o.item == item) => Some(("repeated", "这一项已经写过。")),
            Some(true) => None,
        };
        if let Some((code, detail)) = wrong {
            errors.push(FieldError::new(format!("{at}/item"), code, detail));
        }
        overrides.push(Override { item, reason });
    }
    settle(errors)?;
    Ok((note, overrides))
}

/// The edition as it is kept.
fn edition(
    assessed: &Assessment,
    report: &Report,
    closed_by: &str,
    note: Option<String>,
    overrides: &Vec<Override>,
) -> Result<Edition, Error> {
    let annual = &assessed.figures;
    let figures = annual.freeze().map_err(Error::internal)?;
    // What is kept must be what is shown, for as long as it is kept.
    if AnnualFigures::thaw(&figures).map_err(Error::internal)? != *annual {
        return Err(Error::internal(format!("figures of {} do not read back", annual.year)));
    }
    let counted = assessed.counted.get(&annual.year).map_or(&[][..], Vec::as_slice);
    let mut lines = String::with_capacity(16 * counted.len());
    for (contract, revision) in counted {
        writeln!(lines, "{contract} {revision}").map_err(Error::internal)?;
    }
    Ok(Edition {
        year: annual.year,
        edition: annual.edition.unwrap_or_default(),
        closed_at: annual.as_of,
        closed_by: closed_by.to_owned(),
        note,
        overrides: canonical(overrides).map_err(Error::internal)?,
        checklist: canonical(&assessed.items).map_err(Error::internal)?,
        ledger: Head {
            sequence: annual.ledger.sequence,
            hash: annual.ledger.hash.clone(),
        },
        figures_hash: sha256_hex(figures.as_bytes()),
        figures,
        report: serde_json::to_string(report).map_err(Error::internal)?,
        contracts: i64::try_from(counted.len()).map_err(Error::internal)?,
        contracts_hash: sha256_hex(lines.as_bytes()),
        events: canonical(&assessed.events).map_err(Error::internal)?,
    })
}
