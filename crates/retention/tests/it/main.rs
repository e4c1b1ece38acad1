//! What is named stays, and what is not goes, in both kinds of stores.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test")]

use std::time::{Duration, SystemTime};

use artifacts::{ArtifactStore, media_type};
use bus::Headers;
use bytes::Bytes;
use contracts::v1::{ArtifactRef, LedgerEntry, RecordAction};
use contracts::{Agent, RunId, names, subjects};
use registry::history::LedgerFilter;
use retention::{Error, Plan, Policy, Reason, Removal};
use tempfile::TempDir;
use tier0_tests::Broker;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const POLICY: Policy = Policy {
    older_than: Duration::from_secs(2 * 24 * 60 * 60),
    runs_within: DAY.saturating_mul(5),
};

const REMOVAL: Removal<'static> = Removal { by: "operator/ana", between: Duration::ZERO };

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
        let removed = retention::apply(&broker.bus, &store, POLICY, &later, REMOVAL).await.unwrap();
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
    let removed = retention::apply(&broker.bus, &store, POLICY, &first, REMOVAL).await.unwrap();
    let digests: Vec<&str> = removed.collected.iter().map(|one| one.sha256.as_str()).collect();
    assert_eq!(digests, [old.sha256.as_str()]);
    assert!(!store.holds(&old).await.unwrap());
    assert!(store.holds(&again).await.unwrap() && store.holds(&named).await.unwrap());
    // The ledger says who removed what, and why; what stayed is not in it.
    let entries = ledger(&broker).await;
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!((entry.by.as_str(), entry.action()), ("operator/ana", RecordAction::Collected));
    assert!(entry.reason.contains("5 days") && entry.reason.contains("2 days"), "{}", entry.reason);
    assert_eq!(entry.changes.len(), 1);
    assert_eq!(entry.changes[0].field, old.sha256);
    assert!(entry.changes[0].before.contains("\"bytes\":3"), "{}", entry.changes[0].before);
    // It can be made anew.
    assert_eq!(put(&store, "old").await, old);
    assert!(store.holds(&old).await.unwrap());
}

async fn ledger(broker: &Broker) -> Vec<LedgerEntry> {
    broker.registry.ledger_page(&LedgerFilter::default(), 100).await.unwrap().entries
}

#[tokio::test]
async fn many_are_noted_before_they_go_and_of_two_collections_one_goes_on() {
    const MANY: usize = 1100;
    let broker = Broker::start().await;
    let (directory, [_, store]) = stores(&broker).await;
    for number in 0..MANY {
        let artifact = put(&store, &format!("artifact {number}")).await;
        let file = std::fs::File::open(directory.path().join(&artifact.sha256)).unwrap();
        file.set_modified(SystemTime::now() - DAY * 4).unwrap();
    }
    let first = plan(&broker, &store, SystemTime::now()).await;
    assert_eq!(first.collected.len(), MANY);
    // Two that have seen the same begin at the same time.
    let between = Duration::from_millis(300);
    let collection = |by: &'static str| {
        let removal = Removal { by, between };
        let (bus, store, first) = (&broker.bus, &store, &first);
        async move { retention::apply(bus, store, POLICY, first, removal).await }
    };
    let (one, other) = tokio::join!(collection("one"), collection("other"));
    let stopped = [&one, &other].into_iter().filter(|done| matches!(done, Err(Error::UnderWay)));
    assert_eq!(stopped.count(), 1, "{one:?} {other:?}");
    let (by, removed) =
        one.map(|removed| ("one", removed)).or(other.map(|removed| ("other", removed))).unwrap();
    assert_eq!(removed.collected.len(), MANY);
    let entries = ledger(&broker).await;
    let numbers: Vec<u64> = entries.iter().map(|entry| entry.revision).collect();
    assert_eq!(numbers, [3, 2, 1]);
    assert!(entries.iter().all(|entry| entry.by == by), "{entries:?}");
    let mut named: Vec<&str> = entries
        .iter()
        .flat_map(|entry| &entry.changes)
        .map(|change| change.field.as_str())
        .collect();
    named.sort_unstable();
    named.dedup();
    assert_eq!(named.len(), MANY, "each is named once");
    // The chain of these entries is checked as that of any record.
    let whole = broker.registry.check_ledger().await.unwrap();
    assert_eq!((whole.broken, whole.entries, whole.records, whole.without_digest), (None, 3, 1, 0));
    // The next collection goes on behind them.
    let again = put(&store, "again").await;
    let file = std::fs::File::open(directory.path().join(&again.sha256)).unwrap();
    file.set_modified(SystemTime::now() - DAY * 4).unwrap();
    let next = plan(&broker, &store, SystemTime::now()).await;
    retention::apply(&broker.bus, &store, POLICY, &next, REMOVAL).await.unwrap();
    assert_eq!(ledger(&broker).await[0].revision, 4);
    assert_eq!(broker.registry.check_ledger().await.unwrap().broken, None);
}

#[tokio::test]
async fn what_would_take_work_away_is_refused() {
    let broker = Broker::start().await;
    let soon = Policy { older_than: Duration::from_secs(60), ..POLICY };
    let asked = retention::plan(&broker.bus, &broker.artifacts, soon, SystemTime::now()).await;
    assert!(matches!(asked, Err(Error::TooYoung { .. })));
    assert_eq!(names::ARTIFACTS_STORE, "TIER0_ARTIFACTS");
}
