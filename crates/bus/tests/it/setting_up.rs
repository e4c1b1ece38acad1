use bus::{Bus, BusConfig, Error, Headers, Secret};
use contracts::names;
use tier0_tests::{NatsServer, write_secret};

use crate::{connect, lines, quick};

#[tokio::test]
async fn the_set_up_is_idempotent_and_loses_nothing() {
    let server = NatsServer::start();
    let bus = connect(&server).await;
    let first = bus.setup(&quick()).await.unwrap();
    assert!(first.unchanged.is_empty() && first.updated.is_empty(), "{first:?}");
    assert!(first.created.contains(&names::STREAM.to_owned()));
    bus.publish("tier0.v1.event.model-trainer.r1", Headers::new(), "kept".into()).await.unwrap();

    let second = bus.setup(&quick()).await.unwrap();
    assert!(second.created.is_empty() && second.updated.is_empty(), "{second:?}");

    // An operator has taken a subject away and changed a limit: the subject comes back, the limit stays.
    let stream = bus.jetstream().get_stream(names::STREAM).await.unwrap();
    let mut config = stream.cached_info().config.clone();
    config.subjects.retain(|subject| !subject.contains("result"));
    config.max_messages = 12_345;
    bus.jetstream().update_stream(config).await.unwrap();
    let third = bus.setup(&quick()).await.unwrap();
    assert_eq!(third.updated, [names::STREAM]);
    let config =
        bus.jetstream().get_stream(names::STREAM).await.unwrap().cached_info().config.clone();
    assert!(config.subjects.iter().any(|subject| subject.contains("result")));
    assert_eq!(config.max_messages, 12_345);
    let (_, _, kept) = bus.last("tier0.v1.event.model-trainer.r1").await.unwrap().unwrap();
    assert_eq!(kept, "kept");
}

#[tokio::test]
async fn a_request_gets_no_reply_from_the_stream() {
    let server = NatsServer::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let mut intake = bus.subscribe("tier0.v1.request").await.unwrap();
    let answering = {
        let bus = bus.clone();
        tokio::spawn(async move {
            let request = futures::StreamExt::next(&mut intake).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            bus.publish_core(&request.reply.unwrap(), Headers::new(), "from the intake".into())
                .await
                .unwrap();
        })
    };
    let answer = bus
        .request("tier0.v1.request", Headers::new(), "{}".into(), std::time::Duration::from_secs(5))
        .await
        .unwrap();
    assert_eq!(answer.payload, "from the intake");
    answering.await.unwrap();
    assert!(bus.last("tier0.v1.request").await.unwrap().is_some(), "the request is kept");
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let server = NatsServer::start();
    let bus = connect(&server).await;
    let error = bus.consumer(names::STREAM, "model-trainer", 1).await.err().unwrap();
    assert!(matches!(&error, Error::ConsumerMissing { .. }) && error.is_transient(), "{error:?}");
    assert!(matches!(bus.kv("NOWHERE").await.unwrap_err(), Error::BucketMissing { .. }));
}

#[tokio::test]
async fn credentials_are_checked_and_a_missing_broker_is_told() {
    let server = NatsServer::start_with(lines("authorization { user: joe, password: hunter2 }\n"));
    let with = |password: &str| BusConfig {
        user: Some("joe".to_owned()),
        password: Some(Secret::new(password)),
        ..BusConfig::new(server.url())
    };
    assert!(Bus::connect(&with("hunter2"), "test").await.unwrap().is_connected());
    let refused = Bus::connect(&with("wrong"), "test").await.unwrap_err();
    assert!(matches!(&refused, Error::Refused { .. }), "{refused:?}");

    let nowhere =
        BusConfig { connect_timeout_seconds: 0.5, ..BusConfig::new("nats://127.0.0.1:1") };
    let error = Bus::connect(&nowhere, "test").await.unwrap_err();
    assert!(
        matches!(&error, Error::Connect { .. })
            && error.to_string().contains("is nats-server running"),
        "{error}"
    );
}

#[tokio::test]
async fn a_token_file_is_read() {
    let server = NatsServer::start_with(lines("authorization { token: t0ken }\n"));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    write_secret(&path, "t0ken\n");
    let config = BusConfig { token_file: Some(path), ..BusConfig::new(server.url()) };
    assert!(Bus::connect(&config, "test").await.is_ok());
}
