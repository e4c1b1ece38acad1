//! Whether a model is retrained now.
//!
//! Invariants:
//! - One retraining of an endpoint at a time; one alert leads to one that is settled at most.
//! - None within the cool-down of the one before, and none beyond the day's time.

use std::time::{Duration, SystemTime};

use contracts::time;
use contracts::v1::{
    Alert, AlertKind, AlertRecord, AlertState, RetrainingAttempt, RetrainingRecord, RetrainingState,
};

use super::attempt::is_open;
use crate::settings::Retraining;

const DAY: Duration = Duration::from_secs(86_400);

/// Why no retraining begins, or that one does.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// One begins, because of this alert.
    Begin(Box<Alert>),
    /// None begins, for this reason in words.
    Wait(&'static str),
}

/// The open alert that a retraining would answer: a drift, or a degradation; the gravest, and of those the first.
fn reason<'a>(alerts: &'a [AlertRecord], version: u32, settings: &Retraining) -> Option<&'a Alert> {
    let least = settings.min_severity.into();
    alerts
        .iter()
        .filter(|record| matches!(record.state(), AlertState::Active | AlertState::Acknowledged))
        .filter_map(|record| record.alert.as_ref())
        .filter(|alert| {
            let is_answered = matches!(
                alert.kind(),
                AlertKind::FeatureDrift
                    | AlertKind::PredictionDrift
                    | AlertKind::PerformanceDegradation
            );
            is_answered && alert.version == version && alert.severity() >= least
        })
        .max_by(|a, b| a.severity().cmp(&b.severity()).then_with(|| b.alert_id.cmp(&a.alert_id)))
}

/// Decides whether a retraining of the version that answers begins at `now`.
pub fn decide(
    record: &RetrainingRecord,
    alerts: &[AlertRecord],
    version: u32,
    now: SystemTime,
    settings: &Retraining,
) -> Decision {
    let Some(alert) = reason(alerts, version, settings) else {
        return Decision::Wait("no open alert asks for it");
    };
    if record.attempts.iter().any(is_open) {
        return Decision::Wait("another one is under way or waits for approval");
    }
    let of_alert = |attempt: &RetrainingAttempt| {
        attempt.cause.as_ref().is_some_and(|cause| cause.alert_id == alert.alert_id)
    };
    // After a quarantine or a failure there may be other and more rows by now.
    let is_settled = |attempt: &RetrainingAttempt| {
        !matches!(attempt.state(), RetrainingState::Quarantined | RetrainingState::Failed)
    };
    let is_answered =
        record.attempts.iter().any(|attempt| of_alert(attempt) && is_settled(attempt));
    if is_answered {
        return Decision::Wait("the alert was answered");
    }
    let since = |at: Option<&pbjson_types::Timestamp>| {
        at.and_then(time::system_time).map(|at| now.duration_since(at).unwrap_or_default())
    };
    let cool_down = Duration::from_secs(settings.cool_down_seconds);
    let is_cooling = record
        .attempts
        .iter()
        .any(|attempt| since(attempt.ended_at.as_ref()).is_some_and(|since| since < cool_down));
    if is_cooling {
        return Decision::Wait("the cool-down of the one before is not over");
    }
    let spent: f64 = record
        .attempts
        .iter()
        .filter(|attempt| since(attempt.started_at.as_ref()).is_some_and(|since| since < DAY))
        .map(|attempt| attempt.seconds)
        .sum();
    if spent >= settings.max_seconds_per_day {
        return Decision::Wait("the time of the day is used up");
    }
    Decision::Begin(Box::new(alert.clone()))
}

#[cfg(test)]
mod tests {
    use contracts::v1::{AlertSeverity, Cause};

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds)
    }

    fn alert(id: &str, kind: AlertKind, severity: AlertSeverity) -> AlertRecord {
        AlertRecord {
            state: AlertState::Active.into(),
            alert: Some(Alert {
                alert_id: id.to_owned(),
                endpoint: "churn".to_owned(),
                version: 2,
                kind: kind.into(),
                severity: severity.into(),
                ..Alert::default()
            }),
            ..AlertRecord::default()
        }
    }

    fn attempt(alert_id: &str, state: RetrainingState, ended: Option<u64>) -> RetrainingAttempt {
        RetrainingAttempt {
            state: state.into(),
            cause: Some(Cause { alert_id: alert_id.to_owned(), ..Cause::default() }),
            started_at: Some(time::timestamp(at(0))),
            ended_at: ended.map(|ended| time::timestamp(at(ended))),
            seconds: 100.0,
            ..RetrainingAttempt::default()
        }
    }

    fn decision(attempts: &[RetrainingAttempt], alerts: &[AlertRecord], now: u64) -> Decision {
        let record = RetrainingRecord { endpoint: "churn".to_owned(), attempts: attempts.to_vec() };
        decide(&record, alerts, 2, at(now), &Retraining::default())
    }

    #[test]
    fn only_a_grave_drift_of_the_live_version_begins_one() {
        use AlertKind::{DataQuality, FeatureDrift, HighLatency};
        use AlertSeverity::{Critical, Warning};
        let begins = |alert: AlertRecord| matches!(decision(&[], &[alert], 0), Decision::Begin(_));
        assert!(begins(alert("a", FeatureDrift, Critical)));
        assert!(!begins(alert("a", FeatureDrift, Warning)));
        assert!(!begins(alert("a", DataQuality, Critical)));
        assert!(!begins(alert("a", HighLatency, Critical)));
        let mut other = alert("a", FeatureDrift, Critical);
        other.alert.as_mut().unwrap().version = 1;
        assert!(!begins(other));
        let mut over = alert("a", FeatureDrift, Critical);
        over.set_state(AlertState::Resolved);
        assert!(!begins(over));
    }

    #[test]
    fn one_at_a_time_once_per_alert_after_the_cool_down_and_within_the_cap() {
        use RetrainingState::{Failed, Proposed, Quarantined, Rejected, Requested};
        let alerts = [alert("b", AlertKind::FeatureDrift, AlertSeverity::Critical)];
        let begins = |attempts: &[RetrainingAttempt], now| {
            matches!(decision(attempts, &alerts, now), Decision::Begin(_))
        };
        assert!(!begins(&[attempt("a", Requested, None)], 10_000));
        assert!(!begins(&[attempt("a", Proposed, None)], 10_000));
        assert!(!begins(&[attempt("b", Rejected, Some(10))], 10_000), "answered");
        assert!(begins(&[attempt("b", Quarantined, Some(10))], 10_000));
        assert!(begins(&[attempt("b", Failed, Some(10))], 10_000), "with other rows");
        assert!(!begins(&[attempt("a", Rejected, Some(10))], 3609), "cool-down");
        assert!(begins(&[attempt("a", Rejected, Some(10))], 3610));
        let many = vec![attempt("a", Rejected, Some(10)); 72];
        assert!(!begins(&many, 10_000), "the day's time");
        assert!(begins(&many, 86_400));
    }
}
