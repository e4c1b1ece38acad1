//! One attempt at a retraining: how it begins, what it requests, and how it ends.
//!
//! ```text
//!   rows examined ─┬▶ quarantined
//!                  ├▶ dry run
//!                  └▶ proposed (approval) ─▶ requested ─▶ result of the run ─▶ promoted, rejected or failed
//! ```

use std::time::SystemTime;

use contracts::time;
use contracts::v1::stage_output::Output;
use contracts::v1::{
    Alert, ArtifactRef, Cause, DeploymentStrategy, Handoff, HandoffStatus, Monitor, QualityIssue,
    RetrainingAttempt, RetrainingState, ScopeRequest, SplitMethod,
};

use crate::alerts::RAISED_BY;
use crate::settings::{Mode, Retraining};

/// The code of a run whose challenger was not better than the champion.
const NOT_BETTER: &str = "challenger_not_better";

/// Whether an attempt goes on, or waits for a person.
pub fn is_open(attempt: &RetrainingAttempt) -> bool {
    matches!(attempt.state(), RetrainingState::Proposed | RetrainingState::Requested)
}

/// The attempt that an alert leads to at `now`, with the rows of `batch` and what was found of them. An attempt that is
/// quarantined or a dry run has ended already.
pub fn begin(
    alert: &Alert,
    monitor: &Monitor,
    batch: ArtifactRef,
    issues: Vec<QualityIssue>,
    mode: Mode,
    now: SystemTime,
) -> RetrainingAttempt {
    let is_quarantined = issues.iter().any(|issue| issue.blocking);
    let state = match mode {
        _ if is_quarantined => RetrainingState::Quarantined,
        Mode::Off | Mode::DryRun => RetrainingState::DryRun,
        Mode::Approve => RetrainingState::Proposed,
        Mode::Auto => RetrainingState::Requested,
    };
    let reason = match state {
        RetrainingState::Quarantined => {
            let blocking: Vec<&str> = issues
                .iter()
                .filter(|issue| issue.blocking)
                .map(|issue| issue.message.as_str())
                .collect();
            format!("the rows stay in quarantine: {}", blocking.join("; "))
        }
        RetrainingState::DryRun => "a dry run: nothing is requested".to_owned(),
        RetrainingState::Proposed => {
            format!("waits for `tier0 retraining approve {}`", monitor.endpoint)
        }
        _ => format!("{} labelled rows passed the re-validation", batch.rows),
    };
    let at = Some(time::timestamp(now));
    let has_ended = matches!(state, RetrainingState::Quarantined | RetrainingState::DryRun);
    RetrainingAttempt {
        request_id: request_id(alert, now),
        state: state.into(),
        cause: Some(cause(alert, monitor, &batch.sha256)),
        batch: Some(batch),
        started_at: at,
        ended_at: at.filter(|_| has_ended),
        reason,
        issues,
        ..RetrainingAttempt::default()
    }
}

/// How the run of an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Promoted, rejected or failed.
    pub state: RetrainingState,
    /// The reason in words.
    pub reason: String,
    /// The version that was deployed, from 1; 0 for none.
    pub version: u32,
}

impl Outcome {
    /// Of a run that failed, or never began.
    pub fn failed(reason: String) -> Self {
        Self { state: RetrainingState::Failed, reason, version: 0 }
    }

    /// From the run's result.
    pub fn from_result(result: Handoff) -> Self {
        let deployed = result.outputs.iter().find_map(|output| match &output.output {
            Some(Output::Deployment(deployment)) => Some(deployment.version),
            _ => None,
        });
        let version = deployed.unwrap_or_default();
        if result.status() != HandoffStatus::Failed {
            let reason = format!("version {version} is the champion");
            return Self { state: RetrainingState::Promoted, reason, version };
        }
        let failure = result.failure.unwrap_or_default();
        let is_rejection = failure.code == NOT_BETTER;
        let state = if is_rejection { RetrainingState::Rejected } else { RetrainingState::Failed };
        Self { state, reason: failure.message, version }
    }
}

/// Ends an attempt at `now`.
pub fn end(attempt: &mut RetrainingAttempt, outcome: &Outcome, now: SystemTime) {
    let started = attempt.started_at.as_ref().and_then(time::system_time).unwrap_or(now);
    attempt.set_state(outcome.state);
    attempt.reason.clone_from(&outcome.reason);
    attempt.version = outcome.version;
    attempt.seconds = now.duration_since(started).unwrap_or_default().as_secs_f64();
    attempt.ended_at = Some(time::timestamp(now));
}

/// Identity of the retraining that an alert leads to at `now`, to the second.
fn request_id(alert: &Alert, now: SystemTime) -> String {
    let seconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let id: String = contracts::names::token(&alert.endpoint).chars().take(40).collect();
    format!("retrain-{id}-{seconds}")
}

