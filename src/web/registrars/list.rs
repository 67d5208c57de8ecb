//! The certificates that the visitor may see.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{PLACE, address_of, agencies, days_left, last_day, state_label, state_mark};
use crate::{
    domain::{account::CertificateState, policy},
    http::query::Query,
    usecases::{
        Context,
        registrars::{self, RegistrarQuery, Summary},
    },
    web::{
        field::{Choice, Field},
        key_page::{KeyPage, ROWS, address},
        refusal::Refusal,
        sheet::{ActLink, Sheet},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

#[get("/registrars")]
pub async fn list_registrars(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let actor = visitor.caller.actor.clone();
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    let asked = RegistrarQuery {
        number: None,
        text: query.text("q").map(|q| q.chars().take(100).collect()),
        state: query.one_of("state", CertificateState::from_id),
        agency_code: query.text("agency"),
        expiring_within: query.integer("expiring_within", 0..=3650),
        after: page.after,
        limit: ROWS,
    };
    query.finish()?;
    let filters = [
        ("q", asked.text.clone()),
        ("state", asked.state.map(|s| s.id().to_owned())),
        ("agency", asked.agency_code.clone()),
        ("expiring_within", asked.expiring_within.map(|d| d.to_string())),
    ];
    let (found, more) = registrars::list(&ctx, actor.clone(), asked).await?;
    let next = found.last().filter(|_| more).map(|s| s.listed.registrar.id);
    let with = |after: Option<i64>| {
        let after = [("after", after.map(|a| a.to_string()))];
        address(PLACE, &[filters.as_slice(), &after].concat())
    };
    let table = Table {
        total: None,
        caption: "登记员证书".to_owned(),
        columns: ["证书编号", "姓名", "登记机构", "状态", "有效期至", "剩余", "账号"]
            .map(Column::text)
            .into(),
        rows: found.iter().map(row).collect(),
        empty: "没有这样的证书。".to_owned(),
        next: next.map(|n| with(Some(n))),
        first: page.after.map(|_| with(None)),
        tick: None,
    };
    let states = CertificateState::ALL.map(|s| Choice::new(s.id(), state_label(s)));
    let [(_, q), (_, state), (_, agency), (_, within)] = filters.clone();
    let mut sheet = Sheet::list(visitor.shell("登记员证书").at(PLACE), table).filtered(
        PLACE,
        vec![
            Field::text("q", "证书编号、姓名或机构").maybe(q),
            Field::select("state", "状态", states.into()).maybe(state),
            Field::select("agency", "登记机构", agencies(&ctx).await?).maybe(agency),
            Field::integer("expiring_within", "多少天内到期").maybe(within),
        ],
    );
    if policy::decide_registrars(&actor).is_ok() {
        sheet.acts.push(ActLink::new("发放证书", "/registrars/new").main());
    }
    Ok(sheet.show())
}

fn row(summary: &Summary) -> Row {
    let listed = &summary.listed;
    let certificate = &listed.registrar.certificate;
    Row {
        key: listed.registrar.id.to_string(),
        cells: vec![
            Cell::link(&certificate.number, address_of(&certificate.number)),
            Cell::text(&listed.registrar.name),
            Cell::text(&listed.agency.name),
            state_mark(summary.state),
            Cell::text(last_day(certificate)),
            days_left(summary.days_left),
            Cell::maybe(listed.account.clone()),
        ],
    }
}
