//! A circuit breaker: a version that fails is left alone for a while, then tried with a few requests. Pure: the time is passed in.
//!
//! ```text
//!            failures ≥ rate of ≥ min_requests                 open time is over
//!   closed ───────────────────────────────────▶ open ───────────────────────────▶ half-open
//!     ▲                                           ▲        a probe fails             │
//!     │                                           └──────────────────────────────────┤
//!     └──────────────────────────────────────────────── all probes succeed ──────────┘
//! ```

use std::time::Duration;

use contracts::v1::BreakerState;
use serde::{Deserialize, Serialize};

/// Parts of the window, of which the oldest is forgotten at a time.
const PARTS: u32 = 10;

/// When a breaker opens, and how it closes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BreakerConfig {
    /// Seconds over which requests are counted.
    pub window_seconds: f64,
    /// Fewest requests in the window before it opens.
    pub min_requests: u32,
    /// Share of failed requests at which it opens, from 0 to 1.
    pub failure_rate: f64,
    /// Seconds that it stays open.
    pub open_seconds: f64,
    /// Requests that try a version afterwards; all have to succeed.
    pub probes: u32,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            window_seconds: 10.0,
            min_requests: 20,
            failure_rate: 0.5,
            open_seconds: 5.0,
            probes: 3,
        }
    }
}

impl BreakerConfig {
    /// Everything that is wrong, each with what would be right.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (key, value) in
            [("window_seconds", self.window_seconds), ("open_seconds", self.open_seconds)]
        {
            if !(value > 0.0 && value <= 86_400.0) {
                problems.push(format!(
                    "serving.breaker.{key}: is {value}; expected more than 0 and at most 86400"
                ));
            }
        }
        if !(self.failure_rate > 0.0 && self.failure_rate <= 1.0) {
            problems.push(format!(
                "serving.breaker.failure_rate: is {}; expected more than 0 and at most 1",
                self.failure_rate
            ));
        }
        for (key, value) in [("min_requests", self.min_requests), ("probes", self.probes)] {
            if value == 0 {
                problems.push(format!("serving.breaker.{key}: is 0; expected at least 1"));
            }
        }
        problems
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct TimeSlot {
    /// Which part of time it counts.
    number: u64,
    requests: u32,
    failures: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Closed,
    Open { until: Duration },
    HalfOpen { since: Duration, admitted: u32, succeeded: u32 },
}

/// The circuit breaker of one version, with its counts over a sliding window.
#[derive(Debug, Clone)]
pub(crate) struct Breaker {
    config: BreakerConfig,
    state: State,
    parts: [TimeSlot; PARTS as usize],
}

impl Breaker {
    /// A closed breaker that has counted no request.
    pub(crate) fn new(config: BreakerConfig) -> Self {
        Self { config, state: State::Closed, parts: [TimeSlot::default(); PARTS as usize] }
    }

    /// Whether a request may go to the version; one that may has to be settled by [`Self::succeeded`], [`Self::failed`] or [`Self::abandoned`].
    pub(crate) fn admit(&mut self, now: Duration) -> bool {
        match &mut self.state {
            State::Closed => true,
            State::Open { until } if now < *until => false,
            State::Open { .. } => {
                self.state = State::HalfOpen { since: now, admitted: 1, succeeded: 0 };
                true
            }
            State::HalfOpen { since, admitted, succeeded } if *admitted >= self.config.probes => {
                // Probes of which nothing was ever heard: their callers went away.
                let open = Duration::from_secs_f64(self.config.open_seconds);
                let is_stuck = now.saturating_sub(*since) >= open;
                if is_stuck {
                    (*since, *admitted) = (now, succeeded.saturating_add(1));
                }
                is_stuck
            }
            State::HalfOpen { admitted, .. } => {
                *admitted += 1;
                true
            }
        }
    }

    /// Counts a success; closes a half-open breaker after enough of them.
    pub(crate) fn succeeded(&mut self, now: Duration) {
        match &mut self.state {
            State::Closed => self.count(now, false),
            State::Open { .. } => {}
            State::HalfOpen { succeeded, .. } => {
                *succeeded += 1;
                if *succeeded >= self.config.probes {
                    self.state = State::Closed;
                    self.parts = Default::default();
                }
            }
        }
    }

    /// Counts a failure; opens the breaker where the failure rate is reached or a probe fails.
    pub(crate) fn failed(&mut self, now: Duration) {
        match self.state {
            State::Closed => {
                self.count(now, true);
                let (requests, failures) = self.counted(now);
                let rate = f64::from(failures) / f64::from(requests.max(1));
                if requests >= self.config.min_requests && rate >= self.config.failure_rate {
                    self.open(now);
                }
            }
            State::Open { .. } => {}
            State::HalfOpen { .. } => self.open(now),
        }
    }

