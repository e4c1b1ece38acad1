//! What runs beside the stage, one module per task.
//!
//! ```text
//!   count    TIER0_PREDICTIONS ─▶ counts (TIER0_MONITORS), slices of sketches (TIER0_WINDOWS)
//!   join     TIER0_FEEDBACK ─▶ labelled rows (TIER0_WINDOWS)
//!   check    all of these ─▶ drift report, performance, alert records (TIER0_MONITORS), TIER0_ALERTS
//!   retrain  alert records ─▶ attempts (TIER0_MONITORS), scope requests; a step of each check
//!   notify   TIER0_ALERTS ─▶ webhooks
//! ```

pub(crate) mod check;
pub(crate) mod count;
mod events;
pub(crate) mod join;
pub(crate) mod notify;
mod retrain;
