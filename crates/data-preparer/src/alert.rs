//! The alert about data that do not meet their suite, or the quality gate: what a checkpoint's action is to Great Expectations.
//!
//! One alert for each run, however often it is attempted. It has names and counts, and no values of rows.

use std::time::SystemTime;

use bus::{Bus, Headers, MESSAGE_ID};
use contracts::messages::{Alert, AlertKind, AlertSeverity, QualityIssue};
use contracts::{Agent, RunId, encoding, subjects, time};
use expectations::SuiteResult;
use statistics::{Finding, QualityReport};

use crate::error::Error;
use crate::suite;

/// Findings that an alert has at most.
const MAX_FINDINGS: usize = 50;
/// Most characters of a finding's message.
const MAX_MESSAGE: usize = 1000;
/// Most characters of a suite's name.
const MAX_NAME: usize = 128;
/// What an alert is about where it is no suite.
const QUALITY_GATE: &str = "quality_gate";

/// The run whose data were looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) id: &'a RunId,
    /// Name of the model that the run is to train.
    pub(crate) name: &'a str,
    /// When the data were handed over; the same for every attempt.
    pub(crate) at: SystemTime,
}

/// Says that data do not meet their suite or the gate, where they do not.
///
/// # Errors
/// Where the broker does not take it.
pub(crate) async fn raise(
    bus: &Bus,
    run: Run<'_>,
    report: &QualityReport,
    validation: Option<&SuiteResult>,
) -> Result<(), Error> {
    let Some(alert) = of(run, report, validation) else { return Ok(()) };
    let mut headers = Headers::new();
    headers.insert(MESSAGE_ID, alert.alert_id.as_str());
    let bytes = encoding::encode_bounded(&alert)?;
    bus.publish(&subjects::run_alert(run.name)?, headers, bytes).await?;
    Ok(())
}

/// The alert; none where the gate passed and every expectation was met.
fn of(run: Run<'_>, report: &QualityReport, validation: Option<&SuiteResult>) -> Option<Alert> {
    let suite = validation.filter(|result| !result.success);
    if report.passed && suite.is_none() {
        return None;
    }
    let (expectations, others): (Vec<&Finding>, Vec<&Finding>) =
        report.issues.iter().partition(|issue| suite::CODES.contains(&issue.code.as_str()));
    let blocking = others.iter().filter(|issue| issue.blocking).count();
    let of_suite = suite.map(|result| {
        let name: String = result.suite_name.chars().take(MAX_NAME).collect();
        let statistics = result.statistics;
        let told = format!(
            "{} of {} expectations of the suite `{name}` are not met",
            statistics.unsuccessful_expectations, statistics.evaluated_expectations
        );
        (name, told)
    });
    let mut told: Vec<String> = of_suite.iter().map(|(_, told)| told.clone()).collect();
    if blocking > 0 {
        let besides = if told.is_empty() { "" } else { " besides" };
        told.push(format!("{blocking} findings block{besides}"));
    }
    // A score alone may fail, and is a figure to compare.
    let by_score = !report.passed && !report.issues.iter().any(|issue| issue.blocking);
    if by_score {
        told.push(format!(
            "the quality score is {:.3}, and {:.2} is needed",
            report.score, report.threshold
        ));
    }
    let verdict = if report.passed { "passed" } else { "did not pass" };
    let (value, threshold) = if by_score {
        (report.score, report.threshold)
    } else {
        ((expectations.len() + blocking) as f64, 0.0)
    };
    let blocking_first = |issue: &&Finding| !issue.blocking;
    let mut findings: Vec<&Finding> =
        expectations.into_iter().chain(others.into_iter().filter(|of| of.blocking)).collect();
    findings.sort_by_key(blocking_first);
    Some(Alert {
        alert_id: format!("{}.{QUALITY_GATE}", run.id),
        endpoint: run.name.to_owned(),
        kind: AlertKind::DataValidation.into(),
        severity: severity(report, validation).into(),
        reason: format!(
            "the data of the run {} {verdict} the quality gate: {}",
            run.id,
            told.join("; ")
        ),
        at: Some(time::timestamp(run.at)),
        raised_by: Agent::DataPreparer.as_str().to_owned(),
        subject: of_suite.map_or_else(|| QUALITY_GATE.to_owned(), |(name, _)| name),
        value,
        threshold,
        run_id: run.id.to_string(),
        findings: findings.into_iter().take(MAX_FINDINGS).map(issue).collect(),
        version: 0,
    })
}

/// Critical where the gate did not pass; else the greatest severity of the expectations that are not met.
fn severity(report: &QualityReport, validation: Option<&SuiteResult>) -> AlertSeverity {
    if !report.passed {
        return AlertSeverity::Critical;
    }
    let failed = validation.into_iter().flat_map(|result| &result.results);
    let mut failed = failed.filter(|one| !one.success);
    if failed.any(|one| one.expectation_config.severity == "warning") {
        AlertSeverity::Warning
    } else {
        AlertSeverity::Info
    }
}

fn issue(finding: &Finding) -> QualityIssue {
    let message = finding.message.chars().take(MAX_MESSAGE).collect();
    Finding { message, ..finding.clone() }.into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::collections::BTreeMap;
    use std::time::{Duration, UNIX_EPOCH};

    use contracts::Validate as _;

    use super::*;
    use crate::issues::{blocking, noted};

    fn report(passed: bool, issues: Vec<Finding>) -> QualityReport {
        QualityReport {
            format_version: statistics::report::FORMAT_VERSION,
            passed,
            score: 0.7,
            threshold: 0.8,
            dimensions: BTreeMap::new(),
            issues,
            rows_read: 600,
            rows_kept: 600,
            source_sha256: "f".repeat(64),
            splits: BTreeMap::new(),
            target: "y".to_owned(),
            cohort_sha256: String::new(),
            documents: BTreeMap::new(),
            cleaning: BTreeMap::new(),
        }
    }

    fn alert(report: &QualityReport) -> Option<Alert> {
        let id = RunId::new("run-1").unwrap();
        let at = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        of(Run { id: &id, name: "churn", at }, report, None)
    }

    #[test]
    fn what_passes_raises_none() {
        assert_eq!(alert(&report(true, vec![noted("mixed_types", "a", 2, "two".into())])), None);
    }

    #[test]
    fn what_blocks_is_told_once_for_a_run() {
        let found = vec![
            noted("mixed_types", "a", 2, "two".into()),
            blocking("expectation_not_met", "b", 3, "m".repeat(5000)),
            blocking("target_leakage", "c", 4, "c tells the target".into()),
        ];
        let found = alert(&report(false, found)).unwrap();
        assert_eq!(found.alert_id, "run-1.quality_gate");
        assert_eq!(
            (found.severity(), found.kind()),
            (AlertSeverity::Critical, AlertKind::DataValidation)
        );
        assert_eq!((found.subject.as_str(), found.run_id.as_str()), ("quality_gate", "run-1"));
        let columns: Vec<&str> = found.findings.iter().map(|of| of.column.as_str()).collect();
        assert_eq!(columns, ["b", "c"]);
        assert_eq!((found.value, found.threshold), (2.0, 0.0));
        found.validate().unwrap();
    }

    #[test]
    fn a_score_that_is_too_low_is_the_figure() {
        let found = alert(&report(false, Vec::new())).unwrap();
        assert_eq!((found.value, found.threshold), (0.7, 0.8));
        assert!(
            found.reason.contains("0.700") && found.reason.contains("0.80"),
            "{}",
            found.reason
        );
        found.validate().unwrap();
    }
}
