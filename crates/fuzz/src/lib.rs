//! What outsiders can send, given to the code that reads it.
//!
//! ```text
//!   corpus ─┬─▶ libFuzzer (src/bin/fuzz-driver.rs, coverage of our crates) ─┐
//!           └─▶ Mutator (seeded, in the tests) ──────────────────────────────┴─▶ Target::run ─▶ nothing, or a panic
//! ```
//!
//! Invariants:
//! - A target takes any bytes and ends: it panics where a promise of the code is broken, never for what is malformed.
//! - A run takes at most [`memory::LIMIT`] bytes beyond what was taken before it; one that asks for more ends the process.
//! - The corpus holds valid and plainly wrong inputs of our own formats, and nothing that makes a decoder of others fail.

pub mod memory;
mod mutate;
mod targets;

pub use mutate::Mutator;
pub use targets::{ALL, LONGEST, Target};
