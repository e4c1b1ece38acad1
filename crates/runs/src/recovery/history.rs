//! The messages of one run, and where it stands by them.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use contracts::handoff::Sender;
use contracts::subjects::Subject;
use contracts::v1::HandoffStatus;
use contracts::{Agent, RunId, ValidHandoff, encoding};

use super::{CANCELLED, RecoveryError};
use crate::ledger::RunStatus;

/// Shortest time that a run gets when it is driven anew.
pub(super) const MIN_RETRY_WINDOW: Duration = Duration::from_secs(60);

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
pub(super) enum RunState<'a> {
    /// It goes on in this epoch.
    Open { epoch: u32 },
    /// It ended in this epoch; no result where it cannot be read.
    Ended { epoch: u32, result: Option<&'a ValidHandoff> },
}

impl History {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(run: RunId) -> Self {
        Self { run, handoffs: BTreeMap::new(), results: BTreeMap::new(), last: BTreeMap::new() }
    }

    /// Identifier of the run.
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

    pub(super) fn run_state(&self) -> Result<RunState<'_>, RecoveryError> {
        let handoffs = self.handoffs.keys().map(|(epoch, _)| *epoch);
        let epoch = handoffs
            .chain(self.results.keys().copied())
            .max()
            .ok_or_else(|| RecoveryError::UnknownRun { run: self.run.to_string() })?;
        Ok(match self.results.get(&epoch) {
            Some(result) => RunState::Ended { epoch, result: result.as_ref() },
            None => RunState::Open { epoch },
        })
    }

    /// The farthest handoff of an epoch, and its recipient.
    pub(super) fn farthest(&self, epoch: u32) -> Option<(Agent, Option<&ValidHandoff>)> {
        let of_epoch = self.handoffs.range((epoch, Agent::ScopeDefiner)..);
        let of_epoch = of_epoch.take_while(|((of, _), _)| *of == epoch);
        of_epoch.last().map(|((_, agent), handoff)| (*agent, handoff.as_ref()))
    }

    /// When the run must have ended, where it goes on and has to.
    #[must_use]
    pub fn deadline(&self) -> Option<SystemTime> {
        match self.run_state() {
            Ok(RunState::Open { epoch }) => self.farthest(epoch)?.1?.deadline(),
            _ => None,
        }
    }

    /// The epoch and stage in which the run ended without success.
    pub(super) fn repeatable(&self) -> Result<(u32, Agent), RecoveryError> {
        let run = || self.run.to_string();
        let (epoch, result) = match self.run_state()? {
            RunState::Open { .. } => return Err(RecoveryError::NotEnded { run: run() }),
            RunState::Ended { epoch, result } => (epoch, result),
        };
        if status(result) == RunStatus::Succeeded {
            return Err(RecoveryError::Succeeded { run: run() });
        }
        let at = result.and_then(ended_at).or_else(|| self.farthest(epoch).map(|(agent, _)| agent));
        Ok((epoch, at.ok_or_else(|| RecoveryError::UnknownRun { run: run() })?))
    }

    /// The last handoff to an agent that can be read.
    pub(super) fn latest(&self, agent: Agent) -> Option<&ValidHandoff> {
        self.handoffs
            .iter()
            .rev()
            .find(|((_, to), handoff)| *to == agent && handoff.is_some())
            .and_then(|(_, handoff)| handoff.as_ref())
    }

    /// How long the epoch of a handoff was to take; it is given as long again.
    pub(super) fn window(&self, handoff: &ValidHandoff) -> Option<Duration> {
        let deadline = handoff.deadline()?;
        let of_epoch = self.handoffs.iter().filter(|((epoch, _), _)| *epoch == handoff.epoch());
        let begun = of_epoch
            .filter_map(|(_, handoff)| handoff.as_ref())
            .map(ValidHandoff::timestamp)
            .min()
            .unwrap_or_else(|| handoff.timestamp());
        Some(deadline.duration_since(begun).unwrap_or_default().max(MIN_RETRY_WINDOW))
    }
}

/// How a run ended; a result that cannot be read is a failure.
pub(super) fn status(result: Option<&ValidHandoff>) -> RunStatus {
    let Some(result) = result else { return RunStatus::Failed };
    match (result.status(), result.failure()) {
        (HandoffStatus::Failed, Some(failure)) if failure.code == CANCELLED => RunStatus::Cancelled,
        (HandoffStatus::Failed, _) => RunStatus::Failed,
        _ => RunStatus::Succeeded,
    }
}

/// The stage at which a run ended.
pub(super) fn ended_at(result: &ValidHandoff) -> Option<Agent> {
    let failed = result.failure().and_then(|failure| failure.agent.parse().ok());
    failed.or(match result.from() {
        Sender::Agent(agent) => Some(agent),
        Sender::Intake => None,
    })
}
