//! Fits calibrations, and chooses the one with the least log loss on rows that it was not fitted on.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use scoring::Calibration;
use tabular::ProblemType;

use super::is_classification;
use crate::examples::class_of;
use crate::search::loss_of;
use crate::{Examples, Task};

/// Parts of the cross-validation.
const PARTS: usize = 5;
/// A calibration has to lower the log loss by at least this share, or the outputs stay as they are.
const MIN_GAIN: f64 = 1e-3;
/// Rows of the rarer class from which on an isotonic line is tried: it is bought with many degrees of freedom.
const MIN_ISOTONIC: usize = 500;
/// Rows of the rarest class from which on anything is tried.
const MIN_ROWS: usize = 20;
/// An isotonic line has to be better than the others by this share: it makes ties.
const ISOTONIC_GAIN: f64 = 1e-2;
/// Probabilities are kept this far from 0 and 1 before their log-odds are taken.
const EDGE: f64 = 1e-12;
/// Isotonic probabilities are kept this far from 0 and 1.
const ISOTONIC_EDGE: f64 = 1e-4;

/// The calibration that lowers the log loss most on held-out parts; none where none does.
pub(super) fn choose(task: Task, examples: &Examples, outputs: &[f64], seed: u64) -> Calibration {
    let counts = examples.class_counts(task.classes);
    let rarest = counts.iter().copied().filter(|count| *count > 0).min().unwrap_or(0);
    if !is_classification(task) || rarest < MIN_ROWS {
        return Calibration::None;
    }
    type Fitter = fn(Task, &Examples, &[f64]) -> Option<Calibration>;
    let fitters: &[Fitter] = match task.problem {
        ProblemType::Binary if rarest >= MIN_ISOTONIC => &[platt, isotonic],
        ProblemType::Binary => &[platt],
        _ => &[temperature],
    };
    let parts = parts(examples.rows(), seed);
    let plain = loss_of(task, examples, outputs);
    let (mut best, mut least) = (None, plain * (1.0 - MIN_GAIN));
    for fit in fitters {
        let Some(calibration) = fit(task, examples, outputs) else { continue };
        let Some(loss) = cross_validated(task, examples, outputs, &parts, *fit) else { continue };
        let needed = match calibration {
            Calibration::Isotonic { .. } => least * (1.0 - ISOTONIC_GAIN),
            _ => least,
        };
        if loss < needed {
            (best, least) = (Some(calibration), loss);
        }
    }
    best.unwrap_or_default()
}

/// Which part each row is in.
fn parts(rows: usize, seed: u64) -> Vec<usize> {
    let mut parts: Vec<usize> = (0..rows).map(|row| row % PARTS).collect();
    parts.shuffle(&mut ChaCha8Rng::seed_from_u64(seed ^ 0x6361_6c69));
    parts
}

/// The loss of each part after a calibration that was fitted on the others.
fn cross_validated(
    task: Task,
    examples: &Examples,
    outputs: &[f64],
    parts: &[usize],
    fit: fn(Task, &Examples, &[f64]) -> Option<Calibration>,
) -> Option<f64> {
    let width = task.outputs();
    let mut calibrated = outputs.to_vec();
    for part in 0..PARTS {
        let rows: Vec<usize> =
            (0..examples.rows()).filter(|row| parts.get(*row) != Some(&part)).collect();
        let learned: Vec<f64> = rows
            .iter()
            .flat_map(|row| outputs.iter().skip(row * width).take(width).copied())
            .collect();
        let calibration = fit(task, &examples.take(&rows), &learned)?;
        for (row, of) in calibrated.chunks_exact_mut(width).zip(parts) {
            if *of == part {
                calibration.apply(row);
            }
        }
    }
    let loss = loss_of(task, examples, &calibrated);
    loss.is_finite().then_some(loss)
}

fn log_odds(probability: f64) -> f64 {
    let probability = probability.clamp(EDGE, 1.0 - EDGE);
    (probability / (1.0 - probability)).ln()
}

