//! Reads LightGBM's text of a model and verifies everything that evaluation relies on.

use std::collections::HashMap;

use thiserror::Error;

use super::contributions::NodeCovers;
use super::{Child, Missing, Node, TreeLink, TreeModel};
use crate::Limits;

/// Trees that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TreeError {
    /// Not the text of a model, or the end is missing.
    #[error("the text is not a whole model of LightGBM: {what}")]
    Text {
        /// What is not as it should be.
        what: &'static str,
    },
    /// Written in another version of the format.
    #[error("the model is not of format version v4")]
    Version,
    /// A line is missing or cannot be read.
    #[error("{key} of {place} is missing or not readable")]
    Value {
        /// Key of the line in LightGBM's text.
        key: &'static str,
        /// The tree, or the header.
        place: ParsePosition,
    },
    /// Something that this code does not evaluate exactly.
    #[error("{what} is not supported")]
    Unsupported {
        /// Property of the model, in words.
        what: &'static str,
    },
    /// Numbers of things that do not agree.
    #[error("{key} of {place} has {found} values instead of {expected}")]
    Count {
        /// Key of the line in LightGBM's text.
        key: &'static str,
        /// The tree, or the header.
        place: ParsePosition,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// An index outside its range.
    #[error("{key} of {place} is out of range")]
    Range {
        /// Key of the line in LightGBM's text.
        key: &'static str,
        /// The tree, or the header.
        place: ParsePosition,
    },
    /// Nodes that are no tree.
    #[error("the nodes of {place} are no tree: one is reached twice or never")]
    NotATree {
        /// Tree in which it stands.
        place: ParsePosition,
    },
    /// A threshold that is NaN, or a leaf that is not finite.
    #[error("{key} of {place} is not finite")]
    NotFinite {
        /// Key of the line in LightGBM's text.
        key: &'static str,
        /// Tree in which it stands.
        place: ParsePosition,
    },
    /// Something exceeds its limit.
    #[error("the model has more than {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// Greatest accepted number of what `what` names.
        limit: usize,
    },
}

/// Where in a model's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParsePosition {
    /// The lines before the first tree.
    Header,
    /// The tree of that index.
    Tree(usize),
}

impl std::fmt::Display for ParsePosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Header => f.write_str("the header"),
            Self::Tree(index) => write!(f, "tree {index}"),
        }
    }
}

pub(super) fn parse(text: &str, limits: &Limits) -> Result<TreeModel, TreeError> {
    if text.len() > limits.bytes {
        return Err(TreeError::TooLarge { what: "bytes", limit: limits.bytes });
    }
    let mut lines = text.lines();
    if lines.next() != Some("tree") {
        return Err(TreeError::Text { what: "it does not start with \"tree\"" });
    }
    let header = Section::header(&mut lines);
    let mut model = read_header(&header, limits)?;
    let expected: Vec<usize> = header.numbers("tree_sizes")?;
    if expected.len() > limits.trees {
        return Err(TreeError::TooLarge { what: "trees", limit: limits.trees });
    }
    if expected.is_empty() || !expected.len().is_multiple_of(model.margins) {
        return Err(TreeError::Count {
            key: "tree_sizes",
            place: ParsePosition::Header,
            found: expected.len(),
            expected: model.margins,
        });
    }
    for index in 0..expected.len() {
        // The header ends at the first `Tree=`; the next ones follow the blank lines after each tree.
        if index > 0
            && next_filled(&mut lines).and_then(|line| line.strip_prefix("Tree=")).is_none()
        {
            return Err(TreeError::Text { what: "a tree is missing" });
        }
        read_tree(&Section::tree(&mut lines, index), &mut model, limits)?;
    }
    if next_filled(&mut lines) != Some("end of trees") {
        return Err(TreeError::Text { what: "\"end of trees\" is not where it should be" });
    }
    if model.average_of.is_some() {
        model.average_of = Some((expected.len() / model.margins) as f64);
    }
    model.compact = model.compacted();
    Ok(model)
}

