//! Where each run stands among the others, kept up to date with every record.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use contracts::RunId;

use super::{Instant, RunStatus};

/// What decides where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OrderKey {
    pub(super) status: RunStatus,
    pub(super) created_at: Option<Instant>,
    pub(super) last_sequence: u64,
}

/// The latest first; of those that began at the same time, by their ids.
type ListKey = (Reverse<Option<Instant>>, Arc<RunId>);

pub(super) fn place_in_list(id: &Arc<RunId>, place: OrderKey) -> ListKey {
    (Reverse(place.created_at), Arc::clone(id))
}

/// Runs in the orders in which they are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Index {
    latest_first: BTreeSet<ListKey>,
    /// Runs that have ended, by the sequence of their last record.
    ended: BTreeMap<u64, Arc<RunId>>,
    /// Runs that have not ended, by the sequence of their last record.
    going_on: BTreeMap<u64, Arc<RunId>>,
    counts: BTreeMap<RunStatus, usize>,
}

impl Index {
    /// Notes that a run, which stood at `before` where it was known, stands elsewhere now.
    pub(super) fn moved(&mut self, id: &Arc<RunId>, before: Option<OrderKey>, after: OrderKey) {
        if before == Some(after) {
            return;
        }
        if let Some(before) = before {
            self.remove(id, before);
        }
        self.latest_first.insert(place_in_list(id, after));
        self.by_silence(after.status).insert(after.last_sequence, Arc::clone(id));
        *self.counts.entry(after.status).or_insert(0) += 1;
    }

    /// Removes the run that stands at `place` from all orders and counts.
    pub(super) fn remove(&mut self, id: &Arc<RunId>, place: OrderKey) {
        self.latest_first.remove(&place_in_list(id, place));
        self.by_silence(place.status).remove(&place.last_sequence);
        if let Some(count) = self.counts.get_mut(&place.status) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.counts.remove(&place.status);
            }
        }
    }

    fn by_silence(&mut self, status: RunStatus) -> &mut BTreeMap<u64, Arc<RunId>> {
        if status.is_final() { &mut self.ended } else { &mut self.going_on }
    }

    /// The run to be forgotten next: one that has ended, as long as there is one.
    pub(super) fn longest_silent(&self) -> Option<Arc<RunId>> {
        self.ended.values().chain(self.going_on.values()).next().cloned()
    }

    /// The runs whose last record has a greater sequence, each behind that sequence; those that have ended first.
    pub(super) fn changed_after(&self, sequence: u64) -> impl Iterator<Item = (u64, &Arc<RunId>)> {
        let after = (Bound::Excluded(sequence), Bound::Unbounded);
        let changed = self.ended.range(after).chain(self.going_on.range(after));
        changed.map(|(sequence, id)| (*sequence, id))
    }

    pub(super) fn latest_first(&self, from: Bound<ListKey>) -> impl Iterator<Item = &Arc<RunId>> {
        self.latest_first.range((from, Bound::Unbounded)).map(|(_, id)| id)
    }

    pub(super) fn counts(&self) -> &BTreeMap<RunStatus, usize> {
        &self.counts
    }
}
