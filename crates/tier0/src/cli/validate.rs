//! Arguments of `validate`.

use std::path::PathBuf;

use clap::Args;
use expectations::Telling;

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
    #[arg(long, requires = "out", conflicts_with_all = ["suite", "result_format", "show_personal"])]
    pub suggest: bool,
    /// How much the results tell: BOOLEAN_ONLY, BASIC, SUMMARY or COMPLETE, or an object as Great Expectations has it, such as
    /// {"result_format": "COMPLETE", "unexpected_index_column_names": ["id"]}
    #[arg(long, value_name = "FORMAT", default_value = "SUMMARY")]
    pub result_format: Telling,
    /// Tell values of columns that look personal, such as addresses of mail, as those of others
    #[arg(long)]
    pub show_personal: bool,
    /// Texts of CSV that stand for missing values [default: those of pandas, such as NA, NaN, null and nothing at all]
    #[arg(long, value_name = "TEXT,TEXT", value_delimiter = ',')]
    pub missing: Option<Vec<String>>,
    /// Another table that the suite names, for expect_table_row_count_to_equal_other_table; again for each
    #[arg(long, value_name = "NAME=F", value_parser = named_file)]
    pub other: Vec<(String, PathBuf)>,
    /// Where the JSON document goes besides
    #[arg(long, value_name = "F")]
    pub out: Option<PathBuf>,
}

/// A name and a file.
fn named_file(text: &str) -> Result<(String, PathBuf), String> {
    let parts = text.split_once('=').filter(|(name, file)| !name.is_empty() && !file.is_empty());
    let (name, file) = parts.ok_or("expected NAME=FILE, such as orders=/data/orders.csv")?;
    Ok((name.to_owned(), file.into()))
}
