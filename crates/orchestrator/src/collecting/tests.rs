#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use artifacts::media_type;
use bytes::Bytes;
use contracts::v1::{ArtifactRef, RecordAction};
use registry::history::LedgerFilter;
use tier0_tests::Broker;

use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A store of files in which one artifact is old and another one new.
async fn store(broker: &Broker) -> (tempfile::TempDir, ArtifactStore, [ArtifactRef; 2]) {
    let directory = tempfile::tempdir().unwrap();
    let uri = format!("file://{}", directory.path().display());
    let store = ArtifactStore::open(&uri, &broker.bus).await.unwrap();
    let put = async |text: &'static str| {
        store.put(Bytes::from_static(text.as_bytes()), media_type::JSON, 0).await.unwrap()
    };
    let [old, new] = [put("old").await, put("new").await];
    let file = std::fs::File::open(directory.path().join(&old.sha256)).unwrap();
    file.set_modified(SystemTime::now() - DAY * 4).unwrap();
    (directory, store, [old, new])
}

fn config(mode: RetentionMode) -> RetentionConfig {
    RetentionConfig { mode, older_than_days: 2, ..RetentionConfig::default() }
}

#[tokio::test]
async fn what_nothing_names_is_counted_or_removed_as_the_configuration_says() {
    let broker = Broker::start().await;
    let (directory, store, [old, new]) = store(&broker).await;
    let look = async |mode| look(&broker.bus, &store, &config(mode), Duration::ZERO).await.unwrap();
    let ledger =
        async || broker.registry.ledger_page(&LedgerFilter::default(), 10).await.unwrap().entries;
    let counted = look(RetentionMode::Report).await;
    assert_eq!((counted.collected.len(), counted.bytes), (1, old.bytes));
    assert_eq!(counted.collected[0].sha256, old.sha256);
    // To ask the store whether it holds an artifact would make it new.
    assert!(directory.path().join(&old.sha256).exists(), "a report removes nothing");
    assert!(ledger().await.is_empty(), "a report changes nothing");

    let removed = look(RetentionMode::Remove).await;
    assert_eq!(removed.collected, counted.collected);
    assert!(!store.holds(&old).await.unwrap() && store.holds(&new).await.unwrap());
    let entries = ledger().await;
    assert_eq!(entries.len(), 1);
    assert_eq!(
        (entries[0].by.as_str(), entries[0].action()),
        ("orchestrator", RecordAction::Collected)
    );
    assert_eq!(entries[0].changes[0].field, old.sha256);

    assert!(look(RetentionMode::Remove).await.collected.is_empty());
    assert_eq!(ledger().await.len(), 1, "nothing to remove is no change");
}

#[test]
fn it_is_off_where_nothing_is_configured() {
    assert_eq!(RetentionConfig::default().mode, RetentionMode::Off);
    assert_eq!(RetentionConfig::default().policy(), retention::Policy::default());
}
