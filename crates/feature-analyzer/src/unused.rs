//! Columns of the prepared data of which no feature is made: every one is told, with its reason.

use std::collections::{BTreeMap, BTreeSet};

use contracts::Agent;
use contracts::messages::Warning;
use contracts::stages::PreparedData;
use tabular::plan::{RejectedCandidate, Summary};

/// Columns that a warning names at most, and the bytes of their names.
const NAMED: (usize, usize) = (20, 1500);

/// One warning for each reason. What the data-preparer has left out, it has told.
pub(crate) fn warnings(
    prepared: &PreparedData,
    target: &str,
    features: &[Summary],
    rejected: &[RejectedCandidate],
) -> Vec<Warning> {
    let used: BTreeSet<&str> =
        features.iter().flat_map(|of| &of.sources).map(String::as_str).collect();
    let out: BTreeSet<&str> =
        prepared.excluded_columns.iter().map(|of| of.column.as_str()).collect();
    let reasons: BTreeMap<&str, &str> =
        rejected.iter().map(|of| (of.name.as_str(), of.reason.as_str())).collect();
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in prepared.columns.iter().map(|column| column.name.as_str()) {
        if name != target && !used.contains(name) && !out.contains(name) {
            let reason = reasons.get(name).copied().unwrap_or("nothing is made of it");
            by_reason.entry(reason).or_default().push(name);
        }
    }
    let warning = |(reason, names): (&str, Vec<&str>)| Warning {
        code: "column_left_out".to_owned(),
        message: format!("no feature is made of {}: {reason}", named(&names)),
        agent: Agent::FeatureAnalyzer.as_str().to_owned(),
    };
    by_reason.into_iter().take(MAX_REASONS).map(warning).collect()
}

/// Reasons that are told at most: those of redundant columns name another column each.
const MAX_REASONS: usize = 50;

fn named(names: &[&str]) -> String {
    let (most, most_bytes) = NAMED;
    let mut bytes = 0;
    let fits = |name: &&&str| {
        bytes += name.len();
        bytes <= most_bytes
    };
    let named: Vec<String> =
        names.iter().take(most).take_while(fits).map(|name| format!("`{name}`")).collect();
    let more = names.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", named.join(", "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test")]

    use contracts::stages::ExcludedColumn;
    use tabular::{ColumnType, Field};

    use super::*;

    #[test]
    fn columns_without_a_feature_are_told() {
        let field = |name: &str| Field::new(name, ColumnType::Text);
        let prepared = PreparedData {
            columns: ["a", "b", "c", "id", "y"].map(field).to_vec(),
            excluded_columns: vec![ExcludedColumn {
                column: "id".to_owned(),
                reason: "identifier".to_owned(),
            }],
            ..PreparedData::default()
        };
        let summary = Summary {
            name: "a_month".to_owned(),
            sources: vec!["a".to_owned()],
            transform: "date_month".to_owned(),
            categories: None,
            relevance: 0.1,
        };
        let rejected =
            RejectedCandidate { name: "b".to_owned(), reason: "texts hardly repeat".to_owned() };
        let warnings = warnings(&prepared, "y", &[summary], &[rejected]);
        let messages: Vec<String> = warnings.into_iter().map(|of| of.message).collect();
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[0], "no feature is made of `c`: nothing is made of it");
        assert_eq!(messages[1], "no feature is made of `b`: texts hardly repeat");
        let long = "x".repeat(400);
        assert!(named(&[long.as_str(); 30]).ends_with(" and 27 more"));
    }
}
