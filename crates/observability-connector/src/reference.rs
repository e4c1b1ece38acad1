//! What training has seen of each endpoint's columns, from the reference profiles.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use artifacts::ArtifactStore;
use contracts::failures;
use monitoring::traffic::KnownTexts;
use registry::Registry;
use statistics::Profile;
use tabular::ColumnType;

/// Shortest time between two looks at the same endpoint's monitor.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Reference profiles, kept.
pub(crate) struct References {
    registry: Registry,
    artifacts: ArtifactStore,
    known: BTreeMap<String, KnownTexts>,
    looked: BTreeMap<String, Looked>,
}

struct Looked {
    digest: String,
    at: Instant,
}

impl References {
    pub(crate) fn new(registry: Registry, artifacts: ArtifactStore) -> Self {
        Self { registry, artifacts, known: BTreeMap::new(), looked: BTreeMap::new() }
    }

    /// What is known of each endpoint.
    pub(crate) fn known(&self) -> &BTreeMap<String, KnownTexts> {
        &self.known
    }

    /// Looks at the endpoint's monitor, unless it is that of this version already or was looked at just now.
    pub(crate) async fn refresh(&mut self, endpoint: &str, digest: &str) {
        let is_current = self
            .looked
            .get(endpoint)
            .is_some_and(|looked| looked.digest == digest || looked.at.elapsed() < LOOK_AGAIN);
        if is_current {
            return;
        }
        let monitor = match self.registry.monitor(endpoint).await {
            Ok(monitor) => monitor,
            Err(error) => {
                tracing::warn!(
                    endpoint,
                    error = failures::with_causes(&error),
                    "the monitor could not be read"
                );
                None
            }
        };
        let mut digest = String::new();
        if let Some(monitor) = monitor
            && let Some(reference) = &monitor.reference_profile
        {
            let profile =
                self.artifacts.get(reference).await.map_err(|error| failures::with_causes(&error));
            let profile = profile.and_then(|bytes| {
                serde_json::from_slice(&bytes).map_err(|_| "it is not a profile".to_owned())
            });
            match profile {
                Ok(profile) => {
                    self.known.insert(endpoint.to_owned(), seen(&profile));
                    digest = monitor.digest;
                }
                Err(why) => {
                    tracing::warn!(endpoint, why, "the reference profile could not be read")
                }
            }
        }
        self.looked.insert(endpoint.to_owned(), Looked { digest, at: Instant::now() });
    }
}

/// The texts that training has seen, of those columns whose texts the profile lists completely.
fn seen(profile: &Profile) -> KnownTexts {
    profile
        .columns
        .iter()
        .filter(|column| {
            column.column_type == ColumnType::Text
                && !column.distinct_estimated
                && column.distinct == column.top_values.len() as u64
        })
        .map(|column| {
            let texts = column.top_values.iter().map(|(text, _)| text.clone()).collect();
            (column.name.clone(), texts)
        })
        .collect()
}
