//! Writing by compare-and-swap.

use std::time::Duration;

use bus::KeyValue;
use bytes::Bytes;

/// Attempts at storing something; what it is of comes again after that.
pub(crate) const ATTEMPTS: u32 = 50;
/// The longest wait between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Writes a value in the place of that of a revision, or the first; gives its revision, or nothing where another writer was quicker.
pub(crate) async fn write(
    bucket: &KeyValue,
    key: &str,
    revision: Option<u64>,
    value: Bytes,
) -> Result<Option<u64>, bus::Error> {
    let stored = match revision {
        Some(revision) => bucket.update(key, value, revision).await,
        None => bucket.create(key, value).await,
    };
    match stored {
        Ok(revision) => Ok(Some(revision)),
        Err(bus::Error::Conflict { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Grows with the attempts, and differs between replicas by the clock's lowest digits.
pub(crate) fn pause(attempt: u32) -> Duration {
    let jitter = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |now| u64::from(now.subsec_nanos() % 5));
    Duration::from_millis(u64::from(attempt) * 2 + jitter).min(LONGEST_PAUSE)
}
