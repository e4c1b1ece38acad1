//! The next hyperparameters to try, by tree-structured Parzen estimators.

use std::convert::Infallible;

use rand::{Rng as _, RngCore as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tabular::metrics::Metric;
use tpe::{TpeOptimizer, TpeOptimizerBuilder, parzen_estimator};

use super::{Candidate, Trial};
use crate::{Error, ParameterRange, Parameters};

/// Trials of an algorithm before its estimators say anything; until then, values are drawn beside the leader's.
const ENOUGH_TRIALS: usize = 8;
/// How far from the leader's value a value is drawn before that, as a share of the way to an even draw.
const NEIGHBOURHOOD: f64 = 0.5;
/// Share of the trials that count as good.
const GOOD_SHARE: f64 = 0.25;

/// ChaCha8 with the traits of the version of `rand` that `tpe` asks for.
struct Generator(ChaCha8Rng);

impl rand_of_tpe::TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(into);
        Ok(())
    }
}

/// Hyperparameters for trial `number`, following from the seed, the number and the finished trials.
pub(super) fn sample(
    candidate: &Candidate,
    metric: Metric,
    trials: &[Trial],
    seed: u64,
    number: usize,
) -> Result<Parameters, Error> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(number as u64 + 1);
    let mut generator = Generator(generator);
    let own: Vec<(&Trial, f64)> = trials
        .iter()
        .filter(|trial| trial.algorithm == candidate.algorithm)
        .filter_map(|trial| {
            trial
                .score
                .map(|score| (trial, if metric.greater_is_better() { -score } else { score }))
        })
        .collect();
    let leader = own.iter().min_by(|a, b| a.1.total_cmp(&b.1)).map(|(trial, _)| *trial);
    let mut parameters = Parameters::new();
    for range in &candidate.space {
        let value = match axis(range)? {
            None => range.low,
            Some(axis) if own.len() < ENOUGH_TRIALS => {
                value(range, beside(range, axis, leader, &mut generator))
            }
            Some(axis) => value(range, likely(range, axis, &own, &mut generator)?),
        };
        parameters.insert(range.name.to_owned(), value);
    }
    Ok(parameters)
}

/// A value beside the leader's, or anywhere where there is no leader.
fn beside(
    range: &ParameterRange,
    axis: tpe::range::Range,
    leader: Option<&Trial>,
    generator: &mut Generator,
) -> f64 {
    let drawn = generator.0.random_range(axis.start()..axis.end());
    let Some(leader) = leader else { return drawn };
    let known = leader.parameters.get(range.name).copied().unwrap_or(range.default);
    let at = position(range, known).clamp(axis.start(), axis.end());
    (at + (drawn - at) * NEIGHBOURHOOD).clamp(axis.start(), axis.end())
}

/// Where an estimator finds the next value of one parameter.
fn likely(
    range: &ParameterRange,
    axis: tpe::range::Range,
    own: &[(&Trial, f64)],
    generator: &mut Generator,
) -> Result<f64, Error> {
    let of_range = |_| Error::Range { name: range.name };
    let mut optimizer: TpeOptimizer = TpeOptimizerBuilder::new()
        .gamma(GOOD_SHARE)
        .build(parzen_estimator(), axis)
        .map_err(of_range)?;
    for (trial, loss) in own {
        let tried =
            position(range, trial.parameters.get(range.name).copied().unwrap_or(range.default));
        // A value of another range, or none, tells nothing about this parameter.
        let tried = if axis.contains(tried) { tried } else { f64::NAN };
        optimizer.tell(tried, *loss).map_err(|_| Error::Range { name: range.name })?;
    }
    match optimizer.ask(generator) {
        Ok(position) => Ok(position),
        Err(never) => match never {},
    }
}

/// The range as the estimator sees it; none where there is one value only.
fn axis(range: &ParameterRange) -> Result<Option<tpe::range::Range>, Error> {
    let (low, high) = (position(range, range.low), position(range, range.high));
    if low == high {
        return Ok(None);
    }
    // The estimator's ranges do not hold their end.
    let end = high + (high - low) * 1e-9;
    tpe::range(low, end).map(Some).map_err(|_| Error::Range { name: range.name })
}

fn position(range: &ParameterRange, value: f64) -> f64 {
    if range.log { value.ln() } else { value }
}

fn value(range: &ParameterRange, position: f64) -> f64 {
    let value = if range.log { position.exp() } else { position };
    let value = if range.integer { value.round() } else { value };
    value.clamp(range.low, range.high)
}
