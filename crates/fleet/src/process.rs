//! A process of the fleet: started, watched, started again when it dies, stopped when it must.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::directory::{Directory, file, remove, write_atomically};
use crate::{Error, FLEET_ENVIRONMENT};

/// How often a process that is not ready yet is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// Waits before a process is started again: from the first, doubled up to the second.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(15));
/// The longest wait after the end of a process that had been ready: it can start, and its work waits for it.
const MAX_RESTART_DELAY: Duration = Duration::from_secs(2);
/// A process that lived for so long begins again with the shortest wait.
const SETTLED: Duration = Duration::from_secs(30);

/// What a process said once it was ready: where it listens, by kind.
pub(crate) type Addresses = BTreeMap<String, String>;

/// How a process is started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Launch {
    /// Arguments of the command line, without the program.
    pub arguments: Vec<OsString>,
    /// Environment beside the inherited one.
    pub environment: BTreeMap<String, OsString>,
}

/// Makes a launch; given the addresses of the start before, so that a restart listens where it did.
pub(crate) type MakeLaunch = Box<dyn Fn(Option<&Addresses>) -> Result<Launch, Error> + Send + Sync>;
/// Reads the addresses of the process with this id; `None` as long as it is not ready.
pub(crate) type ReadReady = Box<dyn Fn(u32) -> Option<Addresses> + Send + Sync>;

/// A process to be kept running.
pub(crate) struct Spec {
    /// Name of the process, unique in the fleet.
    pub name: String,
    /// Path of the program.
    pub program: PathBuf,
    /// How it is started.
    pub launch: MakeLaunch,
    /// Whether it is ready.
    pub ready: ReadReady,
    /// How long it may take to stop by itself.
    pub grace: Duration,
}

/// Where a process stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Its id while it runs.
    pub pid: Option<u32>,
    /// Where it listens, once it is ready.
    pub ready: Option<Addresses>,
    /// How often it ended by itself before it was ever ready.
    pub early_ends: u32,
    /// How often it was started again.
    pub restarts: u32,
    /// Why it is not running.
    pub trouble: Option<String>,
}

/// A process that is kept running until it is stopped.
pub(crate) struct Process {
    name: String,
    state: watch::Receiver<State>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Process {
    /// Starts it and keeps it running.
    #[must_use]
    pub(crate) fn start(spec: Spec, directory: Arc<Directory>) -> Self {
        let (sender, state) = watch::channel(State::default());
        let stop = CancellationToken::new();
        let name = spec.name.clone();
        let task = tokio::spawn(keep_running(spec, directory, sender, stop.clone()));
        Self { name, state, stop, task }
    }

    /// Name of the process, unique in the fleet.
    #[must_use]
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Current state of the process: its id, its addresses and its restarts.
    #[must_use]
    pub(crate) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Stops it: asks, waits for its grace, then insists.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(process = self.name, %error, "the task of a process failed");
        }
    }
}

async fn keep_running(
    spec: Spec,
    directory: Arc<Directory>,
    state: watch::Sender<State>,
    stop: CancellationToken,
) {
    let mut addresses: Option<Addresses> = None;
    let mut wait = BACKOFF.0;
    while !stop.is_cancelled() {
        let started = Instant::now();
        let end = match start(&spec, &directory, addresses.as_ref()) {
            Ok(mut child) => {
                let end = attend(&spec, &mut child, &state, &stop, &mut addresses).await;
                let _absent = remove(&directory.pid(&spec.name));
                end
            }
            Err(error) => Some(contracts::failures::with_causes(&error)),
        };
        let Some(trouble) = end else { break };
        tracing::warn!(process = spec.name, trouble, "a process ended; it is started again");
        if started.elapsed() > SETTLED {
            wait = BACKOFF.0;
        }
        if state.borrow().ready.is_some() {
            wait = wait.min(MAX_RESTART_DELAY);
        }
        state.send_modify(|state| {
            state.pid = None;
            state.early_ends += u32::from(addresses.is_none());
            state.restarts += 1;
            state.ready = None;
            state.trouble = Some(trouble);
        });
        tokio::select! {
            () = stop.cancelled() => break,
            () = sleep(wait) => wait = (wait * 2).min(BACKOFF.1),
        }
    }
    state.send_modify(|state| {
        state.pid = None;
        state.ready = None;
    });
}

