//! What a model takes and gives.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tabular::{Field, ProblemType};
use thiserror::Error;

/// What a model takes and gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The raw columns that a caller gives, in order.
    pub inputs: Vec<Field>,
    /// The type of problem.
    pub problem_type: ProblemType,
    /// The classes in the order of the probabilities; empty for regression.
    pub classes: Vec<String>,
    /// The positive class of a binary problem: the second one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positive_class: Option<String>,
    /// From which probability of the positive class on a row is labelled so; one half where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// The column that is predicted.
    pub target: String,
}

/// A signature that contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// No inputs, or one named twice or not at all.
    #[error("the inputs of the signature are empty, or a name is empty or repeated")]
    Inputs,
    /// Classes that do not fit the type of problem, or one named twice.
    #[error("the {found} classes of the signature do not fit a {problem} problem, or repeat")]
    Classes {
        /// Number of classes in the signature.
        found: usize,
        /// The type of problem.
        problem: ProblemType,
    },
    /// The positive class is not the second of two.
    #[error("the positive class of the signature is not the second of two classes")]
    PositiveClass,
    /// A threshold that is no probability, or of a problem that has none.
    #[error("the threshold of the signature is not a probability of a binary problem")]
    Threshold,
}

impl Signature {
    /// Checks that it does not contradict itself.
    ///
    /// # Errors
    /// When it does.
    pub fn check(&self) -> Result<(), SignatureError> {
        let names: BTreeSet<&str> = self.inputs.iter().map(|field| field.name.as_str()).collect();
        if names.len() != self.inputs.len() || names.is_empty() || names.contains("") {
            return Err(SignatureError::Inputs);
        }
        let (found, problem) = (self.classes.len(), self.problem_type);
        let distinct = self.classes.iter().collect::<BTreeSet<_>>().len() == found;
        let fits = match problem {
            ProblemType::Binary => found == 2,
            ProblemType::Multiclass => found >= 3,
            ProblemType::Regression => found == 0,
        };
        if !fits || !distinct {
            return Err(SignatureError::Classes { found, problem });
        }
        if let Some(positive) = &self.positive_class
            && (problem != ProblemType::Binary || self.classes.get(1) != Some(positive))
        {
            return Err(SignatureError::PositiveClass);
        }
        if let Some(threshold) = self.threshold
            && !(problem == ProblemType::Binary && (0.0..=1.0).contains(&threshold))
        {
            return Err(SignatureError::Threshold);
        }
        Ok(())
    }

    /// Number of outputs of a row: one probability per class, or one number.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.classes.len().max(1)
    }
}
