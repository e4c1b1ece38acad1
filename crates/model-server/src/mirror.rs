//! Copies of requests for shadows: scored after the caller has its answer, compared, and never answered to a caller.

use std::sync::Arc;
use std::time::{Duration, Instant};

use scoring::Predictions;
use tabular::Table;
use tokio::sync::Semaphore;

use crate::answering::score;
use crate::catalogue::ResolvedVersion;

/// Copies that are worked on or wait at a time; what is beyond is not mirrored, and counted.
const MAX_PENDING_COPIES: usize = 256;

/// Scores copies of requests.
#[derive(Debug)]
pub(crate) struct ShadowScorer {
    room: Arc<Semaphore>,
    dropped: metrics::Counter,
}

impl Default for ShadowScorer {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(MAX_PENDING_COPIES)),
            dropped: crate::telemetry::mirrored_dropped(),
        }
    }
}

impl ShadowScorer {
    /// Has the endpoint's shadows score the rows of the request `id`, later and elsewhere; `live` is what the caller was told.
    pub(crate) fn offer(
        &self,
        resolved: ResolvedVersion,
        id: String,
        table: Table,
        live: Predictions,
        now: impl Fn() -> Duration + Send + 'static,
    ) {
        let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else {
            self.dropped.increment(1);
            return;
        };
        tokio::task::spawn_blocking(move || {
            let place = &resolved.place;
            for shadow in &place.router.shadows {
                let (Some(version), Some(counts)) =
                    (place.versions.get(shadow), place.counts.get(shadow))
                else {
                    continue;
                };
                if !counts.admit(now()) {
                    continue;
                }
                let begun = Instant::now();
                match score(&resolved.endpoint, version, &table, true) {
                    Ok(predictions) => {
                        counts.succeeded(now(), &predictions);
                        counts.record_latency(begun.elapsed());
                        counts.compared(&predictions, &live);
                        if place.is_observed {
                            place.recent.remember_copy(&id, counts, predictions);
                        }
                    }
                    Err(error) => {
                        counts.failed(now());
                        tracing::debug!(%error, version = version.number, "a shadow failed");
                    }
                }
            }
            drop(room);
        });
    }
}
