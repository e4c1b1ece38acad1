//! What can be wrong with a database.

use secret::SecretFileError;
use tokio_postgres::error::SqlState;

/// Why a database gave no table. No message shows a password or a value of a row.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseProblem {
    /// No user to connect as.
    #[error(
        "is asked by nobody: set PGUSER and PGPASSWORD for the process, or write a line for it into the password file (PGPASSFILE, ~/.pgpass)"
    )]
    NoUser,
    /// The password file cannot be read, or can be read or changed by others.
    #[error("has a password file that is not used: {}", with_cause(.0))]
    PasswordFile(SecretFileError),
    /// A word of `PGSSLMODE`.
    #[error(
        "has a PGSSLMODE that is not understood; expected disable, allow, prefer, require, verify-ca or verify-full"
    )]
    SslMode,
    /// Certificates that are trusted.
    #[error("can't be spoken to in TLS: {reason}")]
    Certificates {
        /// What is wrong with them.
        reason: String,
    },
    /// No connection, or one that broke.
    #[error("can't be reached, or went away: {reason}")]
    Unreachable {
        /// What the connection met.
        reason: String,
    },
    /// The server refused.
    #[error("refused (SQLSTATE {code}{message})")]
    Refused {
        /// The SQLSTATE, five characters.
        code: String,
        /// The server's words, where they are not about values; `: ` before them.
        message: String,
    },
    /// A statement took too long.
    #[error(
        "did not answer in {seconds} s (data.database_timeout_seconds); ask for less, or allow more"
    )]
    Slow {
        /// The setting.
        seconds: u64,
    },
    /// Two passes over one snapshot differ.
    #[error(
        "gave other rows, or the same in another order, when it was asked again; add ORDER BY with a key to the query, and call no function whose value changes"
    )]
    Unstable,
    /// Bytes that are no rows.
    #[error("sent what is no row of the table")]
    Malformed,
}

/// The text of a problem is whole, so that no cause is told beside it.
fn with_cause(error: &SecretFileError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

impl From<SecretFileError> for DatabaseProblem {
    fn from(error: SecretFileError) -> Self {
        Self::PasswordFile(error)
    }
}

impl DatabaseProblem {
    /// What the client met.
    pub(super) fn of(error: &tokio_postgres::Error, seconds: u64) -> Self {
        let Some(told) = error.as_db_error() else {
            let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
            return Self::Unreachable { reason: format!("{error}{}", cause.unwrap_or_default()) };
        };
        let code = told.code().code();
        if *told.code() == SqlState::QUERY_CANCELED {
            return Self::Slow { seconds };
        }
        // What is about data may quote it.
        const WORDED: [&str; 7] = ["08", "25", "28", "3D", "42", "53", "57"];
        let is_worded = WORDED.iter().any(|class| code.starts_with(class));
        let message = if is_worded { format!(": {}", told.message()) } else { String::new() };
        // The server or the network, and nothing about what was asked.
        if ["08", "53", "57"].iter().any(|class| code.starts_with(class)) {
            return Self::Unreachable { reason: format!("SQLSTATE {code}{message}") };
        }
        Self::Refused { code: code.to_owned(), message }
    }

    /// Whether the same attempt may succeed later.
    pub(crate) const fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }

    /// A stable identifier of what is wrong.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NoUser | Self::PasswordFile(_) | Self::SslMode => "source_not_allowed",
            Self::Certificates { .. } | Self::Unreachable { .. } => "source_unreadable",
            Self::Refused { code, .. } => match code.get(..2) {
                _ if code == "42501" => "source_not_allowed",
                Some("28") => "source_not_allowed",
                _ if matches!(code.as_str(), "42P01" | "3F000") => "source_not_found",
                Some("3D") => "source_not_found",
                _ => "source_query_invalid",
            },
            Self::Slow { .. } => "source_too_slow",
            Self::Unstable => "source_changed",
            Self::Malformed => "source_malformed",
        }
    }
}
