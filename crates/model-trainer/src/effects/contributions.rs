//! What each input contributes to the margins of held-out rows, by its value: Shapley values as `scoring` has them of one row.
//!
//! ```text
//! held-out rows, evenly ─▶ contributions, row by row ─┬─▶ their mean size ───────────────▶ which inputs are told
//!                                                     └─▶ by the input's value, in cells ─▶ lowest tenth, mean, highest tenth
//! ```
//!
//! The rows are those of the hold-out, which no model has learned from; those of the test split where it has too few.

use std::collections::BTreeMap;

use contracts::stages;
use scoring::{ExplainError, Explanations, Model};
use tabular::{Column, Field, Table, parse};

use super::{MAX_LEVEL, trees};
use crate::Error;
use crate::rows::evenly;
use crate::segments::is_personal;
use crate::training_tables::TrainingTables;

/// Most inputs that are told.
const MAX_INPUTS: usize = 20;
/// Most cells of an input, rows without a value left out.
const MAX_CELLS: usize = 10;
/// Rows that are explained, at most and at least.
const ROWS: (usize, usize) = (300, 30);
/// Trees that rows are explained by at most, all rows together, so that a large model is looked at on fewer rows.
const MAX_TREES: usize = 150_000;
/// The share of rows of a cell that lies below its low and above its high end.
const TAIL: f64 = 0.1;

/// What inputs contribute.
#[derive(Debug, Default)]
pub(super) struct Contributions {
    /// The inputs, the greatest mean first.
    pub(super) inputs: Vec<stages::InputContribution>,
    /// Rows that were explained.
    pub(super) rows: u64,
}

/// Measures contributions; none of a model that cannot be explained, as of one that says the same of all rows with certainty.
///
/// # Errors
/// Where the rows do not fit the plan.
pub(super) fn measure(material: &TrainingTables, model: &Model) -> Result<Contributions, Error> {
    let held = &material.hold_out;
    let from = if held.rows() >= ROWS.1 { held } else { &material.test };
    let most = (MAX_TREES / trees(model).max(1)).clamp(ROWS.1, ROWS.0).min(from.rows());
    let rows = from.take(&evenly(from.rows(), most));
    let explained = match scoring::explain(&material.plan, model, &rows, || true) {
        Ok(explained) => explained,
        Err(ExplainError::Score(error)) => return Err(error.into()),
        Err(error) => {
            tracing::debug!(%error, "the model cannot be explained");
            return Ok(Contributions::default());
        }
    };
    let mut inputs: Vec<stages::InputContribution> = (0..explained.names.len())
        .filter_map(|place| input(&explained, place, &rows))
        .filter(|input| input.mean_absolute > 0.0)
        .collect();
    inputs.sort_by(|left, right| {
        let by_size = right.mean_absolute.total_cmp(&left.mean_absolute);
        by_size.then_with(|| left.input.cmp(&right.input))
    });
    inputs.truncate(MAX_INPUTS);
    for input in inputs.iter_mut().filter(|input| is_personal(material, &input.input)) {
        // What a model says of its values is told, and not the values.
        let named = input.cells.iter_mut().filter(|cell| !cell.value.is_empty());
        named.zip(1..).for_each(|(cell, number)| cell.value = format!("value {number}"));
    }
    Ok(Contributions { inputs, rows: rows.rows() as u64 })
}

/// What one input contributes; none where a contribution is no number.
fn input(
    explained: &Explanations,
    place: usize,
    rows: &Table,
) -> Option<stages::InputContribution> {
    let name = explained.names.get(place)?;
    let width = explained.names.len();
    let of_input: Vec<f64> =
        explained.contributions.iter().skip(place).step_by(width).copied().collect();
    if of_input.is_empty() || of_input.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let sizes: f64 = of_input.iter().map(|value| value.abs()).sum();
    let first: Vec<f64> =
        of_input.iter().step_by(explained.margins_per_row.max(1)).copied().collect();
    let field = rows.fields().iter().find(|field| field.name == *name)?;
    let groups = groups(rows.column(name)?, field);
    Some(stages::InputContribution {
        input: name.clone(),
        mean_absolute: sizes / of_input.len() as f64,
        cells: groups.into_iter().filter_map(|group| cell(group, &first)).collect(),
    })
}

/// Rows whose values lie together: what is told of the values, and the places of the rows.
type Group = (String, Vec<usize>);

