//! Models and their versions: moving them from stage to stage, and reading them.

use std::time::SystemTime;

use contracts::v1::{
    ModelStage, ModelVersion, RecordAction, RecordChange, RegisteredModel, StageTransition,
};
use contracts::{is_name, time};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::records::{self, Revisioned};
use crate::registering::infallible;
use crate::stages::is_legal;
use crate::{ChangeError, Error, Registry};

/// The alias of the version in production; the registry moves it.
pub const CHAMPION: &str = "champion";

/// Records that are asked for at the same time.
const MAX_CONCURRENT_READS: usize = 16;

pub(crate) fn version_key(model: &str, version: u32) -> String {
    format!("{model}.{version}")
}

impl Registry {
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
            ModelStage::Production => self.take_place(model, version, by, reason).await?,
            ModelStage::Archived => self.leave_place(model, version, by, reason).await?,
            _ => {}
        }
        Ok(moved)
    }

    /// Puts a version away that was refused, with the code and the message of the refusal.
    ///
    /// # Errors
    /// As [`Registry::transition`].
    pub async fn refuse(
        &self,
        model: &str,
        version: u32,
        by: &str,
        code: &str,
        message: &str,
    ) -> Result<ModelVersion, Error> {
        let to = ModelStage::Archived;
        let legal = |record: &ModelVersion| is_legal(record.stage(), to);
        let why = TransitionReason { code, reason: message };
        let moved = self.step_where(model, version, to, by, why, legal).await?;
        self.leave_place(model, version, by, &why.text()).await?;
        Ok(moved)
    }

    /// Moves a version to another stage, as a person does: production follows the traffic, and what answers is not put away. With `registry_only`, the registry says so whatever answers.
    ///
    /// # Errors
    /// [`Error::TrafficElsewhere`] where it is to be in production and another version answers, [`Error::Answers`], else as [`Registry::transition`].
    pub async fn set_stage(
        &self,
        model: &str,
        version: u32,
        to: ModelStage,
        by: &str,
        reason: &str,
        registry_only: bool,
    ) -> Result<ModelVersion, Error> {
        if to == ModelStage::Archived && !registry_only {
            return self.archive(model, version, by, reason).await;
        }
        if to == ModelStage::Production && !registry_only {
            let others = self.answering(model).await?;
            let others: Vec<_> =
                others.into_iter().filter(|other| other.version != version).collect();
            if !others.is_empty() {
                return Err(Error::TrafficElsewhere { model: model.to_owned(), version, others });
            }
        }
        self.transition(model, version, to, by, reason).await
    }

    /// Puts a version away, unless it answers or is about to.
    ///
    /// # Errors
    /// [`Error::Answers`] where an endpoint's record holds it, else as [`Registry::transition`].
    pub async fn archive(
        &self,
        model: &str,
        version: u32,
        by: &str,
        reason: &str,
    ) -> Result<ModelVersion, Error> {
        let endpoints = self.endpoints_of(model, version).await?;
        let answering: Vec<String> = endpoints
            .into_iter()
            .filter(|held| held.role != crate::Role::Previous)
            .map(|held| held.endpoint)
            .collect();
        if !answering.is_empty() {
            return Err(Error::Answers { model: model.to_owned(), version, endpoints: answering });
        }
        self.transition(model, version, ModelStage::Archived, by, reason).await
    }

    /// Puts the version before away and then points the model at this one, in this order, so that a repetition still finds the old one.
    ///
    /// One that was held up here until a later version had taken its place must not put that one away: the model's entry is read first and the version after it, so that an entry that is still the same when it is written is of a time when this version was in production.
    pub(crate) async fn take_place(
        &self,
        model: &str,
        version: u32,
        by: &str,
        reason: &str,
    ) -> Result<(), Error> {
        records::until_written(&self.models, model, || async {
            let found = records::read::<RegisteredModel>(&self.models, model).await?;
            let before = found.as_ref().map_or(0, |entry| entry.value.production_version);
            if let Some(found) = found.as_ref().filter(|_| before == version) {
                self.ledger.complete(&self.models, model, found).await?;
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
            let mut entry = found.as_ref().map_or_else(
                || RegisteredModel { model: model.to_owned(), ..RegisteredModel::default() },
                |found| found.value.clone(),
            );
            entry.production_version = version;
            entry.aliases.insert(CHAMPION.to_owned(), version);
            entry.latest_version = entry.latest_version.max(version);
            entry.change = Some(record_change(RecordAction::Production, by, reason));
            let written = self.ledger.replace(&self.models, model, found.as_ref(), entry).await?;
            Ok(written.map(|_| ()))
        })
        .await
    }

    /// Where this version was in production, none is.
    async fn leave_place(
        &self,
        model: &str,
        version: u32,
        by: &str,
        reason: &str,
    ) -> Result<(), Error> {
        let change = |found: Option<&RegisteredModel>| {
            let mut entry = found.cloned().unwrap_or_else(|| RegisteredModel {
                model: model.to_owned(),
                ..RegisteredModel::default()
            });
            if entry.production_version == version {
                entry.production_version = 0;
                entry.aliases.remove(CHAMPION);
                entry.change = Some(record_change(RecordAction::Production, by, reason));
            }
            Ok::<_, std::convert::Infallible>(entry)
        };
        infallible(self.ledger.change(&self.models, model, change).await).map(|_| ())
    }

    pub(crate) async fn step(
        &self,
        model: &str,
        version: u32,
        to: ModelStage,
        by: &str,
        reason: &str,
    ) -> Result<ModelVersion, Error> {
        let legal = |record: &ModelVersion| is_legal(record.stage(), to);
        self.step_where(model, version, to, by, TransitionReason { code: "", reason }, legal).await
    }

    /// Moves a version's record to another stage where `legal` says that it may; one that is there already stays as it is.
    pub(crate) async fn step_where(
        &self,
        model: &str,
        version: u32,
        to: ModelStage,
        by: &str,
        why: TransitionReason<'_>,
        legal: impl Fn(&ModelVersion) -> bool,
    ) -> Result<ModelVersion, Error> {
        self.change_version(model, version, |record| {
            let from = record.stage();
            if from == to {
                return Ok(());
            }
            if !legal(record) {
                return Err(Error::IllegalTransition {
                    model: model.to_owned(),
                    version,
                    from,
                    to,
                });
            }
            let change = record_change(RecordAction::Stage, by, &why.text());
            record.transitions.push(StageTransition {
                from: from.into(),
                to: to.into(),
                at: change.at,
                by: by.to_owned(),
                reason: why.reason.to_owned(),
                code: why.code.to_owned(),
            });
            record.set_stage(to);
            record.change = Some(change);
            Ok(())
        })
        .await
    }

    /// Changes a version's record, which has to be there.
    pub(crate) async fn change_version(
        &self,
        model: &str,
        version: u32,
        mut change: impl FnMut(&mut ModelVersion) -> Result<(), Error>,
    ) -> Result<ModelVersion, Error> {
        check(model)?;
        let key = version_key(model, version);
        let changed = self.ledger.change(&self.models, &key, |found: Option<&ModelVersion>| {
            let unknown = || Error::UnknownVersion { model: model.to_owned(), version };
            let mut record = found.cloned().ok_or_else(unknown)?;
            change(&mut record)?;
            Ok(record)
        });
        match changed.await {
            Ok(changed) => Ok(changed.value),
            Err(ChangeError::Registry(error) | ChangeError::Refused(error)) => Err(error),
        }
    }

    /// Changes a model's own record, which has to be there.
    pub(crate) async fn change_model(
        &self,
        model: &str,
        mut change: impl FnMut(&mut RegisteredModel) -> Result<(), Error>,
    ) -> Result<RegisteredModel, Error> {
        check(model)?;
        // Read once and not at each attempt: a version that an alias may name is there before the alias.
        let latest = self.latest(model).await?;
        let changed = self.ledger.change(&self.models, model, |found: Option<&RegisteredModel>| {
            let unknown = || Error::UnknownModel { model: model.to_owned() };
            let before = found.ok_or_else(unknown)?;
            let mut record = before.clone();
            change(&mut record)?;
            if record != *before {
                record.latest_version = record.latest_version.max(latest);
            }
            Ok(record)
        });
        match changed.await {
            Ok(changed) => Ok(RegisteredModel { latest_version: latest, ..changed.value }),
            Err(ChangeError::Registry(error) | ChangeError::Refused(error)) => Err(error),
        }
    }

    /// A version, where there is one.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn version(&self, model: &str, version: u32) -> Result<Option<ModelVersion>, Error> {
        if !is_name(model) {
            return Ok(None);
        }
        let found = records::read(&self.models, &version_key(model, version)).await?;
        Ok(found.map(|found: Revisioned<ModelVersion>| found.value))
    }

    /// The versions of a model, the oldest first: all of them, in memory. [`Registry::versions_before`] gives pages.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn versions(&self, model: &str) -> Result<Vec<ModelVersion>, Error> {
        if !is_name(model) {
            return Ok(Vec::new());
        }
        let mut versions: Vec<ModelVersion> = Vec::new();
        records::scan(&self.models, &format!("{model}.*"), |found| versions.push(found.value))
            .await?;
        versions.sort_by_key(|version| version.version);
        Ok(versions)
    }

    /// At most `limit` versions of a model, the latest first; with `before`, those with smaller numbers. It reads those alone.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn versions_before(
        &self,
        model: &str,
        before: Option<u32>,
        limit: u32,
    ) -> Result<Vec<ModelVersion>, Error> {
        if !is_name(model) {
            return Ok(Vec::new());
        }
        let last = match before {
            Some(before) => before.saturating_sub(1).min(self.latest(model).await?),
            None => self.latest(model).await?,
        };
        let first = last.saturating_sub(limit).saturating_add(1).max(1);
        let numbers = (first..=last).rev();
        let reads = stream::iter(numbers.map(|number| self.version(model, number)));
        let found: Vec<Option<ModelVersion>> =
            reads.buffered(MAX_CONCURRENT_READS).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// A model, where there is one.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn model(&self, model: &str) -> Result<Option<RegisteredModel>, Error> {
        if !is_name(model) {
            return Ok(None);
        }
        match records::read::<RegisteredModel>(&self.models, model).await? {
            Some(found) => self.with_latest(found.value).await.map(Some),
            None => Ok(None),
        }
    }

    /// The models by name.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn models(&self) -> Result<Vec<RegisteredModel>, Error> {
        self.models_after("", None, usize::MAX).await
    }

    /// At most `limit` models by name, with a prefix, behind a name.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn models_after(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<RegisteredModel>, Error> {
        let mut found: Vec<RegisteredModel> = Vec::new();
        records::scan(&self.models, "*", |entry: Revisioned<RegisteredModel>| {
            let name = entry.value.model.as_str();
            if name.starts_with(prefix) && after.is_none_or(|after| name > after) {
                found.push(entry.value);
            }
        })
        .await?;
        found.sort_by(|a, b| a.model.cmp(&b.model));
        found.truncate(limit);
        let full = found.into_iter().map(|entry| self.with_latest(entry));
        let full: Vec<RegisteredModel> =
            stream::iter(full).buffered(MAX_CONCURRENT_READS).try_collect().await?;
        // A run may have died between a model's own record and its first version.
        Ok(full.into_iter().filter(|model| model.latest_version > 0).collect())
    }

    async fn with_latest(&self, entry: RegisteredModel) -> Result<RegisteredModel, Error> {
        self.latest.note_if_there(&entry);
        let latest_version = self.latest(&entry.model).await?;
        Ok(RegisteredModel { latest_version, ..entry })
    }
}

/// Why a version goes to another stage; the code is empty but for a refusal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TransitionReason<'a> {
    pub(crate) code: &'a str,
    pub(crate) reason: &'a str,
}

impl TransitionReason<'_> {
    /// As it is shown.
    pub(crate) fn text(self) -> String {
        let Self { code, reason } = self;
        if code.is_empty() { reason.to_owned() } else { format!("{code}: {reason}") }
    }
}

/// Why a version went to another stage, as it is shown: a refusal's code comes before its message.
#[must_use]
pub fn reason_of(step: &StageTransition) -> String {
    TransitionReason { code: &step.code, reason: &step.reason }.text()
}

/// A change that is made now.
pub(crate) fn record_change(action: RecordAction, by: &str, reason: &str) -> RecordChange {
    RecordChange {
        action: action.into(),
        at: Some(time::timestamp(SystemTime::now())),
        by: by.to_owned(),
        reason: reason.to_owned(),
    }
}

/// A key would take more than a name.
fn check(model: &str) -> Result<(), Error> {
    if is_name(model) { Ok(()) } else { Err(Error::UnknownModel { model: model.to_owned() }) }
}
