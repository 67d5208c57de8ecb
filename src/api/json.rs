//! From a JSON value to a typed one with every wrong field named, not the first.

use std::collections::HashMap;

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

/// Elements of an array that are never taken off, so that a short array of fixed length stays what it is.
const SHORT: usize = 16;

/// Reads `value` as a `T`; unknown fields are errors too. Reading goes on behind each wrong value: what was read before it is not read
/// again, so that a document with many wrong fields costs no more than a few readings of it.
///
/// # Errors
/// Every field that is not of its type, and every unknown one.
pub fn typed<T: Document>(mut value: Value) -> Result<T, Vec<FieldError>> {
    let mut errors = Vec::new();
    if !T::AS_IT_CAME {
        refuse_arrays(&mut Vec::new(), &mut value, T::ARRAYS, &mut errors);
    }
    let mut unknown = Vec::new();
    let mut rest = Rest::of(value);
    let mut tried = (String::new(), 0);
    while errors.len() + unknown.len() < MOST && rest.allowance > 0 {
        let (read, ignored) = rest.read::<T>();
        rest.forget(ignored, &mut unknown);
        let error = match read {
            Ok(typed) if errors.is_empty() && unknown.is_empty() => return Ok(typed),
            Ok(_) => break,
            Err(error) => error,
        };
        let (path, pointer) = rest.place(error.path());
        let found = rest.value.pointer(&path).is_some();
        if errors.last().is_none_or(|e: &FieldError| e.pointer != pointer) {
            let detail = explain(&pointer, &error.inner().to_string());
            let code = if found { "wrong_type" } else { "required" };
            errors.push(FieldError::new(pointer.clone(), code, detail));
        }
        // Set aside what is wrong and go on; where that cannot be done, the list is complete enough.
        if tried.0 != pointer {
            tried = (pointer, 0);
        }
        match (rest.value.pointer_mut(&path), STAND_INS.get(tried.1)) {
            (Some(wrong), Some(stand_in)) if !path.is_empty() => *wrong = stand_in(),
            _ => break,
        }
        tried.1 += 1;
        rest.shorten(error.path());
    }
    errors.extend(unknown);
    errors.truncate(MOST);
    Err(errors)
}

/// What of a document is still to be read.
struct Rest {
    value: Value,
    /// Elements that were taken off the front of arrays, by the arrays' pointers in the document as it came.
    taken_off: HashMap<String, usize>,
    /// Values that may be read once more than once.
    allowance: usize,
}

impl Rest {
    fn of(value: Value) -> Self {
        Self {
            allowance: 1000 + 4 * size(&value),
            taken_off: HashMap::new(),
            value,
        }
    }

    /// Reads it; with the pointers of what was ignored.
    fn read<T: DeserializeOwned>(&self) -> (Result<T, serde_path_to_error::Error<serde_json::Error>>, Vec<String>) {
        let mut ignored = Vec::new();
        let mut note = |path: serde_ignored::Path<'_>| {
            if ignored.len() < MOST {
                ignored.push(ignored_pointer(&path));
            }
        };
        let read = serde_path_to_error::deserialize(serde_ignored::Deserializer::new(&self.value, &mut note));
        (read, ignored)
    }

    /// Notes unknown fields and takes them away.
    fn forget(&mut self, ignored: Vec<String>, unknown: &mut Vec<FieldError>) {
        for path in ignored {
            let pointer = self.as_it_came(path.split('/').skip(1).map(str::to_owned));
            unknown.push(FieldError::new(
                pointer,
                "unknown_field",
                "没有这个字段，或不可由此修改。",
            ));
            if let Some((parent, key)) = path.rsplit_once('/')
                && let Some(Value::Object(fields)) = self.value.pointer_mut(parent)
            {
                fields.shift_remove(&key.replace("~1", "/").replace("~0", "~"));
            }
        }
    }

    /// Pointers of a place: in what is left, and in the document as it came.
    fn place(&self, path: &serde_path_to_error::Path) -> (String, String) {
        let parts: Vec<String> = path
            .iter()
            .filter_map(|segment| match segment {
                Segment::Map { key } => Some(escaped(key)),
                Segment::Seq { index } => Some(index.to_string()),
                Segment::Enum { .. } | Segment::Unknown => None,
            })
            .collect();
        let here = parts.iter().map(|part| format!("/{part}")).collect();
        (here, self.as_it_came(parts.into_iter()))
    }

    fn as_it_came(&self, parts: impl Iterator<Item = String>) -> String {
        let mut pointer = String::new();
        for part in parts {
            let part = match (self.taken_off.get(&pointer), part.parse::<usize>()) {
                (Some(taken_off), Ok(index)) => (index + taken_off).to_string(),
                _ => part,
            };
            pointer.extend(["/", &part]);
        }
        pointer
    }

    /// Takes away what was read before a place, as far as no type can demand it: elements of long arrays.
    fn shorten(&mut self, path: &serde_path_to_error::Path) {
        let Self {
            value,
            taken_off,
            allowance,
        } = self;
        let mut here = value;
        let mut pointer = String::new();
        for segment in path.iter() {
            match (segment, here) {
                (Segment::Map { key }, Value::Object(fields)) => {
                    for (_, before) in fields.iter_mut().take_while(|(name, _)| *name != key) {
                        *allowance = allowance.saturating_sub(thin(before));
                    }
                    pointer.extend(["/", &escaped(key)]);
                    let Some(next) = fields.get_mut(key) else { return };
                    here = next;
                }
                (Segment::Seq { index }, Value::Array(items)) => {
                    let mut index = *index;
                    *allowance = allowance.saturating_sub(index + 1);
                    let before = taken_off.get(&pointer).copied().unwrap_or(0);
                    let as_it_came = before + index;
                    if items.len() > SHORT && index > 0 {
                        items.drain(..index);
                        taken_off.insert(pointer.clone(), as_it_came);
                        index = 0;
                    }
                    pointer.extend(["/", &as_it_came.to_string()]);
                    let Some(next) = items.get_mut(index) else { return };
                    here = next;
                }
                (Segment::Enum { .. } | Segment::Unknown, same) => here = same,
                _ => return,
            }
        }
    }
}

