//! The messages of the Open Inference Protocol over gRPC, from and to our own types.

use super::datatype::{self, Datatype};
use super::v2::{DATATYPES, select, values_from_bytes};
use super::{Answer, Input, InputColumn, Naming, OutputValues, Values, rows_of_shape};
use crate::error::InferError;

/// Messages and service, generated from `proto/open_inference.proto`.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]
pub mod inference {
    include!("../generated/inference.rs");
}

use inference::infer_parameter::ParameterChoice;
use inference::model_infer_request::InferInputTensor;
use inference::model_infer_response::InferOutputTensor;
use inference::{InferParameter, InferTensorContents, ModelInferRequest, ModelInferResponse};

/// How an answer is to be written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ResponseOptions {
    /// Names of the outputs; none means all.
    pub(crate) outputs: Vec<String>,
    /// Whether elements come as bytes: they do where they came as bytes.
    pub(crate) raw: bool,
}

/// Converts a gRPC request to the input and the outputs that it wants.
pub(crate) fn read(request: ModelInferRequest) -> Result<(Input, ResponseOptions), InferError> {
    let raw = request.raw_input_contents;
    let wanted = ResponseOptions {
        outputs: request.outputs.into_iter().map(|output| output.name).collect(),
        // Triton's client reads elements as bytes only where it sent them so, and typed ones in any case.
        raw: !raw.is_empty(),
    };
    if raw.is_empty() {
        let columns = request.inputs.into_iter().map(typed_column).collect::<Result<_, _>>()?;
        return Ok((Input { columns, naming: Naming::Strict }, wanted));
    }
    if raw.len() != request.inputs.len() {
        return Err(InferError::Malformed {
            problem: format!(
                "raw_input_contents has {} entries: expected {}, one for each input",
                raw.len(),
                request.inputs.len()
            ),
        });
    }
    let mut columns = Vec::with_capacity(raw.len());
    for (tensor, bytes) in request.inputs.into_iter().zip(raw) {
        let (datatype, rows) = form(&tensor)?;
        if tensor.contents.is_some() {
            return Err(InferError::WrongData {
                column: tensor.name,
                problem: "has contents beside raw_input_contents: expected one of them",
            });
        }
        let values = values_from_bytes(&tensor.name, datatype, &bytes, rows)?;
        columns.push(InputColumn { name: tensor.name, datatype: Some(datatype), values });
    }
    Ok((Input { columns, naming: Naming::Strict }, wanted))
}

fn form(tensor: &InferInputTensor) -> Result<(Datatype, usize), InferError> {
    let datatype = Datatype::parse(&tensor.datatype).ok_or_else(|| {
        InferError::UnknownDatatype { column: tensor.name.clone(), expected: DATATYPES }
    })?;
    Ok((datatype, rows_of_shape(&tensor.name, &tensor.shape)?))
}

fn typed_column(tensor: InferInputTensor) -> Result<InputColumn, InferError> {
    let (datatype, rows) = form(&tensor)?;
    let name = tensor.name;
    let contents = tensor.contents.unwrap_or_default();
    let filled = filled(&contents);
    let values = typed_values(&name, datatype, contents)?;
    let found = values.len();
    if found != rows || filled > 1 {
        if found == 0 && filled > 0 || filled > 1 {
            return Err(InferError::WrongData {
                column: name,
                problem: "has contents in the field of another datatype: expected them in that of its own",
            });
        }
        return Err(InferError::WrongCount { column: name, expected: rows, found });
    }
    Ok(InputColumn { name, datatype: Some(datatype), values })
}

/// Number of fields of the contents that hold elements.
fn filled(contents: &InferTensorContents) -> usize {
    [
        contents.bool_contents.is_empty(),
        contents.int_contents.is_empty(),
        contents.int64_contents.is_empty(),
        contents.uint_contents.is_empty(),
        contents.uint64_contents.is_empty(),
        contents.fp32_contents.is_empty(),
        contents.fp64_contents.is_empty(),
        contents.bytes_contents.is_empty(),
    ]
    .iter()
    .filter(|empty| !**empty)
    .count()
}

fn typed_values(
    column: &str,
    datatype: Datatype,
    contents: InferTensorContents,
) -> Result<Values, InferError> {
    Ok(match datatype {
        Datatype::Bool => numbers(contents.bool_contents, |value| f64::from(u8::from(value))),
        Datatype::Int8 | Datatype::Int16 | Datatype::Int32 => {
            numbers(contents.int_contents, f64::from)
        }
        Datatype::Int64 => integers(contents.int64_contents),
        Datatype::Uint8 | Datatype::Uint16 | Datatype::Uint32 => {
            numbers(contents.uint_contents, f64::from)
        }
        Datatype::Uint64 => integers(contents.uint64_contents),
        Datatype::Fp32 => numbers(contents.fp32_contents, f64::from),
        Datatype::Fp64 => Values::Numbers(contents.fp64_contents),
        Datatype::Bytes => {
            let texts = contents.bytes_contents.iter().enumerate();
            let texts = texts.map(|(row, bytes)| datatype::text_from_utf8(column, row, bytes));
            Values::Texts(texts.collect::<Result<_, _>>()?)
        }
    })
}

fn integers<T: Into<i128>>(elements: Vec<T>) -> Values {
    Values::Integers(elements.into_iter().map(Into::into).collect())
}

fn numbers<T>(elements: Vec<T>, number: impl Fn(T) -> f64) -> Values {
    Values::Numbers(elements.into_iter().map(number).collect())
}

/// Converts an answer to the gRPC response, with the outputs that are wanted.
pub(crate) fn write(
    answer: &Answer,
    wanted: &ResponseOptions,
) -> Result<ModelInferResponse, InferError> {
    let names: Vec<(String, bool)> =
        wanted.outputs.iter().map(|name| (name.clone(), wanted.raw)).collect();
    let rows = i64::try_from(answer.rows).unwrap_or(i64::MAX);
    let mut raw = Vec::new();
    let outputs = select(answer, &names, wanted.raw)?
        .into_iter()
        .map(|(output, in_bytes)| {
            if in_bytes {
                raw.push(output.values.to_bytes());
            }
            InferOutputTensor {
                name: output.name.to_string(),
                datatype: output.values.datatype().as_str().to_owned(),
                shape: vec![rows],
                contents: (!in_bytes).then(|| contents(&output.values)),
                ..InferOutputTensor::default()
            }
        })
        .collect();
    Ok(ModelInferResponse {
        model_name: answer.model.clone(),
        model_version: answer.version.to_string(),
        id: answer.id.clone(),
        outputs,
        raw_output_contents: raw,
        parameters: super::flagged(answer).map(|(name, rows)| (name, parameter(rows))).collect(),
    })
}

fn parameter(rows: u64) -> InferParameter {
    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
    InferParameter { parameter_choice: Some(ParameterChoice::Int64Param(rows)) }
}

fn contents(values: &OutputValues) -> InferTensorContents {
    let mut contents = InferTensorContents::default();
    match values {
        OutputValues::Numbers(numbers) => contents.fp64_contents.clone_from(numbers),
        OutputValues::Texts(texts) => {
            contents.bytes_contents = texts.iter().map(|text| text.clone().into_bytes()).collect();
        }
    }
    contents
}
