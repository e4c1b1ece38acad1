//! What the stages of a run decided: the scope, the quality gate, the features, the criteria, the check before traffic.
//!
//! All of it stands in the last message of the run; what a stage has not decided yet is left out.

use std::collections::BTreeMap;
use std::time::Duration;

use contracts::v1::stage_output::Output;
use contracts::v1::{self, DeploymentStrategy, ProblemType};
use contracts::{RunId, failures, subjects};
use runs::feed::Feed;
use runs::ledger::Record;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Broker, Error, Query, runs as run_queries};

/// How long each message of the run may take to come.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(10);
/// Most findings about the data that are told.
const MAX_ISSUES: usize = 100;

/// What the stages of a run decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RunVerdicts {
    /// Identity of the run.
    #[schemars(extend("examples" = ["run-0123456789abcdef0123"]))]
    pub run: String,
}

/// What the stages of a run decided so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VerdictsDocument {
    /// Identifier of the run.
    pub run_id: String,
    /// What the request was made explicit as.
    pub scope: Option<ScopeVerdict>,
    /// How the data were judged.
    pub quality_gate: Option<QualityVerdict>,
    /// Which features were kept.
    pub features: Option<FeaturesVerdict>,
    /// Whether each criterion was met on the test split; empty before the training is done.
    pub criteria: Vec<CriterionVerdict>,
    /// How the version was checked and brought to traffic.
    pub deployment: Option<DeploymentVerdict>,
}

/// What a request was made explicit as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScopeVerdict {
    /// The column to be predicted.
    pub target: String,
    /// `binary`, `multiclass` or `regression`.
    pub problem_type: String,
    /// What the problem type was concluded from.
    pub evidence: String,
    /// The class counted as positive; empty but for two classes.
    pub positive_class: String,
    /// The metric that is optimised and gated on.
    pub metric: String,
    /// Rows seen when the target was looked at.
    pub rows_examined: u64,
    /// Columns that are not used, with the reason of each.
    pub excluded_columns: BTreeMap<String, String>,
}

/// How data were judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QualityVerdict {
    /// Whether the data may be trained on.
    pub passed: bool,
    /// Weighted score from 0 to 1.
    pub score: f64,
    /// Least score that passes.
    pub threshold: f64,
    /// The scores of the dimensions from 0 to 1, by name.
    pub dimensions: BTreeMap<String, f64>,
    /// What was found, at most 100.
    pub issues: Vec<IssueVerdict>,
    /// Rows in the source.
    pub rows_read: u64,
    /// Rows that were left to be split.
    pub rows_kept: u64,
    /// Rows of each split: `train`, `validation`, `test`, `hold_out`.
    pub splits: BTreeMap<String, u64>,
}

/// One finding about the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IssueVerdict {
    /// Stable code in snake_case, for programs.
    pub code: String,
    /// Whether it alone fails the gate.
    pub blocking: bool,
    /// The column; empty for the table.
    pub column: String,
    /// The same in words, for people.
    pub message: String,
    /// Number of rows that the finding is about.
    pub rows: u64,
}

/// Which features were kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FeaturesVerdict {
    /// Number of features that the plan makes.
    pub kept: usize,
    /// Number of candidates that were not kept.
    pub rejected: usize,
    /// Gain on validation rows by the constructed features; 0 where none was tried.
    pub validation_gain: f64,
}

/// Whether a criterion was met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CriterionVerdict {
    /// Name of the metric.
    pub metric: String,
    /// The value to be reached: a minimum where greater is better, else a maximum.
    pub threshold: f64,
    /// Value on the test split.
    pub value: f64,
    /// Whether it was reached.
    pub met: bool,
    /// Whether missing it fails the run; else it warns.
    pub gate: bool,
}

/// How a version was checked and brought to traffic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeploymentVerdict {
    /// The strategy, such as `canary`.
    pub strategy: String,
    /// Rows whose served predictions were compared with the trainer's.
    pub checked_rows: u32,
    /// Greatest difference found.
    pub max_difference: f64,
    /// Servers that have the version live.
    pub servers: Vec<String>,
}

impl Query for RunVerdicts {
    const ROUTE: &'static str = "/api/v1/runs/{run}/verdicts";
    const OUTLIVES_THE_API: bool = true;
    type Answer = VerdictsDocument;

    async fn read(&self, broker: &Broker) -> Result<VerdictsDocument, Error> {
        let last = last_handoff(broker, &run_queries::id(&self.run)?).await?;
        Ok(VerdictsDocument::new(&self.run, last))
    }
}

/// The last handoff or result of a run: that of its latest epoch with the most outputs.
///
/// # Errors
/// [`Error::unknown_run`] where the stream does not have the run; otherwise where the broker does not answer.
pub(crate) async fn last_handoff(broker: &Broker, run: &RunId) -> Result<v1::Handoff, Error> {
    let mut last: Option<v1::Handoff> = None;
    let read = async {
        let mut feed = Feed::open(&broker.bus, vec![subjects::chains(run)], 0).await?;
        feed.rest(MESSAGE_TIMEOUT, |entry| {
            let record = Record::decode(&entry.subject, &entry.payload);
            let Ok(Some((_, Record::Handoff(handoff) | Record::Result(handoff)))) = record else {
                return;
            };
            let place = |of: &v1::Handoff| (of.epoch, of.outputs.len());
            if last.as_ref().is_none_or(|known| place(known) <= place(&handoff)) {
                last = Some(*handoff);
            }
        })
        .await
    };
    let read: Result<(), runs::feed::Error> = read.await;
    read.map_err(|error| Error::silent(failures::with_causes(&error)))?;
    last.ok_or_else(|| Error::unknown_run(run.as_str()))
}

