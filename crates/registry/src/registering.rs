//! Registering a version: its record's creation under the next free number is the whole commitment.
//!
//! ```text
//!   claim MODEL.run.RUN: my version is n or later ─▶ read n, n+1, …: is one of them mine? ─▶ create the first that is not there
//! ```
//!
//! Invariants:
//! - A number is used by the creation of its version alone, and each is created only when the one before it is there: numbers have no gaps, whichever process dies at whichever moment.
//! - A claim is made before the version and names no greater number than that will have; no process creates a version past one that it has not seen to be another run's. So two writers of one run meet at the same number, and one of them finds the other's version.

use std::time::SystemTime;

use contracts::v1::{
    ModelStage, ModelVersion, RecordAction, RecordChange, RegisteredModel, VersionClaim,
};
use contracts::{RunId, Validate as _, limits, time};

use crate::models::version_key;
use crate::records::{self, Revisioned};
use crate::{ChangeError, Error, Registry};

/// Numbers that others may take while one is looked for.
const MAX_SEARCHED_NUMBERS: u32 = 100_000;

impl Registry {
    /// Registers a version of `parts.model`: its number, stage, transitions and time are set here, its parent is the version in production. The run that registers the same bundle again gets the version that it has.
    ///
    /// # Errors
    /// [`Error::Contract`] where the parts break the contract, [`Error::Bus`], [`Error::Contended`].
    pub async fn register(
        &self,
        parts: ModelVersion,
        run_id: &RunId,
    ) -> Result<ModelVersion, Error> {
        self.register_beyond(parts, run_id, 0).await
    }

    /// Registers a version as [`Registry::register`] does, but a later one than `superseded`, which was put away when the run was driven before.
    ///
    /// # Errors
    /// As [`Registry::register`].
    pub async fn register_after(
        &self,
        parts: ModelVersion,
        run_id: &RunId,
        superseded: u32,
    ) -> Result<ModelVersion, Error> {
        self.register_beyond(parts, run_id, superseded).await
    }

    async fn register_beyond(
        &self,
        parts: ModelVersion,
        run_id: &RunId,
        superseded: u32,
    ) -> Result<ModelVersion, Error> {
        let now = Some(time::timestamp(SystemTime::now()));
        let mut parts = ModelVersion {
            // A number that any version can have, so that all else is checked before anything is written.
            version: 1,
            stage: ModelStage::None.into(),
            run_id: run_id.as_str().to_owned(),
            transitions: Vec::new(),
            created_at: now,
            change: Some(RecordChange {
                action: RecordAction::Registered.into(),
                at: now,
                by: format!("run/{run_id}"),
                reason: String::new(),
            }),
            ..parts
        };
        parts.validate()?;
        let model = parts.model.clone();
        let entry = self.entry_of(&model, &parts).await?;
        parts.parent_version = entry.production_version;
        let first = self.claim(&model, run_id, superseded).await?;
        for number in first..=first.saturating_add(MAX_SEARCHED_NUMBERS) {
            parts.version = number;
            let key = version_key(&model, number);
            let there = match records::read::<ModelVersion>(&self.models, &key).await? {
                Some(there) => there,
                None => match self.ledger.replace(&self.models, &key, None, parts.clone()).await? {
                    Some(written) => {
                        self.latest.note(&model, number);
                        return Ok(written.value);
                    }
                    // Another writer was quicker.
                    None => match records::read(&self.models, &key).await? {
                        Some(there) => there,
                        None => return Err(records::contended(&self.models, &key)),
                    },
                },
            };
            if there.value.run_id != parts.run_id {
                continue;
            }
            if digest(&there.value) == digest(&parts) {
                self.ledger.complete(&self.models, &key, &there).await?;
                return Ok(there.value);
            }
            // The run was driven again and made another model: that is a later version.
            self.claim(&model, run_id, number).await?;
        }
        Err(records::contended(&self.models, &model))
    }

    /// The model's own record, which is made with its first version.
    async fn entry_of(&self, model: &str, parts: &ModelVersion) -> Result<RegisteredModel, Error> {
        let found = records::read::<RegisteredModel>(&self.models, model).await?;
        if let Some(found) = found {
            return Ok(found.value);
        }
        let made = self.ledger.change(&self.models, model, |found: Option<&RegisteredModel>| {
            Ok::<_, std::convert::Infallible>(found.cloned().unwrap_or_else(|| RegisteredModel {
                model: model.to_owned(),
                created_at: parts.created_at,
                change: parts.change.clone(),
                ..RegisteredModel::default()
            }))
        });
        infallible(made.await)
    }

    /// The number from which on a run's version is to be found, greater than `beyond`, which is another of its versions or 0.
    async fn claim(&self, model: &str, run_id: &RunId, beyond: u32) -> Result<u32, Error> {
        let key = claim_key(model, run_id.as_str());
        records::until_written(&self.models, &key, || async {
            let found = records::read::<VersionClaim>(&self.models, &key).await?;
            let first = match &found {
                Some(found) if found.value.first_version > beyond => {
                    return Ok(Some(found.value.first_version));
                }
                Some(_) => beyond.saturating_add(1),
                // Nothing of this run is there yet, so nothing is missed by beginning at the end.
                None => beyond.max(self.latest(model).await?).saturating_add(1),
            };
            let mut earlier_versions = found
                .as_ref()
                .map(|found| found.value.earlier_versions.clone())
                .unwrap_or_default();
            earlier_versions.extend((beyond > 0).then_some(beyond));
            let forgotten = earlier_versions.len().saturating_sub(limits::EARLIER_VERSIONS);
            earlier_versions.drain(..forgotten);
            let claim = VersionClaim {
                model: model.to_owned(),
                run_id: run_id.as_str().to_owned(),
                first_version: first,
                earlier_versions,
            };
            let written = records::replace(&self.models, &key, found.as_ref(), claim).await?;
            Ok(written.map(|written| written.value.first_version))
        })
        .await
    }

    /// The versions that a run registered of a model, the oldest first.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn versions_of_run(
        &self,
        model: &str,
        run_id: &RunId,
    ) -> Result<Vec<ModelVersion>, Error> {
        let key = claim_key(model, run_id.as_str());
        let claim = records::read::<VersionClaim>(&self.models, &key).await?;
        let Some(claim) = claim.map(|claim| claim.value) else { return Ok(Vec::new()) };
        let mut versions = Vec::new();
        for number in claim.earlier_versions {
            versions.extend(self.version(model, number).await?);
        }
        // Others' versions may lie between the claim and the version, as many as were registered meanwhile.
        let mut number = claim.first_version;
        while let Some(version) = self.version(model, number).await? {
            if version.run_id == run_id.as_str() {
                versions.push(version);
                break;
            }
            number = number.saturating_add(1);
        }
        Ok(versions)
    }
}

pub(crate) fn claim_key(model: &str, run: &str) -> String {
    format!("{model}.run.{run}")
}

pub(crate) fn digest(version: &ModelVersion) -> Option<&str> {
    version.bundle.as_ref().map(|bundle| bundle.sha256.as_str())
}

pub(crate) fn infallible<T>(
    changed: Result<Revisioned<T>, ChangeError<std::convert::Infallible>>,
) -> Result<T, Error> {
    match changed {
        Ok(changed) => Ok(changed.value),
        Err(ChangeError::Registry(error)) => Err(error),
        Err(ChangeError::Refused(never)) => match never {},
    }
}
