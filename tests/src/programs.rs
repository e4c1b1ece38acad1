//! The programs under test, as they were built beside the tests.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

/// Longest time that one command may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(240);

/// The path of a program of this workspace.
///
/// # Panics
///
/// When it has not been built: a test runner builds the programs of its own package only, `make test` builds all.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let beside =
        test.parent().and_then(|deps| deps.parent()).expect("tests lie in target/PROFILE/deps");
    let path = beside.join(name);
    assert!(
        path.exists(),
        "{} has not been built: run `make test`, or `cargo build --workspace` first",
        path.display()
    );
    path
}

/// A process without input and output; killed, as a crash does it, when dropped.
#[derive(Debug)]
pub struct Process(Child);

impl Process {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub fn start(command: &mut std::process::Command) -> Self {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(quiet.spawn().expect("the process starts"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where `scripts/setup` puts what it installs.
pub fn installed(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("HOME").unwrap_or_default())
        .join(".local/share/tier0")
        .join(name)
}

/// What a command did.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Finished {
    /// Its exit code.
    ///
    /// # Panics
    ///
    /// When a signal ended it.
    #[track_caller]
    pub fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| panic!("ended by a signal: {self:?}"))
    }

    /// Itself, when it succeeded.
    ///
    /// # Panics
    ///
    /// When it did not.
    #[track_caller]
    pub fn success(self) -> Self {
        assert!(self.status.success(), "{}\n{}\n{}", self.status, self.stdout, self.stderr);
        self
    }

    /// Its standard output as one JSON document.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        self.json_as()
    }

    /// Its standard output as one JSON document of a type.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[track_caller]
    pub fn json_as<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("not one JSON document: {error}\n{}\n{}", self.stdout, self.stderr)
        })
    }
}

/// The most memory that a running process has held so far, in bytes.
///
/// # Panics
///
/// When it does not run, or the system does not say.
pub fn peak_memory(pid: i32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = peak.and_then(|peak| peak.trim().strip_suffix(" kB"));
    kibibytes.and_then(|number| number.trim().parse::<u64>().ok()).expect("a number of kB") * 1024
}

/// Runs a command to its end.
///
/// # Panics
///
/// When it cannot be started, or does not end in four minutes.
pub async fn run(command: &mut Command) -> Finished {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let shown = format!("{:?}", command.as_std());
    let output = timeout(COMMAND_TIMEOUT, command.output())
        .await
        .unwrap_or_else(|_| panic!("did not end in {COMMAND_TIMEOUT:?}: {shown}"))
        .unwrap_or_else(|error| panic!("cannot be started: {shown}: {error}"));
    Finished {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs the `tier0` program to its end.
///
/// # Panics
///
/// When it has not been built, or does not end in four minutes.
pub async fn tier0(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Finished {
    run(Command::new(program("tier0")).args(arguments)).await
}

/// Runs the `tier0-bench` program to its end.
///
/// # Panics
///
/// When it has not been built, or does not end in four minutes.
pub async fn tier0_bench(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Finished {
    run(Command::new(program("tier0-bench")).args(arguments)).await
}
