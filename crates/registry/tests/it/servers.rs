use std::time::{Duration, SystemTime};

use contracts::{names, time, v1};
use tier0_tests::Broker;

use crate::{bundle, digest};

fn report(endpoint: &str, server: &str) -> v1::ServerReport {
    v1::ServerReport {
        server: server.to_owned(),
        endpoint: endpoint.to_owned(),
        url: "http://127.0.0.1:8080".to_owned(),
        live_version: 1,
        ready_versions: vec![1],
        ..v1::ServerReport::default()
    }
}

#[tokio::test]
async fn reports_are_by_endpoint_and_stale_ones_do_not_count() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    for (endpoint, server) in [("churn", "host:1"), ("churn", "host:2"), ("churn-2", "host:1")] {
        registry.report(&report(endpoint, server)).await.unwrap();
    }
    let mut gone = report("churn", "host:3");
    gone.at = Some(time::timestamp(SystemTime::now() - Duration::from_secs(60)));
    let servers = broker.bus.kv(names::SERVERS_BUCKET).await.unwrap();
    let key = names::server_key("churn", "host:3");
    servers.put(&key, contracts::encoding::encode(&gone)).await.unwrap();

    let names = |reports: Vec<v1::ServerReport>| {
        reports.into_iter().map(|report| report.server).collect::<Vec<_>>()
    };
    assert_eq!(names(registry.servers("churn").await.unwrap()), ["host:1", "host:2"]);
    assert_eq!(names(registry.server_reports("churn").await.unwrap()).len(), 3);
    assert_eq!(names(registry.servers("churn-2").await.unwrap()), ["host:1"]);
    registry.withdraw("churn", "host:1").await.unwrap();
    assert_eq!(names(registry.servers("churn").await.unwrap()), ["host:2"]);
    assert!(registry.servers("none").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_monitor_takes_the_place_of_the_one_before() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    let mut monitor = v1::Monitor {
        endpoint: "churn".to_owned(),
        model: "churn".to_owned(),
        version: 1,
        digest: digest('a'),
        reference_profile: Some(bundle('b')),
        run_id: "run-1".to_owned(),
        registered_at: Some(time::timestamp(SystemTime::now())),
        data_sha256: digest('d'),
        ..v1::Monitor::default()
    };
    registry.monitors().put(&monitor).await.unwrap();
    monitor.version = 2;
    registry.monitors().put(&monitor).await.unwrap();
    assert_eq!(registry.monitors().get("churn").await.unwrap(), Some(monitor.clone()));
    assert_eq!(registry.monitors().all().await.unwrap(), [monitor]);
    assert_eq!(registry.monitors().get("other").await.unwrap(), None);

    // The monitor of a version that does not answer any more comes too late.
    registry
        .change("churn", "a test", |record| {
            record.live = Some(v1::DeployedVersion {
                model: "churn".to_owned(),
                version: 2,
                bundle: Some(bundle('b')),
                run_id: "run-1".to_owned(),
            });
            Ok::<_, std::convert::Infallible>(())
        })
        .await
        .unwrap();
    let late =
        v1::Monitor { version: 1, ..registry.monitors().get("churn").await.unwrap().unwrap() };
    assert!(!registry.monitors().put(&late).await.unwrap());
    let again = v1::Monitor { version: 2, ..late };
    assert!(registry.monitors().put(&again).await.unwrap());
    assert_eq!(registry.monitors().get("churn").await.unwrap(), Some(again));
}
