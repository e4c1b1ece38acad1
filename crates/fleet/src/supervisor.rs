//! Starting, watching and stopping a whole fleet.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, BusConfig, SetupOptions};
use contracts::Agent;
use futures::future::join_all;
use identities::Identity;
use sample::Format;
use sample::drift::Drift;
use tokio::time::{Instant, sleep};

use crate::catalogue;
use crate::directory::{Directory, FleetFile, Lock, file, write_atomically};
use crate::process::{Process, Spec};
use crate::room::DiskWatch;
use crate::specs::{self, MODEL_SERVER, ORCHESTRATOR};
use crate::{Error, Keys, LogLimits, NatsServer, leftover, logs, nats, room};

/// Rows and seed of the sample that a new directory gets.
const SAMPLE: (u64, u64) = (20_000, 42);
/// A process that ended so often before it was ever ready will not become so.
const MAX_EARLY_ENDS: u32 = 3;
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// How often a running fleet's process ids are compared with the fleet's record.
const REVIEW: Duration = Duration::from_millis(500);
/// Lines of a log that are shown.
const TAIL: usize = 20;

/// How a fleet is started.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Processes of each agent; one where not said.
    pub replicas: BTreeMap<Agent, u16>,
    /// Model servers; 0 means one.
    pub model_servers: u16,
    /// Port of the broker.
    pub nats_port: Option<u16>,
    /// Port of the orchestrator's API.
    pub api_port: Option<u16>,
    /// Port of the model server's REST listener.
    pub serving_port: Option<u16>,
    /// Port of the model server's gRPC listener.
    pub grpc_port: Option<u16>,
    /// How long a process may be silent before another gets its message; the set-up's default where not said.
    pub ack_wait: Option<Duration>,
    /// Most handoffs of some agents that are worked on at the same time, by all their processes together.
    pub max_in_flight: BTreeMap<String, u32>,
    /// How often a message is delivered at most; the set-up's default where not said.
    pub max_deliver: Option<u32>,
    /// Places that tables may be read from besides the fleet's own `data`: absolute directories, and URIs of object stores, web
    /// servers and databases.
    pub data_roots: Vec<String>,
    /// Directory into which each process but the broker writes where it has computed, when it ends; none where not said.
    pub profiles: Option<PathBuf>,
    /// How large logs become.
    pub logs: LogLimits,
    /// Longest wait for everything to be ready.
    pub timeout: Duration,
}

/// A running fleet and the responsibility for it.
pub struct Supervisor {
    directory: Arc<Directory>,
    broker: Option<Process>,
    services: Vec<Process>,
    agents: Vec<Process>,
    fleet: FleetFile,
    targets: BTreeMap<String, String>,
    logs: LogLimits,
    _lock: Lock,
}

impl Supervisor {
    /// Starts a fleet in the directory and waits until all of it is ready, or until `end`. `tell` hears what goes on.
    pub async fn start(
        root: &Path,
        options: &Options,
        end: impl Future<Output = ()>,
        tell: &dyn Fn(&str),
    ) -> Result<Self, Error> {
        let directory = Arc::new(Directory::new(root)?);
        let server = NatsServer::find()?;
        let binaries = specs::binaries()?;
        directory.create()?;
        let lock = directory
            .try_lock()?
            .ok_or_else(|| Error::AlreadyRunning { dir: directory.root().to_owned() })?;
        let left = leftover::stop(&directory, &lock).await?;
        if !left.is_empty() {
            tell(&format!("stopped what an earlier fleet had left: {}", left.join(", ")));
        }
        directory.remove_fleet()?;
        if directory.unfinished_restore().exists() {
            return Err(Error::RestoreUnfinished { dir: directory.root().to_owned() });
        }
        let pid = directory.pid("tier0");
        write_atomically(&pid, std::process::id().to_string().as_bytes())
            .map_err(file("write", &pid))?;
        prepare_directory(&directory, tell)?;
        let made = Keys::of(directory.root()).complete()?;
        if !made.is_empty() {
            tell(&format!("a key for each of {} identities", made.len()));
        }
        nats::give_to_account(&directory.nats())?;
        let mut supervisor = Self {
            directory,
            broker: None,
            services: Vec::new(),
            agents: Vec::new(),
            fleet: FleetFile {
                nats_url: String::new(),
                api_url: String::new(),
                serving_url: String::new(),
                grpc_url: String::new(),
                pids: BTreeMap::new(),
            },
            targets: BTreeMap::new(),
            logs: options.logs,
            _lock: lock,
        };
        let outcome = tokio::select! {
            outcome = supervisor.bring_up(&server, binaries, options, tell) => outcome,
            () = end => Err(Error::Interrupted),
        };
        match outcome {
            Ok(()) => Ok(supervisor),
            Err(error) => {
                supervisor.stop().await?;
                Err(error)
            }
        }
    }

