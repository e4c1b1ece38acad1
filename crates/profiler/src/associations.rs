//! How columns go together: Pearson's and Spearman's correlation of numbers, and Cramér's V of categories.
//!
//! They are measured on a seeded sample of the rows, over those in which both columns are there.

use serde::Serialize;
use tables::StoredTable;
use tabular::association::{cramers_v, pearson};
use tabular::sample::sample;
use tabular::{Column, ColumnType};

use crate::column::ColumnReport;

/// Rows that are looked at: the standard error of a correlation is below 0.01 then.
const ROWS: usize = 10_000;
/// Columns of each kind that are paired with one another.
const MAX_COLUMNS: usize = 60;
/// Most distinct values of a category.
const MAX_LEVELS: u64 = 50;

/// A measure of association.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Pearson's correlation, -1 to 1.
    Pearson,
    /// Spearman's rank correlation, -1 to 1.
    Spearman,
    /// Cramér's V, corrected for bias (Bergsma 2013), 0 to 1.
    CramersV,
}

/// How two columns go together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// Name of the first column.
    pub first: String,
    /// Name of the second column.
    pub second: String,
    /// The measure.
    pub measure: Measure,
    /// Its value.
    pub value: f64,
}

/// How columns go together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Associations {
    /// Rows that they are measured on.
    pub rows: u64,
    /// Numeric columns that are paired, in order.
    pub numbers: Vec<String>,
    /// Categories that are paired, in order.
    pub categories: Vec<String>,
    /// Columns that are not looked at, because there are more than 60 of their kind.
    pub left_out: Vec<String>,
    /// Every pair, in the order of the columns; those in which one does not vary are left out.
    pub pairs: Vec<Pair>,
}

/// Measures all pairs.
pub(crate) fn measure(
    table: &StoredTable,
    columns: &[ColumnReport],
    seed: u64,
) -> Result<Associations, tables::Error> {
    let all: Vec<usize> = (0..table.rows()).collect();
    let rows = sample(&all, ROWS, seed);
    drop(all);
    let mut found = Associations { rows: rows.len() as u64, ..Associations::default() };
    let (mut numbers, mut categories) = (Vec::new(), Vec::new());
    for (place, report) in columns.iter().enumerate() {
        let is_number = matches!(report.column_type, ColumnType::Integer | ColumnType::Number)
            && report.distinct > 2;
        let is_category = matches!(report.column_type, ColumnType::Text | ColumnType::Boolean)
            && (2..=MAX_LEVELS).contains(&report.distinct);
        let full = (is_number && numbers.len() >= MAX_COLUMNS)
            || (is_category && categories.len() >= MAX_COLUMNS);
        if full {
            found.left_out.push(report.name.clone());
        } else if is_number {
            let column = table.column(place)?.take(&rows);
            numbers.push((report.name.clone(), column.numbers().unwrap_or_default().to_vec()));
        } else if is_category {
            categories.push((report.name.clone(), groups(&table.column(place)?.take(&rows))));
        }
    }
    for (place, (first, a)) in numbers.iter().enumerate() {
        for (second, b) in numbers.iter().skip(place + 1) {
            let mut pair = |measure, value: Option<f64>| {
                found.pairs.extend(value.map(|value| Pair {
                    first: first.clone(),
                    second: second.clone(),
                    measure,
                    value,
                }));
            };
            pair(Measure::Pearson, pearson(a, b));
            pair(Measure::Spearman, spearman(a, b));
        }
    }
    for (place, (first, a)) in categories.iter().enumerate() {
        for (second, b) in categories.iter().skip(place + 1) {
            let (first, second, measure) = (first.clone(), second.clone(), Measure::CramersV);
            found.pairs.extend(cramers_v(a, b).map(|value| Pair { first, second, measure, value }));
        }
    }
    found.numbers = numbers.into_iter().map(|(name, _)| name).collect();
    found.categories = categories.into_iter().map(|(name, _)| name).collect();
    Ok(found)
}

fn groups(column: &Column) -> Vec<Option<usize>> {
    match column {
        Column::Number(values) => {
            values.iter().map(|value| (!value.is_nan()).then_some(*value as usize)).collect()
        }
        Column::Text(text) => text
            .codes()
            .iter()
            .map(|code| {
                usize::try_from(*code).ok().filter(|_| *code != tabular::TextColumn::MISSING)
            })
            .collect(),
    }
}

/// Pearson's correlation of the ranks; equal values have the mean of their ranks.
fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    let both = a.iter().zip(b).filter(|(a, b)| a.is_finite() && b.is_finite());
    let (a, b): (Vec<f64>, Vec<f64>) = both.map(|(a, b)| (*a, *b)).unzip();
    pearson(&ranks(&a), &ranks(&b))
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> =
        values.iter().copied().enumerate().map(|(place, value)| (value, place)).collect();
    order.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for run in order.chunk_by(|one, other| one.0 == other.0) {
        let rank = before as f64 + (run.len() as f64 + 1.0) / 2.0;
        for (_, place) in run {
            if let Some(slot) = ranks.get_mut(*place) {
                *slot = rank;
            }
        }
        before += run.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn ranks_of_equal_values_are_their_mean() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
    }

    #[test]
    fn what_rises_together_has_a_rank_correlation_of_one() {
        let a: Vec<f64> = (1..50).map(f64::from).collect();
        let b: Vec<f64> = a.iter().map(|value| value.powi(5)).collect();
        assert!((spearman(&a, &b).unwrap() - 1.0).abs() < 1e-12);
        assert!(pearson(&a, &b).unwrap() < 0.95);
        assert_eq!(spearman(&a, &vec![1.0; a.len()]), None);
    }
}
