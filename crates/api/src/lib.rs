//! What tier0 answers when it is asked, and the one place where each answer is assembled.
//!
//! ```text
//! registry, stream, artifact store ──models, endpoints, runs, monitoring, leaderboard, health──▶ …Document ─┬▶ orchestrator: HTTP
//!                                                                                                           └▶ tier0: command line
//! ```
//!
//! An HTTP handler reads a request and calls a function of this crate; a command reads its arguments and calls the same one. What
//! remains to each is how a refusal is said and how an answer is shown.
//!
//! Invariants:
//! - The names of members in JSON are contract: readers ignore those that they do not know.
//! - Every list has a limit, and says what to ask for to get the rest.
//! - Nothing here is a process: connections are given by the caller.

pub mod endpoints;
mod error;
pub mod health;
pub mod history;
pub mod leaderboard;
pub mod models;
pub mod monitoring;
pub mod runs;

pub use error::{ErrorBody, ErrorDocument};

/// Most entries of one answer.
pub const MAX_LIMIT: usize = 1000;
/// Entries of an answer where no limit is given.
pub const DEFAULT_LIMIT: usize = 100;
