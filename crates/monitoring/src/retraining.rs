//! Whether an endpoint's model is trained anew, on which rows, and by which request.

pub mod attempt;
mod decide;
pub mod quarantine;
pub mod table;

pub use attempt::{Outcome, is_open};
pub use decide::{Decision, decide};
