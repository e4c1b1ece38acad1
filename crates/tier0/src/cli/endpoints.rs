//! Arguments of `endpoints`.

use clap::{Args, Subcommand};

use super::models::EndpointsHistory;

/// Arguments of `endpoints`.
#[derive(Debug, Args)]
pub struct Endpoints {
    /// Subcommand to run.
    #[command(subcommand)]
    pub command: EndpointsCommand,
}

/// Subcommands of `tier0 endpoints`.
#[derive(Debug, Clone, Subcommand)]
pub enum EndpointsCommand {
    /// All endpoints, sorted by name
    List,
    /// One: its versions, how its requests are divided, and the rollout with its judgements
    #[command(after_help = "Example:\n  tier0 endpoints show churn --json")]
    Show {
        /// Name of the endpoint
        name: String,
    },
    /// How it is watched: counts, drift, performance, and what is wrong with it
    #[command(after_help = "Example:\n  tier0 endpoints monitoring churn --json")]
    Monitoring {
        /// Name of the endpoint
        name: String,
    },
    /// What was done to an endpoint, by whom and why; or which version answered at a time
    #[command(
        after_help = "Examples:\n  tier0 endpoints history churn\n  tier0 endpoints history churn --at 2026-11-25T12:00:00Z --json"
    )]
    History(EndpointsHistory),
    /// Divide its requests among versions, for good
    #[command(
        after_help = "Examples:\n  tier0 endpoints split churn 3=50 2=30 1=20 --reason \"three equals\"\n  \
                      tier0 endpoints split churn 3=70 2=30 --sticky\n  tier0 endpoints split churn 3=100"
    )]
    Split {
        /// Name of the endpoint
        name: String,
        /// Versions with their shares in per cent, such as 2=30; 100 in all
        #[arg(required = true, value_name = "VERSION=PER_CENT", value_parser = portion)]
        shares: Vec<(u32, f64)>,
        /// Give each routing key always the same version
        #[arg(long)]
        sticky: bool,
        /// Reason, kept in the audit log
        #[arg(long, value_name = "TEXT", default_value = "by hand")]
        reason: String,
    },
    /// Let a paused rollout go on, or make the version on trial or mirrored the one that answers
    #[command(
        after_help = "Example:\n  tier0 endpoints promote churn --reason \"the differences are fine\""
    )]
    Promote {
        /// Name of the endpoint
        name: String,
        /// Skip what is left of a paused rollout
        #[arg(long)]
        full: bool,
        /// Reason, kept in the audit log
        #[arg(long, value_name = "TEXT", default_value = "by hand")]
        reason: String,
    },
    /// Take the last step back: end a rollout or a split, or let the version before answer again
    #[command(after_help = "Example:\n  tier0 endpoints rollback churn --reason \"complaints\"")]
    Rollback {
        /// Name of the endpoint
        name: String,
        /// Reason, kept in the audit log
        #[arg(long, value_name = "TEXT", default_value = "by hand")]
        reason: String,
    },
}

/// Parses a share of traffic, `VERSION=PER_CENT`.
fn portion(text: &str) -> Result<(u32, f64), String> {
    let expected = || format!("{text:?}: expected VERSION=PER_CENT, such as 2=30");
    let (version, share) = text.split_once('=').ok_or_else(expected)?;
    let version = version.trim().parse::<u32>().map_err(|_| expected())?;
    let share = share.trim().trim_end_matches('%').parse::<f64>().map_err(|_| expected())?;
    if version == 0 || !(0.0..=100.0).contains(&share) {
        return Err(expected());
    }
    Ok((version, share))
}
