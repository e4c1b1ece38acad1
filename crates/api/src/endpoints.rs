//! Endpoints: what answers, what is measured of it, and the servers that hold it.

use std::collections::BTreeMap;

use contracts::v1::{
    AnalysisResult, DeployedVersion, DeploymentRecord, RoutingMode, ServerReport, Verdict,
};
use registry::{Registry, Revised};
use rollout::Evidence;
use serde_json::{Value, json};

/// An endpoint's record and the reports of its servers.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// The record.
    pub record: Revised<DeploymentRecord>,
    /// What the servers report.
    pub servers: Vec<ServerReport>,
}

impl Endpoint {
    /// The endpoint of a record.
    ///
    /// # Errors
    /// Where the registry fails.
    pub async fn of(
        registry: &Registry,
        record: Revised<DeploymentRecord>,
    ) -> Result<Self, registry::Error> {
        let servers = registry.servers(&record.value.endpoint).await?;
        Ok(Self { record, servers })
    }

    /// As JSON.
    #[must_use]
    pub fn document(&self) -> Value {
        document(&self.record, &self.servers)
    }
}

/// All endpoints by name.
///
/// # Errors
/// Where the registry fails.
pub async fn list(registry: &Registry) -> Result<Vec<Endpoint>, registry::Error> {
    let mut endpoints = Vec::new();
    for name in registry.endpoints().await? {
        if let Some(record) = registry.record(&name).await? {
            endpoints.push(Endpoint::of(registry, record).await?);
        }
    }
    Ok(endpoints)
}

/// An enumeration's value as it is told: without its prefix, in small letters.
#[must_use]
pub fn enum_name(of: &str, prefix: &str) -> String {
    of.trim_start_matches(prefix).to_lowercase().replace('_', "-")
}

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

/// The whole endpoint.
fn document(record: &Revised<DeploymentRecord>, servers: &[ServerReport]) -> Value {
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
                           "breaker": enum_name(counted.breaker().as_str_name(), "BREAKER_STATE_")})
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
        "strategy": enum_name(rollout.strategy().as_str_name(), "DEPLOYMENT_STRATEGY_"),
        "phase": enum_name(rollout.phase().as_str_name(), "ROLLOUT_PHASE_"),
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
fn measured(record: &DeploymentRecord, servers: &[ServerReport]) -> BTreeMap<String, f64> {
    let candidate = record.rollout.as_ref().and_then(|rollout| rollout.candidate.as_ref());
    match (candidate, &record.live, &record.routing) {
        (Some(candidate), Some(live), Some(routing)) => {
            Evidence::of(servers, routing.window).measured(candidate.version, live.version)
        }
        _ => BTreeMap::new(),
    }
}

/// How an analysis ended, in a word.
#[must_use]
pub fn result(verdict: &Verdict) -> String {
    match verdict.result() {
        AnalysisResult::Unspecified => "unknown".to_owned(),
        result => enum_name(result.as_str_name(), "ANALYSIS_RESULT_"),
    }
}

fn verdict(verdict: &Verdict) -> Value {
    json!({"at": verdict.at, "step": verdict.step,
           "version": verdict.version, "result": result(verdict), "reason": verdict.reason,
           "evidence": verdict.evidence})
}
