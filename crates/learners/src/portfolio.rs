//! The configurations that a search begins with: few, diverse, and good on most tables.
//!
//! Those for up to 4,000 rows and two classes or a number were chosen greedily from 58 by `examples/choose_portfolio.rs` on 16
//! public tables, cut to so many rows, on three folds: one after the other the configuration that lowered most what an ensemble
//! of those chosen so far loses. Their numbers are the chosen ones, rounded; a forest and extra trees are there for tables that
//! are unlike those. Networks came later and were placed by judgement. Those for more rows and several classes, whose fits are
//! dear, were chosen by judgement: each differs from
//! the others in what ensembles gain from, and the quick and strong come first.

use crate::examples::{LOG_LINK_NAME, WITHOUT_SUMS_NAME};
use crate::{Algorithm, Parameters, Task};

/// A configuration with a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its name, such as `extra`.
    pub name: &'static str,
    /// Algorithm that the profile sets hyperparameters of.
    pub algorithm: Algorithm,
    /// Hyperparameters; what is not named has its default.
    pub parameters: Parameters,
}

/// Rows up to which the chosen profiles are good.
const FEW_ROWS: usize = 4_000;
/// Rows from which on boosting starts with larger steps, so that a trial takes seconds and not minutes.
const MANY_ROWS: usize = 15_000;

/// Hyperparameters by name.
type NamedParameters = &'static [(&'static str, f64)];

/// The profiles for few rows, in the order in which they are tried.
const FOR_FEW_ROWS: [(Algorithm, &str, NamedParameters); 21] = {
    use Algorithm::{
        ElasticNet, ExtraTrees, GradientBoosting, LogisticRegression, NeuralNetwork, RandomForest,
    };
    [
        (
            GradientBoosting,
            "small-trees",
            &[
                ("learning_rate", 0.02),
                ("num_leaves", 6.0),
                ("min_data_in_leaf", 40.0),
                ("lambda_l2", 0.06),
                ("category_statistics", 1.0),
            ],
        ),
        (
            GradientBoosting,
            "extra-penalised",
            &[
                ("learning_rate", 0.15),
                ("num_leaves", 11.0),
                ("min_data_in_leaf", 30.0),
                ("lambda_l2", 26.0),
                ("feature_fraction", 0.45),
                ("bagging_fraction", 0.9),
                ("extra_trees", 1.0),
                ("category_statistics", 1.0),
            ],
        ),
        (
            GradientBoosting,
            "small-leaves",
            &[
                ("learning_rate", 0.035),
                ("num_leaves", 11.0),
                ("min_data_in_leaf", 3.0),
                ("lambda_l2", 0.01),
                ("feature_fraction", 0.5),
                ("bagging_fraction", 0.65),
            ],
        ),
        (LogisticRegression, "unpenalised", &[("bins", 2.0), ("penalty", 0.015)]),
        (ElasticNet, "piecewise", &[("bins", 8.0), ("penalty", 3e-3), ("l1_ratio", 0.1)]),
        (NeuralNetwork, "network", &[]),
        (
            GradientBoosting,
            "large-steps",
            &[
                ("learning_rate", 0.14),
                ("num_leaves", 9.0),
                ("min_data_in_leaf", 1.0),
                ("lambda_l2", 0.13),
                ("bagging_fraction", 0.85),
            ],
        ),
        (
            GradientBoosting,
            "extra-native",
            &[
                ("learning_rate", 0.05),
                ("num_leaves", 10.0),
                ("feature_fraction", 1.0),
                ("extra_trees", 1.0),
            ],
        ),
        (
            GradientBoosting,
            "extra-large-trees",
            &[
                ("learning_rate", 0.14),
                ("num_leaves", 35.0),
                ("min_data_in_leaf", 40.0),
                ("lambda_l2", 27.0),
                ("feature_fraction", 0.6),
                ("bagging_fraction", 0.85),
                ("extra_trees", 1.0),
                ("category_statistics", 1.0),
            ],
        ),
        (LogisticRegression, "plain", &[]),
        (
            RandomForest,
            "small-bags",
            &[
                ("num_leaves", 42.0),
                ("min_data_in_leaf", 1.0),
                ("feature_fraction", 0.8),
                ("bagging_fraction", 0.4),
            ],
        ),
        (GradientBoosting, "default", &[]),
        (LogisticRegression, "piecewise", &[("bins", 8.0), ("penalty", 3.0)]),
        (
            GradientBoosting,
            "extra-small-leaves",
            &[
                ("learning_rate", 0.05),
                ("num_leaves", 9.0),
                ("min_data_in_leaf", 2.0),
                ("lambda_l2", 0.12),
                ("feature_fraction", 0.5),
                ("bagging_fraction", 0.55),
                ("extra_trees", 1.0),
                ("category_statistics", 1.0),
            ],
        ),
        (ExtraTrees, "default", &[("category_statistics", 1.0)]),
        (
            GradientBoosting,
            "large-trees",
            &[
                ("learning_rate", 0.07),
                ("num_leaves", 140.0),
                ("min_data_in_leaf", 17.0),
                ("lambda_l2", 1.3),
                ("feature_fraction", 0.4),
                ("category_statistics", 1.0),
            ],
        ),
        (RandomForest, "default", &[]),
        (NeuralNetwork, "dropped", &[("dropout", 0.4), ("width", 96.0)]),
        (ElasticNet, "plain", &[]),
        (LogisticRegression, "strong", &[("penalty", 100.0)]),
        (ElasticNet, "strong", &[("penalty", 0.05)]),
    ]
};

