//! Linear models.

mod descent;
mod elastic_net;
mod logistic;

use scoring::{LinearModel, Link, Model};

use crate::algorithm::{shares, written};
use crate::encoding::{EncodedRows, sum_by_feature};
use crate::sparse::Sparse;
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
    encoded: EncodedRows,
    weights: Weights,
    link: Link,
) -> Result<FittedModel, Error> {
    let Weights { coefficients, intercepts } = weights;
    if coefficients.iter().flatten().chain(&intercepts).any(|weight| !weight.is_finite()) {
        return Err(Error::Diverged { algorithm });
    }
    // What a column moves the margins by, at its usual deviation.
    let moves: Vec<f64> = deviations(&encoded.rows)
        .iter()
        .enumerate()
        .map(|(column, deviation)| {
            let weight = |row: &Vec<f64>| row.get(column).map_or(0.0, |weight| weight.abs());
            deviation * coefficients.iter().map(weight).sum::<f64>()
        })
        .collect();
    let encoding = encoded.encoding;
    let importance = shares(sum_by_feature(&encoding, &moves));
    let model = LinearModel { encoding, coefficients, intercepts, link };
    written(algorithm, Model::Linear(model), importance)
}

/// The standard deviation of each column.
fn deviations(rows: &Sparse) -> Vec<f64> {
    let count = rows.len().max(1) as f64;
    let mut sums = vec![(0.0, 0.0); rows.width()];
    for row in rows.lines() {
        for (place, value) in row.iter() {
            if let Some((sum, squares)) = sums.get_mut(place) {
                *sum += value;
                *squares += value * value;
            }
        }
    }
    sums.into_iter()
        .map(|(sum, squares)| (squares / count - (sum / count) * (sum / count)).max(0.0).sqrt())
        .collect()
}
