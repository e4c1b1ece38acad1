//! A run as it is shown: by the API, by the command line and at the end of `submit --wait`.

use std::collections::BTreeMap;

use contracts::v1::StageEventKind;
use contracts::{Agent, RunId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Instant;
use super::facts::{RunEnd, RunFacts};
use super::name::StageName;
use super::run::{Activity, Run};

/// Where a run stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// No agent has begun.
    Queued,
    /// A stage works on the run.
    Running,
    /// Every stage of the plan is done.
    Succeeded,
    /// A stage decided that it cannot go on.
    Failed,
    /// A person or a program cancelled it.
    Cancelled,
    /// The request was not accepted; only the intake's answer says so.
    Refused,
}

impl RunStatus {
    /// Those that the ledger knows.
    pub const IN_THE_LEDGER: [Self; 5] =
        [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
        }
    }

    /// Whether nothing more is to come.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled | Self::Refused)
    }
}

impl std::str::FromStr for RunStatus {
    type Err = ParseStatusError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::IN_THE_LEDGER
            .into_iter()
            .find(|status| status.as_str() == name)
            .ok_or(ParseStatusError)
    }
}

/// A status that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown status; expected queued, running, succeeded, failed or cancelled")]
pub struct ParseStatusError;

/// Where a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageStatus {
    /// A stage before it is not done.
    Pending,
    /// Its handoff is waiting.
    Queued,
    /// The stage works on its handoff.
    Running,
    /// An attempt failed and will be repeated.
    Retrying,
    /// The stage has handed on its output.
    Succeeded,
    /// The stage has handed on its output, with warnings.
    Partial,
    /// The run ended here.
    Failed,
    /// The run was cancelled while it was here.
    Cancelled,
    /// The run ended before it.
    Skipped,
}

impl StageStatus {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Succeeded => "succeeded",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }

    /// Whether nothing more is to come of it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::Partial | Self::Failed | Self::Cancelled | Self::Skipped
        )
    }
}

/// State of a run, as the API and the command line show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunView {
    /// Its id; none for a request that was refused.
    pub run_id: Option<String>,
    /// Name of the model, once it is known.
    pub name: String,
    /// Status of the run.
    pub status: RunStatus,
    /// The agent at which it failed or was cancelled.
    pub failed_stage: Option<String>,
    /// Why it failed, in words.
    pub reason: Option<String>,
    /// Why it failed, as a stable identifier.
    #[serde(default)]
    pub code: Option<String>,
    /// What would be accepted instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
    /// The trained model; none before the model-trainer has finished.
    pub model: Option<TrainedModelView>,
    /// Metrics by data: `test`, `test_interval_95`, `validation`, `baseline`.
    pub metrics: BTreeMap<String, Value>,
    /// The endpoint that answers.
    pub endpoint: Option<EndpointView>,
    /// The stages in the order of the plan.
    pub stages: Vec<StageView>,
    /// What a person should know.
    pub warnings: Vec<WarningView>,
    /// Seconds from the request to the end.
    pub seconds: Option<f64>,
    /// When it was requested.
    pub created_at: Option<String>,
    /// Time at which the run ended, RFC 3339 in UTC; none before.
    pub ended_at: Option<String>,
    /// How often it has been driven anew.
    #[serde(default)]
    pub epoch: u32,
    /// Which runs go first: `low`, `normal` or `high`.
    #[serde(default)]
    pub priority: String,
    /// The request's text, where it was one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Who began it, as the request says: the actor, where the API knew who asked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub requested_by: String,
    /// The trace of the run (W3C), 32 hexadecimal digits; none where its messages have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Where the trace is looked at, where the orchestrator knows that (`telemetry.trace_url`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_url: Option<String>,
}

/// Model that a run trained, with its version once it is registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrainedModelView {
    /// Name of the registered model.
    pub name: String,
    /// Its version, once it is registered.
    pub version: Option<u32>,
    /// SHA-256 of its bundle.
    pub digest: String,
    /// The algorithm that won.
    #[serde(default)]
    pub algorithm: Option<String>,
}

/// Endpoint that the run deployed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RunEndpointView")]
pub struct EndpointView {
    /// Name of the endpoint.
    pub name: String,
    /// URL of the endpoint at a model server, such as `http://HOST:PORT/v2/models/ENDPOINT`.
    pub url: String,
}

/// State of one stage of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StageView {
    /// Name of the stage's agent.
    pub agent: String,
    /// Status of the stage.
    pub status: StageStatus,
    /// How long it took, once it ended.
    pub seconds: Option<f64>,
    /// How often it was tried.
    pub attempts: u32,
    /// The run whose work it is, where it was not done anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reused_from: Option<String>,
    /// Share of the work done, while it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<f64>,
    /// What is being done, while it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Why the last attempt failed, while it is being repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// What a stage, or the orchestrator, warns of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RunWarningView")]
