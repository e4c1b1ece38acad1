//! How long reading and writing took.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Adds up the time in which something was read, and in which something was written; that of operations side by side counts
/// once. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    reading: Sum,
    writing: Sum,
}

impl Meter {
    /// Counts as reading until what it gives is dropped.
    #[must_use]
    pub fn reading(&self) -> Metered {
        self.reading.begin()
    }

    /// Counts as writing until what it gives is dropped.
    #[must_use]
    pub fn writing(&self) -> Metered {
        self.writing.begin()
    }

    /// Time of reading so far, what is under way left out while something is read.
    #[must_use]
    pub fn read(&self) -> Duration {
        self.reading.total()
    }

    /// Time of writing so far, what is under way left out while something is written.
    #[must_use]
    pub fn written(&self) -> Duration {
        self.writing.total()
    }
}

/// An operation that is under way.
#[derive(Debug)]
pub struct Metered(Sum);

impl Drop for Metered {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[derive(Debug, Clone, Default)]
struct Sum(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Operations under way, and since when there are any.
    active: usize,
    since: Option<Instant>,
    total: Duration,
}

impl Sum {
    fn begin(&self) -> Metered {
        self.with(|state| {
            state.active += 1;
            state.since.get_or_insert_with(Instant::now);
        });
        Metered(self.clone())
    }

    fn end(&self) {
        self.with(|state| {
            state.active = state.active.saturating_sub(1);
            if state.active == 0
                && let Some(since) = state.since.take()
            {
                state.total += since.elapsed();
            }
        });
    }

    fn total(&self) -> Duration {
        self.with(|state| state.total)
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::disallowed_methods,
        reason = "no runtime is there whose thread it could block"
    )]

    use super::*;

    #[test]
    fn operations_side_by_side_count_once() {
        let meter = Meter::default();
        let begun = Instant::now();
        let (first, second) = (meter.reading(), meter.clone().reading());
        std::thread::sleep(Duration::from_millis(20));
        drop(first);
        assert_eq!(meter.read(), Duration::ZERO, "one is under way");
        drop(second);
        let lasted = begun.elapsed();
        assert!(meter.read() >= Duration::from_millis(20) && meter.read() <= lasted);
        let before = meter.read();
        std::thread::sleep(Duration::from_millis(5));
        drop(meter.reading());
        assert!(meter.read() - before < Duration::from_millis(5), "pauses do not count");
        assert_eq!(meter.written(), Duration::ZERO);
    }
}
