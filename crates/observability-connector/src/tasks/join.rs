//! Joining outcomes with their predictions once, and storing the labelled rows.
//!
//! ```text
//!   TIER0_FEEDBACK ─▶ positions (index) ─▶ events ─▶ rows ─▶ not known yet ─▶ labelled rows of the version ─▶ acknowledge
//! ```
//!
//! The rows of a message are stored with the message's sequence in one value, by compare-and-swap, so that a message that is
//! delivered again changes nothing. Which rows are known is noted after that, for as long as there are predictions.

mod locator;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use bus::{Batches, Delivery, Settlement, settle_all};
use contracts::messages::{Feedback, Monitor, PredictionEvent};
use contracts::{Validate as _, encoding, failures, names};
use monitoring::feedback::known_rows::group;
use monitoring::feedback::{
    AnswerPosition, Identity, KnownRows, Labelled, LabelledRow, UnmatchedCount, known_outcomes,
    label, match_rows,
};
use process::{CancellationToken, Resources, StartError};
use registry::{Monitors, Registry};

use self::locator::PredictionLocator;
use crate::config::Monitoring;
use crate::error::StoreError;
use crate::telemetry;
use crate::windows::{WindowStore, known_rows_key, labelled_key, unmatched_key};

/// Most messages of feedback that are joined at once.
const MAX_BATCH: usize = 256;
/// Longest wait of the first message of a batch for others.
const BATCH_WAIT: Duration = Duration::from_millis(200);
/// How long an outcome waits for its prediction, which may be on its way.
const MATCH_TIMEOUT: Duration = Duration::from_secs(20);
/// How long an outcome waits for the rest of the events of its request, once there are some.
const PARTS_TIMEOUT: Duration = Duration::from_secs(5);
/// Wait before a message is delivered again.
const RETRY_DELAY: Duration = Duration::from_secs(2);
/// Time between two updates of the index.
const INDEX_INTERVAL: Duration = Duration::from_secs(5);

/// Joins feedback with predictions as it is delivered, until `shutdown` is cancelled.
pub(crate) async fn run(
    monitoring: &Monitoring,
    resources: &Resources,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    let bus = &resources.bus;
    let failed = |error| StartError::new("feedback cannot be joined", error);
    let registry = Registry::new(bus).await.map_err(|error| failed(StoreError::from(error)))?;
    let windows = WindowStore::open(bus).await?;
    let mut joiner = Joiner {
        locator: PredictionLocator::open(bus, windows.clone(), resources.artifacts.clone())
            .await
            .map_err(failed)?,
        windows,
        monitors: registry.monitors().clone(),
        monitors_read: BTreeMap::new(),
        window_rows: monitoring.performance.window_rows,
    };
    let opened =
        bus.consumer_when_there(names::FEEDBACK_STREAM, names::FEEDBACK_CONSUMER, MAX_BATCH);
    let Some(deliveries) = shutdown.run_until_cancelled(opened).await else { return Ok(()) };
    let mut batches = Batches::new(deliveries, MAX_BATCH, BATCH_WAIT);
    let mut index = tokio::time::interval(INDEX_INTERVAL);
    index.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            batch = batches.next() => joiner.settle(batch).await,
            _ = index.tick() => {
                if let Err(error) = joiner.locator.update().await {
                    let why = failures::with_causes(&error);
                    tracing::warn!(why, "the index of predictions could not take in what came");
                }
            }
        }
    }
}

struct Joiner {
    windows: WindowStore,
    locator: PredictionLocator,
    monitors: Monitors,
    /// By endpoint and version.
    monitors_read: BTreeMap<(String, u32), Monitor>,
    window_rows: usize,
}

/// A delivered message of feedback.
struct Message {
    delivery: Delivery,
    feedback: Feedback,
    identity: Identity,
}