    /// The request came to nothing that speaks for or against the version.
    pub(crate) fn abandoned(&mut self) {
        if let State::HalfOpen { admitted, .. } = &mut self.state {
            *admitted = admitted.saturating_sub(1);
        }
    }

    /// State at `now`; an open breaker whose open time is over is half-open.
    pub(crate) fn state(&self, now: Duration) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::Open { until } if now < until => BreakerState::Open,
            State::Open { .. } | State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    fn open(&mut self, now: Duration) {
        let open = Duration::from_secs_f64(self.config.open_seconds);
        self.state = State::Open { until: now.saturating_add(open) };
    }

    fn part_of(&self, now: Duration) -> u64 {
        let length = self.config.window_seconds / f64::from(PARTS);
        (now.as_secs_f64() / length) as u64
    }

    fn count(&mut self, now: Duration, failed: bool) {
        let number = self.part_of(now);
        let place = usize::try_from(number % u64::from(PARTS)).unwrap_or_default();
        if let Some(part) = self.parts.get_mut(place) {
            if part.number != number {
                *part = TimeSlot { number, ..TimeSlot::default() };
            }
            part.requests = part.requests.saturating_add(1);
            part.failures = part.failures.saturating_add(u32::from(failed));
        }
    }

    fn counted(&self, now: Duration) -> (u32, u32) {
        let number = self.part_of(now);
        let recent =
            |part: &&TimeSlot| part.number <= number && number - part.number < u64::from(PARTS);
        self.parts.iter().filter(recent).fold((0, 0), |(requests, failures), part| {
            (requests.saturating_add(part.requests), failures.saturating_add(part.failures))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn fail(breaker: &mut Breaker, now: f64, times: u32) {
        for _ in 0..times {
            if breaker.admit(at(now)) {
                breaker.failed(at(now));
            }
        }
    }

    #[test]
    fn it_opens_half_opens_and_closes() {
        let mut breaker = Breaker::new(BreakerConfig::default());
        fail(&mut breaker, 1.0, 20);
        assert_eq!(breaker.state(at(1.0)), BreakerState::Open);
        assert!(!breaker.admit(at(5.9)));
        assert_eq!(breaker.state(at(6.0)), BreakerState::HalfOpen);
        for _ in 0..3 {
            assert!(breaker.admit(at(6.0)));
        }
        assert!(!breaker.admit(at(6.0)), "no more probes than configured");
        for _ in 0..3 {
            breaker.succeeded(at(6.1));
        }
        assert_eq!(breaker.state(at(6.1)), BreakerState::Closed);
        fail(&mut breaker, 6.2, 19);
        assert_eq!(breaker.state(at(6.2)), BreakerState::Closed, "it counts anew");
    }

    #[test]
    fn a_probe_that_fails_opens_it_again() {
        let mut breaker = Breaker::new(BreakerConfig::default());
        fail(&mut breaker, 0.0, 20);
        assert!(breaker.admit(at(5.0)));
        breaker.failed(at(5.5));
        assert!(!breaker.admit(at(10.4)));
        assert!(breaker.admit(at(10.5)));
    }

    #[test]
    fn a_probe_that_says_nothing_leaves_its_place() {
        let mut breaker = Breaker::new(BreakerConfig { probes: 1, ..BreakerConfig::default() });
        fail(&mut breaker, 0.0, 20);
        assert!(breaker.admit(at(5.0)));
        assert!(!breaker.admit(at(5.0)));
        breaker.abandoned();
        assert!(breaker.admit(at(5.0)));
    }

    #[test]
    fn probes_that_are_never_heard_of_do_not_keep_it_half_open() {
        let mut breaker = Breaker::new(BreakerConfig { probes: 1, ..BreakerConfig::default() });
        fail(&mut breaker, 0.0, 20);
        assert!(breaker.admit(at(5.0)));
        assert!(!breaker.admit(at(9.9)));
        assert!(breaker.admit(at(10.0)));
        breaker.succeeded(at(10.0));
        assert_eq!(breaker.state(at(10.0)), BreakerState::Closed);
    }

    #[test]
    fn few_requests_and_old_failures_do_not_open_it() {
        let mut breaker = Breaker::new(BreakerConfig::default());
        fail(&mut breaker, 0.0, 19);
        assert_eq!(breaker.state(at(0.0)), BreakerState::Closed, "below the minimum volume");
        fail(&mut breaker, 11.0, 19);
        assert_eq!(breaker.state(at(11.0)), BreakerState::Closed, "the first are forgotten");
        for _ in 0..40 {
            breaker.succeeded(at(11.0));
        }
        fail(&mut breaker, 11.0, 20);
        assert_eq!(breaker.state(at(11.0)), BreakerState::Closed, "below the rate");
        fail(&mut breaker, 11.0, 20);
        assert_eq!(breaker.state(at(11.0)), BreakerState::Open);
    }
}
