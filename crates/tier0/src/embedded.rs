//! `tier0 up`, `tier0 down`, `tier0 setup` and `tier0 sample`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bus::SetupOptions;
use client::Client;
use contracts::Agent;
use fleet::directory::write_atomically;
use fleet::{Directory, FleetFile, LogLimits, Options, Supervisor, catalogue};
use identities::Identity;
use sample::Format;
use sample::drift::Drift;
use serde::Deserialize;
use serde_json::json;
use terminal::Console;

use crate::cli::{self, Global, SampleChurn};
use crate::connect::directory;
use crate::{Error, request, signals};

fn options(arguments: &cli::Up) -> Result<Options, Error> {
    Ok(Options {
        replicas: arguments.replicas.iter().copied().collect::<BTreeMap<_, _>>(),
        model_servers: arguments.model_servers,
        nats_port: arguments.nats_port,
        api_port: arguments.api_port,
        serving_port: arguments.serving_port,
        grpc_port: arguments.grpc_port,
        ack_wait: arguments.ack_wait.map(Duration::from_secs_f64),
        max_in_flight: limits(&arguments.max_in_flight),
        max_deliver: arguments.max_deliver,
        data_roots: data_roots(arguments)?,
        profiles: profiles(arguments)?,
        logs: LogLimits {
            bytes: arguments.log_bytes.unwrap_or(LogLimits::default().bytes),
            kept: arguments.log_files.unwrap_or(LogLimits::default().kept),
        },
        timeout: Duration::from_secs_f64(arguments.timeout),
    })
}

/// The directory of the caller, and what is allowed besides.
fn data_roots(arguments: &cli::Up) -> Result<Vec<String>, Error> {
    let mut roots = vec![request::absolute(".")?];
    for root in &arguments.data_root {
        if !roots.contains(root) {
            roots.push(root.clone());
        }
    }
    Ok(roots)
}

/// The directory of profiles, made where it is missing.
fn profiles(arguments: &cli::Up) -> Result<Option<PathBuf>, Error> {
    let Some(directory) = &arguments.profile else { return Ok(None) };
    let failed = |source| Error::File { what: "make", path: directory.clone(), source };
    std::fs::create_dir_all(directory).map_err(failed)?;
    std::path::absolute(directory).map(Some).map_err(failed)
}

/// Limits by the names of their agents.
fn limits(limits: &[(Agent, u32)]) -> BTreeMap<String, u32> {
    limits.iter().map(|(agent, count)| (agent.to_string(), *count)).collect()
}

/// The arguments of a supervisor that does what these ask for.
fn passed_on(arguments: &cli::Up, global: &Global) -> Vec<String> {
    let mut passed = vec!["--timeout".to_owned(), format!("{}s", arguments.timeout)];
    for (agent, count) in &arguments.replicas {
        passed.extend(["--replicas".to_owned(), format!("{agent}={count}")]);
    }
    if arguments.model_servers > 1 {
        passed.extend(["--model-servers".to_owned(), arguments.model_servers.to_string()]);
    }
    for (agent, count) in &arguments.max_in_flight {
        passed.extend(["--max-in-flight".to_owned(), format!("{agent}={count}")]);
    }
    if let Some(count) = arguments.max_deliver {
        passed.extend(["--max-deliver".to_owned(), count.to_string()]);
    }
    if let Some(seconds) = arguments.ack_wait {
        passed.extend(["--ack-wait".to_owned(), format!("{seconds}s")]);
    }
    for root in &arguments.data_root {
        passed.extend(["--data-root".to_owned(), root.clone()]);
    }
    if let Some(directory) = &arguments.profile {
        passed.extend(["--profile".to_owned(), directory.display().to_string()]);
    }
    if let Some(bytes) = arguments.log_bytes {
        passed.extend(["--log-bytes".to_owned(), bytes.to_string()]);
    }
    if let Some(count) = arguments.log_files {
        passed.extend(["--log-files".to_owned(), count.to_string()]);
    }
    let ports = [
        ("--nats-port", arguments.nats_port),
        ("--api-port", arguments.api_port),
        ("--serving-port", arguments.serving_port),
        ("--grpc-port", arguments.grpc_port),
    ];
    for (flag, port) in ports {
        passed.extend(port.into_iter().flat_map(|port| [flag.to_owned(), port.to_string()]));
    }
    passed.extend((0..global.verbose).map(|_| "-v".to_owned()));
    passed
}

