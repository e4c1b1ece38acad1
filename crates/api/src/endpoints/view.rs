//! Endpoints as JSON.

use std::collections::BTreeMap;

use contracts::v1::{
    AnalysisResult, DeployedVersion, DeploymentRecord, Routing, RoutingMode, ServerReport, Verdict,
    VersionTraffic,
};
use pbjson_types::Timestamp;
use registry::Revisioned;
use rollout::Evidence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A page of endpoints, sorted by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EndpointsDocument {
    /// The endpoints in the order of their names.
    pub endpoints: Vec<EndpointDocument>,
    /// Where there are more: what `after` has to be to get them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// An endpoint: what its record says, and what its servers report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EndpointDocument {
    /// Name of the endpoint.
    pub name: String,
    /// The version that answers; none before the first.
    pub live: Option<DeployedView>,
    /// The version that is checked off-traffic before it answers.
    pub green: Option<DeployedView>,
    /// The version that answered before, which a rollback brings back.
    pub previous: Option<DeployedView>,
    /// The versions beside the live one that take part in the routing.
    pub members: Vec<DeployedView>,
    /// How requests are divided.
    pub routing: RoutingView,
    /// The rollout in progress or the last one.
    pub rollout: Option<RolloutView>,
    /// Why the record is as it is; may be empty.
    pub reason: String,
    /// Who changed the record last.
    pub updated_by: String,
    /// When the record was changed last.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub updated_at: Option<Timestamp>,
    /// Revision of the record.
    pub revision: u64,
    /// The servers that hold the endpoint and report.
    pub servers: Vec<ServerView>,
}

/// A version that an endpoint holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeployedView {
    /// Name of the registered model.
    pub model: String,
    /// Number of the version, from 1.
    pub version: u32,
    /// The run that made it.
    pub run_id: String,
    /// SHA-256 of its bundle.
    pub digest: Option<String>,
}

/// How requests are divided among versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RoutingView {
    /// `live`, `split`, `sticky` or `ensemble`.
    pub mode: String,
    /// The versions with their shares; empty where the live one answers all.
    pub shares: Vec<ShareView>,
    /// The versions that get copies of requests, whose answers are not given.
    pub shadows: Vec<u32>,
}

/// The share of a version.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShareView {
    /// Number of the version.
    pub version: u32,
    /// Its share of the requests in per cent, 0 to 100, with two decimals.
    #[schemars(range(min = 0, max = 100))]
    pub per_cent: f64,
}

/// A version on its way to an endpoint's traffic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RolloutView {
    /// The strategy, such as `canary`.
    pub strategy: String,
    /// The phase, such as `paused`.
    pub phase: String,
    /// The step that it is at, from 0.
    pub step: u32,
    /// Number of steps of its plan.
    pub steps: usize,
    /// The version that is tried.
    pub candidate: Option<DeployedView>,
    /// What it does or waits for, in words.
    pub message: String,
    /// p-value of the comparison with the live version, 0 to 1; none before there is one.
    pub p_value: Option<f64>,
    /// What is measured of the candidate now, over all servers, by the name of the measure.
    pub measured: BTreeMap<String, f64>,
    /// How its analyses ended, the oldest first.
    pub verdicts: Vec<VerdictView>,
}

/// How an analysis of a rollout ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VerdictView {
    /// Time at which the analysis ended, RFC 3339 in JSON.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<Timestamp>,
    /// The step that was analysed, from 0.
    pub step: u32,
    /// The version that was analysed.
    pub version: u32,
    /// How it ended, such as `successful`; `unknown` in records of later builds.
    pub result: String,
    /// Why it ended so, in words.
    pub reason: String,
    /// What was measured, by the name of the measure.
    pub evidence: BTreeMap<String, f64>,
}

/// A server that holds an endpoint, as it reports itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerView {
    /// Identity under which the server reports.
    pub server: String,
    /// Base URL of its REST listener.
    pub url: String,
    /// URL of its gRPC listener.
    pub grpc_url: String,
    /// The version that it answers with; 0 for none.
    pub live_version: u32,
    /// The versions that it has loaded.
    pub ready_versions: Vec<u32>,
    /// Revision of the endpoint's record that it follows.
    pub record_revision: u64,
    /// What it counted, by version.
    pub traffic: Vec<TrafficView>,
}

/// What a server counted of a version since the division of requests last changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrafficView {
    /// Number of the version.
    pub version: u32,
    /// Requests that it was given.
    pub requests: u64,
    /// Requests that it failed to answer.
    pub errors: u64,
    /// Requests that another version answered in its place.
    pub fallbacks: u64,
    /// State of its circuit breaker, such as `closed`; `unspecified` where it has none.
    pub breaker: String,
}