/// The profiles for more rows, in the order in which they are tried; the first numbers are for many rows.
const FOR_MORE_ROWS: [(Algorithm, &str, NamedParameters, NamedParameters); 18] = {
    use Algorithm::{
        ElasticNet, ExtraTrees, GradientBoosting, LogisticRegression, NeuralNetwork, RandomForest,
    };
    [
        (GradientBoosting, "default", &[("learning_rate", 0.1)], &[("learning_rate", 0.05)]),
        (LogisticRegression, "piecewise", &[], &[("bins", 8.0), ("penalty", 3.0)]),
        (ElasticNet, "piecewise", &[], &[("bins", 8.0), ("penalty", 3e-3), ("l1_ratio", 0.1)]),
        (
            GradientBoosting,
            "extra-statistics",
            &[("learning_rate", 0.1), ("num_leaves", 63.0)],
            &[
                ("learning_rate", 0.05),
                ("num_leaves", 24.0),
                ("extra_trees", 1.0),
                ("category_statistics", 1.0),
            ],
        ),
        (NeuralNetwork, "network", &[], &[]),
        (
            GradientBoosting,
            "statistics",
            &[("learning_rate", 0.1), ("num_leaves", 47.0)],
            &[
                ("learning_rate", 0.05),
                ("num_leaves", 12.0),
                ("category_statistics", 1.0),
                ("lambda_l2", 5.0),
                ("feature_fraction", 0.6),
            ],
        ),
        (
            GradientBoosting,
            "large-trees",
            &[("learning_rate", 0.08), ("num_leaves", 127.0)],
            &[
                ("learning_rate", 0.03),
                ("num_leaves", 48.0),
                ("min_data_in_leaf", 5.0),
                ("feature_fraction", 0.5),
                ("lambda_l2", 3.0),
            ],
        ),
        (ExtraTrees, "default", &[], &[("category_statistics", 1.0)]),
        (RandomForest, "default", &[], &[]),
        (
            GradientBoosting,
            "small-trees",
            &[("learning_rate", 0.15), ("num_leaves", 12.0)],
            &[("learning_rate", 0.08), ("num_leaves", 5.0), ("lambda_l2", 10.0)],
        ),
        (LogisticRegression, "plain", &[], &[]),
        (ElasticNet, "plain", &[], &[]),
        (
            GradientBoosting,
            "extra-native",
            &[("learning_rate", 0.1)],
            &[
                ("learning_rate", 0.05),
                ("num_leaves", 10.0),
                ("extra_trees", 1.0),
                ("feature_fraction", 1.0),
            ],
        ),
        (ExtraTrees, "shallow", &[], &[("min_data_in_leaf", 20.0)]),
        (
            RandomForest,
            "statistics",
            &[],
            &[("category_statistics", 1.0), ("min_data_in_leaf", 2.0)],
        ),
        (NeuralNetwork, "dropped", &[], &[("dropout", 0.4), ("width", 96.0)]),
        (LogisticRegression, "strong", &[], &[("penalty", 100.0)]),
        (ElasticNet, "strong", &[], &[("penalty", 0.05)]),
    ]
};

