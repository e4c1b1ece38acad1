//! Turns a request into a scope: the whole task, made explicit.
//!
//! ```text
//! tier0.v1.request ─▶ intake ─▶ first handoff                       (intake, replies: the background)
//!                                   │
//!        catalogue ─▶ text ─▶ task ◀┘   which table, target, population      (pure)
//!                              │
//!                     dataset::examine      the target's and the population's real values
//!                              │
//!        problem, criteria, columns, cohort, learning ─▶ stages::Scope                 (pure)
//! ```
//!
//! Invariants:
//! - Nothing is guessed silently: a word that is not understood is a refusal, a default that was chosen is a warning.
//! - The problem type is concluded from the target's values in all rows.
//! - A request is answered once it is durable: the run's first handoff is stored before the caller hears of it.
//! - Refusals name columns, words of the request and catalogue entries, never values of rows.

pub mod catalogue;
mod cohort;
mod columns;
mod config;
mod continued;
mod criteria;
mod define;
mod error;
mod intake;
mod learning;
mod problem;
mod replies;
pub mod rules;
mod stage;
mod task;
mod telemetry;
pub mod text;

pub use crate::stage::ScopeDefiner;
pub use config::{Config, Defaults};
pub use error::Error;
