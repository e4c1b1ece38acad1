//! Prediction events: what was answered, published after the answer and never before it.
//!
//! ```text
//!   request ──▶ answer ──▶ caller
//!                 └─ offer (never waits; full = counted and dropped) ──▶ publisher ──▶ TIER0_PREDICTIONS
//! ```

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bus::{Bus, Headers, MESSAGE_ID};
use contracts::{subjects, time, v1};
use futures::StreamExt as _;
use prost::Message as _;
use tabular::{Column, Table};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::protocol::{Answer, OutputColumn, OutputValues};

/// How long answers wait for one another before their events go out together: the broker and who reads the events are
/// then woken some times a second and not by every answer, which on few cores would wait for them.
const GATHER: Duration = Duration::from_millis(50);
/// Events sent and not yet confirmed at a time.
const UNCONFIRMED: usize = 64;
/// Values of an event; more rows become several events, so that each stays well below the greatest payload.
const MOST_VALUES: usize = 16_384;
/// Values that wait to be published, over all answers.
const MOST_WAITING_VALUES: usize = 8 << 20;
/// Longest time that a shutdown waits for what is still to be published.
const LAST_PUBLICATIONS: Duration = Duration::from_secs(5);

/// Something that was answered.
#[derive(Debug)]
pub struct Served {
    /// The rows.
    pub table: Table,
    /// The answer.
    pub answer: Answer,
    /// Digest of the bundle that answered.
    pub digest: String,
    /// When it was answered.
    pub at: SystemTime,
    /// Time from the request's last byte to the answer.
    pub latency: Duration,
    /// The caller's trace context.
    pub traceparent: Option<String>,
}

impl Served {
    fn width(&self) -> usize {
        self.table.width().saturating_add(self.answer.outputs.len()).max(1)
    }
}

/// Where answers are offered.
#[derive(Debug, Clone)]
pub struct Offers {
    sender: Option<mpsc::Sender<Waiting>>,
    room: Arc<Semaphore>,
    dropped: metrics::Counter,
}

/// Takes the offers and publishes them.
#[derive(Debug)]
pub struct Publisher {
    receiver: mpsc::Receiver<Waiting>,
    server: String,
}

/// An answer in the queue, with the room that it takes there.
#[derive(Debug)]
struct Waiting {
    served: Served,
    _room: OwnedSemaphorePermit,
}

/// A queue of so many answers.
pub fn queue(server: &str, most_waiting: usize) -> (Offers, Publisher) {
    let (sender, receiver) = mpsc::channel(most_waiting.max(1));
    let room = Arc::new(Semaphore::new(MOST_WAITING_VALUES));
    let offers = Offers { sender: Some(sender), room, dropped: crate::telemetry::events_dropped() };
    (offers, Publisher { receiver, server: server.to_owned() })
}

impl Offers {
    /// Offers that are all declined: no events are wanted.
    pub fn none() -> Self {
        Self { sender: None, room: Arc::new(Semaphore::new(0)), dropped: metrics::Counter::noop() }
    }

    /// Offers an answer; where the queue is full, it is counted and dropped.
    pub fn offer(&self, served: Served) {
        let Some(sender) = &self.sender else { return };
        let values = served.table.rows().saturating_mul(served.width());
        let room = u32::try_from(values)
            .ok()
            .and_then(|values| Arc::clone(&self.room).try_acquire_many_owned(values).ok());
        let taken =
            room.is_some_and(|room| sender.try_send(Waiting { served, _room: room }).is_ok());
        if !taken {
            self.dropped.increment(1);
        }
    }
}

impl Publisher {
    /// Publishes until `shutdown`, then what is still waiting, within a bounded time.
    pub async fn run(mut self, bus: Bus, shutdown: CancellationToken) {
        let mut sending = futures::stream::FuturesUnordered::new();
        let mut every = tokio::time::interval(GATHER);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut is_due = false;
        'publishing: loop {
            tokio::select! {
                biased;
                Some(()) = sending.next(), if !sending.is_empty() => {}
                () = shutdown.cancelled() => {
                    self.receiver.close();
                    break;
                }
                _ = every.tick() => is_due = true,
            }
            while is_due && sending.len() < UNCONFIRMED {
                match self.receiver.try_recv() {
                    Ok(Waiting { served, .. }) => {
                        for event in events(&served, &self.server) {
                            sending.push(publish(&bus, event, served.traceparent.clone()));
                        }
                    }
                    Err(mpsc::error::TryRecvError::Empty) => is_due = false,
                    Err(mpsc::error::TryRecvError::Disconnected) => break 'publishing,
                }
            }
        }
        let last = async {
            while let Ok(Waiting { served, .. }) = self.receiver.try_recv() {
                for event in events(&served, &self.server) {
                    sending.push(publish(&bus, event, served.traceparent.clone()));
                }
                while sending.len() >= UNCONFIRMED {
                    sending.next().await;
                }
            }
            while sending.next().await.is_some() {}
        };
        if tokio::time::timeout(LAST_PUBLICATIONS, last).await.is_err() {
            tracing::warn!("prediction events were not all published before the end");
        }
    }
}

