//! Experiments, runs and their artifacts.

use bytes::Bytes;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::client::RetryPolicy;
use crate::records::{Dataset, Metric, Param, RunStatus, Tag};
use crate::{Client, Error};

/// Most metrics of one request.
const METRICS: usize = 900;
/// Most parameters, and most tags, of one request.
const PARAMS: usize = 100;
/// Most runs of one answer.
const PAGE: usize = 1_000;
/// Most answers that a search asks for.
const PAGES: usize = 20;

/// Codes of refusals that say how things are.
pub(crate) const ABSENT: &str = "RESOURCE_DOES_NOT_EXIST";
pub(crate) const PRESENT: &str = "RESOURCE_ALREADY_EXISTS";

/// An experiment, as MLflow answers it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Experiment {
    /// Identifier that MLflow gave the experiment.
    pub experiment_id: String,
    /// Lifecycle stage of the experiment: `active` or `deleted`.
    #[serde(default)]
    pub lifecycle_stage: String,
}

/// A run, as MLflow answers it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Run {
    /// Id, status and artifact URI of the run.
    pub info: RunInfo,
    /// What was told of it.
    #[serde(default)]
    pub data: RunData,
}

/// What a run is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RunInfo {
    /// Identifier that MLflow gave the run.
    pub run_id: String,
    /// How it is, or how it ended.
    pub status: RunStatus,
    /// Where its artifacts are.
    #[serde(default)]
    pub artifact_uri: String,
}

/// What was told of a run.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RunData {
    /// Metrics: the last value of each.
    pub metrics: Vec<Metric>,
    /// Parameters of the run, by name.
    pub params: Vec<Param>,
    /// Tags of the run, by name.
    pub tags: Vec<Tag>,
}

impl Run {
    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.data.tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
    }
}

#[derive(Serialize)]
struct NewRun<'a> {
    experiment_id: &'a str,
    run_name: &'a str,
    start_time: i64,
    tags: &'a [Tag],
}

#[derive(Serialize)]
struct Batch<'a> {
    run_id: &'a str,
    params: &'a [Param],
    metrics: &'a [Metric],
    tags: &'a [Tag],
}

#[derive(Deserialize)]
struct RunResponse {
    run: Run,
}

#[derive(Deserialize)]
struct Runs {
    #[serde(default)]
    runs: Vec<Run>,
    #[serde(default)]
    next_page_token: Option<String>,
}

