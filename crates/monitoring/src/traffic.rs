//! What a model server answered: counts, sketches by time, and failed or slow requests.

pub mod counts;
mod event;
pub mod requests;
pub mod sequences;
pub mod slices;

pub use counts::{NumberedEvent, TrafficCounts};
pub use event::KnownTexts;
pub use requests::{RequestCounts, RequestWatch};
pub use sequences::Sequences;
pub use slices::{Slice, SliceError, SliceId};
