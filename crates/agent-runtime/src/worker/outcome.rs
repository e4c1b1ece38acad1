//! An outcome: recorded once, then published once.

use std::future::Future;
use std::time::{Duration, SystemTime};

use bus::backoff::Backoff;
use bus::{Headers, MESSAGE_ID};
use bytes::Bytes;
use contracts::{ContractError, RunId, ValidHandoff, encoding, failures, names, subjects, v1};
use tokio::time::Instant;

use super::Work;
use super::letter::Letter;
use crate::events::Events;
#[cfg(feature = "fault-injection")]
use crate::fault::{Moment, Point};
use crate::{Stage, metrics};

/// How long the broker may be away while something has to be stored there.
const PATIENCE: Duration = Duration::from_secs(600);
const BETWEEN_ATTEMPTS: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));
/// Longest text of a failure.
const LONGEST_MESSAGE: usize = 2000;

/// What follows from a handoff, as it is stored and published.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) handoff: ValidHandoff,
    pub(super) bytes: Bytes,
}

/// The broker did not store what has to be stored; the message is given back.
#[derive(Debug, thiserror::Error)]
#[error("{what} was not possible")]
pub(super) struct Unsettled {
    what: &'static str,
    #[source]
    source: Option<bus::Error>,
}

impl Outcome {
    pub(super) fn new(handoff: ValidHandoff) -> Result<Self, ContractError> {
        let bytes = encoding::encode_bounded(handoff.as_message())?;
        Ok(Self { handoff, bytes })
    }
}

impl<S: Stage> Work<S> {
    /// Whether the run has its result already, as after a failure or a cancellation.
    pub(super) async fn has_ended(&self, run: &RunId, epoch: u32) -> Result<bool, Unsettled> {
        let subject = subjects::result(run, epoch);
        self.until_done("looking for the run's result", || self.resources.bus.holds(&subject)).await
    }

    /// A message of a stream, by its sequence, where it is still kept.
    pub(super) async fn message(
        &self,
        stream: &str,
        sequence: u64,
    ) -> Result<Option<(String, Headers, Bytes)>, Unsettled> {
        self.until_done("reading a message", || self.resources.bus.message(stream, sequence)).await
    }

    /// The outcome that an earlier delivery recorded.
    pub(super) async fn recorded(
        &self,
        run: &RunId,
        epoch: u32,
    ) -> Result<Option<Outcome>, Unsettled> {
        let key = names::outcome_key(run, epoch, S::AGENT);
        let entry =
            self.until_done("looking for a recorded outcome", || self.outcomes.get(&key)).await?;
        let Some(entry) = entry else { return Ok(None) };
        match encoding::decode_handoff(Some(names::PROTOBUF), &entry.value) {
            Ok(handoff) => Ok(Some(Outcome { handoff, bytes: entry.value })),
            Err(error) => {
                // Of a later version, or damaged: nothing can be made of it here, and it must not be overwritten.
                tracing::error!(
                    key,
                    error = failures::with_causes(&error),
                    "a recorded outcome cannot be read"
                );
                Err(Unsettled { what: "reading a recorded outcome", source: None })
            }
        }
    }

    /// Records the outcome; if another delivery was first, its outcome counts.
    pub(super) async fn record(
        &self,
        run: &RunId,
        epoch: u32,
        outcome: Outcome,
    ) -> Result<Outcome, Unsettled> {
        let key = names::outcome_key(run, epoch, S::AGENT);
        #[cfg(feature = "fault-injection")]
        pass::<S>(Moment::Before, Point::RecordOutcome, run);
        let created = self
            .until_done("recording an outcome", || async {
                match self.outcomes.create(&key, outcome.bytes.clone()).await {
                    Ok(_) => Ok(true),
                    Err(bus::Error::Conflict { .. }) => Ok(false),
                    Err(error) => Err(error),
                }
            })
            .await?;
        #[cfg(feature = "fault-injection")]
        pass::<S>(Moment::After, Point::RecordOutcome, run);
        if created {
            return Ok(outcome);
        }
        Ok(self.recorded(run, epoch).await?.unwrap_or(outcome))
    }

