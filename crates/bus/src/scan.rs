//! Reading everything of a stream's subjects that is stored now, message by message, without keeping any.

use std::time::Duration;

use async_nats::jetstream::consumer::DeliverPolicy;

use crate::kv::Entry;
use crate::{Bus, Error, KeyValue, OrderedFeed, StoredMessage};

/// Longest silence between two messages.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(10);
/// Header by which a bucket marks that a key was removed.
const OPERATION: &str = "KV-Operation";

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
