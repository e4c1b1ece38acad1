//! The bucket TIER0_MONITORS: what endpoints are watched against, and what was found.
//!
//! ```text
//!   ENDPOINT             Monitor                       ENDPOINT.alert.KIND.SUBJECT  AlertRecord
//!   ENDPOINT.v.VERSION   Monitor of that version       ENDPOINT.performance         Performance
//!   ENDPOINT.counts      MonitorCounts                 ENDPOINT.drift               DriftDocument (JSON)
//!   -.ledger             TrafficCounts (JSON)          ENDPOINT.retraining          RetrainingRecord
//!   -.probe              of no meaning
//! ```
//!
//! A monitor of each version stays, for a version may come back. The keys are known in `keys` alone.

mod alerts;
mod keys;
mod probe;
mod retraining;
mod traffic;

use bus::KeyValue;
use bytes::Bytes;
use contracts::ContractError;
use contracts::v1::{DeploymentRecord, Monitor, Performance};
use monitoring::DriftDocument;

use crate::{Error, records};

/// The monitors of endpoints. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Monitors {
    bucket: KeyValue,
    deployments: KeyValue,
}

impl Monitors {
    pub(crate) fn new(bucket: KeyValue, deployments: KeyValue) -> Self {
        Self { bucket, deployments }
    }

    /// Puts an endpoint's monitor in the place of the one before. Where another version answers by now nothing is put, because that one's monitor must not be replaced by an older one's; false then.
    ///
    /// # Errors
    /// [`Error::Contract`], [`Error::Bus`], [`Error::Damaged`], [`Error::Contended`].
    pub async fn put(&self, monitor: &Monitor) -> Result<bool, Error> {
        let of_version = keys::version(&monitor.endpoint, monitor.version);
        records::put(&self.bucket, &of_version, monitor).await?;
        records::until_written(&self.bucket, &monitor.endpoint, || async {
            // In this order: a deployment that puts its monitor after this read has gone live before it.
            let found = records::read::<Monitor>(&self.bucket, &monitor.endpoint).await?;
            let deployed =
                records::read::<DeploymentRecord>(&self.deployments, &monitor.endpoint).await?;
            let live = deployed.and_then(|record| record.value.live);
            if live.is_some_and(|live| live.version != monitor.version) {
                return Ok(Some(false));
            }
            let written =
                records::replace(&self.bucket, &monitor.endpoint, found.as_ref(), monitor.clone());
            Ok(written.await?.map(|_| true))
        })
        .await
    }

    /// An endpoint's monitor, where there is one.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn get(&self, endpoint: &str) -> Result<Option<Monitor>, Error> {
        Ok(records::read(&self.bucket, endpoint).await?.map(|found| found.value))
    }

    /// What a version of an endpoint is watched against, where it was ever in production.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn of_version(&self, endpoint: &str, version: u32) -> Result<Option<Monitor>, Error> {
        let found = records::read(&self.bucket, &keys::version(endpoint, version)).await?;
        Ok(found.map(|found| found.value))
    }

    /// The monitors of all endpoints, by name.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn all(&self) -> Result<Vec<Monitor>, Error> {
        let found = records::read_all(&self.bucket, keys::ALL_MONITORS).await?;
        Ok(found.into_iter().map(|found| found.value).collect())
    }

    /// How an endpoint's version predicts, where that was computed.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn performance(&self, endpoint: &str) -> Result<Option<Performance>, Error> {
        let found = records::read(&self.bucket, &keys::performance(endpoint)).await?;
        Ok(found.map(|found| found.value))
    }

    /// Puts how an endpoint's version predicts in the place of what was there.
    ///
    /// # Errors
    /// [`Error::Contract`], [`Error::Bus`].
    pub async fn put_performance(&self, performance: &Performance) -> Result<(), Error> {
        let key = keys::performance(&performance.endpoint);
        records::put(&self.bucket, &key, performance).await.map(|_| ())
    }

    /// The last drift report of an endpoint, where there is one.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn drift(&self, endpoint: &str) -> Result<Option<DriftDocument>, Error> {
        let key = keys::drift(endpoint);
        let Some(entry) = self.bucket.get(&key).await? else { return Ok(None) };
        let document = serde_json::from_slice(&entry.value);
        document.map(Some).map_err(|source| self.damaged(&key, json_error("DriftDocument", source)))
    }

    /// The latest drift reports of an endpoint, as many as the bucket keeps, the oldest first; those that cannot be read are left out.
    ///
    /// # Errors
    /// [`Error::Bus`].
    pub async fn drift_history(&self, endpoint: &str) -> Result<Vec<DriftDocument>, Error> {
        let entries = self.bucket.history(&keys::drift(endpoint)).await?;
        Ok(entries.iter().filter_map(|entry| serde_json::from_slice(&entry.value).ok()).collect())
    }

    /// How an endpoint's version predicted at the latest checks, as many as the bucket keeps, the oldest first; what cannot be
    /// read is left out.
    ///
    /// # Errors
    /// [`Error::Bus`].
    pub async fn performance_history(&self, endpoint: &str) -> Result<Vec<Performance>, Error> {
        let entries = self.bucket.history(&keys::performance(endpoint)).await?;
        let read = |entry| records::decode::<Performance>(self.bucket.bucket(), entry).ok();
        Ok(entries.iter().filter_map(read).map(|found| found.value).collect())
    }

    /// Puts a drift report in the place of the one before.
    ///
    /// # Errors
    /// [`Error::Contract`] where it cannot be written as JSON, [`Error::Bus`].
    pub async fn put_drift(&self, document: &DriftDocument) -> Result<(), Error> {
        let bytes =
            serde_json::to_vec(document).map_err(|source| json_error("DriftDocument", source))?;
        self.bucket.put(&keys::drift(&document.endpoint), Bytes::from(bytes)).await?;
        Ok(())
    }

    fn damaged(&self, key: &str, source: ContractError) -> Error {
        Error::Damaged { bucket: self.bucket.bucket().to_owned(), key: key.to_owned(), source }
    }
}

/// Why a value cannot be read or written as JSON.
fn json_error(message: &'static str, source: serde_json::Error) -> ContractError {
    ContractError::Json { message, source }
}
