//! Why a table could not be loaded.

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
        /// The column's type.
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
        /// The column's type.
        column_type: tabular::ColumnType,
    },
    /// No row is left.
    #[error("the cohort is empty: its criteria leave none of {read} rows")]
    EmptyCohort {
        /// Number of rows of the source.
        read: u64,
    },
    /// The engine failed.
    #[error("the table engine failed: {0}")]
    Engine(#[source] Box<datafusion::error::DataFusionError>),
    /// The engine's threads could not be started.
    #[error("the table engine can't start: {0}")]
    Runtime(#[source] std::io::Error),
}

impl Error {
    /// Whether the same attempt may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Dataset(error) => error.is_transient(),
            Self::Engine(_) | Self::Runtime(_) => true,
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
            | Self::OperatorType { .. } => "cohort_invalid",
            Self::EmptyCohort { .. } => "cohort_empty",
            Self::Engine(_) | Self::Runtime(_) => "table_engine_failed",
        }
    }
}

impl From<datafusion::error::DataFusionError> for Error {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        Self::Engine(Box::new(error))
    }
}

impl From<arrow::error::ArrowError> for Error {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::Dataset(dataset::Error::Arrow(error))
    }
}
