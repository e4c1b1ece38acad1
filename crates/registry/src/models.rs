//! Models and their versions.

use std::time::SystemTime;

use contracts::v1::{ModelStage, ModelVersion, RegisteredModel, StageTransition};
use contracts::{RunId, Validate as _, time};

use crate::records::{self, Revised};
use crate::{ChangeError, Error, Registry};

/// Runs that a model remembers; the oldest versions' are forgotten first. It bounds the record.
const REMEMBERED_RUNS: usize = 1000;

/// Whether a version has ever been in production, as one that answered and was put away since has.
#[must_use]
pub fn was_in_production(version: &ModelVersion) -> bool {
    version.transitions.iter().any(|step| step.to() == ModelStage::Production)
}

/// Whether a version may go from one stage to another. Anything that was not put away can be.
#[must_use]
pub const fn is_legal(from: ModelStage, to: ModelStage) -> bool {
    use ModelStage::{Archived, None, Production, Shadow, Staging};
    matches!(
        (from, to),
        (None, Staging)
            | (Staging, Shadow | Production)
            | (Shadow, Production)
            | (None | Staging | Shadow | Production, Archived)
    )
}

/// The stages that a version can go to, for a message.
pub(crate) fn legal_from(from: ModelStage) -> String {
    use ModelStage::{Archived, Production, Shadow, Staging};
    let legal: Vec<&str> = [Staging, Shadow, Production, Archived]
        .into_iter()
        .filter(|to| is_legal(from, *to))
        .map(|to| to.as_str_name())
        .collect();
    if legal.is_empty() { "none".to_owned() } else { legal.join(", ") }
}

