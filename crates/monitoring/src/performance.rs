//! How well a version predicts: measured on labelled rows, estimated where there are no outcomes.

pub mod estimate;
mod measure;

pub use measure::{MIN_SEGMENT_ROWS, RowSegments, estimated, measure, segments};
