//! Arguments of `artifacts`.

use clap::{Args, Subcommand};

/// Arguments of `artifacts`.
#[derive(Debug, Args)]
pub struct ArtifactsArgs {
    /// Subcommand to run.
    #[command(subcommand)]
    pub command: ArtifactsCommand,
}

/// Subcommands of `tier0 artifacts`.
#[derive(Debug, Subcommand)]
pub enum ArtifactsCommand {
    /// Show which artifacts nothing names any more, and with --apply remove them
    #[command(
        after_help = "Examples:\n  tier0 artifacts gc\n  tier0 artifacts gc --older-than 90 --runs-within 60 --apply --json\n\n\
                      Stays: what was put lately, what a model, an endpoint or a monitor names now or in a state that is kept, what a run \
                      names that is not over, is recent, or made a registered version, and what a dead letter or monitoring names.\n\
                      The fleet may go on working. The audit log names what is removed (tier0 audit list). The orchestrator does the \
                      same by itself where retention.mode says so.\n\
                      Exit codes: 0 shown or removed; 1 failed; 2 a store or an age that is not allowed; 3 no fleet reachable."
    )]
    Gc(ArtifactsGc),
}

/// Arguments of `artifacts gc`.
#[derive(Debug, Args)]
pub struct ArtifactsGc {
    /// Show what would go, and remove nothing, as without any option
    #[arg(long, conflicts_with = "apply")]
    pub dry_run: bool,
    /// Remove it, after a second look
    #[arg(long)]
    pub apply: bool,
    /// Days since an artifact was last put, from which on it may go
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub older_than: u32,
    /// Artifacts that runs of these last days name stay
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=36_500))]
    pub runs_within: u32,
    /// Time between the two looks before something is removed
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = super::seconds)]
    pub between: f64,
    /// The artifact store, as the processes have it
    #[arg(
        long,
        env = "TIER0__ARTIFACTS__URI",
        value_name = "URI",
        default_value = "nats://TIER0_ARTIFACTS"
    )]
    pub artifact_store: String,
}
