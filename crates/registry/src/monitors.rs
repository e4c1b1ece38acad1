//! What is watched: one monitor per endpoint.

use contracts::v1::Monitor;

use crate::{Error, Registry, records};

impl Registry {
    /// Puts an endpoint's monitor in the place of the one before. Where another version answers by now nothing is put, because that one's monitor must not be replaced by an older one's; false then.
    ///
    /// # Errors
    /// [`Error::Contract`], [`Error::Bus`], [`Error::Damaged`], [`Error::Contended`].
    pub async fn put_monitor(&self, monitor: &Monitor) -> Result<bool, Error> {
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

    /// The monitors by endpoint. Keys with a dot are of counts.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn monitors(&self) -> Result<Vec<Monitor>, Error> {
        let found = records::read_all(&self.monitors, "*").await?;
        Ok(found.into_iter().map(|found| found.value).collect())
    }
}
