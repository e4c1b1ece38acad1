//! Taking outcomes, joining them with their predictions once, and storing what is labelled.
//!
//! ```text
//!   TIER0_FEEDBACK ─▶ places (index) ─▶ events ─▶ rows ─▶ known already? ─▶ labelled rows of the version ─▶ acknowledge
//! ```
//!
//! What a message gave is stored with the message's sequence in one value, by compare-and-swap; a message that comes again
//! finds itself there. Which rows are known is noted after that, for as long as there are predictions.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use agent_runtime::{CancellationToken, Resources, StartError};
use bus::{Delivery, KeyValue};
use bytes::Bytes;
use contracts::v1::{Feedback, Monitor, PredictionEvent};
use contracts::{Validate as _, encoding, failures, names};
use monitoring::feedback::known_rows::{KnownRows, group};
use monitoring::feedback::{Identity, Labelled, LabelledRow, label, match_rows};
use monitoring::traffic::Sequences;
use registry::Registry;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::config::Monitoring;
use crate::error::StoreError;
use crate::locator::Locator;
use crate::{store, telemetry};

/// Most messages of feedback that are joined at once.
const BATCH: usize = 256;
/// Longest time that the first message of a batch waits for others.
const GATHER: Duration = Duration::from_millis(200);
/// How long an outcome waits for its prediction, which may be on its way.
const PATIENCE: Duration = Duration::from_secs(20);
/// When it is looked for again.
const AGAIN: Duration = Duration::from_secs(2);
/// How often the index takes in what has come.
const FOLLOW: Duration = Duration::from_secs(5);

/// Key under which the labelled rows of a version are in TIER0_WINDOWS.
fn labelled_key(endpoint: &str, version: u32) -> String {
    format!("{}.labelled.{version}", names::token(endpoint))
}

/// The labelled rows of a version; none where nothing was told of it.
pub(crate) async fn labelled(
    windows: &KeyValue,
    endpoint: &str,
    version: u32,
) -> Result<Labelled, StoreError> {
    match windows.get(&labelled_key(endpoint, version)).await? {
        Some(entry) => Ok(Labelled::decode(&entry.value)?),
        None => Ok(Labelled::default()),
    }
}

/// Key under which outcomes without a prediction are counted.
pub(crate) fn unmatched_key(endpoint: &str) -> String {
    format!("{}.unmatched", names::token(endpoint))
}

/// Outcomes for which no prediction was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Unmatched {
    /// Their messages.
    feedback: Sequences,
    /// How many.
    pub(crate) count: u64,
}

/// Joins until `shutdown`.
pub(crate) async fn run(
    monitoring: &Monitoring,
    resources: &Resources,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    let bus = &resources.bus;
    let failed = |error| StartError::new("feedback cannot be joined", error);
    let registry = Registry::new(bus).await.map_err(|error| failed(StoreError::from(error)))?;
    let mut joiner = Joiner {
        bucket: bus.kv(names::WINDOWS_BUCKET).await?,
        locator: Locator::open(bus, resources.artifacts.clone()).await.map_err(failed)?,
        registry,
        monitors: BTreeMap::new(),
        window_rows: monitoring.performance.window_rows,
    };
    let mut deliveries =
        bus.consumer(names::FEEDBACK_STREAM, names::FEEDBACK_CONSUMER, BATCH).await?;
    let mut follow = tokio::time::interval(FOLLOW);
    follow.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let first = tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            first = deliveries.next() => first,
            _ = follow.tick() => {
                if let Err(error) = joiner.locator.follow().await {
                    let why = failures::with_causes(&error);
                    tracing::warn!(why, "the index of predictions could not take in what came");
                }
                continue;
            }
        };
        let mut batch = vec![first];
        let until = Instant::now() + GATHER;
        while batch.len() < BATCH {
            match tokio::time::timeout_at(until, deliveries.next()).await {
                Ok(delivery) => batch.push(delivery),
                Err(_) => break,
            }
        }
        joiner.settle(batch).await;
    }
}

struct Joiner {
    bucket: KeyValue,
    locator: Locator,
    registry: Registry,
    monitors: BTreeMap<(String, u32), Monitor>,
    window_rows: usize,
}

/// What is known of a message of feedback.
struct Message {
    delivery: Delivery,
    feedback: Feedback,
    identity: Identity,
}

/// What a message gave to a version.
#[derive(Default)]
struct Given {
    rows: Vec<LabelledRow>,
    unusable: u64,
}

