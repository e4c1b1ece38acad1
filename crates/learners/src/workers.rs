//! How work is spread over processors.

use std::num::NonZeroU16;

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
    pub fn of(cores: usize, rows: usize) -> Self {
        let cores = u16::try_from(cores).ok().and_then(NonZeroU16::new).unwrap_or(NonZeroU16::MIN);
        if rows < OWN_THREADS_FROM {
            Self { parallel: usize::from(cores.get()), threads: NonZeroU16::MIN }
        } else {
            Self { parallel: 1, threads: cores }
        }
    }

    /// Does each piece of work, at most `parallel` at a time, and gives the results in the order of the pieces.
    pub(crate) fn run<I, O>(self, pieces: &[I], work: &(dyn Fn(&I) -> O + Sync)) -> Vec<O>
    where
        I: Sync,
        O: Send,
    {
        if self.parallel <= 1 || pieces.len() <= 1 {
            return pieces.iter().map(work).collect();
        }
        let mut results = Vec::with_capacity(pieces.len());
        for batch in pieces.chunks(self.parallel) {
            let done: Vec<std::thread::Result<O>> = std::thread::scope(|scope| {
                let running: Vec<_> =
                    batch.iter().map(|piece| scope.spawn(move || work(piece))).collect();
                running.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
            });
            for result in done {
                match result {
                    Ok(result) => results.push(result),
                    // A panic goes on where it would have gone without the thread.
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        }
        results
    }
}
