use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bus::{
    Batches, Bus, Delivery, Handling, Headers, OrderedFeed, Settlement, consume, settle_all,
};
use contracts::names;
use tier0_tests::NatsServer;
use tokio::sync::oneshot;

use crate::{connect, quick, within};

const SUBJECT: &str = "tier0.v1.handoff.model-trainer.r1.0";

#[tokio::test]
async fn a_dropped_delivery_comes_back() {
    let server = NatsServer::start();
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
    let server = NatsServer::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let mut deliveries = bus.consumer(names::STREAM, "model-trainer", 2).await.unwrap();
    let mut other = bus.consumer(names::STREAM, "model-trainer", 1).await.unwrap();
    bus.publish_once(SUBJECT, Headers::new(), "long".into()).await.unwrap();
    let delivery = within(5, deliveries.next()).await;
    // Three times the wait, and no other consumer gets it.
    let nobody = tokio::time::timeout(Duration::from_secs(3), other.next()).await;
    assert!(nobody.is_err(), "{nobody:?}");
    delivery.ack().await.unwrap();
}

#[tokio::test]
async fn a_rejected_message_is_not_delivered_again() {
    let server = NatsServer::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let mut deliveries = bus.consumer(names::STREAM, "model-trainer", 1).await.unwrap();
    bus.publish_once(SUBJECT, Headers::new(), "poison".into()).await.unwrap();
    within(5, deliveries.next()).await.reject().await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(1500), deliveries.next()).await.is_err());
}

#[tokio::test]
async fn replicas_share_and_no_message_waits_in_one_of_them() {
    let server = NatsServer::start();
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
    let mut server = NatsServer::start();
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

async fn publish(bus: &Bus, runs: std::ops::Range<usize>) {
    for run in runs {
        let subject = format!("tier0.v1.handoff.model-trainer.r{run}.0");
        bus.publish_once(&subject, Headers::new(), "work".into()).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_in_hand_is_finished_and_what_breaks_off_comes_back() {
    let server = NatsServer::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    publish(&bus, 0..3).await;
    let mut deliveries = bus.consumer_when_there(names::STREAM, "model-trainer", 1).await;
    let seen: Arc<Mutex<Vec<(String, u64)>>> = Arc::default();
    let (ended, end) = oneshot::channel::<()>();
    let ended = Arc::new(Mutex::new(Some(ended)));
    let handle = |delivery: Delivery| {
        let (seen, ended) = (Arc::clone(&seen), Arc::clone(&ended));
        async move {
            seen.lock().unwrap().push((delivery.subject.clone(), delivery.attempt));
            let run = delivery.subject.split('.').nth(4).unwrap().to_owned();
            match (run.as_str(), delivery.attempt) {
                ("r0", 1) => panic!("a defect of the handler"),
                ("r1", 1) => {
                    delivery.settle(Settlement::Retry(Duration::from_millis(300))).await;
                }
                ("r2", _) => delivery.settle(Settlement::Reject).await,
                _ => {
                    let all = seen.lock().unwrap().len() == 5;
                    if let Some(ended) = ended.lock().unwrap().take_if(|_| all) {
                        ended.send(()).unwrap();
                    }
                    // Nothing more is taken, and this is finished.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    delivery.settle(Settlement::Ack).await;
                }
            }
        }
    };
    let until = async { end.await.unwrap() };
    within(15, consume(&mut deliveries, until, handle)).await;
    let seen = seen.lock().unwrap().clone();
    let of = |run: &str| {
        let subject = format!("tier0.v1.handoff.model-trainer.{run}.0");
        let attempts = seen.iter().filter(|(found, _)| *found == subject);
        attempts.map(|(_, attempt)| *attempt).collect::<Vec<u64>>()
    };
    assert_eq!((of("r0"), of("r1"), of("r2")), (vec![1, 2], vec![1, 2], vec![1]));
    let state = bus.consumer_state(names::STREAM, "model-trainer").await.unwrap();
    assert_eq!((state.pending, state.unsettled), (0, 0));
}

#[tokio::test]
async fn what_is_aborted_is_given_back() {
    let server = NatsServer::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    publish(&bus, 0..2).await;
    let mut deliveries = bus.consumer(names::STREAM, "model-trainer", 2).await.unwrap();
    let mut handling = Handling::default();
    let begun = Arc::new(tokio::sync::Semaphore::new(0));
    let handle = |delivery: Delivery| {
        let begun = Arc::clone(&begun);
        async move {
            begun.add_permits(1);
            std::future::pending::<()>().await;
            drop(delivery);
        }
    };
    let both = async { begun.acquire_many(2).await.unwrap().forget() };
    within(5, handling.consume(&mut deliveries, both, handle)).await;
    assert_eq!((handling.len(), handling.is_empty()), (2, false));
    handling.abort().await;
    assert!(handling.is_empty());
    assert_eq!(within(5, deliveries.next()).await.attempt, 2);
}

#[tokio::test]
async fn a_batch_is_full_or_its_time_is_over() {
    let server = NatsServer::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    let deliveries = bus.consumer(names::STREAM, "model-trainer", 3).await.unwrap();
    let mut batches = Batches::new(deliveries, 3, Duration::from_millis(700));
    let nothing = tokio::time::timeout(Duration::from_millis(200), batches.next()).await;
    assert!(nothing.is_err());
    publish(&bus, 0..4).await;
    let full = within(5, batches.next()).await;
    assert_eq!(full.len(), 3);
    settle_all(full, Settlement::Ack).await;
    // The first of a batch that no caller waits for any more is in the next one.
    let begun = Instant::now();
    let dropped = tokio::time::timeout(Duration::from_millis(300), batches.next()).await;
    assert!(dropped.is_err());
    let rest = within(5, batches.next()).await;
    assert_eq!((rest.len(), rest[0].attempt), (1, 1));
    assert!(begun.elapsed() >= Duration::from_millis(650), "{:?}", begun.elapsed());
    settle_all(rest, Settlement::Ack).await;
    let state = bus.consumer_state(names::STREAM, "model-trainer").await.unwrap();
    assert_eq!((state.pending, state.unsettled), (0, 0));
}

#[tokio::test]
async fn a_feed_gives_what_is_there_and_what_comes_in_order() {
    let server = NatsServer::start();
    let bus = connect(&server).await;
    bus.setup(&quick()).await.unwrap();
    publish(&bus, 0..3).await;
    let mut feed = OrderedFeed::open(&bus, Vec::new(), 1).await.unwrap();
    assert_eq!(feed.backlog(), 2);
    let mut sequences = Vec::new();
    let take = |stored: &bus::StoredMessage| sequences.push((stored.sequence, stored.pending));
    feed.rest(Duration::from_secs(5), take).await.unwrap();
    assert_eq!(sequences, [(2, 1), (3, 0)]);
    publish(&bus, 3..4).await;
    let next = within(5, feed.next()).await.unwrap().unwrap();
    assert_eq!((next.sequence, next.payload.as_ref()), (4, &b"work"[..]));
    assert!(OrderedFeed::open_stream(&bus, "NOWHERE", Vec::new(), 0).await.is_err());
    assert_eq!(bus.stream_state(names::STREAM).await.unwrap().messages, 4);
    bus.remove_message(names::STREAM, 4).await.unwrap();
    assert_eq!(bus.stream_state(names::STREAM).await.unwrap().messages, 3);
}
