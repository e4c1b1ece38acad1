//! The words of data that did not pass the gate: what was found, and the option that allows it.

use contracts::failures::failure;
use contracts::messages::Failure;
use statistics::{Finding, QualityReport};

use crate::losses;

/// Findings that the reason of a failed run names.
const MAX_NAMED_FINDINGS: usize = 5;

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
        let (lost, others): (Vec<&Finding>, Vec<&Finding>) =
            report.issues.iter().partition(|issue| issue.code == losses::CODE);
        let told = others.into_iter().take(MAX_NAMED_FINDINGS);
        parts.extend(lost.into_iter().chain(told).map(|issue| issue.message.clone()));
        suggestions.extend(report.issues.iter().take(MAX_NAMED_FINDINGS).filter_map(way_out));
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

/// That the score is too low; what each dimension takes from it is among the findings, and told first.
fn too_low(report: &QualityReport) -> String {
    format!("the quality score is {:.3}, and {:.2} is needed", report.score, report.threshold)
}

/// What lets data with this finding through, where something does.
fn way_out(issue: &Finding) -> Option<String> {
    let column = &issue.column;
    match issue.code.as_str() {
        "target_leakage" | "missingness_leakage" | "time_leakage" => Some(format!(
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
        "pair_leakage" => Some(format!(
            "`--exclude-column {column}` (excludeColumns), or the other of the two, where it is known only afterwards; `--allow-leakage {column}` (allowLeakage) where both are known before"
        )),
        "target_missing_values" => Some(
            "leave these rows out by a criterion of the population (`exclusion` in the request), or correct them".to_owned(),
        ),
        "target_constant" | "class_missing" => Some(format!(
            "let rows in that have other values of `{column}`: change `inclusion`, `exclusion` or the windows of the request (`--look-back`, `--follow-up`)"
        )),
        "target_invalid" => Some(
            "`problemType` in the request for the kind that the values are of, or `--target COLUMN` for another column".to_owned(),
        ),
        "class_too_rare" => Some(
            "leave the rows of the class out (`exclusion` in the request), group it with another in the source, or give more rows of it; `problemType` of a regression in the request where its values are quantities".to_owned(),
        ),
        "weights_unusable" => Some(format!(
            "correct `{column}`, leave rows without a weight out (`exclusion` in the request), or do without `--sample-weight` (weightColumn)"
        )),
        "no_features" => Some(
            "`--keep-column COLUMN` (requireColumns) for a column that was left out unasked, or fewer `--exclude-column` (excludeColumns)".to_owned(),
        ),
        "column_missing" => Some(format!(
            "give the table a column `{column}`, or do not name it in the request or the catalogue"
        )),
        "split_impossible" => Some(
            "`--split random` or `--split stratified` (splitMethod), or another `--entity-column` or `--time-column`".to_owned(),
        ),
        "cleaning_impossible" | "cleaning_failed" => Some(
            "another rule for these columns (`--fill-missing COLUMN=RULE`, `--outliers COLUMN=RULE`, cleaning in the request)".to_owned(),
        ),
        "future_time" => Some(format!(
            "correct the times in `{column}`, leave these rows out (`exclusion` in the request), or name another `--time-column` (timeColumn)"
        )),
        "mixed_types" => Some(
            "`--missing-marker TEXT` (missingMarkers) for texts that mean a missing value, or correct them".to_owned(),
        ),
        "inconsistent_spelling" => {
            Some(format!("write the texts of `{column}` in one way in the source"))
        }
        "rule_unusable" => Some(
            "correct the rule (`--rule`, `checks.rules` in the request), or leave it out".to_owned(),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use statistics::report::FORMAT_VERSION;

    use super::*;
    use crate::issues::{blocking, noted};

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
        let late = noted("future_time", "at", 3, "late".to_owned());
        let lost = noted(losses::CODE, "", 9, "completeness takes it".to_owned());
        let failure = reason(&report(0.766, vec![late, lost]), "report");
        let words = "the quality score is 0.766, and 0.80 is needed; completeness takes it; late;";
        assert!(failure.message.contains(words), "{}", failure.message);
        assert_eq!(failure.suggestions.len(), 2);
        assert!(failure.suggestions.iter().any(|one| one.contains("`--time-column`")));
        assert!(failure.suggestions.iter().any(|one| one.contains("--min-quality 0.76")));
    }

    #[test]
    fn every_refusal_has_a_way_out() {
        let way_out = |code: &str| way_out(&blocking(code, "x", 4, String::new()));
        for (code, option) in [
            ("time_leakage", "--allow-leakage x"),
            ("pair_leakage", "--allow-leakage x"),
            ("too_few_rows", "--min-rows 4"),
            ("target_constant", "`exclusion`"),
            ("class_missing", "`inclusion`"),
            ("class_too_rare", "`exclusion`"),
            ("weights_unusable", "--sample-weight"),
            ("no_features", "--keep-column"),
            ("target_invalid", "`problemType`"),
            ("target_missing_values", "`exclusion`"),
            ("column_missing", "`x`"),
            ("split_impossible", "--split"),
            ("cleaning_impossible", "--fill-missing"),
            ("cleaning_failed", "--outliers"),
            ("rule_unusable", "--rule"),
            ("rule_broken", "`warns`"),
            ("expectation_not_met", "severity"),
            ("future_time", "--time-column"),
        ] {
            assert!(way_out(code).is_some_and(|way| way.contains(option)), "{code}");
        }
    }

    #[test]
    fn leakage_is_overridden_by_the_columns_name() {
        let issue = blocking("target_leakage", "radius", 10, "it tells".to_owned());
        let failure = reason(&report(0.9, vec![issue]), "report");
        assert_eq!(failure.subject, "radius");
        assert!(failure.suggestions.iter().any(|one| one.contains("--allow-leakage radius")));
    }
}
