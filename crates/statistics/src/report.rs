//! The quality report: what was found about data, and which tables may be trained on because of it.

use std::collections::BTreeMap;

pub use schema::Finding;
use serde::{Deserialize, Serialize};

/// Version of the report's form.
pub const FORMAT_VERSION: u32 = 1;

/// The report of the quality gate, JSON at rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityReport {
    /// Version of the form.
    pub format_version: u32,
    /// Whether the data may be trained on.
    pub passed: bool,
    /// Weighted score from 0 to 1.
    pub score: f64,
    /// Least score that passes.
    pub threshold: f64,
    /// Score of each dimension, from 0 to 1.
    pub dimensions: BTreeMap<String, f64>,
    /// Findings of the checks, blocking or not.
    pub issues: Vec<Finding>,
    /// Number of rows of the source.
    pub rows_read: u64,
    /// Number of rows after cleaning.
    pub rows_kept: u64,
    /// SHA-256 of the source, hexadecimal.
    pub source_sha256: String,
    /// SHA-256 of each split that the report permits, by name; empty where the gate did not pass.
    pub splits: BTreeMap<String, String>,
}

/// Why a report does not permit a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QualityGateError {
    /// It cannot be read.
    #[error("the quality report cannot be read: {reason}")]
    Unreadable {
        /// Reason in words, repeated in the message.
        reason: String,
    },
    /// The gate did not pass.
    #[error("the quality gate did not pass; only data that passed may be used")]
    NotPassed,
    /// The report is of other data.
    #[error("the quality report is not of this {split} split; prepare the data again")]
    OtherData {
        /// Name of the split.
        split: String,
    },
}

impl QualityReport {
    /// Reads a report.
    ///
    /// # Errors
    /// [`QualityGateError::Unreadable`].
    pub fn parse(bytes: &[u8]) -> Result<Self, QualityGateError> {
        let report: Self = serde_json::from_slice(bytes)
            .map_err(|error| QualityGateError::Unreadable { reason: error.to_string() })?;
        if report.format_version != FORMAT_VERSION {
            let reason =
                format!("its form is {}, and {FORMAT_VERSION} is known", report.format_version);
            return Err(QualityGateError::Unreadable { reason });
        }
        Ok(report)
    }

    /// Whether the tables, by split and digest, are those that passed the gate.
    ///
    /// # Errors
    /// [`QualityGateError::NotPassed`], [`QualityGateError::OtherData`].
    pub fn permits<'a>(
        &self,
        splits: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), QualityGateError> {
        let blocked = self.issues.iter().any(|issue| issue.blocking);
        if !self.passed || blocked || self.score < self.threshold {
            return Err(QualityGateError::NotPassed);
        }
        for (split, sha256) in splits {
            if self.splits.get(split).map(String::as_str) != Some(sha256) {
                return Err(QualityGateError::OtherData { split: split.to_owned() });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn report() -> QualityReport {
        QualityReport {
            format_version: FORMAT_VERSION,
            passed: true,
            score: 0.9,
            threshold: 0.8,
            dimensions: BTreeMap::new(),
            issues: Vec::new(),
            rows_read: 10,
            rows_kept: 10,
            source_sha256: "00".to_owned(),
            splits: BTreeMap::from([("train".to_owned(), "aa".to_owned())]),
        }
    }

    #[test]
    fn only_the_tables_that_passed_are_permitted() {
        let report = report();
        report.permits([("train", "aa")]).unwrap();
        let other = Err(QualityGateError::OtherData { split: "train".to_owned() });
        assert_eq!(report.permits([("train", "bb")]), other);
        assert!(report.permits([("test", "aa")]).is_err());
    }

    #[test]
    fn a_flag_alone_does_not_pass() {
        let failed = QualityReport { passed: false, ..report() };
        assert_eq!(failed.permits([("train", "aa")]), Err(QualityGateError::NotPassed));
        let low = QualityReport { score: 0.1, ..report() };
        assert_eq!(low.permits([("train", "aa")]), Err(QualityGateError::NotPassed));
    }

    #[test]
    fn a_report_is_read_back() {
        let report = report();
        let bytes = serde_json::to_vec(&report).unwrap();
        assert_eq!(QualityReport::parse(&bytes).unwrap(), report);
        assert!(QualityReport::parse(b"{}").is_err());
    }
}
