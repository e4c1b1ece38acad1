//! Nothing: no process of the build that is shipped crashes on purpose.

use super::{Moment, Point};

/// Passes a point of a settlement.
#[inline]
pub fn pass(_moment: Moment, _point: Point, _place: &str, _run: &str) {}

/// Does nothing: this build injects no faults.
#[inline]
pub(crate) fn prepare() -> Result<(), Vec<String>> {
    Ok(())
}

/// Does nothing: this build injects no faults.
#[inline]
pub(crate) fn announce() {}
