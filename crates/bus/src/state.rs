//! What streams keep and what waits at consumers, as the broker tells of them.

use async_nats::jetstream::consumer::PullConsumer;
use futures::FutureExt as _;

use crate::{Bus, Error};

/// What a stream keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StreamState {
    /// Number of its messages.
    pub messages: u64,
    /// Their size, in bytes.
    pub bytes: u64,
    /// Number of servers that keep it, from 1.
    pub replicas: usize,
}

/// How far a durable consumer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConsumerState {
    /// Number of messages that it has not delivered yet.
    pub pending: u64,
    /// Number of messages that it has delivered and that are not settled.
    pub unsettled: usize,
    /// Number of pulls that wait for a message.
    pub pulls: usize,
}

impl Bus {
    /// What a stream keeps now.
    ///
    /// # Errors
    /// [`Error::Request`] where the stream is not there or the broker does not answer.
    pub async fn stream_state(&self, stream: &str) -> Result<StreamState, Error> {
        let found = self.permitted(stream, self.jetstream().get_stream(stream).boxed()).await?;
        let found = found.map_err(|error| failed(stream, error.into()))?;
        let info = found.cached_info();
        Ok(StreamState {
            messages: info.state.messages,
            bytes: info.state.bytes,
            replicas: info.config.num_replicas.max(1),
        })
    }

    /// How far a durable consumer is now.
    ///
    /// # Errors
    /// [`Error::Request`] where the consumer is not there or the broker does not answer.
    pub async fn consumer_state(
        &self,
        stream: &str,
        durable: &str,
    ) -> Result<ConsumerState, Error> {
        let asking = self.jetstream().get_consumer_from_stream(durable, stream).boxed();
        let found = self.permitted(stream, asking).await?;
        let found: PullConsumer =
            found.map_err(|error| failed(&format!("{stream} {durable}"), error.into()))?;
        let info = found.cached_info();
        Ok(ConsumerState {
            pending: info.num_pending,
            unsettled: info.num_ack_pending,
            pulls: info.num_waiting,
        })
    }

    /// Removes a message of a stream that allows it.
    ///
    /// # Errors
    /// [`Error::Request`] where the message is not there, may not be removed, or the broker does not answer.
    pub async fn remove_message(&self, stream: &str, sequence: u64) -> Result<(), Error> {
        let what = format!("{stream} sequence {sequence}");
        let handle = self.jetstream().get_stream(stream).await;
        let handle = handle.map_err(|error| failed(&what, error.into()))?;
        let removed = handle.delete_message(sequence).await;
        removed.map(drop).map_err(|error| failed(&what, error.into()))
    }
}

fn failed(subject: &str, source: async_nats::Error) -> Error {
    Error::Request { subject: subject.to_owned(), source }
}
