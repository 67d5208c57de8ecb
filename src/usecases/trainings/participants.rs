//! Who took part in a training, and with what result. Entered again, someone's part is corrected; the ledger keeps what it was.

use std::collections::HashSet;

use serde_json::json;

use crate::{
    domain::{error::FieldError, ledger::Change, policy, registrar::TrainingKind},
    storage::{
        Db, registrars,
        trainings::{self, Participation, Training},
    },
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        entry::enter,
        registrars::{agency, person},
        values::{Checked, checked, settle},
    },
};

use super::{TrainingView, read::view};

/// Someone who took part: by certificate, or by name and agency.
#[derive(Clone, Default)]
pub struct NewParticipant {
    /// Number of the certificate.
    pub certificate_number: Option<String>,
    /// Name of someone without a certificate.
    pub name: Option<String>,
    /// Code of the agency of someone without a certificate.
    pub agency: Option<String>,
    /// Minutes credited, 0 to the training's; all where absent.
    pub minutes: Option<i64>,
    /// Points of an examination, 0–1000.
    pub score: Option<i64>,
    /// Whether an examination was passed; required there, absent elsewhere.
    pub passed: Option<bool>,
}

/// Participants of one request.
const MOST: usize = 500;
/// Highest score.
const MOST_POINTS: i64 = 1000;

/// Enters participants, all or none.
///
/// # Errors
/// No such training, rights; everything that is missing or wrong, by participant.
pub async fn add_participants(
    ctx: &Context,
    command: Command<TrainingView>,
    id: i64,
    input: Checked<Vec<NewParticipant>>,
) -> Result<Answer<TrainingView>, Error> {
    change(ctx, command, move |db, command, now| {
        let training = view(db, &command.actor, id)?.training;
        let role = policy::decide_registrars(&command.actor)?;
        let input = checked(&input)?;
        let mut errors = Vec::new();
        if input.is_empty() || input.len() > MOST {
            let detail = format!("参加者应为 1 至 {MOST} 人。");
            errors.push(FieldError::new("/participants", "out_of_range", detail));
            settle(errors)?;
            return view(db, &command.actor, id);
        }
        let mut seen = HashSet::new();
        let mut rows = Vec::new();
        for (index, one) in input.iter().enumerate() {
            let at = format!("/participants/{index}");
            let wrong = errors.len();
            let row = participation(db, &mut errors, &at, &training, one)?;
            // Of who is not known it cannot be said who it is.
            let known = errors.len() == wrong;
            if known
                && !seen.insert((
                    row.registrar_id,
                    row.registrar_id
                        .map_or_else(|| (row.name.clone(), row.agency_id), |_| Default::default()),
                ))
            {
                errors.push(FieldError::new(at, "repeated", "同一人出现两次。"));
            }
            rows.push(row);
        }
        settle(errors)?;
        let mut changes = Vec::new();
        for row in &rows {
            let known = trainings::find_participation(db, id, row)?;
            if known.as_ref().is_some_and(|(_, k)| k == row) {
                continue;
            }
            changes.push(Change {
                pointer: format!("/trainings/{id}/participants"),
                from: json!(known.as_ref().map(|(_, k)| told(k))),
                to: told(row),
            });
            trainings::put_participation(db, id, known.map(|(key, _)| key), row)?;
            if let Some(registrar) = row.registrar_id.filter(|_| training.kind == TrainingKind::Continuing) {
                registrars::note_training(db, registrar, training.held_on)?;
            }
        }
        if !changes.is_empty() {
            let action = "record_training_participants";
            enter(db, (&command.actor, role), action, None, changes, now)?;
        }
        view(db, &command.actor, id)
    })
    .await
}

fn told(row: &Participation) -> serde_json::Value {
    json!({"name": row.name, "agency_id": row.agency_id, "registrar_id": row.registrar_id, "minutes": row.minutes,
        "score": row.score, "passed": row.passed})
}

fn participation(
    db: &mut Db,
    errors: &mut Vec<FieldError>,
    at: &str,
    training: &Training,
    one: &NewParticipant,
) -> Result<Participation, Error> {
    let mut wrong = |field: &str, code: &'static str, detail: String| {
        errors.push(FieldError::new(format!("{at}/{field}"), code, detail));
    };
    let minutes = one.minutes.unwrap_or(training.minutes);
    if !(0..=training.minutes).contains(&minutes) {
        let detail = format!("应为 0 至 {} 的整数（单位：分钟）。", training.minutes);
        wrong("minutes", "out_of_range", detail);
    }
    if training.kind == TrainingKind::Examination {
        if one.passed.is_none() {
            wrong("passed", "required", "考试须说明是否通过。".into());
        }
        if one.score.is_some_and(|s| !(0..=MOST_POINTS).contains(&s)) {
            wrong("score", "out_of_range", format!("应为 0 至 {MOST_POINTS} 的整数。"));
        }
    } else {
        for (field, given) in [("score", one.score.is_some()), ("passed", one.passed.is_some())] {
            if given {
                wrong(field, "not_an_examination", "只有考试才有成绩。".into());
            }
        }
    }
    let mut row = Participation {
        registrar_id: None,
        name: String::new(),
        agency_id: 0,
        minutes,
        score: one.score,
        passed: one.passed,
    };
    let Some(number) = &one.certificate_number else {
        row.name = person(errors, &format!("{at}/name"), one.name.as_deref());
        let found = agency(db, errors, &format!("{at}/agency"), one.agency.as_deref())?;
        row.agency_id = found.map_or(0, |a| a.id);
        return Ok(row);
    };
    for (field, given) in [("name", one.name.is_some()), ("agency", one.agency.is_some())] {
        if given {
            wrong(field, "not_both", "已给出证书编号，姓名和机构以证书为准。".into());
        }
    }
    match registrars::find(db, number)? {
        Some(registrar) => {
            row.registrar_id = Some(registrar.id);
            row.name = registrar.name;
            row.agency_id = registrar.agency_id;
        }
        None => wrong(
            "certificate_number",
            "unknown_certificate",
            "没有这个编号的登记员证书。".into(),
        ),
    }
    Ok(row)
}
