//! An endpoint as text.

use api::endpoints::{DeployedView, EndpointDocument};
use terminal::table;

/// A row of the list.
pub(super) fn endpoint_line(endpoint: &EndpointDocument) -> Vec<String> {
    let version = |version: &Option<DeployedView>| match version {
        Some(version) => format!("{} {}", version.model, version.version),
        None => "-".to_owned(),
    };
    let url = endpoint
        .servers
        .first()
        .map(|server| format!("{}/v2/models/{}", server.url.trim_end_matches('/'), endpoint.name));
    let routing = &endpoint.routing;
    let shares = routing.shares.iter();
    let mut requests: Vec<String> = shares
        .map(|share| format!("{} {} %", share.version, share.per_cent))
        .chain(routing.shadows.iter().map(|shadow| format!("{shadow} copies")))
        .collect();
    if requests.is_empty() {
        requests.push("live".to_owned());
    }
    vec![
        endpoint.name.clone(),
        version(&endpoint.live),
        version(&endpoint.previous),
        requests.join(", "),
        endpoint.servers.len().to_string(),
        url.unwrap_or_else(|| "-".to_owned()),
    ]
}

/// What follows the table: why it is so, the rollout, and the traffic.
pub(super) fn text(endpoint: &EndpointDocument) -> String {
    let mut text = String::new();
    if !endpoint.reason.is_empty() {
        text.push_str(&format!("\n\n{} ({})", endpoint.reason, endpoint.updated_by));
    }
    if let Some(rollout) = &endpoint.rollout {
        text.push_str(&format!(
            "\n\n{} of version {}: {}, step {} of {}: {}",
            rollout.strategy,
            rollout.candidate.as_ref().map_or(0, |candidate| candidate.version),
            rollout.phase,
            rollout.step,
            rollout.steps,
            rollout.message
        ));
        for verdict in &rollout.verdicts {
            text.push_str(&format!("\n  {}: {}", verdict.result, verdict.reason));
        }
    }
    let rows: Vec<Vec<String>> = endpoint
        .servers
        .iter()
        .flat_map(|server| {
            server.traffic.iter().filter(|counted| counted.requests > 0).map(|counted| {
                let breaker = match counted.breaker.as_str() {
                    "unspecified" => "-",
                    state => state,
                };
                vec![
                    server.server.clone(),
                    counted.version.to_string(),
                    counted.requests.to_string(),
                    counted.errors.to_string(),
                    counted.fallbacks.to_string(),
                    breaker.to_owned(),
                ]
            })
        })
        .collect();
    if !rows.is_empty() {
        let head = ["server", "version", "requests", "errors", "fallbacks", "breaker"];
        text.push_str("\n\n");
        text.push_str(&table(&head, &rows));
    }
    text
}
