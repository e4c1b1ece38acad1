//! Coordinate descent for the elastic net.
//!
//! `linfa-elasticnet` expects dense centred columns and inverts the Gram matrix in every fit for standard errors that
//! nothing here reads, which takes minutes on wide tables; the descent itself is this short.

use crate::sparse::{Line, Sparse};

/// How strongly coefficients are held back, and when to stop.
pub(super) struct Penalty {
    /// Of the sum of absolute coefficients.
    pub(super) l1: f64,
    /// Of half the sum of squared coefficients.
    pub(super) l2: f64,
}

/// Sweeps over all coefficients.
const MAX_SWEEPS: usize = 1_000;
/// The descent ends where no coefficient changes more; target and numeric columns have deviation 1.
const TOLERANCE: f64 = 1e-5;

/// Minimises `Σ w (y - Xβ)² / 2Σw + l1 |β|₁ + l2 |β|² / 2` for a target with weighted mean 0, `X` being the columns less
/// their weighted means, which are given back with the coefficients.
///
/// The means are never taken off: residuals have the weighted sum 0, so a centred column and a plain one have the same
/// product with them, and what the means would change in all residuals is one number.
pub(super) fn descend(
    columns: &Sparse,
    target: &[f64],
    row_weights: &[f64],
    penalty: &Penalty,
    stop: &dyn Fn() -> bool,
) -> (Vec<f64>, Vec<f64>) {
    let total: f64 = row_weights.iter().sum();
    let weighted = |line: &Line<'_>, factor: &dyn Fn(usize, f64) -> f64| -> f64 {
        let row_weight = |row: usize| row_weights.get(row).copied().unwrap_or(0.0);
        line.iter().map(|(row, value)| row_weight(row) * value * factor(row, value)).sum()
    };
    let means: Vec<f64> =
        columns.lines().map(|column| weighted(&column, &|_, _| 1.0) / total).collect();
    let variances: Vec<f64> = columns
        .lines()
        .zip(&means)
        .map(|(column, mean)| weighted(&column, &|_, value| value) / total - mean * mean)
        .collect();
    let mut coefficients = vec![0.0; columns.len()];
    let mut residuals = target.to_vec();
    // To be added to every residual.
    let mut offset = 0.0;
    for _ in 0..MAX_SWEEPS {
        let mut greatest = 0.0_f64;
        for (((column, coefficient), &variance), &mean) in
            columns.lines().zip(&mut coefficients).zip(&variances).zip(&means)
        {
            if variance <= f64::EPSILON {
                continue;
            }
            let residual = |row: usize, _| residuals.get(row).copied().unwrap_or(0.0);
            let product = weighted(&column, &residual) / total + offset * mean;
            let pull = product + variance * *coefficient;
            let next = pull.signum() * (pull.abs() - penalty.l1).max(0.0) / (variance + penalty.l2);
            let change = next - *coefficient;
            if change != 0.0 {
                column.add_to(&mut residuals, -change);
                offset += change * mean;
                *coefficient = next;
                greatest = greatest.max(change.abs());
            }
        }
        if greatest <= TOLERANCE || stop() {
            break;
        }
    }
    (coefficients, means)
}
