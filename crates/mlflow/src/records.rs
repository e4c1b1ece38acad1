//! What is told of a run, in the form and within the bounds that MLflow has.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Longest name of a parameter, a metric or a tag.
const MAX_KEY_LENGTH: usize = 250;
/// Longest value of a parameter.
const MAX_PARAM_LENGTH: usize = 6_000;
/// Longest value of a tag; MLflow allows some more.
const MAX_TAG_LENGTH: usize = 5_000;
/// Most tags that one value is carried in.
const MAX_PARTS: usize = 20;
/// How the tags begin that carry a name or a value whole.
const NAME: &str = "tier0.name";
const VALUE: &str = "tier0.value";
/// Longest digest of a dataset.
const MAX_DIGEST_LENGTH: usize = 36;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RunStatus {
    /// The run has not ended.
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
    /// Value of the parameter as text; [`Self::new`] cuts it to 6,000 bytes.
    pub value: String,
}

/// Name and value of a tag of a run, a model or a version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tag {
    /// Name, which MLflow calls the key.
    pub key: String,
    /// Value of the tag as text; [`Self::new`] cuts it to 5,000 bytes.
    #[serde(default)]
    pub value: String,
}

/// A metric of a run with the time of its measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Name, which MLflow calls the key.
    pub key: String,
    /// Value of the metric, always finite.
    pub value: f64,
    /// When, in milliseconds since 1970.
    pub timestamp: i64,
    /// Step of the metric's history; 0 for what tier0 writes.
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

    /// Tags with what a parameter of this name and value would lose; none where it loses nothing.
    #[must_use]
    pub fn carried(key: &str, value: &str) -> Vec<Tag> {
        carried(key, value, MAX_PARAM_LENGTH)
    }
}

impl Tag {
    /// A tag within MLflow's bounds.
    #[must_use]
    pub fn new(key: &str, value: impl ToString) -> Self {
        Self { key: self::key(key), value: cut(&value.to_string(), MAX_TAG_LENGTH) }
    }

    /// Further tags with what a tag of this name and value would lose; none where it loses nothing.
    #[must_use]
    pub fn carried(key: &str, value: &str) -> Vec<Self> {
        carried(key, value, MAX_TAG_LENGTH)
    }
}

impl Metric {
    /// A metric within MLflow's bounds; nothing where the number is not finite.
    #[must_use]
    pub fn new(key: &str, value: f64, timestamp: i64) -> Option<Self> {
        let metric = Self { key: self::key(key), value, timestamp, step: 0 };
        value.is_finite().then_some(metric)
    }

