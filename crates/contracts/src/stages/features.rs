//! The feature set.

use super::parse::{forms, required};
use crate::v1::{ArtifactRef, FeatureSummary, RejectedFeature};
use crate::validate::{checks, data};
use crate::{ContractError, FieldPath, Validate};

/// Output of the feature-analyzer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FeatureSet {
    /// The feature plan, JSON (`tabular::FeaturePlan`): what trainer and server execute.
    pub plan: ArtifactRef,
    /// The features that the plan makes, in order; one or more.
    pub features: Vec<FeatureSummary>,
    /// Candidates that were not kept.
    pub rejected: Vec<RejectedFeature>,
    /// ROC AUC, R² or accuracy gained on validation data by the constructed features; 0 where none was tried.
    pub validation_gain: f64,
}

forms! {
    FeatureSet { features, rejected, validation_gain }
    parse(message, at) {
        plan: required(&at.field("plan"), message.plan.as_ref(), "the feature plan")?,
    }
    back(set) { plan: Some(set.plan) }
}

impl Validate for FeatureSet {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        self.plan.validate_at(&at.field("plan"))?;
        let features = at.field("features");
        checks::not_empty(&features, &self.features, "one feature or more")?;
        checks::each(&features, &self.features)?;
        data::named_once(&features, "name", self.features.iter().map(|f| f.name.as_str()))?;
        checks::each(&at.field("rejected"), &self.rejected)?;
        checks::finite(&at.field("validation_gain"), self.validation_gain)
    }
}

impl Validate for FeatureSummary {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::non_blank(&at.field("name"), &self.name, checks::MAX_TEXT, "the feature's name")?;
        let sources = at.field("sources");
        checks::not_empty(&sources, &self.sources, "the columns it is made from")?;
        checks::column_list(&sources, &self.sources)?;
        checks::identifier(&at.field("transform"), &self.transform, "such as `identity`")?;
        checks::consistent(
            &at.field("categories"),
            self.categorical == (self.categories > 0),
            || "1 or more for a categorical feature, 0 for another".to_owned(),
        )?;
        checks::share(&at.field("relevance"), self.relevance)
    }
}

impl Validate for RejectedFeature {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::non_blank(&at.field("name"), &self.name, checks::MAX_TEXT, "the feature's name")?;
        checks::non_blank(
            &at.field("reason"),
            &self.reason,
            checks::MAX_TEXT,
            "why it was left out",
        )
    }
}
