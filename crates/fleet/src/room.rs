//! Room on the disk: how much of it the broker's records may take, and a broker that goes on once a full disk has room again.
//!
//! ```text
//! a disk without room ─▶ the broker closes what it cannot write ─▶ it says so at its monitoring port, here and to the processes,
//!   whose work waits ─▶ there is room again ─▶ the supervisor starts the broker anew ─▶ the work goes on
//! ```

use std::path::Path;
use std::time::Duration;

use bus::SetupOptions;
use contracts::names;
use rustix::process::Signal;
use tokio::time::Instant;

use crate::directory::{Directory, file};
use crate::process::signal;
use crate::{Error, nats};

/// Free bytes below which a fleet is not started.
pub(crate) const LEAST: u64 = 128 << 20;
/// Free bytes at which a broker whose disk was full is started again.
const ENOUGH_TO_GO_ON: u64 = 64 << 20;
/// How often the broker is asked whether its disk is full.
const INTERVAL: Duration = Duration::from_secs(2);
/// Least time between two starts of a broker whose disk was full.
const PAUSE: Duration = Duration::from_secs(15);
/// Time that it has to end by itself; nats-server 2.15 may wait for ever for a stream that it could not write. All that it has
/// confirmed is on the disk.
const GRACE: Duration = Duration::from_secs(5);

