//! An endpoint as JSON and as text.

use contracts::v1::{
    AnalysisResult, BreakerState, DeployedVersion, DeploymentRecord, RoutingMode, ServerReport,
    Verdict,
};
use registry::Revised;
use rollout::Evidence;
use serde_json::{Value, json};

use crate::console::table;

fn version(version: Option<&DeployedVersion>) -> Option<Value> {
    version.map(|version| {
        json!({"model": version.model, "version": version.version, "run_id": version.run_id,
               "digest": version.bundle.as_ref().map(|bundle| bundle.sha256.clone())})
    })
}

fn mode(record: &DeploymentRecord) -> &'static str {
    match record.routing.as_ref().map(contracts::v1::Routing::mode) {
        None | Some(RoutingMode::Unspecified) => "live",
        Some(RoutingMode::Split) => "split",
        Some(RoutingMode::Sticky) => "sticky",
        Some(RoutingMode::Ensemble) => "ensemble",
    }
}

/// An enumeration's value as it is told: without its prefix, in small letters.
fn name(of: &str, prefix: &str) -> String {
    of.trim_start_matches(prefix).to_lowercase().replace('_', "-")
}

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

/// The whole endpoint.
pub(super) fn endpoint_document(
    record: &Revised<DeploymentRecord>,
    servers: &[ServerReport],
) -> Value {
    let (record, revision) = (&record.value, record.revision);
    let told: Vec<Value> = servers
        .iter()
        .map(|server| {
            let traffic: Vec<Value> = server
                .traffic
                .iter()
                .map(|counted| {
                    json!({"version": counted.version, "requests": counted.requests,
                           "errors": counted.errors, "fallbacks": counted.fallbacks,
                           "breaker": name(counted.breaker().as_str_name(), "BREAKER_STATE_")})
                })
                .collect();
            json!({"server": server.server, "url": server.url, "grpc_url": server.grpc_url,
                   "live_version": server.live_version, "ready_versions": server.ready_versions,
                   "record_revision": server.record_revision, "traffic": traffic})
        })
        .collect();
    let routing = record.routing.clone().unwrap_or_default();
    let shares: Vec<Value> = routing
        .shares
        .iter()
        .map(|share| json!({"version": share.version, "per_cent": f64::from(share.weight) / 100.0}))
        .collect();
    let members: Vec<Option<Value>> =
        record.members.iter().map(|member| version(Some(member))).collect();
    json!({
        "name": record.endpoint,
        "live": version(record.live.as_ref()),
        "green": version(record.green.as_ref()),
        "previous": version(record.previous.as_ref()),
        "members": members,
        "routing": {"mode": mode(record), "shares": shares, "shadows": routing.shadows},
        "rollout": rollout(record, servers),
        "reason": record.reason,
        "updated_by": record.updated_by,
        "updated_at": record.updated_at,
        "revision": revision,
        "servers": told,
    })
}

fn rollout(record: &DeploymentRecord, servers: &[ServerReport]) -> Option<Value> {
    let rollout = record.rollout.as_ref()?;
    let verdicts: Vec<Value> = rollout.verdicts.iter().map(verdict).collect();
    let measured = measured(record, servers);
    Some(json!({
        "strategy": name(rollout.strategy().as_str_name(), "DEPLOYMENT_STRATEGY_"),
        "phase": name(rollout.phase().as_str_name(), "ROLLOUT_PHASE_"),
        "step": rollout.step,
        "steps": rollout.plan.as_ref().map_or(0, |plan| plan.steps.len()),
        "candidate": version(rollout.candidate.as_ref()),
        "message": rollout.message,
        "p_value": Some(rollout.p_value).filter(|p| *p > 0.0),
        "measured": measured,
        "verdicts": verdicts,
    }))
}

/// What is measured of the candidate now, over all servers.
fn measured(
    record: &DeploymentRecord,
    servers: &[ServerReport],
) -> std::collections::BTreeMap<String, f64> {
    let candidate = record.rollout.as_ref().and_then(|rollout| rollout.candidate.as_ref());
    match (candidate, &record.live, &record.routing) {
        (Some(candidate), Some(live), Some(routing)) => {
            Evidence::of(servers, routing.window).measured(candidate.version, live.version)
        }
        _ => std::collections::BTreeMap::new(),
    }
}

fn result(verdict: &Verdict) -> String {
    match verdict.result() {
        AnalysisResult::Unspecified => "unknown".to_owned(),
        result => name(result.as_str_name(), "ANALYSIS_RESULT_"),
    }
}

fn verdict(verdict: &Verdict) -> Value {
    json!({"at": verdict.at, "step": verdict.step,
           "version": verdict.version, "result": result(verdict), "reason": verdict.reason,
           "evidence": verdict.evidence})
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
            name(rollout.strategy().as_str_name(), "DEPLOYMENT_STRATEGY_"),
            rollout.candidate.as_ref().map_or(0, |candidate| candidate.version),
            name(rollout.phase().as_str_name(), "ROLLOUT_PHASE_"),
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
                    state => name(state.as_str_name(), "BREAKER_STATE_"),
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
