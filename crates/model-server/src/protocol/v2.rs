//! The JSON form of the Open Inference Protocol, with its binary tensor extension.
//!
//! With the extension, the body is a JSON header, whose length is in `Inference-Header-Content-Length`,
//! followed by the elements of those tensors that have a parameter `binary_data_size`, in order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use scoring::ExplainBy;
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::{Map, Value, json};
use smallvec::SmallVec;

use super::cell::{self, FlatCells};
use super::datatype::{self, Datatype};
use super::{
    Answer, Input, InputColumn, Naming, OutputColumn, OutputValues, Values, rows_of_shape,
};
use crate::error::InferError;

/// What a request has to look like.
const FORM: &str = r#"{"inputs": [{"name": …, "shape": [rows], "datatype": …, "data": […]}, …]}"#;

/// Datatypes as an error message lists them.
pub(crate) const DATATYPES: &str =
    "BOOL, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FP32, FP64 or BYTES";

/// Name of the header that says how long the JSON part is.
pub(crate) const HEADER_LENGTH: &str = "inference-header-content-length";

/// A request that has been read.
#[derive(Debug, PartialEq)]
pub(crate) struct Request {
    /// Its identity, where it gives one.
    pub(crate) id: Option<String>,
    /// Columns of the request, in its order.
    pub(crate) input: Input,
    /// The outputs that are wanted, and how.
    pub(crate) wanted: RequestedOutputs,
    /// What an explanation is to be told of.
    pub(crate) explain_by: ExplainBy,
    /// Whom the rows are about, one per row; empty where the request does not say.
    pub(crate) entities: Vec<String>,
}

/// Outputs that a request wants.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestedOutputs {
    /// Names of the outputs, each with whether it is wanted in binary; none means all.
    pub(crate) outputs: Vec<(String, bool)>,
    /// Whether outputs come in binary where `outputs` does not say.
    pub(crate) binary: bool,
}

#[derive(Deserialize)]
struct RequestJson<'a> {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    parameters: Option<Map<String, Value>>,
    #[serde(borrow)]
    inputs: Vec<TensorJson<'a>>,
    #[serde(default)]
    outputs: Option<Vec<OutputJson>>,
}

#[derive(Deserialize)]
struct TensorJson<'a> {
    name: String,
    #[serde(borrow)]
    datatype: Cow<'a, str>,
    shape: Shape,
    #[serde(default)]
    parameters: Option<Map<String, Value>>,
    #[serde(default)]
    data: Option<FlatCells>,
}

/// The numbers of a shape, of which nearly all have one or two.
struct Shape(SmallVec<[i64; 2]>);

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an array of whole numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Shape, A::Error> {
        let mut shape = SmallVec::<[i64; 2]>::new();
        while let Some(number) = numbers.next_element()? {
            shape.push(number);
        }
        Ok(Shape(shape))
    }
}

#[derive(Deserialize)]
struct OutputJson {
    name: String,
    #[serde(default)]
    parameters: Option<Map<String, Value>>,
}

/// Reads a request; `header_length` is the length of its JSON part where binary data follow.
pub(crate) fn read(body: &[u8], header_length: Option<usize>) -> Result<Request, InferError> {
    let (header, mut binary) = match header_length {
        None => (body, &[][..]),
        Some(length) => body.split_at_checked(length).ok_or_else(|| InferError::Malformed {
            problem: format!(
                "{HEADER_LENGTH} is {length}, but the body has {} bytes: expected the length of its JSON part",
                body.len()
            ),
        })?,
    };
    let request: Result<RequestJson<'_>, _> = match std::str::from_utf8(header) {
        Ok(text) => serde_json::from_str(text),
        // Says where it is no text.
        Err(_) => serde_json::from_slice(header),
    };
    let request =
        request.map_err(|error| InferError::Malformed { problem: cell::describe(&error, FORM) })?;
    let mut columns = Vec::with_capacity(request.inputs.len());
    for tensor in request.inputs {
        columns.push(read_tensor(tensor, &mut binary)?);
    }
    if !binary.is_empty() {
        return Err(InferError::Malformed {
            problem: format!(
                "{} bytes follow the binary data: expected as many as binary_data_size says",
                binary.len()
            ),
        });
    }
    let binary = flag(request.parameters.as_ref(), "binary_data_output").unwrap_or(false);
    let explain_by = explain_by(request.parameters.as_ref())?;
    let entities = entities(request.parameters.as_ref())?;
    let outputs = request
        .outputs
        .unwrap_or_default()
        .into_iter()
        .map(|output| {
            let wanted = flag(output.parameters.as_ref(), "binary_data").unwrap_or(binary);
            (output.name, wanted)
        })
        .collect();
    Ok(Request {
        id: request.id.filter(|id| !id.is_empty()),
        input: Input { columns, naming: Naming::Strict },
        wanted: RequestedOutputs { outputs, binary },
        explain_by,
        entities,
    })
}

