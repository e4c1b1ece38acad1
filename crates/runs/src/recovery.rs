//! What may be done to a run from outside, and the message that does it.
//!
//! ```text
//! messages of the run ──History::take──▶ History ──end──▶ result FAILED of the epoch      (cancel, deadline)
//!                                              └──again──▶ handoff of the epoch after it  (retry, replay)
//! ```
//!
//! Invariants:
//! - Pure: no clock and no I/O. The publisher does it on the condition that the subject is empty, so that the second one changes nothing.
//! - A run that has ended is not ended again, and one that goes on is not driven anew.

mod history;
mod original;
mod refusal;

use std::time::SystemTime;

use contracts::handoff::Recipient;
use contracts::v1;
use contracts::{Agent, ContractError, ValidHandoff, encoding, failures};

pub use self::history::History;
use self::history::{RunState, ended_at, status};
use self::original::not_repeatable;
pub use self::original::{OriginalMessage, original};
pub use self::refusal::RecoveryError;

/// Code of the failure that a cancellation is.
pub const CANCELLED: &str = "cancelled";
/// Code of the failure of a run whose time is over.
pub const DEADLINE_EXCEEDED: &str = "deadline_exceeded";

/// What is to be done so that a run has ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// This is to be published.
    Publish {
        /// Result that ended the run.
        result: Box<ValidHandoff>,
        /// Where the run is.
        at: Agent,
    },
    /// It had been ended for the same reason.
    Already {
        /// Number of the epoch that ended, from 0.
        epoch: u32,
        /// Where the run was.
        at: Option<Agent>,
    },
}

/// Who ends or repeats a run, and why.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// Who, for the labels of the message.
    pub by: &'a str,
    /// Time of the request, by the clock of the caller.
    pub at: SystemTime,
}

impl History {
    /// What ends the run with this failure.
    ///
    /// # Errors
    /// [`RecoveryError::UnknownRun`]; [`RecoveryError::Ended`] where it has ended for another reason.
    pub fn end(&self, code: &str, message: &str, order: Order<'_>) -> Result<End, RecoveryError> {
        let epoch = match self.run_state()? {
            RunState::Open { epoch } => epoch,
            RunState::Ended { epoch, result } => {
                let found = result.and_then(ValidHandoff::failure);
                if found.is_some_and(|failure| failure.code == code) {
                    return Ok(End::Already { epoch, at: result.and_then(ended_at) });
                }
                return Err(RecoveryError::Ended {
                    run: self.run().to_string(),
                    status: status(result),
                });
            }
        };
        let unknown = || RecoveryError::UnknownRun { run: self.run().to_string() };
        let (agent, handoff) = self.farthest(epoch).ok_or_else(unknown)?;
        let failure = failures::failure(code, message);
        let unread =
            || ValidHandoff::failed_unread(self.run(), epoch, agent, failure.clone(), 1, order.at);
        let result = match handoff {
            Some(handoff) => {
                let result = handoff.failed(failure.clone(), handoff.attempt(), order.at)?;
                let labelled = labelled(result, [("ended_by", order.by.to_owned())])?;
                // What was taken in may make the message too large; the reason alone fits.
                if encoding::encode_bounded(labelled.as_message()).is_ok() {
                    labelled
                } else {
                    unread()?
                }
            }
            None => unread()?,
        };
        Ok(End::Publish { result: Box::new(result), at: agent })
    }

    /// The handoff that drives the run anew: from the stage where it ended or, with `from`, from that one.
    ///
    /// Where no handoff to the stage can be read, and none is asked for, the nearest stage before it is taken.
    ///
    /// # Errors
    /// [`RecoveryError`], where the run goes on or has succeeded, or there is nothing to begin from.
    pub fn again(
        &self,
        from: Option<Agent>,
        order: Order<'_>,
    ) -> Result<ValidHandoff, RecoveryError> {
        let (epoch, ended_at) = self.repeatable()?;
        let run = || self.run().to_string();
        if let Some(from) = from
            && from > ended_at
        {
            return Err(RecoveryError::NotReached { run: run(), ended_at, from });
        }
        let possible: Vec<(Agent, &ValidHandoff)> = Agent::through(ended_at)
            .into_iter()
            .filter_map(|agent| Some((agent, self.latest(agent)?)))
            .collect();
        let found = match from {
            Some(from) => possible.iter().find(|(agent, _)| *agent == from),
            None => possible.last(),
        };
        let Some((_, handoff)) = found else {
            return Err(RecoveryError::NoHandoff {
                run: run(),
                from: from.unwrap_or(ended_at),
                possible: possible.iter().map(|(agent, _)| *agent).collect(),
            });
        };
        self.repeat(handoff, epoch, &[], order)
    }

    /// The handoff that drives the run anew with a message that was put aside.
    ///
    /// # Errors
    /// [`RecoveryError`], as in [`History::again`], and where the message is not one that can be repeated.
    pub fn replay(
        &self,
        letter: &v1::DeadLetter,
        order: Order<'_>,
    ) -> Result<ValidHandoff, RecoveryError> {
        let handoff = match original(letter)? {
            OriginalMessage::Handoff(handoff) if handoff.run_id() == self.run() => handoff,
            OriginalMessage::Handoff(_) | OriginalMessage::Request => {
                return Err(not_repeatable(letter));
            }
        };
        let (epoch, _) = self.repeatable()?;
        self.repeat(&handoff, epoch, &[("dead_letter", letter.id.clone())], order)
    }

    fn repeat(
        &self,
        handoff: &ValidHandoff,
        ended: u32,
        notes: &[(&str, String)],
        order: Order<'_>,
    ) -> Result<ValidHandoff, RecoveryError> {
        let window = self.window(handoff);
        let mut labels = vec![
            ("retried_by".to_owned(), order.by.to_owned()),
            ("retried_epoch".to_owned(), ended.to_string()),
        ];
        labels.extend(notes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let deadline = window.and_then(|window| order.at.checked_add(window));
        let again = handoff.again(ended.saturating_add(1), deadline, order.at, labels)?;
        encoding::encode_bounded(again.as_message())?;
        Ok(again)
    }
}

fn labelled(
    result: ValidHandoff,
    labels: impl IntoIterator<Item = (&'static str, String)>,
) -> Result<ValidHandoff, ContractError> {
    let mut message = result.into_message();
    message.metadata.extend(labels.into_iter().map(|(name, value)| (name.to_owned(), value)));
    message.try_into()
}

/// The agent that a handoff is for.
#[must_use]
pub fn recipient(handoff: &ValidHandoff) -> Option<Agent> {
    match handoff.to() {
        Recipient::Agent(agent) => Some(agent),
        Recipient::End => None,
    }
}

#[cfg(test)]
mod tests;
