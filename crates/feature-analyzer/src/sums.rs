//! Sums and differences of numbers that tell more than each of the numbers.
//!
//! Trees split one number at a time, so that a limit on a sum (of four charges, say) costs them many splits. A candidate is
//! judged by what its bins add to an additive model of the bins of the most telling numbers: what that model leaves of the
//! training rows shows which candidates are worth a fit, and what R² of the target (of the classes' indicators) they gain on
//! both halves of the validation sample decides.
//!
//! The work is bounded whatever the table: 10 numbers, 90 pairs, sums of at most 4 numbers, 5,000 rows.

use std::rc::Rc;

use tabular::plan::{Feature, Transform};

use crate::probe::Responses;

/// Numbers that are combined: those whose bins tell most of the target.
const NUMBERS: usize = 10;
/// Numbers of one sum.
const MAX_TERMS: usize = 4;
/// Bins of a sum, a further one for missing values aside.
const BINS: usize = 16;
/// Bins of a single number: more, so that a sum gains nothing by dividing one of its numbers finer.
const NUMBER_BINS: usize = 64;
/// Rows without anything to explain that each bin is given besides its own.
const PENALTY: f64 = 1.0;
/// How often the blocks of a model take turns when a candidate is fitted.
const TURNS: usize = 4;
/// The same where a block is added for good, so that candidates gain nothing by turns alone.
const FINAL_TURNS: usize = 20;
/// Candidates of a round that are fitted, after the residuals were asked.
const FITTED: usize = 8;
/// Numbers whose deviations differ by a larger factor are not added: the sum would be the larger one.
const MAX_SPREAD: f64 = 20.0;
/// A gain has to be worth this many rows of the validation sample, so that the best of many does not win by luck.
const MIN_ROWS_GAINED: f64 = 2.0;
/// A further number has to gain this share of what a sum of its own has to.
const FURTHER_GAIN: f64 = 0.5;
/// Responses (classes) up to which sums are tried.
const MAX_RESPONSES: usize = 50;

/// A number on the rows that are looked at.
#[derive(Debug, Clone)]
pub(crate) struct Measure {
    /// Name of its column.
    pub(crate) name: String,
    /// Cleaned values of the training sample; missing ones are NaN.
    pub(crate) train: Vec<f64>,
    /// Cleaned values of the validation sample.
    pub(crate) validation: Vec<f64>,
}

/// A number that is added or taken off: its place among the measures, and 1 or -1.
type Term = (usize, f64);

/// The sums of the measures that help, the best first, at most `max`. `known` has what else is known of each row and is not
/// combined, `train` and `validation` the responses on the same rows; `min_gain` is the least gain in R².
pub(crate) fn sums(
    measures: Vec<Measure>,
    known: &[Measure],
    train: &Responses,
    validation: &Responses,
    max: usize,
    min_gain: f64,
) -> Vec<Feature> {
    let rows = validation.first().map_or(0, Vec::len);
    let many = train.len() > MAX_RESPONSES || train.len() != validation.len();
    if measures.len() < 2 || rows < 2 || many {
        return Vec::new();
    }
    let min_gain = min_gain.max(MIN_ROWS_GAINED / rows as f64);
    let measures = most_telling(measures, train, validation);
    let deviations: Vec<f64> = measures.iter().map(|measure| deviation(&measure.train)).collect();
    let mut model = Additive::new(train, validation);
    for measure in measures.iter().chain(known) {
        model =
            model.with(Bins::new(&measure.train, &measure.validation, NUMBER_BINS), FINAL_TURNS);
    }
    let mut search = Search { measures: &measures, deviations: &deviations, found: Vec::new() };
    let mut found = Vec::new();
    while found.len() < max {
        let Some((mut terms, mut gain)) = search.best(&model, &search.pairs()) else { break };
        while terms.len() < MAX_TERMS {
            match search.best(&model, &search.extended(&terms)) {
                Some((more, gained)) if gained >= gain + FURTHER_GAIN * min_gain => {
                    (terms, gain) = (more, gained);
                }
                _ => break,
            }
        }
        if gain < min_gain {
            break;
        }
        model = model.with(search.bins(&terms), FINAL_TURNS);
        found.push(search.feature(&terms));
        search.found.push(alike(&terms));
    }
    found
}

