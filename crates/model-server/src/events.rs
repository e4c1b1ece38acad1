//! Prediction events: what was answered, published after the answer and never before it.
//!
//! ```text
//!   request ──▶ answer ──▶ caller
//!                 └─ offer (never waits; full = counted and dropped) ──▶ publisher ──▶ TIER0_PREDICTIONS
//! ```

use std::hash::Hasher as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bus::trace::TraceParent;
use bus::{Bus, Headers, MESSAGE_ID};
use contracts::{subjects, v1};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use process::spans::{self, MessageFacts};
use process::telemetry::{continue_from, recorded};
use prost::Message as _;
use tabular::Table;
use tabular::sample::mixed;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tracing::Span;

use crate::event_batch::EventBatch;
use crate::protocol::Answer;

/// How long answers wait for one another before they go out together, unless many are waiting: the broker and who reads
/// the events are then woken some times a second and not by every answer, which on few cores would wait for them.
const GATHER: Duration = Duration::from_millis(500);
/// Events sent and not yet confirmed at a time.
const UNCONFIRMED: usize = 64;
/// Values that wait to be published, over all answers.
const MAX_QUEUED_VALUES: usize = 8 << 20;
/// Longest time that a shutdown waits for what is still to be published.
const LAST_PUBLICATIONS_TIMEOUT: Duration = Duration::from_secs(5);

type PendingPublications = FuturesUnordered<BoxFuture<'static, ()>>;

/// Something that was answered.
#[derive(Debug)]
pub(crate) struct ServedPrediction {
    /// Rows of the request, as parsed.
    pub(crate) table: Table,
    /// Outputs of the rows, as answered.
    pub(crate) answer: Answer,
    /// Digest of the bundle that answered.
    pub(crate) digest: String,
    /// When it was answered.
    pub(crate) at: SystemTime,
    /// Time from the request's last byte to the answer.
    pub(crate) latency: Duration,
    /// The caller's trace context.
    pub(crate) traceparent: Option<String>,
    /// Whom the rows are about, one per row, where the caller said so.
    pub(crate) entities: Vec<String>,
}

impl ServedPrediction {
    /// Values of a row, outputs included; at least 1.
    pub(crate) fn width(&self) -> usize {
        self.table.width().saturating_add(self.answer.outputs.len()).max(1)
    }
}

/// Where answers are offered.
#[derive(Debug, Clone)]
pub struct EventQueue {
    sender: Option<mpsc::Sender<QueuedPrediction>>,
    room: Arc<Semaphore>,
    /// Told when half of the queue is taken.
    many: Arc<Notify>,
    sampling: Sampling,
    dropped: metrics::Counter,
}

/// Takes the offers and publishes them.
#[derive(Debug)]
pub(crate) struct Publisher {
    receiver: mpsc::Receiver<QueuedPrediction>,
    many: Arc<Notify>,
    server: String,
}

/// Which answers become events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sampling {
    /// Share of the answers, above 0 and at most 1.
    pub(crate) share: f64,
}

impl Sampling {
    /// Whether the answer with this identity becomes events: the same answer always does, or never.
    fn takes(self, request_id: &str) -> bool {
        if self.share >= 1.0 {
            return true;
        }
        let mut hash = std::hash::DefaultHasher::new();
        hash.write(request_id.as_bytes());
        // The upper 53 bits as a number from 0 to 1.
        let place = (mixed(hash.finish()) >> 11) as f64 / (1_u64 << 53) as f64;
        place < self.share
    }
}

/// An answer in the queue, with the room that it takes there.
#[derive(Debug)]
struct QueuedPrediction {
    served: ServedPrediction,
    _room: OwnedSemaphorePermit,
}

/// A queue of so many answers.
pub(crate) fn queue(
    server: &str,
    most_waiting: usize,
    sampling: Sampling,
) -> (EventQueue, Publisher) {
    let (sender, receiver) = mpsc::channel(most_waiting.max(1));
    let many = Arc::new(Notify::new());
    let event_queue = EventQueue {
        sender: Some(sender),
        room: Arc::new(Semaphore::new(MAX_QUEUED_VALUES)),
        many: Arc::clone(&many),
        sampling,
        dropped: crate::telemetry::events_dropped(),
    };
    (event_queue, Publisher { receiver, many, server: server.to_owned() })
}

impl EventQueue {
    /// Offers that are all declined: no events are wanted.
    pub fn none() -> Self {
        Self {
            sender: None,
            room: Arc::new(Semaphore::new(0)),
            many: Arc::default(),
            sampling: Sampling { share: 1.0 },
            dropped: metrics::Counter::noop(),
        }
    }

    /// Offers an answer; where the queue is full, it is counted and dropped.
    pub(crate) fn offer(&self, served: ServedPrediction) {
        let Some(sender) = &self.sender else { return };
        if !self.sampling.takes(&served.answer.id) {
            return;
        }
        let values = served.table.rows().saturating_mul(served.width());
        let room = u32::try_from(values)
            .ok()
            .and_then(|values| Arc::clone(&self.room).try_acquire_many_owned(values).ok());
        let taken = room
            .is_some_and(|room| sender.try_send(QueuedPrediction { served, _room: room }).is_ok());
        if !taken {
            self.dropped.increment(1);
        }
        if sender.capacity() <= sender.max_capacity() / 2 {
            self.many.notify_one();
        }
    }
}

