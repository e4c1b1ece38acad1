//! Arguments of `predict`.

use std::path::PathBuf;

use clap::Args;

use super::file::FileArgs;

/// Arguments of `predict`.
#[derive(Debug, Clone, Args)]
pub struct Predict {
    /// Name of the endpoint
    pub endpoint: String,
    /// The rows: CSV, Parquet, JSON Lines or Arrow; a directory or a pattern (part-*.csv) is one table in parts
    #[arg(long, value_name = "F")]
    pub data: PathBuf,
    /// Where the predictions go, as CSV, or as the ending .jsonl or .parquet says [default: standard output, as CSV]
    #[arg(long, value_name = "F")]
    pub out: Option<PathBuf>,
    /// Rows of one request
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub batch: u32,
    /// Say why: what each column contributes to the margin of each row
    #[arg(long)]
    pub explain: bool,
    /// Write the columns `request_id` and `row`, by which outcomes can be told later
    #[arg(long)]
    pub ids: bool,
    /// The column that says whom a row is about, by which outcomes can be told later
    #[arg(long, value_name = "COLUMN")]
    pub entity_column: Option<String>,
    /// What is stated of the file.
    #[command(flatten)]
    pub file: FileArgs,
}
