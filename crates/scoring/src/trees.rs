//! Evaluates LightGBM's trees, bit-equal with LightGBM itself.
//!
//! All nodes of all trees stand in one array of 32-byte records, leaves in another; a child is an index into the first
//! or, negated, into the second. Explanations and other forms are made from these; rows go through what [`compact`]
//! makes of them. Nothing is trusted at evaluation time that [`TreeModel::parse`] has not verified.

mod compact;
mod contributions;
mod parse;
mod view;

use compact::CompactTrees;
pub(crate) use contributions::Paths;
pub use parse::{ParsePosition, TreeError};
use tabular::FeatureMatrix;
pub use view::{Position, Split, SplitTest, TreePart};

use crate::Limits;
use crate::linear::{logit, softmax};

/// LightGBM counts numbers up to this (a float, not a double) as zero.
const ZERO: f64 = 1e-35_f32 as f64;

/// A verified model of LightGBM.
#[derive(Clone, Debug)]
pub struct TreeModel {
    width: usize,
    /// Margins of a row: trees of one iteration.
    margins: usize,
    /// Where each tree starts, in order: iteration after iteration, margin after margin.
    roots: Vec<Child>,
    nodes: Vec<Node>,
    leaves: Vec<f64>,
    /// First word and number of words of each category set.
    sets: Vec<(usize, usize)>,
    words: Vec<u32>,
    /// What the sums are divided by, for random forests.
    average_of: Option<f64>,
    link: TreeLink,
    /// Rows of the training data at each node and leaf.
    covers: contributions::NodeCovers,
    /// The same trees as rows go through them; none where they ask too much of a row for that.
    compact: Option<CompactTrees>,
}

/// A node's index, or the bitwise complement of a leaf's.
type Child = i32;

/// From margins to outputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TreeLink {
    /// Two classes: the logistic function of one margin times this.
    Sigmoid(f64),
    /// A margin and a probability per class.
    Softmax,
    /// The margin is the output.
    Identity,
    /// The margin is the logarithm of the output.
    Exponential,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    threshold: f64,
    feature: u32,
    left: Child,
    right: Child,
    /// Index into the sets, for a split by category.
    set: u32,
    missing: Missing,
    categorical: bool,
    default_left: bool,
}

/// Which values a split treats as missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    None,
    Zero,
    NaN,
}

impl TreeModel {
    /// Reads and verifies LightGBM's text.
    ///
    /// # Errors
    /// When it is not a model that this code evaluates exactly, does not hold together or exceeds a limit.
    pub fn parse(text: &str, limits: &Limits) -> Result<Self, TreeError> {
        parse::parse(text, limits)
    }

    /// Number of features.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of trees.
    #[must_use]
    pub fn trees(&self) -> usize {
        self.roots.len()
    }

    /// Number of leaves of all trees.
    #[must_use]
    pub fn leaves(&self) -> usize {
        self.leaves.len()
    }

    /// Number of outputs of a row.
    #[must_use]
    pub fn outputs(&self) -> usize {
        match self.link {
            TreeLink::Sigmoid(_) => 2,
            TreeLink::Softmax => self.margins,
            TreeLink::Identity | TreeLink::Exponential => 1,
        }
    }

