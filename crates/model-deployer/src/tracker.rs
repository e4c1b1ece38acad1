//! Whether the MLflow server that is configured is there. A deployment does not depend on it; that it is not is told.

use contracts::messages::{HandoffStatus, Warning};
use contracts::{Agent, failures};
use mlflow::MlflowConfig;
use stage::StageResult;

/// The same result, PARTIAL and with a warning where the MLflow server does not answer within the time that is configured for that.
pub(crate) async fn noted(done: StageResult, config: &MlflowConfig) -> StageResult {
    match warning(config).await {
        None => done,
        Some(warning) => {
            StageResult { status: HandoffStatus::Partial, ..done }.with_warnings(vec![warning])
        }
    }
}

async fn warning(config: &MlflowConfig) -> Option<Warning> {
    let error = mlflow::probe(config).await.err()?;
    let why = failures::with_causes(&error);
    tracing::warn!(
        error = why,
        "MLflow does not answer; the orchestrator tells it of the run later"
    );
    Some(Warning {
        code: "mlflow_unreachable".to_owned(),
        message: format!(
            "MLflow does not answer, so the run and its version are not there yet; the orchestrator tells it of them as soon as it does ({why})"
        ),
        agent: Agent::ModelDeployer.to_string(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::time::{Duration, Instant};

    use contracts::stages::Deployment;
    use tokio::net::TcpListener;

    use super::*;

    fn done() -> StageResult {
        StageResult::success(Deployment::default())
    }

    #[tokio::test]
    async fn nothing_is_asked_where_no_server_is_configured() {
        let noted = noted(done(), &MlflowConfig::default()).await;
        assert_eq!(noted.status, HandoffStatus::Success);
        assert!(noted.warnings.is_empty());
    }

    #[tokio::test]
    async fn a_server_that_takes_the_connection_and_says_nothing_is_waited_for_within_the_bound() {
        // A client that connects waits in the listener's queue for ever.
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = MlflowConfig {
            tracking_uri: Some(format!("http://{}", silent.local_addr().unwrap()).into()),
            probe_seconds: 0.3,
            ..MlflowConfig::default()
        };
        let start = Instant::now();
        let noted = noted(done(), &config).await;
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        assert_eq!(noted.status, HandoffStatus::Partial);
        let codes: Vec<&str> = noted.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(codes, ["mlflow_unreachable"]);
    }
}