    async fn bring_up(
        &mut self,
        server: &NatsServer,
        binaries: PathBuf,
        options: &Options,
        tell: &dyn Fn(&str),
    ) -> Result<(), Error> {
        let deadline = Instant::now() + options.timeout;
        let reserve = room::reserve(&self.directory, SetupOptions::default())?;
        tell(&format!(
            "up to {} for records of predictions, outcomes and searches, of {} that are free",
            room::shown(reserve.bytes),
            room::shown(reserve.free)
        ));
        tell(&format!("nats-server {}", server.version));
        let broker = self.process(specs::broker(&self.directory, server, options.nats_port));
        let broker = self.broker.insert(broker);
        wait_for(&self.directory, &[broker], deadline, options.timeout).await?;
        let at = |kind| broker.state().ready.and_then(|found| specs::address(&found, &[kind]));
        self.fleet.nats_url = at("nats").unwrap_or_default();
        tell("streams, consumers and buckets");
        // The configuration is ours; that the server goes by it is seen here.
        let monitoring_url = at("monitoring").unwrap_or_default();
        let config = BusConfig {
            monitoring_url: Some(monitoring_url.as_str().into()),
            nkey_file: Some(Keys::of(self.directory.root()).seed_file(Identity::SetUp)),
            ..BusConfig::new(self.fleet.nats_url.clone())
        };
        let bus = Bus::connect(&config, Identity::SetUp.as_str()).await?;
        let defaults = &reserve.options;
        let ack_wait_seconds =
            options.ack_wait.map_or(defaults.ack_wait_seconds, |wait| wait.as_secs_f64());
        let max_in_flight = options.max_in_flight.clone();
        let max_deliver = options.max_deliver.unwrap_or(defaults.max_deliver);
        let reserved =
            SetupOptions { ack_wait_seconds, max_in_flight, max_deliver, ..reserve.options };
        bus.setup(&reserved).await?;
        bus.close(Duration::from_secs(2)).await;
        let urls = specs::Broker { url: &self.fleet.nats_url, monitoring_url: &monitoring_url };
        let (services, agents) =
            specs::services_and_agents(&self.directory, &binaries, urls, options);
        tell(&format!("orchestrator, model server, {} agents", agents.len()));
        self.services = services.into_iter().map(|spec| self.process(spec)).collect();
        self.agents = agents.into_iter().map(|spec| self.process(spec)).collect();
        let all: Vec<&Process> = self.services.iter().chain(&self.agents).collect();
        wait_for(&self.directory, &all, deadline, options.timeout).await?;
        self.record();
        self.write()
    }

    /// Writes down where the fleet answers and is measured.
    fn write(&self) -> Result<(), Error> {
        self.directory.write_targets(&self.targets)?;
        self.directory.write_fleet(&self.fleet)
    }

    fn process(&self, spec: Spec) -> Process {
        Process::start(spec, Arc::clone(&self.directory))
    }

    /// Takes addresses and process ids as they are now; tells whether they changed. A process that starts again is measured elsewhere.
    fn record(&mut self) -> bool {
        let before = self.fleet.clone();
        let address = |process: &str, kinds: &[&str]| {
            let service = self.services.iter().find(|service| service.name() == process)?;
            specs::address(&service.state().ready?, kinds)
        };
        let url = |location: String| specs::url(&location);
        let api = address(ORCHESTRATOR, &["api", "http"]).map(url);
        let serving = address(MODEL_SERVER, &["rest", "serving"]).map(url);
        let grpc = address(MODEL_SERVER, &["grpc"]).map(|at| specs::host_and_port(&at).to_owned());
        // One that is being started again keeps its address.
        self.fleet.api_url = api.unwrap_or_else(|| before.api_url.clone());
        self.fleet.serving_url = serving.unwrap_or_else(|| before.serving_url.clone());
        self.fleet.grpc_url = grpc.unwrap_or_else(|| before.grpc_url.clone());
        let processes = self.broker.iter().chain(&self.services).chain(&self.agents);
        self.fleet.pids = processes
            .filter_map(|process| Some((process.name().to_owned(), process.state().pid?)))
            .chain([("tier0".to_owned(), std::process::id())])
            .collect();
        let targets = self.targets();
        let moved = targets != self.targets;
        self.targets = targets;
        moved || self.fleet != before
    }

