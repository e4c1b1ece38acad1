//! Retrainings as they are shown, and what a person answers to one that waits.

use std::time::SystemTime;

use contracts::time;
use contracts::v1::{ArtifactRef, RetrainingAttempt, RetrainingRecord, RetrainingState};
use pbjson_types::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::known;
use super::names::Progress;
use crate::query::{after_name, limit};
use crate::{Broker, Change, Error, Query};

/// Longest note that is kept.
const MAX_NOTE_LENGTH: usize = 1000;

/// How an endpoint is retrained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RetrainingView {
    /// Name of the endpoint.
    pub endpoint: String,
    /// Attempts to retrain the endpoint, the newest first.
    pub attempts: Vec<AttemptView>,
}

/// How endpoints are retrained, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RetrainingsDocument {
    /// The endpoints in the order of their names.
    pub retraining: Vec<RetrainingView>,
    /// Where there are more: what `after` has to be to get them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One retraining with its state, from its alert to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RetrainingAttemptView")]
pub struct AttemptView {
    /// Its identity, which is also that of the request.
    pub request_id: String,
    /// State of the attempt.
    pub state: Progress,
    /// The alert that led to it.
    pub cause: CauseView,
    /// The rows to train on.
    pub batch: Option<BatchView>,
    /// Time at which the attempt was made, RFC 3339 in JSON.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub started_at: Option<Timestamp>,
    /// Time at which the attempt ended, RFC 3339 in JSON; none while it is open.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub ended_at: Option<Timestamp>,
    /// The run, once there is one.
    pub run_id: Option<String>,
    /// What it led to, in words.
    pub reason: String,
    /// The version that it made.
    pub version: Option<u32>,
    /// Seconds that it took.
    pub seconds: f64,
    /// What the re-validation found.
    pub issues: Vec<IssueView>,
}

/// Why a retraining was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CauseView {
    /// Identifier of the alert.
    pub alert_id: String,
    /// The version that is to be replaced.
    pub version: u32,
    /// The run that made that version.
    pub run_id: String,
    /// What was found, in words.
    pub reason: String,
    /// SHA-256 of the monitored rows; empty where the source is read anew.
    pub batch_sha256: String,
}

/// Rows to train on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BatchView {
    /// URI of the batch's table in the artifact store.
    pub uri: String,
    /// SHA-256 of the batch's table, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Number of labelled rows.
    pub rows: u64,
}

/// What the re-validation found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IssueView {
    /// Stable code in snake_case, for programs.
    pub code: String,
    /// Whether it alone puts the rows into quarantine.
    pub blocking: bool,
    /// The column; empty for the table.
    pub column: String,
    /// The same in words, for people.
    pub message: String,
    /// Number of rows that the finding is about.
    pub rows: u64,
}

impl From<&RetrainingRecord> for RetrainingView {
    fn from(record: &RetrainingRecord) -> Self {
        Self {
            endpoint: record.endpoint.clone(),
            attempts: record.attempts.iter().rev().map(AttemptView::from).collect(),
        }
    }
}

impl From<&RetrainingAttempt> for AttemptView {
    fn from(attempt: &RetrainingAttempt) -> Self {
        let cause = attempt.cause.clone().unwrap_or_default();
        let batch = |batch: &ArtifactRef| BatchView {
            uri: batch.uri.clone(),
            sha256: batch.sha256.clone(),
            rows: batch.rows,
        };
        let issues = attempt.issues.iter().map(|issue| IssueView {
            code: issue.code.clone(),
            blocking: issue.blocking,
            column: issue.column.clone(),
            message: issue.message.clone(),
            rows: issue.rows,
        });
        Self {
            request_id: attempt.request_id.clone(),
            state: Progress(attempt.state()),
            cause: CauseView {
                alert_id: cause.alert_id,
                version: cause.version,
                run_id: cause.run_id,
                reason: cause.reason,
                batch_sha256: cause.batch_sha256,
            },
            batch: attempt.batch.as_ref().map(batch),
            started_at: attempt.started_at,
            ended_at: attempt.ended_at,
            run_id: (!attempt.run_id.is_empty()).then(|| attempt.run_id.clone()),
            reason: attempt.reason.clone(),
            version: (attempt.version > 0).then_some(attempt.version),
            seconds: attempt.seconds,
            issues: issues.collect(),
        }
    }
}

/// How endpoints are retrained, by the names of endpoints.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListRetrainings {
    /// Those of endpoints only whose names come after this one.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
    pub after: Option<String>,
    /// Most endpoints, 1 to 1000; 100 where it is left out.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<usize>,
}

impl Query for ListRetrainings {
    const ROUTE: &'static str = "/api/v1/retraining";
    const EXPECTED: &'static str = "after (an endpoint) and limit (1 to 1000), both optional";
    type Answer = RetrainingsDocument;