/// Runs `tier0 up`.
pub(crate) async fn up(
    arguments: &cli::Up,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let root = directory(global);
    if arguments.detach {
        let directory = Directory::new(&root)?;
        let roots = data_roots(arguments)?;
        let timeout = Duration::from_secs_f64(arguments.timeout);
        let progress =
            console.progress(&format!("starting a fleet in {}", directory.root().display()));
        let fleet = fleet::up_detached(&directory, &passed_on(arguments, global), timeout).await?;
        drop(progress);
        name_failures(&fleet, global, console).await;
        console.answer(&fleet, || started(&fleet, directory.root(), &roots))?;
        return Ok(0);
    }
    let outcome = supervise(&root, arguments, global, console).await;
    if let (true, Err(error)) = (arguments.supervised, &outcome) {
        let directory = Directory::new(&root)?;
        let path = directory.startup_error();
        write_atomically(&path, error.with_causes().as_bytes()).map_err(|source| Error::File {
            what: "write",
            path,
            source,
        })?;
    }
    outcome
}

async fn supervise(
    root: &Path,
    arguments: &cli::Up,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let progress = console.progress(&format!("starting a fleet in {}", root.display()));
    let options = options(arguments)?;
    let roots = options.data_roots.clone();
    let tell = |what: &str| progress.line(&format!("  {what}"));
    let mut supervisor = Supervisor::start(root, &options, signals::ended(), &tell).await?;
    drop(progress);
    let fleet = supervisor.fleet().clone();
    if !arguments.supervised {
        name_failures(&fleet, global, console).await;
        console.answer(&fleet, || format!("{}\nCtrl-C stops it", started(&fleet, root, &roots)))?;
    }
    let watched = supervisor.watch(signals::ended()).await;
    console.note("stopping: agents finish or give back what they work on");
    supervisor.stop().await?;
    watched?;
    console.note("stopped");
    Ok(0)
}

/// A version of an endpoint, as the model server's index has it.
#[derive(Deserialize)]
struct IndexEntry {
    name: String,
    version: String,
    state: String,
    reason: String,
}

/// Says which endpoints of an earlier run have versions that cannot be loaded. The fleet is up without them, and `tier0 health` says
/// it again.
async fn name_failures(fleet: &FleetFile, global: &Global, console: &Console) {
    let asked = async {
        let tls = global.tls()?;
        let server = Client::with_tls("model server", &fleet.serving_url, None, &tls)?;
        let index = server.post::<_, Vec<IndexEntry>>("/v2/repository/index", &json!({})).await?;
        Ok::<_, Error>(index)
    };
    match asked.await {
        Ok(index) => {
            for entry in index.iter().filter(|entry| entry.state == "UNAVAILABLE") {
                let IndexEntry { name, version, reason, .. } = entry;
                console.note(&format!(
                    "warning: version {version} of endpoint {name} is not loaded: {reason}"
                ));
            }
        }
        Err(error) => tracing::debug!(%error, "the model server's index was not read"),
    }
}

fn started(fleet: &FleetFile, root: &Path, data_roots: &[String]) -> String {
    format!(
        "a fleet runs in {}: {} processes\n  console       {}/console/\n  broker        {}\n  orchestrator  {}/api/v1/runs\n  model server  {}/v2\n  gRPC          {}\n  tables from   {} (--data-root allows more)",
        root.display(),
        fleet.pids.len(),
        fleet.api_url,
        fleet.nats_url,
        fleet.api_url,
        fleet.serving_url,
        fleet.grpc_url,
        data_roots.join(", ")
    )
}