async fn publish(bus: &Bus, event: v1::PredictionEvent, traceparent: Option<String>) {
    let subject = match subjects::prediction(&event.endpoint) {
        Ok(subject) => subject,
        Err(error) => {
            tracing::error!(%error, "an endpoint's name makes no subject");
            return;
        }
    };
    let mut headers = Headers::new();
    headers.insert(MESSAGE_ID, event.event_id.as_str());
    if let Some(traceparent) = traceparent {
        headers.insert("traceparent", traceparent);
    }
    if let Err(error) = bus.publish(&subject, headers, event.encode_to_vec().into()).await {
        crate::telemetry::events_failed().increment(1);
        tracing::warn!(%error, endpoint = event.endpoint, "a prediction event could not be published");
    } else {
        crate::telemetry::events_published().increment(1);
    }
}

/// The events of an answer: one, or several where it has many values.
pub fn events(served: &Served, server: &str) -> Vec<v1::PredictionEvent> {
    let rows_per_event = (MOST_VALUES / served.width()).max(1);
    let rows = served.answer.rows;
    (0..rows)
        .step_by(rows_per_event)
        .map(|first| {
            let last = first.saturating_add(rows_per_event).min(rows);
            v1::PredictionEvent {
                event_id: uuid::Uuid::now_v7().to_string(),
                endpoint: served.answer.model.clone(),
                version: served.answer.version,
                digest: served.digest.clone(),
                request_id: served.answer.id.clone(),
                at: Some(time::timestamp(served.at)),
                latency_ms: served.latency.as_secs_f64() * 1000.0,
                inputs: served
                    .table
                    .iter()
                    .map(|(field, column)| input(&field.name, column, first..last))
                    .collect(),
                outputs: served
                    .answer
                    .outputs
                    .iter()
                    .map(|column| output(column, first..last))
                    .collect(),
                rows: u32::try_from(last - first).unwrap_or(u32::MAX),
                server: server.to_owned(),
            }
        })
        .collect()
}

fn input(name: &str, column: &Column, rows: std::ops::Range<usize>) -> v1::EventColumn {
    let mut event = v1::EventColumn { name: name.to_owned(), ..v1::EventColumn::default() };
    match column {
        Column::Number(numbers) => {
            event.numbers = numbers.get(rows).unwrap_or_default().to_vec();
        }
        Column::Text(texts) => {
            for (at, row) in rows.enumerate() {
                let text = texts.get(row);
                if text.is_none() {
                    event.missing.push(u32::try_from(at).unwrap_or(u32::MAX));
                }
                event.texts.push(text.unwrap_or_default().to_owned());
            }
        }
    }
    event
}

fn output(column: &OutputColumn, rows: std::ops::Range<usize>) -> v1::EventColumn {
    let mut event = v1::EventColumn { name: column.name.to_string(), ..v1::EventColumn::default() };
    match &column.values {
        OutputValues::Numbers(numbers) => {
            event.numbers = numbers.get(rows).unwrap_or_default().to_vec();
        }
        OutputValues::Texts(texts) => {
            event.texts = texts.get(rows).unwrap_or_default().to_vec();
        }
    }
    event
}

/// A trace context that came with a request, if it is one (W3C, version 00).
pub fn traceparent(given: &str) -> Option<String> {
    let mut parts = given.split('-');
    let lengths = [2, 32, 16, 2];
    let well_formed = lengths.iter().all(|length| {
        parts.next().is_some_and(|part| {
            part.len() == *length
                && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        })
    });
    (well_formed && parts.next().is_none()).then(|| given.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trace_context_is_carried() {
        let right = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(traceparent(right).as_deref(), Some(right));
        for wrong in ["", "00-0af7", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"] {
            assert_eq!(traceparent(wrong), None);
        }
    }
}
