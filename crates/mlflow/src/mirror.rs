//! Brings a run to MLflow, once: looks up what is there, makes what is missing.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::records::{Dataset, Metric, Param, RunStatus, Tag};
use crate::registry::ModelVersion;
use crate::tracking::{PRESENT, Run};
use crate::{Client, Error};

/// Tag of a run: the run of tier0, and how often that was driven.
const RUN: &str = "tier0.run";
/// Tag of a trial: the run that it belongs to.
const TRIAL_OF: &str = "tier0.trial_of";
/// Tag of a trial: its number.
const TRIAL: &str = "tier0.trial";
/// Tag of a run that was told as a whole.
const MIRRORED: &str = "tier0.mirrored";
/// Tag of a version: tier0's number of it.
const VERSION: &str = "tier0.version";
/// Most trials that are told.
const TRIALS: usize = 500;
/// The alias of the version in production.
pub(crate) const CHAMPION: &str = "champion";

/// A run that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// What it is looked up by: run and epoch.
    pub key: String,
    /// Name of the run, shown by MLflow.
    pub name: String,
    /// Status with which the run ended.
    pub status: RunStatus,
    /// When it began, in milliseconds since 1970.
    pub started_at: i64,
    /// Time at which the run ended, in milliseconds since 1970.
    pub ended_at: i64,
    /// Parameters of the run, by name.
    pub params: Vec<Param>,
    /// Metrics of the run, by name.
    pub metrics: Vec<Metric>,
    /// Tags of the run, by name.
    pub tags: Vec<Tag>,
    /// The data that it has read.
    pub dataset: Option<Dataset>,
    /// Its trials, the first first.
    pub trials: Vec<TrialRecord>,
    /// Files by their paths.
    pub artifacts: Vec<(String, Bytes)>,
}

/// A trial of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialRecord {
    /// Number of the trial in the order of the search.
    pub number: u32,
    /// Name of the child run, shown by MLflow.
    pub name: String,
    /// Whether a model could be fitted.
    pub fitted: bool,
    /// Parameters of the run, by name.
    pub params: Vec<Param>,
    /// Metrics of the run, by name.
    pub metrics: Vec<Metric>,
    /// Tags of the trial's run, by name.
    pub tags: Vec<Tag>,
}

/// A version of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRecord {
    /// Name of the model.
    pub name: String,
    /// tier0's number of the version.
    pub version: u32,
    /// Path of the model's directory among the artifacts of the run.
    pub path: String,
    /// Tags of the version, by name.
    pub tags: Vec<Tag>,
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The run was written to MLflow.
    Told,
    /// It had been told before.
    Repeated,
}

/// Tells an MLflow server of runs and versions.
#[derive(Debug)]
pub struct Mirror {
    client: Client,
    experiment: String,
    /// Id of the experiment, once it is known.
    experiment_id: Option<String>,
}

impl Mirror {
    /// A mirror into the experiment of this name.
    #[must_use]
    pub fn new(client: Client, experiment: impl Into<String>) -> Self {
        Self { client, experiment: experiment.into(), experiment_id: None }
    }

    /// The run as it is there, where it was begun; and whether it was told as a whole.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses.
    pub async fn find(&mut self, key: &str) -> Result<Option<(Run, bool)>, Error> {
        let experiment = self.experiment().await?;
        let filter = format!("tags.`{RUN}` = '{}'", literal(key));
        let found = self.client.search_runs(&experiment, &filter).await?;
        let whole = |run: &Run| run.tag(MIRRORED).is_some();
        // Of two that a lost answer has left behind, the one that was told goes first.
        let found = found.into_iter().max_by_key(whole);
        Ok(found.map(|run| {
            let whole = whole(&run);
            (run, whole)
        }))
    }

    /// The run, begun where it was not.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses.
    pub async fn begin(&mut self, record: &RunRecord) -> Result<(Run, bool), Error> {
        if let Some(found) = self.find(&record.key).await? {
            return Ok(found);
        }
        let experiment = self.experiment().await?;
        let mut tags = vec![Tag::new(RUN, &record.key)];
        tags.extend(record.tags.iter().cloned());
        let begun =
            self.client.create_run(&experiment, &record.name, record.started_at, &tags).await;
        // The experiment may have been deleted meanwhile.
        self.experiment_id = begun.is_ok().then_some(experiment);
        Ok((begun?, false))
    }

    /// Tells everything of a run that was begun, and of the version that it made.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses; what was told by then stays, and is told again the next time.
    pub async fn record_run(
        &mut self,
        run: &Run,
        record: &RunRecord,
        model: Option<&ModelRecord>,
    ) -> Result<Outcome, Error> {
        let client = self.client.clone();
        let id = run.info.run_id.as_str();
        client.log(id, &record.params, &record.metrics, &record.tags).await?;
        if let Some(dataset) = &record.dataset {
            client.log_input(id, dataset).await?;
        }
        self.trials(run, record).await?;
        for (path, content) in &record.artifacts {
            client.upload(run, path, content.clone()).await?;
        }
        client.end_run(id, record.status, record.ended_at).await?;
        if let Some(model) = model {
            self.register(run, model).await?;
        }
        client.log(id, &[], &[], &[Tag::new(MIRRORED, "whole")]).await?;
        Ok(Outcome::Told)
    }

