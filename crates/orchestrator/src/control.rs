//! Ending runs and driving them anew, through the stream itself: it needs no orchestrator.
//!
//! ```text
//! cancel, expire ─▶ result RUN.EPOCH, where that subject is empty
//! retry, replay  ─▶ recorded outcome RUN.EPOCH+1.intake, where there is none ─▶ handoff of that epoch
//! ```
//!
//! Recording before publishing makes one handoff begin an epoch, whoever asks for it how often, as in every other settlement.

use std::time::{Duration, SystemTime};

use bus::{Bus, Headers, MESSAGE_ID};
use contracts::{Agent, ContractError, RunId, ValidHandoff, encoding, names, v1};
use serde::{Deserialize, Serialize};

use crate::feed::{self, Feed};
use crate::ledger::RunStatus;
use crate::recovery::{self, CANCELLED, DEADLINE_EXCEEDED, End, History, Order, Refusal};

/// How long each message of a run may take to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a run is looked at again, after somebody else was quicker.
const ATTEMPTS: u32 = 5;
/// Longest reason of a cancellation.
const LONGEST_REASON: usize = 500;

/// Why nothing was done, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not to be done.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The broker did not do it.
    #[error("the broker did not do it")]
    Bus(#[from] bus::Error),
    /// The messages of the run could not be read.
    #[error("the messages of the run could not be read")]
    Feed(#[from] feed::Error),
    /// The stream stopped giving messages.
    #[error("the messages of run {run} did not all come within {} s each", PATIENCE.as_secs())]
    Incomplete {
        /// The run.
        run: String,
    },
    /// What was recorded of the new epoch cannot be read.
    #[error("the recorded beginning of epoch {epoch} of run {run} cannot be read")]
    Record {
        /// The run.
        run: String,
        /// The epoch.
        epoch: u32,
        /// Why.
        #[source]
        source: ContractError,
    },
    /// The run changed as often as it was looked at.
    #[error("run {run} changes too quickly; ask again")]
    Contended {
        /// The run.
        run: String,
    },
}

/// A run that is cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// The run.
    pub run_id: String,
    /// `cancelled`.
    pub status: RunStatus,
    /// The epoch that was ended.
    pub epoch: u32,
    /// Where the run was.
    pub stage: Option<String>,
    /// Whether it had been cancelled before.
    pub already: bool,
}

/// A run that is driven anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retried {
    /// The run.
    pub run_id: String,
    /// `queued`.
    pub status: RunStatus,
    /// The new epoch.
    pub epoch: u32,
    /// Where it begins.
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
    /// [`Refusal::Ended`] and [`Refusal::UnknownRun`], or where the broker does not do it.
    pub async fn cancel(
        &self,
        run: &RunId,
        reason: Option<&str>,
        by: &str,
    ) -> Result<Cancelled, Error> {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        let message = match reason {
            Some(reason) => {
                let short: String = reason.chars().take(LONGEST_REASON).collect();
                format!("cancelled by request: {short}")
            }
            None => "cancelled by request".to_owned(),
        };
        for _ in 0..ATTEMPTS {
            let history = self.history(run).await?;
            let order = Order { by, at: SystemTime::now() };
            let (epoch, stage, already) = match history.end(CANCELLED, &message, order)? {
                End::Already { epoch, at } => (epoch, at, true),
                End::Publish { result, at } => match self.publish_end(&result, CANCELLED).await? {
                    Some(already) => (result.epoch(), Some(at), already),
                    None => continue,
                },
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
                    Ok(self.publish_end(&result, DEADLINE_EXCEEDED).await? == Some(false))
                }
            };
        }
        Ok(false)
    }

    /// Drives a run anew that has failed or was cancelled: from where it ended, or from an earlier stage.
    ///
    /// # Errors
    /// [`Refusal`], or where the broker does not do it.
    pub async fn retry(
        &self,
        run: &RunId,
        from: Option<Agent>,
        by: &str,
    ) -> Result<Retried, Error> {
        let history = self.history(run).await?;
        let again = history.again(from, Order { by, at: SystemTime::now() })?;
        self.begin(again).await
    }

    /// Drives the run of a dead letter anew with the letter's own message.
    ///
    /// # Errors
    /// [`Refusal`], or where the broker does not do it.
    pub async fn replay(
        &self,
        run: &RunId,
        letter: &v1::DeadLetter,
        by: &str,
    ) -> Result<Retried, Error> {
        let history = self.history(run).await?;
        let again = history.replay(letter, Order { by, at: SystemTime::now() })?;
        self.begin(again).await
    }

    /// The handoffs and results of a run.
    async fn history(&self, run: &RunId) -> Result<History, Error> {
        let subjects =
            vec![format!("tier0.v1.handoff.*.{run}.*"), format!("tier0.v1.result.{run}.*")];
        let mut history = History::new(run.clone());
        let mut feed = Feed::open(&self.bus, subjects, 0).await?;
        if feed.backlog() == 0 {
            return Ok(history);
        }
        loop {
            let incomplete = || Error::Incomplete { run: run.to_string() };
            let next = tokio::time::timeout(PATIENCE, feed.next()).await;
            let entry = next.map_err(|_elapsed| incomplete())??.ok_or_else(incomplete)?;
            history.take(&entry.subject, &entry.payload);
            if entry.pending == 0 {
                return Ok(history);
            }
        }
    }

    /// Publishes a result, where there is none: whether the same one was there, and none where it was another.
    async fn publish_end(&self, result: &ValidHandoff, code: &str) -> Result<Option<bool>, Error> {
        // Another identity than the result that a stage would publish, so that neither is taken for the other.
        let id = format!("{}.{code}", result.handoff_id());
        let published =
            self.bus.publish_once(&result.subject(), headers(&id), bytes(result)?).await;
        match published {
            Ok(bus::PublishedOnce::Stored { .. }) => Ok(Some(false)),
            Ok(bus::PublishedOnce::AlreadyThere { .. }) => Ok(Some(true)),
            Err(bus::Error::SubjectTaken { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Begins an epoch with a handoff, or with the one that somebody else recorded before.
    async fn begin(&self, handoff: ValidHandoff) -> Result<Retried, Error> {
        let (run, epoch) = (handoff.run_id().clone(), handoff.epoch());
        let outcomes = self.bus.kv(names::OUTCOMES_BUCKET).await?;
        let key = format!("{run}.{epoch}.{}", names::INTAKE);
        let handoff = match outcomes.create(&key, bytes(&handoff)?).await {
            Ok(_) => handoff,
            Err(error @ bus::Error::Conflict { .. }) => {
                let Some(entry) = outcomes.get(&key).await? else { return Err(error.into()) };
                encoding::decode_handoff(Some(names::PROTOBUF), &entry.value)
                    .map_err(|source| Error::Record { run: run.to_string(), epoch, source })?
            }
            Err(error) => return Err(error.into()),
        };
        let headers = headers(handoff.handoff_id());
        self.bus.publish_once(&handoff.subject(), headers, bytes(&handoff)?).await?;
        Ok(Retried {
            run_id: run.to_string(),
            status: RunStatus::Queued,
            epoch,
            from: recovery::recipient(&handoff).map_or(names::END, Agent::as_str).to_owned(),
        })
    }
}

fn headers(id: &str) -> Headers {
    let mut headers = Headers::new();
    headers.insert(MESSAGE_ID, id);
    headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
    headers
}

fn bytes(handoff: &ValidHandoff) -> Result<bytes::Bytes, Error> {
    Ok(encoding::encode_bounded(handoff.as_message()).map_err(Refusal::Contract)?)
}
