//! A small agent in the place of the scope-definer, or of the one that `SCRIPTED_AGENT` names: it does what the request's label
//! `script` says, and notes every call in a file. `AGENT/SCRIPT` is a script for one agent alone. The tests of the loop drive
//! it; it also shows how little an agent has to bring.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use contracts::stages::{Output, Scope};
use contracts::{Agent, ValidHandoff, failures, v1, with_stage};
use process::{BlockingError, CheckConfig, Resources, StartError};
use serde::{Deserialize, Serialize};
use stage::{Classify, Disposition, Stage, StageContext, StageResult};

/// Names the agent that is played.
const PLAYED: &str = "SCRIPTED_AGENT";
/// Bytes of an artifact that a script stores.
const STORED: usize = 200_000;

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
    #[error("an artifact could not be stored or read")]
    Artifact(#[from] artifacts::Error),
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
            Self::Artifact(error) => error.disposition(),
        }
    }
}

/// The stage at a place of the pipeline.
struct ScriptedStage<const STAGE: usize> {
    config: Config,
    /// Stands before each note where more than one agent is played.
    player: String,
}

impl<const STAGE: usize> Stage for ScriptedStage<STAGE> {
    const AGENT: Agent = no_op::agent(STAGE);
    type Config = Config;
    type Error = Error;

    async fn new(config: Config, _resources: &Resources) -> Result<Self, StartError> {
        let played = std::env::var(PLAYED).is_ok();
        let player = if played { format!("{} ", Self::AGENT) } else { String::new() };
        Ok(Self { config, player })
    }

    async fn handle(&self, input: &ValidHandoff, cx: &StageContext) -> Result<StageResult, Error> {
        self.note(&format!("{}{} attempt {}", self.player, cx.run_id, cx.attempt));
        let script = input.request().labels.get("script").map(String::as_str).unwrap_or_default();
        let script = match script.split_once('/') {
            Some((agent, script)) if agent == Self::AGENT.as_str() => script,
            Some(_) => "",
            None => script,
        };
        let (what, number) = script.split_once(':').unwrap_or((script, "0"));
        let number: u32 = number.parse().unwrap_or(0);
        match what {
            "retry" if cx.attempt <= number => return Err(Error::Weather),
            "die" if cx.attempt <= number => std::process::abort(),
            "panic" if cx.attempt <= number => break_off(),
            "store" => {
                tokio::time::sleep(Duration::from_millis(number.into())).await;
                cx.artifacts.put(vec![b'x'; STORED].into(), "application/octet-stream", 0).await?;
            }
            "read" => {
                let missing = v1::ArtifactRef {
                    uri: format!("{}/{}", cx.artifacts.uri(), "0".repeat(64)),
                    sha256: "0".repeat(64),
                    bytes: 1,
                    media_type: "application/octet-stream".to_owned(),
                    rows: 0,
                };
                cx.artifacts.get(&missing).await?;
            }
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
        let output = match no_op::output(Self::AGENT) {
            Output::Scope(scope) => {
                let metric = if what == "invalid" { String::new() } else { scope.metric };
                let experiment_id = format!("test-{}", cx.run_id);
                let target = "y".to_owned();
                Output::Scope(Scope { metric, experiment_id, target, ..scope })
            }
            other => other,
        };
        let warnings = if what == "large" { warnings() } else { Vec::new() };
        Ok(StageResult::success(output).with_warnings(warnings))
    }
}

impl<const STAGE: usize> ScriptedStage<STAGE> {
    fn note(&self, line: &str) {
        append(&self.config.effects, line);
    }
}

/// Stands for CPU-bound work; it runs on a thread of its own.
#[allow(clippy::disallowed_methods, reason = "not a thread of the runtime")]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}

/// A defect of a stage.
#[expect(clippy::panic, reason = "the runtime has to bear a stage that panics")]
fn break_off() -> ! {
    panic!("as the script says")
}

fn append(path: &PathBuf, line: &str) {
    let file = std::fs::File::options().create(true).append(true).open(path);
    if let Err(error) = file.and_then(|mut file| writeln!(file, "{line}")) {
        tracing::error!(%error, "cannot note");
    }
}

/// Each may be so long, all of them together may not, compressed or not: their characters follow from nothing before them.
fn warnings() -> Vec<v1::Warning> {
    let mut state = 1_u64;
    let mut character = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'0' + u8::try_from(state >> 58).unwrap_or(0))
    };
    let mut warning = || v1::Warning {
        code: "talkative".to_owned(),
        message: (0..4000).map(|_| character()).collect(),
        ..v1::Warning::default()
    };
    (0..400).map(|_| warning()).collect()
}

fn main() -> ExitCode {
    let agent = std::env::var(PLAYED).unwrap_or_default();
    let agent = agent.parse().unwrap_or(Agent::ScopeDefiner);
    with_stage!(agent, STAGE => stage::main::<ScriptedStage<STAGE>>())
}
