//! What the fleet knows of models: their versions, what is deployed, who serves it, and what is watched.
//!
//! ```text
//!   TIER0_MODELS       MODEL → RegisteredModel, MODEL.VERSION → ModelVersion, MODEL.run.RUN → VersionClaim
//!   TIER0_DEPLOYMENTS  ENDPOINT → DeploymentRecord
//!   TIER0_SERVERS      ENDPOINT.SERVER → ServerReport (expires)
//!   TIER0_MONITORS     ENDPOINT → Monitor, and what is found of the endpoint (`monitors.rs`)
//!   TIER0_AUDIT        one LedgerEntry for every revision of a model, version or deployment record, and for removed artifacts
//! ```
//!
//! Invariants:
//! - Every change of a shared record is a compare-and-swap with bounded, jittered repetition: concurrent writers lose nothing.
//! - A run that registers the same bundle again gets the version that it has; numbers of versions have no gaps.
//! - A version moves only along legal transitions, each of which is recorded with who and why.
//! - Every change of a model, version or deployment record is in the ledger exactly once (`audit.rs`).
//! - What is written keeps the contract; what is read and does not is refused with its key.

mod aliases;
mod annotations;
mod audit;
mod deployments;
mod error;
pub mod history;
mod holders;
mod latest;
mod models;
mod monitors;
mod operations;
mod recorder;
mod records;
mod registering;
pub mod search;
mod servers;
mod sharing;
mod stages;

use bus::{Bus, KeyValue};
use contracts::names;

pub use aliases::{ExpectedAlias, check_alias};
pub use annotations::TagChange;
pub use audit::{BrokenEntry, LedgerCheck, RemovedArtifact};
pub use deployments::{DeploymentChange, DeploymentWatch};
pub use error::{ChangeError, Error};
pub use holders::{AnsweringEndpoint, HoldingEndpoint, Role};
pub use models::{CHAMPION, reason_of};
pub use monitoring::DriftDocument;
pub use monitors::Monitors;
pub use operations::OperationError;
pub use records::Revisioned;
pub use servers::{STALE_AFTER, ServerChange, ServerWatch, is_fresh};
pub use stages::{STAGES, is_legal, legal_from, stage_name, stage_of, was_in_production};

/// The registry. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Registry {
    models: KeyValue,
    deployments: KeyValue,
    servers: KeyValue,
    monitors: Monitors,
    ledger: audit::AuditLog,
    latest: latest::LatestVersions,
}

impl Registry {
    /// Opens the buckets, which the set-up has made.
    ///
    /// # Errors
    /// [`Error::Bus`] where one is missing or the bus fails.
    pub async fn new(bus: &Bus) -> Result<Self, Error> {
        let deployments = bus.kv(names::DEPLOYMENTS_BUCKET).await?;
        Ok(Self {
            models: bus.kv(names::MODELS_BUCKET).await?,
            servers: bus.kv(names::SERVERS_BUCKET).await?,
            monitors: Monitors::new(bus.kv(names::MONITORS_BUCKET).await?, deployments.clone()),
            deployments,
            ledger: audit::AuditLog::new(bus.clone()),
            latest: latest::LatestVersions::default(),
        })
    }

    /// What endpoints are watched against, and what was found.
    #[must_use]
    pub const fn monitors(&self) -> &Monitors {
        &self.monitors
    }

    /// Looks whether each bucket of records can be read, and whether that of the monitors can be written. Models and deployment
    /// records have a ledger of their revisions, in which what is written to try would stand for ever.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Contended`].
    pub async fn probe(&self) -> Result<(), Error> {
        for bucket in [&self.models, &self.deployments, &self.servers] {
            bucket.get("-").await?;
        }
        self.monitors.probe().await
    }
}
