//! Processes that a supervisor left behind when it was killed.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use crate::directory::{Directory, Lock, file, remove};
use crate::process::signal;
use crate::{Error, FLEET_ENVIRONMENT};

/// How long they may take to stop by themselves.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Stops what is left of an earlier fleet of this directory; gives the names. Only who holds the lock may do so.
///
/// A process id may meanwhile be another process's, so that a process is touched only if its environment names this directory.
pub(crate) async fn stop(directory: &Directory, _lock: &Lock) -> Result<Vec<String>, Error> {
    let mut left = Vec::new();
    let run = directory.root().join("run");
    for entry in fs::read_dir(&run).map_err(file("read", &run))? {
        let path = entry.map_err(file("read", &run))?.path();
        if path.extension().is_none_or(|ending| ending != "pid") {
            continue;
        }
        let pid = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse::<u32>().ok());
        if let Some(pid) = pid.filter(|pid| belongs(*pid, directory)) {
            let name = path
                .file_stem()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            left.push((name, pid));
        }
        remove(&path)?;
    }
    // Agents give back what they work on while the broker is still there.
    let (brokers, others): (Vec<_>, Vec<_>) =
        left.iter().cloned().partition(|(name, _)| name == "nats-server");
    for group in [others, brokers] {
        end(&group, directory).await;
    }
    Ok(left.into_iter().map(|(name, _)| name).collect())
}

async fn end(processes: &[(String, u32)], directory: &Directory) {
    for (_, pid) in processes {
        signal(*pid, Signal::TERM);
    }
    let deadline = Instant::now() + STOP_TIMEOUT;
    let alive = |pid: &u32| belongs(*pid, directory);
    while processes.iter().any(|(_, pid)| alive(pid)) && Instant::now() < deadline {
        sleep(Duration::from_millis(50)).await;
    }
    for (name, pid) in processes.iter().filter(|(_, pid)| alive(pid)) {
        tracing::warn!(
            process = name,
            pid,
            "a process of an earlier fleet did not stop; it is killed"
        );
        signal(*pid, Signal::KILL);
    }
}

/// Whether a process was started for this directory and lives.
pub(crate) fn belongs(pid: u32, directory: &Directory) -> bool {
    let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else { return false };
    let mut wanted = format!("{FLEET_ENVIRONMENT}=").into_bytes();
    wanted.extend_from_slice(directory.root().as_os_str().as_bytes());
    environment.split(|byte| *byte == 0).any(|variable| variable == wanted)
}
