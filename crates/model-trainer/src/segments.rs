//! Metrics within groups of the test split: where a model is worse than it is on the whole, and whom it favours.

use contracts::stages;
use learners::{Examples, Outputs};
use tabular::metrics;
use tabular::{Column, Table};

use crate::Error;

/// Most segments of a column; the smallest beyond it are left out.
const MAX_SEGMENTS: usize = 20;
/// Numbers with more distinct values than this are divided at their quartiles.
const MAX_DISTINCT: usize = 12;
/// Segments with fewer rows tell nothing.
pub(crate) const MIN_ROWS: usize = 10;
/// Most bytes of a segment's name.
const MAX_NAME: usize = 128;
/// Share of the rows that are predicted positive.
const SELECTION_RATE: &str = "selection_rate";

/// Metrics within each segment of the scope's group columns.
///
/// # Errors
/// Where the test split does not have such a column, or predictions cannot be measured.
pub(crate) fn measure(
    test: &Table,
    scope: &stages::Scope,
    examples: &Examples,
    outputs: &Outputs,
    threshold: f64,
) -> Result<Vec<stages::SegmentMetrics>, Error> {
    let mut all = Vec::new();
    for name in &scope.group_columns {
        let column = test.column(name).ok_or_else(|| Error::Column { column: name.clone() })?;
        for (value, rows) in segments(column) {
            if rows.len() < MIN_ROWS {
                continue;
            }
            let truth: Vec<f64> =
                rows.iter().filter_map(|&row| examples.target.get(row).copied()).collect();
            let own = outputs.take(&rows);
            // Rows of one class have no curve, but they have labels.
            let mut measured = metrics::evaluate(&truth, own.as_measured(threshold))?;
            measured.retain(|_, value| value.is_finite());
            let mut measured: std::collections::HashMap<String, f64> =
                measured.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            if let Some(positive) = own.positive() {
                let selected = positive.iter().filter(|value| **value >= threshold).count();
                measured.insert(SELECTION_RATE.to_owned(), selected as f64 / positive.len() as f64);
            }
            all.push(stages::SegmentMetrics {
                column: name.clone(),
                value,
                rows: rows.len() as u64,
                metrics: measured.into_iter().collect(),
            });
        }
    }
    Ok(all)
}

/// The segments of a column with their rows, the largest first.
pub(crate) fn segments(column: &Column) -> Vec<(String, Vec<usize>)> {
    let mut segments: std::collections::BTreeMap<String, Vec<usize>> =
        std::collections::BTreeMap::new();
    match column {
        Column::Text(text) => {
            for (row, value) in text.iter().enumerate() {
                segments.entry(shortened(value.unwrap_or(""))).or_default().push(row);
            }
        }
        Column::Number(values) => {
            let mut sorted: Vec<f64> =
                values.iter().copied().filter(|value| !value.is_nan()).collect();
            sorted.sort_by(f64::total_cmp);
            let mut distinct = sorted.clone();
            distinct.dedup();
            let name = |value: f64| {
                if value.is_nan() {
                    return String::new();
                }
                if distinct.len() <= MAX_DISTINCT {
                    return value.to_string();
                }
                let at = |quarter: usize| {
                    sorted.get((sorted.len() - 1) * quarter / 4).copied().unwrap_or(f64::NAN)
                };
                let quarter = (1..4).find(|quarter| value <= at(*quarter)).unwrap_or(4);
                format!("{} to {}", at(quarter - 1), at(quarter))
            };
            for (row, value) in values.iter().enumerate() {
                segments.entry(name(*value)).or_default().push(row);
            }
        }
    }
    let mut segments: Vec<(String, Vec<usize>)> = segments.into_iter().collect();
    segments.sort_by(|left, right| right.1.len().cmp(&left.1.len()).then(left.0.cmp(&right.0)));
    segments.truncate(MAX_SEGMENTS);
    segments
}

/// A name of at most [`MAX_NAME`] bytes.
fn shortened(name: &str) -> String {
    let mut end = name.len().min(MAX_NAME);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default().to_owned()
}

/// A warning for each column whose groups are predicted positive at rates that differ by more than the four-fifths rule
/// allows (United States, Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D).
pub(crate) fn disparities(segments: &[stages::SegmentMetrics]) -> Vec<String> {
    /// The least of two rates as a share of the greatest.
    const FOUR_FIFTHS: f64 = 0.8;
    let mut columns: Vec<&str> = segments.iter().map(|of| of.column.as_str()).collect();
    columns.dedup();
    let of_column = |column: &str| {
        let rate = |of: &&stages::SegmentMetrics| {
            Some((of.value.clone(), *of.metrics.get(SELECTION_RATE)?))
        };
        let mut rates: Vec<(String, f64)> =
            segments.iter().filter(|of| of.column == column).filter_map(|of| rate(&of)).collect();
        rates.sort_by(|left, right| left.1.total_cmp(&right.1));
        let ((least, low), (greatest, high)) = (rates.first()?, rates.last()?);
        (*high > 0.0 && low / high < FOUR_FIFTHS).then(|| {
            format!(
                "by {column}, {low:.3} of {least:?} and {high:.3} of {greatest:?} are predicted positive: less than four fifths"
            )
        })
    };
    columns.into_iter().filter_map(of_column).collect()
}
