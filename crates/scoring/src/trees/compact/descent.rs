//! Trees of many leaves, which rows descend.
//!
//! Eight rows descend a tree side by side, or a row eight trees: while one waits for its node, the others go on. A leaf
//! asks for the first column, which is 0 in every row, and leads to itself.

use super::{Keys, Source, Sums};

/// Places in trees that are led on together.
const LANES: usize = 8;

/// The large trees.
#[derive(Clone, Debug, Default)]
pub(super) struct Descents {
    trees: Vec<LargeTree>,
    nodes: Vec<CompactNode>,
    leaves: Vec<f64>,
}

#[derive(Clone, Copy, Debug)]
struct LargeTree {
    /// Its place in the nodes.
    root: u32,
    /// Steps to the nearest leaf, and to the farthest.
    shallow: u32,
    deep: u32,
}

#[derive(Clone, Copy, Debug)]
struct CompactNode {
    /// Rank of the threshold, or the place of a leaf's value.
    threshold: i32,
    column: u32,
    /// The left child; the right one is the next.
    child: u32,
}

impl Descents {
    /// Adds a tree, level after level, siblings beside each other; its place.
    pub(super) fn add(&mut self, source: &Source<'_>) -> Option<usize> {
        let root = u32::try_from(self.nodes.len()).ok()?;
        let mut tree = LargeTree { root, shallow: u32::MAX, deep: 0 };
        let (mut level, mut depth) = (vec![source.root], 0);
        while !level.is_empty() {
            let mut below = Vec::with_capacity(level.len() * 2);
            let next = self.nodes.len() + level.len();
            for child in level {
                if let Some((left, right, column, threshold)) = source.node(child) {
                    let child = u32::try_from(next + below.len()).ok()?;
                    self.nodes.push(CompactNode { threshold, column, child });
                    below.extend([left, right]);
                } else {
                    let threshold = i32::try_from(self.leaves.len()).ok()?;
                    self.leaves.push(source.leaf(child)?);
                    let child = u32::try_from(self.nodes.len()).ok()?;
                    self.nodes.push(CompactNode { threshold, column: 0, child });
                    tree.shallow = tree.shallow.min(depth);
                    tree.deep = depth;
                }
            }
            level = below;
            depth += 1;
        }
        self.trees.push(tree);
        Some(self.trees.len() - 1)
    }

    /// Gives back room that was taken too much, when every tree is there.
    pub(super) fn finish(&mut self) {
        self.nodes.shrink_to_fit();
        self.leaves.shrink_to_fit();
    }

    /// Where each of these goes next, by its key of a column.
    #[inline(always)]
    fn step(&self, at: [u32; LANES], keys: impl Fn(usize, usize) -> i32) -> [u32; LANES] {
        let next = |at: u32, lane: usize| {
            // A verified model has every node that another leads to.
            self.nodes.get(at as usize).map_or(at, |node| {
                let goes_right = keys(node.column as usize, lane) > node.threshold;
                node.child.wrapping_add(u32::from(goes_right))
            })
        };
        // Written out, so that all of them are in registers.
        let [a, b, c, d, e, f, g, h] = at;
        [
            next(a, 0),
            next(b, 1),
            next(c, 2),
            next(d, 3),
            next(e, 4),
            next(f, 5),
            next(g, 6),
            next(h, 7),
        ]
    }

    /// The values of the leaves that these come to.
    #[inline(always)]
    fn descend(
        &self,
        mut at: [u32; LANES],
        (shallow, deep): (u32, u32),
        keys: impl Fn(usize, usize) -> i32,
    ) -> [f64; LANES] {
        for _ in 0..shallow {
            at = self.step(at, &keys);
        }
        for _ in shallow..deep {
            let before = at;
            at = self.step(at, &keys);
            if at == before {
                break;
            }
        }
        at.map(|at| {
            let place = self.nodes.get(at as usize).map(|leaf| leaf.threshold as usize);
            place.and_then(|place| self.leaves.get(place)).copied().unwrap_or(f64::NAN)
        })
    }

    /// The leaves of a row in all trees.
    pub(super) fn leaves(&self, keys: &[i32], leaves: &mut Vec<f64>) {
        leaves.clear();
        let key_of = |column: usize, _| keys.get(column).copied().unwrap_or(0);
        for trees in self.trees.chunks(LANES) {
            let (mut at, mut shallow, mut deep) = ([0; LANES], u32::MAX, 0);
            for (at, tree) in at.iter_mut().zip(trees) {
                *at = tree.root;
                shallow = shallow.min(tree.shallow);
                deep = deep.max(tree.deep);
            }
            let found = self.descend(at, (shallow, deep), key_of);
            leaves.extend(found.iter().take(trees.len()));
        }
    }

    /// Adds the leaves of a tree to the sums of rows side by side.
    pub(super) fn add_leaves(&self, tree: usize, keys: &[Keys], sums: &mut Sums) {
        let Some(tree) = self.trees.get(tree) else { return };
        for (half, sums) in sums.chunks_exact_mut(LANES).enumerate() {
            let key_of = |column: usize, lane: usize| {
                let key = keys.get(column).and_then(|of| of.get(half * LANES + lane));
                key.copied().unwrap_or(0)
            };
            let leaves = self.descend([tree.root; LANES], (tree.shallow, tree.deep), key_of);
            for (sum, leaf) in sums.iter_mut().zip(leaves) {
                *sum += leaf;
            }
        }
    }
}
