//! Findings as warnings of the run: each kind a bounded number of times, however wide the table.

use std::collections::BTreeMap;

use contracts::Agent;
use contracts::messages::Warning;
use statistics::Finding;

use crate::issues::columns;
use crate::losses;

/// Findings of a kind that are warnings of their own; what goes beyond is one warning together.
const MAX_OF_A_KIND: usize = 10;

/// The warnings, in the order of the findings; those that block are in the failure, and what a score lost that suffices is in the
/// report.
pub(crate) fn of(findings: &[Finding]) -> Vec<Warning> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut beyond: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut warnings = Vec::new();
    let is_warning = |finding: &&Finding| !finding.blocking && finding.code != losses::CODE;
    for finding in findings.iter().filter(is_warning) {
        let count = seen.entry(&finding.code).or_default();
        *count += 1;
        if *count <= MAX_OF_A_KIND {
            warnings.push(warning(&finding.code, finding.message.clone()));
        } else {
            beyond.entry(&finding.code).or_default().push(&finding.column);
        }
    }
    for (code, names) in beyond {
        let message = format!(
            "{} more findings of the kind {code}, about {}; the quality report has each",
            names.len(),
            columns(&names)
        );
        warnings.push(warning(code, message));
    }
    warnings
}

fn warning(code: &str, message: String) -> Warning {
    Warning { code: code.to_owned(), message, agent: Agent::DataPreparer.as_str().to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test")]

    use super::*;
    use crate::issues::{blocking, noted};

    #[test]
    fn a_kind_is_told_a_bounded_number_of_times() {
        let mut findings: Vec<Finding> = (0..1900)
            .map(|column| {
                noted("inconsistent_spelling", &format!("c{column}"), 1, "two".to_owned())
            })
            .collect();
        findings.push(noted("future_time", "at", 1, "late".to_owned()));
        findings.push(blocking("no_features", "", 0, "none".to_owned()));
        let warnings = of(&findings);
        assert_eq!(warnings.len(), 12);
        assert_eq!(warnings[10].code, "future_time");
        assert!(
            warnings[11].message.starts_with("1890 more") && warnings[11].message.contains("`c10`")
        );
    }
}
