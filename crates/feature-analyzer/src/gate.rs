//! The quality gate, looked at again: the report itself decides, not a flag in a message.

use contracts::stages::{PreparedData, Scope};
use statistics::{QualityGateError, QualityReport, Subject};
use thiserror::Error;

/// Data that are not let through.
#[derive(Debug, Error)]
pub enum GateError {
    /// The report does not permit them.
    #[error(transparent)]
    NotPermitted(#[from] QualityGateError),
    /// The verdict in the message is not that of the report.
    #[error("the message says that the data {}, their quality report says the opposite", if *.said { "passed the quality gate" } else { "did not pass the quality gate" })]
    Contradiction {
        /// What the message says.
        said: bool,
    },
}

/// Lets the training and validation splits and the cleaning plan through where the report (fetched by its digest) permits exactly
/// them, for this scope.
///
/// # Errors
/// When it does not, or the message contradicts it.
pub fn check(scope: &Scope, prepared: &PreparedData, report: &[u8]) -> Result<(), GateError> {
    let report = QualityReport::parse(report)?;
    let said = prepared.quality_gate.passed;
    if said != report.passed {
        return Err(GateError::Contradiction { said });
    }
    let read = [
        ("train", &prepared.train),
        ("validation", &prepared.validation),
        ("cleaning_plan", &prepared.cleaning_plan),
    ];
    let subject = Subject {
        target: &scope.target,
        cohort_sha256: &scope.cohort_sha256,
        source_sha256: &prepared.source_sha256,
    };
    report.permits(subject, read.map(|(part, artifact)| (part, artifact.sha256.as_str())))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::collections::BTreeMap;

    use contracts::stages::{ArtifactRef, QualityGate};
    use statistics::report::FORMAT_VERSION;

    use super::*;

    fn prepared(passed: bool) -> PreparedData {
        let split =
            |sha256: &str| ArtifactRef { sha256: sha256.to_owned(), ..ArtifactRef::default() };
        PreparedData {
            train: split("aa"),
            validation: split("bb"),
            cleaning_plan: split("cc"),
            source_sha256: "00".to_owned(),
            quality_gate: QualityGate { passed, ..QualityGate::default() },
            ..PreparedData::default()
        }
    }

    fn report(passed: bool, validation: &str) -> Vec<u8> {
        let splits = [("train", "aa"), ("validation", validation)];
        let report = QualityReport {
            format_version: FORMAT_VERSION,
            passed,
            score: 0.9,
            threshold: 0.8,
            dimensions: BTreeMap::new(),
            issues: Vec::new(),
            rows_read: 10,
            rows_kept: 10,
            source_sha256: "00".to_owned(),
            splits: splits.map(|(split, sha256)| (split.to_owned(), sha256.to_owned())).into(),
            target: "y".to_owned(),
            cohort_sha256: "dd".to_owned(),
            documents: BTreeMap::from([("cleaning_plan".to_owned(), "cc".to_owned())]),
            cleaning: BTreeMap::new(),
        };
        serde_json::to_vec(&report).unwrap()
    }

    #[test]
    fn only_the_splits_that_the_report_permits_are_let_through() {
        let scope =
            Scope { target: "y".to_owned(), cohort_sha256: "dd".to_owned(), ..Scope::default() };
        assert!(check(&scope, &prepared(true), &report(true, "bb")).is_ok());
        let refused = |prepared, report: &[u8]| check(&scope, &prepared, report).unwrap_err();
        let other = Scope { target: "z".to_owned(), ..scope.clone() };
        assert!(check(&other, &prepared(true), &report(true, "bb")).is_err());
        assert!(matches!(
            refused(prepared(true), &report(false, "bb")),
            GateError::Contradiction { said: true }
        ));
        assert!(matches!(
            refused(prepared(false), &report(true, "bb")),
            GateError::Contradiction { said: false }
        ));
        for error in [
            refused(prepared(false), &report(false, "bb")),
            refused(prepared(true), &report(true, "cc")),
            refused(prepared(true), b"{}"),
            refused(
                PreparedData { validation: ArtifactRef::default(), ..prepared(true) },
                &report(true, "bb"),
            ),
            refused(
                PreparedData { cleaning_plan: ArtifactRef::default(), ..prepared(true) },
                &report(true, "bb"),
            ),
        ] {
            assert!(matches!(error, GateError::NotPermitted(_)), "{error:?}");
        }
    }
}
