//! The trees as rows go through them: whole numbers, compared without a jump.
//!
//! ```text
//! row ──Columns::fill──▶ keys: 0 │ a rank per feature and way of missing │ 0 or 1 per set of categories
//!                          │
//!   trees of 32 leaves ────┼──▶ masks: every node that a row passes on the right takes leaves away; the first left
//!   larger trees ──────────┴──▶ descent: at = child + (key[column] > threshold), until `at` stays
//! ```
//!
//! What a node asks depends on its kind of missing values, its default side and its category set, but little of that
//! is the node's own: a model has one *column* for each (feature, missing kind, default side) and each (feature, set).
//! A row's columns are computed once. The key of a number is its rank among the column's thresholds; a missing value
//! that goes left is less than all of them, one that goes right greater. The question of every node is then whether
//! the key is greater than the rank of its threshold.
//!
//! Each row adds its leaves up in the order of the trees, as LightGBM does, and so to the same bits.

mod descent;
mod masks;
mod questions;

use std::cell::RefCell;

use self::descent::Descents;
use self::masks::{MASKED_LEAVES, Masks};
use self::questions::{Columns, Questions};
use super::{Child, Node};

/// Rows side by side.
const ROWS: usize = 16;
/// Rows beyond whole groups of [`ROWS`] that are worth a group of their own.
const WORTH_A_GROUP: usize = 8;
/// Bytes of keys that stay in the fastest cache, beside a tree.
const KEY_BYTES: usize = 20 << 10;
/// Most groups that go through all trees together.
const MAX_GROUPS: usize = 8;

/// Keys of rows side by side.
type Keys = [i32; ROWS];
/// A number of each of the rows side by side.
type Sums = [f64; ROWS];

/// The trees, and what they ask of a row.
#[derive(Clone, Debug)]
pub(super) struct CompactTrees {
    /// In order.
    trees: Vec<CompactTree>,
    masks: Masks,
    descents: Descents,
    columns: Columns,
}

/// A tree by its place among those of its size.
#[derive(Clone, Copy, Debug)]
enum CompactTree {
    Small(usize),
    Large(usize),
}

/// A tree in the model, with what its nodes ask.
#[derive(Clone, Copy)]
struct Source<'a> {
    root: Child,
    nodes: &'a [Node],
    leaves: &'a [f64],
    /// Column and threshold of each node.
    asked: &'a [(u32, i32)],
}

impl Source<'_> {
    /// A leaf's value; none at a node.
    fn leaf(&self, child: Child) -> Option<f64> {
        self.leaves.get(usize::try_from(!child).ok()?).copied()
    }

    /// The children of a node, its column and its threshold; none at a leaf.
    fn node(&self, child: Child) -> Option<(Child, Child, u32, i32)> {
        let place = usize::try_from(child).ok()?;
        let (node, (column, threshold)) = (self.nodes.get(place)?, self.asked.get(place)?);
        Some((node.left, node.right, *column, *threshold))
    }

    /// Whether there are no more leaves than [`MASKED_LEAVES`].
    fn is_small(&self) -> bool {
        let (mut waiting, mut leaves) = (vec![self.root], 0);
        while let Some(child) = waiting.pop() {
            match self.node(child) {
                Some((left, right, ..)) => waiting.extend([left, right]),
                None => leaves += 1,
            }
            if leaves > MASKED_LEAVES {
                return false;
            }
        }
        true
    }
}

/// What one row needs, whose place is used again by the thread's next one.
#[derive(Default)]
struct Room {
    keys: Vec<i32>,
    dead: Vec<u32>,
    large: Vec<f64>,
}

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

