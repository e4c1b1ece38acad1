//! What servers counted, put together and compared.

use std::collections::BTreeMap;

use contracts::v1::{ServerReport, VersionTraffic};
use statistics::drift::{population_stability, shares_with_added};
use statistics::losses::Losses;

use crate::buckets::latency_ms;

/// Counts of a version over all servers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Traffic {
    /// Requests that it was to answer.
    pub requests: u64,
    /// Those that it failed.
    pub errors: u64,
    /// Answers by bucket of latency.
    pub latency: Vec<u64>,
    /// Number of predicted rows, by [`prediction_bucket`](crate::prediction_bucket).
    pub predictions: BTreeMap<u32, u64>,
    /// Rows whose outcome is known.
    pub labelled: u64,
    /// Those that named the right class.
    pub correct: u64,
    /// Sum of their losses.
    pub loss: f64,
    /// Sum of the squares of their losses.
    pub loss_square: f64,
    /// Rows compared with the live version's.
    pub compared: u64,
    /// Those with another class.
    pub disagreed: u64,
    /// Sum of the differences.
    pub difference: f64,
    /// Greatest absolute difference of two predictions.
    pub difference_max: f64,
}

impl Traffic {
    /// Adds what a server counted.
    pub fn add(&mut self, counted: &VersionTraffic) {
        self.requests += counted.requests;
        self.errors += counted.errors;
        if self.latency.len() < counted.latency_counts.len() {
            self.latency.resize(counted.latency_counts.len(), 0);
        }
        for (sum, count) in self.latency.iter_mut().zip(&counted.latency_counts) {
            *sum += count;
        }
        for (bucket, count) in &counted.prediction_counts {
            *self.predictions.entry(*bucket).or_default() += count;
        }
        self.labelled += counted.labelled;
        self.correct += counted.correct;
        self.loss += counted.loss_sum;
        self.loss_square += counted.loss_square_sum;
        self.compared += counted.compared;
        self.disagreed += counted.disagreed;
        self.difference += counted.difference_sum;
        self.difference_max = self.difference_max.max(counted.difference_max);
    }

    /// Share of failed requests; none without requests.
    #[must_use]
    pub fn error_rate(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.errors as f64 / self.requests as f64)
    }

    /// The latency that a share of the answers did not exceed, in milliseconds: the upper end of its bucket.
    #[must_use]
    pub fn quantile_ms(&self, share: f64) -> Option<f64> {
        let total: u64 = self.latency.iter().sum();
        if total == 0 {
            return None;
        }
        let wanted = (share * total as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.latency.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Some(latency_ms(bucket));
            }
        }
        None
    }

    /// Number, mean and variance of the losses; none below two labelled rows.
    #[must_use]
    pub fn losses(&self) -> Option<Losses> {
        Losses::from_sums(self.labelled, self.loss, self.loss_square)
    }
}

/// What is known of the versions of an endpoint.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    /// Counts of each version, by its number.
    pub versions: BTreeMap<u32, Traffic>,
    /// Rows of them that were recorded before and replayed.
    pub replayed: u64,
}

impl Evidence {
    /// The counts of the reports that are of this window; a server that has not begun it yet adds nothing.
    pub fn from_reports<'a>(
        reports: impl IntoIterator<Item = &'a ServerReport>,
        window: u64,
    ) -> Self {
        let mut evidence = Self::default();
        for report in reports.into_iter().filter(|report| report.window == window) {
            for counted in &report.traffic {
                evidence.versions.entry(counted.version).or_default().add(counted);
            }
        }
        evidence
    }

    /// Counts of a version.
    #[must_use]
    pub fn version(&self, version: u32) -> Traffic {
        self.versions.get(&version).cloned().unwrap_or_default()
    }

    /// What is measured of a candidate beside a baseline, by the names that conditions use.
    #[must_use]
    pub fn measured(&self, candidate: u32, baseline: u32) -> BTreeMap<String, f64> {
        let (mine, base) = (self.version(candidate), self.version(baseline));
        let mut measured = BTreeMap::new();
        let mut put = |name: &str, value: Option<f64>| {
            if let Some(value) = value.filter(|value| value.is_finite()) {
                measured.insert(name.to_owned(), value);
            }
        };
        for (prefix, of) in [("", &mine), ("baseline_", &base)] {
            let name = |name: &str| format!("{prefix}{name}");
            put(&name("requests"), Some(of.requests as f64));
            put(&name("error_rate"), of.error_rate());
            put(&name("p50_ms"), of.quantile_ms(0.5));
            put(&name("p99_ms"), of.quantile_ms(0.99));
            put(&name("labelled"), Some(of.labelled as f64));
            let labelled = of.labelled as f64;
            put(&name("accuracy"), (of.labelled > 0).then(|| of.correct as f64 / labelled));
            put(&name("loss"), (of.labelled > 0).then(|| of.loss / labelled));
        }
        let ratio =
            mine.quantile_ms(0.99).zip(base.quantile_ms(0.99)).map(|(mine, base)| mine / base);
        put("p99_ratio", ratio);
        put("prediction_psi", psi(&base.predictions, &mine.predictions));
        if mine.compared > 0 {
            let compared = mine.compared as f64;
            put("disagreement_rate", Some(mine.disagreed as f64 / compared));
            put("mean_difference", Some(mine.difference / compared));
            put("max_difference", Some(mine.difference_max));
        }
        if self.replayed > 0 {
            put("replayed", Some(self.replayed as f64));
        }
        measured
    }
}

