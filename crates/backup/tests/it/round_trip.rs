use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use contracts::names;
use registry::Registry;
use tier0_tests::Broker;

use crate::{RUNS, SOON, consumer, create, empty, filled, restore, save, streams};

/// Every message of every stream that is kept: subject, headers, bytes, sequence and time.
async fn messages(broker: &bus::Bus) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    let kept = [names::STREAM, names::AUDIT_STREAM].map(str::to_owned);
    for stream in kept.into_iter().chain([names::bucket_stream(names::MODELS_BUCKET)]) {
        let handle = broker.jetstream().get_stream(&stream).await.unwrap();
        let state = handle.cached_info().state.clone();
        let mut found = Vec::new();
        for sequence in state.first_sequence..=state.last_sequence {
            // Older revisions of a bucket may be gone.
            if let Ok(message) = handle.get_raw_message(sequence).await {
                let mut headers: Vec<String> = message
                    .headers
                    .iter()
                    .map(|(name, value)| format!("{name}: {value:?}"))
                    .collect();
                headers.sort();
                let (subject, payload, at) = (message.subject, message.payload, message.time);
                found.push(format!("{sequence} {subject} {headers:?} {payload:?} {at}"));
            }
        }
        all.insert(stream, found);
    }
    all
}

#[tokio::test]
async fn what_was_saved_comes_back_message_by_message() {
    let broker = filled().await;
    let saved = save(&broker).await;
    assert_eq!(saved.created.problems, Vec::<String>::new());
    assert_eq!((saved.created.artifacts, saved.created.referenced), (5, 5));
    let mode = std::fs::metadata(saved.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "its owner's alone");
    let ledger = broker.registry.check_ledger().await.unwrap();
    let before = messages(&broker.bus).await;
    assert!(before.values().all(|messages| messages.len() >= 5), "{before:#?}");
    let versions = broker.registry.versions("churn").await.unwrap();
    let filled = streams(&broker.bus).await;
    drop(broker);

    let (_nats, bus) = empty().await;
    let restored = restore(&bus, &saved.path(), false).await.unwrap();
    assert_eq!(restored.artifacts, 5);
    assert_eq!(messages(&bus).await, before);
    assert_eq!(streams(&bus).await, filled);
    let registry = Registry::new(&bus).await.unwrap();
    assert_eq!(registry.versions("churn").await.unwrap(), versions);
    assert_eq!(registry.check_ledger().await.unwrap(), ledger);
    let store = artifacts::ArtifactStore::open("nats://TIER0_ARTIFACTS", &bus).await.unwrap();
    for version in &versions {
        store.get(version.bundle.as_ref().unwrap()).await.unwrap();
    }
    // What was settled is not delivered again, and the rest is.
    let mut handoffs = consumer(&bus).await;
    for number in RUNS.1..usize::try_from(RUNS.0).unwrap() {
        let next = tokio::time::timeout(SOON, handoffs.next()).await.unwrap();
        assert_eq!(next.payload, format!("handoff {number}"));
        assert_eq!(next.header("Test"), Some(number.to_string().as_str()));
        next.ack().await.unwrap();
    }
    // Another set-up leaves it as it is, also one that changes consumers.
    let options = bus::SetupOptions { ack_wait_seconds: 7.0, ..bus::SetupOptions::default() };
    let report = bus.setup(&options).await.unwrap();
    assert_eq!(report.created, Vec::<String>::new());
    // The registry goes on where it was.
    let run = contracts::RunId::new("later").unwrap();
    let next = registry.register(sample::version("churn", 77), &run).await.unwrap();
    assert_eq!(next.version, 6);
    assert!(registry.check_ledger().await.unwrap().broken.is_none());
}

