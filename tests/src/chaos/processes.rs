//! The processes of an embedded fleet as they are now, and signals to them.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};

/// The variable in which every process of a fleet finds its directory.
const FLEET_DIRECTORY: &str = "TIER0_FLEET_DIR";

/// Reaches the processes of one fleet by their names. A process that was started again has another id, so that ids are looked up each time.
#[derive(Debug, Clone)]
pub struct Processes {
    directory: PathBuf,
}

/// A process that was stopped by SIGSTOP and has to be continued.
#[derive(Debug)]
pub struct Paused {
    name: String,
    pid: Pid,
    directory: PathBuf,
}

impl Processes {
    /// The processes of the fleet in this directory.
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    /// Kills a process; false where none of this name runs just now.
    pub fn kill(&self, name: &str) -> bool {
        self.pid(name).is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok())
    }

    /// Stops a process until it is continued; None where none of this name runs just now.
    pub fn pause(&self, name: &str) -> Option<Paused> {
        let pid = self.pid(name)?;
        kill_process(pid, Signal::STOP).ok()?;
        Some(Paused { name: name.to_owned(), pid, directory: self.directory.clone() })
    }

    /// Whether a process of this name runs just now.
    pub fn is_running(&self, name: &str) -> bool {
        self.pid(name).is_some()
    }

    fn pid(&self, name: &str) -> Option<Pid> {
        let path = self.directory.join("run").join(format!("{name}.pid"));
        let pid = Pid::from_raw(std::fs::read_to_string(path).ok()?.trim().parse().ok()?)?;
        belongs(pid, &self.directory).then_some(pid)
    }
}

impl Paused {
    /// Name of the process.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Lets it go on; false where it has been killed meanwhile.
    pub fn resume(self) -> bool {
        self.go_on()
    }

    fn go_on(&self) -> bool {
        belongs(self.pid, &self.directory) && kill_process(self.pid, Signal::CONT).is_ok()
    }
}

impl Drop for Paused {
    /// A stopped process hears no other signal, so that it could not be ended in order.
    fn drop(&mut self) {
        self.go_on();
    }
}

/// Whether a process was started for this directory; an id may be another's by now.
fn belongs(pid: Pid, directory: &Path) -> bool {
    let path = format!("/proc/{}/environ", pid.as_raw_nonzero());
    let Ok(environment) = std::fs::read(path) else { return false };
    let mut wanted = format!("{FLEET_DIRECTORY}=").into_bytes();
    wanted.extend_from_slice(directory.as_os_str().as_bytes());
    environment.split(|byte| *byte == 0).any(|variable| variable == wanted)
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command};

    use super::*;

    fn sleeper(directory: &Path) -> Child {
        std::fs::create_dir_all(directory.join("run")).unwrap();
        let child =
            Command::new("sleep").arg("60").env(FLEET_DIRECTORY, directory).spawn().unwrap();
        std::fs::write(directory.join("run/it.pid"), child.id().to_string()).unwrap();
        // Between being started and being what it is to be, a process shows no environment.
        let environment = format!("/proc/{}/environ", child.id());
        let begun = std::time::Instant::now();
        while std::fs::read(&environment).is_ok_and(|shown| shown.is_empty()) {
            assert!(begun.elapsed() < std::time::Duration::from_secs(10), "it does not start");
            std::thread::yield_now();
        }
        child
    }

    fn state(child: &Child) -> char {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
        stat.rsplit_once(") ").unwrap().1.chars().next().unwrap()
    }

    async fn until(child: &Child, wanted: char) {
        crate::eventually("the process is in that state", || async {
            (state(child) == wanted).then_some(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_process_is_paused_resumed_and_killed() {
        let directory = tempfile::tempdir().unwrap();
        let mut child = sleeper(directory.path());
        let processes = Processes::new(directory.path());
        let paused = processes.pause("it").unwrap();
        until(&child, 'T').await;
        assert!(paused.resume());
        until(&child, 'S').await;
        drop(processes.pause("it").unwrap());
        until(&child, 'S').await;
        assert!(processes.kill("it"));
        assert!(!child.wait().unwrap().success());
        assert!(!processes.kill("it"), "it is gone");
    }

    #[test]
    fn a_process_of_somebody_else_is_left_alone() {
        let (mine, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut child = sleeper(other.path());
        std::fs::create_dir_all(mine.path().join("run")).unwrap();
        std::fs::write(mine.path().join("run/it.pid"), child.id().to_string()).unwrap();
        let processes = Processes::new(mine.path());
        assert!(!processes.kill("it"));
        assert!(processes.pause("it").is_none());
        assert!(!processes.kill("nobody"));
        assert!(Processes::new(other.path()).kill("it"));
        child.wait().unwrap();
    }
}