impl CompactTrees {
    /// The trees of verified nodes; none where their questions are too many.
    pub(super) fn new<'a>(
        roots: &[Child],
        nodes: &[Node],
        leaves: &[f64],
        set: impl Fn(u32) -> &'a [u32],
    ) -> Option<Self> {
        let mut questions = Questions::default();
        for node in nodes {
            questions.add(node, &set);
        }
        let columns = questions.columns()?;
        let asked: Option<Vec<(u32, i32)>> =
            nodes.iter().map(|node| questions.place(&columns, node, &set)).collect();
        let asked = asked?;
        let (mut masks, mut descents) = (Masks::default(), Descents::default());
        let mut trees = Vec::with_capacity(roots.len());
        for root in roots {
            let source = Source { root: *root, nodes, leaves, asked: &asked };
            trees.push(if source.is_small() {
                CompactTree::Small(masks.add(&source)?)
            } else {
                CompactTree::Large(descents.add(&source)?)
            });
        }
        masks.finish(columns.count())?;
        descents.finish();
        Some(Self { trees, masks, descents, columns })
    }

    /// Adds the leaves of a row to its margins.
    pub(super) fn add_row(&self, row: &[f64], margins: usize, out: &mut [f64]) {
        ROOM.with_borrow_mut(|Room { keys, dead, large }| {
            keys.clear();
            keys.push(0);
            self.columns.fill(row, |_, key| keys.push(key));
            self.masks.kill(keys, dead);
            self.descents.leaves(keys, large);
            // The sum of a margin stays in a register.
            for (margin, out) in out.iter_mut().enumerate().take(margins) {
                let of_margin = self.trees.iter().skip(margin).step_by(margins);
                *out = of_margin.fold(*out, |sum, tree| {
                    sum + match tree {
                        CompactTree::Small(tree) => self.masks.leaf(*tree, dead),
                        CompactTree::Large(tree) => large.get(*tree).copied().unwrap_or(f64::NAN),
                    }
                });
            }
        });
    }

    /// Sums the leaves of rows of `width` values into their margins, which are 0; `out` has `outputs` numbers for each row.
    pub(super) fn add_rows(
        &self,
        (rows, width): (&[f64], usize),
        margins: usize,
        (out, outputs): (&mut [f64], usize),
    ) {
        let groups = KEY_BYTES / (self.columns.count() * size_of::<Keys>());
        let block = ROWS * groups.clamp(1, MAX_GROUPS);
        let (mut keys, mut sums): (Vec<Keys>, Vec<Sums>) = (Vec::new(), Vec::new());
        let blocks = rows.chunks(width.saturating_mul(block));
        for (rows, out) in blocks.zip(out.chunks_mut(outputs.saturating_mul(block))) {
            let rest = rows.len() / width % ROWS;
            let alone = if rest < WORTH_A_GROUP { rest } else { 0 };
            let (rows, alone) = rows.split_at(rows.len() - alone * width);
            let (out, out_alone) = out.split_at_mut(rows.len() / width * outputs);
            self.fill(rows, width, &mut keys);
            sums.clear();
            sums.resize(rows.len().div_ceil(width.saturating_mul(ROWS)) * margins, [0.0; ROWS]);
            self.add_groups(&keys, margins, &mut sums);
            let out = out.chunks_mut(outputs.saturating_mul(ROWS));
            for (out, sums) in out.zip(sums.chunks_exact(margins)) {
                for (margin, sums) in sums.iter().enumerate() {
                    let of_margin = out.iter_mut().skip(margin).step_by(outputs);
                    of_margin.zip(sums).for_each(|(out, sum)| *out = *sum);
                }
            }
            for (row, out) in alone.chunks_exact(width).zip(out_alone.chunks_exact_mut(outputs)) {
                self.add_row(row, margins, out);
            }
        }
    }

    /// Computes the keys of groups of rows.
    fn fill(&self, rows: &[f64], width: usize, keys: &mut Vec<Keys>) {
        let (of_group, columns) = (width.saturating_mul(ROWS), self.columns.count());
        keys.resize(rows.len().div_ceil(of_group) * columns, [0; ROWS]);
        for (rows, keys) in rows.chunks(of_group).zip(keys.chunks_exact_mut(columns)) {
            for (lane, row) in rows.chunks_exact(width).enumerate() {
                self.columns.fill(row, |column, key| {
                    if let Some(of) = keys.get_mut(column).and_then(|of| of.get_mut(lane)) {
                        *of = key;
                    }
                });
            }
        }
    }

    /// Adds the leaves of groups of rows, `margins` sums for each.
    fn add_groups(&self, keys: &[Keys], margins: usize, sums: &mut [Sums]) {
        for (tree, margin) in self.trees.iter().zip((0..margins).cycle()) {
            let keys = keys.chunks_exact(self.columns.count());
            for (keys, sums) in keys.zip(sums.chunks_exact_mut(margins)) {
                let Some(sums) = sums.get_mut(margin) else { continue };
                match tree {
                    CompactTree::Small(tree) => self.masks.add_leaves(*tree, keys, sums),
                    CompactTree::Large(tree) => self.descents.add_leaves(*tree, keys, sums),
                }
            }
        }
    }
}
