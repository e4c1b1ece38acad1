//! Features made of two columns, kept only where they help on validation data.
//!
//! Ratios and products of the most relevant numbers are tried, and means of these numbers by the levels of the most relevant
//! categories. Which columns are numbers of many values, and which can be divided by, the profile says: it has seen all training rows. Each is judged by a small linear model on what the plan has already: it has to gain on both halves of the
//! validation split, so that a lucky half does not decide. Sums and differences are linear, so such a judge cannot see what they
//! add: [`crate::sums`] has another one.
//!
//! The work is bounded whatever the table: 45 ratios and products, 24 means, on 5,000 rows, and the sums.

use scoring::{FeatureEncoder, FeatureMatrix, ScoreError};
use statistics::Profile;
use tabular::association::with_target;
use tabular::plan::{
    Feature, FeaturePlan, GroupMeans, RejectedCandidate, Sketch, Summary, Transform,
};
use tabular::target::Target;
use tabular::{Column, ColumnType, Table};

use crate::config::Features;
use crate::error::FeatureError;
use crate::probe::{Probe, Sample, responses, step};
use crate::sums::{Measure, sums};

/// Numbers that are paired, the most relevant ones.
const PAIRED: usize = 6;

/// Numbers that sums are looked for among, the most relevant ones.
const ADDED: usize = 40;

/// Categories that numbers are grouped by, the most relevant ones.
const GROUPING: usize = 4;

/// Least share of rows in which a divisor is there and not zero.
const DIVISIBLE: f64 = 0.95;

/// A fitted plan and the splits that it was fitted on.
#[derive(Debug)]
pub struct FittedBase<'a> {
    /// Plan of the features of single columns.
    pub plan: FeaturePlan,
    /// Summaries of the plan's features, in its order.
    pub summaries: Vec<Summary>,
    /// What the columns of the training split look like, over all its rows.
    pub profile: &'a Profile,
    /// The training split, without the target.
    pub train: &'a Table,
    /// The validation split, without the target.
    pub validation: &'a Table,
    /// The target of the training split.
    pub train_target: &'a Target,
    /// The target of the validation split.
    pub validation_target: &'a Target,
}

/// A plan with the constructed features that help.
#[derive(Debug)]
pub struct ConstructedPlan {
    /// Plan with the constructed features added.
    pub plan: FeaturePlan,
    /// Summaries of the plan's features, in its order.
    pub summaries: Vec<Summary>,
    /// What was tried and does not help.
    pub rejected: Vec<RejectedCandidate>,
    /// What was gained on validation data.
    pub gain: f64,
}

impl ConstructedPlan {
    /// Adds a feature that helps.
    fn add(&mut self, candidate: Candidate, train_target: &Target) {
        let relevance = with_target(&Column::Number(candidate.train), train_target);
        self.summaries.push(Summary::new(&candidate.feature, relevance));
        self.plan.features.push(candidate.feature);
    }
}

/// A candidate with its values on the rows that are looked at.
struct Candidate {
    feature: Feature,
    train: Vec<f64>,
    validation: Vec<f64>,
}

