//! Rows that are easily set apart from the others: an isolation forest (Liu, Ting and Zhou 2008).
//!
//! A tree cuts a sample at random, column by column and between the ends of what is left, until rows stand alone. A row that stands
//! alone after few cuts is an outlier: its score is `2^(-h / c)`, with the mean number of cuts `h` and `c` that of a search in a
//! binary tree that fails. Nothing but the seed decides about chance.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Trees of a forest, as in the paper and in scikit-learn.
const TREES: usize = 100;
/// Rows that a tree is grown from.
const SAMPLE: usize = 256;
const EULER: f64 = 0.577_215_664_901_532_9;

/// A forest, grown.
#[derive(Clone, Debug)]
pub struct IsolationForest {
    trees: Vec<Vec<Node>>,
    /// What stands for a missing value of each column.
    medians: Vec<f64>,
    /// Cuts that are expected for a row like the others.
    usual: f64,
}

#[derive(Clone, Debug)]
enum Node {
    /// Column, cut, and the places of the nodes below and above it.
    Cut { column: usize, at: f64, below: usize, above: usize },
    /// Cuts that the rows which are left here would still need.
    Leaf(f64),
}

struct Chance(ChaCha8Rng);

impl Chance {
    /// From 0 up to, and without, 1.
    fn share(&mut self) -> f64 {
        self.0.random()
    }

    fn below(&mut self, limit: usize) -> usize {
        if limit < 2 { 0 } else { self.0.random_range(0..limit) }
    }
}

/// Mean cuts of a search that fails among so many rows.
fn usual_cuts(rows: usize) -> f64 {
    match rows {
        0 | 1 => 0.0,
        2 => 1.0,
        rows => {
            let rows = rows as f64;
            2.0 * ((rows - 1.0).ln() + EULER) - 2.0 * (rows - 1.0) / rows
        }
    }
}

impl IsolationForest {
    /// Grows a forest from columns of equally many rows, NaN being missing; none where there is nothing to cut.
    #[must_use]
    pub fn fit(columns: &[Vec<f64>], seed: u64) -> Option<Self> {
        let rows = columns.first()?.len();
        if rows < 2 || columns.iter().any(|column| column.len() != rows) {
            return None;
        }
        let medians: Vec<f64> = columns
            .iter()
            .map(|column| {
                let mut sorted: Vec<f64> =
                    column.iter().copied().filter(|value| value.is_finite()).collect();
                sorted.sort_unstable_by(f64::total_cmp);
                crate::cleaning::sorted_quantile(&sorted, 0.5).unwrap_or(0.0)
            })
            .collect();
        let filled: Vec<Vec<f64>> = columns
            .iter()
            .zip(&medians)
            .map(|(column, median)| {
                column
                    .iter()
                    .map(|value| if value.is_finite() { *value } else { *median })
                    .collect()
            })
            .collect();
        let sample = rows.min(SAMPLE);
        let depth = (sample as f64).log2().ceil() as usize;
        let mut chance = Chance(ChaCha8Rng::seed_from_u64(seed));
        let mut order: Vec<usize> = (0..rows).collect();
        let mut grow_one = || {
            // The first places of a shuffle are a sample without repetition.
            for place in 0..sample {
                let other = place + chance.below(rows - place);
                order.swap(place, other);
            }
            let mut tree = Vec::new();
            let drawn = order.get(..sample).unwrap_or_default().to_vec();
            grow(&filled, drawn, depth, &mut chance, &mut tree);
            tree
        };
        let trees = (0..TREES).map(|_| grow_one()).collect();
        Some(Self { trees, medians, usual: usual_cuts(sample) })
    }

    /// How easily a row is set apart, from 0 to 1; rows like the others have about 0.5 and less.
    #[must_use]
    pub fn score(&self, row: &[f64]) -> f64 {
        if self.usual <= 0.0 {
            return 0.0;
        }
        let cuts: f64 = self.trees.iter().map(|tree| self.cuts(tree, row)).sum();
        2_f64.powf(-cuts / self.trees.len() as f64 / self.usual)
    }

