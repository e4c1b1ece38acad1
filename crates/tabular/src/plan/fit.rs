//! Fits a feature plan on the training split.
//!
//! Columns become candidates by their type; candidates that say nothing (constant, empty, unique texts) or say what
//! another one says already are left out. Everything else stays: the learners regularise better than a filter can
//! guess, and a weak column may matter together with another.
//!
//! Everything is fitted on the training split. Rows held out decide one thing only: whether texts that hardly repeat are kept.

mod categories;
mod groups;
mod moments;
mod texts;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use thiserror::Error;

pub use self::groups::GroupMeans;
pub use self::texts::text_tells;

use self::categories::Levels;
use self::moments::{MomentFeatures, Moments};
use super::held_out::{FeatureJudge, HeldOut};
use super::sketch::Repeats;
use super::{Feature, FeaturePlan, PlanError, Transform};
use crate::association::with_target;
use crate::cleaning::ColumnCleaning;
use crate::parse::MissingMarkers;
use crate::target::Target;
use crate::{CleaningPlan, Column, Field, Table, TextColumn};

/// Most columns of texts that are looked into.
const MAX_TEXT_COLUMNS: usize = 50;

/// What a plan is fitted with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Levels with fewer rows than this are pooled; in a table of fewer than 100 times as many rows, with fewer than one row in a
    /// hundred, but two at least.
    pub rare_rows: usize,
    /// Levels with a smaller share of the rows than this are pooled.
    pub rare_share: f64,
    /// Most levels of a category; the rarest beyond it are pooled.
    pub max_levels: usize,
    /// Derived features whose |correlation| with a column or a more relevant feature exceeds this are redundant. Columns go only
    /// where they are copies.
    pub redundancy: f64,
    /// Least association of being missing with the target for a missing indicator.
    pub informative_missing: f64,
    /// The column of the moment that each row is predicted at, where the rows were split by it: later rows have times that
    /// training does not have, so that only what comes again of a time is a feature, and other times are measured from it.
    pub prediction_point: Option<String>,
}

impl Options {
    /// Rows that a level needs in a table of so many, not to be pooled.
    fn least_rows(&self, rows: usize) -> u64 {
        let share = (self.rare_share * rows as f64).ceil() as u64;
        let few = self.rare_rows.min((rows / 100).max(2));
        share.max(few as u64)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rare_rows: 5,
            rare_share: 0.000_1,
            max_levels: 2_000,
            redundancy: 0.95,
            informative_missing: 0.05,
            prediction_point: None,
        }
    }
}

/// A fitted plan and what was decided on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedPlan {
    /// Plan with every fitted value.
    pub plan: FeaturePlan,
    /// Its features, in order.
    pub summaries: Vec<Summary>,
    /// What was not kept.
    pub rejected: Vec<RejectedCandidate>,
}

/// A feature of a fitted plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Name of the feature in the plan.
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
    /// Describes a feature of the plan, with its association with the target.
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
pub struct RejectedCandidate {
    /// Name of the feature in the plan.
    pub name: String,
    /// Reason in words, without a full stop.
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

/// A feature and its values on the training split: numbers, or texts for a category.
pub type Proposal = (Feature, Column);

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
    fit_judged(train, target, None, cleaning, options)
}

