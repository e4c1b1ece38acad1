//! `tier0 endpoints`: what the broker keeps of them.

use contracts::v1::{DeploymentRecord, ServerReport};
use registry::Registry;
use serde_json::{Value, json};

use crate::Error;
use crate::cli::{EndpointsCommand, Global};
use crate::connect::Address;
use crate::console::{Console, table};

/// `tier0 endpoints`.
pub(crate) async fn endpoints(
    command: &EndpointsCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    if let EndpointsCommand::History(arguments) = command {
        return crate::models::endpoint_history(arguments, global, console).await;
    }
    let bus = Address::find(global)?.connect().await?;
    let registry = Registry::new(&bus).await?;
    let names = registry.endpoints().await?;
    let wanted = match command {
        EndpointsCommand::History(_) => Vec::new(),
        EndpointsCommand::List => names,
        EndpointsCommand::Show { name } if names.contains(name) => vec![name.clone()],
        EndpointsCommand::Show { name } => {
            return Err(Error::Unknown { kind: "endpoint", name: name.clone(), known: names });
        }
    };
    let mut documents = Vec::new();
    let mut rows = Vec::new();
    for name in wanted {
        let Some(record) = registry.record(&name).await? else { continue };
        let servers = registry.servers(&name).await?;
        rows.push(endpoint_line(&record.value, &servers));
        documents.push(endpoint_document(&record.value, &servers));
    }
    let text =
        || or_none("no endpoints", &["endpoint", "live", "previous", "servers", "url"], &rows);
    match (command, documents.first()) {
        (EndpointsCommand::Show { .. }, Some(document)) => console.answer(document, text)?,
        _ => console.answer(&json!({"endpoints": documents}), text)?,
    }
    Ok(0)
}

fn endpoint_line(record: &DeploymentRecord, servers: &[ServerReport]) -> Vec<String> {
    let version = |version: Option<&contracts::v1::DeployedVersion>| {
        version.map_or_else(
            || "-".to_owned(),
            |version| format!("{} {}", version.model, version.version),
        )
    };
    let url = servers.first().map(|server| {
        format!("{}/v2/models/{}", server.url.trim_end_matches('/'), record.endpoint)
    });
    vec![
        record.endpoint.clone(),
        version(record.live.as_ref()),
        version(record.previous.as_ref()),
        servers.len().to_string(),
        url.unwrap_or_else(|| "-".to_owned()),
    ]
}

fn endpoint_document(record: &DeploymentRecord, servers: &[ServerReport]) -> Value {
    let version = |version: Option<&contracts::v1::DeployedVersion>| {
        version.map(|version| {
            json!({"model": version.model, "version": version.version, "run_id": version.run_id,
                   "digest": version.bundle.as_ref().map(|bundle| bundle.sha256.clone())})
        })
    };
    let servers: Vec<Value> = servers
        .iter()
        .map(|server| {
            json!({"server": server.server, "url": server.url, "grpc_url": server.grpc_url,
                   "live_version": server.live_version, "ready_versions": server.ready_versions})
        })
        .collect();
    json!({
        "name": record.endpoint,
        "live": version(record.live.as_ref()),
        "green": version(record.green.as_ref()),
        "previous": version(record.previous.as_ref()),
        "servers": servers,
    })
}

/// A table, or a line that says that there is nothing.
pub(crate) fn or_none(none: &str, head: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() { none.to_owned() } else { table(head, rows) }
}
