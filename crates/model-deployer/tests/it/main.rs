//! The real programs with a real broker: a deployment from its handoff to its result.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

#[path = "../../../contracts/tests/it/samples.rs"]
#[allow(dead_code, reason = "shared with the tests of the contracts, which use more of it")]
mod samples;

use std::path::Path;
use std::process::Command;

use bus::Headers;
use contracts::handoff::FirstHandoff;
use contracts::v1::stage_output::Output;
use contracts::v1::{self, HandoffStatus, ModelStage};
use contracts::{Agent, RunId, encoding, subjects};
use scoring::bundle::{self, BundleParts};
use scoring::{CheckRows, Model, PriorModel, Signature};
use serde_json::json;
use tabular::cleaning::ColumnCleaning;
use tabular::parse::MissingMarkers;
use tabular::plan::{Feature, PLAN_VERSION, Transform};
use tabular::{CleaningPlan, ColumnType, FeaturePlan, Field, ProblemType};
use tier0_tests::{Broker, NatsServer, Process, eventually, program};

fn start(path: &Path, nats: &NatsServer) -> Process {
    Process::start(
        Command::new(path)
            .env("TIER0__NATS__URL", nats.url())
            .env("TIER0_MODEL_DEPLOYER__DEPLOY__SERVER_SECONDS", "2"),
    )
}

/// A bundle that answers `positive` for every row.
fn bundle(positive: f64) -> Vec<u8> {
    let fields = fields();
    let model = Model::Prior(PriorModel { width: 1, outputs: vec![1.0 - positive, positive] });
    bundle::write(&BundleParts {
        algorithm: "prior".to_owned(),
        created_by: "test".to_owned(),
        model: model.to_text().unwrap().unwrap(),
        plan: FeaturePlan {
            version: PLAN_VERSION,
            cleaning: CleaningPlan {
                columns: fields
                    .iter()
                    .map(|field| {
                        let markers = MissingMarkers::default();
                        ColumnCleaning::new(&field.name, field.column_type, &markers)
                    })
                    .collect(),
            },
            features: vec![Feature {
                name: "calls".to_owned(),
                transform: Transform::Identity { input: "calls".to_owned() },
            }],
        },
        signature: Signature {
            inputs: fields,
            problem_type: ProblemType::Binary,
            classes: vec!["no".to_owned(), "yes".to_owned()],
            positive_class: Some("yes".to_owned()),
            threshold: None,
            target: "churned".to_owned(),
        },
        profile: statistics::Profile::default(),
        metrics: json!({}),
        model_card: String::new(),
    })
    .unwrap()
}

fn fields() -> Vec<Field> {
    vec![Field::new("calls", ColumnType::Integer), Field::new("brand", ColumnType::Text)]
}

/// Hands the deployer a model that answers `served` and was checked by its trainer to answer `checked`.
async fn deploy(broker: &Broker, run: &str, served: f64, checked: f64) -> v1::Handoff {
    deploy_in(broker, 0, run, served, checked).await
}

/// The same in an epoch of the run.
async fn deploy_in(
    broker: &Broker,
    epoch: u32,
    run: &str,
    served: f64,
    checked: f64,
) -> v1::Handoff {
    let put = async |bytes: Vec<u8>, media_type| {
        broker.artifacts.put(bytes.into(), media_type, 0).await.unwrap()
    };
    let check = CheckRows {
        fields: fields(),
        rows: vec![vec![json!(3), json!("Kisqali")], vec![json!(null), json!(null)]],
        outputs: vec![vec![1.0 - checked, checked]; 2],
    };
    let check = serde_json::to_vec(&check).unwrap();
    let mut outputs = samples::to(Agent::ModelDeployer).outputs().to_vec();
    if let Some(Output::TrainedModel(trained)) = &mut outputs[4].output {
        trained.bundle = Some(put(bundle(served), artifacts::media_type::BUNDLE).await);
        trained.check_rows = Some(put(check, artifacts::media_type::JSON).await);
    }
    let handoff = FirstHandoff {
        run_id: RunId::new(run).unwrap(),
        epoch,
        plan: vec![Agent::ModelDeployer],
        deadline: None,
        request: samples::request(),
        outputs,
        at: std::time::SystemTime::now(),
    }
    .build()
    .unwrap();
    let payload = encoding::encode_bounded(handoff.as_message()).unwrap();
    broker.bus.publish_once(&handoff.subject(), Headers::new(), payload).await.unwrap();
    let subject = subjects::result(handoff.run_id(), epoch);
    let result =
        eventually("the run has a result", || async { broker.bus.last(&subject).await.unwrap() });
    encoding::from_protobuf("Handoff", &result.await.2).unwrap()
}

