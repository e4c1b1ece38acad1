//! Outcomes of predictions: where the prediction was, which rows an outcome is of, and the labelled rows of a version.
//!
//! ```text
//!   feedback ─▶ index: positions of the identity ─▶ events ─▶ matching: rows ─▶ known rows: not yet joined ─▶ labelled rows
//! ```

pub mod index;
pub mod known_rows;
pub mod labelled;
pub mod matching;
mod unmatched;

pub use index::{AnswerPosition, Identity, IndexTail, Segment, SegmentError};
pub use known_rows::{KnownRows, KnownRowsError};
pub use labelled::{Labelled, LabelledError, LabelledRow};
pub use matching::{MatchedRow, known_outcomes, label, match_rows};
pub use unmatched::UnmatchedCount;
