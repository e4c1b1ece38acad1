//! Artifacts and prepared data.

use std::collections::BTreeSet;

use super::checks;
use crate::v1::{
    ArtifactRef, ClassCount, ColumnSchema, ColumnType, PreparedData, QualityGate, QualityIssue,
    RowAccount,
};
use crate::{At, ContractError, FieldProblem, Validate};

impl Validate for ArtifactRef {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::given(&at.field("uri"), &self.uri, 2048, "where the artifact is")?;
        checks::digest(&at.field("sha256"), &self.sha256)?;
        checks::identifier(&at.field("media_type"), &self.media_type, "a media type")
    }
}

impl Validate for ColumnSchema {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::column(&at.field("name"), &self.name)?;
        checks::choice::<ColumnType>(&at.field("type"), self.r#type).map(|_| ())
    }
}

/// Columns with a name each once; at least one.
pub(crate) fn schema(at: &At<'_>, columns: &[ColumnSchema]) -> Result<(), ContractError> {
    checks::not_empty(at, columns, "one column or more")?;
    checks::at_most(at, columns.len(), checks::MAX_COLUMNS)?;
    checks::each(at, columns)?;
    checks::unique(at, columns.iter().map(|column| column.name.as_str()))
}

impl Validate for PreparedData {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        let mut kept = 0_u64;
        for (name, split, may_be_empty) in [
            ("train", &self.train, false),
            ("validation", &self.validation, false),
            ("test", &self.test, false),
            ("hold_out", &self.hold_out, true),
        ] {
            let place = at.field(name);
            let split = checks::required(&place, split.as_ref(), "the table of this split")?;
            let holds = may_be_empty || split.rows > 0;
            checks::in_range(&place.field("rows"), holds, "1 or more")?;
            kept = kept.saturating_add(split.rows);
        }
        schema(&at.field("columns"), &self.columns)?;
        checks::each(&at.field("excluded_columns"), &self.excluded_columns)?;
        for (name, artifact) in [
            ("profile", &self.profile),
            ("quality_report", &self.quality_report),
            ("cleaning_plan", &self.cleaning_plan),
        ] {
            checks::required(&at.field(name), artifact.as_ref(), "an artifact")?;
        }
        checks::required(&at.field("quality_gate"), self.quality_gate.as_ref(), "the verdict")?;
        let place = at.field("rows");
        let rows = checks::required(&place, self.rows.as_ref(), "what became of the rows")?;
        checks::consistent(&place.field("kept"), rows.kept == kept, || {
            format!("{kept}, the rows of the four splits")
        })?;
        checks::digest(&at.field("source_sha256"), &self.source_sha256)?;
        class_counts(&at.field("classes"), &self.classes)
    }
}

fn class_counts(at: &At<'_>, classes: &[ClassCount]) -> Result<(), ContractError> {
    for (index, class) in classes.iter().enumerate() {
        let place = at.index(index);
        checks::given(&place.field("class"), &class.class, 1024, "a class")?;
        checks::in_range(&place.field("rows"), class.rows > 0, "1 or more")?;
    }
    checks::unique(at, classes.iter().map(|class| class.class.as_str()))
}

impl Validate for RowAccount {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        let mut accounted = self.kept;
        for (index, removal) in self.removed.iter().enumerate() {
            let place = at.field("removed");
            let place = place.index(index);
            let reason = place.field("reason");
            checks::given(&reason, &removal.reason, checks::MAX_TEXT, "why they were removed")?;
            accounted = accounted.saturating_add(removal.rows);
        }
        checks::consistent(&at.field("read"), self.read == accounted, || {
            format!("{accounted}, the rows kept and removed")
        })
    }
}

/// A gate that did not pass is a failure of the run, never an output.
impl Validate for QualityGate {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::share(&at.field("score"), self.score)?;
        checks::share(&at.field("threshold"), self.threshold)?;
        let dimensions = at.field("dimensions");
        for (name, score) in &self.dimensions {
            checks::share(&dimensions.key(name), *score)?;
        }
        checks::each(&at.field("issues"), &self.issues)?;
        let passes =
            self.score >= self.threshold && !self.issues.iter().any(|issue| issue.blocking);
        checks::consistent(&at.field("passed"), self.passed && passes, || {
            "true, with a score that reaches the threshold and no blocking issue".to_owned()
        })
    }
}

impl Validate for QualityIssue {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("code"), &self.code, "an identifier such as target_leakage")?;
        checks::given(&at.field("message"), &self.message, checks::MAX_TEXT, "what was found")
    }
}

/// Names of features or parameters are texts, each once.
pub(crate) fn named_once<'a>(
    at: &At<'_>,
    field: &'static str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), ContractError> {
    let mut seen = BTreeSet::new();
    for (index, name) in names.enumerate() {
        if !seen.insert(name) {
            return Err(at.index(index).field(field).refuse(FieldProblem::Repeated));
        }
    }
    Ok(())
}
