//! A broker that confirms before it writes to its disk is refused where it can be seen.

use bus::{Bus, BusConfig, Error};
use tier0_tests::{NatsOptions, NatsServer, tier0};

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_confirms_before_it_writes_is_refused() {
    let durable = NatsServer::start();
    // What is said last counts.
    let late = NatsServer::start_with(NatsOptions {
        jetstream: "sync_interval: \"2m\"".to_owned(),
        ..NatsOptions::default()
    });
    let connect = async |server: &NatsServer| {
        let config = BusConfig {
            monitoring_url: Some(server.monitoring_url().into()),
            ..BusConfig::new(server.url())
        };
        Bus::connect(&config, "test").await
    };
    connect(&durable).await.unwrap();
    let refused = connect(&late).await.unwrap_err();
    assert!(matches!(refused, Error::NotDurable { .. }), "{refused:?}");
    assert!(refused.to_string().contains("sync_interval: always"), "{refused}");

    let setup = async |server: &NatsServer, monitoring: &str| {
        tier0(["setup", "--nats-url", server.url(), "--monitoring-url", monitoring]).await
    };
    setup(&durable, durable.monitoring_url()).await.success();
    let finished = setup(&late, late.monitoring_url()).await;
    assert_ne!(finished.code(), 0);
    assert!(finished.stderr.contains("sync_interval: always"), "{}", finished.stderr);
    // A port that tells nothing is no reason to go on.
    let finished = setup(&durable, "http://127.0.0.1:1").await;
    assert_ne!(finished.code(), 0);
    assert!(finished.stderr.contains("http://127.0.0.1:1"), "{}", finished.stderr);
}
