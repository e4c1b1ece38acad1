//! Whether the registry does its work: a value written and read back by compare-and-swap.

use std::time::SystemTime;

use bytes::Bytes;

use crate::{Error, Registry};

/// Key of the probe, in the bucket of monitors, whose own keys have no dot. Models and deployment records have a ledger of their
/// revisions, in which a probe would stand for ever.
const KEY: &str = "-.probe";
/// Other processes may probe at the same moment.
const ATTEMPTS: u64 = 5;

impl Registry {
    /// Writes a value by compare-and-swap and reads it back; and looks whether each bucket of records can be read.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Contended`].
    pub async fn probe(&self) -> Result<(), Error> {
        for bucket in [&self.models, &self.deployments, &self.servers] {
            bucket.get(KEY).await?;
        }
        for _ in 0..ATTEMPTS {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            let found = self.monitors.get(KEY).await?;
            let value = Bytes::from(format!("{} {since:?}", std::process::id()));
            let written = match &found {
                Some(found) => self.monitors.update(KEY, value.clone(), found.revision).await,
                None => self.monitors.create(KEY, value.clone()).await,
            };
            let revision = match written {
                Ok(revision) => revision,
                Err(bus::Error::Conflict { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            let read = self.monitors.get(KEY).await?;
            // A later revision is of another process that probes.
            if read.is_some_and(|read| read.value == value || read.revision > revision) {
                return Ok(());
            }
        }
        let bucket = self.monitors.bucket().to_owned();
        Err(Error::Contended { bucket, key: KEY.to_owned(), attempts: ATTEMPTS })
    }
}