fn next_filled<'a>(lines: &mut std::str::Lines<'a>) -> Option<&'a str> {
    lines.find(|line| !line.is_empty())
}

/// Keys and values of the header or of a tree.
struct Section<'a> {
    place: ParsePosition,
    values: HashMap<&'a str, &'a str>,
}

impl<'a> Section<'a> {
    fn header(lines: &mut std::str::Lines<'a>) -> Self {
        let entries =
            lines.take_while(|line| !line.starts_with("Tree=") && *line != "end of trees");
        Self {
            place: ParsePosition::Header,
            values: entries.map(|line| line.split_once('=').unwrap_or((line, ""))).collect(),
        }
    }

    fn tree(lines: &mut std::str::Lines<'a>, index: usize) -> Self {
        let entries = lines.take_while(|line| !line.is_empty());
        let values = entries.map(|line| line.split_once('=').unwrap_or((line, ""))).collect();
        Self { place: ParsePosition::Tree(index), values }
    }

    fn error(&self, key: &'static str) -> TreeError {
        TreeError::Value { key, place: self.place }
    }

    fn number<T: std::str::FromStr>(&self, key: &'static str) -> Result<T, TreeError> {
        self.values
            .get(key)
            .and_then(|value| value.trim().parse().ok())
            .ok_or_else(|| self.error(key))
    }

    fn numbers<T: std::str::FromStr>(&self, key: &'static str) -> Result<Vec<T>, TreeError> {
        let values = self.values.get(key).ok_or_else(|| self.error(key))?;
        values
            .split_ascii_whitespace()
            .map(|value| value.parse().map_err(|_| self.error(key)))
            .collect()
    }

    fn exactly<T: std::str::FromStr>(
        &self,
        key: &'static str,
        expected: usize,
    ) -> Result<Vec<T>, TreeError> {
        let values = self.numbers(key)?;
        if values.len() != expected {
            return Err(TreeError::Count { key, place: self.place, found: values.len(), expected });
        }
        Ok(values)
    }

    fn finite(&self, key: &'static str, expected: usize) -> Result<Vec<f64>, TreeError> {
        let values: Vec<f64> = self.exactly(key, expected)?;
        if values.iter().any(|value| !value.is_finite()) {
            return Err(TreeError::NotFinite { key, place: self.place });
        }
        Ok(values)
    }
}

fn read_header(header: &Section<'_>, limits: &Limits) -> Result<TreeModel, TreeError> {
    if header.values.get("version") != Some(&"v4") {
        return Err(TreeError::Version);
    }
    let classes: usize = header.number("num_class")?;
    let margins: usize = header.number("num_tree_per_iteration")?;
    let last_feature: usize = header.number("max_feature_idx")?;
    if last_feature >= limits.features {
        return Err(TreeError::TooLarge { what: "features", limit: limits.features });
    }
    if classes > limits.classes {
        return Err(TreeError::TooLarge { what: "classes", limit: limits.classes });
    }
    let link = read_objective(header.values.get("objective").copied().unwrap_or(""), classes)?;
    let fits = match link {
        TreeLink::Softmax => margins == classes && classes >= 2,
        TreeLink::Sigmoid(_) | TreeLink::Identity | TreeLink::Exponential => {
            margins == 1 && classes == 1
        }
    };
    if !fits {
        return Err(TreeError::Range {
            key: "num_tree_per_iteration",
            place: ParsePosition::Header,
        });
    }
    Ok(TreeModel {
        width: last_feature + 1,
        margins,
        roots: Vec::new(),
        nodes: Vec::new(),
        leaves: Vec::new(),
        sets: Vec::new(),
        words: Vec::new(),
        average_of: header.values.contains_key("average_output").then_some(1.0),
        link,
        covers: NodeCovers::default(),
        compact: None,
    })
}

