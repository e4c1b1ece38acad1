use std::collections::BTreeSet;

use contracts::RunId;
use contracts::v1::{self, ModelStage};
use registry::{Error, is_legal, was_in_production};
use tier0_tests::Broker;

use crate::{bundle, digest};

pub(crate) fn parts(bundle_digit: char) -> v1::ModelVersion {
    v1::ModelVersion {
        model: "churn".to_owned(),
        bundle: Some(bundle(bundle_digit)),
        data_sha256: digest('d'),
        algorithm: "gradient_boosting".to_owned(),
        signature_inputs: vec![v1::ColumnSchema {
            name: "calls".to_owned(),
            r#type: v1::ColumnType::Integer.into(),
            nullable: false,
        }],
        problem_type: v1::ProblemType::Binary.into(),
        classes: vec!["no".to_owned(), "yes".to_owned()],
        ..v1::ModelVersion::default()
    }
}

pub(crate) fn run(name: &str) -> RunId {
    RunId::new(name).unwrap()
}

#[tokio::test]
async fn a_run_registers_one_version_however_often() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    let first = registry.register(parts('a'), &run("run-1")).await.unwrap();
    assert_eq!((first.version, first.stage()), (1, ModelStage::None));
    let again = registry.register(parts('a'), &run("run-1")).await.unwrap();
    assert_eq!(again, first);
    let other = registry.register(parts('b'), &run("run-2")).await.unwrap();
    assert_eq!(other.version, 2);
    let retrained = registry.register(parts('c'), &run("run-1")).await.unwrap();
    assert_eq!(retrained.version, 3, "another bundle is another version");
    let again = registry.register(parts('c'), &run("run-1")).await.unwrap();
    assert_eq!(again.version, 3);

    let versions: Vec<u32> =
        registry.versions("churn").await.unwrap().iter().map(|v| v.version).collect();
    assert_eq!(versions, [1, 2, 3]);
    assert_eq!(registry.models().await.unwrap().len(), 1);
    assert_eq!(registry.model("churn").await.unwrap().unwrap().latest_version, 3);
    assert_eq!(registry.version("churn", 2).await.unwrap(), Some(other));
    assert_eq!(registry.version("churn", 9).await.unwrap(), None);
    assert_eq!(registry.model("other").await.unwrap(), None);
}

#[tokio::test]
async fn a_run_that_is_driven_anew_gets_another_version_of_the_same_bundle() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    let first = registry.register(parts('a'), &run("run-1")).await.unwrap();
    registry
        .transition("churn", first.version, ModelStage::Archived, "a test", "refused")
        .await
        .unwrap();
    let second = registry.register_after(parts('a'), &run("run-1"), first.version).await.unwrap();
    assert_eq!((second.version, second.stage()), (2, ModelStage::None));
    let again = registry.register_after(parts('a'), &run("run-1"), first.version).await.unwrap();
    assert_eq!(again, second, "a repetition finds it");
    assert_eq!(registry.register(parts('a'), &run("run-1")).await.unwrap(), second);
}

#[tokio::test]
async fn a_run_that_broke_off_after_its_claim_gets_the_next_number_and_leaves_no_gap() {
    let broker = Broker::start().await;
    let bucket = broker.bus.kv(contracts::names::MODELS_BUCKET).await.unwrap();
    // It died when it had claimed version 1; two others came before it was back.
    let claim = v1::VersionClaim {
        model: "churn".to_owned(),
        run_id: "run-1".to_owned(),
        first_version: 1,
        earlier_versions: Vec::new(),
    };
    bucket.create("churn.run.run-1", contracts::encoding::encode(&claim)).await.unwrap();
    for (number, other) in [(1, "run-2"), (2, "run-3")] {
        let version = broker.registry.register(parts('b'), &run(other)).await.unwrap();
        assert_eq!(version.version, number);
    }
    let version = broker.registry.register(parts('a'), &run("run-1")).await.unwrap();
    assert_eq!(version.version, 3);
    let again = broker.registry.register(parts('a'), &run("run-1")).await.unwrap();
    assert_eq!(again, version);
}

