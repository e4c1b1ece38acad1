//! One message that is being worked on.

use std::fmt;
use std::time::Duration;

use async_nats::Subject;
use async_nats::jetstream::{AckKind, message::Acker};
use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, oneshot, watch};

use crate::backoff::Backoff;
use crate::connect::API_TIMEOUT;
use crate::{Error, Headers};

/// How long a message rests that was dropped unsettled, so that a handler that dies at once does not use up all
/// deliveries within a second.
const DROPPED_REDELIVERY_DELAY: Duration = Duration::from_millis(500);
const MAX_SETTLE_ATTEMPTS: u64 = 4;
/// The same, over another connection than the one that the message came by. A broker that was started again may have forgotten that
/// it delivered the message: then it answers nothing, and delivers it again.
const MAX_RECONNECTED_SETTLE_ATTEMPTS: u64 = 2;
const RECONNECTED_ANSWER_TIMEOUT: Duration = Duration::from_secs(1);
const SETTLE_BACKOFF: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(2));

/// A message that this process is working on.
///
/// While it lives, the broker hears every third of the acknowledgement wait that work goes on. It is settled once, by
/// [`ack`](Self::ack), [`retry`](Self::retry) or [`reject`](Self::reject); dropped unsettled, it is given back.
pub struct Delivery {
    /// NATS subject of the message.
    pub subject: String,
    /// NATS headers of the message.
    pub headers: Headers,
    /// Body of the message, as it was published.
    pub payload: Bytes,
    /// Which delivery this is, from 1.
    pub attempt: u64,
    /// Its sequence in the stream.
    pub stream_sequence: u64,
    /// When the stream stored it.
    pub published_at: std::time::SystemTime,
    stream: String,
    max_deliver: Option<u64>,
    client: async_nats::Client,
    /// Unchanged as long as the connection is that by which the message came.
    connections: watch::Receiver<u64>,
    reply: Subject,
    /// Ends the heartbeat: with a value when settled, without one when dropped.
    settled: Option<oneshot::Sender<()>>,
    _permit: OwnedSemaphorePermit,
}

/// What a delivery takes over from its consumer.
pub(crate) struct DeliverySettings {
    pub(crate) stream: String,
    pub(crate) ack_wait: Duration,
    pub(crate) max_deliver: Option<u64>,
}

impl Delivery {
    /// Takes a message over and begins its heartbeat.
    pub(crate) fn new(
        message: async_nats::jetstream::Message,
        terms: &DeliverySettings,
        connections: watch::Receiver<u64>,
        permit: OwnedSemaphorePermit,
    ) -> Result<Self, async_nats::Error> {
        let (attempt, stream_sequence, published_at) = {
            let info = message.info()?;
            (
                u64::try_from(info.delivered).unwrap_or(1),
                info.stream_sequence,
                info.published.into(),
            )
        };
        let beating = Acker::new(message.context.clone(), message.reply.clone());
        let reply = message.reply.clone().ok_or("the message has no reply subject")?;
        let client = message.context.client();
        let (settled, ended) = oneshot::channel();
        let every = (terms.ack_wait / 3).max(Duration::from_millis(10));
        tokio::spawn(heartbeat(beating, every, ended));
        Ok(Self {
            subject: message.message.subject.to_string(),
            headers: message.message.headers.unwrap_or_default(),
            payload: message.message.payload,
            attempt,
            stream_sequence,
            published_at,
            stream: terms.stream.clone(),
            max_deliver: terms.max_deliver,
            client,
            connections,
            reply,
            settled: Some(settled),
            _permit: permit,
        })
    }

    /// The stream that keeps it.
    pub fn stream(&self) -> &str {
        &self.stream
    }

    /// Whether the broker will not deliver it again after this time.
    pub fn is_last_attempt(&self) -> bool {
        self.max_deliver.is_some_and(|limit| self.attempt >= limit)
    }

    /// A header's text, where it is there once or more (the first).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(async_nats::HeaderValue::as_str)
    }

    /// Done: acknowledged, and the acknowledgement confirmed.
    pub async fn ack(self) -> Result<(), Error> {
        self.tell(AckKind::Ack).await
    }

    /// To be delivered again after `delay`.
    pub async fn retry(self, delay: Duration) -> Result<(), Error> {
        self.tell(AckKind::Nak(Some(delay))).await
    }

    /// Never to be delivered again to this consumer.
    pub async fn reject(self) -> Result<(), Error> {
        self.tell(AckKind::Term).await
    }

    /// Tells the broker and waits for its confirmation, over the connection's one inbox for answers. An answer to what was asked over
    /// a connection that is lost will not come.
    async fn confirmed(&self, kind: AckKind) -> Result<(), async_nats::Error> {
        let again = self.is_reconnected();
        let limit = if again { RECONNECTED_ANSWER_TIMEOUT } else { API_TIMEOUT };
        let request = async_nats::Request::new().payload(kind.into()).timeout(Some(limit));
        let mut connections = self.connections.clone();
        tokio::select! {
            answer = self.client.send_request(self.reply.clone(), request) => answer.map(|_| ()).map_err(Into::into),
            Ok(()) = connections.changed(), if !again => Err("the connection was lost".into()),
        }
    }

    /// Whether the connection is another than the one by which the message came.
    fn is_reconnected(&self) -> bool {
        self.connections.has_changed().unwrap_or(false)
    }

    async fn tell(mut self, kind: AckKind) -> Result<(), Error> {
        let mut failures = 0;
        loop {
            match self.confirmed(kind).await {
                Ok(()) => {
                    if let Some(settled) = self.settled.take() {
                        // The heartbeat is gone only if the runtime is ending; then nothing is to be stopped.
                        let _ = settled.send(());
                    }
                    return Ok(());
                }
                Err(source) => {
                    failures += 1;
                    let attempts = if self.is_reconnected() {
                        MAX_RECONNECTED_SETTLE_ATTEMPTS
                    } else {
                        MAX_SETTLE_ATTEMPTS
                    };
                    if failures >= attempts {
                        let (stream, sequence) = (self.stream.clone(), self.stream_sequence);
                        return Err(Error::Settle { stream, sequence, source });
                    }
                    tokio::time::sleep(SETTLE_BACKOFF.after(failures)).await;
                }
            }
        }
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("subject", &self.subject)
            .field("stream_sequence", &self.stream_sequence)
            .field("attempt", &self.attempt)
            .field("bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}

/// Says that work goes on until the delivery is settled; gives the message back when the delivery was dropped.
async fn heartbeat(acker: Acker, every: Duration, mut ended: oneshot::Receiver<()>) {
    let mut beats = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
    beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            end = &mut ended => {
                if end.is_err() && let Err(error) = acker.ack_with(AckKind::Nak(Some(DROPPED_REDELIVERY_DELAY))).await {
                    tracing::warn!(%error, "a dropped message could not be given back; it returns after its wait");
                }
                return;
            }
            _ = beats.tick() => {
                if let Err(error) = acker.ack_with(AckKind::Progress).await {
                    tracing::warn!(%error, "heartbeat of a message failed");
                }
            }
        }
    }
}
