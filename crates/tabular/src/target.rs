//! The column to be predicted, as class indices or numbers.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::{Column, ColumnType, Field, ProblemType, Table, TableError, parse};

/// Target of every row, encoded as class indices or numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The type of problem.
    pub problem: ProblemType,
    /// The classes in the order of their indices; empty for regression.
    pub classes: Vec<String>,
    /// The class index of each row, or its number.
    pub values: Vec<f64>,
}

/// Rows of a class that are kept at least, as far as it has them.
const MIN_CLASS_ROWS: usize = 200;
/// Most classes of a text target.
pub const MAX_CLASSES: u64 = 100;
/// Most different whole numbers that are taken for classes.
const MAX_NUMBER_CLASSES: u64 = 20;
/// Fewest rows per value, on average, for whole numbers to be taken for classes.
const ROWS_PER_NUMBER_CLASS: u64 = 20;

/// The type of problem that a column makes as a target: by its type, the number of its different values, the number of rows that have
/// one, and whether all its numbers are whole. None of dates and instants, and of texts of more than [`MAX_CLASSES`] values.
#[must_use]
pub fn problem_type(
    column_type: ColumnType,
    values: u64,
    present: u64,
    are_whole: bool,
) -> Option<ProblemType> {
    if values == 2 {
        return Some(ProblemType::Binary);
    }
    match column_type {
        ColumnType::Date | ColumnType::Timestamp => None,
        ColumnType::Number if !are_whole => Some(ProblemType::Regression),
        // 0.0, 1.0 and 2.0 are the classes that 0, 1 and 2 are: a column of whole numbers with a gap becomes one of doubles.
        ColumnType::Integer | ColumnType::Number => {
            let few = values <= MAX_NUMBER_CLASSES && present / ROWS_PER_NUMBER_CLASS >= values;
            Some(if few { ProblemType::Multiclass } else { ProblemType::Regression })
        }
        ColumnType::Boolean | ColumnType::Text => {
            (values <= MAX_CLASSES).then_some(ProblemType::Multiclass)
        }
    }
}

impl Target {
    /// At most about `most` rows, evenly spaced within each class, in ascending order: each class has its share, and 200 rows at
    /// least where it has so many.
    #[must_use]
    pub fn evenly_chosen(&self, most: usize) -> Vec<usize> {
        let rows = self.values.len();
        if rows <= most {
            return (0..rows).collect();
        }
        // For regression all rows are of one class.
        let class = |value: f64| if self.classes.is_empty() { 0 } else { value as usize };
        let mut counts = vec![0_usize; self.classes.len().max(1)];
        for value in &self.values {
            if let Some(count) = counts.get_mut(class(*value)) {
                *count += 1;
            }
        }
        let share = |count: usize| (count as f64 * most as f64 / rows as f64).ceil() as usize;
        let kept: Vec<usize> =
            counts.iter().map(|&count| share(count).max(MIN_CLASS_ROWS).min(count)).collect();
        // The n-th row of a class is kept where `n · kept / count` becomes another whole number.
        let mut seen = vec![0_usize; counts.len()];
        let chosen = self.values.iter().enumerate().filter_map(|(row, value)| {
            let class = class(*value);
            let (seen, kept) = (seen.get_mut(class)?, *kept.get(class)? as u128);
            let count = *counts.get(class)? as u128;
            let before = *seen as u128 * kept / count;
            *seen += 1;
            (*seen as u128 * kept / count > before).then_some(row)
        });
        chosen.collect()
    }
}

/// A target that cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TargetError {
    /// The column is not there.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The target is missing in some rows.
    #[error("target {column:?} is missing in {rows} rows; every row needs a value")]
    Missing {
        /// Name of the column.
        column: String,
        /// Number of rows without a target.
        rows: usize,
    },
    /// A number is needed.
    #[error("target {column:?} is {column_type}; regression needs numbers")]
    NotNumeric {
        /// Name of the column.
        column: String,
        /// Type that the column has.
        column_type: ColumnType,
    },
    /// The number of classes does not fit the type of problem.
    #[error("target {column:?} has {found} classes; {problem} needs {}", needs(*problem))]
    ClassCount {
        /// Name of the column.
        column: String,
        /// Number of classes found.
        found: usize,
        /// The type of problem.
        problem: ProblemType,
    },
    /// The positive class is not a value of the column.
    #[error("the positive class is not among the classes of target {column:?}: {}", classes.join(", "))]
    PositiveClass {
        /// Name of the column.
        column: String,
        /// The classes that are there.
        classes: Vec<String>,
    },
    /// A row has a class that is not among those known.
    #[error(
        "target {column:?} has a class at row {row} that is not among the {classes} known ones"
    )]
    UnknownClass {
        /// Name of the column.
        column: String,
        /// The row, from 1.
        row: usize,
        /// Number of known classes.
        classes: usize,
    },
}

fn needs(problem: ProblemType) -> &'static str {
    match problem {
        ProblemType::Binary => "exactly two",
        ProblemType::Multiclass => "at least three",
        ProblemType::Regression => "none",
    }
}

