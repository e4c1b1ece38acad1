//! What tier0 answers when it is asked, and the one place where each answer is assembled.
//!
//! ```text
//! command ─▶ Query, Change ─┬─ HTTP ─▶ orchestrator ─┬─▶ registry, stream, artifact store ─▶ …Document, or Error
//!                           └─ where the API is down ─┘
//! ```
//!
//! Each [`Query`] and each [`Change`] is one struct with its route: the command line sends it, the orchestrator reads it, and its
//! `read` or `make` answers it for both. What remains to each is how an answer is shown and which exit code an [`Error`] is.
//!
//! Invariants:
//! - The API and the broker answer a query with the same document, and refuse it with the same code.
//! - The names of members in JSON are contract: readers ignore those that they do not know.
//! - Every list has a limit, and says what to ask for to get the rest.
//! - Nothing here is a process: connections are given by the caller.

pub mod audit;
pub mod data;
pub mod dead_letters;
pub mod endpoints;
mod error;
pub mod evaluation;
pub mod health;
pub mod history;
pub mod leaderboard;
mod model_servers;
pub mod models;
pub mod monitoring;
pub mod predictions;
pub mod query;
pub mod runs;
pub mod submission;
pub mod verdicts;

pub use error::{Error, ErrorBody, ErrorDocument, Missing, Problem, RefusedField, suggestions};
pub use model_servers::ModelServers;
pub use query::{Broker, Change, Condition, Query, entity_tag, without_values};
pub use reqwest::StatusCode;

/// The code of an answer to a path that is no route, which a later build may have.
pub const NO_ROUTE: &str = "not_found";
/// The code of a request that could not be read.
pub const INVALID: &str = "invalid_request";
/// Most entries of one answer.
pub const MAX_LIMIT: usize = 1000;
/// Entries of an answer where no limit is given.
pub const DEFAULT_LIMIT: usize = 100;
