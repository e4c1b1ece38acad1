//! What a column looks like. All of it is counted on all rows.

use serde::Serialize;
use statistics::profile as of_table;
use tables::StoredTable;
use tabular::{Column, ColumnType, Field, Table, TextColumn, parse, personal};

use crate::histogram::Histogram;

/// Most frequent values that are listed.
const TOP: usize = 20;

/// What a column looks like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnReport {
    /// Name of the column.
    pub name: String,
    /// Type of the column.
    pub column_type: ColumnType,
    /// What its values look like, where they are personal data; then no value is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub personal: Option<String>,
    /// Values that are there.
    pub count: u64,
    /// Values that are missing.
    pub missing: u64,
    /// Number of distinct values.
    pub distinct: u64,
    /// Moments and quantiles of numbers; of dates and instants, in microseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numbers: Option<Moments>,
    /// Earliest and latest of dates and instants, in ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<(String, String)>,
    /// Rows by value, of numbers, dates and instants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub histogram: Option<Histogram>,
    /// Characters of texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lengths: Option<TextLengths>,
    /// The most frequent values with their rows, 20 at most.
    pub top_values: Vec<(String, u64)>,
}

/// Moments and quantiles of numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moments {
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation of the sample.
    pub std: f64,
    /// Skewness, `m3 / m2^1.5` of the moments about the mean; 0 where all values are equal.
    pub skewness: f64,
    /// Excess kurtosis, `m4 / m2² - 3`; 0 where all values are equal.
    pub kurtosis: f64,
    /// Least value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
    /// Values that are 0.
    pub zeros: u64,
    /// Values below 0.
    pub negative: u64,
    /// Share and quantile, interpolated linearly between neighbours.
    pub quantiles: Vec<(f64, f64)>,
}

/// Characters of texts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TextLengths {
    /// Fewest.
    pub min: u64,
    /// Arithmetic mean over the rows.
    pub mean: f64,
    /// Most.
    pub max: u64,
}

/// Looks at a column of a stored table.
pub(crate) fn report(
    table: &StoredTable,
    place: usize,
) -> Result<Option<ColumnReport>, tables::Error> {
    let Some(field) = table.fields().get(place) else { return Ok(None) };
    let personal_kind =
        personal::in_name(&field.name).then(|| "its name says so".to_owned()).or(match table
            .levels(place)
        {
            Some(levels) => {
                let present = levels.iter().zip(levels.rows()).filter(|(_, rows)| **rows > 0);
                personal::of_levels(present.map(|(level, _)| level))
            }
            None => {
                let mut first = Vec::new();
                if !table.blocks().is_empty() {
                    table.read_numbers(place, 0, &mut first)?;
                }
                personal::of_numbers(&first)
            }
        }
        .map(|kind| format!("its values look like {kind}")));
    let column = table.column(place)?;
    let lengths = column.text().and_then(lengths);
    let of_numbers = column.numbers().map(|values| of_numbers(field, values));
    let one = Table::new(vec![field.clone()], vec![column]).map_err(dataset::Error::from)?;
    let Some(profile) = of_table(&one).columns.pop() else { return Ok(None) };
    let (moments, histogram, range) = of_numbers.unwrap_or_default();
    let shown = personal_kind.is_none();
    let mut top_values = profile.top_values;
    top_values.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    top_values.truncate(TOP);
    Ok(Some(ColumnReport {
        name: field.name.clone(),
        column_type: field.column_type,
        count: profile.count,
        missing: profile.missing,
        distinct: profile.distinct,
        numbers: moments.filter(|_| shown),
        range: range.filter(|_| shown),
        histogram: histogram.filter(|_| shown),
        lengths,
        top_values: if shown { top_values } else { Vec::new() },
        personal: personal_kind,
    }))
}

type OfNumbers = (Option<Moments>, Option<Histogram>, Option<(String, String)>);

fn of_numbers(field: &Field, values: &[f64]) -> OfNumbers {
    let mut sorted: Vec<f64> =
        values.iter().copied().filter(|value| value.is_finite()).map(|value| value + 0.0).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let (Some(min), Some(max)) = (sorted.first().copied(), sorted.last().copied()) else {
        return OfNumbers::default();
    };
    let one = Table::new(vec![field.clone()], vec![Column::Number(values.to_vec())]).ok();
    let numeric = one.and_then(|one| of_table(&one).columns.pop()?.numeric);
    let moments = numeric.map(|numeric| Moments {
        mean: numeric.mean,
        std: numeric.std,
        skewness: numeric.skewness,
        kurtosis: kurtosis(&sorted, numeric.mean),
        min,
        max,
        zeros: numeric.zeros,
        negative: sorted.partition_point(|value| *value < 0.0) as u64,
        quantiles: numeric.quantiles,
    });
    let whole = matches!(field.column_type, ColumnType::Integer | ColumnType::Boolean);
    let histogram = Histogram::of_sorted(&sorted, whole);
    let is_moment = field.column_type.is_temporal();
    let text = |value: f64| parse::format(value, field.column_type);
    (moments, Some(histogram), is_moment.then(|| (text(min), text(max))))
}

fn kurtosis(values: &[f64], mean: f64) -> f64 {
    let (mut second, mut fourth) = (0.0, 0.0);
    for value in values {
        let square = (value - mean) * (value - mean);
        second += square;
        fourth += square * square;
    }
    let count = values.len() as f64;
    let kurtosis = fourth / count / (second / count).powi(2) - 3.0;
    if kurtosis.is_finite() { kurtosis } else { 0.0 }
}

fn lengths(text: &TextColumn) -> Option<TextLengths> {
    let (counts, _) = text.counts();
    let (mut rows, mut sum) = (0_u64, 0_u64);
    let (mut min, mut max) = (u64::MAX, 0);
    for (level, count) in text.levels().iter().zip(counts).filter(|(_, count)| *count > 0) {
        let length = level.chars().count() as u64;
        (min, max) = (min.min(length), max.max(length));
        rows += count;
        sum += length * count;
    }
    (rows > 0).then(|| TextLengths { min, mean: sum as f64 / rows as f64, max })
}
