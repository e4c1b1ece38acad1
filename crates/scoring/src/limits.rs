//! Bounds on what a bundle may hold.

use serde::{Deserialize, Serialize};

/// Bounds on what is read from a bundle, so that a broken or hostile one cannot exhaust a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a whole bundle, and of each file in it.
    pub bytes: usize,
    /// Features of a plan and of a model.
    pub features: usize,
    /// Classes of a model.
    pub classes: usize,
    /// Trees of a model.
    pub trees: usize,
    /// Leaves of one tree.
    pub leaves: usize,
    /// Leaves of all trees together.
    pub total_leaves: usize,
    /// Weights of all layers of networks together.
    pub weights: usize,
    /// 32-bit words of all category sets together.
    pub category_words: usize,
    /// Levels of one category.
    pub levels: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 256 << 20,
            features: 20_000,
            classes: 1_000,
            trees: 200_000,
            leaves: 65_536,
            total_leaves: 8 << 20,
            weights: 8 << 20,
            category_words: 8 << 20,
            levels: 100_000,
        }
    }
}
