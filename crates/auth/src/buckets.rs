//! Token buckets, one for each caller or address, in bounded number.
//!
//! A bucket is one moment: when it will be full again (the generic cell rate algorithm). One that is full says no more than none,
//! so that such are given up where there is no room; callers for whom there is no room then share one bucket.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Most buckets at the same time.
const MAX_BUCKETS: usize = 10_000;

/// What is left of a caller's bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Requests that the bucket holds.
    pub burst: u32,
    /// Seconds in which an empty bucket is full again, rounded up.
    pub window_seconds: u64,
    /// Requests that are left now.
    pub remaining: u32,
    /// Seconds until there is one more, rounded up; where `remaining` is above 0, until the bucket is full.
    pub reset_seconds: u64,
}

impl Allowance {
    /// The fields `RateLimit-Policy` and `RateLimit` of an answer (draft-ietf-httpapi-ratelimit-headers).
    #[must_use]
    pub fn headers(&self) -> [(&'static str, String); 2] {
        let Self { burst, window_seconds, remaining, reset_seconds } = self;
        [
            ("ratelimit-policy", format!("\"caller\";q={burst};w={window_seconds}")),
            ("ratelimit", format!("\"caller\";r={remaining};t={reset_seconds}")),
        ]
    }
}

/// Buckets by key.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    /// Time that one request takes.
    each: Duration,
    burst: u32,
    state: Mutex<State<K>>,
}

/// When each bucket is full again.
#[derive(Debug)]
struct State<K> {
    full_at: HashMap<K, Instant>,
    /// The bucket of those for whom there is no room.
    rest_full_at: Option<Instant>,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    /// Buckets that hold `burst` requests, 1 or more, and are filled by so many per second; none where that is 0.
    pub(crate) fn new(per_second: f64, burst: u32) -> Option<Self> {
        let each = Duration::try_from_secs_f64(1.0 / per_second).ok()?;
        let state = State { full_at: HashMap::new(), rest_full_at: None };
        (per_second > 0.0).then(|| Self { each, burst: burst.max(1), state: Mutex::new(state) })
    }

    /// Takes a request out of the bucket of `key`; `Err` where there is none left.
    pub(crate) fn take(&self, key: &K, now: Instant) -> Result<Allowance, Allowance> {
        let mut state = self.state();
        let full_at = state.full_at(key).map_or(now, |at| at.max(now));
        let next = full_at + self.each;
        if next.saturating_duration_since(now) > self.window() {
            return Err(self.allowance(full_at, now));
        }
        state.keep(key, next, now);
        Ok(self.allowance(next, now))
    }

    /// What is left in the bucket of `key`.
    pub(crate) fn left(&self, key: &K, now: Instant) -> Allowance {
        let full_at = self.state().full_at(key).map_or(now, |at| at.max(now));
        self.allowance(full_at, now)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State<K>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time in which an empty bucket is full.
    fn window(&self) -> Duration {
        self.each.saturating_mul(self.burst)
    }

    fn allowance(&self, full_at: Instant, now: Instant) -> Allowance {
        let missing = full_at.saturating_duration_since(now);
        let used = (missing.as_secs_f64() / self.each.as_secs_f64()).ceil();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast from a number to an integer saturates, and it is not negative"
        )]
        let remaining = self.burst.saturating_sub(used as u32);
        let reset = if remaining > 0 {
            missing
        } else {
            (missing + self.each).saturating_sub(self.window())
        };
        Allowance {
            burst: self.burst,
            window_seconds: whole(self.window()),
            remaining,
            reset_seconds: whole(reset),
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.state().full_at.len()
    }
}

impl<K: Hash + Eq + Clone> State<K> {
    fn full_at(&self, key: &K) -> Option<Instant> {
        match self.full_at.get(key) {
            Some(at) => Some(*at),
            None if self.full_at.len() < MAX_BUCKETS => None,
            None => self.rest_full_at,
        }
    }

    fn keep(&mut self, key: &K, at: Instant, now: Instant) {
        if let Some(known) = self.full_at.get_mut(key) {
            *known = at;
            return;
        }
        if self.full_at.len() >= MAX_BUCKETS {
            self.full_at.retain(|_, full_at| *full_at > now);
        }
        if self.full_at.len() < MAX_BUCKETS {
            self.full_at.insert(key.clone(), at);
        } else {
            self.rest_full_at = Some(at);
        }
    }
}

/// Seconds, rounded up.
fn whole(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// The address by which a bucket is found: of IPv6 the first 64 bits, which one caller has to itself.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::from([a, b, c, d, 0, 0, 0, 0])
            }
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_bucket_holds_a_burst_and_is_filled_again() {
        let buckets = Buckets::new(2.0, 3).unwrap();
        let begun = Instant::now();
        let at = |milliseconds| begun + Duration::from_millis(milliseconds);
        let left: Vec<u32> = (0..3).map(|_| buckets.take(&"a", begun).unwrap().remaining).collect();
        assert_eq!(left, [2, 1, 0]);
        let refused = buckets.take(&"a", begun).unwrap_err();
        assert_eq!((refused.remaining, refused.reset_seconds), (0, 1), "{refused:?}");
        assert!(buckets.take(&"b", begun).is_ok(), "another caller");
        assert!(buckets.take(&"a", at(499)).is_err());
        assert!(buckets.take(&"a", at(500)).is_ok());
        assert!(buckets.take(&"a", at(501)).is_err());
        assert_eq!(buckets.left(&"a", at(60_000)).remaining, 3);
        let [policy, limit] = refused.headers();
        assert_eq!(policy.1, "\"caller\";q=3;w=2");
        assert_eq!(limit.1, "\"caller\";r=0;t=1");
    }

    #[test]
    fn buckets_are_bounded_and_full_ones_make_room() {
        let buckets = Buckets::new(1.0, 2).unwrap();
        let begun = Instant::now();
        for key in 0..MAX_BUCKETS {
            buckets.take(&key, begun).unwrap();
        }
        // Those beyond share one bucket of two.
        let beyond = [1, 2, 3].map(|more| buckets.take(&(MAX_BUCKETS + more), begun).is_ok());
        assert_eq!(beyond, [true, true, false]);
        assert_eq!(buckets.len(), MAX_BUCKETS);
        assert!(buckets.take(&0, begun).is_ok(), "who has a bucket keeps it");
        let later = begun + Duration::from_secs(5);
        buckets.take(&(MAX_BUCKETS + 9), later).unwrap();
        assert_eq!(buckets.len(), 1, "those that were full again made room");
    }

    #[test]
    fn no_rate_is_no_limit() {
        assert!(Buckets::<u8>::new(0.0, 5).is_none());
    }

    #[test]
    fn an_address_of_ipv6_is_its_network() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:10.0.0.1"), "10.0.0.1");
        assert_eq!(network("10.0.0.1"), "10.0.0.1");
    }
}
