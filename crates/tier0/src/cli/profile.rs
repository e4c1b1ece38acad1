//! Arguments of `profile`.

use std::path::PathBuf;

use clap::Args;

use super::file::FileArgs;

/// Arguments of `profile`.
#[derive(Debug, Clone, Args)]
pub struct Profile {
    /// The table: a file, a directory or a pattern of files that are parts of one table
    #[arg(long, value_name = "F")]
    pub data: PathBuf,
    /// Where the profile goes: a page where the name ends with .html, else JSON
    #[arg(long, value_name = "F")]
    pub out: Option<PathBuf>,
    /// What is stated of the file.
    #[command(flatten)]
    pub file: FileArgs,
    /// A text of the table that means a missing value, besides NA, #N/A, null and the like
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub missing_marker: Vec<String>,
}
