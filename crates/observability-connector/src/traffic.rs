//! What servers counted of a version in the last while: their counts only grow, so it is the difference of two looks. Pure.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use contracts::v1::ServerReport;
use rollout::{Evidence, Traffic};

use crate::findings::Counted;

/// Looks back, by endpoint and version.
pub(crate) struct TrafficWatch {
    back: Duration,
    looks: BTreeMap<(String, u32), VecDeque<Look>>,
}

struct Look {
    at: Instant,
    window: u64,
    traffic: Traffic,
}

impl TrafficWatch {
    pub(crate) fn new(back: Duration) -> Self {
        Self { back, looks: BTreeMap::new() }
    }

    /// What was counted since the oldest look that is not too far back; nothing at the first look, or where counting began anew.
    pub(crate) fn counted(
        &mut self,
        endpoint: &str,
        version: u32,
        reports: &[ServerReport],
    ) -> Option<Counted> {
        let window = reports.iter().map(|report| report.window).max()?;
        let traffic = Evidence::of(reports, window).version(version);
        self.counted_at(endpoint, version, Look { at: Instant::now(), window, traffic })
    }

    fn counted_at(&mut self, endpoint: &str, version: u32, now: Look) -> Option<Counted> {
        let looks = self.looks.entry((endpoint.to_owned(), version)).or_default();
        let is_anew = looks.back().is_some_and(|last| {
            last.window != now.window || last.traffic.requests > now.traffic.requests
        });
        if is_anew {
            looks.clear();
        }
        // One look before the time that counts stays, to count from.
        while looks.get(1).is_some_and(|second| now.at.duration_since(second.at) >= self.back) {
            looks.pop_front();
        }
        let counted = looks.front().map(|from| since(&from.traffic, &now.traffic));
        looks.push_back(now);
        counted
    }
}

fn since(from: &Traffic, to: &Traffic) -> Counted {
    let before = from.latency.iter().copied().chain(std::iter::repeat(0));
    let latency =
        to.latency.iter().zip(before).map(|(now, before)| now.saturating_sub(before)).collect();
    let requests = to.requests.saturating_sub(from.requests);
    let difference = Traffic { requests, latency, ..Traffic::default() };
    Counted {
        requests,
        errors: to.errors.saturating_sub(from.errors),
        p99_ms: difference.quantile_ms(0.99).unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(start: Instant, seconds: u64, window: u64, requests: u64, errors: u64) -> Look {
        let traffic =
            Traffic { requests, errors, latency: vec![requests - errors], ..Traffic::default() };
        Look { at: start + Duration::from_secs(seconds), window, traffic }
    }

    #[test]
    fn it_counts_what_came_in_the_last_while() {
        let start = Instant::now();
        let mut watch = TrafficWatch::new(Duration::from_secs(60));
        let mut counted = |seconds, window, requests, errors| {
            watch
                .counted_at("churn", 1, look(start, seconds, window, requests, errors))
                .map(|counted| (counted.requests, counted.errors))
        };
        assert_eq!(counted(0, 1, 100, 50), None);
        assert_eq!(counted(30, 1, 150, 50), Some((50, 0)));
        assert_eq!(counted(60, 1, 200, 60), Some((100, 10)));
        // The first look is too far back by now.
        assert_eq!(counted(90, 1, 200, 60), Some((50, 10)));
        assert_eq!(counted(100, 2, 300, 60), None, "counting began anew");
        assert_eq!(counted(110, 2, 10, 0), None, "a server began anew");
        assert_eq!(counted(120, 2, 20, 1), Some((10, 1)));
    }
}
