//! The messages of a stream in their order, from some point on and then as they come.

use std::time::{Duration, SystemTime};

use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig, OrderedError};
use async_nats::jetstream::consumer::{DeliverPolicy, StreamError};
use async_nats::jetstream::context::GetStreamError;
use async_nats::jetstream::stream::{ConsumerError, Stream};
use bytes::Bytes;
use contracts::names;
use futures::{FutureExt as _, StreamExt};

use crate::{Bus, Headers};

/// Why a stream could not be read in order.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The stream is not there, or may not be read.
    #[error("the stream {stream} cannot be opened")]
    Stream {
        /// Name of the stream.
        stream: String,
        /// What the client says.
        #[source]
        source: GetStreamError,
    },
    /// The broker does not permit this process to read the stream.
    #[error(transparent)]
    NotPermitted(Box<crate::Error>),
    /// No consumer could be made.
    #[error("no consumer of the stream {stream} can be made")]
    Consumer {
        /// Name of the stream.
        stream: String,
        /// What the client says.
        #[source]
        source: ConsumerError,
    },
    /// The consumer gives nothing.
    #[error("the consumer of the stream {stream} cannot be read")]
    Messages {
        /// Name of the stream.
        stream: String,
        /// What the client says.
        #[source]
        source: StreamError,
    },
    /// The ordered consumer failed and could not be made again.
    #[error("the consumer of the stream {stream} broke")]
    Broken {
        /// Name of the stream.
        stream: String,
        /// What the client says.
        #[source]
        source: OrderedError,
    },
}

/// A message of a JetStream stream, as the broker stored it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its sequence in the stream, from 1.
    pub sequence: u64,
    /// When the broker stored it.
    pub stored_at: SystemTime,
    /// NATS subject of the message.
    pub subject: String,
    /// NATS headers of the message.
    pub headers: Headers,
    /// Body of the message, as it was published.
    pub payload: Bytes,
    /// How many messages of the same subjects are waiting behind it.
    pub pending: u64,
}

impl StoredMessage {
    /// None where the broker does not say the message's place in the stream.
    pub(crate) fn of(message: async_nats::jetstream::Message) -> Option<Self> {
        let Ok(info) = message.info() else {
            tracing::warn!(subject = %message.subject, "a message without a place in the stream; it is passed over");
            return None;
        };
        let (sequence, stored_at, pending) =
            (info.stream_sequence, info.published.into(), info.pending);
        let (message, _) = message.split();
        Some(Self {
            sequence,
            stored_at,
            subject: message.subject.to_string(),
            headers: message.headers.unwrap_or_default(),
            payload: message.payload,
            pending,
        })
    }
}

/// Messages of a stream in order. Reads only: it acknowledges nothing and leaves nothing behind.
pub struct OrderedFeed {
    stream: String,
    messages: Ordered,
    /// Messages that are there already.
    backlog: u64,
}

impl OrderedFeed {
    /// Opens the stream of handoffs, results and events after sequence `after` (0: from the start), for these subjects
    /// (none: all).
    ///
    /// # Errors
    /// Where the stream is not there or the broker does not answer.
    pub async fn open(bus: &Bus, subjects: Vec<String>, after: u64) -> Result<Self, FeedError> {
        Self::open_stream(bus, names::STREAM, subjects, after).await
    }

    /// Opens any stream, as [`OrderedFeed::open`] opens its own.
    ///
    /// # Errors
    /// Where the stream is not there or the broker does not answer.
    pub async fn open_stream(
        bus: &Bus,
        stream: &str,
        subjects: Vec<String>,
        after: u64,
    ) -> Result<Self, FeedError> {
        let opened = bus.permitted(stream, bus.jetstream().get_stream(stream).boxed()).await;
        let opened = opened.map_err(|error| FeedError::NotPermitted(Box::new(error)))?;
        let opened =
            opened.map_err(|source| FeedError::Stream { stream: stream.to_owned(), source })?;
        let policy = match after {
            0 => DeliverPolicy::All,
            after => DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
        };
        Self::follow(bus, &opened, stream, subjects, policy).await
    }

    /// Follows a stream that was opened.
    pub(crate) async fn follow<I: Sync>(
        bus: &Bus,
        opened: &Stream<I>,
        stream: &str,
        filter_subjects: Vec<String>,
        deliver_policy: DeliverPolicy,
    ) -> Result<Self, FeedError> {
        let name = || stream.to_owned();
        // With a name of its own the request is about this consumer alone, and so is the permission that it needs.
        let own = bus.client().new_inbox();
        let own = own.rsplit('.').next().map(str::to_owned);
        let config = OrderedConfig {
            name: own,
            filter_subjects,
            deliver_policy,
            ..OrderedConfig::default()
        };
        let consumer = bus.permitted(stream, opened.create_consumer(config).boxed()).await;
        let consumer = consumer.map_err(|error| FeedError::NotPermitted(Box::new(error)))?;
        let consumer = consumer.map_err(|source| FeedError::Consumer { stream: name(), source })?;
        let backlog = consumer.cached_info().num_pending;
        let messages = consumer
            .messages()
            .await
            .map_err(|source| FeedError::Messages { stream: name(), source })?;
        Ok(Self { stream: name(), messages, backlog })
    }

    /// How many messages were waiting when it was opened.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        self.backlog
    }

    /// The next message; waits as long as there is none. None where the consumer ended: open another one after the last sequence.
    ///
    /// # Errors
    /// Where the consumer broke: open another one after the last sequence.
    pub async fn next(&mut self) -> Result<Option<StoredMessage>, FeedError> {
        while let Some(message) = self.messages.next().await {
            let message = message
                .map_err(|source| FeedError::Broken { stream: self.stream.clone(), source })?;
            if let Some(stored) = StoredMessage::of(message) {
                return Ok(Some(stored));
            }
        }
        Ok(None)
    }

    /// The messages that are there already, at most as long as `limit` for each.
    ///
    /// # Errors
    /// As [`OrderedFeed::next`].
    pub async fn rest(
        &mut self,
        limit: Duration,
        mut take: impl FnMut(&StoredMessage),
    ) -> Result<(), FeedError> {
        if self.backlog == 0 {
            return Ok(());
        }
        while let Ok(stored) = tokio::time::timeout(limit, self.next()).await {
            let Some(stored) = stored? else { break };
            take(&stored);
            if stored.pending == 0 {
                break;
            }
        }
        Ok(())
    }
}
