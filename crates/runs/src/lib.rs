//! What became of each run, read from the stream, and what may be done to it.
//!
//! ```text
//! stream TIER0 ──Feed──▶ Ledger::apply ──▶ Ledger ──▶ RunView
//! stream TIER0 ──Feed──▶ Timeline::take ──▶ Transition, of one run
//! stream TIER0 ──Feed──▶ History ──▶ recovery ──▶ Control ──▶ next message of the run's chain
//! ```
//!
//! The orchestrator holds a ledger of all runs and answers from it; the command line folds the same stream with the same code
//! where no orchestrator answers.
//!
//! Invariants:
//! - [`ledger`], [`timeline::Timeline`], [`attention`] and [`recovery`] are pure: no clock and no I/O.
//! - Reading leaves nothing behind: [`feed::Feed`] acknowledges nothing.
//! - What is done to a run is published on the condition that its chain has not grown since it was read: a run has one end, whichever process
//!   acts on it.

pub mod attention;
pub mod control;
pub mod feed;
pub mod ledger;
pub mod recovery;
pub mod timeline;
