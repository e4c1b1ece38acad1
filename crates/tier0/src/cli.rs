//! The command line's definition.

mod alerts;
mod artifacts;
mod audit;
mod backup;
mod checks;
mod drift;
mod endpoints;
mod feedback;
mod file;
mod learning;
mod place;
mod predict;
mod profile;
mod report;
mod request;
mod retraining;
mod runs;
mod sample;
mod security;
mod selection;
mod validate;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use client::{FleetTls, FleetTlsError};
use contracts::Agent;
use process::ClientTls;

pub mod models;

pub use self::alerts::{AlertNote, Alerts, AlertsCommand, AlertsList, AlertsWatch};
pub use self::artifacts::{ArtifactsArgs, ArtifactsCommand, ArtifactsGc};
pub use self::audit::{Audit, AuditCommand, AuditList};
pub use self::backup::{Backup, BackupCommand, BackupCreate, BackupRestore, BackupVerify};
pub use self::checks::ChecksArgs;
pub use self::drift::{Drift, Method as DriftMethod};
pub use self::endpoints::{Endpoints, EndpointsCommand};
pub use self::feedback::Feedback;
pub use self::file::{FileArgs, ParseFormatError};
pub use self::learning::LearningArgs;
pub use self::predict::Predict;
pub use self::profile::Profile;
pub use self::report::{Completions, Doctor, Man, Report};
pub use self::request::{ParseStartError, RequestArgs, Start, Strategy};
pub use self::retraining::{Retraining, RetrainingAnswer, RetrainingCommand};
pub use self::runs::{Runs, RunsCommand, RunsRetry};
pub use self::sample::{Sample, SampleChurn, SampleCommand};
pub(crate) use self::security::lifetime;
pub use self::security::{Lifetime, Security, SecurityCommand, Token, TokenCommand};
pub use self::selection::SelectionArgs;
pub use self::validate::Validate;
pub use models::Models;

/// From one message to a served model.
#[derive(Debug, Parser)]
#[command(
    name = "tier0",
    version,
    about = "From one message to a served model: seven agents over NATS",
    after_help = "Example:\n  tier0 up --detach\n  tier0 submit \"Train churn prediction model for Kisqali HCPs\" --wait\n\n\
                  Exit codes: 0 done; 1 what was asked for failed; 2 bad input or usage; 3 no fleet reachable."
)]
pub struct Cli {
    /// Command to run.
    #[command(subcommand)]
    pub command: Command,
    /// Options that every command takes.
    #[command(flatten)]
    pub global: Global,
}

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// Print one JSON document on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Directory of the embedded fleet [default: ./.tier0]
    #[arg(long, global = true, env = "TIER0_DIR", value_name = "D")]
    pub dir: Option<PathBuf>,
    /// The fleet's broker, instead of a directory
    #[arg(long, global = true, env = "TIER0_NATS_URL", value_name = "URL")]
    pub nats_url: Option<String>,
    /// Base URL of the orchestrator's API, where the fleet is not an embedded one
    #[arg(long, global = true, env = "TIER0_API_URL", value_name = "URL")]
    pub api_url: Option<String>,
    /// Base URL of the model server, where the fleet is not an embedded one
    #[arg(long, global = true, env = "TIER0_SERVING_URL", value_name = "URL")]
    pub serving_url: Option<String>,
    /// File with the bearer token of the orchestrator's API, where it asks for one
    #[arg(long, global = true, env = "TIER0_API_TOKEN_FILE", value_name = "F")]
    pub api_token_file: Option<PathBuf>,
    /// File with the bearer token of the model server, where it asks for one
    #[arg(long, global = true, env = "TIER0_SERVING_TOKEN_FILE", value_name = "F")]
    pub serving_token_file: Option<PathBuf>,
    /// PEM file of the authorities that the certificates of the API and the model server may be from, besides the system's
    #[arg(long, global = true, env = "TIER0_CA_FILE", value_name = "F")]
    pub ca_file: Option<PathBuf>,
    /// PEM file of the certificate by which those servers know this command
    #[arg(long, global = true, env = "TIER0_CERT_FILE", value_name = "F", requires = "key_file")]
    pub cert_file: Option<PathBuf>,
    /// PEM file of that certificate's key
    #[arg(long, global = true, env = "TIER0_KEY_FILE", value_name = "F", requires = "cert_file")]
    pub key_file: Option<PathBuf>,
    /// Where spans go by OTLP over gRPC, such as http://127.0.0.1:4317; nowhere without it
    #[arg(long, global = true, env = "TIER0_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<bus::SecretUrl>,
    /// Log more on standard error (-v, -vv)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Who this is to the broker.
    #[command(flatten)]
    pub credentials: Credentials,
}

