//! From a finding to the record of an alert.
//!
//! ```text
//!               found                     not found, often enough
//!   (nothing) ────────▶ active ──────────────────────────────▶ resolved
//!                        │  ▲                                     │
//!      a person knows    ▼  │ worse                               │ found again: within the cool-down the same alert,
//!                    acknowledged                                 ▼ without being sent again; later a new one
//! ```
//!
//! Invariants:
//! - An alert is sent when it is raised and when it gets worse, and not again while it lasts.
//! - What a person acknowledged stays acknowledged until it is over or gets worse.

use std::time::{Duration, SystemTime};

use contracts::v1::{Alert, AlertRecord, AlertSeverity, AlertState};
use contracts::{Agent, time};

use super::{Finding, alert_kind_name};

/// Who raises these alerts, and asks for retrainings.
pub const RAISED_BY: &str = Agent::ObservabilityConnector.as_str();

/// When an alert goes on, and when it is over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecordRules {
    /// Within this time after its end, the same alert goes on instead of a new one.
    pub cool_down: Duration,
    /// Checks in a row that do not find it, after which it is over.
    pub clear_checks: u32,
}

/// The record after a check that found something.
pub fn found(
    before: Option<&AlertRecord>,
    endpoint: &str,
    version: u32,
    finding: &Finding,
    now: SystemTime,
    rules: RecordRules,
) -> AlertRecord {
    let at = Some(time::timestamp(now));
    let describe = |alert_id: String| Alert {
        alert_id,
        endpoint: endpoint.to_owned(),
        version,
        kind: finding.kind.into(),
        severity: finding.severity.into(),
        reason: finding.reason.clone(),
        at,
        raised_by: RAISED_BY.to_owned(),
        subject: finding.subject.clone(),
        value: finite(finding.value),
        threshold: finite(finding.threshold),
        ..Alert::default()
    };
    if let Some(before) = before
        && continues(before, version, now, rules.cool_down)
    {
        let known = before.alert.as_ref();
        let was = known.map_or(AlertSeverity::Unspecified, Alert::severity);
        let id = known.map(|alert| alert.alert_id.clone()).unwrap_or_default();
        let mut record = before.clone();
        record.occurrences += 1;
        record.last_at = at;
        record.clear_checks = 0;
        record.resolved_at = None;
        record.resolved_by.clear();
        let is_worse = finding.severity > was;
        if record.state() == AlertState::Resolved || is_worse {
            record.set_state(AlertState::Active);
        }
        record.alert = Some(describe(id));
        return record;
    }
    let milliseconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let id = format!("{endpoint}-{}-{milliseconds}", alert_kind_name(finding.kind));
    AlertRecord {
        alert: Some(describe(id)),
        state: AlertState::Active.into(),
        opened_at: at,
        last_at: at,
        occurrences: 1,
        ..AlertRecord::default()
    }
}

/// The record of an alert that was raised by another, and sent; none where it is known already.
///
/// What is open goes on with what was raised now, and counts it; what a person took note of is new again.
pub fn raised(before: Option<&AlertRecord>, alert: &Alert) -> Option<AlertRecord> {
    let is_same =
        |of: &AlertRecord| of.alert.as_ref().is_some_and(|known| known.alert_id == alert.alert_id);
    if before.is_some_and(is_same) {
        return None;
    }
    let open = before.filter(|of| of.state() != AlertState::Resolved);
    Some(AlertRecord {
        alert: Some(alert.clone()),
        state: AlertState::Active.into(),
        opened_at: open.map_or(alert.at, |of| of.opened_at),
        last_at: alert.at,
        occurrences: open.map_or(0, |of| of.occurrences) + 1,
        sent: alert.severity,
        ..AlertRecord::default()
    })
}

/// Whether what is found now is the alert that is known already.
fn continues(before: &AlertRecord, version: u32, now: SystemTime, cool_down: Duration) -> bool {
    let is_same = before.alert.as_ref().is_some_and(|alert| alert.version == version);
    if !is_same {
        return false;
    }
    if before.state() != AlertState::Resolved {
        return true;
    }
    let over = before.resolved_at.as_ref().and_then(time::system_time);
    over.and_then(|over| now.duration_since(over).ok()).is_some_and(|since| since < cool_down)
}

/// The record after a check that did not find what it is about; none where it was over already.
pub fn cleared(before: &AlertRecord, now: SystemTime, rules: RecordRules) -> Option<AlertRecord> {
    if before.state() == AlertState::Resolved {
        return None;
    }
    let mut record = before.clone();
    record.clear_checks += 1;
    if record.clear_checks >= rules.clear_checks {
        record.set_state(AlertState::Resolved);
        record.resolved_at = Some(time::timestamp(now));
        RAISED_BY.clone_into(&mut record.resolved_by);
    }
    Some(record)
}

