//! The numbers that a model is given.

use thiserror::Error;

/// Rows of features, row after row. A missing value is NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureMatrix {
    /// Number of rows.
    pub rows: usize,
    /// Number of features.
    pub width: usize,
    /// `rows * width` values, row after row.
    pub values: Vec<f64>,
}

/// The number of values is not rows times width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a matrix of {rows} rows and {width} features needs {expected} values, not {found}", expected = rows.saturating_mul(*width))]
pub struct ShapeError {
    /// Number of rows that the caller claimed.
    pub rows: usize,
    /// Number of columns that the caller claimed.
    pub width: usize,
    /// Number of values that the caller gave.
    pub found: usize,
}

impl FeatureMatrix {
    /// Checks the shape.
    ///
    /// # Errors
    /// When the number of values is not `rows * width`.
    pub fn new(rows: usize, width: usize, values: Vec<f64>) -> Result<Self, ShapeError> {
        if rows.checked_mul(width) != Some(values.len()) {
            return Err(ShapeError { rows, width, found: values.len() });
        }
        Ok(Self { rows, width, values })
    }

    /// One row; empty when there is no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f64] {
        let start = row.saturating_mul(self.width);
        self.values.get(start..start.saturating_add(self.width)).unwrap_or(&[])
    }

    /// All rows in order.
    pub fn iter_rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        (0..self.rows).map(|row| self.row(row))
    }

    /// One value; NaN when there is none at that place.
    #[must_use]
    pub fn get(&self, row: usize, feature: usize) -> f64 {
        self.row(row).get(feature).copied().unwrap_or(f64::NAN)
    }

    /// The values of one feature, copied.
    #[must_use]
    pub fn feature(&self, feature: usize) -> Vec<f64> {
        self.iter_rows().map(|row| row.get(feature).copied().unwrap_or(f64::NAN)).collect()
    }

    /// The given rows, in the given order; rows that do not exist are left out.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Self {
        let mut values = Vec::with_capacity(rows.len().saturating_mul(self.width));
        let mut taken = 0;
        for row in rows.iter().copied().filter(|row| *row < self.rows) {
            values.extend_from_slice(self.row(row));
            taken += 1;
        }
        Self { rows: taken, width: self.width, values }
    }
}
