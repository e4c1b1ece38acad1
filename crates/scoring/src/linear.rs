//! Linear models: an encoding of the features, coefficients and a link.

use serde::{Deserialize, Serialize};
use tabular::FeatureMatrix;

use crate::{Limits, ModelError};

/// Most scales that a number counts as being away from its mean.
const MAX_STANDARD: f64 = 1e100;

/// How features become the columns that coefficients belong to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinearEncoding {
    /// One per feature, in order.
    pub features: Vec<Encoding>,
}

/// How one feature is encoded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Encoding {
    /// `(x - mean) / scale`, with `impute` put where x is missing; and a second column that is 1 there, if wanted.
    Numeric {
        /// Number that is subtracted from a value.
        mean: f64,
        /// What is divided by; never zero.
        scale: f64,
        /// What stands in for a missing value.
        impute: f64,
        /// Whether being missing has a column of its own.
        indicator: bool,
    },
    /// One column per bin between neighbouring edges: 0 below it, 1 above it, `(x - low) / (high - low)` within it, so that
    /// coefficients describe a line that bends at the edges. A missing value is zero in all of them; and 1 in a last
    /// column, if wanted.
    Piecewise {
        /// At least two numbers, strictly ascending.
        edges: Vec<f64>,
        /// Whether being missing has a column of its own.
        indicator: bool,
    },
    /// One column per code; a missing value or another code is zero in all of them.
    OneHot {
        /// Number of codes.
        width: u32,
    },
}

impl Encoding {
    /// Columns that the feature becomes.
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            Self::Numeric { indicator, .. } => 1 + usize::from(*indicator),
            Self::Piecewise { edges, indicator } => {
                edges.len().saturating_sub(1) + usize::from(*indicator)
            }
            Self::OneHot { width } => usize::try_from(*width).unwrap_or(usize::MAX),
        }
    }

    /// Calls back with each column that is not zero, counted from the feature's first, and its value.
    fn each(&self, value: f64, mut column: impl FnMut(usize, f64)) {
        match self {
            Self::Numeric { mean, scale, impute, indicator } => {
                let missing = value.is_nan();
                let standard = (if missing { *impute } else { value } - mean) / scale;
                // Numbers near the greatest double differ by more than there is.
                column(0, standard.clamp(-MAX_STANDARD, MAX_STANDARD));
                if *indicator && missing {
                    column(1, 1.0);
                }
            }
            Self::Piecewise { edges, indicator } => {
                if value.is_nan() {
                    if *indicator {
                        column(edges.len().saturating_sub(1), 1.0);
                    }
                    return;
                }
                for (bin, (low, high)) in edges.iter().zip(edges.iter().skip(1)).enumerate() {
                    if value <= *low {
                        break;
                    }
                    column(bin, if value >= *high { 1.0 } else { (value - low) / (high - low) });
                }
            }
            Self::OneHot { width } => {
                if value >= 0.0 && value < f64::from(*width) {
                    column(value as usize, 1.0);
                }
            }
        }
    }

    fn check(&self) -> Result<(), ModelError> {
        match self {
            Self::Numeric { mean, scale, impute, .. } => {
                if [mean, scale, impute].iter().any(|value| !value.is_finite()) || *scale == 0.0 {
                    return Err(ModelError::NotFinite {
                        what: "a mean, scale or fill value of the encoding",
                    });
                }
                Ok(())
            }
            Self::Piecewise { edges, .. } => {
                let ascending =
                    edges.iter().zip(edges.iter().skip(1)).all(|(low, high)| low < high);
                if edges.len() < 2 || !ascending || edges.iter().any(|edge| !edge.is_finite()) {
                    return Err(ModelError::NotFinite { what: "an edge of the encoding" });
                }
                Ok(())
            }
            Self::OneHot { width: 0 } => Err(ModelError::Encoding),
            Self::OneHot { .. } => Ok(()),
        }
    }
}

impl LinearEncoding {
    /// Columns that all features become.
    #[must_use]
    pub fn width(&self) -> usize {
        self.features.iter().fold(0, |sum, feature| sum.saturating_add(feature.width()))
    }

    /// Calls back with each column that can differ from zero in a row, in ascending order, and its value.
    pub fn each(&self, row: &[f64], mut column: impl FnMut(usize, f64)) {
        let mut first = 0;
        for (feature, value) in self.features.iter().zip(row) {
            feature.each(*value, |offset, value| column(first + offset, value));
            first += feature.width();
        }
    }

    /// Encodes a row into `out`, which is as wide as [`Self::width`].
    pub fn encode_row(&self, row: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        self.each(row, |column, value| {
            if let Some(slot) = out.get_mut(column) {
                *slot = value;
            }
        });
    }

