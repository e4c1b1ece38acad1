//! The one loop by which messages of durable consumers are taken, handled and settled.
//!
//! ```text
//! consumer ─▶ consume ─▶ handler, a task for each message ─▶ Settlement ─▶ broker
//!               │             └── panics, is dropped ─▶ given back
//!               └── until ─▶ nothing more is taken; what is in hand is finished
//! ```
//!
//! Invariants:
//! - As many messages are handled side by side as the consumer has in flight; with one, they are handled in order.
//! - While a message is handled the broker hears that work goes on.
//! - What the broker was not told it delivers again, so that what a handler does must bear repetition.

use std::pin::pin;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};

use crate::backoff::Backoff;
use crate::{Bus, Deliveries, Delivery};

const OPEN_BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(5));

/// What the broker is told of a message that was handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// What follows from it is stored.
    Ack,
    /// It is to be delivered again, at the earliest after this time.
    Retry(Duration),
    /// It is never to be delivered to this consumer again.
    Reject,
}

impl Delivery {
    /// Settles the message, confirmed. A settlement that the broker does not confirm is logged; the message comes again.
    pub async fn settle(self, settlement: Settlement) {
        let (stream, sequence) = (self.stream().to_owned(), self.stream_sequence);
        let settled = match settlement {
            Settlement::Ack => self.ack().await,
            Settlement::Retry(wait) => self.retry(wait).await,
            Settlement::Reject => self.reject().await,
        };
        if let Err(error) = settled {
            tracing::warn!(stream, sequence, ?settlement, %error, "a settlement is not confirmed; the message comes again");
        }
    }
}

/// Where deliveries come from.
pub trait DeliverySource: Send {
    /// The next delivery; waits as long as there is none. Dropping the future loses none.
    fn next(&mut self) -> impl Future<Output = Delivery> + Send;
}

impl DeliverySource for Deliveries {
    fn next(&mut self) -> impl Future<Output = Delivery> + Send {
        Self::next(self)
    }
}

/// The messages that are being handled.
#[derive(Debug, Default)]
pub struct Handling {
    tasks: JoinSet<()>,
}

impl Handling {
    /// Takes messages and has each handled, in a task of its own, until `until` ends; gives what that gave. What is in hand then
    /// goes on.
    pub async fn consume<T, F>(
        &mut self,
        source: &mut impl DeliverySource,
        until: impl Future<Output = T>,
        handle: impl Fn(Delivery) -> F,
    ) -> T
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut until = pin!(until);
        loop {
            tokio::select! {
                ended = &mut until => return ended,
                delivery = source.next() => {
                    self.tasks.spawn(handle(delivery));
                }
                Some(ended) = self.tasks.join_next(), if !self.tasks.is_empty() => report(ended),
            }
        }
    }

    /// Number of messages in hand.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether no message is in hand.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Waits until what is in hand is finished.
    pub async fn finish(&mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            report(ended);
        }
    }

    /// Breaks off what is in hand: its messages are given back.
    pub async fn abort(&mut self) {
        self.tasks.shutdown().await;
    }
}

/// Takes messages and has each handled, in a task of its own, until `until` ends; then finishes what is in hand.
pub async fn consume<F>(
    source: &mut impl DeliverySource,
    until: impl Future<Output = ()>,
    handle: impl Fn(Delivery) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut handling = Handling::default();
    handling.consume(source, until, handle).await;
    handling.finish().await;
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && !error.is_cancelled()
    {
        tracing::error!(
            error = contracts::failures::with_causes(&error),
            "the handling of a message broke off; it is given back"
        );
    }
}

impl Bus {
    /// The messages of a durable pull consumer, as [`Bus::consumer`] gives them. A consumer that is not there yet, and a broker that
    /// does not answer, are waited for as long as that takes.
    pub async fn consumer_when_there(
        &self,
        stream: &str,
        durable: &str,
        max_in_flight: usize,
    ) -> Deliveries {
        let mut failures = 0;
        loop {
            match self.consumer(stream, durable, max_in_flight).await {
                Ok(deliveries) => return deliveries,
                Err(error) => {
                    failures += 1;
                    tracing::warn!(consumer = durable, failures, %error, "messages cannot be taken yet");
                    tokio::time::sleep(OPEN_BACKOFF.after(failures)).await;
                }
            }
        }
    }
}
