//! LightGBM's trees as one `TreeEnsemble` of `ai.onnx.ml` 5, in doubles.

use scoring::{Position, SplitTest, TreeModel, TreePart};

use crate::Error;
use crate::graph::{Graph, Name, bytes, doubles, int, ints, length, tensor};

/// Left where a value is at most the threshold.
const AT_MOST: u8 = 0;
/// Left where a value is in a set.
const MEMBER: u8 = 6;
/// `aggregate_function` of `TreeEnsemble`: the sum over all trees.
const SUM: i64 = 1;

/// Nodes of all trees, leaves of all trees, as ONNX has them: a list for each property.
#[derive(Debug, Default)]
struct Ensemble {
    features: Vec<i64>,
    thresholds: Vec<f64>,
    modes: Vec<u8>,
    missing_left: Vec<i64>,
    left: Vec<i64>,
    left_is_leaf: Vec<i64>,
    right: Vec<i64>,
    right_is_leaf: Vec<i64>,
    /// The sets in the order of their nodes, each with a NaN behind it.
    members: Vec<f64>,
    values: Vec<f64>,
    margins: Vec<i64>,
    roots: Vec<i64>,
}

/// Whose child is looked for.
#[derive(Clone, Copy)]
enum Parent {
    None,
    Left(usize),
    Right(usize),
}

/// The margins of a model, `[rows, margins]`. `categorical` says of each feature whether its values are codes.
pub(crate) fn margins(
    graph: &mut Graph,
    features: &str,
    model: &TreeModel,
    categorical: &[bool],
) -> Result<Name, Error> {
    let mut ensemble = Ensemble::default();
    for (tree, root) in model.roots().enumerate() {
        ensemble.add(model, root, tree % model.margins().max(1), categorical)?;
    }
    let mut attributes = vec![
        int("aggregate_function", SUM),
        int("n_targets", length(model.margins())),
        ints("tree_roots", ensemble.roots),
        ints("nodes_featureids", ensemble.features),
        tensor("nodes_splits", doubles(&ensemble.thresholds)),
        tensor("nodes_modes", bytes(ensemble.modes)),
        ints("nodes_missing_value_tracks_true", ensemble.missing_left),
        ints("nodes_truenodeids", ensemble.left),
        ints("nodes_trueleafs", ensemble.left_is_leaf),
        ints("nodes_falsenodeids", ensemble.right),
        ints("nodes_falseleafs", ensemble.right_is_leaf),
        ints("leaf_targetids", ensemble.margins),
        tensor("leaf_weights", doubles(&ensemble.values)),
    ];
    if !ensemble.members.is_empty() {
        attributes.push(tensor("membership_values", doubles(&ensemble.members)));
    }
    let sums = graph.model_node("TreeEnsemble", &[features], attributes);
    Ok(match model.average_of() {
        Some(count) => {
            let count = graph.number(count);
            graph.node("Div", &[&sums, &count])
        }
        None => sums,
    })
}

impl Ensemble {
    /// Adds a tree without recursion: trees may be as deep as they have leaves.
    fn add(
        &mut self,
        model: &TreeModel,
        root: Position,
        margin: usize,
        categorical: &[bool],
    ) -> Result<(), Error> {
        let mut open = vec![(root, Parent::None)];
        while let Some((position, parent)) = open.pop() {
            let part = model.part(position);
            let part = part.ok_or(Error::Misfit { what: "a tree leads out of the model" })?;
            match part {
                TreePart::Leaf(value) => match parent {
                    // A tree has to begin with a node: one whose ways lead to the same value. They lead to two leaves,
                    // because ONNX Runtime before 1.30 loses count where two ways lead to one.
                    Parent::None => {
                        let node = self.node(0, AT_MOST, 0.0, false);
                        self.roots.push(length(node));
                        for parent in [Parent::Left(node), Parent::Right(node)] {
                            let leaf = self.leaf(value, margin);
                            self.lead(parent, leaf, true);
                        }
                    }
                    parent => {
                        let leaf = self.leaf(value, margin);
                        self.lead(parent, leaf, true);
                    }
                },
                TreePart::Split(split) => {
                    let codes = categorical.get(split.feature).copied().unwrap_or_default();
                    let node = match split.test {
                        SplitTest::AtMost(threshold) => {
                            self.node(split.feature, AT_MOST, threshold, split.missing_left)
                        }
                        SplitTest::AtMostOrZero(_) => {
                            let what = "a split at which zero counts as missing";
                            return Err(Error::Unsupported { what });
                        }
                        SplitTest::OneOf(_) if !codes => {
                            let what = "a split by category of a feature that is a number";
                            return Err(Error::Unsupported { what });
                        }
                        // No value is below this.
                        SplitTest::OneOf(set) if set.is_empty() => {
                            self.node(split.feature, AT_MOST, f64::NEG_INFINITY, false)
                        }
                        SplitTest::OneOf(set) => {
                            self.members.extend(set.into_iter().map(f64::from));
                            self.members.push(f64::NAN);
                            self.node(split.feature, MEMBER, 0.0, false)
                        }
                    };
                    match parent {
                        Parent::None => self.roots.push(length(node)),
                        parent => self.lead(parent, node, false),
                    }
                    open.push((split.right, Parent::Right(node)));
                    open.push((split.left, Parent::Left(node)));
                }
            }
        }
        Ok(())
    }

    fn leaf(&mut self, value: f64, margin: usize) -> usize {
        self.values.push(value);
        self.margins.push(length(margin));
        self.values.len() - 1
    }

    fn node(&mut self, feature: usize, mode: u8, threshold: f64, missing_left: bool) -> usize {
        self.features.push(length(feature));
        self.modes.push(mode);
        self.thresholds.push(threshold);
        self.missing_left.push(missing_left.into());
        for child in
            [&mut self.left, &mut self.left_is_leaf, &mut self.right, &mut self.right_is_leaf]
        {
            child.push(0);
        }
        self.features.len() - 1
    }

    fn lead(&mut self, parent: Parent, to: usize, is_leaf: bool) {
        let (node, ids, leaves) = match parent {
            Parent::None => return,
            Parent::Left(node) => (node, &mut self.left, &mut self.left_is_leaf),
            Parent::Right(node) => (node, &mut self.right, &mut self.right_is_leaf),
        };
        if let (Some(id), Some(leaf)) = (ids.get_mut(node), leaves.get_mut(node)) {
            (*id, *leaf) = (length(to), is_leaf.into());
        }
    }
}
