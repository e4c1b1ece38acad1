//! What travels: requests become [`Input`], an [`Answer`] becomes responses.
//!
//! Pure: no I/O, no clock. Every form ends in the same two types, so that validation and scoring
//! do not know how a request came.

pub mod cell;
pub mod datatype;
pub mod explain;
pub mod grpc;
pub mod mlflow;
pub mod v2;

use std::sync::Arc;

use cell::Cell;
use datatype::Datatype;
use scoring::Flags;

/// Columns as a request gives them, before they are compared with the signature.
#[derive(Debug, PartialEq)]
pub struct Input {
    /// The columns, in the order of the request.
    pub columns: Vec<InputColumn>,
}

/// One column of a request.
#[derive(Debug, PartialEq)]
pub struct InputColumn {
    /// Its name.
    pub name: String,
    /// Its datatype, in the protocols that say it.
    ///
    /// Where there is none (MLflow's forms), texts in a column of numbers are read as in a CSV file.
    pub datatype: Option<Datatype>,
    /// Its values, one per row.
    pub values: Values,
}

/// Values of a column.
#[derive(Debug, PartialEq)]
pub enum Values {
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
    /// Texts.
    Texts(Vec<String>),
    /// As JSON gave them.
    Cells(Vec<Cell>),
}

impl Values {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::Cells(values) => values.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What is answered to a request, whatever its protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The endpoint.
    pub model: String,
    /// The version that answered.
    pub version: u32,
    /// Identity of the request.
    pub id: String,
    /// Number of rows.
    pub rows: usize,
    /// The outputs: `prediction` first, then one probability per class.
    pub outputs: Vec<OutputColumn>,
    /// The version in whose place another one answered, because it failed.
    pub fallback_from: Option<u32>,
    /// The members of an ensemble that the answer was made of; empty where one version answered.
    pub members: Vec<u32>,
    /// The members of an ensemble that could not answer.
    pub silent: Vec<u32>,
    /// What was missing, and which categories training had not seen.
    pub flags: Flags,
}

/// One output.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputColumn {
    /// Its name.
    pub name: Arc<str>,
    /// Its values, one per row, in the order of the request's rows.
    pub values: OutputValues,
}

/// Values of an output.
#[derive(Debug, Clone, PartialEq)]
pub enum OutputValues {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Classes.
    Texts(Vec<String>),
}

impl OutputValues {
    /// The datatype they have in the Open Inference Protocol.
    pub fn datatype(&self) -> Datatype {
        match self {
            Self::Numbers(_) => Datatype::Fp64,
            Self::Texts(_) => Datatype::Bytes,
        }
    }

    /// As raw bytes of the Open Inference Protocol.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Numbers(numbers) => datatype::bytes_from_numbers(numbers),
            Self::Texts(texts) => datatype::bytes_from_texts(texts.iter().map(String::as_str)),
        }
    }
}

/// What is flagged in an answer, as parameters: `missing.COLUMN` and `unseen.COLUMN`, each with a number of rows.
pub fn flagged(flags: &Flags) -> impl Iterator<Item = (String, u64)> + '_ {
    flags.columns.iter().flat_map(|column| {
        [("missing", column.missing), ("unseen", column.unseen)]
            .into_iter()
            .filter(|(_, rows)| *rows > 0)
            .map(|(kind, rows)| (format!("{kind}.{}", column.column), rows as u64))
    })
}

/// Number of rows that a shape says: `[rows]` or `[rows, 1]`.
pub fn rows_of_shape(column: &str, shape: &[i64]) -> Result<usize, crate::error::InferError> {
    let rows = match shape {
        [rows] | [rows, 1] => usize::try_from(*rows).ok(),
        _ => None,
    };
    rows.ok_or_else(|| {
        let mut found = format!("{:?}", shape.get(..shape.len().min(8)).unwrap_or_default());
        if shape.len() > 8 {
            found.push('…');
        }
        crate::error::InferError::WrongShape { column: column.to_owned(), found }
    })
}
