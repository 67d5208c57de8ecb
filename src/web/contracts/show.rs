//! One contract: everything about it, for whoever may see it.

use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use super::{
    answers::answers,
    changes::{Since, since_return, since_revision},
    checklist::{CheckLine, Point, checklist, checks},
    columns::{deadline, name_of},
    key,
    papers::{Beside, PAPERS, Paper, attach, beside, paper_of},
    timeline::{Happened, timeline},
};
use crate::{
    domain::{
        code_list::ListName,
        contract::{Contract, HOME_COUNTRY},
        ledger::Entry,
        policy,
        workflow::{Action, State},
    },
    http::query::Query,
    usecases::{
        Context, Error, attachments, change_requests,
        change_requests::list::ChangeRequestQuery,
        contracts::{self, ContractView, is_undecided},
        expert_reviews,
    },
    web::{
        act::Problem,
        change_requests::{kind_label, state_of_request},
        contract_words::{Holds, SECTIONS, amount, changed, shown, words},
        entry::attachments::marked,
        field::{Field, field_id},
        refusal::{Refusal, status_of},
        shell::{Shell, framing, ok, page},
        show::{day, minute, state_mark, yuan},
        standing_words,
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "contracts/show.html")]
struct ContractPage {
    shell: Shell,
    id: i64,
    version: i64,
    state: Cell,
    head: Vec<(&'static str, Cell)>,
    buttons: Vec<Button>,
    notices: Vec<String>,
    since: Option<String>,
    sections: Vec<Section>,
    checks: Vec<CheckLine>,
    checklist: Vec<Point>,
    papers: Vec<Paper>,
    /// Kind and file, where evidence may be added.
    attach: Option<[Field; 2]>,
    /// What the last return asked for and what became of it.
    answers: Option<crate::web::sheet::Section>,
    /// The attachment that is shown beside the fields.
    beside: Option<Beside>,
    /// Why a file was not taken.
    problem: Option<Problem>,
    alike: Option<Table>,
    earlier: Table,
    panels: Vec<(String, String, String)>,
    requests: Vec<(String, String, Cell)>,
    revisions: Vec<(i64, String)>,
    timeline: Vec<Happened>,
}

/// What the visitor may do.
struct Button {
    label: &'static str,
    href: String,
    /// Done at once by a form, without a page in between.
    at_once: bool,
    /// Of what is done most: stands out.
    main: bool,
}

/// A section of the content.
struct Section {
    title: &'static str,
    facts: Vec<Fact>,
}

/// A field of the content.
struct Fact {
    id: String,
    label: &'static str,
    value: String,
    /// What stood there before, where it changed.
    was: Option<String>,
    /// What a reviewer asked to be corrected.
    asked: Vec<String>,
    wide: bool,
}

/// Requests for changes shown.
const REQUESTS: i64 = 20;

#[get("/contracts/{id:\\d+}")]
pub async fn show_contract(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    let paper = query.integer("paper", 1..=i64::MAX);
    query.finish()?;
    let id = key(&path)?;
    let mut content = page_of(&ctx, &visitor, id).await?;
    content.shell = content.shell.done(done.as_deref());
    content.beside = match paper {
        Some(paper) => beside(&ctx, &visitor, id, paper).await?,
        None => None,
    };
    Ok(match content.beside.as_ref().is_some_and(|b| !b.picture) {
        true => framing(&content),
        false => ok(&content),
    })
}

/// The page again, with why a file was not taken.
pub async fn refused(
    ctx: &Context,
    visitor: &Visitor,
    id: i64,
    error: &Error,
    kind: &str,
) -> Result<HttpResponse, Refusal> {
    let mut content = page_of(ctx, visitor, id).await?;
    content.problem = match &mut content.attach {
        Some([kinds, file]) => Some(marked(kinds, file, error, kind)),
        None => Some(Problem::of(error, &[])),
    };
    Ok(page(status_of(error).0, &content))
}

async fn page_of(ctx: &Context, visitor: &Visitor, id: i64) -> Result<ContractPage, Error> {
    let actor = &visitor.caller.actor;
    let view = contracts::read::read(ctx, actor.clone(), id).await?;
    let entries = contracts::history::history(ctx, actor.clone(), id).await?;
    let (papers, _) = attachments::list::list(ctx, actor.clone(), id, None, PAPERS).await?;
    let (earlier, more) = contracts::earlier::of_parties(ctx, actor.clone(), id).await?;
    let alike = if is_undecided(view.contract.state) {
        contracts::alike::alike(ctx, actor.clone(), id).await?
    } else {
        Vec::new()
    };
    let panels = expert_reviews::read::of_contract(ctx, actor.clone(), id).await?;
    let requests = requests(ctx, visitor, id).await?;
    let since = since(ctx, visitor, &view, &entries).await?;
    let contract = &view.contract;
    Ok(ContractPage {
        shell: visitor.shell(&name_of(contract)).at("/contracts").wide(),
        id,
        version: contract.version,
        state: state_mark(contract.state),
        head: head(ctx, &visitor.names.in_contract(contract)),
        buttons: buttons(&view, policy::decide_create(&visitor.caller.actor).is_ok()),
        notices: notices(ctx, contract, &entries),
        answers: (!contract.state.was_confirmed())
            .then(|| answers(&ctx.catalogue, &contract.content, &entries))
            .flatten(),
        since: since
            .as_ref()
            .filter(|s| !s.changes.is_empty())
            .map(|s| s.since.clone()),
        sections: sections(ctx, contract, since.as_ref()),
        checks: checks(&view, &entries),
        checklist: checklist(ctx, &view, &papers),
        papers: papers
            .iter()
            .map(|paper| paper_of(ctx, &visitor.names, id, paper))
            .collect(),
        attach: attach(ctx, visitor, contract),
        alike: (!alike.is_empty()).then(|| others("疑似重复的合同", id, &alike)),
        earlier: others(
            if more {
                "同一双方的其他合同（最近 10 项）"
            } else {
                "同一双方的其他合同"
            },
            id,
            &earlier,
        ),
        panels: panels
            .iter()
            .map(|panel| {
                let line = panel.lines.iter().find(|l| l.contract.contract_id == id);
                let outcome = line.map_or("", |l| l.contract.outcome.label());
                let concluded = line.and_then(|l| l.contract.concluded.as_ref());
                let told = match concluded {
                    Some(done) => format!("{outcome}：{}", done.ballot.vote.label()),
                    None => outcome.to_owned(),
                };
                let review = &panel.review;
                (
                    format!("{}（{}）", review.title, review.held_on),
                    format!("/expert-reviews/{}", review.id),
                    told,
                )
            })
            .collect(),
        requests,
        revisions: revisions(contract),
        timeline: timeline(&ctx.catalogue, &visitor.names, &entries),
        beside: None,
        problem: None,
    })
}

/// Contracts to be laid beside this one.
fn others(caption: &str, id: i64, contracts: &[Contract]) -> Table {
    let rows = contracts.iter().map(|other| Row {
        key: String::new(),
        cells: vec![
            Cell::link(name_of(other), format!("/contracts/{}", other.id)),
            state_mark(other.state),
            Cell::text(day(other.content.signed_on)),
            Cell::yuan(other.content.amount_fen),
            Cell::link("逐项对照", format!("/contracts/{id}/compare/{}", other.id)),
        ],
    });
    Table {
        caption: caption.to_owned(),
        columns: vec![
            Column::text("合同名称"),
            Column::text("状态"),
            Column {
                short: true,
                ..Column::text("签订日期")
            },
            Column::number("合同成交额（元）"),
            Column::text("对照"),
        ],
        rows: rows.collect(),
        empty: "没有同一双方的其他合同。".to_owned(),
        ..Table::default()
    }
}

/// What changed since last time.
async fn since(
    ctx: &Context,
    visitor: &Visitor,
    view: &ContractView,
    entries: &[Entry],
) -> Result<Option<Since>, Error> {
    let contract = &view.contract;
    if contract.state.was_confirmed() {
        if contract.revision < 2 {
            return Ok(None);
        }
        let actor = visitor.caller.actor.clone();
        let before = contracts::read::read_revision(ctx, actor, contract.id, contract.revision - 1).await;
        return match before {
            Ok(before) => Ok(
                Some(since_revision(contract.revision, &before.content, &contract.content))
                    .filter(|since| !since.changes.is_empty()),
            ),
            // History that was imported has its last revision alone.
            Err(Error::NotFound) => Ok(None),
            Err(other) => Err(other),
        };
    }
    Ok(since_return(entries))
}

/// What stands above everything else.
fn head(ctx: &Context, contract: &Contract) -> Vec<(&'static str, Cell)> {
    let mut head = vec![("登记编号", Cell::maybe(contract.registration_number.clone()))];
    if let Some(number) = &contract.national_number {
        head.push(("国家登记编号", Cell::text(number.clone())));
    }
    head.push((
        "合同成交额",
        Cell::text(contract.content.amount_fen.map_or_else(|| "–".to_owned(), amount)),
    ));
    head.push((
        "技术交易额",
        Cell::text(
            contract
                .content
                .technology_amount_fen
                .map_or_else(|| "–".to_owned(), amount),
        ),
    ));
    head.push((
        "登记机构",
        Cell::maybe(contract.agency.as_ref().map(|a| a.name.clone())),
    ));
    if let Some(who) = &contract.submitted_by {
        let at = contract.submitted_at.map(minute).unwrap_or_default();
        head.push(("提交", Cell::text(format!("{who} {at}"))));
    }
    if contract.due_on.is_some() {
        head.push(("办理期限", deadline(contract, ctx.clock.today())));
    }
    if let Some(who) = &contract.claimed_by {
        let at = contract.claimed_at.map(minute).unwrap_or_default();
        head.push(("领取", Cell::text(format!("{who} {at}"))));
    }
    if let Some(at) = contract.confirmed_at {
        let who = contract.confirmed_by.clone().unwrap_or_default();
        head.push((
            "确认",
            Cell::text(format!("{who} {}，计入 {} 年统计", minute(at), at.year())),
        ));
    }
    if contract.state == State::Confirmed {
        head.push((
            "登记证明",
            Cell::link("下载 PDF", format!("/contracts/{}/certificate.pdf", contract.id)),
        ));
    }
    head
}

/// What must be known before anything else is read.
fn notices(ctx: &Context, contract: &Contract, entries: &[Entry]) -> Vec<String> {
    let mut notices = Vec::new();
    // Why it was confirmed against what the checks, or experts, found, stays in sight as long as the registration does.
    let confirmed = entries.iter().rfind(|e| e.act.action == Action::Confirm.id());
    if let Some(reason) = confirmed
        .and_then(|e| e.act.reason.as_ref())
        .filter(|_| contract.state.was_confirmed())
    {
        notices.push(format!("审核确认的说明：{}", standing_words::reason(reason)));
    }
    if let Some(returned) = &contract.returned {
        notices.push(format!("{} 退回补正：{}", minute(returned.at), returned.reason));
    }
    if let Some(refusal) = &contract.refusal {
        let list = ctx.catalogue.list(ListName::RefusalReason);
        let reasons: Vec<&str> = refusal.reasons.iter().map(|r| list.label(r).unwrap_or(r)).collect();
        let note = refusal.note.as_deref().map(|n| format!("（{n}）")).unwrap_or_default();
        notices.push(format!("不予登记：{}{note}", reasons.join("；")));
    }
    if let Some(ended) = &contract.ended {
        let list = match ended.state {
            State::Cancelled => ListName::CancellationGround,
            _ => ListName::RevocationGround,
        };
        let ground = ended.ground.as_deref();
        let ground = ground.map_or("未说明", |g| ctx.catalogue.list(list).label(g).unwrap_or(g));
        let document = ended
            .document_number
            .as_deref()
            .map(|n| format!("，文书号 {n}"))
            .unwrap_or_default();
        let note = ended.note.as_deref().map(|n| format!("（{n}）")).unwrap_or_default();
        let label = ended.state.label();
        notices.push(format!(
            "{} {label}：{ground}{note}{document}。此后不再计入统计。",
            minute(ended.at)
        ));
    }
    if let Some(concluded) = &contract.expert_conclusion {
        let mut told = format!(
            "专家论证结论（{}）：{}",
            minute(concluded.at),
            concluded.conclusion.label()
        );
        if let Some(id) = &concluded.contract_type {
            let label = ctx.catalogue.list(ListName::Type).label(id).unwrap_or(id);
            told.push_str(&format!("，合同类别 {label}"));
        }
        if let Some(id) = &concluded.subtype {
            let label = ctx.catalogue.list(ListName::Subtype).label(id).unwrap_or(id);
            told.push_str(&format!("，合同子类 {label}"));
        }
        if let Some(fen) = concluded.technology_amount_fen {
            told.push_str(&format!("，技术交易额 {} 元", yuan(fen)));
        }
        notices.push(told);
    }
    if contract.open_change_request.is_some() {
        notices.push("有一项变更或注销申请尚未办结，见下方“变更与注销”。".to_owned());
    }
    notices
}

/// What the visitor may do, what is done most first; last, to begin another contract from this one.
fn buttons(view: &ContractView, may_enter: bool) -> Vec<Button> {
    let contract = &view.contract;
    let order = [
        Action::Claim,
        Action::Confirm,
        Action::Return,
        Action::Refer,
        Action::Recall,
        Action::Refuse,
        Action::Release,
        Action::Reassign,
        Action::Submit,
        Action::Edit,
        Action::Report,
        Action::Amend,
        Action::Cancel,
        Action::Withdraw,
        Action::Discard,
        Action::Revoke,
        Action::Reinstate,
        Action::Reopen,
    ];
    let may = |action: &Action| {
        let asked = matches!(action, Action::Amend | Action::Cancel) && contract.open_change_request.is_some();
        view.available_actions.contains(action) && !asked
    };
    let button = |action: Action| {
        let (label, href) = match action {
            Action::Amend => (
                "申请变更",
                format!("/contracts/{}/change-requests/new?kind=amend", contract.id),
            ),
            Action::Cancel => (
                "申请注销",
                format!("/contracts/{}/change-requests/new?kind=cancel", contract.id),
            ),
            _ => (action.label(), format!("/contracts/{}/{}", contract.id, action.id())),
        };
        Button {
            label,
            href,
            at_once: matches!(action, Action::Claim | Action::Release),
            main: matches!(action, Action::Claim | Action::Confirm | Action::Submit),
        }
    };
    let copy = may_enter.then(|| Button {
        label: "复制为新草稿",
        href: format!("/contracts/{}/copy", contract.id),
        at_once: true,
        main: false,
    });
    order.into_iter().filter(may).map(button).chain(copy).collect()
}

fn sections(ctx: &Context, contract: &Contract, since: Option<&Since>) -> Vec<Section> {
    let values = shown(&contract.content);
    let changes = since.map(|s| changed(&ctx.catalogue, &s.changes)).unwrap_or_default();
    // What is to be corrected now, or was to be before this submission.
    let asked = contract.returned.as_ref().or_else(|| since?.asked.as_ref());
    let fact = |field: &crate::web::contract_words::ContractField| {
        let value = values.pointer(field.pointer).cloned().unwrap_or_default();
        let change = changes.iter().find(|c| c.pointer == field.pointer);
        let items = asked.iter().flat_map(|returned| &returned.items);
        let asked: Vec<String> = items
            .filter(|item| item.pointer.as_deref() == Some(field.pointer))
            .map(|item| item.detail.clone())
            .collect();
        // Where the country is China, nobody need read it.
        let usual = field.pointer.ends_with("/country") && value == HOME_COUNTRY;
        let empty = value.is_null() || usual;
        (!empty || change.is_some() || !asked.is_empty()).then(|| Fact {
            id: field_id(field.pointer),
            label: field.label,
            value: words(&ctx.catalogue, field.holds, &value),
            was: change.map(|c| c.from.clone()),
            asked,
            wide: matches!(field.holds, Holds::Lines) || field.pointer == "/project_name",
        })
    };
    SECTIONS
        .iter()
        .map(|(title, fields)| Section {
            title,
            facts: fields.iter().filter_map(fact).collect(),
        })
        .collect()
}

/// The requests for changes: words, address, state. Who may see the contract and not these is shown none.
async fn requests(ctx: &Context, visitor: &Visitor, id: i64) -> Result<Vec<(String, String, Cell)>, Error> {
    let query = ChangeRequestQuery {
        limit: REQUESTS,
        ..ChangeRequestQuery::default()
    };
    let page = change_requests::list::list_of_contract(ctx, visitor.caller.actor.clone(), id, query).await;
    let page = match page {
        Ok(page) => page,
        Err(Error::NotFound) => return Ok(Vec::new()),
        Err(other) => return Err(other),
    };
    let told = page.items.iter().map(|view| {
        let request = &view.request;
        (
            format!(
                "{} {}：{}",
                minute(request.requested_at),
                kind_label(request.kind),
                request.reason
            ),
            format!("/change-requests/{}", request.id),
            state_of_request(request.state()),
        )
    });
    Ok(told.collect())
}

fn revisions(contract: &Contract) -> Vec<(i64, String)> {
    let last = contract.revision;
    let first = (last - 19).max(1);
    (first..=last)
        .rev()
        .map(|n| {
            let told = match n {
                _ if n == last => "现行",
                1 => "录入",
                _ => "此前",
            };
            (n, format!("第 {n} 版（{told}）"))
        })
        .collect()
}

/// A contract in a few lines, for a page on which something is done with it.
pub fn subject(contract: &Contract, catalogue: &crate::domain::catalogue::Catalogue) -> Vec<(&'static str, String)> {
    let content = &contract.content;
    let label = |list: ListName, id: Option<&String>| {
        id.map_or_else(
            || "–".to_owned(),
            |id| catalogue.list(list).label(id).unwrap_or(id).to_owned(),
        )
    };
    let mut subject = vec![
        ("合同名称", name_of(contract)),
        ("状态", contract.state.label().to_owned()),
        ("合同类别", label(ListName::Type, content.contract_type.as_ref())),
        ("卖方", crate::web::show::text(content.seller.name.as_deref())),
        ("买方", crate::web::show::text(content.buyer.name.as_deref())),
        ("合同成交额", content.amount_fen.map_or_else(|| "–".to_owned(), amount)),
        (
            "技术交易额",
            content.technology_amount_fen.map_or_else(|| "–".to_owned(), amount),
        ),
    ];
    subject.extend(contract.registration_number.clone().map(|n| ("登记编号", n)));
    subject.extend(contract.due_on.map(|d| ("办理期限", d.to_string())));
    subject.extend(contract.claimed_by.clone().map(|who| ("领取人", who)));
    subject
}
