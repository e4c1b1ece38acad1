//! Names that a request, a scope and a search report use for how a model is learned.

/// The losses of a regression.
pub const LOSSES: [&str; 6] = ["squared", "absolute", "huber", "quantile", "poisson", "tweedie"];
/// The loss whose quantile is said beside it.
pub const QUANTILE_LOSS: &str = "quantile";

/// What a decision threshold is chosen for.
pub mod threshold {
    /// Harmonic mean of precision and recall.
    pub const F1: &str = "f1";
    /// As F1, with recall counting `beta` times as much as precision.
    pub const F_BETA: &str = "f_beta";
    /// What wrong decisions cost.
    pub const COST: &str = "cost";
    /// Precision among the `k` rows of the greatest probability.
    pub const PRECISION_AT_K: &str = "precision_at_k";
    /// Matthews correlation coefficient.
    pub const MCC: &str = "mcc";
    /// Share of right decisions.
    pub const ACCURACY: &str = "accuracy";
    /// Names of all objectives of a decision threshold.
    pub const ALL: [&str; 6] = [F1, F_BETA, COST, PRECISION_AT_K, MCC, ACCURACY];
}

/// How probabilities are calibrated.
pub const CALIBRATIONS: [&str; 4] = ["none", "platt", "temperature", "isotonic"];

/// How predictions go with an input.
pub const DIRECTIONS: [&str; 3] = ["rises", "falls", "varies"];

/// What ends a search.
pub const ENDINGS: [&str; 3] = ["time_budget", "max_trials", "exhausted"];

/// The algorithm that a model of several is said to be of.
pub const ENSEMBLE: &str = "ensemble";
