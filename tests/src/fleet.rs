//! A whole fleet: `tier0 up` in a temporary directory.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use bus::{BusConfig, Secret};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::programs::{Finished, program, run};

/// A fleet is ten processes: the tests of one program start them one after another (nextest runs programs, and is told so in its configuration).
static TURN: Semaphore = Semaphore::const_new(1);

/// Where the tests have their tables, besides the directory that they run in.
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");

/// Lines of each log that are shown when a test fails.
const LOG_LINES: usize = 25;

/// A user of the fleet's broker that looks at everything, and does what no process may: the tests themselves.
const TESTER: (&str, &str) = ("tester", "of-tests-alone");
/// What a process logs where its identity may not do what it tries.
const VIOLATION: &str = "does not permit this process's identity";

/// What `tier0 up` writes to `fleet.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct FleetFile {
    /// Where NATS clients connect.
    pub nats_url: String,
    /// The orchestrator's API.
    pub api_url: String,
    /// The model server's REST listener.
    pub serving_url: String,
    /// The model server's gRPC listener.
    pub grpc_url: String,
    /// The processes by name.
    pub pids: BTreeMap<String, i32>,
}

/// How a fleet is started.
#[derive(Debug, Default)]
pub struct FleetOptions {
    /// More than one replica of an agent.
    pub replicas: Vec<(&'static str, u32)>,
    /// Environment of the processes.
    pub environment: Vec<(String, String)>,
    /// More arguments of `tier0 up`.
    pub arguments: Vec<&'static str>,
    /// A directory that has something in it already; a fresh one where missing.
    pub directory: Option<TempDir>,
}

/// What became of a submission.
#[derive(Debug)]
pub struct Submitted {
    /// Exit code of the command.
    pub code: i32,
    /// Its JSON document.
    pub run: Value,
}

impl Submitted {
    /// A text member of the document, empty where it is absent or null.
    pub fn text(&self, member: &str) -> &str {
        self.run[member].as_str().unwrap_or_default()
    }

    /// Its run.
    ///
    /// # Panics
    ///
    /// When the run did not succeed.
    #[track_caller]
    pub fn succeeded(self) -> Value {
        assert_eq!((self.code, self.text("status")), (0, "succeeded"), "{:#}", self.run);
        self.run
    }

    /// The reason why the run failed at a stage.
    ///
    /// # Panics
    ///
    /// When it did not fail there.
    #[track_caller]
    pub fn failed_at(&self, stage: &str) -> &str {
        assert_eq!(
            (self.code, self.text("status"), self.text("failed_stage")),
            (1, "failed", stage),
            "{:#}",
            self.run
        );
        self.text("reason")
    }
}

/// A running fleet; taken down when dropped.
#[derive(Debug)]
pub struct Fleet {
    directory: TempDir,
    options: FleetOptions,
    file: FleetFile,
    _turn: SemaphorePermit<'static>,
}

/// The turn of a test whose fleet a script starts; held until that is down again.
///
/// # Panics
///
/// Never: the semaphore is not closed.
pub async fn turn() -> SemaphorePermit<'static> {
    TURN.acquire().await.expect("it is not closed")
}