/// The outcomes of a message that are of one version.
#[derive(Default)]
struct VersionOutcomes {
    /// Sequence of the message.
    feedback: u64,
    rows: Vec<LabelledRow>,
    /// Number of outcomes that are no class, or no number, or of a row that there is not.
    unusable: u64,
}

impl Joiner {
    /// Joins a batch and acknowledges it; messages that wait, or could not be joined, are delivered again.
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
                    delivery.settle(Settlement::Ack).await;
                }
            }
        }
        let waiting = self.join(&messages).await.unwrap_or_else(|error| {
            let why = failures::with_causes(&error);
            tracing::warn!(why, "feedback could not be joined; it comes again");
            vec![true; messages.len()]
        });
        let (mut again, mut done) = (Vec::new(), Vec::new());
        for (message, waits) in messages.into_iter().zip(waiting) {
            let alike = if waits { &mut again } else { &mut done };
            alike.push(message.delivery);
        }
        // What is delivered again though it was joined is known by then.
        settle_all(done, Settlement::Ack).await;
        settle_all(again, Settlement::Retry(RETRY_DELAY)).await;
    }

    /// Joins messages; says of each whether it still waits for its prediction.
    async fn join(&mut self, messages: &[Message]) -> Result<Vec<bool>, StoreError> {
        self.locator.update().await?;
        let identities: Vec<Identity> = messages.iter().map(|message| message.identity).collect();
        let positions = self.locator.find(&identities).await?;
        let mut waiting = Vec::with_capacity(messages.len());
        // By version, in the order of the messages, so that each value is written once.
        let mut by_version: BTreeMap<(String, u32), Vec<VersionOutcomes>> = BTreeMap::new();
        for message in messages {
            let positions = positions.get(&message.identity).map(Vec::as_slice);
            let events = self.events(&message.feedback, positions.unwrap_or_default()).await?;
            let rows = match_rows(&message.feedback, &events);
            if rows.is_empty() {
                waiting.push(self.waits(message).await?);
                continue;
            }
            // Of a large request some events may still be on their way; what has no row by then has none.
            let without = known_outcomes(&message.feedback).saturating_sub(rows.len() as u64);
            if without > 0 && waited(message) < PARTS_TIMEOUT {
                waiting.push(true);
                continue;
            }
            waiting.push(false);
            let endpoint = &message.feedback.endpoint;
            let feedback = message.delivery.stream_sequence;
            let mut outcomes: BTreeMap<u32, VersionOutcomes> = BTreeMap::new();
            for row in &rows {
                let version = row.event.version;
                let monitor = self.monitor(endpoint, version).await?;
                let of_version = outcomes.entry(version).or_default();
                of_version.feedback = feedback;
                match monitor.and_then(|monitor| label(row, monitor)) {
                    Some(row) => of_version.rows.push(row),
                    None => of_version.unusable += 1,
                }
            }
            if let Some(mut first) = outcomes.first_entry() {
                first.get_mut().unusable += without;
            }
            for (version, outcomes) in outcomes {
                by_version.entry((endpoint.clone(), version)).or_default().push(outcomes);
            }
        }
        for ((endpoint, version), outcomes) in by_version {
            self.store(&endpoint, version, &outcomes).await?;
        }
        Ok(waiting)
    }

    /// The events at the positions that are of the same endpoint, with their sequences.
    async fn events(
        &mut self,
        feedback: &Feedback,
        positions: &[AnswerPosition],
    ) -> Result<Vec<(u64, PredictionEvent)>, StoreError> {
        let mut events = Vec::new();
        for position in positions {
            if let Some(event) = self.locator.event(position.sequence).await?
                && event.endpoint == feedback.endpoint
            {
                events.push((position.sequence, event));
            }
        }
        Ok(events)
    }

    /// Whether a message without a prediction still waits for it; counts it where it waited long enough.
    async fn waits(&self, message: &Message) -> Result<bool, StoreError> {
        if waited(message) < MATCH_TIMEOUT {
            return Ok(true);
        }
        let (key, sequence) =
            (unmatched_key(&message.feedback.endpoint), message.delivery.stream_sequence);
        let outcomes = known_outcomes(&message.feedback);
        let counted = self
            .windows
            .change(&key, |unmatched: &mut UnmatchedCount| {
                unmatched.add(sequence, outcomes).then_some(())
            })
            .await?;
        if counted.is_some() {
            telemetry::feedback("unmatched", outcomes);
        }
        Ok(false)
    }

    /// Adds the outcomes of messages to the labelled rows of a version, and notes which rows are known by that.
    async fn store(
        &self,
        endpoint: &str,
        version: u32,
        outcomes: &[VersionOutcomes],
    ) -> Result<(), StoreError> {
        let groups: BTreeSet<u64> = outcomes
            .iter()
            .flat_map(|outcomes| outcomes.rows.iter().map(|row| group(row.sequence)))
            .collect();
        let mut known: BTreeMap<u64, KnownRows> = BTreeMap::new();
        for group in groups {
            known.insert(group, self.windows.known_rows(group).await?);
        }
        let is_known = |row: &LabelledRow| {
            let known = known.get(&group(row.sequence));
            known.is_some_and(|known| known.contains(row.sequence, row.row))
        };
        let key = labelled_key(endpoint, version);
        let stored = self.windows.change(&key, |labelled: &mut Labelled| {
            let before = labelled.counts.clone();
            let mut new = Vec::new();
            for outcomes in outcomes {
                if labelled.has(outcomes.feedback) {
                    continue;
                }
                let rows: Vec<LabelledRow> =
                    outcomes.rows.iter().filter(|row| !is_known(row)).cloned().collect();
                labelled.counts.repeated += (outcomes.rows.len() - rows.len()) as u64;
                new.extend(rows.iter().map(|row| (row.sequence, row.row)));
                labelled.add(outcomes.feedback, rows, outcomes.unusable, self.window_rows);
            }
            let after = labelled.counts.clone();
            (after != before).then_some((new, before, after))
        });
        let Some((new, before, after)) = stored.await? else { return Ok(()) };
        telemetry::feedback("joined", after.joined - before.joined);
        telemetry::feedback("repeated", after.repeated - before.repeated);
        telemetry::feedback("unusable", after.unusable - before.unusable);
        self.note_known(new).await
    }

    /// Notes that the outcomes of rows, each the sequence of its event and its number there, are known.
    async fn note_known(&self, rows: Vec<(u64, u32)>) -> Result<(), StoreError> {
        let mut by_group: BTreeMap<u64, Vec<(u64, u32)>> = BTreeMap::new();
        for (sequence, row) in rows {
            by_group.entry(group(sequence)).or_default().push((sequence, row));
        }
        for (number, rows) in by_group {
            let key = known_rows_key(number);
            let noted = self.windows.change(&key, |known: &mut KnownRows| {
                let mut is_changed = false;
                for (sequence, row) in &rows {
                    is_changed |= known.insert(*sequence, *row);
                }
                is_changed.then_some(())
            });
            noted.await?;
        }
        Ok(())
    }

    /// What a version is watched against, cached.
    async fn monitor(
        &mut self,
        endpoint: &str,
        version: u32,
    ) -> Result<Option<&Monitor>, StoreError> {
        let key = (endpoint.to_owned(), version);
        if !self.monitors_read.contains_key(&key)
            && let Some(monitor) = self.monitors.of_version(endpoint, version).await?
        {
            self.monitors_read.insert(key.clone(), monitor);
        }
        Ok(self.monitors_read.get(&key))
    }
}

/// How long ago a message was told.
fn waited(message: &Message) -> Duration {
    SystemTime::now().duration_since(message.delivery.published_at).unwrap_or_default()
}

fn read(delivery: &Delivery) -> Result<Feedback, contracts::ContractError> {
    let feedback: Feedback = encoding::from_protobuf("Feedback", &delivery.payload)?;
    feedback.validate()?;
    Ok(feedback)
}
