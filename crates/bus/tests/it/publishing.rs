use std::time::Duration;

use bus::{Error, Headers, MESSAGE_ID, PublishedOnce};
use contracts::{names, v1};
use prost::Message as _;
use tier0_tests::NatsServer;

use crate::{connect, lines, quick, within};

const SUBJECT: &str = "tier0.v1.handoff.model-trainer.r1.0";

async fn stored(bus: &bus::Bus, stream: &str) -> u64 {
    bus.jetstream().get_stream(stream).await.unwrap().cached_info().state.messages
}

#[tokio::test]
async fn published_twice_is_stored_once_over_a_restart_too() {
    let mut server = NatsServer::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let publish = || bus.publish_once(SUBJECT, Headers::new(), "work".into());
    assert_eq!(publish().await.unwrap(), PublishedOnce::Stored { sequence: 1 });
    assert_eq!(publish().await.unwrap(), PublishedOnce::AlreadyThere { sequence: 1 });
    server.restart_after(Duration::ZERO);
    assert_eq!(within(30, publish()).await.unwrap(), PublishedOnce::AlreadyThere { sequence: 1 });
    assert_eq!(stored(&bus, names::STREAM).await, 1);
}

#[tokio::test]
async fn a_subject_taken_by_another_message_is_told() {
    let server = NatsServer::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let with_id = |id: &str| {
        let mut headers = Headers::new();
        headers.insert(MESSAGE_ID, id);
        headers
    };
    bus.publish_once(SUBJECT, with_id("one"), "a".into()).await.unwrap();
    let error = bus.publish_once(SUBJECT, with_id("two"), "b".into()).await.unwrap_err();
    assert!(
        matches!(&error, Error::SubjectTaken { found: Some(found), expected, .. } if found == "one" && expected == "two"),
        "{error:?}"
    );
    let (_, _, payload) = bus.last(SUBJECT).await.unwrap().unwrap();
    assert_eq!(payload, "a");
}

#[tokio::test]
async fn a_publication_outlasts_an_absence_of_the_broker_and_happens_once() {
    let mut server = NatsServer::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let publishing = {
        let bus = bus.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            bus.publish_once(SUBJECT, Headers::new(), "work".into()).await
        })
    };
    // Longer than one attempt waits: the first times out, and is sent all the same after the reconnection.
    let restarted = tokio::task::spawn_blocking(move || {
        server.restart_after(Duration::from_secs(7));
        server
    });
    let _server = restarted.await.unwrap();
    let published = within(40, publishing).await.unwrap().unwrap();
    assert_eq!(published.sequence(), 1);
    assert_eq!(stored(&bus, names::STREAM).await, 1);
}

#[tokio::test]
async fn too_large_a_message_is_refused_with_the_sizes() {
    let server = NatsServer::start_with(lines("max_payload: 1MB\n"));
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let error =
        bus.publish_once(SUBJECT, Headers::new(), vec![0; 2 << 20].into()).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { bytes: 2_097_152, .. }), "{error:?}");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_dead_letter_keeps_the_original() {
    let server = NatsServer::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let letter = v1::DeadLetter {
        id: "TIER0.7".to_owned(),
        agent: "model-trainer".to_owned(),
        subject: SUBJECT.to_owned(),
        payload: vec![0xff, 0x00, 0x7b],
        run_id: "r1".to_owned(),
        ..v1::DeadLetter::default()
    };
    bus.dead_letter(letter.clone()).await.unwrap();
    bus.dead_letter(letter.clone()).await.unwrap();
    assert_eq!(stored(&bus, names::DEAD_LETTERS_STREAM).await, 1);
    let (_, _, bytes) = bus.last("tier0.v1.dead.model-trainer.r1").await.unwrap().unwrap();
    assert_eq!(v1::DeadLetter::decode(bytes).unwrap(), letter);

    let large = v1::DeadLetter {
        id: "TIER0.8".to_owned(),
        payload: vec![1; 1 << 20],
        run_id: String::new(),
        ..letter
    };
    bus.dead_letter(large).await.unwrap();
    let (_, _, bytes) = bus.last("tier0.v1.dead.model-trainer.-").await.unwrap().unwrap();
    let kept = v1::DeadLetter::decode(bytes).unwrap();
    assert!(kept.truncated && kept.payload.len() > 500_000);
}
