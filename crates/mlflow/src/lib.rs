//! Speaks with an MLflow server, and writes models as it wants them.
//!
//! ```text
//! RunRecord ───────────────▶ Mirror ──look up by tag, create what is missing──▶ Client ──REST──▶ tracking, artifacts, registry
//! onnx::Exported ──ModelDirectory──▶ MLmodel, model.onnx, … ──▲
//! ```
//!
//! Invariants:
//! - What is mirrored twice is there once: a run is looked up by its tags before it is made, a version by its run.
//! - A request is bounded in time and repeated a bounded number of times; one that makes something is never repeated unseen.
//! - Secrets come from files and appear neither in errors nor in `Debug`.
//! - The directory of a model is data: MLflow's own `onnx` flavour loads it, no code of ours.

mod client;
mod config;
mod directory;
mod error;
mod mirror;
mod records;
mod registry;
mod tracking;

pub use client::{Client, probe};
pub use config::MlflowConfig;
pub use directory::{ModelDescription, ModelDirectory};
pub use error::Error;
pub use mirror::{Mirror, ModelRecord, Outcome, RunRecord, TrialRecord};
pub use records::{Dataset, Metric, Param, RunStatus, Tag};
pub use registry::ModelVersion;
pub use tracking::{Experiment, Run};
