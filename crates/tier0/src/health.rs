//! `tier0 health`: each part of the fleet, and whether it does its work.

use std::time::Duration;

use async_nats::jetstream::consumer::PullConsumer;
use bus::Bus;
use contracts::{Agent, Lane, names};
use orchestrator::api::HealthDocument;
use serde::Serialize;
use serde_json::Value;

use crate::Error;
use crate::cli::Global;
use crate::connect::Address;
use crate::console::{Console, table};
use crate::error::FAILED;
use crate::fleet::Directory;
use crate::http::Client;

/// How often, and how far apart, a consumer is looked at before it counts as one that nobody reads: between two pulls
/// there is a moment without one.
const LOOKS: (u32, Duration) = (5, Duration::from_millis(150));

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Ok,
    Degraded,
    Down,
}

/// A part of the fleet.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Check {
    kind: &'static str,
    name: String,
    status: Status,
    detail: String,
}

/// All of it.
#[derive(Debug, Serialize)]
struct Health {
    status: &'static str,
    checks: Vec<Check>,
}

/// `tier0 health`; gives the exit code.
pub(crate) async fn run(global: &Global, console: &Console) -> Result<u8, Error> {
    let address = Address::find(global)?;
    let bus = address.connect().await?;
    let mut checks = vec![check(
        "broker",
        "nats-server",
        Status::Ok,
        format!("version {}", bus.client().server_info().version),
    )];
    for stream in [
        names::STREAM,
        names::REQUESTS_STREAM,
        names::DEAD_LETTERS_STREAM,
        names::PREDICTIONS_STREAM,
        names::FEEDBACK_STREAM,
        names::ALERTS_STREAM,
        names::AUDIT_STREAM,
    ] {
        checks.push(look_at_stream(&bus, stream).await);
    }
    for agent in Agent::ALL {
        checks.push(look_at_consumer(&bus, agent).await);
    }
    checks.push(match address.api()? {
        Some(api) => orchestrator(&api).await,
        None => check(
            "service",
            "orchestrator",
            Status::Degraded,
            "not known where; name it with --api-url".to_owned(),
        ),
    });
    checks.push(match address.known_model_server()? {
        Some(client) => model_server(&client).await,
        None => check(
            "service",
            "model-server",
            Status::Degraded,
            "not known where; name it with --serving-url".to_owned(),
        ),
    });
    if let Some((directory, fleet)) = &address.embedded {
        let processes = fleet.pids.iter().filter(|(name, _)| *name != "tier0");
        let looks = processes.map(|(name, pid)| process(directory, name, *pid));
        checks.extend(futures::future::try_join_all(looks).await?);
    }
    let worst = checks.iter().map(|check| check.status).max().unwrap_or(Status::Ok);
    let status = match worst {
        Status::Ok => "healthy",
        Status::Degraded => "degraded",
        Status::Down => "unhealthy",
    };
    let health = Health { status, checks };
    console.answer(&health, || text(&health))?;
    Ok(if worst == Status::Ok { 0 } else { FAILED })
}

/// A process of an embedded fleet: whether it lives, and what it says of itself.
async fn process(directory: &Directory, name: &str, pid: u32) -> Result<Check, Error> {
    let found = |status, detail| Ok(check("process", name, status, detail));
    if !std::path::Path::new(&format!("/proc/{pid}")).exists() {
        return found(Status::Down, format!("process {pid} is gone"));
    }
    if name == "nats-server" {
        return found(Status::Ok, format!("process {pid}"));
    }
    let ready: Option<Value> = std::fs::read(directory.ready(name))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let Some(address) = ready.as_ref().and_then(|ready| ready.get("http")?.as_str()) else {
        return found(Status::Degraded, format!("process {pid} is not ready"));
    };
    let client = Client::new("process", &format!("http://{address}"), None)?;
    match client.text("/readyz").await {
        Ok(said) if said == "ready" => found(Status::Ok, format!("process {pid}")),
        Ok(said) => found(Status::Degraded, format!("process {pid} says: {said}")),
        Err(error) => found(Status::Degraded, format!("process {pid}: {}", error.with_causes())),
    }
}

fn check(kind: &'static str, name: impl Into<String>, status: Status, detail: String) -> Check {
    Check { kind, name: name.into(), status, detail }
}

async fn look_at_stream(bus: &Bus, name: &str) -> Check {
    match bus.jetstream().get_stream(name).await {
        Ok(stream) => {
            let state = &stream.cached_info().state;
            let detail = format!("{} messages, {} bytes", state.messages, state.bytes);
            // Dead letters are for a person to look at.
            let letters = name == names::DEAD_LETTERS_STREAM && state.messages > 0;
            let detail =
                if letters { format!("{detail}; see `tier0 dead-letters list`") } else { detail };
            check("stream", name, Status::Ok, detail)
        }
        Err(error) => {
            check("stream", name, Status::Down, format!("{error}; `tier0 setup` makes it"))
        }
    }
}

async fn look_at_consumer(bus: &Bus, agent: Agent) -> Check {
    let failed = |detail: String| check("agent", agent.as_str(), Status::Down, detail);
    let mut lanes = Vec::new();
    for lane in Lane::ALL {
        let name = names::consumer(agent, lane);
        match bus.jetstream().get_consumer_from_stream(name, names::STREAM).await {
            Ok(consumer) => lanes.push(consumer),
            Err(error) => return failed(error.to_string()),
        }
    }
    let mut detail = String::new();
    for look in 0..LOOKS.0 {
        if look > 0 {
            tokio::time::sleep(LOOKS.1).await;
        }
        let (mut waiting, mut under_way, mut pulls) = (0, 0, 0);
        for consumer in &mut lanes {
            let consumer: &mut PullConsumer = consumer;
            match consumer.info().await {
                Ok(info) => {
                    waiting += info.num_pending;
                    under_way += info.num_ack_pending;
                    pulls += info.num_waiting;
                }
                Err(error) => return failed(error.to_string()),
            }
        }
        detail = format!("{waiting} waiting, {under_way} under way");
        if pulls > 0 || under_way > 0 {
            return check("agent", agent.as_str(), Status::Ok, detail);
        }
    }
    check("agent", agent.as_str(), Status::Degraded, format!("{detail}; no replica takes messages"))
}

async fn orchestrator(api: &Client) -> Check {
    match api.get::<HealthDocument>("/api/v1/health").await {
        Ok(health) => {
            let status = if health.status == "ok" { Status::Ok } else { Status::Degraded };
            let runs: usize = health.runs.values().sum();
            let mut detail = format!("{} runs at {}", runs, api.base());
            for warning in &health.warnings {
                detail.push_str("; ");
                detail.push_str(&warning.message);
            }
            check("service", "orchestrator", status, detail)
        }
        Err(error) => check("service", "orchestrator", Status::Degraded, error.with_causes()),
    }
}

async fn model_server(client: &Client) -> Check {
    match client.get::<Value>("/v2").await {
        Ok(_) => check("service", "model-server", Status::Ok, client.base().to_owned()),
        Err(error) => check("service", "model-server", Status::Down, error.with_causes()),
    }
}

fn text(health: &Health) -> String {
    let rows: Vec<Vec<String>> = health
        .checks
        .iter()
        .map(|check| {
            let status = match check.status {
                Status::Ok => "ok",
                Status::Degraded => "degraded",
                Status::Down => "down",
            };
            vec![check.kind.to_owned(), check.name.clone(), status.to_owned(), check.detail.clone()]
        })
        .collect();
    format!("{}\n\n{}", health.status, table(&["part", "name", "status", "detail"], &rows))
}
