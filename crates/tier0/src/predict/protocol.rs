//! What the command line needs of the Open Inference Protocol (V2), in JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a server says of a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Metadata {
    /// The inputs.
    pub(crate) inputs: Vec<TensorMetadata>,
}

/// An input.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct TensorMetadata {
    /// Its name.
    pub(crate) name: String,
    /// Its datatype.
    pub(crate) datatype: String,
}

/// Rows to be predicted.
#[derive(Debug, Serialize)]
pub(crate) struct InferRequest {
    /// What is said beside the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameters: Option<Parameters>,
    /// A tensor per column.
    pub(crate) inputs: Vec<InputTensor>,
}

/// What is said beside the rows.
#[derive(Debug, Serialize)]
pub(crate) struct Parameters {
    /// Whom the rows are about, one text per row; empty where it is not known.
    pub(crate) entity_ids: Vec<String>,
}

/// A column.
#[derive(Debug, Serialize)]
pub(crate) struct InputTensor {
    /// Its name.
    pub(crate) name: String,
    /// The number of rows.
    pub(crate) shape: [usize; 1],
    /// Its datatype.
    pub(crate) datatype: String,
    /// Its values; null is missing.
    pub(crate) data: Vec<Value>,
}

/// Predictions.
#[derive(Debug, Deserialize)]
pub(crate) struct InferResponse {
    /// Identity of the request, by which outcomes can be told.
    #[serde(default)]
    pub(crate) id: String,
    /// The version that answered.
    #[serde(default)]
    pub(crate) model_version: String,
    /// A tensor per output.
    pub(crate) outputs: Vec<OutputTensor>,
}

/// An output.
#[derive(Debug, Deserialize)]
pub(crate) struct OutputTensor {
    /// Its name.
    pub(crate) name: String,
    /// Its values.
    pub(crate) data: Vec<Value>,
}
