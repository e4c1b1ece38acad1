//! Taking messages from a durable pull consumer.
//!
//! A pull asks for as many messages as may be worked on now, so nothing waits in this process while its
//! acknowledgement time runs. A pull that was answered in full is followed by another over the same inbox; a lost
//! connection, a silent broker and a refused or expired pull end it, and the next one has an inbox of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::jetstream::consumer::pull::BatchConfig;
use async_nats::jetstream::{self, consumer::PullConsumer};
use async_nats::{StatusCode, Subject, Subscriber};
use futures::{FutureExt as _, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::delivery::DeliverySettings;
use crate::{Bus, Delivery, Error};

/// How long the broker keeps a pull.
const EXPIRES: Duration = Duration::from_secs(30);
/// How often it says, meanwhile, that it still has the pull.
const IDLE_HEARTBEAT: Duration = Duration::from_secs(5);
/// Most messages asked for at once.
const MAX_PULL: usize = 256;
const RETRY_BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));

/// Messages of a durable pull consumer, at most `max_in_flight` of them unsettled at a time.
pub struct Deliveries {
    bus: Bus,
    consumer: PullConsumer,
    name: String,
    terms: DeliverySettings,
    permits: Arc<Semaphore>,
    max_in_flight: usize,
    pull: Option<Pull>,
    connections: watch::Receiver<u64>,
    failures: Arc<AtomicU64>,
}

struct Pull {
    inbox: Subject,
    subscriber: Subscriber,
    /// Messages that the broker still owes; at 0 it has forgotten the pull.
    remaining: usize,
    /// Silence beyond this instant means that the broker has forgotten the pull.
    silent_until: Instant,
}

enum Step {
    Message(Box<async_nats::Message>),
    Ended,
    Failed(String),
    Reconnected,
}

impl Bus {
    /// The messages of a durable pull consumer that the set-up has made.
    pub async fn consumer(
        &self,
        stream: &str,
        durable: &str,
        max_in_flight: usize,
    ) -> Result<Deliveries, Error> {
        let asking = self.jetstream().get_consumer_from_stream(durable, stream).boxed();
        let consumer: PullConsumer =
            self.permitted(stream, asking).await?.map_err(|source| Error::ConsumerMissing {
                stream: stream.to_owned(),
                consumer: durable.to_owned(),
                source: source.into(),
            })?;
        let config = &consumer.cached_info().config;
        let terms = DeliverySettings {
            stream: stream.to_owned(),
            ack_wait: config.ack_wait,
            max_deliver: u64::try_from(config.max_deliver).ok().filter(|&limit| limit > 0),
        };
        let max_in_flight = max_in_flight.clamp(1, Semaphore::MAX_PERMITS);
        Ok(Deliveries {
            bus: self.clone(),
            name: durable.to_owned(),
            consumer,
            terms,
            permits: Arc::new(Semaphore::new(max_in_flight)),
            max_in_flight,
            pull: None,
            connections: self.connections(),
            failures: Arc::new(AtomicU64::new(0)),
        })
    }
}

impl Deliveries {
    /// The next message. Waits as long as there is none, and through whatever befalls the broker.
    ///
    /// Dropping the future loses no message. With more than one in flight, call it again soon after a message was
    /// given, so that none that has arrived has to wait.
    pub async fn next(&mut self) -> Delivery {
        loop {
            let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else {
                // The semaphore is never closed.
                return std::future::pending().await;
            };
            match self.step().await {
                Step::Message(message) => {
                    if let Some(delivery) = self.deliver(*message, permit) {
                        return delivery;
                    }
                }
                Step::Ended | Step::Reconnected => self.pull = None,
                Step::Failed(why) => {
                    self.pull = None;
                    let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
                    tracing::warn!(consumer = %self.name, failures, why, "taking messages failed; trying again");
                    tokio::time::sleep(RETRY_BACKOFF.after(failures)).await;
                }
            }
        }
    }

