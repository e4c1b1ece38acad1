//! Parameters as LightGBM wants them: one line of `key=value`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::Error;

/// The value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// A boolean, written as `true` or `false`.
    Flag(bool),
    /// A word that the library knows, such as `rf`.
    Word(&'static str),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Flag(value)
    }
}

impl From<&'static str> for Value {
    fn from(value: &'static str) -> Self {
        Self::Word(value)
    }
}

/// Named parameters, in the order of their names.
///
/// Names and words are literals of the program, so no text from outside can add a parameter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parameters(BTreeMap<&'static str, Value>);

impl Parameters {
    /// Parameters without an entry: LightGBM's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one parameter more; a repeated name replaces the earlier value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.insert(name, value.into());
        self
    }

    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value> {
        self.0.get(name).copied()
    }

    pub(crate) fn line(&self) -> Result<String, Error> {
        let mut line = String::new();
        for (&name, value) in &self.0 {
            if let Value::Number(number) = value
                && !number.is_finite()
            {
                return Err(Error::Parameter { name });
            }
            // Writing to a String cannot fail.
            let _ = match value {
                Value::Integer(value) => write!(line, "{name}={value} "),
                Value::Number(value) => write!(line, "{name}={value} "),
                Value::Flag(value) => write!(line, "{name}={value} "),
                Value::Word(value) => write!(line, "{name}={value} "),
            };
        }
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]
    use super::*;

    #[test]
    fn a_line_is_sorted_and_typed() {
        let parameters = Parameters::new()
            .with("num_leaves", 7_i64)
            .with("boosting", "rf")
            .with("deterministic", true)
            .with("learning_rate", 0.05)
            .with("num_leaves", 8_i64);
        assert_eq!(
            parameters.line().unwrap(),
            "boosting=rf deterministic=true learning_rate=0.05 num_leaves=8 "
        );
    }

    #[test]
    fn a_number_has_to_be_finite() {
        let error = Parameters::new().with("lambda_l2", f64::NAN).line().unwrap_err();
        assert_eq!(error.to_string(), "parameter `lambda_l2` is not a finite number");
    }
}
