//! Faults at random but repeatable: a schedule drawn from a seed, and the processes of a fleet that it strikes.
//!
//! Nothing here knows what the fleet does; the example `chaos` gives it runs and looks at what became of them.

mod processes;
mod schedule;

pub use processes::{Paused, Processes};
pub use schedule::{Action, BROKER, Fault, Schedule, StrikeRate};