    async fn trials(&mut self, run: &Run, record: &RunRecord) -> Result<(), Error> {
        if record.trials.is_empty() {
            return Ok(());
        }
        let experiment = self.experiment().await?;
        let filter = format!("tags.`{TRIAL_OF}` = '{}'", literal(&record.key));
        let there = self.client.search_runs(&experiment, &filter).await?;
        let there: BTreeMap<&str, &Run> =
            there.iter().filter_map(|run| Some((run.tag(TRIAL)?, run))).collect();
        for trial in record.trials.iter().take(TRIALS) {
            let number = trial.number.to_string();
            let begun = match there.get(number.as_str()) {
                Some(begun) if begun.info.status != RunStatus::Running => continue,
                Some(begun) => (*begun).clone(),
                None => {
                    let tags = [
                        Tag::new("mlflow.parentRunId", &run.info.run_id),
                        Tag::new(TRIAL_OF, &record.key),
                        Tag::new(TRIAL, &number),
                    ];
                    let at = record.started_at;
                    self.client.create_run(&experiment, &trial.name, at, &tags).await?
                }
            };
            let id = begun.info.run_id.as_str();
            self.client.log(id, &trial.params, &trial.metrics, &trial.tags).await?;
            let status = if trial.fitted { RunStatus::Finished } else { RunStatus::Failed };
            self.client.end_run(id, status, record.ended_at).await?;
        }
        Ok(())
    }

    async fn register(&self, run: &Run, model: &ModelRecord) -> Result<(), Error> {
        let of_tier0 = [Tag::new("tier0.model", &model.name)];
        self.client.ensure_model(&model.name, &of_tier0).await?;
        let mut tags = vec![Tag::new(VERSION, model.version)];
        tags.extend(model.tags.iter().cloned());
        if let Some(there) = self.version_of_run(&model.name, &run.info.run_id).await? {
            for tag in tags.iter().filter(|tag| !there.tags.contains(tag)) {
                self.client.tag_version(&there, tag).await?;
            }
            return Ok(());
        }
        let source = format!("{}/{}", run.info.artifact_uri.trim_end_matches('/'), model.path);
        self.client.create_version(&model.name, &source, &run.info.run_id, &tags).await?;
        Ok(())
    }

    async fn version_of_run(
        &self,
        name: &str,
        run_id: &str,
    ) -> Result<Option<ModelVersion>, Error> {
        let filter = format!("name = '{}' and run_id = '{}'", literal(name), literal(run_id));
        Ok(self.client.search_versions(&filter).await?.into_iter().next())
    }

    /// Has the alias of the version in production stand for this one, by tier0's number; for nothing, where that is 0.
    /// Answers whether the version is there.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses.
    pub async fn point_champion(&self, name: &str, version: u32) -> Result<bool, Error> {
        let now = self.client.aliased(name, CHAMPION).await?;
        if version == 0 {
            if now.is_some() {
                self.client.delete_alias(name, CHAMPION).await?;
            }
            return Ok(true);
        }
        let tag = Tag::new(VERSION, version);
        if now.is_some_and(|now| now.tags.contains(&tag)) {
            return Ok(true);
        }
        let filter = format!("name = '{}' and tags.`{VERSION}` = '{version}'", literal(name));
        let found = self.client.search_versions(&filter).await?;
        let Some(found) = found.into_iter().max_by_key(|found| found.version.parse::<u64>().ok())
        else {
            return Ok(false);
        };
        self.client.set_alias(&found, CHAMPION).await?;
        Ok(true)
    }

    /// The id of the experiment, which is made where it is not there.
    async fn experiment(&mut self) -> Result<String, Error> {
        if let Some(id) = &self.experiment_id {
            return Ok(id.clone());
        }
        let id = match self.client.experiment(&self.experiment).await? {
            Some(found) => found.experiment_id,
            None => {
                match self.client.create_experiment(&self.experiment, &[]).await {
                    Ok(id) => id,
                    // Another was quicker.
                    Err(error) if error.is_code(PRESENT) => {
                        let found = self.client.experiment(&self.experiment).await?;
                        found.ok_or(error)?.experiment_id
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        self.experiment_id = Some(id.clone());
        Ok(id)
    }
}

/// A text within the quotes of a filter. Names of tier0 have no quotes; what has is not found, and not taken for a filter.
fn literal(text: &str) -> String {
    text.replace('\'', "")
}
