//! The definition of what is asked for: a text, a file, or a table with its target.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use contracts::{Agent, Lane, RunId};

use super::checks::ChecksArgs;
use super::file::FileArgs;
use super::learning::LearningArgs;
use super::selection::SelectionArgs;
use super::{ParseReplicasError, seconds};

pub(super) const SUBMIT_EXAMPLES: &str = "Examples:\n  tier0 submit \"Train churn prediction model for Kisqali HCPs\" --wait\n  \
     tier0 submit --data train.csv --target Churn --positive Yes --time-budget 30s --wait --json\n  \
     tier0 submit --data train.csv --target Churn --trials 40 --seed 7 --threshold cost:1:10 --group region --wait\n  \
     tier0 submit --data claims.csv --target cost --loss tweedie --sample-weight exposure --monotone age=increasing\n  \
     tier0 submit --data export.txt --delimiter ';' --decimal , --missing-marker - --target Churn\n  \
     tier0 submit --from churn-1:model-trainer --time-budget 5m --wait\n  \
     tier0 submit --request-file request.json";

pub(super) const RUN_EXAMPLES: &str = "Examples:\n  tier0 run --data train.csv --target Churn --positive Yes --time-budget 30s\n  \
     tier0 run --data prices.csv --target price --quantile 0.9 --max-latency-ms 5\n  \
     tier0 run --data small.csv --target Churn --min-rows 80 --balance-classes\n  \
     tier0 run --data visits.csv --target returned --exclude-column notes --keep-column visit_no --gate roc_auc=0.7\n  \
     tier0 run --data sales.csv --target returned --suite suite.json --rule 'total = price * quantity' --tolerance 0.01 --fill-missing median";

/// What is asked for: a text, a file or a table with its target.
#[derive(Debug, Clone, Default, Args)]
pub struct RequestArgs {
    /// What is wanted, in words; resolved through the catalogue
    #[arg(value_name = "TEXT", conflicts_with_all = ["request_file", "data"])]
    pub text: Option<String>,
    /// File with a ScopeRequest (JSON or protobuf), sent as it is
    #[arg(long, value_name = "F", conflicts_with_all = ["data", "target", "positive", "metric", "time_budget", "name", "until", "seed", "strategy", "rollout", "weight", "allow_input_changes", "from", "skip", "no_cache", "priority", "missing_marker", "FileArgs", "LearningArgs", "SelectionArgs", "ChecksArgs"])]
    pub request_file: Option<PathBuf>,
    /// The table: a path, file://, s3://, gs://, az://, https:// or postgres://HOST/DATABASE?table=TABLE; a directory or a pattern (part-*.csv) is one table in parts
    #[arg(long, value_name = "URI", requires = "target")]
    pub data: Option<String>,
    /// The column to be predicted
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,
    /// Class counted as positive, for a target of two classes
    #[arg(long, value_name = "CLASS")]
    pub positive: Option<String>,
    /// The metric to be optimised, such as roc_auc
    #[arg(long, value_name = "METRIC")]
    pub metric: Option<String>,
    /// Time of the training search, such as 30s or 5m
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub time_budget: Option<f64>,
    /// Name of the model and of its endpoint
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// How the version is brought to traffic
    #[arg(long, value_enum)]
    pub strategy: Option<Strategy>,
    /// File with the plan of the rollout (JSON, a RolloutPlan): steps, gates, limits; see docs/rollouts.md
    #[arg(long, value_name = "F", requires = "strategy")]
    pub rollout: Option<PathBuf>,
    /// Share of the new version in per cent, for ab-test and weighted; its weight in an ensemble
    #[arg(long, value_name = "PER_CENT", requires = "strategy", value_parser = clap::value_parser!(u32).range(1..100))]
    pub weight: Option<u32>,
    /// Let the version take the place of one whose callers it would refuse, as it needs a column more or one of another type
    #[arg(long)]
    pub allow_input_changes: bool,
    /// The last agent to run
    #[arg(long, value_name = "AGENT")]
    pub until: Option<Agent>,
    /// Seed of every random choice
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Begin at a stage, with the outputs that an earlier run has before it; what is not said here is as in that run
    #[arg(long, value_name = "RUN:AGENT", value_parser = start)]
    pub from: Option<Start>,
    /// Leave out a stage that a run can do without (model-selector: the trainer then searches among all algorithms)
    #[arg(long, value_name = "AGENT")]
    pub skip: Vec<Agent>,
    /// Do everything anew: no stage takes the work of an earlier run
    #[arg(long)]
    pub no_cache: bool,
    /// Which runs go first where they wait for the same agent: low, normal or high
    #[arg(long, value_name = "PRIORITY")]
    pub priority: Option<Lane>,
    /// A text of the table that means a missing value, besides NA, #N/A, null and the like
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub missing_marker: Vec<String>,
    /// What is stated of the file.
    #[command(flatten)]
    pub file: FileArgs,
    /// How the model is learned.
    #[command(flatten)]
    pub learning: LearningArgs,
    /// Which rows and columns are learned from, and what the model has to reach.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// What the table has to meet, and what is done to its values.
    #[command(flatten)]
    pub checks: ChecksArgs,
}

/// Where a run begins that goes on from an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Id of the earlier run.
    pub run: RunId,
    /// The stage to begin at.
    pub agent: Agent,
}

/// How a version is brought to traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strategy {
    /// Checked off-traffic, then switched at once; the old version is kept.
    BlueGreen,
    /// A growing share of the requests, each step judged on measured traffic.
    Canary,
    /// Copies of requests; callers never see the answers.
    Shadow,
    /// A share of the routing keys, until one version is significantly better on labelled requests.
    AbTest,
    /// Promoted where it is significantly better than the live version on the same hold-out.
    ChampionChallenger,
    /// A share of the requests, for good.
    Weighted,
    /// Its answer and the live version's become one.
    Ensemble,
}

/// Parses the start of a run, `RUN:AGENT`.
fn start(text: &str) -> Result<Start, ParseStartError> {
    let (run, agent) = text.rsplit_once(':').ok_or(ParseStartError::Form)?;
    let run = RunId::new(run).map_err(|_| ParseStartError::Form)?;
    let agent = agent.parse().map_err(|_| ParseStartError::Agent)?;
    Ok(Start { run, agent })
}

/// A text that names no place to begin at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseStartError {
    /// No run and stage.
    #[error("expected RUN:AGENT, such as churn-1:model-trainer")]
    Form,
    /// The name is that of no agent.
    #[error("{}", ParseReplicasError::Agent)]
    Agent,
}
