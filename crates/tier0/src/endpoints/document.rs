//! An endpoint as text.

use api::endpoints::{enum_name, result};
use contracts::v1::{BreakerState, DeployedVersion, DeploymentRecord, ServerReport};
use terminal::table;

/// A row of the list.
pub(super) fn endpoint_line(record: &DeploymentRecord, servers: &[ServerReport]) -> Vec<String> {
    let version = |version: Option<&DeployedVersion>| {
        version.map_or_else(
            || "-".to_owned(),
            |version| format!("{} {}", version.model, version.version),
        )
    };
    let url = servers.first().map(|server| {
        format!("{}/v2/models/{}", server.url.trim_end_matches('/'), record.endpoint)
    });
    let routing = record.routing.clone().unwrap_or_default();
    let mut requests: Vec<String> = routing
        .shares
        .iter()
        .map(|share| format!("{} {} %", share.version, f64::from(share.weight) / 100.0))
        .chain(routing.shadows.iter().map(|shadow| format!("{shadow} copies")))
        .collect();
    if requests.is_empty() {
        requests.push("live".to_owned());
    }
    vec![
        record.endpoint.clone(),
        version(record.live.as_ref()),
        version(record.previous.as_ref()),
        requests.join(", "),
        servers.len().to_string(),
        url.unwrap_or_else(|| "-".to_owned()),
    ]
}

/// What follows the table: why it is so, the rollout, and the traffic.
pub(super) fn text(record: &DeploymentRecord, servers: &[ServerReport]) -> String {
    let mut text = String::new();
    if !record.reason.is_empty() {
        text.push_str(&format!("\n\n{} ({})", record.reason, record.updated_by));
    }
    if let Some(rollout) = &record.rollout {
        text.push_str(&format!(
            "\n\n{} of version {}: {}, step {} of {}: {}",
            enum_name(rollout.strategy().as_str_name(), "DEPLOYMENT_STRATEGY_"),
            rollout.candidate.as_ref().map_or(0, |candidate| candidate.version),
            enum_name(rollout.phase().as_str_name(), "ROLLOUT_PHASE_"),
            rollout.step,
            rollout.plan.as_ref().map_or(0, |plan| plan.steps.len()),
            rollout.message
        ));
        for verdict in &rollout.verdicts {
            text.push_str(&format!("\n  {}: {}", result(verdict), verdict.reason));
        }
    }
    let rows: Vec<Vec<String>> = servers
        .iter()
        .flat_map(|server| {
            server.traffic.iter().filter(|counted| counted.requests > 0).map(|counted| {
                let breaker = match counted.breaker() {
                    BreakerState::Unspecified => "-".to_owned(),
                    state => enum_name(state.as_str_name(), "BREAKER_STATE_"),
                };
                vec![
                    server.server.clone(),
                    counted.version.to_string(),
                    counted.requests.to_string(),
                    counted.errors.to_string(),
                    counted.fallbacks.to_string(),
                    breaker,
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
