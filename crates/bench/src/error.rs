//! Why nothing could be measured.

use contracts::ContractError;

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The broker refused, or could not be reached.
    #[error(transparent)]
    Bus(#[from] bus::Error),
    /// The broker, by its own client.
    #[error("the broker did not {what}")]
    Nats {
        /// What was asked for.
        what: &'static str,
        /// Error of the NATS client.
        #[source]
        source: async_nats::Error,
    },
    /// A message of the measurement.
    #[error("a message of the measurement is not valid")]
    Contract(#[from] ContractError),
    /// The artifact store could not be opened.
    #[error("the artifact store cannot be opened")]
    Artifacts(#[source] Box<artifacts::Error>),
    /// The broker did not start.
    #[error("nats-server did not start within {seconds} s")]
    BrokerSilent {
        /// How long it was waited for.
        seconds: u64,
    },
    /// What was sent did not arrive.
    #[error("{what} did not arrive within {seconds} s")]
    Lost {
        /// What was waited for.
        what: String,
        /// Time waited, in seconds.
        seconds: u64,
    },
    /// Generated columns that make no table.
    #[error("the generated table cannot be made")]
    Table(#[from] tabular::TableError),
    /// A table could not be read.
    #[error(transparent)]
    Data(#[from] dataset::Error),
    /// A table could not be loaded.
    #[error(transparent)]
    Load(#[from] tables::Error),
    /// A table could not be prepared.
    #[error(transparent)]
    Prepare(Box<data_preparer::Error>),
    /// A table that did not pass the gate.
    #[error("the table did not pass the gate: {reason}")]
    Rejected {
        /// The first finding that blocks.
        reason: String,
    },
    /// The registry refused, or could not be reached.
    #[error(transparent)]
    Registry(#[from] registry::Error),
    /// The programs that are measured.
    #[error(transparent)]
    Fleet(#[from] fleet::Error),
    /// A server that is measured.
    #[error(transparent)]
    Client(#[from] client::Error),
    /// Rows that are sent.
    #[error(transparent)]
    Rows(#[from] client::v2::ValueError),
    /// Logs or spans could not be started.
    #[error("logs and spans could not be started")]
    Telemetry(#[source] process::StartError),
    /// The report could not be written.
    #[error("cannot write the answer")]
    Output(#[from] std::io::Error),
    /// A directory or process.
    #[error("cannot {what}")]
    Io {
        /// Operation that failed, as it stands behind `cannot` in the message, such as `write a
        /// table`.
        what: &'static str,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// An error of the bare client.
    pub(crate) fn nats(what: &'static str, source: impl Into<async_nats::Error>) -> Self {
        Self::Nats { what, source: source.into() }
    }

    /// The stable identifier in JSON.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Registry(error) => error.code(),
            Self::Fleet(_) => "fleet",
            Self::Client(_) => "http",
            Self::Data(error) => error.code(),
            Self::Load(error) => error.code(),
            Self::Telemetry(_) => "telemetry",
            Self::Output(_) => "output",
            _ => "bench",
        }
    }
}
