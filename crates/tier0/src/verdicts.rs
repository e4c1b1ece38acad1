//! What the stages of a run decided, as text for people.

use api::verdicts::VerdictsDocument;
use terminal::counted;

/// A line for each decision; empty where there is none yet.
#[must_use]
pub(crate) fn shown(document: &VerdictsDocument) -> String {
    let mut lines = Vec::new();
    if let Some(gate) = &document.quality_gate {
        let passed = if gate.passed { "passed" } else { "not passed" };
        lines.push(format!(
            "data      {passed}: score {:.3} of at least {:.3}, {} of {} rows kept, {}",
            gate.score,
            gate.threshold,
            gate.rows_kept,
            gate.rows_read,
            counted(gate.issues.len() as u64, "finding")
        ));
        let blocking = gate.issues.iter().filter(|issue| issue.blocking);
        lines.extend(blocking.map(|issue| format!("          blocked by {}", issue.message)));
    }
    if let Some(features) = &document.features {
        lines.push(format!(
            "features  {} kept of {}",
            features.kept,
            features.kept + features.rejected
        ));
    }
    for criterion in &document.criteria {
        let met = if criterion.met { "met" } else { "not met" };
        let weight = if criterion.gate { "a gate" } else { "a warning" };
        lines.push(format!(
            "criterion {} {:.4} against {}: {met} ({weight})",
            criterion.metric, criterion.value, criterion.threshold
        ));
    }
    if let Some(deployment) = &document.deployment {
        lines.push(format!(
            "check     {} rows served as they were trained, greatest difference {}; {}",
            deployment.checked_rows, deployment.max_difference, deployment.strategy
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use api::verdicts::{CriterionVerdict, IssueVerdict, QualityVerdict};

    use super::*;

    #[test]
    fn each_decision_is_a_line() {
        let issue = IssueVerdict {
            code: "leakage".into(),
            blocking: true,
            column: "refund".into(),
            message: "column `refund` tells the target".into(),
            rows: 10,
        };
        let document = VerdictsDocument {
            quality_gate: Some(QualityVerdict {
                passed: false,
                score: 0.5,
                threshold: 0.9,
                dimensions: Default::default(),
                issues: vec![issue],
                rows_read: 10,
                rows_kept: 9,
                splits: Default::default(),
            }),
            criteria: vec![CriterionVerdict {
                metric: "f1".into(),
                threshold: 0.7,
                value: 0.65,
                met: false,
                gate: true,
            }],
            ..VerdictsDocument::default()
        };
        assert_eq!(
            shown(&document),
            "data      not passed: score 0.500 of at least 0.900, 9 of 10 rows kept, 1 finding\n          \
             blocked by column `refund` tells the target\n\
             criterion f1 0.6500 against 0.7: not met (a gate)"
        );
        assert_eq!(shown(&VerdictsDocument::default()), "");
    }
}
