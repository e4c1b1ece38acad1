//! Features made of two numbers, kept only where they help on validation data.
//!
//! Ratios and products of the most relevant numbers are tried. Each is judged by a small linear model on what the plan
//! has already: it has to gain on both halves of the validation split, so that a lucky half does not decide.
//! Differences are not tried: they are linear, so such a judge cannot see what they add.

use scoring::{FeatureEncoder, FeatureMatrix, ScoreError};
use tabular::association::with_target;
use tabular::plan::{Feature, FeaturePlan, Rejected, Summary, Transform};
use tabular::target::Target;
use tabular::{Column, ColumnType, Table, association};

use crate::config::Features;
use crate::error::Refusal;
use crate::probe::{Probe, Sample};

/// Numbers that are paired, the most relevant ones.
const PAIRED: usize = 6;

/// Least share of rows in which a divisor is there and not zero.
const DIVISIBLE: f64 = 0.95;

/// A fitted plan and the splits that it was fitted on.
#[derive(Debug)]
pub struct Base<'a> {
    /// The plan.
    pub plan: FeaturePlan,
    /// Its features.
    pub summaries: Vec<Summary>,
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
pub struct Constructed {
    /// The plan.
    pub plan: FeaturePlan,
    /// Its features.
    pub summaries: Vec<Summary>,
    /// What was tried and does not help.
    pub rejected: Vec<Rejected>,
    /// What was gained on validation data.
    pub gain: f64,
}

/// A candidate with its values.
struct Candidate {
    feature: Feature,
    train: Vec<f64>,
    validation: Vec<f64>,
}

/// Tries constructed features and keeps those that help.
///
/// # Errors
/// When the plan cannot be executed on the splits.
pub fn construct(base: Base<'_>, options: &Features) -> Result<Constructed, Refusal> {
    let mut done = Constructed {
        plan: base.plan.clone(),
        summaries: base.summaries.clone(),
        rejected: Vec::new(),
        gain: 0.0,
    };
    let proposals = propose(&base);
    if options.max_constructed == 0 || proposals.is_empty() {
        return Ok(done);
    }
    let (train, validation) =
        (encode(&base.plan, base.train)?, encode(&base.plan, base.validation)?);
    let mut candidates = measure(&base, proposals)?;
    candidates.retain(|candidate| {
        let reason = unfit(candidate, &train, options.redundancy);
        if let Some(reason) = &reason {
            done.rejected
                .push(Rejected { name: candidate.feature.name.clone(), reason: reason.clone() });
        }
        reason.is_none()
    });
    let train = Sample::new(train, &base.plan.categories(), base.train_target);
    let validation = Sample::new(validation, &base.plan.categories(), base.validation_target);
    let Some(mut probe) = Probe::new(&train, &validation) else { return Ok(done) };
    let start = probe.score();
    for _ in 0..options.max_constructed {
        let gains =
            candidates.iter().map(|candidate| probe.gain(&candidate.train, &candidate.validation));
        let best = gains.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((place, _)) = best.filter(|(_, gain)| *gain >= options.min_gain) else { break };
        let candidate = candidates.remove(place);
        probe.add(&candidate.train, &candidate.validation);
        let relevance = with_target(&Column::Number(candidate.train), base.train_target);
        done.summaries.push(Summary::new(&candidate.feature, relevance));
        done.plan.features.push(candidate.feature);
    }
    done.gain = (probe.score() - start).max(0.0);
    done.rejected.extend(candidates.into_iter().map(|candidate| Rejected {
        name: candidate.feature.name,
        reason: format!("gains less than {} on validation data", options.min_gain),
    }));
    done.plan.check()?;
    Ok(done)
}

/// Ratios and products of the most relevant numbers.
fn propose(base: &Base<'_>) -> Vec<Feature> {
    let mut numbers: Vec<(&str, f64)> = base
        .plan
        .features
        .iter()
        .zip(&base.summaries)
        .filter_map(|(feature, summary)| match &feature.transform {
            Transform::Identity { input } if is_measure(base.train, input) => {
                Some((input.as_str(), summary.relevance))
            }
            _ => None,
        })
        .collect();
    numbers.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    numbers.truncate(PAIRED);
    let mut proposals = Vec::new();
    for (place, (left, _)) in numbers.iter().enumerate() {
        for (right, _) in numbers.iter().skip(place + 1) {
            let product =
                Transform::Product { left: (*left).to_owned(), right: (*right).to_owned() };
            proposals.push(Feature { name: format!("{left}_times_{right}"), transform: product });
            for (numerator, denominator) in [(*left, *right), (*right, *left)] {
                if is_divisor(base.train, denominator) {
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
    proposals
        .retain(|proposal| !base.plan.features.iter().any(|feature| feature.name == proposal.name));
    proposals
}

/// Whether a column is a number of many values, not a flag or a code.
fn is_measure(train: &Table, column: &str) -> bool {
    const MANY: usize = 10;
    let Ok((field, column)) = train.require(column) else { return false };
    let mut seen: Vec<f64> = Vec::new();
    for value in column.numbers().unwrap_or(&[]).iter().filter(|value| value.is_finite()) {
        if seen.len() < MANY && !seen.contains(value) {
            seen.push(*value);
        }
    }
    matches!(field.column_type, ColumnType::Integer | ColumnType::Number) && seen.len() >= MANY
}

fn is_divisor(train: &Table, column: &str) -> bool {
    let values = train.column(column).and_then(Column::numbers).unwrap_or(&[]);
    let usable = values.iter().filter(|value| value.is_finite() && **value != 0.0).count();
    usable as f64 >= DIVISIBLE * values.len() as f64
}

fn encode(plan: &FeaturePlan, table: &Table) -> Result<FeatureMatrix, ScoreError> {
    scoring::transform(plan, table)
}

fn measure(base: &Base<'_>, proposals: Vec<Feature>) -> Result<Vec<Candidate>, Refusal> {
    let plan = FeaturePlan::new(base.plan.cleaning.clone(), proposals)?;
    let encoder = FeatureEncoder::new(&plan)?;
    let train = encoder.encode(base.train).map_err(ScoreError::from)?;
    let validation = encoder.encode(base.validation).map_err(ScoreError::from)?;
    let candidate = |(place, feature)| Candidate {
        feature,
        train: train.feature(place),
        validation: validation.feature(place),
    };
    Ok(plan.features.into_iter().enumerate().map(candidate).collect())
}

/// Why a candidate need not be tried.
fn unfit(candidate: &Candidate, train: &FeatureMatrix, redundancy: f64) -> Option<String> {
    let repeats = |feature: usize| {
        association::pearson(&candidate.train, &train.feature(feature))
            .is_some_and(|r| r.abs() > redundancy)
    };
    (0..train.width)
        .any(repeats)
        .then(|| format!("redundant: correlation with another feature exceeds {redundancy}"))
}
