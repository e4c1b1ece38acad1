//! The loop of every agent: all of its process but its decision and the frame, which is the crate `process`.
//!
//! ```text
//!            ┌────────────── Stage::background
//!  config ─▶ bus ─▶ Stage::new ─▶ pull ─▶ decode ─▶ gone on from already? ──yes──────────────────┐
//!                                                     │ no                                       ▼
//!                                                     ▼                         publish_next ─▶ double ack
//!                                 done before, or Stage::handle ─▶ check ─▶ keep ─┘
//! ```
//!
//! Invariants:
//! - Nothing is acknowledged before what follows from it has been stored and confirmed.
//! - What follows is stored only where its input is still the last of its run's chain, so a repeated or late delivery repeats
//!   no effect.
//! - Every error is classified by an exhaustive match: repeated, put aside, or the end of the run.
//! - A run that has ended or was cancelled is not worked on.
//!
//! A binary is `fn main() -> std::process::ExitCode { stage::main::<ModelTrainer>() }`.

mod agent;
mod disposition;
mod events;
mod metrics;
mod stage;
mod worker;

pub use agent::{main, run_stage};
pub use disposition::{Classify, Disposition};
pub use metrics::dead_lettered;
pub use stage::{ArtifactError, Stage, StageContext, StageResult};
