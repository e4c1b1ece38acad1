//! Configuration of the orchestrator: the part beside what every process has.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use mlflow::MlflowConfig;
use process::http::{unencrypted, unprotected};
use process::{CheckConfig, ClientTls, CommonConfig, FileProblems, ListenerTls};
use retention::Policy;
use serde::{Deserialize, Serialize};

use crate::lineage::LineageConfig;

/// Configuration, under the keys `api.…`, `ledger.…`, `watch.…`, `health.…`, `retention.…`, `lineage.…`, `mlflow.…` and `telemetry.…`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address and token of the HTTP API, under the keys `api.…`.
    pub api: Api,
    /// Size limit of the ledger, under the key `ledger.max_runs`.
    pub ledger: LedgerConfig,
    /// What is looked after.
    pub watch: WatchConfig,
    /// How the fleet's health is found out.
    pub health: HealthConfig,
    /// Which artifacts are removed by themselves.
    pub retention: RetentionConfig,
    /// Destination of the OpenLineage events, under the keys `lineage.…`.
    pub lineage: LineageConfig,
    /// The MLflow server that is told of runs and versions.
    pub mlflow: MlflowConfig,
    /// Where traces are looked at, under the key `telemetry.trace_url`.
    pub telemetry: TelemetryConfig,
}

/// What stands in the address of a trace for its identity.
pub const TRACE_ID: &str = "{trace_id}";

/// Where traces are looked at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryConfig {
    /// Address of a trace in what collects them, with `{trace_id}` in the place of its identity, such as `https://jaeger.example/trace/{trace_id}`: runs link to it.
    pub trace_url: Option<String>,
}

impl TelemetryConfig {
    fn problem(&self) -> Option<String> {
        let url = self.trace_url.as_deref()?;
        let is_web = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
        let is_plain =
            url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\".contains(&byte));
        (!is_web || !is_plain || !url.contains(TRACE_ID)).then(|| {
            format!("telemetry.trace_url: expected https://… or http://… with {TRACE_ID} in it, in ASCII without blanks and quotes")
        })
    }
}

/// Address and token of the HTTP API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Api {
    /// Its address; port 0 picks a free one.
    pub listen: SocketAddr,
    /// File with the bearer token that callers give; needed beyond loopback.
    pub token_file: Option<PathBuf>,
    /// TLS of the API; needed beyond loopback.
    pub tls: ListenerTls,
    /// File with the bearer token of the model servers, where they need one: for predictions that are asked of the API.
    pub serving_token_file: Option<PathBuf>,
    /// TLS to the model servers: whom to trust besides the system's authorities, and the certificate to show.
    pub serving_tls: ClientTls,
    /// Hosts beside those of loopback by which callers without a token may name this API, such as that of a proxy in front of it.
    pub allowed_hosts: Vec<String>,
    /// Most bytes of a table that is sent to the API; it passes through the directory of temporary files (`TMPDIR`).
    pub max_upload_bytes: u64,
}

/// Most bytes of a table that is sent, where nothing is configured.
const MAX_UPLOAD_BYTES: u64 = 256 << 20;
/// Most bytes that an artifact may have.
const MAX_ARTIFACT_BYTES: u64 = 4 << 30;

/// Size limit of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LedgerConfig {
    /// Runs that are remembered; those that have ended are forgotten first, the longest silent before others.
    pub max_runs: usize,
}

/// What is looked after, beside the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WatchConfig {
    /// Seconds between two looks.
    pub every_seconds: f64,
    /// Seconds after its deadline at which a run is ended here, if no agent did so.
    pub deadline_grace_seconds: f64,
    /// Seconds without an agent that takes a stage's handoffs, after which a warning is raised.
    pub unattended_seconds: f64,
}

/// How the fleet's health is found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HealthConfig {
    /// Seconds between two checks without a request.
    pub every_seconds: f64,
    /// Seconds for which what was found is told again.
    pub cache_seconds: f64,
    /// Seconds that each part may take to answer.
    pub probe_seconds: f64,
}

impl HealthConfig {
    pub(crate) fn every(&self) -> Duration {
        seconds(self.every_seconds)
    }

