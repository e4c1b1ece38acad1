//! The feature set.

use super::{checks, data};
use crate::v1::{FeatureSet, FeatureSummary, RejectedFeature};
use crate::{At, ContractError, Validate};

impl Validate for FeatureSet {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::required(&at.field("plan"), self.plan.as_ref(), "the feature plan")?;
        let features = at.field("features");
        checks::not_empty(&features, &self.features, "one feature or more")?;
        checks::each(&features, &self.features)?;
        data::named_once(&features, "name", self.features.iter().map(|f| f.name.as_str()))?;
        checks::each(&at.field("rejected"), &self.rejected)?;
        checks::finite(&at.field("validation_gain"), self.validation_gain)
    }
}

impl Validate for FeatureSummary {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::given(&at.field("name"), &self.name, checks::MAX_TEXT, "the feature's name")?;
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
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::given(&at.field("name"), &self.name, checks::MAX_TEXT, "the feature's name")?;
        checks::given(&at.field("reason"), &self.reason, checks::MAX_TEXT, "why it was left out")
    }
}
