//! `tier0 health`: each part of the fleet, and whether it does its work.
//!
//! The orchestrator knows, and says since when. Where it does not answer, this command looks by itself, in the same manner.

use std::path::Path;
use std::time::Duration;

use api::health::{Component, HealthDocument, Prober, Status};
use artifacts::ArtifactStore;
use client::{Client, FleetTls};
use contracts::failures;
use fleet::Directory;
use jiff::Timestamp;
use mlflow::MlflowConfig;
use serde_json::Value;
use terminal::{Console, table};

use crate::Error;
use crate::cli::Global;
use crate::connect::Address;
use crate::error::FAILED;

/// How long a part may take to answer, where this command asks it.
const LIMIT: Duration = Duration::from_secs(2);
/// How long a process may take until it is ready.
const STARTING: Duration = Duration::from_secs(30);

/// `tier0 health`; gives the exit code.
pub(crate) async fn run(global: &Global, console: &Console) -> Result<u8, Error> {
    let health = look(&Address::find(global)?).await?;
    console.answer(&health, || text(&health))?;
    Ok(if health.status == Status::Healthy { 0 } else { FAILED })
}

/// How the fleet is, part by part.
pub(crate) async fn look(address: &Address) -> Result<HealthDocument, Error> {
    let mut health = match ask(address).await {
        Ok(health) => health,
        Err(orchestrator) => probe_all(address, orchestrator).await?,
    };
    if let Some((directory, fleet)) = &address.embedded {
        let processes = fleet.pids.iter().filter(|(name, _)| *name != "tier0");
        let looks = processes.map(|(name, pid)| process(directory, &address.tls, name, *pid));
        let processes = futures::future::try_join_all(looks).await?;
        health = health.with(processes);
    }
    Ok(health)
}

/// What the orchestrator says; else the orchestrator as a component that does not answer.
async fn ask(address: &Address) -> Result<HealthDocument, Component> {
    let silent = |detail: String| {
        let advice = "start it: runs go on without it, but overdue ones are not ended, and questions are not answered";
        Component::new("service", "orchestrator", Status::Degraded, detail).advise(advice)
    };
    match address.api() {
        Ok(Some(api)) => {
            let asked = api.get::<HealthDocument>("/api/v1/health").await;
            asked.map_err(|error| {
                let found = silent(failures::with_causes(&error));
                match error {
                    client::Error::Status { status: 401 | 403, .. } => found.advise(
                        "name the file of a token that may read by --api-token-file (TIER0_API_TOKEN_FILE); \
                         `tier0 security token create` makes one",
                    ),
                    client::Error::Tls { .. } => found.advise("ask it by --api-url, and see --ca-file"),
                    _ => found,
                }
            })
        }
        Ok(None) => Err(Component::new(
            "service",
            "orchestrator",
            Status::Unknown,
            "not known where it is".to_owned(),
        )
        .advise("name it with --api-url")),
        Err(error) => Err(silent(error.with_causes())),
    }
}

/// Looks without the orchestrator.
async fn probe_all(address: &Address, orchestrator: Component) -> Result<HealthDocument, Error> {
    let bus = address.connect().await?;
    // Another store is known to the processes alone.
    let store = ArtifactStore::open(&ArtifactStore::default_uri(), &bus).await.ok();
    let prober = Prober::new(bus, store, MlflowConfig::default(), LIMIT, &address.tls);
    Ok(prober.document(orchestrator).await)
}

/// A process of an embedded fleet: whether it lives, and what it says of itself.
async fn process(
    directory: &Directory,
    tls: &FleetTls,
    name: &str,
    pid: u32,
) -> Result<Component, Error> {
    let found = |status, detail: String| Component {
        since: Timestamp::now().to_string(),
        ..Component::new("process", name, status, detail)
    };
    let again = "its supervisor starts it again; the end of its log says why it ended";
    if !Path::new(&format!("/proc/{pid}")).exists() {
        return Ok(found(Status::Unhealthy, format!("process {pid} is gone")).advise(again));
    }
    if name == "nats-server" {
        return Ok(found(Status::Healthy, format!("process {pid}")));
    }
    let log = format!("see {}", directory.log(name).display());
    let ready: Option<Value> = std::fs::read(directory.ready(name))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let Some(address) = ready.as_ref().and_then(|ready| ready.get("http")?.as_str()) else {
        let detail = format!("process {pid} is not ready");
        return Ok(if was_begun_within(&directory.pid(name), STARTING) {
            found(Status::Starting, detail).advise("wait some seconds, and ask again")
        } else {
            found(Status::Degraded, detail).advise(log)
        });
    };
    let url =
        if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    let client = Client::with_tls("process", &url, None, tls)?;
    let asked = tokio::time::timeout(LIMIT, client.text("/readyz")).await;
    Ok(match asked {
        Ok(Ok(said)) if said == "ready" => found(Status::Healthy, format!("process {pid}")),
        Ok(Ok(said)) => found(Status::Degraded, format!("process {pid} says: {said}")).advise(log),
        Ok(Err(error)) => {
            let detail = format!("process {pid}: {}", failures::with_causes(&error));
            found(Status::Degraded, detail).advise(log)
        }
        Err(_elapsed) => {
            let detail = format!("process {pid} does not answer within {} s", LIMIT.as_secs());
            found(Status::Unhealthy, detail).advise(log)
        }
    })
}

/// Whether the process of this file, which its supervisor writes when it begins it, was begun within this time.
fn was_begun_within(pid_file: &Path, time: Duration) -> bool {
    let written = std::fs::metadata(pid_file).and_then(|about| about.modified());
    written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < time))
}

fn text(health: &HealthDocument) -> String {
    let rows: Vec<Vec<String>> = health
        .components
        .iter()
        .map(|component| {
            let answered =
                component.response_ms.map_or_else(String::new, |ms| format!("{ms:.1} ms"));
            let optional = if component.required { "" } else { " (optional)" };
            vec![
                component.kind.clone(),
                component.name.clone(),
                format!("{}{optional}", component.status.as_str()),
                answered,
                component.since.get(..19).unwrap_or(&component.since).to_owned(),
                component.detail.clone(),
            ]
        })
        .collect();
    let heading = ["part", "name", "status", "answered", "since", "detail"];
    let mut text = format!("{}\n\n{}", health.status.as_str(), table(&heading, &rows));
    for component in &health.components {
        if let Some(advice) = &component.advice {
            text.push_str(&format!("\n{} {}: {advice}", component.kind, component.name));
        }
    }
    for warning in &health.warnings {
        text.push_str(&format!("\nwarning: {}", warning.message));
    }
    text
}
