use std::time::Duration;

use bus::{Change, Error};
use contracts::names;
use tier0_tests::NatsServer;

use crate::{connect, quick, within};

#[tokio::test]
async fn only_the_one_who_knows_the_revision_changes_a_value() {
    let server = NatsServer::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let bucket = bus.kv(names::DEPLOYMENTS_BUCKET).await.unwrap();
    assert_eq!(bucket.get("churn").await.unwrap(), None);
    let first = bucket.create("churn", "one".into()).await.unwrap();
    assert!(matches!(
        bucket.create("churn", "two".into()).await.unwrap_err(),
        Error::Conflict { .. }
    ));
    let second = bucket.update("churn", "two".into(), first).await.unwrap();
    let late = bucket.update("churn", "three".into(), first).await.unwrap_err();
    assert!(matches!(late, Error::Conflict { .. }), "{late:?}");
    let entry = bucket.get("churn").await.unwrap().unwrap();
    assert_eq!((entry.value.as_ref(), entry.revision), (&b"two"[..], second));
    bucket.put("adult", "x".into()).await.unwrap();
    assert_eq!(bucket.keys().await.unwrap(), ["adult", "churn"]);
    bucket.delete("churn").await.unwrap();
    assert_eq!(bucket.get("churn").await.unwrap(), None);
    bucket.create("churn", "again".into()).await.unwrap();
}

#[tokio::test]
async fn a_watch_gives_what_is_there_and_then_changes_over_a_restart_too() {
    let mut server = NatsServer::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let bucket = bus.kv(names::DEPLOYMENTS_BUCKET).await.unwrap();
    assert!(bucket.watch(">").await.unwrap().is_current(), "nothing is there");
    bucket.put("a", "1".into()).await.unwrap();
    bucket.put("b", "1".into()).await.unwrap();
    let mut watch = bucket.watch(">").await.unwrap();
    assert!(!watch.is_current());
    let mut seen = Vec::new();
    while !watch.is_current() {
        seen.push(within(5, watch.next()).await);
    }
    assert_eq!(seen.len(), 2);
    bucket.delete("a").await.unwrap();
    assert!(matches!(within(5, watch.next()).await, Change::Deleted { key, .. } if key == "a"));
    server.restart_after(Duration::from_millis(200));
    let putting = async {
        while bucket.put("b", "2".into()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    within(20, putting).await;
    match within(40, watch.next()).await {
        Change::Put(entry) => {
            assert_eq!((entry.key.as_str(), entry.value.as_ref()), ("b", &b"2"[..]))
        }
        other => panic!("{other:?}"),
    }
}
