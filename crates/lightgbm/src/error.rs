//! What can go wrong between Rust and LightGBM.

/// An error of a LightGBM call, or of its arguments.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A slice does not have the length that the shape asks for.
    #[error("{what} has {found} values where {expected} were expected")]
    Length {
        /// Name of the argument.
        what: &'static str,
        /// Number of values in the slice.
        found: usize,
        /// The length that fits.
        expected: usize,
    },
    /// A table without rows or columns.
    #[error("{what} has no rows or no columns, at least one of each is needed")]
    Empty {
        /// Name of the argument.
        what: &'static str,
    },
    /// More rows or columns than the library can count.
    #[error("{what} is {found}, LightGBM counts up to {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Number of rows or columns found.
        found: usize,
        /// Greatest number that the library can count.
        limit: usize,
    },
    /// A categorical column that does not exist.
    #[error("categorical column {column} does not exist, the table has {width} columns")]
    CategoricalColumn {
        /// The index that was given.
        column: usize,
        /// The number of columns.
        width: usize,
    },
    /// Training and validation rows of different width.
    #[error("validation rows have {found} columns, the training rows have {expected}")]
    Width {
        /// Columns of the validation rows.
        found: usize,
        /// Columns of the training rows.
        expected: usize,
    },
    /// A label that is not a finite number.
    #[error("the label of row {row} is not a finite number")]
    Label {
        /// The row, from 1; those in memory come first.
        row: usize,
    },
    /// More or fewer rows than there are labels for.
    #[error("the blocks have {found} rows where {expected} were announced")]
    Announced {
        /// Rows of the blocks; of too many, those up to the end of the block that went beyond.
        found: usize,
        /// Number of labels.
        expected: usize,
    },
    /// Rows that come in blocks and could not be had.
    #[error("the rows could not be read block by block")]
    Blocks(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A parameter that is not a finite number.
    #[error("parameter `{name}` is not a finite number")]
    Parameter {
        /// Name of the parameter.
        name: &'static str,
    },
    /// A call from inside an [`crate::Observer`].
    #[error("LightGBM was called again from inside a training observer")]
    Reentered,
    /// A function of the library returned an error.
    #[error("LightGBM's {call} failed: {message}")]
    Library {
        /// Name of the function of LightGBM's C API.
        call: &'static str,
        /// Text of `LGBM_GetLastError`.
        message: String,
    },
    /// The library gave something that it never should.
    #[error("LightGBM's {call} gave {what}")]
    Unexpected {
        /// Name of the function of LightGBM's C API.
        call: &'static str,
        /// Unexpected result, as it stands behind `gave` in the message, such as `no handle`.
        what: &'static str,
    },
}