    pub(crate) fn kept_for(&self) -> Duration {
        seconds(self.cache_seconds)
    }

    pub(crate) fn probe(&self) -> Duration {
        seconds(self.probe_seconds)
    }

    fn keys(&self) -> [(&'static str, f64, f64); 3] {
        [
            ("every_seconds", self.every_seconds, 1.0),
            ("cache_seconds", self.cache_seconds, 0.0),
            ("probe_seconds", self.probe_seconds, 0.1),
        ]
    }
}

impl Default for HealthConfig {
    fn default() -> Self {
        Self { every_seconds: 15.0, cache_seconds: 3.0, probe_seconds: 2.0 }
    }
}

/// Which artifacts are removed by themselves: those that nothing names any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionConfig {
    /// What is done about artifacts that nothing names: `off`, `report` (they are counted, in the log and in metrics), or `remove`.
    pub mode: RetentionMode,
    /// Hours between two looks at everything that may name artifacts; the first is five minutes after the start, or sooner.
    pub every_hours: f64,
    /// Days since an artifact was last put, from which on it may go.
    pub older_than_days: u32,
    /// Artifacts that runs of these last days name stay.
    pub runs_within_days: u32,
}

/// What is done about artifacts that nothing names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RetentionMode {
    /// Nothing.
    #[default]
    Off,
    /// They are counted.
    Report,
    /// They are removed, with an entry in the ledger of changes.
    Remove,
}

/// Longest time of a retention, in days.
const MAX_DAYS: u32 = 36_500;

impl Default for RetentionConfig {
    fn default() -> Self {
        Self {
            mode: RetentionMode::Off,
            every_hours: 24.0,
            older_than_days: 30,
            runs_within_days: 30,
        }
    }
}

impl RetentionConfig {
    pub(crate) fn every(&self) -> Duration {
        seconds(self.every_hours * 3600.0)
    }

    pub(crate) fn policy(&self) -> Policy {
        let day = Duration::from_secs(24 * 60 * 60);
        Policy {
            older_than: day.saturating_mul(self.older_than_days),
            runs_within: day.saturating_mul(self.runs_within_days),
        }
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !(0.01..=8760.0).contains(&self.every_hours) {
            let is = self.every_hours;
            problems.push(format!("retention.every_hours: is {is}; expected 0.01 to 8760"));
        }
        for (key, days, least) in [
            ("older_than_days", self.older_than_days, 1),
            ("runs_within_days", self.runs_within_days, 0),
        ] {
            if !(least..=MAX_DAYS).contains(&days) {
                problems
                    .push(format!("retention.{key}: is {days}; expected {least} to {MAX_DAYS}"));
            }
        }
        problems
    }
}

impl WatchConfig {
    pub(crate) fn every(&self) -> Duration {
        seconds(self.every_seconds)
    }

    pub(crate) fn deadline_grace(&self) -> Duration {
        seconds(self.deadline_grace_seconds)
    }

    pub(crate) fn unattended(&self) -> Duration {
        seconds(self.unattended_seconds)
    }

    fn keys(&self) -> [(&'static str, f64, f64); 3] {
        [
            ("every_seconds", self.every_seconds, 0.1),
            ("deadline_grace_seconds", self.deadline_grace_seconds, 0.0),
            ("unattended_seconds", self.unattended_seconds, 0.0),
        ]
    }
}

/// Out of range only where the configuration was not checked.
fn seconds(value: f64) -> Duration {
    Duration::try_from_secs_f64(value).unwrap_or(Duration::from_secs(60))
}

impl Default for Api {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            token_file: None,
            tls: ListenerTls::default(),
            serving_token_file: None,
            serving_tls: ClientTls::default(),
            allowed_hosts: Vec::new(),
            max_upload_bytes: MAX_UPLOAD_BYTES,
        }
    }
}

impl Default for LedgerConfig {
    fn default() -> Self {
        Self { max_runs: runs::ledger::DEFAULT_MAX_RUNS }
    }
}

impl Default for WatchConfig {
    fn default() -> Self {
        Self { every_seconds: 5.0, deadline_grace_seconds: 10.0, unattended_seconds: 30.0 }
    }
}

