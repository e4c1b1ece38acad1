//! One valid message of every kind, with every field set to something that is not its default.

#[path = "samples/monitors.rs"]
mod monitors;
#[path = "samples/outputs.rs"]
mod outputs;
#[path = "samples/registry.rs"]
mod registry;
#[path = "samples/request.rs"]
mod request;
#[path = "samples/rollout.rs"]
mod rollout;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use contracts::handoff::{Finished, FirstHandoff, StageTimes};
use contracts::v1::stage_output::Output;
use contracts::v1::{self, HandoffStatus};
use contracts::{Agent, RunId, ValidHandoff, time};

#[allow(unused_imports, reason = "what shares the samples uses some of them")]
pub(crate) use self::{monitors::*, outputs::*, registry::*, request::*, rollout::*};

pub(crate) fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_000 + seconds * 1000 + 250)
}

pub(crate) fn wire(seconds: u64) -> Option<pbjson_types::Timestamp> {
    Some(time::timestamp(at(seconds)))
}

pub(crate) fn digest(digit: char) -> String {
    std::iter::repeat_n(digit, 64).collect()
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn texts(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| text(item)).collect()
}

fn numbers(items: &[(&str, f64)]) -> BTreeMap<String, f64> {
    items.iter().map(|(key, value)| (text(key), *value)).collect()
}

pub(crate) fn artifact(digit: char, rows: u64) -> v1::ArtifactRef {
    v1::ArtifactRef {
        uri: format!("nats://TIER0_ARTIFACTS/{}", digest(digit)),
        sha256: digest(digit),
        bytes: 4096,
        media_type: text("application/vnd.apache.parquet"),
        rows,
    }
}

pub(crate) fn failure() -> v1::Failure {
    v1::Failure {
        code: text("target_missing"),
        message: text("column `churned` is not there: the nearest is `churn`"),
        subject: text("churned"),
        suggestions: texts(&["churn"]),
        agent: text("data-preparer"),
        at: wire(9),
    }
}

pub(crate) fn output(agent: Agent) -> Output {
    match agent {
        Agent::ScopeDefiner => Output::Scope(scope()),
        Agent::DataPreparer => Output::PreparedData(prepared_data()),
        Agent::FeatureAnalyzer => Output::FeatureSet(feature_set()),
        Agent::ModelSelector => Output::Selection(selection()),
        Agent::ModelTrainer => Output::TrainedModel(trained_model()),
        Agent::ModelDeployer => Output::Deployment(deployment()),
        Agent::ObservabilityConnector => Output::Monitoring(monitoring()),
    }
}

pub(crate) fn warning() -> v1::Warning {
    v1::Warning {
        code: text("criterion_missed"),
        message: text("recall is 0.61 where 0.65 was wanted"),
        agent: text("model-trainer"),
    }
}

pub(crate) fn run_id() -> RunId {
    RunId::new("run-1").unwrap()
}

pub(crate) fn finished(agent: Agent) -> Finished {
    let started = 10 * u64::try_from(agent.position()).unwrap();
    Finished {
        output: output(agent).try_into().unwrap(),
        status: HandoffStatus::Success,
        warnings: Vec::new(),
        agent_version: text("0.1.0"),
        replica: text("host-1"),
        started_at: at(started),
        elapsed: Duration::from_millis(1500),
        times: StageTimes {
            waited: Duration::from_millis(20),
            reading: Duration::from_millis(300),
            writing: Duration::from_millis(100),
        },
        attempt: 1,
        reused_from: text("run-0"),
        input_digest: digest('e'),
    }
}

pub(crate) fn first() -> ValidHandoff {
    FirstHandoff {
        run_id: run_id(),
        epoch: 3,
        plan: Agent::ALL.to_vec(),
        deadline: Some(at(3600)),
        request: request(),
        outputs: Vec::new(),
        at: at(0),
    }
    .build()
    .unwrap()
}

/// The handoff that `agent` receives after all before it have finished.
pub(crate) fn to(agent: Agent) -> ValidHandoff {
    Agent::ALL
        .into_iter()
        .filter(|before| *before < agent)
        .fold(first(), |handoff, before| handoff.next(finished(before)).unwrap())
}

/// The handoff that `agent` sends when it has finished.
pub(crate) fn after(agent: Agent) -> ValidHandoff {
    to(agent).next(finished(agent)).unwrap()
}

/// The last handoff of a run.
pub(crate) fn result() -> ValidHandoff {
    after(Agent::ObservabilityConnector)
}

/// A handoff with every field set: that of a failed run (`failure` stands in no other).
pub(crate) fn handoff() -> v1::Handoff {
    let mut message: v1::Handoff = result().into_message();
    message.status = HandoffStatus::Failed.into();
    message.failure = Some(failure());
    message.warnings = vec![warning()];
    message.metadata = BTreeMap::from([(text("team"), text("oncology"))]);
    message.output_validated = true;
    message.packed = b"packed".to_vec();
    message
}

pub(crate) fn stage_event() -> v1::StageEvent {
    v1::StageEvent {
        run_id: text("run-1"),
        epoch: 3,
        agent: text("model-trainer"),
        kind: v1::StageEventKind::Retrying.into(),
        attempt: 2,
        at: wire(5),
        replica: text("host-1"),
        failure: Some(failure()),
        progress: 0.5,
        detail: text("trial 20 of 40"),
    }
}

pub(crate) fn step_record() -> v1::StepRecord {
    v1::StepRecord {
        output: to(Agent::FeatureAnalyzer).outputs().last().cloned(),
        status: HandoffStatus::Partial.into(),
        warnings: vec![warning()],
        run_id: text("run-1"),
        epoch: 3,
        at: wire(6),
    }
}

