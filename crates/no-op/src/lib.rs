//! Stages that do nothing: each gives at once the least output that the contract takes. Measurements and tests drive the loop
//! of the real agents with them.

use std::collections::BTreeMap;

use contracts::stages::{
    ArtifactRef, Candidate, ColumnType, DataSource, Deployment, FeatureSet, FeatureSummary, Field,
    MetricEstimate, Monitoring, Output, PreparedData, ProblemType, QualityGate, RowAccount, Scope,
    Selection, TrainedModel,
};
use contracts::{Agent, ContractError, ValidHandoff};

use process::{NoConfig, Resources, StartError};
use stage::{Classify, Disposition, Stage, StageContext, StageResult};

/// The stage at a place of the pipeline, from 0.
#[derive(Debug)]
pub struct NoOp<const STAGE: usize>;

/// The agent at a place of the pipeline.
#[must_use]
pub const fn agent(stage: usize) -> Agent {
    match Agent::at(stage) {
        Some(agent) => agent,
        None => Agent::ObservabilityConnector,
    }
}

/// A stage that does nothing can only be given something that breaks the contract.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct NoOpError(#[from] ContractError);

impl Classify for NoOpError {
    fn disposition(&self) -> Disposition {
        let Self(error) = self;
        error.disposition()
    }
}

impl<const STAGE: usize> Stage for NoOp<STAGE> {
    const AGENT: Agent = agent(STAGE);
    type Config = NoConfig;
    type Error = NoOpError;

    async fn new(_config: NoConfig, _resources: &Resources) -> Result<Self, StartError> {
        Ok(Self)
    }

    async fn handle(
        &self,
        _input: &ValidHandoff,
        _cx: &StageContext,
    ) -> Result<StageResult, NoOpError> {
        Ok(StageResult::success(output(Self::AGENT)))
    }
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn digest() -> String {
    "0".repeat(64)
}

fn artifact(rows: u64) -> ArtifactRef {
    ArtifactRef {
        uri: format!("nats://{}/{}", contracts::names::ARTIFACTS_STORE, digest()),
        sha256: digest(),
        bytes: 1,
        media_type: text("application/octet-stream"),
        rows,
    }
}

fn columns() -> Vec<Field> {
    vec![Field { nullable: false, ..Field::new("x", ColumnType::Number) }]
}

/// The least output of an agent that the contract takes.
#[must_use]
pub fn output(agent: Agent) -> Output {
    match agent {
        Agent::ScopeDefiner => Output::Scope(scope()),
        Agent::DataPreparer => Output::PreparedData(prepared_data()),
        Agent::FeatureAnalyzer => Output::FeatureSet(FeatureSet {
            plan: artifact(0),
            features: vec![FeatureSummary {
                name: text("x"),
                sources: vec![text("x")],
                transform: text("identity"),
                ..FeatureSummary::default()
            }],
            ..FeatureSet::default()
        }),
        Agent::ModelSelector => Output::Selection(Selection {
            candidates: vec![Candidate { algorithm: text("prior"), ..Candidate::default() }],
            metric: text("rmse"),
            sample_rows: 1,
            folds: 2,
            ..Selection::default()
        }),
        Agent::ModelTrainer => Output::TrainedModel(TrainedModel {
            bundle: artifact(0),
            algorithm: text("prior"),
            test_metrics: BTreeMap::from([(text("rmse"), MetricEstimate::default())]),
            check_rows: artifact(1),
            signature_inputs: columns(),
            problem_type: ProblemType::Regression,
            ..TrainedModel::default()
        }),
        Agent::ModelDeployer => Output::Deployment(Deployment {
            endpoint: text("no-op"),
            model: text("no-op"),
            version: 1,
            digest: digest(),
            url: text("http://127.0.0.1/v2/models/no-op"),
            record_revision: 1,
            checked_rows: 1,
            servers: vec![text("none")],
            ..Deployment::default()
        }),
        Agent::ObservabilityConnector => Output::Monitoring(Monitoring {
            monitor: text("no-op"),
            version: 1,
            digest: digest(),
            reference_profile: artifact(0),
            watched_columns: vec![text("x")],
            predictions_subject: text("tier0.v1.prediction.no-op"),
        }),
    }
}

fn scope() -> Scope {
    Scope {
        experiment_id: text("no-op"),
        name: text("no-op"),
        problem_type: ProblemType::Regression,
        data: DataSource { uri: text("/data/no-op.csv"), ..DataSource::default() },
        target: text("y"),
        cohort_sha256: digest(),
        min_rows: 1,
        metric: text("rmse"),
        baseline: text("prior"),
        time_budget_seconds: 1.0,
        ..Scope::default()
    }
}

fn prepared_data() -> PreparedData {
    PreparedData {
        train: artifact(1),
        validation: artifact(1),
        test: artifact(1),
        hold_out: artifact(1),
        columns: columns(),
        profile: artifact(0),
        quality_report: artifact(0),
        quality_gate: QualityGate { passed: true, score: 1.0, ..QualityGate::default() },
        cleaning_plan: artifact(0),
        rows: RowAccount { read: 4, kept: 4, removed: Vec::new() },
        source_sha256: digest(),
        ..PreparedData::default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::time::{Duration, SystemTime};

    use contracts::handoff::{Finished, FirstHandoff, StageTimes};
    use contracts::{RunId, v1};

    use super::*;

    #[test]
    fn every_output_is_one_that_the_contract_takes() {
        let request = v1::ScopeRequest {
            data_uri: text("/data/no-op.csv"),
            target: text("y"),
            ..v1::ScopeRequest::default()
        };
        let first = FirstHandoff {
            run_id: RunId::new("no-op").unwrap(),
            epoch: 0,
            plan: Agent::ALL.to_vec(),
            deadline: None,
            request,
            outputs: Vec::new(),
            at: SystemTime::now(),
        };
        let mut handoff = first.build().unwrap();
        for (place, agent) in Agent::ALL.into_iter().enumerate() {
            assert_eq!(super::agent(place), agent);
            let finished = Finished {
                output: output(agent),
                status: v1::HandoffStatus::Success,
                warnings: Vec::new(),
                agent_version: text("0.1.0"),
                replica: text("no-op"),
                started_at: SystemTime::now(),
                elapsed: Duration::ZERO,
                times: StageTimes::default(),
                attempt: 1,
                reused_from: String::new(),
                input_digest: digest(),
            };
            handoff = handoff.next(finished).unwrap();
        }
        assert!(handoff.as_message().output_validated);
    }
}