/// Runs `tier0 down`.
pub(crate) async fn down(
    arguments: &cli::Down,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let directory = Directory::new(&directory(global))?;
    let progress =
        console.progress(&format!("stopping the fleet in {}", directory.root().display()));
    let left = fleet::down(&directory, Duration::from_secs_f64(arguments.timeout)).await?;
    drop(progress);
    let document =
        json!({"stopped": true, "dir": directory.root(), "left_without_supervisor": left});
    console.answer(&document, || format!("stopped the fleet in {}", directory.root().display()))?;
    Ok(0)
}

/// Runs `tier0 setup`.
pub(crate) async fn setup(
    arguments: &cli::Setup,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let mut address = crate::connect::Address::find_as(Identity::SetUp, global)?;
    address.bus.monitoring_url.clone_from(&arguments.monitoring_url);
    let bus = address.connect().await?;
    let defaults = SetupOptions::default();
    let options = SetupOptions {
        replicas: usize::from(arguments.stream_replicas),
        ack_wait_seconds: arguments.ack_wait.unwrap_or(defaults.ack_wait_seconds),
        max_deliver: arguments.max_deliver.unwrap_or(defaults.max_deliver),
        max_in_flight: limits(&arguments.max_in_flight),
        ..defaults
    };
    let report = bus.setup(&options).await?;
    console.answer(&report, || {
        format!(
            "created {}, updated {}, unchanged {}",
            report.created.len(),
            report.updated.len(),
            report.unchanged.len()
        )
    })?;
    Ok(0)
}

/// Runs `tier0 sample churn`.
pub(crate) fn sample_churn(
    arguments: &SampleChurn,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let drift = Drift::from_changes(&arguments.drift);
    // A drifted table is not what the fleet's catalogue is to name.
    let embedded = match global.dir.as_deref().filter(|_| drift.is_none()) {
        Some(directory) => Some(Directory::new(directory)?),
        None => None,
    };
    let out = match (&arguments.out, &embedded) {
        (Some(out), _) => Some(std::path::absolute(out).map_err(|source| Error::File {
            what: "find",
            path: out.clone(),
            source,
        })?),
        (None, Some(directory)) => Some(directory.sample()),
        (None, None) => None,
    };
    let format = out.as_deref().map_or(Ok(Format::Csv), Format::from_path)?;
    let sample = sample::churn(arguments.rows, arguments.seed, drift)?;
    let bytes = sample.encode(format)?;
    if let Some(directory) = &embedded {
        directory.create()?;
    }
    match &out {
        Some(out) => write_atomically(out, &bytes).map_err(|source| Error::File {
            what: "write",
            path: out.clone(),
            source,
        })?,
        None if !console.is_json() => return Ok(console.bytes(&bytes).map(|()| 0)?),
        None => {}
    }
    if let (Some(directory), Some(out)) = (&embedded, &out) {
        catalogue::put(&directory.catalogue(), &catalogue::hcp_churn(out))?;
    }
    let document = json!({
        "rows": sample.rows.len(),
        "seed": arguments.seed,
        "out": out,
        "bytes": bytes.len(),
        "target": sample::TARGET,
        "positive_class": sample::POSITIVE,
        "positive_share": sample.positive_share,
        "bayes_roc_auc": sample.bayes_roc_auc,
        "drift": drift,
        "undrifted_roc_auc": sample.undrifted_roc_auc,
    });
    console.answer(&document, || {
        let drifted = if drift.is_none() {
            String::new()
        } else {
            format!(" ({drift}; a model of before: {:.3})", sample.undrifted_roc_auc)
        };
        format!(
            "{} rows, {:.1} % {} = {}, attainable ROC AUC {:.3}{drifted}: {}",
            sample.rows.len(),
            100.0 * sample.positive_share,
            sample::TARGET,
            sample::POSITIVE,
            sample.bayes_roc_auc,
            out.as_deref().map(|out| out.display().to_string()).unwrap_or_default()
        )
    })?;
    Ok(0)
}
