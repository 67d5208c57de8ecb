//! 工作台: what waits for whoever opens it: the queues with their first contracts, panels, requests, certificates that run out, messages
//! not read, and where the work of each role begins.

use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use super::{
    change_requests::kind_label,
    contracts::{columns_of, order_of, row_of},
    refusal::Refusal,
    shell::{Shell, ok},
    show::{day, minute},
    table::{Cell, Column, Row, Table},
    visitor::Visitor,
};
use crate::{
    domain::{account::Role, change_request::RequestState, expert_review::PanelState, queue::Queue},
    http::query::Query,
    usecases::{
        Context, Error,
        change_requests::{self, list::ChangeRequestQuery},
        contracts::{self, list::ContractQuery},
        expert_reviews, messages,
        registrars::{self, RegistrarQuery},
        work_queues,
    },
};

#[derive(Template)]
#[template(path = "workbench.html")]
struct WorkbenchPage {
    shell: Shell,
    queues: Vec<QueueCard>,
    lists: Vec<Listed>,
    links: Vec<(&'static str, &'static str, &'static str)>,
}

struct QueueCard {
    title: &'static str,
    count: String,
    href: String,
    waits: bool,
}

/// A list of what waits, and where all of it is.
struct Listed {
    title: &'static str,
    table: Table,
    all: String,
}

/// Things shown of each list.
const FIRST: i64 = 5;

/// Days before its end from which a certificate is told of.
const EXPIRING_DAYS: i64 = 90;

#[get("/")]
pub async fn show_workbench(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    query.finish()?;
    let actor = &visitor.caller.actor;
    let counts = work_queues::counts(&ctx, actor.clone()).await?;
    let unread = messages::unread(&ctx, actor).await?;
    let mut lists = Vec::new();
    for counted in counts.iter().filter(|c| c.contracts > 0) {
        lists.push(first_of(&ctx, &visitor, counted.queue).await?);
    }
    lists.extend(panels(&ctx, &visitor).await?);
    lists.extend(requests(&ctx, &visitor).await?);
    lists.extend(certificates(&ctx, &visitor).await?);
    lists.extend(unread_messages(&ctx, &visitor, unread).await?);
    let mut queues: Vec<QueueCard> = counts
        .iter()
        .map(|counted| QueueCard {
            title: counted.queue.title(),
            count: counted.to_string(),
            href: format!("/contracts?queue={}", counted.queue.id()),
            waits: counted.contracts > 0,
        })
        .collect();
    queues.push(QueueCard {
        title: "未读消息",
        count: unread.to_string(),
        href: "/messages?unread=true".to_owned(),
        waits: unread > 0,
    });
    Ok(ok(&WorkbenchPage {
        queues,
        lists,
        links: links(&visitor),
        shell: visitor.shell("工作台").at("/").done(done.as_deref()),
    }))
}

/// What a queue's list shows here.
const fn columns(queue: Queue) -> [&'static str; 4] {
    match queue {
        Queue::Drafts => ["seller", "buyer", "amount", "entered_by"],
        Queue::ReturnedToMe => ["seller", "buyer", "amount", "submitted_at"],
        Queue::Waiting | Queue::Mine | Queue::WaitingForExperts => ["state", "seller", "amount", "due_on"],
        Queue::ChangeRequests => ["state", "number", "seller", "amount"],
        Queue::Unclaimed => ["seller", "amount", "submitted_at", "due_on"],
        Queue::Overdue | Queue::DueSoon => ["state", "seller", "claimed_by", "due_on"],
        Queue::Panels => ["state", "type", "seller", "amount"],
    }
}

/// The first contracts of a queue.
async fn first_of(ctx: &Context, visitor: &Visitor, queue: Queue) -> Result<Listed, Error> {
    let actor = &visitor.caller.actor;
    let (sort, descending) = order_of(queue);
    let columns = columns_of(columns(queue).into_iter());
    let query = ContractQuery {
        queue: Some(work_queues::queue_of(ctx, actor, queue)?),
        sort,
        descending,
        limit: FIRST,
        ..ContractQuery::default()
    };
    let page = contracts::list::list(ctx, actor.clone(), query).await?;
    let today = ctx.clock.today();
    let rows = page.items.iter().map(|view| {
        row_of(
            &columns,
            &ctx.catalogue,
            &visitor.names.in_contract(&view.contract),
            today,
        )
    });
    let heads = columns.iter().map(|column| Column {
        number: column.number,
        short: column.short,
        ..Column::text(column.label)
    });
    Ok(Listed {
        title: queue.title(),
        table: Table {
            caption: queue.title().to_owned(),
            columns: heads.collect(),
            rows: rows.collect(),
            ..Table::default()
        },
        all: format!("/contracts?queue={}", queue.id()),
    })
}

fn listed(title: &'static str, columns: &[&str], rows: Vec<Row>, all: &str) -> Option<Listed> {
    (!rows.is_empty()).then(|| Listed {
        title,
        table: Table {
            caption: title.to_owned(),
            columns: columns.iter().map(|label| Column::text(*label)).collect(),
            rows,
            ..Table::default()
        },
        all: all.to_owned(),
    })
}

fn row(cells: Vec<Cell>) -> Row {
    Row {
        key: String::new(),
        cells,
    }
}

/// Panels that are not closed.
async fn panels(ctx: &Context, visitor: &Visitor) -> Result<Option<Listed>, Error> {
    if !visitor.is_one_of(&[Role::Expert, Role::Reviewer, Role::Auditor]) {
        return Ok(None);
    }
    let actor = visitor.caller.actor.clone();
    let mut found = expert_reviews::read::list(ctx, actor, Some(PanelState::Open), None, FIRST).await?;
    found.truncate(usize::try_from(FIRST).unwrap_or(usize::MAX));
    let rows = found.iter().map(|panel| {
        let review = &panel.review;
        let waiting = panel.lines.iter().filter(|l| l.contract.ended_at.is_none()).count();
        row(vec![
            Cell::link(review.title.clone(), format!("/expert-reviews/{}", review.id)),
            Cell::text(review.held_on.to_string()),
            Cell::text(review.chair.clone()),
            Cell::text(format!("{waiting} 项待结论")),
        ])
    });
    let columns = ["论证", "日期", "组长", "合同"];
    Ok(listed(
        "进行中的专家论证",
        &columns,
        rows.collect(),
        "/expert-reviews?state=open",
    ))
}

/// Requests for changes that wait for a decision; a registrar's are in a queue of their own.
async fn requests(ctx: &Context, visitor: &Visitor) -> Result<Option<Listed>, Error> {
    if !visitor.is_one_of(&[Role::Reviewer, Role::Auditor]) {
        return Ok(None);
    }
    let query = ChangeRequestQuery {
        states: vec![RequestState::Open],
        limit: FIRST,
        ..ChangeRequestQuery::default()
    };
    let page = change_requests::list::list(ctx, visitor.caller.actor.clone(), None, query).await?;
    let rows = page.items.iter().map(|view| {
        let request = &view.request;
        row(vec![
            Cell::link(
                view.project_name.clone().unwrap_or_else(|| "未命名".to_owned()),
                format!("/change-requests/{}", request.id),
            ),
            Cell::text(kind_label(request.kind)),
            Cell::text(visitor.names.of(&request.requested_by)),
            Cell::text(minute(request.requested_at)),
        ])
    });
    let columns = ["合同", "种类", "申请人", "申请时间"];
    Ok(listed(
        "待审核的变更与注销",
        &columns,
        rows.collect(),
        "/change-requests?state=open",
    ))
}

/// Certificates that run out soon, or ran out: the own one for a registrar.
async fn certificates(ctx: &Context, visitor: &Visitor) -> Result<Option<Listed>, Error> {
    if !visitor.is_one_of(&[Role::Registrar, Role::Reviewer, Role::Auditor, Role::Administrator]) {
        return Ok(None);
    }
    let query = RegistrarQuery {
        expiring_within: Some(EXPIRING_DAYS),
        limit: FIRST,
        ..RegistrarQuery::default()
    };
    let (found, _) = registrars::list(ctx, visitor.caller.actor.clone(), query).await?;
    let rows = found.iter().map(|summary| {
        let registrar = &summary.listed.registrar;
        let number = &registrar.certificate.number;
        let left = match summary.days_left {
            Some(left @ ..0) => Cell::mark(format!("已过期 {} 天", -left), "bad"),
            Some(left) => Cell::mark(format!("还有 {left} 天"), "wait"),
            None => Cell::maybe(None::<String>),
        };
        row(vec![
            Cell::link(number.clone(), format!("/registrars/{number}")),
            Cell::text(registrar.name.clone()),
            Cell::text(summary.listed.agency.name.clone()),
            Cell::text(day(registrar.certificate.valid_until)),
            left,
        ])
    });
    let columns = ["证书编号", "登记员", "登记机构", "有效期至", "剩余"];
    let all = format!("/registrars?expiring_within={EXPIRING_DAYS}");
    Ok(listed("即将到期的登记员证书", &columns, rows.collect(), &all))
}

async fn unread_messages(ctx: &Context, visitor: &Visitor, unread: i64) -> Result<Option<Listed>, Error> {
    if unread == 0 {
        return Ok(None);
    }
    let found = messages::list(ctx, &visitor.caller.actor, true, None, FIRST).await?;
    let rows = found.iter().map(|message| {
        row(vec![
            Cell::link(message.subject.clone(), format!("/messages/{}", message.id)),
            Cell::text(minute(message.created_at)),
        ])
    });
    Ok(listed(
        "未读消息",
        &["标题", "时间"],
        rows.collect(),
        "/messages?unread=true",
    ))
}

/// Where work begins: words, address, and what is done there.
fn links(visitor: &Visitor) -> Vec<(&'static str, &'static str, &'static str)> {
    use Role::{Administrator, Auditor, Expert, Registrar, Reviewer, Statistician};
    const LINKS: &[(&str, &str, &str, &[Role])] = &[
        ("录入合同", "/contracts/new", "新录入一项技术合同", &[Registrar]),
        (
            "查找合同",
            "/contracts",
            "按编号、名称、双方、状态、年度查找",
            &[Registrar, Reviewer, Statistician, Auditor],
        ),
        (
            "移交合同",
            "/contracts/bulk/hand-over",
            "把审核中的合同全部移交给另一名审核员",
            &[Reviewer],
        ),
        (
            "年度统计",
            "/statistics",
            "看板、月报季报、年报、封账",
            &[Reviewer, Statistician, Auditor],
        ),
        (
            "导入",
            "/imports",
            "台账、跟踪、活动、参考数据",
            &[Statistician, Administrator],
        ),
        (
            "专家论证",
            "/expert-reviews",
            "本人参加的论证：回避、意见、结论",
            &[Expert],
        ),
        ("自查", "/self-audits", "抽样、检查、结论、报告", &[Reviewer, Auditor]),
        ("账号", "/users", "新建、停用、重置密码", &[Administrator]),
        ("登记机构", "/agencies", "机构名称与代码", &[Administrator]),
        ("登记员证书", "/registrars", "发证、续期、暂停", &[Administrator]),
        ("登记账", "/ledger", "逐笔查看，核对完整性", &[Auditor]),
        ("帮助", "/help", "用户手册", &Role::ALL),
    ];
    let of_use = LINKS.iter().filter(|(.., roles)| visitor.is_one_of(roles));
    of_use.map(|(label, href, told, _)| (*label, *href, *told)).collect()
}
