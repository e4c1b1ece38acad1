//! Deliveries that are handled many at once: the first is waited for, others join it until the batch is full or its time is over.

use std::time::Duration;

use futures::future::join_all;
use tokio::time::Instant;

use crate::{Deliveries, Delivery, Settlement};

/// The deliveries of a consumer in batches.
pub struct Batches {
    deliveries: Deliveries,
    max: usize,
    wait: Duration,
    open: Vec<Delivery>,
    until: Instant,
}

impl Batches {
    /// Batches of at most `max` deliveries (at least 1; the consumer must have as many in flight), each complete at most `wait`
    /// after its first one.
    #[must_use]
    pub fn new(deliveries: Deliveries, max: usize, wait: Duration) -> Self {
        Self { deliveries, max: max.max(1), wait, open: Vec::new(), until: Instant::now() }
    }

    /// The next batch, which is not empty. Dropping the future loses no delivery: what has come is in the next batch.
    pub async fn next(&mut self) -> Vec<Delivery> {
        while self.open.len() < self.max {
            let next = self.deliveries.next();
            if self.open.is_empty() {
                self.open.push(next.await);
                self.until = Instant::now() + self.wait;
                continue;
            }
            match tokio::time::timeout_at(self.until, next).await {
                Ok(delivery) => self.open.push(delivery),
                Err(_elapsed) => break,
            }
        }
        std::mem::take(&mut self.open)
    }
}

/// Settles deliveries alike, side by side.
pub async fn settle_all(deliveries: Vec<Delivery>, settlement: Settlement) {
    join_all(deliveries.into_iter().map(|delivery| delivery.settle(settlement))).await;
}
