//! The quality report: what was found about data, and which tables may be trained on because of it.

use std::collections::BTreeMap;

pub use schema::Finding;
use serde::{Deserialize, Serialize};
use tabular::cleaning::CleaningReport;

/// Version of the report's form.
pub const FORMAT_VERSION: u32 = 2;
/// The oldest form that is read.
const FIRST_VERSION: u32 = 1;
/// What reports of the first form do not name.
const DOCUMENTS: [&str; 2] = ["profile", "cleaning_plan"];

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
    /// The column that was to be predicted when the data were judged: leakage is leakage of it.
    #[serde(default)]
    pub target: String,
    /// SHA-256 of the definition of the population that was judged, hexadecimal.
    #[serde(default)]
    pub cohort_sha256: String,
    /// SHA-256 of what was learned with the splits and belongs to them, by name: `profile`, `cleaning_plan`.
    #[serde(default)]
    pub documents: BTreeMap<String, String>,
    /// What cleaning changed, by split; splits in which nothing was changed are left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cleaning: BTreeMap<String, CleaningReport>,
}

/// What data are judged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The column that is to be predicted.
    pub target: &'a str,
    /// SHA-256 of the definition of the population, hexadecimal.
    pub cohort_sha256: &'a str,
    /// SHA-256 of the source, hexadecimal.
    pub source_sha256: &'a str,
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
    #[error("the quality report is not of this {part}; prepare the data again")]
    OtherData {
        /// The split (`train`), the document (`cleaning_plan`), or what the data were judged for (`target`).
        part: String,
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
        if !(FIRST_VERSION..=FORMAT_VERSION).contains(&report.format_version) {
            let reason = format!(
                "its form is {}, and {FIRST_VERSION} to {FORMAT_VERSION} are known",
                report.format_version
            );
            return Err(QualityGateError::Unreadable { reason });
        }
        Ok(report)
    }

    /// Whether the tables and documents, by name and digest, are those that passed the gate, for what they are used for now.
    ///
    /// A report of the first form, as runs have it that were begun by an earlier version, names the splits alone, and is asked for them
    /// alone.
    ///
    /// # Errors
    /// [`QualityGateError::NotPassed`], [`QualityGateError::OtherData`].
    pub fn permits<'a>(
        &self,
        subject: Subject<'_>,
        parts: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), QualityGateError> {
        let blocked = self.issues.iter().any(|issue| issue.blocking);
        if !self.passed || blocked || self.score < self.threshold {
            return Err(QualityGateError::NotPassed);
        }
        let names_splits_alone = self.format_version == FIRST_VERSION;
        for (part, sha256) in parts {
            if names_splits_alone && DOCUMENTS.contains(&part) {
                continue;
            }
            let judged = self.splits.get(part).or_else(|| self.documents.get(part));
            if judged.map(String::as_str) != Some(sha256) {
                return Err(QualityGateError::OtherData { part: part.to_owned() });
            }
        }
        if names_splits_alone {
            return Ok(());
        }
        let judged_for = [
            ("target", self.target.as_str(), subject.target),
            ("population", &self.cohort_sha256, subject.cohort_sha256),
            ("source", &self.source_sha256, subject.source_sha256),
        ];
        match judged_for.into_iter().find(|(_, judged, claimed)| judged != claimed) {
            Some((part, ..)) => Err(QualityGateError::OtherData { part: part.to_owned() }),
            None => Ok(()),
        }
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
            target: "y".to_owned(),
            cohort_sha256: "cc".to_owned(),
            documents: BTreeMap::from([("cleaning_plan".to_owned(), "bb".to_owned())]),
            cleaning: BTreeMap::new(),
        }
    }

    const SUBJECT: Subject<'_> = Subject { target: "y", cohort_sha256: "cc", source_sha256: "00" };

    #[test]
    fn only_the_tables_that_passed_are_permitted() {
        let report = report();
        report.permits(SUBJECT, [("train", "aa"), ("cleaning_plan", "bb")]).unwrap();
        let other = |part: &str| Err(QualityGateError::OtherData { part: part.to_owned() });
        assert_eq!(report.permits(SUBJECT, [("train", "bb")]), other("train"));
        assert_eq!(report.permits(SUBJECT, [("cleaning_plan", "aa")]), other("cleaning_plan"));
        assert!(report.permits(SUBJECT, [("test", "aa")]).is_err());
    }

    #[test]
    fn data_are_judged_for_one_target_population_and_source() {
        let permits = |subject| report().permits(subject, [("train", "aa")]);
        for (part, subject) in [
            ("target", Subject { target: "z", ..SUBJECT }),
            ("population", Subject { cohort_sha256: "dd", ..SUBJECT }),
            ("source", Subject { source_sha256: "11", ..SUBJECT }),
        ] {
            let other = QualityGateError::OtherData { part: part.to_owned() };
            assert_eq!(permits(subject), Err(other));
        }
    }

    #[test]
    fn a_flag_alone_does_not_pass() {
        let failed = QualityReport { passed: false, ..report() };
        assert_eq!(failed.permits(SUBJECT, [("train", "aa")]), Err(QualityGateError::NotPassed));
        let low = QualityReport { score: 0.1, ..report() };
        assert_eq!(low.permits(SUBJECT, [("train", "aa")]), Err(QualityGateError::NotPassed));
    }

    #[test]
    fn a_report_of_the_first_form_is_asked_for_its_splits() {
        let mut first = serde_json::to_value(report()).unwrap();
        for member in ["target", "cohort_sha256", "documents"] {
            first.as_object_mut().unwrap().remove(member);
        }
        first["format_version"] = FIRST_VERSION.into();
        let first = QualityReport::parse(&serde_json::to_vec(&first).unwrap()).unwrap();
        first.permits(SUBJECT, [("train", "aa"), ("cleaning_plan", "bb")]).unwrap();
        let other = QualityGateError::OtherData { part: "train".to_owned() };
        assert_eq!(first.permits(SUBJECT, [("train", "bb")]), Err(other));
    }

    #[test]
    fn a_report_is_read_back() {
        let report = report();
        let bytes = serde_json::to_vec(&report).unwrap();
        assert_eq!(QualityReport::parse(&bytes).unwrap(), report);
        assert!(QualityReport::parse(b"{}").is_err());
    }
}
