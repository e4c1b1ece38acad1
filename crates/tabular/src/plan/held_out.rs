//! Whether a column tells the target on rows that it was not learned from.
//!
//! Many levels explain any rows that they are learned from, and unique ones explain them wholly. So each level's mean of the
//! target, drawn towards the mean of all rows, is taken from the training rows and judged on others: its correlation with the
//! target there has to exceed what chance gives. Where there are no others, every fourth of the training rows is judged by the
//! other three.

use std::collections::HashMap;
use std::f64::consts::SQRT_2;

use crate::target::Target;
use crate::{Column, ProblemType, Table, TextColumn};

/// Standard errors that a correlation with the target has to be away from none: 1 in 1,000 columns without any passes.
pub const CERTAIN: f64 = 3.1;
/// Rows at the overall mean that a level's mean is taken with.
const SMOOTHING: f64 = 10.0;
/// Bins of about equally many rows of a number.
const BINS: usize = 20;
/// Parts of the training rows where nothing else is held out.
const FOLDS: usize = 4;
/// Classes that are looked at, in their order.
const CLASSES: usize = 50;
/// Rows below which nothing is certain.
const MIN_ROWS: usize = 20;

/// Rows that nothing is learned from.
#[derive(Clone, Copy, Debug)]
pub struct HeldOut<'a> {
    /// The raw columns, as in training.
    pub table: &'a Table,
    /// What was to be told.
    pub target: &'a Target,
}

/// What each row is to tell: one number per row, or one per row and class.
#[derive(Clone, Debug)]
pub(crate) struct Responses {
    each: Vec<Vec<f64>>,
}

impl Responses {
    /// Indicators of the classes, or ranks from 0 to 1 (a few extreme numbers would outweigh all others).
    pub(crate) fn from_target(target: &Target) -> Self {
        let values = &target.values;
        let indicator = |class: usize| {
            values.iter().map(|value| f64::from(u8::from(*value as usize == class))).collect()
        };
        let each = match target.problem {
            ProblemType::Binary => vec![values.clone()],
            ProblemType::Multiclass => {
                (0..target.classes.len().min(CLASSES)).map(indicator).collect()
            }
            ProblemType::Regression => vec![ranks(values)],
        };
        Self { each }
    }

    /// Standard errors that the correlation of a feature with a response is away from none: the greatest over the responses.
    fn evidence(&self, feature: &[f64]) -> f64 {
        self.each.iter().map(|response| errors(feature, response).abs()).fold(0.0, f64::max)
    }

    /// The evidence that being among some rows goes with a response, in standard errors; none where the strongest of `compared`
    /// such sets exceeds it by chance. The rows are in order, each once.
    pub(crate) fn beyond_chance(&self, rows: &[usize], compared: usize) -> Option<f64> {
        let of = |response: &Vec<f64>| {
            let count = response.len() as f64;
            let share = rows.len() as f64 / count;
            let mean = response.iter().sum::<f64>() / count;
            let squares: f64 = response.iter().map(|value| (value - mean) * (value - mean)).sum();
            let within: f64 =
                rows.iter().filter_map(|row| response.get(*row)).map(|value| value - mean).sum();
            // Pearson's correlation of 0 and 1 with the response.
            let scale = (count * share * (1.0 - share) * squares).sqrt();
            let r = if scale > 0.0 { within / scale } else { 0.0 };
            r.abs() * (count - 2.0).max(0.0).sqrt() / (1.0 - r * r).max(1e-9).sqrt()
        };
        let evidence = self.each.iter().map(of).fold(0.0, f64::max);
        (evidence > strongest_by_chance(self.each.len() * compared)).then_some(evidence)
    }
}

/// Standard errors that the strongest of several has to be away from none, so that it is no more often by chance than one is at
/// [`CERTAIN`].
fn strongest_by_chance(count: usize) -> f64 {
    (CERTAIN * CERTAIN + 2.0 * (count.max(1) as f64).ln()).sqrt()
}

/// What a column is judged with.
#[derive(Clone, Debug)]
pub struct FeatureJudge<'a> {
    train: Responses,
    held_out: Option<(&'a Table, Responses)>,
}

impl<'a> FeatureJudge<'a> {
    /// A judge of columns by a target, on the rows held out where there are any.
    #[must_use]
    pub fn new(train: &Target, held_out: Option<HeldOut<'a>>) -> Self {
        let enough = held_out.filter(|held_out| held_out.table.rows() >= MIN_ROWS);
        Self {
            train: Responses::from_target(train),
            held_out: enough.map(|held| (held.table, Responses::from_target(held.target))),
        }
    }

