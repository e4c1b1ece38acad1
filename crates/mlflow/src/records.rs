//! What is told of a run, in the form and within the bounds that MLflow has.

use serde::{Deserialize, Serialize};

/// Longest name of a parameter, a metric or a tag.
const MAX_KEY_LENGTH: usize = 250;
/// Longest value of a parameter.
const MAX_PARAM_LENGTH: usize = 6_000;
/// Longest value of a tag; MLflow allows some more.
const MAX_TAG_LENGTH: usize = 5_000;
/// Longest digest of a dataset.
const MAX_DIGEST_LENGTH: usize = 36;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RunStatus {
    /// It goes on.
    Running,
    /// The run ended as it should.
    Finished,
    /// The run ended with an error.
    Failed,
    /// A person or a program cancelled it.
    Killed,
    /// It waits for its turn.
    Scheduled,
}

/// A parameter; it is never changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Param {
    /// Name, which MLflow calls the key.
    pub key: String,
    /// Value, as text.
    pub value: String,
}

/// Name and value of a tag of a run, a model or a version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tag {
    /// Name, which MLflow calls the key.
    pub key: String,
    /// Value, as text.
    #[serde(default)]
    pub value: String,
}

/// A measured number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Name, which MLflow calls the key.
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
    /// Name of the dataset in MLflow.
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
        Self { key: self::key(key), value: cut(&value.to_string(), MAX_PARAM_LENGTH) }
    }
}

impl Tag {
    /// A tag within MLflow's bounds.
    #[must_use]
    pub fn new(key: &str, value: impl ToString) -> Self {
        Self { key: self::key(key), value: cut(&value.to_string(), MAX_TAG_LENGTH) }
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
            digest: cut(digest, MAX_DIGEST_LENGTH),
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
    cut(&key, MAX_KEY_LENGTH)
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
        assert_eq!(Tag::new(&"k".repeat(300), "é".repeat(3_000)).key.len(), MAX_KEY_LENGTH);
        assert_eq!(Tag::new("k", "é".repeat(3_000)).value.len(), MAX_TAG_LENGTH);
        assert_eq!(Metric::new("m", f64::NAN, 1), None);
        assert_eq!(Metric::new("m", 0.25, 1).unwrap().value, 0.25);
        assert_eq!(Dataset::new("d", &"a".repeat(64), &serde_json::json!({})).digest.len(), 36);
    }
}
