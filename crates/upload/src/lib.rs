//! Tables that callers send: taken into a file, looked at, and stored whole or not at all.
//!
//! ```text
//! parts of a body ─ receive ─▶ a file of this process ─ preview ─▶ columns, targets ─ put ─▶ the artifact store
//!                    │ bounded in bytes      │ what is no table is refused          `artifact:SHA256:BYTES`, as `dataUri`
//! ```
//!
//! Invariants:
//! - What is stored is a table: the whole file was read before, by the readers that agents use.
//! - No part of a table is seen by any other process: the store shows an artifact once all of it is there.
//! - The bytes of a body, the rows of a table and the tables that are taken at a time are bounded; memory is bounded by a column.
//! - Values of columns that hold personal data are in no answer.
//! - The file goes with the request, however that ends.

mod error;
mod preview;
mod receive;
mod target;

use std::sync::Arc;

use artifacts::ArtifactStore;
use artifacts::media_type::UNKNOWN;
use bytes::Bytes;
use dataset::{Format, Location};
use futures::Stream;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::Semaphore;

pub use error::Error;
pub use preview::{MAX_EXAMPLES, MAX_ROWS, PreviewedColumn};
pub use target::{MAX_TARGETS, TargetChoice};

/// Tables that are taken at the same time; another one is refused.
pub const MAX_AT_A_TIME: usize = 2;

/// A table that was stored, and what it looks like.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct UploadedTable {
    /// Where it is, as `dataUri` of a request: `artifact:SHA256:BYTES`.
    pub uri: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Its format, as `dataFormat` of a request.
    pub data_format: String,
    /// Number of rows.
    pub rows: u64,
    /// What was told from the content of the file, such as its delimiter.
    pub notes: Vec<String>,
    /// The columns, in order.
    pub columns: Vec<PreviewedColumn>,
    /// Columns that may be what is to be predicted, the likeliest first; at most 8.
    pub targets: Vec<TargetChoice>,
}

/// What takes tables. Cheap to clone; clones share the bound on how many are taken at a time.
#[derive(Debug, Clone)]
pub struct Uploads {
    store: ArtifactStore,
    max_bytes: u64,
    places: Arc<Semaphore>,
}

impl Uploads {
    /// Takes tables of at most so many bytes into the store.
    #[must_use]
    pub fn new(store: ArtifactStore, max_bytes: u64) -> Self {
        let store = store.without_waiting();
        Self { store, max_bytes, places: Arc::new(Semaphore::new(MAX_AT_A_TIME)) }
    }

    /// Most bytes of a table.
    #[must_use]
    pub const fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Takes a table, part by part, and stores it where it is one. What the format is, is told by the bytes, else by `format`, else by
    /// what the text looks like.
    ///
    /// # Errors
    /// [`Error`]; nothing is stored then.
    pub async fn take<S, E>(&self, parts: S, format: Option<Format>) -> Result<UploadedTable, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::error::Error + Send + Sync + 'static,
    {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Error::Busy)?;
        let file = receive::receive(parts, self.max_bytes).await?;
        let decoded_bytes = self.max_bytes.saturating_mul(preview::MAX_RATIO);
        let store = self.store.clone();
        // What was begun is ended, whether or not it is still waited for: half a table in the store would be in its way, and the place
        // is free when the work is done.
        let work = tokio::spawn(async move {
            let _place = place;
            let looked = move || {
                let preview = preview::preview(file.path(), format, decoded_bytes)?;
                Ok::<_, Error>((preview, file.reopen().map_err(Error::disk)?))
            };
            let looked = tokio::task::spawn_blocking(looked).await;
            let (preview, file) = looked.map_err(Error::Stopped)??;
            let stored = store.put_file(file, UNKNOWN, preview.rows).await?;
            let location =
                Location::Artifact { sha256: stored.sha256.clone(), bytes: stored.bytes };
            Ok(UploadedTable {
                uri: location.to_string(),
                sha256: stored.sha256,
                bytes: stored.bytes,
                data_format: preview.data_format,
                rows: preview.rows,
                notes: preview.notes,
                targets: target::choices(&preview.columns),
                columns: preview.columns,
            })
        });
        work.await.map_err(Error::Stopped)?
    }
}
