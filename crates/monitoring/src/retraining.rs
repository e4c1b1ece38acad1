//! Whether an endpoint's model is trained anew, on which rows, and by which request.

mod decide;
pub mod quarantine;
pub mod table;

pub use decide::{Decision, cause, decide, is_open, request, request_id};
