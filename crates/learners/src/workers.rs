//! How work is spread over processors.

use std::num::NonZeroU16;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Rows from which on a tree learner gains from threads of its own: below, they wait for each other more than they work.
const OWN_THREADS_FROM: usize = 50_000;

/// Fits that run side by side, and the threads that each of them has. Results never depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workers {
    /// Fits at a time.
    pub parallel: usize,
    /// Threads of each fit.
    pub threads: NonZeroU16,
}

impl Workers {
    /// One fit with one thread.
    pub const ONE: Self = Self { parallel: 1, threads: NonZeroU16::MIN };

    /// The best use of `cores` processors for tables of `rows` rows: fits side by side for small ones, one fit with
    /// many threads for large ones.
    #[must_use]
    pub fn plan(cores: usize, rows: usize) -> Self {
        let cores = u16::try_from(cores).ok().and_then(NonZeroU16::new).unwrap_or(NonZeroU16::MIN);
        if rows < OWN_THREADS_FROM {
            Self { parallel: usize::from(cores.get()), threads: NonZeroU16::MIN }
        } else {
            Self { parallel: 1, threads: cores }
        }
    }

    /// Does each piece of work, at most `parallel` at a time, each taken up as soon as a thread is free, and gives the results in the order of the pieces.
    pub(crate) fn each<I, O>(self, pieces: &[I], work: &(dyn Fn(&I) -> O + Sync)) -> Vec<O>
    where
        I: Sync,
        O: Send,
    {
        if self.parallel <= 1 || pieces.len() <= 1 {
            return pieces.iter().map(work).collect();
        }
        let next = AtomicUsize::new(0);
        let mut results: Vec<(usize, O)> = std::thread::scope(|scope| {
            let work_on = || {
                let mut done = Vec::new();
                while let Some((place, piece)) = {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    pieces.get(place).map(|piece| (place, piece))
                } {
                    done.push((place, work(piece)));
                }
                done
            };
            let running: Vec<_> =
                (0..self.parallel.min(pieces.len())).map(|_| scope.spawn(work_on)).collect();
            let joined = running.into_iter().map(std::thread::ScopedJoinHandle::join);
            joined
                .flat_map(|done| match done {
                    Ok(done) => done,
                    // A panic goes on where it would have gone without the thread.
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect()
        });
        results.sort_by_key(|(place, _)| *place);
        results.into_iter().map(|(_, result)| result).collect()
    }
}