impl Fleet {
    /// Starts a fleet with one replica of each agent.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    pub async fn up() -> Self {
        Self::up_with(FleetOptions::default()).await
    }

    /// Starts a fleet.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    pub async fn up_with(mut options: FleetOptions) -> Self {
        let turn = TURN.acquire().await.expect("it is not closed");
        let directory = options.directory.take().unwrap_or_else(|| {
            let fresh = tempfile::Builder::new().prefix("tier0-test-").tempdir();
            fresh.expect("a temporary directory")
        });
        let file = up(directory.path(), &options).await;
        Self { directory, options, file, _turn: turn }
    }

    /// Kills every process at once, the supervisor first, as when the machine loses its power.
    ///
    /// # Panics
    ///
    /// When one lives on.
    pub async fn kill_everything(&self) {
        let (supervisor, others): (Vec<_>, Vec<_>) =
            self.file.pids.iter().partition(|(name, _)| *name == "tier0");
        for (_, &pid) in supervisor.into_iter().chain(others) {
            let pid = rustix::process::Pid::from_raw(pid).expect("a process id");
            // It may have ended with its supervisor.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        for (name, pid) in &self.file.pids {
            crate::eventually(&format!("{name} is gone"), || async { (!runs(*pid)).then_some(()) })
                .await;
        }
    }

    /// Starts it again in the same directory, as it was started first.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    pub async fn up_again(&mut self) {
        self.file = up(self.directory.path(), &self.options).await;
    }

    /// How the tests reach the broker, of which they may ask everything.
    pub fn broker(&self) -> BusConfig {
        let (user, password) = TESTER;
        BusConfig {
            user: Some(user.to_owned()),
            password: Some(Secret::new(password)),
            ..BusConfig::new(self.file.nats_url.as_str())
        }
    }

    /// The same as a URL, for clients of other languages.
    pub fn tester_url(&self) -> String {
        let (user, password) = TESTER;
        self.file.nats_url.replacen("://", &format!("://{user}:{password}@"), 1)
    }

    /// Sends a signal to a process.
    ///
    /// # Panics
    ///
    /// When there is none of that name.
    pub fn signal(&self, name: &str, signal: rustix::process::Signal) {
        let pid = self.file.pids.get(name).copied().and_then(rustix::process::Pid::from_raw);
        let pid = pid.unwrap_or_else(|| panic!("no process {name}"));
        rustix::process::kill_process(pid, signal).expect("it can be signalled");
    }

    /// Path of its directory.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// A path in its directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What it wrote about itself.
    pub fn file(&self) -> &FleetFile {
        &self.file
    }

    /// Runs a `tier0` command on this fleet.
    pub async fn tier0<A: Into<OsString>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Finished {
        let mut command = Command::new(program("tier0"));
        command.args(arguments.into_iter().map(Into::into)).arg("--dir").arg(self.directory());
        run(&mut command).await
    }

    /// Submits a request and waits for the run's end.
    pub async fn submit<A: Into<OsString>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Submitted {
        let mut all: Vec<OsString> = vec!["submit".into()];
        all.extend(arguments.into_iter().map(Into::into));
        all.extend(["--wait".into(), "--json".into()]);
        let finished = self.tier0(all).await;
        Submitted { code: finished.code(), run: finished.json() }
    }

    /// Predicts for a table and reads the predictions.
    ///
    /// # Panics
    ///
    /// When the command fails.
    pub async fn predict(&self, endpoint: &str, table: &Path) -> crate::Predictions {
        let out = self.path("predictions.csv");
        let arguments: [OsString; 6] = [
            "predict".into(),
            endpoint.into(),
            "--data".into(),
            table.into(),
            "--out".into(),
            out.clone().into(),
        ];
        self.tier0(arguments).await.success();
        crate::read_predictions(&out)
    }

    /// A NATS client of this fleet, of the plain client library, which is answered in the inbox of operators.
    ///
    /// # Panics
    ///
    /// When it cannot connect.
    pub async fn nats(&self) -> async_nats::Client {
        let options = tester().custom_inbox_prefix("_INBOX_operator");
        options.connect(&self.file.nats_url).await.expect("the fleet's nats-server answers")
    }

    /// The processes that this workspace has made: all but the broker and the supervisor.
    pub fn processes(&self) -> impl Iterator<Item = &str> {
        self.file
            .pids
            .keys()
            .map(String::as_str)
            .filter(|name| !["nats-server", "tier0"].contains(name))
    }

    /// What a process counts and measures.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    pub async fn metrics(&self, process: &str) -> crate::Exposition {
        let ready = std::fs::read(self.path("ready").join(format!("{process}.json")));
        let ready: Value = serde_json::from_slice(&ready.expect("a ready process")).expect("JSON");
        let http = ready["http"].as_str().expect("the listener of health and metrics");
        crate::Exposition::fetch(&format!("http://{http}/metrics")).await
    }

    /// Prints the last lines of every log on standard error.
    pub fn show_logs(&self) {
        show_logs(self.directory.path());
    }

    /// A log, for a message.
    pub fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.path("logs").join(format!("{name}.log"))).unwrap_or_default()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        if std::thread::panicking() {
            show_logs(self.directory.path());
        }
        let violations = violations(self.directory.path());
        let down = std::process::Command::new(program("tier0"))
            .args(["down", "--dir"])
            .arg(self.directory.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !down {
            eprintln!("the fleet did not go down when it was told to: ending its processes");
            for pid in
                self.file.pids.values().filter_map(|&pid| rustix::process::Pid::from_raw(pid))
            {
                // It may have ended already.
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
        }
        if !std::thread::panicking() {
            assert!(violations.is_empty(), "permissions are missing:\n{}", violations.join("\n"));
        }
    }
}

