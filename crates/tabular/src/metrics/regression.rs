//! Metrics of numbers.

use std::collections::BTreeMap;

use super::{MAE, MAPE, MEDIAN_ABSOLUTE_ERROR, R2, RMSE};

/// Truth and predictions, with the errors sorted once.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    truth: Vec<f64>,
    errors: Vec<f64>,
    /// Rows by absolute error.
    order: Vec<usize>,
}

impl Numbers {
    pub(super) fn new(truth: &[f64], values: &[f64]) -> Self {
        let errors: Vec<f64> =
            truth.iter().zip(values).map(|(truth, value)| (truth - value).abs()).collect();
        let mut order: Vec<(f64, usize)> = errors.iter().copied().zip(0..).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Self {
            truth: truth.to_vec(),
            errors,
            order: order.into_iter().map(|(_, row)| row).collect(),
        }
    }

    pub(super) fn all(&self, weights: &[f64]) -> BTreeMap<&'static str, f64> {
        let total: f64 = weights.iter().sum();
        let rows = || {
            self.truth
                .iter()
                .zip(&self.errors)
                .zip(weights)
                .map(|((truth, error), weight)| (truth, error, weight))
        };
        let mean = rows().map(|(truth, _, weight)| weight * truth).sum::<f64>() / total;
        let squared: f64 = rows().map(|(_, error, weight)| weight * error * error).sum();
        let spread: f64 =
            rows().map(|(truth, _, weight)| weight * (truth - mean) * (truth - mean)).sum();
        let absolute: f64 = rows().map(|(_, error, weight)| weight * error).sum();
        let mut metrics =
            BTreeMap::from([(RMSE, (squared / total).sqrt()), (MAE, absolute / total)]);
        if spread > 0.0 {
            metrics.insert(R2, 1.0 - squared / spread);
        }
        // Relative errors have no meaning where the truth is zero; such rows are left out.
        let (relative, counted) = rows()
            .filter(|(truth, _, _)| **truth != 0.0)
            .fold((0.0, 0.0), |sum, (truth, error, weight)| {
                (sum.0 + weight * error / truth.abs(), sum.1 + weight)
            });
        if counted > 0.0 {
            metrics.insert(MAPE, relative / counted);
        }
        if let Some(median) = self.median(weights, total) {
            metrics.insert(MEDIAN_ABSOLUTE_ERROR, median);
        }
        metrics
    }

    /// The median where each row stands as often as its weight says.
    fn median(&self, weights: &[f64], total: f64) -> Option<f64> {
        let mut below = 0.0;
        let mut lower = None;
        for row in &self.order {
            let (error, weight) =
                (*self.errors.get(*row)?, weights.get(*row).copied().unwrap_or(0.0));
            if weight == 0.0 {
                continue;
            }
            if let Some(lower) = lower {
                return Some((lower + error) / 2.0);
            }
            below += weight;
            if below * 2.0 > total {
                return Some(error);
            }
            if below * 2.0 == total {
                lower = Some(error);
            }
        }
        lower
    }
}
