//! How a version is brought to traffic, and back: decisions on the deployment record by measured traffic. Pure.
//!
//! ```text
//!   plan (steps, gates) ─┐
//!   record (where it is) ─┼─▶ advance ─▶ the record as it should be next, with a verdict
//!   evidence (counts) ───┘
//! ```
//!
//! Invariants:
//! - Nothing is promoted without evidence: silence ends at the stable version.
//! - The stable version stays in the record, and so loaded, until a promotion has taken its place; then it is kept as the one to go back to.
//! - A decision is a function of the record, the counts and the time: any replica comes to the same one.

mod advance;
mod buckets;
mod change;
mod condition;
mod evidence;
mod gates;
mod plan;
mod watch;

pub use advance::{NextStep, advance};
pub use buckets::{LATENCY_BUCKETS, PREDICTION_BUCKETS, latency_bucket, prediction_bucket};
pub use change::{
    ChangeRefusedError, TrafficShare, abort, begin, finish, is_active, promote, resume, rollback,
    same_version, split,
};
pub use condition::ConditionError;
pub use evidence::{Evidence, Traffic};
pub use plan::{check, filled, weights};
pub use watch::{is_watched, judge_watch, watch};
