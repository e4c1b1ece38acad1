//! A fleet in the background: starting its supervisor, and stopping it.

use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use crate::directory::{Directory, FleetFile, file, remove};
use crate::process::signal;
use crate::{Error, leftover};

const POLL_INTERVAL: Duration = Duration::from_millis(30);
/// Room for the supervisor to give up by itself before it is given up.
const MARGIN: Duration = Duration::from_secs(40);

/// Starts a supervisor in the background and waits until its fleet is ready. `arguments` are those of `up` but `--detach`.
pub async fn up_detached(
    directory: &Directory,
    arguments: &[String],
    timeout: Duration,
) -> Result<FleetFile, Error> {
    directory.create()?;
    if directory.is_locked()? {
        return Err(Error::AlreadyRunning { dir: directory.root().to_owned() });
    }
    directory.remove_fleet()?;
    remove(&directory.startup_error())?;
    let program = std::env::current_exe().map_err(file("find", Path::new("tier0")))?;
    let path = directory.log("tier0");
    let log =
        OpenOptions::new().create(true).append(true).open(&path).map_err(file("open", &path))?;
    let errors = log.try_clone().map_err(file("open", &path))?;
    // It makes itself the leader of a session, so that it outlives this terminal.
    let mut child = Command::new(&program)
        .args(["up", "--supervised", "--dir"])
        .arg(directory.root())
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .map_err(|source| Error::Start { name: "tier0".to_owned(), program, source })?;
    let deadline = Instant::now() + timeout + MARGIN;
    let interrupted = tokio::signal::ctrl_c();
    tokio::pin!(interrupted);
    loop {
        if let Some(fleet) =
            directory.read_fleet()?.filter(|fleet| fleet.pids.get("tier0") == Some(&child.id()))
        {
            return Ok(fleet);
        }
        if let Some(status) = child.try_wait().map_err(file("wait for", &path))? {
            let message = std::fs::read_to_string(directory.startup_error()).unwrap_or_else(|_| {
                format!(
                    "the supervisor ended ({status}); the end of its log:\n{}",
                    directory.log_tail("tier0", 20)
                )
            });
            let exit_code = status.code().and_then(|code| u8::try_from(code).ok());
            return Err(Error::Supervisor { message: message.trim_end().to_owned(), exit_code });
        }
        if Instant::now() >= deadline {
            signal(child.id(), Signal::TERM);
            let message = format!("the supervisor did not get ready; see {}", path.display());
            return Err(Error::Supervisor { message, exit_code: None });
        }
        tokio::select! {
            _ = &mut interrupted => {
                signal(child.id(), Signal::TERM);
                return Err(Error::Interrupted);
            }
            () = sleep(POLL_INTERVAL) => {}
        }
    }
}

/// Stops the fleet of a directory and waits until it has stopped. Gives the names of processes that had been left without
/// a supervisor.
pub async fn down(directory: &Directory, timeout: Duration) -> Result<Vec<String>, Error> {
    if !directory.root().join("run").is_dir() {
        return Err(Error::NotRunning { dir: directory.root().to_owned() });
    }
    let had_fleet = directory.read_fleet()?.is_some();
    let was_locked = directory.is_locked()?;
    if was_locked {
        end_supervisor(directory, timeout).await?;
    }
    let Some(lock) = directory.try_lock()? else {
        return Err(Error::AlreadyRunning { dir: directory.root().to_owned() });
    };
    let left = leftover::stop(directory, &lock).await?;
    directory.remove_fleet()?;
    if had_fleet || was_locked || !left.is_empty() {
        return Ok(left);
    }
    Err(Error::NotRunning { dir: directory.root().to_owned() })
}

async fn end_supervisor(directory: &Directory, timeout: Duration) -> Result<(), Error> {
    let pid = std::fs::read_to_string(directory.pid("tier0"))
        .ok()
        .and_then(|text| text.trim().parse::<u32>().ok());
    if let Some(pid) = pid {
        signal(pid, Signal::TERM);
    }
    let deadline = Instant::now() + timeout;
    let mut killed = false;
    while directory.is_locked()? {
        if Instant::now() >= deadline {
            match pid {
                Some(pid) if !killed => {
                    tracing::warn!(pid, "the supervisor did not stop in time; it is killed");
                    signal(pid, Signal::KILL);
                    killed = true;
                    sleep(Duration::from_millis(300)).await;
                    continue;
                }
                _ => return Err(Error::AlreadyRunning { dir: directory.root().to_owned() }),
            }
        }
        sleep(POLL_INTERVAL).await;
    }
    Ok(())
}
