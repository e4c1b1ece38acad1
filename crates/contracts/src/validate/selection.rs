//! The selection of algorithms.

use super::{checks, data};
use crate::v1::{Candidate, ParameterRange, RejectedAlgorithm, Selection, WarmStart};
use crate::{ContractError, FieldPath, Validate};

/// Most configurations of earlier models.
const MAX_WARM_STARTS: usize = 100;

impl Validate for Selection {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        let candidates = at.field("candidates");
        checks::not_empty(&candidates, &self.candidates, "one candidate or more")?;
        checks::each(&candidates, &self.candidates)?;
        let names = self.candidates.iter().map(|candidate| candidate.algorithm.as_str());
        data::named_once(&candidates, "algorithm", names)?;
        checks::finite(&at.field("baseline_score"), self.baseline_score)?;
        checks::identifier(&at.field("metric"), &self.metric, "a metric such as roc_auc")?;
        checks::in_range(&at.field("sample_rows"), self.sample_rows > 0, "1 or more")?;
        checks::in_range(&at.field("folds"), self.folds >= 2, "2 or more")?;
        checks::not_negative(&at.field("seconds"), self.seconds)?;
        for (index, candidate) in self.candidates.iter().enumerate() {
            let holds = candidate.fold_scores.is_empty()
                || u32::try_from(candidate.fold_scores.len()) == Ok(self.folds);
            checks::consistent(&candidates.index(index).field("fold_scores"), holds, || {
                format!("one score for each of the {} folds", self.folds)
            })?;
        }
        checks::each(&at.field("rejected"), &self.rejected)?;
        let warm = at.field("warm_starts");
        checks::at_most(&warm, self.warm_starts.len(), MAX_WARM_STARTS)?;
        checks::each(&warm, &self.warm_starts)
    }
}

impl Validate for WarmStart {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("algorithm"), &self.algorithm, "an algorithm")?;
        checks::finite_map(&at.field("parameters"), &self.parameters)?;
        checks::share(&at.field("similarity"), self.similarity)
    }
}

impl Validate for Candidate {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("algorithm"), &self.algorithm, "an algorithm")?;
        checks::finite(&at.field("score"), self.score)?;
        checks::not_negative(&at.field("score_std"), self.score_std)?;
        checks::not_negative(&at.field("fit_seconds"), self.fit_seconds)?;
        let space = at.field("search_space");
        checks::each(&space, &self.search_space)?;
        data::named_once(&space, "name", self.search_space.iter().map(|r| r.name.as_str()))?;
        let scores = at.field("fold_scores");
        for (index, score) in self.fold_scores.iter().enumerate() {
            checks::finite(&scores.index(index), *score)?;
        }
        Ok(())
    }
}

impl Validate for ParameterRange {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("name"), &self.name, "the parameter's name")?;
        checks::finite(&at.field("low"), self.low)?;
        checks::finite(&at.field("high"), self.high)?;
        checks::finite(&at.field("default"), self.default)?;
        checks::in_range(&at.field("high"), self.low <= self.high, "low or more")?;
        let holds = (self.low..=self.high).contains(&self.default);
        checks::in_range(&at.field("default"), holds, "low to high")?;
        let holds = !self.log || self.low > 0.0;
        checks::in_range(&at.field("low"), holds, "more than 0 for a logarithmic range")
    }
}

impl Validate for RejectedAlgorithm {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("algorithm"), &self.algorithm, "an algorithm")?;
        checks::non_blank(
            &at.field("reason"),
            &self.reason,
            checks::MAX_TEXT,
            "why it was left out",
        )
    }
}
