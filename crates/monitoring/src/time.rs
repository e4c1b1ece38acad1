//! Instants as numbers.

use std::time::SystemTime;

use pbjson_types::Timestamp;

/// Milliseconds since 1970 in UTC; 0 before that.
#[must_use]
pub fn unix_milliseconds(at: SystemTime) -> u64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The same of an instant as it travels; none where it is missing or out of range.
pub(crate) fn of_timestamp(at: Option<&Timestamp>) -> Option<u64> {
    at.and_then(contracts::time::system_time).map(unix_milliseconds)
}
