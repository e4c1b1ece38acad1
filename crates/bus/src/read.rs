//! Reading stored messages one by one; from the stream's leader and not from a replica that may lag, where that matters.

use async_nats::StatusCode;
use async_nats::jetstream::stream::{LastRawMessageErrorKind, RawMessageErrorKind};
use bytes::Bytes;
use contracts::{names, subjects};

use crate::connect::API_TIMEOUT;
use crate::{Bus, Error, Headers};

impl Bus {
    /// The last message of a subject, where there is one: its sequence, headers and bytes.
    pub async fn last(&self, subject: &str) -> Result<Option<(u64, Headers, Bytes)>, Error> {
        let failed =
            |source: async_nats::Error| Error::Request { subject: subject.to_owned(), source };
        let stream = match stream_of(subject) {
            Some(stream) => stream.to_owned(),
            None => self
                .jetstream()
                .stream_by_subject(subject)
                .await
                .map_err(|error| failed(error.into()))?,
        };
        let stream = self
            .jetstream()
            .get_stream_no_info(&stream)
            .await
            .map_err(|error| failed(error.into()))?;
        match stream.get_last_raw_message_by_subject(subject).await {
            Ok(found) => Ok(Some((found.sequence, found.headers, found.payload))),
            Err(error) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => {
                Ok(None)
            }
            Err(error) => Err(failed(error.into())),
        }
    }

    /// Whether a subject has a message, as any replica of its stream knows; one that lags may not know of it yet. It
    /// costs the broker less than [`last`](Self::last).
    pub async fn holds(&self, subject: &str) -> Result<bool, Error> {
        let Some(stream) = stream_of(subject) else {
            return Ok(self.last(subject).await?.is_some());
        };
        let request = format!("$JS.API.DIRECT.GET.{stream}.{subject}");
        let answer = self.request(&request, Headers::new(), Bytes::new(), API_TIMEOUT).await?;
        match answer.status {
            None => Ok(true),
            Some(StatusCode::NOT_FOUND) => Ok(false),
            Some(status) => Err(Error::Request {
                subject: subject.to_owned(),
                source: format!("the broker answered {status}").into(),
            }),
        }
    }

    /// A message by its sequence, where it is still kept: its subject, headers and bytes.
    pub async fn message(
        &self,
        stream: &str,
        sequence: u64,
    ) -> Result<Option<(String, Headers, Bytes)>, Error> {
        let failed = |source: async_nats::Error| Error::Request {
            subject: format!("{stream} sequence {sequence}"),
            source,
        };
        let handle = self
            .jetstream()
            .get_stream_no_info(stream)
            .await
            .map_err(|error| failed(error.into()))?;
        match handle.get_raw_message(sequence).await {
            Ok(found) => Ok(Some((found.subject.to_string(), found.headers, found.payload))),
            Err(error) if matches!(error.kind(), RawMessageErrorKind::NoMessageFound) => Ok(None),
            Err(error) => Err(failed(error.into())),
        }
    }
}

/// The stream of a subject of ours; an agent may not ask the broker for it.
fn stream_of(subject: &str) -> Option<&'static str> {
    if subject == subjects::REQUEST {
        return Some(names::REQUESTS_STREAM);
    }
    let kind = subject.strip_prefix("tier0.v1.")?.split('.').next()?;
    match kind {
        "handoff" | "result" | "event" => Some(names::STREAM),
        "dead" => Some(names::DEAD_LETTERS_STREAM),
        "prediction" => Some(names::PREDICTIONS_STREAM),
        _ => None,
    }
}
