//! Predictions as a file: CSV, JSON Lines or Parquet, as its ending says.

use std::path::{Path, PathBuf};

use dataset::Format;
use serde_json::Value;
use tabular::{Column, ColumnType, Field, Table, TextBuilder};

use super::Error;

/// A value of a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    /// As the model server answered it.
    Answered(&'a Value),
    Text(&'a str),
    Number(f64),
    Whole(usize),
}

/// Rows as they are written, after their names.
pub(super) enum Written {
    Csv(Box<csv::Writer<Vec<u8>>>),
    JsonLines { names: Vec<String>, lines: Vec<u8> },
    Parquet { names: Vec<String>, columns: Vec<Gathered> },
}

/// A column, whose first value says of which type it is.
pub(super) enum Gathered {
    /// Nothing but so many missing values yet.
    Missing(usize),
    Numbers(ColumnType, Vec<f64>),
    Texts(TextBuilder),
}

impl Written {
    /// Before the first row. What has another ending, or none, is CSV.
    ///
    /// # Errors
    /// A format that predictions are not written in.
    pub(super) fn to(out: Option<&Path>) -> Result<Self, Error> {
        let ending = out.and_then(Path::extension).unwrap_or_default().to_string_lossy();
        let ending = ending.to_lowercase();
        let format = Format::ALL.into_iter().find(|it| it.endings().contains(&ending.as_str()));
        match format {
            Some(Format::JsonLines) => Ok(Self::JsonLines { names: Vec::new(), lines: Vec::new() }),
            Some(Format::Parquet) => Ok(Self::Parquet { names: Vec::new(), columns: Vec::new() }),
            None if matches!(ending.as_str(), "gz" | "zst" | "zip" | "bz2" | "xz") => {
                Err(unwritten(out))
            }
            Some(Format::Csv) | None => {
                Ok(Self::Csv(Box::new(csv::Writer::from_writer(Vec::new()))))
            }
            Some(_) => Err(unwritten(out)),
        }
    }

    /// Takes the names of the columns.
    pub(super) fn header(&mut self, header: Vec<String>) -> Result<(), Error> {
        match self {
            Self::Csv(writer) => writer.write_record(&header)?,
            Self::JsonLines { names, .. } => *names = header,
            Self::Parquet { names, columns } => {
                columns.resize_with(header.len(), || Gathered::Missing(0));
                *names = header;
            }
        }
        Ok(())
    }

    /// Takes a row, a value for each name.
    pub(super) fn row<'a>(&mut self, row: impl Iterator<Item = Cell<'a>>) -> Result<(), Error> {
        match self {
            Self::Csv(writer) => {
                for cell in row {
                    writer.write_field(text(cell))?;
                }
                writer.write_record(None::<&[u8]>)?;
            }
            Self::JsonLines { names, lines } => {
                // A map would have them in the order of the alphabet.
                let member = |(name, cell): (&String, Cell<'_>)| {
                    format!("{}:{}", Value::from(name.as_str()), Value::from(cell))
                };
                let members: Vec<String> = names.iter().zip(row).map(member).collect();
                lines.extend(format!("{{{}}}\n", members.join(",")).bytes());
            }
            Self::Parquet { columns, .. } => {
                columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
            }
        }
        Ok(())
    }

    /// The file.
    pub(super) fn finish(self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Csv(writer) => {
                writer.into_inner().map_err(|error| Error::Csv(error.into_error().into()))
            }
            Self::JsonLines { lines, .. } => Ok(lines),
            Self::Parquet { names, columns } => {
                let columns =
                    names.into_iter().zip(columns).map(|(name, column)| column.finish(name));
                let (fields, columns) = columns.unzip();
                Ok(dataset::write_parquet(&Table::new(fields, columns)?)?)
            }
        }
    }
}

fn unwritten(out: Option<&Path>) -> Error {
    Error::Unwritten { path: out.map(PathBuf::from).unwrap_or_default() }
}

fn text(cell: Cell<'_>) -> String {
    match cell {
        Cell::Answered(Value::Null) => String::new(),
        Cell::Answered(Value::String(text)) => text.clone(),
        Cell::Answered(other) => other.to_string(),
        Cell::Text(text) => text.to_owned(),
        Cell::Number(number) => number.to_string(),
        Cell::Whole(number) => number.to_string(),
    }
}

impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Answered(value) => value.clone(),
            Cell::Text(text) => text.into(),
            Cell::Number(number) => number.into(),
            Cell::Whole(number) => number.into(),
        }
    }
}

impl Gathered {
    fn push(&mut self, cell: Cell<'_>) {
        let number = match cell {
            Cell::Number(number) => Some((ColumnType::Number, number)),
            Cell::Whole(number) => Some((ColumnType::Integer, number as f64)),
            Cell::Answered(Value::Bool(truth)) => {
                Some((ColumnType::Boolean, f64::from(u8::from(*truth))))
            }
            Cell::Answered(value) => value.as_f64().map(|number| (ColumnType::Number, number)),
            Cell::Text(_) => None,
        };
        let is_missing = matches!(cell, Cell::Answered(Value::Null));
        if let Self::Missing(rows) = self {
            if is_missing {
                *rows += 1;
                return;
            }
            *self = Self::begun(*rows, number.map(|(column_type, _)| column_type));
        }
        match self {
            Self::Numbers(_, values) => values.push(number.map_or(f64::NAN, |(_, number)| number)),
            Self::Texts(texts) => {
                texts.push((!is_missing).then(|| text(cell)).as_deref());
            }
            Self::Missing(_) => {}
        }
    }

    /// A column of a type, none where it is text, that begins with missing values.
    fn begun(rows: usize, column_type: Option<ColumnType>) -> Self {
        match column_type {
            Some(column_type) => Self::Numbers(column_type, vec![f64::NAN; rows]),
            None => {
                let mut texts = TextBuilder::default();
                (0..rows).for_each(|_| texts.push(None));
                Self::Texts(texts)
            }
        }
    }

    fn finish(self, name: String) -> (Field, Column) {
        match self {
            Self::Missing(rows) => Self::begun(rows, Some(ColumnType::Number)).finish(name),
            Self::Numbers(column_type, values) => {
                (Field::new(name, column_type), Column::Number(values))
            }
            Self::Texts(texts) => {
                (Field::new(name, ColumnType::Text), Column::Text(texts.finish()))
            }
        }
    }
}
