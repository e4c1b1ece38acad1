//! Publishing.

use std::time::Duration;

use async_nats::header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use bytes::Bytes;
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::refusal::{PublishRefusal, refusal};
use crate::{Bus, Error, Headers, MESSAGE_ID};

/// How long an unconfirmed publication is repeated: longer than a cluster takes to elect a leader.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(75);
const RETRY_BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));

/// Names the subjects whose last sequence is compared, where they are others than the message's own (nats-server 2.11).
const EXPECTED_LAST_OF: &str = "Nats-Expected-Last-Subject-Sequence-Subject";

/// What became of a publication that must happen once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishedOnce {
    /// It was stored now.
    Stored {
        /// Sequence of the message in its stream, from 1.
        sequence: u64,
    },
    /// It had been stored before.
    AlreadyThere {
        /// Sequence of the message in its stream, from 1.
        sequence: u64,
    },
}

impl PublishedOnce {
    /// The message's sequence in its stream.
    pub fn sequence(self) -> u64 {
        match self {
            Self::Stored { sequence } | Self::AlreadyThere { sequence } => sequence,
        }
    }
}

/// A place at the end of a chain of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'a> {
    /// The subjects of the chain, as one filter.
    pub chain: &'a str,
    /// Sequence of its last message; 0 where it has none.
    pub after: u64,
}

/// What must hold for a message to be stored.
#[derive(Debug, Clone, Copy)]
enum Condition<'a> {
    None,
    /// Its subject holds no message.
    Alone,
    /// The chain ends where it is said to.
    Link(Link<'a>),
}

impl Condition<'_> {
    fn apply(self, headers: &mut Headers) {
        match self {
            Self::None => {}
            Self::Alone => headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, "0"),
            Self::Link(Link { chain, after }) => {
                headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, after.to_string());
                headers.insert(EXPECTED_LAST_OF, chain);
            }
        }
    }
}

enum Attempt {
    Unknown(PublishError),
    Taken,
    Final(Error),
}

impl Bus {
    /// Stores a message as the only one of its subject, however often this is called and whatever restarts between.
    ///
    /// The message's identity is its `Nats-Msg-Id`; without that header, the subject. If the subject holds a message
    /// of another identity, that is [`Error::SubjectTaken`].
    pub async fn publish_once(
        &self,
        subject: &str,
        headers: Headers,
        payload: Bytes,
    ) -> Result<PublishedOnce, Error> {
        self.publish_if(Condition::Alone, subject, headers, payload).await
    }

    /// Stores a message as the next of a chain, where the chain still ends at `link.after`; however often this is called,
    /// and whatever restarts between, a chain has one message after each.
    ///
    /// The message's identity is its `Nats-Msg-Id`; without that header, the subject. Where another message was there
    /// first, that is [`Error::Superseded`].
    pub async fn publish_next(
        &self,
        link: Link<'_>,
        subject: &str,
        headers: Headers,
        payload: Bytes,
    ) -> Result<PublishedOnce, Error> {
        self.publish_if(Condition::Link(link), subject, headers, payload).await
    }

    async fn publish_if(
        &self,
        condition: Condition<'_>,
        subject: &str,
        mut headers: Headers,
        payload: Bytes,
    ) -> Result<PublishedOnce, Error> {
        let id = match headers.get(MESSAGE_ID) {
            Some(id) => id.as_str().to_owned(),
            None => {
                headers.insert(MESSAGE_ID, subject);
                subject.to_owned()
            }
        };
        match self.publish_until_known(condition, subject, headers, payload).await {
            Ok(ack) if ack.duplicate => Ok(PublishedOnce::AlreadyThere { sequence: ack.sequence }),
            Ok(ack) => Ok(PublishedOnce::Stored { sequence: ack.sequence }),
            Err(Some(error)) => Err(error),
            Err(None) => self.already_there(condition, subject, &id).await,
        }
    }

    /// Stores a message and waits for the broker's confirmation; gives its sequence.
    ///
    /// An unconfirmed publication is repeated, so that without a `Nats-Msg-Id` it may be stored twice.
    pub async fn publish(
        &self,
        subject: &str,
        headers: Headers,
        payload: Bytes,
    ) -> Result<u64, Error> {
        match self.publish_until_known(Condition::None, subject, headers, payload).await {
            Ok(ack) => Ok(ack.sequence),
            Err(Some(error)) => Err(error),
            // Without an expected sequence the broker has nothing to find taken.
            Err(None) => Err(Error::SubjectTaken {
                subject: subject.to_owned(),
                sequence: 0,
                found: None,
                expected: String::new(),
            }),
        }
    }

    /// Stores a message as [`publish`](Self::publish) does, and tells whether the broker had it: it knows the `Nats-Msg-Id`
    /// (without that header, the subject) of what its stream stored lately, two minutes as the set-up has it.
    ///
    /// # Errors
    /// As [`publish`](Self::publish).
    pub async fn publish_named(
        &self,
        subject: &str,
        headers: Headers,
        payload: Bytes,
    ) -> Result<PublishedOnce, Error> {
        self.publish_if(Condition::None, subject, headers, payload).await
    }

