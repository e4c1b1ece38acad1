//! Raw rows in, labels and probabilities out.

use tabular::plan::PlanError;
use tabular::{FeatureMatrix, Field, ProblemType, Table};
use thiserror::Error;

use crate::{
    Bundle, EncodeError, ExplainBy, ExplainError, Explanations, FeatureEncoder, Flags, Model,
    Signature,
};

/// The threshold where a signature gives none.
const DEFAULT_THRESHOLD: f64 = 0.5;

/// Rows that cannot be scored.
#[derive(Debug, Error)]
pub enum ScoreError {
    /// The rows do not fit the plan.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The plan is not sound.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Features, model and signature differ in their numbers.
    #[error(
        "the plan makes {features} features and the signature has {outputs} outputs, but the model takes {width} and gives {given}"
    )]
    Misfit {
        /// Features of the plan.
        features: usize,
        /// Outputs of the signature.
        outputs: usize,
        /// Features of the model.
        width: usize,
        /// Outputs of the model.
        given: usize,
    },
}

/// What was predicted for each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    /// Number of rows.
    pub rows: usize,
    /// The label of each row; empty for regression.
    pub labels: Vec<String>,
    /// The number of each row; empty for classes.
    pub values: Vec<f64>,
    /// One probability per class, row after row; empty for regression.
    pub probabilities: Vec<f64>,
    /// The classes in the order of the probabilities; empty for regression.
    pub classes: Vec<String>,
}

impl Predictions {
    /// The outputs of a row as [`crate::CheckRows`] holds them: its probabilities, or its number.
    #[must_use]
    pub fn outputs(&self, row: usize) -> &[f64] {
        let (of, width) = if self.classes.is_empty() {
            (&self.values, 1)
        } else {
            (&self.probabilities, self.classes.len())
        };
        let start = row.saturating_mul(width);
        of.get(start..start.saturating_add(width)).unwrap_or(&[])
    }

    /// The probabilities of a class, one per row; empty where there is no such class.
    #[must_use]
    pub fn probabilities_of(&self, class: usize) -> Vec<f64> {
        if class >= self.classes.len() {
            return Vec::new();
        }
        self.probabilities.iter().skip(class).step_by(self.classes.len()).copied().collect()
    }
}

/// A plan, a model and a signature that fit each other.
#[derive(Clone, Debug)]
pub struct Scorer {
    encoder: FeatureEncoder,
    model: Model,
    signature: Signature,
}

impl Scorer {
    /// The scorer of a bundle.
    ///
    /// # Errors
    /// When its parts do not fit each other; a bundle that was read has been checked for that.
    pub fn new(bundle: &Bundle) -> Result<Self, ScoreError> {
        Self::from_parts(
            FeatureEncoder::new(&bundle.plan)?,
            bundle.model.clone(),
            bundle.signature.clone(),
        )
    }

    /// The scorer of a bundle whose model need not be copied.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn from_bundle(bundle: Bundle) -> Result<Self, ScoreError> {
        Self::from_parts(FeatureEncoder::new(&bundle.plan)?, bundle.model, bundle.signature)
    }

    /// The scorer of parts.
    ///
    /// # Errors
    /// When they do not fit each other.
    pub fn from_parts(
        encoder: FeatureEncoder,
        model: Model,
        signature: Signature,
    ) -> Result<Self, ScoreError> {
        let (features, outputs) = (encoder.width(), signature.outputs());
        let (width, given) = (model.width(), model.outputs());
        if features != width || outputs != given {
            return Err(ScoreError::Misfit { features, outputs, width, given });
        }
        Ok(Self { encoder, model, signature })
    }

    /// What it takes and gives.
    #[must_use]
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The raw columns that it needs.
    #[must_use]
    pub fn inputs(&self) -> Vec<Field> {
        self.encoder.inputs()
    }

    /// Scores a table of raw columns; columns that are not needed are ignored.
    ///
    /// # Errors
    /// When a column is missing or of another type.
    pub fn score(&self, table: &Table) -> Result<Predictions, ScoreError> {
        Ok(self.label(&self.encoder.encode(table)?))
    }

    /// What was missing in a table, and which categories training did not see.
    ///
    /// # Errors
    /// When a column is missing or of another type.
    pub fn flags(&self, table: &Table) -> Result<Flags, ScoreError> {
        Ok(self.encoder.flags(table)?)
    }

    /// Explains the rows of a table; `go_on` is asked before each of them.
    ///
    /// # Errors
    /// When a column is missing or of another type, the model cannot be explained, or `go_on` says no.
    pub fn explain(
        &self,
        table: &Table,
        by: ExplainBy,
        go_on: impl FnMut() -> bool,
    ) -> Result<Explanations, ExplainError> {
        let features = self.encoder.encode(table).map_err(ScoreError::from)?;
        let explained = self.model.explain(&features, go_on)?;
        Ok(match by {
            ExplainBy::Feature => {
                Explanations { names: self.encoder.names().to_vec(), ..explained }
            }
            ExplainBy::Column => self.encoder.by_columns(explained),
        })
    }

    fn label(&self, features: &FeatureMatrix) -> Predictions {
        let outputs = self.model.predict(features);
        let classes = self.signature.classes.clone();
        if classes.is_empty() {
            return Predictions {
                rows: features.rows,
                labels: Vec::new(),
                values: outputs,
                probabilities: Vec::new(),
                classes,
            };
        }
        let label = |row: &[f64]| classes.get(self.class_of(row)).cloned().unwrap_or_default();
        let labels = outputs.chunks_exact(classes.len()).map(label).collect();
        Predictions {
            rows: features.rows,
            labels,
            values: Vec::new(),
            probabilities: outputs,
            classes,
        }
    }

    /// Index of the class that a row is labelled with: by the threshold for two classes, else the most probable one.
    #[must_use]
    pub fn class_of(&self, probabilities: &[f64]) -> usize {
        match probabilities {
            [_, positive] if self.signature.problem_type == ProblemType::Binary => {
                usize::from(*positive >= self.signature.threshold.unwrap_or(DEFAULT_THRESHOLD))
            }
            _ => tabular::metrics::argmax(probabilities),
        }
    }
}

#[cfg(test)]
mod tests;
