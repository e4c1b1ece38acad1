//! Arguments of `alerts`.

use api::monitoring::{AlertStateFilter, Kind, Severity};
use clap::{Args, Subcommand};

/// Arguments of `alerts`.
#[derive(Debug, Args)]
pub struct Alerts {
    /// Subcommand to run.
    #[command(subcommand)]
    pub command: AlertsCommand,
}

/// Subcommands of `tier0 alerts`.
#[derive(Debug, Subcommand)]
pub enum AlertsCommand {
    /// Those that are not over, the latest first; or others
    #[command(
        after_help = "Examples:\n  tier0 alerts list --endpoint churn --json\n  tier0 alerts list --state all --kind feature_drift"
    )]
    List(AlertsList),
    /// One, and what became of it
    #[command(after_help = "Example:\n  tier0 alerts show ALERT --json")]
    Show {
        /// Id of the alert, as `tier0 alerts list` shows it
        alert: String,
    },
    /// Say that a person knows
    #[command(
        visible_alias = "acknowledge",
        after_help = "Example:\n  tier0 alerts ack ALERT --note \"a new region; we look into it\""
    )]
    Ack(AlertNote),
    /// Say that it is over
    #[command(
        after_help = "Example:\n  tier0 alerts resolve ALERT --note \"the feed is repaired\""
    )]
    Resolve(AlertNote),
    /// Follow alerts as they are raised, until Ctrl-C
    #[command(
        after_help = "Examples:\n  tier0 alerts watch --endpoint churn\n  tier0 alerts watch --count 1 --timeout 10m --json\n\n\
                      Each is a line on standard output as it comes; with --json, one document at the end has them all.\n\n\
                      Exit codes: 0 ended by --count, --timeout without --count, or a signal; 1 --timeout passed before --count."
    )]
    Watch(AlertsWatch),
}

/// Arguments of `alerts list`.
#[derive(Debug, Clone, Default, Args)]
pub struct AlertsList {
    /// Of this endpoint only
    #[arg(long, value_name = "ENDPOINT")]
    pub endpoint: Option<String>,
    /// Where they stand: open (active or acknowledged), active, acknowledged, resolved or all
    #[arg(long, value_name = "STATE", default_value = "open")]
    pub state: AlertStateFilter,
    /// Of this kind only: feature_drift, prediction_drift, data_quality, performance_degradation, high_error_rate, high_latency or data_validation
    #[arg(long, value_name = "KIND")]
    pub kind: Option<Kind>,
    /// Of this severity only: info, warning or critical
    #[arg(long, value_name = "SEVERITY")]
    pub severity: Option<Severity>,
}

/// Arguments of `alerts ack` and `alerts resolve`.
#[derive(Debug, Clone, Args)]
pub struct AlertNote {
    /// Id of the alert, as `tier0 alerts list` shows it
    pub alert: String,
    /// What there is to say
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub note: String,
}

/// Arguments of `alerts watch`.
#[derive(Debug, Clone, Args)]
pub struct AlertsWatch {
    /// Of this endpoint only
    #[arg(long, value_name = "ENDPOINT")]
    pub endpoint: Option<String>,
    /// Of this kind only
    #[arg(long, value_name = "KIND")]
    pub kind: Option<Kind>,
    /// Of this severity only
    #[arg(long, value_name = "SEVERITY")]
    pub severity: Option<Severity>,
    /// End after so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub count: Option<u32>,
    /// End after this time
    #[arg(long, value_name = "TIME", value_parser = super::seconds)]
    pub timeout: Option<f64>,
}
