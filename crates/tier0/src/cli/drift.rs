//! Arguments of `drift`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::file::FileArgs;

/// Arguments of `drift`.
#[derive(Debug, Clone, Args)]
pub struct Drift {
    /// What the model knows, such as its training data: CSV, Parquet or JSON Lines
    #[arg(long, value_name = "F")]
    pub reference: PathBuf,
    /// What is compared with the reference, such as today's rows: CSV, Parquet or JSON Lines
    #[arg(long, value_name = "F")]
    pub current: PathBuf,
    /// Columns to compare [default: all that both files have]
    #[arg(long, value_name = "COL,COL", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// File with limits and the level of significance (JSON); see docs/monitoring.md
    #[arg(long, value_name = "F")]
    pub settings: Option<PathBuf>,
    /// Whether statistics are exact, or from sketches in bounded memory
    #[arg(long, value_enum, default_value_t = Method::Auto)]
    pub method: Method,
    /// Where the JSON document goes besides
    #[arg(long, value_name = "F")]
    pub out: Option<PathBuf>,
    /// What is stated of both files.
    #[command(flatten)]
    pub file: FileArgs,
}

/// How a drift is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// Exactly up to 200,000 rows in each file, by sketches beyond.
    Auto,
    /// Exactly; both files are held in memory.
    Exact,
    /// By sketches, in bounded memory.
    Sketch,
}