fn version_key(model: &str, version: u32) -> String {
    format!("{model}.{version}")
}

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
        self.register_unless(parts, run_id, None).await
    }

    /// Registers a version as [`Registry::register`] does, but another one than `superseded`, which was put away when the run was driven before.
    ///
    /// # Errors
    /// As [`Registry::register`].
    pub async fn register_after(
        &self,
        parts: ModelVersion,
        run_id: &RunId,
        superseded: u32,
    ) -> Result<ModelVersion, Error> {
        self.register_unless(parts, run_id, Some(superseded)).await
    }

    async fn register_unless(
        &self,
        parts: ModelVersion,
        run_id: &RunId,
        superseded: Option<u32>,
    ) -> Result<ModelVersion, Error> {
        let mut parts = ModelVersion {
            // A number that any version can have, so that all else is checked before one is allocated.
            version: 1,
            stage: ModelStage::None.into(),
            run_id: run_id.as_str().to_owned(),
            transitions: Vec::new(),
            created_at: Some(time::timestamp(SystemTime::now())),
            ..parts
        };
        parts.validate()?;
        let mut superseded = superseded;
        loop {
            let entry = self.allocate(&parts.model, run_id, superseded).await?;
            parts.version = entry.runs.get(run_id.as_str()).copied().unwrap_or_default();
            parts.parent_version = entry.production_version;
            let key = version_key(&parts.model, parts.version);
            let there = records::create_or_read(&self.models, &key, parts.clone()).await?.value;
            if there.run_id == parts.run_id && digest(&there) == digest(&parts) {
                return Ok(there);
            }
            // The run was driven again and made another model: that is another version.
            superseded = Some(parts.version);
        }
    }

    /// The model's entry, in which the run has a version other than `superseded`.
    async fn allocate(
        &self,
        model: &str,
        run_id: &RunId,
        superseded: Option<u32>,
    ) -> Result<RegisteredModel, Error> {
        let changed = records::change(&self.models, model, |found: Option<&RegisteredModel>| {
            let mut entry = found.cloned().unwrap_or_else(|| RegisteredModel {
                model: model.to_owned(),
                ..RegisteredModel::default()
            });
            let known = entry.runs.get(run_id.as_str()).copied();
            if known.is_none() || known == superseded {
                entry.latest_version += 1;
                entry.runs.insert(run_id.as_str().to_owned(), entry.latest_version);
                forget_oldest(&mut entry);
            }
            Ok::<_, std::convert::Infallible>(entry)
        });
        infallible(changed.await)
    }

    /// Moves a version to another stage. Production takes the place of the version that had it, which is put away. A version that is there already stays as it is.
    ///
    /// # Errors
    /// [`Error::UnknownVersion`], [`Error::IllegalTransition`], [`Error::Bus`], [`Error::Contended`].
    pub async fn transition(
        &self,
        model: &str,
        version: u32,
        to: ModelStage,
        by: &str,
        reason: &str,
    ) -> Result<ModelVersion, Error> {
        let moved = self.step(model, version, to, by, reason).await?;
        match to {
            ModelStage::Production => self.take_place(model, version, by).await?,
            ModelStage::Archived => {
                let pointer = |entry: &mut RegisteredModel| {
                    if entry.production_version == version {
                        entry.production_version = 0;
                    }
                };
                self.point(model, pointer).await?;
            }
            _ => {}
        }
        Ok(moved)
    }

    /// Puts the version before away and then points the model at this one, in this order, so that a repetition still finds the old one.
    ///
    /// One that was held up here until a later version had taken its place must not put that one away: the model's entry is read first and the version after it, so that an entry that is still the same when it is written is of a time when this version was in production.
    pub(crate) async fn take_place(
        &self,
        model: &str,
        version: u32,
        by: &str,
    ) -> Result<(), Error> {
        records::until_written(&self.models, model, || async {
            let found = records::read::<RegisteredModel>(&self.models, model).await?;
            let before = found.as_ref().map_or(0, |entry| entry.value.production_version);
            if before == version {
                return Ok(Some(()));
            }
            let mine = self.version(model, version).await?;
            if mine.is_none_or(|mine| mine.stage() != ModelStage::Production) {
                return Ok(Some(()));
            }
            if before != 0 {
                let reason = format!("version {version} took its place");
                match self.step(model, before, ModelStage::Archived, by, &reason).await {
                    Ok(_) | Err(Error::UnknownVersion { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            let entry = found.as_ref().map_or_else(
                || RegisteredModel { model: model.to_owned(), ..RegisteredModel::default() },
                |found| found.value.clone(),
            );
            let entry = RegisteredModel { production_version: version, ..entry };
            let written = records::replace(&self.models, model, found.as_ref(), entry).await?;
            Ok(written.map(|_| ()))
        })
        .await
    }

    async fn point(
        &self,
        model: &str,
        pointer: impl Fn(&mut RegisteredModel),
    ) -> Result<RegisteredModel, Error> {
        let changed = records::change(&self.models, model, |found: Option<&RegisteredModel>| {
            let mut entry = found.cloned().unwrap_or_else(|| RegisteredModel {
                model: model.to_owned(),
                ..RegisteredModel::default()
            });
            pointer(&mut entry);
            Ok::<_, std::convert::Infallible>(entry)
        });
        infallible(changed.await)
    }

    pub(crate) async fn step(
        &self,
        model: &str,
        version: u32,
        to: ModelStage,
        by: &str,
        reason: &str,
    ) -> Result<ModelVersion, Error> {
        let unknown = || Error::UnknownVersion { model: model.to_owned(), version };
        let key = version_key(model, version);
        let changed = records::change(&self.models, &key, |found: Option<&ModelVersion>| {
            let mut record = found.cloned().ok_or_else(unknown)?;
            let from = record.stage();
            if from == to {
                return Ok(record);
            }
            if !is_legal(from, to) {
                return Err(Error::IllegalTransition {
                    model: model.to_owned(),
                    version,
                    from,
                    to,
                });
            }
            record.transitions.push(StageTransition {
                from: from.into(),
                to: to.into(),
                at: Some(time::timestamp(SystemTime::now())),
                by: by.to_owned(),
                reason: reason.to_owned(),
            });
            record.set_stage(to);
            Ok(record)
        });
        match changed.await {
            Ok(changed) => Ok(changed.value),
            Err(ChangeError::Registry(error) | ChangeError::Refused(error)) => Err(error),
        }
    }

    /// A version, where there is one.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn version(&self, model: &str, version: u32) -> Result<Option<ModelVersion>, Error> {
        let found = records::read(&self.models, &version_key(model, version)).await?;
        Ok(found.map(|found: Revised<ModelVersion>| found.value))
    }

    /// The versions of a model, the oldest first.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn versions(&self, model: &str) -> Result<Vec<ModelVersion>, Error> {
        let of_model = |key: &str| key.split_once('.').is_some_and(|(name, _)| name == model);
        let found = records::read_all::<ModelVersion>(&self.models, of_model).await?;
        let mut versions: Vec<ModelVersion> = found.into_iter().map(|found| found.value).collect();
        versions.sort_by_key(|version| version.version);
        Ok(versions)
    }

    /// A model, where there is one.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn model(&self, model: &str) -> Result<Option<RegisteredModel>, Error> {
        Ok(records::read(&self.models, model).await?.map(|found| found.value))
    }

    /// The models by name.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn models(&self) -> Result<Vec<RegisteredModel>, Error> {
        let is_model = |key: &str| !key.contains('.');
        let found = records::read_all(&self.models, is_model).await?;
        Ok(found.into_iter().map(|found| found.value).collect())
    }
}

fn digest(version: &ModelVersion) -> Option<&str> {
    version.bundle.as_ref().map(|bundle| bundle.sha256.as_str())
}

fn forget_oldest(entry: &mut RegisteredModel) {
    while entry.runs.len() > REMEMBERED_RUNS {
        let oldest = entry.runs.iter().min_by_key(|(_, version)| **version);
        let Some(run) = oldest.map(|(run, _)| run.clone()) else { return };
        entry.runs.remove(&run);
    }
}

fn infallible<T>(
    changed: Result<Revised<T>, ChangeError<std::convert::Infallible>>,
) -> Result<T, Error> {
    match changed {
        Ok(changed) => Ok(changed.value),
        Err(ChangeError::Registry(error)) => Err(error),
        Err(ChangeError::Refused(never)) => match never {},
    }
}
