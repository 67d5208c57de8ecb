//! `/ledger` and `/account-ledger`: what the two chains say, for auditors; verification on demand.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{
    field::Field,
    key_page::{ROWS, address, key},
    ledger_words::{Told, account_told, told},
    refusal::Refusal,
    sheet::{ActLink, Section, Sheet},
    table::{Cell, Column, Row, Table},
    visitor::Visitor,
};
use crate::{
    domain::catalogue::Catalogue,
    http::query::Query,
    usecases::{
        Context, Error, account_ledger,
        ledger::{
            self, Head, StoredEntry, Verification,
            verdict::{self, Verdict},
        },
        people::Names,
    },
};

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chain {
    /// Of the register.
    Register,
    /// Of accounts.
    Accounts,
}

impl Chain {
    const fn place(self) -> &'static str {
        match self {
            Self::Register => "/ledger",
            Self::Accounts => "/account-ledger",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Register => "登记账",
            Self::Accounts => "账户账",
        }
    }

    /// The link to the other one.
    fn other(self) -> ActLink {
        let other = match self {
            Self::Register => Self::Accounts,
            Self::Accounts => Self::Register,
        };
        ActLink::new(format!("看{}", other.title()), other.place())
    }

    fn told(self, catalogue: &Catalogue, names: &Names, entry: &StoredEntry) -> Told {
        match self {
            Self::Register => told(catalogue, names, entry),
            Self::Accounts => account_told(catalogue, names, entry),
        }
    }

    async fn head(self, ctx: &Context) -> Result<Head, Error> {
        match self {
            Self::Register => ledger::head(ctx).await,
            Self::Accounts => account_ledger::head(ctx).await,
        }
    }

    async fn after(self, ctx: &Context, sequence: i64, limit: i64) -> Result<Vec<StoredEntry>, Error> {
        match self {
            Self::Register => ledger::after(ctx, sequence, limit).await,
            Self::Accounts => account_ledger::after(ctx, sequence, limit).await,
        }
    }

    /// What the verdict says of this chain.
    const fn of(self, verdict: &Verdict) -> &Verification {
        match self {
            Self::Register => &verdict.ledger,
            Self::Accounts => &verdict.accounts,
        }
    }
}

async fn list(ctx: &Context, visitor: &Visitor, request: &HttpRequest, chain: Chain) -> Result<HttpResponse, Refusal> {
    ledger::may_read(&visitor.caller.actor)?;
    let mut query = Query::parse(request.query_string());
    let from = query.integer("from", 1..=i64::MAX);
    query.finish()?;
    let head = chain.head(ctx).await?;
    let place = chain.place();
    // Without a place to begin at, the last page.
    let from = from.unwrap_or_else(|| head.sequence.saturating_sub(ROWS - 1).max(1));
    let entries = chain.after(ctx, from - 1, ROWS).await?;
    let last = entries.last().map_or(from, |e| e.sequence);
    let at = |from: i64| address(place, &[("from", Some(from.max(1).to_string()))]);
    let table = Table {
        total: None,
        caption: format!("第 {from} 条起"),
        columns: columns(chain),
        rows: entries
            .iter()
            .map(|e| row(chain, (&ctx.catalogue, &visitor.names), e))
            .collect(),
        empty: "没有条目。".to_owned(),
        next: (last < head.sequence).then(|| at(last.saturating_add(1))),
        first: (from > 1).then(|| at(1)),
        tick: None,
    };
    let mut sheet = Sheet::list(visitor.shell(chain.title()).at("/ledger").wide(), table).filtered(
        place,
        vec![Field::integer("from", "从第几条起").value(from.to_string())],
    );
    sheet.facts = vec![
        ("最后一条", Cell::text(head.sequence.to_string())),
        ("最后哈希", Cell::text(head.hash)),
    ];
    sheet.lead = "只增不改，每条带有前一条的哈希。请定期把最后一条的序号和哈希抄存到他处，以便日后核对。".to_owned();
    sheet.acts = vec![
        ActLink::new("核对全部", format!("{place}/verification")).main(),
        chain.other(),
    ];
    if from > 1 {
        sheet.acts.push(ActLink::new("更早", at(from.saturating_sub(ROWS))));
    }
    if last < head.sequence {
        sheet.acts.push(ActLink::new("最新", place));
    }
    Ok(sheet.show())
}

fn columns(chain: Chain) -> Vec<Column> {
    let about = match chain {
        Chain::Register => "合同",
        Chain::Accounts => "账号",
    };
    ["序号", "时间", "操作人", "操作", about, "结果", "理由", "变更"]
        .map(|label| match label {
            "序号" => Column::number(label),
            _ => Column::text(label),
        })
        .into()
}

fn row(chain: Chain, (catalogue, names): (&Catalogue, &Names), entry: &StoredEntry) -> Row {
    let told = chain.told(catalogue, names, entry);
    Row {
        key: entry.sequence.to_string(),
        cells: vec![
            Cell::link(
                entry.sequence.to_string(),
                format!("{}/{}", chain.place(), entry.sequence),
            ),
            Cell::text(told.at),
            Cell::text(told.actor),
            Cell::text(told.action),
            told.about,
            Cell::text(told.result),
            Cell::text(told.reason),
            Cell::text(told.changes),
        ],
    }
}

