#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use contracts::v1::stage_output::Output;
use contracts::v1::{
    ArtifactRef, ColumnSchema, ColumnType, DataSource, Deployment, Failure, Handoff, HandoffStatus,
    MetricEstimate, ModelVersion, PreparedData, ProblemType, RowAccount, Scope, ScopeRequest,
    SearchReport, StageOutput, TrainedModel, TrialRecord, Warning,
};
use contracts::{Agent, RunId, names, time};
use mlflow::{RunRecord, RunStatus};
use runs::recovery::CANCELLED;
use serde_json::{Value, json};

use super::mapping;

const BEGAN: u64 = 1_000;
const ENDED: u64 = 1_060;

fn run() -> RunId {
    RunId::new("r1").unwrap()
}

fn at(seconds: u64) -> Option<pbjson_types::Timestamp> {
    Some(time::timestamp(UNIX_EPOCH + Duration::from_secs(seconds)))
}

fn output(agent: Agent, started_at: u64, output: Output) -> StageOutput {
    StageOutput {
        agent: agent.to_string(),
        started_at: at(started_at),
        elapsed: Some(time::duration(Duration::from_millis(1_500))),
        output: Some(output),
        ..StageOutput::default()
    }
}

fn result(status: HandoffStatus) -> Handoff {
    let uri = "s3://me:secret@bucket/people.csv?sig=secret".to_owned();
    let estimate = MetricEstimate { value: 0.86, low: 0.84, high: 0.88 };
    let bundle = ArtifactRef { sha256: "b".repeat(64), ..ArtifactRef::default() };
    let age =
        ColumnSchema { name: "age".into(), r#type: ColumnType::Integer.into(), nullable: true };
    Handoff {
        run_id: "r1".into(),
        from_agent: Agent::ObservabilityConnector.to_string(),
        to_agent: names::END.into(),
        timestamp: at(ENDED),
        status: status.into(),
        request: Some(ScopeRequest {
            data_uri: uri.clone(),
            requested_by: "somebody".into(),
            labels: BTreeMap::from([("team".into(), "blue".into())]),
            ..ScopeRequest::default()
        }),
        outputs: vec![
            output(
                Agent::ScopeDefiner,
                BEGAN,
                Output::Scope(Scope {
                    name: "churn".into(),
                    target: "left".into(),
                    problem_type: ProblemType::Binary.into(),
                    metric: "roc_auc".into(),
                    data: Some(DataSource { uri, ..DataSource::default() }),
                    ..Scope::default()
                }),
            ),
            output(
                Agent::DataPreparer,
                BEGAN + 5,
                Output::PreparedData(PreparedData {
                    source_sha256: "a".repeat(64),
                    rows: Some(RowAccount { read: 100, kept: 90, ..RowAccount::default() }),
                    columns: vec![age],
                    ..PreparedData::default()
                }),
            ),
            output(
                Agent::ModelTrainer,
                BEGAN + 10,
                Output::TrainedModel(TrainedModel {
                    bundle: Some(bundle),
                    algorithm: "gradient_boosting".into(),
                    parameters: BTreeMap::from([("learning_rate".into(), 0.05)]),
                    threshold: 0.4,
                    test_metrics: BTreeMap::from([("roc_auc".into(), estimate)]),
                    baseline_metrics: BTreeMap::from([("roc_auc".into(), f64::NAN)]),
                    feature_importance: BTreeMap::from([("age = x".into(), 1.0)]),
                    trials: 2,
                    ..TrainedModel::default()
                }),
            ),
            output(
                Agent::ModelDeployer,
                BEGAN + 50,
                Output::Deployment(Deployment {
                    endpoint: "churn".into(),
                    version: 3,
                    ..Deployment::default()
                }),
            ),
        ],
        warnings: vec![Warning { code: "criterion_missed".into(), ..Warning::default() }],
        ..Handoff::default()
    }
}

fn record(result: &Handoff) -> RunRecord {
    mapping::record(&run(), result, UNIX_EPOCH)
}

fn param<'a>(record: &'a RunRecord, key: &str) -> Option<&'a str> {
    record.params.iter().find(|param| param.key == key).map(|param| param.value.as_str())
}

fn tag<'a>(record: &'a RunRecord, key: &str) -> Option<&'a str> {
    record.tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
}

fn metric(record: &RunRecord, key: &str) -> Option<f64> {
    record.metrics.iter().find(|metric| metric.key == key).map(|metric| metric.value)
}

