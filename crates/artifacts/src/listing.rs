//! What a store has, and removing it: for backups, and for what nothing names any more.

use std::time::{Duration, SystemTime};

use crate::store::Backend;
use crate::{ArtifactStore, Error};

/// Age from which on an artifact that is put again, or looked up by who relies on it, becomes as new, so that what goes by age does not
/// take it away. Younger ones are left as they are.
pub(crate) const RENEWED_AFTER: Duration = Duration::from_secs(12 * 60 * 60);

/// An artifact of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// SHA-256 of the artifact, its name.
    pub sha256: String,
    /// Size in bytes, as the store says.
    pub bytes: u64,
    /// Media type; [`media_type::UNKNOWN`](crate::media_type::UNKNOWN) where the store does not keep it.
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

    /// Removes an artifact that was listed, unless it was put again since; gives whether it was removed.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn remove(&self, listed: &Listed) -> Result<bool, Error> {
        let artifact = self.reference(&listed.sha256, listed.bytes, &listed.media_type);
        self.check(&artifact)?;
        match self.backend() {
            Backend::Nats(objects) => objects.remove_old(&artifact, listed.put_at).await,
            Backend::Objects(objects) => objects.remove_old(&artifact, listed.put_at).await,
        }
    }
}

/// Whether an artifact was put again after it was listed; both times are the store's, told with different precision.
pub(crate) fn is_renewed(listed: SystemTime, found: SystemTime) -> bool {
    found.duration_since(listed).is_ok_and(|later| later > Duration::from_secs(1))
}
