//! The JSON forms of MLflow's `/invocations`: `dataframe_split`, `dataframe_records`, `instances` and `inputs`.
//! The others are in [`super::csv`] and [`super::parquet`].

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};

use super::cell::{self, Cell, MAX_CELLS};
use super::{Answer, Input, InputColumn, Naming, OutputValues, Values};
use crate::error::InferError;

/// What a request has to look like.
const FORM: &str = "one of dataframe_split, dataframe_records, instances and inputs";

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    dataframe_split: Option<Split>,
    #[serde(default)]
    dataframe_records: Option<Rows>,
    #[serde(default)]
    instances: Option<Rows>,
    #[serde(default)]
    inputs: Option<Rows>,
}

#[derive(Deserialize)]
struct Split {
    columns: Vec<String>,
    data: Vec<Vec<Cell>>,
    #[serde(default, rename = "index")]
    _index: IgnoredAny,
}

/// Rows in any of the ways that the forms allow.
enum Rows {
    /// `[{"column": value, …}, …]`, already turned into columns.
    Records(Vec<InputColumn>),
    /// `[[value, …], …]`: by position.
    Positions(Vec<Vec<Cell>>),
    /// `{"column": [value, …], …}`, or `{"column": value, …}` for one row.
    Columns(Vec<InputColumn>),
}

/// Reads a JSON body.
pub(crate) fn read_json(body: &[u8]) -> Result<Input, InferError> {
    let body: Body = serde_json::from_slice(body)
        .map_err(|error| InferError::Malformed { problem: cell::describe(&error, FORM) })?;
    let given = [
        body.dataframe_split.is_some(),
        body.dataframe_records.is_some(),
        body.instances.is_some(),
        body.inputs.is_some(),
    ];
    let given = given.iter().filter(|given| **given).count();
    if given != 1 {
        return Err(InferError::Malformed {
            problem: format!("the body has {given} forms of rows: expected exactly {FORM}"),
        });
    }
    if let Some(split) = body.dataframe_split {
        let columns = from_positions(&split.columns, split.data)?;
        return Ok(Input { columns, naming: Naming::Lenient });
    }
    let is_records = body.dataframe_records.is_some();
    match body.dataframe_records.or(body.instances).or(body.inputs) {
        Some(Rows::Records(columns)) => Ok(Input { columns, naming: Naming::Lenient }),
        Some(Rows::Positions(rows)) if !is_records => {
            // As wide as the first row, which is compared with the inputs as a whole.
            let names = vec![""; rows.first().map_or(0, Vec::len)];
            Ok(Input { columns: from_positions(&names, rows)?, naming: Naming::Places })
        }
        Some(Rows::Columns(columns)) if !is_records => {
            Ok(Input { columns, naming: Naming::Lenient })
        }
        _ => Err(InferError::Malformed {
            problem: "dataframe_records is not an array of objects".to_owned(),
        }),
    }
}

fn from_positions<S: AsRef<str>>(
    names: &[S],
    rows: Vec<Vec<Cell>>,
) -> Result<Vec<InputColumn>, InferError> {
    let mut columns: Vec<Vec<Cell>> =
        names.iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for (number, row) in rows.into_iter().enumerate() {
        if row.len() != names.len() {
            return Err(InferError::WrongWidth {
                row: number,
                expected: names.len(),
                found: row.len(),
            });
        }
        for (column, cell) in columns.iter_mut().zip(row) {
            column.push(cell);
        }
    }
    let named = names.iter().zip(columns);
    Ok(named.map(|(name, cells)| column(name.as_ref().to_owned(), cells)).collect())
}

fn column(name: String, cells: Vec<Cell>) -> InputColumn {
    InputColumn { name, datatype: None, values: Values::Cells(cells) }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowsVisitor)
    }
}

struct RowsVisitor;

