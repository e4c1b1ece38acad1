//! Fits a feature plan on the training split.
//!
//! Columns become candidates by their type; candidates that say nothing (constant, empty, unique texts) or say what
//! another one says already are left out. Everything else stays: the learners regularise better than a filter can
//! guess, and a weak column may matter together with another.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{DatePart, Feature, FeaturePlan, PlanError, Transform};
use crate::association::{pearson, with_target};
use crate::target::Target;
use crate::{CleaningPlan, Column, Field, Table, TextColumn};

/// What a plan is fitted with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Levels with fewer rows than this are pooled.
    pub rare_rows: usize,
    /// Levels with a smaller share of the rows than this are pooled.
    pub rare_share: f64,
    /// Most levels of a category; the rarest beyond it are pooled.
    pub max_levels: usize,
    /// Numeric features whose |correlation| exceeds this are redundant: the less relevant one goes.
    pub redundancy: f64,
    /// Least association of being missing with the target for a missing indicator.
    pub informative_missing: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rare_rows: 5,
            rare_share: 0.001,
            max_levels: 200,
            redundancy: 0.95,
            informative_missing: 0.05,
        }
    }
}

/// A fitted plan and what was decided on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedPlan {
    /// The plan.
    pub plan: FeaturePlan,
    /// Its features, in order.
    pub summaries: Vec<Summary>,
    /// What was not kept.
    pub rejected: Vec<Rejected>,
}

/// A feature of a fitted plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Its name.
    pub name: String,
    /// The columns that it is made from.
    pub sources: Vec<String>,
    /// What is done to them, as [`Transform::label`].
    pub transform: String,
    /// Number of category codes; none where it is a number.
    pub categories: Option<u32>,
    /// Association with the target on the training split, from 0 to 1.
    pub relevance: f64,
}

impl Summary {
    /// Describes a feature.
    #[must_use]
    pub fn new(feature: &Feature, relevance: f64) -> Self {
        Self {
            name: feature.name.clone(),
            sources: feature.transform.inputs().into_iter().map(str::to_owned).collect(),
            transform: feature.transform.label(),
            categories: feature.transform.categories(),
            relevance,
        }
    }
}

/// A candidate that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// Data that no plan can be fitted on.
#[derive(Debug, Error)]
pub enum FitError {
    /// Rows of the table and of the target differ.
    #[error("the table has {rows} rows, the target {target_rows}")]
    Rows {
        /// Rows of the table.
        rows: usize,
        /// Rows of the target.
        target_rows: usize,
    },
    /// No column was of use.
    #[error(
        "none of the {columns} columns can be a feature: all are constant, empty or texts that hardly repeat"
    )]
    NoFeatures {
        /// How many columns were looked at.
        columns: usize,
    },
    /// The plan is not sound.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// A feature that may be kept.
struct Candidate {
    feature: Feature,
    /// Its values on the training split: numbers, or texts for a category.
    values: Column,
    relevance: f64,
}

/// Fits a plan. The table holds the columns that may become features: neither target nor identifiers.
///
/// # Errors
/// When no column can be a feature, or the cleaning plan is not sound.
pub fn fit(
    train: &Table,
    target: &Target,
    cleaning: &CleaningPlan,
    options: &Options,
) -> Result<FittedPlan, FitError> {
    if train.rows() != target.values.len() {
        return Err(FitError::Rows { rows: train.rows(), target_rows: target.values.len() });
    }
    let cleaning = restrict(cleaning, train);
    let mut cleaned = train.clone();
    cleaning.apply(&mut cleaned).map_err(PlanError::from)?;
    let mut rejected = Vec::new();
    let mut candidates = Vec::new();
    for (field, column) in cleaned.iter() {
        match propose(field, column, options) {
            Ok(made) => candidates.extend(made),
            Err(reason) => rejected.push(Rejected { name: field.name.clone(), reason }),
        }
        if let Some(indicator) = missing_indicator(train, field, target, options) {
            candidates.push(indicator);
        }
    }
    let measured = candidates.into_iter().map(|(feature, values)| {
        let relevance = with_target(&values, target);
        Candidate { feature, values, relevance }
    });
    let kept = drop_redundant(unique_names(measured.collect()), options, &mut rejected);
    if kept.is_empty() {
        return Err(FitError::NoFeatures { columns: train.width() });
    }
    let summaries = kept
        .iter()
        .map(|candidate| Summary::new(&candidate.feature, candidate.relevance))
        .collect();
    let features = kept.into_iter().map(|candidate| candidate.feature).collect();
    Ok(FittedPlan { plan: FeaturePlan::new(cleaning, features)?, summaries, rejected })
}