    /// Publishes what follows, as the only message of its subject.
    pub(super) async fn publish(&self, outcome: &Outcome) -> Result<(), Unsettled> {
        let subject = outcome.handoff.subject();
        let mut headers = Headers::new();
        headers.insert(MESSAGE_ID, outcome.handoff.handoff_id());
        headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
        crate::inject_trace(&mut headers);
        #[cfg(feature = "fault-injection")]
        pass::<S>(Moment::Before, Point::Publish, outcome.handoff.run_id());
        self.until_done("publishing an outcome", || async {
            match self
                .resources
                .bus
                .publish_once(&subject, headers.clone(), outcome.bytes.clone())
                .await
            {
                Ok(_) => Ok(()),
                Err(error @ bus::Error::SubjectTaken { .. }) => {
                    // Somebody else has ended the run or handed it on; there is one message, and this is not it.
                    tracing::warn!(%error, "not published");
                    Ok(())
                }
                Err(error) => Err(error),
            }
        })
        .await?;
        #[cfg(feature = "fault-injection")]
        pass::<S>(Moment::After, Point::Publish, outcome.handoff.run_id());
        Ok(())
    }

    /// Puts a message aside with the reason, tells the ledger, and ends the run where it is known.
    pub(super) async fn put_aside(
        &self,
        letter: &Letter,
        input: Option<&ValidHandoff>,
        failure: v1::Failure,
    ) -> Result<(), Unsettled> {
        let failure = fitting(failure).by(S::AGENT, SystemTime::now());
        tracing::error!(
            code = failure.code,
            reason = failure.message,
            subject = letter.subject,
            "message put aside"
        );
        metrics::dead_lettered(S::AGENT.as_str(), &failure.code);
        let dead = letter.dead(S::AGENT, failure.clone());
        self.until_done("storing a dead letter", || self.resources.bus.dead_letter(dead.clone()))
            .await?;
        let Some((run, epoch)) = letter.run() else { return Ok(()) };
        let events = self.events(&run, epoch, letter.deliveries);
        events.dead_lettered(failure.clone()).await;
        if let Some(outcome) = self.failed(&run, epoch, input, failure, letter.deliveries) {
            let outcome = self.record(&run, epoch, outcome).await?;
            self.publish(&outcome).await?;
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
                ValidHandoff::failed_unread(run, epoch, S::AGENT, failure.clone(), attempt, now)
                    .and_then(Outcome::new)
            }
        };
        // What was taken in may make the message too large; the reason alone fits.
        let made = made.or_else(|error| {
            tracing::warn!(
                error = failures::with_causes(&error),
                "a failure is given without what led to it"
            );
            ValidHandoff::failed_unread(run, epoch, S::AGENT, failure, attempt, now)
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
            agent: S::AGENT,
            run: run.clone(),
            epoch,
            attempt,
            replica: self.resources.replica.clone(),
        }
    }

    /// Repeats until the broker has done it, patience is over or the process ends. An outage of the broker must not
    /// use up the deliveries of a message.
    async fn until_done<T, F>(
        &self,
        what: &'static str,
        attempt: impl Fn() -> F,
    ) -> Result<T, Unsettled>
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
            let patience = if full { bus::UNTIL_ROOM } else { PATIENCE };
            if !error.is_transient() || begun.elapsed() > patience {
                return Err(Unsettled { what, source: Some(error) });
            }
            tracing::warn!(what, failures, %error, "the broker does not do it yet; trying again");
            tokio::select! {
                () = tokio::time::sleep(BETWEEN_ATTEMPTS.after(failures)) => {}
                () = self.ending.cancelled() => return Err(Unsettled { what, source: Some(error) }),
            }
        }
    }
}

/// Passes a point of the settlement, or ends the process there.
#[cfg(feature = "fault-injection")]
pub(super) fn pass<S: Stage>(moment: Moment, point: Point, run: &RunId) {
    crate::fault::pass(moment, point, S::AGENT.as_str(), run.as_str());
}

/// The failure as the contract takes it: with a code, with a message, not too long.
pub(super) fn fitting(mut failure: v1::Failure) -> v1::Failure {
    if failure.code.trim().is_empty() {
        failure.code = "failed".to_owned();
    }
    if failure.message.trim().is_empty() {
        failure.message = format!("failed with {}", failure.code);
    }
    if failure.message.len() > LONGEST_MESSAGE {
        failure.message =
            failure.message.chars().take(LONGEST_MESSAGE / 4).chain("…".chars()).collect();
    }
    failure
}
