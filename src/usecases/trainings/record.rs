//! Recording a training or an examination.

use serde_json::json;

use crate::{
    domain::{error::FieldError, ledger::Change, policy, registrar::TrainingKind, time::Date},
    storage::trainings::{self, Training},
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        entry::enter,
        values::{Checked, checked, optional_date, optional_text, required_text, settle},
    },
};

use super::TrainingView;

/// A training to be recorded.
#[derive(Clone, Default)]
pub struct NewTraining {
    /// Id of the kind.
    pub kind: Option<String>,
    /// Title, up to 200 characters.
    pub title: Option<String>,
    /// The (first) day, not in the future.
    pub held_on: Option<Date>,
    /// Length in minutes, 1–60000.
    pub minutes: Option<i64>,
    /// Where.
    pub place: Option<String>,
    /// By whom.
    pub organiser: Option<String>,
}

/// Longest title, place or organiser, in characters.
const LONGEST: usize = 200;
/// Longest training, in minutes: a thousand hours.
const MOST_MINUTES: i64 = 60_000;

/// Records a training.
///
/// # Errors
/// Rights; what is missing or wrong.
pub async fn record(
    ctx: &Context,
    command: Command<TrainingView>,
    input: Checked<NewTraining>,
) -> Result<Answer<TrainingView>, Error> {
    change(ctx, command, move |db, command, now| {
        let role = policy::decide_registrars(&command.actor)?;
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let kind = kind(&mut errors, input.kind.as_deref());
        let title = required_text(&mut errors, "/title", input.title.as_deref());
        let place = optional_text(&mut errors, "/place", input.place.as_deref());
        let organiser = optional_text(&mut errors, "/organiser", input.organiser.as_deref());
        for (pointer, text) in [
            ("/title", Some(&title)),
            ("/place", place.as_ref()),
            ("/organiser", organiser.as_ref()),
        ] {
            if text.is_some_and(|t| t.chars().count() > LONGEST) {
                let detail = format!("不得超过 {LONGEST} 个字符。");
                errors.push(FieldError::new(pointer, "too_long", detail));
            }
        }
        let held_on = optional_date(&mut errors, "/held_on", input.held_on);
        match held_on {
            None => errors.push(FieldError::new("/held_on", "required", "此项必填。")),
            Some(day) if day > now.date() => {
                errors.push(FieldError::new("/held_on", "in_future", "培训日期不得晚于今天。"));
            }
            Some(_) => {}
        }
        let minutes = minutes(&mut errors, "/minutes", input.minutes, MOST_MINUTES);
        settle(errors)?;
        let mut training = Training {
            id: 0,
            kind,
            title,
            held_on: held_on.unwrap_or_else(|| now.date()),
            minutes,
            place,
            organiser,
            recorded_at: now,
            recorded_by: command.actor.username.clone(),
        };
        training.id = trainings::insert(db, &training)?;
        let recorded = Change {
            pointer: format!("/trainings/{}", training.id),
            from: json!(null),
            to: json!({"kind": training.kind.id(), "title": training.title, "held_on": training.held_on,
                "minutes": training.minutes, "place": training.place, "organiser": training.organiser}),
        };
        enter(db, (&command.actor, role), "record_training", None, vec![recorded], now)?;
        Ok(TrainingView {
            training,
            participants: Vec::new(),
        })
    })
    .await
}

fn kind(errors: &mut Vec<FieldError>, id: Option<&str>) -> TrainingKind {
    match id.map(TrainingKind::from_id) {
        Some(Some(kind)) => return kind,
        Some(None) => errors.push(FieldError::new(
            "/kind",
            "unknown_code",
            "应为 initial、continuing 或 examination。",
        )),
        None => errors.push(FieldError::new("/kind", "required", "此项必填。")),
    }
    TrainingKind::Continuing
}

/// A number of minutes that must be there, from 1.
fn minutes(errors: &mut Vec<FieldError>, pointer: &str, minutes: Option<i64>, most: i64) -> i64 {
    match minutes {
        None => errors.push(FieldError::new(pointer, "required", "此项必填。")),
        Some(n) if (1..=most).contains(&n) => return n,
        Some(_) => {
            let detail = format!("应为 1 至 {most} 的整数（单位：分钟）。");
            errors.push(FieldError::new(pointer, "out_of_range", detail));
        }
    }
    0
}
