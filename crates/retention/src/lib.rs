//! Which artifacts nothing names any more, and their removal.
//!
//! ```text
//! list the store ─▶ old ones ─▶ look for their digests in records, runs, dead letters, … ─▶ what is not found goes
//!                                  └ again after a while, before anything is removed
//! ```
//!
//! Invariants:
//! - An artifact is named where its digest stands, whatever the message: a new member of a record needs no line here, and what is not
//!   understood keeps what it names.
//! - What was put lately stays, named or not. A stage that puts what is there already, or takes up finished work, makes it new,
//!   so that a run's work is never taken away between its being stored and its being named.
//! - What is removed was named by nothing at two looks, with a while between them.
//! - The ledger of changes says what is removed before it is, by whom and why; of two collections at one time, one goes on.

mod digests;
mod marks;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use artifacts::{ArtifactStore, Listed};
use bus::Bus;
use registry::{Registry, RemovedArtifact};
use serde::Serialize;

pub use marks::Reason;

/// Least age at which artifacts may go: longer than any run works.
pub const MIN_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Artifacts that one entry of the ledger names at most.
const MAX_NOTED: usize = 500;

/// Why nothing was found out or removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A store in which an artifact that is put again stays as old as it was.
    #[error(
        "artifacts of {store} cannot be collected: only stores in NATS and in a directory note that an artifact is put again"
    )]
    NotRenewed {
        /// URI of the store.
        store: String,
    },
    /// An age at which a run's work could be taken away.
    #[error("artifacts younger than {} h are never removed; {} h were asked for", MIN_AGE.as_secs() / 3600, .asked.as_secs() / 3600)]
    TooYoung {
        /// Age that was asked for.
        asked: Duration,
    },
    /// Another collection removes artifacts.
    #[error("another collection removes artifacts at the same time; try again when it is over")]
    UnderWay,
    /// The broker cannot be read.
    #[error("the messages that may name artifacts cannot be read")]
    Bus(#[from] bus::Error),
    /// The registry cannot be read.
    #[error("the registry cannot be read")]
    Registry(#[from] registry::Error),
    /// The store cannot be read or written.
    #[error(transparent)]
    Artifacts(#[from] artifacts::Error),
}

/// What stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Artifacts that were put within this time stay; at least [`MIN_AGE`].
    pub older_than: Duration,
    /// Artifacts that runs of this time name stay.
    pub runs_within: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        let day = Duration::from_secs(24 * 60 * 60);
        Self { older_than: day * 30, runs_within: day * 30 }
    }
}

/// How artifacts are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal<'a> {
    /// Who removes them, as the ledger of changes says it.
    pub by: &'a str,
    /// Time between the two looks.
    pub between: Duration,
}

/// What would go, and what stays why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// What nothing names, the largest first.
    pub collected: Vec<Collected>,
    /// Size of these, in bytes.
    pub bytes: u64,
    /// What stays, by reason: the first that was found for each.
    pub kept: BTreeMap<Reason, Kept>,
}

/// Artifacts that stay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Number of artifacts.
    pub artifacts: u64,
    /// Their size, in bytes.
    pub bytes: u64,
}

/// An artifact that nothing names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Collected {
    /// SHA-256 of the artifact.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Media type; `application/octet-stream` where the store does not keep it.
    pub media_type: String,
    /// Whole days since it was last put.
    pub days: u64,
    /// When that was, as the store says.
    #[serde(skip)]
    pub put_at: SystemTime,
}

/// Looks whether artifacts of a store can be collected.
///
/// # Errors
/// [`Error::NotRenewed`].
pub fn collectable(store: &ArtifactStore) -> Result<(), Error> {
    let refused = || Error::NotRenewed { store: store.uri().to_owned() };
    store.renews().then_some(()).ok_or_else(refused)
}

