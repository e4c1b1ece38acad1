//! Decides which features a model is given, and writes that down as a feature plan: data, not code.
//!
//! ```text
//!   prepared data ─▶ gate ─▶ fit on train ─▶ construct ─▶ feature plan ─▶ feature set
//!                     │       (tabular)        │ kept only if they help on validation
//!                     └ the report itself has to say that the data passed
//! ```
//!
//! Invariants:
//! - Data whose quality report did not pass are refused, whatever the message says.
//! - The plan is fitted on the training split alone; validation only decides about constructed features; the test split
//!   and the hold-out are never read.
//! - The target and the entity are never features. The same data and configuration give the same plan, byte for byte.

pub mod analysis;
mod config;
pub mod construct;
mod error;
pub mod gate;
mod probe;
mod stage;
mod sums;
mod unused;

pub use crate::stage::FeatureAnalyzer;
pub use config::{Config, Features};
pub use error::{Error, FeatureError};
