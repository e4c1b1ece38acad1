//! What a store has, and removing it: for backups, and for what nothing names any more.

use std::time::{Duration, SystemTime};

use contracts::v1::ArtifactRef;

use crate::store::Backend;
use crate::{ArtifactStore, Error};

/// Age from which on an artifact that is put again becomes as new, so that what goes by age does not take it away from who relies on
/// it now. Younger ones are left as they are.
pub(crate) const RENEWED_AFTER: Duration = Duration::from_secs(12 * 60 * 60);

/// An artifact of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// SHA-256 of the artifact, its name.
    pub sha256: String,
    /// Size in bytes, as the store says.
    pub bytes: u64,
    /// Media type; empty where the store does not keep it.
    pub media_type: String,
    /// When it was last put.
    pub put_at: SystemTime,
}

impl ArtifactStore {
    /// Every artifact of the store, in the order of the digests. What has another name is none.
    ///
    /// # Errors
    /// [`Error::List`] where the store does not say.
    pub async fn list(&self) -> Result<Vec<Listed>, Error> {
        let mut all = match self.backend() {
            Backend::Nats(objects) => objects.list().await?,
            Backend::Objects(objects) => objects.list().await?,
        };
        all.retain(|listed| contracts::is_digest(&listed.sha256));
        all.sort_unstable_by(|one, other| one.sha256.cmp(&other.sha256));
        Ok(all)
    }

    /// Whether an artifact that is put again becomes as new, without which none may be removed by its age.
    #[must_use]
    pub fn renews(&self) -> bool {
        match self.backend() {
            Backend::Nats(_) => true,
            Backend::Objects(objects) => objects.is_directory(),
        }
    }

    /// Removes an artifact; one that is not there is no problem.
    ///
    /// # Errors
    /// [`Error::OtherStore`], [`Error::Store`].
    pub async fn remove(&self, artifact: &ArtifactRef) -> Result<(), Error> {
        self.check(artifact)?;
        match self.backend() {
            Backend::Nats(objects) => objects.erase(artifact).await,
            Backend::Objects(objects) => objects.erase(artifact).await,
        }
    }
}
