//! The configurations that a search begins with: few, diverse, and good on most tables.
//!
//! They differ in what ensembles gain from: few and many leaves, thresholds that are searched for or drawn at random,
//! categories as sets or as statistics, lines and trees. The quick and the strong come first.

use crate::{Algorithm, Parameters};

/// A configuration with a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its name, such as `extra`.
    pub name: &'static str,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Hyperparameters; what is not named has its default.
    pub parameters: Parameters,
}

/// Rows from which on boosting starts with larger steps, so that a trial takes seconds and not minutes.
const MANY_ROWS: usize = 15_000;

/// The profiles of these algorithms for so many rows, the first to try first.
#[must_use]
pub fn portfolio(algorithms: &[Algorithm], rows: usize) -> Vec<Profile> {
    let many = rows >= MANY_ROWS;
    let rate = if many { 0.1 } else { 0.05 };
    let boosting: &[(&str, &[(&str, f64)])] = &[
        ("default", &[("learning_rate", rate)]),
        (
            "extra",
            &[
                ("learning_rate", rate),
                ("num_leaves", if many { 63.0 } else { 24.0 }),
                ("extra_trees", 1.0),
                ("category_statistics", 1.0),
            ],
        ),
        (
            "statistics",
            &[
                ("learning_rate", rate),
                ("category_statistics", 1.0),
                ("lambda_l2", 5.0),
                ("num_leaves", if many { 47.0 } else { 12.0 }),
                ("feature_fraction", 0.6),
            ],
        ),
        (
            "small",
            &[
                ("learning_rate", if many { 0.15 } else { 0.08 }),
                ("num_leaves", if many { 12.0 } else { 5.0 }),
                ("lambda_l2", 10.0),
            ],
        ),
        (
            "large",
            &[
                ("learning_rate", if many { 0.08 } else { 0.03 }),
                ("num_leaves", if many { 127.0 } else { 48.0 }),
                ("min_data_in_leaf", 5.0),
                ("feature_fraction", 0.5),
                ("lambda_l2", 3.0),
            ],
        ),
        (
            "extra-native",
            &[
                ("learning_rate", rate),
                ("num_leaves", 10.0),
                ("extra_trees", 1.0),
                ("feature_fraction", 1.0),
            ],
        ),
    ];
    let linear: &[(&str, &[(&str, f64)])] = &[
        ("piecewise", &[("bins", 8.0), ("penalty", 3.0)]),
        ("plain", &[]),
        ("strong", &[("penalty", 100.0)]),
    ];
    let elastic: &[(&str, &[(&str, f64)])] = &[
        ("piecewise", &[("bins", 8.0), ("penalty", 3e-3), ("l1_ratio", 0.1)]),
        ("plain", &[]),
        ("strong", &[("penalty", 0.05)]),
    ];
    let extra: &[(&str, &[(&str, f64)])] =
        &[("default", &[("category_statistics", 1.0)]), ("shallow", &[("min_data_in_leaf", 20.0)])];
    let forest: &[(&str, &[(&str, f64)])] = &[
        ("default", &[]),
        ("statistics", &[("category_statistics", 1.0), ("min_data_in_leaf", 2.0)]),
    ];
    let of = |algorithm| -> &[(&'static str, &[(&str, f64)])] {
        match algorithm {
            Algorithm::GradientBoosting => boosting,
            Algorithm::LogisticRegression => linear,
            Algorithm::ElasticNet => elastic,
            Algorithm::ExtraTrees => extra,
            Algorithm::RandomForest => forest,
            Algorithm::Prior => &[],
        }
    };
    // The quick and the strong come first, so that there is something to serve early.
    const ORDER: [(Algorithm, usize); 16] = [
        (Algorithm::GradientBoosting, 0),
        (Algorithm::LogisticRegression, 0),
        (Algorithm::ElasticNet, 0),
        (Algorithm::GradientBoosting, 1),
        (Algorithm::GradientBoosting, 2),
        (Algorithm::ExtraTrees, 0),
        (Algorithm::RandomForest, 0),
        (Algorithm::GradientBoosting, 3),
        (Algorithm::LogisticRegression, 1),
        (Algorithm::ElasticNet, 1),
        (Algorithm::GradientBoosting, 4),
        (Algorithm::GradientBoosting, 5),
        (Algorithm::ExtraTrees, 1),
        (Algorithm::RandomForest, 1),
        (Algorithm::LogisticRegression, 2),
        (Algorithm::ElasticNet, 2),
    ];
    ORDER
        .into_iter()
        .filter(|(algorithm, _)| algorithms.contains(algorithm))
        .filter_map(|(algorithm, place)| {
            let (name, parameters) = of(algorithm).get(place)?;
            let parameters =
                parameters.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
            Some(Profile { name, algorithm, parameters })
        })
        .collect()
}
