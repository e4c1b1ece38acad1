//! The profile of a table: what its columns look like. It is also the reference that drift is measured against.

mod distinct;
mod numeric;

use serde::{Deserialize, Serialize};
use tabular::{Column, ColumnType, Field, Table, TextColumn, parse};

use distinct::DistinctCounter;

/// Most values listed per column.
pub const MAX_TOP_VALUES: usize = 50;

/// The shares whose quantiles are given.
pub const QUANTILE_SHARES: [f64; 13] =
    [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];

/// What the columns of a table look like.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Number of rows.
    pub rows: u64,
    /// The columns, in order.
    pub columns: Vec<ColumnProfile>,
}

/// What a column looks like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// Name of the column.
    pub name: String,
    /// Type of the column.
    pub column_type: ColumnType,
    /// Values that are there.
    pub count: u64,
    /// Values that are missing.
    pub missing: u64,
    /// Number of distinct values.
    pub distinct: u64,
    /// Whether `distinct` is an estimate, because there are too many to count.
    pub distinct_estimated: bool,
    /// Moments and quantiles; none for text or where no value is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numeric: Option<NumericProfile>,
    /// The most frequent values with their rows, for text, booleans and whole numbers of few distinct values.
    pub top_values: Vec<(String, u64)>,
}

/// Moments and quantiles of numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NumericProfile {
    /// Arithmetic mean of the values that are not missing.
    pub mean: f64,
    /// Standard deviation of the sample.
    pub std: f64,
    /// Least value that is not missing.
    pub min: f64,
    /// Greatest value that is not missing.
    pub max: f64,
    /// Values that are zero; 0 in profiles that were made before zeros were counted.
    #[serde(default)]
    pub zeros: u64,
    /// Share and quantile, for each of [`QUANTILE_SHARES`].
    pub quantiles: Vec<(f64, f64)>,
    /// Skewness; 0 where all values are equal.
    pub skewness: f64,
    /// Bins of about equally many rows. The first is open downwards, the last upwards.
    pub histogram: Vec<HistogramBin>,
}

/// A bin of a histogram: values above the upper end of the one before, up to its own upper end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistogramBin {
    /// Its upper end, included; none where it is open.
    pub upper: Option<f64>,
    /// Number of values in the bin.
    pub count: u64,
}

impl ColumnProfile {
    /// Takes out what is a value of a row: counts stay.
    pub fn withhold_values(&mut self) {
        self.top_values.clear();
        self.numeric = None;
    }
}

impl Profile {
    /// A column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnProfile> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Computes the profile of every column of a table.
#[must_use]
pub fn profile(table: &Table) -> Profile {
    Profile {
        rows: table.rows() as u64,
        columns: table.iter().map(|(field, column)| profile_column(field, column)).collect(),
    }
}

fn profile_column(field: &Field, column: &Column) -> ColumnProfile {
    match column {
        Column::Number(values) => profile_numbers(field, values),
        Column::Text(text) => profile_text(field, text),
    }
}

fn profile_numbers(field: &Field, values: &[f64]) -> ColumnProfile {
    let mut sorted: Vec<f64> =
        values.iter().copied().filter(|value| value.is_finite()).map(|value| value + 0.0).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut counter = DistinctCounter::default();
    for run in sorted.chunk_by(|a, b| a == b) {
        counter.observe(run);
    }
    let (distinct, values_with_counts) = counter.finish();
    // Sorted values make the count exact; the values themselves are listed only where they are few.
    let listed = matches!(field.column_type, ColumnType::Boolean | ColumnType::Integer);
    let top_values = if listed {
        values_with_counts
            .into_iter()
            .map(|(value, count)| (parse::format(value, field.column_type), count))
            .collect()
    } else {
        Vec::new()
    };
    ColumnProfile {
        name: field.name.clone(),
        column_type: field.column_type,
        count: sorted.len() as u64,
        missing: (values.len() - sorted.len()) as u64,
        distinct,
        distinct_estimated: false,
        numeric: numeric::describe(&sorted),
        top_values,
    }
}

fn profile_text(field: &Field, text: &TextColumn) -> ColumnProfile {
    let (counts, missing) = text.counts();
    let mut present: Vec<(String, u64)> = text
        .levels()
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .map(|(level, count)| (level.clone(), count))
        .collect();
    let distinct = present.len() as u64;
    present.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    present.truncate(MAX_TOP_VALUES);
    ColumnProfile {
        name: field.name.clone(),
        column_type: field.column_type,
        count: text.len() as u64 - missing,
        missing,
        distinct,
        distinct_estimated: false,
        numeric: None,
        top_values: present,
    }
}

#[cfg(test)]
mod tests;
