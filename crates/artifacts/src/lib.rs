//! Tables, models and reports, stored under the SHA-256 of their bytes.
//!
//! ```text
//!   put(bytes) ──▶ ArtifactRef {uri, sha256, bytes, media type, rows} ──in a handoff──▶ get(ref) ──▶ the same bytes, checked
//!                     │
//!                     └─ nats://BUCKET · file:///dir · s3:// · gs:// · az://
//! ```
//!
//! Invariants:
//! - A name is the digest of what it names; what is there is never overwritten, by however many writers.
//! - What is read is checked against size and digest before any caller sees it.
//! - A reference is looked up in the store that was configured; its URI never leads anywhere else.
//! - Every operation ends within a time that grows with the size, and reads hold a bounded part in memory unless the caller asks for all of it.

mod content;
mod error;
mod listing;
mod meter;
mod nats;
mod objects;
mod observer;
mod reader;
mod store;

pub use error::{BackendError, Error};
pub use listing::Listed;
pub use meter::{Meter, Metered};
pub use observer::{Moment, Observer};
pub use reader::ArtifactReader;
pub use store::{ArtifactStore, Limits, MAX_BYTES_IN_MEMORY};

/// Media types of what the agents store.
pub mod media_type {
    /// Media type of a table in Parquet.
    pub const PARQUET: &str = "application/vnd.apache.parquet";
    /// A report or a plan.
    pub const JSON: &str = "application/json";
    /// Media type of what a store does not know it of.
    pub const UNKNOWN: &str = "application/octet-stream";
    /// Media type of a bundle, a tar archive.
    pub const BUNDLE: &str = "application/vnd.tier0.bundle+tar";
}
