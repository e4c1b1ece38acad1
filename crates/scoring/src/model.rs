//! Any model that a bundle can hold.

use serde::{Deserialize, Serialize};
use tabular::FeatureMatrix;
use thiserror::Error;

use crate::network::Room;
use crate::{
    EncodedTrees, EnsembleModel, Limits, LinearModel, NetworkModel, PriorModel, TreeError,
    TreeModel,
};

/// A model that scores encoded rows.
#[derive(Clone, Debug)]
pub enum Model {
    /// Baseline that answers the same for every row.
    Prior(PriorModel),
    /// Linear model of standardised features.
    Linear(LinearModel),
    /// Gradient-boosted or bagged trees, as LightGBM writes them.
    Trees(TreeModel),
    /// Trees over target statistics of categories.
    EncodedTrees(EncodedTrees),
    /// Feed-forward network.
    Network(NetworkModel),
    /// A weighted mean of several models.
    Ensemble(EnsembleModel),
}

/// Which kind of model it is, and so how its text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Baseline: [`PriorModel`] as JSON.
    Prior,
    /// Linear model: [`LinearModel`] as JSON.
    Linear,
    /// Text format of LightGBM.
    Lightgbm,
    /// Trees over target statistics of categories: [`EncodedTrees`] as JSON.
    EncodedLightgbm,
    /// Feed-forward network: [`NetworkModel`] as JSON.
    Network,
    /// [`EnsembleModel`] as JSON, its members in their own texts.
    Ensemble,
}

impl ModelKind {
    /// Its name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prior => "prior",
            Self::Linear => "linear",
            Self::Lightgbm => "lightgbm",
            Self::EncodedLightgbm => "encoded_lightgbm",
            Self::Network => "network",
            Self::Ensemble => "ensemble",
        }
    }

    /// Name of its file in a bundle.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Lightgbm => "model.txt",
            Self::Prior | Self::Linear | Self::EncodedLightgbm | Self::Network | Self::Ensemble => {
                "model.json"
            }
        }
    }
}

/// A model in its library's own text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelText {
    /// Format of the text.
    pub kind: ModelKind,
    /// Content of the model's file.
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
    /// The model has no output.
    #[error("the model has no outputs")]
    NoOutputs,
    /// A number that is infinite or NaN, or a scale of zero.
    #[error("{what} is not a usable number")]
    NotFinite {
        /// Name of the number.
        what: &'static str,
    },
    /// Sizes that do not agree.
    #[error(
        "the numbers of features, columns, coefficients and intercepts of the model do not agree"
    )]
    Encoding,
    /// Members that do not fit each other.
    #[error("the members of the ensemble differ in their numbers of features or outputs")]
    Members,
    /// A layer that does not fit the one before it.
    #[error(
        "layer {layer} of the network has no units, or not one weight for each of its units and each unit of the layer before"
    )]
    Layer {
        /// Its number, from 1.
        layer: usize,
    },
    /// An ensemble in an ensemble.
    #[error("a member of the ensemble is an ensemble itself; members are single models")]
    Nested,
    /// Weights that are no shares.
    #[error(
        "the weights of the ensemble add up to {sum}; each has to be above 0, and all together 1"
    )]
    Weights {
        /// Sum of the weights.
        sum: f64,
    },
    /// A calibration that cannot be applied.
    #[error(
        "the calibration {kind} has a number that is not usable, or is not one of so many outputs"
    )]
    Calibration {
        /// Name of the calibration.
        kind: &'static str,
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
            ModelKind::EncodedLightgbm => {
                Ok(Self::EncodedTrees(EncodedTrees::parse(text, limits)?))
            }
            ModelKind::Network => {
                let model: NetworkModel = serde_json::from_str(text)?;
                model.check(limits)?;
                Ok(Self::Network(model))
            }
            ModelKind::Ensemble => Ok(Self::Ensemble(EnsembleModel::parse(text, limits)?)),
        }
    }

    /// The text of a prior, a linear model or a network; none for trees and what holds them, whose text is LightGBM's.
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
            Self::Network(model) => {
                model.check(&Limits::default())?;
                (ModelKind::Network, serde_json::to_string(model)?)
            }
            Self::Trees(_) | Self::EncodedTrees(_) | Self::Ensemble(_) => return Ok(None),
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
            Self::EncodedTrees(_) => ModelKind::EncodedLightgbm,
            Self::Network(_) => ModelKind::Network,
            Self::Ensemble(_) => ModelKind::Ensemble,
        }
    }

    /// Its trees, where it is made of them.
    #[must_use]
    pub fn trees(&self) -> Option<&TreeModel> {
        match self {
            Self::Trees(model) => Some(model),
            Self::EncodedTrees(model) => Some(&model.trees),
            _ => None,
        }
    }

    /// Number of features that it is given.
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            Self::Prior(model) => model.width,
            Self::Linear(model) => model.encoding.features.len(),
            Self::Trees(model) => model.width(),
            Self::EncodedTrees(model) => model.width(),
            Self::Network(model) => model.encoding.features.len(),
            Self::Ensemble(model) => model.width(),
        }
    }

    /// Number of outputs of a row: one probability per class, or one number.
    #[must_use]
    pub fn outputs(&self) -> usize {
        match self {
            Self::Prior(model) => model.outputs.len(),
            Self::Linear(model) => model.outputs(),
            Self::Trees(model) => model.outputs(),
            Self::EncodedTrees(model) => model.trees.outputs(),
            Self::Network(model) => model.outputs(),
            Self::Ensemble(model) => model.outputs(),
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
        match self {
            Self::Trees(model) => {
                model.predict(matrix, &mut predicted);
                return predicted;
            }
            Self::EncodedTrees(model) => {
                model.trees.predict(&model.encoding.encode(matrix), &mut predicted);
                return predicted;
            }
            Self::Ensemble(model) => {
                model.predict(matrix, &mut predicted);
                return predicted;
            }
            Self::Network(model) => {
                let mut room = Room::default();
                for (row, out) in matrix.iter_rows().zip(predicted.chunks_exact_mut(outputs)) {
                    model.predict_row(row, &mut room, out);
                }
                return predicted;
            }
            Self::Prior(_) | Self::Linear(_) => {}
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
            Self::EncodedTrees(model) => model.trees.predict_row(&model.encoded(row), out),
            Self::Network(model) => model.predict_row(row, &mut Room::default(), out),
            Self::Ensemble(model) => model.predict_row(row, out),
        }
    }
}
