//! The messages of the stream in their order, from the first on and then as they come.

use std::time::{Duration, SystemTime};

use async_nats::jetstream;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig, OrderedError};
use bus::Bus;
use bytes::Bytes;
use contracts::{RunId, names, subjects};
use futures::StreamExt;

/// Why the stream could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream is not there, or may not be read.
    #[error("the stream {stream} cannot be opened")]
    Stream {
        /// The stream.
        stream: String,
        /// Why.
        #[source]
        source: jetstream::context::GetStreamError,
    },
    /// No consumer could be made.
    #[error("no consumer of the stream {stream} can be made")]
    Consumer {
        /// The stream.
        stream: String,
        /// Why.
        #[source]
        source: jetstream::stream::ConsumerError,
    },
    /// The consumer gives nothing.
    #[error("the consumer of the stream {stream} cannot be read")]
    Messages {
        /// The stream.
        stream: String,
        /// Why.
        #[source]
        source: jetstream::consumer::StreamError,
    },
    /// The consumer broke.
    #[error("the consumer of the stream {stream} broke")]
    Broken {
        /// The stream.
        stream: String,
        /// Why.
        #[source]
        source: OrderedError,
    },
}

/// The subjects of one run: its handoffs, its results and its events.
#[must_use]
pub fn subjects_of(run: &RunId) -> Vec<String> {
    vec![subjects::chains(run), subjects::events_of(run)]
}

/// A message of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its sequence.
    pub sequence: u64,
    /// When the broker stored it.
    pub stored_at: SystemTime,
    /// Its subject.
    pub subject: String,
    /// Its bytes.
    pub payload: Bytes,
    /// How many are waiting behind it.
    pub pending: u64,
}

/// Messages of a stream in order. Reads only: it acknowledges nothing and leaves nothing behind.
pub struct Feed {
    stream: String,
    messages: Ordered,
    /// Messages that are there already.
    backlog: u64,
}

impl Feed {
    /// Opens the stream of handoffs, results and events after sequence `after` (0: from the start), for these subjects
    /// (none: all).
    ///
    /// # Errors
    /// Where the stream is not there or the broker does not answer.
    pub async fn open(bus: &Bus, subjects: Vec<String>, after: u64) -> Result<Self, Error> {
        Self::of(bus, names::STREAM, subjects, after).await
    }

    /// Opens any stream, as [`Feed::open`] opens its own.
    ///
    /// # Errors
    /// Where the stream is not there or the broker does not answer.
    pub async fn of(
        bus: &Bus,
        stream: &str,
        subjects: Vec<String>,
        after: u64,
    ) -> Result<Self, Error> {
        let name = || stream.to_owned();
        let opened = bus.jetstream().get_stream(stream).await;
        let opened = opened.map_err(|source| Error::Stream { stream: name(), source })?;
        let deliver_policy = match after {
            0 => DeliverPolicy::All,
            after => DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
        };
        let config =
            OrderedConfig { filter_subjects: subjects, deliver_policy, ..OrderedConfig::default() };
        let consumer = opened.create_consumer(config).await;
        let consumer = consumer.map_err(|source| Error::Consumer { stream: name(), source })?;
        let backlog = consumer.cached_info().num_pending;
        let messages = consumer
            .messages()
            .await
            .map_err(|source| Error::Messages { stream: name(), source })?;
        Ok(Self { stream: name(), messages, backlog })
    }

    /// How many messages were waiting when it was opened.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        self.backlog
    }

    /// The next message; waits as long as there is none.
    ///
    /// # Errors
    /// Where the consumer broke: open another one after the last sequence.
    pub async fn next(&mut self) -> Result<Option<Entry>, Error> {
        while let Some(message) = self.messages.next().await {
            let message =
                message.map_err(|source| Error::Broken { stream: self.stream.clone(), source })?;
            let Ok(info) = message.info() else {
                tracing::warn!(subject = %message.subject, "a message without a place in the stream; it is passed over");
                continue;
            };
            return Ok(Some(Entry {
                sequence: info.stream_sequence,
                stored_at: info.published.into(),
                pending: info.pending,
                subject: message.subject.to_string(),
                payload: message.payload.clone(),
            }));
        }
        Ok(None)
    }

    /// The messages that are there already, at most as long as `limit` for each.
    ///
    /// # Errors
    /// As [`Feed::next`].
    pub async fn rest(
        &mut self,
        limit: Duration,
        mut take: impl FnMut(&Entry),
    ) -> Result<(), Error> {
        if self.backlog == 0 {
            return Ok(());
        }
        while let Ok(entry) = tokio::time::timeout(limit, self.next()).await {
            let Some(entry) = entry? else { break };
            take(&entry);
            if entry.pending == 0 {
                break;
            }
        }
        Ok(())
    }
}
