//! Linear models.

mod descent;
mod elastic_net;
mod logistic;

use scoring::{LinearEncoding, LinearModel, Link, Model};
use tabular::FeatureMatrix;

use crate::algorithm::{shares, written};
use crate::encoding::sum_by_feature;
use crate::{Algorithm, Error, FittedModel};

pub(crate) use elastic_net::ElasticNet;
pub(crate) use logistic::LogisticRegression;

/// Coefficients of each margin, and their intercepts.
struct Weights {
    coefficients: Vec<Vec<f64>>,
    intercepts: Vec<f64>,
}

/// The model of fitted weights.
fn finish(
    algorithm: Algorithm,
    encoding: LinearEncoding,
    columns: &FeatureMatrix,
    weights: Weights,
    link: Link,
) -> Result<FittedModel, Error> {
    let Weights { coefficients, intercepts } = weights;
    if coefficients.iter().flatten().chain(&intercepts).any(|weight| !weight.is_finite()) {
        return Err(Error::Diverged { algorithm });
    }
    // What a column moves the margins by, at its usual deviation.
    let moves: Vec<f64> = deviations(columns)
        .iter()
        .enumerate()
        .map(|(column, deviation)| {
            let weight = |row: &Vec<f64>| row.get(column).map_or(0.0, |weight| weight.abs());
            deviation * coefficients.iter().map(weight).sum::<f64>()
        })
        .collect();
    let importance = shares(sum_by_feature(&encoding, &moves));
    let model = LinearModel { encoding, coefficients, intercepts, link };
    written(algorithm, Model::Linear(model), importance)
}

fn deviations(columns: &FeatureMatrix) -> Vec<f64> {
    let count = columns.rows.max(1) as f64;
    let mut sums = vec![(0.0, 0.0); columns.width];
    for row in columns.iter_rows() {
        for ((sum, squares), value) in sums.iter_mut().zip(row) {
            *sum += value;
            *squares += value * value;
        }
    }
    sums.into_iter()
        .map(|(sum, squares)| (squares / count - (sum / count) * (sum / count)).max(0.0).sqrt())
        .collect()
}
