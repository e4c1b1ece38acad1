//! Trees of few leaves, whose reach is held in a word.
//!
//! The method of Lucchese et al., "QuickScorer: A Fast Algorithm to Rank Documents with Additive Ensembles of Regression
//! Trees" (2015): where a row passes a node on the right, the leaves on the node's left are dead to it, whether it comes
//! to the node or not; the leaf that it falls into is the first that is not dead. Rows side by side ask every node of
//! a tree, in loops that become vector instructions; one row alone visits, column by column, only the nodes that it
//! passes on the right: those of the lower thresholds, which stand together.

use super::{Keys, ROWS, Source, Sums};

/// Leaves of a tree whose reach is held in a word.
pub(super) const MASKED_LEAVES: usize = 32;

/// The small trees.
#[derive(Clone, Debug, Default)]
pub(super) struct Masks {
    trees: Vec<SmallTree>,
    /// The nodes of tree after tree.
    masks: Vec<Mask>,
    /// The same nodes by column and threshold.
    marks: Vec<Mark>,
    /// Where the marks of each column begin that have at least a threshold, from 0 on; the last is their end.
    ends: Vec<u32>,
    /// Where the ends of each column are in `ends`.
    columns: Vec<u32>,
    /// Values of the leaves from left to right, tree after tree.
    leaves: Vec<f64>,
}

#[derive(Clone, Copy, Debug)]
struct SmallTree {
    /// Where its nodes and its leaves begin, and the number of its nodes.
    first: usize,
    first_leaf: usize,
    count: usize,
}

#[derive(Clone, Copy, Debug)]
struct Mask {
    threshold: i32,
    column: u32,
    /// The leaves on its left.
    dead: u32,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    tree: u32,
    dead: u32,
}

impl Masks {
    /// Adds a tree; its place.
    pub(super) fn add(&mut self, source: &Source<'_>) -> Option<usize> {
        let (first, first_leaf) = (self.masks.len(), self.leaves.len());
        // A side of a tree that has to be written, and the node whose left side ends where it begins.
        let mut waiting = vec![(source.root, None)];
        while let Some((child, ended)) = waiting.pop() {
            let so_far = u32::try_from(self.leaves.len() - first_leaf).ok()?;
            if let Some(ended) = ended {
                let mask = self.masks.get_mut::<usize>(ended)?;
                // Until here it holds where its left side begins, which is never the whole tree.
                mask.dead = ((1_u32 << (so_far - mask.dead)) - 1) << mask.dead;
            }
            if let Some((left, right, column, threshold)) = source.node(child) {
                waiting.extend([(right, Some(self.masks.len())), (left, None)]);
                self.masks.push(Mask { threshold, column, dead: so_far });
            } else {
                self.leaves.push(source.leaf(child)?);
            }
        }
        self.trees.push(SmallTree { first, first_leaf, count: self.masks.len() - first });
        Some(self.trees.len() - 1)
    }

    /// Sorts the nodes by column, when every tree is there.
    pub(super) fn finish(&mut self, columns: usize) -> Option<()> {
        let mut nodes = Vec::with_capacity(self.masks.len());
        for (tree, of) in (0_u32..).zip(&self.trees) {
            let masks = self.masks.get(of.first..of.first + of.count)?;
            nodes.extend(masks.iter().map(|mask| (mask, tree)));
        }
        nodes.sort_by_key(|(mask, tree)| (mask.column, mask.threshold, *tree));
        let mut nodes = nodes.into_iter().peekable();
        for column in 0..u32::try_from(columns).ok()? {
            self.columns.push(u32::try_from(self.ends.len()).ok()?);
            self.ends.push(u32::try_from(self.marks.len()).ok()?);
            while let Some((mask, tree)) = nodes.next_if(|(mask, _)| mask.column == column) {
                let begun = *self.columns.last()? as usize;
                let above = usize::try_from(mask.threshold).ok()? + 1;
                // Marks of lower thresholds end where this one begins.
                let end = u32::try_from(self.marks.len()).ok()?;
                self.ends.resize(self.ends.len().max(begun + above), end);
                self.marks.push(Mark { tree, dead: mask.dead });
                if self.ends.len() == begun + above {
                    self.ends.push(end + 1);
                } else if let Some(last) = self.ends.last_mut() {
                    *last = end + 1;
                }
            }
        }
        self.masks.shrink_to_fit();
        self.leaves.shrink_to_fit();
        Some(())
    }

    /// The leaves of each tree that a row does not reach.
    pub(super) fn kill(&self, keys: &[i32], dead: &mut Vec<u32>) {
        dead.clear();
        dead.resize(self.trees.len(), 0);
        let until = self.columns.iter().skip(1).map(|at| *at as usize).chain([self.ends.len()]);
        for ((key, from), until) in keys.iter().zip(&self.columns).zip(until) {
            let Some([first, above @ ..]) = self.ends.get(*from as usize..until) else { continue };
            // As many thresholds as the key are below it; -1 is below all of them.
            let below = usize::try_from(*key).unwrap_or(0).min(above.len());
            let end = below.checked_sub(1).and_then(|last| above.get(last)).unwrap_or(first);
            for mark in self.marks.get(*first as usize..*end as usize).unwrap_or(&[]) {
                if let Some(dead) = dead.get_mut(mark.tree as usize) {
                    *dead |= mark.dead;
                }
            }
        }
    }

    /// The leaf that a row falls into.
    #[inline]
    pub(super) fn leaf(&self, tree: usize, dead: &[u32]) -> f64 {
        let first = self.trees.get(tree).map_or(0, |tree| tree.first_leaf);
        let live = dead.get(tree).map_or(0, |dead| dead.trailing_ones() as usize);
        self.leaves.get(first + live).copied().unwrap_or(f64::NAN)
    }

    /// Adds the leaves of a tree to the sums of rows side by side.
    pub(super) fn add_leaves(&self, tree: usize, keys: &[Keys], sums: &mut Sums) {
        let Some(tree) = self.trees.get(tree) else { return };
        let mut dead = [0_u32; ROWS];
        for mask in self.masks.get(tree.first..tree.first + tree.count).unwrap_or(&[]) {
            let Some(keys) = keys.get(mask.column as usize) else { continue };
            for (dead, key) in dead.iter_mut().zip(keys) {
                // Said so that no jump is made of it.
                *dead |= u32::from(*key > mask.threshold).wrapping_neg() & mask.dead;
            }
        }
        let leaves = self.leaves.get(tree.first_leaf..).unwrap_or(&[]);
        for (sum, dead) in sums.iter_mut().zip(dead) {
            *sum += leaves.get(dead.trailing_ones() as usize).copied().unwrap_or(f64::NAN);
        }
    }
}