impl Global {
    /// TLS to the servers of the fleet.
    ///
    /// # Errors
    /// Where a file cannot be used.
    pub(crate) fn tls(&self) -> Result<FleetTls, FleetTlsError> {
        FleetTls::read(&ClientTls {
            ca_file: self.ca_file.clone(),
            cert_file: self.cert_file.clone(),
            key_file: self.key_file.clone(),
        })
    }
}

/// Who this process is to the broker, beside `--nats-url`.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Broker")]
pub struct Credentials {
    /// User name at the broker
    #[arg(
        long,
        global = true,
        env = "TIER0_NATS_USER",
        value_name = "NAME",
        requires = "nats_password_file"
    )]
    pub nats_user: Option<String>,
    /// File with the password
    #[arg(
        long,
        global = true,
        env = "TIER0_NATS_PASSWORD_FILE",
        value_name = "F",
        requires = "nats_user"
    )]
    pub nats_password_file: Option<PathBuf>,
    /// File with a token
    #[arg(long, global = true, env = "TIER0_NATS_TOKEN_FILE", value_name = "F")]
    pub nats_token_file: Option<PathBuf>,
    /// File with the key of an identity, which is named after it, such as client.nk [default: that of the operator in the
    /// directory of an embedded fleet]
    #[arg(long, global = true, env = "TIER0_NKEY_FILE", value_name = "F")]
    pub nkey_file: Option<PathBuf>,
    /// Credentials file (JWT and seed)
    #[arg(long, global = true, env = "TIER0_NATS_CREDENTIALS_FILE", value_name = "F")]
    pub nats_credentials_file: Option<PathBuf>,
    /// PEM file of the authorities that the broker's certificate may be from
    #[arg(long, global = true, env = "TIER0_NATS_CA", value_name = "F")]
    pub nats_ca: Option<PathBuf>,
    /// PEM file of the certificate by which the broker knows this command
    #[arg(long, global = true, env = "TIER0_NATS_CERT", value_name = "F", requires = "nats_key")]
    pub nats_cert: Option<PathBuf>,
    /// PEM file of that certificate's key
    #[arg(long, global = true, env = "TIER0_NATS_KEY", value_name = "F", requires = "nats_cert")]
    pub nats_key: Option<PathBuf>,
}

impl Credentials {
    /// Whether any are given, beside certificates.
    pub(crate) fn are_given(&self) -> bool {
        self.nats_user.is_some()
            || self.nats_token_file.is_some()
            || self.nkey_file.is_some()
            || self.nats_credentials_file.is_some()
    }
}