    fn cuts(&self, tree: &[Node], row: &[f64]) -> f64 {
        let (mut place, mut cuts) = (0, 0.0);
        while let Some(node) = tree.get(place) {
            match node {
                Node::Leaf(more) => return cuts + more,
                Node::Cut { column, at, below, above } => {
                    let value = row.get(*column).copied().filter(|value| value.is_finite());
                    let value = value.or(self.medians.get(*column).copied()).unwrap_or(0.0);
                    place = if value < *at { *below } else { *above };
                    cuts += 1.0;
                }
            }
        }
        cuts
    }
}

/// Grows the part of a tree that some rows are in, and gives its place.
fn grow(
    columns: &[Vec<f64>],
    rows: Vec<usize>,
    depth: usize,
    chance: &mut Chance,
    tree: &mut Vec<Node>,
) -> usize {
    let place = tree.len();
    tree.push(Node::Leaf(usual_cuts(rows.len())));
    if depth == 0 || rows.len() < 2 {
        return place;
    }
    let ends = |column: &Vec<f64>| {
        let values = rows.iter().filter_map(|row| column.get(*row));
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        })
    };
    // A column without two values cannot be cut; after some tries in vain all that can be are looked for.
    let mut found = None;
    for _ in 0..8 {
        let column = chance.below(columns.len());
        let (low, high) = columns.get(column).map_or((0.0, 0.0), ends);
        if low < high {
            found = Some((column, low, high));
            break;
        }
    }
    if found.is_none() {
        let varied: Vec<(usize, f64, f64)> = columns
            .iter()
            .enumerate()
            .map(|(place, column)| {
                let (low, high) = ends(column);
                (place, low, high)
            })
            .filter(|(_, low, high)| low < high)
            .collect();
        found = varied.get(chance.below(varied.len().max(1))).copied();
    }
    let Some((column, low, high)) = found else { return place };
    // Halves, so that the difference is finite; above the least value, so that neither side is empty.
    let share = chance.share();
    let mut at = low * (1.0 - share) + high * share;
    if at <= low {
        at = high;
    }
    let value = |row: &usize| columns.get(column).and_then(|column| column.get(*row)).copied();
    let (below, above): (Vec<usize>, Vec<usize>) =
        rows.iter().partition(|row| value(row).is_some_and(|value| value < at));
    drop(rows);
    let below = grow(columns, below, depth - 1, chance, tree);
    let above = grow(columns, above, depth - 1, chance, tree);
    if let Some(node) = tree.get_mut(place) {
        *node = Node::Cut { column, at, below, above };
    }
    place
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use super::*;

    #[test]
    fn what_lies_apart_has_the_highest_score() {
        let mut chance = Chance(ChaCha8Rng::seed_from_u64(3));
        let mut columns: Vec<Vec<f64>> =
            (0..3).map(|_| (0..1000).map(|_| chance.share()).collect()).collect();
        // In every column: in a single one a row is hardly further away than the corners of the cube.
        for column in &mut columns {
            column[17] = 9.0;
            column[400] = -5.0;
        }
        columns[2][5] = f64::NAN;
        let forest = IsolationForest::fit(&columns, 1).unwrap();
        let score = |row: usize| {
            let row: Vec<f64> = columns.iter().map(|column| column[row]).collect();
            forest.score(&row)
        };
        let mut all: Vec<(f64, usize)> = (0..1000).map(|row| (score(row), row)).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut first = [all[0].1, all[1].1];
        first.sort_unstable();
        assert_eq!(first, [17, 400], "{:?}", &all[..4]);
        assert!(all[0].0 > 0.6 && all[500].0 < 0.5);
        let again = IsolationForest::fit(&columns, 1).unwrap();
        assert_eq!(again.score(&[0.5, 0.5, 0.5]), forest.score(&[0.5, 0.5, 0.5]));
    }

    #[test]
    fn what_cannot_be_cut_has_no_outliers() {
        assert!(IsolationForest::fit(&[], 1).is_none());
        assert!(IsolationForest::fit(&[vec![1.0]], 1).is_none());
        let same = IsolationForest::fit(&[vec![1.0; 50]], 1).unwrap();
        assert!(same.score(&[1.0]) <= 0.5 + 1e-9);
    }
}