/// What processes tried that their identities may not do.
fn violations(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in logs(directory) {
        let lines = text.lines().filter(|line| line.contains(VIOLATION));
        found.extend(lines.map(|line| format!("{name}: {line}")));
    }
    found
}

/// Runs `tier0 up` and reads what the fleet says of itself.
async fn up(directory: &Path, options: &FleetOptions) -> FleetFile {
    let mut command = Command::new(program("tier0"));
    command.args(["up", "--detach", "--dir"]).arg(directory);
    command.envs(options.environment.iter().map(|(name, value)| (name, value)));
    command.args(&options.arguments).arg("--data-root").arg(std::env::temp_dir());
    if Path::new(DATA).exists() {
        command.args(["--data-root", DATA]);
    }
    for (agent, replicas) in &options.replicas {
        command.arg("--replicas").arg(format!("{agent}={replicas}"));
    }
    let finished = run(&mut command).await;
    if !finished.status.success() {
        show_logs(directory);
        panic!("the fleet did not come up: {}\n{}", finished.stdout, finished.stderr);
    }
    let text = std::fs::read(directory.join("fleet.json")).expect("fleet.json is there");
    let file: FleetFile = serde_json::from_slice(&text).expect("fleet.json is of its form");
    admit_tester(directory, &file).await;
    file
}

fn tester() -> async_nats::ConnectOptions {
    let (user, password) = TESTER;
    async_nats::ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
}

/// Has the broker know the user of the tests beside the identities of the fleet, until the supervisor starts again.
async fn admit_tester(directory: &Path, file: &FleetFile) {
    let path = directory.join("security/authorization.conf");
    let text = std::fs::read_to_string(&path).expect("permissions");
    let (user, password) = TESTER;
    let permissions = r#"permissions: { publish: ">", subscribe: ">" }"#;
    let users = format!("users: [\n    {{ user: {user}, password: {password}, {permissions} }}");
    std::fs::write(&path, text.replacen("users: [", &users, 1)).expect("permissions");
    let pid = file.pids.get("nats-server").copied().and_then(rustix::process::Pid::from_raw);
    let pid = pid.expect("the broker's process id");
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).expect("it can be signalled");
    crate::eventually("the broker knows the tests", || async {
        tester().connect(&file.nats_url).await.ok().map(drop)
    })
    .await;
}

/// Whether a process runs: one that waits for its parent to notice its end does not.
fn runs(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().next());
    !matches!(state, None | Some("Z" | "X"))
}

/// Prints the last lines of every log.
fn show_logs(directory: &Path) {
    for (name, text) in logs(directory) {
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.len().saturating_sub(LOG_LINES);
        eprintln!("--- {name}\n{}", lines[from..].join("\n"));
    }
}

/// All logs, by the names of their files.
fn logs(directory: &Path) -> BTreeMap<String, String> {
    let Ok(logs) = std::fs::read_dir(directory.join("logs")) else { return BTreeMap::new() };
    logs.filter_map(Result::ok)
        .map(|entry| {
            let text = std::fs::read(entry.path()).unwrap_or_default();
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, String::from_utf8_lossy(&text).into_owned())
        })
        .collect()
}