async fn stage(broker: &Broker, version: u32) -> ModelStage {
    broker.registry.version("churn", version).await.unwrap().unwrap().stage()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_versions_go_live_and_others_leave_blue_alone() {
    let broker = Broker::start().await;
    let _deployer = start(Path::new(env!("CARGO_BIN_EXE_model-deployer")), &broker.nats);

    let result = deploy(&broker, "run-0", 0.25, 0.25).await;
    assert_eq!(result.failure.unwrap().code, "no_model_server");
    assert!(broker.registry.models().await.unwrap().is_empty(), "nothing was registered");

    let _server = start(&program("model-server"), &broker.nats);
    eventually("the server tells of itself", || async {
        let present = broker.registry.servers("-").await.unwrap();
        (!present.is_empty()).then_some(())
    })
    .await;
    let result = deploy(&broker, "run-1", 0.25, 0.25).await;
    assert_eq!(result.status(), HandoffStatus::Success, "{:?}", result.failure);
    let Some(Output::Deployment(deployment)) = &result.outputs.last().unwrap().output else {
        panic!("no deployment");
    };
    assert_eq!((deployment.version, deployment.previous_version), (1, 0));
    assert_eq!((deployment.checked_rows, deployment.max_difference), (2, 0.0));
    assert_eq!(stage(&broker, 1).await, ModelStage::Production);

    let result = deploy(&broker, "run-2", 0.5, 0.75).await;
    assert_eq!(result.failure.unwrap().code, "check_mismatch");
    assert_eq!(stage(&broker, 2).await, ModelStage::Archived);
    let record = broker.registry.record("churn").await.unwrap().unwrap().value;
    assert_eq!((record.live.unwrap().version, record.green), (1, None));

    let result = deploy(&broker, "run-3", 0.75, 0.75).await;
    assert_eq!(result.status(), HandoffStatus::Success, "{:?}", result.failure);
    let record = broker.registry.record("churn").await.unwrap().unwrap().value;
    assert_eq!((record.live.unwrap().version, record.previous.unwrap().version), (3, 1));
    assert_eq!(stage(&broker, 3).await, ModelStage::Production);
    assert_eq!(stage(&broker, 1).await, ModelStage::Archived);

    // Driven anew, the refused run gets another version; the one that was put away stays so.
    let result = deploy_in(&broker, 1, "run-2", 0.5, 0.5).await;
    assert_eq!(result.status(), HandoffStatus::Success, "{:?}", result.failure);
    assert_eq!(stage(&broker, 4).await, ModelStage::Production);
    assert_eq!(stage(&broker, 2).await, ModelStage::Archived);
}

/// A deployer that died between its switch and all that comes after it, while other runs went live at the same endpoint.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_version_answered_has_succeeded_however_late_it_comes_back() {
    let broker = Broker::start().await;
    let _deployer = start(Path::new(env!("CARGO_BIN_EXE_model-deployer")), &broker.nats);
    let _server = start(&program("model-server"), &broker.nats);
    eventually("the server tells of itself", || async {
        let present = broker.registry.servers("-").await.unwrap();
        (!present.is_empty()).then_some(())
    })
    .await;
    let died = switched_and_died(&broker, "run-a", 0.25).await;

    let result = deploy(&broker, "run-b", 0.5, 0.5).await;
    assert_eq!(result.status(), HandoffStatus::Success, "{:?}", result.failure);
    let version = broker.registry.version("churn", died).await.unwrap().unwrap();
    assert!(registry::was_in_production(&version), "who takes its place notes that it answered");
    assert_eq!(version.stage(), ModelStage::Archived);
    let result = deploy(&broker, "run-c", 0.75, 0.75).await;
    assert_eq!(result.status(), HandoffStatus::Success, "{:?}", result.failure);
    let before = broker.registry.record("churn").await.unwrap().unwrap();
    assert_eq!(before.value.live.as_ref().unwrap().run_id, "run-c");

    let result = deploy(&broker, "run-a", 0.25, 0.25).await;
    assert_eq!(result.status(), HandoffStatus::Success, "{:?}", result.failure);
    assert_eq!(result.warnings[0].code, "replaced");
    let Some(Output::Deployment(deployment)) = &result.outputs.last().unwrap().output else {
        panic!("no deployment");
    };
    assert_eq!((deployment.version, deployment.previous_version), (died, 0));
    assert!(deployment.record_revision < before.revision, "when it went live, not now");
    let after = broker.registry.record("churn").await.unwrap().unwrap();
    assert_eq!(after, before, "what answers is left alone");
    assert_eq!(broker.registry.versions("churn").await.unwrap().len(), 3);
    assert_eq!(stage(&broker, died).await, ModelStage::Archived);
}

/// What a deployer has done when it dies right after its switch; the version.
async fn switched_and_died(broker: &Broker, run: &str, served: f64) -> u32 {
    let handoff = samples::to(Agent::ModelDeployer);
    let trained = handoff.trained_model().unwrap().to_message();
    let media_type = artifacts::media_type::BUNDLE;
    let bundle = broker.artifacts.put(bundle(served).into(), media_type, 0).await.unwrap();
    let parts = v1::ModelVersion {
        model: "churn".to_owned(),
        bundle: Some(bundle.clone()),
        data_sha256: handoff.prepared_data().unwrap().source_sha256.clone(),
        algorithm: trained.algorithm,
        test_metrics: trained.test_metrics,
        signature_inputs: trained.signature_inputs,
        problem_type: trained.problem_type,
        classes: trained.classes,
        ..v1::ModelVersion::default()
    };
    let version = broker.registry.register(parts, &RunId::new(run).unwrap()).await.unwrap();
    broker
        .registry
        .transition("churn", version.version, ModelStage::Staging, run, "to be checked")
        .await
        .unwrap();
    let mine = v1::DeployedVersion {
        model: "churn".to_owned(),
        version: version.version,
        bundle: Some(bundle),
        run_id: run.to_owned(),
    };
    for live in [false, true] {
        broker
            .registry
            .change("churn", run, |record| {
                let place = if live { &mut record.live } else { &mut record.green };
                *place = Some(mine.clone());
                if live {
                    record.green = None;
                }
                Ok::<_, std::convert::Infallible>(())
            })
            .await
            .unwrap();
    }
    version.version
}
