//! An outcome: published once, as the successor of the message that it comes from.
//!
//! The stream itself is the record of outcomes. All handoffs of a run's epoch and its result are one chain, and a message is
//! stored only where the one it answers is still the last: of several workers, replicas that woke up late, cancellations and
//! deadlines, one alone goes on with the run; every later worker finds what the first one did.

use std::future::Future;
use std::time::{Duration, SystemTime};

use bus::backoff::Backoff;
use bus::{DeadLetter, Headers, Link, MESSAGE_ID};
use bytes::Bytes;
use contracts::{
    ContractError, DeadLetterKind, RunId, ValidHandoff, encoding, failures, names, subjects, v1,
};
use process::fault::{Moment, Point};
use process::spans::{self, MessageFacts};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::WorkContext;
use crate::events::Events;
use crate::metrics;

/// How long the broker may be away while something has to be stored there.
const STORE_TIMEOUT: Duration = Duration::from_secs(600);
const RETRY_BACKOFF: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));
/// Longest text of a failure.
const MAX_MESSAGE_LENGTH: usize = 2000;

/// What follows from a handoff, as it is stored and published.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) handoff: ValidHandoff,
    pub(super) bytes: Bytes,
}

/// The broker did not store what has to be stored; the message is given back.
#[derive(Debug, thiserror::Error)]
#[error("{what} was not possible")]
pub(super) struct SettleError {
    what: &'static str,
    #[source]
    source: bus::Error,
}

impl Outcome {
    pub(super) fn new(handoff: ValidHandoff) -> Result<Self, ContractError> {
        let bytes = encoding::encode_handoff(handoff.as_message())?;
        Ok(Self { handoff, bytes })
    }
}

impl WorkContext {
    /// Whether the run has gone on from the message at `sequence`: it was handed on before, or has ended.
    pub(super) async fn is_superseded(
        &self,
        run: &RunId,
        epoch: u32,
        sequence: u64,
    ) -> Result<bool, SettleError> {
        let chain = subjects::chain(run, epoch);
        let last = self
            .until_done("looking for what follows a handoff", || {
                self.resources.bus.last_sequence(names::STREAM, &chain)
            })
            .await?;
        Ok(last.is_some_and(|last| last > sequence))
    }

    /// A message of a stream, by its sequence, where it is still kept.
    pub(super) async fn message(
        &self,
        stream: &str,
        sequence: u64,
    ) -> Result<Option<(String, Headers, Bytes)>, SettleError> {
        self.until_done("reading a message", || self.resources.bus.message(stream, sequence)).await
    }

    /// Publishes what follows from the message at `sequence`; says whether it was this outcome that did.
    pub(super) async fn publish(
        &self,
        outcome: &Outcome,
        sequence: u64,
    ) -> Result<bool, SettleError> {
        let (subject, chain) = (outcome.handoff.subject(), outcome.handoff.chain());
        let link = Link { chain: &chain, after: sequence };
        let message = MessageFacts {
            subject: &subject,
            id: Some(outcome.handoff.handoff_id()),
            bytes: outcome.bytes.len(),
        };
        let publishing = self.publish_as(outcome, link, &subject);
        publishing.instrument(spans::sending(message)).await
    }

    async fn publish_as(
        &self,
        outcome: &Outcome,
        link: Link<'_>,
        subject: &str,
    ) -> Result<bool, SettleError> {
        let mut headers = Headers::new();
        headers.insert(MESSAGE_ID, outcome.handoff.handoff_id());
        headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
        process::inject_trace(&mut headers);
        self.pass(Moment::Before, Point::Publish, outcome.handoff.run_id());
        let published = self
            .until_done("publishing an outcome", || async {
                let (headers, bytes) = (headers.clone(), outcome.bytes.clone());
                match self.resources.bus.publish_next(link, subject, headers, bytes).await {
                    Ok(_) => Ok(true),
                    Err(error @ bus::Error::Superseded { .. }) => {
                        tracing::info!(%error, "not published");
                        Ok(false)
                    }
                    Err(error) => Err(error),
                }
            })
            .await?;
        self.pass(Moment::After, Point::Publish, outcome.handoff.run_id());
        Ok(published)
    }

