//! Ensembles: a weighted mean of several models' outputs, and a calibration of that mean.

mod calibration;

use serde::{Deserialize, Serialize};

pub use calibration::Calibration;

use crate::{Limits, Model, ModelError, ModelKind, ModelText};

/// Most members of an ensemble.
const MAX_MEMBERS: usize = 256;
/// Weights may differ from a sum of 1 by this much.
const WEIGHT_TOLERANCE: f64 = 1e-9;

/// A member of an ensemble.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its share in the mean, above 0; the shares add up to 1.
    pub weight: f64,
    /// The algorithm that it was learned by, such as `gradient_boosting`.
    pub algorithm: String,
    /// The model: never an ensemble itself.
    pub model: Model,
}

/// Several models whose outputs are averaged.
#[derive(Clone, Debug)]
pub struct EnsembleModel {
    members: Vec<Member>,
    calibration: Calibration,
    width: usize,
    outputs: usize,
}

/// An ensemble as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnsembleJson<'a> {
    members: Vec<MemberJson<'a>>,
    calibration: Calibration,
}

/// A member as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberJson<'a> {
    weight: f64,
    algorithm: std::borrow::Cow<'a, str>,
    kind: ModelKind,
    text: std::borrow::Cow<'a, str>,
}

impl EnsembleModel {
    /// Writes an ensemble of models in their own texts: for each its weight, its algorithm and its text.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn write(
        members: &[(f64, &str, &ModelText)],
        calibration: &Calibration,
    ) -> Result<ModelText, ModelError> {
        let member = |(weight, algorithm, text): &(f64, &'_ str, &'_ ModelText)| MemberJson {
            weight: *weight,
            algorithm: (*algorithm).to_owned().into(),
            kind: text.kind,
            text: text.text.clone().into(),
        };
        let written = EnsembleJson {
            members: members.iter().map(member).collect(),
            calibration: calibration.clone(),
        };
        Ok(ModelText { kind: ModelKind::Ensemble, text: serde_json::to_string(&written)? })
    }

    /// Reads and checks what [`Self::write`] wrote.
    ///
    /// # Errors
    /// When it is not JSON of an ensemble, a member is not sound or does not fit the others, the weights do not add up
    /// to 1, or a limit is exceeded by a member or by all of them together.
    pub fn parse(text: &str, limits: &Limits) -> Result<Self, ModelError> {
        let written: EnsembleJson<'_> = serde_json::from_str(text)?;
        if written.members.len() > MAX_MEMBERS {
            return Err(ModelError::TooLarge { what: "members", limit: MAX_MEMBERS });
        }
        let mut rest = *limits;
        let mut members = Vec::with_capacity(written.members.len());
        for member in &written.members {
            if member.kind == ModelKind::Ensemble {
                return Err(ModelError::Nested);
            }
            let model = Model::parse(member.kind, &member.text, &rest)?;
            if let Some(trees) = model.trees() {
                rest.trees = rest.trees.saturating_sub(trees.trees());
                rest.total_leaves = rest.total_leaves.saturating_sub(trees.leaves());
            }
            if let Model::Network(network) = &model {
                rest.weights = rest.weights.saturating_sub(network.weights());
            }
            let algorithm = member.algorithm.clone().into_owned();
            members.push(Member { weight: member.weight, algorithm, model });
        }
        Self::new(members, written.calibration)
    }

    /// An ensemble of members that fit each other.
    ///
    /// # Errors
    /// When there are none, they differ in features or outputs, the weights are not above 0 or do not add up to 1, or the
    /// calibration is not one of so many outputs.
    pub fn new(members: Vec<Member>, calibration: Calibration) -> Result<Self, ModelError> {
        let first = members.first().ok_or(ModelError::NoOutputs)?;
        let (width, outputs) = (first.model.width(), first.model.outputs());
        let fits = |member: &Member| {
            member.model.width() == width
                && member.model.outputs() == outputs
                && !matches!(member.model, Model::Ensemble(_))
        };
        if outputs == 0 || !members.iter().all(fits) {
            return Err(ModelError::Members);
        }
        let sum: f64 = members.iter().map(|member| member.weight).sum();
        let usable = |member: &Member| member.weight > 0.0 && member.weight.is_finite();
        if !members.iter().all(usable) || (sum - 1.0).abs() > WEIGHT_TOLERANCE {
            return Err(ModelError::Weights { sum });
        }
        calibration.check(outputs)?;
        Ok(Self { members, calibration, width, outputs })
    }

    /// The members, in order.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// What is done to the mean.
    #[must_use]
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// Number of features.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of outputs of a row.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Margins of a row: one for two classes, one per class for more, one for a number.
    #[must_use]
    pub fn margins(&self) -> usize {
        if self.outputs == 2 { 1 } else { self.outputs }
    }

    /// The outputs of one row; `out` is as long as [`Self::outputs`].
    pub(crate) fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        let mut own = vec![0.0; self.outputs];
        out.fill(0.0);
        for member in &self.members {
            member.model.predict_row(row, &mut own);
            add_weighted(out, &own, member.weight);
        }
        self.calibration.apply(out);
    }

    /// The outputs of all rows: the same numbers as row by row.
    pub(crate) fn predict(&self, matrix: &tabular::FeatureMatrix, predicted: &mut [f64]) {
        predicted.fill(0.0);
        for member in &self.members {
            add_weighted(predicted, &member.model.predict(matrix), member.weight);
        }
        predicted.chunks_exact_mut(self.outputs.max(1)).for_each(|out| self.calibration.apply(out));
    }

    /// The margins that mean outputs stand for, after calibration: the log-odds of the second class of two, the
    /// logarithm of each probability of more classes (up to what they have in common), or the number itself.
    pub(crate) fn margins_of(&self, mean: &[f64], out: &mut [f64]) {
        match (mean, out) {
            ([_, positive], [margin]) => *margin = self.calibration.margin(*positive),
            ([number], [margin]) => *margin = *number,
            (mean, out) => {
                for (out, probability) in out.iter_mut().zip(mean) {
                    *out = self.calibration.exponent() * probability.max(f64::MIN_POSITIVE).ln();
                }
            }
        }
    }
}

/// Adds `weight` times each value to the number at the same place; the shorter side decides how many.
pub fn add_weighted(to: &mut [f64], values: &[f64], weight: f64) {
    for (to, value) in to.iter_mut().zip(values) {
        *to += weight * value;
    }
}

#[cfg(test)]
mod tests;