/// Slope and intercept by Newton's method on the log loss, with a weak pull towards leaving all as it is.
fn platt(_: Task, examples: &Examples, outputs: &[f64]) -> Option<Calibration> {
    const STEPS: usize = 50;
    const PULL: f64 = 1.0;
    let (mut slope, mut intercept) = (1.0_f64, 0.0_f64);
    for _ in 0..STEPS {
        let (mut g0, mut g1) = (PULL * (slope - 1.0), PULL * intercept);
        let (mut h00, mut h01, mut h11) = (PULL, 0.0, PULL);
        for (row, (&truth, output)) in
            examples.target.iter().zip(outputs.chunks_exact(2)).enumerate()
        {
            let x = log_odds(output.get(1).copied().unwrap_or(0.5));
            let weight = examples.weight(row);
            let p = 1.0 / (1.0 + (-(slope * x + intercept)).exp());
            let (error, curve) = (weight * (p - truth), weight * p * (1.0 - p));
            g0 += error * x;
            g1 += error;
            h00 += curve * x * x;
            h01 += curve * x;
            h11 += curve;
        }
        let determinant = h00 * h11 - h01 * h01;
        if determinant <= 0.0 || !determinant.is_finite() {
            return None;
        }
        let (d0, d1) = ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant);
        slope -= d0;
        intercept -= d1;
        if d0.abs().max(d1.abs()) < 1e-10 {
            break;
        }
    }
    (slope > 0.05 && slope.is_finite() && intercept.is_finite())
        .then_some(Calibration::Platt { slope, intercept })
}

/// The exponent by golden sections on the log loss.
fn temperature(task: Task, examples: &Examples, outputs: &[f64]) -> Option<Calibration> {
    const STEPS: usize = 40;
    let loss = |log_exponent: f64| {
        let calibration = Calibration::Temperature { exponent: log_exponent.exp() };
        let mut calibrated: Vec<f64> = outputs.iter().map(|p| p.max(EDGE)).collect();
        calibrated.chunks_exact_mut(task.outputs()).for_each(|row| calibration.apply(row));
        loss_of(task, examples, &calibrated)
    };
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-2.0_f64, 2.0_f64);
    for _ in 0..STEPS {
        let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
        if loss(left) <= loss(right) { high = right } else { low = left }
    }
    Some(Calibration::Temperature { exponent: f64::midpoint(low, high).exp() })
}

/// The rising line by pooling adjacent violators; each pool is a point at its mean.
fn isotonic(_: Task, examples: &Examples, outputs: &[f64]) -> Option<Calibration> {
    struct Pool {
        input: f64,
        truth: f64,
        weight: f64,
    }
    let mut rows: Vec<(f64, f64, f64)> = examples
        .target
        .iter()
        .zip(outputs.chunks_exact(2))
        .enumerate()
        .filter_map(|(row, (&truth, output))| Some((*output.get(1)?, truth, examples.weight(row))))
        .filter(|(_, _, weight)| *weight > 0.0)
        .collect();
    rows.sort_by(|left, right| left.0.total_cmp(&right.0));
    let mut pools: Vec<Pool> = Vec::new();
    for (input, truth, weight) in rows {
        let truth = f64::from(u8::from(class_of(truth) == 1));
        pools.push(Pool { input: input * weight, truth: truth * weight, weight });
        while let [.., before, last] = pools.as_slice() {
            if before.truth / before.weight < last.truth / last.weight {
                break;
            }
            let Some(last) = pools.pop() else { break };
            if let Some(before) = pools.last_mut() {
                before.input += last.input;
                before.truth += last.truth;
                before.weight += last.weight;
            }
        }
    }
    let (mut inputs, mut outputs): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    for pool in pools {
        let input = pool.input / pool.weight;
        if inputs.last().is_none_or(|last| *last < input) {
            inputs.push(input);
            outputs.push((pool.truth / pool.weight).clamp(ISOTONIC_EDGE, 1.0 - ISOTONIC_EDGE));
        }
    }
    let calibration = Calibration::Isotonic { inputs, outputs };
    calibration.check(2).is_ok().then_some(calibration)
}