/// Tries constructed features and keeps those that help.
///
/// # Errors
/// When the plan cannot be executed on the splits.
pub fn construct(
    base: FittedBase<'_>,
    options: &Features,
) -> Result<ConstructedPlan, FeatureError> {
    let mut done = ConstructedPlan {
        plan: base.plan.clone(),
        summaries: base.summaries.clone(),
        rejected: Vec::new(),
        gain: 0.0,
    };
    if options.max_constructed == 0 {
        return Ok(done);
    }
    let proposals = propose(&base, options)?;
    if proposals.is_empty() {
        return Ok(done);
    }
    let (train, train_target) = thinned(base.train, base.train_target);
    let (validation, validation_target) = thinned(base.validation, base.validation_target);
    let encode = |table: &Table| scoring::transform(&base.plan, table);
    let (of_train, of_validation) = (encode(&train)?, encode(&validation)?);
    let sketches: Vec<Sketch> = (0..of_train.width)
        .map(|feature| Sketch::from_values(&of_train.feature(feature)))
        .collect();
    let mut candidates = measure(&base, proposals, &train, &validation)?;
    candidates.retain(|candidate| {
        let reason = unfit(candidate, &sketches, options.redundancy);
        if let Some(reason) = &reason {
            done.rejected.push(RejectedCandidate {
                name: candidate.feature.name.clone(),
                reason: reason.clone(),
            });
        }
        reason.is_none()
    });
    let measures = measures(&base, &of_train, &of_validation);
    let categories = base.plan.categories();
    let relevance: Vec<f64> = base.summaries.iter().map(|summary| summary.relevance).collect();
    let of_train = Sample::new(of_train, &categories, &train_target);
    let of_validation = Sample::new(of_validation, &categories, &validation_target);
    let Some(mut probe) = Probe::new(&of_train, &of_validation, &relevance) else {
        return Ok(done);
    };
    let start = probe.score();
    let mut known = Vec::new();
    for _ in 0..options.max_constructed {
        let gains =
            candidates.iter().map(|candidate| probe.gain(&candidate.train, &candidate.validation));
        let best = gains.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((place, _)) = best.filter(|(_, gain)| *gain >= options.min_gain) else { break };
        let candidate = candidates.remove(place);
        probe.add(&candidate.train, &candidate.validation);
        known.push(Measure {
            name: candidate.feature.name.clone(),
            train: candidate.train.clone(),
            validation: candidate.validation.clone(),
        });
        done.add(candidate, &train_target);
    }
    done.gain = (probe.score() - start).max(0.0);
    let (most, gain) = (options.max_constructed, options.min_gain);
    let mut sums =
        sums(measures, &known, &responses(&of_train), &responses(&of_validation), most, gain);
    sums.retain(|sum| !done.plan.features.iter().any(|feature| feature.name == sum.name));
    if !sums.is_empty() {
        for sum in measure(&base, sums, &train, &validation)? {
            done.add(sum, &train_target);
        }
    }
    done.rejected.extend(candidates.into_iter().map(|candidate| RejectedCandidate {
        name: candidate.feature.name,
        reason: format!("gains less than {} on validation data", options.min_gain),
    }));
    done.plan.check()?;
    Ok(done)
}

/// Evenly chosen rows of a split that are looked at.
fn thinned(table: &Table, target: &Target) -> (Table, Target) {
    let rows: Vec<usize> = (0..table.rows()).step_by(step(table.rows())).collect();
    let values = rows.iter().filter_map(|row| target.values.get(*row).copied()).collect();
    (table.take(&rows), Target { values, ..target.clone() })
}

/// Ratios and products of the most relevant numbers, and their means by the most relevant categories.
fn propose(base: &FittedBase<'_>, options: &Features) -> Result<Vec<Feature>, FeatureError> {
    let numbers = relevant_measures(base, PAIRED);
    let mut proposals = Vec::new();
    for (place, left) in numbers.iter().enumerate() {
        for right in numbers.iter().skip(place + 1) {
            let product =
                Transform::Product { left: (*left).to_owned(), right: (*right).to_owned() };
            proposals.push(Feature { name: format!("{left}_times_{right}"), transform: product });
            for (numerator, denominator) in [(*left, *right), (*right, *left)] {
                if is_divisor(base.profile, denominator) {
                    let ratio = Transform::Ratio {
                        numerator: numerator.to_owned(),
                        denominator: denominator.to_owned(),
                    };
                    proposals.push(Feature {
                        name: format!("{numerator}_per_{denominator}"),
                        transform: ratio,
                    });
                }
            }
        }
    }
    proposals.extend(groups(base, &numbers, options)?);
    proposals
        .retain(|proposal| !base.plan.features.iter().any(|feature| feature.name == proposal.name));
    Ok(proposals)
}

/// The most relevant numbers of many values, as the plan has them in both samples.
fn measures(
    base: &FittedBase<'_>,
    train: &FeatureMatrix,
    validation: &FeatureMatrix,
) -> Vec<Measure> {
    let names = relevant_measures(base, ADDED);
    let place_of = |name: &str| {
        base.plan
            .features
            .iter()
            .position(|of| matches!(&of.transform, Transform::Identity { input } if input == name))
    };
    let of = |name: &str| {
        let place = place_of(name)?;
        let (train, validation) = (train.feature(place), validation.feature(place));
        Some(Measure { name: name.to_owned(), train, validation })
    };
    names.into_iter().filter_map(of).collect()
}

/// The most relevant numbers of many values that are features as they are.
fn relevant_measures<'a>(base: &'a FittedBase<'_>, most: usize) -> Vec<&'a str> {
    most_relevant(base, most, |transform| match transform {
        Transform::Identity { input } if is_measure(base.profile, input) => Some(input.as_str()),
        _ => None,
    })
}