#[test]
fn a_result_says_all_that_is_told_of_a_run() {
    let record = record(&result(HandoffStatus::Success));
    assert_eq!((record.key.as_str(), record.name.as_str()), ("r1.0", "r1"));
    assert_eq!(record.status, RunStatus::Finished);
    assert_eq!((record.started_at, record.ended_at), (1_000_000, 1_060_000));
    assert_eq!(param(&record, "algorithm"), Some("gradient_boosting"));
    assert_eq!(param(&record, "learning_rate"), Some("0.05"));
    assert_eq!(param(&record, "problem_type"), Some("binary"));
    assert_eq!(param(&record, "positive_class"), None, "what was not said is no parameter");
    assert_eq!(metric(&record, "test_roc_auc"), Some(0.86));
    assert_eq!(metric(&record, "test_roc_auc.low"), Some(0.84));
    assert_eq!(metric(&record, "baseline_roc_auc"), None, "what is no number is no metric");
    let escaped = record.metrics.iter().find(|of| of.key.starts_with("importance/age _ x"));
    let escaped = escaped.unwrap();
    assert_eq!(escaped.value, 1.0);
    let name = tag(&record, &format!("tier0.name.{}", escaped.key));
    assert_eq!(name, Some("importance/age = x"), "the name is carried whole");
    assert_eq!(metric(&record, "seconds.model-trainer"), Some(1.5));
    assert!(record.metrics.iter().all(|metric| metric.timestamp == 1_060_000));
    assert_eq!(tag(&record, "tier0.run_id"), Some("r1"));
    assert_eq!(tag(&record, "tier0.version"), Some("3"));
    assert_eq!(tag(&record, "tier0.data_sha256"), Some("a".repeat(64).as_str()));
    assert_eq!(tag(&record, "tier0.warnings"), Some("criterion_missed"));
    assert_eq!(
        (tag(&record, "label.team"), tag(&record, "mlflow.user")),
        (Some("blue"), Some("somebody"))
    );
    let dataset = record.dataset.as_ref().unwrap();
    assert_eq!((dataset.name.as_str(), dataset.digest.len()), ("people.csv", 36));
    let schema: Value = serde_json::from_str(&dataset.schema).unwrap();
    let age = json!({ "type": "long", "name": "age", "required": false });
    assert_eq!(schema, json!({ "mlflow_colspec": [age] }));
    assert!(!format!("{record:?}").contains("secret"), "{record:#?}");
}

#[test]
fn a_run_ends_as_its_result_says() {
    let failed = |code: &str| {
        let failure = Failure {
            code: code.into(),
            message: "there are 3 rows".into(),
            agent: Agent::DataPreparer.to_string(),
            ..Failure::default()
        };
        Handoff { failure: Some(failure), ..result(HandoffStatus::Failed) }
    };
    let record = record(&failed("too_few_rows"));
    assert_eq!(record.status, RunStatus::Failed);
    assert_eq!(tag(&record, "tier0.failure"), Some("too_few_rows"));
    assert_eq!(tag(&record, "tier0.failed_stage"), Some("data-preparer"));
    assert_eq!(self::record(&failed(CANCELLED)).status, RunStatus::Killed);
    assert_eq!(self::record(&result(HandoffStatus::Partial)).status, RunStatus::Finished);
}

#[test]
fn a_run_that_is_driven_anew_is_another_one() {
    let again = record(&Handoff { epoch: 2, ..result(HandoffStatus::Success) });
    assert_eq!((again.key.as_str(), again.name.as_str()), ("r1.2", "r1.2"));
}

#[test]
fn a_result_without_outputs_is_a_run_too() {
    let record =
        record(&Handoff { outputs: Vec::new(), timestamp: None, ..result(HandoffStatus::Failed) });
    assert_eq!((record.started_at, record.ended_at), (0, 0), "as the broker stored it");
    assert!(record.dataset.is_none() && record.metrics.is_empty());
}

#[test]
fn trials_are_told_with_what_they_reached() {
    let trial = |number, score| TrialRecord {
        number,
        algorithm: "elastic_net".into(),
        parameters: BTreeMap::from([("l1".into(), 0.5)]),
        score,
        iterations: 7,
        ..TrialRecord::default()
    };
    let trials = vec![trial(0, None), trial(1, Some(0.75))];
    let report = SearchReport { metric: "rmse".into(), trials, best: 1, ..SearchReport::default() };
    let told = mapping::trials(&report, 5);
    assert_eq!(told.iter().map(|trial| trial.fitted).collect::<Vec<_>>(), [false, true]);
    assert_eq!(told[0].metrics.len(), 1, "no score");
    assert_eq!(told[1].metrics[0].key, "validation_rmse");
    assert_eq!((told[1].tags[0].value.as_str(), told[1].name.as_str()), ("true", "trial-001"));
}

#[test]
fn a_version_is_told_as_the_registry_has_it() {
    let estimate = MetricEstimate { value: 0.86, low: 0.84, high: 0.88 };
    let version = ModelVersion {
        model: "churn".into(),
        version: 3,
        parent_version: 2,
        data_sha256: "a".into(),
        test_metrics: BTreeMap::from([("roc_auc".into(), estimate)]),
        ..ModelVersion::default()
    };
    let model = mapping::model(&run(), &result(HandoffStatus::Success), &version, "model");
    assert_eq!((model.name.as_str(), model.version, model.path.as_str()), ("churn", 3, "model"));
    let value =
        |key: &str| model.tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str());
    assert_eq!(value("tier0.parent_version"), Some("2"));
    assert_eq!(value("test_roc_auc"), Some("0.86"));
    assert_eq!(value("tier0.endpoint"), Some("churn"));
}
