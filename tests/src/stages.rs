//! Stages that do nothing, or what a script says, as processes in the loop of the real agents.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::waiting::eventually;

/// They are many processes: the tests of one program start them one after another.
static TURN: Semaphore = Semaphore::const_new(1);
/// The example that plays agents.
const SCRIPTED: &str = "examples/scripted_stage";
/// How often processes are looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Lines of each log that are shown when a test fails.
const LOG_LINES: usize = 12;

/// The processes; killed when dropped.
#[derive(Debug)]
pub struct Stages {
    directory: TempDir,
    url: String,
    environment: Vec<(String, String)>,
    /// What plays each agent.
    programs: BTreeMap<String, String>,
    processes: Vec<StageProcess>,
    _turn: SemaphorePermit<'static>,
}

/// One running process of a stage or a service.
#[derive(Debug)]
pub struct StageProcess {
    /// The agent that it plays.
    pub agent: String,
    name: String,
    child: Child,
}

impl Stages {
    /// None yet, on the broker at `url`; `environment` is that of each.
    pub async fn on(url: &str, environment: &[(&str, &str)]) -> Self {
        let turn = TURN.acquire().await.expect("nobody closes it");
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
            url: url.to_owned(),
            environment: environment.iter().map(owned).collect(),
            programs: BTreeMap::new(),
            processes: Vec::new(),
            _turn: turn,
        }
    }

    /// Starts processes that play an agent.
    ///
    /// # Panics
    ///
    /// When the example has not been built.
    pub fn play(&mut self, agent: &str, replicas: usize) {
        self.start(agent, replicas, SCRIPTED);
    }

    /// Starts processes of a real program of that name.
    ///
    /// # Panics
    ///
    /// When it has not been built.
    pub fn run(&mut self, agent: &str, replicas: usize) {
        self.start(agent, replicas, agent);
    }

    fn start(&mut self, agent: &str, replicas: usize, program: &str) {
        self.programs.insert(agent.to_owned(), program.to_owned());
        for _ in 0..replicas {
            let name = format!("{agent}-{}", self.processes.len());
            let process = self.launch(agent, &name);
            self.processes.push(process);
        }
    }

    fn launch(&self, agent: &str, name: &str) -> StageProcess {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.path(name, "log"))
            .expect("the log is made");
        let program = &self.programs[agent];
        let mut command = Command::new(crate::programs::program(program));
        if program == SCRIPTED {
            let effects = format!("TIER0_{}__EFFECTS", agent.to_uppercase().replace('-', "_"));
            command
                .env("SCRIPTED_AGENT", agent)
                .env(effects, self.directory.path().join("effects"));
        }
        let child = command
            .env("TIER0__NATS__URL", &self.url)
            .env("TIER0__READY_FILE", self.path(name, "json"))
            .env("TIER0__REPLICA", name)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("a stage starts");
        StageProcess { agent: agent.to_owned(), name: name.to_owned(), child }
    }

    /// Waits until all are ready.
    ///
    /// # Panics
    ///
    /// When one is not in time.
    pub async fn until_ready(&self) {
        for process in &self.processes {
            eventually(&format!("{} is ready", process.name), || async {
                self.address(process, "http")
            })
            .await;
        }
    }

    /// The processes that play an agent.
    pub fn of(&self, agent: &str) -> impl Iterator<Item = &StageProcess> {
        self.processes.iter().filter(move |process| process.agent == agent)
    }

    /// All processes, those included that have ended.
    pub fn all(&self) -> &[StageProcess] {
        &self.processes
    }

    /// Waits for something, and meanwhile starts processes again that have ended.
    ///
    /// # Panics
    ///
    /// When one cannot be started.
    pub async fn reviving<T>(&mut self, waiting: impl Future<Output = T>) -> T {
        let mut waiting = std::pin::pin!(waiting);
        loop {
            tokio::select! {
                done = &mut waiting => return done,
                () = tokio::time::sleep(POLL_INTERVAL) => {}
            }
            let dead: Vec<usize> = (0..self.processes.len())
                .filter(|&place| {
                    let ended = self.processes[place].child.try_wait();
                    ended.expect("it can be asked").is_some()
                })
                .collect();
            for place in dead {
                let StageProcess { agent, name, .. } = &self.processes[place];
                let (agent, name) = (agent.clone(), name.clone());
                self.processes[place] = self.launch(&agent, &name);
            }
        }
    }

    /// Asks a process at its listener of health and metrics; gives status and text.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    pub async fn ask(&self, process: &StageProcess, path: &str) -> (u16, String) {
        let http = self.address(process, "http").expect("a ready process");
        let answer = reqwest::get(format!("http://{http}/{path}")).await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    }

    /// The value of a metric's series that begins so; 0 where there is none.
    pub async fn metric(&self, process: &StageProcess, series: &str) -> f64 {
        let (_, text) = self.ask(process, "metrics").await;
        let line = text.lines().find_map(|line| line.strip_prefix(series));
        line.and_then(|rest| rest.trim().parse().ok()).unwrap_or_default()
    }

    /// The name of a process among its like.
    pub fn name(&self, process: &StageProcess) -> String {
        process.name.clone()
    }

    /// What a process has said.
    pub fn log(&self, process: &StageProcess) -> String {
        std::fs::read_to_string(self.path(&process.name, "log")).unwrap_or_default()
    }

    /// The calls of the scripted stages so far.
    pub fn effects(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.directory.path().join("effects"));
        text.unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// Where a ready process listens: `http`, or what a service has besides.
    pub fn address(&self, process: &StageProcess, kind: &str) -> Option<String> {
        let ready = std::fs::read(self.path(&process.name, "json")).ok()?;
        let ready: Value = serde_json::from_slice(&ready).ok()?;
        ready[kind].as_str().map(str::to_owned)
    }

    fn path(&self, name: &str, ending: &str) -> PathBuf {
        self.directory.path().join(format!("{name}.{ending}"))
    }
}

impl StageProcess {
    /// Sends it a signal.
    ///
    /// # Panics
    ///
    /// When it has ended.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"));
        kill_process(pid.expect("a process id"), signal).expect("it can be signalled");
    }
}

impl Drop for Stages {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // It may have ended by itself: then there is nothing to do.
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
        if std::thread::panicking() {
            for process in &self.processes {
                let log = self.log(process);
                let lines: Vec<&str> = log.lines().collect();
                let from = lines.len().saturating_sub(LOG_LINES);
                eprintln!("--- {}\n{}", process.name, lines[from..].join("\n"));
            }
        }
    }
}