/// Commands of `tier0`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start an embedded fleet: broker, seven agents, orchestrator, model server
    #[command(
        after_help = "Examples:\n  tier0 up --dir ./fleet --replicas model-trainer=2 --detach\n  \
                      TIER0__MLFLOW__TRACKING_URI=http://127.0.0.1:5000 tier0 up\n\n\
                      The processes take their settings from the environment: TIER0__KEY for all, TIER0_MODEL_TRAINER__KEY for one kind."
    )]
    Up(Up),
    /// Stop the embedded fleet
    #[command(after_help = "Example:\n  tier0 down --dir ./fleet")]
    Down(Down),
    /// Create streams, consumers and buckets on an existing broker
    #[command(
        after_help = "Example:\n  tier0 setup --nats-url nats://broker:4222 --stream-replicas 3 --monitoring-url http://broker:8222"
    )]
    Setup(Setup),
    /// Ask for a model
    #[command(after_help = request::SUBMIT_EXAMPLES)]
    Submit(Submit),
    /// Ask for a model and wait, on a temporary fleet where none is reachable
    #[command(after_help = request::RUN_EXAMPLES)]
    Run(Run),
    /// What became of requests
    #[command(after_help = "Example:\n  tier0 runs list --status running")]
    Runs(Runs),
    /// A run as one page: decisions, search, evaluation, explanation, card, timeline
    #[command(
        after_help = "Examples:\n  tier0 report churn-1\n  tier0 report churn-1 --out churn.html\n\n\
                      The page has its plots in it and loads nothing."
    )]
    Report(Report),
    /// Registered models, their versions and their history
    #[command(
        after_help = "Examples:\n  tier0 models show churn\n  tier0 models compare churn 2 3\n  tier0 models history churn"
    )]
    Models(Models),
    /// Endpoints that answer, and how their requests are divided
    #[command(after_help = "Examples:\n  tier0 endpoints list\n  tier0 endpoints rollback churn")]
    Endpoints(Endpoints),
    /// Predict the rows of a file
    #[command(
        after_help = "Examples:\n  tier0 predict churn --data test.csv --out predictions.csv\n  tier0 predict churn --data test.csv --explain\n  \
                      tier0 predict churn --data test.csv --ids --entity-column hcp_id --out predictions.csv"
    )]
    Predict(Predict),
    /// Whether the rows of a file are like those of another
    #[command(
        after_help = "Examples:\n  tier0 drift --reference train.csv --current today.parquet\n  \
                      tier0 drift --reference train.csv --current today.csv --columns age,plan --json --out drift.json\n\n\
                      Exit codes: 0 no drift; 1 drift, a warning or critical; 2 files or settings that cannot be used.\n\
                      What the statistics are and how limits are chosen: docs/monitoring.md."
    )]
    Drift(Drift),
    /// Whether a table meets a suite of expectations, as Great Expectations writes them
    #[command(after_help = "Examples:\n  tier0 validate --data today.csv --suite suite.json\n  \
                      tier0 validate --data today.parquet --suite suite.json --result-format COMPLETE --json --out result.json\n  \
                      tier0 validate --suggest --data train.csv --out suite.json\n\n\
                      Exit codes: 0 every expectation met; 1 some not met or not evaluated; 2 a file or a suite that cannot be used.\n\
                      What each expectation means and what differs from Great Expectations: docs/expectations.md.")]
    Validate(Validate),
    /// What a table looks like: a page of its columns, missing values and associations
    #[command(
        after_help = "Examples:\n  tier0 profile --data train.csv --out train.html\n  tier0 profile --data part-*.parquet --out profile.json\n  \
                      tier0 profile --data export.txt --delimiter ';' --decimal , --json\n\n\
                      No value of columns that are personal data is shown. What each figure means: docs/data.md."
    )]
    Profile(Profile),
    /// Tell the outcomes of predictions, by request or by entity
    #[command(after_help = feedback::EXAMPLES)]
    Feedback(Feedback),
    /// What is wrong with endpoints
    #[command(
        after_help = "Examples:\n  tier0 alerts list --severity critical\n  tier0 alerts ack ALERT --note \"we look into it\"\n  tier0 alerts watch"
    )]
    Alerts(Alerts),
    /// Retrainings that monitoring asked for, and a person's approval of them
    #[command(
        after_help = "Examples:\n  tier0 retraining list\n  tier0 retraining approve churn\n  tier0 retraining decline churn --note \"the feed was broken\""
    )]
    Retraining(Retraining),
    /// Write a synthetic table
    #[command(
        after_help = "Examples:\n  tier0 sample churn --rows 20000 --seed 42 --out hcp_churn.csv\n  \
                      tier0 sample churn --rows 20000 --seed 43 --drift both --out drifted.csv"
    )]
    Sample(Sample),
    /// Whether the fleet is well, part by part, and what to do where it is not
    #[command(
        after_help = "Example:\n  tier0 health --json\n\nExit codes: 0 healthy; 1 not healthy; 3 no fleet reachable."
    )]
    Health,
    /// What to do about the fleet, from what was measured on it
    #[command(after_help = "Examples:\n  tier0 doctor\n  tier0 doctor --production --json\n\n\
                      Exit codes: 0 nothing failed; 1 a check failed; 3 no fleet reachable.")]
    Doctor(Doctor),
    /// Keys of the identities by which the broker knows each process, and what each may do there
    #[command(
        after_help = "Examples:\n  tier0 security init --dir ./secrets\n  tier0 security rotate model-trainer --dir ./fleet\n\n\
                      An embedded fleet makes its keys by itself. What each identity may do: docs/security.md."
    )]
    Security(Security),
    /// The script by which a shell completes this command line
    #[command(
        after_help = "Examples:\n  tier0 completions bash > ~/.local/share/bash-completion/completions/tier0\n  \
                      tier0 completions zsh > ~/.zfunc/_tier0\n  tier0 completions fish > ~/.config/fish/completions/tier0.fish"
    )]
    Completions(Completions),
    /// Manual pages of every command
    #[command(
        after_help = "Example:\n  tier0 man --out ~/.local/share/man/man1 && man tier0-runs-show"
    )]
    Man(Man),
    /// Whether the ledger of changes is as it was written
    #[command(after_help = "Examples:\n  tier0 audit list --since 24h\n  tier0 audit verify")]
    Audit(Audit),
    /// Save a fleet, look at what was saved, and restore it
    #[command(
        after_help = "Examples:\n  tier0 backup create --out ./backups/today\n  tier0 backup verify ./backups/today\n  \
                      tier0 backup restore ./backups/today --dir ./new-fleet && tier0 up --dir ./new-fleet"
    )]
    Backup(Backup),
    /// Tables, models and reports in the artifact store
    #[command(after_help = "Example:\n  tier0 artifacts gc")]
    Artifacts(ArtifactsArgs),
    /// Messages that could not be handled
    #[command(after_help = "Example:\n  tier0 dead-letters list")]
    DeadLetters(DeadLetters),
    /// Measure the system on this machine, by the program `tier0-bench`
    #[command(disable_help_flag = true, after_help = "Example:\n  tier0 bench handoff --json")]
    Bench {
        /// The arguments of `tier0-bench`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<std::ffi::OsString>,
    },
}

