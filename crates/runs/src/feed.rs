//! The stream of runs, read in order.

use contracts::{RunId, subjects};

pub use bus::{FeedError as Error, OrderedFeed as Feed, StoredMessage as Entry};

/// The trace that a message belongs to (W3C); none where it has no trace context.
#[must_use]
pub fn trace_of(entry: &Entry) -> Option<u128> {
    bus::trace::extract(&entry.headers).map(|parent| parent.trace_id)
}

/// The subjects of one run: its handoffs, its results and its events.
#[must_use]
pub fn subjects_of(run: &RunId) -> Vec<String> {
    vec![subjects::chains(run), subjects::events_of(run)]
}
