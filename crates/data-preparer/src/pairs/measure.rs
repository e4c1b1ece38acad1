//! How well two columns together tell the target, each row judged by others.

use std::collections::HashMap;

use tabular::association::{goodman_kruskal_tau, pearson};
use tabular::target::Target;
use tabular::{Column, Field, ProblemType, TextColumn};

use crate::told::classes;

/// Levels that are told apart: different numbers, or the most frequent texts. More are bins, or one level together.
const LEVELS: usize = 20;
/// Bins of numbers of more different values.
const BINS: usize = 10;
/// Neighbours on each side that judge a row.
const NEIGHBOURS: usize = 2;
/// Rows on which what is derived of two numbers is looked at first.
const FIRST_ROWS: usize = 1_000;
/// Changes of class along these rows: from so many, and this share of the rows, on the order tells no class.
const CHANGES: (usize, f64) = (16, 0.03);
/// By how much an association on these rows may fall short of the limit.
const SLACK: f64 = 0.03;
/// Share of rows in which both numbers have to be there.
const MOST: f64 = 0.9;

/// A column of the sampled rows.
pub(super) struct Sampled<'a> {
    pub(super) field: &'a Field,
    /// How well it tells the target alone, 0 to 1.
    pub(super) alone: f64,
    /// The level of each row, below `levels`.
    codes: Vec<usize>,
    levels: usize,
    column: &'a Column,
}

impl Sampled<'_> {
    /// Numbers of which something can be derived.
    fn numbers(&self) -> Option<&[f64]> {
        self.column.numbers().filter(|_| self.levels > 3)
    }
}

/// Judges columns by the target of the sampled rows.
pub(super) struct Judge<'a> {
    target: &'a Target,
    /// Association that is looked for.
    limit: f64,
}

impl<'a> Judge<'a> {
    pub(super) fn new(target: &'a Target, limit: f64) -> Self {
        Self { target, limit }
    }

    pub(super) fn sampled<'c>(&self, field: &'c Field, column: &'c Column) -> Sampled<'c> {
        let (codes, levels) = match column {
            Column::Number(values) => of_numbers(values),
            Column::Text(text) => of_texts(text),
        };
        let alone = self.by_cells(&codes, levels);
        let alone = match column {
            Column::Number(values) => alone.max(self.by_order(values)),
            Column::Text(_) => alone,
        };
        Sampled { field, alone, codes, levels, column }
    }

    /// How well two columns together tell the target, 0 to 1; exact where it is near the limit or beyond.
    pub(super) fn together(&self, one: &Sampled<'_>, other: &Sampled<'_>) -> f64 {
        let cells: Vec<usize> =
            one.codes.iter().zip(&other.codes).map(|(a, b)| a * other.levels + b).collect();
        let by_cells = self.by_cells(&cells, one.levels * other.levels);
        let derived = match (one.column, other.column) {
            (Column::Text(a), Column::Text(b)) => self.by_equality(a, b),
            _ => match (one.numbers(), other.numbers()) {
                (Some(a), Some(b)) => self.by_derived(one.field, a, other.field, b),
                _ => 0.0,
            },
        };
        by_cells.max(derived)
    }

    /// What an association leaves open of the target, as the share of its variance.
    pub(super) fn open(&self, association: f64) -> f64 {
        match self.target.problem {
            ProblemType::Multiclass => 1.0 - association,
            ProblemType::Binary | ProblemType::Regression => 1.0 - association * association,
        }
    }

    /// Each row is judged by the other rows of its cell.
    fn by_cells(&self, cells: &[usize], count: usize) -> f64 {
        if self.target.problem == ProblemType::Multiclass {
            return self.tau(cells, count);
        }
        let values = &self.target.values;
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let mut sums = vec![(0.0, 0.0); count];
        for (cell, value) in cells.iter().zip(values) {
            if let Some(of_cell) = sums.get_mut(*cell) {
                of_cell.0 += 1.0;
                of_cell.1 += value - mean;
            }
        }
        let (mut missed, mut all) = (0.0, 0.0);
        for (cell, value) in cells.iter().zip(values) {
            let value = value - mean;
            let (rows, sum) = sums.get(*cell).copied().unwrap_or_default();
            let said = if rows > 1.0 { (sum - value) / (rows - 1.0) } else { 0.0 };
            missed += (value - said) * (value - said);
            all += value * value;
        }
        if all > 0.0 { (1.0 - missed / all).max(0.0).sqrt() } else { 0.0 }
    }