    async fn read(&self, broker: &Broker) -> Result<RetrainingsDocument, Error> {
        let (limit, after) = (limit(self.limit)?, after_name(self.after.as_deref())?);
        let mut records = broker.registry.monitors().retrainings().await?;
        records.sort_by(|a, b| a.endpoint.cmp(&b.endpoint));
        records.retain(|record| after.is_none_or(|after| record.endpoint.as_str() > after));
        let more = records.len() > limit;
        records.truncate(limit);
        let next = records.last().map(|last| last.endpoint.clone()).filter(|_| more);
        let retraining = records.iter().map(RetrainingView::from).collect();
        Ok(RetrainingsDocument { retraining, next })
    }
}

/// How an endpoint is retrained.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ShowRetraining {
    /// Name of the endpoint.
    #[schemars(extend("examples" = ["churn"]))]
    pub endpoint: String,
}

impl Query for ShowRetraining {
    const ROUTE: &'static str = "/api/v1/endpoints/{endpoint}/retraining";
    type Answer = RetrainingView;

    async fn read(&self, broker: &Broker) -> Result<RetrainingView, Error> {
        known(&broker.registry, &self.endpoint).await?;
        Ok((&broker.registry.monitors().retraining(&self.endpoint).await?).into())
    }
}

/// The approval of a retraining that waits for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ApproveRetraining {
    /// Name of the endpoint.
    #[schemars(extend("examples" = ["churn"]))]
    pub endpoint: String,
    /// The retraining that is meant; the newest that waits where it is left out.
    pub request_id: Option<String>,
    /// What the person says; may be empty.
    pub note: String,
}

impl Change for ApproveRetraining {
    const ROUTE: &'static str = "/api/v1/endpoints/{endpoint}/retraining/approve";
    type Answer = AttemptView;

    async fn make(&self, broker: &Broker, by: &str) -> Result<AttemptView, Error> {
        let Self { endpoint, request_id, note } = self;
        let (request_id, decision) = (request_id.as_deref(), Decision::Approve);
        let answer = Answer { request_id, decision, by, note, at: SystemTime::now() };
        self::answer(broker, endpoint, answer).await
    }
}

/// The refusal of a retraining that waits for approval.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeclineRetraining {
    /// Name of the endpoint.
    #[schemars(extend("examples" = ["churn"]))]
    pub endpoint: String,
    /// The retraining that is meant; the newest that waits where it is left out.
    pub request_id: Option<String>,
    /// What the person says; may be empty.
    pub note: String,
}

impl Change for DeclineRetraining {
    const ROUTE: &'static str = "/api/v1/endpoints/{endpoint}/retraining/decline";
    type Answer = AttemptView;

    async fn make(&self, broker: &Broker, by: &str) -> Result<AttemptView, Error> {
        let Self { endpoint, request_id, note } = self;
        let (request_id, decision) = (request_id.as_deref(), Decision::Decline);
        let answer = Answer { request_id, decision, by, note, at: SystemTime::now() };
        self::answer(broker, endpoint, answer).await
    }
}

/// What a person answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    /// It is to be requested.
    Approve,
    /// The retraining is not to be requested.
    Decline,
}

/// An answer to a retraining that waits.
#[derive(Debug, Clone, Copy)]
struct Answer<'a> {
    /// The attempt; none for the newest that waits.
    request_id: Option<&'a str>,
    /// Whether the person approves or declines.
    decision: Decision,
    /// Author of the decision, such as `api`.
    by: &'a str,
    /// Why; may be empty.
    note: &'a str,
    /// Time of the request, by the clock of the caller.
    at: SystemTime,
}

/// Why a retraining was not answered.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// No retraining of the endpoint waits for a decision.
    #[error("no retraining of endpoint `{endpoint}` waits for approval")]
    NothingProposed {
        /// Name of the endpoint.
        endpoint: String,
    },
    /// The endpoint has no attempt with this identifier.
    #[error("endpoint `{endpoint}` has no retraining `{request_id}`")]
    UnknownAttempt {
        /// Name of the endpoint.
        endpoint: String,
        /// Identifier of the retraining's request.
        request_id: String,
    },
    /// It does not wait.
    #[error("retraining `{request_id}` is {state}; only one that is proposed waits for approval")]
    NotProposed {
        /// Identifier of the retraining's request.
        request_id: String,
        /// State of the attempt, which is not `proposed`.
        state: Progress,
    },
}

impl AnswerError {
    /// Stable identifier of the error in snake_case, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NothingProposed { .. } => "nothing_proposed",
            Self::UnknownAttempt { .. } => "retraining_not_found",
            Self::NotProposed { .. } => "not_proposed",
        }
    }
}

