//! What canonical proto JSON allows and the generated code does not take: `null` for a field's default, and whole numbers in
//! every form, such as `5.0`, `1e2` and `"5.0"`. And which field a message was refused for.

use serde::de::{DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};
use serde_path_to_error::{Path, Segment};

/// Most numbers of a message that are brought into the form that the generated code takes.
const MAX_NUMBERS: usize = 1000;

/// Why a text is no message: the field and what was met there; nothing where the text is no JSON.
pub(crate) type Refusal = Option<(String, serde_json::Error)>;

/// What serde met in a field, in the words of JSON and protobuf instead of those of Rust's types.
pub(crate) fn in_plain_words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let text = ["invalid type: ", "invalid value: "]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))
        .unwrap_or(text);
    let Some((found, expected)) = text.rsplit_once(", expected ") else {
        return match text {
            "invalid digit found in string" | "cannot parse integer from empty string" => {
                "it is no whole number".to_owned()
            }
            "invalid float literal" | "cannot parse float from empty string" => {
                "it is no number".to_owned()
            }
            "data did not match any variant of untagged enum Content" => {
                "it is neither a number nor a text that holds one".to_owned()
            }
            other => other.to_owned(),
        };
    };
    let found = match found {
        "map" => "an object",
        "sequence" => "a list",
        other => other.strip_prefix("floating point ").unwrap_or(other),
    };
    let expected = match expected {
        "i32" | "i64" => "a whole number",
        "u32" | "u64" => "a whole number that is not negative",
        "f32" | "f64" => "a number",
        "a sequence" => "a list",
        "a map" => "an object",
        other if other.starts_with("struct ") => "an object",
        other => other,
    };
    format!("it is {found}, expected {expected}")
}

/// A message from JSON in any of the forms that are allowed.
///
/// A number is brought into the usual form where the reader of its field refuses it, which alone knows that the field is a
/// number: a text field keeps `"5.0"`.
pub(crate) fn read<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, Refusal> {
    let StrictJson(mut value) = serde_json::from_slice(bytes).map_err(|_| None)?;
    for _ in 0..MAX_NUMBERS {
        let error = match serde_path_to_error::deserialize(&value) {
            Ok(message) => return Ok(message),
            Err(error) => error,
        };
        let path = error.path().clone();
        let is_changed = at(&mut value, &path).is_some_and(|refused| match whole(refused) {
            Some(number) if *refused != number => {
                *refused = number;
                true
            }
            _ => false,
        });
        if !is_changed {
            return Err(Some((shown(&path), error.into_inner())));
        }
    }
    Err(None)
}

fn at<'a>(value: &'a mut Value, path: &Path) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, segment| match segment {
        Segment::Map { key } => value.get_mut(key),
        Segment::Seq { index } => value.get_mut(index),
        Segment::Enum { .. } | Segment::Unknown => None,
    })
}

/// The path as errors show it; empty for the message as a whole.
fn shown(path: &Path) -> String {
    let text = path.to_string();
    if text == "." { String::new() } else { crate::error::excerpt(&text) }
}

/// The whole number that a JSON value is in another form.
fn whole(value: &Value) -> Option<Value> {
    let number = match value {
        Value::Number(number) => of_float(number.as_f64()?),
        Value::String(text) => of_text(text),
        _ => None,
    };
    number.map(Value::Number)
}

/// A number as protobuf's readers take it from a text: no blanks, no `+` before it, and no point at either end.
fn of_text(text: &str) -> Option<Number> {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let is_number = is_digit(digits.first())
        && is_digit(digits.last())
        && digits.iter().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(byte));
    if !is_number {
        return None;
    }
    // Without a fraction it is exact, however long.
    let integer = text.split_once('.').filter(|(_, zeros)| zeros.bytes().all(|byte| byte == b'0'));
    let integer = integer.map_or(text, |(integer, _)| integer);
    let exact = integer.parse::<u64>().map(Number::from);
    let exact = exact.or_else(|_| integer.parse::<i64>().map(Number::from));
    exact.ok().or_else(|| of_float(text.parse().ok()?))
}

/// A number without a fraction as an integer.
fn of_float(value: f64) -> Option<Number> {
    // 2^64 and -2^63 are exact as doubles; the casts below are, too.
    if value.fract() != 0.0
        || !(-9_223_372_036_854_775_808.0..18_446_744_073_709_551_616.0).contains(&value)
    {
        return None;
    }
    Some(if value < 0.0 { Number::from(value as i64) } else { Number::from(value as u64) })
}

