//! What a client needs of the Open Inference Protocol (V2), in JSON: rows to a request, and what comes back.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tabular::{Column, ColumnType, Table, parse};

use crate::ModelParameters;

/// What a server says of a model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Metadata {
    /// Tensors that a request has to give.
    pub inputs: Vec<TensorMetadata>,
    /// What the server says beside the protocol.
    #[serde(default)]
    pub parameters: ModelParameters,
}

/// Name, datatype and shape of a tensor, as the server describes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TensorMetadata {
    /// Name of the tensor, which is that of the column.
    pub name: String,
    /// Datatype of the tensor's elements in V2.
    pub datatype: String,
}

/// Rows to be predicted.
#[derive(Debug, Serialize)]
pub struct InferRequest {
    /// What is said beside the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Parameters>,
    /// A tensor per column.
    pub inputs: Vec<InputTensor>,
}

/// What is said beside the rows.
#[derive(Debug, Serialize)]
pub struct Parameters {
    /// Whom the rows are about, one text per row; empty where it is not known.
    pub entity_ids: Vec<String>,
}

/// One column of a request.
#[derive(Debug, Serialize)]
pub struct InputTensor {
    /// Name of the column.
    pub name: String,
    /// The number of rows.
    pub shape: [usize; 1],
    /// Datatype in V2, such as `FP64` or `BYTES`.
    pub datatype: String,
    /// Its values; null is missing.
    pub data: Vec<Value>,
}

/// Predictions, as a V2 server answers them.
#[derive(Debug, Deserialize)]
pub struct InferResponse {
    /// Identity of the request, by which outcomes can be told.
    #[serde(default)]
    pub id: String,
    /// The version that answered.
    #[serde(default)]
    pub model_version: String,
    /// A tensor per output.
    pub outputs: Vec<OutputTensor>,
}

/// One output with a value for each row.
#[derive(Debug, Deserialize)]
pub struct OutputTensor {
    /// Name of the output.
    pub name: String,
    /// One value for each row.
    pub data: Vec<Value>,
}

/// A value of another type than the model takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column `{column}`, row {row}: expected {expected}")]
pub struct ValueError {
    /// Name of the column.
    pub column: String,
    /// The row, from 1, the header not counted.
    pub row: usize,
    /// Kind of value that the model takes, such as `a whole number`.
    pub expected: &'static str,
}

/// A request with these rows, which are about these entities of the whole table; the table has exactly the model's columns, in its order.
///
/// # Errors
/// Where a value is not what the model takes.
pub fn encode(
    table: &Table,
    metadata: &Metadata,
    entities: Option<&[String]>,
    rows: Range<usize>,
) -> Result<InferRequest, ValueError> {
    let columns = metadata.inputs.iter().zip(table.iter());
    let inputs = columns.map(|(input, (field, column))| {
        let data = rows
            .clone()
            .map(|row| {
                value(column, field.column_type, &input.datatype, row).map_err(|expected| {
                    ValueError { column: field.name.clone(), row: row + 1, expected }
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(InputTensor {
            name: input.name.clone(),
            shape: [rows.len()],
            datatype: input.datatype.clone(),
            data,
        })
    });
    let inputs = inputs.collect::<Result<_, ValueError>>()?;
    let entity_ids = entities.map(|all| all.get(rows.clone()).unwrap_or_default().to_vec());
    Ok(InferRequest { parameters: entity_ids.map(|entity_ids| Parameters { entity_ids }), inputs })
}

/// A value as the datatype wants it; what was expected, where it cannot be.
fn value(
    column: &Column,
    column_type: ColumnType,
    datatype: &str,
    row: usize,
) -> Result<Value, &'static str> {
    let missing = Ok(Value::Null);
    match (column, datatype) {
        (Column::Text(texts), "BYTES") => Ok(texts.get(row).map_or(Value::Null, Value::from)),
        (Column::Text(texts), "BOOL") => match texts.get(row) {
            None => missing,
            Some(text) => parse::boolean(text).map(Value::from).ok_or("true or false"),
        },
        (Column::Text(texts), _) => match texts.get(row) {
            None => missing,
            Some(text) => parse::number(text).map(Value::from).ok_or("a number"),
        },
        (Column::Number(numbers), datatype) => match numbers.get(row).copied() {
            None => missing,
            Some(number) if number.is_nan() => missing,
            Some(number) => match datatype {
                "BYTES" => Ok(parse::format(number, column_type).into()),
                "BOOL" if number == 0.0 => Ok(false.into()),
                "BOOL" if number == 1.0 => Ok(true.into()),
                "BOOL" => Err("true or false"),
                "FP32" | "FP64" => Ok(number.into()),
                _ if number.fract() == 0.0 && number.abs() < 9e15 => Ok((number as i64).into()),
                _ => Err("a whole number"),
            },
        },
    }
}
