//! Faults that a file names.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::error::InferError;

/// How often the file is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    Fail { checks_too: bool },
    Slow(Duration),
}

#[derive(Debug, Default)]
struct Faults {
    looked: Option<Instant>,
    changed: Option<SystemTime>,
    by_version: BTreeMap<String, Fault>,
}

static FILE: LazyLock<Option<PathBuf>> =
    LazyLock::new(|| std::env::var_os("TIER0_SCORE_FAULTS").map(PathBuf::from));
static FAULTS: Mutex<Faults> =
    Mutex::new(Faults { looked: None, changed: None, by_version: BTreeMap::new() });

/// Makes a version fail, or no longer, in this process.
pub fn set(endpoint: &str, version: u32, fails: bool) {
    let mut faults = FAULTS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = format!("{endpoint}.{version}");
    if fails {
        faults.by_version.insert(key, Fault::Fail { checks_too: false });
    } else {
        faults.by_version.remove(&key);
    }
}

/// Fails or is slow where it is to.
pub(crate) fn score(endpoint: &str, version: u32, is_traffic: bool) -> Result<(), InferError> {
    let fault = {
        let mut faults = FAULTS.lock().unwrap_or_else(PoisonError::into_inner);
        faults.read();
        faults.by_version.get(&format!("{endpoint}.{version}")).copied()
    };
    match fault {
        Some(Fault::Fail { checks_too }) if is_traffic || checks_too => {
            Err(InferError::internal("the version fails on purpose"))
        }
        Some(Fault::Slow(time)) if is_traffic => {
            be_slow(time);
            Ok(())
        }
        _ => Ok(()),
    }
}

#[allow(clippy::disallowed_methods, reason = "a version that computes for long holds its thread")]
fn be_slow(time: Duration) {
    std::thread::sleep(time);
}

impl Faults {
    fn read(&mut self) {
        let Some(file) = FILE.as_ref() else { return };
        if self.looked.is_some_and(|looked| looked.elapsed() < POLL_INTERVAL) {
            return;
        }
        self.looked = Some(Instant::now());
        let changed = std::fs::metadata(file).and_then(|found| found.modified()).ok();
        if changed == self.changed {
            return;
        }
        self.changed = changed;
        let text = std::fs::read_to_string(file).unwrap_or_default();
        self.by_version = text.lines().filter_map(fault).collect();
    }
}

fn fault(line: &str) -> Option<(String, Fault)> {
    let mut words = line.split_whitespace();
    let version = words.next()?.to_owned();
    let fault = match words.next()? {
        "fail" => Fault::Fail { checks_too: false },
        "fail-check" => Fault::Fail { checks_too: true },
        "slow" => Fault::Slow(Duration::from_millis(words.next()?.parse().ok()?)),
        _ => return None,
    };
    Some((version, fault))
}
