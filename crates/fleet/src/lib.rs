//! The embedded fleet: the same binaries as a distributed one, as children of one supervisor, in a directory of their own.
//!
//! ```text
//! tier0 up ─▶ lock D ─▶ nats-server ─▶ set-up ─▶ orchestrator, model-server, agents ─▶ fleet.json
//!                          ▲                                                           │
//!                          └───────────── started again when they die ◀────────────────┘
//! SIGTERM ─▶ agents ─▶ model-server, orchestrator ─▶ nats-server ─▶ fleet.json removed
//! ```
//!
//! Invariants:
//! - One supervisor per directory, by a lock that the kernel releases with the process.
//! - A process that dies is started again, with a growing wait, at the addresses that it had.
//! - What the broker may take follows the free disk, and a broker whose disk was full goes on when there is room again.
//! - Each process is who its key says to the broker, and may do what its identity may.
//! - The store outlives the fleet: a directory whose supervisor was killed is taken up again as it is.

use std::path::PathBuf;

mod alone;
pub mod catalogue;
mod detach;
pub mod directory;
mod environment;
pub mod keys;
mod leftover;
mod logs;
pub mod nats;
mod process;
mod room;
mod rotation;
mod specs;
mod supervisor;

pub use alone::BrokerAlone;
pub use detach::{down, up_detached};
pub use directory::{Directory, FleetFile};
pub use environment::settings_of;
pub use keys::{Keys, KeysError};
pub use logs::LogLimits;
pub use nats::NatsServer;
pub use rotation::rotate;
pub use specs::program;
pub use supervisor::{Options, Supervisor};

/// Names the directory in the environment of every process of its fleet.
pub const FLEET_ENVIRONMENT: &str = "TIER0_FLEET_DIR";
/// Names the directory of the binaries, where they are not beside `tier0`.
pub const BINARIES_ENVIRONMENT: &str = "TIER0_BIN_DIR";

/// Why an embedded fleet could not be started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No nats-server was found in any of the places that are searched.
    #[error(
        "no nats-server found; run `make setup`, which installs one, or name one in {}",
        nats::ENVIRONMENT
    )]
    NatsMissing,
    /// A nats-server that ignores what is asked of it.
    #[error(
        "nats-server {version} ({}) is too old: 2.12.7 or newer is needed, and older ones, such as Debian's 2.9, silently ignore \
         newer fields, so that consumers would see everything and time-outs would not apply; run `make setup`, which installs \
         one that is new enough, or name one in {}",
        .program.display(), nats::ENVIRONMENT
    )]
    NatsTooOld {
        /// Path of the program.
        program: PathBuf,
        /// Version that the program says it has.
        version: String,
    },
    /// A binary of the fleet is missing.
    #[error("no {} in {}; build the workspace (`cargo build`), or name the directory in {BINARIES_ENVIRONMENT}", .missing.join(", "), .directory.display())]
    BinariesMissing {
        /// Names of the programs.
        missing: Vec<String>,
        /// Where they were looked for.
        directory: PathBuf,
    },
    /// A fleet runs in the directory already.
    #[error("a fleet runs in {} already; stop it with `tier0 down`, or choose another --dir", .dir.display())]
    AlreadyRunning {
        /// Path of the directory.
        dir: PathBuf,
    },
    /// No fleet to be stopped.
    #[error("no fleet runs in {}", .dir.display())]
    NotRunning {
        /// Path of the directory.
        dir: PathBuf,
    },
    /// What the broker has is half of a backup.
    #[error(
        "a restore into {} was cut off: run `tier0 backup restore` again, which begins anew",
        .dir.display()
    )]
    RestoreUnfinished {
        /// Path of the directory.
        dir: PathBuf,
    },
    /// The disk has less room than a fleet needs.
    #[error(
        "the disk of {} has {} free: a fleet needs {} or more; free some, or choose another --dir",
        .dir.display(), room::shown(*.free), room::shown(*.needed)
    )]
    TooLittleRoom {
        /// Path of the directory.
        dir: PathBuf,
        /// Bytes that are free.
        free: u64,
        /// Least bytes that have to be free.
        needed: u64,
    },
    /// A binary could not be started.
    #[error("cannot start {name} ({})", .program.display())]
    Start {
        /// Name of the process.
        name: String,
        /// Path of the program.
        program: PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// A process did not become ready.
    #[error("{} not ready {}; the end of its log ({}):\n{tail}", .missing.join(", "), .why, .log.display())]
    NotReady {
        /// Names of the processes.
        missing: Vec<String>,
        /// In what time, or how it ended.
        why: String,
        /// The log of the first.
        log: PathBuf,
        /// Last lines of the log.
        tail: String,
    },
    /// The supervisor behind `--detach` could not start.
    #[error("{message}")]
    Supervisor {
        /// Error that the supervisor reported, or its exit status with the last lines of its log.
        message: String,
        /// Its exit code; none where it did not end by itself.
        exit_code: Option<u8>,
    },
    /// The start was interrupted.
    #[error("interrupted")]
    Interrupted,
    /// The broker could not be set up.
    #[error("the broker could not be set up")]
    Setup(#[from] bus::Error),
    /// The keys of the identities could not be made or read.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The sample could not be made.
    #[error("the sample could not be made")]
    Sample(#[from] sample::Error),
    /// The catalogue could not be written.
    #[error("the catalogue could not be written")]
    Catalogue(#[from] catalogue::Error),
    /// The fleet's record makes no sense.
    #[error("{} is not a fleet's record", .path.display())]
    FleetFile {
        /// Path of the file.
        path: PathBuf,
        /// Error of the JSON parser, with line and column.
        #[source]
        source: serde_json::Error,
    },
    /// A file could not be read or written.
    #[error("cannot {what} {}", .path.display())]
    File {
        /// Operation that failed, as it stands behind `cannot` in the message, such as `create`.
        what: &'static str,
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
}
