//! Requests of a version within a period: counts of servers only grow, so that it is the difference of two observations.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use contracts::v1::ServerReport;
use rollout::{Evidence, Traffic};

/// Requests that servers counted of a version within a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RequestCounts {
    /// Number of requests, failed ones included.
    pub requests: u64,
    /// Number of failed requests.
    pub errors: u64,
    /// 99th percentile of the time to an answer, in milliseconds; 0 where there are no answers.
    pub p99_ms: f64,
}

/// Observations of the servers' counts, by endpoint and version.
#[derive(Debug)]
pub struct RequestWatch {
    period: Duration,
    observations: BTreeMap<(String, u32), VecDeque<Observation>>,
}

#[derive(Debug)]
struct Observation {
    at: Instant,
    window: u64,
    traffic: Traffic,
}

impl RequestWatch {
    /// Without any observation; counts are those of the last `period`.
    #[must_use]
    pub fn new(period: Duration) -> Self {
        Self { period, observations: BTreeMap::new() }
    }

    /// Observes the reports at `now`, and gives what was counted since the oldest observation of the period; nothing at the
    /// first observation, or where counting began anew.
    pub fn observe(
        &mut self,
        endpoint: &str,
        version: u32,
        reports: &[ServerReport],
        now: Instant,
    ) -> Option<RequestCounts> {
        let window = reports.iter().map(|report| report.window).max()?;
        let traffic = Evidence::from_reports(reports, window).version(version);
        self.add(endpoint, version, Observation { at: now, window, traffic })
    }

    fn add(&mut self, endpoint: &str, version: u32, now: Observation) -> Option<RequestCounts> {
        let observations = self.observations.entry((endpoint.to_owned(), version)).or_default();
        let is_anew = observations.back().is_some_and(|last| {
            last.window != now.window || last.traffic.requests > now.traffic.requests
        });
        if is_anew {
            observations.clear();
        }
        // The newest observation before the period stays, to count from.
        while observations
            .get(1)
            .is_some_and(|second| now.at.duration_since(second.at) >= self.period)
        {
            observations.pop_front();
        }
        let counts = observations.front().map(|from| counts_between(&from.traffic, &now.traffic));
        observations.push_back(now);
        counts
    }
}

fn counts_between(from: &Traffic, to: &Traffic) -> RequestCounts {
    let before = from.latency.iter().copied().chain(std::iter::repeat(0));
    let latency =
        to.latency.iter().zip(before).map(|(now, before)| now.saturating_sub(before)).collect();
    let requests = to.requests.saturating_sub(from.requests);
    let difference = Traffic { requests, latency, ..Traffic::default() };
    RequestCounts {
        requests,
        errors: to.errors.saturating_sub(from.errors),
        p99_ms: difference.quantile_ms(0.99).unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, seconds: u64, window: u64, requests: u64, errors: u64) -> Observation {
        let traffic =
            Traffic { requests, errors, latency: vec![requests - errors], ..Traffic::default() };
        Observation { at: start + Duration::from_secs(seconds), window, traffic }
    }

    #[test]
    fn it_counts_what_came_in_the_last_while() {
        let start = Instant::now();
        let mut watch = RequestWatch::new(Duration::from_secs(60));
        let mut counted = |seconds, window, requests, errors| {
            watch
                .add("churn", 1, at(start, seconds, window, requests, errors))
                .map(|counted| (counted.requests, counted.errors))
        };
        assert_eq!(counted(0, 1, 100, 50), None);
        assert_eq!(counted(30, 1, 150, 50), Some((50, 0)));
        assert_eq!(counted(60, 1, 200, 60), Some((100, 10)));
        // The first observation is too far back by now.
        assert_eq!(counted(90, 1, 200, 60), Some((50, 10)));
        assert_eq!(counted(100, 2, 300, 60), None, "counting began anew");
        assert_eq!(counted(110, 2, 10, 0), None, "a server began anew");
        assert_eq!(counted(120, 2, 20, 1), Some((10, 1)));
    }
}
