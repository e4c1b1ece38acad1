//! From drift reports, metrics and counts to findings.

use contracts::v1::{AlertKind, AlertSeverity, MetricEstimate};
use statistics::drift::{Aspect, ColumnDrift, Report, Verdict};
use tabular::metrics::Metric;

use crate::settings::{Degradation, Traffic};
use crate::traffic::RequestCounts;

/// What a check found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Kind of the alert that the finding raises.
    pub kind: AlertKind,
    /// The column or metric; empty for the endpoint as a whole.
    pub subject: String,
    /// How bad it is.
    pub severity: AlertSeverity,
    /// The reason in words.
    pub reason: String,
    /// What was measured, in the unit of the statistic or metric.
    pub value: f64,
    /// What it was compared with, in the same unit.
    pub threshold: f64,
}

/// What has drifted: of the inputs, or of the predictions.
pub fn drift(report: &Report, is_of_inputs: bool) -> Vec<Finding> {
    let of_distribution =
        if is_of_inputs { AlertKind::FeatureDrift } else { AlertKind::PredictionDrift };
    let mut findings = Vec::new();
    for column in &report.columns {
        let moved = [Aspect::Distribution, Aspect::OutOfRange];
        let unusable = [Aspect::Missing, Aspect::Unseen];
        findings.extend(worst(column, of_distribution, &moved));
        findings.extend(worst(column, AlertKind::DataQuality, &unusable));
    }
    findings
}

/// The worst of a column's tests of these aspects, where any found something.
fn worst(column: &ColumnDrift, kind: AlertKind, aspects: &[Aspect]) -> Option<Finding> {
    let tests = column.tests.iter().filter(|test| aspects.contains(&test.aspect));
    let worst = tests.filter(|test| test.verdict > Verdict::None).max_by(|a, b| {
        let weight = |test: &statistics::drift::Test| test.effect / test.warning;
        a.verdict.cmp(&b.verdict).then(weight(a).total_cmp(&weight(b)))
    })?;
    let (severity, threshold) = match worst.verdict {
        Verdict::Critical => (AlertSeverity::Critical, worst.critical),
        _ => (AlertSeverity::Warning, worst.warning),
    };
    Some(Finding {
        kind,
        subject: column.name.clone(),
        severity,
        reason: format!("column `{}`: {}", column.name, column.reasons.join("; ")),
        value: worst.effect,
        threshold,
    })
}

/// Whether a metric is worse than on the test split, by an amount that matters and that chance does not explain.
pub fn degradation(
    metric: Metric,
    measured: &MetricEstimate,
    reference: &MetricEstimate,
    rows: usize,
    settings: &Degradation,
) -> Option<Finding> {
    let (drop, best, worst_known) = if metric.greater_is_better() {
        (reference.value - measured.value, measured.high, reference.low)
    } else {
        // Losses have no common scale.
        let scale = reference.value.abs().max(f64::MIN_POSITIVE);
        ((measured.value - reference.value) / scale, measured.low, reference.high)
    };
    let severity = if drop >= settings.critical && metric.is_better(worst_known, best) {
        AlertSeverity::Critical
    } else if drop >= settings.warning && metric.is_better(reference.value, best) {
        AlertSeverity::Warning
    } else {
        return None;
    };
    let name = metric.name();
    let MetricEstimate { value, low, high } = measured;
    Some(Finding {
        kind: AlertKind::PerformanceDegradation,
        subject: name.to_owned(),
        severity,
        reason: format!(
            "{name} of {rows} labelled rows is {value:.4} (95 % interval {low:.4} to {high:.4}), {:.4} on the test split",
            reference.value
        ),
        value: *value,
        threshold: reference.value,
    })
}

/// Whether too many requests fail, or take too long.
pub fn traffic(counts: RequestCounts, settings: &Traffic) -> Vec<Finding> {
    let mut findings = Vec::new();
    if counts.requests < settings.min_requests {
        return findings;
    }
    let rate = counts.errors as f64 / counts.requests as f64;
    let limits = [
        (settings.critical_error_rate, AlertSeverity::Critical),
        (settings.warning_error_rate, AlertSeverity::Warning),
    ];
    if let Some((threshold, severity)) = limits.into_iter().find(|(limit, _)| rate >= *limit) {
        findings.push(Finding {
            kind: AlertKind::HighErrorRate,
            subject: "error_rate".to_owned(),
            severity,
            reason: format!("{} of {} requests failed", counts.errors, counts.requests),
            value: rate,
            threshold,
        });
    }
    let limits = [
        (settings.critical_p99_ms, AlertSeverity::Critical),
        (settings.warning_p99_ms, AlertSeverity::Warning),
    ];
    let is_over = |limit: f64| limit > 0.0 && counts.p99_ms > limit;
    if let Some((threshold, severity)) = limits.into_iter().find(|(limit, _)| is_over(*limit)) {
        findings.push(Finding {
            kind: AlertKind::HighLatency,
            subject: "p99_ms".to_owned(),
            severity,
            reason: format!(
                "99 per cent of {} answers took up to {:.1} ms",
                counts.requests, counts.p99_ms
            ),
            value: counts.p99_ms,
            threshold,
        });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, half: f64) -> MetricEstimate {
        MetricEstimate { value, low: value - half, high: value + half }
    }

    fn severity(
        metric: Metric,
        measured: (f64, f64),
        reference: (f64, f64),
    ) -> Option<AlertSeverity> {
        let (measured, reference) =
            (estimate(measured.0, measured.1), estimate(reference.0, reference.1));
        let settings = Degradation::default();
        degradation(metric, &measured, &reference, 200, &settings).map(|finding| finding.severity)
    }

    #[test]
    fn a_drop_has_to_matter_and_to_be_no_chance() {
        use AlertSeverity::{Critical, Warning};
        let auc = |measured| severity(Metric::RocAuc, measured, (0.85, 0.02));
        assert_eq!(auc((0.84, 0.001)), None, "too small to matter");
        assert_eq!(auc((0.70, 0.20)), None, "chance explains it");
        assert_eq!(auc((0.78, 0.06)), Some(Warning));
        assert_eq!(auc((0.70, 0.05)), Some(Critical));
        assert_eq!(auc((0.90, 0.01)), None, "better");
        let rmse = |measured| severity(Metric::Rmse, measured, (10.0, 0.5));
        assert_eq!(rmse((10.2, 0.1)), None);
        assert_eq!(rmse((15.0, 1.0)), Some(Critical));
        assert_eq!(rmse((8.0, 0.1)), None);
    }

    #[test]
    fn failures_and_latency_are_judged_on_enough_requests() {
        let settings = Traffic::default();
        let kinds = |requests, errors, p99_ms| -> Vec<(AlertKind, AlertSeverity)> {
            traffic(RequestCounts { requests, errors, p99_ms }, &settings)
                .into_iter()
                .map(|finding| (finding.kind, finding.severity))
                .collect()
        };
        assert_eq!(kinds(settings.min_requests - 1, 50, 9e9), []);
        assert_eq!(kinds(1000, 0, 1.0), []);
        assert_eq!(kinds(1000, 20, 1.0), [(AlertKind::HighErrorRate, AlertSeverity::Warning)]);
        assert_eq!(
            kinds(1000, 200, 1e6),
            [
                (AlertKind::HighErrorRate, AlertSeverity::Critical),
                (AlertKind::HighLatency, AlertSeverity::Warning)
            ]
        );
    }
}
