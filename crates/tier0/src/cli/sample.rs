//! Arguments of `sample`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use sample::drift::Change;

/// Arguments of `sample`.
#[derive(Debug, Args)]
pub struct Sample {
    /// Subcommand to run.
    #[command(subcommand)]
    pub command: SampleCommand,
}

/// Subcommands of `tier0 sample`, one for each synthetic table.
#[derive(Debug, Subcommand)]
pub enum SampleCommand {
    /// Health-care professionals prescribing brands, and whether they stop
    #[command(
        after_help = "Examples:\n  tier0 sample churn --rows 20000 --seed 42 --out hcp_churn.parquet\n  \
                      tier0 sample churn --rows 5000 --seed 43 --drift both:0.8 --out drifted.csv\n  \
                      tier0 sample churn --rows 20000 --drift labels:0.9 --out poisoned.csv\n\n\
                      Kinds of drift: covariate (months_prescribing, calls_3m, volumes, brands and regions move), concept (what\n\
                      follows from them changes, so that a model of before is wrong), both, missing (values are missing more\n\
                      often), labels (inverted with that probability)."
    )]
    Churn(SampleChurn),
}

/// Arguments of `sample churn`.
#[derive(Debug, Clone, Args)]
pub struct SampleChurn {
    /// Number of rows, 1 to 5,000,000
    #[arg(long, default_value_t = 20_000)]
    pub rows: u64,
    /// Seed; the same seed and drift give the same bytes
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// Change the process: covariate, concept, both, missing or labels, with a strength from 0 to 1; may be given more than
    /// once [strength: 1]
    #[arg(long, value_name = "KIND[:STRENGTH]")]
    pub drift: Vec<Change>,
    /// Where it goes, ending in .csv or .parquet [default: D/data/hcp_churn.csv with --dir and without --drift, else standard output]
    #[arg(long, value_name = "F")]
    pub out: Option<PathBuf>,
}