    /// Where the processes that are ready show their metrics.
    fn targets(&self) -> BTreeMap<String, String> {
        let processes = self.services.iter().chain(&self.agents);
        processes
            .filter_map(|process| {
                let http = specs::address(&process.state().ready?, &["http"])?;
                Some((process.name().to_owned(), specs::url(&http)))
            })
            .collect()
    }

    /// Where the fleet answers.
    #[must_use]
    pub fn fleet(&self) -> &FleetFile {
        &self.fleet
    }

    /// Keeps the fleet's record true until `end`.
    pub async fn watch(&mut self, end: impl Future<Output = ()>) -> Result<(), Error> {
        tokio::pin!(end);
        let (mut is_written, mut disk) = (true, DiskWatch::default());
        loop {
            tokio::select! {
                () = &mut end => return Ok(()),
                () = sleep(REVIEW) => {}
            }
            // On a full disk nothing can be written, and the fleet goes on.
            if (self.record() || !is_written)
                && let Err(error) = self.write()
            {
                if is_written {
                    tracing::error!(%error, "the fleet's record cannot be written");
                }
                is_written = false;
            } else {
                is_written = true;
            }
            for log in logs::rotate(&self.directory, self.logs) {
                tracing::debug!(log = %log.display(), "a log is begun anew");
            }
            let Some(state) = self.broker.as_ref().map(Process::state) else { continue };
            let monitoring = state.ready.and_then(|at| specs::address(&at, &["monitoring"]));
            if let Some(monitoring) = monitoring {
                let store = self.directory.nats();
                tokio::select! {
                    () = &mut end => return Ok(()),
                    () = disk.look(&store, &monitoring, state.pid) => {}
                }
            }
        }
    }

    /// Stops the fleet: agents, then services, then the broker.
    pub async fn stop(self) -> Result<(), Error> {
        join_all(self.agents.into_iter().map(Process::stop)).await;
        join_all(self.services.into_iter().map(Process::stop)).await;
        join_all(self.broker.into_iter().map(Process::stop)).await;
        self.directory.remove_fleet()?;
        crate::directory::remove(&self.directory.pid("tier0"))
    }
}

/// Gives a new directory its sample and its catalogue; one that has them keeps them.
fn prepare_directory(directory: &Directory, tell: &dyn Fn(&str)) -> Result<(), Error> {
    let path = directory.sample();
    if !path.exists() {
        let (rows, seed) = SAMPLE;
        tell(&format!("a sample of {rows} rows in {}", path.display()));
        let bytes = sample::churn(rows, seed, Drift::default())?.encode(Format::Csv)?;
        write_atomically(&path, &bytes).map_err(file("write", &path))?;
    }
    if !directory.catalogue().exists() {
        catalogue::put(&directory.catalogue(), &catalogue::hcp_churn(&path))?;
    }
    Ok(())
}

/// Waits until all are ready.
pub(crate) async fn wait_for(
    directory: &Directory,
    processes: &[&Process],
    deadline: Instant,
    timeout: Duration,
) -> Result<(), Error> {
    loop {
        let waiting: Vec<&&Process> =
            processes.iter().filter(|process| process.state().ready.is_none()).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let hopeless = waiting.iter().find(|process| process.state().early_ends >= MAX_EARLY_ENDS);
        if let Some(process) = hopeless {
            let trouble = process.state().trouble.unwrap_or_default();
            return Err(not_ready(
                directory,
                &[process],
                format!("because it ends at once ({trouble})"),
            ));
        }
        if Instant::now() >= deadline {
            let waiting: Vec<&Process> = waiting.into_iter().copied().collect();
            return Err(not_ready(
                directory,
                &waiting,
                format!("within {} s", timeout.as_secs_f64()),
            ));
        }
        sleep(POLL_INTERVAL).await;
    }
}

fn not_ready(directory: &Directory, processes: &[&Process], why: String) -> Error {
    let missing: Vec<String> = processes.iter().map(|process| process.name().to_owned()).collect();
    let first = missing.first().map(String::as_str).unwrap_or_default();
    Error::NotReady {
        log: directory.log(first),
        tail: directory.log_tail(first, TAIL),
        missing,
        why,
    }
}
