//! What stands in the fields of a contract, in words; what they are called and in which section they stand is `domain::fields`.

use serde_json::{Map, Value};

use Holds::{Amount, Code, Region, YesNo};

use super::show::{NOTHING, yuan};
pub use crate::domain::fields::{ContractField, Holds, SECTIONS, field_of, fields, label_of};
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
