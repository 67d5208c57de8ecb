//! A self-audit: what it is, how far it is, what it drew.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{PLACE, address_of, item_label, item_mark, outcome, state_mark};
use crate::{
    domain::{
        policy,
        self_audit::{AuditState, ItemState},
    },
    http::query::Query,
    usecases::{
        Context,
        people::Names,
        self_audits::{AuditView, Item, ItemQuery, read},
    },
    web::{
        field::{Choice, Field},
        key_page::{KeyPage, ROWS, address, key},
        refusal::Refusal,
        sheet::{ActLink, Section, Sheet},
        show::{NOTHING, day, minute, wan},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

#[get("/self-audits/{id}")]
pub async fn show_self_audit(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let actor = visitor.caller.actor.clone();
    read::may_read(&actor)?;
    let id = key(&path)?;
    let view = read::read(&ctx, actor.clone(), id).await?;
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    let assigned_to = query.text("assigned_to");
    let state = query.one_of("state", ItemState::from_id);
    let done = query.text("done");
    query.finish()?;
    let asked = ItemQuery {
        assigned_to: assigned_to.as_deref().map(|name| match name {
            "-" => None,
            "me" => Some(actor.username.clone()),
            name => Some(name.to_owned()),
        }),
        state,
        after: page.after,
        limit: Some(ROWS),
        ..ItemQuery::default()
    };
    let (_, found) = read::list_items(&ctx, actor.clone(), id, asked).await?;
    let place = address_of(id);
    let filters = [
        ("assigned_to", assigned_to.clone()),
        ("state", state.map(|s| s.id().to_owned())),
    ];
    let with = |after: Option<i64>| {
        let after = [("after", after.map(|a| a.to_string()))];
        address(&place, &[filters.as_slice(), &after].concat())
    };
    let runs = policy::decide_run_self_audits(&actor).is_ok() && view.audit.state == AuditState::Drawn;
    let mut columns: Vec<Column> = [
        "合同",
        "登记编号",
        "抽取时成交额（元）",
        "检查人",
        "结论",
        "处理",
        "办理",
    ]
    .map(Column::text)
    .into();
    if let Some(amount) = columns.get_mut(2) {
        amount.number = true;
    }
    let table = Table {
        total: None,
        caption: "抽取的合同".to_owned(),
        columns,
        rows: found
            .items
            .iter()
            .map(|item| row(&visitor.names, (id, item), runs, &actor.username))
            .collect(),
        empty: "没有这样的合同。".to_owned(),
        next: found.next.map(|n| with(Some(n))),
        first: page.after.map(|_| with(None)),
        tick: None,
    };
    let mut sheet = Sheet::new(visitor.shell(&view.audit.made.title).at(PLACE).done(done.as_deref()));
    sheet.acts = acts(&view, runs);
    sheet.facts = facts(&ctx, &visitor.names, &view);
    if view.progress.unassigned > 0 && view.audit.state == AuditState::Drawn {
        sheet.notices.push(format!(
            "有 {} 份合同没有可以检查的人，请重新分配给与其无关的审核员。",
            view.progress.unassigned
        ));
    }
    let mut people = vec![Choice::new("me", "我的"), Choice::new("-", "无人可查的")];
    people.extend(view.audit.made.auditors.iter().map(|a| Choice::new(a, a)));
    let states = ItemState::ALL.map(|s| Choice::new(s.id(), item_label(s)));
    let [(_, assigned_to), (_, state)] = filters.clone();
    let mut sheet = sheet.filtered(
        &place,
        vec![
            Field::select("assigned_to", "检查人", people).maybe(assigned_to),
            Field::select("state", "结论", states.into()).maybe(state),
        ],
    );
    sheet.sections = vec![Section::list("items", "", table)];
    Ok(sheet.show())
}

fn acts(view: &AuditView, runs: bool) -> Vec<ActLink> {
    let place = address_of(view.audit.id);
    let mut acts = Vec::new();
    if runs {
        acts.push(ActLink::new(
            "我的待检查合同",
            format!("{place}?assigned_to=me&state=open"),
        ));
        if view.progress.open == 0 {
            acts.push(ActLink::new("完成自查", format!("{place}/complete")).main());
        }
        acts.push(ActLink::new("终止自查", format!("{place}/abandon")));
    }
    acts.push(ActLink::new("自查报告", format!("{place}/report")));
    acts
}

fn facts(ctx: &Context, names: &Names, view: &AuditView) -> Vec<(&'static str, Cell)> {
    let (audit, progress) = (&view.audit, &view.progress);
    let made = &audit.made;
    let (contracts, fen) = made.strata.iter().fold((0_i64, 0_i64), |(n, fen), s| {
        (n + s.contracts, fen.saturating_add(s.amount_fen))
    });
    let checked = progress.right + progress.wrong;
    let mut facts = vec![
        ("状态", state_mark(audit.state)),
        ("年度", Cell::text(made.year.to_string())),
        (
            "进度",
            Cell::text(format!("已检查 {checked} 份，共 {} 份", checked + progress.open)),
        ),
        (
            "结论",
            Cell::text(format!("无误 {} 份，有误 {} 份", progress.right, progress.wrong)),
        ),
        ("范围", Cell::text(made.filter.in_words(&ctx.catalogue, wan))),
        ("抽样方式", Cell::text(made.design.in_words())),
        ("总体", Cell::text(format!("{contracts} 份，{} 万元", wan(fen)))),
        (
            "检查人",
            Cell::text(
                made.auditors
                    .iter()
                    .map(|who| names.of(who))
                    .collect::<Vec<_>>()
                    .join("、"),
            ),
        ),
        (
            "建立",
            Cell::text(format!("{}，{}", names.of(&made.created_by), minute(made.created_at))),
        ),
    ];
    if let Some((by, at, ending)) = &audit.ended {
        facts.push(("结束", Cell::text(format!("{}，{}", names.of(by), minute(*at)))));
        match &ending.reason {
            Some(reason) => facts.push(("终止理由", Cell::text(reason))),
            None => facts.extend([
                (
                    "处理",
                    Cell::text(format!(
                        "撤销登记 {} 份，此前已撤销或注销 {} 份",
                        progress.revoked, progress.already_ended
                    )),
                ),
                (
                    "文书号",
                    Cell::text(ending.document_number.as_deref().unwrap_or(NOTHING)),
                ),
                ("送达日期", Cell::text(day(ending.served_on))),
                ("说明", Cell::text(ending.note.as_deref().unwrap_or(NOTHING))),
            ]),
        }
    }
    facts
}

fn row(names: &Names, (audit, item): (i64, &Item), runs: bool, me: &str) -> Row {
    let place = format!("{}/items/{}", address_of(audit), item.id);
    let mine = item.drawn.assigned_to.as_deref() == Some(me);
    let name = item.project_name.clone();
    let offer = match (runs && mine, item.state) {
        (true, ItemState::Open) => "检查",
        (true, _) => "查看或修改结论",
        (false, _) => "查看",
    };
    let mut offers = vec![Cell::link(offer, &place)];
    if runs && item.state == ItemState::Open {
        offers.push(Cell::link("重新分配", format!("{place}/assign")));
    }
    Row {
        key: item.id.to_string(),
        cells: vec![
            Cell::link(
                name.unwrap_or_else(|| format!("合同 {}", item.drawn.contract_id)),
                format!("/contracts/{}", item.drawn.contract_id),
            ),
            Cell::maybe(item.registration_number.clone()),
            Cell::yuan(Some(item.drawn.amount_fen)),
            Cell::text(match &item.drawn.assigned_to {
                Some(who) => names.of(who),
                None => "无人可查".to_owned(),
            }),
            item_mark(item),
            Cell::text(outcome(item)),
            Cell::Many(offers),
        ],
    }
}