    /// Consecutive failures to take messages; 0 while all is well. Follows this consumer as long as it lives.
    pub fn failures(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.failures)
    }

    /// Whether the broker has been asked for a message that has not come yet.
    pub fn is_asking(&self) -> bool {
        self.pull.as_ref().is_some_and(|pull| pull.remaining > 0)
    }

    /// How many messages are being worked on.
    pub fn in_flight(&self) -> usize {
        self.max_in_flight.saturating_sub(self.permits.available_permits())
    }

    /// How long the broker waits for a sign of life before it delivers a message again.
    pub fn ack_wait(&self) -> Duration {
        self.terms.ack_wait
    }

    /// How often a message is delivered at most; none where there is no limit.
    pub fn max_deliver(&self) -> Option<u64> {
        self.terms.max_deliver
    }

    fn deliver(
        &mut self,
        message: async_nats::Message,
        permit: OwnedSemaphorePermit,
    ) -> Option<Delivery> {
        self.failures.store(0, Ordering::Relaxed);
        let message = jetstream::Message { message, context: self.bus.jetstream().clone() };
        match Delivery::new(message, &self.terms, self.connections.clone(), permit) {
            Ok(delivery) => Some(delivery),
            Err(error) => {
                tracing::error!(consumer = %self.name, %error, "a message came without JetStream's particulars");
                None
            }
        }
    }

    async fn step(&mut self) -> Step {
        if self.pull.as_ref().is_none_or(|pull| pull.remaining == 0)
            && let Err(error) = self.ask().await
        {
            return Step::Failed(error.to_string());
        }
        let Some(pull) = self.pull.as_mut() else { return Step::Ended };
        loop {
            let message = tokio::select! {
                biased;
                message = tokio::time::timeout_at(pull.silent_until, pull.subscriber.next()) => message,
                changed = self.connections.changed() => {
                    return if changed.is_ok() { Step::Reconnected } else { Step::Failed("the connection is closed".to_owned()) };
                }
            };
            let message = match message {
                Ok(Some(message)) => message,
                Ok(None) => return Step::Failed("the subscription has ended".to_owned()),
                Err(_silent) => return Step::Failed("the broker is silent".to_owned()),
            };
            pull.silent_until = Instant::now() + IDLE_HEARTBEAT * 2 + Duration::from_secs(1);
            match message.status {
                None | Some(StatusCode::OK) => {
                    pull.remaining = pull.remaining.saturating_sub(1);
                    return Step::Message(Box::new(message));
                }
                Some(StatusCode::IDLE_HEARTBEAT) => self.failures.store(0, Ordering::Relaxed),
                Some(StatusCode::TIMEOUT | StatusCode::NOT_FOUND) => return Step::Ended,
                Some(status) => {
                    let description =
                        message.description.as_deref().unwrap_or("the broker refused");
                    return Step::Failed(format!("{status}: {description}"));
                }
            }
        }
    }

    /// Asks for as many messages as may be worked on now.
    async fn ask(&mut self) -> Result<(), async_nats::Error> {
        // The caller holds one permit; the others are free.
        let batch = (1 + self.permits.available_permits()).min(MAX_PULL);
        let reconnected = self.connections.has_changed().unwrap_or(true);
        self.connections.mark_unchanged();
        let mut pull = match self.pull.take().filter(|_| !reconnected) {
            Some(pull) => pull,
            None => {
                let client = self.bus.client();
                let inbox = Subject::from(client.new_inbox());
                let subscriber = client.subscribe(inbox.clone()).await?;
                Pull { inbox, subscriber, remaining: 0, silent_until: Instant::now() }
            }
        };
        let request = BatchConfig {
            batch,
            expires: Some(EXPIRES),
            idle_heartbeat: IDLE_HEARTBEAT,
            ..BatchConfig::default()
        };
        self.consumer.request_batch(request, pull.inbox.clone()).await?;
        pull.remaining = batch;
        pull.silent_until = Instant::now() + IDLE_HEARTBEAT * 2 + Duration::from_secs(1);
        self.pull = Some(pull);
        Ok(())
    }
}