    /// The column of the rows held out.
    #[must_use]
    pub fn held_out(&self, name: &str) -> Option<&'a Column> {
        self.held_out.as_ref().and_then(|(table, _)| table.column(name))
    }

    /// Whether the levels of a text tell the target on rows that were not learned from. Only levels that `asked` holds for
    /// are looked at; the others, and missing values, count as any row.
    #[must_use]
    pub fn levels_tell(
        &self,
        train: &TextColumn,
        held_out: Option<&TextColumn>,
        asked: impl Fn(&str) -> bool,
    ) -> bool {
        let known: HashMap<&str, usize> = train
            .levels()
            .iter()
            .enumerate()
            .filter(|(_, level)| asked(level))
            .map(|(place, level)| (level.as_str(), place))
            .collect();
        let groups = |text: &TextColumn| -> Vec<Option<usize>> {
            let of_level: Vec<Option<usize>> =
                text.levels().iter().map(|level| known.get(level.as_str()).copied()).collect();
            let of = |code: &u32| usize::try_from(*code).ok().and_then(|code| of_level.get(code));
            text.codes().iter().map(|code| of(code).copied().flatten()).collect()
        };
        self.groups_tell(&groups(train), held_out.map(groups), train.levels().len())
    }

    /// Whether bins of a number tell the target on rows that were not learned from; missing ones are a bin too.
    #[must_use]
    pub fn numbers_tell(&self, train: &[f64], held_out: Option<&[f64]>) -> bool {
        let mut sorted: Vec<f64> =
            train.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let mut edges: Vec<f64> =
            (1..BINS).filter_map(|bin| sorted.get(bin * sorted.len() / BINS).copied()).collect();
        edges.dedup();
        let bin = |value: &f64| {
            let bin = edges.partition_point(|edge| edge <= value);
            Some(if value.is_finite() { bin } else { BINS })
        };
        let groups = |values: &[f64]| values.iter().map(bin).collect::<Vec<_>>();
        self.groups_tell(&groups(train), held_out.map(groups), BINS + 1)
    }

    /// Whether a feature that needs no learning goes with the target on the training rows.
    #[must_use]
    pub fn goes_with(&self, feature: &[f64]) -> bool {
        self.train.evidence(feature) > strongest_by_chance(self.train.each.len())
    }

    fn groups_tell(
        &self,
        train: &[Option<usize>],
        held_out: Option<Vec<Option<usize>>>,
        groups: usize,
    ) -> bool {
        let least = strongest_by_chance(self.train.each.len());
        let mut places = self.train.each.iter().enumerate();
        places.any(|(place, response)| {
            let others = self.held_out.as_ref().and_then(|(_, others)| others.each.get(place));
            let found = match (&held_out, others) {
                (Some(held), Some(truth)) => {
                    errors(&group_means(train, response, held, groups, |_| true), truth)
                }
                // Two rows of a group tell each other, so that what is by chance counts twice.
                _ => errors(&folded(train, response, groups), response) / SQRT_2,
            };
            found > least
        })
    }
}

/// For each row of `rows` the mean of its group, learned from those training rows that `learned` holds for.
fn group_means(
    train: &[Option<usize>],
    response: &[f64],
    rows: &[Option<usize>],
    groups: usize,
    learned: impl Fn(usize) -> bool,
) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); groups];
    let (mut count, mut sum) = (0.0, 0.0);
    for (row, (group, value)) in train.iter().zip(response).enumerate() {
        if !learned(row) {
            continue;
        }
        count += 1.0;
        sum += value;
        if let Some(of_group) = group.and_then(|group| sums.get_mut(group)) {
            of_group.0 += 1.0;
            of_group.1 += value;
        }
    }
    let mean = if count > 0.0 { sum / count } else { 0.0 };
    let of = |group: &Option<usize>| {
        let (count, sum) = group.and_then(|group| sums.get(group)).copied().unwrap_or_default();
        (sum + SMOOTHING * mean) / (count + SMOOTHING)
    };
    rows.iter().map(of).collect()
}

/// For each row the mean of its group over the rows of the other folds, less the mean of all of these: means of rows left out
/// would go against the target otherwise.
fn folded(train: &[Option<usize>], response: &[f64], groups: usize) -> Vec<f64> {
    let mut all = vec![0.0; train.len()];
    for fold in 0..FOLDS {
        let elsewhere = |row: usize| row % FOLDS != fold;
        let own: Vec<Option<usize>> = train.iter().skip(fold).step_by(FOLDS).copied().collect();
        let mut unknown = group_means(train, response, &[None], groups, elsewhere);
        let mean = unknown.pop().unwrap_or_default();
        let values = group_means(train, response, &own, groups, elsewhere);
        for (slot, value) in all.iter_mut().skip(fold).step_by(FOLDS).zip(values) {
            *slot = value - mean;
        }
    }
    all
}

/// Standard errors that the correlation of two lists is away from none; 0 where one of them does not vary.
fn errors(a: &[f64], b: &[f64]) -> f64 {
    let both = a.iter().zip(b).filter(|(a, b)| a.is_finite() && b.is_finite()).count();
    if both < MIN_ROWS {
        return 0.0;
    }
    let Some(r) = crate::association::pearson(a, b) else { return 0.0 };
    // A correlation of 1 is as certain as it gets.
    r * (both as f64 - 2.0).sqrt() / (1.0 - r * r).max(1e-9).sqrt()
}

/// Ranks from 0 to 1; equal values have the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let of = |value: &f64| {
        let below = sorted.partition_point(|other| other.total_cmp(value).is_lt());
        let up_to = sorted.partition_point(|other| other.total_cmp(value).is_le());
        (below + up_to) as f64 / (2 * sorted.len().max(1)) as f64
    };
    values.iter().map(of).collect()
}

#[cfg(test)]
mod tests;
