//! Backups of a fleet: its streams, buckets and artifacts in a directory that says what is in it.
//!
//! ```text
//! create ─▶ positions of all consumers ─▶ snapshots of streams and buckets ─▶ artifacts ─▶ manifest ─▶ the directory gets its name
//! check  ─▶ every digest, and every artifact that a record names
//! restore ─▶ check ─▶ is the fleet empty? ─▶ streams as they were ─▶ consumers from their positions on ─▶ artifacts
//! ```
//!
//! Invariants:
//! - A directory that has the name of a backup is a whole one; an unfinished one has another name and goes away.
//! - Nothing is lost between two parts: positions of consumers are older than the messages, and artifacts are younger than what names
//!   them. What was settled between the two is delivered again, which changes nothing.
//! - The ledger, the models and the deployments are of one moment.
//! - Nothing of a fleet is touched before every digest of the backup was checked, and a restore that fails leaves no stream behind.
//! - Whatever is held in memory is bounded by a chunk.

mod artifact_files;
mod check;
mod create;
mod error;
mod files;
mod manifest;
mod references;
mod restore;
mod wire;

pub use check::{Checked, Problem, check, check_records};
pub use create::{CreateOptions, Created, create};
pub use error::Error;
pub use manifest::{
    ArtifactFile, Artifacts, ConsumerEntry, FORMAT, FileDigest, LedgerState, MANIFEST, Manifest,
    Reference, StreamEntry,
};
pub use restore::{RestoreOptions, Restored, restore};
