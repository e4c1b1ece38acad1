//! What the stages decided.

use api::verdicts::{
    CriterionVerdict, DeploymentVerdict, QualityVerdict, ScopeVerdict, VerdictsDocument,
};
use page::{Page, counted, number};

use crate::{NO_MESSAGES, words};

pub(crate) fn write(page: &mut Page, verdicts: Option<&VerdictsDocument>) {
    page.heading("decisions", "Decisions");
    let Some(verdicts) = verdicts else { return page.soft(NO_MESSAGES) };
    if let Some(of) = &verdicts.scope {
        scope(page, of);
    }
    if let Some(of) = &verdicts.quality_gate {
        quality(page, of);
    }
    if let Some(features) = &verdicts.features {
        let rows = [
            ("Kept", features.kept.to_string()),
            ("Not kept", features.rejected.to_string()),
            ("Gain by constructed ones, on validation rows", number(features.validation_gain)),
        ];
        page.figures("Features", &rows);
    }
    if !verdicts.criteria.is_empty() {
        criteria(page, &verdicts.criteria);
    }
    if let Some(of) = &verdicts.deployment {
        deployment(page, of);
    }
}

fn scope(page: &mut Page, scope: &ScopeVerdict) {
    let mut rows = vec![
        ("Target", scope.target.clone()),
        ("Problem", words(&scope.problem_type)),
        ("Concluded from", scope.evidence.clone()),
        ("Metric", scope.metric.clone()),
        ("Rows looked at", scope.rows_examined.to_string()),
    ];
    if !scope.positive_class.is_empty() {
        rows.insert(2, ("Positive class", scope.positive_class.clone()));
    }
    page.figures("Scope", &rows);
    if !scope.excluded_columns.is_empty() {
        let rows: Vec<Vec<String>> = scope
            .excluded_columns
            .iter()
            .map(|(column, reason)| vec![column.clone(), reason.clone()])
            .collect();
        page.table("Columns that are not used", &["Column", "Why"], &rows);
    }
}

fn quality(page: &mut Page, gate: &QualityVerdict) {
    let verdict = if gate.passed { "passed" } else { "not passed" };
    let mut rows = vec![
        ("Quality gate".to_owned(), verdict.to_owned()),
        ("Score".to_owned(), format!("{:.3} of at least {:.3}", gate.score, gate.threshold)),
        ("Rows kept".to_owned(), counted(gate.rows_kept, gate.rows_read)),
    ];
    rows.extend(gate.dimensions.iter().map(|(name, score)| (words(name), format!("{score:.3}"))));
    let of_split = |(name, rows): (&String, &u64)| {
        (format!("Rows of {}", words(name)), counted(*rows, gate.rows_kept))
    };
    rows.extend(gate.splits.iter().map(of_split));
    let rows: Vec<(&str, String)> =
        rows.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    page.figures("Data", &rows);
    if !gate.issues.is_empty() {
        let rows: Vec<Vec<String>> = gate
            .issues
            .iter()
            .map(|issue| {
                let column = if issue.column.is_empty() { "the table" } else { &issue.column };
                let weight = if issue.blocking { "blocks" } else { "warns" };
                vec![
                    column.to_owned(),
                    words(&issue.code),
                    weight.to_owned(),
                    issue.rows.to_string(),
                    issue.message.clone(),
                ]
            })
            .collect();
        let head = ["Column", "Finding", "Weight", "Rows", "In words"];
        page.table("What was found in the data", &head, &rows);
    }
}

fn criteria(page: &mut Page, criteria: &[CriterionVerdict]) {
    let rows: Vec<Vec<String>> = criteria
        .iter()
        .map(|criterion| {
            vec![
                criterion.metric.clone(),
                number(criterion.value),
                number(criterion.threshold),
                if criterion.met { "met" } else { "not met" }.to_owned(),
                if criterion.gate { "a gate" } else { "a warning" }.to_owned(),
            ]
        })
        .collect();
    let head = ["Metric", "On the test split", "To be reached", "Verdict", "Missing it is"];
    page.table("Criteria", &head, &rows);
}

fn deployment(page: &mut Page, deployment: &DeploymentVerdict) {
    let rows = [
        ("Strategy", words(&deployment.strategy)),
        ("Rows compared with the trainer's", deployment.checked_rows.to_string()),
        ("Greatest difference", number(deployment.max_difference)),
        ("Live on", deployment.servers.join(", ")),
    ];
    page.figures("Deployment", &rows);
}