/// The profiles of boosting and networks that are tried with the logarithm of the mean as well, right after themselves.
const WITH_LOG_LINK: [(&str, &str); 7] = [
    ("network", "log-network"),
    ("default", "log-default"),
    ("small-trees", "log-small-trees"),
    ("small-leaves", "log-small-leaves"),
    ("extra-native", "log-extra-native"),
    ("extra-statistics", "log-extra-statistics"),
    ("large-trees", "log-large-trees"),
];

/// The profiles of boosting that are tried without sums as well, right after themselves.
const WITHOUT_SUMS: [(&str, &str); 5] = [
    ("default", "plain-default"),
    ("small-leaves", "plain-small-leaves"),
    ("extra-native", "plain-extra-native"),
    ("extra-statistics", "plain-extra-statistics"),
    ("large-trees", "plain-large-trees"),
];

/// The profiles of these algorithms for so many rows, the first to try first; `log_link` where
/// [`Examples::suits_log_link`](crate::Examples::suits_log_link), and `sums` where some features are sums of others.
#[must_use]
pub fn portfolio(
    task: Task,
    algorithms: &[Algorithm],
    rows: usize,
    log_link: bool,
    sums: bool,
) -> Vec<Profile> {
    let named = |numbers: NamedParameters| -> Parameters {
        numbers.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    };
    let profiles: Vec<Profile> = if rows <= FEW_ROWS && task.classes <= 2 {
        let profile = |(algorithm, name, numbers): (Algorithm, &'static str, NamedParameters)| {
            Profile { name, algorithm, parameters: named(numbers) }
        };
        FOR_FEW_ROWS.into_iter().map(profile).collect()
    } else {
        let profile = |(algorithm, name, many, numbers): (
            _,
            &'static str,
            NamedParameters,
            NamedParameters,
        )| {
            let mut parameters = named(numbers);
            if rows >= MANY_ROWS {
                parameters.extend(named(many));
            }
            Profile { name, algorithm, parameters }
        };
        FOR_MORE_ROWS.into_iter().map(profile).collect()
    };
    // A profile's copy under the name that a list has for it, with a switch on.
    let with = |profile: &Profile, names: &[(&str, &'static str)], switch: &str| {
        let (_, name) = names.iter().find(|(of, _)| *of == profile.name)?;
        let mut parameters = profile.parameters.clone();
        parameters.insert(switch.to_owned(), 1.0);
        Some(Profile { name, parameters, ..*profile })
    };
    let copies = |profile: &Profile| {
        use Algorithm::{GradientBoosting, NeuralNetwork};
        let (boosting, network) =
            (profile.algorithm == GradientBoosting, profile.algorithm == NeuralNetwork);
        let logarithm = (log_link && (boosting || network))
            .then(|| with(profile, &WITH_LOG_LINK, LOG_LINK_NAME));
        let plain = (sums && boosting).then(|| with(profile, &WITHOUT_SUMS, WITHOUT_SUMS_NAME));
        logarithm.flatten().into_iter().chain(plain.flatten())
    };
    profiles
        .into_iter()
        .filter(|profile| algorithms.contains(&profile.algorithm))
        .flat_map(|profile| {
            let copies: Vec<Profile> = copies(&profile).collect();
            std::iter::once(profile).chain(copies)
        })
        .collect()
}