fn read_objective(objective: &str, classes: usize) -> Result<TreeLink, TreeError> {
    let mut words = objective.split_ascii_whitespace();
    let name = words.next().unwrap_or("");
    let options: HashMap<&str, &str> =
        words.map(|word| word.split_once(':').unwrap_or((word, ""))).collect();
    match name {
        "binary" => {
            let steepness = options.get("sigmoid").and_then(|value| value.parse::<f64>().ok());
            steepness
                .filter(|value| value.is_finite() && *value > 0.0)
                .map(TreeLink::Sigmoid)
                .ok_or(TreeError::Value { key: "objective", place: ParsePosition::Header })
        }
        "multiclass" => {
            match options.get("num_class").and_then(|value| value.parse::<usize>().ok()) {
                Some(found) if found == classes => Ok(TreeLink::Softmax),
                _ => Err(TreeError::Value { key: "objective", place: ParsePosition::Header }),
            }
        }
        "regression" | "regression_l1" | "huber" | "fair" | "quantile" | "mape" => {
            if options.contains_key("sqrt") {
                return Err(TreeError::Unsupported { what: "regression of the square root" });
            }
            Ok(TreeLink::Identity)
        }
        "poisson" | "gamma" | "tweedie" => Ok(TreeLink::Exponential),
        _ => Err(TreeError::Unsupported { what: "this objective" }),
    }
}

fn read_tree(
    section: &Section<'_>,
    model: &mut TreeModel,
    limits: &Limits,
) -> Result<(), TreeError> {
    let place = section.place;
    let leaves: usize = section.number("num_leaves")?;
    if section.values.get("is_linear").is_some_and(|value| value.trim() != "0") {
        return Err(TreeError::Unsupported { what: "a tree with linear leaves" });
    }
    if leaves == 0 {
        return Err(TreeError::Range { key: "num_leaves", place });
    }
    if leaves > limits.leaves {
        return Err(TreeError::TooLarge { what: "leaves in a tree", limit: limits.leaves });
    }
    if model.leaves.len().saturating_add(leaves) > limits.total_leaves.min(1 << 30) {
        return Err(TreeError::TooLarge { what: "leaves", limit: limits.total_leaves });
    }
    let first_leaf = model.leaves.len();
    model.leaves.extend(section.finite("leaf_value", leaves)?);
    if leaves == 1 {
        // All rows came to the only leaf; LightGBM does not say how many.
        model.covers.add(&[], 1, Some(vec![1]));
        model.roots.push(leaf_child(first_leaf));
        return Ok(());
    }
    // They only matter to explanations, and a model without them can be scored.
    let counts = match section.values.get("leaf_count") {
        Some(_) => Some(section.exactly::<u32>("leaf_count", leaves)?),
        None => None,
    };
    let first_set = read_sets(section, model, limits)?;
    let first_node = model.nodes.len();
    let nodes = read_nodes(section, model.width, leaves - 1, model.sets.len() - first_set)?;
    verify(&nodes, leaves, place)?;
    model.covers.add(&nodes, leaves, counts);
    let shift = |child: Child| match usize::try_from(child) {
        Ok(node) => node_child(first_node + node),
        Err(_) => leaf_child(first_leaf + usize::try_from(!child).unwrap_or(0)),
    };
    model.roots.push(node_child(first_node));
    model.nodes.extend(nodes.into_iter().map(|node| Node {
        left: shift(node.left),
        right: shift(node.right),
        set: node.set.saturating_add(u32::try_from(first_set).unwrap_or(u32::MAX)),
        ..node
    }));
    Ok(())
}

/// Indices are below 2^30 by the limit on leaves, so these never saturate.
fn node_child(index: usize) -> Child {
    Child::try_from(index).unwrap_or(Child::MAX)
}

fn leaf_child(index: usize) -> Child {
    !node_child(index)
}

