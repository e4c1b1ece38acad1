//! Calibration: probabilities that are as frequent as they say.

use serde::{Deserialize, Serialize};

use crate::ModelError;

/// What is done to a mean of probabilities; a number stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Calibration {
    /// Outputs stay as they are.
    #[default]
    None,
    /// Two classes: the log-odds become `slope * log-odds + intercept` (Platt, "Probabilistic Outputs for Support Vector
    /// Machines", 1999).
    Platt {
        /// Factor of the log odds, above 0.
        slope: f64,
        /// Number that is added to the log-odds; finite.
        intercept: f64,
    },
    /// Any number of classes: probabilities are raised to this power and divided by their sum (temperature scaling of Guo
    /// and others, "On Calibration of Modern Neural Networks", 2017; the power is 1 over the temperature).
    Temperature {
        /// Power that probabilities are raised to, above 0.
        exponent: f64,
    },
    /// Two classes: the probability follows a rising line through these points and is flat outside of them (Zadrozny and
    /// Elkan, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates", 2002).
    Isotonic {
        /// Probabilities before, strictly ascending, at least one.
        inputs: Vec<f64>,
        /// Probabilities after, ascending, one per input, within 0 and 1 without these.
        outputs: Vec<f64>,
    },
}

impl Calibration {
    /// Probabilities are kept this far from 0 and 1 before their log-odds are taken.
    pub const EDGE: f64 = 1e-15;

    /// Its name, as in JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Platt { .. } => "platt",
            Self::Temperature { .. } => "temperature",
            Self::Isotonic { .. } => "isotonic",
        }
    }

    /// Checks that it can be applied to so many outputs.
    ///
    /// # Errors
    /// When a number is not usable, points do not ascend or there are other numbers of outputs.
    pub fn check(&self, outputs: usize) -> Result<(), ModelError> {
        let usable = match self {
            Self::None => true,
            Self::Platt { slope, intercept } => {
                outputs == 2 && *slope > 0.0 && slope.is_finite() && intercept.is_finite()
            }
            Self::Temperature { exponent } => {
                outputs >= 2 && *exponent > 0.0 && exponent.is_finite()
            }
            Self::Isotonic { inputs, outputs: to } => {
                let rising = |values: &[f64], by: fn(&f64, &f64) -> bool| {
                    values.iter().zip(values.iter().skip(1)).all(|(low, high)| by(low, high))
                };
                outputs == 2
                    && !inputs.is_empty()
                    && inputs.len() == to.len()
                    && rising(inputs, |low, high| low < high)
                    && rising(to, |low, high| low <= high)
                    && to.iter().all(|value| *value > 0.0 && *value < 1.0)
            }
        };
        if usable { Ok(()) } else { Err(ModelError::Calibration { kind: self.name() }) }
    }

    /// Calibrates the outputs of one row.
    pub fn apply(&self, out: &mut [f64]) {
        match (self, &mut *out) {
            (Self::None, _) => {}
            (Self::Platt { .. } | Self::Isotonic { .. }, [negative, positive]) => {
                let calibrated = self.positive(*positive);
                (*negative, *positive) = (1.0 - calibrated, calibrated);
            }
            (Self::Temperature { exponent }, _) => {
                let mut sum = 0.0;
                for value in out.iter_mut() {
                    *value = value.powf(*exponent);
                    sum += *value;
                }
                out.iter_mut().for_each(|value| *value /= sum);
            }
            _ => {}
        }
    }

    /// The calibrated probability of the second class of two.
    fn positive(&self, probability: f64) -> f64 {
        match self {
            Self::Platt { slope, intercept } => {
                1.0 / (1.0 + (-(slope * log_odds(probability) + intercept)).exp())
            }
            Self::Isotonic { inputs, outputs } => interpolate(inputs, outputs, probability),
            Self::Temperature { exponent } => {
                let (positive, negative) =
                    (probability.powf(*exponent), (1.0 - probability).powf(*exponent));
                positive / (positive + negative)
            }
            Self::None => probability,
        }
    }

    /// The log-odds of the calibrated probability of the second class of two.
    pub(crate) fn margin(&self, probability: f64) -> f64 {
        match self {
            Self::Platt { slope, intercept } => slope * log_odds(probability) + intercept,
            _ => log_odds(self.positive(probability)),
        }
    }

    /// The power that probabilities of several classes are raised to.
    pub(crate) fn exponent(&self) -> f64 {
        match self {
            Self::Temperature { exponent } => *exponent,
            _ => 1.0,
        }
    }
}

/// The logarithm of the odds of a probability, finite for 0 and 1.
fn log_odds(probability: f64) -> f64 {
    let probability = probability.clamp(Calibration::EDGE, 1.0 - Calibration::EDGE);
    (probability / (1.0 - probability)).ln()
}

/// The value at `x` of the line through points with ascending inputs; flat outside of them.
fn interpolate(inputs: &[f64], outputs: &[f64], x: f64) -> f64 {
    let after = inputs.partition_point(|input| *input <= x);
    let at = |place: usize| Some((*inputs.get(place)?, *outputs.get(place)?));
    match (after.checked_sub(1).and_then(at), at(after)) {
        (Some((low, from)), Some((high, to))) => from + (to - from) * ((x - low) / (high - low)),
        (Some((_, last)), None) => last,
        (None, Some((_, first))) => first,
        (None, None) => x,
    }
}
