//! Work whose effects the broker had no room for: it waits in this process, and its waiting is no delivery that failed.

use bus::Delivery;
use bus::backoff::Backoff;
use contracts::ValidHandoff;
use std::time::Duration;
use tokio::time::Instant;

use super::WorkContext;
use super::settle::WorkOutcome;

const RETRY_BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(15));

impl WorkContext {
    /// Works; what failed while the broker was full is done again here, until it has room.
    pub(super) async fn work_with_room(
        &self,
        input: &ValidHandoff,
        delivery: &Delivery,
    ) -> WorkOutcome {
        let (begun, mut failures) = (Instant::now(), 0);
        loop {
            let worked = self.work(input, delivery).await;
            let full = self.resources.bus.storage_full().is_some();
            let waits =
                matches!(worked, WorkOutcome::Retry(_)) && begun.elapsed() < bus::ROOM_TIMEOUT;
            if !full || !waits {
                return worked;
            }
            failures += 1;
            let wait = RETRY_BACKOFF.after(failures);
            tracing::warn!(
                failures,
                wait_ms = wait.as_millis(),
                "the broker is full; waiting for room"
            );
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.ending.cancelled() => return worked,
            }
        }
    }
}
