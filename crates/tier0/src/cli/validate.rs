//! Arguments of `validate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use expectations::ResultFormat;

/// Arguments of `validate`.
#[derive(Debug, Clone, Args)]
pub struct Validate {
    /// The table: CSV, Parquet or JSON Lines
    #[arg(long, value_name = "F")]
    pub data: PathBuf,
    /// The suite of expectations, as Great Expectations 1.x or 0.18 writes it (JSON)
    #[arg(long, value_name = "F", required_unless_present = "suggest")]
    pub suite: Option<PathBuf>,
    /// Write a suite that the table meets to --out, to begin with
    #[arg(long, requires = "out", conflicts_with_all = ["suite", "result_format"])]
    pub suggest: bool,
    /// How much the results tell
    #[arg(long, value_enum, default_value_t = Told::Summary, ignore_case = true)]
    pub result_format: Told,
    /// Texts of CSV that stand for missing values [default: those of pandas, such as NA, NaN, null and nothing at all]
    #[arg(long, value_name = "TEXT,TEXT", value_delimiter = ',')]
    pub missing: Option<Vec<String>>,
    /// Where the JSON document goes besides
    #[arg(long, value_name = "F")]
    pub out: Option<PathBuf>,
}

/// How much results tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Told {
    /// Whether each expectation was met.
    BooleanOnly,
    /// Counts, and up to 20 values.
    Basic,
    /// Up to 20 rows and counts of the values besides.
    Summary,
    /// Up to 200 values, and every row that did not meet the expectation.
    Complete,
}

impl From<Told> for ResultFormat {
    fn from(told: Told) -> Self {
        match told {
            Told::BooleanOnly => Self::BooleanOnly,
            Told::Basic => Self::Basic,
            Told::Summary => Self::Summary,
            Told::Complete => Self::Complete,
        }
    }
}