/// The parameter `entity_ids`: whom the rows are about, one text per row.
fn entities(parameters: Option<&Map<String, Value>>) -> Result<Vec<String>, InferError> {
    let Some(given) = parameters.and_then(|parameters| parameters.get("entity_ids")) else {
        return Ok(Vec::new());
    };
    let texts = given.as_array().and_then(|ids| ids.iter().map(entity).collect());
    texts.ok_or_else(|| InferError::Malformed {
        problem:
            "the parameter entity_ids: expected an array of texts or whole numbers, one per row"
                .to_owned(),
    })
}

/// A text, or a whole number of at most 64 bits, with all its digits.
fn entity(id: &Value) -> Option<String> {
    match id {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

fn explain_by(parameters: Option<&Map<String, Value>>) -> Result<ExplainBy, InferError> {
    match parameters.and_then(|parameters| parameters.get("explain_by")).map(Value::as_str) {
        None | Some(Some("column")) => Ok(ExplainBy::Column),
        Some(Some("feature")) => Ok(ExplainBy::Feature),
        Some(_) => Err(InferError::Malformed {
            problem: "the parameter explain_by is not known: expected \"column\" or \"feature\""
                .to_owned(),
        }),
    }
}

fn flag(parameters: Option<&Map<String, Value>>, name: &str) -> Option<bool> {
    parameters?.get(name)?.as_bool()
}

fn read_tensor(tensor: TensorJson<'_>, binary: &mut &[u8]) -> Result<InputColumn, InferError> {
    let TensorJson { name, datatype, shape, parameters, data } = tensor;
    let Some(datatype) = Datatype::parse(&datatype) else {
        return Err(InferError::UnknownDatatype { column: name, expected: DATATYPES });
    };
    let rows = rows_of_shape(&name, &shape.0)?;
    let size = parameters.as_ref().and_then(|parameters| parameters.get("binary_data_size"));
    let values = match (data, size) {
        (Some(FlatCells(cells)), None) => {
            if cells.len() != rows {
                return Err(InferError::WrongCount {
                    column: name,
                    expected: rows,
                    found: cells.len(),
                });
            }
            Values::Cells(cells)
        }
        (None, Some(size)) => {
            let taken = size
                .as_u64()
                .and_then(|size| usize::try_from(size).ok())
                .and_then(|size| binary.split_at_checked(size));
            let Some((bytes, rest)) = taken else {
                return Err(InferError::WrongData {
                    column: name,
                    problem: "binary_data_size is not the size of its part of the binary data, which follow a JSON header of the length in Inference-Header-Content-Length",
                });
            };
            *binary = rest;
            values_from_bytes(&name, datatype, bytes, rows)?
        }
        (Some(_), Some(_)) => {
            return Err(InferError::WrongData {
                column: name,
                problem: "has both data and binary_data_size: expected one of them",
            });
        }
        (None, None) => {
            return Err(InferError::WrongData {
                column: name,
                problem: "has no data: expected data, or binary_data_size with binary data",
            });
        }
    };
    Ok(InputColumn { name, datatype: Some(datatype), values })
}

/// The elements of a tensor from its bytes.
pub(crate) fn values_from_bytes(
    column: &str,
    datatype: Datatype,
    bytes: &[u8],
    rows: usize,
) -> Result<Values, InferError> {
    Ok(match datatype {
        Datatype::Bytes => Values::Texts(datatype::texts_from_bytes(column, bytes, rows)?),
        Datatype::Int64 | Datatype::Uint64 => {
            Values::Integers(datatype::integers_from_bytes(column, datatype, bytes, rows)?)
        }
        _ => Values::Numbers(datatype::numbers_from_bytes(column, datatype, bytes, rows)?),
    })
}

/// An answer as it is sent.
#[derive(Debug, PartialEq)]
pub(crate) struct EncodedResponse {
    /// Bytes of the body: JSON, then binary outputs.
    pub(crate) body: Vec<u8>,
    /// Length of its JSON part, where binary data follow.
    pub(crate) header_length: Option<usize>,
}

/// The outputs of an answer that are wanted, in the order asked for.
pub(crate) fn select<'a>(
    answer: &'a Answer,
    wanted: &[(String, bool)],
    binary: bool,
) -> Result<Vec<(&'a OutputColumn, bool)>, InferError> {
    let known: Vec<&str> = answer.outputs.iter().map(|output| &*output.name).collect();
    let places = places(&known, wanted, binary)?.into_iter();
    Ok(places.filter_map(|(place, binary)| Some((answer.outputs.get(place)?, binary))).collect())
}

/// Places of the wanted outputs among those that there are, each with whether it is wanted in binary; all of them where none is named.
///
/// An output is named at most once, so that an answer is never larger than all outputs of its rows.
pub(crate) fn places(
    known: &[&str],
    wanted: &[(String, bool)],
    binary: bool,
) -> Result<Vec<(usize, bool)>, InferError> {
    if wanted.is_empty() {
        return Ok((0..known.len()).map(|place| (place, binary)).collect());
    }
    let mut places: Vec<(usize, bool)> = Vec::with_capacity(known.len());
    for (name, binary) in wanted {
        let Some(place) = known.iter().position(|known| known == name) else {
            return Err(InferError::UnknownOutput {
                output: name.clone(),
                expected: known.join(", "),
            });
        };
        if places.iter().any(|(taken, _)| *taken == place) {
            return Err(InferError::RepeatedOutput { output: name.clone() });
        }
        places.push((place, *binary));
    }
    Ok(places)
}

/// Encodes an answer as V2 JSON; outputs wanted in binary follow the JSON as raw bytes.
pub(crate) fn write(
    answer: &Answer,
    wanted: &RequestedOutputs,
) -> Result<EncodedResponse, InferError> {
    let outputs = select(answer, &wanted.outputs, wanted.binary)?;
    let mut binary: Vec<u8> = Vec::new();
    let mut any_binary = false;
    let shape = [answer.rows];
    let mut written = Vec::with_capacity(outputs.len());
    for (output, in_binary) in outputs {
        any_binary |= in_binary;
        let binary_data_size = in_binary.then(|| {
            let bytes = output.values.to_bytes();
            binary.extend_from_slice(&bytes);
            bytes.len()
        });
        written.push(OutputTensorJson {
            name: &output.name,
            datatype: output.values.datatype().as_str(),
            shape,
            parameters: binary_data_size
                .map(|binary_data_size| OutputParameters { binary_data_size }),
            data: (!in_binary).then_some(match &output.values {
                OutputValues::Numbers(numbers) => DataJson::Numbers(numbers),
                OutputValues::Texts(texts) => DataJson::Texts(texts),
            }),
        });
    }
    let header = AnswerJson {
        model_name: &answer.model,
        model_version: answer.version.to_string(),
        id: &answer.id,
        parameters: super::flagged(answer).collect(),
        outputs: written,
    };
    let mut body = Vec::with_capacity(256 + answer.rows * answer.outputs.len() * 20);
    serde_json::to_writer(&mut body, &header)
        .map_err(|_| InferError::internal("an answer did not become JSON"))?;
    let header_length = any_binary.then_some(body.len());
    body.extend_from_slice(&binary);
    Ok(EncodedResponse { body, header_length })
}

#[derive(serde::Serialize)]
struct AnswerJson<'a> {
    model_name: &'a str,
    model_version: String,
    id: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    parameters: BTreeMap<String, u64>,
    outputs: Vec<OutputTensorJson<'a>>,
}

