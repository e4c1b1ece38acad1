//! Distinct numbers of a sorted column, listed while they are few.

use super::MAX_TOP_VALUES;

/// Counts runs of equal values; forgets the values once there are more than can be listed.
#[derive(Debug, Default)]
pub(super) struct DistinctCounter {
    distinct: u64,
    values: Vec<(f64, u64)>,
}

impl DistinctCounter {
    pub(super) fn observe(&mut self, run: &[f64]) {
        self.distinct += 1;
        if self.distinct > MAX_TOP_VALUES as u64 {
            self.values = Vec::new();
        } else if let Some(value) = run.first() {
            self.values.push((*value, run.len() as u64));
        }
    }

    /// The number of distinct values, and the values by falling frequency where they are few.
    pub(super) fn finish(mut self) -> (u64, Vec<(f64, u64)>) {
        self.values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.total_cmp(&b.0)));
        (self.distinct, self.values)
    }
}