impl VerdictsDocument {
    fn new(run: &str, handoff: v1::Handoff) -> Self {
        let mut document = Self { run_id: run.to_owned(), ..Self::default() };
        for output in handoff.outputs.into_iter().filter_map(|output| output.output) {
            match output {
                Output::Scope(scope) => document.scope = Some(scope.into()),
                Output::PreparedData(data) => document.quality_gate = quality(data),
                Output::FeatureSet(features) => {
                    document.features = Some(FeaturesVerdict {
                        kept: features.features.len(),
                        rejected: features.rejected.len(),
                        validation_gain: features.validation_gain,
                    });
                }
                Output::TrainedModel(model) => {
                    document.criteria = model.criteria.iter().map(Into::into).collect();
                }
                Output::Deployment(deployment) => document.deployment = Some(deployment.into()),
                _ => {}
            }
        }
        document
    }
}

impl From<v1::Scope> for ScopeVerdict {
    fn from(scope: v1::Scope) -> Self {
        let problem_type = match scope.problem_type() {
            ProblemType::Unspecified => "",
            ProblemType::Binary => "binary",
            ProblemType::Multiclass => "multiclass",
            ProblemType::Regression => "regression",
        };
        let excluded = scope.excluded_columns.into_iter();
        Self {
            target: scope.target,
            problem_type: problem_type.to_owned(),
            evidence: scope.problem_type_evidence,
            positive_class: scope.positive_class,
            metric: scope.metric,
            rows_examined: scope.rows_examined,
            excluded_columns: excluded.map(|one| (one.column, one.reason)).collect(),
        }
    }
}

/// How the data were judged; none where the preparation tells no verdict.
fn quality(data: v1::PreparedData) -> Option<QualityVerdict> {
    let gate = data.quality_gate?;
    let rows = data.rows.unwrap_or_default();
    let splits = [
        ("train", data.train),
        ("validation", data.validation),
        ("test", data.test),
        ("hold_out", data.hold_out),
    ];
    let splits = splits.into_iter().filter_map(|(name, of)| Some((name.to_owned(), of?.rows)));
    let issue = |issue: v1::QualityIssue| IssueVerdict {
        code: issue.code,
        blocking: issue.blocking,
        column: issue.column,
        message: issue.message,
        rows: issue.rows,
    };
    Some(QualityVerdict {
        passed: gate.passed,
        score: gate.score,
        threshold: gate.threshold,
        dimensions: gate.dimensions,
        issues: gate.issues.into_iter().take(MAX_ISSUES).map(issue).collect(),
        rows_read: rows.read,
        rows_kept: rows.kept,
        splits: splits.collect(),
    })
}

impl From<&v1::CriterionResult> for CriterionVerdict {
    fn from(result: &v1::CriterionResult) -> Self {
        let criterion = result.criterion.clone().unwrap_or_default();
        Self {
            metric: criterion.metric,
            threshold: criterion.threshold,
            value: result.value,
            met: result.met,
            gate: criterion.gate,
        }
    }
}

impl From<v1::Deployment> for DeploymentVerdict {
    fn from(deployment: v1::Deployment) -> Self {
        let strategy = match deployment.strategy() {
            DeploymentStrategy::Unspecified | DeploymentStrategy::BlueGreen => "blue-green",
            DeploymentStrategy::Canary => "canary",
            DeploymentStrategy::Shadow => "shadow",
            DeploymentStrategy::AbTest => "ab-test",
            DeploymentStrategy::ChampionChallenger => "champion-challenger",
            DeploymentStrategy::Weighted => "weighted",
            DeploymentStrategy::Ensemble => "ensemble",
        };
        Self {
            strategy: strategy.to_owned(),
            checked_rows: deployment.checked_rows,
            max_difference: deployment.max_difference,
            servers: deployment.servers,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use contracts::v1::{Criterion, CriterionResult, Handoff, QualityGate, StageOutput};

    use super::*;

    #[test]
    fn what_was_decided_is_told_and_the_rest_left_out() {
        let output = |output| StageOutput { output: Some(output), ..StageOutput::default() };
        let gate =
            QualityGate { passed: true, score: 0.9, threshold: 0.8, ..QualityGate::default() };
        let train = v1::ArtifactRef { rows: 60, ..v1::ArtifactRef::default() };
        let data = v1::PreparedData {
            quality_gate: Some(gate),
            train: Some(train),
            ..v1::PreparedData::default()
        };
        let criterion = Criterion { metric: "f1".into(), threshold: 0.7, gate: false };
        let missed = CriterionResult { criterion: Some(criterion), value: 0.65, met: false };
        let model = v1::TrainedModel { criteria: vec![missed], ..v1::TrainedModel::default() };
        let handoff = Handoff {
            outputs: vec![output(Output::PreparedData(data)), output(Output::TrainedModel(model))],
            ..Handoff::default()
        };
        let document = VerdictsDocument::new("r1", handoff);
        let gate = document.quality_gate.unwrap();
        assert!(gate.passed && gate.splits.len() == 1);
        assert_eq!(document.criteria.first().map(|one| (one.met, one.value)), Some((false, 0.65)));
        assert!(document.scope.is_none() && document.deployment.is_none());
    }
}