/// Arguments of `up`.
#[derive(Debug, Clone, Default, Args)]
pub struct Up {
    /// Processes of an agent, such as model-trainer=2; may be given more than once
    #[arg(long, value_name = "AGENT=N", value_parser = replicas)]
    pub replicas: Vec<(Agent, u16)>,
    /// Model servers; the first one takes the ports that are asked for
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=16))]
    pub model_servers: u16,
    /// Return when the fleet is ready
    #[arg(long)]
    pub detach: bool,
    /// Port of the broker [default: a free one]
    #[arg(long, value_name = "PORT")]
    pub nats_port: Option<u16>,
    /// Port of the orchestrator's API [default: a free one]
    #[arg(long, value_name = "PORT")]
    pub api_port: Option<u16>,
    /// Port of the model server's REST listener [default: a free one]
    #[arg(long, value_name = "PORT")]
    pub serving_port: Option<u16>,
    /// Port of the model server's gRPC listener [default: a free one]
    #[arg(long, value_name = "PORT")]
    pub grpc_port: Option<u16>,
    /// Most handoffs of an agent that are worked on at the same time, by all its processes together, such as
    /// model-trainer=2; may be given more than once [default: 1000]
    #[arg(long, value_name = "AGENT=N", value_parser = limit)]
    pub max_in_flight: Vec<(Agent, u32)>,
    /// How often a message is delivered at most before its run is given up [default: 5]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub max_deliver: Option<u32>,
    /// How long an agent may be silent before another gets its message [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = ack_wait)]
    pub ack_wait: Option<f64>,
    /// Where tables may be read from besides this directory and the fleet's own `data`: a directory, or the URI of an object
    /// store, a web server or a database, such as s3://bucket/tables; may be given more than once
    #[arg(long, value_name = "DIR|URI", value_parser = place::data_root)]
    pub data_root: Vec<String>,
    /// Have each process write where it has computed into this directory when it ends, as a flame graph (NAME.svg) and its stacks (NAME.folded)
    #[arg(long, value_name = "DIR")]
    pub profile: Option<PathBuf>,
    /// Bytes from which on the log of a process is begun anew, with its earlier content in LOG.1 [default: 16777216]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1024..))]
    pub log_bytes: Option<u64>,
    /// Earlier parts that are kept of each log [default: 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub log_files: Option<u16>,
    /// Longest wait for everything to be ready
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = seconds)]
    pub timeout: f64,
    /// Be the process behind `--detach`
    #[arg(long, hide = true, conflicts_with = "detach")]
    pub supervised: bool,
}