/// Numbers in parts of about as many rows each, in order, equal values together; the most frequent texts; rows without a value.
fn groups(column: &Column, field: &Field) -> Vec<Group> {
    let mut missing = Vec::new();
    let mut groups: Vec<Group> = match column {
        Column::Number(values) => {
            let mut present: Vec<(f64, usize)> = Vec::with_capacity(values.len());
            for (row, value) in values.iter().enumerate() {
                if value.is_finite() {
                    present.push((*value, row));
                } else {
                    missing.push(row);
                }
            }
            present.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
            parts(&present)
                .into_iter()
                .map(|part| {
                    let middle = part.get(part.len() / 2).map_or(0.0, |(value, _)| *value);
                    let rows = part.iter().map(|(_, row)| *row).collect();
                    (parse::format(middle, field.column_type), rows)
                })
                .collect()
        }
        Column::Text(text) => {
            let mut levels: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for (row, value) in text.iter().enumerate() {
                match value.filter(|value| !value.is_empty()) {
                    Some(value) => levels.entry(value).or_default().push(row),
                    None => missing.push(row),
                }
            }
            let mut levels: Vec<(&str, Vec<usize>)> = levels.into_iter().collect();
            levels.retain(|(level, _)| level.len() <= MAX_LEVEL);
            // Of levels of as many rows the first in the alphabet goes before.
            levels.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
            levels.truncate(MAX_CELLS);
            levels.into_iter().map(|(level, rows)| (level.to_owned(), rows)).collect()
        }
    };
    if !missing.is_empty() {
        groups.push((String::new(), missing));
    }
    groups
}

/// Sorted values in at most [`MAX_CELLS`] parts of about as many rows, of which none divides equal values.
fn parts(sorted: &[(f64, usize)]) -> Vec<&[(f64, usize)]> {
    let mut distinct: Vec<f64> = sorted.iter().map(|(value, _)| *value).collect();
    distinct.dedup();
    if distinct.len() <= MAX_CELLS {
        return sorted.chunk_by(|left, right| left.0 == right.0).collect();
    }
    let mut parts = Vec::with_capacity(MAX_CELLS);
    let mut rest = sorted;
    for left in (1..=MAX_CELLS).rev() {
        let about = rest.len().div_ceil(left);
        let Some((last, _)) = about.checked_sub(1).and_then(|place| rest.get(place)) else { break };
        let (part, behind) = rest.split_at(rest.partition_point(|(value, _)| value <= last));
        parts.push(part);
        rest = behind;
    }
    parts
}

fn cell((value, rows): Group, contributions: &[f64]) -> Option<stages::ContributionCell> {
    let mut sorted: Vec<f64> =
        rows.iter().filter_map(|row| contributions.get(*row).copied()).collect();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let at = |share: f64| sorted.get((share * last as f64).round() as usize).copied();
    Some(stages::ContributionCell {
        value,
        rows: sorted.len() as u64,
        low: at(TAIL)?,
        mean: sorted.iter().sum::<f64>() / sorted.len() as f64,
        high: at(1.0 - TAIL)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test")]

    use super::*;

    #[test]
    fn parts_have_about_as_many_rows_and_divide_no_value() {
        let of = |values: &[f64]| values.iter().copied().zip(0..).collect::<Vec<_>>();
        let sizes = |values: &[f64]| -> Vec<usize> {
            parts(&of(values)).into_iter().map(<[_]>::len).collect()
        };
        assert_eq!(sizes(&[1.0, 1.0, 2.0, 3.0]), [2, 1, 1]);
        let even: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(sizes(&even), [10; MAX_CELLS]);
        let mut heavy: Vec<f64> = vec![0.0; 200];
        heavy.extend(even.iter().map(|value| value + 1.0));
        let sizes = sizes(&heavy);
        assert_eq!((sizes[0], sizes.iter().sum::<usize>()), (200, 300));
        assert!(sizes.len() <= MAX_CELLS && sizes[1..].iter().all(|size| *size <= 12), "{sizes:?}");
        assert!(parts(&[]).is_empty());
    }

    #[test]
    fn rows_without_a_value_are_a_group_of_their_own() {
        let field = Field::new("plan", tabular::ColumnType::Text);
        let texts = [Some("gold"), None, Some("basic"), Some("gold")];
        let found = groups(&Column::Text(texts.into_iter().collect()), &field);
        let expected = [("gold", vec![0, 3]), ("basic", vec![2]), ("", vec![1])]
            .map(|(name, rows)| (name.to_owned(), rows));
        assert_eq!(found, expected);
        let cell = cell(found[0].clone(), &[1.0, 9.0, 9.0, 3.0]).unwrap_or_default();
        assert_eq!((cell.rows, cell.low, cell.mean, cell.high), (2, 1.0, 2.0, 3.0));
    }
}
