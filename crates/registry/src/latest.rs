//! How many versions a model has. Numbers have no gaps, so the greatest is found by looking at a few of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use contracts::v1::RegisteredModel;

use crate::models::version_key;
use crate::{Error, Registry};

/// Models whose last known version is remembered.
const MAX_CACHED_MODELS: usize = 4096;

/// The greatest versions that were seen, from which the next look begins.
#[derive(Debug, Clone, Default)]
pub(crate) struct LatestVersions {
    seen: Arc<Mutex<BTreeMap<String, u32>>>,
}

impl LatestVersions {
    pub(crate) fn note(&self, model: &str, version: u32) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = seen.get_mut(model) {
            *known = version.max(*known);
            return;
        }
        if seen.len() >= MAX_CACHED_MODELS {
            seen.pop_first();
        }
        seen.insert(model.to_owned(), version);
    }

    /// A record names a version only when that is there.
    pub(crate) fn note_if_there(&self, entry: &RegisteredModel) {
        if entry.latest_version > 0 {
            self.note(&entry.model, entry.latest_version);
        }
    }

    fn last_known(&self, model: &str) -> u32 {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(model).copied().unwrap_or_default()
    }
}

impl Registry {
    /// The greatest version of a model; 0 for none.
    pub(crate) async fn latest(&self, model: &str) -> Result<u32, Error> {
        let mut search = GreatestSearch::above(self.latest.last_known(model));
        while let Some(number) = search.look_at() {
            let found = self.models.get(&version_key(model, number)).await?;
            search.narrow(found.is_some());
        }
        self.latest.note(model, search.there);
        Ok(search.there)
    }
}

/// Finds the greatest number that is there, of those that are there without gaps: in growing steps, and then by halves.
#[derive(Debug)]
struct GreatestSearch {
    /// The greatest that is known to be there, or 0.
    there: u32,
    /// The least that is known not to be there.
    gone: Option<u32>,
    step: u32,
}

impl GreatestSearch {
    fn above(known: u32) -> Self {
        Self { there: known, gone: None, step: 1 }
    }

    /// The number to look at next; none where the greatest is found.
    fn look_at(&self) -> Option<u32> {
        let number = match self.gone {
            None => self.there.saturating_add(self.step),
            Some(gone) => self.there + (gone - self.there) / 2,
        };
        (number != self.there).then_some(number)
    }

    /// What was seen at that number.
    fn narrow(&mut self, is_there: bool) {
        match self.look_at() {
            Some(number) if is_there => self.there = number,
            number => self.gone = number,
        }
        self.step = self.step.saturating_mul(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(known: u32, greatest: u32) -> (u32, u32) {
        let (mut search, mut looks) = (GreatestSearch::above(known), 0);
        while let Some(number) = search.look_at() {
            search.narrow(number <= greatest);
            looks += 1;
        }
        (search.there, looks)
    }

    #[test]
    fn few_looks_find_the_greatest() {
        for greatest in [0, 1, 2, 3, 7, 8, 9, 1000, 9_999, 10_000] {
            for known in [0, 1, 500, 9_999].into_iter().filter(|known| *known <= greatest) {
                let (found, looks) = find(known, greatest);
                assert_eq!(found, greatest, "from {known}");
                assert!(looks <= 30, "{looks} looks from {known}");
            }
        }
        assert_eq!(find(10_000, 10_000).1, 1, "one look where nothing was added");
        assert_eq!(find(0, u32::MAX).0, u32::MAX, "there is an end");
    }
}
