//! The history of what answered at each endpoint, gathered while it is made: the broker keeps only so many revisions.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bus::Bus;
use contracts::{encoding, names, v1};
use futures::TryStreamExt;

use crate::drive::{counts, question};

/// How often it is looked at.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// What answered, by endpoint and revision.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    endpoints: Vec<String>,
    records: BTreeMap<String, BTreeMap<u64, v1::DeploymentRecord>>,
    looked: Option<Instant>,
    /// Endpoints of whose history a part was gone before it was seen.
    pub(crate) gaps: Vec<String>,
}

impl Traffic {
    /// Of these endpoints, nothing seen yet.
    pub(crate) fn new(endpoints: impl IntoIterator<Item = String>) -> Self {
        let mut endpoints: Vec<String> = endpoints.into_iter().collect();
        endpoints.sort_unstable();
        endpoints.dedup();
        Self { endpoints, ..Self::default() }
    }

    /// Looks again, where the last look was some time ago.
    pub(crate) async fn look(&mut self, bus: &Bus) {
        if self.looked.is_none_or(|looked| looked.elapsed() > POLL_INTERVAL) {
            self.look_now(bus).await;
        }
    }

    /// Looks again.
    pub(crate) async fn look_now(&mut self, bus: &Bus) {
        self.looked = Some(Instant::now());
        for endpoint in self.endpoints.clone() {
            if let Some(found) = question(history(bus, &endpoint)).await {
                self.add(&endpoint, found);
            }
        }
    }

    fn add(&mut self, endpoint: &str, found: BTreeMap<u64, v1::DeploymentRecord>) {
        let known = self.records.entry(endpoint.to_owned()).or_default();
        // The oldest that is kept has to be one that was seen, or the first of all.
        let newest_known = known.last_key_value().map_or(0, |(revision, _)| *revision);
        let oldest = found.first_key_value();
        let is_first =
            |record: &v1::DeploymentRecord| record.live.is_none() && record.previous.is_none();
        let has_gap = oldest.is_some_and(|(revision, record)| {
            *revision > newest_known && !(newest_known == 0 && is_first(record))
        });
        if has_gap {
            self.gaps.push(endpoint.to_owned());
        }
        known.extend(found);
    }

    /// How often each run's version of an endpoint was put before traffic.
    pub(crate) fn switches(&self, endpoint: &str) -> BTreeMap<String, usize> {
        let mut live: Option<&v1::DeployedVersion> = None;
        let mut switches = Vec::new();
        for record in self.records.get(endpoint).into_iter().flat_map(BTreeMap::values) {
            if record.live.as_ref() != live {
                live = record.live.as_ref();
                switches.extend(live.map(|live| live.run_id.clone()));
            }
        }
        counts(switches)
    }
}

async fn history(
    bus: &Bus,
    endpoint: &str,
) -> Result<BTreeMap<u64, v1::DeploymentRecord>, async_nats::Error> {
    let bucket = bus.jetstream().get_key_value(names::DEPLOYMENTS_BUCKET).await?;
    let entries: Vec<_> = bucket.history(endpoint).await?.try_collect().await?;
    let mut records = BTreeMap::new();
    for entry in entries {
        let record = encoding::from_protobuf("DeploymentRecord", &entry.value)?;
        records.insert(entry.revision, record);
    }
    Ok(records)
}
