//! Bundles that are loaded, by digest: those in use, and those that stay warm for a rollback.
//!
//! Invariants:
//! - What a version has is never given up; it takes no part in the bounds.
//! - What no version has any more stays within the bytes and the time configured; the longest unused goes first.
//! - A digest is loaded once at a time: who wants it meanwhile waits, and has the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::loaded::LoadedBundle;

/// Loaded bundles by digest, bounded in bytes.
#[derive(Debug)]
pub struct Cache {
    most_bytes: u64,
    longest: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    bundles: HashMap<String, Entry>,
    loading: HashMap<String, Arc<tokio::sync::Mutex<()>>>,
}

#[derive(Debug)]
struct Entry {
    bundle: Arc<LoadedBundle>,
    /// When it was last seen in use.
    used: Instant,
}

impl Entry {
    fn is_in_use(&self) -> bool {
        Arc::strong_count(&self.bundle) > 1
    }
}

/// What a look over the cache found and did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Bytes that versions have.
    pub in_use: u64,
    /// Bytes that are only kept.
    pub warm: u64,
    /// Bundles given up because they had not been used for too long.
    pub by_age: u64,
    /// Bundles given up for want of room.
    pub by_bytes: u64,
}

impl Cache {
    /// An empty cache that keeps so many bytes for so long beyond their use.
    pub fn new(most_bytes: u64, longest: Duration) -> Self {
        Self { most_bytes, longest, state: Mutex::default() }
    }

    /// The bundle of that digest, or what `load` makes of it.
    pub async fn get<E>(
        &self,
        digest: &str,
        load: impl AsyncFnOnce() -> Result<LoadedBundle, E>,
    ) -> Result<Arc<LoadedBundle>, E> {
        let turn = Arc::clone(self.state().loading.entry(digest.to_owned()).or_default());
        let held = turn.lock().await;
        let known = self.state().bundles.get_mut(digest).map(|entry| {
            entry.used = Instant::now();
            Arc::clone(&entry.bundle)
        });
        let got = match known {
            Some(bundle) => {
                crate::telemetry::cache_hits().increment(1);
                Ok(bundle)
            }
            None => {
                crate::telemetry::cache_misses().increment(1);
                load().await.map(|bundle| {
                    let bundle = Arc::new(bundle);
                    let entry = Entry { bundle: Arc::clone(&bundle), used: Instant::now() };
                    self.state().bundles.insert(digest.to_owned(), entry);
                    bundle
                })
            }
        };
        drop(held);
        drop(turn);
        // No other request waits for the turn where the map alone has it.
        let mut state = self.state();
        if state.loading.get(digest).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            state.loading.remove(digest);
        }
        drop(state);
        got
    }

    /// Gives up what has been unused for too long or does not fit, and says what is left in the metrics.
    pub(crate) fn sweep(&self) -> SweepReport {
        let swept = self.sweep_at(Instant::now());
        crate::telemetry::cache_bytes(swept.in_use, swept.warm);
        crate::telemetry::cache_evictions("age").increment(swept.by_age);
        crate::telemetry::cache_evictions("bytes").increment(swept.by_bytes);
        swept
    }

    /// The same at a moment of the caller's choice, without a metric.
    pub fn sweep_at(&self, now: Instant) -> SweepReport {
        let mut swept = SweepReport::default();
        let mut state = self.state();
        let mut warm: Vec<(Instant, String, u64)> = Vec::new();
        for (digest, entry) in &mut state.bundles {
            if entry.is_in_use() {
                entry.used = now;
                swept.in_use += entry.bundle.bytes;
            } else {
                warm.push((entry.used, digest.clone(), entry.bundle.bytes));
            }
        }
        // The latest used first: what follows once the room is full has to go.
        warm.sort_unstable_by(|a, b| b.cmp(a));
        for (used, digest, bytes) in warm {
            let too_old = now.saturating_duration_since(used) > self.longest;
            let too_large = swept.warm.saturating_add(bytes) > self.most_bytes;
            if too_old || too_large {
                swept.by_age += u64::from(too_old);
                swept.by_bytes += u64::from(!too_old);
                state.bundles.remove(&digest);
            } else {
                swept.warm += bytes;
            }
        }
        swept
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing that could panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
