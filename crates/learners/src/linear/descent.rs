//! Coordinate descent for the elastic net.
//!
//! `linfa-elasticnet` expects centred columns and inverts the Gram matrix in every fit for standard errors that nothing
//! here reads, which takes minutes on wide tables; the descent itself is this short.

/// Columns of equal length, each centred.
pub(super) struct Columns {
    pub(super) rows: usize,
    /// Column after column.
    pub(super) values: Vec<f64>,
}

/// How strongly coefficients are held back, and when to stop.
pub(super) struct Penalty {
    /// Of the sum of absolute coefficients.
    pub(super) l1: f64,
    /// Of half the sum of squared coefficients.
    pub(super) l2: f64,
}

/// Sweeps over all coefficients.
const MOST_SWEEPS: usize = 1_000;
/// The descent ends where no coefficient changes more; target and numeric columns have deviation 1.
const TOLERANCE: f64 = 1e-5;

/// Minimises `|y - Xw|² / 2n + l1 |w|₁ + l2 |w|² / 2` for a centred target.
pub(super) fn descend(
    columns: &Columns,
    target: &[f64],
    penalty: &Penalty,
    stop: &dyn Fn() -> bool,
) -> Vec<f64> {
    let rows = columns.rows.max(1);
    let count = rows as f64;
    let squares: Vec<f64> =
        columns.values.chunks_exact(rows).map(|column| dot(column, column) / count).collect();
    let mut weights = vec![0.0; squares.len()];
    let mut residuals = target.to_vec();
    for _ in 0..MOST_SWEEPS {
        let mut greatest = 0.0_f64;
        for ((column, weight), &square) in
            columns.values.chunks_exact(rows).zip(&mut weights).zip(&squares)
        {
            if square <= 0.0 {
                continue;
            }
            let pull = dot(column, &residuals) / count + square * *weight;
            let next = pull.signum() * (pull.abs() - penalty.l1).max(0.0) / (square + penalty.l2);
            let change = next - *weight;
            if change != 0.0 {
                for (residual, value) in residuals.iter_mut().zip(column) {
                    *residual -= change * value;
                }
                *weight = next;
                greatest = greatest.max(change.abs());
            }
        }
        if greatest <= TOLERANCE || stop() {
            break;
        }
    }
    weights
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}
