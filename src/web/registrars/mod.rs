//! `/registrars`: registrar certificates 登记员证书.

pub mod acts;
pub mod list;
pub mod show;

use crate::{
    domain::account::{Certificate, CertificateState},
    usecases::{Context, Error, agencies},
};

use super::{field::Choice, key_page::segment, show::day, table::Cell};

/// Where certificates are.
const PLACE: &str = "/registrars";

/// Agencies that can be chosen from at most.
const MOST_AGENCIES: i64 = 1000;

pub(super) fn address_of(number: &str) -> String {
    format!("{PLACE}/{}", segment(number))
}

pub(super) const fn state_label(state: CertificateState) -> &'static str {
    match state {
        CertificateState::NotYetValid => "尚未生效",
        CertificateState::Valid => "有效",
        CertificateState::Suspended => "暂停",
        CertificateState::Expired => "已过期",
    }
}

fn state_mark(state: CertificateState) -> Cell {
    let kind = match state {
        CertificateState::NotYetValid => "plain",
        CertificateState::Valid => "good",
        CertificateState::Suspended => "bad",
        CertificateState::Expired => "over",
    };
    Cell::mark(state_label(state), kind)
}

fn last_day(certificate: &Certificate) -> String {
    match certificate.valid_until {
        Some(last) => last.to_string(),
        None => "长期".to_owned(),
    }
}

/// The agencies with a code, to be chosen from.
pub(super) async fn agencies(ctx: &Context) -> Result<Vec<Choice>, Error> {
    let agencies = agencies::read::list(ctx, None, MOST_AGENCIES).await?;
    let choices = agencies.into_iter().filter_map(|a| {
        let code = a.code?;
        Some(Choice::new(code.clone(), format!("{}（{code}）", a.name)))
    });
    Ok(choices.collect())
}

/// Whether days lie close enough to be told: within so many.
fn days_left(days: Option<i64>) -> Cell {
    match days {
        None => Cell::text("长期"),
        Some(days) if days < 0 => Cell::mark(format!("已过期 {} 天", -days), "over"),
        Some(days) if days <= 60 => Cell::mark(format!("还有 {days} 天"), "bad"),
        Some(days) => Cell::text(format!("{days} 天")),
    }
}

fn span(from: crate::domain::time::Date, until: Option<crate::domain::time::Date>, open: &str) -> String {
    match until {
        Some(last) => format!("{from} 至 {}", day(Some(last))),
        None => format!("{from} 起，{open}"),
    }
}
