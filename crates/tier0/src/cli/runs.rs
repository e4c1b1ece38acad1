//! The definition of `tier0 runs`.

use clap::{Args, Subcommand};
use contracts::Agent;

use super::seconds;

/// Arguments of `runs`.
#[derive(Debug, Args)]
pub struct Runs {
    /// Subcommand to run.
    #[command(subcommand)]
    pub command: RunsCommand,
}

/// Subcommands of `tier0 runs`.
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// Runs of the ledger, the latest first
    #[command(
        after_help = "Examples:\n  tier0 runs list --limit 5 --json\n  tier0 runs list --status failed\n  \
                      tier0 runs list --before churn-1\n  tier0 runs list --search churn"
    )]
    List {
        /// Runs of this status only: queued, running, succeeded, failed or cancelled
        #[arg(long, value_name = "STATUS")]
        status: Option<runs::ledger::RunStatus>,
        /// Most runs, up to 1000
        #[arg(long, default_value_t = 20)]
        limit: usize,
        /// Runs only that were requested before this one: the next page
        #[arg(long, value_name = "RUN")]
        before: Option<String>,
        /// Runs only that have this text in their id, their name or their request
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
    },
    /// One run, and what happened to it
    #[command(
        after_help = "Examples:\n  tier0 runs show churn-1\n  tier0 runs show churn-1 --trials\n  tier0 runs show churn-1 --json"
    )]
    Show {
        /// Id of the run, as `tier0 runs list` shows it
        run_id: String,
        /// With every trial of the search and its hyperparameters
        #[arg(long)]
        trials: bool,
    },
    /// End a run that goes on, the work in progress included
    #[command(
        after_help = "Examples:\n  tier0 runs cancel churn-1\n  tier0 runs cancel churn-1 --reason \"the wrong table\" --json\n\n\
                      Exit codes: 0 cancelled, or it had been before; 2 no such run, or it has ended otherwise."
    )]
    Cancel {
        /// Id of the run, as `tier0 runs list` shows it
        run_id: String,
        /// Why, for the run's record
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Drive a failed or cancelled run anew, from where it ended
    #[command(
        after_help = "Examples:\n  tier0 runs retry churn-1 --wait\n  tier0 runs retry churn-1 --from data-preparer\n\n\
                      Exit codes: 0 begun (with --wait: succeeded); 1 it failed again; 2 no such run, or nothing to repeat."
    )]
    Retry(RunsRetry),
    /// Follow a run to its end
    #[command(after_help = "Example:\n  tier0 runs watch churn-1")]
    Watch {
        /// Id of the run, as `tier0 runs list` shows it
        run_id: String,
        /// Longest wait for the end of the run
        #[arg(long, value_name = "TIME", default_value = "2h", value_parser = seconds)]
        timeout: f64,
    },
}

/// Arguments of `runs retry`.
#[derive(Debug, Clone, Args)]
pub struct RunsRetry {
    /// Id of the run, as `tier0 runs list` shows it
    pub run_id: String,
    /// The stage to begin from, which may be an earlier one [default: the one where it ended]
    #[arg(long, value_name = "AGENT")]
    pub from: Option<Agent>,
    /// Follow the run to its end
    #[arg(long)]
    pub wait: bool,
    /// Longest wait with `--wait`
    #[arg(long, value_name = "TIME", default_value = "2h", value_parser = seconds)]
    pub timeout: f64,
}
