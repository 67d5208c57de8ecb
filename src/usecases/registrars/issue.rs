//! Issuing a certificate.

use serde_json::json;

use crate::{
    domain::{
        account::Certificate,
        contract::Agency,
        error::FieldError,
        ledger::Change,
        policy,
        registrar::{TrainingKind, last_day},
        time::Date,
    },
    storage::{
        Db, agencies,
        registrars::{self, Registrar},
        trainings::{self, Participation},
    },
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        entry::enter,
        messages,
        values::{Checked, checked, optional_date, required_text, settle},
    },
};

use super::{RegistrarView, view::view};

/// A certificate to be.
#[derive(Clone, Default)]
pub struct NewRegistrar {
    /// Its number: 1–32 letters, digits and `-`.
    pub certificate_number: Option<String>,
    /// Name of the person.
    pub name: Option<String>,
    /// Code of the agency.
    pub agency: Option<String>,
    /// First day; today where absent, not later.
    pub issued_on: Option<Date>,
    /// Last day; by the settings where absent.
    pub valid_until: Option<Date>,
    /// Key of the examination that the person passed.
    pub examination_id: Option<i64>,
}

/// Longest number, in characters.
const LONGEST_NUMBER: usize = 32;
/// Longest name of a person, in characters.
const LONGEST_NAME: usize = 100;

/// Issues a certificate.
///
/// # Errors
/// Rights; [`Error::Conflict`] where the number is taken; what is missing or wrong, the examination that the settings demand
/// among it.
pub async fn issue(
    ctx: &Context,
    command: Command<RegistrarView>,
    input: Checked<NewRegistrar>,
) -> Result<Answer<RegistrarView>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let role = policy::decide_registrars(&command.actor)?;
        let input = checked(&input)?;
        let today = now.date();
        let mut errors = Vec::new();
        let number = number(&mut errors, input.certificate_number.as_deref());
        let name = person(&mut errors, "/name", input.name.as_deref());
        let agency = agency(db, &mut errors, "/agency", input.agency.as_deref())?;
        let issued_on = optional_date(&mut errors, "/issued_on", input.issued_on).unwrap_or(today);
        if issued_on > today {
            errors.push(FieldError::new("/issued_on", "in_future", "发证日期不得晚于今天。"));
        }
        let years = context.settings.registrars.validity_years;
        let valid_until =
            optional_date(&mut errors, "/valid_until", input.valid_until).or_else(|| last_day(issued_on, years));
        if valid_until.is_some_and(|last| last < issued_on) {
            errors.push(FieldError::new(
                "/valid_until",
                "end_before_begin",
                "有效期至早于发证日期。",
            ));
        }
        let agency_id = agency.as_ref().map_or(0, |a| a.id);
        let examined = examination(&context, db, &mut errors, &input, &name, agency_id)?;
        settle(errors)?;
        if registrars::find(db, &number)?.is_some() {
            return Err(Error::Conflict(format!("证书编号“{number}”已有记录。")));
        }
        let registrar = Registrar {
            id: 0,
            certificate: Certificate::new(number.clone(), issued_on, valid_until),
            name,
            agency_id,
            last_training_on: None,
        };
        let id = registrars::insert(db, &registrar)?;
        if let Some((training, key, passed)) = examined {
            let row = Participation {
                registrar_id: Some(id),
                ..passed
            };
            trainings::put_participation(db, training, Some(key), &row)?;
        }
        let issued = Change {
            pointer: format!("/registrars/{number}"),
            from: json!(null),
            to: json!({"certificate_number": number, "name": registrar.name, "agency": input.agency,
                "issued_on": issued_on, "valid_until": valid_until, "examination_id": input.examination_id}),
        };
        let action = "issue_registrar_certificate";
        enter(db, (&command.actor, role), action, None, vec![issued], now)?;
        let by = &command.actor.username;
        messages::on_certificate_issued(db, &context, (&number, &registrar.name), by, now)?;
        view(db, &context, &number, today)
    })
    .await
}

fn number(errors: &mut Vec<FieldError>, text: Option<&str>) -> String {
    let number = required_text(errors, "/certificate_number", text);
    let sound = number.len() <= LONGEST_NUMBER && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !sound {
        let detail = format!("证书编号应为 1 至 {LONGEST_NUMBER} 位字母、数字和连字符。");
        errors.push(FieldError::new("/certificate_number", "malformed", detail));
    }
    number
}

/// Name of a person.
pub(in crate::usecases) fn person(errors: &mut Vec<FieldError>, pointer: &str, text: Option<&str>) -> String {
    let name = required_text(errors, pointer, text);
    if name.chars().count() > LONGEST_NAME {
        let detail = format!("不得超过 {LONGEST_NAME} 个字符。");
        errors.push(FieldError::new(pointer, "too_long", detail));
    }
    name
}

/// The agency of a code that must be there.
pub(in crate::usecases) fn agency(
    db: &mut Db,
    errors: &mut Vec<FieldError>,
    pointer: &str,
    code: Option<&str>,
) -> Result<Option<Agency>, Error> {
    let Some(code) = code else {
        errors.push(FieldError::new(pointer, "required", "此项必填。"));
        return Ok(None);
    };
    let known = match code.contains('\0') {
        true => None,
        false => agencies::find_by_code(db, code)?,
    };
    if known.is_none() {
        let detail = "没有这个代码的登记机构。";
        errors.push(FieldError::new(pointer, "unknown_agency", detail));
    }
    Ok(known)
}

/// The part that the person took in the examination named: training, key and entry. It must have been passed, by someone who has
/// no certificate yet.
fn examination(
    ctx: &Context,
    db: &mut Db,
    errors: &mut Vec<FieldError>,
    input: &NewRegistrar,
    name: &str,
    agency_id: i64,
) -> Result<Option<(i64, i64, Participation)>, Error> {
    let pointer = "/examination_id";
    let Some(id) = input.examination_id else {
        if ctx.settings.registrars.examination_required {
            errors.push(FieldError::new(pointer, "required", "发证须先通过考试，请指定考试。"));
        }
        return Ok(None);
    };
    let examination = trainings::find(db, id)?.filter(|t| t.kind == TrainingKind::Examination);
    let Some(examination) = examination else {
        errors.push(FieldError::new(pointer, "unknown_examination", "没有这次考试。"));
        return Ok(None);
    };
    let who = Participation {
        registrar_id: None,
        name: name.to_owned(),
        agency_id,
        minutes: 0,
        score: None,
        passed: None,
    };
    match trainings::find_participation(db, examination.id, &who)? {
        Some((key, row)) if row.passed == Some(true) => Ok(Some((examination.id, key, row))),
        _ => {
            let detail = "此人未通过该次考试，或其成绩尚未登记。";
            errors.push(FieldError::new(pointer, "not_passed", detail));
            Ok(None)
        }
    }
}
