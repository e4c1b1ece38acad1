//! What travels: requests become [`Input`], an [`Answer`] becomes responses.
//!
//! Pure: no I/O, no clock. Every form ends in the same two types, so that validation and scoring
//! do not know how a request came.

pub(crate) mod cell;
pub(crate) mod csv;
pub(crate) mod datatype;
pub(crate) mod explain;
pub(crate) mod grpc;
pub(crate) mod mlflow;
pub(crate) mod parquet;
pub(crate) mod v2;

use std::sync::Arc;

use cell::Cell;
use datatype::Datatype;
use scoring::Flags;

/// Columns as a request gives them, before they are compared with the signature.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Input {
    /// The columns, in the order of the request.
    pub(crate) columns: Vec<InputColumn>,
    /// How they are told apart.
    pub(crate) naming: Naming,
}

/// How the columns of a request find their inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// By their names; one that is no input is refused, as the Open Inference Protocol's servers do.
    Strict,
    /// By their names; those that are no input are left out and counted, as MLflow does.
    Lenient,
    /// By their places: the columns have no names and are the inputs in their order.
    Places,
}

/// One column of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InputColumn {
    /// Name of the column, as the request gives it.
    pub(crate) name: String,
    /// Its datatype, in the protocols that say it.
    ///
    /// Where there is none (MLflow's forms), texts in a column of numbers are read as in a CSV file.
    pub(crate) datatype: Option<Datatype>,
    /// Its values, one per row.
    pub(crate) values: Values,
}

/// Values of a column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
    /// Whole numbers of 64 bits, with all their digits.
    Integers(Vec<i128>),
    /// One text for each row.
    Texts(Vec<String>),
    /// As JSON gave them.
    Cells(Vec<Cell>),
}

impl Values {
    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Integers(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::Cells(values) => values.len(),
        }
    }
}

/// What is answered to a request, whatever its protocol.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// Name of the endpoint, which the protocol calls the model.
    pub(crate) model: String,
    /// The version that answered.
    pub(crate) version: u32,
    /// Identity of the request.
    pub(crate) id: String,
    /// Number of rows.
    pub(crate) rows: usize,
    /// The outputs: `prediction` first, then one probability per class.
    pub(crate) outputs: Vec<OutputColumn>,
    /// The version in whose place another one answered, because it failed.
    pub(crate) fallback_from: Option<u32>,
    /// The members of an ensemble that the answer was made of; empty where one version answered.
    pub(crate) members: Vec<u32>,
    /// The members of an ensemble that could not answer.
    pub(crate) silent: Vec<u32>,
    /// What was missing, and which categories training had not seen.
    pub(crate) flags: Flags,
    /// Number of columns of the request that the version does not take.
    pub(crate) ignored: usize,
}

/// One output with a value for each row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutputColumn {
    /// Name of the output in V2.
    pub(crate) name: Arc<str>,
    /// Its values, one per row, in the order of the request's rows.
    pub(crate) values: OutputValues,
}

/// Values of an output.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OutputValues {
    /// One number for each row.
    Numbers(Vec<f64>),
    /// One class for each row.
    Texts(Vec<String>),
}

impl OutputValues {
    /// The datatype they have in the Open Inference Protocol.
    pub(crate) fn datatype(&self) -> Datatype {
        match self {
            Self::Numbers(_) => Datatype::Fp64,
            Self::Texts(_) => Datatype::Bytes,
        }
    }

    /// As raw bytes of the Open Inference Protocol.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Numbers(numbers) => datatype::bytes_from_numbers(numbers),
            Self::Texts(texts) => datatype::bytes_from_texts(texts.iter().map(String::as_str)),
        }
    }
}

/// What is flagged in an answer, as parameters: `missing.COLUMN` and `unseen.COLUMN`, each with a number of rows, and
/// `ignored_columns` with the number of columns that were left out.
pub(crate) fn flagged(answer: &Answer) -> impl Iterator<Item = (String, u64)> + '_ {
    let ignored =
        (answer.ignored > 0).then(|| ("ignored_columns".to_owned(), answer.ignored as u64));
    let of_columns = answer.flags.columns.iter().flat_map(|column| {
        [("missing", column.missing), ("unseen", column.unseen)]
            .into_iter()
            .filter(|(_, rows)| *rows > 0)
            .map(|(kind, rows)| (format!("{kind}.{}", column.column), rows as u64))
    });
    ignored.into_iter().chain(of_columns)
}

/// Number of rows that a shape says: `[rows]` or `[rows, 1]`.
pub(crate) fn rows_of_shape(
    column: &str,
    shape: &[i64],
) -> Result<usize, crate::error::InferError> {
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
