//! Why a backup could not be made, or is none, or could not be restored.

use std::path::PathBuf;

use crate::Problem;

/// Why a backup could not be made, or is none, or could not be restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something has the name that the backup is to get.
    #[error("{} is there already; name a directory that is not", .path.display())]
    Exists {
        /// Path that was given.
        path: PathBuf,
    },
    /// A directory without a manifest, or with one that makes no sense.
    #[error("{} is no backup: {why}", .path.display())]
    NoBackup {
        /// Path that was given.
        path: PathBuf,
        /// What is missing or wrong.
        why: String,
    },
    /// A backup in a form that this version does not know.
    #[error(
        "{} is a backup in format {found}, and this version reads formats 1 to {known}; restore it with tier0 {version} or newer",
        .path.display()
    )]
    Newer {
        /// Path that was given.
        path: PathBuf,
        /// Format of the backup.
        found: u64,
        /// Newest format that is read.
        known: u32,
        /// The version that made it.
        version: String,
    },
    /// Files of the backup are missing or are not as they were written.
    #[error("the backup is damaged: {}", listed(.problems))]
    Damaged {
        /// Each file, and what is wrong with it; at least one.
        problems: Vec<Problem>,
    },
    /// The fleet has something already.
    #[error(
        "the fleet is not empty: {} have messages; --replace removes them and all other streams, buckets and artifacts of the fleet first",
        .streams.join(", ")
    )]
    NotEmpty {
        /// Streams that have messages.
        streams: Vec<String>,
    },
    /// Processes of the fleet are at work.
    #[error("processes wait for work at {}: stop them before a restore", .consumers.join(", "))]
    AtWork {
        /// Consumers at which they wait, as `STREAM/CONSUMER`.
        consumers: Vec<String>,
    },
    /// The fleet has no such stream, so that it was never set up.
    #[error("the broker has no stream {stream}: `tier0 setup` makes what a fleet needs")]
    NoStream {
        /// Name of the stream.
        stream: String,
    },
    /// Registry and deployments changed as often as they were looked at.
    #[error("models and deployments changed during each of {attempts} looks at them; try again")]
    Changing {
        /// How often they were looked at.
        attempts: u32,
    },
    /// The broker did not do what was asked.
    #[error("the broker did not {what} {stream}: {said}")]
    Refused {
        /// What was asked, as it stands behind `did not`.
        what: &'static str,
        /// Name of the stream.
        stream: String,
        /// What the broker says.
        said: String,
    },
    /// The snapshot of a stream ended before all of it was there.
    #[error("the snapshot of {stream} broke off after {bytes} bytes: {said}")]
    BrokenOff {
        /// Name of the stream.
        stream: String,
        /// Bytes that came.
        bytes: u64,
        /// What the broker says, or that it says nothing.
        said: String,
    },
    /// What was restored is not what was saved.
    #[error("{stream} has {what} {found} after the restore, and had {expected}")]
    Otherwise {
        /// Name of the stream.
        stream: String,
        /// What was compared, such as `last sequence`.
        what: &'static str,
        /// As the backup has it.
        expected: u64,
        /// As the broker has it.
        found: u64,
    },
    /// A restore failed, and what it had made could not be removed.
    #[error("the restore failed, and {} are left half: restore again, with --replace", .streams.join(", "))]
    LeftBehind {
        /// Names of the streams.
        streams: Vec<String>,
        /// Why the restore failed.
        #[source]
        source: Box<Error>,
    },
    /// An artifact could not be written within its time, most often for want of room.
    #[error(
        "artifact {sha256} could not be written within {seconds} s; is there room at the broker?"
    )]
    Slow {
        /// SHA-256 of the artifact.
        sha256: String,
        /// Time limit that was exceeded, in seconds.
        seconds: u64,
    },
    /// The broker did not answer or refused.
    #[error(transparent)]
    Bus(#[from] bus::Error),
    /// The registry could not be read.
    #[error("the registry could not be read")]
    Registry(#[from] registry::Error),
    /// The artifact store could not be read or written.
    #[error(transparent)]
    Artifacts(#[from] artifacts::Error),
    /// A document could not be made or read.
    #[error("a document of the broker makes no sense")]
    Document(#[from] serde_json::Error),
    /// A file could not be read or written.
    #[error("cannot {what} {}", .path.display())]
    File {
        /// Operation that failed, as it stands behind `cannot`, such as `write`.
        what: &'static str,
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
}

/// Problems that a message shows.
const SHOWN: usize = 5;

fn listed(problems: &[Problem]) -> String {
    let mut text: Vec<String> = problems.iter().take(SHOWN).map(ToString::to_string).collect();
    if problems.len() > SHOWN {
        text.push(format!("and {} more", problems.len() - SHOWN));
    }
    text.join("; ")
}

impl Error {
    /// Stable identifier of the kind.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Exists { .. } => "backup_exists",
            Self::NoBackup { .. } => "no_backup",
            Self::Newer { .. } => "backup_newer",
            Self::Damaged { .. } => "backup_damaged",
            Self::NotEmpty { .. } => "fleet_not_empty",
            Self::AtWork { .. } => "fleet_at_work",
            Self::NoStream { .. } => "stream_missing",
            Self::Changing { .. } => "registry_changing",
            Self::Refused { .. } => "broker_refused",
            Self::BrokenOff { .. } => "snapshot_broken_off",
            Self::Otherwise { .. } => "restored_otherwise",
            Self::LeftBehind { .. } => "restore_left_half",
            Self::Slow { .. } => "artifact_timed_out",
            Self::Bus(_) => "broker",
            Self::Registry(error) => error.code(),
            Self::Artifacts(error) => error.code(),
            Self::Document(_) => "unreadable_answer",
            Self::File { .. } => "file",
        }
    }

    /// Whether what was asked for cannot be done with these arguments, whatever the fleet does.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Exists { .. }
                | Self::NoBackup { .. }
                | Self::Newer { .. }
                | Self::NotEmpty { .. }
                | Self::AtWork { .. }
        )
    }
}