    /// Goodman and Kruskal's tau, as [`goodman_kruskal_tau`], of cells and classes that are numbered.
    fn tau(&self, cells: &[usize], count: usize) -> f64 {
        let width = self.target.classes.len();
        let class = |value: &f64| *value as usize;
        let mut of_cell = vec![0_u32; count];
        let mut of_both = vec![0_u32; count * width];
        let mut of_class = vec![0_u32; width];
        for (cell, value) in cells.iter().zip(&self.target.values) {
            for (counts, place) in [
                (&mut of_cell, *cell),
                (&mut of_both, cell * width + class(value)),
                (&mut of_class, class(value)),
            ] {
                if let Some(rows) = counts.get_mut(place) {
                    *rows += 1;
                }
            }
        }
        let rows = cells.len() as f64;
        let pairs = |count: u32| f64::from(count) * (f64::from(count) - 1.0);
        let same = of_class.iter().copied().map(pairs).sum::<f64>() / (rows * (rows - 1.0));
        let within: f64 = of_cell
            .iter()
            .zip(of_both.chunks(width.max(1)))
            .map(|(rows, classes)| match *rows {
                0 => 0.0,
                1 => same,
                rows => classes.iter().copied().map(pairs).sum::<f64>() / (f64::from(rows) - 1.0),
            })
            .sum::<f64>()
            / rows;
        if same < 1.0 { ((within - same) / (1.0 - same)).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Each row is judged by its neighbours in the order of a number; of numbers, as a line.
    fn by_order(&self, values: &[f64]) -> f64 {
        let truth = &self.target.values;
        if self.target.problem == ProblemType::Regression {
            return pearson(values, truth).map_or(0.0, f64::abs);
        }
        let mut order: Vec<usize> = (0..values.len()).collect();
        let at = |row: usize| values.get(row).copied().unwrap_or(f64::NAN);
        order.retain(|row| at(*row).is_finite());
        order.sort_by(|one, other| at(*one).total_cmp(&at(*other)));
        let ordered: Vec<f64> = order.iter().filter_map(|row| truth.get(*row).copied()).collect();
        let several = self.target.problem == ProblemType::Multiclass;
        let said = |place: usize| {
            let before = ordered.get(place.saturating_sub(NEIGHBOURS)..place).unwrap_or_default();
            let behind = (place + 1).min(ordered.len());
            let end = (behind + NEIGHBOURS).min(ordered.len());
            let near: Vec<f64> = before
                .iter()
                .chain(ordered.get(behind..end).unwrap_or_default())
                .copied()
                .collect();
            if several {
                majority(&near)
            } else {
                near.iter().sum::<f64>() / near.len().max(1) as f64
            }
        };
        let told: Vec<f64> = (0..ordered.len()).map(said).collect();
        if several {
            let groups: Vec<Option<usize>> = told.iter().map(|of| Some(*of as usize)).collect();
            let target = Target { values: ordered, ..self.target.clone() };
            return goodman_kruskal_tau(&groups, &classes(&target)).unwrap_or(0.0);
        }
        pearson(&told, &ordered).unwrap_or(0.0).max(0.0)
    }

    /// What is derived of two numbers, where their kinds go together.
    fn by_derived(&self, of_a: &Field, a: &[f64], of_b: &Field, b: &[f64]) -> f64 {
        let times = [of_a, of_b].map(|field| field.column_type.is_temporal());
        let all: [fn(f64, f64) -> f64; 4] =
            [|a, b| a - b, |a, b| a + b, |a, b| a * b, |a, b| a / b];
        let derived: &[fn(f64, f64) -> f64] = match times {
            [false, false] => &all,
            // Only how far they are apart means something of two moments.
            [true, true] => all.get(..1).unwrap_or_default(),
            _ => &[],
        };
        let mut best = 0.0_f64;
        for of in derived {
            let values = |rows: usize| -> Vec<f64> {
                a.iter().zip(b).take(rows).map(|(a, b)| of(*a, *b)).collect()
            };
            let first = values(FIRST_ROWS);
            let there = first.iter().filter(|value| value.is_finite()).count();
            if there as f64 >= MOST * first.len() as f64 && self.may_tell(&first) {
                best = best.max(self.by_order(&values(a.len())));
            }
        }
        best
    }

    /// Whether numbers of the first rows leave it open that those of all reach the limit.
    fn may_tell(&self, first: &[f64]) -> bool {
        let truth = &self.target.values;
        if self.target.problem == ProblemType::Regression {
            let found = pearson(first, truth).map_or(0.0, f64::abs);
            return found >= self.limit - SLACK;
        }
        let mut rows: Vec<(f64, f64)> = first
            .iter()
            .zip(truth)
            .filter(|(value, _)| value.is_finite())
            .map(|(value, class)| (*value, *class))
            .collect();
        rows.sort_by(|one, other| one.0.total_cmp(&other.0));
        let changes = rows.windows(2).filter(|pair| matches!(pair, [one, next] if one.1 != next.1));
        let (few, share) = CHANGES;
        let classes = self.target.classes.len().max(2);
        changes.count() as f64 <= (few * classes / 2) as f64 + share * rows.len() as f64
    }

    /// Whether two texts are equal.
    fn by_equality(&self, a: &TextColumn, b: &TextColumn) -> f64 {
        let of_b: HashMap<&str, usize> =
            b.levels().iter().enumerate().map(|(place, level)| (level.as_str(), place)).collect();
        // The code that each text of the one has in the other.
        let same: Vec<Option<usize>> =
            a.levels().iter().map(|level| of_b.get(level.as_str()).copied()).collect();
        let equal = |(a, b): (&u32, &u32)| {
            let place = |code: &u32| usize::try_from(*code).ok();
            let there = place(a).and_then(|code| same.get(code));
            match there {
                Some(code) => usize::from(code.is_some() && *code == place(b)),
                None => 2,
            }
        };
        if same.iter().all(Option::is_none) {
            return 0.0;
        }
        let cells: Vec<usize> = a.codes().iter().zip(b.codes()).map(equal).collect();
        self.by_cells(&cells, 3)
    }
}

/// The most frequent of a few classes; of equally frequent ones the first.
fn majority(near: &[f64]) -> f64 {
    let count = |class: &f64| near.iter().filter(|other| *other == class).count();
    near.iter().rev().copied().max_by_key(count).unwrap_or(0.0)
}

/// The level of each number, a missing one having its own, and their number.
fn of_numbers(values: &[f64]) -> (Vec<usize>, usize) {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut edges = sorted.clone();
    edges.dedup();
    if edges.len() > LEVELS {
        edges =
            (1..BINS).filter_map(|bin| sorted.get(bin * sorted.len() / BINS).copied()).collect();
        edges.dedup();
    }
    let missing = edges.len() + 1;
    let level = |value: &f64| {
        if value.is_finite() { edges.partition_point(|edge| edge <= value) } else { missing }
    };
    (values.iter().map(level).collect(), missing + 1)
}

/// The level of each text, a missing one having its own, and their number.
fn of_texts(text: &TextColumn) -> (Vec<usize>, usize) {
    let (counts, _) = text.counts();
    let mut frequent: Vec<usize> = (0..counts.len()).collect();
    frequent.sort_by_key(|code| std::cmp::Reverse(counts.get(*code).copied()));
    let mut levels = vec![LEVELS; counts.len()];
    for (level, code) in frequent.into_iter().take(LEVELS).enumerate() {
        if let Some(slot) = levels.get_mut(code) {
            *slot = level;
        }
    }
    let missing = LEVELS + 1;
    let level = |code: &u32| {
        let known = usize::try_from(*code).ok().and_then(|code| levels.get(code));
        known.copied().unwrap_or(missing)
    };
    (text.codes().iter().map(level).collect(), missing + 1)
}

#[cfg(test)]
mod tests;
