//! Why a row got its prediction: what each feature, or each raw column, contributes to the margin.
//!
//! The margin is what a model adds up before its link makes probabilities of it: the log-odds of the second class
//! where there are two, one score per class where there are more, the number itself in a regression. On it,
//! contributions add up: of each row and margin, they and the base give the margin.
//!
//! | model | base | contribution of a feature |
//! |---|---|---|
//! | trees | the mean over the training data, as leaves are weighed by their rows | its Shapley value, by exact TreeSHAP |
//! | forest | the same of the trees' mean | the mean over the trees |
//! | linear | the intercept: numbers at their mean, no known category | coefficients times encoded values |
//! | network | the margin of the mean of the encoded training rows | what its columns carry on by DeepLIFT's rescale rule |
//! | trees over target statistics | the same | the sum of what its statistics contribute |
//! | ensemble | the margin of the weighted mean of the members' bases | the members' contributions, carried on by the rescale rule |
//! | prior | the margin | 0 |

mod explainer;

use tabular::FeatureMatrix;
use thiserror::Error;

use crate::{Model, ScoreError};
use explainer::Explainer;

/// Why a prediction cannot be explained.
#[derive(Debug, Error)]
pub enum ExplainError {
    /// The rows do not fit the model.
    #[error(transparent)]
    Score(#[from] ScoreError),
    /// The trees do not say how many rows came to their leaves.
    #[error(
        "the model does not say how many training rows came to each leaf, at least one: expected leaf_count in each of its trees"
    )]
    NoCounts,
    /// A tree is too deep.
    #[error("the model has a tree of depth {depth}: expected at most {limit}")]
    TooDeep {
        /// Depth of the deepest tree.
        depth: usize,
        /// Greatest depth that is explained.
        limit: usize,
    },
    /// The margin of a prior is infinite: a class has all of its probability.
    #[error("the margin of the model is not finite: one class has all the probability")]
    NotFinite,
    /// The caller has asked to stop.
    #[error("the explanation was stopped before its end")]
    Stopped,
}

/// What contributions are told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExplainBy {
    /// The raw columns that a caller gives. What a feature of two columns contributes is shared equally between them,
    /// as the Shapley value has it where each is nothing without the other.
    #[default]
    Column,
    /// The features that the model sees.
    Feature,
}

/// Explanations of some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanations {
    /// Names of the columns or features.
    pub names: Vec<String>,
    /// Number of rows.
    pub rows: usize,
    /// Margins of each row.
    pub margins_per_row: usize,
    /// What each name contributes to each margin of each row: row after row, margin after margin, name after name.
    pub contributions: Vec<f64>,
    /// The base of each margin: what is there before any feature is known.
    pub bases: Vec<f64>,
    /// The margins, row after row.
    pub margins: Vec<f64>,
}

impl Model {
    /// Margins of a row.
    #[must_use]
    pub fn margins(&self) -> usize {
        match self {
            Self::Prior(model) => model.margins().len(),
            Self::Linear(model) => model.intercepts.len(),
            Self::Trees(model) => model.margins(),
            Self::EncodedTrees(model) => model.trees.margins(),
            Self::Network(model) => model.margins(),
            Self::Ensemble(model) => model.margins(),
        }
    }

    /// Explains rows of features; `go_on` is asked before each row.
    ///
    /// # Errors
    /// When the model does not have what it takes, or `go_on` says no.
    pub fn explain(
        &self,
        matrix: &FeatureMatrix,
        mut go_on: impl FnMut() -> bool,
    ) -> Result<Explanations, ExplainError> {
        let (margins, width) = (self.margins(), matrix.width);
        let per_row = margins.saturating_mul(width);
        let mut contributions = vec![0.0; matrix.rows.saturating_mul(per_row)];
        let mut found = vec![0.0; matrix.rows.saturating_mul(margins)];
        let mut explainer = Explainer::new(self)?;
        let rows = matrix
            .iter_rows()
            .zip(contributions.chunks_mut(per_row.max(1)))
            .zip(found.chunks_mut(margins.max(1)));
        for ((row, contributions), found) in rows {
            if !go_on() {
                return Err(ExplainError::Stopped);
            }
            explainer.row(row, contributions, found);
        }
        let bases = explainer.bases();
        Ok(Explanations {
            names: Vec::new(),
            rows: matrix.rows,
            margins_per_row: margins,
            contributions,
            bases,
            margins: found,
        })
    }
}

impl Explanations {
    /// With the contributions of features divided equally between the columns that they are made of; `sources` has the positions of
    /// those of each feature.
    pub(crate) fn of_columns(self, columns: Vec<String>, sources: &[Vec<usize>]) -> Self {
        let width = columns.len();
        let features = sources.len();
        let mut contributions =
            vec![0.0; self.rows.saturating_mul(self.margins_per_row).saturating_mul(width)];
        if width > 0 && features > 0 {
            let rows = self.contributions.chunks_exact(features);
            for (from, to) in rows.zip(contributions.chunks_exact_mut(width)) {
                for (contribution, sources) in from.iter().zip(sources) {
                    for column in sources {
                        if let Some(slot) = to.get_mut(*column) {
                            *slot += contribution / sources.len() as f64;
                        }
                    }
                }
            }
        }
        Self { names: columns, contributions, ..self }
    }
}
