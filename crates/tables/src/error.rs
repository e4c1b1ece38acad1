//! Why a table could not be loaded.

use std::path::PathBuf;

use crate::Operator;

/// What a load met.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The place or the structure of the table.
    #[error(transparent)]
    Dataset(#[from] dataset::Error),
    /// A criterion of the cohort names a column that is not there.
    #[error("a criterion of the cohort names the column `{column}`, which the table does not have")]
    NoSuchColumn {
        /// Name of the column.
        column: String,
        /// The nearest names that there are.
        nearest: Vec<String>,
    },
    /// A criterion has the wrong number of operands.
    #[error("the criterion `{}` on column `{column}` takes {expected}, {found} were given", operator.symbol())]
    Operands {
        /// Name of the column.
        column: String,
        /// Comparison of the predicate.
        operator: Operator,
        /// How many it takes.
        expected: &'static str,
        /// How many there are.
        found: usize,
    },
    /// An operand is not of the column's type.
    #[error("operand {position} of the criterion `{}` on column `{column}` is not of its type, {column_type}", operator.symbol())]
    OperandType {
        /// Name of the column.
        column: String,
        /// Comparison of the predicate.
        operator: Operator,
        /// Which operand, from 1.
        position: usize,
        /// Type of the column in the table.
        column_type: tabular::ColumnType,
    },
    /// An operand that means a missing value, which no row has.
    #[error("operand {position} of the criterion `{}` on column `{column}` is a text that counts as a missing value (such as NA, N/A, None, null and ?, and the missing_markers that were given), so no row has it; write another word for it in the table", operator.symbol())]
    OperandMissing {
        /// Name of the column.
        column: String,
        /// Comparison of the predicate.
        operator: Operator,
        /// Which operand, from 1.
        position: usize,
    },
    /// A comparison that the column's type does not have.
    #[error("the criterion `{}` does not apply to column `{column}` of type {column_type}", operator.symbol())]
    OperatorType {
        /// Name of the column.
        column: String,
        /// Comparison of the predicate.
        operator: Operator,
        /// Type of the column in the table.
        column_type: tabular::ColumnType,
    },
    /// A window is measured by a column that has no times.
    #[error(
        "a window of the cohort is measured by the column `{column}` of type {column_type}; it has to hold dates or times"
    )]
    NoTime {
        /// Name of the column.
        column: String,
        /// Type of the column in the table.
        column_type: tabular::ColumnType,
    },
    /// No row is left.
    #[error("the cohort is empty: its criteria leave none of {read} rows")]
    EmptyCohort {
        /// Number of rows of the source.
        read: u64,
    },
    /// More rows than are counted.
    #[error("the table has {found} rows; at most {limit} are taken")]
    TooManyRows {
        /// Number of rows of the source.
        found: u64,
        /// Most rows.
        limit: u64,
    },
    /// What does not fit into memory could not be put aside.
    #[error("values can't be put aside in `{}`: {source}; make room there, or name another directory with spill_directory (TIER0_DATA_PREPARER__SPILL_DIRECTORY)", directory.display())]
    Spill {
        /// Directory of the file.
        directory: PathBuf,
        /// Error that caused this one.
        source: std::io::Error,
    },
}

impl Error {
    /// Whether the same attempt may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Dataset(error) => error.is_transient(),
            _ => false,
        }
    }

    /// A stable identifier of what is wrong.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Dataset(error) => error.code(),
            Self::NoSuchColumn { .. } => "cohort_column_missing",
            Self::Operands { .. }
            | Self::OperandType { .. }
            | Self::OperandMissing { .. }
            | Self::OperatorType { .. }
            | Self::NoTime { .. } => "cohort_invalid",
            Self::EmptyCohort { .. } => "cohort_empty",
            Self::TooManyRows { .. } => "source_too_many_rows",
            Self::Spill { .. } => "spill_failed",
        }
    }
}
