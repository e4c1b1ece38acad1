//! Reading what is stored of a stream's subjects now: everything, message by message, without keeping any, or a part of it.

use std::ops::Range;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures::{FutureExt as _, StreamExt as _};

use crate::kv::Entry;
use crate::{Bus, Error, KeyValue, OrderedFeed, StoredMessage};

/// Longest silence between two messages.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(10);
/// Header by which a bucket marks that a key was removed.
const OPERATION: &str = "KV-Operation";
/// Time after which the broker forgets the reader of a part that did not take its leave.
const READER_TIMEOUT: Duration = Duration::from_secs(30);

/// Which of the stored messages are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan {
    /// Every stored message.
    All,
    /// The last one of each subject.
    Last,
}

impl Bus {
    /// Gives the messages of a stream's subjects (one filter) that are stored now, in the stream's order; gives up where the broker falls silent.
    ///
    /// # Errors
    /// [`Error::Request`] where the stream cannot be read to its end; whatever `take` refuses.
    pub async fn scan<E: From<Error>>(
        &self,
        stream: &str,
        filter: &str,
        which: Scan,
        mut take: impl FnMut(StoredMessage) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |source: async_nats::Error| Error::Request {
            subject: format!("{stream} {filter}"),
            source,
        };
        let handle = self.jetstream().get_stream_no_info(stream).await;
        let handle = handle.map_err(|error| failed(error.into()))?;
        let deliver_policy = match which {
            Scan::All => DeliverPolicy::All,
            Scan::Last => DeliverPolicy::LastPerSubject,
        };
        let filters = vec![filter.to_owned()];
        let feed = OrderedFeed::follow(self, &handle, stream, filters, deliver_policy).await;
        let mut feed = feed.map_err(|error| failed(error.into()))?;
        if feed.backlog() == 0 {
            return Ok(());
        }
        loop {
            let next = tokio::time::timeout(MESSAGE_TIMEOUT, feed.next()).await;
            let next = next.map_err(|_elapsed| failed("the broker fell silent".into()))?;
            let next = next.map_err(|error| failed(error.into()))?;
            let stored = next.ok_or_else(|| failed("the consumer ended".into()))?;
            let is_last = stored.pending == 0;
            take(stored)?;
            if is_last {
                return Ok(());
            }
        }
    }
}

impl Bus {
    /// The messages of a stream's subjects (one filter) that have these sequences, in the stream's order. The broker sends at most as
    /// many messages as there are sequences, whatever the stream holds.
    ///
    /// # Errors
    /// [`Error::Request`] where the part cannot be read to its end.
    pub async fn part(
        &self,
        stream: &str,
        filter: &str,
        sequences: Range<u64>,
    ) -> Result<Vec<StoredMessage>, Error> {
        let most =
            usize::try_from(sequences.end.saturating_sub(sequences.start)).unwrap_or(usize::MAX);
        if most == 0 {
            return Ok(Vec::new());
        }
        let failed = |source: async_nats::Error| Error::Request {
            subject: format!("{stream} {filter}"),
            source,
        };
        let handle = self.jetstream().get_stream_no_info(stream).await;
        let handle = handle.map_err(|error| failed(error.into()))?;
        // With a name of its own the request is about this reader alone, and so is the permission that it needs.
        let inbox = self.client().new_inbox();
        let name = inbox.rsplit('.').next().unwrap_or(&inbox);
        let config = pull::Config {
            name: Some(name.to_owned()),
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: sequences.start.max(1),
            },
            ack_policy: AckPolicy::None,
            filter_subjects: vec![filter.to_owned()],
            inactive_threshold: READER_TIMEOUT,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let consumer = self.permitted(stream, handle.create_consumer(config).boxed()).await?;
        let consumer = consumer.map_err(|error| failed(error.into()))?;
        let mut last = (0, consumer.cached_info().num_pending);
        let mut found = Vec::new();
        let messages = consumer.fetch().max_messages(most).messages().await;
        let mut messages = messages.map_err(|error| failed(error.into()))?;
        loop {
            let next = tokio::time::timeout(MESSAGE_TIMEOUT, messages.next()).await;
            let next = next.map_err(|_elapsed| failed("the broker fell silent".into()))?;
            let Some(message) = next else { break };
            let Some(stored) = StoredMessage::of(message.map_err(failed)?) else { continue };
            last = (stored.sequence, stored.pending);
            if sequences.contains(&stored.sequence) {
                found.push(stored);
            }
        }
        if let Err(error) = handle.delete_consumer(name).await {
            tracing::debug!(stream, %error, "a reader is left to the broker, which forgets it");
        }
        let (sequence, pending) = last;
        if pending > 0 && sequence.saturating_add(1) < sequences.end {
            return Err(failed("the broker gave a part of what was asked for".into()));
        }
        Ok(found)
    }
}

impl KeyValue {
    /// Gives the values of the keys that match now, such as `churn.*`, in the order in which they were written.
    ///
    /// # Errors
    /// As [`Bus::scan`].
    pub async fn scan<E: From<Error>>(
        &self,
        keys: &str,
        mut take: impl FnMut(Entry) -> Result<(), E>,
    ) -> Result<(), E> {
        let stream = contracts::names::bucket_stream(self.bucket());
        let prefix = format!("$KV.{}.", self.bucket());
        let filter = format!("{prefix}{keys}");
        self.bus()
            .scan(&stream, &filter, Scan::Last, |stored| {
                if stored.headers.get(OPERATION).is_some() {
                    return Ok(());
                }
                let key = stored.subject.strip_prefix(&prefix).unwrap_or_default().to_owned();
                take(Entry { key, value: stored.payload, revision: stored.sequence })
            })
            .await
    }

    /// The value that was written before a revision of a key, where the bucket still keeps it and the key was not removed between.
    ///
    /// # Errors
    /// [`Error::KeyValue`].
    pub async fn before(&self, key: &str, revision: u64) -> Result<Option<Entry>, Error> {
        let history = self.history(key).await?;
        Ok(history.into_iter().rfind(|entry| entry.revision < revision))
    }
}