    /// Tags with what a metric of this name and number would lose: a number that is not finite, which MLflow stores as
    /// another one or not at all, is in the tag `tier0.value.NAME`.
    #[must_use]
    pub fn carried(key: &str, value: f64) -> Vec<Tag> {
        let mut tags = carried(key, "", MAX_TAG_LENGTH);
        if !value.is_finite() {
            tags.push(Tag::new(&format!("{VALUE}.{}", self::key(key)), value));
        }
        tags
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

/// A name as MLflow takes it.
///
/// MLflow allows letters, digits and `_-. :/`, 250 of them, and reads a name as a path that has to be in its shortest form:
/// `a//b`, `up/`, `.`, `../up` and `/up` are refused, and with them all that is told in the same request. What is not allowed
/// becomes `_`, and a digest of the whole name follows, so that two names are never one.
fn key(text: &str) -> String {
    if is_key(text) {
        return text.to_owned();
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-. :".contains(c);
    let part = |part: &str| match part {
        "" | "." | ".." => "_".repeat(part.len().max(1)),
        part => part.chars().map(|c| if allowed(c) { c } else { '_' }).collect(),
    };
    let parts: Vec<String> = text.split('/').map(part).collect();
    let digest = Sha256::digest(text.as_bytes());
    let digest: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let kept = cut(&parts.join("/"), MAX_KEY_LENGTH - digest.len() - 1);
    format!("{kept}-{digest}")
}

/// Whether a name is one that MLflow takes as it is.
fn is_key(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-. :/".contains(c);
    text.len() <= MAX_KEY_LENGTH
        && text.chars().all(allowed)
        && text.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Tags that carry what a name and a value lose in MLflow's form: the name as it is, and a value that is too long in parts.
fn carried(name: &str, value: &str, longest: usize) -> Vec<Tag> {
    let key = key(name);
    let mut tags = Vec::new();
    if key != name {
        tags.push(Tag::new(&format!("{NAME}.{key}"), name));
    }
    if value.len() > longest {
        let mut rest = value;
        for number in 1..=MAX_PARTS {
            let part = cut(rest, MAX_TAG_LENGTH);
            rest = rest.get(part.len()..).unwrap_or_default();
            tags.push(Tag::new(&format!("{VALUE}.{key}.{number}"), part));
            if rest.is_empty() {
                break;
            }
        }
    }
    tags
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

    /// As MLflow 3.17 checks names (`_validate_metric_name` and `path_not_unique`).
    fn is_taken(key: &str) -> bool {
        let is_normal = !key.starts_with('/')
            && !key.ends_with('/')
            && key.split('/').all(|part| !matches!(part, "" | "." | ".."));
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_-. :/".contains(c);
        is_normal && key.chars().all(allowed) && (1..=MAX_KEY_LENGTH).contains(&key.len())
    }

    #[test]
    fn every_name_is_taken_and_carried_whole() {
        let long = "x/".repeat(300);
        let names = [
            "spend w/",
            "spend w",
            "a//b",
            "a/b",
            "../up",
            "/up",
            "up",
            ".",
            "..",
            "",
            "a/./b",
            "a/../b",
            "größe",
            "gr\u{f6}ße\n",
            "100 %",
            "a=b",
            "a?b",
            &long,
            &long[..400],
        ];
        let mut seen = std::collections::BTreeSet::new();
        for name in names {
            let metric = Metric::new(name, 1.0, 5).unwrap();
            assert!(is_taken(&metric.key), "{name:?}: {}", metric.key);
            assert!(seen.insert(metric.key.clone()), "{name:?} is another name's");
            let tags = Metric::carried(name, 1.0);
            let original = tags.iter().find(|tag| tag.key.starts_with(NAME));
            match original {
                None => assert_eq!(metric.key, name),
                Some(tag) => assert_eq!(tag.value, name),
            }
            assert!(tags.iter().all(|tag| is_taken(&tag.key)), "{tags:?}");
        }
    }

    #[test]
    fn values_are_carried_whole() {
        let long = "é".repeat(8_000);
        let tags = Param::carried("text", &long);
        assert_eq!(tags.iter().map(|tag| tag.value.as_str()).collect::<String>(), long);
        assert_eq!(tags.first().unwrap().key, "tier0.value.text.1");
        assert!(Param::carried("text", &"x".repeat(6_000)).is_empty());
        assert_eq!(Tag::carried("text", &"x".repeat(6_000)).len(), 2);
        for (value, told) in
            [(f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf"), (f64::NAN, "NaN")]
        {
            assert_eq!(Metric::carried("m", value), [Tag::new("tier0.value.m", told)]);
        }
        assert!(Metric::carried("m", 0.5).is_empty());
    }

    #[test]
    fn what_is_told_is_within_the_bounds() {
        let param = Param::new("a=b/ü", 0.5);
        assert!(param.key.starts_with("a_b/_-") && param.value == "0.5", "{}", param.key);
        assert_eq!(Tag::new(&"k".repeat(300), "é".repeat(3_000)).key.len(), MAX_KEY_LENGTH);
        assert_eq!(Tag::new("k", "é".repeat(3_000)).value.len(), MAX_TAG_LENGTH);
        assert_eq!(Metric::new("m", f64::NAN, 1), None);
        assert_eq!(Metric::new("m", 0.25, 1).unwrap().value, 0.25);
        assert_eq!(Dataset::new("d", &"a".repeat(64), &serde_json::json!({})).digest.len(), 36);
    }
}
