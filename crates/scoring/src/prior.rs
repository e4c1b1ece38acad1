//! The baseline: the same answer for every row.

use serde::{Deserialize, Serialize};

use crate::ModelError;

/// Answers with what was most common in training: the classes' shares, or the mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorModel {
    /// Number of features that it is given (and does not look at).
    pub width: usize,
    /// One probability per class, or one number.
    pub outputs: Vec<f64>,
}

impl PriorModel {
    /// Checks that there are outputs and that they are finite.
    ///
    /// # Errors
    /// When they are not.
    pub fn check(&self) -> Result<(), ModelError> {
        if self.outputs.is_empty() {
            return Err(ModelError::NoOutputs);
        }
        if self.outputs.iter().any(|output| !output.is_finite()) {
            return Err(ModelError::NotFinite { what: "an output of the prior" });
        }
        Ok(())
    }

    /// The margins that the links of the other models would turn into the outputs.
    pub(crate) fn margins(&self) -> Vec<f64> {
        match self.outputs.as_slice() {
            [number] => vec![*number],
            [first, second] => vec![(second / first).ln()],
            outputs => outputs.iter().map(|output| output.ln()).collect(),
        }
    }
}
