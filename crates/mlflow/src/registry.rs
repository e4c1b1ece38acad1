//! Registered models, their versions and aliases.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::RetryPolicy;
use crate::tracking::{ABSENT, PRESENT};
use crate::{Client, Error, Tag};

/// A version of a registered model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ModelVersion {
    /// Name of the registered model.
    pub name: String,
    /// The version: MLflow's own count.
    pub version: String,
    /// The run that made it.
    #[serde(default)]
    pub run_id: String,
    /// Where its files are.
    #[serde(default)]
    pub source: String,
    /// Tags of the version, by name.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// Names of the aliases that stand for the version.
    #[serde(default)]
    pub aliases: Vec<String>,
}

#[derive(Deserialize)]
struct VersionResponse {
    model_version: ModelVersion,
}

impl Client {
    /// Makes a registered model, where there is none of that name.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses.
    pub async fn ensure_model(&self, name: &str, tags: &[Tag]) -> Result<(), Error> {
        let body = json!({ "name": name, "tags": tags });
        match self
            .call::<Value>(Method::POST, "registered-models/create", RetryPolicy::Safely, &body)
            .await
        {
            Err(error) if !error.is_code(PRESENT) => Err(error),
            _ => Ok(()),
        }
    }

    /// Makes a version of a registered model from the files at `source`.
    ///
    /// # Errors
    /// Where MLflow does not answer, and then there may be one; or refuses.
    pub async fn create_version(
        &self,
        name: &str,
        source: &str,
        run_id: &str,
        tags: &[Tag],
    ) -> Result<ModelVersion, Error> {
        let body = json!({ "name": name, "source": source, "run_id": run_id, "tags": tags });
        let made: VersionResponse =
            self.call(Method::POST, "model-versions/create", RetryPolicy::Never, &body).await?;
        Ok(made.model_version)
    }

    /// The versions that a filter holds for; of many only the first.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses.
    pub async fn search_versions(&self, filter: &str) -> Result<Vec<ModelVersion>, Error> {
        #[derive(Deserialize)]
        struct SearchResponse {
            #[serde(default)]
            model_versions: Vec<ModelVersion>,
        }
        let found: SearchResponse =
            self.get("model-versions/search", &[("filter", filter)]).await?;
        Ok(found.model_versions)
    }

    /// Sets a tag of a version.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses.
    pub async fn tag_version(&self, version: &ModelVersion, tag: &Tag) -> Result<(), Error> {
        let body = json!({
            "name": version.name,
            "version": version.version,
            "key": tag.key,
            "value": tag.value,
        });
        let _: Value =
            self.call(Method::POST, "model-versions/set-tag", RetryPolicy::Safely, &body).await?;
        Ok(())
    }

    /// The version that an alias stands for.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses.
    pub async fn aliased(&self, name: &str, alias: &str) -> Result<Option<ModelVersion>, Error> {
        match self
            .get::<VersionResponse>("registered-models/alias", &[("name", name), ("alias", alias)])
            .await
        {
            Ok(found) => Ok(Some(found.model_version)),
            Err(error) if error.is_code(ABSENT) || error.is_code("INVALID_PARAMETER_VALUE") => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Has an alias stand for a version.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses.
    pub async fn set_alias(&self, version: &ModelVersion, alias: &str) -> Result<(), Error> {
        let body = json!({ "name": version.name, "alias": alias, "version": version.version });
        let _: Value =
            self.call(Method::POST, "registered-models/alias", RetryPolicy::Safely, &body).await?;
        Ok(())
    }

    /// Has an alias stand for nothing.
    ///
    /// # Errors
    /// Where MLflow does not answer or refuses.
    pub async fn delete_alias(&self, name: &str, alias: &str) -> Result<(), Error> {
        let body = json!({ "name": name, "alias": alias });
        // As MLflow's own client does: said in both places. Names of models and aliases need no quoting.
        let function = format!("registered-models/alias?name={name}&alias={alias}");
        let _: Value = self.call(Method::DELETE, &function, RetryPolicy::Safely, &body).await?;
        Ok(())
    }
}
