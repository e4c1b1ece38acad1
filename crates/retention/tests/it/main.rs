//! What is named stays, and what is not goes, in both kinds of stores.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test")]

use std::time::{Duration, SystemTime};

use artifacts::{ArtifactStore, media_type};
use bus::Headers;
use bytes::Bytes;
use contracts::v1::ArtifactRef;
use contracts::{Agent, RunId, names, subjects};
use retention::{Error, Plan, Policy, Reason};
use tempfile::TempDir;
use tier0_tests::Broker;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const POLICY: Policy = Policy {
    older_than: Duration::from_secs(2 * 24 * 60 * 60),
    runs_within: DAY.saturating_mul(5),
};

async fn put(store: &ArtifactStore, text: &str) -> ArtifactRef {
    store.put(Bytes::from(text.to_owned()), media_type::JSON, 0).await.unwrap()
}

async fn name(broker: &Broker, subject: &str, artifact: &ArtifactRef) {
    let text = format!("\x12@{}!", artifact.sha256);
    broker.bus.publish(subject, Headers::new(), text.into()).await.unwrap();
}

async fn plan(broker: &Broker, store: &ArtifactStore, at: SystemTime) -> Plan {
    retention::plan(&broker.bus, store, POLICY, at).await.unwrap()
}

async fn stores(broker: &Broker) -> (TempDir, [ArtifactStore; 2]) {
    let directory = tempfile::tempdir().unwrap();
    let uri = format!("file://{}", directory.path().display());
    let files = ArtifactStore::open(&uri, &broker.bus).await.unwrap();
    (directory, [broker.artifacts.clone(), files])
}

#[tokio::test]
async fn what_something_names_stays_and_the_rest_goes() {
    let broker = Broker::start().await;
    let (_directory, stores) = stores(&broker).await;
    let run = |name: &str| RunId::new(name).unwrap();
    for store in stores {
        let mut named = Vec::new();
        for text in ["of a version", "of a run that waits", "of a run that is over", "of a letter"]
        {
            named.push(put(&store, text).await);
        }
        let nobodys = put(&store, "nobody's").await;
        let mut version = sample::version("churn", 1);
        version.bundle = Some(named[0].clone());
        broker.registry.register(version, &run("made")).await.unwrap();
        name(&broker, &subjects::handoff(Agent::ModelTrainer, &run("waits"), 0), &named[1]).await;
        name(&broker, &subjects::handoff(Agent::ModelTrainer, &run("over"), 0), &named[2]).await;
        name(&broker, &subjects::result(&run("over"), 0), &named[2]).await;
        name(&broker, "tier0.v1.dead.model-trainer.over", &named[3]).await;

        let now = SystemTime::now();
        let young = plan(&broker, &store, now).await;
        assert!(young.collected.is_empty() && young.kept[&Reason::PutLately].artifacts >= 5);
        let later = plan(&broker, &store, now + DAY * 3).await;
        let digests: Vec<&str> = later.collected.iter().map(|one| one.sha256.as_str()).collect();
        assert_eq!(digests, [nobodys.sha256.as_str()], "{later:#?}");
        for reason in [Reason::Record, Reason::UnfinishedRun, Reason::RecentRun, Reason::DeadLetter]
        {
            assert_eq!(later.kept[&reason].artifacts, 1, "{reason:?}: {later:#?}");
        }
        // The run is no longer one of the last days.
        let late = plan(&broker, &store, now + DAY * 9).await;
        assert!(late.collected.iter().any(|one| one.sha256 == named[2].sha256), "{late:#?}");
        assert!(late.collected.len() == 2 && !late.kept.contains_key(&Reason::RecentRun));

        // A second look at the time that it is finds everything young: nothing goes.
        let removed =
            retention::apply(&broker.bus, &store, POLICY, &later, Duration::ZERO).await.unwrap();
        assert!(removed.collected.is_empty());
        assert!(store.holds(&nobodys).await.unwrap());
    }
}

#[tokio::test]
async fn what_is_put_again_becomes_new_and_only_what_both_looks_find_goes() {
    let broker = Broker::start().await;
    let (directory, [_, store]) = stores(&broker).await;
    let (old, again, named) =
        (put(&store, "old").await, put(&store, "again").await, put(&store, "named").await);
    for artifact in [&old, &again, &named] {
        let file = std::fs::File::open(directory.path().join(&artifact.sha256)).unwrap();
        file.set_modified(SystemTime::now() - DAY * 4).unwrap();
    }
    let first = plan(&broker, &store, SystemTime::now()).await;
    assert_eq!(first.collected.len(), 3);
    assert!(first.collected.iter().all(|one| one.days >= 3));
    // A run works meanwhile: one artifact is stored once more, another one is named.
    put(&store, "again").await;
    let run = RunId::new("works").unwrap();
    name(&broker, &subjects::handoff(Agent::ModelTrainer, &run, 0), &named).await;
    let removed =
        retention::apply(&broker.bus, &store, POLICY, &first, Duration::ZERO).await.unwrap();
    let digests: Vec<&str> = removed.collected.iter().map(|one| one.sha256.as_str()).collect();
    assert_eq!(digests, [old.sha256.as_str()]);
    assert!(!store.holds(&old).await.unwrap());
    assert!(store.holds(&again).await.unwrap() && store.holds(&named).await.unwrap());
    // It can be made anew.
    assert_eq!(put(&store, "old").await, old);
    assert!(store.holds(&old).await.unwrap());
}

#[tokio::test]
async fn what_would_take_work_away_is_refused() {
    let broker = Broker::start().await;
    let soon = Policy { older_than: Duration::from_secs(60), ..POLICY };
    let asked = retention::plan(&broker.bus, &broker.artifacts, soon, SystemTime::now()).await;
    assert!(matches!(asked, Err(Error::TooYoung { .. })));
    assert_eq!(names::ARTIFACTS_STORE, "TIER0_ARTIFACTS");
}