    /// Sends a message without waiting for anything but room in the queue.
    pub async fn publish_core(
        &self,
        subject: &str,
        headers: Headers,
        payload: Bytes,
    ) -> Result<(), Error> {
        self.client()
            .publish_with_headers(subject.to_owned(), headers, payload)
            .await
            .map_err(|source| Error::Publish { subject: subject.to_owned(), source: source.into() })
    }

    /// Repeats with the same id until the outcome is known. `Err(None)`: the condition does not hold.
    async fn publish_until_known(
        &self,
        condition: Condition<'_>,
        subject: &str,
        mut headers: Headers,
        payload: Bytes,
    ) -> Result<PublishAck, Option<Error>> {
        let bytes = payload.len();
        condition.apply(&mut headers);
        let message = PublishMessage::build().payload(payload).headers(headers);
        let begun = Instant::now();
        let mut failures = 0;
        loop {
            let error = match self.attempt(subject, message.clone(), bytes).await {
                Ok(ack) => return Ok(ack),
                Err(Attempt::Taken) => return Err(None),
                Err(Attempt::Final(error)) => return Err(Some(error)),
                Err(Attempt::Unknown(error)) => error,
            };
            if let Some(full) = self.lost_to_the_disk(subject) {
                return Err(Some(full));
            }
            failures += 1;
            let wait = RETRY_BACKOFF.after(failures);
            if begun.elapsed() + wait > PUBLISH_TIMEOUT {
                let (subject, seconds) = (subject.to_owned(), begun.elapsed().as_secs_f64());
                return Err(Some(Error::Unconfirmed { subject, seconds, source: error.into() }));
            }
            tracing::warn!(subject, failures, %error, "publication not confirmed; repeating it with the same id");
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt(
        &self,
        subject: &str,
        message: PublishMessage,
        bytes: usize,
    ) -> Result<PublishAck, Attempt> {
        let mut connections = self.connections();
        connections.mark_unchanged();
        let mut violations = self.violations();
        let sending =
            async { self.jetstream().send_publish(subject.to_owned(), message).await?.await };
        let sent = tokio::select! {
            sent = sending => sent,
            // An answer to what was sent over a connection that is lost will not come.
            Ok(()) = connections.changed() => Err(PublishErrorKind::BrokenPipe.into()),
            error = self.not_permitted(&mut violations, subject) => return Err(Attempt::Final(error)),
        };
        if sent.as_ref().is_ok_and(|ack| !ack.duplicate) {
            self.has_stored();
        }
        sent.map_err(|error| match error.kind() {
            PublishErrorKind::WrongLastSequence => Attempt::Taken,
            PublishErrorKind::TimedOut
            | PublishErrorKind::BrokenPipe
            | PublishErrorKind::MaxAckPending
            // While a broker starts, its streams are not there yet.
            | PublishErrorKind::StreamNotFound => Attempt::Unknown(error),
            PublishErrorKind::MaxPayloadExceeded => Attempt::Final(Error::TooLarge {
                subject: subject.to_owned(),
                bytes,
                limit: self.client().max_payload(),
            }),
            PublishErrorKind::WrongLastMessageId | PublishErrorKind::Other => {
                self.refused(subject, bytes, error)
            }
        })
    }

    /// What follows from an answer that the client library has no name for.
    fn refused(&self, subject: &str, bytes: usize, error: PublishError) -> Attempt {
        match refusal(&error) {
            Some(PublishRefusal::Full { description }) => {
                Attempt::Final(self.full(subject, description))
            }
            Some(PublishRefusal::Temporary) => Attempt::Unknown(error),
            Some(PublishRefusal::TooLarge) => Attempt::Final(Error::TooLarge {
                subject: subject.to_owned(),
                bytes,
                limit: contracts::MAX_PAYLOAD,
            }),
            Some(PublishRefusal::Final) | None => {
                Attempt::Final(Error::Publish { subject: subject.to_owned(), source: error.into() })
            }
        }
    }

    /// The condition does not hold: because of this very message?
    async fn already_there(
        &self,
        condition: Condition<'_>,
        subject: &str,
        id: &str,
    ) -> Result<PublishedOnce, Error> {
        let stored = self.last(subject).await?;
        let sequence = stored.as_ref().map_or(0, |(sequence, _, _)| *sequence);
        let found =
            stored.and_then(|(_, headers, _)| Some(headers.get(MESSAGE_ID)?.as_str().to_owned()));
        if found.as_deref() == Some(id) {
            return Ok(PublishedOnce::AlreadyThere { sequence });
        }
        if let Condition::Link(Link { chain, after }) = condition {
            let last = self.last(chain).await?.map_or(0, |(sequence, _, _)| sequence);
            return Err(Error::Superseded { chain: chain.to_owned(), last, expected: after });
        }
        Err(Error::SubjectTaken {
            subject: subject.to_owned(),
            sequence,
            found,
            expected: id.to_owned(),
        })
    }
}
