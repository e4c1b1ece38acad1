//! Why a table was not taken.

use std::path::PathBuf;

use dataset::Format;

use crate::{MAX_AT_A_TIME, MAX_ROWS};

/// Why a table was not taken. Nothing of it was stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Others are being taken.
    #[error("{MAX_AT_A_TIME} tables are being taken already; send it again in a moment")]
    Busy,
    /// More bytes than are taken.
    #[error(
        "the file has more than {limit} bytes, which are the most that are taken (api.max_upload_bytes); give larger tables by the place where the fleet reads them"
    )]
    TooLarge {
        /// Most bytes.
        limit: u64,
    },
    /// More rows, or cells, than a preview counts.
    #[error(
        "the table has more than {MAX_ROWS} rows, or more than 40 cells for each of these; give larger tables by the place where the fleet reads them"
    )]
    TooManyRows,
    /// The caller stopped, or was too slow.
    #[error("the file was not received whole")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Neither the bytes nor the text look like a table.
    #[error(
        "the format of the file is not known; these are read: {}; name it where it is one of them (`format`)",
        Format::known()
    )]
    UnknownFormat,
    /// The file is compressed as a whole, in a way that is not read.
    #[error(
        "the file is compressed with {codec}; send it uncompressed, with gzip or zstd if it is text, or as Parquet"
    )]
    Compressed {
        /// What it is compressed with.
        codec: &'static str,
    },
    /// The file is no table that can be read.
    #[error(transparent)]
    Table(tables::Error),
    /// The disk of this process.
    #[error("the file could not be held in {}", .directory.display())]
    Disk {
        /// The directory of temporary files.
        directory: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The store did not take it.
    #[error("the file could not be stored")]
    Store(#[from] artifacts::Error),
    /// The work was ended with the process.
    #[error("looking at the file was ended")]
    Stopped(#[source] tokio::task::JoinError),
}

impl Error {
    /// What the disk of temporary files met.
    pub(crate) fn disk(source: std::io::Error) -> Self {
        Self::Disk { directory: std::env::temp_dir(), source }
    }

    /// Whether the file is what is wrong, and not this process or the store.
    #[must_use]
    pub fn is_about_the_file(&self) -> bool {
        match self {
            Self::TooLarge { .. } | Self::TooManyRows => true,
            Self::UnknownFormat | Self::Compressed { .. } => true,
            Self::Table(tables::Error::Dataset(error)) => !error.is_transient(),
            Self::Table(error) => !matches!(error, tables::Error::Spill { .. }),
            _ => false,
        }
    }

    /// Stable code in snake_case, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Busy => "too_many_uploads",
            Self::TooLarge { .. } | Self::TooManyRows => "source_too_large",
            Self::UnknownFormat | Self::Compressed { .. } => "source_format_unknown",
            Self::Body(_) => "upload_incomplete",
            Self::Table(error) => error.code(),
            Self::Disk { .. } | Self::Stopped(_) => "upload_failed",
            Self::Store(error) => error.code(),
        }
    }
}

impl From<tables::Error> for Error {
    fn from(error: tables::Error) -> Self {
        match error {
            tables::Error::Dataset(
                dataset::Error::TooManyRows { .. } | dataset::Error::TooManyCells { .. },
            )
            | tables::Error::TooManyRows { .. } => Self::TooManyRows,
            // What is said of it names the file, and where this process holds it says nothing to the caller.
            tables::Error::Dataset(dataset::Error::UnknownFormat { .. }) => Self::UnknownFormat,
            tables::Error::Dataset(dataset::Error::Compressed { codec, .. }) => {
                Self::Compressed { codec }
            }
            error => Self::Table(error),
        }
    }
}
