//! What is told of a run, in the form and within the bounds that MLflow has.

use serde::{Deserialize, Serialize};

/// Longest name of a parameter, a metric or a tag.
const LONGEST_KEY: usize = 250;
/// Longest value of a parameter.
const LONGEST_PARAM: usize = 6_000;
/// Longest value of a tag; MLflow allows some more.
const LONGEST_TAG: usize = 5_000;
/// Longest digest of a dataset.
const LONGEST_DIGEST: usize = 36;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RunStatus {
    /// It goes on.
    Running,
    /// As intended.
    Finished,
    /// It failed.
    Failed,
    /// Somebody ended it.
    Killed,
    /// It waits for its turn.
    Scheduled,
}

/// A parameter; it is never changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Param {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tag {
    /// Its name.
    pub key: String,
    /// Its value.
    #[serde(default)]
    pub value: String,
}

/// A measured number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its name.
    pub key: String,
    /// The number; finite.
    pub value: f64,
    /// When, in milliseconds since 1970.
    pub timestamp: i64,
    /// At which step.
    #[serde(default)]
    pub step: i64,
}

/// Data that a run has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataset {
    /// Its name.
    pub name: String,
    /// Its digest; cut to the length that MLflow allows.
    pub digest: String,
    /// The kind of place it is in.
    pub source_type: String,
    /// The place, as JSON.
    pub source: String,
    /// Its columns, as JSON; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// Its size, as JSON; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub profile: String,
}

impl Param {
    /// A parameter within MLflow's bounds.
    #[must_use]
    pub fn new(key: &str, value: impl ToString) -> Self {
        Self { key: self::key(key), value: cut(&value.to_string(), LONGEST_PARAM) }
    }
}

impl Tag {
    /// A tag within MLflow's bounds.
    #[must_use]
    pub fn new(key: &str, value: impl ToString) -> Self {
        Self { key: self::key(key), value: cut(&value.to_string(), LONGEST_TAG) }
    }
}

impl Metric {
    /// A metric within MLflow's bounds; nothing where the number is not finite.
    #[must_use]
    pub fn new(key: &str, value: f64, timestamp: i64) -> Option<Self> {
        let metric = Self { key: self::key(key), value, timestamp, step: 0 };
        value.is_finite().then_some(metric)
    }
}

impl Dataset {
    /// A dataset with its digest within MLflow's bounds.
    #[must_use]
    pub fn new(name: &str, digest: &str, source: &serde_json::Value) -> Self {
        Self {
            name: cut(name, 500),
            digest: cut(digest, LONGEST_DIGEST),
            source_type: "tier0".to_owned(),
            source: source.to_string(),
            schema: String::new(),
            profile: String::new(),
        }
    }
}

/// A name of the characters that MLflow allows; every other becomes `_`.
fn key(text: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-. :/".contains(c);
    let key: String = text.chars().map(|c| if allowed(c) { c } else { '_' }).collect();
    cut(&key, LONGEST_KEY)
}

/// At most so many bytes.
fn cut(text: &str, longest: usize) -> String {
    let end = (0..=longest.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn what_is_told_is_within_the_bounds() {
        assert_eq!(Param::new("a=b/ü", 0.5), Param { key: "a_b/_".into(), value: "0.5".into() });
        assert_eq!(Tag::new(&"k".repeat(300), "é".repeat(3_000)).key.len(), LONGEST_KEY);
        assert_eq!(Tag::new("k", "é".repeat(3_000)).value.len(), LONGEST_TAG);
        assert_eq!(Metric::new("m", f64::NAN, 1), None);
        assert_eq!(Metric::new("m", 0.25, 1).unwrap().value, 0.25);
        assert_eq!(Dataset::new("d", &"a".repeat(64), &serde_json::json!({})).digest.len(), 36);
    }
}
