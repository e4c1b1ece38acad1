//! A small agent in the place of the scope-definer: it does what the request's label `script` says, and notes every
//! call in a file. The tests of the runtime drive it; it also shows how little an agent has to bring.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use agent_runtime::{
    BlockingError, CheckConfig, Classify, Disposition, Resources, Stage, StageContext, StageResult,
    StartError,
};
use contracts::v1::stage_output::Output;
use contracts::{Agent, ValidHandoff, failures, v1};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    /// File that gets a line per call.
    effects: PathBuf,
}

impl CheckConfig for Config {
    fn problems(&self) -> Vec<String> {
        if self.effects.as_os_str().is_empty() {
            return vec!["effects: is empty; expected a file".to_owned()];
        }
        Vec::new()
    }
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("the weather is bad")]
    Weather,
    #[error("the handoff makes no sense")]
    Nonsense,
    #[error("there is no such data set")]
    NoData,
    #[error(transparent)]
    Blocking(#[from] BlockingError),
}

impl Classify for Error {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Weather => Disposition::Retry,
            Self::Nonsense => Disposition::Reject,
            Self::NoData => Disposition::Fail(
                failures::failure("unknown_data_set", self.to_string())
                    .suggesting(["churn".to_owned()]),
            ),
            Self::Blocking(error) => error.disposition(),
        }
    }
}

struct Scripted {
    config: Config,
}

impl Stage for Scripted {
    const AGENT: Agent = Agent::ScopeDefiner;
    type Config = Config;
    type Error = Error;

    async fn new(config: Config, _resources: &Resources) -> Result<Self, StartError> {
        Ok(Self { config })
    }

    async fn handle(&self, input: &ValidHandoff, cx: &StageContext) -> Result<StageResult, Error> {
        self.note(&format!("{} attempt {}", cx.run_id, cx.attempt));
        let script = input.request().labels.get("script").map(String::as_str).unwrap_or_default();
        let (what, number) = script.split_once(':').unwrap_or((script, "0"));
        let number: u32 = number.parse().unwrap_or(0);
        match what {
            "retry" if cx.attempt <= number => return Err(Error::Weather),
            "die" if cx.attempt <= number => std::process::abort(),
            "reject" => return Err(Error::Nonsense),
            "fail" => return Err(Error::NoData),
            "sleep" => tokio::time::sleep(Duration::from_millis(number.into())).await,
            "compute" => {
                let token = cx.cancellation();
                let (progress, path) = (cx.clone(), self.config.effects.clone());
                cx.blocking(move || {
                    for share in 0..number {
                        progress.progress(f64::from(share) / f64::from(number), "computing");
                        if token.is_cancelled() {
                            append(&path, "cancelled");
                            return;
                        }
                        pause();
                    }
                })
                .await?;
            }
            _ => {}
        }
        let metric = if what == "invalid" { String::new() } else { "roc_auc".to_owned() };
        Ok(StageResult::success(Output::Scope(scope(cx, metric))))
    }
}

impl Scripted {
    fn note(&self, line: &str) {
        append(&self.config.effects, line);
    }
}

/// Stands for CPU-bound work; it runs on a thread of its own.
#[allow(clippy::disallowed_methods, reason = "not a thread of the runtime")]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}

fn append(path: &PathBuf, line: &str) {
    let file = std::fs::File::options().create(true).append(true).open(path);
    if let Err(error) = file.and_then(|mut file| writeln!(file, "{line}")) {
        tracing::error!(%error, "cannot note");
    }
}

fn scope(cx: &StageContext, metric: String) -> v1::Scope {
    v1::Scope {
        experiment_id: format!("test-{}", cx.run_id),
        name: "test".to_owned(),
        problem_type: v1::ProblemType::Regression.into(),
        data: Some(v1::DataSource {
            uri: "/data/test.csv".to_owned(),
            ..v1::DataSource::default()
        }),
        target: "y".to_owned(),
        cohort_sha256: "0".repeat(64),
        min_rows: 1,
        metric,
        baseline: "prior".to_owned(),
        time_budget_seconds: 1.0,
        ..v1::Scope::default()
    }
}

fn main() -> ExitCode {
    agent_runtime::main::<Scripted>()
}
