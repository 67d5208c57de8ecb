//! The fields of a contract: what they are called, in which section they stand, and what stands in them, in words. Fields are known by
//! their pointers (RFC 6901) into the contract as the API shows it.

use serde_json::{Map, Value};

use super::show::{NOTHING, yuan};
use crate::domain::{
    catalogue::Catalogue,
    code_list::ListName,
    contract::{Content, ReturnItem},
    error::FieldError,
    ledger::Change,
    money::{FEN_PER_WAN_YUAN, Fen, format_ratio},
    regions,
};
use crate::http::merge_patch::merge;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A line of text.
    Text,
    /// Several lines.
    Lines,
    /// An entry of a code list.
    Code(ListName),
    /// A region of GB/T 2260.
    Region,
    /// An amount in fen.
    Amount,
    /// A day.
    Day,
    /// Yes or no.
    YesNo,
}

/// A field of a contract's content.
#[derive(Debug, Clone, Copy)]
pub struct ContractField {
    /// Its pointer.
    pub pointer: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What it holds.
    pub holds: Holds,
}

const fn field(pointer: &'static str, label: &'static str, holds: Holds) -> ContractField {
    ContractField { pointer, label, holds }
}

use Holds::{Amount, Code, Day, Lines, Region, Text, YesNo};

/// The sections of a contract, in the order of the register's form.
pub const SECTIONS: &[(&str, &[ContractField])] = &[
    (
        "项目",
        &[
            field("/project_name", "合同名称", Text),
            field("/type", "合同类别", Code(ListName::Type)),
            field("/subtype", "合同子类", Code(ListName::Subtype)),
            field("/unit", "归属单位", Code(ListName::Unit)),
            field("/field", "技术领域", Code(ListName::Field)),
            field("/plan_source", "计划来源", Code(ListName::PlanSource)),
            field("/plan_name", "计划项目名称", Text),
            field("/plan_number", "计划项目编号", Text),
            field("/ip_kind", "知识产权", Code(ListName::IpKind)),
            field("/objective", "社会经济目标", Code(ListName::Objective)),
            field("/cross_border", "进出口", Code(ListName::CrossBorder)),
            field("/related_party", "关联交易", YesNo),
        ],
    ),
    (
        "金额与支付",
        &[
            field("/amount_fen", "合同成交额", Amount),
            field("/technology_amount_fen", "技术交易额", Amount),
            field("/non_technology_amount_fen", "非技术性费用", Amount),
            field("/payment_mode", "支付方式", Code(ListName::PaymentMode)),
        ],
    ),
    (
        "日期",
        &[
            field("/received_on", "受理日期", Day),
            field("/signed_on", "签订日期", Day),
            field("/begins_on", "合同开始日期", Day),
            field("/ends_on", "合同截止日期", Day),
        ],
    ),
    (
        "卖方",
        &[
            field("/seller/name", "卖方名称", Text),
            field("/seller/uscc", "卖方信用代码", Text),
            field("/seller/kind", "卖方性质", Code(ListName::PartyKind)),
            field("/seller/region", "卖方行政区划", Region),
            field("/seller/country", "卖方国别", Code(ListName::Country)),
            field("/seller/address", "卖方地址", Text),
            field("/seller/legal_representative", "卖方法定代表人", Text),
            field("/seller/contact", "卖方联系人", Text),
            field("/seller/phone", "卖方电话", Text),
        ],
    ),
    (
        "买方",
        &[
            field("/buyer/name", "买方名称", Text),
            field("/buyer/uscc", "买方信用代码", Text),
            field("/buyer/kind", "买方性质", Code(ListName::PartyKind)),
            field("/buyer/region", "买方行政区划", Region),
            field("/buyer/country", "买方国别", Code(ListName::Country)),
            field("/buyer/unit", "买方所属兵团单位", Code(ListName::Unit)),
            field("/buyer/address", "买方地址", Text),
            field("/buyer/legal_representative", "买方法定代表人", Text),
            field("/buyer/contact", "买方联系人", Text),
            field("/buyer/phone", "买方电话", Text),
        ],
    ),
    ("内容摘要", &[field("/summary", "内容摘要", Lines)]),
];

/// What the ledger tells of a contract beside its content.
const STANDING: &[ContractField] = &[
    field("/registration_number", "登记编号", Text),
    field("/national_number", "国家登记编号", Text),
    field("/reported_on", "国家登记日期", Text),
    field("/registrar_certificate", "登记员证书", Text),
    field("/rule_set", "适用规则", Text),
    field("/due_on", "办理期限", Text),
    field("/claimed_by", "领取人", Text),
    field("/agency", "登记机构", Text),
    field("/state", "状态", Text),
];

/// Every field of the content.
pub fn fields() -> impl Iterator<Item = &'static ContractField> {
    SECTIONS.iter().flat_map(|(_, fields)| fields.iter())
}

/// The field of a pointer, of the content or of what the ledger tells beside it.
pub fn field_of(pointer: &str) -> Option<&'static ContractField> {
    fields().chain(STANDING).find(|f| f.pointer == pointer)
}

/// What a pointer's field is called; the whole contract where it names none.
pub fn label_of(pointer: &str) -> &'static str {
    let label = field_of(pointer).map(|f| f.label);
    label.unwrap_or_else(|| match pointer.split('/').nth(1) {
        Some("seller") => "卖方",
        Some("buyer") => "买方",
        Some("attachments") => "附件",
        _ => "合同",
    })
}