#[tokio::test]
async fn the_versions_of_a_run_are_found() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    registry.register(parts('a'), &run("run-1")).await.unwrap();
    registry.register(parts('b'), &run("run-2")).await.unwrap();
    registry.register(parts('c'), &run("run-1")).await.unwrap();
    let numbers = async |name: &str| -> Vec<u32> {
        let versions = registry.versions_of_run("churn", &run(name)).await.unwrap();
        versions.iter().map(|version| version.version).collect()
    };
    assert_eq!(numbers("run-1").await, [1, 3]);
    assert_eq!(numbers("run-2").await, [2]);
    assert!(numbers("run-9").await.is_empty());
}

#[tokio::test]
async fn pages_hold_the_latest_versions_first() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    for number in 1..=7 {
        registry.register(parts('a'), &run(&format!("run-{number}"))).await.unwrap();
    }
    // A registry that has seen none of them.
    let registry = registry::Registry::new(&broker.bus).await.unwrap();
    let numbers = async |before, limit| -> Vec<u32> {
        let versions = registry.versions_before("churn", before, limit).await.unwrap();
        versions.iter().map(|version| version.version).collect()
    };
    assert_eq!(numbers(None, 3).await, [7, 6, 5]);
    assert_eq!(numbers(Some(5), 3).await, [4, 3, 2]);
    assert_eq!(numbers(Some(2), 3).await, [1]);
    assert!(numbers(Some(1), 3).await.is_empty());
    assert_eq!(numbers(Some(100), 2).await, [7, 6]);
    assert!(registry.versions_before("other", None, 3).await.unwrap().is_empty());
    assert!(registry.versions_before("a.b", None, 3).await.unwrap().is_empty());
}

#[tokio::test]
async fn concurrent_registrations_lose_nothing() {
    let broker = Broker::start().await;
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..16_u32 {
        let registry = broker.registry.clone();
        // Two writers for each run: a redelivery beside the first.
        let run = run(&format!("run-{}", writer / 2));
        tasks.spawn(async move { registry.register(parts('a'), &run).await.unwrap() });
    }
    let versions = tasks.join_all().await;
    let numbers: BTreeSet<u32> = versions.iter().map(|version| version.version).collect();
    assert_eq!(numbers, (1..=8).collect());
    let entry = broker.registry.model("churn").await.unwrap().unwrap();
    assert_eq!(entry.latest_version, 8);
    for version in versions {
        let of_run = broker.registry.versions_of_run("churn", &run(&version.run_id)).await.unwrap();
        assert_eq!(of_run, [version]);
    }
}

#[tokio::test]
async fn a_version_goes_to_production_and_the_one_before_is_put_away() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    for (bundle, run_name) in [('a', "run-1"), ('b', "run-2")] {
        let version = registry.register(parts(bundle), &run(run_name)).await.unwrap().version;
        for stage in [ModelStage::Staging, ModelStage::Production] {
            let moved =
                registry.transition("churn", version, stage, "deployer", "checked").await.unwrap();
            assert_eq!(moved.stage(), stage);
        }
        let entry = registry.model("churn").await.unwrap().unwrap();
        assert_eq!(entry.production_version, version);
    }
    let versions = registry.versions("churn").await.unwrap();
    assert_eq!(versions[0].stage(), ModelStage::Archived);
    assert_eq!(versions[0].transitions.len(), 3);
    assert_eq!(versions[0].transitions[2].reason, "version 2 took its place");
    assert_eq!(versions[1].parent_version, 1);

    let again = registry.transition("churn", 2, ModelStage::Production, "deployer", "again").await;
    assert_eq!(again.unwrap().transitions.len(), 2, "it is there already");
    registry.transition("churn", 2, ModelStage::Archived, "somebody", "").await.unwrap();
    assert_eq!(registry.model("churn").await.unwrap().unwrap().production_version, 0);
}

