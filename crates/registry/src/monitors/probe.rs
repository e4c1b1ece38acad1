//! Whether the bucket does its work: a value written and read back by compare-and-swap.

use std::time::SystemTime;

use bytes::Bytes;

use super::Monitors;
use super::keys::PROBE;
use crate::Error;

/// Other processes may probe at the same moment.
const ATTEMPTS: u64 = 5;

impl Monitors {
    /// Writes a value by compare-and-swap and reads it back.
    pub(crate) async fn probe(&self) -> Result<(), Error> {
        for _ in 0..ATTEMPTS {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            let found = self.bucket.get(PROBE).await?;
            let value = Bytes::from(format!("{} {since:?}", std::process::id()));
            let written = match &found {
                Some(found) => self.bucket.update(PROBE, value.clone(), found.revision).await,
                None => self.bucket.create(PROBE, value.clone()).await,
            };
            let revision = match written {
                Ok(revision) => revision,
                Err(bus::Error::Conflict { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            let read = self.bucket.get(PROBE).await?;
            // A later revision is of another process that probes.
            if read.is_some_and(|read| read.value == value || read.revision > revision) {
                return Ok(());
            }
        }
        let bucket = self.bucket.bucket().to_owned();
        Err(Error::Contended { bucket, key: PROBE.to_owned(), attempts: ATTEMPTS })
    }
}
