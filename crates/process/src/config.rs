//! Configuration: what every process has in common, and how the layers become one.

mod files;
mod leaves;
mod load;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use auth::{Authority, Oidc, RateLimit, Role};
use bus::{BusConfig, SecretUrl};
use serde::{Deserialize, Serialize};
use tls::ListenerTls;

use crate::http::{unencrypted, unprotected};

pub use files::FileProblems;
pub use load::{Layers, LoadedConfig, load};

/// Checks what types alone cannot.
pub trait CheckConfig {
    /// Everything that is wrong, each as `key: what is wrong; what would be right`.
    fn problems(&self) -> Vec<String> {
        Vec::new()
    }

    /// What is wrong with it beside what every process has, in the same form.
    fn problems_beside(&self, _common: &CommonConfig) -> Vec<String> {
        Vec::new()
    }

    /// What is wrong with the files that it names, each of which is opened. Blocking.
    fn file_problems(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Nothing to configure besides the common part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoConfig {}

impl CheckConfig for NoConfig {}

/// One thing that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it was said: a file, an environment variable, a flag; empty for what only the whole shows.
    pub source: String,
    /// The key and what is wrong.
    pub message: String,
}

impl Problem {
    /// A problem that only the whole shows.
    fn of_the_whole(message: String) -> Self {
        Self { source: String::new(), message }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.source.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{} ({})", self.message, self.source)
        }
    }
}

/// What every process can be told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CommonConfig {
    /// Address and credentials of the broker.
    pub nats: BusConfig,
    /// Location of the artifact store.
    pub artifacts: ArtifactsConfig,
    /// The listener of health and metrics.
    pub http: HttpConfig,
    /// Format and level of the logs.
    pub log: LogConfig,
    /// Endpoint and sampling of the exported traces.
    pub otlp: OtlpConfig,
    /// Concurrency, time limits and retry delays of a stage.
    pub stage: StageConfig,
    /// File that is written when the process is ready.
    pub ready_file: Option<PathBuf>,
    /// File into which this process writes where it has computed, when it ends: a line for each stack, and beside it, with the ending `.svg`, the flame graph of them.
    pub profile_file: Option<PathBuf>,
    /// Name of this process among its like; made up where missing.
    pub replica: Option<String>,
}

/// Location of the artifact store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArtifactsConfig {
    /// `nats://BUCKET`, `file:///DIRECTORY`, `s3://…`, `gs://…` or `az://…`.
    pub uri: String,
}

impl Default for ArtifactsConfig {
    fn default() -> Self {
        Self { uri: format!("nats://{}", contracts::names::ARTIFACTS_STORE) }
    }
}

/// Listener of health and metrics, and who may ask any listener of the process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// File with one bearer token of this listener, which may do everything.
    pub token_file: Option<PathBuf>,
    /// TLS of the listener; needed for an address that other machines reach.
    pub tls: ListenerTls,
    /// File of tokens with names and roles, as `tier0 security token` makes it, for all listeners of the process.
    pub tokens_file: Option<PathBuf>,
    /// OpenID Connect issuer whose JWTs are taken, by all listeners of the process.
    pub oidc: Oidc,
    /// Roles of clients that show a certificate, by its subject.
    pub certificate_roles: BTreeMap<String, Role>,
    /// How much one caller may ask each process.
    pub rate_limit: RateLimit,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:0".to_owned(),
            token_file: None,
            tls: ListenerTls::default(),
            tokens_file: None,
            oidc: Oidc::default(),
            certificate_roles: BTreeMap::new(),
            rate_limit: RateLimit::default(),
        }
    }
}

impl HttpConfig {
    /// Whether callers are known to all listeners, by tokens with names, an issuer or certificates.
    #[must_use]
    pub fn knows_callers(&self) -> bool {
        self.tokens_file.is_some() || self.oidc.is_on() || !self.certificate_roles.is_empty()
    }

    /// What the process knows of callers.
    ///
    /// # Errors
    /// Where the file of tokens or of keys cannot be used.
    pub fn authority(&self) -> Result<Authority, auth::StartError> {
        Authority::open(
            self.tokens_file.as_ref(),
            &self.oidc,
            &self.certificate_roles,
            &self.rate_limit,
        )
    }
}

/// Logs, on standard error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `error`, `warn`, `info`, `debug`, `trace`, or directives such as `info,bus=debug`.
    pub level: String,
    /// Format of a log line: `text` or `json`.
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line of readable text for each event.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// Export of traces by OTLP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OtlpConfig {
    /// Where spans go by OTLP over gRPC, such as `http://127.0.0.1:4317`; nowhere without it.
    pub endpoint: Option<SecretUrl>,
    /// Share of the traces that begin in this process which is recorded, from 0 to 1; a caller's decision goes before it.
    pub sample_ratio: f64,
}

