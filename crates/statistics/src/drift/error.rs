//! What can be wrong with sketches and settings.

use thiserror::Error;

use super::report::Kind;

/// Why sketches could not be put together, read or compared.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// Sketches of different kinds.
    #[error("a sketch of {kept} values cannot take one of {added} values")]
    Kinds {
        /// The kind of the one that takes.
        kept: Kind,
        /// The kind of the other.
        added: Kind,
    },
    /// Sketches of a column of different kinds.
    #[error("column `{column}` is {kept} here and {added} in the other sketch")]
    ColumnKinds {
        /// Name of the column.
        column: String,
        /// The kind of the one that takes.
        kept: Kind,
        /// The kind of the other.
        added: Kind,
    },
    /// More rows than can be counted.
    #[error("the sketches have more rows together than can be counted")]
    TooManyRows,
    /// Bytes that are no sketch.
    #[error("the bytes are no sketch of a table: {reason} at byte {at}")]
    Malformed {
        /// Defect of the encoding, in words.
        reason: &'static str,
        /// Offset of the defect in bytes, from 0.
        at: usize,
    },
    /// A sketch of another version.
    #[error("the sketch is of version {found}; this build reads version {read}")]
    Version {
        /// Version of the format that the bytes name.
        found: u8,
        /// Version of the format that this build reads.
        read: u8,
    },
    /// A setting out of its bounds.
    #[error("`{setting}` is {found}; expected {expected}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// Value of the setting, as text.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
}
