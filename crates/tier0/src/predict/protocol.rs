//! What the command line needs of the Open Inference Protocol (V2), in JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a server says of a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Metadata {
    /// The inputs.
    pub(super) inputs: Vec<TensorMetadata>,
}

/// An input.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct TensorMetadata {
    /// Its name.
    pub(super) name: String,
    /// Its datatype.
    pub(super) datatype: String,
}

/// Rows to be predicted.
#[derive(Debug, Serialize)]
pub(super) struct InferRequest {
    /// A tensor per column.
    pub(super) inputs: Vec<InputTensor>,
}

/// A column.
#[derive(Debug, Serialize)]
pub(super) struct InputTensor {
    /// Its name.
    pub(super) name: String,
    /// The number of rows.
    pub(super) shape: [usize; 1],
    /// Its datatype.
    pub(super) datatype: String,
    /// Its values; null is missing.
    pub(super) data: Vec<Value>,
}

/// Predictions.
#[derive(Debug, Deserialize)]
pub(super) struct InferResponse {
    /// The version that answered.
    #[serde(default)]
    pub(super) model_version: String,
    /// A tensor per output.
    pub(super) outputs: Vec<OutputTensor>,
}

/// An output.
#[derive(Debug, Deserialize)]
pub(super) struct OutputTensor {
    /// Its name.
    pub(super) name: String,
    /// Its values.
    pub(super) data: Vec<Value>,
}