/// What every process is started with unless its own environment says otherwise: memory is given back to the system
/// after work, and the threads of LightGBM do not spin while they wait.
const FRUGAL: [(&str, &str); 4] = [
    ("MALLOC_ARENA_MAX", "2"),
    ("MALLOC_TRIM_THRESHOLD_", "1048576"),
    ("MALLOC_MMAP_THRESHOLD_", "262144"),
    ("OMP_WAIT_POLICY", "passive"),
];

fn start(spec: &Spec, directory: &Directory, before: Option<&Addresses>) -> Result<Child, Error> {
    remove(&directory.ready(&spec.name))?;
    let launch = (spec.launch)(before)?;
    let path = directory.log(&spec.name);
    let log =
        OpenOptions::new().create(true).append(true).open(&path).map_err(file("open", &path))?;
    let errors = log.try_clone().map_err(file("open", &path))?;
    let child = Command::new(&spec.program)
        .args(&launch.arguments)
        .envs(FRUGAL.into_iter().filter(|(name, _)| std::env::var_os(name).is_none()))
        .envs(&launch.environment)
        .env(FLEET_ENVIRONMENT, directory.root())
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        // A group of its own: Ctrl-C reaches the supervisor alone, which stops the others in order.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| Error::Start {
            name: spec.name.clone(),
            program: spec.program.clone(),
            source,
        })?;
    if let Some(pid) = child.id() {
        let path = directory.pid(&spec.name);
        write_atomically(&path, pid.to_string().as_bytes()).map_err(file("write", &path))?;
    }
    Ok(child)
}

/// Watches a running process; gives why it ended, or nothing where it was stopped.
async fn attend(
    spec: &Spec,
    child: &mut Child,
    state: &watch::Sender<State>,
    stop: &CancellationToken,
    addresses: &mut Option<Addresses>,
) -> Option<String> {
    let pid = child.id()?;
    state.send_modify(|state| state.pid = Some(pid));
    let mut ready = false;
    loop {
        tokio::select! {
            status = child.wait() => return Some(describe_exit(status)),
            () = stop.cancelled() => {
                stop_child(spec, child, pid).await;
                return None;
            }
            () = sleep(POLL_INTERVAL), if !ready => {
                if let Some(found) = (spec.ready)(pid) {
                    ready = true;
                    *addresses = Some(found.clone());
                    state.send_modify(|state| {
                        state.ready = Some(found);
                        state.trouble = None;
                    });
                }
            }
        }
    }
}

fn describe_exit(status: std::io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    }
}

async fn stop_child(spec: &Spec, child: &mut Child, pid: u32) {
    signal(pid, rustix::process::Signal::TERM);
    if tokio::time::timeout(spec.grace, child.wait()).await.is_ok() {
        return;
    }
    tracing::warn!(
        process = spec.name,
        seconds = spec.grace.as_secs(),
        "did not stop in time; it is killed"
    );
    if let Err(error) = child.kill().await {
        tracing::error!(process = spec.name, %error, "could not be killed");
    }
}

/// Whether a process runs; one that waits for its parent to notice its end does not.
pub(crate) fn lives(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().next());
    !matches!(state, None | Some("Z" | "X"))
}

/// Sends a signal; a process that is gone is no problem.
pub(crate) fn signal(pid: u32, signal: rustix::process::Signal) {
    let Some(process) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) else {
        return;
    };
    if let Err(error) = rustix::process::kill_process(process, signal) {
        tracing::debug!(pid, %error, "no signal sent");
    }
}

#[cfg(test)]
mod tests;