impl Joiner {
    async fn settle(&mut self, batch: Vec<Delivery>) {
        let mut messages = Vec::with_capacity(batch.len());
        for delivery in batch {
            match read(&delivery) {
                Ok(feedback) => {
                    let identity = if feedback.entity_id.is_empty() {
                        Identity::of_request(&feedback.endpoint, &feedback.request_id)
                    } else {
                        Identity::of_entity(&feedback.endpoint, &feedback.entity_id)
                    };
                    messages.push(Message { delivery, feedback, identity });
                }
                Err(error) => {
                    telemetry::feedback("refused", 1);
                    tracing::warn!(%error, sequence = delivery.stream_sequence, "feedback is refused");
                    settled(delivery.ack().await);
                }
            }
        }
        let joined = self.join(&messages).await;
        match joined {
            Ok(waiting) => {
                for (message, waits) in messages.into_iter().zip(waiting) {
                    let delivery = message.delivery;
                    settled(if waits { delivery.retry(AGAIN).await } else { delivery.ack().await });
                }
            }
            Err(error) => {
                let why = failures::with_causes(&error);
                tracing::warn!(why, "feedback could not be joined; it comes again");
                for message in messages {
                    settled(message.delivery.retry(AGAIN).await);
                }
            }
        }
    }

    /// Joins messages; says of each whether it still waits for its prediction.
    async fn join(&mut self, messages: &[Message]) -> Result<Vec<bool>, StoreError> {
        self.locator.follow().await?;
        let identities: Vec<Identity> = messages.iter().map(|message| message.identity).collect();
        let places = self.locator.find(&identities).await?;
        let mut waiting = Vec::with_capacity(messages.len());
        // By version, in the order of the messages, so that each value is written once.
        let mut by_version: BTreeMap<(String, u32), Vec<(u64, Given)>> = BTreeMap::new();
        for message in messages {
            let mut events: Vec<(u64, PredictionEvent)> = Vec::new();
            for place in places.get(&message.identity).into_iter().flatten() {
                if let Some(event) = self.locator.event(place.sequence).await?
                    && event.endpoint == message.feedback.endpoint
                {
                    events.push((place.sequence, event));
                }
            }
            let rows = match_rows(&message.feedback, &events);
            if rows.is_empty() {
                let waited = SystemTime::now()
                    .duration_since(message.delivery.published_at)
                    .unwrap_or_default();
                let waits = waited < PATIENCE;
                if !waits {
                    self.unmatched(&message.feedback.endpoint, message.delivery.stream_sequence)
                        .await?;
                }
                waiting.push(waits);
                continue;
            }
            waiting.push(false);
            let mut given: BTreeMap<u32, Given> = BTreeMap::new();
            for row in &rows {
                let version = row.event.version;
                let monitor = self.monitor(&message.feedback.endpoint, version).await?;
                let of_version = given.entry(version).or_default();
                match monitor.and_then(|monitor| label(row, monitor)) {
                    Some(row) => of_version.rows.push(row),
                    None => of_version.unusable += 1,
                }
            }
            for (version, given) in given {
                let key = (message.feedback.endpoint.clone(), version);
                by_version.entry(key).or_default().push((message.delivery.stream_sequence, given));
            }
        }
        for ((endpoint, version), given) in by_version {
            self.store(&endpoint, version, given).await?;
        }
        Ok(waiting)
    }

