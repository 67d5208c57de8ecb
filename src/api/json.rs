//! From a JSON value to a typed one with every wrong field named, not the first.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::domain::error::FieldError;

/// Wrong fields named at most: a document with more is wrong as a whole.
const MOST: usize = 100;

/// A document that a caller sends.
pub trait Document: DeserializeOwned {
    /// Pointers at which an array may stand. Everywhere else one is an error: serde would take it for a struct.
    const ARRAYS: &'static [&'static str] = &[];
    /// Set for a document that is kept as it came and read as another one later: that one tells of its arrays.
    const AS_IT_CAME: bool = false;
}

/// Stand-ins for a wrong value, one of which is fine nearly everywhere, so that reading can go on to the next wrong one.
const STAND_INS: [fn() -> Value; 4] = [
    || Value::Null,
    || Value::from(0),
    || Value::Object(serde_json::Map::new()),
    || Value::String(String::new()),
];

/// Reads `value` as a `T`; unknown fields are errors too.
///
/// # Errors
/// Every field that is not of its type, and every unknown one.
pub fn typed<T: Document>(mut value: Value) -> Result<T, Vec<FieldError>> {
    let mut errors = Vec::new();
    if !T::AS_IT_CAME {
        refuse_arrays("", &mut value, T::ARRAYS, &mut errors);
    }
    let mut tried = (String::new(), 0);
    while errors.len() < MOST {
        match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(typed) => {
                errors.extend(unknown_fields::<T>(&value));
                return if errors.is_empty() { Ok(typed) } else { Err(errors) };
            }
            Err(error) => {
                let pointer = pointer_of(error.path());
                let detail = explain(&pointer, &error.inner().to_string());
                let code = if value.pointer(&pointer).is_some() {
                    "wrong_type"
                } else {
                    "required"
                };
                if errors.last().is_none_or(|e| e.pointer != pointer) {
                    errors.push(FieldError::new(pointer.clone(), code, detail));
                }
                // Set aside what is wrong and go on; where that cannot be done, the list is complete enough.
                if tried.0 != pointer {
                    tried = (pointer.clone(), 0);
                }
                match (value.pointer_mut(&pointer), STAND_INS.get(tried.1)) {
                    (Some(wrong), Some(stand_in)) if !pointer.is_empty() => *wrong = stand_in(),
                    _ => break,
                }
                tried.1 += 1;
            }
        }
    }
    Err(errors)
}

fn refuse_arrays(at: &str, value: &mut Value, allowed: &[&str], errors: &mut Vec<FieldError>) {
    match value {
        _ if errors.len() >= MOST => {}
        Value::Array(_) if !allowed.contains(&at) => {
            errors.push(FieldError::new(at, "wrong_type", "此处不应为数组。"));
            *value = Value::Null;
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                refuse_arrays(&format!("{at}/{index}"), item, allowed, errors);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                refuse_arrays(&format!("{at}/{}", escaped(key)), field, allowed, errors);
            }
        }
        _ => {}
    }
}

fn unknown_fields<T: DeserializeOwned>(value: &Value) -> Vec<FieldError> {
    let mut unknown = Vec::new();
    // The result is known to be fine; this pass only collects what was ignored.
    let _ = serde_ignored::deserialize::<_, _, T>(value, |path| {
        if unknown.len() == MOST {
            return;
        }
        unknown.push(FieldError::new(
            ignored_pointer(&path),
            "unknown_field",
            "没有这个字段，或不可由此修改。",
        ));
    });
    unknown
}

fn ignored_pointer(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}/{index}", ignored_pointer(parent)),
        Path::Map { parent, key } => format!("{}/{}", ignored_pointer(parent), escaped(key)),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
            ignored_pointer(parent)
        }
    }
}

/// A key as a part of an RFC 6901 pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn pointer_of(path: &serde_path_to_error::Path) -> String {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } => Some(format!("/{}", escaped(key))),
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// Serde's English in the words of whoever typed the value.
fn explain(pointer: &str, message: &str) -> String {
    let expected = message.split_once("expected ").map_or("", |(_, e)| e);
    let what = if pointer.ends_with("_on") {
        "应为日期，格式 YYYY-MM-DD"
    } else if expected.starts_with("i64") || expected.starts_with("i32") {
        if pointer.ends_with("_fen") {
            "应为整数（单位：分）"
        } else {
            "应为整数"
        }
    } else if expected.starts_with("a boolean") {
        "应为 true 或 false"
    } else if expected.starts_with("a string") {
        "应为文本"
    } else if expected.starts_with("a sequence") {
        "应为数组"
    } else if expected.starts_with("struct") || expected.starts_with("a map") {
        "应为 JSON 对象"
    } else {
        "值的类型或格式不正确"
    };
    format!("{what}。")
}

/// Tells a null that the caller wrote from a field that is absent (`#[serde(default)]`): for merge patches.
pub fn present<'de, T: serde::Deserialize<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    <Option<T> as serde::Deserialize>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Inner {
        name: Option<String>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Outer {
        amount_fen: Option<i64>,
        signed_on: Option<chrono::NaiveDate>,
        inner: Inner,
    }

    impl Document for Outer {}

    #[test]
    fn every_wrong_field_is_named() {
        let value = json!({"amount_fen": "x", "signed_on": "2025-13-01", "inner": {"name": 7, "colour": 1}, "size": 2});
        let found: Vec<_> = typed::<Outer>(value)
            .unwrap_err()
            .into_iter()
            .map(|e| (e.pointer, e.code))
            .collect();
        assert_eq!(
            found,
            [
                ("/amount_fen".to_owned(), "wrong_type"),
                ("/signed_on".to_owned(), "wrong_type"),
                ("/inner/name".to_owned(), "wrong_type"),
                ("/inner/colour".to_owned(), "unknown_field"),
                ("/size".to_owned(), "unknown_field"),
            ]
        );
        let read = typed::<Outer>(json!({"amount_fen": 5, "inner": {"name": "x"}})).unwrap();
        assert_eq!(
            (read.amount_fen, read.inner.name.as_deref(), read.signed_on),
            (Some(5), Some("x"), None)
        );
        assert_eq!(typed::<Outer>(json!([])).unwrap_err().len(), 1);
        assert_eq!(
            typed::<Outer>(json!({"a/b.c~": {"": 1}})).unwrap_err()[0].pointer,
            "/a~1b.c~0"
        );
        assert_eq!(
            typed::<Outer>(json!({"inner": ["x"]})).unwrap_err()[0].pointer,
            "/inner"
        );
        assert_eq!(typed::<Outer>(json!({"inner": 5})).unwrap_err()[0].pointer, "/inner");
    }
}
