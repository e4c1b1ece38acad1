//! What is watched: one monitor per endpoint, and what each version is watched against, for a version may come back.

use contracts::v1::Monitor;

use crate::{Error, Registry, records};

fn version_key(endpoint: &str, version: u32) -> String {
    format!("{}.v.{version}", contracts::names::token(endpoint))
}

impl Registry {
    /// Puts an endpoint's monitor in the place of the one before. Where another version answers by now nothing is put, because that one's monitor must not be replaced by an older one's; false then.
    ///
    /// # Errors
    /// [`Error::Contract`], [`Error::Bus`], [`Error::Damaged`], [`Error::Contended`].
    pub async fn put_monitor(&self, monitor: &Monitor) -> Result<bool, Error> {
        let of_version = version_key(&monitor.endpoint, monitor.version);
        records::put(&self.monitors, &of_version, monitor).await?;
        records::until_written(&self.monitors, &monitor.endpoint, || async {
            // In this order: whoever puts its monitor after this look has gone live before it.
            let found = records::read::<Monitor>(&self.monitors, &monitor.endpoint).await?;
            let live = self.record(&monitor.endpoint).await?.and_then(|record| record.value.live);
            if live.is_some_and(|live| live.version != monitor.version) {
                return Ok(Some(false));
            }
            let written = records::replace(
                &self.monitors,
                &monitor.endpoint,
                found.as_ref(),
                monitor.clone(),
            );
            Ok(written.await?.map(|_| true))
        })
        .await
    }

    /// An endpoint's monitor, where there is one.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn monitor(&self, endpoint: &str) -> Result<Option<Monitor>, Error> {
        Ok(records::read(&self.monitors, endpoint).await?.map(|found| found.value))
    }

    /// What a version of an endpoint is watched against, where it was ever in production.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn monitor_of(&self, endpoint: &str, version: u32) -> Result<Option<Monitor>, Error> {
        let found = records::read(&self.monitors, &version_key(endpoint, version)).await?;
        Ok(found.map(|found| found.value))
    }

    /// The monitors by endpoint. Keys with a dot are of what belongs to them.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn monitors(&self) -> Result<Vec<Monitor>, Error> {
        let found = records::read_all(&self.monitors, "*").await?;
        Ok(found.into_iter().map(|found| found.value).collect())
    }
}
