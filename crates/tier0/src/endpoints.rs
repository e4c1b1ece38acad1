//! `tier0 endpoints`: what answers where, and changing it.

mod document;
mod monitoring;

use std::time::Duration;

use api::endpoints::Endpoint;
use contracts::v1::{DeployedVersion, DeploymentRecord};
use registry::{OperationError, Registry, Revised};
use rollout::Portion;
use serde_json::json;
use terminal::{Console, or_none, table};

use self::document::{endpoint_line, text};
use crate::Error;
use crate::cli::{EndpointsCommand, Global};
use crate::connect::Address;

/// How long servers may take to follow a change.
const FOLLOWED: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(20);
/// Head of the table of endpoints.
const HEAD: [&str; 6] = ["endpoint", "live", "previous", "requests", "servers", "url"];

/// `tier0 endpoints`.
pub(crate) async fn run(
    command: &EndpointsCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    if let EndpointsCommand::History(arguments) = command {
        return crate::models::endpoint_history(arguments, global, console).await;
    }
    let bus = Address::find(global)?.connect().await?;
    let registry = Registry::new(&bus).await?;
    let by = format!("cli/{}", std::env::var("USER").unwrap_or_else(|_| "someone".to_owned()));
    match command {
        // Answered above, by the ledger.
        EndpointsCommand::History(_) => {}
        EndpointsCommand::List => list(&registry, console).await?,
        EndpointsCommand::Show { name } => {
            let record = known(&registry, name).await?;
            show(&registry, record, console).await?;
        }
        EndpointsCommand::Monitoring { name } => {
            let document = api::monitoring::read(&registry, name).await?;
            let Some(document) = document else {
                let known = registry.endpoints().await?;
                return Err(Error::Unknown { kind: "endpoint", name: name.clone(), known });
            };
            console.answer(&document, || monitoring::text(&document))?;
        }
        EndpointsCommand::Split { name, shares, sticky, reason } => {
            let record = known(&registry, name).await?;
            let portions = portions(&registry, &record.value, shares).await?;
            let changed = registry.split(name, &portions, *sticky, &by, reason).await?;
            done(&registry, changed, console).await?;
        }
        EndpointsCommand::Promote { name, full, reason } => {
            known(&registry, name).await?;
            let changed = registry.promote(name, *full, &by, reason).await?;
            done(&registry, changed, console).await?;
        }
        EndpointsCommand::Rollback { name, reason } => {
            known(&registry, name).await?;
            let changed = registry.rollback(name, &by, reason).await?;
            done(&registry, changed, console).await?;
        }
    }
    Ok(0)
}

async fn known(registry: &Registry, name: &str) -> Result<Revised<DeploymentRecord>, Error> {
    let names = registry.endpoints().await?;
    if names.iter().any(|known| known == name)
        && let Some(record) = registry.record(name).await?
    {
        return Ok(record);
    }
    Err(Error::Unknown { kind: "endpoint", name: name.to_owned(), known: names })
}

async fn list(registry: &Registry, console: &Console) -> Result<(), Error> {
    let endpoints = api::endpoints::list(registry).await?;
    let documents: Vec<_> = endpoints.iter().map(Endpoint::document).collect();
    let rows: Vec<Vec<String>> =
        endpoints.iter().map(|of| endpoint_line(&of.record.value, &of.servers)).collect();
    console.answer(&json!({"endpoints": documents}), || or_none("no endpoints", &HEAD, &rows))?;
    Ok(())
}

async fn show(
    registry: &Registry,
    record: Revised<DeploymentRecord>,
    console: &Console,
) -> Result<(), Error> {
    let endpoint = Endpoint::of(registry, record).await?;
    let (record, servers) = (&endpoint.record.value, &endpoint.servers);
    let rows = [endpoint_line(record, servers)];
    console.answer(&endpoint.document(), || {
        format!("{}{}", table(&HEAD, &rows), text(record, servers))
    })?;
    Ok(())
}

/// The versions of the endpoint's model with their shares.
async fn portions(
    registry: &Registry,
    record: &DeploymentRecord,
    shares: &[(u32, f64)],
) -> Result<Vec<Portion>, Error> {
    let model = record.live.as_ref().map_or(record.endpoint.as_str(), |live| live.model.as_str());
    let mut portions = Vec::with_capacity(shares.len());
    for (number, share) in shares {
        let found = registry.version(model, *number).await?.ok_or_else(|| {
            registry::Error::UnknownVersion { model: model.to_owned(), version: *number }
        })?;
        portions.push(Portion {
            version: DeployedVersion {
                model: found.model,
                version: found.version,
                bundle: found.bundle,
                run_id: found.run_id,
            },
            weight: (share * 100.0).round() as u32,
        });
    }
    Ok(portions)
}

/// Waits until every server has applied the change, and says how long that took.
async fn done(
    registry: &Registry,
    changed: Revised<DeploymentRecord>,
    console: &Console,
) -> Result<(), Error> {
    let endpoint = changed.value.endpoint.clone();
    let begun = std::time::Instant::now();
    loop {
        let servers = registry.servers(&endpoint).await?;
        let lagging: Vec<&str> = servers
            .iter()
            .filter(|server| server.record_revision < changed.revision)
            .map(|server| server.server.as_str())
            .collect();
        if lagging.is_empty() {
            break;
        }
        if begun.elapsed() > FOLLOWED {
            console.note(&format!(
                "the change is made, but these servers have not followed it yet: {}",
                lagging.join(", ")
            ));
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    console.note(&format!("every server followed within {seconds:.3} s"));
    let record = registry.record(&endpoint).await?;
    show(registry, record.unwrap_or(changed), console).await
}

impl From<OperationError> for Error {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::Registry(error) => Self::Registry(error),
            other => Self::Operation(other),
        }
    }
}
