//! Recorded rows, asked again of a candidate and of the live version, off-traffic.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Instant;

use bus::Bus;
use contracts::messages::{
    Answered, DeploymentRecord, EventColumn, PredictionEvent, VersionTraffic,
};
use contracts::{encoding, names, subjects};
use rollout::{Evidence, latency_bucket, prediction_bucket};
use serde_json::{Value, json};

use crate::client::Client;

/// Most requests that are replayed.
const MAX_REQUESTS: usize = 300;
/// Messages that are looked at first.
const FIRST_STRIDE: u64 = 30;
/// How far back they are looked for, in messages of all endpoints.
const MAX_SEARCHED_MESSAGES: u64 = 100_000;

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
    let requests: Vec<(usize, Value)> = events.iter().flat_map(requests).collect();
    let surplus = requests.len().saturating_sub(MAX_REQUESTS);
    for (rows, request) in requests.into_iter().skip(surplus) {
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
        evidence.replayed += rows as u64;
    }
    evidence
}

/// The newest events of an endpoint, the oldest of them first: as many as have the requests to be replayed.
async fn recorded(bus: &Bus, endpoint: &str) -> Result<Vec<PredictionEvent>, bus::Error> {
    let Ok(subject) = subjects::prediction(endpoint) else { return Ok(Vec::new()) };
    let stream = names::PREDICTIONS_STREAM;
    let Some(last) = bus.last_sequence(stream, &subject).await? else { return Ok(Vec::new()) };
    // Backwards in growing strides, until there are enough between there and the end.
    let mut stride = FIRST_STRIDE;
    loop {
        let first = last.saturating_sub(stride).max(1);
        let mut found: VecDeque<PredictionEvent> = VecDeque::new();
        let mut answers = 0;
        let mut next = first;
        while let Some((sequence, payload)) = bus.next_from(stream, &subject, next).await? {
            if let Ok(event) =
                encoding::from_protobuf::<PredictionEvent>("PredictionEvent", &payload)
            {
                answers += event.answers.len();
                found.push_back(event);
            }
            while let Some(oldest) = found.front()
                && answers - oldest.answers.len() >= MAX_REQUESTS
            {
                answers -= oldest.answers.len();
                found.pop_front();
            }
            next = sequence + 1;
            if sequence >= last {
                break;
            }
        }
        if answers >= MAX_REQUESTS || first == 1 || stride >= MAX_SEARCHED_MESSAGES {
            return Ok(found.into());
        }
        stride = stride.saturating_mul(8).min(MAX_SEARCHED_MESSAGES);
    }
}

/// The inputs of each of an event's answers as the request that it was, with its number of rows.
fn requests(event: &PredictionEvent) -> Vec<(usize, Value)> {
    let mut first = 0;
    let of_answer = |answer: &Answered| {
        let rows = first..first + answer.rows as usize;
        first = rows.end;
        let tensors = event.inputs.iter().map(|column| tensor(column, rows.clone()));
        (rows.len(), json!({ "inputs": tensors.collect::<Vec<Value>>() }))
    };
    event.answers.iter().map(of_answer).collect()
}

fn tensor(column: &EventColumn, rows: Range<usize>) -> Value {
    let shape = [rows.len()];
    if column.texts.is_empty() {
        let numbers = column.numbers.get(rows).unwrap_or_default();
        let data: Vec<Option<f64>> =
            numbers.iter().map(|number| number.is_finite().then_some(*number)).collect();
        return json!({ "name": column.name, "datatype": "FP64", "shape": shape, "data": data });
    }
    let texts = column.texts.get(rows.clone()).unwrap_or_default();
    let is_missing = |row: usize| u32::try_from(row).is_ok_and(|row| column.missing.contains(&row));
    let data: Vec<Option<&str>> =
        rows.zip(texts).map(|(row, text)| (!is_missing(row)).then_some(text.as_str())).collect();
    json!({ "name": column.name, "datatype": "BYTES", "shape": shape, "data": data })
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
