//! Which endpoints and versions this server holds, and which of them answers.
//!
//! Requests take a snapshot ([`ModelCatalogue::snapshot`]) and keep it until they are answered; a change puts another
//! catalogue in its place at once. So every request is answered by one version, and a switch loses none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use contracts::v1::{BreakerState, RoutingMode};

use crate::breaker::BreakerConfig;
use crate::error::InferError;
use crate::loaded::LoadedVersion;
use crate::routing::Router;
use crate::traffic::{Counts, RecentPredictions};

/// The endpoints at one moment.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// The endpoints by name.
    pub endpoints: BTreeMap<String, Arc<Endpoint>>,
}

/// Versions and routing of one endpoint.
#[derive(Debug, Clone, Default)]
pub struct Endpoint {
    /// The version that answers.
    pub live: Option<Arc<LoadedVersion>>,
    /// Every version that is ready, the live one among them.
    pub versions: BTreeMap<u32, Arc<LoadedVersion>>,
    /// Versions that should be here and are not, with the reason.
    pub failures: BTreeMap<u32, String>,
    /// Revision of the deployment record that was applied.
    pub revision: u64,
    /// How requests are divided among the versions.
    pub router: Router,
    /// The version that answered before; it answers where the live one cannot.
    pub previous: Option<u32>,
    /// What is counted of each version.
    pub counts: BTreeMap<u32, Arc<Counts>>,
    /// The routing's window that it is counted in.
    pub window: u64,
    /// Whether a rollout is judged by the counts, so that they are reported often and outcomes are waited for.
    pub is_observed: bool,
    /// What was answered lately.
    pub recent: Arc<RecentPredictions>,
    /// Names of inputs that earlier versions had, as the record keeps them.
    pub earlier_inputs: BTreeSet<String>,
    /// Whether some of the versions take other inputs than others.
    pub has_other_inputs: bool,
}

/// The version that a request is answered by.
#[derive(Debug, Clone)]
pub(crate) struct ResolvedVersion {
    /// Name of the endpoint.
    pub(crate) endpoint: String,
    /// Version that the request is scored by.
    pub(crate) version: Arc<LoadedVersion>,
    /// Whether the request is live traffic: it named no version.
    pub(crate) live: bool,
    /// The endpoint, for the other versions that take part.
    pub(crate) place: Arc<Endpoint>,
}

impl Catalogue {
    /// The version that a request is about: the live one, or the one that it names.
    pub(crate) fn resolve(
        &self,
        endpoint: &str,
        version: Option<&str>,
    ) -> Result<ResolvedVersion, InferError> {
        let Some(found) = self.endpoints.get(endpoint) else {
            return Err(InferError::UnknownModel { model: endpoint.to_owned() });
        };
        let live = version.is_none();
        let loaded = match version {
            None => found.live.clone(),
            Some(name) => {
                let number = name.parse::<u32>().ok();
                let loaded = number.and_then(|number| found.versions.get(&number)).cloned();
                if loaded.is_none() {
                    return Err(InferError::UnknownVersion {
                        model: endpoint.to_owned(),
                        version: name.to_owned(),
                        expected: found.listed(),
                    });
                }
                loaded
            }
        };
        let version = loaded.ok_or_else(|| InferError::NotReady { model: endpoint.to_owned() })?;
        Ok(ResolvedVersion {
            endpoint: endpoint.to_owned(),
            version,
            live,
            place: Arc::clone(found),
        })
    }

    /// The only endpoint that answers, for requests that cannot name one; where none answers, the only one.
    pub(crate) fn only(&self) -> Result<&str, InferError> {
        let live = self.endpoints.iter().filter(|(_, endpoint)| endpoint.live.is_some());
        let mut names: Vec<&str> = live.map(|(name, _)| name.as_str()).collect();
        if names.is_empty() {
            names = self.endpoints.keys().map(String::as_str).collect();
        }
        match names.as_slice() {
            [only] => Ok(only),
            several => Err(InferError::WhichEndpoint { endpoints: several.len() }),
        }
    }

    /// Whether there is an endpoint that answers, or none that should. One that fails is not ready by itself, and takes none of the others
    /// out of the traffic.
    pub(crate) fn is_ready(&self) -> bool {
        let mut endpoints = self.endpoints.values();
        endpoints.all(|endpoint| endpoint.failures.is_empty())
            || self.endpoints.values().any(|endpoint| endpoint.live.is_some())
    }
}

impl ResolvedVersion {
    /// The request was not the version's to answer, which speaks neither for it nor against it.
    pub(crate) fn abandon(&self) {
        if self.live
            && let Some(counts) = self.place.counts.get(&self.version.number)
        {
            counts.abandoned();
        }
    }

    /// The version that answers live traffic: the one that the routing gives the request by its key or by chance, from those whose breakers let it pass. A request that names a version keeps it.
    #[must_use]
    pub(crate) fn routed(mut self, key: Option<&str>, chance: u64, now: Duration) -> Self {
        if self.live
            && let Some(version) = self.place.pick(key, chance, now)
        {
            self.version = version;
        }
        self
    }
}