/// A JSON value whose objects have each key once and none that is `null`.
struct StrictJson(serde_json::Value);

impl<'de> Deserialize<'de> for StrictJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictJsonVisitor).map(Self)
    }
}

struct StrictJsonVisitor;

impl<'de> Visitor<'de> for StrictJsonVisitor {
    type Value = serde_json::Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(serde_json::Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(StrictJson(value)) = elements.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut seen = std::collections::BTreeSet::new();
        let mut object = serde_json::Map::new();
        while let Some((key, StrictJson(value))) = entries.next_entry::<String, StrictJson>()? {
            if !seen.insert(key.clone()) {
                return Err(serde::de::Error::custom("a field is given twice"));
            }
            if !value.is_null() {
                object.insert(key, value);
            }
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use crate::encoding::from_json;
    use crate::v1::ScopeRequest;
    use crate::{ContractError, failures};

    fn read(json: &str) -> Result<ScopeRequest, ContractError> {
        from_json("ScopeRequest", json.as_bytes())
    }

    #[test]
    fn whole_numbers_are_taken_in_every_form() {
        for (form, expected) in [
            ("5", 5),
            ("\"5\"", 5),
            ("5.0", 5),
            ("5e0", 5),
            ("1e2", 100),
            ("\"5.0\"", 5),
            ("\"5e0\"", 5),
            ("\"1E+2\"", 100),
            ("0.0", 0),
            ("null", 0),
            ("18446744073709551615", u64::MAX),
            ("\"18446744073709551615\"", u64::MAX),
            ("\"9007199254740993.0\"", 9_007_199_254_740_993),
        ] {
            let json = format!(r#"{{"seed": {form}, "name": "5.0", "timeBudgetSeconds": "2.5"}}"#);
            let request = read(&json).unwrap();
            assert_eq!((request.seed, request.name.as_str()), (expected, "5.0"), "{form}");
            assert_eq!(request.time_budget_seconds, 2.5);
        }
        let many = r#"{"seed": 5.0, "maxTrials": "9.0", "minRows": 1e3, "rollout": {"minRequests": "3e1", "steps": [{"setWeight": 5.0}]}}"#;
        let request = read(many).unwrap();
        assert_eq!((request.seed, request.max_trials, request.min_rows), (5, 9, 1000));
        assert_eq!(request.rollout.unwrap().min_requests, 30);
    }

    #[test]
    fn a_refusal_names_its_field() {
        for (json, field) in [
            (r#"{"seed": 5.5}"#, "seed"),
            (r#"{"seed": -1}"#, "seed"),
            (r#"{"seed": "5 "}"#, "seed"),
            (r#"{"seed": "5."}"#, "seed"),
            (r#"{"seed": 1e20}"#, "seed"),
            (r#"{"seed": true}"#, "seed"),
            (r#"{"maxTrials": 5000000000}"#, "maxTrials"),
            (r#"{"timeBudgetSeconds": "soon"}"#, "timeBudgetSeconds"),
            (r#"{"strategy": "SIDEWAYS"}"#, "strategy"),
            (r#"{"excludeColumns": [1]}"#, "excludeColumns[0]"),
            (r#"{"rollout": {"steps": [{}, {"setWeight": "x"}]}}"#, "rollout.steps[1].setWeight"),
            (r#"{"labels": 7}"#, "labels"),
        ] {
            let error = read(json).unwrap_err();
            assert_eq!(error.code(), "undecodable_message");
            assert_eq!(error.subject(), field, "{json}");
            let text = failures::with_causes(&error);
            let in_rust = ["u64", "u32", "f64", "struct ", "untagged", "line 1"];
            assert!(!in_rust.iter().any(|word| text.contains(word)), "{json}: {text}");
            assert!(text.contains(&format!("field `{field}`")), "{json}: {text}");
        }
        assert!(matches!(read("{"), Err(ContractError::Json { .. })));
        for unknown in [r#"{"sede": 5.0}"#, r#"{"seed": 5.0, "sede": 5}"#] {
            assert!(matches!(read(unknown), Err(ContractError::UnknownField { .. })), "{unknown}");
        }
    }
}
