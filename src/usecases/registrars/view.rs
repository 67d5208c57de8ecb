//! A certificate as it is shown.

use crate::{
    domain::{
        account::CertificateState,
        registrar::{self, History, Period},
        time::Date,
    },
    storage::{
        Db,
        registrars::{self, Listed, RegistrarQuery, Reminder},
        trainings,
    },
    usecases::{Context, Error},
};

/// A certificate in a list.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Certificate, person, agency, account.
    pub listed: Listed,
    /// How it stands today.
    pub state: CertificateState,
    /// Days left, today not counted; negative once it has run out; none where it does not.
    pub days_left: Option<i64>,
}

impl Summary {
    pub(super) fn of(listed: Listed, today: Date) -> Self {
        let certificate = &listed.registrar.certificate;
        Self {
            state: certificate.state_on(today),
            days_left: certificate.valid_until.map(|last| (last - today).num_days()),
            listed,
        }
    }
}

/// A certificate with its history.
#[derive(Debug, Clone)]
pub struct RegistrarView {
    /// What a list shows.
    pub summary: Summary,
    /// Periods of validity and suspensions.
    pub history: History,
    /// Reminders given before it runs out.
    pub reminders: Vec<Reminder>,
    /// Minutes of continuing education credited since the last period began.
    pub continuing_minutes: i64,
    /// Minutes of continuing education that its renewal demands.
    pub demanded_minutes: i64,
    /// What is to be said about the rules that hold for it.
    pub notices: Vec<String>,
}

/// Minutes of continuing education credited and demanded in the last period of a certificate.
pub(super) fn continuing(
    db: &mut Db,
    ctx: &Context,
    id: i64,
    period: Option<Period>,
    today: Date,
) -> Result<(i64, i64), Error> {
    let Some(period) = period else { return Ok((0, 0)) };
    // Renewed in advance, the last period has not begun: what it demands is not due either.
    let credited = trainings::continuing_minutes(db, id, period.from_on, today)?;
    let demanded = registrar::demanded_minutes(period, ctx.settings.registrars.continuing_hours_per_year);
    Ok((credited, demanded))
}

pub(super) fn view(db: &mut Db, ctx: &Context, number: &str, today: Date) -> Result<RegistrarView, Error> {
    let query = RegistrarQuery {
        number: Some(number.to_owned()),
        limit: 1,
        ..RegistrarQuery::default()
    };
    let listed = registrars::page(db, &query, today)?.pop().ok_or(Error::NotFound)?;
    let id = listed.registrar.id;
    let history = registrars::histories(db, Some(id))?.remove(&id).unwrap_or_default();
    let (continuing_minutes, demanded_minutes) = continuing(db, ctx, id, history.periods.last().copied(), today)?;
    let mut notices = Vec::new();
    if ctx.settings.registrars.continuing_hours_per_year == 0 {
        notices.push("尚无继续教育学时要求的官方依据，续期时不核对学时；本机关可在配置中规定。".to_owned());
    }
    Ok(RegistrarView {
        summary: Summary::of(listed, today),
        reminders: registrars::reminders(db, id)?,
        history,
        continuing_minutes,
        demanded_minutes,
        notices,
    })
}
