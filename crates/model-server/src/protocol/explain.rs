//! Explanations as the Open Inference Protocol's JSON: tensors that say what each column contributes to each row.
//!
//! | tensor | shape | what it holds |
//! |---|---|---|
//! | `names` | [names] | the raw columns, or the features |
//! | `contributions` | [rows, names], or [rows, classes, names] | what each adds to the margin |
//! | `base` | [1], or [classes] | the margin before anything is known of a row |
//! | `margin` | [rows], or [rows, classes] | base and contributions together |
//!
//! There is a class dimension where there are more than two classes.

use scoring::Explanations;

use super::datatype;
use super::v2::{EncodedResponse, RequestedOutputs, places};
use crate::error::InferError;

/// Explanations of a request's rows.
#[derive(Debug)]
pub(crate) struct ExplainedRows {
    /// Name of the endpoint, which the protocol calls the model.
    pub(crate) model: String,
    /// The version that is explained.
    pub(crate) version: u32,
    /// Identity of the request.
    pub(crate) id: String,
    /// What the margin is of: a class, or a number.
    pub(crate) margin_of: String,
    /// Contributions, row after row.
    pub(crate) explanations: Explanations,
    /// Number of columns of the request that the version does not take.
    pub(crate) ignored: usize,
}

#[derive(serde::Serialize)]
struct AnswerJson<'a> {
    model_name: &'a str,
    model_version: String,
    id: &'a str,
    parameters: Parameters<'a>,
    outputs: Vec<TensorJson<'a>>,
}

#[derive(serde::Serialize)]
struct Parameters<'a> {
    margin_of: &'a str,
}

#[derive(serde::Serialize)]
struct TensorJson<'a> {
    name: &'a str,
    datatype: &'static str,
    shape: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<BinarySize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data<'a>>,
}

#[derive(serde::Serialize)]
struct BinarySize {
    binary_data_size: usize,
}

#[derive(Clone, Copy, serde::Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Numbers(&'a [f64]),
    Texts(&'a [String]),
}

impl Data<'_> {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Numbers(numbers) => datatype::bytes_from_numbers(numbers),
            Self::Texts(texts) => datatype::bytes_from_texts(texts.iter().map(String::as_str)),
        }
    }
}

/// Writes explanations as a V2 response.
pub(crate) fn write(
    explained: &ExplainedRows,
    wanted: &RequestedOutputs,
) -> Result<EncodedResponse, InferError> {
    let of = &explained.explanations;
    let (rows, width, margins) = (of.rows, of.names.len(), of.margins_per_row);
    let per_class = |shape: &[usize]| {
        let classes = (margins > 1).then_some(margins);
        let (first, rest) = shape.split_at(shape.len().min(1));
        first.iter().copied().chain(classes).chain(rest.iter().copied()).collect::<Vec<_>>()
    };
    let all = [
        ("names", vec![width], Data::Texts(&of.names)),
        ("contributions", per_class(&[rows, width]), Data::Numbers(&of.contributions)),
        ("base", vec![margins], Data::Numbers(&of.bases)),
        ("margin", per_class(&[rows]), Data::Numbers(&of.margins)),
    ];
    let known: Vec<&str> = all.iter().map(|(name, ..)| *name).collect();
    let chosen = places(&known, &wanted.outputs, wanted.binary)?;
    let mut binary = Vec::new();
    let mut any_binary = false;
    let tensors = chosen.into_iter().filter_map(|(place, in_binary)| {
        let (name, shape, data) = all.get(place)?;
        any_binary |= in_binary;
        let size = in_binary.then(|| {
            let bytes = data.bytes();
            binary.extend_from_slice(&bytes);
            BinarySize { binary_data_size: bytes.len() }
        });
        Some(TensorJson {
            name,
            datatype: if matches!(data, Data::Texts(_)) { "BYTES" } else { "FP64" },
            shape: shape.clone(),
            parameters: size,
            data: (!in_binary).then_some(*data),
        })
    });
    let header = AnswerJson {
        model_name: &explained.model,
        model_version: explained.version.to_string(),
        id: &explained.id,
        parameters: Parameters { margin_of: &explained.margin_of },
        outputs: tensors.collect(),
    };
    let mut body = serde_json::to_vec(&header)
        .map_err(|_| InferError::internal("an explanation did not become JSON"))?;
    let header_length = any_binary.then_some(body.len());
    body.extend_from_slice(&binary);
    Ok(EncodedResponse { body, header_length })
}
