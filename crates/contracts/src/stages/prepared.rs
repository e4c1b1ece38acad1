//! Prepared data: the splits, and what was found on the way.

use std::collections::BTreeMap;

use schema::{Field, Finding, SplitMethod};

use super::parse::{each, forms, messages, optional, required};
use super::words::number;
use crate::v1::{self, ArtifactRef, ClassCount, ExcludedColumn, RowAccount};
use crate::validate::{checks, data};
use crate::{ContractError, FieldPath, Validate};

/// Output of the data-preparer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PreparedData {
    /// Training split (60 %).
    pub train: ArtifactRef,
    /// Validation split (20 %).
    pub validation: ArtifactRef,
    /// Test split (15 %), touched once.
    pub test: ArtifactRef,
    /// Hold-out (5 %), sealed until a promotion is decided; may be empty.
    pub hold_out: ArtifactRef,
    /// The columns of the splits, the target included; nullable where the training split has missing values.
    pub columns: Vec<Field>,
    /// Columns left out, with the reason of each.
    pub excluded_columns: Vec<ExcludedColumn>,
    /// The profile of the training split, JSON (`statistics::Profile`).
    pub profile: ArtifactRef,
    /// The quality report, JSON (`statistics::QualityReport`).
    pub quality_report: ArtifactRef,
    /// The verdict of the quality gate.
    pub quality_gate: QualityGate,
    /// Cleaning fitted on the training split, JSON (`tabular::CleaningPlan`).
    pub cleaning_plan: ArtifactRef,
    /// Rows read, and what became of them.
    pub rows: RowAccount,
    /// SHA-256 of the source as read, 64 hexadecimal digits.
    pub source_sha256: String,
    /// The classes of the target in the order of the outputs, with their rows; empty for regression.
    pub classes: Vec<ClassCount>,
    /// The result of the suite of expectations, JSON as Great Expectations writes it; none where no suite was given.
    pub validation_result: Option<ArtifactRef>,
    /// How the rows were divided; none in what was prepared before this was said, which is divided as the scope says.
    pub split_method: Option<SplitMethod>,
}

forms! {
    PreparedData { excluded_columns, source_sha256, classes, validation_result }
    parse(message, at) {
        train: required(&at.field("train"), message.train.as_ref(), SPLIT)?,
        validation: required(&at.field("validation"), message.validation.as_ref(), SPLIT)?,
        test: required(&at.field("test"), message.test.as_ref(), SPLIT)?,
        hold_out: required(&at.field("hold_out"), message.hold_out.as_ref(), SPLIT)?,
        columns: each(&at.field("columns"), &message.columns)?,
        profile: required(&at.field("profile"), message.profile.as_ref(), ARTIFACT)?,
        quality_report:
            required(&at.field("quality_report"), message.quality_report.as_ref(), ARTIFACT)?,
        quality_gate:
            required(&at.field("quality_gate"), message.quality_gate.as_ref(), "the verdict")?,
        cleaning_plan:
            required(&at.field("cleaning_plan"), message.cleaning_plan.as_ref(), ARTIFACT)?,
        rows: required(&at.field("rows"), message.rows.as_ref(), "what became of the rows")?,
        split_method:
            optional::<v1::SplitMethod, _>(&at.field("split_method"), message.split_method)?,
    }
    back(data) {
        train: Some(data.train),
        validation: Some(data.validation),
        test: Some(data.test),
        hold_out: Some(data.hold_out),
        columns: messages(data.columns),
        profile: Some(data.profile),
        quality_report: Some(data.quality_report),
        quality_gate: Some(data.quality_gate.into()),
        cleaning_plan: Some(data.cleaning_plan),
        rows: Some(data.rows),
        split_method: number::<v1::SplitMethod, _>(data.split_method),
    }
}

const SPLIT: &str = "the table of this split";
const ARTIFACT: &str = "an artifact";

impl Validate for PreparedData {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        let mut kept = 0_u64;
        for (name, split, may_be_empty) in [
            ("train", &self.train, false),
            ("validation", &self.validation, false),
            ("test", &self.test, false),
            ("hold_out", &self.hold_out, true),
        ] {
            let place = at.field(name);
            split.validate_at(&place)?;
            let holds = may_be_empty || split.rows > 0;
            checks::in_range(&place.field("rows"), holds, "1 or more")?;
            kept = kept.saturating_add(split.rows);
        }
        data::fields(&at.field("columns"), &self.columns)?;
        checks::each(&at.field("excluded_columns"), &self.excluded_columns)?;
        self.profile.validate_at(&at.field("profile"))?;
        self.quality_report.validate_at(&at.field("quality_report"))?;
        self.cleaning_plan.validate_at(&at.field("cleaning_plan"))?;
        self.quality_gate.validate_at(&at.field("quality_gate"))?;
        if let Some(result) = &self.validation_result {
            result.validate_at(&at.field("validation_result"))?;
        }
        let place = at.field("rows");
        self.rows.validate_at(&place)?;
        checks::consistent(&place.field("kept"), self.rows.kept == kept, || {
            format!("{kept}, the rows of the four splits")
        })?;
        checks::digest(&at.field("source_sha256"), &self.source_sha256)?;
        data::class_counts(&at.field("classes"), &self.classes)
    }
}

/// Verdict of the quality gate.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QualityGate {
    /// Whether the data may be trained on.
    pub passed: bool,
    /// Weighted score from 0 to 1.
    pub score: f64,
    /// Least score that passes, from 0 to 1.
    pub threshold: f64,
    /// The dimensions' scores from 0 to 1: completeness, validity, consistency, uniqueness, timeliness.
    pub dimensions: BTreeMap<String, f64>,
    /// Findings of the quality gate; none of them is blocking where it passed.
    pub issues: Vec<Finding>,
}

forms! {
    QualityGate { passed, score, threshold, dimensions }
    parse(message, at) { issues: each(&at.field("issues"), &message.issues)? }
    back(gate) { issues: messages(gate.issues) }
}

/// A gate that did not pass is a failure of the run, never an output.
impl Validate for QualityGate {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
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
