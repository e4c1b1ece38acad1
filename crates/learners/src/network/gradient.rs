//! What a network is to give, and how its loss moves with its margins.

use scoring::NetworkLink;
use tabular::ProblemType;

use crate::examples::class_of;
use crate::loss::mean_loss;
use crate::{Examples, Loss, Task};

/// Margins beyond this are cut before they are raised to powers, and derivatives as well: one row is not to undo all others.
const MAX_MARGIN: f32 = 10.0;
/// Targets of this many deviations are the furthest that a squared error is learned from.
const MAX_DERIVATIVE: f32 = 10.0;

/// The targets of rows in the unit that a network learns.
pub(super) struct Target {
    task: Task,
    /// The logarithm of the mean is the margin.
    exponential: bool,
    /// Class indices, or numbers in the network's unit.
    values: Vec<f32>,
    /// How much each row counts; 1 on average.
    weights: Option<Vec<f32>>,
    /// What the network's number is multiplied with, and what is added to it.
    scale: f64,
    offset: f64,
    /// The margins of a network that knows no feature.
    prior: Vec<f32>,
}

impl Target {
    pub(super) fn new(task: Task, examples: &Examples, log_link: bool) -> Self {
        let total: f64 = (0..examples.rows()).map(|row| examples.weight(row)).sum();
        let rows = examples.rows().max(1) as f64;
        let average = |of: &dyn Fn(f64) -> f64| {
            let weighted = |(row, target): (usize, &f64)| examples.weight(row) * of(*target);
            examples.target.iter().enumerate().map(weighted).sum::<f64>() / total
        };
        let weights = examples.weights.as_ref().map(|weights| {
            weights.iter().map(|weight| (weight * rows / total) as f32).collect::<Vec<f32>>()
        });
        let plain = Self {
            task,
            exponential: false,
            values: examples.target.iter().map(|target| *target as f32).collect(),
            weights,
            scale: 1.0,
            offset: 0.0,
            prior: Vec::new(),
        };
        match task.problem {
            ProblemType::Binary => {
                let positive = average(&|target| target).clamp(1e-6, 1.0 - 1e-6);
                Self { prior: vec![(positive / (1.0 - positive)).ln() as f32], ..plain }
            }
            ProblemType::Multiclass => {
                let share = |class: usize| {
                    average(&|target| f64::from(u8::from(class_of(target) == class))).max(1e-6)
                };
                let prior = (0..task.classes).map(|class| share(class).ln() as f32).collect();
                Self { prior, ..plain }
            }
            ProblemType::Regression => {
                let mean = average(&|target| target);
                let by_loss = task.loss.needs_positive();
                let exponential = by_loss || (log_link && task.minimises_squares());
                if let Some(mean) = examples.mean_with_logarithm().filter(|_| exponential) {
                    let values = examples.target.iter().map(|target| (target / mean) as f32);
                    let values = values.collect();
                    let offset = mean.ln();
                    return Self { exponential, values, offset, prior: vec![0.0], ..plain };
                }
                let variance = average(&|target| (target - mean) * (target - mean));
                let deviation = variance.sqrt();
                let usable = deviation > 0.0 && deviation.is_finite();
                let scale = if usable { deviation } else { 1.0 };
                let standard = |target: &f64| ((target - mean) / scale) as f32;
                let values = examples.target.iter().map(standard).collect();
                Self { values, scale, offset: mean, prior: vec![0.0], ..plain }
            }
        }
    }

    /// Margins of the network.
    pub(super) fn margins(&self) -> usize {
        self.prior.len()
    }

    /// The margins of a network that knows no feature.
    pub(super) fn prior(&self) -> Vec<f32> {
        self.prior.clone()
    }

    /// What margins are multiplied with to be in the target's unit, and what is added to them.
    pub(super) fn unit(&self) -> (f64, f64) {
        (self.scale, self.offset)
    }