/// The numbers whose bins alone tell most, in that order.
fn most_telling(measures: Vec<Measure>, train: &Responses, validation: &Responses) -> Vec<Measure> {
    let mut told: Vec<(f64, Measure)> = measures
        .into_iter()
        .map(|measure| {
            let bins = Bins::new(&measure.train, &measure.validation, NUMBER_BINS);
            (Additive::new(train, validation).with(bins, 1).scores().iter().sum::<f64>(), measure)
        })
        .collect();
    told.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
    told.truncate(NUMBERS);
    told.into_iter().map(|(_, measure)| measure).collect()
}

/// What is the same of sums that bin rows alike: with their terms in another order, or taken off instead of added.
fn alike(terms: &[Term]) -> Vec<(usize, bool)> {
    let first = terms.iter().min_by_key(|(place, _)| *place).map_or(1.0, |(_, weight)| *weight);
    let mut terms: Vec<_> =
        terms.iter().map(|(place, weight)| (*place, weight * first > 0.0)).collect();
    terms.sort_unstable();
    terms
}

/// Candidates of some numbers.
struct Search<'a> {
    measures: &'a [Measure],
    deviations: &'a [f64],
    /// What was found, as [`alike`] has it.
    found: Vec<Vec<(usize, bool)>>,
}

impl Search<'_> {
    /// Every sum and difference of two numbers.
    fn pairs(&self) -> Vec<Vec<Term>> {
        (0..self.measures.len())
            .flat_map(|place| self.extended(&[(place, 1.0)]))
            .filter(|terms| matches!(terms.as_slice(), [(first, _), (second, _)] if first < second))
            .collect()
    }

    /// The terms with one number more, added or taken off.
    fn extended(&self, terms: &[Term]) -> Vec<Vec<Term>> {
        let deviation = |place: usize| self.deviations.get(place).copied().unwrap_or(f64::NAN);
        let most = terms.iter().map(|(place, _)| deviation(*place)).fold(0.0, f64::max);
        let least = terms.iter().map(|(place, _)| deviation(*place)).fold(f64::INFINITY, f64::min);
        (0..self.measures.len())
            .filter(|place| {
                let own = deviation(*place);
                let alike = own.max(most) <= MAX_SPREAD * own.min(least);
                alike && terms.iter().all(|(other, _)| other != place)
            })
            .flat_map(|place| [(place, 1.0), (place, -1.0)])
            .map(|term| terms.iter().copied().chain([term]).collect())
            .filter(|terms: &Vec<Term>| !self.found.contains(&alike(terms)))
            .collect()
    }

    /// The candidate that gains most in the half where it gains less, with that gain.
    fn best(&self, model: &Additive, candidates: &[Vec<Term>]) -> Option<(Vec<Term>, f64)> {
        let mut promising: Vec<(f64, &Vec<Term>)> =
            candidates.iter().map(|terms| (model.explained_by(&self.bins(terms)), terms)).collect();
        promising.sort_by(|a, b| b.0.total_cmp(&a.0));
        promising
            .into_iter()
            .take(FITTED)
            .map(|(_, terms)| (terms.clone(), model.gain(self.bins(terms))))
            .max_by(|a, b| a.1.total_cmp(&b.1))
    }

    fn bins(&self, terms: &[Term]) -> Bins {
        let sum = |of: fn(&Measure) -> &[f64]| {
            let mut sums: Vec<f64> = Vec::new();
            for (place, weight) in terms {
                let values = self.measures.get(*place).map_or(&[][..], of);
                sums.resize(values.len(), 0.0);
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += weight * value);
            }
            sums
        };
        Bins::new(&sum(|measure| &measure.train), &sum(|measure| &measure.validation), BINS)
    }

    fn feature(&self, terms: &[Term]) -> Feature {
        let (mut name, mut inputs, mut weights) = (String::new(), Vec::new(), Vec::new());
        for (place, weight) in terms {
            let Some(measure) = self.measures.get(*place) else { continue };
            if !name.is_empty() {
                name.push_str(if *weight < 0.0 { "_minus_" } else { "_plus_" });
            }
            name.push_str(&measure.name);
            inputs.push(measure.name.clone());
            weights.push(*weight);
        }
        Feature { name, transform: Transform::Sum { inputs, weights } }
    }
}

