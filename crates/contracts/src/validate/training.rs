//! What is told of a trained model and of the search for it.

use std::collections::BTreeMap;

use super::checks;
use crate::learning::{CALIBRATIONS, DIRECTIONS, ENDINGS};
use crate::v1::{
    EnsembleMember, Explanation, InputContribution, InputEffect, LearningCurvePoint,
    MetricEstimate, SearchReport, SegmentMetrics, TrialRecord,
};
use crate::{ContractError, FieldPath, Validate};

/// Rounding of a sum of shares.
const SUM_TOLERANCE: f64 = 1e-6;
/// Most trials of a search.
const MAX_TRIALS: usize = 100_000;
/// Most members of an ensemble.
const MAX_MEMBERS: usize = 1000;
/// Most inputs that an explanation names, and most points of each.
const MAX_EFFECTS: usize = 100;
/// Most segments that a trained model tells of, so that its handoff stays a message.
const MAX_SEGMENTS: usize = 1000;

impl Validate for Explanation {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        let effects = at.field("effects");
        checks::at_most(&effects, self.effects.len(), MAX_EFFECTS)?;
        checks::each(&effects, &self.effects)?;
        let interactions = at.field("interactions");
        checks::at_most(&interactions, self.interactions.len(), MAX_EFFECTS)?;
        for (index, interaction) in self.interactions.iter().enumerate() {
            checks::share(&interactions.index(index).field("strength"), interaction.strength)?;
        }
        let segments = at.field("segments");
        checks::at_most(&segments, self.segments.len(), MAX_SEGMENTS)?;
        for (index, segment) in self.segments.iter().enumerate() {
            let effects = segments.index(index);
            let effects = effects.field("effects");
            checks::at_most(&effects, segment.effects.len(), MAX_EFFECTS)?;
            checks::each(&effects, &segment.effects)?;
        }
        let contributions = at.field("contributions");
        checks::at_most(&contributions, self.contributions.len(), MAX_EFFECTS)?;
        checks::each(&contributions, &self.contributions)
    }
}

impl Validate for InputContribution {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::not_negative(&at.field("mean_absolute"), self.mean_absolute)?;
        let cells = at.field("cells");
        checks::at_most(&cells, self.cells.len(), MAX_EFFECTS)?;
        for (index, cell) in self.cells.iter().enumerate() {
            let at = cells.index(index);
            for (name, value) in [("low", cell.low), ("mean", cell.mean), ("high", cell.high)] {
                checks::finite(&at.field(name), value)?;
            }
        }
        Ok(())
    }
}

impl Validate for InputEffect {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::not_negative(&at.field("effect"), self.effect)?;
        if !self.direction.is_empty() {
            checks::one_of(&at.field("direction"), &self.direction, &DIRECTIONS)?;
        }
        let points = at.field("points");
        checks::at_most(&points, self.points.len(), MAX_EFFECTS)?;
        for (index, point) in self.points.iter().enumerate() {
            checks::finite(&points.index(index).field("output"), point.output)?;
        }
        Ok(())
    }
}

/// Shares that add up to 1, or all 0.
pub(crate) fn importance(
    at: &FieldPath<'_>,
    shares: &BTreeMap<String, f64>,
) -> Result<(), ContractError> {
    for (feature, share) in shares {
        checks::not_negative(&at.key(feature), *share)?;
    }
    let sum: f64 = shares.values().sum();
    // A model that uses no feature has no gain to share.
    let holds = sum == 0.0 || (sum - 1.0).abs() <= SUM_TOLERANCE;
    checks::consistent(at, holds, || "shares that add up to 1".to_owned())
}

pub(crate) fn segments(
    at: &FieldPath<'_>,
    segments: &[SegmentMetrics],
) -> Result<(), ContractError> {
    checks::at_most(at, segments.len(), MAX_SEGMENTS)?;
    checks::each(at, segments)
}

