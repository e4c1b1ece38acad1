//! Which caller waits for which outcome.
//!
//! The stream that keeps requests does not keep their reply subjects. So a core subscription sees every request as
//! well, and remembers its reply subject under a fingerprint of its content. Outcomes come back by fingerprint, and
//! equal requests are answered in the order in which they came; one without a reply subject takes its place in that
//! order too.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use contracts::encoding::Encoding;
use sha2::{Digest, Sha256};

/// How long a caller is remembered.
const CALLER_TIMEOUT: Duration = Duration::from_secs(30);
/// Most requests remembered; the oldest are forgotten first.
const CAPACITY: usize = 10_000;

/// A caller that waits for an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Where the answer goes.
    pub(crate) reply: String,
    /// How the request was encoded, and so its answer.
    pub(crate) encoding: Encoding,
}

/// The callers that wait, by the fingerprint of what they sent.
#[derive(Debug, Default)]
pub(crate) struct WaitingCallers {
    callers: BTreeMap<String, VecDeque<CallerSlot>>,
    /// Fingerprints in the order of their arrival.
    arrivals: VecDeque<(Instant, String)>,
}

#[derive(Debug)]
struct CallerSlot {
    at: Instant,
    caller: Option<Caller>,
}

impl WaitingCallers {
    /// Remembers a request; none where it has no reply subject.
    pub(crate) fn arrived(&mut self, fingerprint: String, caller: Option<Caller>, now: Instant) {
        self.forget(now);
        self.arrivals.push_back((now, fingerprint.clone()));
        self.callers.entry(fingerprint).or_default().push_back(CallerSlot { at: now, caller });
    }

    /// The caller that an outcome is for.
    pub(crate) fn outcome(&mut self, fingerprint: &str, now: Instant) -> Option<Caller> {
        self.forget(now);
        let places = self.callers.get_mut(fingerprint)?;
        let place = places.pop_front();
        if places.is_empty() {
            self.callers.remove(fingerprint);
        }
        place.and_then(|place| place.caller)
    }

    /// Forgets what is too old, and the oldest where there is too much.
    fn forget(&mut self, now: Instant) {
        while let Some((at, fingerprint)) = self.arrivals.front() {
            let old = now.saturating_duration_since(*at) > CALLER_TIMEOUT;
            if !old && self.arrivals.len() < CAPACITY {
                return;
            }
            // An answered request has left its queue; then the front is a later arrival and stays.
            if let Some(places) = self.callers.get_mut(fingerprint) {
                if places.front().is_some_and(|place| place.at <= *at) {
                    places.pop_front();
                }
                if places.is_empty() {
                    self.callers.remove(fingerprint);
                }
            }
            self.arrivals.pop_front();
        }
    }
}

/// SHA-256 over what makes two requests the same message: their id, their content type and their bytes.
pub(crate) fn fingerprint(
    message_id: Option<&str>,
    content_type: Option<&str>,
    payload: &[u8],
) -> String {
    let mut hash = Sha256::new();
    for part in [
        message_id.unwrap_or_default().as_bytes(),
        content_type.unwrap_or_default().as_bytes(),
        payload,
    ] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(reply: &str) -> Option<Caller> {
        Some(Caller { reply: reply.to_owned(), encoding: Encoding::Json })
    }

    #[test]
    fn equal_requests_are_answered_in_order() {
        let (mut waiting, now) = (WaitingCallers::default(), Instant::now());
        waiting.arrived("a".to_owned(), caller("one"), now);
        waiting.arrived("a".to_owned(), None, now);
        waiting.arrived("b".to_owned(), caller("other"), now);
        waiting.arrived("a".to_owned(), caller("two"), now);
        assert_eq!(waiting.outcome("a", now), caller("one"));
        assert_eq!(waiting.outcome("a", now), None);
        assert_eq!(waiting.outcome("a", now), caller("two"));
        assert_eq!(waiting.outcome("a", now), None);
        assert_eq!(waiting.outcome("b", now), caller("other"));
    }

    #[test]
    fn callers_are_forgotten_in_time() {
        let (mut waiting, start) = (WaitingCallers::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        waiting.arrived("a".to_owned(), caller("one"), at(0));
        waiting.arrived("a".to_owned(), caller("two"), at(20));
        assert_eq!(waiting.outcome("a", at(31)), caller("two"));
        assert_eq!(waiting.outcome("a", at(32)), None);
        assert!(waiting.callers.is_empty());
        waiting.arrived("b".to_owned(), None, at(100));
        assert_eq!(waiting.arrivals.len(), 1);
    }

    #[test]
    fn memory_is_bounded() {
        let (mut waiting, now) = (WaitingCallers::default(), Instant::now());
        for number in 0..(CAPACITY + 50) {
            waiting.arrived(number.to_string(), caller("x"), now);
        }
        assert_eq!((waiting.arrivals.len(), waiting.callers.len()), (CAPACITY, CAPACITY));
        assert_eq!(waiting.outcome("0", now), None);
        assert_eq!(waiting.outcome(&(CAPACITY + 49).to_string(), now), caller("x"));
    }

    #[test]
    fn a_fingerprint_is_of_the_whole_message() {
        let of = |id, kind, payload: &str| fingerprint(id, kind, payload.as_bytes());
        assert_eq!(of(None, None, "x"), of(None, None, "x"));
        assert_ne!(of(Some("1"), None, "x"), of(None, None, "x"));
        assert_ne!(of(None, Some("1"), "x"), of(Some("1"), None, "x"));
        assert_ne!(of(None, None, "x"), of(None, None, "y"));
    }
}
