//! Ending runs and driving them anew, through the stream itself: it needs no orchestrator.
//!
//! ```text
//! cancel, expire ─▶ result of RUN.EPOCH, where the message that was seen last is still the last of that chain
//! retry, replay  ─▶ first handoff of RUN.EPOCH+1, where that chain is empty
//! ```
//!
//! What is published is a link of the run's chain as any stage's is: however many callers ask how often, and whatever a stage does at the
//! same moment, one message follows each.

use std::time::{Duration, SystemTime};

use bus::{Bus, Headers, Link, MESSAGE_ID};
use contracts::{Agent, RunId, ValidHandoff, encoding, names, subjects, v1};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::feed::{self, Feed};
use crate::ledger::RunStatus;
use crate::recovery::{self, CANCELLED, DEADLINE_EXCEEDED, End, History, Order, RecoveryError};

/// How long each message of a run may take to come.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a run is read again after another process was quicker.
const ATTEMPTS: u32 = 5;
/// Longest reason of a cancellation.
const MAX_REASON_LENGTH: usize = 500;

/// Why nothing was done, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not to be done.
    #[error(transparent)]
    Refused(#[from] RecoveryError),
    /// The broker did not do it.
    #[error("the broker did not do it")]
    Bus(#[from] bus::Error),
    /// The messages of the run could not be read.
    #[error("the messages of the run could not be read")]
    Feed(#[from] feed::Error),
    /// The stream stopped giving messages.
    #[error("the messages of run {run} did not all come within {} s each", MESSAGE_TIMEOUT.as_secs())]
    Incomplete {
        /// Identifier of the run.
        run: String,
    },
    /// The run changed as often as it was looked at.
    #[error("run {run} changes too quickly; ask again")]
    Contended {
        /// Identifier of the run.
        run: String,
    },
}

/// A run that is cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cancelled {
    /// Identifier of the run.
    pub run_id: String,
    /// Always the status `cancelled`.
    pub status: RunStatus,
    /// The epoch that was ended.
    pub epoch: u32,
    /// Where the run was.
    pub stage: Option<String>,
    /// Whether it had been cancelled before.
    pub already: bool,
}

/// A run that is driven anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RetriedRun {
    /// Identifier of the run.
    pub run_id: String,
    /// Always the status `queued`.
    pub status: RunStatus,
    /// Number of the epoch that was begun.
    pub epoch: u32,
    /// Name of the agent that the epoch begins at.
    pub from: String,
}

/// Acts on runs; cheap to clone.
#[derive(Debug, Clone)]
pub struct Control {
    bus: Bus,
}

impl Control {
    /// Acts through this connection.
    #[must_use]
    pub fn new(bus: Bus) -> Self {
        Self { bus }
    }

    /// Ends a run that goes on. A run that is cancelled already stays as it is.
    ///
    /// # Errors
    /// [`RecoveryError::Ended`] and [`RecoveryError::UnknownRun`], or where the broker does not do it.
    pub async fn cancel(
        &self,
        run: &RunId,
        reason: Option<&str>,
        by: &str,
    ) -> Result<Cancelled, Error> {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        let message = match reason {
            Some(reason) => {
                let short: String = reason.chars().take(MAX_REASON_LENGTH).collect();
                format!("cancelled by request: {short}")
            }
            None => "cancelled by request".to_owned(),
        };
        for _ in 0..ATTEMPTS {
            let history = self.history(run).await?;
            let order = Order { by, at: SystemTime::now() };
            let (epoch, stage, already) = match history.end(CANCELLED, &message, order)? {
                End::Already { epoch, at } => (epoch, at, true),
                End::Publish { result, at } => {
                    match self.publish_end(&history, &result, CANCELLED).await? {
                        Some(already) => (result.epoch(), Some(at), already),
                        None => continue,
                    }
                }
            };
            return Ok(Cancelled {
                run_id: run.to_string(),
                status: RunStatus::Cancelled,
                epoch,
                stage: stage.map(|agent| agent.to_string()),
                already,
            });
        }
        Err(Error::Contended { run: run.to_string() })
    }

    /// Ends a run whose deadline was more than `grace` ago; says whether it did.
    ///
    /// # Errors
    /// Where the broker does not do it.
    pub async fn expire(&self, run: &RunId, grace: Duration, by: &str) -> Result<bool, Error> {
        let history = self.history(run).await?;
        let now = SystemTime::now();
        let Some(deadline) = history.deadline() else { return Ok(false) };
        if now.duration_since(deadline).is_ok_and(|late| late >= grace) {
            let order = Order { by, at: now };
            let message = "the run's deadline has passed; it had not ended by itself";
            return match history.end(DEADLINE_EXCEEDED, message, order)? {
                End::Already { .. } => Ok(false),
                End::Publish { result, .. } => {
                    Ok(self.publish_end(&history, &result, DEADLINE_EXCEEDED).await? == Some(false))
                }
            };
        }
        Ok(false)
    }