impl EndpointDocument {
    /// The endpoint of a record, with the reports of its servers.
    #[must_use]
    pub fn new(record: &Revisioned<DeploymentRecord>, servers: &[ServerReport]) -> Self {
        let Revisioned { value: record, revision } = record;
        let version = |version: &Option<DeployedVersion>| version.as_ref().map(Into::into);
        Self {
            name: record.endpoint.clone(),
            live: version(&record.live),
            green: version(&record.green),
            previous: version(&record.previous),
            members: record.members.iter().map(Into::into).collect(),
            routing: record.routing.as_ref().map_or_else(RoutingView::live, Into::into),
            rollout: rollout(record, servers),
            reason: record.reason.clone(),
            updated_by: record.updated_by.clone(),
            updated_at: record.updated_at,
            revision: *revision,
            servers: servers.iter().map(Into::into).collect(),
        }
    }
}

impl From<&DeployedVersion> for DeployedView {
    fn from(version: &DeployedVersion) -> Self {
        Self {
            model: version.model.clone(),
            version: version.version,
            run_id: version.run_id.clone(),
            digest: version.bundle.as_ref().map(|bundle| bundle.sha256.clone()),
        }
    }
}

impl RoutingView {
    fn live() -> Self {
        Self { mode: "live".to_owned(), shares: Vec::new(), shadows: Vec::new() }
    }
}

impl From<&Routing> for RoutingView {
    fn from(routing: &Routing) -> Self {
        let mode = match routing.mode() {
            RoutingMode::Unspecified => "live",
            RoutingMode::Split => "split",
            RoutingMode::Sticky => "sticky",
            RoutingMode::Ensemble => "ensemble",
        };
        let shares = routing.shares.iter().map(|share| ShareView {
            version: share.version,
            per_cent: f64::from(share.weight) / 100.0,
        });
        Self { mode: mode.to_owned(), shares: shares.collect(), shadows: routing.shadows.clone() }
    }
}

impl From<&ServerReport> for ServerView {
    fn from(server: &ServerReport) -> Self {
        Self {
            server: server.server.clone(),
            url: server.url.clone(),
            grpc_url: server.grpc_url.clone(),
            live_version: server.live_version,
            ready_versions: server.ready_versions.clone(),
            record_revision: server.record_revision,
            traffic: server.traffic.iter().map(Into::into).collect(),
        }
    }
}

impl From<&VersionTraffic> for TrafficView {
    fn from(counted: &VersionTraffic) -> Self {
        Self {
            version: counted.version,
            requests: counted.requests,
            errors: counted.errors,
            fallbacks: counted.fallbacks,
            breaker: name(counted.breaker().as_str_name(), "BREAKER_STATE_"),
        }
    }
}

impl From<&Verdict> for VerdictView {
    fn from(verdict: &Verdict) -> Self {
        Self {
            at: verdict.at,
            step: verdict.step,
            version: verdict.version,
            result: match verdict.result() {
                AnalysisResult::Unspecified => "unknown".to_owned(),
                result => name(result.as_str_name(), "ANALYSIS_RESULT_"),
            },
            reason: verdict.reason.clone(),
            evidence: verdict.evidence.clone(),
        }
    }
}

fn rollout(record: &DeploymentRecord, servers: &[ServerReport]) -> Option<RolloutView> {
    let rollout = record.rollout.as_ref()?;
    let measured = match (&rollout.candidate, &record.live, &record.routing) {
        (Some(candidate), Some(live), Some(routing)) => {
            Evidence::from_reports(servers, routing.window)
                .measured(candidate.version, live.version)
        }
        _ => BTreeMap::new(),
    };
    Some(RolloutView {
        strategy: name(rollout.strategy().as_str_name(), "DEPLOYMENT_STRATEGY_"),
        phase: name(rollout.phase().as_str_name(), "ROLLOUT_PHASE_"),
        step: rollout.step,
        steps: rollout.plan.as_ref().map_or(0, |plan| plan.steps.len()),
        candidate: rollout.candidate.as_ref().map(Into::into),
        message: rollout.message.clone(),
        p_value: Some(rollout.p_value).filter(|p| *p > 0.0),
        measured,
        verdicts: rollout.verdicts.iter().map(Into::into).collect(),
    })
}

/// The name of an enumeration's value in JSON: without the prefix, in small letters, with hyphens.
fn name(value: &str, prefix: &str) -> String {
    value.trim_start_matches(prefix).to_lowercase().replace('_', "-")
}
