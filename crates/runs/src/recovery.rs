//! What may be done to a run from outside, and the message that does it.
//!
//! ```text
//! messages of the run ──History::take──▶ History ──end──▶ result FAILED of the epoch      (cancel, deadline)
//!                                              └──again──▶ handoff of the epoch after it  (retry, replay)
//! ```
//!
//! Invariants:
//! - Pure: no clock and no I/O. Who publishes does it on the condition that the subject is empty, so that whoever is second changes nothing.
//! - A run that has ended is not ended again, and one that goes on is not driven anew.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use contracts::handoff::{Recipient, Sender};
use contracts::subjects::Subject;
use contracts::v1::{self, HandoffStatus};
use contracts::{Agent, ContractError, RunId, ValidHandoff, encoding, failures};

use crate::ledger::RunStatus;

/// Code of the failure that a cancellation is.
pub const CANCELLED: &str = "cancelled";
/// Code of the failure of a run whose time is over.
pub const DEADLINE_EXCEEDED: &str = "deadline_exceeded";
/// Shortest time that a run gets when it is driven anew.
const SHORTEST_WINDOW: Duration = Duration::from_secs(60);

/// Why nothing is done.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The stream has no such run.
    #[error("no run `{run}`")]
    UnknownRun {
        /// The run.
        run: String,
    },
    /// It has ended.
    #[error("run {run} has ended already: it is {}", .status.as_str())]
    Ended {
        /// The run.
        run: String,
        /// How.
        status: RunStatus,
    },
    /// It goes on.
    #[error("run {run} has not ended; cancel it first, or wait for its end")]
    NotEnded {
        /// The run.
        run: String,
    },
    /// It has nothing to be repeated.
    #[error("run {run} has succeeded; there is nothing to repeat")]
    Succeeded {
        /// The run.
        run: String,
    },
    /// The stage comes after the one where the run ended.
    #[error("run {run} ended at {ended_at}, before {from}; a retry begins there or earlier")]
    NotReached {
        /// The run.
        run: String,
        /// Where it ended.
        ended_at: Agent,
        /// What was asked for.
        from: Agent,
    },
    /// There is no handoff to begin from.
    #[error("run {run} cannot begin again at {from}: no handoff to it can be read{}", instead(.possible))]
    NoHandoff {
        /// The run.
        run: String,
        /// What was asked for, or where the run ended.
        from: Agent,
        /// Stages that have one.
        possible: Vec<Agent>,
    },
    /// Its original was cut.
    #[error(
        "dead letter {id} holds only the beginning of its message, which was larger than a dead letter keeps; \
         ask for the run again, or repeat it with `tier0 runs retry`"
    )]
    Truncated {
        /// The dead letter.
        id: String,
    },
    /// Its original cannot be understood.
    #[error("the message of dead letter {id} cannot be read, so that it would be put aside again")]
    Unreadable {
        /// The dead letter.
        id: String,
        /// Why.
        #[source]
        source: ContractError,
    },
    /// Its original is neither a request nor a handoff.
    #[error(
        "the message of dead letter {id} came on {subject}; only requests and handoffs can be repeated"
    )]
    NotRepeatable {
        /// The dead letter.
        id: String,
        /// The subject.
        subject: String,
    },
    /// The message that would be published breaks the contract.
    #[error("the message that would do it breaks the contract")]
    Contract(#[from] ContractError),
}

impl Refusal {
    /// The stable identifier.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownRun { .. } => "run_not_found",
            Self::Ended { .. } => "run_ended",
            Self::NotEnded { .. } => "run_not_ended",
            Self::Succeeded { .. } => "run_succeeded",
            Self::NotReached { .. } => "stage_not_reached",
            Self::NoHandoff { .. } => "no_handoff",
            Self::Truncated { .. } => "truncated",
            Self::Unreadable { .. } => "unreadable",
            Self::NotRepeatable { .. } => "not_repeatable",
            Self::Contract(_) => "contract",
        }
    }
}

fn instead(possible: &[Agent]) -> String {
    if possible.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = possible.iter().map(|agent| agent.as_str()).collect();
    format!("; it can at {}", names.join(", "))
}

/// The handoffs and results that the stream keeps of one run.
#[derive(Debug, Clone)]
pub struct History {
    run: RunId,
    /// By epoch and recipient; none where it cannot be read.
    handoffs: BTreeMap<(u32, Agent), Option<ValidHandoff>>,
    /// By epoch; none where it cannot be read.
    results: BTreeMap<u32, Option<ValidHandoff>>,
    /// Sequence of the last message of each epoch.
    last: BTreeMap<u32, u64>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy)]
