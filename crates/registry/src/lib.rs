//! What the fleet knows of models: their versions, what is deployed, who serves it, and what is watched.
//!
//! ```text
//!   TIER0_MODELS       MODEL → RegisteredModel, MODEL.VERSION → ModelVersion
//!   TIER0_DEPLOYMENTS  ENDPOINT → DeploymentRecord
//!   TIER0_SERVERS      ENDPOINT.SERVER → ServerReport (expires)
//!   TIER0_MONITORS     ENDPOINT → Monitor
//! ```
//!
//! Invariants:
//! - Every change of a shared record is a compare-and-swap with bounded, jittered repetition: concurrent writers lose nothing.
//! - A run that registers the same bundle again gets the version that it has.
//! - A version moves only along legal transitions, each of which is recorded with who and why.
//! - What is written keeps the contract; what is read and does not is refused with its key.

mod deployments;
mod error;
mod models;
mod monitors;
mod operations;
mod records;
mod servers;
mod sharing;

use bus::{Bus, KeyValue};
use contracts::names;

pub use deployments::{DeploymentChange, DeploymentWatch};
pub use error::{ChangeError, Error};
pub use models::{is_legal, was_in_production};
pub use operations::OperationError;
pub use records::Revised;
pub use servers::{STALE_AFTER, ServerChange, ServerWatch, is_fresh};

/// The registry. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Registry {
    models: KeyValue,
    deployments: KeyValue,
    servers: KeyValue,
    monitors: KeyValue,
}

impl Registry {
    /// Opens the buckets, which the set-up has made.
    ///
    /// # Errors
    /// [`Error::Bus`] where one is missing or the bus fails.
    pub async fn new(bus: &Bus) -> Result<Self, Error> {
        Ok(Self {
            models: bus.kv(names::MODELS_BUCKET).await?,
            deployments: bus.kv(names::DEPLOYMENTS_BUCKET).await?,
            servers: bus.kv(names::SERVERS_BUCKET).await?,
            monitors: bus.kv(names::MONITORS_BUCKET).await?,
        })
    }
}
