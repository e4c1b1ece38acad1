//! What is known of a column on one side, from its values or from a sketch of them.

use std::collections::BTreeMap;

use tabular::{Column, ColumnType, Field, TextColumn, parse};

use super::distribution::Distribution;

/// A column on one side.
#[derive(Clone, Debug)]
pub(crate) enum ObservedColumn {
    /// Values of a numeric column.
    Numeric(Numbers),
    /// Levels of a categorical column.
    Categorical(Levels),
}

/// A numeric column on one side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    /// Of the finite values.
    pub(crate) distribution: Distribution,
    /// Rows without a value.
    pub(crate) missing: u64,
    /// Rows with a value that is not finite, or no number.
    pub(crate) not_finite: u64,
    /// Of the finite values; none where there are none, or it is beyond all bounds.
    pub(crate) mean: Option<f64>,
    /// Standard deviation of the finite values, of all of them as the population.
    pub(crate) deviation: Option<f64>,
    /// Whether every row has a whole number, so that other programs hold the column as integers.
    pub(crate) whole: bool,
}

/// A categorical column on one side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Levels {
    /// Rows of each level.
    pub(crate) counts: BTreeMap<String, u64>,
    /// Rows of levels that are not kept apart.
    pub(crate) other: u64,
    /// Most rows by which the count of a kept level may be short.
    pub(crate) short_by: u64,
    /// Rows without a value.
    pub(crate) missing: u64,
}

impl Levels {
    /// Rows with a value.
    pub(crate) fn rows(&self) -> u64 {
        self.counts.values().sum::<u64>() + self.other
    }
}

impl Numbers {
    /// From values in any order; NaN is missing.
    pub(crate) fn from_values(values: &[f64]) -> Self {
        let mut finite: Vec<f64> = Vec::with_capacity(values.len());
        let (mut missing, mut not_finite, mut whole) = (0, 0, true);
        for value in values {
            if value.is_finite() {
                // Zero has one sign here.
                finite.push(value + 0.0);
                whole &= value.fract() == 0.0;
            } else if value.is_nan() {
                missing += 1;
            } else {
                not_finite += 1;
            }
        }
        let moments = moments(&finite);
        finite.sort_unstable_by(f64::total_cmp);
        Self {
            distribution: Distribution::of_sorted(&finite),
            missing,
            not_finite,
            mean: moments.map(|(mean, _)| mean),
            deviation: moments.map(|(_, deviation)| deviation),
            whole: whole && missing == 0 && not_finite == 0,
        }
    }
}

/// Mean and standard deviation of the population; none of no values, or where they are beyond all bounds.
fn moments(values: &[f64]) -> Option<(f64, f64)> {
    if values.is_empty() {
        return None;
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let deviation = (squares / count).sqrt();
    (mean.is_finite() && deviation.is_finite()).then_some((mean, deviation))
}

/// A column of a table, whole.
pub(crate) fn observe(field: &Field, column: &Column) -> ObservedColumn {
    match column {
        Column::Number(values) if field.column_type == ColumnType::Boolean => {
            ObservedColumn::Categorical(booleans(values))
        }
        Column::Number(values) => {
            let mut numbers = Numbers::from_values(values);
            numbers.whole &= field.column_type == ColumnType::Integer;
            ObservedColumn::Numeric(numbers)
        }
        Column::Text(text) => ObservedColumn::Categorical(texts(text)),
    }
}

fn booleans(values: &[f64]) -> Levels {
    let mut levels = Levels::default();
    for value in values {
        if value.is_nan() {
            levels.missing += 1;
        } else {
            let name = parse::format(*value, ColumnType::Boolean);
            *levels.counts.entry(name).or_default() += 1;
        }
    }
    levels
}

fn texts(text: &TextColumn) -> Levels {
    let (counts, missing) = text.counts();
    let counts = text.levels().iter().zip(counts).filter(|(_, rows)| *rows > 0);
    Levels {
        counts: counts.map(|(level, rows)| (level.clone(), rows)).collect(),
        missing,
        ..Levels::default()
    }
}

/// Both sides' counts, level by level, in the order of their names.
pub(crate) fn side_by_side<'a>(
    reference: &'a BTreeMap<String, u64>,
    current: &'a BTreeMap<String, u64>,
) -> Vec<(&'a str, u64, u64)> {
    let mut both: Vec<(&str, u64, u64)> = reference
        .iter()
        .map(|(level, rows)| (level.as_str(), *rows, current.get(level).copied().unwrap_or(0)))
        .collect();
    let only_current = current.iter().filter(|(level, _)| !reference.contains_key(*level));
    both.extend(only_current.map(|(level, rows)| (level.as_str(), 0, *rows)));
    both.sort_unstable_by_key(|(level, ..)| *level);
    both
}
