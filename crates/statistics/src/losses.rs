//! Whether one model's losses are lower than another's, and whether that may be chance.
//!
//! Invariants: no I/O, no clock, no randomness. A test of too few rows says nothing.

mod paired;
mod sequential;

pub use paired::{Comparison, compare, holm};
pub use sequential::{Losses, always_valid_p};