enum Standing<'a> {
    Open { epoch: u32 },
    Ended { epoch: u32, result: Option<&'a ValidHandoff> },
}

/// What is to be done so that a run has ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// This is to be published.
    Publish {
        /// The result.
        result: Box<ValidHandoff>,
        /// Where the run is.
        at: Agent,
    },
    /// It had been ended for the same reason.
    Already {
        /// In which epoch.
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
    /// When.
    pub at: SystemTime,
}

impl History {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(run: RunId) -> Self {
        Self { run, handoffs: BTreeMap::new(), results: BTreeMap::new(), last: BTreeMap::new() }
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// Takes in the message that the stream holds at `sequence`; one of another run or kind is passed over.
    pub fn take(&mut self, sequence: u64, subject: &str, payload: &[u8]) {
        let readable = || {
            encoding::decode_handoff(None, payload)
                .ok()
                .filter(|handoff| handoff.subject() == subject)
        };
        let epoch = match Subject::parse(subject) {
            Ok(Subject::Handoff { agent, run, epoch, .. }) if run == self.run => {
                self.handoffs.insert((epoch, agent), readable());
                epoch
            }
            Ok(Subject::Result { run, epoch }) if run == self.run => {
                self.results.insert(epoch, readable());
                epoch
            }
            _ => return,
        };
        let last = self.last.entry(epoch).or_default();
        *last = sequence.max(*last);
    }

    /// The sequence of the last message of an epoch; 0 where it has none.
    #[must_use]
    pub fn last(&self, epoch: u32) -> u64 {
        self.last.get(&epoch).copied().unwrap_or_default()
    }

    fn standing(&self) -> Result<Standing<'_>, Refusal> {
        let handoffs = self.handoffs.keys().map(|(epoch, _)| *epoch);
        let epoch = handoffs
            .chain(self.results.keys().copied())
            .max()
            .ok_or_else(|| Refusal::UnknownRun { run: self.run.to_string() })?;
        Ok(match self.results.get(&epoch) {
            Some(result) => Standing::Ended { epoch, result: result.as_ref() },
            None => Standing::Open { epoch },
        })
    }

    /// The farthest handoff of an epoch, and its recipient.
    fn farthest(&self, epoch: u32) -> Option<(Agent, Option<&ValidHandoff>)> {
        let of_epoch = self.handoffs.range((epoch, Agent::ScopeDefiner)..);
        let of_epoch = of_epoch.take_while(|((of, _), _)| *of == epoch);
        of_epoch.last().map(|((_, agent), handoff)| (*agent, handoff.as_ref()))
    }

    /// When the run must have ended, where it goes on and has to.
    #[must_use]
    pub fn deadline(&self) -> Option<SystemTime> {
        match self.standing() {
            Ok(Standing::Open { epoch }) => self.farthest(epoch)?.1?.deadline(),
            _ => None,
        }
    }