    /// From the margins to the outputs.
    pub(super) fn link(&self) -> NetworkLink {
        match self.task.problem {
            ProblemType::Binary => NetworkLink::Logit,
            ProblemType::Multiclass => NetworkLink::Softmax,
            ProblemType::Regression if self.exponential => NetworkLink::Exponential,
            ProblemType::Regression => NetworkLink::Identity,
        }
    }

    /// The mean loss of the margins of these rows.
    pub(super) fn loss(&self, examples: &Examples, margins: &[f32]) -> f64 {
        let width = self.margins().max(1);
        let mut margins = margins.to_vec();
        if self.link() == NetworkLink::Softmax {
            margins.chunks_exact_mut(width).for_each(softmax);
        }
        let mut outputs: Vec<f64> = margins.into_iter().map(f64::from).collect();
        match self.link() {
            NetworkLink::Logit => {
                outputs.iter_mut().for_each(|margin| *margin = 1.0 / (1.0 + (-*margin).exp()));
            }
            NetworkLink::Softmax => {}
            NetworkLink::Identity => {
                outputs.iter_mut().for_each(|margin| *margin = *margin * self.scale + self.offset);
            }
            NetworkLink::Exponential => {
                outputs.iter_mut().for_each(|margin| *margin = (*margin + self.offset).exp());
            }
        }
        mean_loss(self.task, examples, |row, class| {
            outputs.get(row * width + class).copied().unwrap_or(0.0)
        })
    }

    /// The derivative of the mean loss of a batch by each margin, row after row.
    pub(super) fn derivatives(&self, batch: &[usize], margins: &[f32], out: &mut Vec<f32>) {
        out.clear();
        out.extend_from_slice(margins);
        let width = self.margins().max(1);
        for (row, out) in batch.iter().zip(out.chunks_exact_mut(width)) {
            let target = self.values.get(*row).copied().unwrap_or(0.0);
            match (self.task.problem, &mut *out) {
                (ProblemType::Multiclass, out) => {
                    softmax(out);
                    if let Some(own) = out.get_mut(class_of(f64::from(target))) {
                        *own -= 1.0;
                    }
                }
                (ProblemType::Binary, [margin]) => {
                    *margin = 1.0 / (1.0 + (-*margin).exp()) - target
                }
                (_, out) => {
                    out.iter_mut().for_each(|margin| *margin = self.of_number(*margin, target))
                }
            }
            let weight = self.weights.as_ref().and_then(|weights| weights.get(*row));
            let weight = weight.copied().unwrap_or(1.0) / batch.len().max(1) as f32;
            out.iter_mut().for_each(|derivative| *derivative *= weight);
        }
    }

    /// The derivative of a regression's loss, in the unit of the network.
    fn of_number(&self, margin: f32, target: f32) -> f32 {
        let error = margin - target;
        if self.exponential {
            let margin = margin.clamp(-MAX_MARGIN, MAX_MARGIN);
            let derivative = match self.task.loss {
                Loss::Tweedie { power } => {
                    let power = power as f32;
                    ((2.0 - power) * margin).exp() - target * ((1.0 - power) * margin).exp()
                }
                _ => margin.exp() - target,
            };
            return derivative.clamp(-MAX_DERIVATIVE, MAX_DERIVATIVE);
        }
        match self.task.loss {
            Loss::Absolute => error.signum(),
            Loss::Quantile { alpha } => f32::from(u8::from(error > 0.0)) - alpha as f32,
            Loss::Huber { delta } => {
                let delta = (delta / self.scale) as f32;
                error.clamp(-delta, delta) / delta.clamp(f32::MIN_POSITIVE, 1.0)
            }
            Loss::Squared | Loss::Poisson | Loss::Tweedie { .. } => {
                error.clamp(-MAX_DERIVATIVE, MAX_DERIVATIVE)
            }
        }
    }
}

fn softmax(margins: &mut [f32]) {
    let greatest = margins.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for margin in margins.iter_mut() {
        *margin = (*margin - greatest).exp();
        sum += *margin;
    }
    margins.iter_mut().for_each(|margin| *margin /= sum);
}