    /// Puts a message aside with the reason, tells the ledger, and ends the run where it is known.
    pub(super) async fn put_aside(
        &self,
        letter: &DeadLetter,
        input: Option<&ValidHandoff>,
        failure: v1::Failure,
    ) -> Result<(), SettleError> {
        if let Some((run, epoch)) = letter.run()
            && self.is_superseded(&run, epoch, letter.sequence).await?
        {
            // Another worker went on with it: what became of it here no longer counts.
            tracing::info!(run_id = %run, code = failure.code, "given up, but the run has gone on");
            return Ok(());
        }
        let failure = fitting(failure).by(self.agent(), SystemTime::now());
        tracing::error!(
            code = failure.code,
            reason = failure.message,
            subject = letter.subject,
            "message put aside"
        );
        let dead = letter.because(self.agent(), failure.clone());
        metrics::dead_lettered(self.agent().as_str(), DeadLetterKind::of(&dead), &failure.code);
        self.until_done("storing a dead letter", || self.resources.bus.dead_letter(dead.clone()))
            .await?;
        let Some((run, epoch)) = letter.run() else { return Ok(()) };
        let events = self.events(&run, epoch, letter.deliveries);
        events.dead_lettered(failure.clone()).await;
        if let Some(outcome) = self.failed(&run, epoch, input, failure, letter.deliveries) {
            self.publish(&outcome, letter.sequence).await?;
        }
        Ok(())
    }

    /// The run's result where it has failed.
    pub(super) fn failed(
        &self,
        run: &RunId,
        epoch: u32,
        input: Option<&ValidHandoff>,
        failure: v1::Failure,
        attempt: u32,
    ) -> Option<Outcome> {
        let now = SystemTime::now();
        let failure = fitting(failure);
        let made = match input {
            Some(input) => input.failed(failure.clone(), attempt, now).and_then(Outcome::new),
            None => {
                ValidHandoff::failed_unread(run, epoch, self.agent(), failure.clone(), attempt, now)
                    .and_then(Outcome::new)
            }
        };
        // What was taken in may make the message too large; the reason alone fits.
        let made = made.or_else(|error| {
            tracing::warn!(
                error = failures::with_causes(&error),
                "a failure is given without what led to it"
            );
            ValidHandoff::failed_unread(run, epoch, self.agent(), failure, attempt, now)
                .and_then(Outcome::new)
        });
        match made {
            Ok(outcome) => Some(outcome),
            Err(error) => {
                tracing::error!(
                    error = failures::with_causes(&error),
                    "a failed result cannot be made"
                );
                None
            }
        }
    }

    pub(super) fn events(&self, run: &RunId, epoch: u32, attempt: u32) -> Events {
        Events {
            bus: self.resources.bus.clone(),
            agent: self.agent(),
            run: run.clone(),
            epoch,
            attempt,
            replica: self.resources.replica.clone(),
        }
    }

    /// Repeats until the broker has done it, patience is over or the process ends. An outage of the broker must not
    /// use up the deliveries of a message.
    pub(super) async fn until_done<T, F>(
        &self,
        what: &'static str,
        attempt: impl Fn() -> F,
    ) -> Result<T, SettleError>
    where
        F: Future<Output = Result<T, bus::Error>>,
    {
        let begun = Instant::now();
        let mut failures = 0;
        loop {
            let error = match attempt().await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            failures += 1;
            let full = matches!(error, bus::Error::StorageFull { .. });
            let patience = if full { bus::ROOM_TIMEOUT } else { STORE_TIMEOUT };
            if !error.is_transient() || begun.elapsed() > patience {
                return Err(SettleError { what, source: error });
            }
            tracing::warn!(what, failures, %error, "the broker does not do it yet; trying again");
            tokio::select! {
                () = tokio::time::sleep(RETRY_BACKOFF.after(failures)) => {}
                () = self.ending.cancelled() => return Err(SettleError { what, source: error }),
            }
        }
    }
}

/// The failure as the contract takes it: with a code, with a message, not too long.
pub(super) fn fitting(mut failure: v1::Failure) -> v1::Failure {
    if failure.code.trim().is_empty() {
        failure.code = "failed".to_owned();
    }
    if failure.message.trim().is_empty() {
        failure.message = format!("failed with {}", failure.code);
    }
    if failure.message.len() > MAX_MESSAGE_LENGTH {
        failure.message =
            failure.message.chars().take(MAX_MESSAGE_LENGTH / 4).chain("…".chars()).collect();
    }
    failure
}
