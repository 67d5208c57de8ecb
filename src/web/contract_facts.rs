//! A contract in brief, beside a form about it: what one needs to judge it.

use super::{
    sheet::Section,
    show::{NOTHING, day, text, yuan},
    table::Cell,
};
use crate::domain::{
    catalogue::Catalogue,
    code_list::ListName,
    contract::{Contract, Party},
};

/// Name of a contract; its key where it has none.
pub fn name(contract: &Contract) -> String {
    let name = contract.content.project_name.clone();
    name.unwrap_or_else(|| format!("合同 {}", contract.id))
}

/// Its main content, with the way to all of it.
pub fn brief(catalogue: &Catalogue, contract: &Contract) -> Section {
    let content = &contract.content;
    let label = |list: ListName, code: &Option<String>| {
        let label = code.as_deref().map(|c| catalogue.list(list).label(c).unwrap_or(c));
        Cell::text(label.unwrap_or(NOTHING))
    };
    let amount = |fen: Option<i64>| Cell::text(fen.map_or_else(|| NOTHING.to_owned(), |f| format!("{} 元", yuan(f))));
    let facts = vec![
        (
            "合同名称",
            Cell::link(name(contract), format!("/contracts/{}", contract.id)),
        ),
        ("登记编号", Cell::maybe(contract.registration_number.clone())),
        ("状态", super::show::state_mark(contract.state)),
        ("合同类别", label(ListName::Type, &content.contract_type)),
        ("合同子类", label(ListName::Subtype, &content.subtype)),
        ("合同成交额", amount(content.amount_fen)),
        ("技术交易额", amount(content.technology_amount_fen)),
        ("非技术性费用", amount(content.non_technology_amount_fen)),
        ("卖方", Cell::text(party(catalogue, &content.seller))),
        ("买方", Cell::text(party(catalogue, &content.buyer))),
        ("归属单位", label(ListName::Unit, &content.unit)),
        ("技术领域", label(ListName::Field, &content.field)),
        ("计划来源", label(ListName::PlanSource, &content.plan_source)),
        ("知识产权", label(ListName::IpKind, &content.ip_kind)),
        ("签订日期", Cell::text(day(content.signed_on))),
        (
            "履行期限",
            Cell::text(format!("{} 至 {}", day(content.begins_on), day(content.ends_on))),
        ),
        (
            "登记机构",
            Cell::text(text(contract.agency.as_ref().map(|a| a.name.as_str()))),
        ),
        ("内容摘要", Cell::text(text(content.summary.as_deref()))),
    ];
    Section::facts("contract", "合同", facts)
}

fn party(catalogue: &Catalogue, party: &Party) -> String {
    let mut parts = vec![text(party.name.as_deref())];
    parts.extend(party.uscc.clone());
    parts.extend(party.kind.as_deref().map(|kind| {
        let label = catalogue.list(ListName::PartyKind).label(kind);
        label.unwrap_or(kind).to_owned()
    }));
    parts.join("\n")
}
