//! What one identity could have others, or the broker, do for it.

use std::time::Duration;

use async_nats::jetstream::consumer::PullConsumer;
use bus::{Headers, SetupOptions};
use bytes::Bytes;
use contracts::Agent;
use futures::StreamExt as _;
use identities::Identity;
use serde_json::json;

use crate::Secured;

const LIMIT: Duration = Duration::from_secs(5);

/// The scope-definer answers where a caller says: that may be no subject of another.
#[tokio::test]
async fn an_answer_goes_to_inboxes_alone() {
    let secured = Secured::start().await;
    let intake = secured.connect(Identity::Agent(Agent::ScopeDefiner)).await;
    for subject in ["$JS.API.STREAM.PURGE.TIER0", "tier0.v1.alert.churn", "_INBOX_model-deployer.x"]
    {
        let refused = intake.publish(subject, Headers::new(), "".into()).await;
        assert!(matches!(refused, Err(bus::Error::NotPermitted { .. })), "{subject}: {refused:?}");
    }
}

/// A reader that is made for one stream is no way to the durable consumer of another process.
#[tokio::test]
async fn a_reader_cannot_take_the_place_of_a_durable_consumer() {
    let secured = Secured::start().await;
    let operator = secured.connect(Identity::Operator).await;
    let config = json!({"stream_name": "TIER0", "config": {"durable_name": "model-trainer", "ack_policy": "explicit"}});
    for subject in [
        "$JS.API.CONSUMER.CREATE.TIER0",
        "$JS.API.CONSUMER.CREATE.TIER0.model-trainer",
        "$JS.API.CONSUMER.DURABLE.CREATE.TIER0.model-trainer",
        "$JS.API.CONSUMER.DELETE.TIER0.model-trainer",
    ] {
        let body = Bytes::from(config.to_string());
        let refused = operator.request(subject, Headers::new(), body, LIMIT).await;
        assert!(matches!(refused, Err(bus::Error::NotPermitted { .. })), "{subject}: {refused:?}");
    }
    // The name in the request's subject counts, and not the one in its body.
    let subject = "$JS.API.CONSUMER.CREATE.TIER0.a-reader";
    let body = Bytes::from(config.to_string());
    let answer = operator.request(subject, Headers::new(), body, LIMIT).await.unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
    assert!(answer["error"].is_object(), "{answer}");
    let set_up = secured.connect(Identity::SetUp).await;
    let report = set_up.setup(&SetupOptions::default()).await.unwrap();
    assert_eq!((report.created, report.updated), (vec![], vec![]));
}

/// A run's messages are not shown to clients: they look up the result of a run whose id they know.
#[tokio::test]
async fn a_client_reads_the_result_of_a_run_that_it_names() {
    let secured = Secured::start().await;
    let trainer = secured.connect(Identity::Agent(Agent::ModelTrainer)).await;
    for run in ["run-1", "run-2"] {
        let subject = format!("tier0.v1.result.end.{run}.0");
        trainer.publish(&subject, Headers::new(), run.into()).await.unwrap();
    }
    let client = secured.connect(Identity::Client).await;
    let named = "$JS.API.DIRECT.GET.TIER0.tier0.v1.result.end.run-1.0";
    let answer = client.request(named, Headers::new(), Bytes::new(), LIMIT).await.unwrap();
    assert_eq!(answer.payload, "run-1");
    for (stream, durable) in [("TIER0", "model-trainer"), ("TIER0", "orchestrator-tracking")] {
        let taken: Result<PullConsumer, _> =
            client.jetstream().get_consumer_from_stream(durable, stream).await;
        assert!(taken.is_err());
    }
    let mut all = client.subscribe("tier0.v1.result.>").await.unwrap();
    trainer.publish("tier0.v1.result.end.run-3.0", Headers::new(), "x".into()).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(300), all.next()).await.is_err());
}
