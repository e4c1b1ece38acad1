//! A look at a few columns of a table that may be broken elsewhere.
//!
//! What is asked for is read in one streaming pass; ragged rows, other columns' bytes and too many columns do not
//! matter here. Refusing those is the work of [`crate::scan`].

use std::collections::HashMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Float64Type;
use tabular::parse::{self, MissingMarkers, Reading, TypeInference};
use tabular::{ColumnType, Field};

use crate::names::nearest;
use crate::{Error, Format, ScanOptions, Source, TableSource};

/// Rows of a batch that is looked at.
const EXAMINED_ROWS: usize = 8192;
/// Most distinct values that are listed.
pub const MAX_LEVELS: usize = 1000;

/// What was found of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnExamination {
    /// Name of the column.
    pub name: String,
    /// Its type, by all values.
    pub column_type: ColumnType,
    /// Number of missing values.
    pub missing: u64,
    /// Its distinct values as text with their rows, the most frequent first; at most [`MAX_LEVELS`].
    pub levels: Vec<(String, u64)>,
    /// Whether there are more distinct values than are listed.
    pub more_levels: bool,
}

impl ColumnExamination {
    /// The rows of a value.
    #[must_use]
    pub fn rows_of(&self, level: &str) -> Option<u64> {
        self.levels.iter().find(|(known, _)| known == level).map(|(_, rows)| *rows)
    }
}

/// What was found of the target, and of the columns asked for besides.
#[derive(Debug, Clone, PartialEq)]
pub struct Examination {
    /// Rows of the table.
    pub rows: u64,
    /// Names of all its columns.
    pub columns: Vec<String>,
    /// The columns asked for, in the order asked.
    pub examined: Vec<ColumnExamination>,
}

/// What was found of a target.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetExamination {
    /// Rows of the table.
    pub rows: u64,
    /// Names of all its columns.
    pub columns: Vec<String>,
    /// Column that is to be predicted.
    pub target: ColumnExamination,
}

/// Looks at the target alone. Blocking.
///
/// # Errors
/// No such column, an empty table, an unreadable file.
pub fn examine_target(
    source: &Source,
    format: Format,
    target: &str,
    markers: &MissingMarkers,
) -> Result<TargetExamination, Error> {
    let Examination { rows, columns, examined } = examine(source, format, &[target], markers)?;
    match examined.into_iter().next() {
        Some(target) => Ok(TargetExamination { rows, columns, target }),
        None => Err(Error::NoSuchColumn { column: target.to_owned(), nearest: Vec::new() }),
    }
}

/// Looks at some columns. Blocking.
///
/// # Errors
/// No such column, an empty table, an unreadable file.
pub fn examine(
    source: &Source,
    format: Format,
    names: &[&str],
    markers: &MissingMarkers,
) -> Result<Examination, Error> {
    crate::format::examine(format, source, names, markers)
}

/// Positions of names in a header; each has to stand there exactly once.
pub(crate) fn positions(header: &[String], names: &[&str]) -> Result<Vec<usize>, Error> {
    names
        .iter()
        .map(|name| {
            let mut found = header
                .iter()
                .enumerate()
                .filter(|(_, known)| known == name)
                .map(|(index, _)| index);
            match (found.next(), found.next()) {
                (Some(index), None) => Ok(index),
                (Some(first), Some(second)) => Err(Error::DuplicateColumn {
                    column: (*name).to_owned(),
                    first: first + 1,
                    second: second + 1,
                }),
                (None, _) => Err(Error::NoSuchColumn {
                    column: (*name).to_owned(),
                    nearest: nearest(name, header.iter().map(String::as_str)),
                }),
            }
        })
        .collect()
}

pub(crate) struct Examiner {
    name: String,
    markers: MissingMarkers,
    inference: TypeInference,
    /// The type where the file says it.
    said: Option<ColumnType>,
    missing: u64,
    levels: HashMap<String, u64>,
    more_levels: bool,
}

impl Examiner {
    fn new(name: &str, inference: &TypeInference, markers: &MissingMarkers) -> Self {
        Self {
            name: name.to_owned(),
            markers: markers.clone(),
            inference: inference.clone(),
            said: None,
            missing: 0,
            levels: HashMap::new(),
            more_levels: false,
        }
    }

    pub(crate) fn observe(&mut self, text: Option<&str>) {
        let Some(text) = text.map(str::trim).filter(|text| !self.markers.is_missing(text)) else {
            self.missing += 1;
            self.inference.observe_missing();
            return;
        };
        self.inference.observe(text);
        self.count(text);
    }

