//! The minutes 论证纪要 of a closed panel, to be read, printed or taken along.

use actix_web::{HttpResponse, get, http::header, web};

use super::{PLACE, address_of};
use crate::{
    documents::expert_minutes::{Item, Vote},
    domain::money::parse_yuan,
    http::download::disposition,
    usecases::{
        Context,
        expert_reviews::minutes::{minutes, minutes_pdf},
    },
    web::{
        key_page::key,
        refusal::Refusal,
        sheet::{ActLink, Section, Sheet},
        show::{minute, yuan},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

#[get("/expert-reviews/{id}/minutes")]
pub async fn show_minutes(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let minutes = minutes(&ctx, visitor.caller.actor.clone(), id).await?;
    let mut sheet = Sheet::new(visitor.shell("技术合同专家论证纪要").at(PLACE));
    sheet.acts = vec![
        ActLink::new("下载 PDF", format!("{}/minutes.pdf", address_of(id))).main(),
        ActLink::new("返回论证", address_of(id)),
    ];
    sheet.facts = vec![
        ("名称", Cell::text(minutes.title)),
        ("编号", Cell::text(minutes.number.to_string())),
        ("日期", Cell::text(minutes.held_on.to_string())),
        ("召集人", Cell::text(minutes.convened_by)),
        ("组长", Cell::text(minutes.chair)),
        ("专家", Cell::text(minutes.members.join("、"))),
        ("结束时间", Cell::maybe(minutes.closed_at.map(minute))),
    ];
    sheet.sections = minutes
        .items
        .iter()
        .enumerate()
        .map(|(n, item)| section(n + 1, item))
        .collect();
    Ok(sheet.show())
}

fn section(number: usize, item: &Item) -> Section {
    let counted = item.votes.iter().filter(|v| v.counts).count();
    let conclusion = match &item.conclusion {
        Some(conclusion) => conclusion.clone(),
        None => format!("无（{}）", item.outcome),
    };
    let facts = vec![
        (
            "合同",
            Cell::link(
                format!("合同 {}", item.contract_id),
                format!("/contracts/{}", item.contract_id),
            ),
        ),
        ("卖方", Cell::text(&item.seller)),
        ("买方", Cell::text(&item.buyer)),
        (
            "合同成交额（元）",
            Cell::text(parse_yuan(&item.amount).map_or_else(|_| item.amount.clone(), yuan)),
        ),
        (
            "表决",
            Cell::text(match item.earlier.last() {
                None => format!("有表决权 {} 人，投票 {counted} 票", item.entitled),
                Some(round) => {
                    format!(
                        "第 {} 轮：有表决权 {} 人，投票 {counted} 票",
                        round.number + 1,
                        item.entitled
                    )
                }
            }),
        ),
        ("结论", Cell::text(conclusion)),
        ("理由", Cell::text(&item.reason)),
        ("办理人", Cell::text(&item.ended_by)),
    ];
    let said = |vote: &Vote, mark: Cell| -> Vec<Cell> {
        let cells = [&vote.by, &vote.vote, &vote.text].map(Cell::text);
        cells.into_iter().chain([mark]).collect()
    };
    let earlier = item.earlier.iter().flat_map(|round| {
        round.votes.iter().map(|vote| {
            let mark = match vote.counts {
                false => Cell::mark(format!("第 {} 轮，回避，不计票", round.number), "over"),
                true => Cell::mark(format!("第 {} 轮，没有多数意见", round.number), "plain"),
            };
            said(vote, mark)
        })
    });
    let votes = item.votes.iter().map(|vote| {
        let mark = match (vote.counts, vote.dissents) {
            (false, _) => Cell::mark("回避，不计票", "over"),
            (true, true) => Cell::mark("不同意见", "wait"),
            (true, false) => Cell::mark("与结论一致", "good"),
        };
        said(vote, mark)
    });
    let recusals = item.recusals.iter().map(|(who, kind, reason)| {
        vec![
            Cell::text(who),
            Cell::text("回避"),
            Cell::text(reason),
            Cell::mark(*kind, "over"),
        ]
    });
    let table = Table {
        caption: format!("合同 {} 的意见与回避", item.contract_id),
        columns: ["专家", "意见", "理由", "计票"].map(Column::text).into(),
        rows: earlier
            .chain(votes)
            .chain(recusals)
            .map(|cells: Vec<Cell>| Row {
                key: String::new(),
                cells,
            })
            .collect(),
        empty: "没有意见。".to_owned(),
        ..Table::default()
    };
    Section {
        table: Some(table),
        ..Section::facts("", format!("{number}. {}", item.project_name), facts)
    }
}

#[get("/expert-reviews/{id}/minutes.pdf")]
pub async fn download_minutes(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let pdf = minutes_pdf(&ctx, visitor.caller.actor.clone(), id).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((
            header::CONTENT_DISPOSITION,
            disposition(false, &format!("论证纪要-{id}.pdf")),
        ))
        .body(pdf))
}
