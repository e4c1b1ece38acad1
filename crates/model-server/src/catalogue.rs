//! Which endpoints and versions this server holds, and which of them answers.
//!
//! Requests take a snapshot ([`Shelf::snapshot`]) and keep it until they are answered; a change puts another
//! catalogue in its place at once. So every request is answered by one version, and a switch loses none.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::error::InferError;
use crate::loaded::LoadedVersion;

/// The endpoints at one moment.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// The endpoints by name.
    pub endpoints: BTreeMap<String, Arc<Endpoint>>,
}

/// One endpoint.
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
}

/// The version that a request is answered by.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Name of the endpoint.
    pub endpoint: String,
    /// The version.
    pub version: Arc<LoadedVersion>,
    /// Whether the request is live traffic: it named no version.
    pub live: bool,
}

impl Catalogue {
    /// The version for a request: the live one, or the one that it names.
    pub fn resolve(&self, endpoint: &str, version: Option<&str>) -> Result<Resolved, InferError> {
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
        Ok(Resolved { endpoint: endpoint.to_owned(), version, live })
    }

    /// The only endpoint, for requests that cannot name one.
    pub fn only(&self) -> Result<&str, InferError> {
        let mut names = self.endpoints.keys();
        match (names.next(), names.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(InferError::WhichEndpoint { endpoints: self.endpoints.len() }),
        }
    }

    /// Whether every endpoint that should answer does.
    pub fn is_ready(&self) -> bool {
        self.endpoints
            .values()
            .all(|endpoint| endpoint.live.is_some() || endpoint.failures.is_empty())
    }
}

impl Endpoint {
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
pub struct Shelf {
    current: RwLock<Arc<Catalogue>>,
}

impl Shelf {
    /// The catalogue as it is now.
    pub fn snapshot(&self) -> Arc<Catalogue> {
        // The lock is held for a pointer's copy only; nothing that could panic runs under it.
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts an endpoint as it should be from now on.
    pub fn put(&self, name: &str, endpoint: Endpoint) {
        self.change(|catalogue| {
            catalogue.endpoints.insert(name.to_owned(), Arc::new(endpoint));
        });
    }

    /// Removes an endpoint.
    pub fn remove(&self, name: &str) {
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