/// The cleaning of the columns that are there, in the table's order.
fn restrict(cleaning: &CleaningPlan, table: &Table) -> CleaningPlan {
    let none = crate::parse::MissingMarkers::default();
    let of = |field: &Field| {
        cleaning.column(&field.name).cloned().unwrap_or_else(|| {
            crate::cleaning::ColumnCleaning::new(&field.name, field.column_type, &none)
        })
    };
    CleaningPlan { columns: table.fields().iter().map(of).collect() }
}

type Proposal = (Feature, Column);

fn propose(field: &Field, column: &Column, options: &Options) -> Result<Vec<Proposal>, String> {
    match column {
        Column::Text(text) => propose_category(field, text, options).map(|proposal| vec![proposal]),
        Column::Number(values) if field.column_type.is_temporal() => propose_dates(field, values),
        Column::Number(values) => {
            varied(values)?;
            let transform = Transform::Identity { input: field.name.clone() };
            Ok(vec![(Feature { name: field.name.clone(), transform }, column.clone())])
        }
    }
}

/// Whether numbers differ at all; the reason where they do not.
fn varied(values: &[f64]) -> Result<(), String> {
    let mut present = values.iter().filter(|value| value.is_finite());
    let Some(first) = present.next() else {
        return Err("empty: every value is missing".to_owned());
    };
    if present.any(|value| value != first) {
        return Ok(());
    }
    // One value and missing ones are told apart by the missing indicator.
    Err("constant".to_owned())
}

fn propose_dates(field: &Field, values: &[f64]) -> Result<Vec<Proposal>, String> {
    varied(values)?;
    let parts = DatePart::ALL.into_iter().filter_map(|part| {
        let of: Vec<f64> = values.iter().map(|value| part.of(*value)).collect();
        let name = format!("{}_{}", field.name, part.as_str());
        let transform = Transform::DatePart { input: field.name.clone(), part };
        varied(&of).is_ok().then_some((Feature { name, transform }, Column::Number(of)))
    });
    Ok(parts.collect())
}

fn propose_category(
    field: &Field,
    text: &TextColumn,
    options: &Options,
) -> Result<Proposal, String> {
    let (counts, missing) = text.counts();
    let mut levels: Vec<(&String, u64)> =
        text.levels().iter().zip(counts).filter(|(_, count)| *count > 0).collect();
    levels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    match levels.len() {
        0 => return Err("empty: every value is missing".to_owned()),
        1 if missing == 0 => return Err("constant".to_owned()),
        _ => {}
    }
    let share = (options.rare_share * text.len() as f64).ceil() as u64;
    let least = share.max(options.rare_rows as u64);
    let distinct = levels.len();
    let kept: Vec<&String> = levels
        .iter()
        .filter(|(_, count)| *count >= least)
        .map(|(level, _)| *level)
        .take(options.max_levels)
        .collect();
    if kept.is_empty() {
        return Err(format!("texts hardly repeat: none of {distinct} has {least} rows or more"));
    }
    let rows_of = |level: &&String| {
        levels.iter().find(|(known, _)| known == level).map_or(0, |(_, count)| *count)
    };
    let covered: u64 = kept.iter().map(rows_of).sum();
    // Texts that are not among the levels have a code of their own only where training has rows to learn it from.
    let other = covered + missing < text.len() as u64;
    let keeps = |level: &str| kept.iter().any(|kept| kept.as_str() == level);
    let values = text.map_levels(|level| Some(if keeps(level) { level } else { OTHER }));
    let transform = Transform::Category {
        input: field.name.clone(),
        levels: kept.into_iter().cloned().collect(),
        other,
    };
    Ok((Feature { name: field.name.clone(), transform }, Column::Text(values)))
}

/// Stands for the pooled levels while relevance is measured; no text of a table looks like it.
const OTHER: &str = "\u{0}other";

