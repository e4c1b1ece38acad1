//! Arguments of `retraining`.

use clap::{Args, Subcommand};

/// Arguments of `retraining`.
#[derive(Debug, Args)]
pub struct Retraining {
    /// Subcommand to run.
    #[command(subcommand)]
    pub command: RetrainingCommand,
}

/// Subcommands of `tier0 retraining`.
#[derive(Debug, Subcommand)]
pub enum RetrainingCommand {
    /// The attempts of every endpoint, or of one, the newest first
    #[command(
        after_help = "Examples:\n  tier0 retraining list\n  tier0 retraining list churn --json"
    )]
    List {
        /// Name of the endpoint
        endpoint: Option<String>,
    },
    /// The newest attempt of an endpoint with its cause, its rows and what the re-validation found; or another one
    #[command(after_help = "Example:\n  tier0 retraining show churn")]
    Show {
        /// Name of the endpoint
        endpoint: String,
        /// The attempt [default: the newest]
        request_id: Option<String>,
    },
    /// Let a proposed retraining be requested
    #[command(
        after_help = "Examples:\n  tier0 retraining approve churn\n  tier0 retraining approve churn retrain-churn-1 --note \"expected\"\n\n\
                      Exit codes: 0 approved; 2 no attempt that waits for approval."
    )]
    Approve(RetrainingAnswer),
    /// Refuse a proposed retraining
    #[command(
        after_help = "Example:\n  tier0 retraining decline churn --note \"the feed was broken\"\n\n\
                      Exit codes: 0 declined; 2 no attempt that waits for approval."
    )]
    Decline(RetrainingAnswer),
}

/// Arguments of `retraining approve` and `retraining decline`.
#[derive(Debug, Clone, Args)]
pub struct RetrainingAnswer {
    /// Name of the endpoint
    pub endpoint: String,
    /// The attempt [default: the newest that waits for approval]
    pub request_id: Option<String>,
    /// Reason, kept with the attempt
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub note: String,
}