#[tokio::test]
async fn illegal_steps_are_refused_with_the_legal_ones() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    registry.register(parts('a'), &run("run-1")).await.unwrap();
    let refused = registry.transition("churn", 1, ModelStage::Production, "me", "").await;
    let error = refused.unwrap_err();
    assert!(matches!(error, Error::IllegalTransition { .. }));
    assert!(error.to_string().contains("from none to production: legal are staging, archived"));
    assert_eq!(error.code(), "illegal_transition");
    assert_eq!(registry.version("churn", 1).await.unwrap().unwrap().stage(), ModelStage::None);
    let unknown = registry.transition("churn", 7, ModelStage::Staging, "me", "").await;
    assert!(matches!(unknown, Err(Error::UnknownVersion { version: 7, .. })));
    assert_eq!(registry.model("other").await.unwrap(), None, "nothing half-written");
    registry.transition("churn", 1, ModelStage::Archived, "me", "").await.unwrap();
    for to in [ModelStage::None, ModelStage::Staging, ModelStage::Production] {
        assert!(registry.transition("churn", 1, to, "me", "").await.is_err(), "{to:?}");
    }
}

#[test]
fn the_legal_steps_are_these() {
    use ModelStage::{Archived, None, Production, Shadow, Staging, Unspecified};
    let stages = [Unspecified, None, Staging, Shadow, Production, Archived];
    let legal: Vec<_> = stages
        .into_iter()
        .flat_map(|from| stages.map(|to| (from, to)))
        .filter(|(from, to)| is_legal(*from, *to))
        .collect();
    assert_eq!(
        legal,
        [
            (None, Staging),
            (None, Archived),
            (Staging, Shadow),
            (Staging, Production),
            (Staging, Archived),
            (Shadow, Production),
            (Shadow, Archived),
            (Production, Archived),
        ]
    );
}

#[tokio::test]
async fn what_breaks_the_contract_is_not_written() {
    let broker = Broker::start().await;
    let mut wrong = parts('a');
    wrong.data_sha256 = "none".to_owned();
    let error = broker.registry.register(wrong, &run("run-1")).await.unwrap_err();
    assert!(matches!(error, Error::Contract(_)), "{error}");
    assert!(broker.registry.models().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_damaged_record_is_named() {
    let broker = Broker::start().await;
    let bucket = broker.bus.kv(contracts::names::MODELS_BUCKET).await.unwrap();
    bucket.put("churn.1", b"\xff\xff".to_vec().into()).await.unwrap();
    let error = broker.registry.version("churn", 1).await.unwrap_err();
    assert!(matches!(&error, Error::Damaged { key, .. } if key == "churn.1"), "{error}");
}

#[tokio::test]
async fn a_version_whose_place_was_taken_puts_nobody_away() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    let mut versions = Vec::new();
    for (bundle, name) in [('a', "run-1"), ('b', "run-2")] {
        let version = registry.register(parts(bundle), &run(name)).await.unwrap().version;
        for stage in [ModelStage::Staging, ModelStage::Production] {
            registry.transition("churn", version, stage, name, "a test").await.unwrap();
        }
        versions.push(version);
    }
    // The deployer of the first comes back and notes what it did.
    let late =
        registry.transition("churn", versions[0], ModelStage::Production, "run-1", "late").await;
    assert!(matches!(late, Err(Error::IllegalTransition { from: ModelStage::Archived, .. })));
    let first = registry.version("churn", versions[0]).await.unwrap().unwrap();
    assert!(was_in_production(&first), "it was, and is not any more");
    let second = registry.version("churn", versions[1]).await.unwrap().unwrap();
    assert_eq!(second.stage(), ModelStage::Production);
    let model = registry.model("churn").await.unwrap().unwrap();
    assert_eq!(model.production_version, versions[1]);
}