    /// The outputs of one row; `out` is as long as [`Self::outputs`].
    pub(crate) fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        self.add_up(row, out);
        self.finish(out);
    }

    /// The margins of one row; `out` is as long as [`Self::margins`].
    pub(crate) fn margins_row(&self, row: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        self.add_up(row, out);
        self.average(out);
    }

    /// Adds the leaves that a row falls into to its margins, which are 0.
    fn add_up(&self, row: &[f64], out: &mut [f64]) {
        if let Some(compact) = &self.compact {
            compact.add_row(row, self.margins, out);
            return;
        }
        for iteration in self.roots.chunks(self.margins) {
            for (root, out) in iteration.iter().zip(out.iter_mut()) {
                *out += self.leaf(*root, row);
            }
        }
    }

    /// The outputs of all rows. Each row adds up its trees in the same order as alone.
    pub(crate) fn predict(&self, matrix: &FeatureMatrix, predicted: &mut [f64]) {
        let outputs = self.outputs();
        predicted.fill(0.0);
        match &self.compact {
            Some(compact) if matrix.width > 0 => {
                let rows = (matrix.values.as_slice(), matrix.width);
                compact.add_rows(rows, self.margins, (predicted, outputs));
                predicted.chunks_exact_mut(outputs).for_each(|out| self.finish(out));
            }
            _ => {
                for (row, out) in matrix.iter_rows().zip(predicted.chunks_exact_mut(outputs)) {
                    self.predict_row(row, out);
                }
            }
        }
    }

    fn average(&self, out: &mut [f64]) {
        if let Some(count) = self.average_of {
            for margin in out.iter_mut().take(self.margins) {
                *margin /= count;
            }
        }
    }

    fn finish(&self, out: &mut [f64]) {
        self.average(out);
        match self.link {
            TreeLink::Sigmoid(steepness) => logit(steepness, out),
            TreeLink::Softmax => softmax(out),
            TreeLink::Identity => {}
            TreeLink::Exponential => out.iter_mut().for_each(|value| *value = value.exp()),
        }
    }

    /// The value of the leaf that a row falls into.
    fn leaf(&self, root: Child, row: &[f64]) -> f64 {
        let mut child = root;
        while let Ok(index) = usize::try_from(child) {
            child = self.step(index, row);
        }
        self.value(child)
    }

    /// Where a row goes from a node; out of the tree where there is no such node, which no verified model has.
    #[inline]
    fn step(&self, index: usize, row: &[f64]) -> Child {
        let Some(node) = self.nodes.get(index) else { return Child::MIN };
        let value = usize::try_from(node.feature).ok().and_then(|feature| row.get(feature));
        let goes_left = self.goes_left(node, value.copied().unwrap_or(f64::NAN));
        // Both are at hand: a choice without a jump, which could not be foreseen.
        std::hint::select_unpredictable(goes_left, node.left, node.right)
    }

    /// The value of a leaf; NaN where there is none.
    #[inline]
    fn value(&self, leaf: Child) -> f64 {
        usize::try_from(!leaf)
            .ok()
            .and_then(|leaf| self.leaves.get(leaf))
            .copied()
            .unwrap_or(f64::NAN)
    }

    #[inline]
    fn goes_left(&self, node: &Node, value: f64) -> bool {
        if node.categorical {
            return self.in_set(node.set, value);
        }
        // NaN is at most no threshold. The sides are joined without a jump.
        let at_most = value <= node.threshold;
        match node.missing {
            Missing::NaN => at_most | (value.is_nan() & node.default_left),
            // Where NaN was not seen in training it counts as zero.
            Missing::None => at_most | (value.is_nan() & (0.0 <= node.threshold)),
            Missing::Zero if value.is_nan() || (-ZERO..=ZERO).contains(&value) => node.default_left,
            Missing::Zero => at_most,
        }
    }

    fn in_set(&self, set: u32, value: f64) -> bool {
        // Truncation towards zero as in C; what C leaves undefined ends up outside of every set.
        let code = value as i32;
        if value.is_nan() || code < 0 {
            return false;
        }
        let (word, bit) = (usize::try_from(code / 32).unwrap_or(usize::MAX), code % 32);
        self.set_words(set).get(word).is_some_and(|word| word >> bit & 1 == 1)
    }

    /// The words of a category set; none where there is no such set.
    fn set_words(&self, set: u32) -> &[u32] {
        let place = usize::try_from(set).ok().and_then(|set| self.sets.get(set)).copied();
        let (first, count) = place.unwrap_or_default();
        self.words.get(first..first.saturating_add(count)).unwrap_or_default()
    }

    /// The trees as rows go through them.
    fn compacted(&self) -> Option<CompactTrees> {
        CompactTrees::new(&self.roots, &self.nodes, &self.leaves, |set| self.set_words(set))
    }
}

#[cfg(test)]
mod tests;
