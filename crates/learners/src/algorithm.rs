//! The algorithms and what they have in common.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use scoring::{Model, ModelError, ModelText};
use tabular::{FeatureMatrix, ProblemType};

use crate::encoding::BINS;
use crate::examples::check_rows;
use crate::{Error, Examples, Task, linear, network, prior, trees};

macro_rules! algorithms {
    ($($(#[$doc:meta])* $variant:ident: $name:literal, $readable:literal, $learner:expr;)*) => {
        /// A learning algorithm.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Algorithm {$(
            $(#[$doc])*
            $variant,
        )*}

        impl Algorithm {
            /// All of them, the simplest first.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// Its name, as in messages.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Whether a person can read its models.
            #[must_use]
            pub const fn interpretable(self) -> bool {
                match self {
                    $(Self::$variant => $readable,)*
                }
            }
        }

        /// The learner of an algorithm.
        #[must_use]
        pub fn learner(algorithm: Algorithm) -> &'static dyn Learner {
            match algorithm {
                $(Algorithm::$variant => $learner,)*
            }
        }
    };
}

// Name in messages, whether a person can read its models, and its learner; the simplest first.
algorithms! {
    /// Shares of the classes, or the mean: what everything else has to beat.
    Prior: "prior", true, &prior::Prior;
    /// Linear model of the log odds, with an L2 penalty.
    LogisticRegression: "logistic_regression", true, &linear::LogisticRegression;
    /// Linear regression with L1 and L2 penalties.
    ElasticNet: "elastic_net", true, &linear::ElasticNet;
    /// Feed-forward network with rectified units.
    NeuralNetwork: "neural_network", false, &network::NeuralNetwork;
    /// Averaged trees on samples of rows and features, with thresholds drawn at random (LightGBM).
    ExtraTrees: "extra_trees", false, &trees::Forest { extra: true };
    /// Averaged trees on samples of rows and features (LightGBM).
    RandomForest: "random_forest", false, &trees::Forest { extra: false };
    /// Trees that correct each other (LightGBM).
    GradientBoosting: "gradient_boosting", false, &trees::GradientBoosting;
}

impl Algorithm {
    /// Whether its models keep monotone constraints.
    #[must_use]
    pub const fn keeps_monotone(self) -> bool {
        matches!(self, Self::ExtraTrees | Self::RandomForest | Self::GradientBoosting)
    }

    /// Finds an algorithm by its name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

impl std::fmt::Display for Algorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Range of a hyperparameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParameterRange {
    /// Name of the hyperparameter.
    pub name: &'static str,
    /// Lower end of the range.
    pub low: f64,
    /// Upper end of the range.
    pub high: f64,
    /// Whether it is searched in logarithms.
    pub log: bool,
    /// Whether it is a whole number.
    pub integer: bool,
    /// The value to start from.
    pub default: f64,
}

impl ParameterRange {
    /// A number, searched evenly.
    #[must_use]
    pub const fn linear(name: &'static str, low: f64, high: f64, default: f64) -> Self {
        Self { name, low, high, log: false, integer: false, default }
    }

    /// A number above 0, searched in logarithms.
    #[must_use]
    pub const fn logarithmic(name: &'static str, low: f64, high: f64, default: f64) -> Self {
        Self { name, low, high, log: true, integer: false, default }
    }

    /// Off (0), as by default, or on (1).
    #[must_use]
    pub const fn switch(name: &'static str) -> Self {
        Self { name, low: 0.0, high: 1.0, log: false, integer: true, default: 0.0 }
    }

    /// A whole number above 0, searched in logarithms.
    #[must_use]
    pub const fn count(name: &'static str, low: f64, high: f64, default: f64) -> Self {
        Self { name, low, high, log: true, integer: true, default }
    }
}

/// Values of hyperparameters; what is not named has its default.
pub type Parameters = BTreeMap<String, f64>;

/// The values to start from.
#[must_use]
pub fn defaults(space: &[ParameterRange]) -> Parameters {
    space.iter().map(|range| (range.name.to_owned(), range.default)).collect()
}

/// Rows that are not in memory together: their features come block by block.
pub trait StreamedExamples: Sync {
    /// A class index or a number per row.
    fn target(&self) -> &[f64];

    /// How much each row counts, at least 0; none where all count the same.
    fn weights(&self) -> Option<&[f64]>;

