//! The trained model.

use super::{checks, data, request};
use crate::v1::{CriterionResult, MetricEstimate, SearchReport, TrainedModel, TrialRecord};
use crate::{At, ContractError, Validate};

/// Rounding of a sum of shares.
const SUM_TOLERANCE: f64 = 1e-6;
/// Most trials of a search.
const MAX_TRIALS: usize = 100_000;

impl Validate for TrainedModel {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::required(&at.field("bundle"), self.bundle.as_ref(), "the model's bundle")?;
        checks::identifier(&at.field("algorithm"), &self.algorithm, "an algorithm")?;
        checks::finite_map(&at.field("parameters"), &self.parameters)?;
        checks::share(&at.field("threshold"), self.threshold)?;
        checks::finite_map(&at.field("validation_metrics"), &self.validation_metrics)?;
        let metrics = at.field("test_metrics");
        let measured: Vec<&str> = self.test_metrics.keys().map(String::as_str).collect();
        checks::not_empty(&metrics, &measured, "the metrics of the test split")?;
        for (name, estimate) in &self.test_metrics {
            estimate.validate_at(&metrics.key(name))?;
        }
        checks::finite_map(&at.field("baseline_metrics"), &self.baseline_metrics)?;
        checks::each(&at.field("criteria"), &self.criteria)?;
        checks::not_negative(&at.field("search_seconds"), self.search_seconds)?;
        checks::required(&at.field("check_rows"), self.check_rows.as_ref(), "rows to check with")?;
        if let Some(rows) = &self.evaluation_rows {
            rows.validate_at(&at.field("evaluation_rows"))?;
        }
        if let Some(reference) = &self.drift_reference {
            reference.validate_at(&at.field("drift_reference"))?;
        }
        self.validate_importance(&at.field("feature_importance"))?;
        data::schema(&at.field("signature_inputs"), &self.signature_inputs)?;
        let problem = checks::choice(&at.field("problem_type"), self.problem_type)?;
        request::classes(&at.field("classes"), problem, &self.classes)
    }
}

impl TrainedModel {
    fn validate_importance(&self, at: &At<'_>) -> Result<(), ContractError> {
        for (feature, share) in &self.feature_importance {
            checks::not_negative(&at.key(feature), *share)?;
        }
        let sum: f64 = self.feature_importance.values().sum();
        // A model that uses no feature has no gain to share.
        let holds = sum == 0.0 || (sum - 1.0).abs() <= SUM_TOLERANCE;
        checks::consistent(at, holds, || "shares that add up to 1".to_owned())
    }
}

impl Validate for SearchReport {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("metric"), &self.metric, "the metric that decided")?;
        let trials = at.field("trials");
        checks::not_empty(&trials, &self.trials, "the trials of the search")?;
        checks::at_most(&trials, self.trials.len(), MAX_TRIALS)?;
        checks::each(&trials, &self.trials)?;
        let scored = |trial: &TrialRecord| trial.number == self.best && trial.score.is_some();
        checks::consistent(&at.field("best"), self.trials.iter().any(scored), || {
            "the number of a trial that has a score".to_owned()
        })
    }
}

impl Validate for TrialRecord {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("algorithm"), &self.algorithm, "an algorithm")?;
        checks::finite_map(&at.field("parameters"), &self.parameters)?;
        checks::finite(&at.field("score"), self.score.unwrap_or_default())
    }
}

impl Validate for MetricEstimate {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::finite(&at.field("value"), self.value)?;
        checks::finite(&at.field("low"), self.low)?;
        checks::finite(&at.field("high"), self.high)?;
        checks::in_range(&at.field("high"), self.low <= self.high, "low or more")
    }
}

impl Validate for CriterionResult {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::required(&at.field("criterion"), self.criterion.as_ref(), "the criterion")?;
        checks::finite(&at.field("value"), self.value)
    }
}
