//! What each feature contributes to a margin: exact TreeSHAP.
//!
//! The path-dependent algorithm of Lundberg, Erion and Lee, "Consistent Individualized Feature Attribution for Tree
//! Ensembles" (2018), Algorithm 2, in the form that LightGBM's `pred_contrib` has. A feature that a tree has not
//! settled on goes both ways, weighed by the rows that training sent there. A row costs O(leaves · depth²).
//!
//! Invariants:
//! - Of each row and margin, the contributions and the base add up to the margin.
//! - The recursion is as deep as the deepest tree, which [`MAX_EXPLAINED_DEPTH`] bounds.

use super::{Child, Node, TreeModel};
use crate::explain::ExplainError;

/// Deepest tree that is explained; LightGBM's own 255 leaves are at most 254 deep.
pub(crate) const MAX_EXPLAINED_DEPTH: usize = 512;

/// How many rows of the training data came to each node and leaf.
#[derive(Clone, Debug, Default)]
pub(super) struct NodeCovers {
    nodes: Vec<f64>,
    leaves: Vec<f64>,
    /// Length of the longest way from a root to a leaf.
    depth: usize,
    /// Whether a tree lacks its counts, or has a leaf to which no row came.
    unusable: bool,
}

impl NodeCovers {
    /// Takes up a tree whose nodes have been verified: indices are within the tree, and there is no cycle.
    pub(super) fn add(&mut self, nodes: &[Node], leaves: usize, counts: Option<Vec<u32>>) {
        let counts: Vec<f64> = counts.unwrap_or_default().into_iter().map(f64::from).collect();
        self.unusable |= counts.len() != leaves || counts.contains(&0.0);
        let mut order = Vec::with_capacity(nodes.len());
        let mut waiting: Vec<(Child, usize)> =
            Vec::from_iter((!nodes.is_empty()).then_some((0, 1)));
        while let Some((child, depth)) = waiting.pop() {
            let Some((place, node)) =
                usize::try_from(child).ok().and_then(|place| Some((place, nodes.get(place)?)))
            else {
                continue;
            };
            self.depth = self.depth.max(depth);
            order.push(place);
            waiting.extend([(node.left, depth + 1), (node.right, depth + 1)]);
        }
        // Children stand behind their parents in the order.
        let mut sums = vec![0.0; nodes.len()];
        for place in order.into_iter().rev() {
            let Some(node) = nodes.get(place) else { continue };
            let of = |child: Child| match usize::try_from(child) {
                Ok(node) => sums.get(node).copied(),
                Err(_) => usize::try_from(!child).ok().and_then(|leaf| counts.get(leaf)).copied(),
            };
            let sum = of(node.left).unwrap_or(0.0) + of(node.right).unwrap_or(0.0);
            if let Some(slot) = sums.get_mut(place) {
                *slot = sum;
            }
        }
        self.nodes.extend(sums);
        self.leaves.extend(counts.into_iter().chain(std::iter::repeat(0.0)).take(leaves));
    }

    fn cover(&self, child: Child) -> Option<f64> {
        match usize::try_from(child) {
            Ok(node) => self.nodes.get(node),
            Err(_) => self.leaves.get(usize::try_from(!child).ok()?),
        }
        .copied()
    }
}

/// A feature on the way from the root, as the algorithm follows all subsets of features at once.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    /// The feature; none at the root.
    feature: Option<u32>,
    /// Share of the subsets without the feature that go this way.
    zero: f64,
    /// Share of those with it: 0 or 1.
    one: f64,
    /// Share of the subsets of each size.
    weight: f64,
}

/// One row's way through one tree.
struct TreeWalk<'a> {
    model: &'a TreeModel,
    row: &'a [f64],
    contributions: &'a mut [f64],
    divisor: f64,
}

impl TreeModel {
    /// Whether it can be explained.
    pub(crate) fn check_explainable(&self) -> Result<(), ExplainError> {
        if self.covers.unusable {
            return Err(ExplainError::NoCounts);
        }
        if self.covers.depth > MAX_EXPLAINED_DEPTH {
            return Err(ExplainError::TooDeep {
                depth: self.covers.depth,
                limit: MAX_EXPLAINED_DEPTH,
            });
        }
        Ok(())
    }

    /// The expected value of each margin over the training data, as LightGBM weighs leaves.
    pub(crate) fn bases(&self) -> Vec<f64> {
        let mut bases = vec![0.0; self.margins];
        for iteration in self.roots.chunks(self.margins.max(1)) {
            for (root, base) in iteration.iter().zip(&mut bases) {
                *base += self.expected(*root) / self.divisor();
            }
        }
        bases
    }

    /// Adds up what each feature contributes to each margin of a row; `out` holds a value per margin and feature.
    pub(crate) fn contributions(&self, row: &[f64], path: &mut Paths, out: &mut [f64]) {
        out.fill(0.0);
        for iteration in self.roots.chunks(self.margins.max(1)) {
            for (root, out) in iteration.iter().zip(out.chunks_exact_mut(self.width)) {
                let mut walk =
                    TreeWalk { model: self, row, contributions: out, divisor: self.divisor() };
                let first = Step { feature: None, zero: 1.0, one: 1.0, weight: 0.0 };
                // Every index was verified when the model was read, so that this does not end early.
                let walked = walk.down(*root, &mut path.0, 0, first);
                debug_assert!(walked.is_some(), "a path is longer than the deepest tree");
            }
        }
    }

