//! Values of rows, with Python's equality, order and text.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde_json::{Value as Json, json};
use twox_hash::XxHash3_128;

/// Greatest whole number up to which every whole number is a double.
const EXACT_INTEGER: u64 = 1 << 53;

/// A value of a row, borrowed from its batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Missing,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number; never NaN, which is [`Cell::Missing`].
    Float(f64),
    /// A text.
    Text(&'a str),
}

impl Cell<'_> {
    /// Whether there is no value.
    #[must_use]
    pub fn is_missing(self) -> bool {
        matches!(self, Self::Missing)
    }

    /// The number that the value is, true being 1; none of a text or where missing.
    #[must_use]
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Bool(value) => Some(if value { 1.0 } else { 0.0 }),
            Self::Int(value) => Some(value as f64),
            Self::Float(value) => Some(value),
            Self::Missing | Self::Text(_) => None,
        }
    }

    /// The value, owned.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Missing => Value::Missing,
            Self::Bool(value) => Value::Bool(value),
            Self::Int(value) => Value::Int(value),
            Self::Float(value) => Value::Float(value),
            Self::Text(text) => Value::Text(text.to_owned()),
        }
    }

    /// 64 bits that equal values share: one to one for numbers up to 2^53, a hash for texts. 1, 1.0 and true are equal.
    #[must_use]
    pub fn key(self) -> u64 {
        match self {
            Self::Missing => 0x7ff8_0000_0000_0001,
            Self::Int(value) if value.unsigned_abs() > EXACT_INTEGER => {
                mixed(value as u64 ^ (1 << 62))
            }
            Self::Text(text) => XxHash3_128::oneshot(text.as_bytes()) as u64,
            // Both zeros are one number.
            other => mixed((other.number().unwrap_or(0.0) + 0.0).to_bits()),
        }
    }

    /// Whether Python calls the values equal; a missing one equals none.
    #[must_use]
    pub fn equals(self, other: Cell<'_>) -> bool {
        match (self, other) {
            (Self::Text(one), Cell::Text(other)) => one == other,
            (Self::Int(one), Cell::Int(other)) => one == other,
            _ => self.number().is_some_and(|one| other.number() == Some(one)),
        }
    }

    /// The order of two values; none where one is missing or only one is a text.
    #[must_use]
    pub fn order(self, other: Cell<'_>) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(one), Cell::Text(other)) => Some(one.cmp(other)),
            (Self::Int(one), Cell::Int(other)) => Some(one.cmp(&other)),
            _ => self.number()?.partial_cmp(&other.number()?),
        }
    }

    /// Writes the text that Python's `str` gives.
    pub(crate) fn write_text(self, into: &mut String) {
        into.clear();
        match self {
            Self::Missing => into.push_str("nan"),
            Self::Bool(value) => into.push_str(if value { "True" } else { "False" }),
            Self::Int(value) => into.push_str(&value.to_string()),
            Self::Float(value) => into.push_str(&float_text(value)),
            Self::Text(text) => into.push_str(text),
        }
    }
}

/// A bijection that spreads the bits of numbers.
fn mixed(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The bits of several values in order.
pub(crate) fn row_key(cells: &[Cell<'_>]) -> u64 {
    cells.iter().fold(0x9e37_79b9_7f4a_7c15, |key, cell| mixed(key.rotate_left(23) ^ cell.key()))
}

/// A number as Python's `repr` has it: the shortest digits that read back, with an exponent below 1e-4 and from 1e16 on.
pub(crate) fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// A value on its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Missing,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
}

impl Value {
    /// A value of a suite; none of a list or an object.
    pub(crate) fn of_json(json: &Json) -> Option<Self> {
        match json {
            Json::Null => Some(Self::Missing),
            Json::Bool(value) => Some(Self::Bool(*value)),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Some(Self::Int(whole)),
                None => number.as_f64().map(Self::Float),
            },
            Json::String(text) => Some(Self::Text(text.clone())),
            Json::Array(_) | Json::Object(_) => None,
        }
    }

    /// The value, borrowed.
    #[must_use]
    pub fn cell(&self) -> Cell<'_> {
        match self {
            Self::Missing => Cell::Missing,
            Self::Bool(value) => Cell::Bool(*value),
            Self::Int(value) => Cell::Int(*value),
            Self::Float(value) if value.is_nan() => Cell::Missing,
            Self::Float(value) => Cell::Float(*value),
            Self::Text(text) => Cell::Text(text),
        }
    }

    /// The value in a document. What is infinite has no number in JSON and is null.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Missing => Json::Null,
            Self::Bool(value) => json!(value),
            Self::Int(value) => json!(value),
            Self::Float(value) => json!(value),
            Self::Text(text) => json!(text),
        }
    }
}

/// Sets below this size are gone through one by one.
const SMALL: usize = 8;

/// Values to be looked up, each once.
#[derive(Clone, Debug, Default)]
pub struct ValueSet {
    values: Vec<Value>,
    places: HashMap<u64, usize>,
}

impl ValueSet {
    /// Of these values, in order; equal ones are one.
    #[must_use]
    pub fn new(values: Vec<Value>) -> Self {
        let mut set = Self::default();
        for value in values {
            let key = value.cell().key();
            if !set.places.contains_key(&key) {
                set.places.insert(key, set.values.len());
                set.values.push(value);
            }
        }
        set
    }

    /// Whether a value is in the set; a missing one never is.
    #[must_use]
    pub fn contains(&self, cell: Cell<'_>) -> bool {
        if self.values.len() < SMALL {
            return self.values.iter().any(|value| value.cell().equals(cell));
        }
        let place = self.places.get(&cell.key());
        place.and_then(|place| self.values.get(*place)).is_some_and(|it| it.cell().equals(cell))
    }

    /// The values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.values.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_in_python() {
        for (value, text) in [
            (5.0, "5.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e10, "10000000000.0"),
            (1e16, "1e+16"),
            (1.5e-5, "1.5e-05"),
            (0.0001, "0.0001"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
        ] {
            assert_eq!(float_text(value), text);
        }
    }

    #[test]
    fn equal_values_have_one_key() {
        assert_eq!(Cell::Int(1).key(), Cell::Float(1.0).key());
        assert_eq!(Cell::Bool(true).key(), Cell::Int(1).key());
        assert_eq!(Cell::Float(-0.0).key(), Cell::Int(0).key());
        assert_ne!(Cell::Text("1").key(), Cell::Int(1).key());
        assert_ne!(Cell::Int(i64::MAX).key(), Cell::Int(i64::MAX - 1).key());
        assert_ne!(row_key(&[Cell::Int(1), Cell::Int(2)]), row_key(&[Cell::Int(2), Cell::Int(1)]));
    }
}