/// Encodes a target, concluding the classes from its values.
///
/// Classes are sorted (as numbers where all are numbers); of two classes the positive one comes second. Where no
/// positive class is given, the greater one is positive.
///
/// # Errors
/// When values are missing, the number of classes does not fit, or the positive class is not there.
pub fn encode(
    table: &Table,
    column: &str,
    problem: ProblemType,
    positive: Option<&str>,
) -> Result<Target, TargetError> {
    let (field, values) = table.require(column)?;
    if problem == ProblemType::Regression {
        return encode_with(table, column, problem, &[]);
    }
    let classes = class_counts(field, values).into_keys().collect::<Vec<_>>();
    let fits = match problem {
        ProblemType::Binary => classes.len() == 2,
        _ => classes.len() >= 3,
    };
    if !fits {
        return Err(TargetError::ClassCount {
            column: column.to_owned(),
            found: classes.len(),
            problem,
        });
    }
    let ordered = order_classes(classes, field.column_type, positive);
    if let Some(positive) = positive
        && class_index(&ordered, field.column_type, positive).is_none()
    {
        return Err(TargetError::PositiveClass { column: column.to_owned(), classes: ordered });
    }
    encode_with(table, column, problem, &ordered)
}

/// Encodes a target whose classes are known already; their order is kept.
///
/// # Errors
/// When values are missing or are not among the classes.
pub fn encode_with(
    table: &Table,
    column: &str,
    problem: ProblemType,
    classes: &[String],
) -> Result<Target, TargetError> {
    let (field, values) = table.require(column)?;
    let missing = values.missing();
    if missing > 0 {
        return Err(TargetError::Missing { column: column.to_owned(), rows: missing });
    }
    if problem == ProblemType::Regression {
        let numbers =
            values.numbers().filter(|_| !field.column_type.is_temporal()).ok_or_else(|| {
                TargetError::NotNumeric {
                    column: column.to_owned(),
                    column_type: field.column_type,
                }
            })?;
        return Ok(Target { problem, classes: Vec::new(), values: numbers.to_vec() });
    }
    let unknown = |row: usize| TargetError::UnknownClass {
        column: column.to_owned(),
        row: row + 1,
        classes: classes.len(),
    };
    let as_index = |index: usize| index as f64;
    let encoded: Result<Vec<f64>, TargetError> = match values {
        Column::Number(numbers) => {
            let known: Vec<Option<f64>> =
                classes.iter().map(|class| as_number(class, field.column_type)).collect();
            let index_of =
                |value: &f64| known.iter().position(|known| known == &Some(*value)).map(as_index);
            numbers
                .iter()
                .enumerate()
                .map(|(row, value)| index_of(value).ok_or_else(|| unknown(row)))
                .collect()
        }
        Column::Text(text) => {
            let of_level: Vec<Option<f64>> = text
                .levels()
                .iter()
                .map(|level| class_index(classes, field.column_type, level).map(as_index))
                .collect();
            let index_of = |code: &u32| {
                usize::try_from(*code).ok().and_then(|code| of_level.get(code)).copied()
            };
            text.codes()
                .iter()
                .enumerate()
                .map(|(row, code)| index_of(code).flatten().ok_or_else(|| unknown(row)))
                .collect()
        }
    };
    Ok(Target { problem, classes: classes.to_vec(), values: encoded? })
}

/// The classes of a column with their rows, as text: `true`/`false` for booleans, the shortest decimal for numbers.
#[must_use]
pub fn class_counts(field: &Field, column: &Column) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    match column {
        Column::Number(numbers) => {
            let mut by_bits: BTreeMap<u64, u64> = BTreeMap::new();
            for value in numbers.iter().filter(|value| !value.is_nan()) {
                *by_bits.entry((value + 0.0).to_bits()).or_default() += 1;
            }
            for (bits, count) in by_bits {
                *counts.entry(class_label(field.column_type, f64::from_bits(bits))).or_default() +=
                    count;
            }
        }
        Column::Text(text) => {
            let (rows, _) = text.counts();
            counts.extend(text.levels().iter().cloned().zip(rows).filter(|(_, rows)| *rows > 0));
        }
    }
    counts
}

/// A value of a numeric column as the name of a class.
#[must_use]
pub fn class_label(column_type: ColumnType, value: f64) -> String {
    match column_type {
        ColumnType::Boolean => if value == 0.0 { "false" } else { "true" }.to_owned(),
        _ => format!("{value}"),
    }
}

/// Classes in order: sorted, as numbers where all are numbers; of two the positive one second.
#[must_use]
pub fn order_classes(
    mut classes: Vec<String>,
    column_type: ColumnType,
    positive: Option<&str>,
) -> Vec<String> {
    let numbers: Option<Vec<f64>> = classes.iter().map(|class| parse::number(class)).collect();
    if numbers.is_some() {
        let key = |class: &String| parse::number(class).unwrap_or(f64::NAN);
        classes.sort_by(|a, b| key(a).total_cmp(&key(b)).then_with(|| a.cmp(b)));
    } else {
        classes.sort();
    }
    if classes.len() == 2
        && let Some(positive) = positive
        && class_index(&classes, column_type, positive) == Some(0)
    {
        classes.reverse();
    }
    classes
}

/// Index of a class by its text; `True` finds `true` and `1.0` finds `1` where the column is not text.
#[must_use]
pub fn class_index(classes: &[String], column_type: ColumnType, class: &str) -> Option<usize> {
    if let Some(index) = classes.iter().position(|known| known == class) {
        return Some(index);
    }
    if column_type == ColumnType::Text {
        return None;
    }
    let value = as_number(class, column_type)?;
    classes.iter().position(|known| as_number(known, column_type) == Some(value))
}

fn as_number(class: &str, column_type: ColumnType) -> Option<f64> {
    match column_type {
        ColumnType::Boolean => parse::boolean(class)
            .map(|value| if value { 1.0 } else { 0.0 })
            .or_else(|| parse::number(class)),
        ColumnType::Text => None,
        ColumnType::Integer | ColumnType::Number | ColumnType::Date | ColumnType::Timestamp => {
            parse::number(class)
        }
    }
}

#[cfg(test)]
mod tests;