pub(crate) fn dead_letter() -> v1::DeadLetter {
    v1::DeadLetter {
        id: text("TIER0:17"),
        agent: text("data-preparer"),
        subject: text("tier0.v1.handoff.data-preparer.run-1.3"),
        payload: pbjson_bytes(&[0, 1, 254, 255]),
        headers: BTreeMap::from([(text("Nats-Msg-Id"), text("run-1.3.data-preparer"))]),
        reason: Some(failure()),
        deliveries: 5,
        at: wire(6),
        truncated: true,
        run_id: text("run-1"),
    }
}

fn pbjson_bytes<T: From<Vec<u8>>>(bytes: &[u8]) -> T {
    bytes.to_vec().into()
}

/// Calls `$act!(name, sample)` for every message, so that each test covers all of them.
#[allow(unused_macros, reason = "what shares the samples uses some of them")]
macro_rules! every_message {
    ($act:ident) => {{
        #[allow(unused_imports, reason = "a test may want the names alone")]
        use crate::samples::*;
        $act!(Alert, alert());
        $act!(AlertRecord, alert_record());
        $act!(Analysis, analysis());
        $act!(Answered, answered());
        $act!(ArtifactRef, artifact('1', 10));
        $act!(Candidate, candidate());
        $act!(Cause, cause());
        $act!(ClassCount, prepared_data().classes[1].clone());
        $act!(CleaningRules, cleaning_rules());
        $act!(CohortWindow, cohort_window());
        $act!(ColumnRules, column_rules());
        $act!(ColumnSchema, columns()[0].clone());
        $act!(Constraints, constraints());
        $act!(Criterion, criterion());
        $act!(CriterionResult, criterion_result());
        $act!(ContributionCell, contribution_cell());
        $act!(CsvDialect, csv_dialect());
        $act!(DataChecks, complete_data_checks());
        $act!(DataSource, source());
        $act!(DeadLetter, dead_letter());
        $act!(DeployedVersion, deployed_version(2));
        $act!(Deployment, deployment());
        $act!(DeploymentRecord, deployment_record());
        $act!(EffectPoint, effect_point());
        $act!(EnsembleMember, ensemble_member());
        $act!(EventColumn, event_column());
        $act!(ExcludedColumn, excluded());
        $act!(Explanation, explanation());
        $act!(Failure, failure());
        $act!(FeatureSet, feature_set());
        $act!(FeatureSummary, feature());
        $act!(Feedback, feedback());
        $act!(FieldChange, field_change());
        $act!(FitRecord, fit_record());
        $act!(FitTask, fit_task());
        $act!(Handoff, handoff());
        $act!(InputContribution, input_contribution());
        $act!(InputEffect, input_effect());
        $act!(IntegrityRule, complete_rule());
        $act!(Interaction, interaction());
        $act!(LearningCurvePoint, learning_curve()[0]);
        $act!(LedgerEntry, ledger_entry());
        $act!(LoadFailure, load_failure());
        $act!(MetricEstimate, estimate());
        $act!(ModelVersion, model_version());
        $act!(Monitor, monitor());
        $act!(MonitorCounts, monitor_counts());
        $act!(Monitoring, monitoring());
        $act!(MonotoneConstraint, monotone_constraint());
        $act!(Note, note());
        $act!(ParameterRange, parameter_range());
        $act!(Pause, pause());
        $act!(Performance, performance());
        $act!(Plan, handoff().plan.unwrap());
        $act!(Predicate, predicate());
        $act!(PredictionEvent, prediction_event());
        $act!(PreparedData, prepared_data());
        $act!(QualityGate, quality_gate());
        $act!(QualityIssue, contracts::v1::QualityIssue { blocking: true, ..quality_issue() });
        $act!(RecordChange, record_change());
        $act!(RegisteredModel, registered_model());
        $act!(RejectedAlgorithm, rejected_algorithm());
        $act!(RejectedFeature, rejected_feature());
        $act!(RetrainingAttempt, retraining_attempt());
        $act!(RetrainingRecord, retraining_record());
        $act!(Rollout, rollout());
        $act!(RolloutPlan, rollout_plan());
        $act!(RolloutStep, rollout_step());
        $act!(Routing, routing());
        $act!(RowAccount, row_account());
        $act!(RowRemoval, row_account().removed[0].clone());
        $act!(Scope, complete_scope());
        $act!(ScopeReply, scope_reply());
        $act!(ScopeRequest, complete_request());
        $act!(SearchOffer, search_offer());
        $act!(SearchReport, search_report());
        $act!(SegmentEffects, segment_effects());
        $act!(SegmentMetrics, segment_metrics());
        $act!(SegmentPerformance, segment_performance());
        $act!(Selection, selection());
        $act!(ServerReport, server_report());
        $act!(Share, share(2, 10_000));
        $act!(StageEvent, stage_event());
        $act!(StageOutput, handoff().outputs[0].clone());
        $act!(StageTransition, stage_transition());
        $act!(StepRecord, step_record());
        $act!(TableReference, table_reference());
        $act!(ThresholdObjective, threshold_objective());
        $act!(TrainedModel, trained_model());
        $act!(TrialRecord, trial_record());
        $act!(ValueRules, value_rules());
        $act!(Verdict, verdict());
        $act!(VersionClaim, version_claim());
        $act!(VersionTraffic, version_traffic());
        $act!(WarmStart, warm_start());
        $act!(Warning, warning());
    }};
}
#[allow(unused_imports, reason = "what shares the samples uses some of them")]
pub(crate) use every_message;