/// Fewest predictions of each side before their distributions are compared.
const MIN_PREDICTIONS: u64 = 50;
/// Most bins: neighbouring buckets are put together, so that every bin holds about a tenth of the baseline.
const BINS: u64 = 10;
/// Predictions that are added to each bin of each side, so that the index stays finite.
const ADDED: f64 = 0.5;

/// The population stability index between two counts of predictions, in bins that each hold about a tenth of the first, half a count added to each so that empty ones stay finite; less what two samples of one distribution differ by on average (Yurdakul 2018: (bins − 1)·(1/n + 1/m)). None below 50 predictions on a side.
fn psi(expected: &BTreeMap<u32, u64>, found: &BTreeMap<u32, u64>) -> Option<f64> {
    let total = |counts: &BTreeMap<u32, u64>| counts.values().sum::<u64>();
    let (n, m) = (total(expected), total(found));
    if n < MIN_PREDICTIONS || m < MIN_PREDICTIONS {
        return None;
    }
    let buckets: std::collections::BTreeSet<u32> =
        expected.keys().chain(found.keys()).copied().collect();
    let mut bins: Vec<(f64, f64)> = Vec::new();
    let mut bin = (0, 0);
    let cell = |(e, f): (u64, u64)| (e as f64, f as f64);
    for bucket in buckets {
        bin.0 += expected.get(&bucket).copied().unwrap_or_default();
        bin.1 += found.get(&bucket).copied().unwrap_or_default();
        if bin.0 >= n.div_ceil(BINS) {
            bins.push(cell(std::mem::take(&mut bin)));
        }
    }
    if bin != (0, 0) {
        bins.push(cell(bin));
    }
    let chance = (bins.len() as f64 - 1.0) * (1.0 / n as f64 + 1.0 / m as f64);
    let (expected, found): (Vec<f64>, Vec<f64>) = bins.into_iter().unzip();
    let shares = |rows: &[f64]| shares_with_added(rows, ADDED);
    Some((population_stability(&shares(&found), &shares(&expected)) - chance).max(0.0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    fn counts(of: &[(u32, u64)]) -> BTreeMap<u32, u64> {
        of.iter().copied().collect()
    }

    #[test]
    fn equal_distributions_have_no_psi_and_moved_ones_have() {
        let even = counts(&[(0, 100), (1, 100), (2, 100), (3, 100)]);
        assert!(psi(&even, &even).unwrap() < 0.01);
        let moved = counts(&[(0, 10), (1, 30), (2, 60), (3, 300)]);
        assert!(psi(&even, &moved).unwrap() > 0.5);
        assert_eq!(psi(&even, &counts(&[(0, 49)])), None);
        assert!(psi(&even, &counts(&[(17, 400)])).unwrap() > 1.0, "elsewhere altogether");
    }

    #[test]
    fn small_samples_are_not_taken_for_drift() {
        // Of 60 predictions a bin of 6 differs by 2 or 3 by chance.
        let expected = counts(&[
            (0, 6),
            (1, 7),
            (2, 5),
            (3, 6),
            (4, 6),
            (5, 8),
            (6, 4),
            (7, 6),
            (8, 5),
            (9, 7),
        ]);
        let found = counts(&[
            (0, 8),
            (1, 5),
            (2, 6),
            (3, 4),
            (4, 8),
            (5, 6),
            (6, 6),
            (7, 4),
            (8, 7),
            (9, 6),
        ]);
        assert!(psi(&expected, &found).unwrap() < 0.1);
    }

    #[test]
    fn servers_are_added_and_other_windows_are_not() {
        let report = |window, requests, errors| ServerReport {
            window,
            traffic: vec![VersionTraffic {
                version: 2,
                requests,
                errors,
                latency_counts: vec![0, 0, 0, 0, requests],
                ..VersionTraffic::default()
            }],
            ..ServerReport::default()
        };
        let evidence =
            Evidence::from_reports(&[report(3, 10, 1), report(3, 30, 1), report(2, 99, 99)], 3);
        let traffic = evidence.version(2);
        assert_eq!((traffic.requests, traffic.errors), (40, 2));
        assert_eq!(traffic.quantile_ms(0.99), Some(0.1));
        let measured = evidence.measured(2, 1);
        assert_eq!(measured.get("error_rate"), Some(&0.05));
        assert_eq!(measured.get("p99_ratio"), None, "there is no baseline");
    }
}
