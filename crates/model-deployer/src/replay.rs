//! Recorded rows, asked again of a candidate and of the live version, off-traffic.

use std::time::Instant;

use bus::Bus;
use contracts::v1::{DeploymentRecord, EventColumn, PredictionEvent, VersionTraffic};
use contracts::{encoding, names, subjects};
use rollout::{Evidence, latency_bucket, prediction_bucket};
use serde_json::{Value, json};

use crate::client::Client;

/// Most events that are replayed.
const MOST_EVENTS: u64 = 300;
/// How far back they are looked for, in messages of all endpoints.
const REACH: u64 = 100_000;

/// Asks both versions the newest recorded requests, one after the other. What cannot be read or asked is left out; without any, the evidence is empty.
pub(crate) async fn replay(
    bus: &Bus,
    client: &Client,
    url: &str,
    record: &DeploymentRecord,
) -> Evidence {
    let mut evidence = Evidence::default();
    let (Some(live), Some(candidate)) = (
        record.live.as_ref(),
        record.rollout.as_ref().and_then(|rollout| rollout.candidate.as_ref()),
    ) else {
        return evidence;
    };
    let events = match recorded(bus, &record.endpoint).await {
        Ok(events) => events,
        Err(error) => {
            tracing::warn!(%error, endpoint = record.endpoint, "recorded rows cannot be read");
            return evidence;
        }
    };
    for event in &events {
        let request = request(event);
        for version in [live.version, candidate.version] {
            let begun = Instant::now();
            let answer = client.infer(url, &record.endpoint, version, &request).await;
            let latency = begun.elapsed();
            let mut counted = VersionTraffic { version, requests: 1, ..VersionTraffic::default() };
            match answer {
                Ok(answer) => {
                    counted.latency_counts = vec![0; latency_bucket(latency)];
                    counted.latency_counts.push(1);
                    for bucket in buckets(&answer) {
                        *counted.prediction_counts.entry(bucket).or_default() += 1;
                    }
                }
                Err(_) => counted.errors = 1,
            }
            evidence.versions.entry(version).or_default().add(&counted);
        }
        evidence.replayed += u64::from(event.rows);
    }
    evidence
}

/// The newest events of an endpoint, the oldest of them first.
async fn recorded(bus: &Bus, endpoint: &str) -> Result<Vec<PredictionEvent>, bus::Error> {
    let Ok(subject) = subjects::prediction(endpoint) else { return Ok(Vec::new()) };
    let stream = names::PREDICTIONS_STREAM;
    let Some(last) = bus.last_sequence(stream, &subject).await? else { return Ok(Vec::new()) };
    // Backwards in growing strides, until there are enough between there and the end.
    let mut stride = MOST_EVENTS;
    loop {
        let first = last.saturating_sub(stride).max(1);
        let mut found = std::collections::VecDeque::new();
        let mut next = first;
        while let Some((sequence, payload)) = bus.next_from(stream, &subject, next).await? {
            if let Ok(event) =
                encoding::from_protobuf::<PredictionEvent>("PredictionEvent", &payload)
            {
                found.push_back(event);
            }
            if found.len() as u64 > MOST_EVENTS {
                found.pop_front();
            }
            next = sequence + 1;
            if sequence >= last {
                break;
            }
        }
        if found.len() as u64 >= MOST_EVENTS || first == 1 || stride >= REACH {
            return Ok(found.into());
        }
        stride = stride.saturating_mul(8).min(REACH);
    }
}

/// An event's inputs as a request.
fn request(event: &PredictionEvent) -> Value {
    let inputs: Vec<Value> = event.inputs.iter().map(|column| tensor(column, event.rows)).collect();
    json!({ "inputs": inputs })
}

fn tensor(column: &EventColumn, rows: u32) -> Value {
    if column.texts.is_empty() {
        let data: Vec<Option<f64>> =
            column.numbers.iter().map(|number| number.is_finite().then_some(*number)).collect();
        return json!({ "name": column.name, "datatype": "FP64", "shape": [rows], "data": data });
    }
    let data: Vec<Option<&str>> = (0..)
        .zip(&column.texts)
        .map(|(row, text)| (!column.missing.contains(&row)).then_some(text.as_str()))
        .collect();
    json!({ "name": column.name, "datatype": "BYTES", "shape": [rows], "data": data })
}

/// The buckets of an answer's predictions, as servers count them for two classes; other problems are judged without.
fn buckets(answer: &Value) -> Vec<u32> {
    let outputs = answer.get("outputs").and_then(Value::as_array);
    let probabilities: Vec<&Value> = outputs
        .into_iter()
        .flatten()
        .filter(|output| {
            output
                .get("name")
                .and_then(Value::as_str)
                .is_some_and(|name| name.starts_with("probability_"))
        })
        .collect();
    let [_, second] = probabilities.as_slice() else { return Vec::new() };
    let data = second.get("data").and_then(Value::as_array);
    data.into_iter()
        .flatten()
        .filter_map(Value::as_f64)
        .map(|second| prediction_bucket(&[1.0 - second, second], 2))
        .filter_map(|bucket| u32::try_from(bucket).ok())
        .collect()
}