/// Fits a plan, with rows held out that tell whether texts that hardly repeat say anything. Without them, every fourth of the
/// training rows is judged by the other three.
///
/// # Errors
/// As [`fit`].
pub fn fit_judged(
    train: &Table,
    target: &Target,
    held_out: Option<HeldOut<'_>>,
    cleaning: &CleaningPlan,
    options: &Options,
) -> Result<FittedPlan, FitError> {
    let rows = |table: &Table, target: &Target| match (table.rows(), target.values.len()) {
        (rows, target_rows) if rows == target_rows => Ok(()),
        (rows, target_rows) => Err(FitError::Rows { rows, target_rows }),
    };
    rows(train, target)?;
    let cleaning = restrict(cleaning, train);
    let mut cleaned = train.clone();
    cleaning.apply(&mut cleaned).map_err(PlanError::from)?;
    let others = held_out
        .map(|held_out| {
            rows(held_out.table, held_out.target)?;
            Ok::<_, FitError>((texts_of(held_out.table, train, &cleaning)?, held_out.target))
        })
        .transpose()?;
    let held_out = others.as_ref().map(|(table, target)| HeldOut { table, target });
    let fitting = Fitting {
        raw: train,
        cleaning: &cleaning,
        target,
        judge: FeatureJudge::new(target, held_out),
        calendar: calendar(&cleaned, options),
        options,
    };
    let mut rejected = Vec::new();
    let kept = drop_redundant(
        unique_names(fitting.candidates(&cleaned, &mut rejected)),
        options,
        &mut rejected,
    );
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
    let none = MissingMarkers::default();
    let known: HashMap<&str, &ColumnCleaning> =
        cleaning.columns.iter().map(|column| (column.name.as_str(), column)).collect();
    let of = |field: &Field| {
        known.get(field.name.as_str()).map_or_else(
            || ColumnCleaning::new(&field.name, field.column_type, &none),
            |column| (*column).clone(),
        )
    };
    CleaningPlan { columns: table.fields().iter().map(of).collect() }
}

/// The cleaned text columns of rows held out.
fn texts_of(table: &Table, train: &Table, cleaning: &CleaningPlan) -> Result<Table, FitError> {
    let texts: BTreeSet<&str> = train
        .iter()
        .filter(|(_, column)| column.text().is_some())
        .map(|(field, _)| field.name.as_str())
        .collect();
    let others: Vec<&str> = table
        .fields()
        .iter()
        .map(|field| field.name.as_str())
        .filter(|name| !texts.contains(name))
        .collect();
    let mut texts = table.without(&others);
    cleaning.apply(&mut texts).map_err(PlanError::from)?;
    Ok(texts)
}

fn calendar<'a>(cleaned: &'a Table, options: &Options) -> MomentFeatures<'a> {
    let moments = cleaned.iter().filter_map(|(field, column)| {
        let values = column.numbers().filter(|_| field.column_type.is_temporal())?;
        Some(Moments { name: &field.name, values })
    });
    MomentFeatures::new(moments.collect(), options.prediction_point.as_deref())
}

/// What candidates are made with.
struct Fitting<'a> {
    /// The columns before anything is put in the place of missing values.
    raw: &'a Table,
    cleaning: &'a CleaningPlan,
    target: &'a Target,
    judge: FeatureJudge<'a>,
    calendar: MomentFeatures<'a>,
    options: &'a Options,
}