/// The request that an attempt publishes; `data_uri` is where its rows are.
pub fn request(
    attempt: &RetrainingAttempt,
    monitor: &Monitor,
    data_uri: String,
    settings: &Retraining,
) -> ScopeRequest {
    let is_timed = !attempt.time_column.is_empty();
    ScopeRequest {
        request_id: attempt.request_id.clone(),
        data_uri,
        target: monitor.target.clone(),
        positive_class: monitor.positive_class.clone(),
        problem_type: monitor.problem_type,
        metric: monitor.metric.clone(),
        time_budget_seconds: settings.time_budget_seconds,
        name: monitor.endpoint.clone(),
        strategy: DeploymentStrategy::ChampionChallenger.into(),
        // The newest rows judge, and the times themselves are no input.
        split_method: if is_timed { SplitMethod::Time } else { SplitMethod::Unspecified }.into(),
        time_column: attempt.time_column.clone(),
        exclude_columns: is_timed.then(|| attempt.time_column.clone()).into_iter().collect(),
        min_rows: 100,
        seed: u64::from(monitor.version),
        requested_by: RAISED_BY.to_owned(),
        cause: attempt.cause.clone(),
        ..ScopeRequest::default()
    }
}

/// The cause of a retraining: the alert, the version that it is about, and the rows to train on.
fn cause(alert: &Alert, monitor: &Monitor, batch_sha256: &str) -> Cause {
    Cause {
        alert_id: alert.alert_id.clone(),
        endpoint: alert.endpoint.clone(),
        version: monitor.version,
        run_id: monitor.run_id.clone(),
        reason: alert.reason.clone(),
        batch_sha256: batch_sha256.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use contracts::Validate as _;
    use contracts::v1::{AlertKind, AlertSeverity, Failure};

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds)
    }

    fn alert() -> Alert {
        Alert {
            alert_id: "a".to_owned(),
            endpoint: "churn".to_owned(),
            version: 2,
            kind: AlertKind::FeatureDrift.into(),
            severity: AlertSeverity::Critical.into(),
            reason: "it has drifted".to_owned(),
            ..Alert::default()
        }
    }

    #[test]
    fn the_request_keeps_the_contract_and_names_its_cause() {
        let monitor = Monitor {
            endpoint: "churn".to_owned(),
            version: 2,
            run_id: "run-1".to_owned(),
            target: "churned".to_owned(),
            positive_class: "Yes".to_owned(),
            problem_type: contracts::v1::ProblemType::Binary.into(),
            metric: "roc_auc".to_owned(),
            ..Monitor::default()
        };
        let alert = alert();
        let attempt = RetrainingAttempt {
            request_id: request_id(&alert, at(5)),
            cause: Some(cause(&alert, &monitor, &"f".repeat(64))),
            ..RetrainingAttempt::default()
        };
        let uri = format!("artifact:{}:100", "f".repeat(64));
        let timed = RetrainingAttempt { time_column: "predicted_at".to_owned(), ..attempt.clone() };
        let by_time = super::request(&timed, &monitor, uri.clone(), &Retraining::default());
        by_time.validate().unwrap();
        assert_eq!(by_time.split_method(), SplitMethod::Time);
        assert_eq!(by_time.exclude_columns, ["predicted_at"]);
        let request = request(&attempt, &monitor, uri, &Retraining::default());
        request.validate().unwrap();
        assert_eq!(request.split_method(), SplitMethod::Unspecified);
        assert!(request.exclude_columns.is_empty());
        assert_eq!(request.cause.unwrap().version, 2);
        assert_eq!(attempt.request_id, "retrain-churn-1000005");
    }

    #[test]
    fn the_mode_and_blocking_issues_decide_how_an_attempt_begins() {
        use RetrainingState::{DryRun, Proposed, Quarantined, Requested};
        let monitor = Monitor { endpoint: "churn".to_owned(), ..Monitor::default() };
        let begun = |mode, blocking| {
            let issue =
                QualityIssue { blocking, message: "few rows".to_owned(), ..Default::default() };
            let batch = ArtifactRef { rows: 5, ..ArtifactRef::default() };
            let attempt = begin(&alert(), &monitor, batch, vec![issue], mode, at(0));
            (attempt.state(), attempt.ended_at.is_some(), attempt.reason)
        };
        let reason = "5 labelled rows passed the re-validation";
        assert_eq!(begun(Mode::Auto, false), (Requested, false, reason.to_owned()));
        let reason = "waits for `tier0 retraining approve churn`";
        assert_eq!(begun(Mode::Approve, false), (Proposed, false, reason.to_owned()));
        let reason = "a dry run: nothing is requested";
        assert_eq!(begun(Mode::DryRun, false), (DryRun, true, reason.to_owned()));
        let reason = "the rows stay in quarantine: few rows";
        assert_eq!(begun(Mode::Auto, true), (Quarantined, true, reason.to_owned()));
    }

    #[test]
    fn the_result_of_the_run_decides_how_an_attempt_ends() {
        let failed = |code: &str| {
            let mut result = Handoff {
                failure: Some(Failure { code: code.to_owned(), ..Failure::default() }),
                ..Handoff::default()
            };
            result.set_status(HandoffStatus::Failed);
            Outcome::from_result(result).state
        };
        assert_eq!(failed("challenger_not_better"), RetrainingState::Rejected);
        assert_eq!(failed("data_invalid"), RetrainingState::Failed);
        let mut attempt = RetrainingAttempt {
            started_at: Some(time::timestamp(at(0))),
            ..RetrainingAttempt::default()
        };
        end(&mut attempt, &Outcome::from_result(Handoff::default()), at(30));
        assert_eq!((attempt.state(), attempt.seconds), (RetrainingState::Promoted, 30.0));
    }
}
