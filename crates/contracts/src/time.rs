//! Times as they travel, from and to those of the standard library.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pbjson_types::{Duration as WireDuration, Timestamp};

/// 9999-12-31T23:59:59Z, the last second of the canonical JSON's range.
const LAST_SECOND: i64 = 253_402_300_799;
/// 0001-01-01T00:00:00Z, the first second of the canonical JSON's range.
const FIRST_SECOND: i64 = -62_135_596_800;
const NANOS_PER_SECOND: i32 = 1_000_000_000;

/// An instant as it travels; one outside the years 1 to 9999 becomes the nearest end of that range.
#[must_use]
pub fn timestamp(at: SystemTime) -> Timestamp {
    let (seconds, nanos) = match at.duration_since(UNIX_EPOCH) {
        Ok(after) => (i64::try_from(after.as_secs()).unwrap_or(LAST_SECOND), after.subsec_nanos()),
        Err(before) => {
            let before = before.duration();
            let seconds = i64::try_from(before.as_secs()).map_or(FIRST_SECOND, |s| -s);
            match before.subsec_nanos() {
                0 => (seconds, 0),
                nanos => (seconds.saturating_sub(1), NANOS_PER_SECOND.unsigned_abs() - nanos),
            }
        }
    };
    Timestamp {
        seconds: seconds.clamp(FIRST_SECOND, LAST_SECOND),
        nanos: i32::try_from(nanos).unwrap_or_default(),
    }
}

/// An instant that travelled; `None` where it is out of range.
#[must_use]
pub fn system_time(at: &Timestamp) -> Option<SystemTime> {
    if !is_valid(at) {
        return None;
    }
    let nanos = Duration::from_nanos(u64::try_from(at.nanos).ok()?);
    let whole = Duration::from_secs(at.seconds.unsigned_abs());
    let second =
        if at.seconds < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
    second?.checked_add(nanos)
}

/// A length of time as it travels.
#[must_use]
pub fn duration(length: Duration) -> WireDuration {
    WireDuration {
        seconds: i64::try_from(length.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(length.subsec_nanos()).unwrap_or_default(),
    }
}

/// Seconds of a length of time that travelled.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "a second's fraction of a run's time is enough")]
pub fn seconds(length: &WireDuration) -> f64 {
    length.seconds as f64 + f64::from(length.nanos) / f64::from(NANOS_PER_SECOND)
}

/// Whether an instant is in the range that every encoding can write.
pub(crate) fn is_valid(at: &Timestamp) -> bool {
    (FIRST_SECOND..=LAST_SECOND).contains(&at.seconds) && (0..NANOS_PER_SECOND).contains(&at.nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_come_back() {
        for offset in [0_u64, 1, 999_999_999, 1_700_000_000_250_000_001] {
            let offset = Duration::from_nanos(offset);
            for at in [UNIX_EPOCH + offset, UNIX_EPOCH - offset] {
                let wire = timestamp(at);
                assert!(is_valid(&wire), "{wire:?}");
                assert_eq!(system_time(&wire), Some(at));
            }
        }
    }

    #[test]
    fn instants_out_of_range_are_none() {
        assert_eq!(system_time(&Timestamp { seconds: LAST_SECOND + 1, nanos: 0 }), None);
        assert_eq!(system_time(&Timestamp { seconds: 0, nanos: -1 }), None);
        assert_eq!(system_time(&Timestamp { seconds: 0, nanos: NANOS_PER_SECOND }), None);
        let far = UNIX_EPOCH + Duration::from_secs(300_000_000_000);
        assert_eq!(timestamp(far).seconds, LAST_SECOND);
    }

    #[test]
    fn lengths_have_seconds() {
        assert!((seconds(&duration(Duration::from_millis(1500))) - 1.5).abs() < 1e-12);
    }
}
