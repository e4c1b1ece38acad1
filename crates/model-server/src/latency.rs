//! Whether a request is small enough to be worked on where it arrives.
//!
//! Async threads must not be held for more than about half a millisecond, and handing work to another thread costs
//! tens of microseconds. So each version remembers how long a byte of a request took it, and short work stays.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Longest work on an async thread.
const MAX_INLINE_TIME: Duration = Duration::from_micros(500);
/// Nanoseconds per byte assumed before the first measurement: a request of 10 KiB is just small enough.
const INITIAL_NANOS_PER_BYTE: u64 = 50;
/// Requests below this size say more about the machine than about the version.
const MIN_MEASURED_BYTES: u64 = 256;

/// How long a byte of a request takes, as a running mean.
#[derive(Debug)]
pub(crate) struct LatencyModel {
    nanos_per_byte: AtomicU64,
}

impl Default for LatencyModel {
    fn default() -> Self {
        Self { nanos_per_byte: AtomicU64::new(INITIAL_NANOS_PER_BYTE) }
    }
}

impl LatencyModel {
    /// Whether a body of this size is worked on where it arrived.
    pub(crate) fn is_short(&self, bytes: usize) -> bool {
        let nanos = self.nanos_per_byte.load(Ordering::Relaxed).saturating_mul(bytes as u64);
        Duration::from_nanos(nanos) <= MAX_INLINE_TIME
    }

    /// Learns from work that was done.
    pub(crate) fn record_duration(&self, bytes: usize, elapsed: Duration) {
        let bytes = bytes as u64;
        if bytes < MIN_MEASURED_BYTES {
            return;
        }
        let measured = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX) / bytes;
        // One interruption by the operating system must not send all that follows elsewhere.
        let known = self.nanos_per_byte.load(Ordering::Relaxed);
        let bounded = measured.clamp(1, known.saturating_mul(4).max(INITIAL_NANOS_PER_BYTE));
        let next = known.saturating_mul(15).saturating_add(bounded) / 16;
        self.nanos_per_byte.store(next.max(1), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_short_and_a_megabyte_is_not() {
        let latency_model = LatencyModel::default();
        assert!(latency_model.is_short(2_000));
        assert!(!latency_model.is_short(1 << 20));
    }

    #[test]
    fn a_slow_version_is_learnt_and_one_interruption_is_not() {
        let latency_model = LatencyModel::default();
        latency_model.record_duration(2_000, Duration::from_millis(20));
        assert!(latency_model.is_short(2_000));
        for _ in 0..100 {
            latency_model.record_duration(2_000, Duration::from_millis(20));
        }
        assert!(!latency_model.is_short(2_000));
    }
}
