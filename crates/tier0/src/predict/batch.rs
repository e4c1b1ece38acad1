//! Rows to requests, and answers to lines.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;
use tabular::{Column, ColumnType, Table, parse};

use super::Error;
use super::explain::Explanation;
use super::protocol::{InferRequest, InferResponse, InputTensor, Metadata, Parameters};

/// A request with these rows, which are about these entities of the whole table; the table has exactly the model's columns, in its order.
pub(crate) fn encode(
    table: &Table,
    metadata: &Metadata,
    entities: Option<&[String]>,
    rows: Range<usize>,
) -> Result<InferRequest, Error> {
    let columns = metadata.inputs.iter().zip(table.iter());
    let inputs = columns.map(|(input, (field, column))| {
        let data = rows
            .clone()
            .map(|row| {
                value(column, field.column_type, &input.datatype, row).map_err(|expected| {
                    Error::Value { column: field.name.clone(), row: row + 1, expected }
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
    let inputs = inputs.collect::<Result<_, Error>>()?;
    let entity_ids = entities.map(|all| all.get(rows.clone()).unwrap_or_default().to_vec());
    Ok(InferRequest { parameters: entity_ids.map(|entity_ids| Parameters { entity_ids }), inputs })
}

/// The values of a column as texts, one per row; empty where one is missing.
pub(crate) fn texts(table: &Table, name: &str) -> Option<Vec<String>> {
    let (field, column) = (table.field(name)?, table.column(name)?);
    let text = |row| match column {
        Column::Text(texts) => texts.get(row).map(str::to_owned),
        Column::Number(numbers) => numbers
            .get(row)
            .filter(|number| !number.is_nan())
            .map(|number| parse::format(*number, field.column_type)),
    };
    Some((0..table.rows()).map(|row| text(row).unwrap_or_default()).collect())
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

/// Predictions as lines of CSV.
pub(crate) struct Answers {
    writer: csv::Writer<Vec<u8>>,
    /// Whether each row tells its request and its place there.
    with_ids: bool,
    rows: usize,
    versions: BTreeSet<String>,
}

impl Answers {
    pub(crate) fn new(with_ids: bool) -> Self {
        let writer = csv::Writer::from_writer(Vec::new());
        Self { writer, with_ids, rows: 0, versions: BTreeSet::new() }
    }

    /// Adds the answer to a request of `rows` rows.
    pub(crate) fn take(
        &mut self,
        rows: usize,
        answer: InferResponse,
        explanation: Option<&Explanation>,
    ) -> Result<(), Error> {
        for output in &answer.outputs {
            if output.data.len() != rows {
                return Err(Error::Answer {
                    output: output.name.clone(),
                    found: output.data.len(),
                    expected: rows,
                });
            }
        }
        if self.rows == 0 {
            let names: Vec<&str> =
                answer.outputs.iter().map(|output| output.name.as_str()).collect();
            let classes: Vec<&str> =
                names.iter().filter_map(|name| name.strip_prefix("probability_")).collect();
            let why = explanation.map(|why| why.header(&classes)).unwrap_or_default();
            let ids = if self.with_ids { ["request_id", "row"].as_slice() } else { &[] };
            let header = names.into_iter().chain(["model_version"]).chain(ids.iter().copied());
            self.writer.write_record(header.chain(why.iter().map(String::as_str)))?;
        }
        for row in 0..rows {
            for output in &answer.outputs {
                self.writer.write_field(output.data.get(row).map(text).unwrap_or_default())?;
            }
            self.writer.write_field(&answer.model_version)?;
            if self.with_ids {
                self.writer.write_field(&answer.id)?;
                self.writer.write_field(row.to_string())?;
            }
            for value in explanation.map(|why| why.row(row)).unwrap_or_default() {
                self.writer.write_field(value.to_string())?;
            }
            self.writer.write_record(None::<&[u8]>)?;
        }
        self.rows += rows;
        self.versions.insert(answer.model_version);
        Ok(())
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The versions that answered: one, but during a switch.
    pub(crate) fn versions(&self) -> Vec<String> {
        self.versions.iter().cloned().collect()
    }

    pub(crate) fn finish(self) -> Result<Vec<u8>, Error> {
        self.writer.into_inner().map_err(|error| Error::Csv(error.into_error().into()))
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
