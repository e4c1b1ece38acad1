//! Arguments of `report`, `doctor`, `completions` and `man`.

use std::path::PathBuf;

use clap::Args;

/// Arguments of `report`.
#[derive(Debug, Clone, Args)]
pub struct Report {
    /// Id of the run, as `tier0 runs list` shows it
    pub run_id: String,
    /// Where the page goes [default: RUN.html]
    #[arg(long, value_name = "F")]
    pub out: Option<PathBuf>,
}

/// Arguments of `doctor`.
#[derive(Debug, Clone, Args)]
pub struct Doctor {
    /// With what has to hold where others depend on the fleet: keys, TLS, tokens, replicas, dead letters, alerts
    #[arg(long)]
    pub production: bool,
}

/// Arguments of `completions`.
#[derive(Debug, Clone, Args)]
pub struct Completions {
    /// The shell that completes
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Arguments of `man`.
#[derive(Debug, Clone, Args)]
pub struct Man {
    /// Directory for the pages, which is made where it is missing
    #[arg(long, value_name = "D")]
    pub out: PathBuf,
}
