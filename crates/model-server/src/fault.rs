//! Versions that fail on purpose, for the tests of breakers, fallbacks and rollouts.
//!
//! Only the build feature `fault-injection` has them: `TIER0_SCORE_FAULTS` names a file with a line for each fault:
//! `ENDPOINT.VERSION fail`, `ENDPOINT.VERSION fail-check` (requests that name the version fail as well) or
//! `ENDPOINT.VERSION slow MILLISECONDS`. It is read again when it has changed. The build that is shipped has no faults.

#[cfg(feature = "fault-injection")]
mod injected;
#[cfg(not(feature = "fault-injection"))]
#[path = "fault/plain.rs"]
mod injected;

pub(crate) use injected::score;
#[cfg(feature = "fault-injection")]
pub use injected::set;