    fn count(&mut self, text: &str) {
        if let Some(rows) = self.levels.get_mut(text) {
            *rows += 1;
        } else if self.levels.len() < MAX_LEVELS {
            self.levels.insert(text.to_owned(), 1);
        } else {
            self.more_levels = true;
        }
    }

    fn finish(self) -> ColumnExamination {
        let inferred = self.inference.field(&self.name);
        let field = self.said.map_or(inferred, |said| Field::new(&self.name, said));
        let column_type = field.column_type;
        // `1` and `1.0` are the same number.
        let mut missing = self.missing;
        let mut merged: HashMap<String, u64> = HashMap::with_capacity(self.levels.len());
        for (level, rows) in self.levels {
            let text = match parse::read(&level, &field, &self.markers) {
                _ if column_type == ColumnType::Text => level,
                Reading::Value(value) => parse::format(value, column_type),
                Reading::Misfit => level,
                Reading::Missing => {
                    missing += rows;
                    continue;
                }
            };
            *merged.entry(text).or_insert(0) += rows;
        }
        let mut levels: Vec<(String, u64)> = merged.into_iter().collect();
        levels.sort_by(|(a, rows_a), (b, rows_b)| rows_b.cmp(rows_a).then_with(|| a.cmp(b)));
        ColumnExamination {
            name: self.name,
            column_type,
            missing,
            levels,
            more_levels: self.more_levels,
        }
    }
}

pub(crate) fn examiners(
    names: &[&str],
    source: &Source,
    markers: &MissingMarkers,
) -> Vec<Examiner> {
    fresh(names, &source.stated().inference(markers), markers)
}

fn fresh(names: &[&str], inference: &TypeInference, markers: &MissingMarkers) -> Vec<Examiner> {
    names.iter().map(|name| Examiner::new(name, inference, markers)).collect()
}

pub(crate) fn finish(
    rows: u64,
    columns: Vec<String>,
    examiners: Vec<Examiner>,
) -> Result<Examination, Error> {
    if rows == 0 {
        return Err(if columns.is_empty() {
            Error::EmptyFile
        } else {
            Error::HeaderOnly { columns: columns.len() }
        });
    }
    Ok(Examination {
        rows,
        columns,
        examined: examiners.into_iter().map(Examiner::finish).collect(),
    })
}

/// Takes a batch of these columns in their physical forms.
pub(crate) fn observe_batch(examiners: &mut [Examiner], fields: &[Field], batch: &RecordBatch) {
    for (field, array) in fields.iter().zip(batch.columns()) {
        let Some(examiner) = examiners.iter_mut().find(|examiner| examiner.name == field.name)
        else {
            continue;
        };
        examiner.said = Some(field.column_type);
        examiner.missing += array.null_count() as u64;
        if field.column_type == ColumnType::Text {
            array.as_string::<i32>().iter().flatten().for_each(|text| examiner.count(text));
        } else {
            let numbers = array.as_primitive::<Float64Type>();
            let texts =
                numbers.iter().flatten().map(|value| parse::format(value, field.column_type));
            texts.for_each(|text| examiner.count(&text));
        }
    }
}

/// Looks at some columns of a table of any source, by its schema and its batches.
pub(crate) fn of_source(
    source: &(impl TableSource + ?Sized),
    names: &[&str],
    markers: &MissingMarkers,
) -> Result<Examination, Error> {
    let options = ScanOptions { markers: markers.clone(), max_columns: usize::MAX };
    let shape = source.schema(&options)?;
    let header: Vec<String> = shape.fields.iter().map(|field| field.name.clone()).collect();
    let places = positions(&header, names)?;
    let fields: Vec<Field> =
        places.iter().filter_map(|place| shape.fields.get(*place).cloned()).collect();
    // The schema has the types.
    let mut examiners = fresh(names, &TypeInference::new(markers.clone()), markers);
    let mut rows = 0;
    source.batches(&shape, &fields, &options, EXAMINED_ROWS, &mut |batch| {
        rows += batch.num_rows() as u64;
        let batch = crate::convert::canonical_batch(&batch, &fields, markers)?;
        observe_batch(&mut examiners, &fields, &batch);
        Ok(())
    })?;
    finish(rows, header, examiners)
}

#[cfg(test)]
mod tests;