/// Finds out which artifacts of a store are named by nothing.
///
/// # Errors
/// [`Error::TooYoung`], [`Error::NotRenewed`], and where broker or store cannot be read.
pub async fn plan(
    bus: &Bus,
    store: &ArtifactStore,
    policy: Policy,
    now: SystemTime,
) -> Result<Plan, Error> {
    if policy.older_than < MIN_AGE {
        return Err(Error::TooYoung { asked: policy.older_than });
    }
    collectable(store)?;
    let age = |listed: &Listed| now.duration_since(listed.put_at).unwrap_or_default();
    let (old, young): (Vec<Listed>, Vec<Listed>) =
        store.list().await?.into_iter().partition(|listed| age(listed) > policy.older_than);
    let mut plan = Plan::default();
    for listed in &young {
        plan.keep(Reason::PutLately, listed);
    }
    let candidates: BTreeMap<String, Listed> =
        old.into_iter().map(|listed| (listed.sha256.clone(), listed)).collect();
    let marks = marks::find(bus, &candidates, now, policy.runs_within).await?;
    for (sha256, listed) in candidates {
        if let Some(reason) = marks.get(&sha256) {
            plan.keep(*reason, &listed);
            continue;
        }
        plan.bytes = plan.bytes.saturating_add(listed.bytes);
        let days = age(&listed).as_secs() / (24 * 60 * 60);
        let Listed { bytes, media_type, put_at, .. } = listed;
        plan.collected.push(Collected { sha256, bytes, media_type, days, put_at });
    }
    plan.collected.sort_by_key(|one| std::cmp::Reverse(one.bytes));
    Ok(plan)
}

impl Policy {
    /// Why what is collected goes.
    fn reason(self) -> String {
        let days = |time: Duration| time.as_secs() / (24 * 60 * 60);
        format!(
            "named by nothing that keeps them, runs of the last {} days included, and put more than {} days ago",
            days(self.runs_within),
            days(self.older_than)
        )
    }
}

impl Collected {
    fn removed(&self) -> RemovedArtifact {
        let Self { sha256, bytes, media_type, .. } = self.clone();
        RemovedArtifact { sha256, bytes, media_type }
    }

    fn listed(&self) -> Listed {
        let Self { sha256, bytes, media_type, put_at, .. } = self.clone();
        Listed { sha256, bytes, media_type, put_at }
    }
}

impl Plan {
    fn keep(&mut self, reason: Reason, listed: &Listed) {
        let kept = self.kept.entry(reason).or_default();
        kept.artifacts += 1;
        kept.bytes = kept.bytes.saturating_add(listed.bytes);
    }
}

/// Removes what a plan has found, where a second look finds it as well; gives what was removed. An entry of the ledger names it
/// before; what is put again at that very moment stays all the same.
///
/// # Errors
/// As [`plan`]; [`Error::UnderWay`]; and where the store does not remove an artifact: what was removed before stays so.
pub async fn apply(
    bus: &Bus,
    store: &ArtifactStore,
    policy: Policy,
    first: &Plan,
    removal: Removal<'_>,
) -> Result<Plan, Error> {
    let registry = Registry::new(bus).await?;
    let mut noted = registry.last_collection().await?;
    tokio::time::sleep(removal.between).await;
    let mut second = plan(bus, store, policy, SystemTime::now()).await?;
    let found: Vec<&str> = first.collected.iter().map(|one| one.sha256.as_str()).collect();
    second.collected.retain(|one| found.contains(&one.sha256.as_str()));
    let mut removed = Vec::new();
    for some in std::mem::take(&mut second.collected).chunks(MAX_NOTED) {
        let named: Vec<RemovedArtifact> = some.iter().map(Collected::removed).collect();
        if !registry.note_collection(noted, removal.by, &policy.reason(), &named).await? {
            return Err(Error::UnderWay);
        }
        noted += 1;
        for one in some {
            if store.remove(&one.listed()).await? {
                tracing::info!(sha256 = one.sha256, bytes = one.bytes, "artifact removed");
                removed.push(one.clone());
            }
        }
    }
    second.bytes = removed.iter().map(|one| one.bytes).sum();
    second.collected = removed;
    Ok(second)
}
