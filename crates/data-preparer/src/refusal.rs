//! The words of data that did not pass the gate: what was found, and the option that allows it.

use contracts::failures::failure;
use contracts::messages::Failure;
use statistics::quality::Dimensions;
use statistics::{Finding, QualityReport};

/// Findings that the reason of a failed run names.
const MAX_NAMED_FINDINGS: usize = 5;
/// Least loss of score by a dimension that is named.
const NAMED_LOSS: f64 = 0.005;

/// Why data were not let through; `uri` is that of the report.
pub(crate) fn reason(report: &QualityReport, uri: &str) -> Failure {
    let blocking: Vec<&Finding> = report.issues.iter().filter(|issue| issue.blocking).collect();
    let mut parts: Vec<String> =
        blocking.iter().take(MAX_NAMED_FINDINGS).map(|issue| issue.message.clone()).collect();
    let more = blocking.len().saturating_sub(MAX_NAMED_FINDINGS);
    if more > 0 {
        parts.push(format!("and {more} more"));
    }
    let mut suggestions: Vec<String> =
        blocking.iter().take(MAX_NAMED_FINDINGS).filter_map(|issue| way_out(issue)).collect();
    if report.score < report.threshold && blocking.is_empty() {
        parts.push(too_low(report));
        parts.extend(
            report.issues.iter().take(MAX_NAMED_FINDINGS).map(|issue| issue.message.clone()),
        );
        suggestions.push(format!(
            "`--min-quality {:.2}` (minQualityScore in the request), if the data are of use as they are",
            (report.score * 100.0).floor() / 100.0
        ));
    }
    suggestions.dedup();
    let message =
        format!("the quality gate did not pass: {}; the whole report: {uri}", parts.join("; "));
    let subject = blocking.first().map(|issue| issue.column.clone()).unwrap_or_default();
    failure("quality_gate_failed", message).about(subject).suggesting(suggestions)
}

/// What each dimension takes from the score.
fn too_low(report: &QualityReport) -> String {
    let lost = Dimensions::WEIGHTS.into_iter().filter_map(|(name, weight)| {
        let value = *report.dimensions.get(name)?;
        let loss = (1.0 - value) * weight;
        (loss >= NAMED_LOSS).then(|| format!("{name} of {value:.3} takes {loss:.3} from it"))
    });
    let lost: Vec<String> = lost.collect();
    let why = if lost.is_empty() { String::new() } else { format!(" ({})", lost.join(", ")) };
    format!("the quality score is {:.3}{why}, and {:.2} is needed", report.score, report.threshold)
}

/// What lets data with this finding through, where something does.
fn way_out(issue: &Finding) -> Option<String> {
    let column = &issue.column;
    match issue.code.as_str() {
        "target_leakage" | "missingness_leakage" => Some(format!(
            "`--exclude-column {column}` (excludeColumns) where it is known only afterwards, `--allow-leakage {column}` (allowLeakage) where it is known before"
        )),
        "expectation_not_met" | "expectation_not_evaluated" => Some(
            "correct the data, or give the expectation `\"severity\": \"warning\"` in the suite, where it is to warn".to_owned(),
        ),
        "key_repeated" | "reference_missing" | "rule_broken" => {
            Some("correct the data, or let the rule warn (`warns` in the rule)".to_owned())
        }
        "too_few_rows" => {
            Some(format!("`--min-rows {}` (minRows), if so few rows are to do", issue.rows.max(1)))
        }
        "target_missing_values" => Some(
            "leave these rows out by a criterion of the population, or correct them".to_owned(),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use statistics::report::FORMAT_VERSION;

    use super::*;
    use crate::issues::blocking;

    fn report(score: f64, issues: Vec<Finding>) -> QualityReport {
        QualityReport {
            format_version: FORMAT_VERSION,
            passed: false,
            score,
            threshold: 0.8,
            dimensions: BTreeMap::from([
                ("completeness".to_owned(), 0.06),
                ("validity".to_owned(), 1.0),
            ]),
            issues,
            rows_read: 100,
            rows_kept: 100,
            source_sha256: "00".to_owned(),
            splits: BTreeMap::new(),
            target: "y".to_owned(),
            cohort_sha256: "00".to_owned(),
            documents: BTreeMap::new(),
            cleaning: BTreeMap::new(),
        }
    }

    #[test]
    fn a_low_score_says_what_is_low_and_how_it_is_accepted() {
        let failure = reason(&report(0.766, Vec::new()), "report");
        assert!(
            failure.message.contains("0.766 (completeness of 0.060 takes 0.235 from it), and 0.80"),
            "{}",
            failure.message
        );
        assert_eq!(failure.suggestions.len(), 1);
        assert!(failure.suggestions.iter().all(|one| one.contains("--min-quality 0.76")));
    }

    #[test]
    fn leakage_is_overridden_by_the_columns_name() {
        let issue = blocking("target_leakage", "radius", 10, "it tells".to_owned());
        let failure = reason(&report(0.9, vec![issue]), "report");
        assert_eq!(failure.subject, "radius");
        assert!(failure.suggestions.iter().any(|one| one.contains("--allow-leakage radius")));
    }
}