/// What an item of a return is about: a field, a paper of some kind, or the contract.
pub fn about(catalogue: &Catalogue, item: &ReturnItem) -> String {
    match (&item.pointer, &item.attachment) {
        (_, Some(kind)) => {
            let label = catalogue.list(ListName::AttachmentKind).label(kind);
            format!("附件：{}", label.unwrap_or(kind))
        }
        (Some(pointer), None) => label_of(pointer).to_owned(),
        (None, None) => "合同".to_owned(),
    }
}

/// A content as the API shows it: the buyer's unit stands with the buyer.
pub fn shown(content: &Content) -> Value {
    let mut value = serde_json::to_value(content).unwrap_or_default();
    let unit = value.as_object_mut().and_then(|map| map.shift_remove("buyer_unit"));
    if let (Some(unit), Some(buyer)) = (unit, value.get_mut("buyer").and_then(Value::as_object_mut)) {
        buyer.insert("unit".to_owned(), unit);
    }
    value
}

/// A content with a merge patch (RFC 7396) applied to it as the API shows it.
///
/// # Errors
/// A patch that makes no content of it.
pub fn patched(patch: &Value, before: &Content) -> Result<Content, Vec<FieldError>> {
    let mut value = shown(before);
    merge(&mut value, patch);
    let unit = value
        .get_mut("buyer")
        .and_then(Value::as_object_mut)
        .and_then(|buyer| buyer.shift_remove("unit"));
    if let (Some(unit), Some(map)) = (unit, value.as_object_mut()) {
        map.insert("buyer_unit".to_owned(), unit);
    }
    serde_json::from_value(value).map_err(|e| vec![FieldError::new("", "malformed", e.to_string())])
}

/// Puts a value into a merge patch.
pub fn put(patch: &mut Map<String, Value>, pointer: &str, value: Value) {
    let mut parts = pointer.split('/').skip(1);
    let (Some(first), second) = (parts.next(), parts.next()) else {
        return;
    };
    match second {
        None => {
            patch.insert(first.to_owned(), value);
        }
        Some(second) => {
            let inner = patch
                .entry(first.to_owned())
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                inner.insert(second.to_owned(), value);
            }
        }
    }
}

/// An amount for reading: 元 and, beside it, 万元.
pub fn amount(fen: Fen) -> String {
    match format_ratio(i128::from(fen), FEN_PER_WAN_YUAN, 2) {
        Some(wan) if fen.abs() >= 1_000_000 => format!("{} 元（{wan} 万元）", yuan(fen)),
        _ => format!("{} 元", yuan(fen)),
    }
}

/// A value of a field in words.
pub fn words(catalogue: &Catalogue, holds: Holds, value: &Value) -> String {
    match (holds, value) {
        (_, Value::Null) => NOTHING.to_owned(),
        (Amount, value) => value.as_i64().map_or_else(|| value.to_string(), amount),
        (Code(list), Value::String(id)) => catalogue.list(list).label(id).unwrap_or(id).to_owned(),
        (Region, Value::String(code)) => match regions::name_of(code) {
            Some(name) => format!("{code} {name}"),
            None => code.clone(),
        },
        (YesNo, Value::Bool(yes)) => if *yes { "是" } else { "否" }.to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, value) => value.to_string(),
    }
}

/// One changed field: what it is called, what stood there, what stands there.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Its pointer.
    pub pointer: String,
    /// What it is called.
    pub label: &'static str,
    /// Before.
    pub from: String,
    /// After.
    pub to: String,
}

/// Changes in words; those that are no single values are left out: the act's reason says them.
pub fn changed(catalogue: &Catalogue, changes: &[Change]) -> Vec<Changed> {
    let told = |change: &Change| {
        let field = field_of(&change.pointer)?;
        Some(Changed {
            pointer: change.pointer.clone(),
            label: field.label,
            from: words(catalogue, field.holds, &change.from),
            to: words(catalogue, field.holds, &change.to),
        })
    };
    changes.iter().filter_map(told).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_field_of_the_content_has_a_name() {
        let content = shown(&Content::default());
        for (key, value) in content.as_object().unwrap() {
            let pointers: Vec<String> = match value.as_object() {
                Some(inner) => inner.keys().map(|k| format!("/{key}/{k}")).collect(),
                None => vec![format!("/{key}")],
            };
            for pointer in pointers {
                assert!(fields().any(|f| f.pointer == pointer), "{pointer}");
            }
        }
        for field in fields() {
            assert!(content.pointer(field.pointer).is_some(), "{}", field.pointer);
        }
    }

    #[test]
    fn a_patch_says_what_becomes_of_a_content() {
        let before = Content {
            buyer_unit: Some("div_01".to_owned()),
            ..Content::default()
        };
        let mut patch = Map::new();
        put(&mut patch, "/buyer/unit", Value::Null);
        put(&mut patch, "/buyer/name", json!("某某农场"));
        put(&mut patch, "/amount_fen", json!(100));
        let after = patched(&Value::Object(patch), &before).unwrap();
        assert_eq!(
            (after.buyer_unit, after.buyer.name.as_deref(), after.amount_fen),
            (None, Some("某某农场"), Some(100))
        );
        assert_eq!(after.buyer.country, "CHN");
    }
}
