//! The quality gate, looked at again: the report itself decides, not a flag in a message.

use contracts::stages::PreparedData;
use statistics::{QualityGateError, QualityReport};
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

/// Lets the training and validation splits through where the report (fetched by its digest) permits exactly them.
///
/// # Errors
/// When it does not, or the message contradicts it.
pub fn check(prepared: &PreparedData, report: &[u8]) -> Result<(), GateError> {
    let report = QualityReport::parse(report)?;
    let said = prepared.quality_gate.passed;
    if said != report.passed {
        return Err(GateError::Contradiction { said });
    }
    let read = [("train", &prepared.train), ("validation", &prepared.validation)];
    report.permits(read.map(|(split, artifact)| (split, artifact.sha256.as_str())))?;
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
        };
        serde_json::to_vec(&report).unwrap()
    }

    #[test]
    fn only_the_splits_that_the_report_permits_are_let_through() {
        assert!(check(&prepared(true), &report(true, "bb")).is_ok());
        let refused = |prepared, report: &[u8]| check(&prepared, report).unwrap_err();
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
        ] {
            assert!(matches!(error, GateError::NotPermitted(_)), "{error:?}");
        }
    }
}
