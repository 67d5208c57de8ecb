//! Self-audits, the latest first.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{PLACE, address_of, state_mark};
use crate::{
    domain::{policy, self_audit::AuditState},
    http::query::Query,
    usecases::{
        Context,
        people::Names,
        self_audits::{
            AuditView,
            read::{self, AuditQuery},
        },
    },
    web::{
        field::{Choice, Field},
        key_page::{KeyPage, ROWS, address},
        refusal::Refusal,
        sheet::{ActLink, Sheet},
        show::minute,
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

#[get("/self-audits")]
pub async fn list_self_audits(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let actor = &visitor.caller.actor;
    read::may_read(actor)?;
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    let year = query.integer("year", 0..=9999).and_then(|y| i32::try_from(y).ok());
    let state = query.one_of("state", AuditState::from_id);
    query.finish()?;
    let asked = AuditQuery {
        year,
        state,
        after: page.after,
        limit: ROWS,
    };
    let found = read::list(&ctx, actor.clone(), asked).await?;
    let filters = [
        ("year", year.map(|y| y.to_string())),
        ("state", state.map(|s| s.id().to_owned())),
    ];
    let with = |after: Option<i64>| {
        let place = [("after", after.map(|a| a.to_string()))];
        address(PLACE, &[filters.as_slice(), &place].concat())
    };
    let columns = [
        "名称",
        "年度",
        "状态",
        "抽样方式",
        "已检查",
        "有误",
        "建立人",
        "建立时间",
    ];
    let table = Table {
        total: None,
        caption: "自查".to_owned(),
        columns: columns
            .map(|label| match label {
                "年度" | "已检查" | "有误" => Column::number(label),
                _ => Column::text(label),
            })
            .into(),
        rows: found.items.iter().map(|view| row(&visitor.names, view)).collect(),
        empty: "没有自查。".to_owned(),
        next: found.next.map(|n| with(Some(n))),
        first: page.after.map(|_| with(None)),
        tick: None,
    };
    let states = AuditState::ALL.map(|s| Choice::new(s.id(), s.label()));
    let [(_, year), (_, state)] = filters.clone();
    let mut sheet = Sheet::list(visitor.shell("自查").at(PLACE), table).filtered(
        PLACE,
        vec![
            Field::integer("year", "年度").maybe(year),
            Field::select("state", "状态", states.into()).maybe(state),
        ],
    );
    if policy::decide_run_self_audits(actor).is_ok() {
        sheet.acts.push(ActLink::new("新建自查", "/self-audits/new").main());
    }
    Ok(sheet.show())
}

fn row(names: &Names, view: &AuditView) -> Row {
    let made = &view.audit.made;
    let progress = &view.progress;
    let checked = progress.right + progress.wrong;
    Row {
        key: view.audit.id.to_string(),
        cells: vec![
            Cell::link(&made.title, address_of(view.audit.id)),
            Cell::text(made.year.to_string()),
            state_mark(view.audit.state),
            Cell::text(made.design.in_words()),
            Cell::text(format!("{checked} / {}", checked + progress.open)),
            Cell::text(progress.wrong.to_string()),
            Cell::text(names.of(&made.created_by)),
            Cell::text(minute(made.created_at)),
        ],
    }
}