fn read_sets(
    section: &Section<'_>,
    model: &mut TreeModel,
    limits: &Limits,
) -> Result<usize, TreeError> {
    let first_set = model.sets.len();
    let count: usize = section.number("num_cat")?;
    if count == 0 {
        return Ok(first_set);
    }
    if count > limits.category_words {
        return Err(TreeError::TooLarge { what: "category sets", limit: limits.category_words });
    }
    let place = section.place;
    let boundaries: Vec<usize> = section.exactly("cat_boundaries", count + 1)?;
    let words: Vec<u32> = section.numbers("cat_threshold")?;
    if model.words.len().saturating_add(words.len()) > limits.category_words {
        return Err(TreeError::TooLarge {
            what: "words of category sets",
            limit: limits.category_words,
        });
    }
    let whole = boundaries.first() == Some(&0) && boundaries.last() == Some(&words.len());
    if !whole || !boundaries.is_sorted() {
        return Err(TreeError::Range { key: "cat_boundaries", place });
    }
    let base = model.words.len();
    let pairs = boundaries.iter().zip(boundaries.iter().skip(1));
    model.sets.extend(pairs.map(|(start, end)| (base + start, end - start)));
    model.words.extend(words);
    Ok(first_set)
}

fn read_nodes(
    section: &Section<'_>,
    width: usize,
    count: usize,
    sets: usize,
) -> Result<Vec<Node>, TreeError> {
    let place = section.place;
    let features: Vec<u32> = section.exactly("split_feature", count)?;
    // "Missing or not" is a split at infinity: every number is below it.
    let thresholds: Vec<f64> = section.exactly("threshold", count)?;
    if thresholds.iter().any(|threshold| threshold.is_nan()) {
        return Err(TreeError::NotFinite { key: "threshold", place: section.place });
    }
    let types: Vec<u8> = section.exactly("decision_type", count)?;
    let left: Vec<Child> = section.exactly("left_child", count)?;
    let right: Vec<Child> = section.exactly("right_child", count)?;
    let mut nodes = Vec::with_capacity(count);
    let rows = features.into_iter().zip(thresholds).zip(types).zip(left.into_iter().zip(right));
    for (((feature, threshold), kind), (left, right)) in rows {
        if usize::try_from(feature).is_ok_and(|feature| feature >= width) {
            return Err(TreeError::Range { key: "split_feature", place });
        }
        let categorical = kind & 1 == 1;
        let set = threshold as usize;
        if categorical && (threshold < 0.0 || threshold.fract() != 0.0 || set >= sets) {
            return Err(TreeError::Range { key: "threshold", place });
        }
        let missing = match kind >> 2 {
            0 => Missing::None,
            1 => Missing::Zero,
            2 => Missing::NaN,
            _ => return Err(TreeError::Range { key: "decision_type", place }),
        };
        nodes.push(Node {
            threshold,
            feature,
            left,
            right,
            set: if categorical { u32::try_from(set).unwrap_or(u32::MAX) } else { 0 },
            missing,
            categorical,
            default_left: kind & 2 == 2,
        });
    }
    Ok(nodes)
}

/// Walks from the root: every node and every leaf has to be reached exactly once, which excludes cycles.
fn verify(nodes: &[Node], leaves: usize, place: ParsePosition) -> Result<(), TreeError> {
    let mut seen_nodes = vec![false; nodes.len()];
    let mut seen_leaves = vec![false; leaves];
    let mut waiting: Vec<Child> = vec![0];
    while let Some(child) = waiting.pop() {
        let (seen, index) = match usize::try_from(child) {
            Ok(node) => (&mut seen_nodes, node),
            Err(_) => (&mut seen_leaves, usize::try_from(!child).unwrap_or(usize::MAX)),
        };
        let Some(seen) = seen.get_mut(index) else {
            return Err(TreeError::Range { key: "left_child or right_child", place });
        };
        if std::mem::replace(seen, true) {
            return Err(TreeError::NotATree { place });
        }
        if child >= 0
            && let Some(node) = nodes.get(index)
        {
            waiting.extend([node.left, node.right]);
        }
    }
    if seen_nodes.iter().chain(&seen_leaves).all(|seen| *seen) {
        Ok(())
    } else {
        Err(TreeError::NotATree { place })
    }
}