/// The alert that is still to be sent: one that was raised, or got worse.
pub fn unsent(record: &AlertRecord) -> Option<&Alert> {
    let alert = record.alert.as_ref()?;
    let is_open = record.state() != AlertState::Resolved;
    (is_open && alert.severity() > record.sent()).then_some(alert)
}

/// A number that a contract takes.
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::MAX.copysign(value) }
}

#[cfg(test)]
mod tests {
    use contracts::Validate as _;
    use contracts::v1::AlertKind;

    use super::*;

    const RULES: RecordRules = RecordRules { cool_down: Duration::from_secs(60), clear_checks: 2 };

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds)
    }

    fn finding(severity: AlertSeverity) -> Finding {
        Finding {
            kind: AlertKind::FeatureDrift,
            subject: "tenure".to_owned(),
            severity,
            reason: "PSI 0.4".to_owned(),
            value: 0.4,
            threshold: 0.25,
        }
    }

    fn find(before: Option<&AlertRecord>, severity: AlertSeverity, seconds: u64) -> AlertRecord {
        let record = found(before, "churn", 2, &finding(severity), at(seconds), RULES);
        record.validate().unwrap();
        record
    }

    fn sent(mut record: AlertRecord) -> AlertRecord {
        let severity = unsent(&record).unwrap().severity();
        record.set_sent(severity);
        record
    }

    fn id(record: &AlertRecord) -> &str {
        &record.alert.as_ref().unwrap().alert_id
    }

    #[test]
    fn what_another_raised_is_recorded_once_and_not_sent_again() {
        let of_run = |run: &str, seconds: u64| Alert {
            alert_id: format!("{run}.quality_gate"),
            run_id: run.to_owned(),
            at: Some(time::timestamp(at(seconds))),
            kind: AlertKind::DataValidation.into(),
            ..find(None, AlertSeverity::Critical, 0).alert.unwrap()
        };
        let first = raised(None, &of_run("one", 1)).unwrap();
        first.validate().unwrap();
        assert_eq!((unsent(&first), first.occurrences), (None, 1));
        assert_eq!(raised(Some(&first), &of_run("one", 1)), None);
        let next = raised(Some(&first), &of_run("two", 9)).unwrap();
        assert_eq!((id(&next), next.occurrences), ("two.quality_gate", 2));
        assert_eq!(next.opened_at, first.opened_at);
        let over = cleared(&next, at(20), RecordRules { clear_checks: 1, ..RULES }).unwrap();
        assert_eq!(raised(Some(&over), &of_run("three", 30)).unwrap().occurrences, 1);
    }

    #[test]
    fn it_is_sent_when_raised_and_when_worse_only() {
        let raised = sent(find(None, AlertSeverity::Warning, 0));
        let again = find(Some(&raised), AlertSeverity::Warning, 10);
        assert_eq!((unsent(&again), again.occurrences, id(&again)), (None, 2, id(&raised)));
        let better = find(Some(&again), AlertSeverity::Info, 20);
        assert_eq!(unsent(&better), None);
        let worse = find(Some(&better), AlertSeverity::Critical, 30);
        assert_eq!(unsent(&worse).unwrap().severity(), AlertSeverity::Critical);
        assert_eq!(id(&worse), id(&raised));
    }

    #[test]
    fn it_is_over_after_enough_checks_and_comes_back_as_itself_or_anew() {
        let raised = sent(find(None, AlertSeverity::Warning, 0));
        let once = cleared(&raised, at(10), RULES).unwrap();
        assert_eq!(once.state(), AlertState::Active);
        let again = find(Some(&once), AlertSeverity::Warning, 20);
        assert_eq!(again.clear_checks, 0);
        let over = cleared(&cleared(&again, at(30), RULES).unwrap(), at(40), RULES).unwrap();
        assert_eq!((over.state(), over.resolved_by.as_str()), (AlertState::Resolved, RAISED_BY));
        assert_eq!(cleared(&over, at(50), RULES), None);
        let soon = find(Some(&over), AlertSeverity::Warning, 90);
        assert_eq!((id(&soon), soon.state()), (id(&raised), AlertState::Active));
        assert_eq!(unsent(&soon), None);
        let late = find(Some(&over), AlertSeverity::Warning, 101);
        assert_ne!(id(&late), id(&raised));
        assert!(unsent(&late).is_some());
    }

    #[test]
    fn what_is_acknowledged_stays_so_until_it_is_worse_or_about_another_version() {
        let mut known = sent(find(None, AlertSeverity::Warning, 0));
        known.set_state(AlertState::Acknowledged);
        let again = find(Some(&known), AlertSeverity::Warning, 10);
        assert_eq!(again.state(), AlertState::Acknowledged);
        let worse = find(Some(&again), AlertSeverity::Critical, 20);
        assert_eq!(worse.state(), AlertState::Active);
        let other =
            found(Some(&again), "churn", 3, &finding(AlertSeverity::Warning), at(30), RULES);
        assert_ne!(id(&other), id(&again));
    }
}
