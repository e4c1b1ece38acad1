//! Executes feature plans and models: what the model server links, and what training uses as well.
//!
//! ```text
//! request ──rows──▶ Table ──FeatureEncoder──▶ FeatureMatrix ──Model──▶ probabilities ──Scorer──▶ labels
//!                              ▲                                ▲
//!                        FeaturePlan ────────── Bundle ─────────┘
//! ```
//!
//! Invariants:
//! - No I/O, no clock, no randomness, no C++: nothing here can do more than compute.
//! - A bundle is data. Whatever is in it is checked before it is used: digests, sizes, indices, finiteness, cycles.
//! - A row scores to the same bits alone and in a batch, in the trainer and in the server.
//! - Errors name columns, rows and expected types, and never a value.

pub mod bundle;
mod encoded;
mod encoder;
mod ensemble;
mod explain;
mod flags;
mod limits;
mod linear;
mod model;
mod network;
mod prior;
mod rows;
mod scorer;
mod signature;
mod trees;
mod values;

pub use bundle::{Bundle, BundleError, BundleParts, Manifest};
pub use encoded::{CategoryEncoding, CategoryTable, EncodedTrees};
pub use encoder::{EncodeError, FeatureEncoder, Value, explain, transform};
pub use ensemble::{Calibration, EnsembleModel, Member, add_weighted};
pub use explain::{ExplainBy, ExplainError, Explanations};
pub use flags::{ColumnFlags, Flags};
pub use limits::Limits;
pub use linear::{Encoding, LinearEncoding, LinearModel, Link};
pub use model::{Model, ModelError, ModelKind, ModelText};
pub use network::{NetworkLayer, NetworkLink, NetworkModel};
pub use prior::PriorModel;
pub use rows::{CheckRows, EvaluationRows, RowError, rows_to_table, table_to_rows};
pub use scorer::{Predictions, ScoreError, Scorer};
pub use signature::{Signature, SignatureError};
pub use tabular::FeatureMatrix;
pub use trees::{
    ParsePosition, Position, Split, SplitTest, TreeError, TreeLink, TreeModel, TreePart,
};
pub use values::{Leniency, ValueError, ValueReader};