/// Bytes that are free to this user on the disk of a directory.
pub(crate) fn free(directory: &Path) -> Result<u64, Error> {
    let found = rustix::fs::statvfs(directory)
        .map_err(|error| file("look for room in", directory)(error.into()))?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Bytes of the files in a directory and below; what goes away meanwhile does not count.
fn stored(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => stored(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Bytes that the broker may store in all: what it has, and three quarters of what is free.
pub(crate) fn broker_limit(directory: &Path) -> Result<u64, Error> {
    Ok(stored(directory).saturating_add(free(directory)? / 4 * 3))
}

/// What the records of predictions, outcomes, searches, lineage, alerts and finished work may take.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reserve {
    /// The set-up with limits that fit the disk.
    pub(crate) options: SetupOptions,
    /// Bytes of all these limits together.
    pub(crate) bytes: u64,
    /// Bytes that are free on the disk.
    pub(crate) free: u64,
}

/// The limits of a set-up on the disk of the fleet's directory: as they are where half of what is free has room for them, else in
/// proportion; never below what is stored already.
///
/// # Errors
/// [`Error::TooLittleRoom`] where less than 128 MiB are free.
pub(crate) fn reserve(directory: &Directory, options: SetupOptions) -> Result<Reserve, Error> {
    let free = free(directory.root())?;
    if free < LEAST {
        let dir = directory.root().to_owned();
        return Err(Error::TooLittleRoom { dir, free, needed: LEAST });
    }
    let steps = names::bucket_stream(names::STEPS_BUCKET);
    let of = |stream: &str| stored(&nats::stream_directory(&directory.nats(), stream));
    Ok(shared(options, free, |stream| match stream {
        Bounded::Predictions => of(names::PREDICTIONS_STREAM).max(of(names::FEEDBACK_STREAM)),
        Bounded::Searches => of(names::SEARCHES_STREAM),
        Bounded::Lineage => of(names::LINEAGE_STREAM),
        Bounded::Alerts => of(names::ALERTS_STREAM),
        Bounded::Steps => of(&steps),
    }))
}

/// Streams whose bytes are bounded.
#[derive(Debug, Clone, Copy)]
enum Bounded {
    /// Predictions, and outcomes with the same limit.
    Predictions,
    Searches,
    Lineage,
    Alerts,
    Steps,
}

fn shared(options: SetupOptions, free: u64, stored: impl Fn(Bounded) -> u64) -> Reserve {
    let mut options = options;
    let whole = total(&options);
    let budget = (free / 2).min(whole);
    let share = |limit: &mut u64, stream: Bounded| {
        let part = u128::from(*limit) * u128::from(budget) / u128::from(whole.max(1));
        let part = u64::try_from(part).unwrap_or(*limit);
        *limit = part.max(stored(stream)).min(*limit);
    };
    share(&mut options.prediction_bytes, Bounded::Predictions);
    share(&mut options.search_bytes, Bounded::Searches);
    share(&mut options.lineage_bytes, Bounded::Lineage);
    share(&mut options.alert_bytes, Bounded::Alerts);
    share(&mut options.step_bytes, Bounded::Steps);
    let bytes = total(&options);
    Reserve { options, bytes, free }
}

fn total(options: &SetupOptions) -> u64 {
    // Outcomes have the limit of predictions.
    [
        options.prediction_bytes,
        options.prediction_bytes,
        options.search_bytes,
        options.lineage_bytes,
        options.alert_bytes,
        options.step_bytes,
    ]
    .into_iter()
    .fold(0, u64::saturating_add)
}

/// Bytes as people say them.
pub(crate) fn shown(bytes: u64) -> String {
    let mebibytes = bytes >> 20;
    match mebibytes {
        0..1024 => format!("{mebibytes} MiB"),
        _ => format!("{:.1} GiB", mebibytes as f64 / 1024.0),
    }
}

/// Looks after a broker whose disk may be full.
#[derive(Debug, Default)]
pub(crate) struct DiskWatch {
    asked: Option<Instant>,
    is_full: bool,
    restarted: Option<Instant>,
    /// The process that was told to end, and when.
    ending: Option<(u32, Instant)>,
}

impl DiskWatch {
    /// Asks the broker at its monitoring port, now and then, and starts it again where its disk was full and has room: its process
    /// ends, and is started as any that ends.
    pub(crate) async fn look(&mut self, directory: &Path, monitoring: &str, pid: Option<u32>) {
        if self.asked.is_some_and(|asked| asked.elapsed() < INTERVAL) {
            return;
        }
        self.asked = Some(Instant::now());
        if let Some((told, since)) = self.ending.filter(|_| pid.is_some()) {
            if pid != Some(told) {
                self.ending = None;
            } else if since.elapsed() >= GRACE {
                tracing::warn!("the broker did not end in time; it is killed");
                signal(told, Signal::KILL);
                self.ending = None;
                return;
            }
        }
        // One that does not answer is looked after as every process that is not well.
        let Ok(fault) = bus::disk_fault(monitoring).await else { return };
        let Some(fault) = fault else {
            if std::mem::take(&mut self.is_full) {
                tracing::info!("the broker stores again");
            }
            return;
        };
        if !std::mem::replace(&mut self.is_full, true) {
            tracing::error!(
                fault,
                directory = %directory.display(),
                "the disk is full: runs wait until there is room, and go on by themselves then"
            );
        }
        let free = free(directory).unwrap_or(0);
        let is_time = self.restarted.is_none_or(|last| last.elapsed() >= PAUSE);
        if let Some(pid) = pid.filter(|_| is_time && free >= ENOUGH_TO_GO_ON) {
            tracing::warn!(free, "there is room again: the broker is started anew");
            self.restarted = Some(Instant::now());
            self.ending = Some((pid, Instant::now()));
            signal(pid, Signal::TERM);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn a_reserve_follows_the_free_disk() {
        let none = |_: Bounded| 0;
        let defaults = SetupOptions::default();
        let whole = total(&defaults);
        let large = shared(defaults.clone(), 100 * GIB, none);
        assert_eq!((large.bytes, large.options), (whole, defaults.clone()));
        for free in [LEAST, GIB, 4 * GIB] {
            let small = shared(defaults.clone(), free, none);
            assert!(small.bytes <= free / 2, "{free}: {}", small.bytes);
            assert!(small.bytes > free / 2 - 10, "{free}: {}", small.bytes);
            assert!(small.options.alert_bytes > 0 && small.options.search_bytes > 0);
        }
    }

    #[test]
    fn what_is_stored_stays_though_the_disk_has_become_small() {
        let small = shared(SetupOptions::default(), LEAST, |stream| match stream {
            Bounded::Predictions => GIB,
            _ => 0,
        });
        assert_eq!(small.options.prediction_bytes, GIB);
        let default = SetupOptions::default().prediction_bytes;
        let more = shared(SetupOptions::default(), LEAST, |_| 100 * GIB);
        assert_eq!(more.options.prediction_bytes, default, "a limit never grows");
    }

    #[test]
    fn room_is_found_and_said() {
        let temporary = tempfile::tempdir().unwrap();
        assert!(free(temporary.path()).unwrap() > 0);
        std::fs::create_dir(temporary.path().join("a")).unwrap();
        std::fs::write(temporary.path().join("a/b"), [0; 1000]).unwrap();
        assert_eq!(stored(temporary.path()), 1000);
        assert!(broker_limit(temporary.path()).unwrap() > 1000);
        assert_eq!((shown(5 << 20).as_str(), shown(3 * GIB / 2).as_str()), ("5 MiB", "1.5 GiB"));
    }
}
