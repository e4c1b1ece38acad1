//! Times, counted in steps of half a percent: as small after an hour as after a second.

use std::time::Duration;

/// From one step to the next.
const STEP: f64 = 1.005;
/// Steps from a microsecond to more than a minute.
const STEPS: usize = 3_700;

/// How often what time was taken.
#[derive(Debug, Clone)]
pub(super) struct Latencies {
    counts: Vec<u64>,
    count: u64,
}

impl Default for Latencies {
    fn default() -> Self {
        Self { counts: vec![0; STEPS], count: 0 }
    }
}

impl Latencies {
    pub(super) fn record(&mut self, time: Duration) {
        let micros = time.as_secs_f64() * 1e6;
        let step = micros.max(1.0).ln() / STEP.ln();
        if let Some(count) = self.counts.get_mut((step as usize).min(STEPS - 1)) {
            *count += 1;
            self.count += 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.count += other.count;
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// A quantile in milliseconds, by the nearest rank; 0 of nothing.
    pub(super) fn quantile_ms(&self, share: f64) -> f64 {
        let rank = ((share * self.count as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for (step, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return STEP.powf(step as f64 + 0.5) / 1e3;
            }
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_half_a_percent() {
        let mut latencies = Latencies::default();
        for micros in 1..=10_000 {
            latencies.record(Duration::from_micros(micros));
        }
        let mut twice = latencies.clone();
        twice.merge(&latencies);
        assert_eq!(twice.count(), 20_000);
        for (share, wanted) in [(0.5, 5.0), (0.99, 9.9)] {
            assert!((twice.quantile_ms(share) / wanted - 1.0).abs() < 0.006);
        }
        assert_eq!(Latencies::default().quantile_ms(0.5), 0.0);
    }
}
