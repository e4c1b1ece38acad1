//! What runs beside the stage, one module per task.
//!
//! ```text
//!   count    TIER0_PREDICTIONS ─▶ counts (TIER0_MONITORS), slices of sketches (TIER0_WINDOWS)
//!   join     TIER0_FEEDBACK ─▶ labelled rows (TIER0_WINDOWS)
//!   check    all of these ─▶ drift report, performance, alert records (TIER0_MONITORS), TIER0_ALERTS
//!   retrain  alert records ─▶ attempts (TIER0_MONITORS), scope requests; a step of each check
//!   notify   TIER0_ALERTS ─▶ webhooks
//! ```

use std::time::Duration;

use bus::{Deliveries, Delivery};
use tokio::time::Instant;

pub(crate) mod check;
pub(crate) mod count;
mod events;
pub(crate) mod join;
pub(crate) mod notify;
mod retrain;

/// The first delivery and those that follow within `wait`, at most `max` in all.
async fn batch(
    deliveries: &mut Deliveries,
    first: Delivery,
    max: usize,
    wait: Duration,
) -> Vec<Delivery> {
    let mut batch = vec![first];
    let until = Instant::now() + wait;
    while batch.len() < max {
        match tokio::time::timeout_at(until, deliveries.next()).await {
            Ok(delivery) => batch.push(delivery),
            Err(_) => break,
        }
    }
    batch
}
