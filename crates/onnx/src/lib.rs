//! Writes a bundle as an ONNX model: raw columns in, label and probabilities out, equal to tier0's own.
//!
//! ```text
//! raw columns ─Columns─▶ cleaned numbers and text ids ─Features─▶ doubles ─Margins─▶ margins ─Outputs─▶ prediction, probability_CLASS
//! ```
//!
//! Everything is computed in doubles: trees of `float` put values on the other side of a threshold that was rounded.
//! Sets of categories are the mode `BRANCH_MEMBER` of `ai.onnx.ml` 5, dates are civil arithmetic on whole numbers.
//!
//! Invariants:
//! - What is written is data; the same bundle gives the same bytes.
//! - What could not be written exactly is refused ([`Error`]), never approximated.
//! - What becomes of a text is asked of `scoring` itself, text by text, so that it is not said twice.

mod affine;
mod dates;
mod encoded;
mod features;
mod graph;
mod outputs;
mod proto;
mod texts;
mod trees;

use prost::Message as _;
use scoring::{Bundle, SignatureError};
use tabular::plan::PlanError;
use thiserror::Error;

use features::Features;
use graph::Graph;

/// Version of the operators of ONNX that are used.
pub const OPERATORS: i64 = 20;
/// Version of the operators for classical models that are used.
pub const MODEL_OPERATORS: i64 = 5;
/// Version of the file format that has these operators.
const FORMAT: i64 = 9;

/// Name of the output with the label, or the number.
pub const PREDICTION: &str = "prediction";
/// What stands before a class in the name of the output with its probability.
pub const PROBABILITY: &str = "probability_";

/// A bundle that cannot be written as ONNX.
#[derive(Debug, Error)]
pub enum Error {
    /// The feature plan is not sound.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plan cannot be executed.
    #[error(transparent)]
    Encode(#[from] scoring::EncodeError),
    /// The signature contradicts itself.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// A column has the name of an output.
    #[error("column {column:?} has the name of an output; an ONNX model needs another one")]
    Name {
        /// Name of the column.
        column: String,
    },
    /// Something that ONNX has no exact form of.
    #[error("{what} cannot be written as ONNX")]
    Unsupported {
        /// Part of the bundle, such as a transform.
        what: &'static str,
    },
    /// Parts that do not fit each other.
    #[error("the parts of the bundle do not fit each other: {what}")]
    Misfit {
        /// What does not fit.
        what: &'static str,
    },
}

/// What a tensor holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Numbers: NaN is missing. Booleans that may be missing are 0 and 1, dates and instants microseconds since 1970.
    Double,
    /// Whole numbers that are never missing.
    Long,
    /// True and false that are never missing.
    Boolean,
    /// Texts: the empty one is missing, and so is every marker of the plan.
    Text,
}

/// A tensor that is given or taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// Its name: that of the column, [`PREDICTION`], or [`PROBABILITY`] and a class.
    pub name: String,
    /// What it holds, one value per row.
    pub kind: Kind,
}

/// A model in ONNX.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportedModel {
    /// Content of the file, an ONNX `ModelProto`.
    pub bytes: Vec<u8>,
    /// The raw columns that it needs, in order. Each has the shape `[rows]`, but `[rows, 1]` where there is only one: so does
    /// MLflow give them.
    pub inputs: Vec<Tensor>,
    /// What it answers, each of the shape `[rows]`.
    pub outputs: Vec<Tensor>,
}

/// Writes a bundle as ONNX. The digest of the bundle is noted in the model.
///
/// # Errors
/// Where the bundle is not sound, or has something that ONNX has no exact form of.
pub fn export(bundle: &Bundle, digest: &str) -> Result<ExportedModel, Error> {
    bundle.signature.check()?;
    let mut graph = Graph::default();
    let features = Features::build(&mut graph, &bundle.plan, &bundle.signature)?;
    let outputs = outputs::build(&mut graph, bundle, &features)?;
    let taken = |column: &&Tensor| outputs.iter().any(|output| output.name == column.name);
    if let Some(column) = features.inputs.iter().find(taken) {
        return Err(Error::Name { column: column.name.clone() });
    }
    let about = [
        ("tier0.bundle_sha256", digest),
        ("tier0.algorithm", bundle.manifest.algorithm.as_str()),
        ("tier0.target", bundle.signature.target.as_str()),
    ];
    let single = features.inputs.len() == 1;
    let model = proto::ModelProto {
        ir_version: FORMAT,
        producer_name: "tier0".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(graph.finish(&features.inputs, &outputs, single)),
        opset_import: vec![
            proto::OperatorSetIdProto { domain: String::new(), version: OPERATORS },
            proto::OperatorSetIdProto { domain: graph::ML.to_owned(), version: MODEL_OPERATORS },
        ],
        metadata_props: about.map(proto::StringStringEntryProto::from).to_vec(),
    };
    Ok(ExportedModel { bytes: model.encode_to_vec(), inputs: features.inputs, outputs })
}

#[cfg(test)]
mod tests;
