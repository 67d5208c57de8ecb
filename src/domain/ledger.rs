//! The ledger's entries: what is said of an act, its canonical text, and the hash that chains it to the one before.
//!
//! Anyone can verify the chain without this program: `hash` = lower-case hex of SHA-256(previous_hash + "\n" + entry),
//! `entry` being canonical JSON (RFC 8785) and the first `previous_hash` 64 zeros.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub use super::canonical::{canonical, canonical_value};
use super::{contract::Content, time::Moment};

/// `previous_hash` of the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One changed field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// RFC 6901 pointer into the contract as the API shows it.
    pub pointer: String,
    /// Value before.
    pub from: Value,
    /// Value after.
    pub to: Value,
}

/// What the ledger says of one act, once it has its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 1, 2, 3 … without a gap.
    pub sequence: i64,
    /// The act.
    #[serde(flatten)]
    pub act: Act,
    /// How the rows that it wrote look after it; entries of earlier versions do not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub register: Vec<Binding>,
}

/// How the rows of something look after an act that wrote some.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// What it is: `kind/key`, `contract/7` say.
    pub subject: String,
    /// For each table that was written: SHA-256 over the rows that it has there now, lower-case hex; null where it has none.
    pub tables: BTreeMap<String, Option<String>>,
}

/// One act, to be entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When the act happened.
    pub at: Moment,
    /// Username, or `cli:<system user>`.
    pub actor: String,
    /// Id of the role used; none on the command line.
    pub role: Option<String>,
    /// Key of the contract; none for acts on none.
    pub contract: Option<i64>,
    /// Id of the action.
    pub action: String,
    /// State before; none where the contract was not there.
    pub from: Option<String>,
    /// State after; none where the contract is gone.
    pub to: Option<String>,
    /// Reason in words.
    pub reason: Option<String>,
    /// Changed fields.
    pub changes: Vec<Change>,
}

impl Entry {
    /// The entry's text: canonical JSON (RFC 8785).
    ///
    /// # Errors
    /// Where a value has no JSON form; entries are built of such that have.
    pub fn canonical(&self) -> Result<String, serde_json::Error> {
        canonical(self)
    }
}

/// Lower-case hex of SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// SHA-256 in base64, as content security policies want it.
pub fn sha256_base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(bytes))
}

/// The hash that chains `entry` to `previous_hash`.
pub fn chain_hash(previous_hash: &str, entry: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(previous_hash.as_bytes());
    hasher.update(b"\n");
    hasher.update(entry.as_bytes());
    hex::encode(hasher.finalize())
}

/// The fields in which two contents differ, by pointer.
pub fn content_changes(before: &Content, after: &Content) -> Vec<Change> {
    let (Ok(before), Ok(after)) = (serde_json::to_value(before), serde_json::to_value(after)) else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    collect_changes("", &before, &after, &mut changes);
    changes
}

fn collect_changes(at: &str, before: &Value, after: &Value, changes: &mut Vec<Change>) {
    if let (Value::Object(b), Value::Object(a)) = (before, after) {
        for (key, value) in b {
            collect_changes(
                &format!("{at}/{key}"),
                value,
                a.get(key).unwrap_or(&Value::Null),
                changes,
            );
        }
    } else if before != after {
        let pointer = if at == "/buyer_unit" { "/buyer/unit" } else { at };
        changes.push(Change {
            pointer: pointer.to_owned(),
            from: before.clone(),
            to: after.clone(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_canonical_and_chains() {
        let entry = Entry {
            sequence: 1,
            act: Act {
                at: Moment::from_micros(0),
                actor: "张三".into(),
                role: None,
                contract: Some(7),
                action: "submit".into(),
                from: Some("draft".into()),
                to: Some("submitted".into()),
                reason: None,
                changes: Vec::new(),
            },
            register: Vec::new(),
        };
        let text = entry.canonical().unwrap();
        assert_eq!(
            text,
            r#"{"action":"submit","actor":"张三","at":"1970-01-01T08:00:00.000000+08:00","changes":[],"contract":7,"from":"draft","reason":null,"role":null,"sequence":1,"to":"submitted"}"#
        );
        assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
        // printf '%064d\nabc' 0 | sha256sum
        assert_eq!(
            chain_hash(GENESIS, "abc"),
            sha256_hex(format!("{GENESIS}\nabc").as_bytes())
        );
    }

    #[test]
    fn changes_name_the_fields() {
        let before = Content::default();
        let mut after = before.clone();
        after.seller.name = Some("甲".into());
        after.buyer_unit = Some("div_01".into());
        let pointers: Vec<_> = content_changes(&before, &after)
            .into_iter()
            .map(|c| c.pointer)
            .collect();
        assert_eq!(pointers, ["/seller/name", "/buyer/unit"]);
    }
}