impl Endpoint {
    /// Gives every version its counts, those it has or new ones, and notes whether their inputs differ.
    #[must_use]
    pub(crate) fn counted(mut self, breaker: BreakerConfig) -> Self {
        for version in self.versions.keys() {
            self.counts.entry(*version).or_insert_with(|| Arc::new(Counts::new(breaker)));
        }
        let mut inputs = self.versions.values().map(|version| version.frame.fields());
        let first = inputs.next();
        self.has_other_inputs = inputs.any(|fields| first != Some(fields));
        self
    }

    /// Whether a column that a version does not take was an input of another version of the endpoint, so that callers
    /// who know that one still send it.
    pub(crate) fn is_earlier_input(&self, name: &str) -> bool {
        let takes = |version: &Arc<LoadedVersion>| {
            version.frame.fields().iter().any(|field| field.name == name)
        };
        self.earlier_inputs.contains(name)
            || self.live.as_ref().is_some_and(takes)
            || self.previous.and_then(|number| self.versions.get(&number)).is_some_and(takes)
    }

    /// The version that a share of the requests belongs to, or another one where its breaker is open. It has then been admitted. None where the live version answers all.
    fn pick(&self, key: Option<&str>, chance: u64, now: Duration) -> Option<Arc<LoadedVersion>> {
        let admit = |version: u32| {
            let counts = self.counts.get(&version);
            counts
                .is_none_or(|counts| counts.admit(now))
                .then(|| self.versions.get(&version).cloned())?
        };
        if matches!(self.router.mode, RoutingMode::Unspecified | RoutingMode::Ensemble) {
            let live = self.live.as_ref()?.number;
            // The live one answers in the end, open or not: an attempt is better than none.
            return admit(live).or_else(|| admit(self.previous?));
        }
        let place = self.router.routing_bucket(key, chance);
        let mut without = Vec::new();
        let mut next = self.router.version(place);
        while let Some(version) = next {
            if let Some(version) = admit(version) {
                return Some(version);
            }
            self.replaced(version);
            without.push(version);
            next = self.router.other(place, &without);
        }
        None
    }

    /// Counts that another version answers in this one's place.
    pub(crate) fn replaced(&self, version: u32) {
        if let Some(counts) = self.counts.get(&version) {
            counts.replaced();
        }
    }

    /// The versions that may answer where `failed` could not, the best first: the live one, the one before, those that have a share.
    pub(crate) fn substitutes(&self, failed: u32) -> Vec<Arc<LoadedVersion>> {
        let live = self.live.as_ref().map(|live| live.number);
        let shares = self.router.shares.iter().map(|(version, _)| *version);
        let mut found: Vec<Arc<LoadedVersion>> = Vec::new();
        for version in live.into_iter().chain(self.previous).chain(shares) {
            let known = found.iter().any(|found| found.number == version);
            if version != failed
                && !known
                && let Some(version) = self.versions.get(&version)
            {
                found.push(Arc::clone(version));
            }
        }
        found
    }

    /// Whether the breaker of a version is not closed.
    pub(crate) fn is_troubled(&self, now: Duration) -> bool {
        self.counts.values().any(|counts| counts.breaker(now) != BreakerState::Closed)
    }

    /// The versions as an error message lists them.
    fn listed(&self) -> String {
        if self.versions.is_empty() {
            return "none is loaded yet".to_owned();
        }
        self.versions.keys().map(u32::to_string).collect::<Vec<_>>().join(", ")
    }
}

/// Where the current catalogue is kept.
#[derive(Debug, Default)]
pub struct ModelCatalogue {
    current: RwLock<Arc<Catalogue>>,
    breaker: BreakerConfig,
}

impl ModelCatalogue {
    /// Nothing on it; versions get breakers as configured.
    pub(crate) fn new(breaker: BreakerConfig) -> Self {
        Self { current: RwLock::default(), breaker }
    }

    /// The catalogue as it is now.
    pub fn snapshot(&self) -> Arc<Catalogue> {
        // The lock is held for a pointer's copy only; nothing that could panic runs under it.
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts an endpoint as it should be from now on.
    pub fn put(&self, name: &str, endpoint: Endpoint) {
        self.change(|catalogue| {
            let endpoint = endpoint.counted(self.breaker);
            catalogue.endpoints.insert(name.to_owned(), Arc::new(endpoint));
        });
    }

    /// Removes an endpoint from the catalogue; later requests do not find it.
    pub(crate) fn remove(&self, name: &str) {
        self.change(|catalogue| {
            catalogue.endpoints.remove(name);
        });
    }

    fn change(&self, change: impl FnOnce(&mut Catalogue)) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Catalogue::clone(&current);
        change(&mut next);
        *current = Arc::new(next);
    }
}