#[tokio::test]
async fn a_fleet_that_has_something_is_replaced_where_that_is_said() {
    let broker = filled().await;
    let saved = save(&broker).await;
    let other = Broker::start().await;
    other
        .registry
        .register(sample::version("other", 1), &contracts::RunId::new("r").unwrap())
        .await
        .unwrap();
    let before = streams(&other.bus).await;
    let refused = restore(&other.bus, &saved.path(), false).await.unwrap_err();
    assert!(matches!(&refused, backup::Error::NotEmpty { .. }), "{refused}");
    assert!(refused.to_string().contains("KV_TIER0_MODELS"), "{refused}");
    assert_eq!(streams(&other.bus).await, before, "nothing was touched");
    // A process that waits for work.
    let mut waiting = consumer(&other.bus).await;
    let pull = tokio::spawn(async move { waiting.next().await.attempt });
    let refused = tier0_tests::eventually("the pull is seen", || async {
        match restore(&other.bus, &saved.path(), true).await {
            Err(error @ backup::Error::AtWork { .. }) => Some(error),
            _ => None,
        }
    })
    .await;
    assert!(refused.to_string().contains("TIER0/data-preparer"), "{refused}");
    pull.abort();
}

#[tokio::test]
async fn an_empty_fleet_is_saved_and_restored_into_one_that_was_set_up() {
    let broker = Broker::start().await;
    let saved = save(&broker).await;
    let other = Broker::start().await;
    restore(&other.bus, &saved.path(), false).await.unwrap();
    assert_eq!(streams(&other.bus).await, streams(&broker.bus).await);
    let again = create(&broker.bus, &saved.path()).await.unwrap_err();
    assert!(matches!(again, backup::Error::Exists { .. }));
    let left: Vec<_> = std::fs::read_dir(saved.path().parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[tokio::test]
async fn a_missing_artifact_is_told_and_the_rest_is_saved() {
    let broker = filled().await;
    let version = broker.registry.version("churn", 2).await.unwrap().unwrap();
    let sha256 = &version.bundle.as_ref().unwrap().sha256;
    let all = broker.artifacts.list().await.unwrap();
    let bundle = all.iter().find(|listed| listed.sha256 == *sha256).unwrap();
    assert!(broker.artifacts.remove(bundle).await.unwrap());
    assert!(!broker.artifacts.remove(bundle).await.unwrap(), "it is gone");
    let saved = save(&broker).await;
    assert_eq!(saved.created.artifacts, 4);
    assert_eq!(saved.created.problems.len(), 1);
    assert!(saved.created.problems[0].contains("model churn version 2"), "{:?}", saved.created);
    let checked = backup::check(&saved.path()).unwrap();
    assert_eq!((checked.files.len(), checked.records.len()), (0, 1));
}

#[tokio::test]
async fn artifacts_of_a_directory_are_checked_and_copied_where_that_is_said() {
    let broker = Broker::start().await;
    let directory = tempfile::tempdir().unwrap();
    let uri = format!("file://{}/store", directory.path().display());
    let store = artifacts::ArtifactStore::open(&uri, &broker.bus).await.unwrap();
    let bundle = store.put("bundle".into(), artifacts::media_type::BUNDLE, 0).await.unwrap();
    let mut version = sample::version("churn", 1);
    version.bundle = Some(bundle.clone());
    let run = contracts::RunId::new("run").unwrap();
    broker.registry.register(version, &run).await.unwrap();
    let out = |name: &str| directory.path().join(name);
    for (name, artifacts) in [("checked", false), ("copied", true)] {
        let out = out(name);
        let options = backup::CreateOptions { out: &out, store: &uri, artifacts };
        let created = backup::create(&broker.bus, options, &|_| {}).await.unwrap();
        assert_eq!((created.artifacts, created.artifacts_copied), (1, artifacts), "{created:?}");
        assert_eq!(created.problems, Vec::<String>::new());
        assert!(backup::check(&out).unwrap().files.is_empty());
    }
    let path = directory.path().join("store").join(&bundle.sha256);
    std::fs::remove_file(&path).unwrap();
    let (_nats, bus) = empty().await;
    let restored = restore(&bus, &out("copied"), false).await.unwrap();
    assert_eq!(restored.artifacts, 1);
    assert_eq!(std::fs::read(&path).unwrap(), b"bundle");
    // One that is damaged is told, and is no reason against the rest.
    std::fs::write(&path, b"bundlf").unwrap();
    let damaged = out("damaged");
    let options = backup::CreateOptions { out: &damaged, store: &uri, artifacts: false };
    let created = backup::create(&broker.bus, options, &|_| {}).await.unwrap();
    assert_eq!(created.problems.len(), 1, "{created:?}");
    assert!(created.problems[0].contains("damaged"), "{created:?}");
}