/// 1 where a value is missing, kept where that alone says something about the target.
fn missing_indicator(
    train: &Table,
    field: &Field,
    target: &Target,
    options: &Options,
) -> Option<Proposal> {
    let column = train.column(&field.name)?;
    let missing = column.missing();
    // A text's missing value is told apart by its category already.
    let least = options.rare_rows.max(1);
    if column.text().is_some() || missing < least || column.len() - missing < least {
        return None;
    }
    let of: Vec<f64> =
        (0..column.len()).map(|row| f64::from(u8::from(column.is_missing(row)))).collect();
    let values = Column::Number(of);
    if with_target(&values, target) < options.informative_missing {
        return None;
    }
    let transform = Transform::MissingIndicator { input: field.name.clone() };
    Some((Feature { name: format!("{}_missing", field.name), transform }, values))
}

/// Gives a derived feature that has a column's name a number behind it.
fn unique_names(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut seen: BTreeMap<String, ()> = BTreeMap::new();
    // Columns keep their names; derived features give way.
    for derived in [false, true] {
        for candidate in &mut candidates {
            let inputs = candidate.feature.transform.inputs();
            if inputs.contains(&candidate.feature.name.as_str()) == derived {
                continue;
            }
            let base = candidate.feature.name.clone();
            let mut number = 2;
            while seen.contains_key(&candidate.feature.name) {
                candidate.feature.name = format!("{base}_{number}");
                number += 1;
            }
            seen.insert(candidate.feature.name.clone(), ());
        }
    }
    candidates
}

/// Drops numbers that repeat a more relevant one, up to scale and offset.
fn drop_redundant(
    candidates: Vec<Candidate>,
    options: &Options,
    rejected: &mut Vec<Rejected>,
) -> Vec<Candidate> {
    let mut by_relevance: Vec<usize> = (0..candidates.len()).collect();
    let relevance =
        |place: usize| candidates.get(place).map_or(0.0, |candidate| candidate.relevance);
    // Of equally relevant ones the first stays.
    by_relevance.sort_by(|a, b| relevance(*b).total_cmp(&relevance(*a)).then(a.cmp(b)));
    let samples: Vec<Option<Vec<f64>>> = sample(&candidates);
    let mut kept: Vec<usize> = Vec::new();
    let mut dropped = vec![false; candidates.len()];
    for place in by_relevance {
        let numbers = |place: usize| samples.get(place).and_then(Option::as_deref);
        let repeats = |other: &&usize| match (numbers(place), numbers(**other)) {
            (Some(a), Some(b)) => redundant(a, b, options.redundancy),
            _ => false,
        };
        match (kept.iter().find(repeats), candidates.get(place), dropped.get_mut(place)) {
            (Some(other), Some(candidate), Some(dropped)) => {
                *dropped = true;
                let by =
                    candidates.get(*other).map_or("", |candidate| candidate.feature.name.as_str());
                let reason =
                    format!("redundant: correlation with {by:?} exceeds {}", options.redundancy);
                rejected.push(Rejected { name: candidate.feature.name.clone(), reason });
            }
            _ => kept.push(place),
        }
    }
    candidates
        .into_iter()
        .zip(dropped)
        .filter(|(_, dropped)| !dropped)
        .map(|(candidate, _)| candidate)
        .collect()
}

/// The numbers of each candidate, thinned out evenly where comparing all pairs over all rows would take too long.
fn sample(candidates: &[Candidate]) -> Vec<Option<Vec<f64>>> {
    const WORK: usize = 1_000_000_000;
    let numbers = || candidates.iter().map(|candidate| candidate.values.numbers());
    let count = numbers().flatten().count();
    let rows = numbers().flatten().map(<[f64]>::len).max().unwrap_or(0);
    let step = count.saturating_mul(count).saturating_mul(rows) / 2 / WORK + 1;
    numbers()
        .map(|values| values.map(|values| values.iter().step_by(step).copied().collect()))
        .collect()
}

/// Whether two features say the same: they correlate, and are missing in the same rows.
fn redundant(a: &[f64], b: &[f64], limit: f64) -> bool {
    let differing = a.iter().zip(b).filter(|(a, b)| a.is_nan() != b.is_nan()).count();
    // Where one is there and the other is not, each says something of its own.
    differing as f64 <= 0.05 * a.len() as f64 && pearson(a, b).is_some_and(|r| r.abs() > limit)
}

#[cfg(test)]
mod tests;
