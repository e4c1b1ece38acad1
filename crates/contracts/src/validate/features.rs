//! Features.

use super::checks;
use crate::v1::{FeatureSummary, RejectedFeature};
use crate::{ContractError, FieldPath, Validate};

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