    /// Calls back with the features of rows that follow each other, until there are none or one call fails. Each time that it is called
    /// there are the same rows.
    ///
    /// # Errors
    /// Where rows cannot be read ([`Error::Streamed`]), and what `take` gives.
    fn each(&self, take: &mut dyn FnMut(&FeatureMatrix) -> Result<(), Error>) -> Result<(), Error>;
}

/// What a learner is given.
#[derive(Clone, Copy)]
pub struct Fit<'a> {
    /// What is to be learned.
    pub task: Task,
    /// Rows to learn from.
    pub train: &'a Examples,
    /// Rows to learn from as well, which are not in memory; only boosting looks at them.
    pub streamed: Option<&'a dyn StreamedExamples>,
    /// Rows that tell when to stop growing; they are not learned from.
    pub validation: Option<&'a Examples>,
    /// Iterations of boosting at the most; none where the rows that tell when to stop, or the learner, decide.
    pub iterations: Option<u32>,
    /// Hyperparameters by name; missing ones take their defaults.
    pub parameters: &'a Parameters,
    /// Seed of every random choice.
    pub seed: u64,
    /// Threads of the library's own loops; the model does not depend on it.
    pub threads: NonZeroU16,
    /// Whether growing should end with what is there.
    pub should_stop: &'a (dyn Fn() -> bool + Sync),
}

impl Fit<'_> {
    /// The value of a parameter within its range.
    pub(crate) fn parameter(&self, range: &ParameterRange) -> f64 {
        let value = self.parameters.get(range.name).copied().filter(|value| value.is_finite());
        let value = value.unwrap_or(range.default).clamp(range.low, range.high);
        if range.integer { value.round() } else { value }
    }

    /// Bins that numbers are divided into for a linear model.
    pub(crate) fn bins(&self) -> usize {
        // A whole number within the range.
        self.parameter(&BINS) as usize
    }

    /// Whether a switch is on.
    pub(crate) fn switched(&self, range: &ParameterRange) -> bool {
        self.parameter(range) >= 0.5
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        self.train.check(self.task)?;
        self.train.two_classes(self.task)?;
        if let Some(streamed) = self.streamed {
            let (target, weights) = (streamed.target(), streamed.weights());
            check_rows(self.task, target, weights)?;
            let count = |weights: Option<&[f64]>| usize::from(weights.is_some()) * target.len();
            let (found, expected) = (count(weights), count(self.train.weights.as_deref()));
            if found != expected {
                return Err(Error::Shape { what: "weights", found, expected });
            }
        }
        let Some(validation) = self.validation else { return Ok(()) };
        validation.check(self.task)?;
        let (found, expected) = (validation.features.width, self.train.features.width);
        if found == expected {
            Ok(())
        } else {
            Err(Error::Shape { what: "validation features", found, expected })
        }
    }
}

/// A model that was learned.
#[derive(Debug, Clone)]
pub struct FittedModel {
    /// Algorithm that fitted the model.
    pub algorithm: Algorithm,
    /// The model as it is served, made from [`Self::text`].
    pub model: Model,
    /// The model's text, as it goes into a bundle.
    pub text: ModelText,
    /// Iterations that the model has; 1 where there are none.
    pub iterations: u32,
    /// Share of each feature in what the model learned, adding up to 1; all 0 where it learned nothing.
    pub importance: Vec<f64>,
}

/// Makes a model from examples.
pub trait Learner: Send + Sync {
    /// Which algorithm it is.
    fn algorithm(&self) -> Algorithm;

    /// Whether it solves this type of problem.
    fn applies_to(&self, problem: ProblemType) -> bool;

    /// Its hyperparameters for so many rows of a task.
    fn search_space(&self, task: Task, rows: usize) -> Vec<ParameterRange>;

    /// Learns.
    ///
    /// # Errors
    /// Where the examples do not fit the task, or the numbers lead nowhere.
    fn fit(&self, request: &Fit<'_>) -> Result<FittedModel, Error>;
}

/// Values of at least 0 as shares of their sum.
pub(crate) fn shares(mut values: Vec<f64>) -> Vec<f64> {
    let sum: f64 = values.iter().sum();
    for value in &mut values {
        *value = if sum > 0.0 && sum.is_finite() { *value / sum } else { 0.0 };
    }
    values
}

/// A fitted model whose text `scoring` writes.
pub(crate) fn written(
    algorithm: Algorithm,
    model: Model,
    importance: Vec<f64>,
) -> Result<FittedModel, Error> {
    // Trees bring their own text, so there always is one here.
    let text = model.to_text()?.ok_or(ModelError::NoOutputs)?;
    Ok(FittedModel { algorithm, model, text, iterations: 1, importance })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_names_every_algorithm() {
        let pages = [
            ("crates/learners/README.md", include_str!("../README.md")),
            ("docs/learning.md", include_str!("../../../docs/learning.md")),
        ];
        for (page, text) in pages {
            for algorithm in Algorithm::ALL {
                assert!(
                    text.contains(&format!("`{algorithm}`")),
                    "{page} does not name `{algorithm}`"
                );
            }
        }
    }
}
