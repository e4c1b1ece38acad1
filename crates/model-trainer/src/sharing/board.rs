//! Which fits of a batch are open, who makes them, and what became of them.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use contracts::messages;
use learners::{Error, FoldFit};

/// A helper has this long for a fit, beside several times what the longest one took so far.
const MIN_HELPER_TIMEOUT: Duration = Duration::from_secs(3);
/// How many times the longest fit so far.
const HELPER_TIMEOUT_FACTOR: f64 = 4.0;
/// How often a thread that waits for helpers looks around.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The fits of the batch in work.
#[derive(Default)]
pub(super) struct FitBoard {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    slots: Vec<Slot>,
    /// Seconds of the longest fit so far.
    longest: f64,
}

struct Slot {
    task: messages::FitTask,
    stage: Progress,
}

enum Progress {
    Open,
    /// In work in this process.
    Here,
    /// Taken by a helper.
    Away {
        since: Instant,
    },
    Done(Box<Result<FoldFit, Error>>),
}

/// What a thread of this process does next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NextFit {
    /// It makes the fit at this place of the batch.
    Fit(usize),
    /// It looks again: all that is left is in work.
    Wait,
    /// Every fit is done.
    Over,
}

impl FitBoard {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a batch of fits, some of which are there already.
    pub(super) fn open(&self, tasks: impl Iterator<Item = (messages::FitTask, Option<FoldFit>)>) {
        let slot = |(task, fit): (messages::FitTask, Option<FoldFit>)| {
            let done = |fit| Progress::Done(Box::new(Ok(fit)));
            Slot { task, stage: fit.map_or(Progress::Open, done) }
        };
        self.state().slots = tasks.map(slot).collect();
    }

    /// Takes a fit for a thread of this process. Where the time is over, what helpers have is taken back.
    pub(super) fn next_here(&self, over: bool) -> NextFit {
        let mut state = self.state();
        let limit = MIN_HELPER_TIMEOUT
            + Duration::try_from_secs_f64(HELPER_TIMEOUT_FACTOR * state.longest)
                .unwrap_or(MIN_HELPER_TIMEOUT);
        let mut waiting = false;
        for (place, slot) in state.slots.iter_mut().enumerate() {
            let free = match &slot.stage {
                Progress::Open => true,
                Progress::Away { since } => over || since.elapsed() > limit,
                Progress::Here | Progress::Done(_) => false,
            };
            if free {
                slot.stage = Progress::Here;
                return NextFit::Fit(place);
            }
            waiting |= matches!(slot.stage, Progress::Away { .. } | Progress::Here);
        }
        if waiting { NextFit::Wait } else { NextFit::Over }
    }

    /// Takes a fit for a helper: the last open one, since this process begins with the first.
    pub(super) fn take(&self) -> Option<messages::FitTask> {
        let mut state = self.state();
        let open = |slot: &&mut Slot| matches!(slot.stage, Progress::Open);
        let slot = state.slots.iter_mut().rev().find(open)?;
        slot.stage = Progress::Away { since: Instant::now() };
        Some(slot.task.clone())
    }

    /// The task with these numbers that a helper has.
    pub(super) fn taken(&self, trial: u32, fold: u32) -> Option<messages::FitTask> {
        let state = self.state();
        let slot =
            state.slots.iter().find(|slot| slot.task.trial == trial && slot.task.fold == fold)?;
        matches!(slot.stage, Progress::Away { .. }).then(|| slot.task.clone())
    }

    /// Puts down what became of a fit; false where it is not wanted any more.
    pub(super) fn done(&self, task: &messages::FitTask, result: Result<FoldFit, Error>) -> bool {
        let mut state = self.state();
        if let Ok(fit) = &result {
            state.longest = state.longest.max(fit.seconds);
        }
        let Some(slot) = state.slots.iter_mut().find(|slot| slot.task == *task) else {
            return false;
        };
        if matches!(slot.stage, Progress::Done(_)) {
            return false;
        }
        slot.stage = Progress::Done(Box::new(result));
        drop(state);
        self.changed.notify_all();
        true
    }

    /// Opens a fit again that a helper has given in vain.
    pub(super) fn reopen(&self, task: &messages::FitTask) {
        let mut state = self.state();
        let away =
            |slot: &&mut Slot| slot.task == *task && matches!(slot.stage, Progress::Away { .. });
        if let Some(slot) = state.slots.iter_mut().find(away) {
            slot.stage = Progress::Open;
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Waits for a moment, or until a fit is done.
    pub(super) fn wait(&self) {
        let waited = self.changed.wait_timeout(self.state(), POLL_INTERVAL);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Ends the batch and gives what became of its fits, in order.
    pub(super) fn close(&self) -> Vec<Result<FoldFit, Error>> {
        let slots = std::mem::take(&mut self.state().slots);
        let result = |slot: Slot| match slot.stage {
            Progress::Done(result) => *result,
            _ => Err(Error::Cancelled),
        };
        slots.into_iter().map(result).collect()
    }

    /// Whether there is something to take.
    pub(super) fn has_open(&self) -> bool {
        self.state().slots.iter().any(|slot| matches!(slot.stage, Progress::Open))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(trial: u32) -> messages::FitTask {
        messages::FitTask { trial, ..messages::FitTask::default() }
    }

    #[test]
    fn what_a_helper_keeps_is_taken_back() {
        let board = FitBoard::default();
        board.open([task(0), task(1)].map(|task| (task, None)).into_iter());
        assert!(board.has_open());
        assert_eq!(board.take(), Some(task(1)));
        assert_eq!(board.next_here(false), NextFit::Fit(0));
        assert_eq!((board.take(), board.has_open()), (None, false));
        assert!(board.done(&task(0), Err(Error::Empty)));
        assert_eq!(board.next_here(false), NextFit::Wait, "the helper has time");
        assert_eq!(board.taken(1, 0), Some(task(1)));
        assert_eq!(board.next_here(true), NextFit::Fit(1), "the time is over");
        assert_eq!(board.taken(1, 0), None);
        assert!(board.done(&task(1), Err(Error::Empty)));
        assert!(!board.done(&task(1), Err(Error::Empty)), "the helper comes late");
        assert!(!board.done(&task(7), Err(Error::Empty)), "of another batch");
        assert_eq!(board.next_here(false), NextFit::Over);
        assert_eq!(board.close().len(), 2);
    }

    #[test]
    fn what_was_not_done_is_cancelled() {
        let board = FitBoard::default();
        board.open([(task(0), None)].into_iter());
        assert!(matches!(board.close().as_slice(), [Err(Error::Cancelled)]));
        assert_eq!(board.next_here(false), NextFit::Over);
    }
}
