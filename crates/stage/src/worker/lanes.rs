//! Which message is taken next, where handoffs of several priorities wait.
//!
//! Each lane has a durable consumer of its own, so that the broker keeps the queues. What is urgent never waits for what is
//! not: its lane has a place of its own in every replica. What is not urgent is asked for when there is nothing else to do and,
//! so that it does not wait for ever, now and then beside other work.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use bus::{Deliveries, Delivery, DeliverySource};
use tokio::time::{Instant, sleep_until};

/// Urgent handoffs that a replica works on beside the others.
pub(super) const EXPRESS: usize = 1;
/// Handoffs of low priority that a replica works on at the same time.
pub(super) const SPARE: usize = 1;
/// How long the low lane waits at most before it is asked in spite of other work.
const LOW_LANE_MAX_WAIT: Duration = Duration::from_secs(30);
/// How often it is looked whether a replica has become idle.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The lanes of an agent.
pub(super) struct Lanes {
    high: Deliveries,
    normal: Deliveries,
    low: Deliveries,
    /// When the low lane last gave a message, or was first asked.
    low_served: Instant,
}

impl Lanes {
    pub(super) fn new(high: Deliveries, normal: Deliveries, low: Deliveries) -> Self {
        Self { high, normal, low, low_served: Instant::now() }
    }

    /// Consecutive failures to take messages of the normal lane.
    pub(super) fn failures(&self) -> Arc<AtomicU64> {
        self.normal.failures()
    }
}

impl DeliverySource for Lanes {
    async fn next(&mut self) -> Delivery {
        loop {
            let busy = self.high.in_flight() + self.normal.in_flight() > 0;
            // A pull that was sent is followed, whatever has come since: its message must not lie unseen.
            let low =
                !busy || self.low.is_asking() || self.low_served.elapsed() > LOW_LANE_MAX_WAIT;
            let Self { high, normal, low: spare, low_served } = self;
            tokio::select! {
                biased;
                delivery = high.next() => return delivery,
                delivery = normal.next() => return delivery,
                delivery = async { if low { spare.next().await } else { pending().await } } => {
                    *low_served = Instant::now();
                    return delivery;
                }
                () = sleep_until(Instant::now() + POLL_INTERVAL), if !low => {}
            }
        }
    }
}
