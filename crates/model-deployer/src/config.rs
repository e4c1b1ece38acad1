//! Configuration of the model-deployer.

use std::path::PathBuf;

use mlflow::MlflowConfig;
use process::{CheckConfig, ClientTls, FileProblems};
use serde::{Deserialize, Serialize};

/// Configuration, under the keys `deploy.…` and `mlflow.…`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Time limits and tolerance of a deployment, under the keys `deploy.…`.
    pub deploy: Deploy,
    /// The MLflow server, of which it is told where it does not answer.
    pub mlflow: MlflowConfig,
}

/// Time limits and tolerance of a deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Deploy {
    /// Seconds to wait for a model server to be there.
    pub server_seconds: f64,
    /// Seconds that servers may take to load green.
    pub load_seconds: f64,
    /// Seconds that servers may take to follow the switch.
    pub switch_seconds: f64,
    /// Seconds to wait for another run's deployment to the same endpoint.
    pub turn_seconds: f64,
    /// Seconds after which another run's green, untouched, is taken to be abandoned.
    pub abandoned_seconds: f64,
    /// Seconds in which every server has to have answered the check; one that is started again meanwhile is asked again.
    pub check_seconds: f64,
    /// Seconds that one request of the check may take.
    pub request_seconds: f64,
    /// Greatest difference between a served and the trainer's own prediction.
    pub tolerance: f64,
    /// File with the bearer token of the model servers, where they need one.
    pub token_file: Option<PathBuf>,
    /// TLS to the model servers: whom to trust besides the system's authorities, and the certificate to show.
    pub tls: ClientTls,
}

impl Default for Deploy {
    fn default() -> Self {
        Self {
            server_seconds: 20.0,
            load_seconds: 120.0,
            switch_seconds: 30.0,
            turn_seconds: 60.0,
            abandoned_seconds: 300.0,
            check_seconds: 60.0,
            request_seconds: 10.0,
            tolerance: 1e-9,
            token_file: None,
            tls: ClientTls::default(),
        }
    }
}

impl CheckConfig for Config {
    fn problems(&self) -> Vec<String> {
        let deploy = &self.deploy;
        let mut problems = self.mlflow.problems();
        problems.extend(deploy.tls.problems("deploy.tls"));
        for (key, seconds) in [
            ("server_seconds", deploy.server_seconds),
            ("load_seconds", deploy.load_seconds),
            ("switch_seconds", deploy.switch_seconds),
            ("turn_seconds", deploy.turn_seconds),
            ("abandoned_seconds", deploy.abandoned_seconds),
            ("check_seconds", deploy.check_seconds),
            ("request_seconds", deploy.request_seconds),
        ] {
            if !(seconds > 0.0 && seconds <= 86_400.0) {
                problems.push(format!(
                    "deploy.{key}: is {seconds}; expected more than 0 and at most 86400"
                ));
            }
        }
        if !(deploy.tolerance >= 0.0 && deploy.tolerance <= 1.0) {
            problems.push(format!("deploy.tolerance: is {}; expected 0 to 1", deploy.tolerance));
        }
        problems
    }

    fn file_problems(&self) -> Vec<String> {
        let mut files = FileProblems::default();
        files.secret("deploy.token_file", self.deploy.token_file.as_ref());
        files.client_tls("deploy.tls", &self.deploy.tls);
        files.secret("mlflow.token_file", self.mlflow.token_file.as_ref());
        files.secret("mlflow.basic_auth_file", self.mlflow.basic_auth_file.as_ref());
        files.into_problems()
    }
}
