//! The trained model.

use std::collections::BTreeMap;

use schema::{Field, ProblemType};

use super::parse::{chosen, each, forms, messages, required};
use crate::v1::{
    self, ArtifactRef, Criterion, EnsembleMember, Explanation, MetricEstimate, SegmentMetrics,
};
use crate::validate::{checks, data, request, training};
use crate::{ContractError, FieldPath, Validate};

/// Output of the model-trainer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrainedModel {
    /// The bundle (`application/vnd.tier0.bundle+tar`); its SHA-256 is the model's digest.
    pub bundle: ArtifactRef,
    /// The algorithm that won, such as `gradient_boosting`; `ensemble` for a weighted mean of several models.
    pub algorithm: String,
    /// Its hyperparameters; those of its heaviest member for an ensemble.
    pub parameters: BTreeMap<String, f64>,
    /// Decision threshold on the positive class's probability, from 0 to 1; 0 where it does not apply.
    pub threshold: f64,
    /// Metrics of the validation split, by name.
    pub validation_metrics: BTreeMap<String, f64>,
    /// Metrics of the test split, by name; one or more.
    pub test_metrics: BTreeMap<String, MetricEstimate>,
    /// The baseline's metrics on the test split, by name.
    pub baseline_metrics: BTreeMap<String, f64>,
    /// Whether each criterion was met on the test split.
    pub criteria: Vec<CriterionResult>,
    /// Number of trials run.
    pub trials: u32,
    /// Seconds of search, 0 or more.
    pub search_seconds: f64,
    /// Rows with the trainer's own predictions, JSON (`scoring::CheckRows`), for the check off-traffic.
    pub check_rows: ArtifactRef,
    /// Rows of the hold-out with their outcomes, JSON (`scoring::EvaluationRows`), on which champion and challengers are compared.
    pub evaluation_rows: Option<ArtifactRef>,
    /// How the search went, JSON ([`SearchReport`](crate::v1::SearchReport)).
    pub search_report: Option<ArtifactRef>,
    /// Sketches that live windows are compared with (`application/vnd.tier0.sketch`).
    pub drift_reference: Option<ArtifactRef>,
    /// Share of each feature in the gain, adding up to 1; empty or all 0 where no feature is used.
    pub feature_importance: BTreeMap<String, f64>,
    /// Inputs that a caller gives, in order.
    pub signature_inputs: Vec<Field>,
    /// The classes in the order of the probabilities; empty for regression.
    pub classes: Vec<String>,
    /// Problem type that the model solves.
    pub problem_type: ProblemType,
    /// Members of the ensemble, the heaviest first; empty where one model alone is served.
    pub ensemble: Vec<EnsembleMember>,
    /// How probabilities are calibrated: `none`, `platt`, `temperature` or `isotonic`; empty for regression.
    pub calibration: String,
    /// Rows that the served model learned from; 0 where it was not recorded.
    pub trained_rows: u64,
    /// Rows that the judged model learned from, whose metrics stand here; 0 where it was not recorded.
    pub judged_rows: u64,
    /// Whether the served model is the judged one's recipe fitted again on more rows.
    pub refitted: bool,
    /// Metrics of the test split within each segment that the scope's group columns make.
    pub segments: Vec<SegmentMetrics>,
    /// What the predictions depend on; none where it was not measured.
    pub explanation: Option<Explanation>,
}

forms! {
    TrainedModel {
        algorithm, parameters, threshold, validation_metrics, test_metrics, baseline_metrics,
        trials, search_seconds, evaluation_rows, search_report, drift_reference,
        feature_importance, classes, ensemble, calibration, trained_rows, judged_rows, refitted,
        segments, explanation,
    }
    parse(message, at) {
        bundle: required(&at.field("bundle"), message.bundle.as_ref(), "the model's bundle")?,
        criteria: each(&at.field("criteria"), &message.criteria)?,
        check_rows:
            required(&at.field("check_rows"), message.check_rows.as_ref(), "rows to check with")?,
        signature_inputs: each(&at.field("signature_inputs"), &message.signature_inputs)?,
        problem_type:
            chosen::<v1::ProblemType, _>(&at.field("problem_type"), message.problem_type)?,
    }
    back(model) {
        bundle: Some(model.bundle),
        criteria: messages(model.criteria),
        check_rows: Some(model.check_rows),
        signature_inputs: messages(model.signature_inputs),
        problem_type: v1::ProblemType::from(model.problem_type).into(),
    }
}

impl Validate for TrainedModel {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        self.bundle.validate_at(&at.field("bundle"))?;
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
        self.check_rows.validate_at(&at.field("check_rows"))?;
        for (name, artifact) in
            [("evaluation_rows", &self.evaluation_rows), ("drift_reference", &self.drift_reference)]
        {
            if let Some(artifact) = artifact {
                artifact.validate_at(&at.field(name))?;
            }
        }
        training::importance(&at.field("feature_importance"), &self.feature_importance)?;
        data::fields(&at.field("signature_inputs"), &self.signature_inputs)?;
        request::classes(&at.field("classes"), self.problem_type, &self.classes)?;
        training::ensemble(&at.field("ensemble"), &self.ensemble)?;
        training::calibration(&at.field("calibration"), &self.calibration)?;
        let holds = !self.refitted || self.trained_rows >= self.judged_rows;
        checks::consistent(&at.field("trained_rows"), holds, || {
            "judged_rows or more where the model was refitted".to_owned()
        })?;
        training::segments(&at.field("segments"), &self.segments)?;
        match &self.explanation {
            Some(explanation) => explanation.validate_at(&at.field("explanation")),
            None => Ok(()),
        }
    }
}

/// Whether a criterion was met.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CriterionResult {
    /// Criterion that was judged.
    pub criterion: Criterion,
    /// The measured value, in the metric's unit.
    pub value: f64,
    /// Whether it was met.
    pub met: bool,
}

forms! {
    CriterionResult { value, met }
    parse(message, at) {
        criterion: required(&at.field("criterion"), message.criterion.as_ref(), "the criterion")?,
    }
    back(result) { criterion: Some(result.criterion) }
}

impl Validate for CriterionResult {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        self.criterion.validate_at(&at.field("criterion"))?;
        checks::finite(&at.field("value"), self.value)
    }
}
