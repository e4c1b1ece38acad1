//! Which MLflow server, and how it is spoken with.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;
use secret::SecretUrl;
use serde::{Deserialize, Serialize};

/// Which MLflow server, under the keys `mlflow.…`: none, unless `mlflow.tracking_uri` is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MlflowConfig {
    /// Where it is, such as `http://mlflow:5000`.
    pub tracking_uri: Option<SecretUrl>,
    /// Name of the experiment that runs belong to.
    pub experiment: String,
    /// File with a bearer token.
    pub token_file: Option<PathBuf>,
    /// File with `USER:PASSWORD` for HTTP basic authentication; not beside `token_file`.
    pub basic_auth_file: Option<PathBuf>,
    /// Seconds that an answer may take.
    pub timeout_seconds: f64,
    /// Seconds in which it has to answer a deployment that asks whether it is there.
    pub probe_seconds: f64,
    /// Seconds between two looks at which versions are in production.
    pub every_seconds: f64,
}

impl Default for MlflowConfig {
    fn default() -> Self {
        Self {
            tracking_uri: None,
            experiment: "tier0".to_owned(),
            token_file: None,
            basic_auth_file: None,
            timeout_seconds: 30.0,
            probe_seconds: 2.0,
            every_seconds: 5.0,
        }
    }
}

/// Out of range only where the configuration was not checked.
fn seconds(value: f64, otherwise: u64) -> Duration {
    Duration::try_from_secs_f64(value).unwrap_or(Duration::from_secs(otherwise))
}

impl MlflowConfig {
    /// How long an answer may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        seconds(self.timeout_seconds, 30)
    }

    /// How long it may take to say that it is there.
    #[must_use]
    pub fn probe_timeout(&self) -> Duration {
        seconds(self.probe_seconds, 2)
    }

    /// How often it is looked at which versions are in production.
    #[must_use]
    pub fn every(&self) -> Duration {
        seconds(self.every_seconds, 5)
    }

    /// What is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if let Some(uri) = &self.tracking_uri {
            problems.extend(address(uri.expose()).err().map(|what| {
                format!("mlflow.tracking_uri: {what}; expected such as http://mlflow:5000")
            }));
        }
        if self.token_file.is_some() && self.basic_auth_file.is_some() {
            problems.push(
                "mlflow.token_file: is set beside mlflow.basic_auth_file; expected one of them"
                    .to_owned(),
            );
        }
        if self.experiment.trim().is_empty() || self.experiment.len() > 500 {
            problems.push(
                "mlflow.experiment: is empty or longer than 500 bytes; expected a name such as tier0"
                    .to_owned(),
            );
        }
        for (key, value, greatest) in [
            ("timeout_seconds", self.timeout_seconds, 600.0),
            ("probe_seconds", self.probe_seconds, 10.0),
            ("every_seconds", self.every_seconds, 86_400.0),
        ] {
            if !(0.1..=greatest).contains(&value) {
                problems.push(format!("mlflow.{key}: is {value}; expected 0.1 to {greatest}"));
            }
        }
        problems
    }
}

/// A tracking URI as an address. What is wrong with it is told without it: it may hold a password.
pub(crate) fn address(uri: &str) -> Result<Url, &'static str> {
    let url = outgoing::server(uri)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a password; give it in mlflow.basic_auth_file");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_no_password() {
        assert!(MlflowConfig::default().problems().is_empty());
        for (uri, problems) in [
            ("http://mlflow:5000", 0),
            ("https://mlflow/base", 0),
            ("mlflow:5000", 1),
            ("file:///mlruns", 1),
            ("http://me:secret@mlflow", 1),
        ] {
            let config = MlflowConfig { tracking_uri: Some(uri.into()), ..MlflowConfig::default() };
            let found = config.problems();
            assert_eq!(found.len(), problems, "{uri}: {found:?}");
            assert!(!found.concat().contains("secret"), "{found:?}");
        }
        let config = MlflowConfig {
            experiment: " ".into(),
            token_file: Some("a".into()),
            basic_auth_file: Some("b".into()),
            timeout_seconds: 0.0,
            probe_seconds: f64::NAN,
            every_seconds: 0.0,
            ..MlflowConfig::default()
        };
        assert_eq!(config.problems().len(), 5);
    }
}
