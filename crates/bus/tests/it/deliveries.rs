use std::time::{Duration, Instant};

use bus::Headers;
use contracts::names;

use crate::server::Server;
use crate::{connect, quick, within};

const SUBJECT: &str = "tier0.v1.handoff.model-trainer.r1.0";

#[tokio::test]
async fn a_dropped_delivery_comes_back() {
    let server = Server::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let mut deliveries = bus.consumer(names::STREAM, "model-trainer", 1).await.unwrap();
    bus.publish_once(SUBJECT, Headers::new(), "work".into()).await.unwrap();

    let first = within(5, deliveries.next()).await;
    assert_eq!(
        (first.attempt, first.subject.as_str(), first.payload.as_ref()),
        (1, SUBJECT, &b"work"[..])
    );
    assert!(!first.is_last_attempt());
    let dropped = Instant::now();
    drop(first);
    let second = within(5, deliveries.next()).await;
    assert_eq!(second.attempt, 2);
    assert!(dropped.elapsed() < Duration::from_millis(950), "given back before its wait was over");
    second.retry(Duration::from_millis(50)).await.unwrap();
    let third = within(5, deliveries.next()).await;
    assert!(third.is_last_attempt());
    third.ack().await.unwrap();
    assert!(
        tokio::time::timeout(Duration::from_millis(1500), deliveries.next()).await.is_err(),
        "settled is settled"
    );
    assert_eq!(deliveries.in_flight(), 0);
}

#[tokio::test]
async fn the_heartbeat_holds_a_message_longer_than_its_wait() {
    let server = Server::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let mut deliveries = bus.consumer(names::STREAM, "model-trainer", 2).await.unwrap();
    let mut other = bus.consumer(names::STREAM, "model-trainer", 1).await.unwrap();
    bus.publish_once(SUBJECT, Headers::new(), "long".into()).await.unwrap();
    let delivery = within(5, deliveries.next()).await;
    // Three times the wait, and nobody else gets it.
    let nobody = tokio::time::timeout(Duration::from_secs(3), other.next()).await;
    assert!(nobody.is_err(), "{nobody:?}");
    delivery.ack().await.unwrap();
}

#[tokio::test]
async fn a_rejected_message_is_not_delivered_again() {
    let server = Server::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let mut deliveries = bus.consumer(names::STREAM, "model-trainer", 1).await.unwrap();
    bus.publish_once(SUBJECT, Headers::new(), "poison".into()).await.unwrap();
    within(5, deliveries.next()).await.reject().await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(1500), deliveries.next()).await.is_err());
}

#[tokio::test]
async fn replicas_share_and_no_message_waits_in_one_of_them() {
    let server = Server::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let mut first = bus.consumer(names::STREAM, "model-trainer", 1).await.unwrap();
    let mut second = bus.consumer(names::STREAM, "model-trainer", 1).await.unwrap();
    for run in 0..2 {
        let subject = format!("tier0.v1.handoff.model-trainer.r{run}.0");
        bus.publish_once(&subject, Headers::new(), "work".into()).await.unwrap();
    }
    let one = within(5, first.next()).await;
    let two = within(5, second.next()).await;
    assert_ne!(one.subject, two.subject);
    assert_eq!((one.attempt, two.attempt), (1, 1));
    one.ack().await.unwrap();
    two.ack().await.unwrap();
}

#[tokio::test]
async fn taking_goes_on_over_a_restart_of_the_broker() {
    let mut server = Server::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let mut deliveries = bus.consumer(names::STREAM, "model-trainer", 4).await.unwrap();
    let failures = deliveries.failures();
    let waiting = tokio::spawn(async move {
        let delivery = deliveries.next().await;
        let subject = delivery.subject.clone();
        delivery.ack().await.unwrap();
        subject
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.restart_after(Duration::from_millis(500));
    within(20, bus.publish_once(SUBJECT, Headers::new(), "work".into())).await.unwrap();
    assert_eq!(within(10, waiting).await.unwrap(), SUBJECT);
    assert_eq!(failures.load(std::sync::atomic::Ordering::Relaxed), 0);
}
