//! Metrics of labelled rows, in all and by segment, and those that a window's confidence lets expect.

use std::collections::BTreeMap;

use contracts::v1::{MetricEstimate, Monitor, ProblemType, SegmentPerformance};
use statistics::drift::ColumnSketch;
use statistics::reference::Reference;
use tabular::metrics::{self, MetricError, Outputs};

use super::estimate::{self, WeightedProbability};
use crate::feedback::LabelledRow;

/// Resamples of the intervals.
const RESAMPLES: usize = 200;
/// Seed of the resamples: the same rows have the same intervals.
const SEED: u64 = 42;
/// Fewest rows of a segment that is shown.
pub const MIN_SEGMENT_ROWS: usize = 30;
/// Most segments that are shown.
const MAX_SEGMENTS: usize = 50;

/// The rows as metrics take them.
struct Rows {
    truth: Vec<f64>,
    values: Vec<f64>,
    classes: usize,
    threshold: f64,
}

impl Rows {
    fn collect_from<'a>(monitor: &Monitor, rows: impl Iterator<Item = &'a LabelledRow>) -> Self {
        let classes = monitor.classes.len();
        let is_binary = monitor.problem_type() == ProblemType::Binary;
        let mut truth = Vec::new();
        let mut values = Vec::new();
        for row in rows {
            truth.push(row.outcome);
            if is_binary {
                values.extend(row.outputs.get(1));
            } else {
                values.extend(&row.outputs);
            }
        }
        Self { truth, values, classes, threshold: monitor.threshold }
    }

    fn outputs(&self, problem: ProblemType) -> Outputs<'_> {
        match problem {
            ProblemType::Binary => {
                Outputs::Binary { positive: &self.values, threshold: self.threshold }
            }
            ProblemType::Multiclass => {
                Outputs::Multiclass { probabilities: &self.values, classes: self.classes }
            }
            ProblemType::Regression | ProblemType::Unspecified => {
                Outputs::Regression { values: &self.values }
            }
        }
    }
}

/// Every metric of the problem by name, with its 95 % bootstrap interval.
///
/// # Errors
/// Where a stored row does not fit the model.
pub fn measure(
    monitor: &Monitor,
    rows: &[LabelledRow],
) -> Result<BTreeMap<String, MetricEstimate>, MetricError> {
    let prepared = Rows::collect_from(monitor, rows.iter());
    let outputs = prepared.outputs(monitor.problem_type());
    let measured = metrics::bootstrap(&prepared.truth, outputs, SEED, RESAMPLES)?;
    let estimate = |interval: metrics::Interval| MetricEstimate {
        value: interval.value,
        low: interval.low.min(interval.value),
        high: interval.high.max(interval.value),
    };
    Ok(measured.into_iter().map(|(name, interval)| (name.to_owned(), estimate(interval))).collect())
}

/// A labelled row and the segments that it is in, each a column and its value.
pub type RowSegments<'a> = (&'a LabelledRow, Vec<(&'a str, &'a str)>);

/// The metrics of the rows with each value of each column, of the values with enough rows; the largest segments first.
pub fn segments(monitor: &Monitor, rows: &[RowSegments<'_>]) -> Vec<SegmentPerformance> {
    let mut by_value: BTreeMap<(&str, &str), Vec<&LabelledRow>> = BTreeMap::new();
    for (row, values) in rows {
        for value in values {
            by_value.entry(*value).or_default().push(row);
        }
    }
    let mut segments: Vec<SegmentPerformance> = by_value
        .into_iter()
        .filter(|(_, rows)| rows.len() >= MIN_SEGMENT_ROWS)
        .filter_map(|((column, value), rows)| {
            let prepared = Rows::collect_from(monitor, rows.iter().copied());
            let outputs = prepared.outputs(monitor.problem_type());
            let measured = metrics::evaluate(&prepared.truth, outputs).ok()?;
            Some(SegmentPerformance {
                column: column.to_owned(),
                value: value.to_owned(),
                rows: rows.len() as u64,
                metrics: measured
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect(),
            })
        })
        .collect();
    segments.sort_by(|a, b| {
        b.rows.cmp(&a.rows).then_with(|| (&a.column, &a.value).cmp(&(&b.column, &b.value)))
    });
    segments.truncate(MAX_SEGMENTS);
    segments
}

/// Metrics that the confidence of a window's predictions lets expect, by name; none but for two classes.
pub fn estimated(monitor: &Monitor, window: &Reference) -> BTreeMap<String, MetricEstimate> {
    if monitor.problem_type() != ProblemType::Binary {
        return BTreeMap::new();
    }
    let probability = window.outputs.columns.values().find_map(|column| match column {
        ColumnSketch::Numeric(numbers) => Some(numbers),
        ColumnSketch::Categorical(_) => None,
    });
    let Some(numbers) = probability else { return BTreeMap::new() };
    let points: Vec<WeightedProbability> = numbers
        .points()
        .into_iter()
        .map(|(probability, rows)| WeightedProbability { probability, rows: rows as f64 })
        .collect();
    estimate::binary(&points, monitor.threshold)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn monitor() -> Monitor {
        Monitor {
            problem_type: ProblemType::Binary.into(),
            classes: vec!["no".to_owned(), "yes".to_owned()],
            threshold: 0.5,
            ..Monitor::default()
        }
    }

    fn row(outcome: f64, probability: f64) -> LabelledRow {
        LabelledRow {
            sequence: 1,
            row: 0,
            at: 0,
            outcome,
            outputs: vec![1.0 - probability, probability],
        }
    }

    #[test]
    fn rows_are_measured_in_all_and_by_segment() {
        let good: Vec<LabelledRow> =
            (0..40).map(|at| row(f64::from(at % 2), if at % 2 == 0 { 0.1 } else { 0.9 })).collect();
        let bad: Vec<LabelledRow> =
            (0..40).map(|at| row(f64::from(at % 2), if at % 2 == 0 { 0.9 } else { 0.1 })).collect();
        let all: Vec<LabelledRow> = good.iter().chain(&bad).cloned().collect();
        let measured = measure(&monitor(), &all).unwrap();
        assert_eq!(measured["accuracy"].value, 0.5);
        assert!(measured["accuracy"].low < 0.5 && measured["accuracy"].high > 0.5);
        let rows: Vec<RowSegments<'_>> = good
            .iter()
            .map(|row| (row, vec![("region", "north")]))
            .chain(bad.iter().map(|row| (row, vec![("region", "south")])))
            .chain(all.iter().take(5).map(|row| (row, vec![("region", "few")])))
            .collect();
        let segments = segments(&monitor(), &rows);
        let found: Vec<_> = segments
            .iter()
            .map(|segment| (segment.value.as_str(), segment.rows, segment.metrics["accuracy"]))
            .collect();
        assert_eq!(found, [("north", 40, 1.0), ("south", 40, 0.0)]);
    }
}