/// Arguments of `down`.
#[derive(Debug, Clone, Args)]
pub struct Down {
    /// Longest wait for the fleet to stop by itself
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = seconds)]
    pub timeout: f64,
}

/// Arguments of `setup`.
#[derive(Debug, Clone, Args)]
pub struct Setup {
    /// Replicas of every stream and bucket; 3 on a cluster
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    pub stream_replicas: u8,
    /// Monitoring port of the broker, or of each server of a cluster, divided by commas; one that confirms before it writes to its disk is refused
    #[arg(long, value_name = "URL")]
    pub monitoring_url: Option<bus::SecretUrl>,
    /// How often a message is delivered at most before its run is given up [default: 5]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub max_deliver: Option<u32>,
    /// How long an agent may be silent before another gets its message [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = ack_wait)]
    pub ack_wait: Option<f64>,
    /// Most handoffs of an agent that are worked on at the same time, by all its replicas together, such as
    /// model-trainer=2; may be given more than once [default: 1000]
    #[arg(long, value_name = "AGENT=N", value_parser = limit)]
    pub max_in_flight: Vec<(Agent, u32)>,
}

/// Arguments of `submit`.
#[derive(Debug, Clone, Args)]
pub struct Submit {
    /// What is asked for.
    #[command(flatten)]
    pub request: RequestArgs,
    /// Follow the run to its end
    #[arg(long)]
    pub wait: bool,
    /// Longest wait with `--wait`
    #[arg(long, value_name = "TIME", default_value = "2h", value_parser = seconds)]
    pub timeout: f64,
}

/// Arguments of `run`.
#[derive(Debug, Clone, Args)]
pub struct Run {
    /// What is asked for.
    #[command(flatten)]
    pub request: RequestArgs,
    /// Longest wait for the run
    #[arg(long, value_name = "TIME", default_value = "2h", value_parser = seconds)]
    pub timeout: f64,
}

/// Arguments of `dead-letters`.
#[derive(Debug, Args)]
pub struct DeadLetters {
    /// Subcommand to run.
    #[command(subcommand)]
    pub command: DeadLettersCommand,
}

