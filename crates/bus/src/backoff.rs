//! Waiting longer after each failure, and not in step with others.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// Doubles from `first` up to `longest`; each wait is drawn from the upper half of its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the first failure.
    pub first: Duration,
    /// Upper limit of every wait.
    pub longest: Duration,
}

impl Backoff {
    /// A backoff from `first` to `longest`.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest }
    }

    /// The wait after the failure number `failures` (from 1), with jitter.
    pub fn after(&self, failures: u64) -> Duration {
        let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX).min(20);
        let full = self.first.saturating_mul(2_u32.saturating_pow(doublings)).min(self.longest);
        full.mul_f64(0.5 + 0.5 * share())
    }
}

/// A number from 0 to 1 that differs between processes and calls; for jitter, not for results.
fn share() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    f64::from(u32::try_from(bits >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_are_bounded() {
        let backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(2));
        for failures in 1..200 {
            let full =
                Duration::from_millis(100 << (failures - 1).min(10)).min(Duration::from_secs(2));
            let wait = backoff.after(failures);
            assert!(wait <= full && wait >= full / 2, "{failures}: {wait:?}");
        }
    }
}