/// Answers in the record of an endpoint; gives the attempt as it stands then. What is approved is requested, and has no run yet:
/// the monitor publishes its request when it sees that.
fn decide(record: &mut RetrainingRecord, answer: &Answer<'_>) -> Result<AttemptView, AnswerError> {
    let endpoint = record.endpoint.clone();
    let waits = |attempt: &RetrainingAttempt| attempt.state() == RetrainingState::Proposed;
    let mut newest_first = record.attempts.iter_mut().rev();
    let attempt = match answer.request_id {
        Some(id) => newest_first
            .find(|attempt| attempt.request_id == id)
            .ok_or_else(|| AnswerError::UnknownAttempt { endpoint, request_id: id.to_owned() })?,
        None => newest_first
            .find(|attempt| waits(attempt))
            .ok_or(AnswerError::NothingProposed { endpoint })?,
    };
    if !waits(attempt) {
        let (request_id, state) = (attempt.request_id.clone(), Progress(attempt.state()));
        return Err(AnswerError::NotProposed { request_id, state });
    }
    let note: String = answer.note.trim().chars().take(MAX_NOTE_LENGTH).collect();
    let because = if note.is_empty() { note } else { format!(": {note}") };
    match answer.decision {
        Decision::Approve => {
            attempt.set_state(RetrainingState::Requested);
            attempt.run_id.clear();
            attempt.reason = format!("approved by {}{because}", answer.by);
        }
        Decision::Decline => {
            attempt.set_state(RetrainingState::Declined);
            attempt.ended_at = Some(time::timestamp(answer.at));
            attempt.reason = format!("declined by {}{because}", answer.by);
        }
    }
    Ok(AttemptView::from(&*attempt))
}

/// Answers a retraining that waits, once: of two who answer, one is told that it does not wait any more.
async fn answer(broker: &Broker, endpoint: &str, answer: Answer<'_>) -> Result<AttemptView, Error> {
    known(&broker.registry, endpoint).await?;
    let mut outcome = None;
    let change = |record: &mut RetrainingRecord| {
        let decided = decide(record, &answer);
        let changes = decided.is_ok();
        outcome = Some(decided);
        changes
    };
    broker.registry.monitors().change_retraining(endpoint, change).await?;
    let nothing = || AnswerError::NothingProposed { endpoint: endpoint.to_owned() };
    Ok(outcome.unwrap_or_else(|| Err(nothing()))?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use super::*;

    fn record(states: &[RetrainingState]) -> RetrainingRecord {
        let attempts = states.iter().enumerate().map(|(index, state)| {
            let mut attempt = RetrainingAttempt {
                request_id: format!("r{index}"),
                ..RetrainingAttempt::default()
            };
            attempt.set_state(*state);
            attempt
        });
        RetrainingRecord { endpoint: "churn".into(), attempts: attempts.collect() }
    }

    fn asked<'a>(request_id: Option<&'a str>, decision: Decision, note: &'a str) -> Answer<'a> {
        Answer { request_id, decision, by: "ana", note, at: SystemTime::UNIX_EPOCH }
    }

    use RetrainingState::{Declined, Failed, Proposed, Requested};

    #[test]
    fn the_newest_that_waits_is_meant_where_none_is_named() {
        let mut record = record(&[Proposed, Proposed, Failed]);
        let done = decide(&mut record, &asked(None, Decision::Approve, "")).unwrap();
        assert_eq!((done.request_id.as_str(), done.reason.as_str()), ("r1", "approved by ana"));
        let states: Vec<_> = record.attempts.iter().map(RetrainingAttempt::state).collect();
        assert_eq!(states, [Proposed, Requested, Failed]);
        assert!(record.attempts[1].run_id.is_empty() && record.attempts[1].ended_at.is_none());
    }

    #[test]
    fn a_declined_one_has_ended_and_says_why() {
        let mut record = record(&[Proposed, Proposed]);
        let done = decide(&mut record, &asked(Some("r0"), Decision::Decline, " broken ")).unwrap();
        assert_eq!(done.reason, "declined by ana: broken");
        assert_eq!((done.state, done.ended_at.is_some()), (Progress(Declined), true));
        assert_eq!(record.attempts[1].state(), Proposed);
    }

    #[test]
    fn what_does_not_wait_is_not_answered() {
        let mut all = record(&[Failed, Requested]);
        let before = all.clone();
        let mut refused = |id| {
            let error = decide(&mut all, &asked(id, Decision::Approve, "")).unwrap_err();
            assert_eq!(all, before);
            (error.code(), error.to_string())
        };
        assert_eq!(refused(None).0, "nothing_proposed");
        assert_eq!(refused(Some("r9")).0, "retraining_not_found");
        let (code, message) = refused(Some("r1"));
        assert_eq!(code, "not_proposed");
        assert!(message.contains("`r1` is requested"), "{message}");
    }

    #[test]
    fn attempts_are_shown_the_newest_first() {
        let view = RetrainingView::from(&record(&[Failed, Proposed]));
        let ids: Vec<&str> = view.attempts.iter().map(|a| a.request_id.as_str()).collect();
        assert_eq!(ids, ["r1", "r0"]);
        assert_eq!((view.attempts[0].version, view.attempts[0].run_id.clone()), (None, None));
    }
}
