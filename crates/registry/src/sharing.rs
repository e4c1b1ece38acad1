//! Versions that answer beside the one in production, and versions that come back.

use contracts::v1::{ModelStage, ModelVersion};

use crate::models::TransitionReason;
use crate::{Error, Registry, was_in_production};

impl Registry {
    /// Moves a version to production beside the one that is there: they share the requests, and neither is put away.
    ///
    /// # Errors
    /// As [`Registry::transition`].
    pub async fn join(
        &self,
        model: &str,
        version: u32,
        by: &str,
        reason: &str,
    ) -> Result<ModelVersion, Error> {
        self.step(model, version, ModelStage::Production, by, reason).await
    }

    /// Puts a version back into production that was there before and put away since: a rollback. What took its place is put away.
    ///
    /// # Errors
    /// [`Error::UnknownVersion`], [`Error::IllegalTransition`] where it never was in production, [`Error::Bus`], [`Error::Contended`].
    pub async fn restore(
        &self,
        model: &str,
        version: u32,
        by: &str,
        reason: &str,
    ) -> Result<ModelVersion, Error> {
        let restored = self.restore_beside(model, version, by, reason).await?;
        self.take_place(model, version, by, reason).await?;
        Ok(restored)
    }

    /// As [`Registry::restore`], but beside the version that is in production.
    ///
    /// # Errors
    /// As [`Registry::restore`].
    pub async fn restore_beside(
        &self,
        model: &str,
        version: u32,
        by: &str,
        reason: &str,
    ) -> Result<ModelVersion, Error> {
        let legal = |record: &ModelVersion| {
            record.stage() == ModelStage::Archived && was_in_production(record)
        };
        self.step_where(
            model,
            version,
            ModelStage::Production,
            by,
            TransitionReason { code: "", reason },
            legal,
        )
        .await
    }
}
