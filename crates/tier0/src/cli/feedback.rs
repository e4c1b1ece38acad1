//! Arguments of `feedback`.

use std::path::PathBuf;

use clap::Args;

use super::file::FileArgs;

/// Examples of the command, and what its columns are.
pub(super) const EXAMPLES: &str = "Examples:\n  tier0 feedback churn --data outcomes.csv --entity-column hcp_id --outcome-column churned\n  \
     tier0 feedback churn --data labelled.parquet --request-id-column request_id --outcome-column churned --observed-at-column seen_on\n\n\
     With request ids, the rows of one request are one message, their outcomes in the order of the file, or at the places that\n\
     the column of rows says. With entities, each row is a message. The same file again gives the same messages, which are\n\
     counted once.\n\n\
     Exit codes: 0 all are published; 1 some are not; 2 the file is not right, or there is no such endpoint; 3 no fleet reachable.";

/// Arguments of `feedback`.
#[derive(Debug, Clone, Args)]
pub struct Feedback {
    /// Name of the endpoint
    pub endpoint: String,
    /// The outcomes: CSV, Parquet, JSON Lines or Arrow; a directory or a pattern (part-*.csv) is one table in parts
    #[arg(long, value_name = "F")]
    pub data: PathBuf,
    /// Column with the identity of the request that was answered [default: request_id, where the file has it]
    #[arg(long, value_name = "COLUMN", conflicts_with = "entity_column")]
    pub request_id_column: Option<String>,
    /// Column that says whom an outcome is of [default: entity_id, where the file has it and no request_id]
    #[arg(long, value_name = "COLUMN")]
    pub entity_column: Option<String>,
    /// Column with the row of its request that an outcome is of, from 0 [default: row, where the file has it and request ids]
    #[arg(long, value_name = "COLUMN", conflicts_with = "entity_column")]
    pub row_column: Option<String>,
    /// Column with the outcome
    #[arg(long, value_name = "COLUMN", default_value = "outcome")]
    pub outcome_column: String,
    /// Column with the date or time at which the outcome was observed [default: observed_at, where the file has it]
    #[arg(long, value_name = "COLUMN")]
    pub observed_at_column: Option<String>,
    /// What is stated of the file.
    #[command(flatten)]
    pub file: FileArgs,
}