async fn show(ctx: &Context, visitor: &Visitor, path: &str, chain: Chain) -> Result<HttpResponse, Refusal> {
    ledger::may_read(&visitor.caller.actor)?;
    let sequence = key(path)?;
    let found = chain.after(ctx, sequence.saturating_sub(1), 1).await?;
    let entry = found
        .into_iter()
        .find(|e| e.sequence == sequence)
        .ok_or(Error::NotFound)?;
    let told = chain.told(&ctx.catalogue, &visitor.names, &entry);
    let title = format!("{}第 {sequence} 条", chain.title());
    let mut sheet = Sheet::new(visitor.shell(&title).at("/ledger"));
    sheet.acts = vec![ActLink::new(
        "返回",
        address(chain.place(), &[("from", Some(sequence.to_string()))]),
    )];
    sheet.facts = vec![
        ("时间", Cell::text(told.at)),
        ("操作人", Cell::text(told.actor)),
        ("操作", Cell::text(told.action)),
        ("对象", told.about),
        ("结果", Cell::text(told.result)),
        ("理由", Cell::text(told.reason)),
        ("前一条的哈希", Cell::text(entry.previous_hash)),
        ("本条的哈希", Cell::text(entry.hash)),
    ];
    sheet.sections = vec![
        Section {
            texts: vec![told.all_changes],
            ..Section::facts("changes", "变更", Vec::new())
        },
        Section {
            texts: vec![entry.entry],
            ..Section::facts("entry", "存储的原文", Vec::new())
        }
        .lead("规范 JSON（RFC 8785）。哈希是“前一条的哈希、换行、原文”的 SHA-256。"),
    ];
    Ok(sheet.show())
}

async fn verification(ctx: &Context, visitor: &Visitor, chain: Chain) -> Result<HttpResponse, Refusal> {
    ledger::may_read(&visitor.caller.actor)?;
    let verdict = verdict::verify(ctx, None).await?;
    let found = chain.of(&verdict);
    let title = format!("核对{}", chain.title());
    let mut sheet = Sheet::new(visitor.shell(&title).at("/ledger"));
    sheet.acts = vec![ActLink::new("返回", chain.place())];
    // The head line says the worst of all that was looked at, whichever chain the page is of.
    let wrong = verdict.wrong();
    let conclusion = match wrong.is_empty() {
        true => Cell::mark("完整，没有改动", "good"),
        false => Cell::mark(wrong.join("；"), "bad"),
    };
    sheet.facts = vec![
        ("结论", conclusion),
        ("核对无误的条数", Cell::text(found.verified.to_string())),
        ("其中最后一条", Cell::text(found.head.sequence.to_string())),
        ("其哈希", Cell::text(found.head.hash.clone())),
    ];
    if let Some(fault) = &found.fault {
        sheet.facts.push(("第一处错误", Cell::text(fault.told())));
    }
    let register = match verdict.register.as_ref().map(|register| register.differing) {
        // What a broken chain says of the register proves nothing.
        None => Cell::mark("账有误，未核对", "bad"),
        Some(0) => Cell::mark("相符", "good"),
        Some(n) => Cell::mark(format!("{n} 处不符"), "bad"),
    };
    sheet.facts.push(("登记簿与账", register));
    if let Some(register) = &verdict.register {
        sheet
            .facts
            .push(("核对的登记簿项数", Cell::text(register.checked.to_string())));
        if let Some(pin) = register.pinned {
            let told = format!("登记账第 {} 条，{}", pin.sequence, super::show::minute(pin.at));
            sheet.facts.push(("旧版本数据的固定", Cell::text(told)));
        }
        for fault in &register.faults {
            let number = fault.registration_number.as_ref().map(|n| format!("（登记编号 {n}）"));
            let told = format!("{}{}：{}", fault.subject, number.unwrap_or_default(), fault.told());
            sheet.facts.push(("不符之处", Cell::text(told)));
        }
    }
    let schema = match verdict.schema.len() {
        0 => Cell::mark("相符", "good"),
        n => Cell::mark(format!("{n} 处不符"), "bad"),
    };
    sheet.facts.push(("数据库结构", schema));
    for fault in &verdict.schema {
        sheet.facts.push(("不符之处", Cell::text(fault.told())));
    }
    sheet.lead = format!("已从第一条起逐条重新计算，{}。", super::show::minute(ctx.clock.now()));
    Ok(sheet.show())
}

#[get("/ledger")]
pub async fn list_ledger(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    list(&ctx, &visitor, &request, Chain::Register).await
}

#[get("/ledger/verification")]
pub async fn verify_ledger(ctx: web::Data<Context>, visitor: Visitor) -> Result<HttpResponse, Refusal> {
    verification(&ctx, &visitor, Chain::Register).await
}

#[get("/ledger/{sequence}")]
pub async fn show_ledger_entry(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    show(&ctx, &visitor, &path, Chain::Register).await
}

#[get("/account-ledger")]
pub async fn list_account_ledger(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    list(&ctx, &visitor, &request, Chain::Accounts).await
}

#[get("/account-ledger/verification")]
pub async fn verify_account_ledger(ctx: web::Data<Context>, visitor: Visitor) -> Result<HttpResponse, Refusal> {
    verification(&ctx, &visitor, Chain::Accounts).await
}

#[get("/account-ledger/{sequence}")]
pub async fn show_account_ledger_entry(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    show(&ctx, &visitor, &path, Chain::Accounts).await
}
