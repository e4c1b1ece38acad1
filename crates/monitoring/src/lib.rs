//! What follows from the traffic of a deployed model: counts, labelled rows, performance, alerts and retraining. Pure.
//!
//! ```text
//!   prediction events ─▶ traffic: counts, slices of sketches ─▶ window ─▶ drift ──┐
//!   feedback ──────────▶ feedback: labelled rows ─▶ performance ──────────────────┼─▶ alerts ─▶ retraining
//!   server reports ────▶ traffic: failed and slow requests ───────────────────────┘
//! ```
//!
//! Invariants:
//! - No I/O, no clock, no randomness of its own: times are arguments, and resamples have a fixed seed.
//! - What is stored holds the stream sequences that it was made of, so that a redelivered message changes nothing.
//! - Every stored value has a bound, and is checked when it is read back.
//!
//! The records (`Monitor`, `AlertRecord`, `RetrainingRecord`, …) and the events are the generated types of `contracts`: they
//! are what is stored and received, and a copy of each would say the same again.

pub mod alerts;
pub mod drift;
pub mod feedback;
pub mod performance;
pub mod retraining;
pub mod settings;
mod time;
pub mod traffic;

pub use drift::{DriftDocument, is_time};
pub use time::unix_milliseconds;