    /// Checks the number of features and that every number is usable.
    ///
    /// # Errors
    /// When a limit is exceeded or a number is not usable.
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), ModelError> {
        if self.features.len() > limits.features {
            return Err(ModelError::TooLarge { what: "features", limit: limits.features });
        }
        self.features.iter().try_for_each(Encoding::check)
    }

    /// Encodes every row; the result has [`Self::width`] columns.
    #[must_use]
    pub fn encode(&self, matrix: &FeatureMatrix) -> FeatureMatrix {
        let width = self.width();
        let mut values = vec![0.0; matrix.rows.saturating_mul(width)];
        if width > 0 {
            for (row, out) in matrix.iter_rows().zip(values.chunks_exact_mut(width)) {
                self.encode_row(row, out);
            }
        }
        FeatureMatrix { rows: matrix.rows, width, values }
    }
}

/// From margins to outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// Two classes: one margin, two probabilities.
    Logit,
    /// A margin and a probability per class.
    Softmax,
    /// The margin is the output.
    Identity,
}

impl Link {
    /// Number of outputs of that many margins; none where they do not fit.
    #[must_use]
    pub fn outputs(self, margins: usize) -> Option<usize> {
        match self {
            Self::Logit => (margins == 1).then_some(2),
            Self::Softmax => (margins >= 2).then_some(margins),
            Self::Identity => (margins == 1).then_some(1),
        }
    }
}

/// A linear or generalised linear model: margins are `coefficients · columns + intercept`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinearModel {
    /// How features become columns.
    pub encoding: LinearEncoding,
    /// One row of coefficients per margin, one coefficient per column.
    pub coefficients: Vec<Vec<f64>>,
    /// Intercepts, one for each margin.
    pub intercepts: Vec<f64>,
    /// From margins to outputs.
    pub link: Link,
}

impl LinearModel {
    /// Checks sizes and that everything is finite.
    ///
    /// # Errors
    /// When sizes do not agree, a number is not finite or a limit is exceeded.
    pub fn check(&self, limits: &Limits) -> Result<(), ModelError> {
        self.encoding.check(limits)?;
        if self.coefficients.len() > limits.classes {
            return Err(ModelError::TooLarge { what: "classes", limit: limits.classes });
        }
        let width = self.encoding.width();
        if self.intercepts.len() != self.coefficients.len()
            || self.coefficients.iter().any(|row| row.len() != width)
            || self.link.outputs(self.intercepts.len()).is_none()
        {
            return Err(ModelError::Encoding);
        }
        if self
            .coefficients
            .iter()
            .flatten()
            .chain(&self.intercepts)
            .any(|value| !value.is_finite())
        {
            return Err(ModelError::NotFinite { what: "a coefficient or intercept" });
        }
        Ok(())
    }

    /// Number of outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.link.outputs(self.intercepts.len()).unwrap_or(0)
    }

    /// The margins of one row.
    pub(crate) fn margins_row(&self, row: &[f64], out: &mut [f64]) {
        for ((out, intercept), coefficients) in
            out.iter_mut().zip(&self.intercepts).zip(&self.coefficients)
        {
            let mut margin = *intercept;
            self.encoding.each(row, |column, value| {
                margin += coefficients.get(column).copied().unwrap_or(0.0) * value;
            });
            *out = margin;
        }
    }

    /// What each feature adds to each margin; `out` holds a value per margin and feature.
    pub(crate) fn contributions(&self, row: &[f64], out: &mut [f64]) {
        let features = self.encoding.features.len().max(1);
        for (out, coefficients) in out.chunks_exact_mut(features).zip(&self.coefficients) {
            let mut first = 0;
            for ((out, feature), value) in out.iter_mut().zip(&self.encoding.features).zip(row) {
                let mut sum = 0.0;
                feature.each(*value, |offset, value| {
                    sum += coefficients.get(first + offset).copied().unwrap_or(0.0) * value;
                });
                *out = sum;
                first += feature.width();
            }
        }
    }

    pub(crate) fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        let margins = out.len().min(self.intercepts.len());
        self.margins_row(row, out);
        match self.link {
            Link::Logit => logit(1.0, out),
            Link::Softmax => softmax(out.get_mut(..margins).unwrap_or(&mut [])),
            Link::Identity => {}
        }
    }
}

/// Turns a margin in the first place into the probabilities of two classes.
pub(crate) fn logit(steepness: f64, out: &mut [f64]) {
    if let [first, second] = out {
        let positive = 1.0 / (1.0 + (-steepness * *first).exp());
        (*first, *second) = (1.0 - positive, positive);
    }
}

/// Turns margins into probabilities, in the order of operations that LightGBM has.
pub(crate) fn softmax(out: &mut [f64]) {
    let greatest = out.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for value in out.iter_mut() {
        *value = (*value - greatest).exp();
        sum += *value;
    }
    for value in out {
        *value /= sum;
    }
}

#[cfg(test)]
mod tests;
