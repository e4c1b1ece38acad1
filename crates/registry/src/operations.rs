//! What people and alerts do to an endpoint: the record is changed first, which is what servers follow, and then the stages of the versions are made to say so.

use std::time::SystemTime;

use contracts::v1::{DeploymentRecord, ModelStage, RolloutPhase};
use rollout::{ChangeRefusedError, TrafficShare};

use crate::records::Revisioned;
use crate::{ChangeError, Error, Registry};

/// Why an operation on an endpoint was not carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperationError {
    /// There is no such endpoint.
    #[error("there is no endpoint `{endpoint}`")]
    UnknownEndpoint {
        /// Name of the endpoint.
        endpoint: String,
    },
    /// It does not apply.
    #[error(transparent)]
    Refused(#[from] ChangeRefusedError),
    /// The registry refused, or could not be reached.
    #[error(transparent)]
    Registry(#[from] Error),
}

impl From<ChangeError<OperationError>> for OperationError {
    fn from(error: ChangeError<OperationError>) -> Self {
        match error {
            ChangeError::Registry(error) => Self::Registry(error),
            ChangeError::Refused(error) => error,
        }
    }
}

impl Registry {
    /// Takes the last step back; see [`rollout::rollback`]. Where a revision is expected, the record must be at it.
    ///
    /// # Errors
    /// [`OperationError`]; [`Error::RecordMoved`] where the record is at another revision.
    pub async fn rollback(
        &self,
        endpoint: &str,
        expected: Option<u64>,
        by: &str,
        reason: &str,
    ) -> Result<Revisioned<DeploymentRecord>, OperationError> {
        self.operate(endpoint, expected, by, |record| Ok(rollout::rollback(record, reason)?)).await
    }

    /// Lets a paused rollout go on, or makes the version of a rollout in progress or a mirrored one the one that answers.
    ///
    /// # Errors
    /// As [`rollback`](Self::rollback).
    pub async fn promote(
        &self,
        endpoint: &str,
        expected: Option<u64>,
        is_in_full: bool,
        by: &str,
        reason: &str,
    ) -> Result<Revisioned<DeploymentRecord>, OperationError> {
        self.operate(endpoint, expected, by, |record| {
            let is_paused = record
                .rollout
                .as_ref()
                .is_some_and(|rollout| rollout.phase() == RolloutPhase::Paused);
            if is_paused && !is_in_full {
                rollout::resume(record, reason, SystemTime::now())?;
            } else {
                rollout::promote(record, reason)?;
            }
            Ok(())
        })
        .await
    }

    /// Divides an endpoint's requests for good.
    ///
    /// # Errors
    /// As [`rollback`](Self::rollback).
    pub async fn split(
        &self,
        endpoint: &str,
        expected: Option<u64>,
        portions: &[TrafficShare],
        is_sticky: bool,
        by: &str,
        reason: &str,
    ) -> Result<Revisioned<DeploymentRecord>, OperationError> {
        self.operate(endpoint, expected, by, |record| {
            Ok(rollout::split(record, portions, is_sticky, reason, SystemTime::now())?)
        })
        .await
    }

    async fn operate(
        &self,
        endpoint: &str,
        expected: Option<u64>,
        by: &str,
        mut change: impl FnMut(&mut DeploymentRecord) -> Result<(), OperationError>,
    ) -> Result<Revisioned<DeploymentRecord>, OperationError> {
        let mut before = None;
        let noted = |record: &mut DeploymentRecord| {
            if record.live.is_none() && record.green.is_none() && record.rollout.is_none() {
                let endpoint = endpoint.to_owned();
                return Err(OperationError::UnknownEndpoint { endpoint });
            }
            before = Some(record.clone());
            change(record)
        };
        let changed = match expected {
            Some(expected) => self.change_at(endpoint, expected, by, noted).await?,
            None => self.change(endpoint, by, noted).await?,
        };
        self.follow(before.as_ref(), &changed.value, by).await?;
        Ok(changed)
    }

    /// Makes the stages of the versions say what a change of the record has made of them. A repetition changes nothing.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Contended`].
    pub async fn follow(
        &self,
        before: Option<&DeploymentRecord>,
        now: &DeploymentRecord,
        by: &str,
    ) -> Result<(), Error> {
        let reason = now.reason.as_str();
        let was_live = before.and_then(|before| before.live.as_ref());
        if let Some(live) = &now.live
            && was_live.is_none_or(|was| was.version != live.version)
        {
            let found = self.version(&live.model, live.version).await?;
            let moved = match found.map(|found| found.stage()) {
                Some(ModelStage::Archived) => {
                    self.restore(&live.model, live.version, by, reason).await
                }
                Some(ModelStage::None) => {
                    let staging = ModelStage::Staging;
                    self.step(&live.model, live.version, staging, by, reason).await?;
                    let production = ModelStage::Production;
                    self.transition(&live.model, live.version, production, by, reason).await
                }
                _ => {
                    let production = ModelStage::Production;
                    self.transition(&live.model, live.version, production, by, reason).await
                }
            };
            tolerated(moved.map(|_| ()))?;
        }
        for member in &now.members {
            let shadow = now
                .routing
                .as_ref()
                .is_some_and(|routing| routing.shadows.contains(&member.version));
            let stands = now
                .rollout
                .as_ref()
                .is_none_or(|rollout| rollout.phase() == RolloutPhase::Succeeded);
            let found = self.version(&member.model, member.version).await?;
            let stage = found.map_or(ModelStage::Unspecified, |found| found.stage());
            let moved = match stage {
                ModelStage::Staging if shadow => {
                    self.step(&member.model, member.version, ModelStage::Shadow, by, reason).await
                }
                ModelStage::Staging | ModelStage::Shadow if !shadow && stands => {
                    self.join(&member.model, member.version, by, reason).await
                }
                ModelStage::Archived if !shadow && stands => {
                    self.restore_beside(&member.model, member.version, by, reason).await
                }
                _ => continue,
            };
            tolerated(moved.map(|_| ()))?;
        }
        // Who took part and no longer does is put away, unless it is kept to go back to.
        let took_part = before.map(|before| before.members.as_slice()).unwrap_or_default();
        for gone in took_part {
            let is_held = now
                .members
                .iter()
                .chain(&now.live)
                .chain(&now.previous)
                .any(|held| held.version == gone.version && held.model == gone.model);
            if !is_held {
                let archived = ModelStage::Archived;
                let moved = self.transition(&gone.model, gone.version, archived, by, reason).await;
                tolerated(moved.map(|_| ()))?;
            }
        }
        Ok(())
    }
}

/// A version that another process has moved meanwhile, or that the registry does not know, stays as it is.
fn tolerated(moved: Result<(), Error>) -> Result<(), Error> {
    match moved {
        Err(Error::IllegalTransition { .. } | Error::UnknownVersion { .. }) => Ok(()),
        moved => moved,
    }
}
