//! `/self-audits`: self-audits 自查, a file per page or kind of page.

pub mod acts;
pub mod create;
pub mod item;
pub mod list;
pub mod report;
pub mod show;

use crate::{
    domain::{
        catalogue::Catalogue,
        code_list::ListName,
        self_audit::{AuditState, Design, Filter, ItemState, StratifyBy},
    },
    usecases::self_audits::{Item, read::Auditor},
};

use super::{
    field::Choice,
    show::{NOTHING, wan},
    table::Cell,
};

/// Where self-audits are.
const PLACE: &str = "/self-audits";

fn address_of(id: i64) -> String {
    format!("{PLACE}/{id}")
}

fn state_mark(state: AuditState) -> Cell {
    let kind = match state {
        AuditState::Drawn => "wait",
        AuditState::Completed => "good",
        AuditState::Abandoned => "over",
    };
    Cell::mark(state.label(), kind)
}

const fn item_label(state: ItemState) -> &'static str {
    match state {
        ItemState::Open => "待检查",
        ItemState::Right => "无误",
        ItemState::Wrong => "有误",
    }
}

fn item_mark(item: &Item) -> Cell {
    let kind = match item.state {
        ItemState::Open => "wait",
        ItemState::Right => "good",
        ItemState::Wrong => "bad",
    };
    Cell::mark(item_label(item.state), kind)
}

/// What completion did with a wrong contract.
fn outcome(item: &Item) -> &'static str {
    match item.outcome.as_deref() {
        Some("revoked") => "已撤销登记",
        Some("already_ended") => "此前已撤销或注销",
        _ => NOTHING,
    }
}

const fn criterion(by: StratifyBy) -> &'static str {
    match by {
        StratifyBy::Unit => "归属单位",
        StratifyBy::Type => "合同类别",
        StratifyBy::Field => "技术领域",
    }
}

/// Ids, names and explanations of the ways to draw.
const DESIGNS: [(&str, &str, &str); 5] = [
    ("all", "全部检查", "范围内的合同全部检查，不抽样。"),
    ("random", "简单随机抽样", "每份合同机会相等。填抽取数量。"),
    (
        "stratified",
        "分层随机抽样",
        "按归属单位、合同类别或技术领域分层，每层至少一份。填数量或比例，选分层依据。",
    ),
    (
        "amount_weighted",
        "按金额加权抽样",
        "金额越大机会越大，适合估计有误金额。填抽取数量。",
    ),
    (
        "risky_first",
        "风险优先",
        "检查项（A01–A30）问题最多、最重的先查；不能推断总体。填抽取数量。",
    ),
];

/// Of which contracts it drew, in words.
fn scope(filter: &Filter, catalogue: &Catalogue) -> String {
    let label = |list: ListName, code: &String| catalogue.list(list).label(code).unwrap_or(code).to_owned();
    let parts: Vec<String> = [
        filter
            .unit
            .as_ref()
            .map(|c| format!("归属单位为{}", label(ListName::Unit, c))),
        filter
            .contract_type
            .as_ref()
            .map(|c| format!("合同类别为{}", label(ListName::Type, c))),
        filter
            .field
            .as_ref()
            .map(|c| format!("技术领域为{}", label(ListName::Field, c))),
        filter.agency.as_ref().map(|c| format!("登记机构为 {c}")),
        filter
            .amount_from_fen
            .map(|f| format!("合同成交额不低于 {} 万元", wan(f))),
        filter
            .amount_to_fen
            .map(|f| format!("合同成交额不高于 {} 万元", wan(f))),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        "当年确认且有效的全部登记合同".to_owned()
    } else {
        format!("当年确认且有效的登记合同，{}", parts.join("，"))
    }
}

/// How it drew, in words.
fn design(design: &Design) -> String {
    let mut text = design.label().to_owned();
    match design {
        Design::All => {}
        Design::Random { size, .. } | Design::AmountWeighted { size, .. } | Design::RiskyFirst { size } => {
            text.push_str(&format!("，{size} 份"));
        }
        Design::Stratified { by, size, rate, .. } => {
            let names: Vec<&str> = by.iter().map(|b| criterion(*b)).collect();
            text.push_str(&format!("，按{}分层", names.join("、")));
            text.push_str(&size.map(|n| format!("，{n} 份（每层至少 1 份）")).unwrap_or_default());
            text.push_str(
                &rate
                    .map(|r| format!("，{}（每层至少 1 份）", percent(r)))
                    .unwrap_or_default(),
            );
        }
    }
    if let Some(seed) = design.seed() {
        text.push_str(&format!("，种子“{seed}”"));
    }
    text
}

/// A share as people write it.
fn percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

/// Which part of the population, in words.
fn stratum(id: &str, catalogue: &Catalogue) -> String {
    let lists = [ListName::Unit, ListName::Type, ListName::Field];
    let word = |code: &str| match code {
        "all" => "全部".to_owned(),
        "certain" => "必查（金额大）".to_owned(),
        "sampled" => "抽查".to_owned(),
        "-" => "不明".to_owned(),
        code => {
            let known = lists.into_iter().find_map(|list| catalogue.list(list).label(code));
            known.unwrap_or(code).to_owned()
        }
    };
    id.split('/').map(word).collect::<Vec<_>>().join(" / ")
}

fn people(auditors: Vec<Auditor>) -> Vec<Choice> {
    let people = auditors.into_iter();
    people
        .map(|a| crate::web::people::person(a.username, a.full_name))
        .collect()
}