impl<'de> Visitor<'de> for RowsVisitor {
    type Value = Rows;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an array of rows, or an object of columns")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Rows, A::Error> {
        let mut records = Records::default();
        let mut positions = Vec::new();
        let mut cells = 0_usize;
        while let Some(row) = items.next_element::<Row>()? {
            match row {
                Row::Named(row) if positions.is_empty() => {
                    cells = cells.saturating_add(row.len());
                    records.push(row).map_err(A::Error::custom)?;
                }
                Row::Plain(row) if records.rows == 0 => {
                    cells = cells.saturating_add(row.len());
                    positions.push(row);
                }
                _ => return Err(A::Error::custom("a row is an object and another is an array")),
            }
            if cells.max(records.rows.saturating_mul(records.columns.len())) > MAX_CELLS {
                return Err(A::Error::custom("too many values in one request"));
            }
        }
        if records.rows == 0 && !positions.is_empty() {
            return Ok(Rows::Positions(positions));
        }
        Ok(Rows::Records(
            records.columns.into_iter().map(|(name, cells)| column(name, cells)).collect(),
        ))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Rows, A::Error> {
        let mut columns = Vec::new();
        let mut count = 0_usize;
        while let Some((name, cells)) = entries.next_entry::<String, cell::ColumnCells>()? {
            count = count.saturating_add(cells.0.len());
            if count > MAX_CELLS {
                return Err(A::Error::custom("too many values in one request"));
            }
            columns.push(column(name, cells.0));
        }
        Ok(Rows::Columns(columns))
    }
}

/// Records collected column by column; what a record leaves out is missing.
#[derive(Default)]
struct Records {
    columns: Vec<(String, Vec<Cell>)>,
    index: HashMap<String, usize>,
    rows: usize,
}

impl Records {
    fn push(&mut self, row: Vec<(String, Cell)>) -> Result<(), &'static str> {
        for (name, cell) in row {
            let at = match self.index.get(&name) {
                Some(at) => *at,
                None => {
                    self.columns.push((name.clone(), vec![Cell::Missing; self.rows]));
                    self.index.insert(name, self.columns.len() - 1);
                    self.columns.len() - 1
                }
            };
            if let Some((_, cells)) = self.columns.get_mut(at) {
                if cells.len() > self.rows {
                    return Err("a row names a column twice");
                }
                cells.push(cell);
            }
        }
        self.rows += 1;
        for (_, cells) in &mut self.columns {
            if cells.len() < self.rows {
                cells.push(Cell::Missing);
            }
        }
        Ok(())
    }
}

/// One row of a request in one of MLflow's forms.
enum Row {
    Named(Vec<(String, Cell)>),
    Plain(Vec<Cell>),
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a row: an object, or an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Row, A::Error> {
        let mut row = Vec::new();
        while let Some(cell) = items.next_element()? {
            row.push(cell);
        }
        Ok(Row::Plain(row))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Row, A::Error> {
        let mut row = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            row.push(entry);
        }
        Ok(Row::Named(row))
    }
}

/// The answer: numbers for a regression, else an object per row.
pub(crate) fn write(answer: &Answer) -> Result<Vec<u8>, InferError> {
    let predictions: Vec<Value> = match answer.outputs.as_slice() {
        [only] if matches!(only.values, OutputValues::Numbers(_)) => match &only.values {
            OutputValues::Numbers(numbers) => numbers.iter().map(|number| json!(number)).collect(),
            OutputValues::Texts(texts) => texts.iter().map(|text| json!(text)).collect(),
        },
        outputs => (0..answer.rows)
            .map(|row| {
                let fields = outputs.iter().map(|output| {
                    let value = match &output.values {
                        OutputValues::Numbers(numbers) => json!(numbers.get(row)),
                        OutputValues::Texts(texts) => json!(texts.get(row)),
                    };
                    (output.name.to_string(), value)
                });
                Value::Object(fields.collect::<Map<_, _>>())
            })
            .collect(),
    };
    serde_json::to_vec(&json!({ "predictions": predictions }))
        .map_err(|_| InferError::internal("an answer did not become JSON"))
}

/// An error as MLflow sends it.
pub(crate) fn write_error(error: &InferError) -> Value {
    json!({ "error_code": error.mlflow_code(), "message": error.to_string() })
}