/// How many values there are in a value.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// Empties the long arrays of a value that was read; how many values that were.
fn thin(value: &mut Value) -> usize {
    match value {
        Value::Array(items) if items.len() > SHORT => {
            let emptied = 1 + items.iter().map(size).sum::<usize>();
            items.clear();
            emptied
        }
        Value::Array(items) => 1 + items.iter_mut().map(thin).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values_mut().map(thin).sum::<usize>(),
        _ => 1,
    }
}

/// `at` holds the parts of the place, which become a pointer only where an array stands there.
fn refuse_arrays(at: &mut Vec<String>, value: &mut Value, allowed: &[&str], errors: &mut Vec<FieldError>) {
    if errors.len() >= MOST {
        return;
    }
    match value {
        Value::Array(items) => {
            let pointer: String = at.iter().map(|part| format!("/{}", escaped(part))).collect();
            if !allowed.contains(&pointer.as_str()) {
                errors.push(FieldError::new(pointer, "wrong_type", "此处不应为数组。"));
                *value = Value::Null;
                return;
            }
            for (index, item) in items.iter_mut().enumerate() {
                if item.is_array() || item.is_object() {
                    at.push(index.to_string());
                    refuse_arrays(at, item, allowed, errors);
                    at.pop();
                }
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                if field.is_array() || field.is_object() {
                    at.push(key.clone());
                    refuse_arrays(at, field, allowed, errors);
                    at.pop();
                }
            }
        }
        _ => {}
    }
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

    thread_local! {
        static READ: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    /// A number that counts how often one was read.
    #[derive(Debug, Default)]
    struct Counted;

    impl<'de> Deserialize<'de> for Counted {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            READ.set(READ.get() + 1);
            i64::deserialize(deserializer).map(|_| Self)
        }
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Many {
        items: Vec<Item>,
        others: std::collections::BTreeMap<String, Counted>,
        last: Option<i64>,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Item {
        amount: Counted,
    }

    impl Document for Many {
        const ARRAYS: &'static [&'static str] = &["/items"];
    }

    /// How many numbers were read of a document, and what was found wrong.
    fn reading(value: Value) -> (usize, Vec<String>) {
        READ.set(0);
        let found = typed::<Many>(value).unwrap_err();
        (READ.get(), found.into_iter().map(|e| e.pointer).collect())
    }

    #[test]
    fn many_wrong_fields_cost_no_more_than_a_few_readings() {
        const LENGTH: usize = 20_000;
        let items = |wrong: std::ops::Range<usize>| -> Vec<Value> {
            (0..LENGTH)
                .map(|n| {
                    if wrong.contains(&n) {
                        json!({"amount": "x"})
                    } else {
                        json!({"amount": 1})
                    }
                })
                .collect()
        };
        for first in [0, LENGTH / 2, LENGTH - 99] {
            let (read, found) = reading(json!({"items": items(first..first + 99), "last": "x"}));
            let mut expected: Vec<String> = (first..first + 99).map(|n| format!("/items/{n}/amount")).collect();
            expected.push("/last".to_owned());
            assert_eq!(found, expected);
            assert!(read < 3 * LENGTH, "{read} of {LENGTH}, the first wrong one at {first}");
        }
        // Unknown ones among them keep their places.
        let mut mixed = items(0..0);
        mixed[LENGTH - 1] = json!({"amount": true, "colour": 1});
        mixed[LENGTH - 2] = json!({"colour": 1, "amount": true});
        let (read, found) = reading(json!({"items": mixed, "size": 1}));
        let at = |n: usize, field: &str| format!("/items/{n}/{field}");
        let expected = [
            at(LENGTH - 2, "amount"),
            at(LENGTH - 1, "amount"),
            at(LENGTH - 2, "colour"),
            at(LENGTH - 1, "colour"),
            "/size".to_owned(),
        ];
        assert_eq!(found, expected);
        assert!(read < 3 * LENGTH, "{read}");
        // Where nothing may be left out (a type may demand any of these), not all that is wrong is found, and the cost is bounded all the same.
        let others: serde_json::Map<String, Value> = (0..LENGTH)
            .map(|n| (n.to_string(), if n >= LENGTH - 99 { json!("x") } else { json!(1) }))
            .collect();
        let (read, found) = reading(json!({"others": others}));
        assert_eq!(found[0], format!("/others/{}", LENGTH - 99));
        assert!(read < 8 * LENGTH, "{read}");
    }
}
