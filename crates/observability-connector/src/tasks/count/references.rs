//! What training has seen of each endpoint's columns, from the reference profiles.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use artifacts::ArtifactStore;
use contracts::failures;
use monitoring::traffic::KnownTexts;
use registry::Monitors;
use statistics::Profile;
use tabular::ColumnType;

/// Shortest time between two reads of the same endpoint's monitor.
const MIN_READ_INTERVAL: Duration = Duration::from_secs(1);

/// Texts of the reference profiles, cached.
pub(super) struct References {
    monitors: Monitors,
    artifacts: ArtifactStore,
    known: BTreeMap<String, KnownTexts>,
    read: BTreeMap<String, MonitorRead>,
}

/// When a monitor was read, and of which digest it was; empty where there was none.
struct MonitorRead {
    digest: String,
    at: Instant,
}

impl References {
    pub(super) fn new(monitors: Monitors, artifacts: ArtifactStore) -> Self {
        Self { monitors, artifacts, known: BTreeMap::new(), read: BTreeMap::new() }
    }

    /// Texts that training has seen, by endpoint.
    pub(super) fn known(&self) -> &BTreeMap<String, KnownTexts> {
        &self.known
    }

    /// Reads the endpoint's monitor, unless the one of this version was read already, or any a moment ago.
    pub(super) async fn refresh(&mut self, endpoint: &str, digest: &str) {
        let is_current = self
            .read
            .get(endpoint)
            .is_some_and(|read| read.digest == digest || read.at.elapsed() < MIN_READ_INTERVAL);
        if is_current {
            return;
        }
        let monitor = match self.monitors.get(endpoint).await {
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
        self.read.insert(endpoint.to_owned(), MonitorRead { digest, at: Instant::now() });
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