impl Fitting<'_> {
    /// All candidates: in the order of the columns, then those of two columns.
    fn candidates(&self, cleaned: &Table, rejected: &mut Vec<RejectedCandidate>) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        let mut texts = 0;
        for (field, column) in cleaned.iter() {
            let proposals = match column {
                Column::Text(text) => self.of_text(field, text, &mut texts),
                Column::Number(values) => self.of_numbers(field, values),
            };
            let is_category = |made: &[Proposal]| {
                made.iter().any(|(made, _)| matches!(made.transform, Transform::Category { .. }))
            };
            // A category has a level for missing texts.
            let marked = proposals.as_ref().is_ok_and(|made| is_category(made));
            match proposals {
                Ok(made) => candidates.extend(made),
                Err(reason) => {
                    rejected.push(RejectedCandidate { name: field.name.clone(), reason })
                }
            }
            let wanted = self.cleaning.column(&field.name).is_some_and(|of| of.indicator);
            if !marked || wanted {
                candidates.extend(self.missing_indicator(field, column));
            }
        }
        candidates.extend(self.calendar.pairs(self.target));
        let measured = candidates.into_iter().map(|(feature, values)| {
            let relevance = with_target(&values, self.target);
            Candidate { feature, values, relevance }
        });
        measured.collect()
    }

    fn of_numbers(&self, field: &Field, values: &[f64]) -> Result<Vec<Proposal>, String> {
        if field.column_type.is_temporal() {
            return self.calendar.parts(field, values);
        }
        varied(values)?;
        let transform = Transform::Identity { input: field.name.clone() };
        let feature = Feature { name: field.name.clone(), transform };
        Ok(vec![(feature, Column::Number(values.to_vec()))])
    }

    /// A category, and what a text says beside its level where that says little; `texts` counts the columns of the latter.
    fn of_text(
        &self,
        field: &Field,
        text: &TextColumn,
        texts: &mut usize,
    ) -> Result<Vec<Proposal>, String> {
        let held_out = self.judge.held_out(&field.name).and_then(Column::text);
        let levels = Levels::choose(text, held_out, &self.judge, self.options)?;
        let mut proposals = levels.propose(field, text);
        if levels.leave_much() && *texts < MAX_TEXT_COLUMNS {
            *texts += 1;
            proposals.extend(texts::propose(field, text, held_out, self.target, &self.judge));
        }
        match levels.none() {
            Some(reason) if proposals.is_empty() => Err(reason),
            _ => Ok(proposals),
        }
    }

    /// 1 where a value is missing, kept where that alone says something about the target, or where it is asked for.
    fn missing_indicator(&self, field: &Field, column: &Column) -> Option<Proposal> {
        let wanted = self.cleaning.column(&field.name).is_some_and(|of| of.indicator);
        let column = if wanted { self.raw.column(&field.name).unwrap_or(column) } else { column };
        let missing = column.missing();
        let least = if wanted { 1 } else { self.options.rare_rows.max(1) };
        if missing < least || column.len() - missing < least {
            return None;
        }
        let of: Vec<f64> =
            (0..column.len()).map(|row| f64::from(u8::from(column.is_missing(row)))).collect();
        let values = Column::Number(of);
        if !wanted && with_target(&values, self.target) < self.options.informative_missing {
            return None;
        }
        let transform = Transform::MissingIndicator { input: field.name.clone() };
        Some((Feature { name: format!("{}_missing", field.name), transform }, values))
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

/// |Correlation| from which on two columns are the same but for scale and offset. A column that only goes with another still
/// tells trees what the other does not.
const COPY: f64 = 0.999;

/// Drops columns that are copies of a more relevant one, and derived features that go with a column or a more relevant feature.
fn drop_redundant(
    candidates: Vec<Candidate>,
    options: &Options,
    rejected: &mut Vec<RejectedCandidate>,
) -> Vec<Candidate> {
    let mut by_relevance: Vec<usize> = (0..candidates.len()).collect();
    let relevance =
        |place: usize| candidates.get(place).map_or(0.0, |candidate| candidate.relevance);
    let is_derived = |place: usize| {
        let column = |of: &Candidate| matches!(of.feature.transform, Transform::Identity { .. });
        !candidates.get(place).is_some_and(column)
    };
    // Columns come first; of equally relevant ones the first stays.
    by_relevance.sort_by(|a, b| {
        let relevance = relevance(*b).total_cmp(&relevance(*a));
        is_derived(*a).cmp(&is_derived(*b)).then(relevance).then(a.cmp(b))
    });
    let mut repeats = Repeats::default();
    let mut dropped = vec![false; candidates.len()];
    for place in by_relevance {
        let Some(candidate) = candidates.get(place) else { continue };
        let Some(values) = candidate.values.numbers() else { continue };
        let limit =
            if is_derived(place) { options.redundancy } else { options.redundancy.max(COPY) };
        if let (Some(other), Some(dropped)) =
            (repeats.keep_or_find(place, values, limit), dropped.get_mut(place))
        {
            *dropped = true;
            let by = candidates.get(other).map_or("", |other| other.feature.name.as_str());
            let reason = format!("redundant: correlation with {by:?} exceeds {limit}");
            rejected.push(RejectedCandidate { name: candidate.feature.name.clone(), reason });
        }
    }
    candidates
        .into_iter()
        .zip(dropped)
        .filter(|(_, dropped)| !dropped)
        .map(|(candidate, _)| candidate)
        .collect()
}

#[cfg(test)]
mod tests;
