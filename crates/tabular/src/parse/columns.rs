//! Columns of texts as a model takes them: by its signature alone, so that no value depends on the other rows of its table.

use super::{MissingMarkers, Reading, boolean, number, read};
use crate::{Column, ColumnType, Field, TextColumn};

/// Reads the texts of one input of a model.
#[derive(Clone, Debug)]
pub struct ColumnReader {
    /// The input: its type, and the form of its texts.
    pub field: Field,
    /// What means a missing value.
    pub markers: MissingMarkers,
}

/// A text that is no value of its column; the value is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Its row, from 0.
    pub row: usize,
    /// What was expected.
    pub expected: &'static str,
}

impl ColumnReader {
    /// The column as its type says. Each distinct text is read once.
    ///
    /// `true` and `false` are 1 and 0 in a column of numbers, and the reverse in one of booleans.
    ///
    /// # Errors
    /// The first row whose text is no value of the type.
    pub fn column(&self, texts: &TextColumn) -> Result<Column, Misfit> {
        if self.field.column_type == ColumnType::Text {
            let trimmed = |text: &str| !self.markers.is_missing(text);
            return Ok(Column::Text(
                texts.iter().map(|text| text.map(str::trim).filter(|text| trimmed(text))).collect(),
            ));
        }
        let levels: Vec<Reading> = texts.levels().iter().map(|text| self.value(text)).collect();
        let of = |(row, code): (usize, &u32)| match usize::try_from(*code)
            .ok()
            .and_then(|code| levels.get(code))
        {
            None | Some(Reading::Missing) => Ok(f64::NAN),
            Some(Reading::Value(value)) => Ok(*value),
            Some(Reading::Misfit) => Err(Misfit { row, expected: self.expected() }),
        };
        let values = texts.codes().iter().enumerate().map(of);
        values.collect::<Result<_, _>>().map(Column::Number)
    }

    fn value(&self, text: &str) -> Reading {
        let read = read(text, &self.field, &self.markers);
        let column_type = self.field.column_type;
        let other = match (read, column_type) {
            (Reading::Misfit, ColumnType::Integer | ColumnType::Number) => {
                // Fractions are as good for a model as whole numbers.
                let fraction = || {
                    let number = Field { column_type: ColumnType::Number, ..self.field.clone() };
                    super::value(text, number.column_type, &number.form)
                };
                boolean(text).map(|value| f64::from(u8::from(value))).or_else(fraction)
            }
            (Reading::Misfit, ColumnType::Boolean) => {
                number(text).filter(|value| *value == 0.0 || *value == 1.0)
            }
            _ => None,
        };
        other.map_or(read, Reading::Value)
    }

    fn expected(&self) -> &'static str {
        match self.field.column_type {
            ColumnType::Integer | ColumnType::Number => "a number",
            ColumnType::Boolean => "true or false",
            ColumnType::Date => "a date such as 2024-05-31",
            ColumnType::Timestamp => "a date or time such as 2024-05-31T10:00:00Z",
            ColumnType::Text => "a text",
        }
    }
}

/// The text by which rows are told apart that are about the same: `7`, ` 7.0` and `7` of another file are one, `007` is another,
/// and long numbers keep their digits. Empty where the text means that there is none.
#[must_use]
pub fn identity(text: &str) -> String {
    let text = text.trim();
    if MissingMarkers::default().is_missing(text) {
        return String::new();
    }
    let mut counts = super::KindCounts::default();
    *super::kind(text, &mut counts) += 1;
    if counts.integer + counts.number > 0 {
        return number(text).map_or_else(|| text.to_owned(), |value| format!("{value}"));
    }
    boolean(text).map_or_else(|| text.to_owned(), |value| value.to_string())
}
