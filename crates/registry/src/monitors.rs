//! What is watched: one monitor per endpoint.

use contracts::v1::Monitor;

use crate::{Error, Registry, records};

impl Registry {
    /// Puts an endpoint's monitor in the place of the one before.
    ///
    /// # Errors
    /// [`Error::Contract`], [`Error::Bus`].
    pub async fn put_monitor(&self, monitor: &Monitor) -> Result<u64, Error> {
        records::put(&self.monitors, &monitor.endpoint, monitor).await
    }

    /// An endpoint's monitor, where there is one.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn monitor(&self, endpoint: &str) -> Result<Option<Monitor>, Error> {
        Ok(records::read(&self.monitors, endpoint).await?.map(|found| found.value))
    }

    /// The monitors by endpoint. Keys with a dot are of counts.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn monitors(&self) -> Result<Vec<Monitor>, Error> {
        let found = records::read_all(&self.monitors, |key| !key.contains('.')).await?;
        Ok(found.into_iter().map(|found| found.value).collect())
    }
}