impl Default for OtlpConfig {
    fn default() -> Self {
        Self { endpoint: None, sample_ratio: 1.0 }
    }
}

/// How a stage works on handoffs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StageConfig {
    /// Handoffs that are worked on at the same time; 0: as many as the agent does by itself.
    pub max_in_flight: usize,
    /// CPU-bound computations at the same time.
    pub cpu_tasks: usize,
    /// Seconds that work in hand has to end when the process is told to.
    pub drain_seconds: f64,
    /// Seconds that one handoff may take.
    pub max_seconds: f64,
    /// Seconds before the first repetition; doubled for each further one.
    pub retry_first_seconds: f64,
    /// Longest time before a repetition, in seconds.
    pub retry_longest_seconds: f64,
}

impl Default for StageConfig {
    fn default() -> Self {
        Self {
            max_in_flight: 0,
            cpu_tasks: 1,
            drain_seconds: 20.0,
            max_seconds: 6.0 * 3600.0,
            retry_first_seconds: 2.0,
            retry_longest_seconds: 60.0,
        }
    }
}

impl StageConfig {
    /// [`drain_seconds`](Self::drain_seconds) as a duration; zero where it is negative.
    pub fn drain(&self) -> Duration {
        seconds(self.drain_seconds)
    }

    /// [`max_seconds`](Self::max_seconds) as a duration; zero where it is negative.
    pub fn longest_work(&self) -> Duration {
        seconds(self.max_seconds)
    }

    /// The waits between the deliveries of a handoff.
    pub fn retries(&self) -> bus::backoff::Backoff {
        bus::backoff::Backoff::new(
            seconds(self.retry_first_seconds),
            seconds(self.retry_longest_seconds),
        )
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

impl CheckConfig for CommonConfig {
    fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> =
            self.nats.problems().into_iter().map(|problem| format!("nats.{problem}")).collect();
        if self.artifacts.uri.split_once("://").is_none_or(|(scheme, _)| scheme.is_empty()) {
            problems.push(format!(
                "artifacts.uri: is {:?}; expected a URI such as nats://TIER0_ARTIFACTS",
                self.artifacts.uri
            ));
        }
        match crate::http::parse(&self.http.listen) {
            None => problems.push(format!(
                "http.listen: is {:?}; expected ADDRESS:PORT such as 127.0.0.1:0",
                self.http.listen
            )),
            Some(address) => {
                let (token_file, tls) = (self.http.token_file.as_deref(), &self.http.tls);
                let key = "http.listen";
                problems.extend(unprotected(
                    key,
                    address,
                    "http.token_file",
                    token_file,
                    &self.http,
                ));
                problems.extend(unencrypted(key, address, "http.tls", tls));
            }
        }
        problems.extend(self.http.tls.problems("http.tls"));
        let of_oidc = self.http.oidc.problems().into_iter();
        problems.extend(of_oidc.map(|problem| format!("http.oidc.{problem}")));
        let of_limit = self.http.rate_limit.problems().into_iter();
        problems.extend(of_limit.map(|problem| format!("http.rate_limit.{problem}")));
        if let Err(error) = crate::telemetry::filter(&self.log.level) {
            problems.push(format!("log.level: {error}; expected a level such as info, or directives such as info,bus=debug"));
        }
        if !(0.0..=1.0).contains(&self.otlp.sample_ratio) {
            problems
                .push(format!("otlp.sample_ratio: is {}; expected 0 to 1", self.otlp.sample_ratio));
        }
        if let Some(replica) = &self.replica
            && !contracts::is_name(replica)
        {
            problems.push("replica: expected 1 to 64 letters, digits, `-` and `_`".to_owned());
        }
        let stage = &self.stage;
        let counts = [("max_in_flight", stage.max_in_flight, 0), ("cpu_tasks", stage.cpu_tasks, 1)];
        for (key, count, least) in counts {
            if !(least..=1024).contains(&count) {
                problems.push(format!("stage.{key}: is {count}; expected {least} to 1024"));
            }
        }
        for (key, found, least) in [
            ("drain_seconds", stage.drain_seconds, 0.0),
            ("max_seconds", stage.max_seconds, 1.0),
            ("retry_first_seconds", stage.retry_first_seconds, 0.0),
            ("retry_longest_seconds", stage.retry_longest_seconds, 0.0),
        ] {
            if !(found >= least && found <= 7.0 * 86_400.0) {
                problems.push(format!("stage.{key}: is {found}; expected {least} to 604800"));
            }
        }
        problems
    }

    fn file_problems(&self) -> Vec<String> {
        self.opened().into_problems()
    }
}
