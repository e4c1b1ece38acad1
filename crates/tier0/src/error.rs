//! Why a command did not do what was asked for, and the exit code that says so.

use std::path::PathBuf;

use api::submission::AskError;
use contracts::ContractError;

/// Exit code: what was asked for failed.
pub(crate) const FAILED: u8 = 1;
/// Exit code: bad input or usage.
pub(crate) const USAGE: u8 = 2;
/// Exit code: no fleet reachable.
pub(crate) const NO_FLEET: u8 = 3;

/// Why a command did not do what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No fleet runs in the directory.
    #[error("no fleet runs in {}; start one with `tier0 up --dir {}`, or name a broker with --nats-url", .dir.display(), .dir.display())]
    NoFleet {
        /// Path of the directory.
        dir: PathBuf,
    },
    /// The fleet's record is there but the fleet does not answer.
    #[error("the fleet of {} does not answer; see `tier0 health`", .dir.display())]
    FleetSilent {
        /// Path of the directory.
        dir: PathBuf,
        /// Error of the broker's client.
        #[source]
        source: bus::Error,
    },
    /// The broker does not answer.
    #[error("no fleet at the broker that --nats-url names")]
    BrokerSilent {
        /// Error of the broker's client.
        #[source]
        source: bus::Error,
    },
    /// The broker did not let this command in, or its key cannot be used.
    #[error(transparent)]
    NotLetIn {
        /// Error of the broker's client.
        source: bus::Error,
    },
    /// The broker did not do what was asked of it.
    #[error("the broker did not do what was asked of it")]
    Bus(#[from] bus::Error),
    /// The registry refused, or could not be read.
    #[error(transparent)]
    Registry(#[from] registry::Error),
    /// The fleet refused or failed, as the API and the broker both say it.
    #[error(transparent)]
    Api(api::Error),
    /// A name that the fleet does not know.
    #[error(transparent)]
    Missing(Box<api::Missing>),
    /// A backup could not be made, is none, or could not be restored.
    #[error(transparent)]
    Backup(Box<backup::Error>),
    /// What a restore would replace could not be saved; nothing was touched.
    #[error(
        "what is there cannot be saved, and nothing was replaced; --safety-backup DIR names another place for it, and --no-safety-backup does without"
    )]
    NotSaved {
        /// Why it could not be saved.
        #[source]
        source: Box<Error>,
    },
    /// A restore failed after it had begun to replace a fleet.
    #[error(
        "the restore failed; what was there before is saved, and `tier0 backup restore {} {place} --replace` brings it back", .saved.display()
    )]
    Replaced {
        /// Where it is saved.
        saved: PathBuf,
        /// The option that names the fleet, such as `--dir D`.
        place: String,
        /// Why the restore failed.
        #[source]
        source: Box<Error>,
    },
    /// It could not be found out, or not be done, which artifacts go.
    #[error(transparent)]
    Retention(#[from] retention::Error),
    /// The artifact store did not give what was asked for.
    #[error("the bundle cannot be read")]
    Artifacts(#[from] Box<artifacts::Error>),
    /// Two versions could not be compared on the same rows.
    #[error("the versions cannot be compared on these rows")]
    Compare(#[from] crate::models::CompareError),
    /// The stream could not be read.
    #[error("the run's messages could not be read")]
    Feed(#[from] runs::feed::Error),
    /// The request breaks the contract.
    #[error("the request is not valid")]
    Contract(#[from] ContractError),
    /// What is needed is missing.
    #[error("nothing is asked for; give a text, --request-file, --from, or --data with --target")]
    NothingAsked,
    /// The table's location is not understood, or holds what must not be sent.
    #[error(transparent)]
    Location(dataset::Error),
    /// What is stated of a CSV contradicts itself.
    #[error(transparent)]
    Dialect(dataset::DialectError),
    /// A request that is too large to be sent.
    #[error("the request has {bytes} bytes; at most {limit} are accepted")]
    RequestTooLarge {
        /// Size of the message in bytes.
        bytes: u64,
        /// Largest message that the broker takes, in bytes.
        limit: usize,
    },
    /// A request was sent, and it is not known what became of it.
    #[error(transparent)]
    Ask(#[from] api::submission::AskError),
    /// The answer to a request made no sense.
    #[error("the scope-definer's answer could not be read")]
    Reply(#[source] ContractError),
    /// A run did not end in time.
    #[error("run {run} did not end within {seconds} s; it goes on: `tier0 runs watch {run}`")]
    RunTimeout {
        /// Identifier of the run.
        run: String,
        /// How long it was waited for.
        seconds: f64,
    },
    /// Outcomes could not be told.
    #[error(transparent)]
    Feedback(#[from] crate::feedback::Error),
    /// Nothing of this kind has the name that was given.
    #[error("no {kind} `{name}`{}", api::suggestions(.known))]
    Unknown {
        /// What was looked for.
        kind: &'static str,
        /// Name that was asked for.
        name: String,
        /// Names that there are, for a suggestion; may be empty.
        known: Vec<String>,
    },
    /// An HTTP server of the fleet gave no answer.
    #[error(transparent)]
    Client(#[from] client::Error),
    /// The files of TLS cannot be used.
    #[error("the certificates of --ca-file, --cert-file and --key-file cannot be used")]
    Tls(#[from] client::FleetTlsError),
    /// It is not known where the model server is.
    #[error("no model server is known; name one with --serving-url")]
    NoModelServer,
    /// What is to be written would take the place of what is read.
    #[error("--out {} is a file that is read; name another one", .path.display())]
    OutputIsInput {
        /// Path of the file.
        path: PathBuf,
    },
    /// A prediction could not be made.
    #[error("the rows could not be predicted")]
    Predict(#[from] crate::predict::Error),
    /// Two files could not be compared.
    #[error("the files cannot be compared")]
    Drift(#[from] crate::drift::Error),
    /// A table could not be validated.
    #[error("the table cannot be validated")]
    Validate(#[source] Box<crate::validate::Error>),
    /// A table could not be profiled.
    #[error("the table cannot be profiled")]
    Profile(#[source] Box<crate::profile::Error>),
    /// A sample could not be made.
    #[error("the sample could not be made")]
    Sample(#[from] sample::Error),
    /// The catalogue could not be changed.
    #[error("the catalogue could not be changed")]
    Catalogue(#[from] fleet::catalogue::Error),
    /// The embedded fleet could not be started or stopped.
    #[error(transparent)]
    Fleet(#[from] fleet::Error),
    /// A file could not be read or written.
    #[error("cannot {what} {}", .path.display())]
    File {
        /// Operation that failed, as it stands behind `cannot` in the message, such as `read`.
        what: &'static str,
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// The benchmarks are not there.
    #[error("the benchmarks cannot be started as {}; build them with `cargo build --package bench`", .path.display())]
    NoBenchmarks {
        /// Path of the program.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// The file of tokens cannot be used, or has no such token.
    #[error(transparent)]
    Tokens(#[from] auth::TokenFileError),
    /// Logs or spans could not be started.
    #[error("logs and spans could not be started")]
    Telemetry(#[source] process::StartError),
    /// The answer could not be written.
    #[error("cannot write the answer")]
    Output(#[from] std::io::Error),
}

impl Error {
    /// The process's exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NoFleet { .. }
            | Self::FleetSilent { .. }
            | Self::BrokerSilent { .. }
            | Self::Ask(AskError::NoIntake(_))
            | Self::NoModelServer => NO_FLEET,
            Self::NotLetIn { .. } => USAGE,
            Self::NotSaved { source } | Self::Replaced { source, .. } => source.exit_code(),
            Self::Registry(error) if error.is_refusal() => USAGE,
            Self::Backup(error) if error.is_usage() => USAGE,
            Self::Retention(
                retention::Error::NotRenewed { .. } | retention::Error::TooYoung { .. },
            ) => USAGE,
            Self::Api(error) if error.is_refusal() => USAGE,
            Self::Missing(_) | Self::Compare(_) => USAGE,
            Self::Client(error) => match error {
                client::Error::Http { source, .. } if source.is_connect() => NO_FLEET,
                client::Error::Status { status: 400 | 401 | 403 | 413 | 422, .. }
                | client::Error::Token(_)
                | client::Error::Tls { .. } => USAGE,
                client::Error::Http { .. } | client::Error::Status { .. } => FAILED,
            },
            Self::Contract(_)
            | Self::Tokens(_)
            | Self::NothingAsked
            | Self::Location(_)
            | Self::Dialect(_)
            | Self::RequestTooLarge { .. }
            | Self::Unknown { .. }
            | Self::Drift(_)
            | Self::Validate(_)
            | Self::Profile(_)
            | Self::Sample(_)
            | Self::Catalogue(_)
            | Self::NoBenchmarks { .. }
            | Self::OutputIsInput { .. }
            | Self::Tls(_)
            | Self::File { .. } => USAGE,
            Self::Predict(error) => error.exit_code(),
            Self::Feedback(error) => error.exit_code(),
            Self::Fleet(error) => match error {
                fleet::Error::AlreadyRunning { .. }
                | fleet::Error::RestoreUnfinished { .. }
                | fleet::Error::Keys(_) => USAGE,
                fleet::Error::NotRunning { .. } => NO_FLEET,
                fleet::Error::Supervisor { exit_code, .. } => exit_code.unwrap_or(FAILED),
                _ => FAILED,
            },
            Self::Bus(_)
            | Self::Ask(_)
            | Self::Api(_)
            | Self::Feed(_)
            | Self::Reply(_)
            | Self::RunTimeout { .. }
            | Self::Registry(_)
            | Self::Artifacts(_)
            | Self::Backup(_)
            | Self::Retention(_)
            | Self::Telemetry(_)
            | Self::Output(_) => FAILED,
        }
    }

    /// The stable identifier in JSON.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::NoFleet { .. } => "no_fleet",
            Self::FleetSilent { .. } | Self::BrokerSilent { .. } => "fleet_silent",
            Self::NotLetIn { .. } => "not_let_in",
            Self::Bus(_) | Self::Feed(_) => "broker",
            Self::Api(error) if error.status == api::StatusCode::SERVICE_UNAVAILABLE => "broker",
            Self::Api(error) => &error.code,
            Self::Registry(error) => error.code(),
            Self::Artifacts(_) => "artifacts",
            Self::Backup(error) => error.code(),
            Self::NotSaved { .. } => "not_saved",
            Self::Replaced { source, .. } => source.code(),
            Self::Retention(_) => "retention",
            Self::Compare(_) => "compare",
            Self::Contract(_) => "invalid_request",
            Self::NothingAsked => "nothing_asked",
            Self::Dialect(_) | Self::Location(_) => "invalid_request",
            Self::RequestTooLarge { .. } => "too_large",
            Self::Ask(AskError::NoIntake(_)) => "no_intake",
            Self::Ask(AskError::Bus(_)) => "broker",
            Self::Ask(AskError::Reply(_)) | Self::Reply(_) => "unreadable_answer",
            Self::RunTimeout { .. } => "timed_out",
            Self::Missing(_) | Self::Unknown { .. } => "not_found",
            Self::Client(client::Error::Token(_)) | Self::Tokens(_) => "token",
            Self::Client(client::Error::Tls { .. }) | Self::Tls(_) => "tls",
            Self::Client(client::Error::Status { status: 401, .. }) => "unauthorized",
            Self::Client(client::Error::Status { status: 403, .. }) => "forbidden",
            Self::Client(_) => "http",
            Self::NoModelServer => "no_model_server",
            Self::OutputIsInput { .. } => "output_is_input",
            Self::Predict(_) => "predict",
            Self::Drift(_) => "drift",
            Self::Validate(_) => "validate",
            Self::Profile(_) => "profile",
            Self::Feedback(_) => "feedback",
            Self::Sample(_) => "sample",
            Self::Catalogue(_) => "catalogue",
            Self::Fleet(fleet::Error::Keys(_)) => "keys",
            Self::Fleet(_) => "fleet",
            Self::File { .. } => "file",
            Self::NoBenchmarks { .. } => "no_benchmarks",
            Self::Telemetry(_) => "telemetry",
            Self::Output(_) => "output",
        }
    }

    /// The message with those of its causes.
    #[must_use]
    pub fn with_causes(&self) -> String {
        contracts::failures::with_causes(self)
    }
}

impl From<fleet::KeysError> for Error {
    fn from(error: fleet::KeysError) -> Self {
        Self::Fleet(error.into())
    }
}

impl From<backup::Error> for Error {
    fn from(error: backup::Error) -> Self {
        Self::Backup(Box::new(error))
    }
}

impl From<crate::validate::Error> for Error {
    fn from(error: crate::validate::Error) -> Self {
        Self::Validate(Box::new(error))
    }
}

impl From<crate::profile::Error> for Error {
    fn from(error: crate::profile::Error) -> Self {
        Self::Profile(Box::new(error))
    }
}

impl From<api::Error> for Error {
    fn from(error: api::Error) -> Self {
        match error.missing {
            Some(missing) => Self::Missing(missing),
            None => Self::Api(error),
        }
    }
}
