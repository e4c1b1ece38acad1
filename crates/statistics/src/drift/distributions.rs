//! What both sides of a column look like, to be drawn; nothing is judged by it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::distribution::Distribution;
use super::observed::{Levels, side_by_side};
use super::report::{ColumnDrift, Verdict};
use super::shares::shares;

/// Cells of a numeric column.
const CELLS: usize = 14;
/// Cells of a categorical column, the others' included.
const LEVELS: usize = 12;
/// Most bytes of a level.
const MAX_LEVEL: usize = 64;
/// Shares of the reference below the first edge and above the last.
const TAIL: f64 = 0.01;
/// Columns of a report that keep their distributions: those that drifted most.
const KEPT: usize = 20;

/// Shares of the rows of both sides by cell, from 0 to 1; each side's add up to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DriftDistributions")]
pub struct Distributions {
    /// Edges between the cells of a numeric column, ascending and equally far apart; the first cell has everything below the first
    /// edge and the last everything from the last on. Empty for categories.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<f64>,
    /// Categories of the cells, the most frequent of either side first; a cell more than categories has all the others. Empty
    /// for numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<String>,
    /// Shares of the reference.
    pub reference: Vec<f64>,
    /// Shares of the current side.
    pub current: Vec<f64>,
}

/// Cells of equal width between the tails of the reference.
pub(crate) fn of_numbers(
    reference: &Distribution,
    current: &Distribution,
) -> Option<Distributions> {
    let (low, high) = (reference.quantile(TAIL)?, reference.quantile(1.0 - TAIL)?);
    let inner = CELLS - 2;
    let width = (high - low) / inner as f64;
    let mut edges: Vec<f64> = (0..=inner).map(|edge| low + width * edge as f64).collect();
    edges.dedup();
    let (reference, current) = (reference.bin_rows(&edges), current.bin_rows(&edges));
    Some(Distributions {
        edges,
        levels: Vec::new(),
        reference: shares(&reference)?,
        current: shares(&current)?,
    })
}

/// The most frequent categories, and all others in one cell.
pub(crate) fn of_levels(reference: &Levels, current: &Levels) -> Option<Distributions> {
    let mut all = side_by_side(&reference.counts, &current.counts);
    all.sort_by(|one, other| other.1.max(other.2).cmp(&one.1.max(one.2)).then(one.0.cmp(other.0)));
    let kept = if all.len() > LEVELS { LEVELS - 1 } else { all.len() };
    let (kept, rest) = all.split_at(kept);
    let mut rows: (Vec<f64>, Vec<f64>) = kept.iter().map(|of| (of.1 as f64, of.2 as f64)).unzip();
    let others =
        rest.iter().fold((reference.other, current.other), |sum, of| (sum.0 + of.1, sum.1 + of.2));
    if others != (0, 0) {
        rows.0.push(others.0 as f64);
        rows.1.push(others.1 as f64);
    }
    Some(Distributions {
        edges: Vec::new(),
        levels: kept.iter().map(|of| shortened(of.0)).collect(),
        reference: shares(&rows.0)?,
        current: shares(&rows.1)?,
    })
}

fn shortened(level: &str) -> String {
    let end = (0..=level.len().min(MAX_LEVEL)).rev().find(|end| level.is_char_boundary(*end));
    level.get(..end.unwrap_or_default()).unwrap_or_default().to_owned()
}

/// Lets the distributions go of all columns but those that drifted most, so that a report of a wide table stays small.
pub(crate) fn keep_most_drifted(columns: &mut [ColumnDrift]) {
    let weight = |column: &ColumnDrift| -> (Verdict, f64) {
        let tests = column.tests.iter().map(|test| test.effect / test.warning);
        (column.verdict, tests.fold(0.0, f64::max))
    };
    let mut order: Vec<usize> = (0..columns.len()).collect();
    let weights: Vec<(Verdict, f64)> = columns.iter().map(weight).collect();
    order.sort_by(|one, other| {
        let of = |place: &usize| weights.get(*place).copied().unwrap_or_default();
        let (one, other) = (of(one), of(other));
        other.0.cmp(&one.0).then(other.1.total_cmp(&one.1))
    });
    for place in order.into_iter().skip(KEPT) {
        if let Some(column) = columns.get_mut(place) {
            column.distributions = None;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]
    use super::*;
    use crate::drift::{Settings, compare_tables};
    use tabular::{Column, ColumnType, Field, Table};

    fn table(columns: Vec<(String, Column)>) -> Table {
        let kind = |column: &Column| match column {
            Column::Number(_) => ColumnType::Number,
            Column::Text(_) => ColumnType::Text,
        };
        let fields = columns.iter().map(|(name, of)| Field::new(name.clone(), kind(of))).collect();
        Table::new(fields, columns.into_iter().map(|of| of.1).collect()).unwrap()
    }

    fn sums_to_one(of: &Distributions) {
        for side in [&of.reference, &of.current] {
            assert!((side.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{side:?}");
        }
        assert_eq!(of.reference.len(), of.current.len());
    }

    #[test]
    fn numbers_have_cells_of_equal_width_and_open_ends() {
        let numbers = |shift: f64| {
            let values = (0..1_000).map(|row| f64::from(row) / 10.0 + shift).collect();
            table(vec![("x".to_owned(), Column::Number(values))])
        };
        let report = compare_tables(&numbers(0.0), &numbers(500.0), &Settings::default());
        let of = report.columns.first().unwrap().distributions.as_ref().unwrap();
        sums_to_one(of);
        assert_eq!((of.edges.len(), of.reference.len()), (CELLS - 1, CELLS));
        // All that is far above is in the last cell.
        assert_eq!(of.current.last(), Some(&1.0));
        assert!(of.reference.iter().all(|share| *share > 0.0), "{:?}", of.reference);
    }

    #[test]
    fn one_number_has_two_cells() {
        let constant = |value: f64| table(vec![("x".to_owned(), Column::Number(vec![value; 50]))]);
        let report = compare_tables(&constant(3.0), &constant(4.0), &Settings::default());
        let of = report.columns.first().unwrap().distributions.as_ref().unwrap();
        sums_to_one(of);
        assert_eq!(of.edges, [3.0]);
    }

    #[test]
    fn rare_categories_share_a_cell() {
        let texts = |levels: usize| {
            let names: Vec<String> =
                (0..2_000).map(|row| format!("level {}", (row * 7) % levels)).collect();
            let values = names.iter().map(|name| Some(name.as_str())).collect();
            table(vec![("of".to_owned(), Column::Text(values))])
        };
        let report = compare_tables(&texts(5), &texts(60), &Settings::default());
        let of = report.columns.first().unwrap().distributions.as_ref().unwrap();
        sums_to_one(of);
        assert_eq!((of.levels.len(), of.reference.len()), (LEVELS - 1, LEVELS));
        assert!(of.levels.iter().all(|level| level.starts_with("level ")));
    }

    #[test]
    fn a_wide_report_keeps_those_that_drifted() {
        let wide = |shift: f64| {
            let column = |at: usize| {
                let moved = if at == 30 { shift } else { 0.0 };
                let values = (0..200).map(|row| f64::from(row % 17) + moved).collect();
                (format!("x{at:02}"), Column::Number(values))
            };
            table((0..40).map(column).collect())
        };
        let report = compare_tables(&wide(0.0), &wide(9.0), &Settings::default());
        let kept: Vec<&str> = report
            .columns
            .iter()
            .filter(|column| column.distributions.is_some())
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(kept.len(), KEPT);
        assert!(kept.contains(&"x30"), "{kept:?}");
    }
}
