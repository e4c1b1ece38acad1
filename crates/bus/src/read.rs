//! Reading stored messages one by one; from the stream's leader and not from a replica that may lag, where that matters.

use async_nats::StatusCode;
use async_nats::header::NATS_SEQUENCE;
use async_nats::jetstream::stream::{LastRawMessageErrorKind, RawMessageErrorKind};
use bytes::Bytes;
use contracts::{names, subjects};

use crate::connect::API_TIMEOUT;
use crate::{Bus, Error, Headers};

impl Bus {
    /// The last message of a subject, or of the subjects of a filter, where there is one: its sequence, headers and bytes.
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

    /// The sequence of the last message of a stream's subjects, given as one filter, as any replica of the stream knows; one
    /// that lags may not know of it yet. It costs the broker less than [`last`](Self::last).
    pub async fn last_sequence(&self, stream: &str, filter: &str) -> Result<Option<u64>, Error> {
        let query = serde_json::json!({ "last_by_subj": filter }).to_string();
        let request = format!("$JS.API.DIRECT.GET.{stream}");
        let found = self.direct_get(&request, query.into(), filter).await?;
        Ok(found.map(|(sequence, _)| sequence))
    }

    /// The last message of one subject, with its sequence. The request names the subject, so that it needs no permission for others.
    pub async fn last_on(
        &self,
        stream: &str,
        subject: &str,
    ) -> Result<Option<(u64, Bytes)>, Error> {
        let request = format!("$JS.API.DIRECT.GET.{stream}.{subject}");
        self.direct_get(&request, Bytes::new(), subject).await
    }

    /// The first message of a subject from a sequence on, as any replica of its stream knows: its sequence and bytes.
    pub async fn next_from(
        &self,
        stream: &str,
        subject: &str,
        sequence: u64,
    ) -> Result<Option<(u64, Bytes)>, Error> {
        let query = serde_json::json!({ "seq": sequence.max(1), "next_by_subj": subject });
        let request = format!("$JS.API.DIRECT.GET.{stream}");
        self.direct_get(&request, query.to_string().into(), subject).await
    }

    /// Asks for a message; `about` is what an error is about.
    async fn direct_get(
        &self,
        request: &str,
        query: Bytes,
        about: &str,
    ) -> Result<Option<(u64, Bytes)>, Error> {
        let failed =
            |source: async_nats::Error| Error::Request { subject: about.to_owned(), source };
        let answer = self.request(request, Headers::new(), query, API_TIMEOUT).await?;
        match answer.status {
            None | Some(StatusCode::OK) => {
                let headers = answer.headers.as_ref();
                let sequence = headers.and_then(|headers| headers.get(NATS_SEQUENCE));
                let sequence = sequence.and_then(|sequence| sequence.as_str().parse().ok());
                let sequence =
                    sequence.ok_or_else(|| failed("the broker named no sequence".into()))?;
                Ok(Some((sequence, answer.payload)))
            }
            Some(StatusCode::NOT_FOUND) => Ok(None),
            Some(status) => Err(failed(format!("the broker answered {status}").into())),
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
        "handoff" | "handoff-high" | "handoff-low" | "result" | "event" | "*" => {
            Some(names::STREAM)
        }
        "dead" => Some(names::DEAD_LETTERS_STREAM),
        "prediction" => Some(names::PREDICTIONS_STREAM),
        "audit" => Some(names::AUDIT_STREAM),
        "feedback" => Some(names::FEEDBACK_STREAM),
        "alert" => Some(names::ALERTS_STREAM),
        "fit" => Some(names::SEARCHES_STREAM),
        _ => None,
    }
}