impl CheckConfig for Config {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        problems.extend(unencrypted("api.listen", self.api.listen, "api.tls", &self.api.tls));
        problems.extend(self.api.tls.problems("api.tls"));
        problems.extend(self.api.serving_tls.problems("api.serving_tls"));
        if !(1..=MAX_ARTIFACT_BYTES).contains(&self.api.max_upload_bytes) {
            problems.push(format!(
                "api.max_upload_bytes: is {}; expected 1 to {MAX_ARTIFACT_BYTES}",
                self.api.max_upload_bytes
            ));
        }
        if !(1..=1_000_000).contains(&self.ledger.max_runs) {
            problems.push(format!(
                "ledger.max_runs: is {}; expected 1 to 1000000",
                self.ledger.max_runs
            ));
        }
        for (key, value, least) in self.watch.keys() {
            if !(least..=86_400.0).contains(&value) {
                problems.push(format!("watch.{key}: is {value}; expected {least} to 86400"));
            }
        }
        for (key, value, least) in self.health.keys() {
            if !(least..=86_400.0).contains(&value) {
                problems.push(format!("health.{key}: is {value}; expected {least} to 86400"));
            }
        }
        problems.extend(self.retention.problems());
        problems.extend(self.lineage.problems());
        problems.extend(self.mlflow.problems());
        problems.extend(self.telemetry.problem());
        problems
    }

    fn problems_beside(&self, common: &CommonConfig) -> Vec<String> {
        let Api { listen, token_file, .. } = &self.api;
        let token_file = token_file.as_deref();
        let found = unprotected("api.listen", *listen, "api.token_file", token_file, &common.http);
        found.into_iter().collect()
    }

    fn file_problems(&self) -> Vec<String> {
        let Api { token_file, tls, serving_token_file, serving_tls, .. } = &self.api;
        let mut files = FileProblems::default();
        files.bearer_token("api.token_file", token_file.as_ref());
        files.listener_tls("api.tls", tls);
        files.secret("api.serving_token_file", serving_token_file.as_ref());
        files.client_tls("api.serving_tls", serving_tls);
        files.written("lineage.file", self.lineage.file.as_ref());
        files.secret("lineage.token_file", self.lineage.token_file.as_ref());
        files.secret("mlflow.token_file", self.mlflow.token_file.as_ref());
        files.secret("mlflow.basic_auth_file", self.mlflow.basic_auth_file.as_ref());
        files.into_problems()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_trace_is_one_of_the_web_that_names_it() {
        let problem = |url: &str| TelemetryConfig { trace_url: Some(url.to_owned()) }.problem();
        assert_eq!(problem("https://jaeger.example/trace/{trace_id}?uiFind=1"), None);
        for wrong in
            ["https://jaeger.example/", "file:///{trace_id}", "{trace_id}", "http://a\"{trace_id}"]
        {
            assert!(problem(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn all_problems_are_told_at_once() {
        assert!(Config::default().problems().is_empty());
        let config = Config {
            api: Api {
                listen: SocketAddr::from(([0, 0, 0, 0], 80)),
                max_upload_bytes: 0,
                ..Api::default()
            },
            ledger: LedgerConfig { max_runs: 0 },
            watch: WatchConfig {
                every_seconds: 0.0,
                deadline_grace_seconds: -1.0,
                unattended_seconds: f64::NAN,
            },
            health: HealthConfig { probe_seconds: 0.0, ..HealthConfig::default() },
            retention: RetentionConfig {
                every_hours: 0.0,
                older_than_days: 0,
                runs_within_days: 36_501,
                ..RetentionConfig::default()
            },
            lineage: LineageConfig { namespace: String::new(), ..LineageConfig::default() },
            mlflow: MlflowConfig { experiment: String::new(), ..MlflowConfig::default() },
            telemetry: TelemetryConfig { trace_url: Some("javascript:alert(1)".to_owned()) },
        };
        assert_eq!(config.problems().len(), 13);
        let mut common = CommonConfig::default();
        assert_eq!(config.problems_beside(&common).len(), 1);
        common.http.tokens_file = Some("tokens".into());
        assert!(config.problems_beside(&common).is_empty());
    }
}