    /// Drives a run anew that has failed or was cancelled: from where it ended, or from an earlier stage.
    ///
    /// # Errors
    /// [`RecoveryError`], or where the broker does not do it.
    pub async fn retry(
        &self,
        run: &RunId,
        from: Option<Agent>,
        by: &str,
    ) -> Result<RetriedRun, Error> {
        self.begin(run, |history| history.again(from, Order { by, at: SystemTime::now() })).await
    }

    /// Drives the run of a dead letter anew with the letter's own message.
    ///
    /// # Errors
    /// [`RecoveryError`], or where the broker does not do it.
    pub async fn replay(
        &self,
        run: &RunId,
        letter: &v1::DeadLetter,
        by: &str,
    ) -> Result<RetriedRun, Error> {
        let order = || Order { by, at: SystemTime::now() };
        self.begin(run, |history| history.replay(letter, order())).await
    }

    /// The handoffs and results of a run.
    async fn history(&self, run: &RunId) -> Result<History, Error> {
        let mut history = History::new(run.clone());
        let mut feed = Feed::open(&self.bus, vec![subjects::chains(run)], 0).await?;
        if feed.backlog() == 0 {
            return Ok(history);
        }
        loop {
            let incomplete = || Error::Incomplete { run: run.to_string() };
            let next = tokio::time::timeout(MESSAGE_TIMEOUT, feed.next()).await;
            let entry = next.map_err(|_elapsed| incomplete())??.ok_or_else(incomplete)?;
            history.take(entry.sequence, &entry.subject, &entry.payload);
            if entry.pending == 0 {
                return Ok(history);
            }
        }
    }

    /// Publishes a result, where the run stands as its history has it: whether the same one was there, and none where the run
    /// has gone on.
    async fn publish_end(
        &self,
        history: &History,
        result: &ValidHandoff,
        code: &str,
    ) -> Result<Option<bool>, Error> {
        // Another identity than the result that a stage would publish, so that neither is taken for the other.
        let id = format!("{}.{code}", result.handoff_id());
        self.publish(history, result, &id).await
    }

    /// Publishes a message as the next of its chain.
    async fn publish(
        &self,
        history: &History,
        handoff: &ValidHandoff,
        id: &str,
    ) -> Result<Option<bool>, Error> {
        let chain = handoff.chain();
        let link = Link { chain: &chain, after: history.last(handoff.epoch()) };
        let bytes = bytes(handoff)?;
        let mut headers = headers(id);
        self.continue_trace(handoff.run_id(), &mut headers).await?;
        match self.bus.publish_next(link, &handoff.subject(), headers, bytes).await {
            Ok(bus::PublishedOnce::Stored { .. }) => Ok(Some(false)),
            Ok(bus::PublishedOnce::AlreadyThere { .. }) => Ok(Some(true)),
            Err(bus::Error::Superseded { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts the trace of a run's last message into headers: a run has one trace, however often it is driven.
    async fn continue_trace(&self, run: &RunId, headers: &mut Headers) -> Result<(), bus::Error> {
        let last = self.bus.last(&subjects::chains(run)).await?;
        if let Some(parent) = last.and_then(|(_, headers, _)| bus::trace::extract(&headers)) {
            bus::trace::inject(headers, parent);
        }
        Ok(())
    }

    /// Begins an epoch with the handoff that `make` gives of what is known of the run. The second caller reads again, and
    /// finds that the run goes on.
    async fn begin(
        &self,
        run: &RunId,
        make: impl Fn(&History) -> Result<ValidHandoff, RecoveryError>,
    ) -> Result<RetriedRun, Error> {
        for _ in 0..ATTEMPTS {
            let history = self.history(run).await?;
            let handoff = make(&history)?;
            if self.publish(&history, &handoff, handoff.handoff_id()).await?.is_some() {
                return Ok(RetriedRun {
                    run_id: run.to_string(),
                    status: RunStatus::Queued,
                    epoch: handoff.epoch(),
                    from: recovery::recipient(&handoff)
                        .map_or(names::END, Agent::as_str)
                        .to_owned(),
                });
            }
        }
        Err(Error::Contended { run: run.to_string() })
    }
}

fn headers(id: &str) -> Headers {
    let mut headers = Headers::new();
    headers.insert(MESSAGE_ID, id);
    headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
    headers
}

fn bytes(handoff: &ValidHandoff) -> Result<bytes::Bytes, Error> {
    Ok(encoding::encode_bounded(handoff.as_message()).map_err(RecoveryError::Contract)?)
}
