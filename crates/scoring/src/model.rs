//! Any model that a bundle can hold.

use serde::{Deserialize, Serialize};
use tabular::FeatureMatrix;
use thiserror::Error;

use crate::{Limits, LinearModel, PriorModel, TreeError, TreeModel};

/// A model.
#[derive(Clone, Debug)]
pub enum Model {
    /// The baseline.
    Prior(PriorModel),
    /// Coefficients.
    Linear(LinearModel),
    /// Trees of LightGBM.
    Trees(TreeModel),
}

/// Which kind of model it is, and so how its text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// [`PriorModel`] as JSON.
    Prior,
    /// [`LinearModel`] as JSON.
    Linear,
    /// LightGBM's text.
    Lightgbm,
}

impl ModelKind {
    /// Its name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prior => "prior",
            Self::Linear => "linear",
            Self::Lightgbm => "lightgbm",
        }
    }

    /// Name of its file in a bundle.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Prior | Self::Linear => "model.json",
            Self::Lightgbm => "model.txt",
        }
    }
}

/// A model in its library's own text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelText {
    /// Which kind.
    pub kind: ModelKind,
    /// The text.
    pub text: String,
}

/// A model that cannot be used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// Not JSON of a model.
    #[error("the model is not readable")]
    Json(#[from] serde_json::Error),
    /// Trees that do not hold together.
    #[error(transparent)]
    Trees(#[from] TreeError),
    /// No outputs.
    #[error("the model has no outputs")]
    NoOutputs,
    /// A number that is infinite or NaN, or a scale of zero.
    #[error("{what} is not a usable number")]
    NotFinite {
        /// Which number.
        what: &'static str,
    },
    /// Sizes that do not agree.
    #[error(
        "the numbers of features, columns, coefficients and intercepts of the linear model do not agree"
    )]
    Encoding,
    /// Something exceeds its limit.
    #[error("the model has more than {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}

impl Model {
    /// Reads and checks a model's text.
    ///
    /// # Errors
    /// When it cannot be read or is not sound.
    pub fn parse(kind: ModelKind, text: &str, limits: &Limits) -> Result<Self, ModelError> {
        if text.len() > limits.bytes {
            return Err(ModelError::TooLarge { what: "bytes", limit: limits.bytes });
        }
        match kind {
            ModelKind::Prior => {
                let model: PriorModel = serde_json::from_str(text)?;
                model.check()?;
                Ok(Self::Prior(model))
            }
            ModelKind::Linear => {
                let model: LinearModel = serde_json::from_str(text)?;
                model.check(limits)?;
                Ok(Self::Linear(model))
            }
            ModelKind::Lightgbm => Ok(Self::Trees(TreeModel::parse(text, limits)?)),
        }
    }

    /// The text of a prior or a linear model; none for trees, whose text is LightGBM's.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn to_text(&self) -> Result<Option<ModelText>, ModelError> {
        let (kind, text) = match self {
            Self::Prior(model) => {
                model.check()?;
                (ModelKind::Prior, serde_json::to_string(model)?)
            }
            Self::Linear(model) => {
                model.check(&Limits::default())?;
                (ModelKind::Linear, serde_json::to_string(model)?)
            }
            Self::Trees(_) => return Ok(None),
        };
        Ok(Some(ModelText { kind, text }))
    }

    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> ModelKind {
        match self {
            Self::Prior(_) => ModelKind::Prior,
            Self::Linear(_) => ModelKind::Linear,
            Self::Trees(_) => ModelKind::Lightgbm,
        }
    }

    /// Number of features that it is given.
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            Self::Prior(model) => model.width,
            Self::Linear(model) => model.encoding.features.len(),
            Self::Trees(model) => model.width(),
        }
    }

    /// Number of outputs of a row: one probability per class, or one number.
    #[must_use]
    pub fn outputs(&self) -> usize {
        match self {
            Self::Prior(model) => model.outputs.len(),
            Self::Linear(model) => model.outputs(),
            Self::Trees(model) => model.outputs(),
        }
    }

    /// The outputs of all rows, row after row.
    #[must_use]
    pub fn predict(&self, matrix: &FeatureMatrix) -> Vec<f64> {
        let outputs = self.outputs();
        let mut predicted = vec![0.0; matrix.rows.saturating_mul(outputs)];
        if outputs == 0 {
            return predicted;
        }
        if let Self::Trees(model) = self {
            model.predict(matrix, &mut predicted);
            return predicted;
        }
        for (row, out) in matrix.iter_rows().zip(predicted.chunks_exact_mut(outputs)) {
            self.predict_row(row, out);
        }
        predicted
    }

    /// The outputs of one row; `out` is as long as [`Self::outputs`].
    pub fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        match self {
            Self::Prior(model) => {
                for (out, output) in out.iter_mut().zip(&model.outputs) {
                    *out = *output;
                }
            }
            Self::Linear(model) => model.predict_row(row, out),
            Self::Trees(model) => model.predict_row(row, out),
        }
    }
}