pub struct WarningView {
    /// Stable code in snake_case, for programs.
    pub code: String,
    /// The warning in words.
    pub message: String,
    /// The agent that gave it.
    pub agent: String,
}

impl Run {
    pub(super) fn view(&self, run: &RunId) -> RunView {
        let unknown = RunFacts::default();
        let facts = self.facts().unwrap_or(&unknown);
        let ended = facts.ended.as_deref().cloned().unwrap_or_default();
        RunView {
            run_id: Some(run.to_string()),
            name: facts.name.to_string(),
            status: self.status(),
            failed_stage: ended.failed_stage,
            reason: ended.reason,
            code: ended.code,
            suggestions: ended.suggestions,
            model: facts.model.as_deref().cloned(),
            metrics: facts.shown_metrics(),
            endpoint: facts.endpoint.as_deref().cloned(),
            stages: self.stages(facts),
            warnings: facts.warnings.to_vec(),
            seconds: self.created_at.zip(ended.at).map(|(from, to)| between(from, to)),
            created_at: self.created_at.and_then(text),
            ended_at: ended.at.and_then(text),
            epoch: self.epoch(),
            priority: facts.lane.to_string(),
            text: facts.text.to_string(),
            requested_by: facts.requested_by.to_string(),
            trace_id: self.trace_id(),
            trace_url: None,
        }
    }

    fn stages(&self, facts: &RunFacts) -> Vec<StageView> {
        if facts.plan.is_empty() {
            return Agent::ALL
                .into_iter()
                .map(StageName::Agent)
                .filter(|agent| facts.stage(agent).is_some() || self.activity(agent).is_some())
                .map(|agent| self.stage(&agent, facts))
                .collect();
        }
        facts.plan.iter().map(|agent| self.stage(agent, facts)).collect()
    }

    fn stage(&self, agent: &StageName, facts: &RunFacts) -> StageView {
        let none = Activity::default();
        let activity = self.activity(agent).unwrap_or(&none);
        let mut stage = StageView {
            agent: agent.as_str().to_owned(),
            status: StageStatus::Pending,
            seconds: None,
            attempts: activity.attempts,
            reused_from: None,
            progress: None,
            detail: None,
            last_error: None,
        };
        let failed_here =
            |ended: &RunEnd| ended.failed && ended.failed_stage.as_deref() == Some(agent.as_str());
        match (facts.stage(agent), facts.ended.as_deref()) {
            (_, Some(ended)) if failed_here(ended) => {
                stage.status =
                    if ended.is_cancelled() { StageStatus::Cancelled } else { StageStatus::Failed };
                // A stage where a run was cancelled may not have begun.
                stage.attempts = stage.attempts.max(u32::from(!ended.is_cancelled()));
                stage.seconds =
                    activity.first_started.zip(ended.at).map(|(from, to)| between(from, to));
            }
            (Some(done), _) => {
                stage.status =
                    if activity.partial { StageStatus::Partial } else { StageStatus::Succeeded };
                stage.attempts = stage.attempts.max(done.attempt);
                stage.seconds = done.seconds;
                stage.reused_from = done.reused_from.as_deref().map(str::to_owned);
            }
            (None, Some(_)) => stage.status = StageStatus::Skipped,
            (None, None) => under_way(&mut stage, activity, facts.to_agent == *agent),
        }
        stage
    }
}

fn under_way(stage: &mut StageView, activity: &Activity, waiting: bool) {
    let Some(last) = &activity.last else {
        stage.status = if waiting { StageStatus::Queued } else { StageStatus::Pending };
        return;
    };
    stage.status = StageStatus::Running;
    match last.kind {
        StageEventKind::Progress => {
            stage.progress = Some(last.progress.clamp(0.0, 1.0));
            stage.detail = Some(last.detail.to_string()).filter(|detail| !detail.is_empty());
        }
        StageEventKind::Retrying | StageEventKind::DeadLettered => {
            stage.status = StageStatus::Retrying;
            stage.last_error = last.failure.as_deref().map(str::to_owned);
        }
        StageEventKind::Started | StageEventKind::Noted | StageEventKind::Unspecified => {}
    }
}

#[allow(clippy::cast_precision_loss, reason = "runs last seconds to days")]
fn between(from: Instant, to: Instant) -> f64 {
    let seconds = to.0.saturating_sub(from.0) as f64 + f64::from(to.1.saturating_sub(from.1)) / 1e9;
    (seconds.max(0.0) * 1e6).round() / 1e6
}

/// RFC 3339 in UTC.
fn text(at: Instant) -> Option<String> {
    jiff::Timestamp::new(at.0, at.1).ok().map(|at| at.to_string())
}
