//! Which version a request goes to. Pure: chance and time are passed in.

use contracts::ALL_SHARES;
use contracts::v1::{EnsembleMethod, Routing, RoutingMode};
use sha2::{Digest, Sha256};
use tabular::sample::mixed;

/// How an endpoint's requests are divided.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Router {
    /// The manner; unspecified where the live version answers all.
    pub(crate) mode: RoutingMode,
    /// Versions with the requests out of 10,000 that they answer, in the order of the record.
    pub(crate) shares: Vec<(u32, u32)>,
    /// Versions that get copies.
    pub(crate) shadows: Vec<u32>,
    /// How an ensemble's answers become one.
    pub(crate) combination: Combination,
    salt: String,
}

/// How an ensemble's answers become one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Combination {
    /// Whether margins are stacked; else the mean is taken.
    pub(crate) stacked: bool,
    /// Coefficient of each version, for stacking.
    pub(crate) coefficients: Vec<(u32, f64)>,
    /// Added to the stacked margins.
    pub(crate) intercept: f64,
}

impl Router {
    /// The router of a record's routing, as far as its versions are loaded.
    pub fn new(routing: &Routing, is_loaded: impl Fn(u32) -> bool) -> Self {
        let shares: Vec<(u32, u32)> = routing
            .shares
            .iter()
            .filter(|share| is_loaded(share.version))
            .map(|share| (share.version, share.weight))
            .collect();
        let coefficients =
            routing.shares.iter().map(|share| (share.version, share.coefficient)).collect();
        Self {
            mode: if shares.is_empty() { RoutingMode::Unspecified } else { routing.mode() },
            shares,
            shadows: routing
                .shadows
                .iter()
                .copied()
                .filter(|version| is_loaded(*version))
                .collect(),
            combination: Combination {
                stacked: routing.ensemble() == EnsembleMethod::Stacked,
                coefficients,
                intercept: routing.intercept,
            },
            salt: routing.salt.clone(),
        }
    }

    /// Where a request stands among all, from 0 to 9,999: by its routing key where keys are divided, else by chance.
    pub(crate) fn routing_bucket(&self, key: Option<&str>, chance: u64) -> u32 {
        let number = match key {
            Some(key) if self.mode == RoutingMode::Sticky => {
                let mut hash = Sha256::new();
                hash.update(self.salt.as_bytes());
                hash.update([0]);
                hash.update(key.as_bytes());
                let digest = hash.finalize();
                digest.iter().take(8).fold(0_u64, |all, byte| (all << 8) | u64::from(*byte))
            }
            _ => chance,
        };
        u32::try_from(number % u64::from(ALL_SHARES)).unwrap_or_default()
    }

    /// The version that a place belongs to. The first shares keep their places when they grow, so that a key that has changed over stays.
    pub(crate) fn version(&self, place: u32) -> Option<u32> {
        among(self.shares.iter().copied(), place)
    }

    /// The version for a place whose own cannot answer: the others by their shares.
    pub(crate) fn other(&self, place: u32, without: &[u32]) -> Option<u32> {
        let others =
            || self.shares.iter().copied().filter(|(version, _)| !without.contains(version));
        let total: u64 = others().map(|(_, weight)| u64::from(weight)).sum();
        // Mixed, so that the places of one version are spread over the others.
        let mixed = mixed(u64::from(place)) % total.max(1);
        among(others(), u32::try_from(mixed).unwrap_or_default())
    }
}

fn among(shares: impl Iterator<Item = (u32, u32)>, place: u32) -> Option<u32> {
    let mut end = 0_u32;
    for (version, weight) in shares {
        end = end.saturating_add(weight);
        if place < end {
            return Some(version);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use contracts::v1::Share;

    use super::*;

    fn router(mode: RoutingMode, shares: &[(u32, u32)]) -> Router {
        let shares = shares
            .iter()
            .map(|(version, weight)| Share { version: *version, weight: *weight, coefficient: 0.0 })
            .collect();
        let routing =
            Routing { mode: mode.into(), shares, salt: "s".to_owned(), ..Routing::default() };
        Router::new(&routing, |_| true)
    }

    #[test]
    fn shares_are_kept() {
        let router = router(RoutingMode::Split, &[(2, 3_000), (1, 7_000)]);
        let second = (0..ALL_SHARES).filter(|place| router.version(*place) == Some(2)).count();
        assert_eq!(second, 3_000);
        assert!((0..ALL_SHARES).all(|place| router.version(place).is_some()));
    }

    #[test]
    fn a_key_stays_and_changes_over_once() {
        let small = router(RoutingMode::Sticky, &[(2, 1_000), (1, 9_000)]);
        let large = router(RoutingMode::Sticky, &[(2, 5_000), (1, 5_000)]);
        let mut second = 0;
        for number in 0..2_000 {
            let key = format!("customer-{number}");
            let place = small.routing_bucket(Some(&key), 1);
            assert_eq!(place, small.routing_bucket(Some(&key), 2), "chance does not count");
            if small.version(place) == Some(2) {
                assert_eq!(large.version(large.routing_bucket(Some(&key), 3)), Some(2));
                second += 1;
            }
        }
        // Binomial(2000, 0.1): 5 standard deviations are 67.
        assert!((133..=267).contains(&second), "{second}");
    }

    #[test]
    fn what_cannot_answer_is_shared_by_the_others() {
        let router = router(RoutingMode::Split, &[(1, 5_000), (2, 3_000), (3, 2_000)]);
        let mut counts = [0_u32; 4];
        for place in 0..5_000 {
            assert_eq!(router.version(place), Some(1));
            let other = router.other(place, &[1]).unwrap_or_default();
            if let Some(count) = counts.get_mut(other as usize) {
                *count += 1;
            }
        }
        assert_eq!(counts.first().copied(), Some(0));
        let second = counts.get(2).copied().unwrap_or_default();
        assert!((2_800..=3_200).contains(&second), "three fifths of 5,000: {second}");
        assert_eq!(router.other(7, &[1, 2, 3]), None);
    }

    #[test]
    fn a_version_that_is_not_loaded_has_no_share() {
        let routing = Routing {
            mode: RoutingMode::Split.into(),
            shares: vec![Share { version: 2, weight: ALL_SHARES, coefficient: 0.0 }],
            ..Routing::default()
        };
        let router = Router::new(&routing, |version| version == 1);
        assert_eq!(router.mode, RoutingMode::Unspecified);
        assert_eq!(router.version(0), None);
    }
}