impl Publisher {
    /// Publishes until `shutdown`, then what is still waiting, within a bounded time.
    pub(crate) async fn run(mut self, bus: Bus, shutdown: CancellationToken) {
        let mut sending = FuturesUnordered::new();
        let mut every = tokio::time::interval(GATHER);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                Some(()) = sending.next(), if !sending.is_empty() => continue,
                () = shutdown.cancelled() => break,
                _ = every.tick() => {}
                () = self.many.notified() => {}
            }
            self.publish_waiting(&bus, &mut sending).await;
        }
        self.receiver.close();
        let last = async {
            self.publish_waiting(&bus, &mut sending).await;
            while sending.next().await.is_some() {}
        };
        if tokio::time::timeout(LAST_PUBLICATIONS_TIMEOUT, last).await.is_err() {
            tracing::warn!("prediction events were not all published before the end");
        }
    }

    /// Sends what is waiting now, gathered; waits while too many events are not confirmed.
    async fn publish_waiting(&mut self, bus: &Bus, sending: &mut PendingPublications) {
        let mut gathered = EventBatch::new(&self.server);
        // What comes while these are sent is the next round's.
        for _ in 0..self.receiver.len() {
            let Ok(QueuedPrediction { served, .. }) = self.receiver.try_recv() else { break };
            for event in gathered.add(&served) {
                send(bus, event, sending).await;
            }
        }
        for event in gathered.finish() {
            send(bus, event, sending).await;
        }
    }
}

async fn send(bus: &Bus, event: v1::PredictionEvent, sending: &mut PendingPublications) {
    while sending.len() >= UNCONFIRMED {
        sending.next().await;
    }
    let bus = bus.clone();
    sending.push(Box::pin(async move { publish(&bus, event).await }));
}

async fn publish(bus: &Bus, mut event: v1::PredictionEvent) {
    let subject = match subjects::prediction(&event.endpoint) {
        Ok(subject) => subject,
        Err(error) => {
            tracing::error!(%error, "an endpoint's name makes no subject");
            return;
        }
    };
    let _sending = in_traces(&mut event, &subject);
    let mut headers = Headers::new();
    headers.insert(MESSAGE_ID, event.event_id.as_str());
    let answers = event.answers.len() as u64;
    if let Err(error) = bus.publish(&subject, headers, event.encode_to_vec().into()).await {
        crate::telemetry::events_failed().increment(answers);
        tracing::warn!(%error, answers, endpoint = event.endpoint, "a prediction event could not be published");
    } else {
        crate::telemetry::events_published().increment(answers);
    }
}

/// The spans of sending an event, one in each trace that callers of its answers record; each answer carries on its own.
fn in_traces(event: &mut v1::PredictionEvent, subject: &str) -> Vec<Span> {
    let (id, bytes) = (Some(event.event_id.as_str()), 0);
    let message = MessageFacts { subject, id, bytes };
    let mut spans = Vec::new();
    for answer in &mut event.answers {
        let Some(parent) = recorded(Some(&answer.traceparent)) else { continue };
        let span = spans::sending(message);
        continue_from(&span, parent);
        span.in_scope(|| spans::attribute("tier0.request_id", answer.request_id.clone()));
        let carried = std::mem::take(&mut answer.traceparent);
        answer.traceparent = span.in_scope(|| crate::trace::carried(carried));
        spans.push(span);
    }
    spans
}

/// The identities of a header: commas between them.
pub(crate) fn entities(given: &str) -> Vec<String> {
    given.split(',').map(|id| id.trim().to_owned()).collect()
}

/// The trace context that came with a request, if it is one, in the form of version 00 of W3C Trace Context: what a
/// later version adds is left out, and identifiers that are all zeros and version `ff` are none.
pub(crate) fn traceparent(given: &str) -> Option<String> {
    /// Length of `00-TRACE-SPAN-FLAGS`.
    const LENGTH: usize = 55;
    let given = given.trim();
    given.parse::<TraceParent>().ok()?;
    match given.split_once('-') {
        Some(("00", _)) => Some(given.to_owned()),
        Some((_, rest)) => Some(format!("00-{}", rest.get(..LENGTH - 3)?)),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_answers_is_taken_and_always_the_same() {
        let quarter = Sampling { share: 0.25 };
        let taken = |sampling: Sampling| {
            (0..10_000).filter(|number| sampling.takes(&format!("request-{number}"))).count()
        };
        let first = taken(quarter);
        assert!((2_300..2_700).contains(&first), "{first}");
        assert_eq!(taken(quarter), first);
        assert_eq!(taken(Sampling { share: 1.0 }), 10_000);
    }

    #[test]
    fn only_a_trace_context_is_carried() {
        let right = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(traceparent(right).as_deref(), Some(right));
        assert_eq!(
            traceparent(&format!("cc{}-what-comes-later", &right[2..])).as_deref(),
            Some(right)
        );
        assert_eq!(traceparent(&format!("01{}", &right[2..])).as_deref(), Some(right));
        let zeros = |count: usize| "0".repeat(count);
        for wrong in [
            "",
            "00-0af7",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            &format!("00-{}-b7ad6b7169203331-01", zeros(32)),
            &format!("00-0af7651916cd43dd8448eb211c80319c-{}-01", zeros(16)),
            &format!("{right}-more"),
            &format!("cc{}.later", &right[2..]),
        ] {
            assert_eq!(traceparent(wrong), None, "{wrong}");
        }
    }
}