/// Subcommands of `tier0 dead-letters`.
#[derive(Debug, Subcommand)]
pub enum DeadLettersCommand {
    /// All dead letters, or those of a kind
    #[command(
        after_help = "Examples:\n  tier0 dead-letters list --json\n  tier0 dead-letters list --kind failed_message"
    )]
    List {
        /// Requests that were refused for what they say (refused_request), or what the fleet could not handle (failed_message)
        #[arg(long, value_name = "K", value_parser = ["refused_request", "failed_message"])]
        kind: Option<String>,
    },
    /// One: why it was put aside, what was tried, and the message where it can be read
    #[command(after_help = "Example:\n  tier0 dead-letters show TIER0.42")]
    Show {
        /// Id of the dead letter, as `tier0 dead-letters list` shows it
        id: String,
    },
    /// Give a message to its agent again, after what was wrong has been put right
    #[command(
        after_help = "Examples:\n  tier0 dead-letters replay TIER0_REQUESTS.7\n  tier0 dead-letters replay --all --json\n\n\
                      A request is sent again as it came; a handoff drives its run anew with its own message. A letter\n\
                      whose message was taken up is removed; the message itself stays where it came from.\n\n\
                      Exit codes: 0 taken up; 1 with --all, some were not; 2 no such letter, or it was refused."
    )]
    Replay {
        /// Id of the dead letter, as `tier0 dead-letters list` shows it
        #[arg(required_unless_present = "all")]
        id: Option<String>,
        /// Every dead letter, the oldest first
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

/// Reads `30s`, `1.5m`, `2h` or plain seconds.
fn seconds(text: &str) -> Result<f64, ParseDurationError> {
    let text = text.trim();
    let (number, unit) =
        text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let scale = match unit {
        "" | "s" => 1.0,
        "ms" => 0.001,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(ParseDurationError),
    };
    let number: f64 = number.trim().parse().map_err(|_| ParseDurationError)?;
    let seconds = number * scale;
    if seconds.is_finite() && seconds > 0.0 && seconds <= 30.0 * 86_400.0 {
        Ok(seconds)
    } else {
        Err(ParseDurationError)
    }
}

/// Reads a time that leaves room for three signs of life.
fn ack_wait(text: &str) -> Result<f64, ParseAckWaitError> {
    match seconds(text) {
        Ok(seconds) if (1.0..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err(ParseAckWaitError),
    }
}

/// A time that is too short or too long to wait for a sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a time from 1s to 1h, such as 30s")]
pub struct ParseAckWaitError;

/// A text that is no length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a time such as 30s, 5m or 2h, at most 30 days")]
pub struct ParseDurationError;

/// Parses a number of replicas such as `model-trainer=2`.
fn replicas(text: &str) -> Result<(Agent, u16), ParseReplicasError> {
    let (agent, count) = text.split_once('=').ok_or(ParseReplicasError::Form)?;
    let agent = agent.parse().map_err(|_| ParseReplicasError::Agent)?;
    let count: u16 = count.parse().map_err(|_| ParseReplicasError::Count)?;
    if (1..=64).contains(&count) { Ok((agent, count)) } else { Err(ParseReplicasError::Count) }
}

/// Reads `model-trainer=2` as a limit.
fn limit(text: &str) -> Result<(Agent, u32), ParseLimitError> {
    let (agent, count) = text.split_once('=').ok_or(ParseLimitError::Form)?;
    let agent = agent.parse().map_err(|_| ParseLimitError::Agent)?;
    let count: u32 = count.parse().map_err(|_| ParseLimitError::Count)?;
    if (1..=100_000).contains(&count) { Ok((agent, count)) } else { Err(ParseLimitError::Count) }
}

/// A text that says no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseLimitError {
    /// The text has no `=`.
    #[error("expected AGENT=N, such as model-trainer=2")]
    Form,
    /// The name is that of no agent.
    #[error("{}", ParseReplicasError::Agent)]
    Agent,
    /// No number, or too great a one.
    #[error("expected 1 to 100000 handoffs")]
    Count,
}

/// A text that says no number of replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseReplicasError {
    /// The text has no `=`.
    #[error("expected AGENT=N, such as model-trainer=2")]
    Form,
    /// The name is that of no agent.
    #[error("unknown agent; expected one of {}", contracts::Agent::names())]
    Agent,
    /// No number, or too great a one.
    #[error("expected 1 to 64 replicas")]
    Count,
}

#[cfg(test)]
mod tests;
