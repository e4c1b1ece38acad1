//! The trees as data, for code that writes them in another form.

use super::{Child, Missing, Node, TreeLink, TreeModel};

/// Where in a model: a node or a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position(Child);

/// What stands at a position.
#[derive(Clone, Debug, PartialEq)]
pub enum TreePart {
    /// The end, with its value.
    Leaf(f64),
    /// An inner node, which compares a feature with a threshold.
    Split(Split),
}

/// A question of a tree, and where its answers lead.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// The feature that is asked for.
    pub feature: usize,
    /// Condition on the feature's value.
    pub test: SplitTest,
    /// Whether a missing value goes left; never where the test is [`SplitTest::OneOf`].
    pub missing_left: bool,
    /// Where a row goes for which the test holds.
    pub left: Position,
    /// Where any other goes.
    pub right: Position,
}

/// What is asked of a value that is not missing.
#[derive(Clone, Debug, PartialEq)]
pub enum SplitTest {
    /// Whether it is at most this.
    AtMost(f64),
    /// As [`Self::AtMost`], but zero counts as missing.
    AtMostOrZero(f64),
    /// Whether its integer part is one of these.
    OneOf(Vec<u32>),
}

impl TreeModel {
    /// Where each tree starts: iteration after iteration, margin after margin.
    pub fn roots(&self) -> impl ExactSizeIterator<Item = Position> + '_ {
        self.roots.iter().copied().map(Position)
    }

    /// Margins of a row: trees of one iteration.
    #[must_use]
    pub fn margins(&self) -> usize {
        self.margins
    }

    /// What the sums of the trees are divided by, for random forests.
    #[must_use]
    pub fn average_of(&self) -> Option<f64> {
        self.average_of
    }

    /// From margins to outputs.
    #[must_use]
    pub fn link(&self) -> TreeLink {
        self.link
    }

    /// What stands at a position; `None` where it is one of another model.
    #[must_use]
    pub fn part(&self, position: Position) -> Option<TreePart> {
        match usize::try_from(position.0) {
            Ok(index) => self.nodes.get(index).map(|node| TreePart::Split(self.split(node))),
            Err(_) => {
                let index = usize::try_from(!position.0).ok()?;
                self.leaves.get(index).copied().map(TreePart::Leaf)
            }
        }
    }

    fn split(&self, node: &Node) -> Split {
        let test = match node.missing {
            _ if node.categorical => SplitTest::OneOf(self.codes(node.set)),
            Missing::Zero => SplitTest::AtMostOrZero(node.threshold),
            Missing::None | Missing::NaN => SplitTest::AtMost(node.threshold),
        };
        Split {
            // Features are below 2^32, so this never saturates where it is 64 bits wide.
            feature: usize::try_from(node.feature).unwrap_or(usize::MAX),
            missing_left: self.goes_left(node, f64::NAN),
            test,
            left: Position(node.left),
            right: Position(node.right),
        }
    }

    fn codes(&self, set: u32) -> Vec<u32> {
        let words = self.set_words(set).iter().zip(0_u32..);
        words
            .flat_map(|(word, place)| {
                (0..32).filter(move |bit| word >> bit & 1 == 1).map(move |bit| place * 32 + bit)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

    use super::*;
    use crate::Limits;

    const TEXT: &str = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=1\n\
        objective=binary sigmoid:1\ntree_sizes=1 1\n\nTree=0\nnum_leaves=3\nnum_cat=1\nsplit_feature=0 1\n\
        threshold=0.5 0\ndecision_type=10 1\nleft_child=1 -2\nright_child=-1 -3\nleaf_value=1 2 3\n\
        cat_boundaries=0 2\ncat_threshold=5 1\nis_linear=0\n\nTree=1\nnum_leaves=1\nleaf_value=0.25\n\n\
        end of trees\n";

    #[test]
    fn a_walk_through_the_parts_is_the_tree() {
        let model = TreeModel::parse(TEXT, &Limits::default()).unwrap();
        let roots: Vec<Position> = model.roots().collect();
        assert_eq!((roots.len(), model.margins(), model.average_of()), (2, 1, None));
        assert_eq!(model.link(), TreeLink::Sigmoid(1.0));
        assert_eq!(model.part(roots[1]), Some(TreePart::Leaf(0.25)));
        let Some(TreePart::Split(top)) = model.part(roots[0]) else { panic!("a split") };
        assert_eq!((top.feature, &top.test, top.missing_left), (0, &SplitTest::AtMost(0.5), true));
        assert_eq!(model.part(top.right), Some(TreePart::Leaf(1.0)));
        let Some(TreePart::Split(below)) = model.part(top.left) else { panic!("a split") };
        // Bits 0 and 2 of the first word, bit 0 of the second.
        assert_eq!((below.feature, below.missing_left), (1, false));
        assert_eq!(below.test, SplitTest::OneOf(vec![0, 2, 32]));
        assert_eq!(model.part(below.left), Some(TreePart::Leaf(2.0)));
        assert_eq!(model.part(Position(9)), None);
    }
}