/// The bin of each row: bins of equal counts in training, and the last one for missing values.
struct Bins {
    train: Vec<usize>,
    validation: Vec<usize>,
    /// Training rows of each bin.
    counts: Vec<f64>,
}

impl Bins {
    fn new(train: &[f64], validation: &[f64], bins: usize) -> Self {
        let mut sorted: Vec<f64> =
            train.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share: usize| sorted.get(share * sorted.len() / bins).copied();
        let mut edges: Vec<f64> = (1..bins).filter_map(at).collect();
        edges.dedup();
        let bin = |value: &f64| {
            if value.is_finite() {
                edges.partition_point(|edge| edge <= value)
            } else {
                edges.len() + 1
            }
        };
        let train: Vec<usize> = train.iter().map(bin).collect();
        let mut counts = vec![0.0; edges.len() + 2];
        for bin in &train {
            if let Some(count) = counts.get_mut(*bin) {
                *count += 1.0;
            }
        }
        Self { train, validation: validation.iter().map(bin).collect(), counts }
    }

    /// The sum of values of the training rows in each bin.
    fn sums(&self, values: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.counts.len()];
        for (bin, value) in self.train.iter().zip(values) {
            if let Some(sum) = sums.get_mut(*bin) {
                *sum += value;
            }
        }
        sums
    }
}

/// An additive model: for each response a number for each bin of each block, shrunk towards 0 and fitted in turns to what the
/// other blocks leave (backfitting; Buja, Hastie and Tibshirani, "Linear smoothers and additive models", 1989).
#[derive(Clone)]
struct Additive {
    blocks: Vec<Block>,
    /// What is left of each response on the training sample.
    train: Responses,
    /// The same on the validation sample.
    validation: Responses,
    /// Squared responses of each half of the validation sample, summed.
    totals: [f64; 2],
}

/// The bins of one number with the model's values.
#[derive(Clone)]
struct Block {
    bins: Rc<Bins>,
    /// The value of each bin, for each response.
    values: Vec<Vec<f64>>,
}

impl Additive {
    /// A model of the means alone.
    fn new(train: &Responses, validation: &Responses) -> Self {
        let means: Vec<f64> = train
            .iter()
            .map(|response| response.iter().sum::<f64>() / response.len().max(1) as f64)
            .collect();
        let centred = |responses: &Responses| -> Responses {
            let less = |(response, mean): (&Vec<f64>, &f64)| {
                response.iter().map(|value| value - mean).collect()
            };
            responses.iter().zip(&means).map(less).collect()
        };
        let (train, validation) = (centred(train), centred(validation));
        let totals = squares(&validation);
        Self { blocks: Vec::new(), train, validation, totals }
    }

    /// With the bins of one number more, fitted in so many turns.
    fn with(mut self, bins: Bins, turns: usize) -> Self {
        let values = vec![vec![0.0; bins.counts.len()]; self.train.len()];
        self.blocks.push(Block { bins: Rc::new(bins), values });
        for _ in 0..turns {
            // The newest first: what only it can tell is then not given to the others.
            for block in self.blocks.iter_mut().rev() {
                block.fit(&mut self.train, &mut self.validation);
            }
        }
        self
    }

    /// R² on each half of the validation sample.
    fn scores(&self) -> [f64; 2] {
        let left = squares(&self.validation);
        let score = |half: usize| match (left.get(half), self.totals.get(half)) {
            (Some(left), Some(total)) if *total > 0.0 => 1.0 - left / total,
            _ => f64::NEG_INFINITY,
        };
        [score(0), score(1)]
    }

    /// What further bins gain in R², in the half where they gain less.
    fn gain(&self, bins: Bins) -> f64 {
        let after = self.clone().with(bins, TURNS).scores();
        let gains = after.iter().zip(self.scores()).map(|(after, before)| after - before);
        gains.fold(f64::INFINITY, f64::min)
    }

    /// The part of what is left of the training sample that bins explain.
    fn explained_by(&self, bins: &Bins) -> f64 {
        self.train
            .iter()
            .flat_map(|response| bins.sums(response).into_iter().zip(&bins.counts))
            .map(|(sum, count)| sum * sum / (count + PENALTY))
            .sum()
    }
}