    async fn store(
        &mut self,
        endpoint: &str,
        version: u32,
        given: Vec<(u64, Given)>,
    ) -> Result<(), StoreError> {
        let groups: Vec<u64> = given
            .iter()
            .flat_map(|(_, given)| given.rows.iter().map(|row| group(row.sequence)))
            .collect();
        let mut known: BTreeMap<u64, KnownRows> = BTreeMap::new();
        for group in groups {
            if let std::collections::btree_map::Entry::Vacant(entry) = known.entry(group) {
                entry.insert(self.known(group).await?.0);
            }
        }
        let key = labelled_key(endpoint, version);
        let mut attempt = 0;
        let (new, before, after) = loop {
            let entry = self.bucket.get(&key).await?;
            let revision = entry.as_ref().map(|entry| entry.revision);
            let mut labelled = match &entry {
                Some(entry) => Labelled::decode(&entry.value)?,
                None => Labelled::default(),
            };
            let before = labelled.counts.clone();
            let mut new = Vec::new();
            for (feedback, given) in &given {
                if labelled.has(*feedback) {
                    continue;
                }
                let is_known = |row: &LabelledRow| {
                    known
                        .get(&group(row.sequence))
                        .is_some_and(|joined| joined.contains(row.sequence, row.row))
                };
                let rows: Vec<LabelledRow> =
                    given.rows.iter().filter(|row| !is_known(row)).cloned().collect();
                labelled.counts.repeated += (given.rows.len() - rows.len()) as u64;
                new.extend(rows.iter().map(|row| (row.sequence, row.row)));
                labelled.add(*feedback, rows, given.unusable, self.window_rows);
            }
            if labelled.counts == before {
                return Ok(());
            }
            let bytes = Bytes::from(labelled.encode()?);
            if store::write(&self.bucket, &key, revision, bytes).await?.is_some() {
                break (new, before, labelled.counts);
            }
            attempt += 1;
            if attempt >= store::ATTEMPTS {
                return Err(StoreError::Contended);
            }
            tokio::time::sleep(store::pause(attempt)).await;
        };
        telemetry::feedback("joined", after.joined - before.joined);
        telemetry::feedback("repeated", after.repeated - before.repeated);
        telemetry::feedback("unusable", after.unusable - before.unusable);
        self.note(new).await
    }

    /// The rows of a group whose outcomes are known, with the revision of the value.
    async fn known(&self, group: u64) -> Result<(KnownRows, Option<u64>), StoreError> {
        match self.bucket.get(&joined_key(group)).await? {
            Some(entry) => Ok((KnownRows::decode(&entry.value)?, Some(entry.revision))),
            None => Ok((KnownRows::default(), None)),
        }
    }

    async fn note(&self, rows: Vec<(u64, u32)>) -> Result<(), StoreError> {
        let mut by_group: BTreeMap<u64, Vec<(u64, u32)>> = BTreeMap::new();
        for (sequence, row) in rows {
            by_group.entry(group(sequence)).or_default().push((sequence, row));
        }
        'groups: for (number, rows) in by_group {
            for attempt in 1..=store::ATTEMPTS {
                let (mut joined, revision) = self.known(number).await?;
                let mut is_changed = false;
                for (sequence, row) in &rows {
                    is_changed |= joined.insert(*sequence, *row);
                }
                let bytes = Bytes::from(joined.encode());
                if !is_changed
                    || store::write(&self.bucket, &joined_key(number), revision, bytes)
                        .await?
                        .is_some()
                {
                    continue 'groups;
                }
                tokio::time::sleep(store::pause(attempt)).await;
            }
            return Err(StoreError::Contended);
        }
        Ok(())
    }

    async fn unmatched(&self, endpoint: &str, feedback: u64) -> Result<(), StoreError> {
        let key = unmatched_key(endpoint);
        for attempt in 1..=store::ATTEMPTS {
            let entry = self.bucket.get(&key).await?;
            let mut unmatched: Unmatched = match &entry {
                Some(entry) => serde_json::from_slice(&entry.value)?,
                None => Unmatched::default(),
            };
            if !unmatched.feedback.insert(feedback) {
                return Ok(());
            }
            unmatched.feedback.bound();
            unmatched.count += 1;
            let bytes = Bytes::from(serde_json::to_vec(&unmatched)?);
            let revision = entry.map(|entry| entry.revision);
            if store::write(&self.bucket, &key, revision, bytes).await?.is_some() {
                telemetry::feedback("unmatched", 1);
                return Ok(());
            }
            tokio::time::sleep(store::pause(attempt)).await;
        }
        Err(StoreError::Contended)
    }

    /// What a version is watched against, kept.
    async fn monitor(
        &mut self,
        endpoint: &str,
        version: u32,
    ) -> Result<Option<&Monitor>, StoreError> {
        let key = (endpoint.to_owned(), version);
        if !self.monitors.contains_key(&key)
            && let Some(monitor) = self.registry.monitor_of(endpoint, version).await?
        {
            self.monitors.insert(key.clone(), monitor);
        }
        Ok(self.monitors.get(&key))
    }
}

fn joined_key(group: u64) -> String {
    format!("-.joined.{group}")
}

fn settled(settled: Result<(), bus::Error>) {
    if let Err(error) = settled {
        // It comes again, and is known by then.
        tracing::debug!(%error, "feedback could not be settled");
    }
}

fn read(delivery: &Delivery) -> Result<Feedback, contracts::ContractError> {
    let feedback: Feedback = encoding::from_protobuf("Feedback", &delivery.payload)?;
    feedback.validate()?;
    Ok(feedback)
}
