//! What a model met that is not as in most of its training: missing values, and categories that it has not seen.

/// What was met in some rows, by column; columns without any are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// The columns, in the order of the plan.
    pub columns: Vec<ColumnFlags>,
}

/// What was met in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnFlags {
    /// Name of the column.
    pub column: String,
    /// Rows in which it was missing.
    pub missing: usize,
    /// Rows in which it held a category that training had not seen.
    pub unseen: usize,
}

impl Flags {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }
}