    /// What ends the run with this failure.
    ///
    /// # Errors
    /// [`Refusal::UnknownRun`]; [`Refusal::Ended`] where it has ended for another reason.
    pub fn end(&self, code: &str, message: &str, order: Order<'_>) -> Result<End, Refusal> {
        let epoch = match self.standing()? {
            Standing::Open { epoch } => epoch,
            Standing::Ended { epoch, result } => {
                let found = result.and_then(ValidHandoff::failure);
                if found.is_some_and(|failure| failure.code == code) {
                    return Ok(End::Already { epoch, at: result.and_then(ended_at) });
                }
                return Err(Refusal::Ended { run: self.run.to_string(), status: status(result) });
            }
        };
        let unknown = || Refusal::UnknownRun { run: self.run.to_string() };
        let (agent, handoff) = self.farthest(epoch).ok_or_else(unknown)?;
        let failure = failures::failure(code, message);
        let unread =
            || ValidHandoff::failed_unread(&self.run, epoch, agent, failure.clone(), 1, order.at);
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
    /// [`Refusal`], where the run goes on or has succeeded, or there is nothing to begin from.
    pub fn again(&self, from: Option<Agent>, order: Order<'_>) -> Result<ValidHandoff, Refusal> {
        let (epoch, ended_at) = self.repeatable()?;
        let run = || self.run.to_string();
        if let Some(from) = from
            && from > ended_at
        {
            return Err(Refusal::NotReached { run: run(), ended_at, from });
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
            return Err(Refusal::NoHandoff {
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
    /// [`Refusal`], as in [`History::again`], and where the message is not one that can be repeated.
    pub fn replay(
        &self,
        letter: &v1::DeadLetter,
        order: Order<'_>,
    ) -> Result<ValidHandoff, Refusal> {
        let handoff = match original(letter)? {
            Original::Handoff(handoff) if handoff.run_id() == &self.run => handoff,
            Original::Handoff(_) | Original::Request => return Err(not_repeatable(letter)),
        };
        let (epoch, _) = self.repeatable()?;
        self.repeat(&handoff, epoch, &[("dead_letter", letter.id.clone())], order)
    }

    /// The epoch and stage in which the run ended without success.
    fn repeatable(&self) -> Result<(u32, Agent), Refusal> {
        let run = || self.run.to_string();
        let (epoch, result) = match self.standing()? {
            Standing::Open { .. } => return Err(Refusal::NotEnded { run: run() }),
            Standing::Ended { epoch, result } => (epoch, result),
        };
        if status(result) == RunStatus::Succeeded {
            return Err(Refusal::Succeeded { run: run() });
        }
        let at = result.and_then(ended_at).or_else(|| self.farthest(epoch).map(|(agent, _)| agent));
        Ok((epoch, at.ok_or_else(|| Refusal::UnknownRun { run: run() })?))
    }

    /// The last handoff to an agent that can be read.
    fn latest(&self, agent: Agent) -> Option<&ValidHandoff> {
        self.handoffs
            .iter()
            .rev()
            .find(|((_, to), handoff)| *to == agent && handoff.is_some())
            .and_then(|(_, handoff)| handoff.as_ref())
    }

    fn repeat(
        &self,
        handoff: &ValidHandoff,
        ended: u32,
        notes: &[(&str, String)],
        order: Order<'_>,
    ) -> Result<ValidHandoff, Refusal> {
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

    /// How long the epoch of a handoff was to take; it is given as long again.
    fn window(&self, handoff: &ValidHandoff) -> Option<Duration> {
        let deadline = handoff.deadline()?;
        let of_epoch = self.handoffs.iter().filter(|((epoch, _), _)| *epoch == handoff.epoch());
        let begun = of_epoch
            .filter_map(|(_, handoff)| handoff.as_ref())
            .map(ValidHandoff::timestamp)
            .min()
            .unwrap_or_else(|| handoff.timestamp());
        Some(deadline.duration_since(begun).unwrap_or_default().max(SHORTEST_WINDOW))
    }
}

/// What a dead letter holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Original {
    /// A request, which is sent again as it came.
    Request,
    /// A handoff, whose subject is taken: its run is driven anew with it.
    Handoff(Box<ValidHandoff>),
}

/// What a dead letter holds, where it can be repeated.
///
/// # Errors
/// [`Refusal::Truncated`], [`Refusal::Unreadable`], [`Refusal::NotRepeatable`].
pub fn original(letter: &v1::DeadLetter) -> Result<Original, Refusal> {
    if letter.truncated {
        return Err(Refusal::Truncated { id: letter.id.clone() });
    }
    let subject = Subject::parse(&letter.subject).map_err(|_| not_repeatable(letter))?;
    let content_type = letter.headers.get(contracts::names::CONTENT_TYPE).map(String::as_str);
    match subject {
        Subject::Request => Ok(Original::Request),
        Subject::Handoff { .. } => {
            let handoff = encoding::decode_handoff(content_type, &letter.payload)
                .map_err(|source| Refusal::Unreadable { id: letter.id.clone(), source })?;
            if handoff.subject() != letter.subject {
                return Err(not_repeatable(letter));
            }
            Ok(Original::Handoff(Box::new(handoff)))
        }
        _ => Err(not_repeatable(letter)),
    }
}

fn not_repeatable(letter: &v1::DeadLetter) -> Refusal {
    Refusal::NotRepeatable { id: letter.id.clone(), subject: letter.subject.clone() }
}

fn labelled(
    result: ValidHandoff,
    labels: impl IntoIterator<Item = (&'static str, String)>,
) -> Result<ValidHandoff, ContractError> {
    let mut message = result.into_message();
    message.metadata.extend(labels.into_iter().map(|(name, value)| (name.to_owned(), value)));
    message.try_into()
}

/// How a run ended; a result that cannot be read is a failure.
fn status(result: Option<&ValidHandoff>) -> RunStatus {
    let Some(result) = result else { return RunStatus::Failed };
    match (result.status(), result.failure()) {
        (HandoffStatus::Failed, Some(failure)) if failure.code == CANCELLED => RunStatus::Cancelled,
        (HandoffStatus::Failed, _) => RunStatus::Failed,
        _ => RunStatus::Succeeded,
    }
}

/// The stage at which a run ended.
fn ended_at(result: &ValidHandoff) -> Option<Agent> {
    let failed = result.failure().and_then(|failure| failure.agent.parse().ok());
    failed.or(match result.from() {
        Sender::Agent(agent) => Some(agent),
        Sender::Intake => None,
    })
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
