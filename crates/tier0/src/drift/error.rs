//! Why two files could not be compared.

use std::path::PathBuf;

/// Why two files could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read.
    #[error("cannot read the rows of {}", .path.display())]
    Read {
        /// Path of the file.
        path: PathBuf,
        /// Error of the reader of tables.
        #[source]
        source: dataset::Error,
    },
    /// The file of settings could not be read.
    #[error("cannot read the settings in {}; expected JSON such as {{\"psi\": {{\"warning\": 0.1, \"critical\": 0.25}}}}", .path.display())]
    SettingsFile {
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// A setting is out of its bounds.
    #[error("the settings cannot be used")]
    Settings(#[from] statistics::drift::Error),
    /// The files have no column in common.
    #[error(
        "the files have no column in common: the reference has {}, the other has {}; names have to be equal, case included",
        names(.reference),
        names(.current)
    )]
    NoCommonColumns {
        /// Columns of the reference.
        reference: Vec<String>,
        /// Columns of the other.
        current: Vec<String>,
    },
    /// A column that was asked for is not there.
    #[error("{} has no column `{column}`{}", .path.display(), suggestion(.nearest))]
    NoSuchColumn {
        /// Path of the file.
        path: PathBuf,
        /// Name of the column.
        column: String,
        /// The nearest names that there are.
        nearest: Vec<String>,
    },
    /// A table could not be put together.
    #[error("the columns of a file make no table")]
    Table(#[from] tabular::TableError),
}

fn names(all: &[String]) -> String {
    let shown: Vec<String> = all.iter().take(5).map(|name| format!("`{name}`")).collect();
    let more = all.len().saturating_sub(shown.len());
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn suggestion(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        nearest => format!("; there is {}", names(nearest)),
    }
}