/// The columns of the features that are chosen, the most relevant first.
fn most_relevant<'a>(
    base: &'a FittedBase<'_>,
    most: usize,
    choose: impl Fn(&'a Transform) -> Option<&'a str>,
) -> Vec<&'a str> {
    let mut chosen: Vec<(&str, f64)> = base
        .plan
        .features
        .iter()
        .zip(&base.summaries)
        .filter_map(|(feature, summary)| Some((choose(&feature.transform)?, summary.relevance)))
        .collect();
    chosen.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    chosen.truncate(most);
    chosen.into_iter().map(|(name, _)| name).collect()
}

/// For each of the numbers and each of the most relevant categories either the mean by its level or the difference from it,
/// whichever goes more with the target: a linear judge that knows the number cannot tell the two apart.
fn groups(
    base: &FittedBase<'_>,
    numbers: &[&str],
    options: &Features,
) -> Result<Vec<Feature>, FeatureError> {
    /// Levels of which a number of their own says more than which one it is.
    const LEVELS: usize = 3;
    let categories = most_relevant(base, GROUPING, |transform| match transform {
        Transform::Category { input, levels, .. } if levels.len() >= LEVELS => Some(input.as_str()),
        _ => None,
    });
    let columns: Vec<&str> = numbers.iter().chain(&categories).copied().collect();
    let others: Vec<&str> = base
        .train
        .fields()
        .iter()
        .map(|field| field.name.as_str())
        .filter(|name| !columns.contains(name))
        .collect();
    let mut train = base.train.without(&others);
    base.plan.cleaning.apply(&mut train).map_err(tabular::plan::PlanError::from)?;
    let mut proposals = Vec::new();
    for category in categories {
        let Some(text) = train.column(category).and_then(Column::text) else { continue };
        let Some(levels) = base.plan.features.iter().find_map(|feature| match &feature.transform {
            Transform::Category { input, levels, .. } if input == category => Some(levels),
            _ => None,
        }) else {
            continue;
        };
        for number in numbers {
            let Some(values) = train.column(number).and_then(Column::numbers) else { continue };
            let means =
                GroupMeans::fit((category, text), (number, values), levels, options.rare_rows);
            let Some(means) = means else { continue };
            let (mean, difference) = (means.mean(text), means.difference(text, values));
            let relevance = |values: &Column| with_target(values, base.train_target);
            let better =
                if relevance(&difference.1) > relevance(&mean.1) { difference } else { mean };
            proposals.push(better.0);
        }
    }
    Ok(proposals)
}

/// Whether a column is a number of many values, not a flag or a code.
fn is_measure(profile: &Profile, column: &str) -> bool {
    const MANY: u64 = 10;
    profile.column(column).is_some_and(|of| {
        matches!(of.column_type, ColumnType::Integer | ColumnType::Number) && of.distinct >= MANY
    })
}

/// Whether a column has a value that is not zero in nearly all rows; of one whose values are withheld it is not known.
fn is_divisor(profile: &Profile, column: &str) -> bool {
    let usable = profile.column(column).and_then(|of| Some(of.count - of.numeric.as_ref()?.zeros));
    usable.is_some_and(|usable| usable as f64 >= DIVISIBLE * profile.rows as f64)
}

fn measure(
    base: &FittedBase<'_>,
    proposals: Vec<Feature>,
    train: &Table,
    validation: &Table,
) -> Result<Vec<Candidate>, FeatureError> {
    let plan = FeaturePlan::new(base.plan.cleaning.clone(), proposals)?;
    let encoder = FeatureEncoder::new(&plan)?;
    let train = encoder.encode(train).map_err(ScoreError::from)?;
    let validation = encoder.encode(validation).map_err(ScoreError::from)?;
    let candidate = |(place, feature)| Candidate {
        feature,
        train: train.feature(place),
        validation: validation.feature(place),
    };
    Ok(plan.features.into_iter().enumerate().map(candidate).collect())
}

/// Why a candidate need not be tried.
fn unfit(candidate: &Candidate, known: &[Sketch], redundancy: f64) -> Option<String> {
    let sketch = Sketch::from_values(&candidate.train);
    known
        .iter()
        .any(|other| sketch.correlation(other).abs() > redundancy)
        .then(|| format!("redundant: correlation with another feature exceeds {redundancy}"))
}
