//! Canonical JSON (RFC 8785): keys in order, no white space, one way to write each value. It is written for every act and every
//! imported row, so it is written in one go.

use serde::{Serialize, ser::Error as _};
use serde_json::{Map, Number, Value};

/// Largest integer (2^53) up to which integers and doubles are written alike.
const EXACT: u64 = 1 << 53;

/// Canonical JSON (RFC 8785) of any value. A number that is not finite reads as null.
///
/// # Errors
/// Where a value has no JSON form (a map with keys that are not text).
pub fn canonical<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    canonical_value(&serde_json::to_value(value)?)
}

/// Canonical JSON (RFC 8785) of a JSON value.
///
/// # Errors
/// None in practice: every JSON value has one.
pub fn canonical_value(value: &Value) -> Result<String, serde_json::Error> {
    let mut text = Vec::with_capacity(1024);
    write_value(&mut text, value)?;
    String::from_utf8(text).map_err(serde_json::Error::custom)
}

fn write_value(text: &mut Vec<u8>, value: &Value) -> Result<(), serde_json::Error> {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => serde_json::to_writer(text, value),
        Value::Number(number) => write_number(text, number),
        Value::Array(items) => {
            text.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(b',');
                }
                write_value(text, item)?;
            }
            text.push(b']');
            Ok(())
        }
        Value::Object(fields) => write_object(text, fields),
    }
}

fn write_object(text: &mut Vec<u8>, fields: &Map<String, Value>) -> Result<(), serde_json::Error> {
    let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
    // RFC 8785 3.2.3: by UTF-16 code units, which differs from bytes beyond the basic plane alone.
    fields.sort_unstable_by(|(a, _), (b, _)| {
        if a.is_ascii() && b.is_ascii() {
            a.cmp(b)
        } else {
            a.encode_utf16().cmp(b.encode_utf16())
        }
    });
    text.push(b'{');
    for (at, (key, value)) in fields.into_iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }
        serde_json::to_writer(&mut *text, key)?;
        text.push(b':');
        write_value(text, value)?;
    }
    text.push(b'}');
    Ok(())
}

fn write_number(text: &mut Vec<u8>, number: &Number) -> Result<(), serde_json::Error> {
    if number.as_i64().is_some_and(|n| n.unsigned_abs() <= EXACT) {
        return serde_json::to_writer(text, number);
    }
    // Fractions and integers beyond what a double holds are written as JavaScript writes them.
    text.extend_from_slice(serde_json_canonicalizer::to_string(number)?.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_value_has_one_form() {
        for (value, text) in [
            (
                json!({"b": 1, "a": {"d": [], "c": {}}}),
                r#"{"a":{"c":{},"d":[]},"b":1}"#,
            ),
            (
                json!(["\u{20ac}$\u{000f}\nA'B\"\\\\\"/", null, true]),
                "[\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\",null,true]",
            ),
            (
                json!([1e30, 4.50, 0.002, 1e-27, -0.0, 1.0]),
                "[1e+30,4.5,0.002,1e-27,0,1]",
            ),
            (
                json!([i64::MAX, -9_007_199_254_740_993_i64, u64::MAX]),
                "[9223372036854776000,-9007199254740992,18446744073709552000]",
            ),
            // RFC 8785 3.2.3: a surrogate pair comes before U+FB33.
            (
                json!({"\u{fb33}": 1, "\u{1f600}": 2, "é": 3}),
                "{\"é\":3,\"\u{1f600}\":2,\"\u{fb33}\":1}",
            ),
        ] {
            assert_eq!(canonical(&value).unwrap(), text);
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1_000_000_i64..1_000_000).prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((".*", inner), 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_what_another_writer_of_the_standard_writes(value in any_value()) {
            prop_assert_eq!(canonical(&value).unwrap(), serde_json_canonicalizer::to_string(&value).unwrap());
        }
    }
}