impl Block {
    /// Fits the values to what all blocks leave of the training sample and this one has taken of it.
    fn fit(&mut self, train: &mut Responses, validation: &mut Responses) {
        for ((values, train), validation) in self.values.iter_mut().zip(train).zip(validation) {
            let sums = self.bins.sums(train);
            let changes: Vec<f64> = values
                .iter_mut()
                .zip(sums.iter().zip(&self.bins.counts))
                .map(|(value, (sum, count))| {
                    let fitted = (sum + count * *value) / (count + PENALTY);
                    fitted - std::mem::replace(value, fitted)
                })
                .collect();
            let change = |(left, bin): (&mut f64, &usize)| {
                *left -= changes.get(*bin).copied().unwrap_or(0.0);
            };
            train.iter_mut().zip(&self.bins.train).for_each(change);
            validation.iter_mut().zip(&self.bins.validation).for_each(change);
        }
    }
}

/// Squares of all responses, summed over each half of the rows: over every second row.
fn squares(responses: &Responses) -> [f64; 2] {
    let half = |which: usize| {
        let rows = |response: &Vec<f64>| {
            response.iter().skip(which).step_by(2).map(|value| value * value).sum::<f64>()
        };
        responses.iter().map(rows).sum::<f64>()
    };
    [half(0), half(1)]
}

/// The standard deviation of the values that are there.
fn deviation(values: &[f64]) -> f64 {
    let present = || values.iter().copied().filter(|value| value.is_finite());
    let count = present().count() as f64;
    let mean = present().sum::<f64>() / count;
    (present().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count).sqrt()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use rand::{Rng, SeedableRng};

    use super::*;

    const NAMES: [&str; 6] = ["a", "b", "c", "d", "noise", "coarse"];

    /// Four numbers, one that says nothing, and one that is a thousand times larger, with a target of each row.
    fn sample(rows: usize, seed: u64, target: fn(&[f64]) -> f64) -> (Vec<Vec<f64>>, Responses) {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let mut columns = vec![Vec::new(); NAMES.len()];
        let mut response = Vec::new();
        for _ in 0..rows {
            let mut row: Vec<f64> =
                (0..NAMES.len()).map(|_| random.random_range(0.0..1.0)).collect();
            row[5] *= 1_000.0;
            response.push(target(&row));
            columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
        (columns, vec![response])
    }

    fn found(rows: usize, target: fn(&[f64]) -> f64) -> Vec<Feature> {
        let (train, of_train) = sample(rows, 1, target);
        let (validation, of_validation) = sample(rows / 2, 2, target);
        let measures = NAMES.iter().zip(train.into_iter().zip(validation));
        let measures = measures.map(|(name, (train, validation))| Measure {
            name: (*name).to_owned(),
            train,
            validation,
        });
        sums(measures.collect(), &[], &of_train, &of_validation, 3, 0.002)
    }

    #[test]
    fn a_limit_on_a_sum_is_found_with_its_signs() {
        let sums = found(4_000, |row| f64::from(u8::from(row[0] + row[1] + row[2] - row[3] > 1.3)));
        let Transform::Sum { inputs, weights } = &sums[0].transform else { panic!("{sums:?}") };
        let mut terms: Vec<_> =
            inputs.iter().map(String::as_str).zip(weights.iter().copied()).collect();
        terms.sort_by(|x, y| x.0.cmp(y.0));
        // A sum and its negative bin rows alike.
        let sign = terms[0].1;
        let expected = [("a", sign), ("b", sign), ("c", sign), ("d", -sign)];
        assert_eq!(terms, expected);
        assert_eq!(weights[0], 1.0, "a name begins with what is added");
        assert_eq!(
            sums[0].name.matches("_minus_").count(),
            weights.iter().filter(|it| **it < 0.0).count()
        );
    }

    #[test]
    fn what_numbers_tell_one_by_one_needs_no_sum() {
        assert_eq!(found(4_000, |row| row[0] + 2.0 * row[1] - row[2] * row[2]), []);
        assert_eq!(found(4_000, |row| f64::from(u8::from(row[0] > 0.5))), []);
    }

    #[test]
    fn numbers_of_other_sizes_are_not_added() {
        let sums = found(4_000, |row| f64::from(u8::from(row[0] + row[5] / 1_000.0 > 1.0)));
        let mixed = |feature: &Feature| feature.transform.inputs().contains(&"coarse");
        assert!(!sums.iter().any(mixed), "{sums:?}");
    }
}
