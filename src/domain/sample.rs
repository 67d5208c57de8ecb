//! The sample register (`config/demo/`) for tests of this room: rows by column title, and a row as a content.

use std::{collections::HashMap, fs, path::Path};

use super::{
    catalogue::Catalogue,
    code_list::ListName,
    contract::{Content, Party},
    money::parse_yuan,
    time::parse_date,
};

/// A row by column title.
pub(super) type Row = HashMap<String, String>;

/// All rows of all years.
pub(super) fn rows() -> Vec<Row> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/demo");
    (2021..=2025)
        .flat_map(|year| {
            let text = fs::read_to_string(folder.join(format!("contracts-{year}.csv"))).unwrap();
            let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
            reader.deserialize().collect::<Result<Vec<Row>, _>>().unwrap()
        })
        .collect()
}

/// The content of a row.
pub(super) fn content(row: &Row, catalogue: &Catalogue) -> Content {
    let text = |column: &str| Some(row[column].clone()).filter(|value| !value.is_empty());
    let code = |column: &str, list| text(column).map(|label| catalogue.list(list).by_label(&label).unwrap().id.clone());
    let date = |column: &str| text(column).map(|value| parse_date(&value).unwrap());
    let yuan = |column: &str| text(column).map(|value| parse_yuan(&value).unwrap());
    let party = |side: &str| Party {
        name: text(&format!("{side}名称")),
        uscc: text(&format!("{side}统一社会信用代码")),
        kind: code(&format!("{side}性质"), ListName::PartyKind),
        region: text(&format!("{side}行政区划")),
        country: row[&format!("{side}国别")].clone(),
        ..Party::default()
    };
    Content {
        project_name: text("合同名称"),
        contract_type: code("合同类别", ListName::Type),
        subtype: code("合同子类", ListName::Subtype),
        unit: code("归属单位", ListName::Unit),
        seller: party("卖方"),
        buyer: party("买方"),
        buyer_unit: code("买方所属兵团单位", ListName::Unit),
        received_on: None,
        signed_on: date("签订日期"),
        begins_on: date("合同开始日期"),
        ends_on: date("合同截止日期"),
        amount_fen: yuan("合同成交额（元）"),
        technology_amount_fen: yuan("技术交易额（元）"),
        non_technology_amount_fen: yuan("非技术性费用（元）"),
        field: code("技术领域", ListName::Field),
        plan_source: code("计划来源", ListName::PlanSource),
        plan_name: text("计划项目名称"),
        plan_number: text("计划项目编号"),
        ip_kind: code("知识产权", ListName::IpKind),
        objective: code("社会经济目标", ListName::Objective),
        payment_mode: code("支付方式", ListName::PaymentMode),
        cross_border: code("进出口", ListName::CrossBorder),
        related_party: None,
        summary: None,
    }
}