#[derive(serde::Serialize)]
struct OutputTensorJson<'a> {
    name: &'a str,
    datatype: &'static str,
    shape: [usize; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<OutputParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<DataJson<'a>>,
}

#[derive(serde::Serialize)]
struct OutputParameters {
    binary_data_size: usize,
}

#[derive(serde::Serialize)]
#[serde(untagged)]
enum DataJson<'a> {
    Numbers(&'a [f64]),
    Texts(&'a [String]),
}

/// An error as the protocol sends it.
pub(crate) fn write_error(error: &InferError) -> Value {
    json!({ "error": error.to_string() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]
mod tests {
    use super::super::cell::Cell;
    use super::*;

    fn body(shape: &str, text: &[u8]) -> Vec<u8> {
        let head = format!(
            r#"{{"inputs": [{{"name": "a", "shape": {shape}, "datatype": "BYTES", "data": [""#
        );
        [head.as_bytes(), text, br#""]}]}"#].concat()
    }

    #[test]
    fn shapes_of_every_length_are_read() {
        for shape in ["[1]", "[1, 1]"] {
            let read = read(&body(shape, b"x"), None).unwrap();
            assert_eq!(read.input.columns[0].values, Values::Cells(vec![Cell::Text("x".into())]));
        }
        for shape in ["[]", "[1, 1, 1]", "[1, 2]", "[-1]"] {
            let error = read(&body(shape, b"x"), None).unwrap_err();
            let InferError::WrongShape { found, .. } = error else { panic!("{error}") };
            assert_eq!(found, shape);
        }
        for shape in ["1", "[1.5]", r#"["secret"]"#] {
            let error = read(&body(shape, b"x"), None).unwrap_err().to_string();
            assert!(error.contains("another form") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_body_that_is_no_text_is_refused_at_its_place() {
        let error = read(&body("[1]", b"secret \xff"), None).unwrap_err().to_string();
        let place = "the body is not JSON at line 1 column ";
        assert!(error.contains(place) && !error.contains("secret"), "{error}");
    }
}