impl Client {
    /// The experiment of a name.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses.
    pub async fn experiment(&self, name: &str) -> Result<Option<Experiment>, Error> {
        #[derive(Deserialize)]
        struct ExperimentResponse {
            experiment: Experiment,
        }
        let query = [("experiment_name", name)];
        match self.get::<ExperimentResponse>("experiments/get-by-name", &query).await {
            Ok(found) => Ok(Some(found.experiment)),
            Err(error) if error.is_code(ABSENT) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes an experiment, and answers its id.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses, as it does where there is one of that name.
    pub async fn create_experiment(&self, name: &str, tags: &[Tag]) -> Result<String, Error> {
        #[derive(Deserialize)]
        struct CreatedExperiment {
            experiment_id: String,
        }
        let body = json!({ "name": name, "tags": tags });
        let made: CreatedExperiment =
            self.call(Method::POST, "experiments/create", RetryPolicy::Never, &body).await?;
        Ok(made.experiment_id)
    }

    /// The runs of an experiment that a filter holds for.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses.
    pub async fn search_runs(&self, experiment: &str, filter: &str) -> Result<Vec<Run>, Error> {
        let mut found = Vec::new();
        let mut page: Option<String> = None;
        for _ in 0..PAGES {
            let mut body = json!({
                "experiment_ids": [experiment],
                "filter": filter,
                "max_results": PAGE,
            });
            if let (Some(page), Value::Object(body)) = (page, &mut body) {
                body.insert("page_token".to_owned(), page.into());
            }
            let answer: Runs =
                self.call(Method::POST, "runs/search", RetryPolicy::Safely, &body).await?;
            found.extend(answer.runs);
            page = answer.next_page_token.filter(|token| !token.is_empty());
            if page.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// Makes a run.
    ///
    /// # Errors
    /// Where MLflow does not answer, and then there may be one; or refuses.
    pub async fn create_run(
        &self,
        experiment_id: &str,
        run_name: &str,
        start_time: i64,
        tags: &[Tag],
    ) -> Result<Run, Error> {
        let body = NewRun { experiment_id, run_name, start_time, tags };
        let made: RunResponse =
            self.call(Method::POST, "runs/create", RetryPolicy::Never, &body).await?;
        Ok(made.run)
    }

    /// A run.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses.
    pub async fn run(&self, run_id: &str) -> Result<Run, Error> {
        Ok(self.get::<RunResponse>("runs/get", &[("run_id", run_id)]).await?.run)
    }

    /// Tells what is known of a run, in as many requests as that takes; what is told again stays as it is.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses, as it does where a parameter has another value.
    pub async fn log(
        &self,
        run_id: &str,
        params: &[Param],
        metrics: &[Metric],
        tags: &[Tag],
    ) -> Result<(), Error> {
        let (params, metrics, tags) =
            (params.chunks(PARAMS), metrics.chunks(METRICS), tags.chunks(PARAMS));
        let empty = Batch { run_id, params: &[], metrics: &[], tags: &[] };
        let batches = params.map(|params| Batch { params, ..empty });
        let batches = batches.chain(metrics.map(|metrics| Batch { metrics, ..empty }));
        for batch in batches.chain(tags.map(|tags| Batch { tags, ..empty })) {
            let _: Value =
                self.call(Method::POST, "runs/log-batch", RetryPolicy::Safely, &batch).await?;
        }
        Ok(())
    }

    /// Tells which data a run has trained on.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses.
    pub async fn log_input(&self, run_id: &str, dataset: &Dataset) -> Result<(), Error> {
        let tags = [Tag::new("mlflow.data.context", "training")];
        let body = json!({ "run_id": run_id, "datasets": [{ "tags": tags, "dataset": dataset }] });
        let _: Value =
            self.call(Method::POST, "runs/log-inputs", RetryPolicy::Safely, &body).await?;
        Ok(())
    }

    /// Ends a run.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses.
    pub async fn end_run(
        &self,
        run_id: &str,
        status: RunStatus,
        end_time: i64,
    ) -> Result<(), Error> {
        let body = json!({ "run_id": run_id, "status": status, "end_time": end_time });
        let _: Value = self.call(Method::POST, "runs/update", RetryPolicy::Safely, &body).await?;
        Ok(())
    }

    /// Puts a file among the artifacts of a run, through the server.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses, or keeps artifacts where only its own clients can put them.
    pub async fn upload(&self, run: &Run, path: &str, content: Bytes) -> Result<(), Error> {
        let root = proxied(&run.info.artifact_uri)?;
        self.put_file(&format!("{root}/{path}"), content).await
    }
}

/// The path of artifacts that go through the server: `mlflow-artifacts:/1/RUN/artifacts`, or with a server's name.
fn proxied(uri: &str) -> Result<&str, Error> {
    let (scheme, rest) = uri.split_once(':').unwrap_or(("file", uri));
    if scheme != "mlflow-artifacts" {
        return Err(Error::Artifacts { scheme: scheme.to_owned() });
    }
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.split_once('/').map_or("", |(_, path)| path),
        None => rest,
    };
    Ok(path.trim_matches('/'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn artifacts_go_through_the_server_or_not_at_all() {
        assert_eq!(proxied("mlflow-artifacts:/1/r/artifacts").unwrap(), "1/r/artifacts");
        assert_eq!(proxied("mlflow-artifacts://h:1/2/r/artifacts").unwrap(), "2/r/artifacts");
        assert!(matches!(proxied("s3://b/1"), Err(Error::Artifacts { scheme }) if scheme == "s3"));
        assert!(matches!(proxied("/mlruns/1"), Err(Error::Artifacts { .. })));
    }
}
