//! Single values of a row, read as numbers of their column's type.

use tabular::parse::{self, MissingMarkers, Reading};
use tabular::{ColumnType, Field};

/// What a column that is held as numbers takes beside values of its own kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leniency {
    /// Fractions in a column of whole numbers, which are as good for a model.
    pub fractions: bool,
    /// Texts in a column of numbers or booleans, read as in a CSV file. Dates and instants are always texts.
    pub texts: bool,
}

/// Why a value is not one of its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueError {
    /// It is infinite or no number.
    NotFinite,
    /// It is of another kind, or outside the values of its column's type.
    Mismatch,
}

/// Reads values of one column that is held as numbers: of any type but [`ColumnType::Text`].
#[derive(Clone, Copy, Debug)]
pub struct ValueReader<'a> {
    /// The column: its type, and the form of its texts.
    pub field: &'a Field,
    /// What it takes beside values of this type.
    pub leniency: Leniency,
    /// Texts, and numbers, that stand for a missing value, which is read as NaN.
    pub markers: &'a MissingMarkers,
}

impl ValueReader<'_> {
    /// `true` and `false` as 1 and 0.
    ///
    /// # Errors
    /// When the column is none of booleans.
    pub fn boolean(&self, value: bool) -> Result<f64, ValueError> {
        if self.field.column_type != ColumnType::Boolean {
            return Err(ValueError::Mismatch);
        }
        Ok(f64::from(u8::from(value)))
    }

    /// A number as itself; NaN where it is a marker of missing values.
    ///
    /// # Errors
    /// When it is not finite, no whole number where one is needed, neither 0 nor 1 for a boolean, or the column has dates.
    pub fn number(&self, value: f64) -> Result<f64, ValueError> {
        let is_number = matches!(self.field.column_type, ColumnType::Integer | ColumnType::Number);
        if is_number && self.markers.is_missing_number(value) {
            return Ok(f64::NAN);
        }
        let fits = match self.field.column_type {
            ColumnType::Date | ColumnType::Timestamp | ColumnType::Text => false,
            _ if !value.is_finite() => return Err(ValueError::NotFinite),
            ColumnType::Boolean => value == 0.0 || value == 1.0,
            ColumnType::Integer => self.leniency.fractions || value.fract() == 0.0,
            ColumnType::Number => true,
        };
        if fits { Ok(value) } else { Err(ValueError::Mismatch) }
    }

    /// A text as [`parse::read`] reads it; NaN where it means a missing value.
    ///
    /// # Errors
    /// When it cannot be read so, or the column takes no texts.
    pub fn text(&self, text: &str) -> Result<f64, ValueError> {
        if !self.leniency.texts && !self.field.column_type.is_temporal() {
            return Err(ValueError::Mismatch);
        }
        let read = match parse::read(text, self.field, self.markers) {
            Reading::Misfit
                if self.field.column_type == ColumnType::Integer && self.leniency.fractions =>
            {
                let number = Field { column_type: ColumnType::Number, ..self.field.clone() };
                parse::read(text, &number, self.markers)
            }
            read => read,
        };
        match read {
            Reading::Missing => Ok(f64::NAN),
            Reading::Value(value) => Ok(value),
            Reading::Misfit => Err(ValueError::Mismatch),
        }
    }
}