    /// Room for the paths of the deepest tree.
    pub(crate) fn paths(&self) -> Paths {
        let longest = self.covers.depth.min(MAX_EXPLAINED_DEPTH) + 2;
        Paths(vec![Step::default(); longest * (longest + 1) / 2])
    }

    fn divisor(&self) -> f64 {
        self.average_of.unwrap_or(1.0)
    }

    fn expected(&self, root: Child) -> f64 {
        let total = self.covers.cover(root).unwrap_or(1.0);
        let mut waiting = vec![root];
        let mut sum = 0.0;
        while let Some(child) = waiting.pop() {
            match usize::try_from(child).ok().and_then(|node| self.nodes.get(node)) {
                Some(node) => waiting.extend([node.right, node.left]),
                None => {
                    let value = usize::try_from(!child).ok().and_then(|leaf| self.leaves.get(leaf));
                    let share = self.covers.cover(child).unwrap_or(0.0) / total;
                    sum += share * value.copied().unwrap_or(0.0);
                }
            }
        }
        sum
    }
}

/// Room for the paths of one walk at a time.
#[derive(Debug)]
pub(crate) struct Paths(Vec<Step>);

impl TreeWalk<'_> {
    /// Follows a child. The first `length` steps of `path` are its parent's; its own come after them.
    fn down(&mut self, child: Child, path: &mut [Step], length: usize, step: Step) -> Option<()> {
        let (parent, own) = path.split_at_mut_checked(length)?;
        own.get_mut(..length)?.copy_from_slice(parent);
        extend(own.get_mut(..=length)?, step);
        let model = self.model;
        let Some(node) = usize::try_from(child).ok().and_then(|node| model.nodes.get(node)) else {
            let value = *model.leaves.get(usize::try_from(!child).ok()?)? / self.divisor;
            let steps = own.get(..=length)?;
            for (place, step) in steps.iter().enumerate().skip(1) {
                let weight = weight_without(steps, place)?;
                let feature = usize::try_from(step.feature?).ok()?;
                *self.contributions.get_mut(feature)? += weight * (step.one - step.zero) * value;
            }
            return Some(());
        };
        let feature = usize::try_from(node.feature).ok()?;
        let value = self.row.get(feature).copied().unwrap_or(f64::NAN);
        let (hot, cold) = if model.goes_left(node, value) {
            (node.left, node.right)
        } else {
            (node.right, node.left)
        };
        let total = model.covers.cover(child)?;
        let (hot_share, cold_share) =
            (model.covers.cover(hot)? / total, model.covers.cover(cold)? / total);
        // A feature that stands on the path already is taken off it, and put back with both splits.
        let mut length = length;
        let (mut zero, mut one) = (1.0, 1.0);
        let steps = own.get(..=length)?;
        if let Some(place) = steps.iter().position(|step| step.feature == Some(node.feature)) {
            let before = steps.get(place)?;
            (zero, one) = (before.zero, before.one);
            shrink(own.get_mut(..=length)?, place)?;
            length -= 1;
        }
        let step = |zero, one| Step { feature: Some(node.feature), zero, one, weight: 0.0 };
        self.down(hot, own, length + 1, step(hot_share * zero, one))?;
        self.down(cold, own, length + 1, step(cold_share * zero, 0.0))
    }
}

/// Puts a step at the end of a path, whose last place is free.
fn extend(path: &mut [Step], step: Step) {
    let Some(last) = path.len().checked_sub(1) else { return };
    let count = path.len() as f64;
    let mut steps = path.iter_mut().rev();
    let Some(mut above) = steps.next() else { return };
    *above = Step { weight: if last == 0 { 1.0 } else { 0.0 }, ..step };
    for (place, current) in (0..last).rev().zip(steps) {
        above.weight += step.one * current.weight * (place + 1) as f64 / count;
        current.weight *= step.zero * (last - place) as f64 / count;
        above = current;
    }
}

/// Takes a step out of a path: the reverse of [`extend`].
fn shrink(path: &mut [Step], place: usize) -> Option<()> {
    let last = path.len().checked_sub(1)?;
    let count = path.len() as f64;
    let Step { zero, one, .. } = *path.get(place)?;
    let mut next = path.get(last)?.weight;
    for (at, step) in path.iter_mut().enumerate().take(last).rev() {
        if one == 0.0 {
            step.weight = step.weight * count / (zero * (last - at) as f64);
        } else {
            let before = step.weight;
            step.weight = next * count / ((at + 1) as f64 * one);
            next = before - step.weight * zero * (last - at) as f64 / count;
        }
    }
    for at in place..last {
        let Step { feature, zero, one, .. } = *path.get(at + 1)?;
        let step = path.get_mut(at)?;
        *step = Step { feature, zero, one, weight: step.weight };
    }
    Some(())
}

/// What the weights of a path without a step add up to.
fn weight_without(path: &[Step], place: usize) -> Option<f64> {
    let last = path.len().checked_sub(1)?;
    let count = path.len() as f64;
    let Step { zero, one, .. } = *path.get(place)?;
    let mut next = path.get(last)?.weight;
    let mut total = 0.0;
    for (at, step) in path.iter().enumerate().take(last).rev() {
        if one == 0.0 {
            total += step.weight / zero / ((last - at) as f64 / count);
        } else {
            let weight = next * count / ((at + 1) as f64 * one);
            total += weight;
            next = step.weight - weight * zero * ((last - at) as f64 / count);
        }
    }
    Some(total)
}
