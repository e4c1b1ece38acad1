//! A table read once and kept where it does not need memory: batches are typed, judged and stored as they come.
//!
//! ```text
//! TableSource ─ schema ─▶ Shape (structure, types of all rows, SHA-256)
//!    └──── parts ─▶ threads: values ─▶ cohort ─▶ digests ─┐
//!                                    StoredTable ◀─ in the order of the rows: repeats, dictionaries, blocks
//!                                       └─▶ one column of all rows, or one block of all columns
//! ```
//!
//! Text becomes a value by [`tabular::parse`] alone. Rows keep the order of the file, so that a row's number means something in a
//! report. What several threads do gives what one would.
//!
//! Memory: the parts that are on their way (a few megabytes for each thread), 8 bytes a row for its number and 24 for its digest
//! where repeats are left out, each distinct text once, and 32 MiB of blocks. The other blocks are in a file without a name in the directory for
//! temporary files, which the system removes with the process at the latest.

mod cohort;
mod dictionary;
mod digest;
mod encoding;
mod error;
mod gather;
mod load;
mod spill;
mod stored;

pub use cohort::Window;
pub use dictionary::Levels;
pub use error::Error;
pub use load::{LoadOptions, LoadedTable, Removal, load};
pub use schema::{Operator, Predicate};
pub use stored::StoredTable;
