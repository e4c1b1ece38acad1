//! Outcomes find predictions that were made long ago, once, by request and by entity, whatever dies in between.

use std::time::{Duration, SystemTime};

use bus::{Bus, Headers, MESSAGE_ID, SetupOptions};
use contracts::v1::{
    Answered, ArtifactRef, EventColumn, Feedback, Monitor, PredictionEvent, ProblemType,
};
use contracts::{names, subjects, time};
use monitoring::feedback::Labelled;
use prost::Message as _;
use tier0_tests::Broker;

use crate::start;

/// Messages of events: more than are in one segment of the index.
const EVENTS: u32 = 2_500;

fn event(number: u32) -> PredictionEvent {
    let column = |name: &str, numbers: Vec<f64>| EventColumn {
        name: name.to_owned(),
        numbers,
        ..EventColumn::default()
    };
    PredictionEvent {
        event_id: format!("event-{number}"),
        endpoint: "churn".to_owned(),
        version: 1,
        digest: "a".repeat(64),
        inputs: vec![column("tenure", vec![1.0, 2.0])],
        outputs: vec![
            EventColumn {
                name: "prediction".to_owned(),
                texts: vec!["no".to_owned(), "yes".to_owned()],
                ..EventColumn::default()
            },
            column("probability_no", vec![0.75, 0.25]),
            column("probability_yes", vec![0.25, 0.75]),
        ],
        rows: 2,
        server: "s".to_owned(),
        answers: vec![Answered {
            request_id: format!("request-{number}"),
            at: Some(time::timestamp(SystemTime::now())),
            latency_ms: 0.5,
            rows: 2,
            entity_ids: vec![format!("a-{number}"), format!("b-{number}")],
            ..Answered::default()
        }],
    }
}

async fn tell(bus: &Bus, feedback: Feedback) {
    let feedback = Feedback {
        endpoint: "churn".to_owned(),
        at: Some(time::timestamp(SystemTime::now())),
        ..feedback
    };
    let mut headers = Headers::new();
    headers.insert(MESSAGE_ID, feedback.feedback_id.as_str());
    let subject = subjects::feedback("churn").unwrap();
    bus.publish(&subject, headers, feedback.encode_to_vec().into()).await.unwrap();
}

fn of_request(number: u32, outcomes: [&str; 2]) -> Feedback {
    Feedback {
        feedback_id: format!("f-{number}-{}", outcomes.concat()),
        request_id: format!("request-{number}"),
        outcomes: outcomes.map(str::to_owned).to_vec(),
        ..Feedback::default()
    }
}

fn of_entity(id: &str, outcome: &str) -> Feedback {
    Feedback {
        feedback_id: format!("f-{id}-{outcome}"),
        entity_id: id.to_owned(),
        outcomes: vec![outcome.to_owned()],
        ..Feedback::default()
    }
}

async fn labelled(bus: &Bus, joined: u64) -> Labelled {
    let bucket = bus.kv(names::WINDOWS_BUCKET).await.unwrap();
    let mut last = Labelled::default();
    for _ in 0..400 {
        if let Some(entry) = bucket.get("churn.labelled.1").await.unwrap() {
            last = Labelled::decode(&entry.value).unwrap();
            if last.counts.joined >= joined {
                return last;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} of {joined} outcomes were joined", last.counts.joined);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outcomes_find_what_was_predicted_long_ago_once() {
    let options = SetupOptions { ack_wait_seconds: 2.0, ..SetupOptions::default() };
    let Broker { nats, bus, registry, .. } = Broker::start_with(&options).await;
    let artifact = ArtifactRef {
        uri: format!("nats://{}/{}", names::ARTIFACTS_STORE, "b".repeat(64)),
        sha256: "b".repeat(64),
        bytes: 1,
        media_type: "application/json".to_owned(),
        rows: 1,
    };
    let monitor = Monitor {
        endpoint: "churn".to_owned(),
        model: "churn".to_owned(),
        version: 1,
        digest: "a".repeat(64),
        reference_profile: Some(artifact),
        run_id: "run-1".to_owned(),
        registered_at: Some(time::timestamp(SystemTime::now())),
        data_sha256: "c".repeat(64),
        problem_type: ProblemType::Binary.into(),
        classes: vec!["no".to_owned(), "yes".to_owned()],
        ..Monitor::default()
    };
    registry.monitors().put(&monitor).await.unwrap();
    let subject = subjects::prediction("churn").unwrap();
    for number in 0..EVENTS {
        let event = event(number);
        let mut headers = Headers::new();
        headers.insert(MESSAGE_ID, event.event_id.as_str());
        bus.publish(&subject, headers, event.encode_to_vec().into()).await.unwrap();
    }
    let first = start(&nats, "one");
    let _second = start(&nats, "two");
    // In the first segment of the index, in the second, and in the part that is in memory.
    tell(&bus, of_request(3, ["yes", ""])).await;
    tell(&bus, of_request(1_500, ["no", "yes"])).await;
    tell(&bus, of_entity("b-2499", "no")).await;
    let four = labelled(&bus, 4).await;
    let outcomes: std::collections::BTreeSet<(u64, u32, u64)> =
        four.rows().iter().map(|row| (row.sequence, row.row, row.outcome as u64)).collect();
    // The stream counts from 1.
    assert_eq!(outcomes, [(4, 0, 1), (1_501, 0, 0), (1_501, 1, 1), (2_500, 1, 0)].into());
    assert!(four.rows().iter().all(|row| row.outputs.len() == 2));
    drop(first);
    // By another way, and by a replica that was not there: what is known is known.
    let _third = start(&nats, "three");
    tell(&bus, of_entity("a-1500", "yes")).await;
    tell(&bus, of_request(1_500, ["yes", "yes"])).await;
    tell(&bus, of_entity("b-3", "perhaps")).await;
    tell(&bus, of_entity("a-7", "yes")).await;
    let five = labelled(&bus, 5).await;
    for _ in 0..50 {
        let counts = labelled(&bus, 5).await.counts;
        if counts.repeated + counts.unusable == 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let counts = labelled(&bus, 5).await.counts;
    assert_eq!((counts.joined, counts.repeated, counts.unusable), (5, 3, 1));
    assert_eq!(five.rows().last().unwrap().sequence, 8);
    let keys = bus.kv(names::WINDOWS_BUCKET).await.unwrap().keys().await.unwrap();
    let segments: Vec<&String> = keys.iter().filter(|key| key.starts_with("-.segment.")).collect();
    assert_eq!(segments, ["-.segment.0", "-.segment.1"]);
    // An outcome without a prediction is reported as such, after a while in which it might have come.
    tell(&bus, of_request(9_999, ["yes", "no"])).await;
    let bucket = bus.kv(names::WINDOWS_BUCKET).await.unwrap();
    for _ in 0..400 {
        if bucket.get("churn.unmatched").await.unwrap().is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the outcome without a prediction was not counted");
}
