use std::convert::Infallible;

use contracts::v1::{self, DeployedVersion};
use registry::{ChangeError, DeploymentChange};
use tier0_tests::Broker;

use crate::bundle;

fn deployed(version: u32) -> DeployedVersion {
    DeployedVersion {
        model: "churn".to_owned(),
        version,
        bundle: Some(bundle('a')),
        run_id: "run-1".to_owned(),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("another version is being checked")]
struct Busy;

#[tokio::test]
async fn a_record_changes_by_compare_and_swap() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    assert!(registry.record("churn").await.unwrap().is_none());
    let made = registry
        .change("churn", "model-deployer run-1", |record| {
            record.green = Some(deployed(1));
            Ok::<_, Infallible>(())
        })
        .await
        .unwrap();
    assert_eq!(registry.record("churn").await.unwrap().unwrap(), made);
    assert_eq!(made.value.updated_by, "model-deployer run-1");
    assert_eq!(registry.endpoints().await.unwrap(), ["churn"]);

    let unchanged = registry.change("churn", "nobody", |_| Ok::<_, Infallible>(())).await.unwrap();
    assert_eq!(unchanged, made, "nothing is written");

    let refused = registry
        .change("churn", "model-deployer run-2", |record| match &record.green {
            Some(_) => Err(Busy),
            None => Ok(()),
        })
        .await;
    assert!(matches!(refused, Err(ChangeError::Refused(Busy))));

    let flipped = registry
        .change("churn", "model-deployer run-1", |record| {
            record.previous = record.live.take();
            record.live = record.green.take();
            Ok::<_, Infallible>(())
        })
        .await
        .unwrap();
    assert!(flipped.revision > made.revision);
    let history = registry.record_history("churn").await.unwrap();
    assert_eq!(history, [made, flipped.clone()]);
    assert_eq!(flipped.value.live, Some(deployed(1)));
    assert_eq!(flipped.value.green, None);
}

#[tokio::test]
async fn concurrent_changes_lose_nothing() {
    const WRITERS: u32 = 12;
    const CHANGES: u32 = 5;
    let broker = Broker::start().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        let registry = broker.registry.clone();
        tasks.spawn(async move {
            for _ in 0..CHANGES {
                registry
                    .change("churn", "counter", |record| {
                        let before = record.live.as_ref().map_or(0, |live| live.version);
                        record.live = Some(deployed(before + 1));
                        Ok::<_, Infallible>(())
                    })
                    .await
                    .unwrap();
            }
        });
    }
    tasks.join_all().await;
    let record = broker.registry.record("churn").await.unwrap().unwrap();
    assert_eq!(record.value.live.unwrap().version, WRITERS * CHANGES);
}

#[tokio::test]
async fn a_watch_gives_what_is_there_and_then_every_change() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    let set = async |version: u32| {
        registry
            .change("churn", "deployer", |record| {
                record.live = Some(deployed(version));
                Ok::<_, Infallible>(())
            })
            .await
            .unwrap()
    };
    set(1).await;
    let mut watch = registry.watch_deployments().await.unwrap();
    let seen = async |watch: &mut registry::DeploymentWatch| {
        let next = tokio::time::timeout(std::time::Duration::from_secs(10), watch.next()).await;
        match next.unwrap() {
            DeploymentChange::Changed(record) => record.value.live.unwrap().version,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(seen(&mut watch).await, 1);
    assert!(watch.is_current());
    set(2).await;
    assert_eq!(seen(&mut watch).await, 2);

    let bucket = broker.bus.kv(contracts::names::DEPLOYMENTS_BUCKET).await.unwrap();
    bucket.put("other", b"\xff".to_vec().into()).await.unwrap();
    assert!(matches!(
        watch.next().await,
        DeploymentChange::Damaged { endpoint, .. } if endpoint == "other"
    ));
    bucket.delete("churn").await.unwrap();
    assert!(matches!(
        watch.next().await,
        DeploymentChange::Removed { endpoint } if endpoint == "churn"
    ));
}

#[tokio::test]
async fn an_endpoint_has_a_plain_name() {
    let broker = Broker::start().await;
    for endpoint in ["", "a.b", ">", "a b"] {
        assert!(broker.registry.record(endpoint).await.is_err(), "{endpoint}");
        let changed = broker
            .registry
            .change(endpoint, "me", |_: &mut v1::DeploymentRecord| Ok::<_, Infallible>(()));
        assert!(changed.await.is_err(), "{endpoint}");
    }
}
