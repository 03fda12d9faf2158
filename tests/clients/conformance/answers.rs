//! Comparing what a runner saw with an answer of the table.

use std::collections::BTreeMap;

use serde_json::Value;

/// Returns whether a runner saw what the table says.
///
/// An object may have more fields than the expected one has; null and an absent field are one. `<id>` stands for any id,
/// `<text>` for any text that is not empty, and `<name>` for the id that the row of this name got.
pub(crate) fn agree(expected: &Value, seen: &Value, ids: &BTreeMap<String, String>) -> bool {
    match (expected, seen) {
        (Value::Object(expected), Value::Object(seen)) => expected
            .iter()
            .all(|(name, value)| agree(value, seen.get(name).unwrap_or(&Value::Null), ids)),
        (Value::Array(expected), Value::Array(seen)) => {
            let pairs = expected.iter().zip(seen);
            expected.len() == seen.len()
                && pairs.into_iter().all(|(one, other)| agree(one, other, ids))
        }
        (Value::String(expected), Value::String(seen)) => text_agrees(expected, seen, ids),
        _ => expected == seen,
    }
}

fn text_agrees(expected: &str, seen: &str, ids: &BTreeMap<String, String>) -> bool {
    let name = expected.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    match name {
        Some("id") => is_id(seen),
        Some("text") => !seen.is_empty(),
        Some(name) => ids.get(name).is_some_and(|id| id == seen),
        None => expected == seen,
    }
}

fn is_id(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('-')
        .is_some_and(|(milliseconds, number)| is_number(milliseconds) && is_number(number))
}

#[test]
fn what_the_table_does_not_name_is_not_compared() {
    let agree = |expected: &str, seen: &str| {
        let ids = BTreeMap::from([("first".to_owned(), "17-0".to_owned())]);
        let value = |text| serde_json::from_str(text).unwrap();
        agree(&value(expected), &value(seen), &ids)
    };
    assert!(agree(r#"{"a":1}"#, r#"{"a":1,"b":2}"#));
    assert!(agree(r#"{"a":null}"#, "{}"));
    assert!(!agree(r#"{"a":1}"#, r#"{"a":2}"#));
    assert!(!agree(r#"{"a":false}"#, "{}"));
    assert!(agree(r#"["<id>","<first>","<text>"]"#, r#"["1-1","17-0","x"]"#));
    assert!(!agree(r#""<id>""#, r#""OOM command not allowed""#));
    assert!(!agree(r#""<first>""#, r#""18-0""#));
    assert!(!agree(r#""<text>""#, r#""""#));
    assert!(!agree(r#""<text>""#, "null"));
    assert!(!agree(r#"["a"]"#, r#"["a","b"]"#));
}