impl Validate for SearchReport {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("metric"), &self.metric, "the metric that decided")?;
        let trials = at.field("trials");
        checks::not_empty(&trials, &self.trials, "the trials of the search")?;
        checks::at_most(&trials, self.trials.len(), MAX_TRIALS)?;
        checks::each(&trials, &self.trials)?;
        let scored = |trial: &TrialRecord| trial.number == self.best && trial.score.is_some();
        checks::consistent(&at.field("best"), self.trials.iter().any(scored), || {
            "the number of a trial that has a score".to_owned()
        })?;
        if !self.ended_by.is_empty() {
            checks::one_of(&at.field("ended_by"), &self.ended_by, &ENDINGS)?;
        }
        for (name, seconds) in [
            ("budget_seconds", self.budget_seconds),
            ("search_seconds", self.search_seconds),
            ("refit_seconds", self.refit_seconds),
        ] {
            checks::not_negative(&at.field(name), seconds)?;
        }
        let members = at.field("ensemble");
        ensemble(&members, &self.ensemble)?;
        for (index, member) in self.ensemble.iter().enumerate() {
            let known = self.trials.iter().any(|trial| trial.number == member.trial);
            checks::consistent(&members.index(index).field("trial"), known, || {
                "the number of a trial".to_owned()
            })?;
        }
        calibration(&at.field("calibration"), &self.calibration)?;
        let curve = at.field("learning_curve");
        checks::at_most(&curve, self.learning_curve.len(), MAX_MEMBERS)?;
        checks::each(&curve, &self.learning_curve)?;
        let rows = self.learning_curve.iter().map(|point| point.rows);
        checks::consistent(&curve, rows.is_sorted_by(|a, b| a < b), || {
            "points in the order of their rows, each number of rows once".to_owned()
        })
    }
}

impl Validate for TrialRecord {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("algorithm"), &self.algorithm, "an algorithm")?;
        checks::finite_map(&at.field("parameters"), &self.parameters)?;
        checks::finite(&at.field("score"), self.score.unwrap_or_default())?;
        for (name, number) in [
            ("score_std", self.score_std),
            ("fit_seconds", self.fit_seconds),
            ("predict_microseconds", self.predict_microseconds),
            ("log_loss", self.log_loss.unwrap_or_default()),
        ] {
            checks::not_negative(&at.field(name), number)?;
        }
        let scores = at.field("fold_scores");
        for (index, score) in self.fold_scores.iter().enumerate() {
            checks::finite(&scores.index(index), *score)?;
        }
        checks::share(&at.field("weight"), self.weight)?;
        checks::text(&at.field("profile"), &self.profile, checks::MAX_IDENTIFIER)
    }
}

/// Shares that add up to 1, or no members.
pub(crate) fn ensemble(
    at: &FieldPath<'_>,
    members: &[EnsembleMember],
) -> Result<(), ContractError> {
    checks::at_most(at, members.len(), MAX_MEMBERS)?;
    checks::each(at, members)?;
    let sum: f64 = members.iter().map(|member| member.weight).sum();
    let holds = members.is_empty() || (sum - 1.0).abs() <= SUM_TOLERANCE;
    checks::consistent(at, holds, || "weights that add up to 1".to_owned())
}

pub(crate) fn calibration(at: &FieldPath<'_>, name: &str) -> Result<(), ContractError> {
    if name.is_empty() { Ok(()) } else { checks::one_of(at, name, &CALIBRATIONS) }
}

impl Validate for EnsembleMember {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("algorithm"), &self.algorithm, "an algorithm")?;
        let weight = at.field("weight");
        checks::share(&weight, self.weight)?;
        checks::in_range(&weight, self.weight > 0.0, "more than 0")?;
        checks::in_range(&at.field("models"), self.models > 0, "1 or more")
    }
}

impl Validate for LearningCurvePoint {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::in_range(&at.field("rows"), self.rows > 0, "1 or more")?;
        checks::finite(&at.field("score"), self.score)?;
        checks::not_negative(&at.field("score_std"), self.score_std)
    }
}

impl Validate for SegmentMetrics {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::column(&at.field("column"), &self.column)?;
        checks::text(&at.field("value"), &self.value, checks::MAX_IDENTIFIER)?;
        checks::in_range(&at.field("rows"), self.rows > 0, "1 or more")?;
        checks::finite_map(&at.field("metrics"), &self.metrics)
    }
}

impl Validate for MetricEstimate {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::finite(&at.field("value"), self.value)?;
        checks::finite(&at.field("low"), self.low)?;
        checks::finite(&at.field("high"), self.high)?;
        checks::in_range(&at.field("high"), self.low <= self.high, "low or more")
    }
}
